/* What the WSC* functions do to a catalog: the effects and refusals that their reference pages name, and that a changed
 * catalog is what is read back after it was written. */
#include "support.h"

#include <stdlib.h>
#include <string.h>

#include "lsp-core/catalog/edit.h"
#include "lsp-core/catalog/flags.h"
#include "lsp-core/catalog/layout.h"
#include "lsp-core/registry/regtree.h"
#include "lsp-core/base/text.h"

static const struct wsplsp_guid base_id = {{1}}, foreign_id = {{2}}, own_id = {{3}}, unknown_id = {{9}};
static uint8_t ids_made;

static bool count_id(struct wsplsp_guid *id)
{
    memset(id, 0, sizeof *id);
    id->bytes[0] = 100;
    id->bytes[1] = ++ids_made;
    return true;
}

static bool no_id(struct wsplsp_guid *id)
{
    (void)id;
    return false;
}

static bool same_path(const char *stored, const char *path)
{
    return text_compare_nocase(stored, path) == 0;
}

static void set_name(struct wsplsp_protocol_info *info, const char *name)
{
    for (size_t i = 0; i <= strlen(name); i++)
        info->name[i] = (uint8_t)name[i];
}

static struct wsplsp_entry *add(struct wsplsp_catalog *catalog, uint32_t id, const struct wsplsp_guid *provider,
                                int family, int type, int protocol, const char *name)
{
    struct wsplsp_entry *entry = wsplsp_catalog_add_entry(catalog);
    if (entry == NULL)
        return NULL;
    entry->info.catalog_id = id;
    entry->info.provider_id = *provider;
    entry->info.chain_len = 1;
    entry->info.family = family;
    entry->info.socket_type = type;
    entry->info.protocol = protocol;
    entry->info.service_flags[0] = XP1_IFS_HANDLES | 0x66;
    set_name(&entry->info, name);
    entry->name_raw = text_duplicate(name);
    entry->name = text_duplicate(name);
    entry->dll = text_duplicate("%SystemRoot%\\system32\\mswsock.dll");
    return entry;
}

/* Both catalogs: 1001 TCP, 1002 UDP, 1003 a second TCP, 1004 hidden RAW, 1005 IPv6 TCP; the 32-bit one lacks 1005. */
static struct wsplsp_snapshot *make(void)
{
    struct wsplsp_snapshot *snapshot = wsplsp_snapshot_new("a test");
    if (snapshot == NULL)
        return NULL;
    for (size_t c = 0; c < 2; c++) {
        struct wsplsp_catalog *catalog = &snapshot->catalogs[c];
        catalog->present = true;
        if (add(catalog, 1001, &base_id, 2, 1, 6, "TCP") == NULL ||
            add(catalog, 1002, &base_id, 2, 2, 17, "UDP") == NULL)
            goto failed;
        if (add(catalog, 1003, &foreign_id, 2, 1, 6, "TCP too") == NULL)
            goto failed;
        struct wsplsp_entry *hidden = add(catalog, 1004, &base_id, 2, 3, 0, "RAW");
        if (hidden == NULL)
            goto failed;
        hidden->info.provider_flags = PFL_HIDDEN;
        if (c == 0 && add(catalog, 1005, &base_id, 23, 1, 6, "TCP6") == NULL)
            goto failed;
    }
    return snapshot;
failed:
    wsplsp_snapshot_free(snapshot);
    return NULL;
}

static void assert_order(const struct wsplsp_catalog *catalog, size_t count, const uint32_t *ids)
{
    assert_int_equal(catalog->entry_count, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(catalog->entries[i].info.catalog_id, ids[i]);
        assert_int_equal(catalog->entries[i].position, i + 1);
        assert_ptr_equal(wsplsp_catalog_find(catalog, ids[i]), &catalog->entries[i]);
    }
}

#define ASSERT_ORDER(catalog, ...)                                       \
    do {                                                                 \
        const uint32_t wanted[] = {__VA_ARGS__};                         \
        assert_order((catalog), sizeof wanted / sizeof *wanted, wanted); \
    } while (0)

/* The snapshot as it is read back after it has been written; frees the given one. */
static struct wsplsp_snapshot *written_and_read(struct wsplsp_snapshot *snapshot)
{
    struct wsplsp_error error;
    struct reg_key *key;
    assert_int_equal(layout_write(snapshot, &key, &error), WSPLSP_OK);
    wsplsp_snapshot_free(snapshot);
    snapshot = wsplsp_snapshot_new("a test");
    assert_int_equal(layout_read(key, snapshot, &error), WSPLSP_OK);
    reg_key_free(key);
    return snapshot;
}

static struct catalog_edit_provider provider_of(const struct wsplsp_guid *id, const struct wsplsp_protocol_info *infos,
                                                size_t count)
{
    return (struct catalog_edit_provider){*id, "%SystemRoot%\\own.dll", infos, count};
}

