# make soak: mixed traffic through the layers for SOAK_SECONDS, outside check. Included by the Makefile.

SOAK_SECONDS ?= 600
SOAK := $(x64_DIR)/tests/soak.exe

$(SOAK): $(x64_DIR)/obj/tests/soak/soak.o
	@mkdir -p $(@D)
	$(call link,x64)

TEST_PROGRAMS += $(SOAK)
WINDOWS_CHECKED += tests/soak/soak.c

.PHONY: soak
soak: x64 $(SOAK)
	scripts/wine $(x64_DIR)/wsplsp.exe run --strict --layer $(x64_DIR)/wsplsp-layer.dll -- $(SOAK) $(SOAK_SECONDS)
