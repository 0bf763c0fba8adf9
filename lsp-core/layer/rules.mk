# The layer: wsplsp-layer.dll. Included by the Makefile.

LAYER_PLACES := 0 1 2 3 4 5
# All that the layer takes of the rest: it is loaded into every program.
LAYER_BASE := lsp-core/base/handle_table.c lsp-core/base/fd_sets_win.c
LAYER_SOURCES := $(LAYER_BASE) $(filter-out %/functions.c %_native.c,$(sort $(wildcard lsp-core/layer/*.c lsp-core/layer/*/*.c)))
# No floating point or vector register is touched between the program and the next provider.
LAYER_FLAGS := -mgeneral-regs-only

define layer_rules
$(1)_LAYER := $(patsubst %.c,$($(1)_DIR)/obj/layer/%.o,$(LAYER_SOURCES)) \
	$(foreach place,$(LAYER_PLACES),$($(1)_DIR)/obj/layer/functions_$(place).o)

$($(1)_DIR)/obj/layer/%.o: %.c Makefile lsp-core/layer/rules.mk $($(1)_DIR)/flags
	@mkdir -p $$(@D)
	$$(call compile,$(1),$(LAYER_FLAGS))

$($(1)_DIR)/obj/layer/functions_%.o: lsp-core/layer/spi/functions.c Makefile lsp-core/layer/rules.mk $($(1)_DIR)/flags
	@mkdir -p $$(@D)
	$$(call compile,$(1),$(LAYER_FLAGS) -DPLACE=$$*)

# No DLL without the proof that its calls are counted or jump.
$($(1)_DIR)/obj/layer/jumps: $(foreach place,$(LAYER_PLACES),$($(1)_DIR)/obj/layer/functions_$(place).o) scripts/layer-jumps
	$$(call quiet,PROVE,$$@)scripts/layer-jumps $($(1)_CC) $($(1)_CC:gcc=objdump) $$(filter %.o,$$^) >$$@

$($(1)_DIR)/wsplsp-layer.dll: $$($(1)_LAYER) | $($(1)_DIR)/obj/layer/jumps
	$$(call link,$(1),-shared -Wl$$(comma)--kill-at) -lntdll

$(1): $($(1)_DIR)/wsplsp-layer.dll
endef
$(foreach variant,x64 x86,$(eval $(call layer_rules,$(variant))))

DIST_PROGRAMS += wsplsp-layer.dll
WINDOWS_CHECKED += $(filter-out $(LAYER_BASE),$(LAYER_SOURCES)) lsp-core/layer/spi/functions.c