static void install_appends_entries_with_new_ids(void **state)
{
    struct wsplsp_protocol_info infos[2] = {{.chain_len = 1, .family = 40, .catalog_id = 77}, {.chain_len = 2}};
    infos[1].chain[0] = 1001;
    set_name(&infos[0], "Own");
    struct catalog_edit_provider provider = provider_of(&own_id, infos, 2);
    struct wsplsp_snapshot *snapshot = make();
    (void)state;
    assert_int_equal(catalog_edit_install(snapshot, CATALOG_EDIT_64, &provider), CATALOG_EDIT_DONE);
    ASSERT_ORDER(&snapshot->catalogs[0], 1001, 1002, 1003, 1004, 1005, 1006, 1007);
    assert_int_equal(snapshot->catalogs[1].entry_count, 4);
    snapshot = written_and_read(snapshot);
    const struct wsplsp_entry *entry = &snapshot->catalogs[0].entries[5];
    assert_int_equal(entry->info.family, 40);
    assert_true(wsplsp_guid_equal(&entry->info.provider_id, &own_id));
    assert_string_equal(entry->name, "Own");
    assert_string_equal(entry->dll, "%SystemRoot%\\own.dll");
    assert_int_equal(entry[1].info.chain[0], 1001);
    assert_int_equal(snapshot->next_catalog_id.value, 1008);
    assert_int_equal(snapshot->catalogs[0].entries_stored.value, 7);
    wsplsp_snapshot_free(snapshot);
}

static void install_in_both_catalogs_gives_one_id(void **state)
{
    struct wsplsp_protocol_info info = {.chain_len = 1};
    struct catalog_edit_provider provider = provider_of(&own_id, &info, 1);
    struct wsplsp_snapshot *snapshot = make();
    (void)state;
    assert_int_equal(catalog_edit_install(snapshot, CATALOG_EDIT_64 | CATALOG_EDIT_32, &provider), CATALOG_EDIT_DONE);
    ASSERT_ORDER(&snapshot->catalogs[0], 1001, 1002, 1003, 1004, 1005, 1006);
    ASSERT_ORDER(&snapshot->catalogs[1], 1001, 1002, 1003, 1004, 1006);
    wsplsp_snapshot_free(snapshot);
}

static void install_heeds_the_stored_counter(void **state)
{
    struct wsplsp_protocol_info info = {.chain_len = 1};
    struct catalog_edit_provider provider = provider_of(&own_id, &info, 1);
    struct wsplsp_snapshot *snapshot = make();
    (void)state;
    snapshot->next_catalog_id = (struct wsplsp_counter){true, 2000};
    assert_int_equal(catalog_edit_install(snapshot, CATALOG_EDIT_64, &provider), CATALOG_EDIT_DONE);
    assert_int_equal(snapshot->catalogs[0].entries[5].info.catalog_id, 2000);
    assert_int_equal(snapshot->next_catalog_id.value, 2001);
    wsplsp_snapshot_free(snapshot);
}

static void refuse_install(struct wsplsp_snapshot *snapshot, struct catalog_edit_provider provider,
                           enum catalog_edit_result why)
{
    assert_int_equal(catalog_edit_install(snapshot, CATALOG_EDIT_64 | CATALOG_EDIT_32, &provider), why);
    ASSERT_ORDER(&snapshot->catalogs[0], 1001, 1002, 1003, 1004, 1005);
    ASSERT_ORDER(&snapshot->catalogs[1], 1001, 1002, 1003, 1004);
    assert_false(snapshot->serial.present);
}

static void install_refuses_what_is_wrong(void **state)
{
    struct wsplsp_protocol_info infos[2] = {{.chain_len = 1}, {.chain_len = 1}};
    struct catalog_edit_provider good = provider_of(&own_id, infos, 2), bad = good;
    struct wsplsp_snapshot *snapshot = make();
    char path[261];
    (void)state;
    refuse_install(snapshot, provider_of(&base_id, infos, 2), CATALOG_EDIT_INSTALLED);
    refuse_install(snapshot, provider_of(&own_id, infos, 0), CATALOG_EDIT_BAD_LIST);
    bad.dll = "";
    refuse_install(snapshot, bad, CATALOG_EDIT_BAD_PATH);
    memset(path, 'p', sizeof path - 1);
    path[260] = '\0'; /* MAX_PATH is 260 with the NUL */
    bad.dll = path;
    refuse_install(snapshot, bad, CATALOG_EDIT_BAD_PATH);
    bad.dll = "\xe4\xb8\xad.dll"; /* no character of the catalog's code page */
    refuse_install(snapshot, bad, CATALOG_EDIT_BAD_PATH);
    infos[1].chain_len = 8;
    refuse_install(snapshot, good, CATALOG_EDIT_CHAIN_TOO_LONG);
    infos[1].chain_len = -1;
    refuse_install(snapshot, good, CATALOG_EDIT_BAD_LIST);
    infos[1].chain_len = 7;
    path[259] = '\0';
    good.dll = path;
    snapshot->catalogs[1].present = false;
    refuse_install(snapshot, good, CATALOG_EDIT_NO_CATALOG);
    snapshot->catalogs[1].present = true;
    assert_int_equal(catalog_edit_install(snapshot, CATALOG_EDIT_64, &good), CATALOG_EDIT_DONE);
    wsplsp_snapshot_free(snapshot);
}

