/* The planner's requests one by one: what each makes of a catalog, by which functions, with which warnings, and what it
 * refuses. Each plan is carried out step by step on a system that gives out other ids (planning.h). */
#include "planning.h"

#include <stdlib.h>
#include <string.h>

#include "lsp-core/catalog/copy.h"
#include "lsp-core/doctor/doctor.h"
#include "lsp-core/diff/diff.h"
#include "doctor.h"
#include "lsp-core/dlls/dlls.h"
#include "lsp-core/plan/part.h"
#include "lsp-core/base/text.h"

static struct wsplsp_error error;

/* ---- short forms */

/* Carries the plan out on `snapshot`, which it frees with the plan; asserts the 64-bit catalog's entries after it. */
static void expect(struct wsplsp_snapshot *snapshot, struct plan *plan, int bits, const char *entries)
{
    struct wsplsp_snapshot *after = planning_carry_out(plan, snapshot);
    char *told = planning_tell(after, bits);
    assert_string_equal(told, entries);
    free(told);
    wsplsp_snapshot_free(after);
    wsplsp_snapshot_free(snapshot);
    plan_free(plan);
}

static void expect_functions(const struct plan *plan, const char *functions)
{
    char *told = planning_functions(plan);
    assert_string_equal(told, functions);
    free(told);
}

static bool warns(const struct plan *plan, const char *words)
{
    for (size_t i = 0; i < plan->warning_count; i++) {
        if (strstr(plan->warnings[i], words) != NULL)
            return true;
    }
    return false;
}

static struct plan *installed(const struct wsplsp_snapshot *snapshot, const struct plan_install_request *request)
{
    struct plan *plan = NULL;
    if (plan_install(snapshot, request, planning_new_id, &plan, &error) != WSPLSP_OK)
        fail_msg("%s", error.message);
    return plan;
}

static void refuse_install(const struct wsplsp_snapshot *snapshot, const struct plan_install_request *request,
                           enum wsplsp_status status, const char *name)
{
    struct plan *plan = NULL;
    assert_int_equal(plan_install(snapshot, request, planning_new_id, &plan, &error), status);
    assert_string_equal(error.name, name);
}

static struct plan *removed(const struct wsplsp_snapshot *snapshot, const char *wanted)
{
    const struct plan_remove_request request = {.wanted = wanted};
    struct plan *plan = NULL;
    if (plan_remove(snapshot, &request, planning_new_id, &plan, &error) != WSPLSP_OK)
        fail_msg("%s", error.message);
    return plan;
}

static struct plan *restored(const struct wsplsp_snapshot *snapshot, const struct wsplsp_snapshot *backup)
{
    struct plan *plan = NULL;
    if (plan_restore(snapshot, backup, planning_new_id, &plan, &error) != WSPLSP_OK)
        fail_msg("%s", error.message);
    return plan;
}

static struct wsplsp_snapshot *windows(void)
{
    struct wsplsp_snapshot *snapshot = doctor_windows();
    planning_name(snapshot);
    return snapshot;
}

static struct wsplsp_snapshot *layered(void)
{
    struct wsplsp_snapshot *snapshot = doctor_layered();
    planning_name(snapshot);
    return snapshot;
}

/* A layer called N for both catalogs with one DLL. */
static struct plan_install_request layer_n(void)
{
    return (struct plan_install_request){.name = "N", .dll64 = "C:\\n.dll", .dll32 = "C:\\n.dll", .ifs = true};
}

/* ---- install */

static void a_layer_goes_over_each_protocol_once(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = planning_fixture("windows10");
    struct plan_install_request request = layer_n();
    struct plan *plan = installed(snapshot, &request);
    assert_int_equal(plan->warning_count, 0);
    /* RSVP's bases are second ones of their protocols; Hyper-V's is the only one of its. */
    expect(snapshot, plan, 64,
           "chain N > Hyper-V RAW\n"
           "chain N > MSAFD Tcpip [TCP/IP]\n"
           "chain N > MSAFD Tcpip [UDP/IP]\n"
           "chain N > MSAFD Tcpip [RAW/IP]\n"
           "chain N > MSAFD Tcpip [TCP/IPv6]\n"
           "chain N > MSAFD Tcpip [UDP/IPv6]\n"
           "chain N > MSAFD Tcpip [RAW/IPv6]\n"
           "base Hyper-V RAW\n"
           "base MSAFD Tcpip [TCP/IP]\n"
           "base MSAFD Tcpip [UDP/IP]\n"
           "base MSAFD Tcpip [RAW/IP]\n"
           "base MSAFD Tcpip [TCP/IPv6]\n"
           "base MSAFD Tcpip [UDP/IPv6]\n"
           "base MSAFD Tcpip [RAW/IPv6]\n"
           "base RSVP TCPv6 Service Provider\n"
           "base RSVP TCP Service Provider\n"
           "base RSVP UDPv6 Service Provider\n"
           "base RSVP UDP Service Provider\n"
           "layer N\n");
}

#define BASES "base TCP4\nbase UDP4\nbase RAW4\nbase TCP6\nbase UDP6\nbase RAW6\n"

static void single_steps_install_the_layer_its_chains_and_the_order(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = windows();
    static const char *const over[] = {"1001", "1003"};
    struct plan_install_request request = layer_n();
    request.over = over;
    request.over_count = 2;
    request.dll32 = "C:\\n32.dll";
    struct plan *plan = installed(snapshot, &request);
    /* RAW is hidden, and the call makes no chain over what no program gets: that one comes by itself. */
    expect_functions(plan, "WSCInstallProviderAndChains64_32 "
                           "WSCInstallProviderAndChains64_32 WSCDeinstallProvider WSCDeinstallProvider32 "
                           "WSCUpdateProvider WSCUpdateProvider32 WSCWriteProviderOrder WSCWriteProviderOrder32");
    assert_int_equal(plan->steps[0].over_count, 1);
    const struct wsplsp_catalog *after = &plan->after->catalogs[1];
    assert_string_equal(after->entries[0].dll, "C:\\n32.dll");
    assert_string_equal(after->entries[0].name, "N over [TCP4]");
    assert_string_equal(after->entries[after->entry_count - 1].dll, "C:\\n32.dll");
    /* Each chain has a provider id of its own, the same in both catalogs. */
    const struct wsplsp_guid *first = &after->entries[0].info.provider_id;
    assert_false(wsplsp_guid_equal(first, &after->entries[1].info.provider_id));
    assert_true(wsplsp_guid_equal(first, &plan->after->catalogs[0].entries[0].info.provider_id));
    expect(snapshot, plan, 64, "chain N > TCP4\nchain N > RAW4\n" BASES "layer N\n");
}

static void one_call_is_taken_where_it_does_the_job(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = windows();
    static const char *const over[] = {"tcp", "udp"};
    struct plan_install_request request = layer_n();
    request.over = over;
    request.over_count = 2;
    request.exact = true;
    request.has_categories = true;
    request.categories = 8;
    struct plan *plan = installed(snapshot, &request);
    expect_functions(plan, "WSCInstallProviderAndChains64_32 WSCSetProviderInfo WSCSetProviderInfo32");
    assert_true(plan->has_assigned);
    assert_int_equal(plan->steps[0].service_flags, 0x20000);
    assert_int_equal(plan->steps[0].over_count, 4);
    expect(snapshot, plan, 32, "chain N > TCP4\nchain N > UDP4\nchain N > TCP6\nchain N > UDP6\n" BASES "layer N\n");
}

static void one_call_is_followed_by_no_other(void **state)
{
    (void)state;
    static const char *const over[] = {"1006"};
    struct plan_install_request request = layer_n();
    struct wsplsp_snapshot *snapshot = planning_fixture("windows10");
    request.over = over;
    request.over_count = 1;
    request.dll32 = "C:\\n32.dll";
    struct plan *plan = installed(snapshot, &request);
    expect_functions(plan, "WSCInstallProviderAndChains64_32");
    assert_string_equal(plan->steps[0].dll, "C:\\n.dll");
    assert_string_equal(plan->steps[0].dll32, "C:\\n32.dll");
    plan_free(plan);
    wsplsp_snapshot_free(snapshot);
}

