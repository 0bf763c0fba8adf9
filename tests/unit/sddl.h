/* Security descriptors for tests, written as Windows' tools show them ("O:BAD:P(A;OICI;FA;;;SY)"), as the bytes that
 * Windows keeps. Microsoft's reference: "Security Descriptor String Format", [MS-DTYP] 2.4.6. */
#ifndef WSPLSP_TEST_SDDL_H
#define WSPLSP_TEST_SDDL_H

#include <stddef.h>
#include <stdint.h>

struct sddl {
    uint8_t bytes[4096];
    size_t size;
};

/* Without "D:" there is no DACL; "D:" alone is an empty one. Aborts on what it does not know. */
void sddl_make(const char *text, struct sddl *descriptor);

/* "S-1-5-18", or one of the usual two letters; returns its size. */
size_t sddl_sid(const char *text, size_t length, uint8_t *bytes);

/* NT SERVICE\TrustedInstaller. */
#define SDDL_TI "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"

#endif