static void update_changes_infos_and_path(void **state)
{
    struct wsplsp_protocol_info info = {.chain_len = 1, .family = 41, .catalog_id = 1002};
    struct wsplsp_snapshot *snapshot = written_and_read(make());
    struct catalog_edit_provider provider = provider_of(&base_id, &info, 1);
    (void)state;
    info.provider_id = unknown_id;
    set_name(&info, "UDP, renamed");
    assert_int_equal(catalog_edit_update(snapshot, 64, &provider), CATALOG_EDIT_DONE);
    snapshot = written_and_read(snapshot);
    ASSERT_ORDER(&snapshot->catalogs[0], 1001, 1002, 1003, 1004, 1005);
    const struct wsplsp_entry *entries = snapshot->catalogs[0].entries;
    assert_int_equal(entries[1].info.family, 41);
    assert_string_equal(entries[1].name, "UDP, renamed");
    assert_true(wsplsp_guid_equal(&entries[1].info.provider_id, &base_id));
    assert_string_equal(entries[0].dll, "%SystemRoot%\\own.dll");
    assert_string_equal(entries[1].dll, "%SystemRoot%\\own.dll");
    assert_string_equal(entries[2].dll, "%SystemRoot%\\system32\\mswsock.dll");
    assert_int_equal(entries[0].info.family, 2);
    assert_int_equal(snapshot->catalogs[1].entries[1].info.family, 2);
    wsplsp_snapshot_free(snapshot);
}

static void update_refuses_what_is_not_the_providers(void **state)
{
    struct wsplsp_protocol_info infos[2] = {{.chain_len = 1, .catalog_id = 1001}, {.chain_len = 1, .catalog_id = 1003}};
    struct wsplsp_snapshot *snapshot = make();
    struct catalog_edit_provider provider = provider_of(&base_id, infos, 2);
    (void)state;
    assert_int_equal(catalog_edit_update(snapshot, 64, &provider), CATALOG_EDIT_UNKNOWN);
    assert_int_equal(snapshot->catalogs[0].entries[0].info.family, 2);
    provider = provider_of(&unknown_id, infos, 1);
    assert_int_equal(catalog_edit_update(snapshot, 64, &provider), CATALOG_EDIT_UNKNOWN);
    provider = provider_of(&base_id, infos, 0);
    assert_int_equal(catalog_edit_update(snapshot, 64, &provider), CATALOG_EDIT_BAD_LIST);
    assert_string_equal(snapshot->catalogs[0].entries[0].dll, "%SystemRoot%\\system32\\mswsock.dll");
    wsplsp_snapshot_free(snapshot);
}

static void remove_takes_one_provider_of_one_catalog(void **state)
{
    struct wsplsp_protocol_info info = {.chain_len = 1};
    struct catalog_edit_provider provider = provider_of(&own_id, &info, 1);
    struct wsplsp_snapshot *snapshot = written_and_read(make());
    uint32_t serial = snapshot->serial.value;
    (void)state;
    assert_int_equal(catalog_edit_remove(snapshot, 64, &base_id), CATALOG_EDIT_DONE);
    snapshot = written_and_read(snapshot);
    ASSERT_ORDER(&snapshot->catalogs[0], 1003);
    ASSERT_ORDER(&snapshot->catalogs[1], 1001, 1002, 1003, 1004);
    assert_int_equal(snapshot->catalogs[0].entries_stored.value, 1);
    assert_int_equal(snapshot->serial.value, serial + 1);
    assert_int_equal(catalog_edit_remove(snapshot, 64, &base_id), CATALOG_EDIT_UNKNOWN);
    /* 1005 was the highest id, and is not given again. */
    assert_int_equal(catalog_edit_install(snapshot, CATALOG_EDIT_64, &provider), CATALOG_EDIT_DONE);
    ASSERT_ORDER(&snapshot->catalogs[0], 1003, 1006);
    wsplsp_snapshot_free(snapshot);
}

