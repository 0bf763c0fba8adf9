/* Times in names on a POSIX system; see time_name.h. */
#include "time_name.h"

#include <stdio.h>
#include <time.h>

void time_name_now(char text[TIME_NAME])
{
    struct timespec now;
    struct tm utc;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    size_t length = strftime(text, TIME_NAME, "%Y%m%dT%H%M%S", &utc);
    snprintf(text + length, TIME_NAME - length, ".%03uZ", (unsigned)(now.tv_nsec / 1000000) % 1000);
}
