/* Times in names on Windows; see time_name.h. */
#include "time_name.h"

#include <stdio.h>
#include <windows.h>

void time_name_now(char text[TIME_NAME])
{
    SYSTEMTIME now;
    GetSystemTime(&now);
    snprintf(text, TIME_NAME, "%04u%02u%02uT%02u%02u%02u.%03uZ", now.wYear % 10000u, now.wMonth % 100u, now.wDay % 100u,
             now.wHour % 100u, now.wMinute % 100u, now.wSecond % 100u, now.wMilliseconds % 1000u);
}