static void order_is_a_permutation(void **state)
{
    static const uint32_t good[] = {1005, 1003, 1001, 1004, 1002}, twice[] = {1005, 1003, 1001, 1004, 1005},
                          strange[] = {1005, 1003, 1001, 1004, 1099}, more[] = {1005, 1003, 1001, 1004, 1002, 1002};
    struct wsplsp_snapshot *snapshot = written_and_read(make());
    (void)state;
    assert_int_equal(catalog_edit_order(snapshot, 64, twice, 5), CATALOG_EDIT_BAD_ORDER);
    assert_int_equal(catalog_edit_order(snapshot, 64, strange, 5), CATALOG_EDIT_BAD_ORDER);
    assert_int_equal(catalog_edit_order(snapshot, 64, good, 4), CATALOG_EDIT_BAD_ORDER);
    assert_int_equal(catalog_edit_order(snapshot, 64, more, 6), CATALOG_EDIT_BAD_ORDER);
    ASSERT_ORDER(&snapshot->catalogs[0], 1001, 1002, 1003, 1004, 1005);
    assert_int_equal(catalog_edit_order(snapshot, 64, good, 5), CATALOG_EDIT_DONE);
    snapshot = written_and_read(snapshot);
    ASSERT_ORDER(&snapshot->catalogs[0], 1005, 1003, 1001, 1004, 1002);
    ASSERT_ORDER(&snapshot->catalogs[1], 1001, 1002, 1003, 1004);
    wsplsp_snapshot_free(snapshot);
}

static void order_keeps_undecoded_entries_in_place(void **state)
{
    static const uint32_t ids[] = {1005, 1004, 1003, 1001};
    struct wsplsp_snapshot *snapshot = make();
    struct wsplsp_catalog *catalog = &snapshot->catalogs[0];
    (void)state;
    catalog->entries[1].undecoded = text_duplicate("damaged");
    assert_int_equal(catalog_edit_order(snapshot, 64, ids, 4), CATALOG_EDIT_DONE);
    assert_int_equal(catalog->entries[0].info.catalog_id, 1005);
    assert_non_null(catalog->entries[1].undecoded);
    assert_int_equal(catalog->entries[4].info.catalog_id, 1001);
    wsplsp_snapshot_free(snapshot);
}

static const struct catalog_edit_protocol tcp_udp[] = {{2, 1, 6}, {2, 2, 17}, {2, 1, 6}};

static struct catalog_edit_layer layer_named(const char *name, uint8_t id, const struct catalog_edit_protocol *over,
                                             size_t count)
{
    ids_made = 0;
    return (struct catalog_edit_layer){
        .id = {{id}},
        .dll64 = "C:\\layer64.dll",
        .dll32 = "C:\\layer32.dll",
        .name = name,
        .service_flags = XP1_IFS_HANDLES,
        .over = over,
        .over_count = count,
        .new_id = count_id,
    };
}

static void layer_goes_over_what_is_asked_for(void **state)
{
    struct catalog_edit_layer layer = layer_named("Layer", 50, tcp_udp, 3);
    struct wsplsp_snapshot *snapshot = make();
    uint32_t id = 0;
    (void)state;
    assert_int_equal(catalog_edit_install_layer(snapshot, CATALOG_EDIT_64, &layer, &id), CATALOG_EDIT_DONE);
    assert_int_equal(id, 1006);
    snapshot = written_and_read(snapshot);
    struct wsplsp_catalog *catalog = &snapshot->catalogs[0];
    /* The chains first, the layer's own entry last. */
    ASSERT_ORDER(catalog, 1007, 1008, 1001, 1002, 1003, 1004, 1005, 1006);
    const struct wsplsp_protocol_info *own = &catalog->entries[7].info, *chain = &catalog->entries[0].info;
    assert_int_equal(own->chain_len, 0);
    assert_int_equal(own->provider_flags & PFL_HIDDEN, PFL_HIDDEN);
    assert_int_equal(own->service_flags[0], XP1_IFS_HANDLES);
    assert_int_equal(own->provider_id.bytes[0], 50);
    assert_string_equal(catalog->entries[7].name, "Layer");
    assert_int_equal(chain->chain_len, 2);
    assert_int_equal(chain->chain[0], 1006);
    assert_int_equal(chain->chain[1], 1001);
    assert_int_equal(chain->provider_flags & PFL_HIDDEN, 0);
    assert_int_equal(chain->service_flags[0], XP1_IFS_HANDLES | 0x66);
    assert_string_equal(catalog->entries[0].name, "Layer over [TCP]");
    assert_string_equal(catalog->entries[0].dll, "C:\\layer64.dll");
    assert_int_equal(catalog->entries[1].info.chain[1], 1002);
    assert_false(wsplsp_guid_equal(&chain->provider_id, &catalog->entries[1].info.provider_id));
    assert_int_equal(snapshot->next_catalog_id.value, 1009);
    wsplsp_snapshot_free(snapshot);
}

