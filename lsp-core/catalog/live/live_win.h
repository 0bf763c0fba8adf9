/* The running system's catalog. Everything that it asks Windows goes through one table, so that tests/win/test_live.c
 * can play any Windows: an old one, a 32-bit one, a damaged one. */
#ifndef WSPLSP_CORE_CATALOG_LIVE_LIVE_WIN_H
#define WSPLSP_CORE_CATALOG_LIVE_LIVE_WIN_H

#include <winsock2.h>
#include <ws2spi.h>

#include "lsp-core/registry/regtree.h"
#include "lsp-core/catalog/catalog.h"

typedef int(WSPAPI *live_enum_protocols)(LPINT, LPWSAPROTOCOL_INFOW, LPDWORD, LPINT);
typedef int(WSPAPI *live_get_provider_path)(LPGUID, WCHAR *, LPINT, LPINT);
typedef int(WSPAPI *live_get_provider_info)(LPGUID, WSC_PROVIDER_INFO_TYPE, PBYTE, size_t *, DWORD, LPINT);
typedef INT(WSAAPI *live_enum_name_spaces_ex)(LPDWORD, LPWSANAMESPACE_INFOEXW);
typedef INT(WSAAPI *live_enum_name_spaces)(LPDWORD, LPWSANAMESPACE_INFOW);

/* The functions of one catalog; each is NULL where the system lacks it. */
struct live_catalog_functions {
    live_enum_protocols enum_protocols;
    live_get_provider_path get_provider_path;
    live_get_provider_info get_provider_info;     /* Windows Vista */
    live_enum_name_spaces_ex enum_name_spaces_ex; /* Windows Vista */
    live_enum_name_spaces enum_name_spaces;       /* asked where the one above is missing */
};

struct live_functions {
    int process_bits; /* of this process: 64 or 32 */
    bool wow64;       /* a 32-bit process on 64-bit Windows */
    int(WSAAPI *startup)(WORD, LPWSADATA);
    int(WSAAPI *cleanup)(void);
    int(WSAAPI *last_error)(void);
    struct live_catalog_functions own;     /* the catalog of this process's own kind */
    struct live_catalog_functions other32; /* for 64-bit processes: the 32-bit one */
    /* The WinSock2 key, new; a note for the snapshot may be left in it. */
    enum wsplsp_status (*read_registry)(struct reg_key **winsock2, struct wsplsp_snapshot *snapshot,
                                        struct wsplsp_error *error);
    char *(*resolve_name)(const char *raw); /* new, or NULL; as names_win_resolve */
};

/* This system's functions. */
void live_functions_system(struct live_functions *functions);

/* source_load_live with the given functions. */
enum wsplsp_status live_load(const struct live_functions *functions, struct wsplsp_snapshot **snapshot,
                             struct wsplsp_error *error);

#endif
