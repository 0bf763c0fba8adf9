/* What probe's command line takes (cli/probe/target.h), which entries it enters (cli/probe/plan.h) and which errors are
 * the same on both sides of the kernel (probe_errors.h). */
#include "support.h"

#include <stdlib.h>
#include <string.h>

#include "lsp-core/base/probe_errors.h"
#include "cli/probe/plan.h"
#include "cli/probe/target.h"

static struct wsplsp_error error;

static void test_targets(void **state)
{
    static const struct {
        const char *text, *host;
        uint16_t port;
    } good[] = {
        {"example.org:443", "example.org", 443},
        {"192.0.2.1:1", "192.0.2.1", 1},
        {"[::1]:65535", "::1", 65535},
        {"[fe80::1%3]:80", "fe80::1%3", 80},
        {"a:080", "a", 80},
    };
    static const char *const bad[] = {"",      "a",    ":80",   "a:",      "a:0",    "a:65536", "a:-1",
                                      "a:8x",  "[]:1", "[::1]", "[::1]80", "::1:80", "[::1:80", "a:4294967376",
                                      "a: 80", "a:80 "};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        char *host;
        uint16_t port;
        assert_int_equal(probe_read_target(good[i].text, &host, &port, &error), WSPLSP_OK);
        assert_string_equal(host, good[i].host);
        assert_int_equal(port, good[i].port);
        free(host);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char *host;
        uint16_t port;
        if (probe_read_target(bad[i], &host, &port, &error) != WSPLSP_USAGE)
            fail_msg("'%s' was taken", bad[i]);
        assert_true(error.hint[0] != '\0');
    }
}

static void test_brackets_are_asked_for(void **state)
{
    char *host;
    uint16_t port;
    (void)state;
    assert_int_equal(probe_read_target("fe80::1:80", &host, &port, &error), WSPLSP_USAGE);
    assert_non_null(strstr(error.message, "HOST:PORT"));
    assert_non_null(strstr(error.hint, "[::1]:80"));
}

static void test_timeouts(void **state)
{
    static const struct {
        const char *text;
        uint32_t milliseconds;
    } good[] = {{NULL, 5000}, {"1", 1}, {"500", 500}, {"500ms", 500}, {"5s", 5000}, {"10m", 600000}, {"600s", 600000}};
    static const char *const bad[] = {"", "0", "s", "5h", "601s", "11m", "600001", "-1", "1.5s", "4294967297", "5 s"};
    uint32_t milliseconds;
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_int_equal(probe_read_timeout(good[i].text, &milliseconds, &error), WSPLSP_OK);
        assert_int_equal(milliseconds, good[i].milliseconds);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (probe_read_timeout(bad[i], &milliseconds, &error) != WSPLSP_USAGE)
            fail_msg("'%s' was taken", bad[i]);
    }
}

static void test_counts(void **state)
{
    static const char *const bad[] = {"", "0", "11", "x", "1x", "-1", "4294967297"};
    uint32_t number;
    (void)state;
    assert_int_equal(probe_read_count(NULL, 10, &number, &error), WSPLSP_OK);
    assert_int_equal(number, 1);
    assert_int_equal(probe_read_count("10", 10, &number, &error), WSPLSP_OK);
    assert_int_equal(number, 10);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (probe_read_count(bad[i], 10, &number, &error) != WSPLSP_USAGE)
            fail_msg("'%s' was taken", bad[i]);
    }
}

static void test_send(void **state)
{
    static const char expected[] = "a\r\n\t\0\\\xffZ";
    static const char *const bad[] = {"", "\\", "\\q", "\\x", "\\x1", "\\xg0", "a\\"};
    unsigned char *bytes;
    size_t size;
    (void)state;
    assert_int_equal(probe_read_send("a\\r\\n\\t\\0\\\\\\xfF\\x5a", &bytes, &size, &error), WSPLSP_OK);
    assert_int_equal(size, sizeof expected - 1);
    assert_memory_equal(bytes, expected, size);
    free(bytes);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (probe_read_send(bad[i], &bytes, &size, &error) != WSPLSP_USAGE)
            fail_msg("'%s' was taken", bad[i]);
    }
    char *long_text = malloc(PROBE_SEND_MAX + 2);
    memset(long_text, 'x', PROBE_SEND_MAX + 1);
    long_text[PROBE_SEND_MAX + 1] = '\0';
    assert_int_equal(probe_read_send(long_text, &bytes, &size, &error), WSPLSP_USAGE);
    long_text[PROBE_SEND_MAX] = '\0';
    assert_int_equal(probe_read_send(long_text, &bytes, &size, &error), WSPLSP_OK);
    assert_int_equal(size, PROBE_SEND_MAX);
    free(bytes);
    free(long_text);
}

