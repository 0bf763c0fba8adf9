# Builds wsplsp: for Windows (x64, x86) and, with the offline commands only, for this machine (native).
# Sources are found by name: *_win.c is for Windows only, *_native.c for Linux only. Everything built goes to build/.
VERSION := 0.1.0

BUILD := build
OPTIMISE ?= -O2 -g
FUZZ_RUNS ?= 20000
V ?=

MAKEFLAGS += --no-builtin-rules
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all x64 x86 native asan check check-unit check-fuzz check-bats unit-tests fuzz-targets test-programs bench fuzz \
	lint lint-format lint-cppcheck lint-shell lint-man lint-ladder dist clean distclean help FORCE

# "make V=1" shows the commands.
quiet = $(if $(V),,@printf '  %-5s %s\n' $(1) $(2);)

all: x64 x86 native

help:
	@printf '%s\n' \
		'make                 all: the programs for Windows and the native one' \
		'make x64|x86|native  one of them: $(BUILD)/<target>/wsplsp[.exe]' \
		'make check           everything that scripts/check runs' \
		'make check-unit      the unit tests, with AddressSanitizer and UBSan' \
		'make check-fuzz      each fuzz target for FUZZ_RUNS=$(FUZZ_RUNS) inputs, the same ones every time' \
		'make check-bats      the command line tests' \
		'make fuzz            the fuzz targets in turn, until one finds something (TARGETS=fuzz_hive: only that one)' \
		'make bench           entries and hives per second, what the host and the layer add to a call, hosted against bare' \
		'make soak            mixed traffic through the layer for SOAK_SECONDS=600; nothing may grow' \
		'make lint            clang-format, cppcheck, shellcheck, mandoc, the ladder of folders' \
		'make dist            $(BUILD)/dist/wsplsp-$(VERSION).zip' \
		'make asan            $(BUILD)/native/asan/wsplsp, the native program with the sanitizers' \
		'make clean           removes what was built; make distclean: also cJSON and the Wine prefix' \
		'V=1 shows the commands, OPTIMISE="-O0 -g" replaces $(OPTIMISE)'

# --- flags ---

WARNINGS := -Wall -Wextra -Werror
COMMON_FLAGS := -std=c11 $(WARNINGS) -Iinclude -iquote . -DWSPLSP_VERSION=\"$(VERSION)\" \
	'-ffile-prefix-map=$(CURDIR)=.' -MMD -MP
HARDEN := -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2

# msvcrt's own printf knows neither %zu nor %lld. CJSON_HIDE_SYMBOLS: no exports from the program.
WINDOWS_FLAGS := $(HARDEN) -D__USE_MINGW_ANSI_STDIO=1 -DCJSON_HIDE_SYMBOLS
# --no-insert-timestamp: the same sources give the same program.
WINDOWS_LINK := -static -fstack-protector-strong -Wl,--dynamicbase,--nxcompat,--no-insert-timestamp
WINDOWS_LIBS := -lws2_32 -ladvapi32
HOST_LIBS := -luser32 -lntdll

POSIX := -D_POSIX_C_SOURCE=200809L
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

x64_DIR := $(BUILD)/x64
x64_CC := x86_64-w64-mingw32-gcc
x64_AR := x86_64-w64-mingw32-ar
x64_WINDRES := x86_64-w64-mingw32-windres
x64_FLAGS := $(COMMON_FLAGS) $(OPTIMISE) $(WINDOWS_FLAGS) -isystem $(BUILD)/deps/x64/include
x64_LINK := $(WINDOWS_LINK) -Wl,--high-entropy-va
x64_LIBS := $(BUILD)/deps/x64/lib/libcjson.a $(WINDOWS_LIBS)
x64_SKIP := %_native.c
x64_HOST_SOURCES = $(HOST_SOURCES)
x64_EXE := .exe
x64_PROGRAM_LINK := -municode

x86_DIR := $(BUILD)/x86
x86_CC := i686-w64-mingw32-gcc
x86_AR := i686-w64-mingw32-ar
x86_WINDRES := i686-w64-mingw32-windres
x86_FLAGS := $(COMMON_FLAGS) $(OPTIMISE) $(WINDOWS_FLAGS) -isystem $(BUILD)/deps/x86/include
x86_LINK := $(WINDOWS_LINK) -Wl,--large-address-aware
x86_LIBS := $(BUILD)/deps/x86/lib/libcjson.a $(WINDOWS_LIBS)
x86_SKIP := %_native.c
x86_HOST_SOURCES = $(HOST_SOURCES)
x86_EXE := .exe
x86_PROGRAM_LINK := -municode