static void over_tcp_means_the_family_unless_exact(void **state)
{
    (void)state;
    static const char *const over[] = {"tcp"};
    struct plan_install_request request = layer_n();
    request.over = over;
    request.over_count = 1;
    struct wsplsp_snapshot *snapshot = windows();
    struct plan *plan = installed(snapshot, &request);
    assert_true(warns(plan, "rest of TCP, UDP and RAW of IPv4"));
    assert_true(warns(plan, "rest of TCP, UDP and RAW of IPv6"));
    expect(snapshot, plan, 64,
           "chain N > TCP4\nchain N > UDP4\nchain N > RAW4\nchain N > TCP6\nchain N > UDP6\nchain N > RAW6\n" BASES
           "layer N\n");
    request.exact = true;
    snapshot = windows();
    plan = installed(snapshot, &request);
    assert_int_equal(plan->warning_count, 0);
    expect(snapshot, plan, 64, "chain N > TCP4\nchain N > TCP6\n" BASES "layer N\n");
}

/* The layer below has other ids in the two catalogs, as real installers leave them. */
static void a_layer_on_top_runs_over_what_programs_got(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = planning_fixture("windows10-one-lsp");
    static const char *const over[] = {"1008"};
    struct plan_install_request request = layer_n();
    request.over = over;
    request.over_count = 1;
    request.dll32 = "C:\\n32.dll";
    struct plan *plan = installed(snapshot, &request);
    /* The chain over a hidden base gets its members in each catalog by itself. */
#define PLANTED "WSCInstallProviderAndChains64_32 WSCDeinstallProvider WSCDeinstallProvider32 "
    expect_functions(plan,
                     PLANTED "WSCUpdateProvider WSCUpdateProvider32 " PLANTED "WSCUpdateProvider WSCUpdateProvider32 "
                             "WSCWriteProviderOrder WSCWriteProviderOrder32");
    struct wsplsp_snapshot *after = planning_carry_out(plan, snapshot);
    for (int bits = 64; bits >= 32; bits -= 32) {
        char *told = planning_tell(after, bits);
        const char *first = "chain N > Contoso Web Filter > MSAFD Tcpip [RAW/IP]\nchain Contoso Web Filter > MSAFD";
        assert_memory_equal(told, first, strlen(first));
        free(told);
    }
    assert_true(after->catalogs[0].entries[0].info.chain[1] != after->catalogs[1].entries[0].info.chain[1]);
    wsplsp_snapshot_free(after);
    wsplsp_snapshot_free(snapshot);
    plan_free(plan);
}

/* "If a layered service provider is being installed, then WSCInstallProviderAndChains64_32 should be used": wherever it
 * goes, and single entries are updated and put in order afterwards. */
static void expect_call(const struct plan *plan)
{
    assert_string_equal(plan->steps[0].function, "WSCInstallProviderAndChains64_32");
    for (size_t i = 1; i < plan->step_count; i++)
        assert_true(plan->steps[i].action == PLAN_UPDATE || plan->steps[i].action == PLAN_ORDER);
}

static void expect_position(enum plan_position position, const char *beside, const char *entries)
{
    static const char *const over[] = {"1001"};
    struct plan_install_request request = layer_n();
    struct wsplsp_snapshot *snapshot = windows();
    request.over = over;
    request.over_count = 1;
    static const char *const names[] = {"A", "B"};
    for (size_t i = 0; i < 2; i++) {
        struct plan_install_request below = request;
        below.name = names[i];
        struct plan *plan = installed(snapshot, &below);
        struct wsplsp_snapshot *next = planning_carry_out(plan, snapshot);
        wsplsp_snapshot_free(snapshot);
        plan_free(plan);
        snapshot = next;
    }
    request.position = position;
    request.beside = beside;
    struct plan *plan = installed(snapshot, &request);
    expect_call(plan);
    expect(snapshot, plan, 64, entries);
}

static void compare_moved(const struct plan *plan, size_t from, size_t to, bool same)
{
    struct wsplsp_snapshot *moved = copy_snapshot(plan->after);
    struct wsplsp_error error;
    struct diff *diff;
    plan_move(&moved->catalogs[0], from, to);
    assert_true(wsplsp_catalog_index(&moved->catalogs[0]));
    assert_int_equal(plan_compare(plan, moved, &diff, &error), WSPLSP_OK);
    assert_int_equal(diff->count == 0, same);
    diff_free(diff);
    wsplsp_snapshot_free(moved);
}

/* The reference says no more than "at the beginning". */
static void places_that_decide_nothing_are_the_system_s_choice(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = windows();
    static const char *const over[] = {"tcp", "udp"};
    struct plan_install_request request = layer_n();
    request.over = over;
    request.over_count = 2;
    request.exact = true;
    struct plan *plan = installed(snapshot, &request);
    size_t last = plan->after->catalogs[0].entry_count - 1;
    compare_moved(plan, last, 0, true); /* the layer's own entry */
    compare_moved(plan, last, 5, true);
    compare_moved(plan, 3, 0, true);  /* its chains among themselves */
    compare_moved(plan, 3, 5, true);  /* UDP6 behind TCP4 and UDP4, before UDP6's base */
    compare_moved(plan, 0, 4, false); /* TCP4 behind its base, which programs would get */
    compare_moved(plan, 4, 5, false); /* what is not the layer's */
    plan_free(plan);
    wsplsp_snapshot_free(snapshot);
}

/* Before: B > A > TCP4 in front, behind it A > TCP4. */
static void a_layer_goes_where_it_is_told(void **state)
{
    (void)state;
#define LAYERS "layer A\nlayer B\nlayer N\n"
    expect_position(PLAN_TOP, NULL, "chain N > B > A > TCP4\nchain B > A > TCP4\nchain A > TCP4\n" BASES LAYERS);
    expect_position(PLAN_ABOVE, "B", "chain N > B > A > TCP4\nchain B > A > TCP4\nchain A > TCP4\n" BASES LAYERS);
    expect_position(PLAN_ABOVE, "A", "chain B > N > A > TCP4\nchain N > A > TCP4\nchain A > TCP4\n" BASES LAYERS);
    expect_position(PLAN_BELOW, "B", "chain B > N > A > TCP4\nchain N > A > TCP4\nchain A > TCP4\n" BASES LAYERS);
    expect_position(PLAN_BELOW, "A", "chain B > A > N > TCP4\nchain A > N > TCP4\nchain N > TCP4\n" BASES LAYERS);
    expect_position(PLAN_BOTTOM_OF_LAYERS, NULL,
                    "chain B > A > N > TCP4\nchain A > N > TCP4\nchain N > TCP4\n" BASES LAYERS);
#undef LAYERS
}

static void a_non_ifs_layer_takes_the_flag_from_all_chains_through_it(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = layered();
    struct plan_install_request request = layer_n();
    request.ifs = false;
    request.position = PLAN_BOTTOM_OF_LAYERS;
    struct plan *plan = installed(snapshot, &request);
    const struct wsplsp_catalog *after = &plan->after->catalogs[0];
    for (size_t i = 0; i < after->entry_count; i++) {
        const struct wsplsp_protocol_info *info = &after->entries[i].info;
        bool through = info->chain_len > 1 || strcmp(after->entries[i].name, "N") == 0;
        assert_int_equal(info->service_flags[0] & 0x20000, through ? 0 : 0x20000);
    }
    /* Taken out again, the other layer's chains are what they were, flag included. */
    struct wsplsp_snapshot *with = planning_carry_out(plan, snapshot);
    struct plan *back = removed(with, "N");
    struct wsplsp_snapshot *without = planning_carry_out(back, with);
    planning_same(snapshot, without);
    wsplsp_snapshot_free(without);
    wsplsp_snapshot_free(with);
    wsplsp_snapshot_free(snapshot);
    plan_free(back);
    plan_free(plan);
}