/* The values of ntstatus.h and winsock2.h in Microsoft's reference. */
static void test_errors(void **state)
{
    static const struct {
        uint32_t status, winsock;
        const char *status_name, *winsock_name;
    } pairs[] = {
        {0xC0000236, 10061, "STATUS_CONNECTION_REFUSED", "WSAECONNREFUSED"},
        {0xC00000B5, 10060, "STATUS_IO_TIMEOUT", "WSAETIMEDOUT"},
        {0xC000023C, 10051, "STATUS_NETWORK_UNREACHABLE", "WSAENETUNREACH"},
        {0xC000023D, 10065, "STATUS_HOST_UNREACHABLE", "WSAEHOSTUNREACH"},
        {0xC000020D, 10054, "STATUS_CONNECTION_RESET", "WSAECONNRESET"},
        {0xC0000241, 10053, "STATUS_CONNECTION_ABORTED", "WSAECONNABORTED"},
    };
    char name[48];
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        assert_int_equal(probe_winsock_of_ntstatus(pairs[i].status), pairs[i].winsock);
        probe_ntstatus_name(pairs[i].status, name, sizeof name);
        assert_string_equal(name, pairs[i].status_name);
        probe_winsock_name(pairs[i].winsock, name, sizeof name);
        assert_string_equal(name, pairs[i].winsock_name);
    }
    assert_int_equal(probe_winsock_of_ntstatus(0xC0001234), 0);
    assert_int_equal(probe_winsock_of_ntstatus(0), 0);
    probe_ntstatus_name(0xC0001234, name, sizeof name);
    assert_string_equal(name, "NTSTATUS 0xC0001234");
    probe_winsock_name(10999, name, sizeof name);
    assert_string_equal(name, "Winsock error 10999");
}

/* --- which entries --- */

enum { IPV4 = 2, IPV6 = 23, STREAM = 1, TCP_PROTOCOL = 6 };

static struct wsplsp_snapshot *snapshot;
static struct probe_result results[PROBE_RESULTS_MAX];
static const struct wsplsp_entry *entries[PROBE_RESULTS_MAX];

/* An entry of that chain: no members make a layer's own entry, one (its own id) a base. */
static void add_entry(uint32_t id, const char *name, int32_t family, size_t members, const uint32_t *chain)
{
    struct wsplsp_entry *entry = wsplsp_catalog_add_entry(&snapshot->catalogs[0]);
    entry->info.catalog_id = id;
    entry->info.family = family;
    entry->info.socket_type = STREAM;
    entry->info.protocol = TCP_PROTOCOL;
    entry->info.chain_len = (int32_t)members;
    memcpy(entry->info.chain, chain, members * sizeof chain[0]);
    entry->name = strdup(name);
}

static int make_snapshot(void **state)
{
    (void)state;
    snapshot = wsplsp_snapshot_new("test");
    snapshot->catalogs[0].present = true;
    return 0;
}

static void free_results(size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(results[i].entry);
        free(results[i].layer);
        free(results[i].untried);
    }
}

static int free_snapshot(void **state)
{
    (void)state;
    wsplsp_snapshot_free(snapshot);
    return 0;
}

static size_t plan(int32_t family, bool each_layer)
{
    struct choose_application any = {false, 0};
    return probe_plan(&snapshot->catalogs[0], family, any, each_layer, results, entries);
}

/* A and B over TCP, as they pile up: with a chain of B alone below (or not), the base last. */
static void add_two_layers(bool with_rest)
{
    add_entry(5, "A over B over TCP", IPV4, 3, (uint32_t[]){10, 11, 1});
    if (with_rest)
        add_entry(6, "B over TCP", IPV4, 2, (uint32_t[]){11, 1});
    add_entry(7, "B over TCP6", IPV6, 2, (uint32_t[]){11, 2});
    add_entry(1, "TCP", IPV4, 1, (uint32_t[]){1});
    add_entry(2, "TCP6", IPV6, 1, (uint32_t[]){2});
    add_entry(10, "A", IPV4, 0, (uint32_t[]){0});
    add_entry(11, "B", IPV4, 0, (uint32_t[]){0});
}

