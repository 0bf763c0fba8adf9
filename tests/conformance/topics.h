/* The topics, one a file. Each list ends with a case without name. */
#ifndef CONFORMANCE_TOPICS_H
#define CONFORMANCE_TOPICS_H

#include "harness.h"

#define TOPICS(X)       \
    X(startup)          \
    X(enum)             \
    X(tcp)              \
    X(udp)              \
    X(select)           \
    X(poll)             \
    X(mixed)            \
    X(events)           \
    X(async)            \
    X(overlapped_event) \
    X(overlapped_apc)   \
    X(iocp)             \
    X(extensions)       \
    X(duplicate)        \
    X(oob)              \
    X(shutdown)         \
    X(cancel)           \
    X(errors)           \
    X(options)          \
    X(ioctl)            \
    X(ioctl_overlapped) \
    X(addresses)        \
    X(unlisted)         \
    X(provider_info)    \
    X(late)

#define DECLARE_TOPIC(name) extern const struct test_case name##_cases[];
TOPICS(DECLARE_TOPIC)

/* duplicate.c: what this program does as a child of itself; its exit status is 0 where all went well. */
int duplicate_child(int argc, char **argv);

/* bench.c: prints one line for each measurement. `factor` multiplies the number of operations. 0 if all went well. */
int bench_run(double factor, const char *only);

#endif
