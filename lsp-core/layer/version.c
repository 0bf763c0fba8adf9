/* The version negotiation of WSPStartup; see version.h. */
#include "version.h"

/* The high byte holds the minor version, so the words do not compare as numbers. */
static uint16_t order(uint16_t version)
{
    return (uint16_t)(version << 8 | version >> 8);
}

bool version_negotiate(struct version_range own, uint16_t requested, struct version_answer *answer)
{
    if (order(requested) < order(own.lowest))
        return false;
    answer->highest = own.highest;
    answer->version = order(requested) < order(own.highest) ? requested : own.highest;
    return true;
}
