/* The conformance program: uses the WS2 API as applications do, and says in TAP where it is not as the reference says.
 * It must give the same results bare, hosted, and over layers.
 * usage: conformance [--list] [--only GLOB] [--family 4|6] [--keep] [--expected FILE]… [--strict]
 *        conformance --bench [--only GLOB] [--factor N]
 * Status: 0 all passed, 1 a case failed, 2 wrong usage, 3 a case hangs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "topics.h"

static int usage(void)
{
    fprintf(stderr,
            "usage: conformance [--list] [--only GLOB] [--family 4|6] [--keep] [--expected FILE]... [--strict]\n"
            "       conformance --bench [--only GLOB] [--factor N]\n");
    return 2;
}

int main(int argc, char **argv)
{
#define TOPIC_CASES(name) name##_cases,
    static const struct test_case *const topics[] = {TOPICS(TOPIC_CASES) NULL};
    struct options options = {.only = NULL};
    bool bench = false;
    double factor = 1;
    if (argc > 1 && strcmp(argv[1], "--child") == 0)
        return duplicate_child(argc - 2, argv + 2);
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        if (strcmp(argv[i], "--list") == 0)
            options.list = true;
        else if (strcmp(argv[i], "--keep") == 0)
            options.keep = true;
        else if (strcmp(argv[i], "--strict") == 0)
            options.strict = true;
        else if (strcmp(argv[i], "--bench") == 0)
            bench = true;
        else if (value == NULL)
            return usage();
        else if (strcmp(argv[i], "--only") == 0)
            options.only = argv[++i];
        else if (strcmp(argv[i], "--family") == 0)
            options.family = atoi(argv[++i]);
        else if (strcmp(argv[i], "--expected") == 0 && options.expected_count < MAX_EXPECTED)
            options.expected[options.expected_count++] = argv[++i];
        else if (strcmp(argv[i], "--factor") == 0)
            factor = atof(argv[++i]);
        else
            return usage();
    }
    if (options.family != 0 && options.family != 4 && options.family != 6)
        return usage();
    return bench ? bench_run(factor, options.only) : harness_run(topics, &options);
}
