# The bench of layered providers: any DLL's calls over a provider that returns at once. Included by the Makefile.

LAYER_BENCH_FLAGS := -D_WIN32_WINNT=0x0A00

define layer_bench_rules
$($(1)_DIR)/obj/tests/layer-bench/%.o: tests/layer-bench/%.c Makefile tests/layer-bench/rules.mk $($(1)_DIR)/flags
	@mkdir -p $$(@D)
	$$(call compile,$(1),$(LAYER_BENCH_FLAGS))

$($(1)_DIR)/tests/next_at_once.dll: $($(1)_DIR)/obj/tests/layer-bench/next_at_once.o
	@mkdir -p $$(@D)
	$$(call link,$(1),-shared -Wl$$(comma)--kill-at)

$($(1)_DIR)/tests/bench_layer.exe: $(foreach name,bench_layer calls winsock_part,$($(1)_DIR)/obj/tests/layer-bench/$(name).o) \
		$($(1)_DIR)/libhost.a $($(1)_DIR)/libcore.a | $($(1)_DIR)/tests/next_at_once.dll
	@mkdir -p $$(@D)
	$$(call link,$(1),-municode) -lpsapi

TEST_PROGRAMS += $($(1)_DIR)/tests/bench_layer.exe $($(1)_DIR)/tests/next_at_once.dll
endef
$(foreach variant,x64 x86,$(eval $(call layer_bench_rules,$(variant))))
WINDOWS_CHECKED += $(wildcard tests/layer-bench/*.c)

bench:: $(x64_DIR)/tests/bench_layer.exe $(x64_DIR)/wsplsp-layer.dll
	@scripts/wine $<; status=$$?; rm -f $(x64_DIR)/tests/bench_layer.trace; exit $$status