static void one_catalog_alone_leaves_the_other_as_it_is(void **state)
{
    (void)state;
    static const char *const over[] = {"1001"};
    for (unsigned only = PLAN_64; only <= PLAN_32; only++) {
        struct wsplsp_snapshot *snapshot = windows();
        struct plan_install_request request = layer_n();
        request.over = over;
        request.over_count = 1;
        request.catalogs = only;
        struct plan *plan = installed(snapshot, &request);
        if (only == PLAN_64)
            expect_functions(plan, "WSCInstallProvider WSCInstallProvider WSCWriteProviderOrder");
        else
            expect_functions(plan, PLANTED "WSCDeinstallProvider WSCUpdateProvider32 " PLANTED
                                           "WSCDeinstallProvider WSCUpdateProvider32 WSCWriteProviderOrder32");
        char *other = planning_tell(plan->after, only == PLAN_64 ? 32 : 64);
        assert_string_equal(other, BASES);
        free(other);
        expect(snapshot, plan, only == PLAN_64 ? 64 : 32, "chain N > TCP4\n" BASES "layer N\n");
    }
}

static void on_32_bit_windows_the_plain_functions_do_it(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = planning_fixture("windows7");
    static const char *const over[] = {"tcp"};
    struct plan_install_request request = layer_n();
    request.dll64 = NULL;
    request.over = over;
    request.over_count = 1;
    struct plan *plan = installed(snapshot, &request);
    for (size_t i = 0; i < plan->step_count; i++)
        assert_null(strstr(plan->steps[i].function, "32"));
    plan_free(plan);
    request.exact = true;
    plan = installed(snapshot, &request);
    expect_functions(plan, "WSCInstallProviderAndChains");
    struct wsplsp_snapshot *with = planning_carry_out(plan, snapshot);
    plan_free(plan);
    plan = removed(with, "N");
    expect_functions(plan, "WSCDeinstallProvider WSCDeinstallProvider WSCDeinstallProvider");
    plan_free(plan);
    wsplsp_snapshot_free(with);
    wsplsp_snapshot_free(snapshot);
}

static void what_is_installed_already_is_left_alone(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = layered();
    struct plan_install_request request = layer_n();
    request.name = "Layer";
    request.dll64 = request.dll32 = "c:\\program files\\contoso\\LAYER.dll";
    struct plan *plan = installed(snapshot, &request);
    assert_int_equal(plan->step_count, 0);
    assert_string_equal(plan->nothing, "'Layer' is installed already");
    planning_same(plan->before, plan->after);
    plan_free(plan);
    /* The same name with another DLL or mode is another layer. */
    request.ifs = false;
    refuse_install(snapshot, &request, WSPLSP_REFUSED, "NAME_TAKEN");
    request.ifs = true;
    request.dll64 = "C:\\other.dll";
    refuse_install(snapshot, &request, WSPLSP_REFUSED, "NAME_TAKEN");
    request.name = "Other";
    struct wsplsp_guid id = doctor_entry(snapshot, 64, 1010)->info.provider_id;
    request.id = &id;
    refuse_install(snapshot, &request, WSPLSP_REFUSED, "INSTALLED");
    wsplsp_snapshot_free(snapshot);
}

static void what_cannot_be_installed_is_refused(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = planning_fixture("windows7");
    static const char *const nowhere[] = {"4711"};
    struct plan_install_request request = layer_n();
    request.catalogs = PLAN_64;
    refuse_install(snapshot, &request, WSPLSP_NOT_FOUND, "NO_CATALOG");
    request.catalogs = 0;
    request.dll32 = NULL;
    refuse_install(snapshot, &request, WSPLSP_USAGE, "BAD_PATH");
    request.dll32 = "";
    refuse_install(snapshot, &request, WSPLSP_USAGE, "BAD_PATH");
    request.dll32 = "C:\\n.dll";
    request.name = "";
    refuse_install(snapshot, &request, WSPLSP_USAGE, "BAD_NAME");
    request.name = "N";
    request.over = nowhere;
    request.over_count = 1;
    refuse_install(snapshot, &request, WSPLSP_NOT_FOUND, "NOT_FOUND");
    request.over_count = 0;
    request.position = PLAN_ABOVE;
    request.beside = "nobody";
    refuse_install(snapshot, &request, WSPLSP_NOT_FOUND, "NOT_FOUND");
    request.beside = "1001";
    refuse_install(snapshot, &request, WSPLSP_REFUSED, "NO_LAYER");
    request.position = PLAN_TOP;
    planning_fail_ids(true);
    refuse_install(snapshot, &request, WSPLSP_SYSTEM, "NO_RANDOM");
    planning_fail_ids(false);
    wsplsp_snapshot_free(snapshot);
}

static void a_chain_has_seven_members_and_no_more(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = windows();
    static const char *const over[] = {"1001"};
    struct plan_install_request request = layer_n();
    char name[] = "L0";
    request.name = name;
    request.over = over;
    request.over_count = 1;
    for (int i = 0; i < 6; i++) {
        name[1]++;
        struct plan *plan = installed(snapshot, &request);
        struct wsplsp_snapshot *next = planning_carry_out(plan, snapshot);
        wsplsp_snapshot_free(snapshot);
        plan_free(plan);
        snapshot = next;
    }
    name[1]++;
    refuse_install(snapshot, &request, WSPLSP_REFUSED, "CHAIN_TOO_LONG");
    request.position = PLAN_BOTTOM_OF_LAYERS;
    refuse_install(snapshot, &request, WSPLSP_REFUSED, "CHAIN_TOO_LONG");
    wsplsp_snapshot_free(snapshot);
}

/* ---- remove */

static void a_layer_below_another_is_taken_out_of_its_chains(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = planning_fixture("windows11-two-lsps");
    struct plan *plan = removed(snapshot, "Contoso Web Filter");
    assert_true(warns(plan, "is rebuilt without what is removed"));
    /* The other layer's chains first: they never lack a member. */
    assert_string_equal(plan->steps[0].function, "WSCUpdateProvider");
    for (size_t i = 1; i < plan->step_count; i++)
        assert_false(plan->steps[i - 1].action == PLAN_REMOVE && plan->steps[i].action != PLAN_REMOVE);
    struct wsplsp_snapshot *after = planning_carry_out(plan, snapshot);
    char *told = planning_tell(after, 64);
    const char *first = "chain Fabrikam Traffic Meter > MSAFD Tcpip [TCP/IPv6]\n"
                        "chain Fabrikam Traffic Meter > MSAFD Tcpip [UDP/IPv6]\n"
                        "chain Fabrikam Traffic Meter > MSAFD Tcpip [RAW/IPv6]\n"
                        "chain Fabrikam Traffic Meter > MSAFD Tcpip [TCP/IP]\n"
                        "chain Fabrikam Traffic Meter > MSAFD Tcpip [UDP/IP]\n"
                        "chain Fabrikam Traffic Meter > MSAFD Tcpip [RAW/IP]\n"
                        "base MSAFD Tcpip [TCP/IPv6]\n";
    assert_memory_equal(told, first, strlen(first));
    assert_null(strstr(told, "Contoso"));
    free(told);
    /* And it comes back between the two. */
    struct plan *back = restored(after, snapshot);
    struct wsplsp_snapshot *again = planning_carry_out(back, after);
    planning_same(snapshot, again);
    wsplsp_snapshot_free(again);
    wsplsp_snapshot_free(after);
    wsplsp_snapshot_free(snapshot);
    plan_free(back);
    plan_free(plan);
}

static void a_layer_is_known_by_name_id_provider_id_and_chain(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = layered();
    char id[WSPLSP_GUID_TEXT];
    wsplsp_guid_format(&doctor_entry(snapshot, 64, 1010)->info.provider_id, id);
    const char *const ways[] = {"Layer", "LAYER", "1010", id, "1013"};
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        struct plan *plan = removed(snapshot, ways[i]);
        char *told = planning_tell(plan->after, 64), *other = planning_tell(plan->after, 32);
        assert_string_equal(told, BASES);
        assert_string_equal(other, BASES);
        free(told);
        free(other);
        plan_free(plan);
    }
    wsplsp_snapshot_free(snapshot);
}

static void refuse_remove(struct wsplsp_snapshot *snapshot, const char *wanted, enum wsplsp_status status,
                          const char *name)
{
    const struct plan_remove_request request = {.wanted = wanted};
    struct plan *plan = NULL;
    assert_int_equal(plan_remove(snapshot, &request, planning_new_id, &plan, &error), status);
    assert_string_equal(error.name, name);
}

