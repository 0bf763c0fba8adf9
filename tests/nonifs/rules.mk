# Tests of the layer's non-IFS mode: of its slots natively, of its upcalls and operations over providers of the tests'
# own, of data under stress, and a bench. Included by the Makefile.

NONIFS_TEST_FLAGS := -D_WIN32_WINNT=0x0A00 -iquote tests/win -iquote tests/layer
NONIFS_TESTS := $(patsubst tests/nonifs/%.c,%.exe,$(sort $(wildcard tests/nonifs/test_nonifs_*.c)))

define nonifs_test_rules
$($(1)_DIR)/obj/tests/nonifs/%.o: tests/nonifs/%.c Makefile tests/nonifs/rules.mk $($(1)_DIR)/flags
	@mkdir -p $$(@D)
	$$(call compile,$(1),$(NONIFS_TEST_FLAGS))

# The programs are the next provider, too: they export WSPStartup.
$($(1)_DIR)/tests/test_nonifs_io.exe $($(1)_DIR)/tests/test_nonifs_codes.exe: $($(1)_DIR)/obj/tests/nonifs/next.o
$($(1)_DIR)/tests/test_nonifs_codes.exe: $($(1)_DIR)/obj/tests/layer/base_codes.o
$($(1)_DIR)/tests/test_nonifs_spi.exe: $($(1)_DIR)/obj/tests/layer/recorder.o
$($(1)_DIR)/tests/test_nonifs_%.exe: $($(1)_DIR)/obj/tests/nonifs/test_nonifs_%.o $($(1)_DIR)/obj/tests/nonifs/upper.o \
		$($(1)_DIR)/obj/tests/layer/winsock_part.o $($(1)_DIR)/libhost.a $($(1)_DIR)/libcore.a \
		| $($(1)_DIR)/wsplsp-layer.dll
	@mkdir -p $$(@D)
	$$(call link,$(1),-Wl$$(comma)--kill-at)

$($(1)_DIR)/tests/bench_nonifs.exe: $(foreach name,bench_nonifs next upper,$($(1)_DIR)/obj/tests/nonifs/$(name).o) \
		$($(1)_DIR)/obj/tests/layer/winsock_part.o $($(1)_DIR)/libhost.a $($(1)_DIR)/libcore.a \
		| $($(1)_DIR)/wsplsp-layer.dll
	@mkdir -p $$(@D)
	$$(call link,$(1),-Wl$$(comma)--kill-at)

$($(1)_DIR)/tests/nonifs_stress.exe: $($(1)_DIR)/obj/tests/nonifs/nonifs_stress.o
	@mkdir -p $$(@D)
	$$(call link,$(1))

TEST_PROGRAMS += $$(addprefix $($(1)_DIR)/tests/,$(NONIFS_TESTS) nonifs_stress.exe bench_nonifs.exe)
endef
$(foreach variant,x64 x86,$(eval $(call nonifs_test_rules,$(variant))))
WINDOWS_CHECKED += $(wildcard tests/nonifs/*.c)

# After the library, which for that reason nothing is taken from.
$(asan_DIR)/test_slots: $(addprefix $(asan_DIR)/obj/lsp-core/,layer/chain/slots.o base/handle_table.o)

bench:: $(x64_DIR)/tests/bench_nonifs.exe
	@scripts/wine $<
