/* The host's other parts as small as they can be; see host_fakes.h. */
#include "host_fakes.h"

#include <stdlib.h>
#include <string.h>

#include "lsp-core/host/handles/handles.h"
#include "lsp-core/host/catalog/private.h"
#include "lsp-core/host/provider/provider.h"
#include "lsp-core/base/text.h"
#include "lsp-core/host/provider/thread.h"
#include "lsp-core/host/api/upcalls.h"

static struct wsplsp_snapshot *snapshot;

struct wsplsp_snapshot *fakes_snapshot(void)
{
    if (snapshot == NULL)
        snapshot = wsplsp_snapshot_new("test");
    if (snapshot == NULL)
        abort();
    return snapshot;
}

struct wsplsp_catalog *fakes_catalog(void)
{
    return &fakes_snapshot()->catalogs[sizeof(void *) == 8 ? 0 : 1];
}

struct wsplsp_entry *fakes_entry(DWORD id, int chain_len, const DWORD *chain, int family, int type, int protocol,
                                 const char *dll)
{
    struct wsplsp_entry *entry = wsplsp_catalog_add_entry(fakes_catalog());
    if (entry == NULL)
        abort();
    entry->info.catalog_id = id;
    memcpy(entry->info.provider_id.bytes, &id, sizeof(id));
    entry->info.chain_len = chain_len;
    entry->info.chain[0] = id;
    if (chain != NULL)
        memcpy(entry->info.chain, chain, (size_t)chain_len * sizeof(*chain));
    entry->info.service_flags[0] = XP1_IFS_HANDLES;
    entry->info.provider_flags = PFL_MATCHES_PROTOCOL_ZERO;
    entry->info.version = 2;
    entry->info.family = family;
    entry->info.socket_type = type;
    entry->info.protocol = protocol;
    entry->dll = dll == NULL ? NULL : text_duplicate(dll);
    return entry;
}

const struct wsplsp_snapshot *private_catalog_acquire(void)
{
    return fakes_snapshot();
}

void private_catalog_release(const struct wsplsp_snapshot *released)
{
    (void)released;
}

static SOCKET WSPAPI modify_handle(DWORD entry, SOCKET proposed, INT *error)
{
    struct provider_meant meant;
    DWORD flags;
    *error = GetHandleInformation((HANDLE)proposed, &flags) ? provider_mean(entry, &meant) : WSAEINVAL;
    if (*error == 0)
        *error = provider_own_socket(meant.provider, proposed);
    return *error == 0 ? proposed : INVALID_SOCKET;
}

static int WSPAPI query_blocking(DWORD entry, LPBLOCKINGCALLBACK *callback, DWORD_PTR *context, INT *error)
{
    struct provider_meant meant;
    *error = provider_mean(entry, &meant);
    if (*error != 0)
        return SOCKET_ERROR;
    thread_query_blocking(meant.provider, callback, context);
    return 0;
}

/* Only to be there: the tests call none of them. */
static int WSPAPI unused(void)
{
    return SOCKET_ERROR;
}

#define UNUSED (void *)unused

const WSPUPCALLTABLE *upcalls_table(void)
{
    static const WSPUPCALLTABLE table = {
        UNUSED,         UNUSED, UNUSED, UNUSED, UNUSED, UNUSED, modify_handle, UNUSED,
        query_blocking, UNUSED, UNUSED, UNUSED, UNUSED, UNUSED, UNUSED,
    };
    return &table;
}

/* There are none here. */
struct sockets handles;

void *handles_duplicate_owner(SOCKET s)
{
    (void)s;
    return NULL;
}

void handles_close_all(void)
{
}

enum wsplsp_status private_catalog_refresh(struct wsplsp_error *error)
{
    (void)error;
    return WSPLSP_OK;
}
