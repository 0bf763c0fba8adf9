/* The version negotiation of WSPStartup. Portable. */
#ifndef WSPLSP_CORE_LAYER_VERSION_H
#define WSPLSP_CORE_LAYER_VERSION_H

#include <stdbool.h>
#include <stdint.h>

/* As MAKEWORD(major, minor) puts it: the major version in the low byte. */
#define VERSION_OF(major, minor) ((uint16_t)((major) | (minor) << 8))

struct version_range {
    uint16_t lowest, highest;
};

struct version_answer {
    uint16_t version; /* wVersion: what both sides use from now on */
    uint16_t highest; /* wHighVersion */
};

/* What a provider that supports `own` answers a client that supports up to `requested`; false: WSAVERNOTSUPPORTED. */
bool version_negotiate(struct version_range own, uint16_t requested, struct version_answer *answer);

#endif
