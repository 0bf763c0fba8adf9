/* Copies a registry key with all below it into a reg_key tree: the running registry's (live_win.c) or an offline
 * hive's (hive_win.c). Only ever reads. */
#ifndef WSPLSP_CORE_REGISTRY_REGREAD_WIN_H
#define WSPLSP_CORE_REGISTRY_REGREAD_WIN_H

#include <windows.h>

#include "regtree.h"
#include "lsp-core/base/error.h"

/* How keys are reached: the registry's functions, or the offline registry library's. All return Win32 error codes and
 * behave as RegOpenKeyExW, RegCloseKey, RegEnumKeyExW and RegEnumValueW are documented to. */
struct regread_functions {
    LONG (*open)(HKEY key, const wchar_t *path, HKEY *opened);
    LONG (*close)(HKEY key);
    LONG (*enum_key)(HKEY key, DWORD index, wchar_t *name, DWORD *length);
    LONG (*enum_value)(HKEY key, DWORD index, wchar_t *name, DWORD *length, DWORD *type, BYTE *data, DWORD *size);
};

/* The registry's own. They open keys for reading and in the 64-bit view. */
extern const struct regread_functions regread_registry;

/* What could not be read although the rest could. */
struct regread_skipped {
    size_t count;
    LONG code;      /* the first one's */
    char first[96]; /* the first one's name */
};

/* Reads the values and all subkeys of `key` into `into`. Subkeys that refuse to be opened are left out and counted in
 * `skipped`. */
enum wsplsp_status regread_into(const struct regread_functions *functions, HKEY key, struct reg_key *into,
                                struct regread_skipped *skipped, struct wsplsp_error *error);

#endif
