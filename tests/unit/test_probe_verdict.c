/* The verdict of a probe (cli/probe/verdict.h): what each combination of results is blamed on, and in which words. */
#include "support.h"

#include <stdio.h>
#include <string.h>

#include "cli/probe/verdict.h"

#define MS UINT64_C(1000000)

enum {
    REFUSED = 10061,
    TIMED_OUT = 10060,
    STATUS_REFUSED = (int)0xC0000236,
};

/* The verdict's results, built up way by way. */
static struct probe_result results[PROBE_RESULTS_MAX];
static size_t count;
static struct probe_verdict verdict;

static struct probe_result *add(enum probe_way way, char *entry, char *layer)
{
    struct probe_result *result = &results[count++];
    *result = (struct probe_result){.way = way, .entry = entry, .layer = layer, .tries = 1, .layer_id = 1000 + count};
    return result;
}

static struct probe_result *connects(struct probe_result *result, uint64_t milliseconds)
{
    result->succeeded = result->connected = result->tries;
    result->fastest = result->slowest = result->total = milliseconds * MS;
    return result;
}

static struct probe_result *fails(struct probe_result *result, uint32_t winsock)
{
    result->failure = (struct probe_failure){.step = "connect", .code = winsock, .winsock = winsock};
    snprintf(result->failure.name, sizeof result->failure.name, "E%u", (unsigned)winsock);
    return result;
}

static struct probe_result *answers(struct probe_result *result, char *answer, bool ended)
{
    result->answer = (unsigned char *)answer;
    result->answer_size = strlen(answer);
    result->answer_ended = ended;
    return result;
}

static struct probe_result *chain(void)
{
    return add(PROBE_CATALOG, "X over TCP", "X");
}

static struct probe_result *base(void)
{
    return add(PROBE_BASE, "TCP", NULL);
}

static struct probe_result *kernel(void)
{
    return add(PROBE_KERNEL, NULL, NULL);
}

static void judge(void)
{
    probe_judge(results, count, &verdict);
}

static int start(void **state)
{
    (void)state;
    count = 0;
    verdict = (struct probe_verdict){0};
    return 0;
}

static int stop(void **state)
{
    (void)state;
    probe_verdict_free(&verdict);
    return 0;
}

static void assert_says(const char *part)
{
    if (strstr(verdict.text, part) == NULL)
        fail_msg("no '%s' in: %s", part, verdict.text);
}

static void assert_advises(const char *part)
{
    assert_non_null(verdict.advice);
    if (strstr(verdict.advice, part) == NULL)
        fail_msg("no '%s' in: %s", part, verdict.advice);
}

static void assert_layer(const char *name)
{
    assert_false(verdict.agree);
    assert_int_equal(verdict.cause, PROBE_LAYERS);
    assert_int_equal(verdict.layer_count, 1);
    assert_string_equal(verdict.layers[0], name);
}

/* Each way connects (C), is refused (R), gets no answer (T), or is not tried (-); in the order chain, base, kernel. */
static const struct {
    const char *ways;
    bool agree;
    enum probe_cause cause;
    const char *says;
} cases[] = {
    {"CCC", true, PROBE_NO_CAUSE, "All ways are the same"},
    {"CC-", true, PROBE_NO_CAUSE, "All ways are the same"},
    {"RRR", true, PROBE_NETWORK, "neither a layer nor Winsock in user mode"},
    {"TTT", true, PROBE_NETWORK, "the network"},
    {"RR-", true, PROBE_NETWORK, "no layer is the cause, but Winsock in user mode, the network"},
    {"RCC", false, PROBE_LAYERS, "Layer 'X' is the cause"},
    {"RC-", false, PROBE_LAYERS, "Layer 'X' is the cause"},
    {"TCC", false, PROBE_LAYERS, "Layer 'X' is the cause"},
    {"CRR", false, PROBE_LAYERS, "Only layer 'X' makes the connection possible"},
    {"CR-", false, PROBE_LAYERS, "Only layer 'X' makes the connection possible"},
    {"TRR", false, PROBE_LAYERS, "layer 'X' changes the error"},
    {"RRC", false, PROBE_USER_MODE, "Winsock in user mode is the cause"},
    {"TTC", false, PROBE_USER_MODE, "Winsock in user mode is the cause"},
    {"CRC", false, PROBE_USER_MODE, "Winsock in user mode is the cause"},
    {"CCR", false, PROBE_KERNEL_ONLY, "Only the kernel's way is barred"},
    {"RRT", false, PROBE_UNCLEAR, "do not agree why"},
    {"RCR", false, PROBE_LAYERS, "Layer 'X' is the cause"},
};

