# Filters for wsplsp-layer.dll, and the program that uses sockets through them. Included by the Makefile.

FILTER_TEST_FLAGS := -iquote tests/win -D_WIN32_WINNT=0x0A00
FILTERS := example_filter probe_filter probe_filter_old probe_filter_new probe_filter_small probe_filter_refusing
probe_filter_old_FLAGS := -DPROBE_VERSION=0
probe_filter_new_FLAGS := -DPROBE_VERSION=2
probe_filter_small_FLAGS := -DPROBE_SIZE=16
probe_filter_refusing_FLAGS := -DPROBE_REFUSES

define filter_test_rules
$($(1)_DIR)/obj/tests/filter/%.o: tests/filter/%.c Makefile tests/filter/rules.mk $($(1)_DIR)/flags
	@mkdir -p $$(@D)
	$$(call compile,$(1),$(FILTER_TEST_FLAGS))

$($(1)_DIR)/obj/tests/filter/probe_filter_%.o: tests/filter/probe_filter.c Makefile tests/filter/rules.mk $($(1)_DIR)/flags
	@mkdir -p $$(@D)
	$$(call compile,$(1),$(FILTER_TEST_FLAGS) $$(probe_filter_$$*_FLAGS))

$(FILTERS:%=$($(1)_DIR)/tests/%.dll): $($(1)_DIR)/tests/%.dll: $($(1)_DIR)/obj/tests/filter/%.o
	@mkdir -p $$(@D)
	$$(call link,$(1),-shared)

$($(1)_DIR)/tests/test_filter.exe $($(1)_DIR)/tests/filter_talk.exe: $($(1)_DIR)/tests/%.exe: \
		$($(1)_DIR)/obj/tests/filter/%.o
	@mkdir -p $$(@D)
	$$(call quiet,LINK,$$@)$($(1)_CC) $($(1)_LINK) $$^ -lmswsock -lws2_32 -o $$@

TEST_PROGRAMS += $(FILTERS:%=$($(1)_DIR)/tests/%.dll) $($(1)_DIR)/tests/test_filter.exe \
	$($(1)_DIR)/tests/filter_talk.exe
endef
$(foreach variant,x64 x86,$(eval $(call filter_test_rules,$(variant))))
WINDOWS_CHECKED += $(wildcard tests/filter/*.c)