native_DIR := $(BUILD)/native
native_CC := gcc
native_AR := ar
native_FLAGS := $(COMMON_FLAGS) $(POSIX) $(OPTIMISE) $(HARDEN) -fPIE
native_LINK := -pie -Wl,-z,relro,-z,now
native_LIBS := -lcjson -lhivex
native_SKIP := %_win.c
native_HOST_SOURCES = $(HOST_PORTABLE)

asan_DIR := $(BUILD)/native/asan
asan_CC := gcc
asan_AR := ar
asan_FLAGS := $(COMMON_FLAGS) $(POSIX) -O1 -g $(SANITIZE)
asan_LINK := $(SANITIZE)
asan_LIBS := $(native_LIBS)
asan_SKIP := %_win.c
asan_HOST_SOURCES = $(HOST_PORTABLE)

# Clang: gcc has no libFuzzer.
fuzz_DIR := $(BUILD)/native/fuzz
fuzz_CC := clang-14
fuzz_AR := ar
fuzz_FLAGS := $(COMMON_FLAGS) $(POSIX) -O1 -g $(SANITIZE) -fsanitize=fuzzer-no-link
fuzz_LINK := $(SANITIZE)
fuzz_LIBS := -lhivex
fuzz_SKIP := %_win.c
fuzz_HOST_SOURCES = $(HOST_PORTABLE)

VARIANTS := x64 x86 native asan fuzz

# --- the library and the program ---

# The core: everything but what has rules of its own (host, layer, trace, wsk).
CORE_FOLDERS := base win registry catalog catalog/live dlls doctor diff plan change
CORE_SOURCES := $(sort $(wildcard $(CORE_FOLDERS:%=lsp-core/%/*.c)))
HOST_SOURCES := $(filter-out %/inject_main.c,$(sort $(wildcard lsp-core/host/*.c lsp-core/host/*/*.c)))
# The host is Windows code, but for these, which the unit tests and the command line share.
HOST_PORTABLE := $(addprefix lsp-core/host/launch/,config_section.c report_list.c)
CLI_SOURCES := $(sort $(wildcard cli/*.c cli/*/*.c))

# $(call objects,VARIANT,SOURCES)
objects = $(patsubst %.c,$($(1)_DIR)/obj/%.o,$(filter-out $($(1)_SKIP),$(2)))
compile = $(call quiet,CC,$@)$($(1)_CC) $($(1)_FLAGS) $(2) -c $< -o $@
link = $(call quiet,LINK,$@)$($(1)_CC) $(2) $($(1)_LINK) $(filter %.o %.a,$(filter-out %/libcjson.a,$^)) $($(1)_LIBS) -o $@

# A file whose time changes when, and only when, the text does: what depends on it is built anew then.
stamp = @mkdir -p $(@D); printf '%s\n' "$$STAMP" | cmp -s - $@ || printf '%s\n' "$$STAMP" >$@

define variant_rules
$(1)_CORE := $(call objects,$(1),$(CORE_SOURCES))
$(1)_HOST := $(call objects,$(1),$($(1)_HOST_SOURCES))
$(1)_CLI := $(call objects,$(1),$(CLI_SOURCES))

$($(1)_DIR)/flags: export STAMP = $($(1)_CC) $($(1)_FLAGS) $($(1)_LINK) $($(1)_LIBS)
$($(1)_DIR)/flags: FORCE
	$$(stamp)

# A source file that came or went changes what the library and the program hold, though no object is newer.
$($(1)_DIR)/sources: export STAMP = $(CORE_SOURCES) $(HOST_SOURCES) $(CLI_SOURCES)
$($(1)_DIR)/sources: FORCE
	$$(stamp)

$($(1)_DIR)/obj/%.o: %.c Makefile $($(1)_DIR)/flags | $(filter %/libcjson.a,$($(1)_LIBS))
	@mkdir -p $$(@D)
	$$(call compile,$(1),)

$($(1)_DIR)/libcore.a: $$($(1)_CORE) $($(1)_DIR)/sources
	@rm -f $$@
	$$(call quiet,AR,$$@)$($(1)_AR) rcsD $$@ $$(filter %.o,$$^)