static void set(struct probe_result *result, char way)
{
    if (way == 'C')
        connects(result, 5);
    else if (way == '-')
        result->untried = "not there";
    else
        fails(result, way == 'R' ? REFUSED : TIMED_OUT);
    if (result->way == PROBE_KERNEL && way == 'R')
        result->failure.code = (uint32_t)STATUS_REFUSED;
}

static void test_combinations(void **state)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        start(state);
        set(chain(), cases[i].ways[0]);
        set(base(), cases[i].ways[1]);
        set(kernel(), cases[i].ways[2]);
        judge();
        if (verdict.agree != cases[i].agree || verdict.cause != cases[i].cause)
            fail_msg("%s: agree %d, cause %s: %s", cases[i].ways, verdict.agree, probe_cause_name(verdict.cause),
                     verdict.text);
        assert_says(cases[i].says);
        probe_verdict_free(&verdict);
    }
    verdict = (struct probe_verdict){0};
}

static void test_words(void **state)
{
    (void)state;
    fails(chain(), REFUSED);
    connects(base(), 5);
    connects(kernel(), 4);
    judge();
    assert_string_equal(verdict.text,
                        "The chain 'X over TCP' fails to connect with E10061; the base entry 'TCP' connects in 5.0 ms; "
                        "Winsock Kernel connects in 4.0 ms. Layer 'X' is the cause.");
    assert_string_equal(verdict.advice, "try 'wsplsp remove \"X\"', or for one program 'wsplsp app exempt PROGRAM'");
}

static void test_missing_driver_is_advised(void **state)
{
    (void)state;
    fails(chain(), TIMED_OUT);
    fails(base(), TIMED_OUT);
    kernel()->untried = "not loaded";
    judge();
    assert_advises("nothing answers");
    assert_advises("wsplsp wsk load");
}

/* A name is of the layer's choosing, and must not become a command. */
static void test_hostile_name_is_not_advised(void **state)
{
    (void)state;
    fails(add(PROBE_CATALOG, "over TCP", "x\" & calc & \""), REFUSED);
    connects(base(), 5);
    judge();
    assert_advises("wsplsp remove 1001'");
    assert_null(strstr(verdict.advice, "calc"));
}

static void test_slower(void **state)
{
    (void)state;
    connects(chain(), 900);
    connects(base(), 5);
    judge();
    assert_layer("X");
    assert_says("Layer 'X' makes it 895 ms slower");
}

/* Not three times as slow, or less than 200 ms slower: no two connections take the same time. */
static void test_not_slower(void **state)
{
    static const uint64_t times[][2] = {{1400, 500}, {195, 2}, {5, 900}};
    for (size_t i = 0; i < 3; i++) {
        start(state);
        connects(chain(), times[i][0]);
        connects(base(), times[i][1]);
        judge();
        assert_true(verdict.agree);
        probe_verdict_free(&verdict);
    }
    verdict = (struct probe_verdict){0};
}

static void test_slower_than_the_kernel(void **state)
{
    (void)state;
    for (uint32_t tries = 1; tries <= 2; tries++) {
        start(state);
        for (int way = 0; way < 3; way++) {
            struct probe_result *result = way == 0 ? chain() : way == 1 ? base() : kernel();
            result->tries = tries;
            connects(result, way == 2 ? 5 : 900);
        }
        judge();
        assert_int_equal(verdict.agree, tries == 1);
        assert_int_equal(verdict.cause, tries == 1 ? PROBE_NO_CAUSE : PROBE_USER_MODE);
        probe_verdict_free(&verdict);
    }
    verdict = (struct probe_verdict){0};
}

static void test_other_answer(void **state)
{
    (void)state;
    answers(connects(chain(), 5), "hellp", false);
    answers(connects(base(), 5), "hello", false);
    judge();
    assert_layer("X");
    assert_says("differ from offset 4 on (unless the other side");
}

static void test_other_answer_confirmed(void **state)
{
    (void)state;
    answers(connects(chain(), 5), "hellp", false);
    answers(connects(base(), 5), "hello", false);
    answers(connects(kernel(), 5), "hello", false);
    judge();
    assert_layer("X");
    assert_says("differ from offset 4 on.");
}

/* What was received of an answer that has not ended may be its beginning; of one that has, it is all. */
static void test_lengths_of_answers(void **state)
{
    static const struct {
        char *chain, *base;
        bool ended, agree;
    } lengths[] = {
        {"hel", "hello", false, true}, {"hel", "hello", true, false},  {"", "hello", false, false},
        {"", "", false, true},         {"hello", "hello", true, true}, {"help", "hello", false, false},
    };
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        start(state);
        answers(connects(chain(), 5), lengths[i].chain, lengths[i].ended);
        answers(connects(base(), 5), lengths[i].base, lengths[i].ended);
        judge();
        assert_int_equal(verdict.agree, lengths[i].agree);
        probe_verdict_free(&verdict);
    }
    verdict = (struct probe_verdict){0};
}

