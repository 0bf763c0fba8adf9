/* What both builds share about hives. */
#include "hive.h"

#include <string.h>

bool hive_recognise(const void *bytes, size_t size)
{
    return size >= 4 && memcmp(bytes, "regf", 4) == 0;
}
