/* The SPI calls that the bench times, one function each. */
#ifndef TESTS_LAYER_BENCH_CALLS_H
#define TESTS_LAYER_BENCH_CALLS_H

#include <stdbool.h>
#include <winsock2.h>
#include <ws2spi.h>

struct call {
    const char *name;
    bool (*run)(const WSPPROC_TABLE *procs, SOCKET s); /* whether it succeeded */
};

/* Ends with a NULL name. */
extern const struct call calls[];

#endif