static void test_hang(void **state)
{
    (void)state;
    fails(chain(), 0);
    fails(base(), TIMED_OUT);
    judge();
    assert_layer("X");
    assert_says("does not come back from connect");
}

static void test_at_times(void **state)
{
    (void)state;
    struct probe_result *result = fails(chain(), REFUSED);
    result->tries = 5;
    result->succeeded = result->connected = 3;
    connects(base(), 5);
    judge();
    assert_layer("X");
    assert_says("at times fails to connect with E10061 (2 of 5 times)");
}

static void test_unknown_status_is_no_difference(void **state)
{
    (void)state;
    fails(chain(), REFUSED);
    fails(base(), REFUSED);
    fails(kernel(), 0)->failure.code = 0xC0001234;
    judge();
    assert_true(verdict.agree);
}

static void three_layers(const char *ways)
{
    set(add(PROBE_CATALOG, "A over TCP", "A"), ways[0]);
    set(add(PROBE_LAYER, "B over TCP", "B"), ways[1]);
    set(add(PROBE_LAYER, "C over TCP", "C"), ways[2]);
    set(base(), ways[3]);
    judge();
}

static void test_each_layer(void **state)
{
    static const struct {
        const char *ways, *layer;
    } runs[] = {{"RCCC", "A"}, {"RRCC", "B"}, {"RRRC", "C"}, {"TRRC", "C"}, {"CCCR", "C"}};
    for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++) {
        start(state);
        three_layers(runs[i].ways);
        assert_layer(runs[i].layer);
        probe_verdict_free(&verdict);
    }
    verdict = (struct probe_verdict){0};
}

static void test_layers_that_cannot_be_entered(void **state)
{
    (void)state;
    three_layers("R-CC");
    assert_false(verdict.agree);
    assert_int_equal(verdict.layer_count, 2);
    assert_says("One of the layers 'A' and 'B' is the cause");
    assert_null(strstr(verdict.advice, "--each-layer"));
}

static void test_layers_that_were_not_asked_for(void **state)
{
    (void)state;
    results[1].unasked = true;
    set(add(PROBE_CATALOG, "A over TCP", "A"), 'R');
    set(add(PROBE_LAYER, "B over TCP", "B"), '-');
    results[1].unasked = true;
    set(base(), 'C');
    judge();
    assert_int_equal(verdict.layer_count, 2);
    assert_advises("--each-layer");
}

/* No layer: the catalog's entry is the base entry, and what differs between two tries of it is no layer's fault. */
static void test_no_layer(void **state)
{
    (void)state;
    fails(add(PROBE_CATALOG, "TCP", NULL), REFUSED);
    connects(base(), 5);
    judge();
    assert_false(verdict.agree);
    assert_int_equal(verdict.cause, PROBE_UNCLEAR);
    assert_int_equal(verdict.layer_count, 0);
    assert_null(verdict.advice);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_combinations, start, stop),
        cmocka_unit_test_setup_teardown(test_words, start, stop),
        cmocka_unit_test_setup_teardown(test_missing_driver_is_advised, start, stop),
        cmocka_unit_test_setup_teardown(test_hostile_name_is_not_advised, start, stop),
        cmocka_unit_test_setup_teardown(test_slower, start, stop),
        cmocka_unit_test_setup_teardown(test_not_slower, start, stop),
        cmocka_unit_test_setup_teardown(test_slower_than_the_kernel, start, stop),
        cmocka_unit_test_setup_teardown(test_other_answer, start, stop),
        cmocka_unit_test_setup_teardown(test_other_answer_confirmed, start, stop),
        cmocka_unit_test_setup_teardown(test_lengths_of_answers, start, stop),
        cmocka_unit_test_setup_teardown(test_hang, start, stop),
        cmocka_unit_test_setup_teardown(test_at_times, start, stop),
        cmocka_unit_test_setup_teardown(test_unknown_status_is_no_difference, start, stop),
        cmocka_unit_test_setup_teardown(test_each_layer, start, stop),
        cmocka_unit_test_setup_teardown(test_layers_that_cannot_be_entered, start, stop),
        cmocka_unit_test_setup_teardown(test_layers_that_were_not_asked_for, start, stop),
        cmocka_unit_test_setup_teardown(test_no_layer, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
