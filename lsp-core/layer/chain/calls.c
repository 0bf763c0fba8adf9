/* Calls under way; see calls.h. */
#include "calls.h"

bool calls_any(const struct calls *calls)
{
    for (size_t i = 0; i < CALLS_SLOTS; i++)
        if (atomic_load(&calls->slot[i].under_way) != 0)
            return true;
    return false;
}
