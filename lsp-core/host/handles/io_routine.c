/* The completion routines of ReadFileEx and WriteFileEx; see io_routine.h. */
#include "io_routine.h"

#include <stdint.h>
#include <stdlib.h>

#include "io_status.h"
#include "lsp-core/win/lock.h"

enum { BUCKETS = 64 };

struct routine {
    OVERLAPPED *overlapped;
    LPOVERLAPPED_COMPLETION_ROUTINE function;
    struct routine *next;
};

static SRWLOCK lock = SRWLOCK_INIT;
static struct routine *buckets[BUCKETS];

static struct routine **bucket(const OVERLAPPED *overlapped)
{
    return &buckets[((uintptr_t)overlapped / sizeof(*overlapped)) % BUCKETS];
}

bool io_routine_add(OVERLAPPED *overlapped, LPOVERLAPPED_COMPLETION_ROUTINE function)
{
    struct routine *routine = malloc(sizeof(*routine));
    if (routine == NULL)
        return false;
    lock_exclusive(&lock);
    struct routine **first = bucket(overlapped);
    *routine = (struct routine){overlapped, function, *first};
    *first = routine;
    unlock_exclusive(&lock);
    return true;
}

LPOVERLAPPED_COMPLETION_ROUTINE io_routine_remove(OVERLAPPED *overlapped)
{
    lock_exclusive(&lock);
    struct routine **place = bucket(overlapped);
    while (*place != NULL && (*place)->overlapped != overlapped)
        place = &(*place)->next;
    struct routine *found = *place;
    if (found != NULL)
        *place = found->next;
    unlock_exclusive(&lock);
    LPOVERLAPPED_COMPLETION_ROUTINE function = found == NULL ? NULL : found->function;
    free(found);
    return function;
}

void CALLBACK io_routine_completed(DWORD error, DWORD bytes, WSAOVERLAPPED *overlapped, DWORD flags)
{
    LPOVERLAPPED_COMPLETION_ROUTINE function = io_routine_remove(overlapped);
    if (error == 0 && (flags & MSG_PARTIAL) != 0)
        error = WSAEMSGSIZE;
    if (function != NULL)
        function(io_status_win32(error), bytes, overlapped);
}