static void base_entries_are_never_removed(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = layered();
    refuse_remove(snapshot, "1001", WSPLSP_REFUSED, "BASE_PROVIDER");
    refuse_remove(snapshot, "UDP6", WSPLSP_REFUSED, "BASE_PROVIDER");
    refuse_remove(snapshot, "nobody", WSPLSP_NOT_FOUND, "NOT_FOUND");
    /* A chain that has a base provider's id cannot be removed without the base. */
    doctor_entry(snapshot, 64, 1011)->info.provider_id = doctor_entry(snapshot, 64, 1001)->info.provider_id;
    refuse_remove(snapshot, "Layer", WSPLSP_REFUSED, "BASE_PROVIDER");
    wsplsp_snapshot_free(snapshot);
}

static void a_broken_entry_goes_alone(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = layered();
    doctor_chain(doctor_entry(snapshot, 64, 1012), 2, (const uint32_t[]){4711, 1002});
    struct plan *plan = removed(snapshot, "1012");
    expect_functions(plan, "WSCDeinstallProvider");
    char *other = planning_tell(plan->after, 32);
    assert_non_null(strstr(other, "chain Layer > UDP4\n"));
    free(other);
    expect(snapshot, plan, 64,
           "chain Layer > TCP4\nchain Layer > RAW4\nchain Layer > TCP6\nchain Layer > UDP6\nchain Layer > RAW6\n" BASES
           "layer Layer\n");
}

/* Some installers give all entries of a layer one provider id. */
static void one_provider_id(struct wsplsp_snapshot *snapshot, int bits)
{
    for (uint32_t id = 1011; id <= 1016; id++)
        doctor_entry(snapshot, bits, id)->info.provider_id = doctor_entry(snapshot, bits, 1010)->info.provider_id;
}

static const struct wsplsp_entry *plan_named(const struct wsplsp_snapshot *snapshot, int bits, const char *name)
{
    const struct wsplsp_catalog *catalog = wsplsp_snapshot_catalog(snapshot, bits);
    for (size_t i = 0; i < catalog->entry_count; i++) {
        if (strcmp(catalog->entries[i].name, name) == 0)
            return &catalog->entries[i];
    }
    fail_msg("no '%s'", name);
    return NULL;
}

static void a_layer_of_one_provider_id_comes_and_goes_as_a_whole(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = layered();
    one_provider_id(snapshot, 64);
    one_provider_id(snapshot, 32);
    struct plan *plan = removed(snapshot, "Layer");
    expect_functions(plan, "WSCDeinstallProvider WSCDeinstallProvider32");
    struct wsplsp_snapshot *without = planning_carry_out(plan, snapshot);
    struct plan *back = restored(without, snapshot);
    /* The 64-bit catalog gets it by one call; into the 32-bit one no function brings several entries of one id. */
    assert_true(warns(back, "gets a provider id of its own in the 32-bit catalog"));
    struct wsplsp_snapshot *again = planning_carry_out(back, without);
    planning_same(snapshot, again);
    for (size_t i = 0; i < again->catalogs[0].entry_count; i++)
        assert_true(wsplsp_guid_equal(&again->catalogs[0].entries[i].info.provider_id,
                                      &snapshot->catalogs[0].entries[i].info.provider_id));
    assert_true(wsplsp_guid_equal(&plan_named(again, 32, "Layer")->info.provider_id,
                                  &plan_named(snapshot, 32, "Layer")->info.provider_id));
    /* And going back there once more finds all as it should be. */
    struct plan *nothing = restored(again, snapshot);
    assert_int_equal(nothing->step_count, 0);
    plan_free(nothing);
    wsplsp_snapshot_free(again);
    wsplsp_snapshot_free(without);
    plan_free(plan);
    plan_free(back);
    /* One broken entry of it cannot go alone: all go, the others come back. */
    doctor_chain(doctor_entry(snapshot, 64, 1012), 2, (const uint32_t[]){4711, 1002});
    plan = removed(snapshot, "1012");
    expect(snapshot, plan, 64,
           "chain Layer > TCP4\nchain Layer > RAW4\nchain Layer > TCP6\nchain Layer > UDP6\nchain Layer > RAW6\n" BASES
           "layer Layer\n");
}

/* While a provider goes and comes back, the chains of others that pass through it do without. */
static void other_chains_do_without_what_comes_back(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = layered();
    static const char *const over[] = {"1001", "1002"};
    struct plan_install_request request = layer_n();
    one_provider_id(snapshot, 64);
    request.over = over;
    request.over_count = 2;
    request.catalogs = PLAN_64;
    struct plan *plan = installed(snapshot, &request);
    struct wsplsp_snapshot *with = planning_carry_out(plan, snapshot);
    plan_free(plan);
    wsplsp_snapshot_free(snapshot);
    doctor_chain(doctor_entry(with, 64, 1013), 2, (const uint32_t[]){4711, 1003});
    plan = removed(with, "1013");
    assert_string_equal(plan->steps[0].function, "WSCUpdateProvider");
    assert_int_equal(plan->steps[0].items[0].info.chain_len, 2);
    expect(with, plan, 64,
           "chain N > Layer > TCP4\nchain N > Layer > UDP4\nchain Layer > TCP4\nchain Layer > UDP4\n"
           "chain Layer > TCP6\nchain Layer > UDP6\nchain Layer > RAW6\n" BASES "layer Layer\nlayer N\n");
}

/* The chain of another layer runs through a chain of the one that goes, and that is broken itself. */
static struct wsplsp_snapshot *inseparable(void)
{
    struct wsplsp_snapshot *snapshot = layered();
    struct wsplsp_entry *other = doctor_add(snapshot, 64, 1020, "Other", 2, 1, 6);
    other->info.chain_len = 0;
    memset(&other->info.provider_id, 0x20, 16);
    other = doctor_add(snapshot, 64, 1021, "Other over it", 2, 1, 6);
    memset(&other->info.provider_id, 0x21, 16);
    doctor_chain(other, 3, (const uint32_t[]){1020, 1011, 1001});
    doctor_chain(doctor_entry(snapshot, 64, 1011), 2, (const uint32_t[]){1010, 4711});
    planning_name(snapshot);
    return snapshot;
}

static void a_chain_that_cannot_do_without_needs_cascade(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = inseparable();
    refuse_remove(snapshot, "Layer", WSPLSP_REFUSED, "CHAIN_NEEDED");
    assert_non_null(strstr(error.message, "Other over it"));
    const struct plan_remove_request request = {.wanted = "Layer", .cascade = true};
    struct plan *plan = NULL;
    assert_int_equal(plan_remove(snapshot, &request, planning_new_id, &plan, &error), WSPLSP_OK);
    expect(snapshot, plan, 64, BASES); /* the other layer had no other chain */
}

/* As Microsoft's sample installer makes them: the lower layer's chain is a member. */
static void a_chain_made_upon_a_chain_keeps_what_was_below(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = inseparable();
    doctor_chain(doctor_entry(snapshot, 64, 1011), 2, (const uint32_t[]){1010, 1001});
    struct plan *plan = removed(snapshot, "Layer");
    struct plan *reset = NULL;
    assert_int_equal(plan_reset(snapshot, planning_new_id, &reset, &error), WSPLSP_OK);
    struct wsplsp_snapshot *bare = planning_carry_out(reset, snapshot);
    wsplsp_snapshot_free(bare);
    plan_free(reset);
    expect(snapshot, plan, 64, BASES "layer Other\nchain Other > TCP4\n");
}

static void all_layers_go_and_the_bases_stay_in_order(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = planning_fixture("windows11-two-lsps"), *plain = planning_fixture("windows11");
    struct plan *plan = NULL;
    assert_int_equal(plan_reset(snapshot, planning_new_id, &plan, &error), WSPLSP_OK);
    for (size_t i = 0; i < plan->step_count; i++)
        assert_int_equal(plan->steps[i].action, PLAN_REMOVE);
    char *told = planning_tell(plain, 64);
    expect(snapshot, plan, 64, told);
    free(told);
    assert_int_equal(plan_reset(plain, planning_new_id, &plan, &error), WSPLSP_OK);
    assert_int_equal(plan->step_count, 0);
    assert_string_equal(plan->nothing, "There are no layers");
    plan_free(plan);
    wsplsp_snapshot_free(plain);
}

