/* The lock that writers of the protocol catalog take: a subkey of the catalog's key that is named after its serial
 * number. For the one change that no function of Winsock makes. */
#ifndef WSPLSP_CORE_REGISTRY_KEY_LOCK_WIN_H
#define WSPLSP_CORE_REGISTRY_KEY_LOCK_WIN_H

#include <windows.h>

#include "lsp-core/base/error.h"

struct key_lock {
    HKEY catalog; /* NULL: there is no catalog to lock */
    wchar_t name[9];
};

/* Below the Parameters key that `path` names in HKEY_LOCAL_MACHINE. Waits for another writer, for a while; then fails
 * with the name BUSY. */
enum wsplsp_status key_lock_take(const wchar_t *path, struct key_lock *lock, struct wsplsp_error *error);
void key_lock_give(struct key_lock *lock);

#endif
