/* A test program's results as TAP. One scenario is one line; a failed expectation says where and what, and the scenario
 * goes on. */
#ifndef WSPLSP_TESTS_TAP_H
#define WSPLSP_TESTS_TAP_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int tap_count, tap_failed;
static bool tap_good;

#define EXPECT(condition)                                             \
    do {                                                              \
        if (!(condition)) {                                           \
            tap_good = false;                                         \
            printf("# line %d: expected %s\n", __LINE__, #condition); \
        }                                                             \
    } while (0)

#define EXPECT_TEXT(actual, wanted)                                             \
    do {                                                                        \
        const char *tap_actual = (actual);                                      \
        if (tap_actual == NULL || strcmp(tap_actual, (wanted)) != 0) {          \
            tap_good = false;                                                   \
            printf("# line %d: %s is '%s', expected '%s'\n", __LINE__, #actual, \
                   tap_actual == NULL ? "(null)" : tap_actual, (wanted));       \
        }                                                                       \
    } while (0)

#define RUN(scenario)                                                             \
    do {                                                                          \
        tap_good = true;                                                          \
        scenario();                                                               \
        tap_failed += !tap_good;                                                  \
        printf("%sok %d - %s\n", tap_good ? "" : "not ", ++tap_count, #scenario); \
    } while (0)

/* The program's exit status. */
static inline int tap_end(void)
{
    printf("1..%d\n", tap_count);
    return tap_failed > 0;
}

#endif
