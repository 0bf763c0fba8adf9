# A program that opens and closes sockets in every way there is, and a DLL that does so in DllMain. Included by the
# Makefile.

define closing_test_rules
$($(1)_DIR)/obj/tests/closing/%.o: tests/closing/%.c Makefile tests/closing/rules.mk $($(1)_DIR)/flags
	@mkdir -p $$(@D)
	$$(call compile,$(1),-D_WIN32_WINNT=0x0A00)

$($(1)_DIR)/tests/closing-dll.dll: $($(1)_DIR)/obj/tests/closing/closing_dll.o
	@mkdir -p $$(@D)
	$$(call link,$(1),-shared)

$($(1)_DIR)/tests/closing.exe: $$(call objects,$(1),$(filter-out %_dll.c,$(sort $(wildcard tests/closing/*.c)))) \
		| $($(1)_DIR)/tests/closing-dll.dll
	@mkdir -p $$(@D)
	$$(call quiet,LINK,$$@)$($(1)_CC) $($(1)_LINK) $$^ -lws2_32 -lntdll -o $$@

TEST_PROGRAMS += $($(1)_DIR)/tests/closing.exe $($(1)_DIR)/tests/closing-dll.dll
endef
$(foreach variant,x64 x86,$(eval $(call closing_test_rules,$(variant))))
WINDOWS_CHECKED += $(wildcard tests/closing/*.c)