static void entries_that_cannot_be_decoded_stay_in_place(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = layered();
    struct wsplsp_entry *broken = doctor_entry(snapshot, 64, 1014);
    broken->undecoded = text_duplicate("too short");
    memset(&broken->info, 0, sizeof broken->info);
    struct plan *plan = NULL;
    assert_int_equal(plan_reset(snapshot, planning_new_id, &plan, &error), WSPLSP_OK);
    assert_true(warns(plan, "cannot be decoded"));
    expect(snapshot, plan, 64, "undecoded\n" BASES);
}

/* ---- order */

static struct plan *ordered(const struct wsplsp_snapshot *snapshot, const struct plan_order_request *request)
{
    struct plan *plan = NULL;
    if (plan_order(snapshot, request, planning_new_id, &plan, &error) != WSPLSP_OK)
        fail_msg("%s", error.message);
    return plan;
}

static void a_layers_chains_come_to_the_front_and_it_is_said_what_that_means(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = planning_fixture("windows11-two-lsps");
    const struct plan_order_request request = {.top = "Contoso Web Filter"};
    struct plan *plan = ordered(snapshot, &request);
    expect_functions(plan, "WSCWriteProviderOrder WSCWriteProviderOrder32");
    assert_true(warns(plan, "64-bit programs that went through Fabrikam Traffic Meter > Contoso Web Filter > MSAFD "
                            "Tcpip [TCP/IP] will go through Contoso Web Filter > MSAFD Tcpip [TCP/IP]"));
    struct wsplsp_snapshot *after = planning_carry_out(plan, snapshot);
    assert_string_equal(after->catalogs[0].entries[0].name, "Contoso Web Filter over [MSAFD Tcpip [TCP/IPv6]]");
    assert_string_equal(after->catalogs[0].entries[6].name, snapshot->catalogs[0].entries[0].name);
    /* Again: there is nothing to do. */
    struct plan *again = ordered(after, &request);
    assert_int_equal(again->step_count, 0);
    assert_non_null(again->nothing);
    plan_free(again);
    wsplsp_snapshot_free(after);
    wsplsp_snapshot_free(snapshot);
    plan_free(plan);
}

static void a_partial_order_brings_these_to_the_front(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = windows();
    static const uint32_t ids[] = {1006, 1002};
    const struct plan_order_request request = {.ids = ids, .id_count = 2, .catalogs = PLAN_64};
    struct plan *plan = ordered(snapshot, &request);
    assert_int_equal(plan->warning_count, 0);
    expect_functions(plan, "WSCWriteProviderOrder");
    expect(snapshot, plan, 64, "base RAW6\nbase UDP4\nbase TCP4\nbase RAW4\nbase TCP6\nbase UDP6\n");
}

static void an_order_that_changes_the_base_says_so(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = planning_fixture("windows10");
    const struct plan_order_request request = {.top = "RSVP TCP Service Provider"};
    struct plan *plan = ordered(snapshot, &request);
    assert_true(warns(plan, "64-bit programs will get another base provider: RSVP TCP Service Provider instead of "
                            "MSAFD Tcpip [TCP/IP]"));
    plan_free(plan);
    wsplsp_snapshot_free(snapshot);
}

static void an_order_of_what_is_not_there_is_refused(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = windows();
    static const uint32_t unknown[] = {1001, 4711}, twice[] = {1001, 1001};
    struct plan *plan = NULL;
    struct plan_order_request request = {.ids = unknown, .id_count = 2};
    assert_int_equal(plan_order(snapshot, &request, planning_new_id, &plan, &error), WSPLSP_NOT_FOUND);
    request.ids = twice;
    assert_int_equal(plan_order(snapshot, &request, planning_new_id, &plan, &error), WSPLSP_USAGE);
    request.top = "nobody";
    assert_int_equal(plan_order(snapshot, &request, planning_new_id, &plan, &error), WSPLSP_NOT_FOUND);
    wsplsp_snapshot_free(snapshot);
}

/* ---- a layer's DLL and categories */

static void another_dll_is_given_to_the_layer_and_its_chains(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = layered();
    struct plan *plan = NULL;
    assert_int_equal(plan_update(snapshot, "Layer", "C:\\new.dll", NULL, planning_new_id, &plan, &error), WSPLSP_OK);
    assert_int_equal(plan->step_count, 7);
    for (size_t i = 0; i < 7; i++)
        assert_string_equal(plan->steps[i].function, "WSCUpdateProvider");
    struct wsplsp_snapshot *after = planning_carry_out(plan, snapshot);
    assert_string_equal(doctor_entry(after, 64, 1010)->dll, "C:\\new.dll");
    assert_string_equal(doctor_entry(after, 64, 1016)->dll, "C:\\new.dll");
    assert_string_equal(doctor_entry(after, 32, 1016)->dll, doctor_entry(snapshot, 32, 1016)->dll);
    plan_free(plan);
    assert_int_equal(plan_update(after, "Layer", "C:\\NEW.dll", NULL, planning_new_id, &plan, &error), WSPLSP_OK);
    assert_int_equal(plan->step_count, 0);
    plan_free(plan);
    assert_int_equal(plan_update(after, "TCP4", "C:\\new.dll", NULL, planning_new_id, &plan, &error), WSPLSP_REFUSED);
    assert_int_equal(plan_update(after, "Layer", NULL, NULL, planning_new_id, &plan, &error), WSPLSP_NOT_FOUND);
    assert_int_equal(plan_update(after, "Layer", "", NULL, planning_new_id, &plan, &error), WSPLSP_USAGE);
    wsplsp_snapshot_free(after);
    wsplsp_snapshot_free(snapshot);
}

static void categories_are_set_where_they_differ(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = layered();
    struct plan *plan = NULL;
    assert_int_equal(plan_categorize(snapshot, "Layer", 0x80000001u, 0, planning_new_id, &plan, &error), WSPLSP_OK);
    expect_functions(plan, "WSCSetProviderInfo WSCSetProviderInfo32");
    assert_int_equal(plan->steps[0].categories, 0x80000001u);
    struct wsplsp_snapshot *after = planning_carry_out(plan, snapshot);
    plan_free(plan);
    assert_int_equal(plan_categorize(after, "Layer", 0x80000001u, 0, planning_new_id, &plan, &error), WSPLSP_OK);
    assert_int_equal(plan->step_count, 0);
    plan_free(plan);
    wsplsp_snapshot_free(after);
    wsplsp_snapshot_free(snapshot);
}

/* ---- restore */

static void base_entries_that_came_meanwhile_stay(void **state)
{
    (void)state;
    struct wsplsp_snapshot *backup = windows(), *snapshot = layered();
    struct wsplsp_entry *extra = doctor_add(snapshot, 64, 1030, "Hyper-V", 34, 1, 1);
    assert_non_null(extra);
    planning_name(snapshot);
    struct plan *plan = restored(snapshot, backup);
    assert_true(warns(plan, "'Hyper-V' is of a base provider"));
    expect(snapshot, plan, 64, BASES "base Hyper-V\n");
    wsplsp_snapshot_free(backup);
}

static void a_base_provider_that_is_gone_comes_back(void **state)
{
    (void)state;
    struct wsplsp_snapshot *backup = windows(), *snapshot = windows();
    for (uint32_t id = 1004; id <= 1006; id++)
        doctor_remove(snapshot, 64, id);
    struct plan *plan = restored(snapshot, backup);
    /* The 32-bit catalog has it still, and WSCInstallProvider is for the other one alone. */
    expect_functions(plan, "WSCInstallProvider");
    expect(snapshot, plan, 64, BASES);
    /* One entry of a base provider cannot come back by itself. */
    snapshot = windows();
    doctor_remove(snapshot, 64, 1005);
    plan = restored(snapshot, backup);
    assert_true(warns(plan, "'UDP6' is missing from a base provider"));
    assert_int_equal(plan->step_count, 0);
    plan_free(plan);
    wsplsp_snapshot_free(snapshot);
    wsplsp_snapshot_free(backup);
}