$($(1)_DIR)/libhost.a: $$($(1)_HOST) $($(1)_DIR)/sources
	@rm -f $$@
	$$(call quiet,AR,$$@)$($(1)_AR) rcsD $$@ $$(filter %.o,$$^)

$($(1)_DIR)/wsplsp$($(1)_EXE): $$($(1)_CLI) $($(1)_DIR)/libhost.a $($(1)_DIR)/libtrace.a $($(1)_DIR)/libcore.a $(filter %/libcjson.a,$($(1)_LIBS))
	$$(call link,$(1),$($(1)_PROGRAM_LINK))
endef
$(foreach variant,$(VARIANTS),$(eval $(call variant_rules,$(variant))))

x64: $(x64_DIR)/wsplsp.exe $(x64_DIR)/wsplsp-host.dll $(x64_DIR)/wsplsp-inject.exe
x86: $(x86_DIR)/wsplsp.exe $(x86_DIR)/wsplsp-host.dll $(x86_DIR)/wsplsp-inject.exe
native: $(native_DIR)/wsplsp
asan: $(asan_DIR)/wsplsp

$(BUILD)/deps/%/lib/libcjson.a:
	@echo 'There is no cJSON for $* yet: run scripts/setup.' >&2; exit 1

# The host's DLL, and the program that puts it into processes of this bitness for those of the other one.
define host_rules
$($(1)_DIR)/wsplsp-host.dll: $$($(1)_HOST) $($(1)_DIR)/libcore.a
	$$(call link,$(1),-shared -Wl$$(comma)--kill-at) $(HOST_LIBS)

$($(1)_DIR)/wsplsp-inject.exe: $($(1)_DIR)/obj/lsp-core/host/launch/inject_main.o $($(1)_DIR)/libhost.a $($(1)_DIR)/libcore.a
	$$(call link,$(1),-municode -mwindows)
endef
comma := ,
$(foreach variant,x64 x86,$(eval $(call host_rules,$(variant))))

# Version resource and manifest.
define resource_rules
$($(1)_DIR)/obj/cli/wsplsp.rc.o: cli/wsplsp.rc cli/wsplsp.manifest Makefile
	@mkdir -p $$(@D)
	$$(call quiet,RC,$$@)$($(1)_WINDRES) -DVERSION=$(VERSION) -DVERSION_WORDS=$(subst .,$(comma),$(VERSION)),0 $$< $$@

$($(1)_DIR)/wsplsp.exe: $($(1)_DIR)/obj/cli/wsplsp.rc.o
endef
$(foreach variant,x64 x86,$(eval $(call resource_rules,$(variant))))

# --- tests ---

