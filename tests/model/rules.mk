# The layer under a model of Winsock that nobody of the layer's authors looked into. Included by the Makefile.

MODEL_TEST_FLAGS := -iquote tests/win
MODEL_TEST_DLLS := $(foreach n,0 1 2 3 4 5,model_layer$(n).dll)

define model_test_rules
$($(1)_DIR)/obj/tests/model/%.o: tests/model/%.c Makefile tests/model/rules.mk $($(1)_DIR)/flags
	@mkdir -p $$(@D)
	$$(call compile,$(1),$(MODEL_TEST_FLAGS))

# Each a DLL of its own, as those of six vendors would be.
$(MODEL_TEST_DLLS:%=$($(1)_DIR)/tests/%): $($(1)_DIR)/wsplsp-layer.dll
	@mkdir -p $$(@D)
	@cp $$< $$@

# The program is the base provider, too: it exports WSPStartup.
$($(1)_DIR)/tests/test_model.exe: $$(call objects,$(1),$(wildcard tests/model/*.c)) \
		| $(MODEL_TEST_DLLS:%=$($(1)_DIR)/tests/%)
	@mkdir -p $$(@D)
	$$(call quiet,LINK,$$@)$($(1)_CC) -Wl$$(comma)--kill-at $($(1)_LINK) $$^ $($(1)_LIBS) -o $$@

TEST_PROGRAMS += $($(1)_DIR)/tests/test_model.exe
endef
$(foreach variant,x64 x86,$(eval $(call model_test_rules,$(variant))))
WINDOWS_CHECKED += $(wildcard tests/model/*.c)
