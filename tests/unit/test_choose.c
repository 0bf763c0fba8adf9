/* Which entry serves a socket (lsp-core/catalog/choose.h). The catalog is Windows 8's base entries (id, flags, ranges
 * as in its registry) with one layer above TCP. The error codes are those that Windows gives for the same arguments
 * (the pages of socket and WSASocket; Wine's ws2_32 conformance tests, which run on Windows, have the same table). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lsp-core/catalog/choose.h"
#include "lsp-core/base/text.h"

enum { INET = 2, INET6 = 23, STREAM = 1, DGRAM = 2, RAW = 3, TCP = 6, UDP = 17 };
enum { ZERO = 8, HIDDEN = 4 }; /* PFL_MATCHES_PROTOCOL_ZERO, PFL_HIDDEN */

#define SYSTEM    0x80000000u
#define INSPECTOR 0x1u
#define FIREWALL  0x8u
#define CRYPTO    0x40u

static struct wsplsp_snapshot *snapshot;
static struct wsplsp_catalog *catalog;
static const struct choose_application anyone = {false, 0};

static struct wsplsp_entry *add(uint32_t id, int32_t chain_len, uint32_t flags, int32_t family, int32_t type,
                                int32_t protocol, int32_t offset)
{
    struct wsplsp_entry *entry = wsplsp_catalog_add_entry(catalog);
    assert_non_null(entry);
    entry->info.catalog_id = id;
    entry->info.provider_id.bytes[0] = (uint8_t)id;
    entry->info.chain_len = chain_len;
    entry->info.chain[0] = id;
    entry->info.provider_flags = flags;
    entry->info.family = family;
    entry->info.socket_type = type;
    entry->info.protocol = protocol;
    entry->info.protocol_max_offset = offset;
    return entry;
}

static void add_chain(uint32_t id, const uint32_t *chain, int32_t length, int32_t family, int32_t type,
                      int32_t protocol)
{
    struct wsplsp_entry *entry = add(id, length, ZERO, family, type, protocol, 0);
    memcpy(entry->info.chain, chain, (size_t)length * sizeof(*chain));
}

static void add_layer(uint32_t id, bool categorized, uint32_t categories)
{
    struct wsplsp_entry *entry = add(id, 0, HIDDEN, INET, STREAM, TCP, 0);
    entry->has_categories = categorized;
    entry->categories = categories;
}

static void add_bases(void)
{
    add(1001, 1, ZERO, INET, STREAM, TCP, 0);
    add(1002, 1, ZERO, INET, DGRAM, UDP, 0);
    add(1003, 1, ZERO | HIDDEN, INET, RAW, 0, 255);
    add(1004, 1, ZERO, INET6, STREAM, TCP, 0);
    add(1005, 1, ZERO, INET6, DGRAM, UDP, 0);
    add(1006, 1, ZERO | HIDDEN, INET6, RAW, 0, 255);
    add(1061, 1, 0, 17, 5, -6, 0); /* NetBIOS, as Windows 7 has it */
    add(1063, 1, 0, 17, 5, -1, 0);
}

static int setup(void **state)
{
    (void)state;
    snapshot = wsplsp_snapshot_new("test");
    if (snapshot == NULL)
        return -1;
    catalog = &snapshot->catalogs[0];
    catalog->present = true;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    wsplsp_snapshot_free(snapshot);
    return 0;
}

static uint32_t chosen(int32_t family, int32_t type, int32_t protocol, struct choose_application application)
{
    const struct wsplsp_entry *entry = NULL;
    if (choose_socket(catalog, family, type, protocol, application, &entry) != CHOOSE_OK)
        return 0;
    return entry->info.catalog_id;
}

static enum choose_error failure(int32_t family, int32_t type, int32_t protocol)
{
    const struct wsplsp_entry *entry = NULL;
    enum choose_error error = choose_socket(catalog, family, type, protocol, anyone, &entry);
    assert_null(entry);
    return error;
}

static void test_first_match(void **state)
{
    (void)state;
    add_bases();
    assert_int_equal(chosen(INET, STREAM, TCP, anyone), 1001);
    assert_int_equal(chosen(INET, STREAM, 0, anyone), 1001);
    assert_int_equal(chosen(INET, DGRAM, 0, anyone), 1002);
    assert_int_equal(chosen(INET6, STREAM, TCP, anyone), 1004);
    assert_int_equal(chosen(INET6, DGRAM, UDP, anyone), 1005);
    assert_int_equal(chosen(17, 5, -6, anyone), 1061);
}

