/* The layer's places; see place.h. */
#include "place.h"

#include <stdlib.h>

#include "chain.h"
#include "extension.h"
#include "operation.h"

struct place places[PLACES];

bool places_initialize(void)
{
    for (int i = 0; i < PLACES; i++) {
        places[i].index = i;
        /* The debug information would be an allocation each, for a lock that hardly ever is waited for. */
        if (!InitializeCriticalSectionEx(&places[i].lock, 0, CRITICAL_SECTION_NO_DEBUG_INFO))
            return false;
    }
    return true;
}

void places_free(void)
{
    for (int i = 0; i < PLACES; i++) {
        chain_free_all(&places[i]);
        extension_free(&places[i]);
        sockets_free(&places[i].sockets);
        sockets_free(&places[i].slots_below);
        if (places[i].slots != NULL)
            slots_free(places[i].slots);
        free(places[i].slots);
        DeleteCriticalSection(&places[i].lock);
    }
    operation_free_all();
}
