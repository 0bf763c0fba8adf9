/* Calls under way; see calls.h. */
#include "calls.h"

static bool any(const struct calls *calls)
{
    for (size_t i = 0; i < CALLS_SLOTS; i++)
        if (atomic_load(&calls->slot[i].under_way) != 0)
            return true;
    return false;
}

bool calls_wait(const struct calls *calls, DWORD milliseconds)
{
    DWORD begin = GetTickCount();
    while (any(calls)) {
        if (GetTickCount() - begin >= milliseconds)
            return false;
        Sleep(1);
    }
    return true;
}
