# Tests of the layer: a native one of what is portable, and programs that play Winsock's part for the DLL. Included by
# the Makefile.

LAYER_TEST_FLAGS := -iquote tests/win
LAYER_TEST_PARTS := base_codes recorder winsock_part
LAYER_TEST_DLLS := foreign_layer at_detach calling_filter
LAYER_TESTS := $(filter-out %_version.c,$(sort $(wildcard tests/layer/test_layer_*.c)))

define layer_test_rules
$($(1)_DIR)/obj/tests/layer/%.o: tests/layer/%.c Makefile tests/layer/rules.mk $($(1)_DIR)/flags
	@mkdir -p $$(@D)
	$$(call compile,$(1),$(LAYER_TEST_FLAGS))

# The program is the next provider, too: it exports WSPStartup.
$($(1)_DIR)/tests/test_layer_%.exe: $($(1)_DIR)/obj/tests/layer/test_layer_%.o \
		$(LAYER_TEST_PARTS:%=$($(1)_DIR)/obj/tests/layer/%.o) | $($(1)_DIR)/wsplsp-layer.dll
	@mkdir -p $$(@D)
	$$(call link,$(1),-Wl$$(comma)--kill-at)

$(LAYER_TEST_DLLS:%=$($(1)_DIR)/tests/%.dll): $($(1)_DIR)/tests/%.dll: $($(1)_DIR)/obj/tests/layer/%.o
	@mkdir -p $$(@D)
	$$(call link,$(1),-shared -Wl$$(comma)--kill-at)

TEST_PROGRAMS += $(patsubst tests/layer/%.c,$($(1)_DIR)/tests/%.exe,$(LAYER_TESTS)) \
	$(LAYER_TEST_DLLS:%=$($(1)_DIR)/tests/%.dll)
endef
$(foreach variant,x64 x86,$(eval $(call layer_test_rules,$(variant))))
WINDOWS_CHECKED += $(wildcard tests/layer/*.c)

UNIT_TESTS += $(asan_DIR)/test_layer_version
$(asan_DIR)/test_layer_version: $(asan_DIR)/obj/tests/layer/test_layer_version.o $(asan_DIR)/obj/lsp-core/layer/version.o
	$(call link,asan) -lcmocka
