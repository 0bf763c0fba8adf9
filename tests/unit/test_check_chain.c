/* The doctor's rules about chains: each finds its fault at the right entry and nothing else, and is silent on sound
 * ones. What a chain has to be: "Layered Protocols and Protocol Chains" in Microsoft's reference. */
#include "doctor.h"

static void set_chain(struct wsplsp_snapshot *snapshot, uint32_t id, size_t length, const uint32_t *members)
{
    doctor_chain(doctor_entry(snapshot, 64, id), length, members);
}

#define SET_CHAIN(snapshot, id, ...) \
    set_chain(snapshot, id, sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t), (const uint32_t[]){__VA_ARGS__})

static void healthy_catalogs_have_no_findings(void **state)
{
    (void)state;
    doctor_expect(doctor_windows(), "");
    doctor_expect(doctor_layered(), "");
}

/* A second layer, over the first one's members, and over the first one's chain entry. */
static struct wsplsp_snapshot *stacked(bool over_chain_entry)
{
    struct wsplsp_snapshot *snapshot = doctor_layered();
    doctor_drop_64(snapshot);
    struct wsplsp_entry *upper = doctor_entry(snapshot, 32, 1014);
    upper->info.family = 2;
    if (over_chain_entry)
        doctor_chain(upper, 3, (const uint32_t[]){1010, 1011, 1001});
    else
        doctor_chain(upper, 3, (const uint32_t[]){1010, 1010, 1001});
    doctor_remove(snapshot, 32, 1015);
    doctor_remove(snapshot, 32, 1016);
    return snapshot;
}

static void chains_may_be_built_on_layers_and_on_chain_entries(void **state)
{
    (void)state;
    doctor_expect(stacked(false), "");
    doctor_expect(stacked(true), "");
}

static void a_chain_entry_may_be_on_top(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_layered();
    snapshot->next_catalog_id.value = 1018;
    doctor_chain(doctor_add(snapshot, 64, 1017, "Upon a chain", 2, 5, 5), 2, (const uint32_t[]){1011, 1001});
    doctor_expect(snapshot, "");
}

static void seven_members_are_allowed(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_layered();
    SET_CHAIN(snapshot, 1011, 1010, 1010, 1010, 1010, 1010, 1010, 1001);
    doctor_expect(snapshot, "");
}

static void member_missing(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_layered();
    SET_CHAIN(snapshot, 1011, 1010, 1999);
    doctor_expect(snapshot, "error chain-member-missing 64 1011\n");
}

static void one_missing_member_is_one_finding(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_layered();
    SET_CHAIN(snapshot, 1011, 1010, 1999, 1001);
    SET_CHAIN(snapshot, 1012, 1010, 1999, 1002);
    SET_CHAIN(snapshot, 1013, 1010, 1998, 1003);
    doctor_expect(snapshot, "error chain-member-missing 64 1011\nerror chain-member-missing 64 1013\n");
}

static void a_chain_refers_to_itself(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_layered();
    SET_CHAIN(snapshot, 1011, 1010, 1011, 1001);
    doctor_expect(snapshot, "error chain-self 64 1011\n");
}

static void circles_are_told_once(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_layered();
    SET_CHAIN(snapshot, 1012, 1010, 1013, 1002);
    SET_CHAIN(snapshot, 1013, 1010, 1014, 1003);
    SET_CHAIN(snapshot, 1014, 1010, 1012, 1004);
    SET_CHAIN(snapshot, 1011, 1010, 1014, 1001); /* leads into the circle, but is not in it */
    doctor_expect(snapshot, "error chain-circle 64 1012\n");
}

static void what_leads_into_a_circle_has_faults_of_its_own(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_layered();
    SET_CHAIN(snapshot, 1011, 1010, 1012);
    SET_CHAIN(snapshot, 1012, 1010, 1013, 1002);
    SET_CHAIN(snapshot, 1013, 1010, 1012, 1003);
    doctor_expect(snapshot, "error chain-no-base 64 1011\nerror chain-circle 64 1012\n");
}

static void two_circles_are_two_findings(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_layered();
    SET_CHAIN(snapshot, 1011, 1010, 1012, 1001);
    SET_CHAIN(snapshot, 1012, 1010, 1011, 1002);
    SET_CHAIN(snapshot, 1015, 1010, 1016, 1005);
    SET_CHAIN(snapshot, 1016, 1010, 1015, 1006);
    doctor_expect(snapshot, "error chain-circle 64 1011\nerror chain-circle 64 1015\n");
}

static void two_circles_with_a_chain_in_common_are_one_finding(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_layered();
    SET_CHAIN(snapshot, 1012, 1010, 1013, 1002);
    SET_CHAIN(snapshot, 1013, 1010, 1012, 1014, 1003);
    SET_CHAIN(snapshot, 1014, 1010, 1013, 1004);
    doctor_expect(snapshot, "error chain-circle 64 1012\n");
}