static void layer_goes_over_the_topmost_entry(void **state)
{
    struct catalog_edit_layer first = layer_named("First", 50, tcp_udp, 1),
                              second = layer_named("Second", 51, tcp_udp, 1);
    struct wsplsp_snapshot *snapshot = make();
    (void)state;
    second.service_flags = 0;
    assert_int_equal(catalog_edit_install_layer(snapshot, CATALOG_EDIT_64, &first, NULL), CATALOG_EDIT_DONE);
    assert_int_equal(catalog_edit_install_layer(snapshot, CATALOG_EDIT_64, &second, NULL), CATALOG_EDIT_DONE);
    ASSERT_ORDER(&snapshot->catalogs[0], 1009, 1007, 1001, 1002, 1003, 1004, 1005, 1006, 1008);
    const struct wsplsp_protocol_info *chain = &snapshot->catalogs[0].entries[0].info;
    assert_int_equal(chain->chain_len, 3);
    assert_int_equal(chain->chain[0], 1008);
    assert_int_equal(chain->chain[1], 1006);
    assert_int_equal(chain->chain[2], 1001);
    assert_int_equal(chain->service_flags[0], 0x66);
    wsplsp_snapshot_free(snapshot);
}

static void layer_without_list_goes_over_each_base_protocol_once(void **state)
{
    struct catalog_edit_layer first = layer_named("First", 50, tcp_udp, 1), all = layer_named("All", 51, NULL, 0);
    struct wsplsp_snapshot *snapshot = make();
    (void)state;
    assert_int_equal(catalog_edit_install_layer(snapshot, CATALOG_EDIT_64, &first, NULL), CATALOG_EDIT_DONE);
    assert_int_equal(catalog_edit_install_layer(snapshot, CATALOG_EDIT_64, &all, NULL), CATALOG_EDIT_DONE);
    /* TCP, UDP, TCP6: not the second TCP, not the hidden RAW; on the bases themselves. */
    const struct wsplsp_entry *entries = snapshot->catalogs[0].entries;
    assert_int_equal(snapshot->catalogs[0].entry_count, 5 + 2 + 4);
    assert_int_equal(entries[0].info.chain_len, 2);
    assert_int_equal(entries[0].info.chain[1], 1001);
    assert_int_equal(entries[1].info.chain[1], 1002);
    assert_int_equal(entries[2].info.chain[1], 1005);
    assert_int_equal(entries[3].info.chain[0], 1006);
    wsplsp_snapshot_free(snapshot);
}

static void layer_in_both_catalogs_has_the_same_ids(void **state)
{
    struct catalog_edit_layer layer = layer_named("Layer", 50, NULL, 0);
    struct wsplsp_snapshot *snapshot = make();
    (void)state;
    assert_int_equal(catalog_edit_install_layer(snapshot, CATALOG_EDIT_64 | CATALOG_EDIT_32, &layer, NULL),
                     CATALOG_EDIT_DONE);
    ASSERT_ORDER(&snapshot->catalogs[0], 1007, 1008, 1009, 1001, 1002, 1003, 1004, 1005, 1006);
    ASSERT_ORDER(&snapshot->catalogs[1], 1007, 1008, 1001, 1002, 1003, 1004, 1006);
    const struct wsplsp_entry *wide = snapshot->catalogs[0].entries, *narrow = snapshot->catalogs[1].entries;
    assert_true(wsplsp_guid_equal(&wide[1].info.provider_id, &narrow[1].info.provider_id));
    assert_string_equal(wide[0].dll, "C:\\layer64.dll");
    assert_string_equal(narrow[0].dll, "C:\\layer32.dll");
    wsplsp_snapshot_free(snapshot);
}

static void refuse_layer(struct wsplsp_snapshot *snapshot, const struct catalog_edit_layer *layer,
                         enum catalog_edit_result why)
{
    size_t count = snapshot->catalogs[0].entry_count;
    assert_int_equal(catalog_edit_install_layer(snapshot, CATALOG_EDIT_64 | CATALOG_EDIT_32, layer, NULL), why);
    assert_int_equal(snapshot->catalogs[0].entry_count, count);
    assert_int_equal(snapshot->catalogs[1].entry_count, 4);
}

