# wsplsp-wsk.sys, for x64. Included by the Makefile.

# Of the kernel: no C library, frames that a kernel stack has room for.
WSK_FLAGS := -std=c11 $(WARNINGS) -Iinclude -iquote . -isystem /usr/share/mingw-w64/include/ddk \
	-DWSPLSP_VERSION=\"$(VERSION)\" '-ffile-prefix-map=$(CURDIR)=.' -MMD -MP $(OPTIMISE) -ffreestanding \
	-fstack-protector-strong -mno-stack-arg-probe -Wframe-larger-than=2048
WSK_LINK := -nostdlib -Wl,--subsystem,native -Wl,-e,DriverEntry -Wl,--dynamicbase,--nxcompat,--no-insert-timestamp
WSK_LIBS := -lntoskrnl -lhal -lnetio
WSK_OBJECTS := $(patsubst %.c,$(x64_DIR)/obj/%.o,$(sort $(wildcard lsp-core/wsk/*.c)))

x64: $(x64_DIR)/wsplsp-wsk.sys

$(x64_DIR)/wsk-flags: export STAMP = $(x64_CC) $(WSK_FLAGS) $(WSK_LINK) $(WSK_OBJECTS)
$(x64_DIR)/wsk-flags: FORCE
	$(stamp)

$(x64_DIR)/obj/lsp-core/wsk/%.o: lsp-core/wsk/%.c Makefile lsp-core/wsk/rules.mk $(x64_DIR)/wsk-flags
	@mkdir -p $(@D)
	$(call quiet,CC,$@)$(x64_CC) $(WSK_FLAGS) -c $< -o $@

# DriverEntry's frame has the guard's old value when it returns.
$(x64_DIR)/obj/lsp-core/wsk/driver.o $(x64_DIR)/obj/lsp-core/wsk/stack_guard.o: \
	private WSK_FLAGS += -fno-stack-protector

$(x64_DIR)/wsplsp-wsk.sys: $(WSK_OBJECTS) $(x64_DIR)/wsk-flags
	$(call quiet,LINK,$@)$(x64_CC) $(WSK_LINK) $(WSK_OBJECTS) $(WSK_LIBS) -o $@

WINDOWS_CHECKED += $(sort $(wildcard lsp-core/wsk/*.c))
X64_DIST_PROGRAMS += wsplsp-wsk.sys
