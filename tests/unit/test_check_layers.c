/* The doctor's rules about layered providers. What they should cover, and why it matters: Windows Core Networking's
 * "The (new) trouble with select and LSPs"; categories: "Categorizing Layered Service Providers and Applications". */
#include "doctor.h"

#include <string.h>

#include "lsp-core/catalog/flags.h"

static void set_non_ifs(struct wsplsp_snapshot *snapshot, int bits)
{
    for (uint32_t id = 1010; id <= 1016; id++)
        doctor_entry(snapshot, bits, id)->info.service_flags[0] &= ~XP1_IFS_HANDLES;
}

static void a_layer_in_no_chain(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_layered();
    for (uint32_t id = 1011; id <= 1016; id++)
        doctor_remove(snapshot, 64, id);
    doctor_expect(snapshot, "warning layer-without-chain 64 1010\n");
}

static void an_unused_layer_harms_no_handles(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_layered();
    set_non_ifs(snapshot, 64);
    for (uint32_t id = 1011; id <= 1016; id++)
        doctor_remove(snapshot, 64, id);
    doctor_expect(snapshot, "warning layer-without-chain 64 1010\n");
}

static void a_layer_over_tcp_only(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_layered();
    doctor_remove(snapshot, 64, 1012);
    doctor_remove(snapshot, 64, 1013);
    doctor_expect(snapshot, "info protocol-partly-layered 64 1011\n");

    snapshot = doctor_layered();
    set_non_ifs(snapshot, 64);
    doctor_remove(snapshot, 64, 1012);
    doctor_remove(snapshot, 64, 1013);
    doctor_expect(snapshot, "warning protocol-partly-layered 64 1011\nwarning non-ifs-layer 64 1010\n");
}

static void each_of_the_three_protocols_counts(void **state)
{
    (void)state;
    for (uint32_t id = 1011; id <= 1016; id++) {
        struct wsplsp_snapshot *snapshot = doctor_layered();
        doctor_remove(snapshot, 32, id);
        doctor_expect(snapshot,
                      id == 1011 ? "info protocol-partly-layered 32 1012\n" : "info protocol-partly-layered 32 1011\n");
    }
}

static void one_family_alone_may_be_layered(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_layered();
    for (uint32_t id = 1014; id <= 1016; id++)
        doctor_remove(snapshot, 64, id);
    doctor_expect(snapshot, "");
}

static void what_a_broken_chain_would_cover_is_not_told_again(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_layered();
    doctor_chain(doctor_entry(snapshot, 64, 1011), 2, (const uint32_t[]){1011, 1001});
    doctor_expect(snapshot, "error chain-self 64 1011\n");
}

static void what_has_no_base_need_not_be_covered(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_layered();
    doctor_remove(snapshot, 64, 1013);
    doctor_remove(snapshot, 64, 1003);
    doctor_expect(snapshot, "");
}

static void the_message_names_what_is_open(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_layered();
    doctor_remove(snapshot, 64, 1012);
    doctor_remove(snapshot, 64, 1016);
    doctor_expect_words(snapshot, "protocol-partly-layered",
                        "covers IPv4 TCP, IPv4 RAW, IPv6 TCP, IPv6 UDP, but not IPv4 UDP, IPv6 RAW");
}

static void a_layer_without_file_handles(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_layered();
    set_non_ifs(snapshot, 64);
    doctor_expect(snapshot, "warning non-ifs-layer 64 1010\n");
}

static void a_chain_lacks_the_flag_of_all_its_members(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_layered();
    doctor_entry(snapshot, 64, 1012)->info.service_flags[0] = 0;
    doctor_expect(snapshot, "warning ifs-flag-mismatch 64 1012\n");
}

static void a_chain_has_the_flag_that_a_member_lacks(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_layered();
    doctor_entry(snapshot, 64, 1010)->info.service_flags[0] = 0;
    doctor_expect(snapshot, "warning ifs-flag-mismatch 64 1011\nwarning non-ifs-layer 64 1010\n");

    snapshot = doctor_layered();
    doctor_entry(snapshot, 64, 1002)->info.service_flags[0] = 0;
    doctor_expect(snapshot, "warning ifs-flag-mismatch 64 1012\n");
}

static void members_that_are_chains_tell_nothing_of_handles(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_layered();
    doctor_entry(snapshot, 64, 1011)->info.service_flags[0] = 0;
    doctor_chain(doctor_entry(snapshot, 64, 1012), 3, (const uint32_t[]){1010, 1011, 1002});
    doctor_expect_words(snapshot, "ifs-flag-mismatch", "Chain entry 1011 \"Layer over it\" lacks");
}

static void a_layer_in_one_catalog_only(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_layered();
    for (uint32_t id = 1010; id <= 1016; id++)
        doctor_remove(snapshot, 32, id);
    doctor_expect(snapshot, "warning one-catalog-only 64 1010\n");
}

static void another_provider_id_but_the_same_name_is_the_same_layer(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_layered();
    memset(&doctor_entry(snapshot, 32, 1010)->info.provider_id, 0x77, 16);
    doctor_expect(snapshot, "");
}

static void a_base_in_one_catalog_only_is_worth_a_word(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_windows();
    doctor_add(snapshot, 32, 1007, "vSockets DGRAM", 28, 2, 0);
    doctor_add(snapshot, 32, 1008, "vSockets STREAM", 28, 1, 0);
    doctor_expect(snapshot, "info one-catalog-only 32 1007\n");
}

static void one_catalog_can_not_be_compared(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_layered();
    doctor_drop_64(snapshot);
    doctor_expect_skip(snapshot, NULL, "one-catalog-only", "there is no 64-bit catalog in the test");
    doctor_expect_skip(doctor_layered(), NULL, "one-catalog-only", NULL);
}

static void categories(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_layered();
    doctor_entry(snapshot, 64, 1010)->has_categories = true;
    doctor_entry(snapshot, 32, 1010)->has_categories = true;
    doctor_entry(snapshot, 64, 1010)->categories = 1;
    doctor_expect(snapshot, "info layer-without-category 32 1010\n");

    doctor_expect_skip(doctor_layered(), NULL, "layer-without-category", "the tests do not tell");
    /* Where there is no layer, there is nothing that could not be looked at. */
    doctor_expect_skip(doctor_windows(), NULL, "layer-without-category", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_layer_in_no_chain),
        cmocka_unit_test(an_unused_layer_harms_no_handles),
        cmocka_unit_test(a_layer_over_tcp_only),
        cmocka_unit_test(each_of_the_three_protocols_counts),
        cmocka_unit_test(one_family_alone_may_be_layered),
        cmocka_unit_test(what_a_broken_chain_would_cover_is_not_told_again),
        cmocka_unit_test(what_has_no_base_need_not_be_covered),
        cmocka_unit_test(the_message_names_what_is_open),
        cmocka_unit_test(a_layer_without_file_handles),
        cmocka_unit_test(a_chain_lacks_the_flag_of_all_its_members),
        cmocka_unit_test(a_chain_has_the_flag_that_a_member_lacks),
        cmocka_unit_test(members_that_are_chains_tell_nothing_of_handles),
        cmocka_unit_test(a_layer_in_one_catalog_only),
        cmocka_unit_test(another_provider_id_but_the_same_name_is_the_same_layer),
        cmocka_unit_test(a_base_in_one_catalog_only_is_worth_a_word),
        cmocka_unit_test(one_catalog_can_not_be_compared),
        cmocka_unit_test(categories),
    };
    return cmocka_run_group_tests_name("check_layers", tests, NULL, NULL);
}
