/* Times of the performance counter. */
#include "clock.h"

static LONGLONG frequency(void)
{
    LARGE_INTEGER value;
    KeQueryPerformanceCounter(&value);
    return value.QuadPart;
}

/* In two parts, since the product alone overflows after some minutes. */
static ULONGLONG scaled(LONGLONG ticks, ULONGLONG units_per_second)
{
    if (ticks <= 0)
        return 0;
    ULONGLONG per_second = (ULONGLONG)frequency();
    return (ULONGLONG)ticks / per_second * units_per_second +
           (ULONGLONG)ticks % per_second * units_per_second / per_second;
}

LONGLONG clock_now(void)
{
    return KeQueryPerformanceCounter(NULL).QuadPart;
}

ULONGLONG clock_ns(LONGLONG ticks)
{
    return scaled(ticks, 1000000000);
}

LONGLONG clock_deadline(ULONG milliseconds)
{
    return clock_now() + frequency() * (LONGLONG)(milliseconds / 1000) +
           frequency() * (LONGLONG)(milliseconds % 1000) / 1000;
}

LARGE_INTEGER clock_timeout(LONGLONG deadline)
{
    LARGE_INTEGER timeout;
    timeout.QuadPart = -(LONGLONG)scaled(deadline - clock_now(), 10000000);
    return timeout;
}