static void a_base_entrys_dll_is_put_back(void **state)
{
    (void)state;
    struct wsplsp_snapshot *backup = windows(), *snapshot = windows();
    for (uint32_t id = 1001; id <= 1003; id++)
        doctor_set_text(&doctor_entry(snapshot, 64, id)->dll, "C:\\evil.dll");
    struct plan *plan = restored(snapshot, backup);
    expect_functions(plan, "WSCUpdateProvider");
    planning_same(backup, plan->after);
    plan_free(plan);
    wsplsp_snapshot_free(snapshot);
    wsplsp_snapshot_free(backup);
}

static void another_systems_backup_is_refused(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = windows(), *other = planning_fixture("windows7");
    struct plan *plan = NULL;
    assert_int_equal(plan_restore(snapshot, other, planning_new_id, &plan, &error), WSPLSP_REFUSED);
    assert_string_equal(error.name, "OTHER_SYSTEM");
    wsplsp_snapshot_free(other);
    wsplsp_snapshot_free(snapshot);
}

/* What was broken in the backup is broken again, as it was. */
static void a_broken_catalog_can_be_gone_back_to(void **state)
{
    (void)state;
    struct wsplsp_snapshot *backup = layered(), *snapshot = windows();
    doctor_chain(doctor_entry(backup, 64, 1012), 3, (const uint32_t[]){1010, 4711, 1002});
    struct plan *plan = restored(snapshot, backup);
    assert_true(warns(plan, "broken chains"));
    planning_same(backup, plan->after);
    plan_free(plan);
    wsplsp_snapshot_free(snapshot);
    wsplsp_snapshot_free(backup);
}

/* ---- fix */

static struct plan *fixed_only(const struct wsplsp_snapshot *snapshot, struct check_files *files, const char *only)
{
    struct check_report *report = NULL;
    struct plan *plan = NULL;
    assert_int_equal(check_snapshot(snapshot, files, "no files in this test", &report, &error), WSPLSP_OK);
    enum wsplsp_status status =
        plan_fix(snapshot, report, only == NULL ? NULL : &only, 1, planning_new_id, &plan, &error);
    check_report_free(report);
    if (status != WSPLSP_OK)
        fail_msg("%s", error.message);
    return plan;
}

static void a_chain_whose_member_is_gone_does_without(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = layered();
    for (uint32_t id = 1011; id <= 1016; id++)
        doctor_chain(doctor_entry(snapshot, 64, id), 3, (const uint32_t[]){1010, 4711, id - 10});
    struct plan *plan = fixed_only(snapshot, NULL, NULL);
    char *told = planning_tell(plan->after, 32);
    expect(snapshot, plan, 64, told); /* the 32-bit catalog is sound */
    free(told);
}

static void broken_chains_go(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = layered();
    doctor_chain(doctor_entry(snapshot, 64, 1011), 2, (const uint32_t[]){4711, 1001}); /* no layer */
    doctor_chain(doctor_entry(snapshot, 64, 1012), 2, (const uint32_t[]){1012, 1002}); /* itself */
    doctor_chain(doctor_entry(snapshot, 64, 1013), 2, (const uint32_t[]){1010, 1010}); /* no base */
    doctor_entry(snapshot, 64, 1014)->info.chain_len = 8;
    doctor_chain(doctor_entry(snapshot, 64, 1015), 2, (const uint32_t[]){1016, 1005}); /* a circle */
    doctor_chain(doctor_entry(snapshot, 64, 1016), 2, (const uint32_t[]){1015, 1006});
    struct plan *plan = fixed_only(snapshot, NULL, "chain-self");
    expect_functions(plan, "WSCDeinstallProvider");
    plan_free(plan);
    plan = fixed_only(snapshot, NULL, NULL);
    /* The layer does nothing any more; the next run finds that. */
    expect(snapshot, plan, 64, BASES "layer Layer\n");
}

static void a_layer_that_stands_in_no_chain_goes(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = layered();
    for (uint32_t id = 1011; id <= 1016; id++)
        doctor_remove(snapshot, 64, id);
    struct plan *plan = fixed_only(snapshot, NULL, NULL);
    expect_functions(plan, "WSCDeinstallProvider");
    expect(snapshot, plan, 64, BASES);
}

static void a_layer_whose_dll_is_missing_goes(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = layered();
    struct files_facts facts = doctor_good_dll(64);
    facts.presence = FILES_MISSING;
    struct check_files *files = doctor_files("C:\\Program Files\\Contoso\\layer.dll", 64, &facts);
    struct plan *plan = fixed_only(snapshot, files, "dll-missing");
    files_close(files);
    expect(snapshot, plan, 64, BASES);
}

static void counts_are_put_right_by_writing_the_order(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = layered();
    doctor_catalog(snapshot, 64)->entries_stored.value = 4;
    doctor_entry(snapshot, 32, 1010)->number = 40;
    struct plan *plan = fixed_only(snapshot, NULL, NULL);
    expect_functions(plan, "WSCWriteProviderOrder WSCWriteProviderOrder32");
    assert_int_equal(plan->after->catalogs[0].entries_stored.value, 13);
    assert_int_equal(plan->after->catalogs[1].entries[12].number, 13);
    plan_free(plan);
    wsplsp_snapshot_free(snapshot);
}

static void what_has_no_safe_cure_is_left_alone(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = layered();
    doctor_entry(snapshot, 64, 1011)->info.service_flags[0] = 0;
    struct plan *plan = fixed_only(snapshot, NULL, NULL);
    assert_int_equal(plan->step_count, 0);
    assert_non_null(plan->nothing);
    plan_free(plan);
    const struct check_report report = {0};
    const char *only = "non-ifs-layer";
    assert_int_equal(plan_fix(snapshot, &report, &only, 1, planning_new_id, &plan, &error), WSPLSP_USAGE);
    wsplsp_snapshot_free(snapshot);
}

/* ---- applications */

static void an_application_permits_just_what_is_asked_for(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = windows();
    struct plan *plan = NULL;
    assert_int_equal(plan_application_set(snapshot, "C:\\a.exe", NULL, 0x41, &plan, &error), WSPLSP_OK);
    expect_functions(plan, "WSCSetApplicationCategory");
    struct wsplsp_snapshot *next = planning_carry_out(plan, snapshot);
    wsplsp_snapshot_free(snapshot);
    plan_free(plan);
    assert_int_equal(plan_application_set(next, "c:\\A.EXE", NULL, 0x41, &plan, &error), WSPLSP_OK);
    assert_int_equal(plan->step_count, 0);
    plan_free(plan);
    /* Adding is one call; taking away is not what the function can do. */
    assert_int_equal(plan_application_set(next, "C:\\a.exe", NULL, 0x43, &plan, &error), WSPLSP_OK);
    expect_functions(plan, "WSCSetApplicationCategory");
    plan_free(plan);
    assert_int_equal(plan_application_set(next, "C:\\a.exe", NULL, 0x80000000u, &plan, &error), WSPLSP_OK);
    expect_functions(plan, "RegDeleteKey WSCSetApplicationCategory");
    assert_string_equal(plan->steps[0].application_key, next->applications[0].key);
    assert_non_null(strstr(plan->steps[1].words, ": LSP_SYSTEM"));
    snapshot = planning_carry_out(plan, next);
    assert_int_equal(snapshot->application_count, 1);
    assert_int_equal(snapshot->applications[0].categories, 0x80000000u);
    plan_free(plan);
    /* With arguments it is another instance. */
    assert_int_equal(plan_application_clear(snapshot, "C:\\a.exe", "-x", &plan, &error), WSPLSP_NOT_FOUND);
    assert_int_equal(plan_application_clear(snapshot, "C:\\a.exe", NULL, &plan, &error), WSPLSP_OK);
    struct wsplsp_snapshot *cleared = planning_carry_out(plan, snapshot);
    assert_int_equal(cleared->application_count, 0);
    plan_free(plan);
    plan = restored(cleared, snapshot);
    struct wsplsp_snapshot *back = planning_carry_out(plan, cleared);
    planning_same(snapshot, back);
    plan_free(plan);
    assert_int_equal(plan_application_set(back, "", NULL, 1, &plan, &error), WSPLSP_USAGE);
    wsplsp_snapshot_free(back);
    wsplsp_snapshot_free(cleared);
    wsplsp_snapshot_free(snapshot);
    wsplsp_snapshot_free(next);
}

