/* Layers put over a system's base entries: what `wsplsp run --layer` makes of its arguments. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lsp-core/catalog/flags.h"
#include "lsp-core/catalog/layers.h"
#include "lsp-core/base/text.h"

/* Provider ids that can be told apart. */
static enum wsplsp_status count_id(struct wsplsp_guid *id, struct wsplsp_error *error)
{
    static uint8_t count;
    (void)error;
    memset(id, 0, sizeof *id);
    id->bytes[0] = ++count;
    return WSPLSP_OK;
}

static void add_base(struct wsplsp_catalog *catalog, uint32_t id, int family, int type, int protocol, uint32_t flags)
{
    struct wsplsp_entry *entry = wsplsp_catalog_add_entry(catalog);
    assert_non_null(entry);
    entry->info.catalog_id = id;
    entry->info.chain_len = 1;
    entry->info.family = family;
    entry->info.socket_type = type;
    entry->info.protocol = protocol;
    entry->info.service_flags[0] = XP1_IFS_HANDLES | 0x66;
    entry->info.provider_flags = flags;
    entry->name = text_format("base %u", id);
    entry->name_raw = text_format("base %u", id);
}

/* TCP and UDP, raw, one of another family; a hidden second base of TCP; a foreign chain that is not to be taken over.
 */
static struct wsplsp_snapshot *make_seed(void)
{
    struct wsplsp_error error;
    struct wsplsp_snapshot *seed, *system = wsplsp_snapshot_new("a test");
    struct wsplsp_catalog *catalog = &system->catalogs[0];
    catalog->present = true;
    add_base(catalog, 1001, 2, 1, 6, PFL_MATCHES_PROTOCOL_ZERO);
    add_base(catalog, 1002, 2, 2, 17, PFL_MATCHES_PROTOCOL_ZERO);
    add_base(catalog, 1003, 2, 3, 0, PFL_MATCHES_PROTOCOL_ZERO | PFL_HIDDEN); /* as Windows has it */
    add_base(catalog, 1004, 23, 1, 6, 0);
    add_base(catalog, 1005, 17, 1, 6, 0);
    add_base(catalog, 1006, 2, 1, 6, PFL_HIDDEN);
    add_base(catalog, 1007, 2, 1, 6, 0);
    catalog->entries[6].info.chain_len = 2;
    assert_int_equal(layers_seed(system, &seed, &error), WSPLSP_OK);
    wsplsp_snapshot_free(system);
    return seed;
}

static enum wsplsp_status add(struct wsplsp_snapshot *snapshot, const char *name, bool ifs, const char *over,
                              struct wsplsp_error *error)
{
    const char *const list[] = {over};
    struct layer layer = {.dll = "C:\\layer.dll", .name = name, .bits = 64, .ifs = ifs, .over = list, .over_count = 1};
    return layers_add(snapshot, &layer, count_id, error);
}

/* The ids of the 64-bit catalog, in order. */
static void assert_ids(const struct wsplsp_snapshot *snapshot, const char *expected)
{
    char text[256] = "";
    for (size_t i = 0; i < snapshot->catalogs[0].entry_count; i++) {
        const struct wsplsp_entry *entry = &snapshot->catalogs[0].entries[i];
        size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, "%s%u", i > 0 ? " " : "", entry->info.catalog_id);
        assert_int_equal(entry->position, i + 1);
    }
    assert_string_equal(text, expected);
}

static const struct wsplsp_entry *find(const struct wsplsp_snapshot *snapshot, uint32_t id)
{
    const struct wsplsp_entry *entry = wsplsp_catalog_find(&snapshot->catalogs[0], id);
    assert_non_null(entry);
    return entry;
}

static void test_seed_is_the_base_entries(void **state)
{
    (void)state;
    struct wsplsp_snapshot *seed = make_seed();
    assert_ids(seed, "1001 1002 1003 1004 1005 1006");
    assert_string_equal(seed->catalogs[0].entries[0].name, "base 1001");
    assert_non_null(seed->catalogs[0].entries[0].dll); /* Wine does not say; a catalog cannot be written without */
    assert_true(seed->catalogs[1].present);
    assert_int_equal(seed->catalogs[1].entry_count, 6);
    wsplsp_snapshot_free(seed);
}

