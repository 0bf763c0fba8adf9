/* The host's locks. When the process ends, ExitProcess has ended all threads but one, some of them while they held a
 * lock or were inside a provider: nothing is taken or waited for any more, and the one thread that is left is alone. */
#ifndef WSPLSP_CORE_WIN_LOCK_H
#define WSPLSP_CORE_WIN_LOCK_H

#include <stdbool.h>

#include "winsock.h"

/* In ntdll's import library, but in no header. */
BOOLEAN NTAPI RtlDllShutdownInProgress(void);

/* Whether the DLLs' DLL_PROCESS_DETACH is under way for the process's end. */
static inline bool lock_process_ends(void)
{
    return RtlDllShutdownInProgress() != FALSE;
}

static inline void lock_exclusive(SRWLOCK *lock)
{
    if (!lock_process_ends())
        AcquireSRWLockExclusive(lock);
}

static inline void unlock_exclusive(SRWLOCK *lock)
{
    if (!lock_process_ends())
        ReleaseSRWLockExclusive(lock);
}

static inline void lock_shared(SRWLOCK *lock)
{
    if (!lock_process_ends())
        AcquireSRWLockShared(lock);
}

static inline void unlock_shared(SRWLOCK *lock)
{
    if (!lock_process_ends())
        ReleaseSRWLockShared(lock);
}

#endif
