/* Times of the performance counter, and how long something may take. IRQL: any. */
#ifndef WSPLSP_CORE_WSK_CLOCK_H
#define WSPLSP_CORE_WSK_CLOCK_H

#include "nt.h"

/* KeQueryPerformanceCounter. */
LONGLONG clock_now(void);

/* Ticks as nanoseconds; 0 for less than none. */
ULONGLONG clock_ns(LONGLONG ticks);

/* The moment `milliseconds` from now. */
LONGLONG clock_deadline(ULONG milliseconds);

/* What KeWaitForSingleObject takes to wait until then: relative, never positive. */
LARGE_INTEGER clock_timeout(LONGLONG deadline);

#endif
