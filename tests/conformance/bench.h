/* What the measurements of --bench share. */
#ifndef CONFORMANCE_BENCH_H
#define CONFORMANCE_BENCH_H

#include <stdbool.h>

/* Ends the run where a call has failed. */
void bench_need(bool good, const char *what);

/* Seconds, by the performance counter. */
double bench_now(void);

/* bench_receives.c: the seconds that `operations` receives took; a multiple of 256. */
double bench_receives(int family, long operations);

#endif
