/* Whether two ways of a probe went alike, and if not, how they differ. Portable. */
#ifndef WSPLSP_CLI_PROBE_PROBE_COMPARE_H
#define WSPLSP_CLI_PROBE_PROBE_COMPARE_H

#include "report.h"

/* How the upper of two ways differs from the lower one. */
enum probe_difference {
    PROBE_ALIKE,
    PROBE_UPPER_FAILS,
    PROBE_LOWER_FAILS,
    PROBE_OTHER_ERROR,  /* both fail, with different errors */
    PROBE_OTHER_ANSWER, /* the answers differ */
    PROBE_UPPER_SLOWER, /* much */
};

enum probe_difference probe_compare(const struct probe_result *upper, const struct probe_result *lower);

/* Whether every try of it succeeded. */
bool probe_succeeded(const struct probe_result *result);

/* The offset from which two answers differ: the shorter one's size where that is all. */
size_t probe_answers_differ_at(const struct probe_result *a, const struct probe_result *b);

#endif