static void test_plan_layers(void **state)
{
    (void)state;
    add_two_layers(true);
    size_t count = plan(IPV4, true);
    assert_int_equal(count, 3);
    assert_int_equal(results[0].way, PROBE_CATALOG);
    assert_string_equal(results[0].entry, "A over B over TCP");
    assert_string_equal(results[0].layer, "A");
    assert_int_equal(results[0].layer_id, 10);
    assert_null(entries[0]); /* as an application: Winsock chooses */
    assert_int_equal(results[1].way, PROBE_LAYER);
    assert_string_equal(results[1].layer, "B");
    assert_int_equal(entries[1]->info.catalog_id, 6);
    assert_null(results[1].untried);
    assert_int_equal(results[2].way, PROBE_BASE);
    assert_int_equal(entries[2]->info.catalog_id, 1);
    free_results(count);
}

static void test_plan_without_each_layer(void **state)
{
    (void)state;
    add_two_layers(true);
    size_t count = plan(IPV4, false);
    assert_int_equal(count, 3);
    assert_non_null(results[1].untried);
    assert_true(results[1].unasked);
    free_results(count);
}

/* A layer's own entry makes no sockets: without a chain of it over the same base it cannot be entered. */
static void test_plan_layer_without_chain(void **state)
{
    (void)state;
    add_two_layers(false);
    size_t count = plan(IPV4, true);
    assert_int_equal(count, 3);
    assert_non_null(results[1].untried);
    assert_false(results[1].unasked);
    assert_null(entries[1]);
    assert_string_equal(results[1].layer, "B");
    free_results(count);
}

/* A layer's own entry may have what is left of a chain in it, and makes no sockets all the same. */
static void test_plan_remnant_of_chain(void **state)
{
    (void)state;
    add_two_layers(false);
    add_entry(12, "C", IPV4, 2, (uint32_t[]){11, 1});
    snapshot->catalogs[0].entries[snapshot->catalogs[0].entry_count - 1].info.chain_len = 0;
    size_t count = plan(IPV4, true);
    assert_null(entries[1]);
    assert_non_null(results[1].untried);
    free_results(count);
}

/* Some installers put the lower chain's id into the chain, not the lower layer's own. */
static void test_plan_chain_of_chains(void **state)
{
    (void)state;
    add_entry(5, "A over B over TCP", IPV4, 3, (uint32_t[]){10, 6, 1});
    add_entry(6, "B over TCP", IPV4, 2, (uint32_t[]){11, 1});
    add_entry(1, "TCP", IPV4, 1, (uint32_t[]){1});
    add_entry(10, "A", IPV4, 0, (uint32_t[]){0});
    add_entry(11, "B", IPV4, 0, (uint32_t[]){0});
    size_t count = plan(IPV4, true);
    assert_int_equal(count, 3);
    assert_string_equal(results[1].layer, "B");
    assert_int_equal(results[1].layer_id, 11);
    assert_int_equal(entries[1]->info.catalog_id, 6);
    free_results(count);
}

static void test_plan_base_only(void **state)
{
    (void)state;
    add_entry(1, "TCP", IPV4, 1, (uint32_t[]){1});
    size_t count = plan(IPV4, true);
    assert_int_equal(count, 2);
    assert_null(results[0].layer);
    assert_int_equal(entries[1]->info.catalog_id, 1);
    free_results(count);
}

static void test_plan_damaged(void **state)
{
    (void)state;
    add_entry(5, "A over nothing", IPV4, 7, (uint32_t[]){10, 20, 21, 22, 23, 24, 25});
    size_t count = plan(IPV4, true);
    assert_int_equal(count, 8); /* and Winsock Kernel: PROBE_RESULTS_MAX */
    assert_string_equal(results[0].layer, "entry 10, which is missing");
    assert_non_null(results[7].untried);
    free_results(count);
    count = plan(IPV6, true);
    assert_int_equal(count, 2);
    assert_null(results[0].entry);
    assert_null(results[0].untried); /* an application's call is made, and fails */
    assert_non_null(results[1].untried);
    free_results(count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_targets),
        cmocka_unit_test(test_brackets_are_asked_for),
        cmocka_unit_test(test_timeouts),
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_send),
        cmocka_unit_test(test_errors),
        cmocka_unit_test_setup_teardown(test_plan_layers, make_snapshot, free_snapshot),
        cmocka_unit_test_setup_teardown(test_plan_without_each_layer, make_snapshot, free_snapshot),
        cmocka_unit_test_setup_teardown(test_plan_layer_without_chain, make_snapshot, free_snapshot),
        cmocka_unit_test_setup_teardown(test_plan_remnant_of_chain, make_snapshot, free_snapshot),
        cmocka_unit_test_setup_teardown(test_plan_chain_of_chains, make_snapshot, free_snapshot),
        cmocka_unit_test_setup_teardown(test_plan_base_only, make_snapshot, free_snapshot),
        cmocka_unit_test_setup_teardown(test_plan_damaged, make_snapshot, free_snapshot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
