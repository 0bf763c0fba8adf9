/* The model's small functions: GUID texts, kinds, lookups, flags' names and the table of well-known names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "lsp-core/catalog/chain.h"
#include "lsp-core/catalog/flags.h"
#include "lsp-core/catalog/names.h"
#include "lsp-core/catalog/catalog.h"

/* MSAFD's provider id as the registry keeps it and as netsh shows it. */
static const struct wsplsp_guid msafd = {
    {0xa0, 0x1a, 0x0f, 0xe7, 0x8b, 0xab, 0xcf, 0x11, 0x8c, 0xa3, 0x00, 0x80, 0x5f, 0x48, 0xa1, 0x92}};
static const char msafd_text[] = "{E70F1AA0-AB8B-11CF-8CA3-00805F48A192}";

static void guid_text_and_back(void **state)
{
    (void)state;
    char text[WSPLSP_GUID_TEXT];
    wsplsp_guid_format(&msafd, text);
    assert_string_equal(text, msafd_text);

    struct wsplsp_guid parsed = {{0}};
    assert_true(wsplsp_guid_parse(msafd_text, &parsed));
    assert_true(wsplsp_guid_equal(&parsed, &msafd));
    memset(&parsed, 0, sizeof parsed);
    assert_true(wsplsp_guid_parse("e70f1aa0-ab8b-11cf-8ca3-00805f48a192", &parsed));
    assert_true(wsplsp_guid_equal(&parsed, &msafd));
}

static void malformed_guids_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "{",
        "{}",
        "{E70F1AA0-AB8B-11CF-8CA3-00805F48A192",
        "E70F1AA0-AB8B-11CF-8CA3-00805F48A192}",
        "{E70F1AA0-AB8B-11CF-8CA3-00805F48A192}x",
        "{E70F1AA0AB8B-11CF-8CA3-00805F48A192}",
        "{E70F1AA0-AB8B-11CF-8CA3-00805F48A19}",
        "{G70F1AA0-AB8B-11CF-8CA3-00805F48A192}",
        "1001",
    };
    struct wsplsp_guid guid = msafd;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_false(wsplsp_guid_parse(texts[i], &guid));
    assert_true(wsplsp_guid_equal(&guid, &msafd));
}

static struct wsplsp_entry *add(struct wsplsp_snapshot *snapshot, uint32_t id, int32_t length)
{
    struct wsplsp_entry *entry = wsplsp_catalog_add_entry(&snapshot->catalogs[0]);
    assert_non_null(entry);
    entry->info.catalog_id = id;
    entry->info.chain_len = length;
    return entry;
}

static void chains_are_read_within_their_bounds(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = wsplsp_snapshot_new("test");
    const struct wsplsp_catalog *catalog = wsplsp_snapshot_catalog(snapshot, 64);
    add(snapshot, 1001, 1);
    add(snapshot, 1020, 0);
    struct wsplsp_entry *chain = add(snapshot, 1021, 2);
    chain->info.chain[0] = 1020;
    chain->info.chain[1] = 1001;
    struct wsplsp_entry *broken = add(snapshot, 1022, 8);
    struct wsplsp_entry *negative = add(snapshot, 1023, -1);
    chain = &snapshot->catalogs[0].entries[2];
    broken = &snapshot->catalogs[0].entries[3];
    negative = &snapshot->catalogs[0].entries[4];

    assert_int_equal(wsplsp_entry_kind(&catalog->entries[0]), WSPLSP_KIND_BASE);
    assert_int_equal(wsplsp_entry_kind(&catalog->entries[1]), WSPLSP_KIND_LAYER);
    assert_int_equal(wsplsp_entry_kind(chain), WSPLSP_KIND_CHAIN);
    assert_int_equal(chain_length(chain), 2);
    assert_int_equal(chain_length(broken), WSPLSP_MAX_PROTOCOL_CHAIN);
    assert_int_equal(chain_length(negative), 0);
    assert_ptr_equal(chain_member(catalog, chain, 0), &catalog->entries[1]);
    assert_null(chain_member(catalog, chain, 2));
    assert_ptr_equal(chain_base(catalog, chain), &catalog->entries[0]);
    assert_ptr_equal(chain_base(catalog, &catalog->entries[0]), &catalog->entries[0]);
    assert_null(chain_base(catalog, &catalog->entries[1]));
    chain->info.chain[1] = 1020;
    assert_null(chain_base(catalog, chain));
    wsplsp_snapshot_free(snapshot);
}

