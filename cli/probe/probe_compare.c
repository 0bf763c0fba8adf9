/* Compares two ways of a probe; see probe_compare.h. */
#include "probe_compare.h"

/* A layer has to do something for its living, and a network is never the same twice. */
#define SLOWER_TIMES 3
#define SLOWER_BY    (200 * UINT64_C(1000000)) /* nanoseconds */

bool probe_succeeded(const struct probe_result *result)
{
    return result->succeeded == result->tries;
}

size_t probe_answers_differ_at(const struct probe_result *a, const struct probe_result *b)
{
    size_t common = a->answer_size < b->answer_size ? a->answer_size : b->answer_size;
    size_t at = 0;
    while (at < common && a->answer[at] == b->answer[at])
        at++;
    return at;
}

/* An answer that the peer has not ended may be the beginning of a longer one, but not nothing. */
static bool same_answer(const struct probe_result *a, const struct probe_result *b)
{
    if (a->answer == NULL || b->answer == NULL)
        return true;
    size_t at = probe_answers_differ_at(a, b);
    if (at < a->answer_size && at < b->answer_size)
        return false;
    if (a->answer_ended && b->answer_ended)
        return a->answer_size == b->answer_size;
    return (a->answer_size == 0) == (b->answer_size == 0);
}

/* An NTSTATUS that no Winsock error stands for is not held against the other one. */
static bool same_error(const struct probe_failure *a, const struct probe_failure *b)
{
    if ((a->code == 0) != (b->code == 0))
        return false; /* a call that did not come back */
    return a->winsock == b->winsock || a->winsock == 0 || b->winsock == 0;
}

/* The fastest of the tries counts, so that one lost packet does not accuse anybody. Winsock Kernel is tried last, when
 * the network knows the way already: against it a single try does not count. */
static bool much_slower(const struct probe_result *upper, const struct probe_result *lower)
{
    if (upper->connected == 0 || lower->connected == 0 || (lower->way == PROBE_KERNEL && upper->connected < 2))
        return false;
    return upper->fastest > lower->fastest * SLOWER_TIMES && upper->fastest - lower->fastest > SLOWER_BY;
}

enum probe_difference probe_compare(const struct probe_result *upper, const struct probe_result *lower)
{
    bool upper_fine = probe_succeeded(upper), lower_fine = probe_succeeded(lower);
    if (upper_fine != lower_fine)
        return upper_fine ? PROBE_LOWER_FAILS : PROBE_UPPER_FAILS;
    if (!upper_fine && !same_error(&upper->failure, &lower->failure))
        return PROBE_OTHER_ERROR;
    if (upper_fine && !same_answer(upper, lower))
        return PROBE_OTHER_ANSWER;
    return much_slower(upper, lower) ? PROBE_UPPER_SLOWER : PROBE_ALIKE;
}