/* ---- name spaces */

static struct wsplsp_snapshot *with_name_space(struct plan **plan, const struct wsplsp_snapshot *snapshot)
{
    const struct plan_name_space_request request = {.name = "NS",
                                                    .dll64 = "C:\\ns.dll",
                                                    .dll32 = "C:\\ns32.dll",
                                                    .name_space = 12,
                                                    .version = 3,
                                                    .info = "info",
                                                    .info_size = 4};
    if (plan_name_space_install(snapshot, &request, planning_new_id, plan, &error) != WSPLSP_OK)
        fail_msg("%s", error.message);
    return planning_carry_out(*plan, snapshot);
}

static void a_name_space_comes_and_is_ordered(void **state)
{
    (void)state;
    struct wsplsp_snapshot *start = planning_fixture("windows10");
    struct plan *plan = NULL;
    struct wsplsp_snapshot *with = with_name_space(&plan, start);
    expect_functions(plan, "WSCInstallNameSpaceEx WSCInstallNameSpaceEx32");
    plan_free(plan);
    size_t last = with->catalogs[1].name_space_count - 1;
    assert_string_equal(with->catalogs[1].name_spaces[last].dll, "C:\\ns32.dll");
    struct wsplsp_snapshot *same = with_name_space(&plan, with);
    assert_int_equal(plan->step_count, 0);
    plan_free(plan);

    const char *twice[] = {"NS", "ns"}, *front[] = {"NS", with->catalogs[0].name_spaces[1].name};
    assert_int_equal(plan_name_space_order(with, twice, 2, 0, &plan, &error), WSPLSP_USAGE);
    assert_int_equal(plan_name_space_order(with, front, 2, 0, &plan, &error), WSPLSP_OK);
    expect_functions(plan, "WSCWriteNameSpaceOrder WSCWriteNameSpaceOrder32");
    struct wsplsp_snapshot *next = planning_carry_out(plan, with);
    assert_string_equal(next->catalogs[0].name_spaces[0].name, "NS");
    assert_string_equal(next->catalogs[0].name_spaces[1].name, front[1]);
    plan_free(plan);
    wsplsp_snapshot_free(next);
    wsplsp_snapshot_free(same);
    wsplsp_snapshot_free(with);
    wsplsp_snapshot_free(start);
}

static void a_name_space_is_disabled_removed_and_brought_back(void **state)
{
    (void)state;
    struct wsplsp_snapshot *start = planning_fixture("windows10");
    struct plan *plan = NULL;
    struct wsplsp_snapshot *with = with_name_space(&plan, start);
    plan_free(plan);
    assert_int_equal(plan_name_space_enable(with, "NS", false, PLAN_32, &plan, &error), WSPLSP_OK);
    expect_functions(plan, "WSCEnableNSProvider32");
    struct wsplsp_snapshot *off = planning_carry_out(plan, with);
    plan_free(plan);
    assert_int_equal(plan_name_space_enable(off, "NS", false, PLAN_32, &plan, &error), WSPLSP_OK);
    assert_int_equal(plan->step_count, 0);
    plan_free(plan);

    assert_int_equal(plan_name_space_remove(off, "NS", 0, &plan, &error), WSPLSP_OK);
    expect_functions(plan, "WSCUnInstallNameSpace WSCUnInstallNameSpace32");
    struct wsplsp_snapshot *without = planning_carry_out(plan, off);
    planning_same(start, without);
    plan_free(plan);
    assert_int_equal(plan_name_space_remove(without, "NS", 0, &plan, &error), WSPLSP_NOT_FOUND);
    plan = restored(without, off);
    struct wsplsp_snapshot *back = planning_carry_out(plan, without);
    planning_same(off, back);
    plan_free(plan);
    wsplsp_snapshot_free(back);
    wsplsp_snapshot_free(without);
    wsplsp_snapshot_free(off);
    wsplsp_snapshot_free(with);
    wsplsp_snapshot_free(start);
}

static void another_name_spaces_name_is_taken(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = windows();
    struct plan *plan = NULL;
    struct plan_name_space_request request = {
        .name = "Tcpip", .dll64 = "C:\\ns.dll", .dll32 = "C:\\ns.dll", .name_space = 12};
    assert_int_equal(plan_name_space_install(snapshot, &request, planning_new_id, &plan, &error), WSPLSP_REFUSED);
    request.dll32 = NULL;
    assert_int_equal(plan_name_space_install(snapshot, &request, planning_new_id, &plan, &error), WSPLSP_USAGE);
    wsplsp_snapshot_free(snapshot);
}

/* ---- comparing and binding */

static struct plan *at_once(const struct wsplsp_snapshot *snapshot)
{
    static const char *const over[] = {"tcp", "udp"};
    struct plan_install_request request = layer_n();
    request.over = over;
    request.over_count = 2;
    request.exact = true;
    return installed(snapshot, &request);
}

static size_t count_differences(const struct plan *plan, const struct wsplsp_snapshot *actual)
{
    struct diff *diff;
    assert_int_equal(plan_compare(plan, actual, &diff, &error), WSPLSP_OK);
    size_t count = diff->count;
    diff_free(diff);
    return count;
}

static void what_the_system_chooses_is_no_difference(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = windows();
    struct plan *plan = at_once(snapshot);
    struct wsplsp_snapshot *actual = planning_carry_out(plan, snapshot);
    struct wsplsp_catalog *catalog = doctor_catalog(actual, 64);
    doctor_set_text(&catalog->entries[0].name, "N auf [TCP4]");
    catalog->entries[0].info.provider_flags |= 1;
    struct wsplsp_entry first = catalog->entries[0];
    catalog->entries[0] = catalog->entries[1];
    catalog->entries[1] = first;
    assert_true(wsplsp_catalog_index(catalog));
    assert_int_equal(count_differences(plan, actual), 0);
    /* But a chain over another base, or behind the bases, is. */
    uint32_t base = catalog->entries[1].info.chain[1];
    catalog->entries[1].info.chain[1] = 1004;
    assert_true(count_differences(plan, actual) > 0);
    catalog->entries[1].info.chain[1] = base;
    doctor_move_to_end(actual, 64, catalog->entries[1].info.catalog_id);
    assert_true(wsplsp_catalog_index(catalog));
    assert_true(count_differences(plan, actual) > 0);
    wsplsp_snapshot_free(actual);
    wsplsp_snapshot_free(snapshot);
    plan_free(plan);
}

static void a_system_that_keeps_nothing_differs(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = windows();
    struct plan *plan = at_once(snapshot);
    assert_true(count_differences(plan, snapshot) > 0);
    plan_free(plan);
    wsplsp_snapshot_free(snapshot);
}

static void a_catalog_changed_meanwhile_is_noticed(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = layered(), *other = layered();
    struct plan *plan = removed(snapshot, "Layer");
    assert_int_equal(plan_check_before(plan, other, &error), WSPLSP_OK);
    doctor_set_text(&doctor_entry(other, 32, 1016)->dll, "C:\\other.dll");
    assert_int_equal(plan_check_before(plan, other, &error), WSPLSP_REFUSED);
    wsplsp_snapshot_free(other);
    /* The same layer installed anew, under other ids. */
    other = layered();
    doctor_entry(other, 64, 1016)->info.catalog_id = 1099;
    assert_int_equal(plan_check_before(plan, other, &error), WSPLSP_REFUSED);
    wsplsp_snapshot_free(other);
    plan_free(plan);
    wsplsp_snapshot_free(snapshot);
}

static void an_order_is_not_written_over_entries_that_it_does_not_know(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = layered();
    const struct plan_order_request request = {.top = "TCP4"};
    struct plan *plan = ordered(snapshot, &request);
    struct plan_call call;
    assert_int_equal(plan_step_bind(&plan->steps[0], snapshot, &call, &error), WSPLSP_OK);
    assert_int_equal(call.id_count, 13);
    assert_int_equal(call.ids[0], 1001);
    plan_call_free(&call);
    doctor_add(snapshot, 64, 1040, "late", 2, 1, 6);
    assert_int_equal(plan_step_bind(&plan->steps[0], snapshot, &call, &error), WSPLSP_REFUSED);
    doctor_remove(snapshot, 64, 1040);
    doctor_entry(snapshot, 64, 1006)->info.catalog_id = 1040;
    assert_true(wsplsp_catalog_index(doctor_catalog(snapshot, 64)));
    assert_int_equal(plan_step_bind(&plan->steps[0], snapshot, &call, &error), WSPLSP_REFUSED);
    plan_free(plan);
    wsplsp_snapshot_free(snapshot);
}