static void test_wildcards(void **state)
{
    (void)state;
    add_bases();
    assert_int_equal(chosen(INET, 0, 0, anyone), 1001);
    assert_int_equal(chosen(INET6, 0, UDP, anyone), 1005);
    assert_int_equal(chosen(0, 0, TCP, anyone), 1001);
    assert_int_equal(chosen(0, DGRAM, UDP, anyone), 1002);
    assert_int_equal(chosen(0, 0, 255, anyone), 1003); /* IPPROTO_RAW */
}

/* iProtocolMaxOffset: an entry stands for a range; the raw entries, hidden on every Windows, make raw sockets. */
static void test_raw(void **state)
{
    (void)state;
    add_bases();
    assert_int_equal(chosen(INET, RAW, 1, anyone), 1003);
    assert_int_equal(chosen(INET, RAW, TCP, anyone), 1003);
    assert_int_equal(chosen(INET6, RAW, 255, anyone), 1006);
    assert_int_equal(chosen(INET6, RAW, 58, anyone), 1006);
    assert_int_equal(failure(INET, RAW, 256), CHOOSE_PROTOCOL_NOT_SUPPORTED);
    assert_int_equal(failure(INET, RAW, -1), CHOOSE_PROTOCOL_NOT_SUPPORTED);
}

static void test_errors(void **state)
{
    (void)state;
    add_bases();
    assert_int_equal(failure(0, 0, 0), CHOOSE_INVALID);
    assert_int_equal(failure(0, STREAM, 0), CHOOSE_INVALID);
    assert_int_equal(failure(0, -1, 0), CHOOSE_INVALID);
    assert_int_equal(failure(0, 0xdead, 0), CHOOSE_INVALID);
    assert_int_equal(failure(0, STREAM, -1), CHOOSE_PROTOCOL_NOT_SUPPORTED);
    assert_int_equal(failure(0, -1, UDP), CHOOSE_TYPE_NOT_SUPPORTED);
    assert_int_equal(failure(INET, -1, 0), CHOOSE_TYPE_NOT_SUPPORTED);
    assert_int_equal(failure(INET, 0xdead, 0), CHOOSE_TYPE_NOT_SUPPORTED);
    assert_int_equal(failure(INET, 0, -1), CHOOSE_PROTOCOL_NOT_SUPPORTED);
    assert_int_equal(failure(0, -1, -1), CHOOSE_TYPE_NOT_SUPPORTED);
    assert_int_equal(failure(-1, STREAM, UDP), CHOOSE_FAMILY_NOT_SUPPORTED);
    assert_int_equal(failure(0, 0, 0xdead), CHOOSE_PROTOCOL_NOT_SUPPORTED);
    assert_int_equal(failure(INET, STREAM, UDP), CHOOSE_PROTOCOL_NOT_SUPPORTED);
    assert_int_equal(failure(INET, DGRAM, TCP), CHOOSE_PROTOCOL_NOT_SUPPORTED);
    assert_int_equal(failure(26, STREAM, 0), CHOOSE_FAMILY_NOT_SUPPORTED);
    /* No wildcard without PFL_MATCHES_PROTOCOL_ZERO. */
    assert_int_equal(failure(17, 5, 0), CHOOSE_PROTOCOL_NOT_SUPPORTED);
}

/* "Unchained protocol layers … do not lead to an error code of WSAEAFNOSUPPORT or WSAEPROTONOSUPPORT" (socket). */
static void test_layer_entry(void **state)
{
    (void)state;
    add_layer(1100, false, 0);
    assert_int_equal(failure(INET, STREAM, TCP), CHOOSE_FAMILY_NOT_SUPPORTED);
    add(1002, 1, ZERO, INET, DGRAM, UDP, 0);
    assert_int_equal(failure(INET, STREAM, TCP), CHOOSE_TYPE_NOT_SUPPORTED);
}

static void test_order(void **state)
{
    static const uint32_t chain[] = {1100, 1001};
    (void)state;
    add_chain(1101, chain, 2, INET, STREAM, TCP);
    add_bases();
    add_chain(1102, chain, 2, INET, STREAM, TCP);
    add_layer(1100, false, 0);
    assert_int_equal(chosen(INET, STREAM, TCP, anyone), 1101);
    assert_int_equal(chosen(INET, DGRAM, UDP, anyone), 1002);
    assert_int_equal(chosen(0, 0, TCP, anyone), 1101);
}

static void test_undecoded(void **state)
{
    (void)state;
    add(1001, 1, ZERO, INET, STREAM, TCP, 0)->undecoded = text_duplicate("truncated");
    assert_int_equal(failure(INET, STREAM, TCP), CHOOSE_FAMILY_NOT_SUPPORTED);
}