static void layer_is_refused(void **state)
{
    static const struct catalog_edit_protocol ipx = {6, 2, 1000}, raw = {2, 3, 0}, tcp6 = {23, 1, 6};
    struct catalog_edit_layer good = layer_named("Layer", 50, tcp_udp, 3), bad = good;
    struct wsplsp_snapshot *snapshot = make();
    char long_text[300];
    (void)state;
    memset(long_text, 'n', sizeof long_text - 1);
    long_text[256] = '\0'; /* WSAPROTOCOL_LEN is 255 */
    bad.name = long_text;
    refuse_layer(snapshot, &bad, CATALOG_EDIT_BAD_NAME);
    bad.name = "";
    refuse_layer(snapshot, &bad, CATALOG_EDIT_BAD_NAME);
    bad.name = "UDP";
    refuse_layer(snapshot, &bad, CATALOG_EDIT_NAME_TAKEN);
    bad = good;
    bad.dll32 = "";
    refuse_layer(snapshot, &bad, CATALOG_EDIT_BAD_PATH);
    bad.dll32 = good.dll32;
    bad.over_count = 0;
    refuse_layer(snapshot, &bad, CATALOG_EDIT_BAD_LIST);
    bad = good;
    bad.id = base_id;
    refuse_layer(snapshot, &bad, CATALOG_EDIT_INSTALLED);
    bad = layer_named("Layer", 50, &ipx, 1);
    refuse_layer(snapshot, &bad, CATALOG_EDIT_NO_MATCH);
    bad.over = &raw; /* hidden */
    refuse_layer(snapshot, &bad, CATALOG_EDIT_NO_MATCH);
    bad.over = &tcp6; /* in one catalog only */
    refuse_layer(snapshot, &bad, CATALOG_EDIT_NO_MATCH);
    bad = good;
    bad.new_id = no_id;
    refuse_layer(snapshot, &bad, CATALOG_EDIT_NO_ID);
    long_text[255] = '\0';
    good.name = long_text;
    assert_int_equal(catalog_edit_install_layer(snapshot, CATALOG_EDIT_64, &good, NULL), CATALOG_EDIT_DONE);
    wsplsp_snapshot_free(snapshot);
}

static void layer_needs_a_base(void **state)
{
    struct catalog_edit_layer layer = layer_named("Layer", 50, NULL, 0);
    struct wsplsp_snapshot *snapshot = wsplsp_snapshot_new("a test");
    (void)state;
    assert_int_equal(catalog_edit_install_layer(snapshot, CATALOG_EDIT_64, &layer, NULL), CATALOG_EDIT_NO_CATALOG);
    snapshot->catalogs[0].present = true;
    assert_int_equal(catalog_edit_install_layer(snapshot, CATALOG_EDIT_64, &layer, NULL), CATALOG_EDIT_NO_BASE);
    wsplsp_snapshot_free(snapshot);
}

static void chain_has_seven_members_at_most(void **state)
{
    struct wsplsp_snapshot *snapshot = make();
    (void)state;
    for (uint8_t i = 0; i < 6; i++) {
        char name[] = {'L', (char)('0' + i), '\0'};
        struct catalog_edit_layer layer = layer_named(name, 50 + i, tcp_udp, 1);
        assert_int_equal(catalog_edit_install_layer(snapshot, CATALOG_EDIT_64, &layer, NULL), CATALOG_EDIT_DONE);
    }
    assert_int_equal(snapshot->catalogs[0].entries[0].info.chain_len, 7);
    struct catalog_edit_layer layer = layer_named("L6", 60, tcp_udp, 1);
    assert_int_equal(catalog_edit_install_layer(snapshot, CATALOG_EDIT_64, &layer, NULL), CATALOG_EDIT_CHAIN_TOO_LONG);
    wsplsp_snapshot_free(snapshot);
}

static void categories_are_the_layers_own(void **state)
{
    struct catalog_edit_layer layer = layer_named("Layer", 50, tcp_udp, 3);
    struct wsplsp_snapshot *snapshot = make();
    (void)state;
    assert_int_equal(catalog_edit_install_layer(snapshot, CATALOG_EDIT_64, &layer, NULL), CATALOG_EDIT_DONE);
    assert_int_equal(catalog_edit_set_categories(snapshot, 64, &unknown_id, 8), CATALOG_EDIT_UNKNOWN);
    assert_int_equal(catalog_edit_set_categories(snapshot, 64, &base_id, 8), CATALOG_EDIT_UNKNOWN);
    assert_int_equal(catalog_edit_set_categories(snapshot, 64, &layer.id, 8), CATALOG_EDIT_DONE);
    snapshot = written_and_read(snapshot);
    assert_int_equal(catalog_edit_set_categories(snapshot, 64, &layer.id, 0x80000001u), CATALOG_EDIT_DONE);
    snapshot = written_and_read(snapshot);
    const struct wsplsp_entry *own = catalog_edit_find_layer(&snapshot->catalogs[0], &layer.id);
    assert_true(own->has_categories);
    assert_int_equal(own->categories, 0x80000001u);
    assert_string_equal(own->name, "Layer");
    assert_int_equal(own->info.catalog_id, 1006);
    assert_false(snapshot->catalogs[0].entries[0].has_categories);
    wsplsp_snapshot_free(snapshot);
}

