/* Loads one SYSTEM hive over and over, as a fleet's inventory loads one after the other: hives per second for 100,
 * 1,000 and 10,000 of them. The last column is the time for a hive against the first row's. bench_hive HIVE */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "lsp-core/catalog/source.h"

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void load(const char *path)
{
    struct wsplsp_snapshot *snapshot;
    struct wsplsp_error error;
    if (source_load_file(path, 0, &snapshot, &error) != WSPLSP_OK) {
        fprintf(stderr, "%s\n", error.message);
        exit(1);
    }
    wsplsp_snapshot_free(snapshot);
}

int main(int argument_count, char **arguments)
{
    static const size_t counts[] = {100, 1000, 10000};
    double first = 0;
    if (argument_count != 2) {
        fputs("usage: bench_hive HIVE\n", stderr);
        return 2;
    }
    for (size_t i = 0; i < 3; i++) {
        double start = now();
        for (size_t j = 0; j < counts[i]; j++)
            load(arguments[1]);
        double each = (now() - start) / (double)counts[i];
        first = i == 0 ? each : first;
        printf("%-12s %6zu hives   %10.0f hives/s    x%.2f\n", "hive load", counts[i], 1 / each, each / first);
        fflush(stdout);
    }
    return 0;
}
