/* Kernel objects that the processes of a run share: made by the launcher, and changed only by processes that could
 * change the launcher itself.
 *
 * Children get handles with which they can look and no more. Who wants to change something asks for a handle that can,
 * by duplicating its own with more access; then the system checks the object's security against the token that the
 * caller has at that moment. It lets the launcher's user pass (and the system), at no lower integrity level than the
 * launcher's. So a child that a program puts into a sandbox (a restricted token, deny-only groups, a lower integrity
 * level, an AppContainer), or that puts itself there later, cannot change anything for the others, as it could not when
 * they are not hosted; an installer can. The objects have random names, because Windows keeps no security for sections
 * without one; nobody opens them by name. */
#ifndef WSPLSP_CORE_HOST_LAUNCH_RUN_OBJECT_H
#define WSPLSP_CORE_HOST_LAUNCH_RUN_OBJECT_H

#include <stdbool.h>

#include "lsp-core/win/winsock.h"

#define RUN_OBJECT_NAME 64

/* The attributes with that security, good until run_object_free. False, with GetLastError, where they cannot be made.
 */
struct run_object_security {
    SECURITY_ATTRIBUTES attributes;
    SECURITY_DESCRIPTOR descriptor;
    void *user, *label; /* of the launcher's token */
    ACL *dacl, *sacl;
};

bool run_object_security(struct run_object_security *security);
void run_object_free(struct run_object_security *security);

/* `prefix` and 128 random bits; false where the system gives none. */
bool run_object_name(wchar_t name[RUN_OBJECT_NAME], const wchar_t *prefix);

/* Another handle of this process for what `handle` means, with other access; NULL, with GetLastError, where the system
 * refuses it. */
HANDLE run_object_reopen(HANDLE handle, DWORD access);

#endif
