/* What looking a socket up costs (lsp-core/base/handle_table.h): 1 and 100,000 sockets, 1 and 2 threads. Native; prints
 * the best of several rounds in nanoseconds a look-up. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "lsp-core/base/handle_table.h"

enum { MANY = 100000, FINDS = 20000000, ROUNDS = 5 };

static struct sockets table;

struct work {
    uintptr_t count;
    double best;
};

static double now(void)
{
    struct timespec time;
    timespec_get(&time, TIME_UTC);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* In a stride, so that neighbouring look-ups are not in one cache line. */
static void *run(void *context)
{
    struct work *work = context;
    for (int round = 0; round < ROUNDS; round++) {
        double begin = now();
        for (uintptr_t i = 0, at = 0; i < FINDS; i++) {
            if (sockets_find(&table, (at + 1) << 2) != &table)
                abort();
            at += 7919;
            if (at >= work->count)
                at %= work->count;
        }
        double each = (now() - begin) / FINDS;
        if (round == 0 || each < work->best)
            work->best = each;
    }
    return NULL;
}

static void measure(uintptr_t count, int threads)
{
    struct work work[2] = {{count, 0}, {count, 0}};
    pthread_t other;
    if (threads == 2 && pthread_create(&other, NULL, run, &work[1]) != 0)
        abort();
    run(&work[0]);
    if (threads == 2)
        pthread_join(other, NULL);
    printf("%6lu sockets, %d thread%s: %5.2f ns\n", (unsigned long)count, threads, threads == 1 ? " " : "s",
           work[0].best);
}

int main(void)
{
    for (uintptr_t i = 1; i <= MANY; i++)
        if (!sockets_set(&table, i << 2, &table))
            return 1;
    measure(1, 1);
    measure(1, 2);
    measure(MANY, 1);
    measure(MANY, 2);
    sockets_free(&table);
    return 0;
}
