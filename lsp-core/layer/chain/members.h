/* What the catalog says about a chain: its entries, and which of them are the layer's own. The functions of the catalog
 * (WSC*) are the only ones of Ws2_32.dll that the layer calls beside the upcalls. */
#ifndef WSPLSP_CORE_LAYER_CHAIN_MEMBERS_H
#define WSPLSP_CORE_LAYER_CHAIN_MEMBERS_H

#include <stdbool.h>

#include "winsock_spi.h"

struct member {
    bool found;
    bool own; /* its DLL is this one */
    WSAPROTOCOL_INFOW info;
};

struct members {
    WSAPROTOCOL_INFOW chain; /* the chain's own entry */
    struct member member[MAX_PROTOCOL_CHAIN];
};

/* The DLL that this code is in. For DllMain. */
extern HMODULE members_own_module;

/* Looks up the chain that a WSAPROTOCOL_INFO names. NULL where it is no chain, or when out of memory; freed by
 * free(). */
struct members *members_read(const WSAPROTOCOL_INFOW *info);

/* The chain with that number, counted from 0 in the catalog's order, of those that have a layer's own (hidden) entry of
 * this DLL in them; NULL where there are no more, or for an entry of another kind. Freed by free(). */
struct members *members_read_with(DWORD layer_id, int number);

/* The first position from `lowest` on that is the layer's, never the base's; -1 for none. */
int members_own_position(const struct members *members, int lowest);

/* The DLL of a provider, its environment strings expanded; NULL where the catalog has none. Freed by free(). */
wchar_t *members_provider_path(const GUID *id);

#endif