static void permissions_add_up(void **state)
{
    struct wsplsp_snapshot *snapshot = make();
    uint32_t before = 99;
    (void)state;
    assert_int_equal(catalog_edit_permit(snapshot, "C:\\a.exe", NULL, 1, same_path, &before), CATALOG_EDIT_DONE);
    assert_int_equal(before, 0);
    assert_int_equal(catalog_edit_permit(snapshot, "c:\\A.EXE", NULL, 0x80000000u, same_path, &before),
                     CATALOG_EDIT_DONE);
    assert_int_equal(before, 1);
    assert_int_equal(catalog_edit_permit(snapshot, "C:\\a.exe", "-k x", 4, same_path, &before), CATALOG_EDIT_DONE);
    assert_int_equal(before, 0);
    assert_int_equal(catalog_edit_permit(snapshot, "", NULL, 4, same_path, &before), CATALOG_EDIT_BAD_PATH);
    snapshot = written_and_read(snapshot);
    assert_int_equal(snapshot->application_count, 2);
    assert_int_equal(catalog_edit_find_application(snapshot, "C:\\a.exe", NULL, same_path)->categories, 0x80000001u);
    assert_int_equal(catalog_edit_find_application(snapshot, "C:\\a.exe", "-k x", same_path)->categories, 4);
    assert_null(catalog_edit_find_application(snapshot, "C:\\a.exe", "-k", same_path));
    assert_null(catalog_edit_find_application(snapshot, "C:\\b.exe", NULL, same_path));
    wsplsp_snapshot_free(snapshot);
}

static void application_keys_differ(void **state)
{
    struct wsplsp_snapshot *snapshot = make();
    uint32_t before;
    (void)state;
    assert_int_equal(catalog_edit_permit(snapshot, "C:\\a.exe", NULL, 1, same_path, &before), CATALOG_EDIT_DONE);
    /* Someone else's entry in the place that this one would get. */
    free(snapshot->applications[0].path);
    snapshot->applications[0].path = text_duplicate("C:\\other.exe");
    assert_int_equal(catalog_edit_permit(snapshot, "C:\\a.exe", NULL, 2, same_path, &before), CATALOG_EDIT_DONE);
    assert_string_not_equal(snapshot->applications[0].key, snapshot->applications[1].key);
    wsplsp_snapshot_free(snapshot);
}

static struct catalog_edit_name_space name_space_of(uint8_t id, const char *name)
{
    return (struct catalog_edit_name_space){{{id}}, name, "%SystemRoot%\\ns.dll", 12, 3, NULL, 0};
}

static void name_spaces_come_change_and_go(void **state)
{
    struct catalog_edit_name_space one = name_space_of(1, "One"), two = name_space_of(2, "Two");
    const struct wsplsp_guid swapped[] = {two.id, one.id}, twice[] = {one.id, one.id}, strange[] = {one.id, own_id};
    struct wsplsp_snapshot *snapshot = make();
    size_t size;
    (void)state;
    two.info = "\1\2\3";
    two.info_size = 3;
    assert_int_equal(catalog_edit_install_name_space(snapshot, 64, &one), CATALOG_EDIT_DONE);
    assert_int_equal(catalog_edit_install_name_space(snapshot, 64, &two), CATALOG_EDIT_DONE);
    assert_int_equal(catalog_edit_install_name_space(snapshot, 64, &two), CATALOG_EDIT_INSTALLED);
    assert_int_equal(catalog_edit_order_name_spaces(snapshot, 64, twice, 2), CATALOG_EDIT_BAD_ORDER);
    assert_int_equal(catalog_edit_order_name_spaces(snapshot, 64, strange, 2), CATALOG_EDIT_BAD_ORDER);
    assert_int_equal(catalog_edit_order_name_spaces(snapshot, 64, swapped, 1), CATALOG_EDIT_BAD_ORDER);
    assert_int_equal(catalog_edit_order_name_spaces(snapshot, 64, swapped, 2), CATALOG_EDIT_DONE);
    assert_int_equal(catalog_edit_enable_name_space(snapshot, 64, &one.id, false), CATALOG_EDIT_DONE);
    assert_int_equal(catalog_edit_enable_name_space(snapshot, 64, &own_id, false), CATALOG_EDIT_UNKNOWN);
    snapshot = written_and_read(snapshot);
    const struct wsplsp_name_space *found = snapshot->catalogs[0].name_spaces;
    assert_int_equal(snapshot->catalogs[0].name_space_count, 2);
    assert_string_equal(found[0].name, "Two");
    assert_string_equal(found[0].dll, "%SystemRoot%\\ns.dll");
    assert_true(found[0].enabled);
    assert_false(found[1].enabled);
    assert_int_equal(found[1].name_space, 12);
    assert_int_equal(found[1].version, 3);
    assert_memory_equal(catalog_edit_name_space_info(&found[0], &size), "\1\2\3", 3);
    assert_int_equal(size, 3);
    assert_null(catalog_edit_name_space_info(&found[1], &size));
    assert_int_equal(snapshot->catalogs[1].name_space_count, 0);
    assert_int_equal(catalog_edit_remove_name_space(snapshot, 64, &two.id), CATALOG_EDIT_DONE);
    assert_int_equal(catalog_edit_remove_name_space(snapshot, 64, &two.id), CATALOG_EDIT_UNKNOWN);
    snapshot = written_and_read(snapshot);
    assert_int_equal(snapshot->catalogs[0].name_space_count, 1);
    assert_string_equal(snapshot->catalogs[0].name_spaces[0].name, "One");
    assert_int_equal(snapshot->catalogs[0].name_spaces_stored.value, 1);
    wsplsp_snapshot_free(snapshot);
}

