# The program that tests wsplsp-wsk.sys, and what the unit tests of its portable parts need. Included by the Makefile.

WSK_TEST_FLAGS := -iquote tests/win -iquote tests/wsk
WSK_TEST_OBJECTS := $(addprefix $(x64_DIR)/obj/tests/wsk/,test_wsk_driver.o driver_service.o peer.o)

$(x64_DIR)/obj/tests/wsk/%.o: tests/wsk/%.c Makefile tests/wsk/rules.mk $(x64_DIR)/flags
	@mkdir -p $(@D)
	$(call compile,x64,$(WSK_TEST_FLAGS))

$(x64_DIR)/tests/test_wsk_driver.exe: $(WSK_TEST_OBJECTS)
	@mkdir -p $(@D)
	$(call link,x64)

TEST_PROGRAMS += $(x64_DIR)/tests/test_wsk_driver.exe
WINDOWS_CHECKED += $(addprefix tests/wsk/,test_wsk_driver.c driver_service.c peer.c)

# Natively: the parts of the driver that need no Windows, over a small kernel and a scripted provider.
WSK_NATIVE := $(addprefix $(asan_DIR)/obj/,$(addprefix lsp-core/wsk/,socket_connect.o resources.o request_check.o crc32.o) \
	tests/wsk/nt_standin.o tests/wsk/scripted_provider.o)
WSK_NATIVE_FLAGS := -iquote tests/wsk -iquote tests/unit

define wsk_native_rule
$(asan_DIR)/obj/$(1)/%.o: $(1)/%.c Makefile tests/wsk/rules.mk $(asan_DIR)/flags
	@mkdir -p $$(@D)
	$$(call compile,asan,$$(WSK_NATIVE_FLAGS))
endef
$(foreach folder,lsp-core/wsk tests/wsk,$(eval $(call wsk_native_rule,$(folder))))

$(asan_DIR)/obj/tests/unit/test_wsk_%.o: tests/unit/test_wsk_%.c Makefile tests/wsk/rules.mk $(asan_DIR)/flags
	@mkdir -p $(@D)
	$(call compile,asan,$(WSK_NATIVE_FLAGS))

$(asan_DIR)/test_wsk_socket_connect $(asan_DIR)/test_wsk_request_check: $(WSK_NATIVE)
