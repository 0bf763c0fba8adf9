# The conformance program, a DLL that it loads late, and two import libraries: by ordinal, and through wsock32.dll.
# Included by the Makefile.

CONFORMANCE_SOURCES := $(filter-out %/late_dll.c,$(sort $(wildcard tests/conformance/*.c)))
CONFORMANCE_FLAGS := -D_WIN32_WINNT=0x0A00

# __stdcall names end in the arguments' size on x86.
x64_DEF := sed -E 's/@@[0-9]+@//'
x86_DEF := sed -E 's/@@([0-9]+)@/@\1/'

define conformance_rules
$($(1)_DIR)/obj/tests/conformance/%.o: tests/conformance/%.c Makefile tests/conformance/rules.mk $($(1)_DIR)/flags
	@mkdir -p $$(@D)
	$$(call compile,$(1),$(CONFORMANCE_FLAGS))

$($(1)_DIR)/obj/tests/conformance/lib%.a: tests/conformance/%.def.in tests/conformance/rules.mk
	@mkdir -p $$(@D)
	@$($(1)_DEF) $$< >$$(@:.a=.def)
	$$(call quiet,LIB,$$@)$($(1)_AR:-ar=-dlltool) $($(1)_KILL_AT) -d $$(@:.a=.def) -l $$@

$($(1)_DIR)/tests/conformance-late.dll: $($(1)_DIR)/obj/tests/conformance/late_dll.o
	@mkdir -p $$(@D)
	$$(call link,$(1),-shared)

$($(1)_DIR)/tests/conformance.exe: $$(call objects,$(1),$(CONFORMANCE_SOURCES)) \
		$($(1)_DIR)/obj/tests/conformance/libordinals.a $($(1)_DIR)/obj/tests/conformance/libwsock32.a \
		| $($(1)_DIR)/tests/conformance-late.dll
	@mkdir -p $$(@D)
	$$(call quiet,LINK,$$@)$($(1)_CC) $($(1)_LINK) $$^ -lmswsock -lws2_32 -lntdll -o $$@

TEST_PROGRAMS += $($(1)_DIR)/tests/conformance.exe $($(1)_DIR)/tests/conformance-late.dll
endef
$(foreach variant,x64 x86,$(eval $(call conformance_rules,$(variant))))
WINDOWS_CHECKED += $(wildcard tests/conformance/*.c)

# Bare against hosted, against the bundled layer in its two modes, and against whatever else BENCH_MODES names:
# 'NAME=COMMAND' for each mode. First with all processors, where most of what differs from run to run is where the
# scheduler puts the threads and the Wine server; then with one, which shows what the work itself costs.
BENCH_ROUNDS ?= 5
BENCH_MODES ?=
BENCH_HOSTED := scripts/wine $(x64_DIR)/wsplsp.exe run --strict
bench:: $(addprefix $(x64_DIR)/,wsplsp.exe wsplsp-host.dll wsplsp-inject.exe wsplsp-layer.dll tests/conformance.exe)
	@export WSPLSP_WINE_KEEP=1; for pin in '' 'taskset -c 0'; do \
		echo "$${pin:-all processors}:"; \
		$$pin python3 tests/tools/bench_modes.py --rounds $(BENCH_ROUNDS) 'bare=scripts/wine' 'hosted=$(BENCH_HOSTED)' \
			'layer=$(BENCH_HOSTED) --layer $(x64_DIR)/wsplsp-layer.dll' \
			'non-ifs=$(BENCH_HOSTED) --layer $(x64_DIR)/wsplsp-layer.dll,mode=non-ifs' \
			$(BENCH_MODES) -- $(x64_DIR)/tests/conformance.exe --bench || status=$$?; \
		scripts/wine --stop; \
	done; exit $${status:-0}
