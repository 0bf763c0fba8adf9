# The layers that probe.bats puts between a probe and its base provider, and what the unit tests of the verdict need.
# Included by the Makefile.

PROBE_MANNERS := clean refuse delay corrupt hang rewrite
probe_manner = $(shell printf '%s' '$(1)' | tr '[:lower:]' '[:upper:]')

define probe_layer_rules
$($(1)_DIR)/obj/tests/probe/probe_$(2).o: tests/probe/probe_layer.c Makefile tests/probe/rules.mk $($(1)_DIR)/flags
	@mkdir -p $$(@D)
	$$(call compile,$(1),-DMANNER=$(call probe_manner,$(2)))

$($(1)_DIR)/tests/probe_$(2).dll: $($(1)_DIR)/obj/tests/probe/probe_$(2).o
	@mkdir -p $$(@D)
	$$(call link,$(1),-shared -Wl$$(comma)--kill-at)
endef
$(foreach variant,x64 x86,$(foreach manner,$(PROBE_MANNERS),$(eval $(call probe_layer_rules,$(variant),$(manner)))))

PROBE_LAYERS := $(PROBE_MANNERS:%=tests/probe_%.dll)
TEST_PROGRAMS += $(addprefix $(x64_DIR)/,$(PROBE_LAYERS)) $(addprefix $(x86_DIR)/,$(PROBE_LAYERS))
WINDOWS_CHECKED += tests/probe/probe_layer.c

# The unit tests are of the portable parts of the command.
$(asan_DIR)/obj/tests/unit/test_probe_%.o: tests/unit/test_probe_%.c Makefile tests/probe/rules.mk $(asan_DIR)/flags
	@mkdir -p $(@D)
	$(call compile,asan,-iquote tests/unit)

PROBE_PORTABLE := $(addprefix $(asan_DIR)/obj/cli/probe/,verdict.o probe_compare.o report.o plan.o target.o) \
	$(addprefix $(asan_DIR)/obj/cli/base/,buffer.o memory.o) $(asan_DIR)/obj/lsp-core/catalog/choose.o
$(patsubst tests/unit/%.c,$(asan_DIR)/%,$(wildcard tests/unit/test_probe_*.c)): $(PROBE_PORTABLE)
