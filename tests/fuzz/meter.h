/* What every fuzz target checks beside crashes: how much memory one input makes the library hold at its peak, and how
 * long it takes. Part of one program each, so all of it is static. */
#ifndef WSPLSP_FUZZ_METER_H
#define WSPLSP_FUZZ_METER_H

#include <sanitizer/allocator_interface.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define METER_FACTOR  64 /* the limit, in times the input's size */
#define METER_SECONDS 10 /* of processor time, sanitizers included */

/* Of the thread that runs the input: libFuzzer has another one. */
static _Thread_local bool meter_running;
static size_t meter_live;
static size_t meter_peak;
static clock_t meter_begin;

static void meter_on_malloc(const volatile void *pointer, size_t size)
{
    (void)pointer;
    if (!meter_running)
        return;
    meter_live += size;
    if (meter_live > meter_peak)
        meter_peak = meter_live;
}

static void meter_on_free(const volatile void *pointer)
{
    if (meter_running && pointer != NULL)
        meter_live -= __sanitizer_get_allocated_size(pointer);
}

static inline void meter_start(void)
{
    static bool installed;
    if (!installed)
        __sanitizer_install_malloc_and_free_hooks(meter_on_malloc, meter_on_free);
    installed = true;
    meter_live = 0;
    meter_peak = 0;
    meter_begin = clock();
    meter_running = true;
}

/* `constant` is what even an empty input may take. */
static inline void meter_stop(size_t input_size, size_t constant)
{
    meter_running = false;
    double seconds = (double)(clock() - meter_begin) / CLOCKS_PER_SEC;
    if (meter_peak > METER_FACTOR * input_size + constant) {
        fprintf(stderr, "%zu bytes held for an input of %zu\n", meter_peak, input_size);
        abort();
    }
    if (seconds > METER_SECONDS) {
        fprintf(stderr, "%.1f s for an input of %zu bytes\n", seconds, input_size);
        abort();
    }
}

#define FUZZ_EXPECT(condition)                                                            \
    do {                                                                                  \
        if (!(condition)) {                                                               \
            fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #condition); \
            abort();                                                                      \
        }                                                                                 \
    } while (0)

#endif
