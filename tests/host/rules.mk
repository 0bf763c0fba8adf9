# The host's test programs, and the DLLs that they load by different ways of importing. Included by the Makefile.

HOST_TEST_FLAGS := -iquote tests/win -iquote tests/host
HOST_TEST_LIBS := -lws2_32 -lmswsock -lws2_32 -ladvapi32 -luser32 -lntdll
HOST_API_SOURCES := $(filter-out %/handle_io.c %/upcalls.c %/hidden_id.c,$(sort $(wildcard lsp-core/host/api/*.c))) \
	$(sort $(wildcard lsp-core/host/provider/*.c)) lsp-core/host/redirect/real.c
RECORD_TEST_SOURCES := tests/host/test_record.c $(sort $(wildcard tests/host/record_test_*.c))
RECORD_LAYER_SOURCES := $(addprefix tests/host/record_,$(addsuffix .c,layer chain note socket io operation extension select))
REDIRECT_WAYS := name ordinal wsock delay

# An import library that names send by ordinal 19 only.
x64_SEND := send
x86_SEND := send@16
x86_KILL_AT := -k

define host_test_rules
$(1)_HT := $($(1)_DIR)/tests
$(1)_HO := $($(1)_DIR)/obj/tests/host

$($(1)_DIR)/obj/tests/host/%.o: tests/host/%.c Makefile tests/host/rules.mk $($(1)_DIR)/flags
	@mkdir -p $$(@D)
	$$(call compile,$(1),$(HOST_TEST_FLAGS))

$($(1)_DIR)/obj/tests/host/run_layer_refusing.o: tests/host/run_layer.c Makefile tests/host/rules.mk $($(1)_DIR)/flags
	@mkdir -p $$(@D)
	$$(call compile,$(1),$(HOST_TEST_FLAGS) -DREFUSE)

$($(1)_DIR)/obj/tests/host/run_layer_guid.o: tests/host/run_layer.c Makefile tests/host/rules.mk $($(1)_DIR)/flags
	@mkdir -p $$(@D)
	$$(call compile,$(1),$(HOST_TEST_FLAGS) -DTELL)
$($(1)_DIR)/obj/tests/host/run_layer_cdecl.o: tests/host/run_layer.c Makefile tests/host/rules.mk $($(1)_DIR)/flags
	@mkdir -p $$(@D)
	$$(call compile,$(1),$(HOST_TEST_FLAGS) -DTELL -DCDECL_TELL)

$($(1)_DIR)/obj/tests/host/libordinal.a: tests/host/rules.mk
	@mkdir -p $$(@D)
	@printf 'LIBRARY ws2_32.dll\nEXPORTS\n%s @19 NONAME\n' '$($(1)_SEND)' >$$(@:.a=.def)
	$$(call quiet,LIB,$$@)$($(1)_AR:-ar=-dlltool) $($(1)_KILL_AT) -d $$(@:.a=.def) -l $$@

$($(1)_DIR)/tests/redirect_name%.dll: $($(1)_DIR)/obj/tests/host/redirect_user.o
	@mkdir -p $$(@D)
	$$(call link,$(1),-shared)
$($(1)_DIR)/tests/redirect_ordinal%.dll: $($(1)_DIR)/obj/tests/host/redirect_user.o $($(1)_DIR)/obj/tests/host/libordinal.a
	@mkdir -p $$(@D)
	$$(call link,$(1),-shared)
$($(1)_DIR)/tests/redirect_wsock%.dll: $($(1)_DIR)/obj/tests/host/redirect_user.o
	@mkdir -p $$(@D)
	$$(call quiet,LINK,$$@)$($(1)_CC) -shared $($(1)_LINK) $$^ -lwsock32 -o $$@
$($(1)_DIR)/tests/redirect_delay%.dll: $($(1)_DIR)/obj/tests/host/redirect_delay.o
	@mkdir -p $$(@D)
	$$(call link,$(1),-shared)
$($(1)_DIR)/tests/redirect_probe.dll: $($(1)_DIR)/obj/tests/host/redirect_probe.o $($(1)_DIR)/libhost.a $($(1)_DIR)/libcore.a
	@mkdir -p $$(@D)
	$$(call link,$(1),-shared) $(HOST_TEST_LIBS)
$($(1)_DIR)/tests/redirect_shared.dll: $($(1)_DIR)/obj/tests/host/redirect_shared.o tests/host/redirect_shared.def
	@mkdir -p $$(@D)
	$$(call quiet,LINK,$$@)$($(1)_CC) -shared $($(1)_LINK) $$^ $($(1)_LIBS) \
		-Wl,--out-implib,$($(1)_DIR)/obj/tests/host/libshared.a -o $$@

# The import library of the one is made before the other is linked.
$($(1)_DIR)/obj/tests/host/redirect_late_late.o: tests/host/redirect_late.c Makefile tests/host/rules.mk $($(1)_DIR)/flags
	@mkdir -p $$(@D)
	$$(call compile,$(1),-DLATE)
$($(1)_DIR)/obj/tests/host/libcycle.a: tests/host/rules.mk
	@mkdir -p $$(@D)
	@printf 'LIBRARY redirect_cycle.dll\nEXPORTS\ncycle_number\n' >$$(@:.a=.def)
	$$(call quiet,LIB,$$@)$($(1)_AR:-ar=-dlltool) -d $$(@:.a=.def) -l $$@
$($(1)_DIR)/obj/tests/host/liblate.a: tests/host/rules.mk
	@mkdir -p $$(@D)
	@printf 'LIBRARY redirect_late.dll\nEXPORTS\nlate_number\n' >$$(@:.a=.def)
	$$(call quiet,LIB,$$@)$($(1)_AR:-ar=-dlltool) -d $$(@:.a=.def) -l $$@
$($(1)_DIR)/tests/redirect_late.dll: $($(1)_DIR)/obj/tests/host/redirect_late_late.o $($(1)_DIR)/obj/tests/host/libcycle.a
	@mkdir -p $$(@D)
	$$(call link,$(1),-shared)
$($(1)_DIR)/tests/redirect_cycle.dll: $($(1)_DIR)/obj/tests/host/redirect_late.o $($(1)_DIR)/obj/tests/host/liblate.a
	@mkdir -p $$(@D)
	$$(call link,$(1),-shared)

$($(1)_DIR)/tests/test_redirect.exe: $($(1)_DIR)/obj/tests/host/test_redirect.o $($(1)_DIR)/tests/redirect_shared.dll
	$$(call quiet,LINK,$$@)$($(1)_CC) $($(1)_LINK) $$< $($(1)_DIR)/obj/tests/host/libshared.a $($(1)_LIBS) -o $$@
$($(1)_DIR)/tests/run_probe.exe $($(1)_DIR)/tests/run_categories.exe $($(1)_DIR)/tests/test_config.exe \
		$($(1)_DIR)/tests/test_inject.exe: $($(1)_DIR)/tests/%.exe: \
		$($(1)_DIR)/obj/tests/host/%.o $($(1)_DIR)/libhost.a $($(1)_DIR)/libcore.a
	@mkdir -p $$(@D)
	$$(call link,$(1)) -lntdll
# Some are a provider, too: they export WSPStartup.
$($(1)_DIR)/tests/test_host_%.exe: $($(1)_DIR)/obj/tests/host/test_host_%.o $($(1)_DIR)/libhost.a $($(1)_DIR)/libcore.a
	@mkdir -p $$(@D)
	$$(call link,$(1),-Wl$$(comma)--kill-at) $(HOST_TEST_LIBS)
# The API's files alone, over fakes of the rest.
$($(1)_DIR)/tests/test_host_api.exe $($(1)_DIR)/tests/bench_host_call.exe: $($(1)_DIR)/tests/%.exe: \
		$($(1)_DIR)/obj/tests/host/%.o $($(1)_DIR)/obj/tests/host/host_fakes.o \
		$$(call objects,$(1),$(HOST_API_SOURCES)) $($(1)_DIR)/libcore.a | $($(1)_DIR)/tests/provider_at_once.dll
	@mkdir -p $$(@D)
	$$(call link,$(1),-Wl$$(comma)--kill-at) $(HOST_TEST_LIBS)
$($(1)_DIR)/tests/provider_at_once.dll: $($(1)_DIR)/obj/tests/host/provider_at_once.o
	@mkdir -p $$(@D)
	$$(call link,$(1),-shared -Wl$$(comma)--kill-at)
$(addprefix $($(1)_DIR)/tests/,run_layer.dll run_layer_refusing.dll run_layer_guid.dll run_layer_cdecl.dll thread_layer.dll \
		thread_exit.dll): $($(1)_DIR)/tests/%.dll: $($(1)_DIR)/obj/tests/host/%.o
	@mkdir -p $$(@D)
	$$(call link,$(1),-shared -Wl$$(comma)--kill-at)

# The layer that notes all calls, under two names: a chain with two layers needs two DLLs.
$($(1)_DIR)/tests/record_layer.dll $($(1)_DIR)/tests/record_layer2.dll: \
		$$(call objects,$(1),$(RECORD_LAYER_SOURCES) lsp-core/base/handle_table.c)
	@mkdir -p $$(@D)
	$$(call link,$(1),-shared -Wl$$(comma)--kill-at)

$($(1)_DIR)/tests/test_record.exe: $$(call objects,$(1),$(RECORD_TEST_SOURCES))
	@mkdir -p $$(@D)
	$$(call link,$(1)) -lmswsock -lws2_32 -luser32

$($(1)_DIR)/tests/wsc_call.exe $($(1)_DIR)/tests/thread_user.exe: $($(1)_DIR)/tests/%.exe: $($(1)_DIR)/obj/tests/host/%.o
	@mkdir -p $$(@D)
	$$(call link,$(1))

$(1)_HOST_TESTS := $$(addprefix $($(1)_DIR)/tests/,$$(foreach way,$(REDIRECT_WAYS),redirect_$$(way)1.dll redirect_$$(way)2.dll) \
	redirect_probe.dll redirect_shared.dll redirect_late.dll redirect_cycle.dll test_redirect.exe test_config.exe test_inject.exe run_probe.exe run_categories.exe run_layer.dll \
	run_layer_refusing.dll run_layer_guid.dll run_layer_cdecl.dll thread_layer.dll thread_exit.dll thread_user.exe \
	record_layer.dll record_layer2.dll test_record.exe wsc_call.exe $$(patsubst tests/host/%.c,%.exe,$$(wildcard tests/host/test_host_*.c)))
endef
$(foreach variant,x64 x86,$(eval $(call host_test_rules,$(variant))))

TEST_PROGRAMS += $(x64_HOST_TESTS) $(x86_HOST_TESTS)
WINDOWS_CHECKED += $(wildcard tests/host/*.c)

bench:: $(x64_DIR)/tests/bench_host_call.exe
	@scripts/wine $< $(x64_DIR)/tests/provider_at_once.dll
