# libtrace.a: reads what the layer's trace writes. For all variants; linked into the program, unit tests and fuzz targets.
# Included by the Makefile.

TRACE_SOURCES := $(sort $(wildcard lsp-core/trace/*.c))

define trace_rules
$(1)_TRACE := $(call objects,$(1),$(TRACE_SOURCES))

$($(1)_DIR)/trace-sources: export STAMP = $(TRACE_SOURCES)
$($(1)_DIR)/trace-sources: FORCE
	$$(stamp)

$($(1)_DIR)/libtrace.a: $$($(1)_TRACE) $($(1)_DIR)/trace-sources
	@rm -f $$@
	$$(call quiet,AR,$$@)$($(1)_AR) rcsD $$@ $$(filter %.o,$$^)
endef
$(foreach variant,$(VARIANTS),$(eval $(call trace_rules,$(variant))))

# The writer's portable part, over the test's own idea of a system.
$(asan_DIR)/test_trace_write: $(asan_DIR)/obj/lsp-core/layer/trace/write.o