static void positions_follow_the_order_of_adding(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = wsplsp_snapshot_new("test");
    for (uint32_t i = 0; i < 100; i++)
        add(snapshot, 1001 + i, 1);
    const struct wsplsp_catalog *catalog = wsplsp_snapshot_catalog(snapshot, 64);
    assert_int_equal(catalog->entry_count, 100);
    for (size_t i = 0; i < 100; i++) {
        assert_int_equal(catalog->entries[i].position, i + 1);
        assert_int_equal(catalog->entries[i].bits, 64);
        assert_ptr_equal(wsplsp_catalog_find(catalog, 1001 + (uint32_t)i), &catalog->entries[i]);
    }
    assert_null(wsplsp_catalog_find(catalog, 1));
    assert_int_equal(wsplsp_snapshot_catalog(snapshot, 32)->entry_count, 0);
    wsplsp_snapshot_free(snapshot);
}

static void an_index_finds_the_first_of_each_id(void **state)
{
    (void)state;
    static const uint32_t ids[] = {1001, 1009, 1003, 1003, 0, 4294967295u, 1002};
    static const size_t first[] = {0, 1, 2, 2, 4, 5, 6};
    struct wsplsp_snapshot *snapshot = wsplsp_snapshot_new("test");
    struct wsplsp_catalog *catalog = &snapshot->catalogs[0];
    for (size_t i = 0; i < 7; i++)
        add(snapshot, ids[i], 1);
    assert_true(wsplsp_catalog_index(catalog));
    for (size_t i = 0; i < 7; i++)
        assert_ptr_equal(wsplsp_catalog_find(catalog, ids[i]), &catalog->entries[first[i]]);
    assert_null(wsplsp_catalog_find(catalog, 1000));
    assert_null(wsplsp_catalog_find(catalog, 1010));

    add(snapshot, 1010, 1);
    assert_null(catalog->by_id);
    assert_ptr_equal(wsplsp_catalog_find(catalog, 1010), &catalog->entries[7]);
    wsplsp_snapshot_free(snapshot);
}

static void an_index_leaves_out_what_cannot_be_decoded(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = wsplsp_snapshot_new("test");
    struct wsplsp_catalog *catalog = &snapshot->catalogs[0];
    assert_true(wsplsp_catalog_index(catalog));
    assert_null(wsplsp_catalog_find(catalog, 0));
    add(snapshot, 0, 0)->undecoded = strdup("truncated");
    add(snapshot, 0, 1);
    assert_true(wsplsp_catalog_index(catalog));
    assert_ptr_equal(wsplsp_catalog_find(catalog, 0), &catalog->entries[1]);
    wsplsp_snapshot_free(snapshot);
}