static void test_layer_over_tcp(void **state)
{
    (void)state;
    struct wsplsp_error error;
    struct wsplsp_snapshot *snapshot = make_seed();
    assert_int_equal(add(snapshot, "Probe", true, "tcp", &error), WSPLSP_OK);
    /* Chains first, in the order of their bases, one for each type of protocol; the layer last. */
    assert_ids(snapshot, "1008 1009 1001 1002 1003 1004 1005 1006 1007");
    const struct wsplsp_entry *layer = find(snapshot, 1007), *chain = find(snapshot, 1008);
    assert_int_equal(wsplsp_entry_kind(layer), WSPLSP_KIND_LAYER);
    assert_int_equal(layer->info.provider_flags & PFL_HIDDEN, PFL_HIDDEN);
    assert_string_equal(layer->name, "Probe");
    assert_string_equal(layer->dll, "C:\\layer.dll");
    assert_int_equal(chain->info.chain_len, 2);
    assert_int_equal(chain->info.chain[0], 1007);
    assert_int_equal(chain->info.chain[1], 1001);
    assert_int_equal(chain->info.provider_flags, PFL_MATCHES_PROTOCOL_ZERO);
    assert_int_equal(chain->info.service_flags[0], XP1_IFS_HANDLES | 0x66);
    assert_string_equal(chain->name, "Probe over [base 1001]");
    assert_false(wsplsp_guid_equal(&chain->info.provider_id, &layer->info.provider_id));
    assert_false(wsplsp_guid_equal(&chain->info.provider_id, &find(snapshot, 1009)->info.provider_id));
    assert_int_equal(snapshot->catalogs[1].entry_count, 6); /* the 32-bit catalog is not a 64-bit DLL's */
    wsplsp_snapshot_free(snapshot);
}

static void test_what_layers_go_over(void **state)
{
    (void)state;
    static const struct {
        const char *over, *ids;
    } cases[] = {
        {"udp", "1008 1001 1002 1003 1004 1005 1006 1007"},
        {"raw", "1008 1001 1002 1003 1004 1005 1006 1007"},
        {"1006", "1008 1001 1002 1003 1004 1005 1006 1007"},
        {"1005", "1008 1001 1002 1003 1004 1005 1006 1007"},
        {"all", "1008 1009 1010 1011 1012 1001 1002 1003 1004 1005 1006 1007"},
    };
    static const uint32_t bases[] = {1002, 1003, 1006, 1005, 1001};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct wsplsp_error error;
        struct wsplsp_snapshot *snapshot = make_seed();
        assert_int_equal(add(snapshot, "Probe", true, cases[i].over, &error), WSPLSP_OK);
        assert_ids(snapshot, cases[i].ids);
        assert_int_equal(find(snapshot, 1008)->info.chain[1], bases[i]);
        wsplsp_snapshot_free(snapshot);
    }
}

static void test_non_ifs(void **state)
{
    (void)state;
    struct wsplsp_error error;
    struct wsplsp_snapshot *snapshot = make_seed();
    assert_int_equal(add(snapshot, "Below", false, "udp", &error), WSPLSP_OK);
    assert_int_equal(add(snapshot, "Above", true, "udp", &error), WSPLSP_OK);
    assert_int_equal(find(snapshot, 1007)->info.service_flags[0], 0x66);
    assert_int_equal(find(snapshot, 1008)->info.service_flags[0], 0x66);
    /* The handles that the upper layer passes on are the lower one's. */
    assert_int_equal(find(snapshot, 1009)->info.service_flags[0], XP1_IFS_HANDLES | 0x66);
    assert_int_equal(find(snapshot, 1010)->info.service_flags[0], 0x66);
    wsplsp_snapshot_free(snapshot);
}

static void test_layers_pile_up(void **state)
{
    (void)state;
    struct wsplsp_error error;
    struct wsplsp_snapshot *snapshot = make_seed();
    assert_int_equal(add(snapshot, "Lower", true, "udp", &error), WSPLSP_OK);
    assert_int_equal(add(snapshot, "Upper", true, "udp", &error), WSPLSP_OK);
    assert_ids(snapshot, "1010 1008 1001 1002 1003 1004 1005 1006 1007 1009");
    const struct wsplsp_protocol_info *chain = &find(snapshot, 1010)->info;
    assert_int_equal(chain->chain_len, 3);
    assert_int_equal(chain->chain[0], 1009);
    assert_int_equal(chain->chain[1], 1007);
    assert_int_equal(chain->chain[2], 1002);
    /* A chain has 7 entries at most: the base and 6 layers. */
    for (int i = 0; i < 4; i++)
        assert_int_equal(add(snapshot, "More", true, "udp", &error), WSPLSP_OK);
    assert_int_equal(snapshot->catalogs[0].entries[0].info.chain_len, 7);
    assert_int_equal(add(snapshot, "Too much", true, "udp", &error), WSPLSP_USAGE);
    wsplsp_snapshot_free(snapshot);
}

