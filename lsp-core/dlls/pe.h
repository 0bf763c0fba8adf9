/* Reads what the doctor wants to know of an executable image (Microsoft's "PE Format" page) from its bytes. Trusts no
 * number in them: damaged and hostile images are refused or found to export nothing. */
#ifndef WSPLSP_CORE_DLLS_PE_H
#define WSPLSP_CORE_DLLS_PE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PE_MACHINE_I386  0x014c
#define PE_MACHINE_ARMNT 0x01c4
#define PE_MACHINE_AMD64 0x8664
#define PE_MACHINE_ARM64 0xaa64

struct pe_image {
    const uint8_t *bytes; /* the caller's */
    size_t size;
    uint16_t machine;
    bool wide;       /* PE32+ */
    size_t sections; /* where the section table stands in the file */
    size_t section_count;
    uint32_t headers_size;
    uint32_t exports; /* the export directory's RVA, 0 for none */
};

/* False where the bytes are no image or its headers make no sense. */
bool pe_read(const uint8_t *bytes, size_t size, struct pe_image *image);

/* Whether it exports that name; a forwarded export counts. */
bool pe_exports(const struct pe_image *image, const char *name);

#endif