/* Values from winsock2.h and ws2spi.h. */
static void flags_have_their_winsock_names(void **state)
{
    (void)state;
    static const struct flag expected[] = {
        {0x00020000, "XP1_IFS_HANDLES", NULL},
        {0x00000001, "XP1_CONNECTIONLESS", NULL},
        {0x00080000, "XP1_SAN_SUPPORT_SDP", NULL},
        {0x00000200, "XP1_SUPPORT_BROADCAST", NULL},
    };
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        const struct flag *flag = flags_service;
        while (flag->name != NULL && strcmp(flag->name, expected[i].name) != 0)
            flag++;
        assert_non_null(flag->name);
        assert_int_equal(flag->value, expected[i].value);
    }
    assert_string_equal(flags_family_name(2), "AF_INET");
    assert_string_equal(flags_family_name(23), "AF_INET6");
    assert_string_equal(flags_family_name(34), "AF_HYPERV");
    assert_null(flags_family_name(99));
    assert_string_equal(flags_socket_type_name(5), "SOCK_SEQPACKET");
    assert_null(flags_socket_type_name(0));
    assert_string_equal(flags_protocol_name(2, 6), "IPPROTO_TCP");
    assert_string_equal(flags_protocol_name(23, 17), "IPPROTO_UDP");
    assert_string_equal(flags_protocol_name(32, 3), "BTHPROTO_RFCOMM");
    assert_null(flags_protocol_name(17, 6));
    assert_string_equal(flags_name_space_name(12), "NS_DNS");
    assert_string_equal(flags_name_space_name(38), "NS_PNRPNAME");
}

static void each_flag_is_one_bit_of_its_own(void **state)
{
    (void)state;
    const struct flag *const tables[] = {flags_service, flags_provider, flags_category};
    for (size_t t = 0; t < 3; t++) {
        uint32_t seen = 0;
        for (const struct flag *flag = tables[t]; flag->name != NULL; flag++) {
            assert_int_equal(flag->value & (flag->value - 1), 0);
            assert_int_equal(seen & flag->value, 0);
            seen |= flag->value;
        }
    }
}

/* The names are what netsh shows for these entries on Windows 7 and on Windows 8 and later. */
static void well_known_names_are_known_in_system32_only(void **state)
{
    (void)state;
    assert_string_equal(names_lookup("@%SystemRoot%\\System32\\mswsock.dll,-60100"), "MSAFD Tcpip [TCP/IP]");
    assert_string_equal(names_lookup("@%systemroot%\\system32\\WSHTCPIP.DLL,-60101"), "MSAFD Tcpip [UDP/IP]");
    assert_string_equal(names_lookup("@C:\\Windows\\System32\\wshqos.dll,-103"), "RSVP UDP Service Provider");
    static const char *const unknown[] = {
        "MSAFD Tcpip [TCP/IP]",
        "@%SystemRoot%\\System32\\mswsock.dll,-1",
        "@%SystemRoot%\\System32\\mswsock.dll,60100",
        "@%SystemRoot%\\System32\\mswsock.dll,-",
        "@%SystemRoot%\\System32\\mswsock.dll,-60100x",
        "@%SystemRoot%\\System32\\other.dll,-60100",
        "@C:\\Users\\Public\\mswsock.dll,-60100",
        "@mswsock.dll,-60100",
        "@",
        "",
    };
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
        assert_null(names_lookup(unknown[i]));
}

static void notes_are_kept_in_order(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = wsplsp_snapshot_new("test");
    assert_true(wsplsp_snapshot_note(snapshot, "%s %d", "one", 1));
    assert_true(wsplsp_snapshot_note(snapshot, "two"));
    assert_int_equal(snapshot->note_count, 2);
    assert_string_equal(snapshot->notes[0], "one 1");
    assert_string_equal(snapshot->notes[1], "two");
    wsplsp_snapshot_free(snapshot);
    wsplsp_snapshot_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(guid_text_and_back),
        cmocka_unit_test(malformed_guids_are_refused),
        cmocka_unit_test(chains_are_read_within_their_bounds),
        cmocka_unit_test(positions_follow_the_order_of_adding),
        cmocka_unit_test(an_index_finds_the_first_of_each_id),
        cmocka_unit_test(an_index_leaves_out_what_cannot_be_decoded),
        cmocka_unit_test(flags_have_their_winsock_names),
        cmocka_unit_test(each_flag_is_one_bit_of_its_own),
        cmocka_unit_test(well_known_names_are_known_in_system32_only),
        cmocka_unit_test(notes_are_kept_in_order),
    };
    return cmocka_run_group_tests_name("snapshot", tests, NULL, NULL);
}