UNIT_TESTS := $(patsubst tests/unit/%.c,$(asan_DIR)/%,$(sort $(wildcard tests/unit/test_*.c)))
FUZZ_TARGETS := $(patsubst tests/fuzz/%.c,$(fuzz_DIR)/%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
BENCHES := $(patsubst tests/bench/%.c,$(native_DIR)/bench/%,$(sort $(wildcard tests/bench/bench_*.c)))
TOOLS := $(patsubst tests/tools/%.c,$(native_DIR)/tests/%,$(sort $(wildcard tests/tools/*.c)))
WINDOWS_TESTS := $(patsubst tests/win/%.c,tests/%.exe,$(sort $(wildcard tests/win/*.c)))
TEST_PROGRAMS := $(TOOLS) $(addprefix $(x64_DIR)/,$(WINDOWS_TESTS)) $(addprefix $(x86_DIR)/,$(WINDOWS_TESTS))

include $(sort $(wildcard lsp-core/*/rules.mk tests/*/rules.mk))

unit-tests: $(UNIT_TESTS)
fuzz-targets: $(FUZZ_TARGETS)
test-programs: $(TEST_PROGRAMS)

# tests/unit/support.c makes allocations fail.
WRAP := -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
$(asan_DIR)/test_%: $(asan_DIR)/obj/tests/unit/test_%.o \
		$(call objects,asan,$(filter-out tests/unit/test_%,$(wildcard tests/unit/*.c))) $(asan_DIR)/libhost.a \
		$(asan_DIR)/libtrace.a $(asan_DIR)/libcore.a
	$(call link,asan,$(WRAP)) -lcmocka

$(fuzz_DIR)/fuzz_%: $(fuzz_DIR)/obj/tests/fuzz/fuzz_%.o $(fuzz_DIR)/libtrace.a $(fuzz_DIR)/libcore.a
	$(call link,fuzz,-fsanitize=fuzzer)

$(native_DIR)/bench/%: $(native_DIR)/obj/tests/bench/%.o $(native_DIR)/libhost.a $(native_DIR)/libcore.a
	@mkdir -p $(@D)
	$(call link,native)

$(native_DIR)/tests/%: $(native_DIR)/obj/tests/tools/%.o $(native_DIR)/libcore.a
	@mkdir -p $(@D)
	$(call link,native)

define windows_test_rules
$($(1)_DIR)/tests/%.exe: $($(1)_DIR)/obj/tests/win/%.o $($(1)_DIR)/libcore.a
	@mkdir -p $$(@D)
	$$(call link,$(1))
endef
$(foreach variant,x64 x86,$(eval $(call windows_test_rules,$(variant))))

# Values for scripts.
print-%:
	@echo $($*)

check:
	scripts/check

check-unit: $(UNIT_TESTS)
	@status=0; for test in $(UNIT_TESTS); do $$test || status=1; done; exit $$status

SEEDS := $(fuzz_DIR)/seeds
FUZZ_OPTIONS := -timeout=20 -rss_limit_mb=2048 -artifact_prefix=$(fuzz_DIR)/ -print_final_stats=0 -verbosity=0
fuzz_dictionary = $(addprefix -dict=,$(wildcard tests/fuzz/$(1).dict))

$(SEEDS)/made: tests/fuzz/seeds.py tests/make_hive.py
	@rm -rf $(@D); mkdir -p $(@D)
	$(call quiet,SEEDS,$(@D))python3 $< $(@D)
	@touch $@

# Built with them: two runs at once, as in scripts/check, would make them in the same place.
fuzz-targets: $(SEEDS)/made

check-fuzz: $(notdir $(FUZZ_TARGETS:%=%-runs))

# One target for a bounded number of inputs; the same seed and an empty work folder make it the same run every time.
fuzz_%-runs: $(fuzz_DIR)/fuzz_% $(SEEDS)/made
	@rm -rf $(fuzz_DIR)/run/$*; mkdir -p $(fuzz_DIR)/run/$*
	$(call quiet,FUZZ,$* $(FUZZ_RUNS))$< -runs=$(FUZZ_RUNS) -seed=1 $(FUZZ_OPTIONS) $(call fuzz_dictionary,$*) \
		$(fuzz_DIR)/run/$* $(SEEDS)/$*

TARGETS ?= $(notdir $(FUZZ_TARGETS))
fuzz: $(addprefix $(fuzz_DIR)/,$(TARGETS)) $(SEEDS)/made
	@while :; do for target in $(TARGETS:fuzz_%=%); do \
		dictionary=tests/fuzz/$$target.dict; mkdir -p $(fuzz_DIR)/corpus/$$target; \
		echo "fuzz_$$target"; \
		$(fuzz_DIR)/fuzz_$$target -max_total_time=300 -timeout=20 -rss_limit_mb=2048 -artifact_prefix=$(fuzz_DIR)/ \
			$$([ ! -f $$dictionary ] || echo "-dict=$$dictionary") $(fuzz_DIR)/corpus/$$target $(SEEDS)/$$target; \
	done; done

check-bats: all test-programs
	bats tests/bats

BENCH_HIVE := $(native_DIR)/bench/SYSTEM
$(BENCH_HIVE): tests/fixtures/windows11-two-lsps.reg tests/make_hive.py
	@mkdir -p $(@D)
	$(call quiet,HIVE,$@)python3 tests/make_hive.py $< $@

# Each rules.mk may add its own.
bench:: $(BENCHES) $(BENCH_HIVE)
	@$(native_DIR)/bench/bench_catalog
	@$(native_DIR)/bench/bench_hive $(BENCH_HIVE)
	@$(native_DIR)/bench/bench_sockets

# --- lint ---

C_FILES := $(sort $(wildcard include/wsplsp/*.h lsp-core/*/*.[ch] lsp-core/*/*/*.[ch] cli/*.[ch] cli/*/*.[ch] tests/*/*.[ch]))
SHELL_FILES := $(sort $(wildcard scripts/* .ci/run tests/bats/*.bash tests/bats/*.bats))
MAN_PAGES := $(sort $(wildcard man/*.1 man/*.3))
CPPCHECK := cppcheck --quiet --std=c11 --error-exitcode=1 --enable=warning,performance,portability \
	--inline-suppr --suppressions-list=.cppcheck-suppressions -Iinclude -I. '-DWSPLSP_VERSION="$(VERSION)"'
CHECKED := $(CORE_SOURCES) $(TRACE_SOURCES) $(CLI_SOURCES) $(wildcard tests/unit/*.c tests/fuzz/*.c tests/bench/*.c tests/tools/*.c)

lint: lint-format lint-cppcheck lint-shell lint-man lint-ladder

lint-format:
	$(call quiet,LINT,clang-format)clang-format --dry-run -Werror $(C_FILES)

lint-cppcheck:
	$(call quiet,LINT,cppcheck)$(CPPCHECK) --platform=unix64 $(filter-out %_win.c,$(CHECKED)); \
	$(CPPCHECK) --platform=win64 -D_WIN32 -D_WIN64 -D__MINGW32__ $(filter %_win.c,$(CHECKED)) \
		$(HOST_SOURCES) $(wildcard tests/win/*.c) $(WINDOWS_CHECKED)

lint-shell:
	$(call quiet,LINT,shellcheck)shellcheck $(SHELL_FILES)

lint-man:
	$(call quiet,LINT,mandoc)mandoc -Tlint -W warning $(MAN_PAGES)

# By includes always, by symbols of what has been built.
lint-ladder:
	$(call quiet,LINT,ladder)scripts/lint-ladder $(wildcard $(x64_DIR)/obj $(native_DIR)/obj)

# --- dist ---

DIST := $(BUILD)/dist
PACKAGE := wsplsp-$(VERSION)
STAGE := $(DIST)/$(PACKAGE)
DIST_PROGRAMS += wsplsp.exe wsplsp-host.dll wsplsp-inject.exe

# The last commit's time; 1980-01-02, which every zip can hold, where there is none.
dist: export SOURCE_DATE_EPOCH ?= $(or $(shell git log -1 --format=%ct 2>/dev/null),315619200)
dist: export TZ := UTC
# col drops what the locale does not have.
dist: export LC_ALL := C.UTF-8
dist: x64 x86
	@rm -rf $(DIST); mkdir -p $(STAGE)/{x64,x86,man,include/wsplsp,third-party}
	for file in $(DIST_PROGRAMS); do \
		x86_64-w64-mingw32-strip -o $(STAGE)/x64/$$file $(x64_DIR)/$$file; \
		i686-w64-mingw32-strip -o $(STAGE)/x86/$$file $(x86_DIR)/$$file; done
	for file in $(X64_DIST_PROGRAMS); do x86_64-w64-mingw32-strip -o $(STAGE)/x64/$$file $(x64_DIR)/$$file; done
	for page in $(MAN_PAGES); do mandoc -Tutf8 "$$page" | col -bx >"$(STAGE)/man/$$(basename "$${page%.?}").txt"; done
	cp LICENSE README.md CHANGELOG.md $(STAGE)/
	cp include/wsplsp/filter.h $(STAGE)/include/wsplsp/
	cp $(BUILD)/deps/x64/LICENSE $(STAGE)/third-party/cJSON.txt
	cp /usr/share/doc/mingw-w64-x86-64-dev/copyright $(STAGE)/third-party/mingw-w64.txt
	cd $(STAGE) && find . -type f ! -name SHA256SUMS -printf '%P\n' | LC_ALL=C sort | xargs sha256sum >SHA256SUMS
	chmod -R u=rwX,go=rX $(STAGE)
	find $(STAGE) -exec touch -d "@$$SOURCE_DATE_EPOCH" {} +
	cd $(DIST) && find $(PACKAGE) -type f | LC_ALL=C sort | zip -X -q -9 $(PACKAGE).zip -@ && sha256sum $(PACKAGE).zip >SHA256SUMS
	rm -rf $(STAGE)
	@cat $(DIST)/SHA256SUMS

clean:
	rm -rf $(x64_DIR) $(x86_DIR) $(native_DIR) $(DIST) $(BUILD)/check

distclean:
	@if [ -d $(BUILD)/wine ]; then scripts/wine --stop; fi
	rm -rf $(BUILD)

-include $(shell find $(x64_DIR)/obj $(x86_DIR)/obj $(native_DIR) -name '*.d' 2>/dev/null)