static void a_circle_without_base_is_a_circle(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_layered();
    SET_CHAIN(snapshot, 1011, 1010, 1012);
    SET_CHAIN(snapshot, 1012, 1010, 1011);
    doctor_expect(snapshot, "error chain-circle 64 1011\n");
}

static void no_base_at_the_end(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_layered();
    SET_CHAIN(snapshot, 1011, 1010, 1010);
    doctor_expect(snapshot, "error chain-no-base 64 1011\n");
}

static void too_long_and_below_zero(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_layered();
    doctor_entry(snapshot, 64, 1011)->info.chain_len = 8;
    doctor_entry(snapshot, 32, 1012)->info.chain_len = -1;
    doctor_expect(snapshot, "error chain-too-long 64 1011\nerror chain-too-long 32 1012\n");
}

static void a_layer_entry_missing_is_one_finding(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_layered();
    doctor_drop_64(snapshot);
    doctor_remove(snapshot, 32, 1010);
    doctor_expect(snapshot, "error chain-without-layer 32 1011\n");
}

static void a_layer_missing_here_and_there_is_one_finding(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_layered();
    SET_CHAIN(snapshot, 1011, 1010, 1999, 1001);
    SET_CHAIN(snapshot, 1012, 1999, 1002);
    doctor_expect(snapshot, "error chain-without-layer 64 1012\n");
}

static void a_base_is_no_layer(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_layered();
    SET_CHAIN(snapshot, 1011, 1004, 1001);
    doctor_expect(snapshot, "error chain-without-layer 64 1011\n");
}

static void behind_its_base(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_layered();
    doctor_move_to_end(snapshot, 64, 1012);
    doctor_expect(snapshot, "warning chain-behind-base 64 1012\n");
}

static void all_chains_of_a_layer_behind_are_one_finding(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_layered();
    for (uint32_t id = 1011; id <= 1016; id++)
        doctor_move_to_end(snapshot, 32, id);
    doctor_expect(snapshot, "warning chain-behind-base 32 1011\n");
}

static void behind_the_base_of_another_protocol_is_no_fault(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_layered();
    doctor_move_to_end(snapshot, 64, 1001);
    doctor_move_to_end(snapshot, 64, 1002);
    doctor_expect(snapshot, "");

    /* Chains that say to be of another protocol or family than their base. */
    static const uint32_t bases[] = {1002, 1004};
    for (size_t i = 0; i < 2; i++) {
        snapshot = doctor_layered();
        SET_CHAIN(snapshot, 1011, 1010, bases[i]);
        doctor_move_to_end(snapshot, 64, 1011);
        doctor_expect(snapshot, "");
    }
}

static void a_chain_below_another_one_may_be_anywhere(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = stacked(true);
    doctor_move_to_end(snapshot, 32, 1011);
    doctor_expect(snapshot, "");
}

static void messages_say_what_and_whom(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_layered();
    SET_CHAIN(snapshot, 1011, 1010, 1999);
    doctor_expect_words(snapshot, "chain-member-missing", "Chain entry 1011 \"Layer over it\" refers to entry 1999");
    snapshot = doctor_layered();
    SET_CHAIN(snapshot, 1011, 1010, 1999);
    doctor_expect_words(snapshot, "chain-member-missing", "IPv4 TCP sockets of 64-bit programs");
    snapshot = doctor_layered();
    doctor_remove(snapshot, 32, 1010);
    doctor_expect_words(snapshot, "chain-without-layer", "(and 5 more chains)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(healthy_catalogs_have_no_findings),
        cmocka_unit_test(chains_may_be_built_on_layers_and_on_chain_entries),
        cmocka_unit_test(a_chain_entry_may_be_on_top),
        cmocka_unit_test(seven_members_are_allowed),
        cmocka_unit_test(member_missing),
        cmocka_unit_test(one_missing_member_is_one_finding),
        cmocka_unit_test(a_chain_refers_to_itself),
        cmocka_unit_test(circles_are_told_once),
        cmocka_unit_test(what_leads_into_a_circle_has_faults_of_its_own),
        cmocka_unit_test(two_circles_are_two_findings),
        cmocka_unit_test(two_circles_with_a_chain_in_common_are_one_finding),
        cmocka_unit_test(a_circle_without_base_is_a_circle),
        cmocka_unit_test(no_base_at_the_end),
        cmocka_unit_test(too_long_and_below_zero),
        cmocka_unit_test(a_layer_entry_missing_is_one_finding),
        cmocka_unit_test(a_layer_missing_here_and_there_is_one_finding),
        cmocka_unit_test(a_base_is_no_layer),
        cmocka_unit_test(behind_its_base),
        cmocka_unit_test(all_chains_of_a_layer_behind_are_one_finding),
        cmocka_unit_test(behind_the_base_of_another_protocol_is_no_fault),
        cmocka_unit_test(a_chain_below_another_one_may_be_anywhere),
        cmocka_unit_test(messages_say_what_and_whom),
    };
    return cmocka_run_group_tests_name("check_chain", tests, NULL, NULL);
}