static void name_spaces_are_refused(void **state)
{
    struct catalog_edit_name_space good = name_space_of(1, "One"), bad = good;
    struct wsplsp_snapshot *snapshot = make();
    char path[261];
    (void)state;
    memset(path, 'p', sizeof path - 1);
    path[260] = '\0';
    bad.dll = path;
    assert_int_equal(catalog_edit_install_name_space(snapshot, 32, &bad), CATALOG_EDIT_BAD_PATH);
    bad.dll = "";
    assert_int_equal(catalog_edit_install_name_space(snapshot, 32, &bad), CATALOG_EDIT_BAD_PATH);
    bad = name_space_of(1, "");
    assert_int_equal(catalog_edit_install_name_space(snapshot, 32, &bad), CATALOG_EDIT_BAD_NAME);
    path[259] = '\0';
    good.dll = path;
    assert_int_equal(catalog_edit_install_name_space(snapshot, 32, &good), CATALOG_EDIT_DONE);
    wsplsp_snapshot_free(snapshot);
}

static bool change_everything(void *context)
{
    struct wsplsp_protocol_info info = {.chain_len = 1};
    struct catalog_edit_provider provider = provider_of(&own_id, &info, 1);
    struct catalog_edit_layer layer = layer_named("Layer", 50, NULL, 0);
    struct catalog_edit_name_space one = name_space_of(1, "One");
    uint32_t before;
    (void)context;
    one.info = "x";
    one.info_size = 1;
    struct wsplsp_snapshot *snapshot = make();
    if (snapshot == NULL)
        return false;
    bool complete = true;
    for (size_t c = 0; c < 2; c++) {
        for (size_t i = 0; i < snapshot->catalogs[c].entry_count; i++) {
            const struct wsplsp_entry *entry = &snapshot->catalogs[c].entries[i];
            complete = complete && entry->name_raw != NULL && entry->name != NULL && entry->dll != NULL;
        }
    }
    bool done =
        complete && catalog_edit_install(snapshot, CATALOG_EDIT_64, &provider) == CATALOG_EDIT_DONE &&
        catalog_edit_install_layer(snapshot, CATALOG_EDIT_64 | CATALOG_EDIT_32, &layer, NULL) == CATALOG_EDIT_DONE &&
        catalog_edit_set_categories(snapshot, 64, &layer.id, 1) == CATALOG_EDIT_DONE &&
        catalog_edit_remove(snapshot, 64, &own_id) == CATALOG_EDIT_DONE &&
        catalog_edit_permit(snapshot, "C:\\a.exe", "-x", 1, same_path, &before) == CATALOG_EDIT_DONE &&
        catalog_edit_install_name_space(snapshot, 64, &one) == CATALOG_EDIT_DONE &&
        catalog_edit_order_name_spaces(snapshot, 64, &one.id, 1) == CATALOG_EDIT_DONE;
    wsplsp_snapshot_free(snapshot);
    return done;
}

static void survives_without_memory(void **state)
{
    (void)state;
    support_fail_allocations(change_everything, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(install_appends_entries_with_new_ids),
        cmocka_unit_test(install_in_both_catalogs_gives_one_id),
        cmocka_unit_test(install_heeds_the_stored_counter),
        cmocka_unit_test(install_refuses_what_is_wrong),
        cmocka_unit_test(update_changes_infos_and_path),
        cmocka_unit_test(update_refuses_what_is_not_the_providers),
        cmocka_unit_test(remove_takes_one_provider_of_one_catalog),
        cmocka_unit_test(order_is_a_permutation),
        cmocka_unit_test(order_keeps_undecoded_entries_in_place),
        cmocka_unit_test(layer_goes_over_what_is_asked_for),
        cmocka_unit_test(layer_goes_over_the_topmost_entry),
        cmocka_unit_test(layer_without_list_goes_over_each_base_protocol_once),
        cmocka_unit_test(layer_in_both_catalogs_has_the_same_ids),
        cmocka_unit_test(layer_is_refused),
        cmocka_unit_test(layer_needs_a_base),
        cmocka_unit_test(chain_has_seven_members_at_most),
        cmocka_unit_test(categories_are_the_layers_own),
        cmocka_unit_test(permissions_add_up),
        cmocka_unit_test(application_keys_differ),
        cmocka_unit_test(name_spaces_come_change_and_go),
        cmocka_unit_test(name_spaces_are_refused),
        cmocka_unit_test(survives_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