/* ---- memory */

struct failing {
    struct wsplsp_snapshot *snapshot, *other;
};

static bool one(enum wsplsp_status status, struct plan **plan)
{
    if (status == WSPLSP_OK)
        plan_free(*plan);
    else
        assert_int_equal(status, WSPLSP_SYSTEM);
    return status == WSPLSP_OK;
}

static bool try_install(void *context)
{
    static const char *const over[] = {"1001"};
    const struct failing *failing = context;
    struct plan_install_request request = layer_n();
    struct plan *plan = NULL;
    request.over = over;
    request.over_count = 1;
    request.position = PLAN_BELOW;
    request.beside = "Layer";
    return one(plan_install(failing->snapshot, &request, planning_new_id, &plan, &error), &plan);
}

static bool try_at_once(void *context)
{
    static const char *const over[] = {"tcp"};
    const struct failing *failing = context;
    struct plan_install_request request = layer_n();
    struct plan *plan = NULL;
    struct diff *diff = NULL;
    request.over = over;
    request.over_count = 1;
    request.exact = true;
    enum wsplsp_status status = plan_install(failing->snapshot, &request, planning_new_id, &plan, &error);
    if (status == WSPLSP_OK && plan_compare(plan, plan->after, &diff, &error) == WSPLSP_OK)
        diff_free(diff);
    return one(status, &plan) && diff != NULL;
}

static bool try_remove(void *context)
{
    const struct failing *failing = context;
    const struct plan_remove_request request = {.wanted = "Layer"};
    struct plan *plan = NULL;
    return one(plan_remove(failing->snapshot, &request, planning_new_id, &plan, &error), &plan);
}

static bool try_order(void *context)
{
    const struct failing *failing = context;
    const struct plan_order_request request = {.top = "TCP4"};
    struct plan *plan = NULL;
    return one(plan_order(failing->snapshot, &request, planning_new_id, &plan, &error), &plan);
}

static bool try_restore(void *context)
{
    const struct failing *failing = context;
    struct plan *plan = NULL;
    return one(plan_restore(failing->other, failing->snapshot, planning_new_id, &plan, &error), &plan);
}

static bool try_fix(void *context)
{
    const struct failing *failing = context;
    struct check_finding finding = {.code = "layer-without-chain", .bits = 64, .position = 13};
    const struct check_report report = {.findings = &finding, .finding_count = 1};
    struct plan *plan = NULL;
    return one(plan_fix(failing->snapshot, &report, NULL, 0, planning_new_id, &plan, &error), &plan);
}

static bool try_rest(void *context)
{
    const struct failing *failing = context;
    const struct plan_name_space_request request = {
        .name = "NS", .dll64 = "C:\\ns.dll", .dll32 = "C:\\ns.dll", .name_space = 12, .info = "i", .info_size = 1};
    struct plan *plan = NULL;
    const char *front = "Tcpip";
    bool ok = one(plan_name_space_install(failing->snapshot, &request, planning_new_id, &plan, &error), &plan) &&
              one(plan_name_space_order(failing->snapshot, &front, 1, 0, &plan, &error), &plan) &&
              one(plan_name_space_remove(failing->snapshot, "Tcpip", 0, &plan, &error), &plan);
    return ok && one(plan_application_set(failing->snapshot, "a.exe", "-x", 1, &plan, &error), &plan) &&
           one(plan_update(failing->snapshot, "Layer", "C:\\x.dll", NULL, planning_new_id, &plan, &error), &plan);
}

static void memory_may_run_out_anywhere(void **state)
{
    (void)state;
    struct failing failing = {layered(), windows()};
    support_fail_allocations(try_install, &failing);
    support_fail_allocations(try_at_once, &failing);
    support_fail_allocations(try_remove, &failing);
    support_fail_allocations(try_order, &failing);
    support_fail_allocations(try_restore, &failing);
    support_fail_allocations(try_fix, &failing);
    support_fail_allocations(try_rest, &failing);
    wsplsp_snapshot_free(failing.snapshot);
    wsplsp_snapshot_free(failing.other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_layer_goes_over_each_protocol_once),
        cmocka_unit_test(single_steps_install_the_layer_its_chains_and_the_order),
        cmocka_unit_test(one_call_is_taken_where_it_does_the_job),
        cmocka_unit_test(one_call_is_followed_by_no_other),
        cmocka_unit_test(over_tcp_means_the_family_unless_exact),
        cmocka_unit_test(a_layer_on_top_runs_over_what_programs_got),
        cmocka_unit_test(a_layer_goes_where_it_is_told),
        cmocka_unit_test(places_that_decide_nothing_are_the_system_s_choice),
        cmocka_unit_test(a_non_ifs_layer_takes_the_flag_from_all_chains_through_it),
        cmocka_unit_test(one_catalog_alone_leaves_the_other_as_it_is),
        cmocka_unit_test(on_32_bit_windows_the_plain_functions_do_it),
        cmocka_unit_test(what_is_installed_already_is_left_alone),
        cmocka_unit_test(what_cannot_be_installed_is_refused),
        cmocka_unit_test(a_chain_has_seven_members_and_no_more),
        cmocka_unit_test(a_layer_below_another_is_taken_out_of_its_chains),
        cmocka_unit_test(a_layer_is_known_by_name_id_provider_id_and_chain),
        cmocka_unit_test(base_entries_are_never_removed),
        cmocka_unit_test(a_broken_entry_goes_alone),
        cmocka_unit_test(a_layer_of_one_provider_id_comes_and_goes_as_a_whole),
        cmocka_unit_test(other_chains_do_without_what_comes_back),
        cmocka_unit_test(a_chain_that_cannot_do_without_needs_cascade),
        cmocka_unit_test(a_chain_made_upon_a_chain_keeps_what_was_below),
        cmocka_unit_test(all_layers_go_and_the_bases_stay_in_order),
        cmocka_unit_test(entries_that_cannot_be_decoded_stay_in_place),
        cmocka_unit_test(a_layers_chains_come_to_the_front_and_it_is_said_what_that_means),
        cmocka_unit_test(a_partial_order_brings_these_to_the_front),
        cmocka_unit_test(an_order_that_changes_the_base_says_so),
        cmocka_unit_test(an_order_of_what_is_not_there_is_refused),
        cmocka_unit_test(another_dll_is_given_to_the_layer_and_its_chains),
        cmocka_unit_test(categories_are_set_where_they_differ),
        cmocka_unit_test(base_entries_that_came_meanwhile_stay),
        cmocka_unit_test(a_base_provider_that_is_gone_comes_back),
        cmocka_unit_test(a_base_entrys_dll_is_put_back),
        cmocka_unit_test(another_systems_backup_is_refused),
        cmocka_unit_test(a_broken_catalog_can_be_gone_back_to),
        cmocka_unit_test(a_chain_whose_member_is_gone_does_without),
        cmocka_unit_test(broken_chains_go),
        cmocka_unit_test(a_layer_that_stands_in_no_chain_goes),
        cmocka_unit_test(a_layer_whose_dll_is_missing_goes),
        cmocka_unit_test(counts_are_put_right_by_writing_the_order),
        cmocka_unit_test(what_has_no_safe_cure_is_left_alone),
        cmocka_unit_test(an_application_permits_just_what_is_asked_for),
        cmocka_unit_test(a_name_space_comes_and_is_ordered),
        cmocka_unit_test(a_name_space_is_disabled_removed_and_brought_back),
        cmocka_unit_test(another_name_spaces_name_is_taken),
        cmocka_unit_test(what_the_system_chooses_is_no_difference),
        cmocka_unit_test(a_system_that_keeps_nothing_differs),
        cmocka_unit_test(a_catalog_changed_meanwhile_is_noticed),
        cmocka_unit_test(an_order_is_not_written_over_entries_that_it_does_not_know),
        cmocka_unit_test(memory_may_run_out_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