/* The example of "Categorizing Layered Service Providers and Applications": Foo.exe loads LSP1 alone, Bar.exe LSP3. */
static void test_category_example(void **state)
{
    const struct choose_application foo = {true, SYSTEM | FIREWALL | CRYPTO};
    const struct choose_application bar = {true, FIREWALL | CRYPTO};
    (void)state;
    assert_true(choose_categories_match(foo, SYSTEM));
    assert_false(choose_categories_match(foo, 0));
    assert_false(choose_categories_match(foo, FIREWALL));
    assert_false(choose_categories_match(foo, SYSTEM | FIREWALL | CRYPTO | INSPECTOR));
    assert_false(choose_categories_match(bar, SYSTEM));
    assert_false(choose_categories_match(bar, 0));
    assert_true(choose_categories_match(bar, FIREWALL));
    assert_false(choose_categories_match(bar, SYSTEM | FIREWALL | CRYPTO | INSPECTOR));
    assert_true(choose_categories_match(anyone, 0));
    assert_true(choose_categories_match(anyone, SYSTEM));
}

/* A chain is left out if any of its layers is not permitted; the next entry in order serves instead. */
static void test_chain_categories(void **state)
{
    static const uint32_t both[] = {1100, 1101, 1001};
    static const uint32_t one[] = {1101, 1001};
    const struct choose_application firewall = {true, FIREWALL};
    const struct choose_application system = {true, SYSTEM};
    (void)state;
    add_chain(1110, both, 3, INET, STREAM, TCP);
    add_chain(1111, one, 2, INET, STREAM, TCP);
    add_bases();
    add_layer(1100, true, INSPECTOR);
    add_layer(1101, true, FIREWALL);
    assert_int_equal(chosen(INET, STREAM, TCP, anyone), 1110);
    assert_int_equal(chosen(INET, STREAM, TCP, firewall), 1111);
    assert_int_equal(chosen(INET, STREAM, TCP, system), 1001);
}

/* A layer that is not categorized, and one that the catalog has not: "its category is effectively zero". */
static void test_uncategorized_layer(void **state)
{
    static const uint32_t chain[] = {1100, 1001};
    static const uint32_t lost[] = {1199, 1001};
    const struct choose_application firewall = {true, FIREWALL};
    (void)state;
    add_chain(1110, chain, 2, INET, STREAM, TCP);
    add_chain(1111, lost, 2, INET, STREAM, TCP);
    add_bases();
    add_layer(1100, false, 0);
    assert_int_equal(chosen(INET, STREAM, TCP, firewall), 1001);
    assert_int_equal(chosen(INET, STREAM, TCP, anyone), 1110);
}

static void test_named(void **state)
{
    static const uint32_t chain[] = {1100, 1001};
    const struct choose_application firewall = {true, FIREWALL};
    struct wsplsp_guid id = {{(uint8_t)1002}};
    (void)state;
    add_bases();
    add_chain(1110, chain, 2, INET, STREAM, TCP);
    add_layer(1100, false, 0);
    assert_int_equal(choose_named(catalog, 1002, &id, anyone)->info.catalog_id, 1002);
    assert_null(choose_named(catalog, 1001, &id, anyone));
    assert_null(choose_named(catalog, 4711, &id, anyone));
    id.bytes[0] = (uint8_t)1100;
    assert_null(choose_named(catalog, 1100, &id, anyone)); /* a layer's own entry */
    id.bytes[0] = (uint8_t)1110;
    assert_non_null(choose_named(catalog, 1110, &id, anyone));
    assert_null(choose_named(catalog, 1110, &id, firewall));
}

static void test_family(void **state)
{
    static const uint32_t chain[] = {1100, 1004};
    (void)state;
    add_layer(1100, false, 0);
    add_bases();
    add_chain(1110, chain, 2, INET6, STREAM, TCP);
    assert_int_equal(choose_family(catalog, INET, anyone)->info.catalog_id, 1001);
    assert_int_equal(choose_family(catalog, INET6, anyone)->info.catalog_id, 1004);
    assert_null(choose_family(catalog, 26, anyone));
    assert_null(choose_family(catalog, 0, anyone));
}

static void test_base(void **state)
{
    static const uint32_t chain[] = {1100, 1001};
    (void)state;
    add_chain(1110, chain, 2, INET, STREAM, TCP);
    add_bases();
    assert_int_equal(choose_base(catalog, INET, STREAM, TCP)->info.catalog_id, 1001);
    assert_int_equal(choose_base(catalog, INET, RAW, 1)->info.catalog_id, 1003);
    assert_null(choose_base(catalog, 6, STREAM, 0));
}

