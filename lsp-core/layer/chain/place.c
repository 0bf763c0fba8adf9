/* The layer's places; see place.h. */
#include "place.h"

#include <stdlib.h>

#include "chain.h"
#include "extension.h"

struct place places[PLACES];

void places_initialize(void)
{
    for (int i = 0; i < PLACES; i++)
        places[i].index = i;
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
    }
}