static void test_nothing_to_go_over(void **state)
{
    (void)state;
    struct wsplsp_error error;
    struct wsplsp_snapshot *snapshot = make_seed();
    assert_int_equal(add(snapshot, "Probe", true, "4711", &error), WSPLSP_NOT_FOUND);
    assert_int_equal(add(snapshot, "Probe", true, "", &error), WSPLSP_NOT_FOUND);
    assert_ids(snapshot, "1001 1002 1003 1004 1005 1006");
    wsplsp_snapshot_free(snapshot);
}

/* A catalog that is not only bases, and has given ids before. */
static void test_layer_over_a_whole_catalog(void **state)
{
    (void)state;
    struct wsplsp_error error;
    struct wsplsp_snapshot *snapshot = make_seed();
    struct wsplsp_catalog *catalog = &snapshot->catalogs[0];
    assert_int_equal(add(snapshot, "Hidden", true, "tcp", &error), WSPLSP_OK);
    catalog->entries[0].info.provider_flags |= PFL_HIDDEN; /* programs get it all the same: see choose_socket */
    catalog->entries[1].info.chain_len = 200;              /* no chain that can be read */
    add_base(catalog, 1010, 2, 1, 6, 0);
    catalog->entries[catalog->entry_count - 1].undecoded = text_duplicate("a test");
    snapshot->next_catalog_id = (struct wsplsp_counter){true, 2000};
    assert_int_equal(add(snapshot, "Top", false, "tcp", &error), WSPLSP_OK);
    assert_ids(snapshot, "2001 2002 1008 1009 1001 1002 1003 1004 1005 1006 1007 1010 2000");
    assert_int_equal(find(snapshot, 2001)->info.chain_len, 3);
    assert_int_equal(find(snapshot, 2001)->info.chain[1], 1007);
    assert_int_equal(find(snapshot, 2002)->info.chain_len, 2);
    assert_int_equal(find(snapshot, 2002)->info.chain[1], 1004);
    assert_string_equal(find(snapshot, 2002)->name, "Top over [base 1004]");
    assert_int_equal(snapshot->next_catalog_id.value, 2003);
    wsplsp_snapshot_free(snapshot);
}

/* Winsock finds a provider's DLL by its id. */
static void test_one_provider_id_for_each(void **state)
{
    (void)state;
    struct wsplsp_error error;
    struct wsplsp_snapshot *snapshot = make_seed();
    static const struct wsplsp_guid id = {{1, 2, 3}};
    static const char *const over[] = {"tcp"};
    struct layer layer = {.dll = "C:\\a.dll", .name = "A", .id = &id, .bits = 64, .over = over, .over_count = 1};
    assert_int_equal(layers_add(snapshot, &layer, count_id, &error), WSPLSP_OK);
    assert_true(wsplsp_guid_equal(&find(snapshot, 1007)->info.provider_id, &id));
    layer.name = "B";
    assert_int_equal(layers_add(snapshot, &layer, count_id, &error), WSPLSP_USAGE);
    assert_string_equal(error.name, "SAME_GUID");
    assert_ids(snapshot, "1008 1009 1001 1002 1003 1004 1005 1006 1007");
    /* The other bitness' DLL of the same layer is in a catalog of its own. */
    layer.bits = 32;
    assert_int_equal(layers_add(snapshot, &layer, count_id, &error), WSPLSP_OK);
    wsplsp_snapshot_free(snapshot);
}

static bool add_to_seed(void *context)
{
    struct wsplsp_error error;
    struct wsplsp_snapshot *seed;
    if (layers_seed(context, &seed, &error) != WSPLSP_OK)
        return false;
    enum wsplsp_status status = add(seed, "Probe", true, "all", &error);
    wsplsp_snapshot_free(seed);
    return status == WSPLSP_OK;
}

static void test_survives_without_memory(void **state)
{
    (void)state;
    struct wsplsp_snapshot *system = make_seed();
    support_fail_allocations(add_to_seed, system);
    wsplsp_snapshot_free(system);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_seed_is_the_base_entries),
        cmocka_unit_test(test_layer_over_tcp),
        cmocka_unit_test(test_what_layers_go_over),
        cmocka_unit_test(test_non_ifs),
        cmocka_unit_test(test_layers_pile_up),
        cmocka_unit_test(test_nothing_to_go_over),
        cmocka_unit_test(test_layer_over_a_whole_catalog),
        cmocka_unit_test(test_one_provider_id_for_each),
        cmocka_unit_test(test_survives_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