/* What the catalog speaks of, usable by the application or not: the host looks no further for that. */
static void test_lists(void **state)
{
    static const uint32_t chain[] = {1100, 1001};
    (void)state;
    add_layer(1100, false, 0);
    add_chain(1110, chain, 2, INET, STREAM, TCP);
    assert_true(choose_lists(catalog, INET, STREAM, TCP));
    assert_true(choose_lists(catalog, INET, 0, TCP));
    assert_true(choose_lists(catalog, 0, 0, TCP));
    assert_false(choose_lists(catalog, INET, DGRAM, UDP));
    assert_false(choose_lists(catalog, INET, RAW, 1));
    assert_false(choose_lists(catalog, 1, STREAM, 0));
    assert_true(choose_lists_family(catalog, INET));
    assert_false(choose_lists_family(catalog, INET6));
    add_bases();
    assert_true(choose_lists(catalog, INET, RAW, 1)); /* hidden entries, too */
    assert_true(choose_lists(catalog, INET, RAW, 0));
    assert_false(choose_lists(catalog, INET, RAW, 256));
    assert_false(choose_lists(catalog, 1, STREAM, 0));
    assert_true(choose_lists_family(catalog, 17));
}

/* WSAEnumProtocols: neither layer entries nor hidden ones, and of a list only those protocols. */
static void test_enumerated(void **state)
{
    static const int tcp_only[] = {TCP, 0};
    static const int none[] = {0};
    static const uint32_t chain[] = {1100, 1001};
    const struct choose_application firewall = {true, FIREWALL};
    size_t all = 0, tcp = 0, permitted = 0, listed = 0;
    (void)state;
    add_chain(1110, chain, 2, INET, STREAM, TCP);
    add_bases();
    add_layer(1100, false, 0);
    for (size_t i = 0; i < catalog->entry_count; i++) {
        const struct wsplsp_entry *entry = &catalog->entries[i];
        all += choose_enumerated(catalog, entry, NULL, anyone);
        tcp += choose_enumerated(catalog, entry, tcp_only, anyone);
        permitted += choose_enumerated(catalog, entry, tcp_only, firewall);
        listed += choose_enumerated(catalog, entry, none, anyone);
    }
    assert_int_equal(all, 7);
    assert_int_equal(tcp, 3);
    assert_int_equal(permitted, 2);
    assert_int_equal(listed, 0);
}

static bool same_path(const char *stored, const char *path)
{
    return strcmp(stored, path) == 0;
}

static void add_application(const char *path, const char *arguments, uint32_t categories)
{
    struct wsplsp_application *application = wsplsp_snapshot_add_application(snapshot);
    assert_non_null(application);
    application->path = text_duplicate(path);
    application->arguments = arguments == NULL ? NULL : text_duplicate(arguments);
    application->categories = categories;
}

/* WSCSetApplicationCategory: Extra distinguishes "instances of Svchost.exe"; NULL is for all of them. */
static void test_application(void **state)
{
    (void)state;
    add_application("svchost", NULL, FIREWALL);
    add_application("svchost", "-k net", SYSTEM);
    struct choose_application net = choose_application(snapshot, "svchost", "-k net", same_path);
    struct choose_application other = choose_application(snapshot, "svchost", "-k rpc", same_path);
    struct choose_application bare = choose_application(snapshot, "svchost", NULL, same_path);
    assert_true(net.categorized && net.permitted == SYSTEM);
    assert_true(other.categorized && other.permitted == FIREWALL);
    assert_true(bare.categorized && bare.permitted == FIREWALL);
    assert_false(choose_application(snapshot, "notepad", "", same_path).categorized);
}

static void test_application_undecoded(void **state)
{
    (void)state;
    add_application("svchost", NULL, FIREWALL);
    snapshot->applications[0].undecoded = text_duplicate("no PermittedLspCategories");
    assert_false(choose_application(snapshot, "svchost", "", same_path).categorized);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_first_match),
        CASE(test_wildcards),
        CASE(test_raw),
        CASE(test_errors),
        CASE(test_layer_entry),
        CASE(test_order),
        CASE(test_undecoded),
        CASE(test_category_example),
        CASE(test_chain_categories),
        CASE(test_uncategorized_layer),
        CASE(test_named),
        CASE(test_family),
        CASE(test_base),
        CASE(test_lists),
        CASE(test_enumerated),
        CASE(test_application),
        CASE(test_application_undecoded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
