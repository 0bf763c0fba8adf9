/* Plans carried out by the WSC* functions: of the host, under `wsplsp run --catalog FILE`, where they really change
 * something; and what keeps backups safe on Windows.
 *   test_change hosted          scenarios on the private catalog
 *   test_change system          scenarios outside of any host
 *   test_change folders FILE    scenarios with the machine's folder for backups and traces, which is not there yet
 *   test_change kill N          removes all layers, and kills itself at event N; 0 where it lives to the end
 *   test_change install-kill N DLL  the same for installing one
 *   test_change recover         says what it made of what it found: "undone", "done", "nothing"
 *   test_change add NAME DLL    installs a layer of that DLL over TCP, in both catalogs
 *   test_change hold FILE       changes the catalog in the file, and waits in the middle until its input ends
 *   test_change busy FILE       tries to change it meanwhile */
#include "lsp-core/change/part.h"

#include <winsock2.h>
#include <windows.h>
#include <aclapi.h>
#include <sddl.h>
#include <stdlib.h>

#include "lsp-core/registry/shared_file.h"
#include "lsp-core/win/data_folder_win.h"
#include "lsp-core/diff/diff.h"
#include "lsp-core/win/elevation_win.h"
#include "lsp-core/change/store_winsock_win.h"
#include "lsp-core/base/sysdll_win.h"
#include "tap.h"
#include "lsp-core/base/text.h"
#include "lsp-core/win/trusted_folder_win.h"

static bool new_id(struct wsplsp_guid *id)
{
    LARGE_INTEGER now;
    static uint32_t count;
    QueryPerformanceCounter(&now);
    count++;
    memcpy(id->bytes, &now, 8);
    memcpy(id->bytes + 8, &count, 4);
    return true;
}

/* ---- functions that fail, or do nothing, at a certain call */

static size_t calls, bad_call;
static bool deaf;

/* A Windows that has no function which the reference calls "no longer available for use as of Windows Vista". */
static FARPROC find_since_vista(const char *name)
{
    return strcmp(name, "WSCInstallProvider64_32") == 0 ? NULL : winsock_find_system(name);
}

/* On x64 a function with fewer arguments than it is called with does no harm. */
static int WINAPI fails(void)
{
    WSASetLastError(WSANO_RECOVERY);
    return SOCKET_ERROR;
}

/* Those for orders return the code itself. */
static int WINAPI fails_itself(void)
{
    return WSANO_RECOVERY;
}

static int WINAPI accepts(void)
{
    return 0;
}

static FARPROC find(const char *name)
{
    calls++;
    if (deaf)
        return (FARPROC)(void (*)(void))accepts;
    if (calls != bad_call)
        return find_since_vista(name);
    return (FARPROC)(void (*)(void))(strstr(name, "Order") != NULL ? fails_itself : fails);
}

static FARPROC find_none(const char *name)
{
    (void)name;
    return NULL;
}

/* ---- a Winsock that puts entries elsewhere than the project's own model does */

static bool to_the_bottom; /* it breaks the reference's promise: "the protocol chains are ordered at the beginning" */

enum { MOST_ENTRIES = 100 };

/* The layer's own entry first, then its chains the other way round; or these last of all. */
static size_t arrange(const WSAPROTOCOL_INFOW *infos, size_t count, DWORD own, DWORD *ids)
{
    size_t given = 0;
    for (size_t i = 0; i < count; i++) {
        if (infos[i].dwCatalogEntryId == own)
            ids[given++] = infos[i].dwCatalogEntryId;
    }
    for (int last = 0; last < 2; last++) {
        for (size_t i = 0; i < count; i++) {
            const WSAPROTOCOL_INFOW *info = &infos[last == (int)to_the_bottom ? count - 1 - i : i];
            bool new = info->ProtocolChain.ChainLen > 1 && info->ProtocolChain.ChainEntries[0] == own;
            if (info->dwCatalogEntryId != own && new == (last == (int)to_the_bottom))
                ids[given++] = info->dwCatalogEntryId;
        }
    }
    return given;
}

static void scatter(const char *enum_name, const char *order_name, DWORD own)
{
    static WSAPROTOCOL_INFOW infos[MOST_ENTRIES];
    DWORD ids[MOST_ENTRIES], size = sizeof infos;
    INT code;
    int(WINAPI * list)(LPINT, LPWSAPROTOCOL_INFOW, LPDWORD, LPINT);
    int(WINAPI * order)(LPDWORD, DWORD);
    FARPROC list_address = winsock_find_system(enum_name), order_address = winsock_find_system(order_name);
    memcpy(&list, &list_address, sizeof list);
    memcpy(&order, &order_address, sizeof order);
    int count = list(NULL, infos, &size, &code);
    EXPECT(count > 0);
    EXPECT(order(ids, (DWORD)arrange(infos, (size_t)count, own, ids)) == 0);
}

static int WINAPI install_elsewhere(LPGUID id, LPWSTR dll64_path, LPWSTR dll32_path, LPWSTR name, DWORD flags,
                                    LPWSAPROTOCOL_INFOW infos, DWORD count, LPDWORD own, LPINT code)
{
    int(WINAPI * install)(LPGUID, LPWSTR, LPWSTR, LPWSTR, DWORD, LPWSAPROTOCOL_INFOW, DWORD, LPDWORD, LPINT);
    DWORD own_id = 0;
    FARPROC address = winsock_find_system("WSCInstallProviderAndChains64_32");
    memcpy(&install, &address, sizeof install);
    EXPECT(own == NULL);
    int status = install(id, dll64_path, dll32_path, name, flags, infos, count, &own_id, code);
    if (status == 0) {
        scatter("WSCEnumProtocols", "WSCWriteProviderOrder", own_id);
        scatter("WSCEnumProtocols32", "WSCWriteProviderOrder32", own_id);
    }
    return status;
}

static FARPROC find_elsewhere(const char *name)
{
    if (strcmp(name, "WSCInstallProviderAndChains64_32") == 0)
        return (FARPROC)(void (*)(void))install_elsewhere;
    return find_since_vista(name);
}

/* ---- what all scenarios do */

static struct wsplsp_error error;
static struct change_result result;

static struct change_target *open_with(winsock_find with)
{
    struct store *store;
    struct change_target *target = NULL;
    EXPECT(store_open_winsock_with(with, new_id, &store, &error) == WSPLSP_OK);
    EXPECT(change_open_store(store, &target, &error) == WSPLSP_OK);
    return target;
}

static struct wsplsp_snapshot *load(struct change_target *target)
{
    struct wsplsp_snapshot *snapshot = NULL;
    if (change_load(target, &snapshot, &error) != WSPLSP_OK) {
        printf("Bail out! %s\n", error.message);
        exit(1);
    }
    return snapshot;
}

static struct plan *plan_without_layers(const struct wsplsp_snapshot *before)
{
    const struct plan_remove_request request = {.all_layered = true};
    struct plan *plan = NULL;
    EXPECT(plan_remove(before, &request, new_id, &plan, &error) == WSPLSP_OK);
    return plan;
}

static const char *dll64 = "C:\\Program Files\\third\\third64.dll", *dll32 = "C:\\Program Files\\third\\third32.dll";

static size_t over_count; /* 0: all; 1: TCP, which the one call covers */

static struct plan *plan_layer(const struct wsplsp_snapshot *before)
{
    static const char *const over[] = {"tcp"};
    const struct plan_install_request request = {.name = "Third",
                                                 .dll64 = dll64,
                                                 .dll32 = dll32,
                                                 .over = over,
                                                 .over_count = over_count,
                                                 .exact = true,
                                                 .has_categories = true,
                                                 .categories = 0x44};
    struct plan *plan = NULL;
    EXPECT(plan_install(before, &request, new_id, &plan, &error) == WSPLSP_OK);
    return plan;
}

static bool equals(struct change_target *target, const struct wsplsp_snapshot *wanted)
{
    struct diff *diff = NULL;
    struct wsplsp_snapshot *now = load(target);
    EXPECT(diff_snapshots(wanted, now, &diff, &error) == WSPLSP_OK);
    bool same = diff->count == 0;
    for (size_t i = 0; i < diff->count; i++)
        printf("# %s %s %s: %s -> %s\n", diff_kind_name(diff->changes[i].kind), diff->changes[i].name,
               diff->changes[i].field == NULL ? "" : diff->changes[i].field,
               diff->changes[i].before == NULL ? "" : diff->changes[i].before,
               diff->changes[i].after == NULL ? "" : diff->changes[i].after);
    diff_free(diff);
    wsplsp_snapshot_free(now);
    return same;
}

static enum wsplsp_status apply(struct change_target *target, const struct plan *plan)
{
    struct change_request request = {plan, "test", "a test", {NULL, NULL}};
    change_result_free(&result);
    calls = 0;
    return change_apply(target, &request, &result, &error);
}

/* ---- hosted */

static void a_layer_comes_and_goes(void)
{
    struct change_target *target = open_with(find_since_vista);
    struct wsplsp_snapshot *before = load(target), *after, *backup = NULL;
    EXPECT(!change_target_is_system(target));
    struct plan *plan = plan_layer(before);
    EXPECT(apply(target, plan) == WSPLSP_OK && result.outcome == CHANGE_OUTCOME_DONE);
    EXPECT(change_load_backup(target, result.backup, 0, &backup, &error) == WSPLSP_OK);
    after = load(target);
    EXPECT(after->catalogs[0].entry_count > before->catalogs[0].entry_count);
    EXPECT(after->catalogs[1].entry_count > before->catalogs[1].entry_count);
    plan_free(plan);
    plan = NULL;
    EXPECT(plan_restore(after, backup, new_id, &plan, &error) == WSPLSP_OK);
    EXPECT(apply(target, plan) == WSPLSP_OK);
    EXPECT(equals(target, before));
    plan_free(plan);
    wsplsp_snapshot_free(before);
    wsplsp_snapshot_free(after);
    wsplsp_snapshot_free(backup);
    change_close(target);
}

/* "Only instances of the Ws2_32.dll created by calling WSAStartup after a successful completion of this function will
 * include the new entries": wherever the catalog may be read, none must be left from before. */
static void expect_no_startup(enum change_event event, size_t step, void *context)
{
    size_t *events = context;
    (void)event;
    (void)step;
    EXPECT(socket(AF_INET, SOCK_STREAM, 0) == INVALID_SOCKET && WSAGetLastError() == WSANOTINITIALISED);
    ++*events;
}

static void no_startup_is_outstanding_while_the_catalog_is_read(void)
{
    static const struct wsplsp_guid id = {{9}};
    const struct plan_name_space_request request = {
        .name = "Names", .dll64 = "C:\\n.dll", .dll32 = "C:\\n.dll", .id = &id};
    struct change_target *target = open_with(find_since_vista);
    for (int i = 0; i < 2; i++) {
        struct wsplsp_snapshot *before = load(target);
        struct plan *plan = NULL, *back = NULL;
        size_t events = 0;
        if (i == 0) {
            over_count = 0;
            plan = plan_layer(before);
            over_count = 1;
        } else {
            EXPECT(plan_name_space_install(before, &request, new_id, &plan, &error) == WSPLSP_OK);
        }
        struct change_request change = {plan, "test", "a test", {expect_no_startup, &events}};
        change_result_free(&result);
        EXPECT(change_apply(target, &change, &result, &error) == WSPLSP_OK);
        EXPECT(events > 5);
        struct wsplsp_snapshot *with = load(target);
        EXPECT(plan_restore(with, before, new_id, &back, &error) == WSPLSP_OK);
        EXPECT(apply(target, back) == WSPLSP_OK);
        plan_free(back);
        plan_free(plan);
        wsplsp_snapshot_free(with);
        wsplsp_snapshot_free(before);
    }
    change_close(target);
}

static void where_windows_puts_the_entries_is_its_choice(void)
{
    struct change_target *target = open_with(find_elsewhere);
    struct wsplsp_snapshot *before = load(target);
    struct plan *plan = plan_layer(before), *back = NULL;
    enum wsplsp_status status = apply(target, plan);
    EXPECT(status == WSPLSP_OK && result.outcome == CHANGE_OUTCOME_DONE);
    if (status != WSPLSP_OK)
        printf("# %s\n", error.message);
    struct wsplsp_snapshot *with = load(target);
    EXPECT(with->catalogs[0].entries[0].info.chain_len == 0); /* not where the plan has it */
    EXPECT(plan_restore(with, before, new_id, &back, &error) == WSPLSP_OK);
    EXPECT(apply(target, back) == WSPLSP_OK);
    EXPECT(equals(target, before));
    plan_free(back);
    plan_free(plan);
    wsplsp_snapshot_free(with);
    wsplsp_snapshot_free(before);
    change_close(target);
}

static void a_layer_that_no_program_would_get_is_undone(void)
{
    to_the_bottom = true;
    struct change_target *target = open_with(find_elsewhere);
    struct wsplsp_snapshot *before = load(target);
    struct plan *plan = plan_layer(before);
    EXPECT(apply(target, plan) == WSPLSP_ROLLED_BACK && result.outcome == CHANGE_OUTCOME_UNDONE);
    EXPECT_TEXT(error.name, "NOT_AS_PLANNED");
    EXPECT(equals(target, before));
    plan_free(plan);
    wsplsp_snapshot_free(before);
    change_close(target);
    to_the_bottom = false;
}

static void all_layers_go_and_come_back(void)
{
    struct change_target *target = open_with(find_since_vista);
    struct wsplsp_snapshot *before = load(target), *after;
    struct plan *plan = plan_without_layers(before);
    EXPECT(apply(target, plan) == WSPLSP_OK);
    after = load(target);
    plan_free(plan);
    plan = NULL;
    EXPECT(plan_restore(after, before, new_id, &plan, &error) == WSPLSP_OK);
    EXPECT(apply(target, plan) == WSPLSP_OK);
    if (error.message[0] != '\0')
        printf("# %s\n", error.message);
    EXPECT(equals(target, before));
    plan_free(plan);
    wsplsp_snapshot_free(before);
    wsplsp_snapshot_free(after);
    change_close(target);
}

/* One call after the other, until none fails any more. */
static void each_call_fails(struct plan *(*make)(const struct wsplsp_snapshot *before))
{
    for (bad_call = 1;; bad_call++) {
        struct change_target *target = open_with(find);
        struct wsplsp_snapshot *before = load(target);
        struct plan *plan = make(before);
        size_t steps = plan->step_count;
        enum wsplsp_status status = bad_call > steps ? WSPLSP_OK : apply(target, plan);
        EXPECT(bad_call > steps || status == (bad_call == 1 ? WSPLSP_SYSTEM : WSPLSP_ROLLED_BACK));
        EXPECT(bad_call > steps || error.code == WSANO_RECOVERY);
        EXPECT(equals(target, before));
        plan_free(plan);
        wsplsp_snapshot_free(before);
        change_close(target);
        if (bad_call > steps)
            break;
    }
    EXPECT(bad_call > 2);
    bad_call = 0;
}

static void each_call_of_a_removal_fails(void)
{
    each_call_fails(plan_without_layers);
}

static void each_call_of_an_installation_fails(void)
{
    each_call_fails(plan_layer);
}

static void a_winsock_that_keeps_nothing(void)
{
    deaf = true;
    struct change_target *target = open_with(find);
    struct wsplsp_snapshot *before = load(target);
    struct plan *plan = plan_layer(before);
    EXPECT(apply(target, plan) == WSPLSP_SYSTEM);
    EXPECT_TEXT(error.name, "NOT_KEPT");
    EXPECT(result.outcome == CHANGE_OUTCOME_UNCHANGED && result.backup == NULL);
    EXPECT(equals(target, before));
    plan_free(plan);
    wsplsp_snapshot_free(before);
    change_close(target);
    deaf = false;
}

static void a_function_that_is_missing(void)
{
    struct change_target *target = open_with(find_none);
    struct wsplsp_snapshot *before = load(target);
    struct plan *plan = plan_layer(before);
    EXPECT(apply(target, plan) == WSPLSP_SYSTEM);
    EXPECT_TEXT(error.name, "ERROR_PROC_NOT_FOUND");
    EXPECT(strstr(error.message, plan->steps[0].function) != NULL);
    EXPECT(equals(target, before));
    plan_free(plan);
    wsplsp_snapshot_free(before);
    change_close(target);
}

static void applications_come_and_go(void)
{
    struct change_target *target = open_with(find_since_vista);
    struct wsplsp_snapshot *before = load(target), *with;
    struct plan *plan = NULL;
    EXPECT(plan_application_set(before, "C:\\a b\\wsl.exe", NULL, 0x80000000, &plan, &error) == WSPLSP_OK);
    EXPECT(apply(target, plan) == WSPLSP_OK);
    with = load(target);
    EXPECT(with->application_count == before->application_count + 1);
    plan_free(plan);
    plan = NULL;
    EXPECT(plan_application_clear(with, "C:\\a b\\wsl.exe", NULL, &plan, &error) == WSPLSP_OK);
    EXPECT(apply(target, plan) == WSPLSP_OK);
    EXPECT(equals(target, before));
    plan_free(plan);
    wsplsp_snapshot_free(with);
    wsplsp_snapshot_free(before);
    change_close(target);
}

static void name_spaces_come_and_go(void)
{
    static const struct wsplsp_guid id = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};
    const struct plan_name_space_request request = {.name = "Test names",
                                                    .dll64 = "C:\\ns64.dll",
                                                    .dll32 = "C:\\ns32.dll",
                                                    .id = &id,
                                                    .name_space = 12,
                                                    .version = 1};
    struct change_target *target = open_with(find_since_vista);
    struct wsplsp_snapshot *before = load(target), *with;
    struct plan *plan = NULL;
    EXPECT(plan_name_space_install(before, &request, new_id, &plan, &error) == WSPLSP_OK);
    EXPECT(apply(target, plan) == WSPLSP_OK);
    with = load(target);
    EXPECT(with->catalogs[0].name_space_count == before->catalogs[0].name_space_count + 1);
    plan_free(plan);
    plan = NULL;
    EXPECT(plan_restore(with, before, new_id, &plan, &error) == WSPLSP_OK);
    EXPECT(apply(target, plan) == WSPLSP_OK);
    EXPECT(equals(target, before));
    plan_free(plan);
    wsplsp_snapshot_free(with);
    wsplsp_snapshot_free(before);
    change_close(target);
}

static DWORD WINAPI order_in_thread(void *context)
{
    (void)context;
    DWORD none = 0;
    int(WINAPI * write_order)(LPDWORD, DWORD);
    FARPROC address = winsock_find_system("WSCWriteProviderOrder");
    memcpy(&write_order, &address, sizeof address);
    return write_order(&none, 0) == WSAEINVAL ? 0 : 1;
}

/* The catalog's file has one lock, whoever changes it. */
static void the_host_waits_for_the_file_s_lock(void)
{
    const wchar_t *(*catalog_file_name)(void);
    sysdll_function(GetModuleHandleW(L"wsplsp-host.dll"), "wsplsp_host_catalog_file", &catalog_file_name);
    struct catalog_file *file;
    DWORD code = 1;
    if (catalog_file_name == NULL)
        abort();
    char *path = text_from_utf16(catalog_file_name(), MAX_PATH);
    EXPECT(catalog_file_open(path, &file, &error) == WSPLSP_OK);
    EXPECT(catalog_file_lock(file, &error) == WSPLSP_OK);
    HANDLE thread = CreateThread(NULL, 0, order_in_thread, NULL, 0, NULL);
    EXPECT(WaitForSingleObject(thread, 500) == WAIT_TIMEOUT);
    catalog_file_unlock(file);
    EXPECT(WaitForSingleObject(thread, 20000) == WAIT_OBJECT_0);
    EXPECT(GetExitCodeThread(thread, &code) && code == 0);
    CloseHandle(thread);
    catalog_file_close(file);
    free(path);
}

static int hosted(void)
{
    RUN(the_host_waits_for_the_file_s_lock);
    RUN(a_layer_comes_and_goes);
    RUN(no_startup_is_outstanding_while_the_catalog_is_read);
    RUN(where_windows_puts_the_entries_is_its_choice);
    RUN(a_layer_that_no_program_would_get_is_undone);
    RUN(all_layers_go_and_come_back);
    RUN(each_call_of_a_removal_fails);
    RUN(each_call_of_an_installation_fails);
    RUN(a_winsock_that_keeps_nothing);
    RUN(a_function_that_is_missing);
    RUN(applications_come_and_go);
    RUN(name_spaces_come_and_go);
    return tap_end();
}

/* ---- outside of any host */

/* The rights of a folder of this user's as Wine tells them, without those for everybody. */
static bool is_private(const wchar_t *path)
{
    PSECURITY_DESCRIPTOR descriptor = NULL;
    PACL dacl = NULL;
    bool none = true;
    if (GetNamedSecurityInfoW((wchar_t *)path, SE_FILE_OBJECT, DACL_SECURITY_INFORMATION, NULL, NULL, &dacl, NULL,
                              &descriptor) != ERROR_SUCCESS)
        return false;
    for (DWORD i = 0; dacl != NULL && i < dacl->AceCount; i++) {
        void *ace;
        none = none && GetAce(dacl, i, &ace) && !IsWellKnownSid(&((ACCESS_ALLOWED_ACE *)ace)->SidStart, WinWorldSid);
    }
    LocalFree(descriptor);
    return dacl != NULL && none;
}

static wchar_t folder[MAX_PATH];

static size_t count_entries(const wchar_t *pattern)
{
    wchar_t path[MAX_PATH];
    WIN32_FIND_DATAW found;
    size_t count = 0;
    wsprintfW(path, L"%s%s", folder, pattern);
    HANDLE search = FindFirstFileW(path, &found);
    if (search == INVALID_HANDLE_VALUE)
        return 0;
    do
        count++;
    while (FindNextFileW(search, &found));
    FindClose(search);
    return count;
}

static char *note;

static enum wsplsp_status make_backups(void)
{
    free(note);
    note = NULL;
    return trusted_folder_make(folder, TRUSTED_BACKUPS, &note, &error);
}

static enum trusted_state look_at_backups(void)
{
    enum trusted_state state = TRUSTED_ABSENT;
    EXPECT(trusted_folder_look(folder, TRUSTED_BACKUPS, &state, &error) == WSPLSP_OK);
    return state;
}

/* Wine has one owner of files, who counts as administrators do: what rights say is all that can be tried here. */
static void a_folder_whose_rights_were_widened_gets_them_back(void)
{
    wchar_t kept[MAX_PATH];
    wsprintfW(kept, L"%s\\planted.reg", folder);
    EXPECT(look_at_backups() == TRUSTED_ABSENT);
    EXPECT(make_backups() == WSPLSP_OK && note == NULL);
    EXPECT(look_at_backups() == TRUSTED_GOOD && is_private(folder));
    CloseHandle(CreateFileW(kept, GENERIC_WRITE, 0, NULL, CREATE_NEW, 0, NULL));
    PSECURITY_DESCRIPTOR descriptor = NULL;
    EXPECT(ConvertStringSecurityDescriptorToSecurityDescriptorW(L"D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;WD)",
                                                                SDDL_REVISION_1, &descriptor, NULL));
    EXPECT(SetFileSecurityW(folder, DACL_SECURITY_INFORMATION, descriptor));
    LocalFree(descriptor);
    EXPECT(look_at_backups() == TRUSTED_WIDENED && look_at_backups() == TRUSTED_WIDENED); /* looking changes nothing */
    EXPECT(make_backups() == WSPLSP_OK);
    EXPECT(note != NULL && strstr(note, "could be changed by Everyone") != NULL);
    EXPECT(look_at_backups() == TRUSTED_GOOD && is_private(folder));
    EXPECT(GetFileAttributesW(kept) != INVALID_FILE_ATTRIBUTES); /* what is in it stays */
    EXPECT(make_backups() == WSPLSP_OK && note == NULL);
    EXPECT(count_entries(L".untrusted-*") == 0);
    DeleteFileW(kept);
}

/* What only reads may be read by others: it is no right that does harm. */
static void others_may_look_at_the_folder_around(void)
{
    EXPECT(RemoveDirectoryW(folder));
    EXPECT(trusted_folder_make(folder, TRUSTED_DATA, &note, &error) == WSPLSP_OK);
    enum trusted_state state = TRUSTED_ABSENT;
    EXPECT(trusted_folder_look(folder, TRUSTED_DATA, &state, &error) == WSPLSP_OK && state == TRUSTED_GOOD);
    EXPECT(look_at_backups() == TRUSTED_GOOD);
}

static void a_file_in_its_place_is_set_aside(void)
{
    EXPECT(RemoveDirectoryW(folder));
    CloseHandle(CreateFileW(folder, GENERIC_WRITE, 0, NULL, CREATE_NEW, 0, NULL));
    EXPECT(look_at_backups() == TRUSTED_FOREIGN);
    EXPECT(count_entries(L".untrusted-*") == 0); /* looking renames nothing */
    EXPECT(make_backups() == WSPLSP_OK);
    EXPECT(note != NULL && strstr(note, ".untrusted-") != NULL);
    DWORD attributes = GetFileAttributesW(folder);
    EXPECT(attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0);
    EXPECT(is_private(folder));
    EXPECT(count_entries(L".untrusted-*") == 1);
}

static void a_name_that_is_kept_taken_is_refused(void)
{
    EXPECT(RemoveDirectoryW(folder));
    HANDLE held = CreateFileW(folder, GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, CREATE_NEW, 0, NULL);
    EXPECT(make_backups() == WSPLSP_REFUSED);
    printf("# %s: %s\n", error.name, error.message);
    CloseHandle(held);
    DeleteFileW(folder);
}

/* ---- the machine's folder */

static wchar_t base[MAX_PATH];

static void remember_none(void)
{
    HKEY key;
    if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, L"SOFTWARE\\wsplsp", 0, KEY_SET_VALUE | KEY_WOW64_64KEY, &key) ==
        ERROR_SUCCESS) {
        RegDeleteValueW(key, L"DataFolder");
        RegCloseKey(key);
    }
}

static void put_file(const wchar_t *path, const char *text)
{
    DWORD written;
    HANDLE file = CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_NEW, 0, NULL);
    EXPECT(file != INVALID_HANDLE_VALUE && WriteFile(file, text, (DWORD)strlen(text), &written, NULL));
    CloseHandle(file);
}

/* Whoever keeps the usual name taken bars nobody from changing the catalog, nor from undoing a change; and a journal is
 * found where it was left. */
static void another_place_is_used_and_remembered(void)
{
    wchar_t path[MAX_PATH], second[MAX_PATH], away[MAX_PATH], journal[MAX_PATH + 32];
    struct backup_folder *opened = NULL;
    char *untrusted = NULL;
    remember_none();
    EXPECT(data_folder_usual(base));
    wsprintfW(away, L"%s.kept-by-test", base);
    bool was_there = MoveFileExW(base, away, 0);
    free(note);
    note = NULL;

    put_file(base, "taken");
    HANDLE held = CreateFileW(base, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
    EXPECT(held != INVALID_HANDLE_VALUE);
    EXPECT(data_folder_make(DATA_FOLDER_BACKUPS, TRUSTED_BACKUPS, path, &note, &error) == WSPLSP_OK);
    EXPECT(note != NULL && strstr(note, "from now on") != NULL);
    printf("# %s\n", note != NULL ? note : "no note");
    EXPECT(wcsncmp(path, base, wcslen(base)) == 0 && path[wcslen(base)] == L'-' && is_private(path));
    EXPECT(data_folder_path(DATA_FOLDER_BACKUPS, second) && wcscmp(path, second) == 0);
    free(note);
    note = NULL;
    EXPECT(data_folder_make(DATA_FOLDER_TRACES, TRUSTED_TRACES, second, &note, &error) == WSPLSP_OK && note == NULL);
    EXPECT(wcsncmp(path, second, wcslen(base) + 8) == 0); /* side by side */
    CloseHandle(held);
    DeleteFileW(base);

    /* What was begun in the usual place before. */
    char *text = text_from_utf16(path, wcslen(path));
    EXPECT(backup_folder_find_aside(text, BACKUP_ACCESS_ADMINISTRATORS, JOURNAL_NAME, &opened, &untrusted, &error) ==
           WSPLSP_OK);
    EXPECT(opened == NULL && untrusted == NULL);
    wsprintfW(journal, L"%s\\backups", base);
    EXPECT(CreateDirectoryW(base, NULL) && CreateDirectoryW(journal, NULL));
    wcscat(journal, L"\\unfinished.journal");
    put_file(journal, "x");
    EXPECT(backup_folder_find_aside(text, BACKUP_ACCESS_ADMINISTRATORS, JOURNAL_NAME, &opened, &untrusted, &error) ==
           WSPLSP_OK);
    EXPECT(opened != NULL && strstr(backup_folder_path(opened), "wsplsp\\backups") != NULL);
    backup_folder_close(opened);

    /* And in what was set aside. */
    wchar_t aside[MAX_PATH];
    wsprintfW(aside, L"%s.untrusted-20261130T000000.000Z", base);
    EXPECT(MoveFileExW(base, aside, 0));
    EXPECT(backup_folder_find_aside(text, BACKUP_ACCESS_ADMINISTRATORS, JOURNAL_NAME, &opened, &untrusted, &error) ==
           WSPLSP_OK);
    EXPECT(opened != NULL && strstr(backup_folder_path(opened), ".untrusted-") != NULL);
    backup_folder_close(opened);
    free(text);

    wsprintfW(journal, L"%s\\backups\\unfinished.journal", aside);
    EXPECT(DeleteFileW(journal));
    *wcsrchr(journal, L'\\') = L'\0';
    EXPECT(RemoveDirectoryW(journal) && RemoveDirectoryW(aside));
    EXPECT(RemoveDirectoryW(path) && RemoveDirectoryW(second));
    *wcsrchr(path, L'\\') = L'\0';
    EXPECT(RemoveDirectoryW(path));
    remember_none();
    EXPECT(!was_there || MoveFileExW(away, base, 0));
}

static void who_is_no_administrator_is_told_how_to_become_one(void)
{
    BYTE administrators[SECURITY_MAX_SID_SIZE];
    DWORD size = sizeof administrators;
    HANDLE token, restricted;
    EXPECT(elevation_check(&error) == WSPLSP_OK); /* as Wine's user is */
    EXPECT(CreateWellKnownSid(WinBuiltinAdministratorsSid, NULL, administrators, &size));
    EXPECT(OpenProcessToken(GetCurrentProcess(), TOKEN_ALL_ACCESS, &token));
    SID_AND_ATTRIBUTES disable = {administrators, 0};
    EXPECT(CreateRestrictedToken(token, 0, 1, &disable, 0, NULL, 0, NULL, &restricted));
    EXPECT(ImpersonateLoggedOnUser(restricted));
    struct change_target *target = NULL;
    EXPECT(change_open_system(new_id, &target, &error) == WSPLSP_OK);
    EXPECT(change_check(target, &error) == WSPLSP_DENIED);
    EXPECT(strstr(error.hint, "Run as administrator") != NULL);
    struct plan_step step = {.action = PLAN_REMOVE};
    struct plan plan = {.steps = &step, .step_count = 1};
    EXPECT(apply(target, &plan) == WSPLSP_DENIED);
    EXPECT(RevertToSelf());
    EXPECT(change_check(target, &error) == WSPLSP_OK);
    change_close(target);
    CloseHandle(restricted);
    CloseHandle(token);
}

/* Wine tells no DLL of any entry, so no backup would be complete; and a change that cannot be undone is none. */
static void wine_s_own_catalog_stays_as_it_is(void)
{
    struct change_target *target = open_with(find_since_vista);
    struct wsplsp_snapshot *before = load(target);
    struct plan *plan = NULL;
    const struct plan_order_request request = {.top = "1002"};
    EXPECT(change_target_is_system(target));
    EXPECT(plan_order(before, &request, new_id, &plan, &error) == WSPLSP_OK);
    EXPECT(apply(target, plan) == WSPLSP_SYSTEM);
    printf("# %s: %s (%s)\n", error.name, error.message, error.hint);
    EXPECT(result.outcome == CHANGE_OUTCOME_UNCHANGED && strstr(error.message, "nothing has been changed") != NULL);
    EXPECT(equals(target, before));
    plan_free(plan);
    wsplsp_snapshot_free(before);
    change_close(target);
}

/* ---- the machine's folder, with a catalog in a file whose backups are kept there as the running system's are */

static const char *catalog_path;

static struct change_target *open_as_system(void)
{
    struct change_target *target = NULL;
    wchar_t path[MAX_PATH];
    EXPECT(change_open_file(catalog_path, 0, new_id, &target, &error) == WSPLSP_OK);
    EXPECT(data_folder_path(DATA_FOLDER_BACKUPS, path));
    free(target->store->folder);
    target->store->folder = text_from_utf16(path, MAX_PATH);
    target->store->access = BACKUP_ACCESS_ADMINISTRATORS;
    return target;
}

static bool change_something(struct change_target *target)
{
    struct wsplsp_snapshot *before = load(target);
    struct plan *plan = plan_layer(before);
    bool done = apply(target, plan) == WSPLSP_OK;
    plan_free(plan);
    wsplsp_snapshot_free(before);
    return done;
}

static bool undo(struct change_target *target)
{
    struct wsplsp_snapshot *now = load(target), *backup = NULL;
    struct plan *plan = NULL;
    EXPECT(change_load_backup(target, result.backup, 0, &backup, &error) == WSPLSP_OK);
    EXPECT(plan_restore(now, backup, new_id, &plan, &error) == WSPLSP_OK);
    bool done = apply(target, plan) == WSPLSP_OK && equals(target, backup);
    plan_free(plan);
    wsplsp_snapshot_free(backup);
    wsplsp_snapshot_free(now);
    return done;
}

static void forget_base(void)
{
    remember_none();
    EXPECT(data_folder_usual(base));
    wcscpy(folder, base);                                        /* for count_entries */
    EXPECT(GetFileAttributesW(base) == INVALID_FILE_ATTRIBUTES); /* the caller has emptied it */
}

static void traces_and_backups_live_side_by_side(void)
{
    wchar_t traces[MAX_PATH], file[MAX_PATH + 16];
    char *told = NULL;
    forget_base();
    struct change_target *target = open_as_system();
    EXPECT(data_folder_make(DATA_FOLDER_TRACES, TRUSTED_TRACES, traces, &told, &error) == WSPLSP_OK);
    wsprintfW(file, L"%s\\a.wsptrace", traces);
    put_file(file, "trace");
    EXPECT(change_something(target));
    EXPECT(strstr(result.backup, "ProgramData\\wsplsp\\backups\\") != NULL);
    EXPECT(GetFileAttributesW(file) != INVALID_FILE_ATTRIBUTES);
    EXPECT(data_folder_make(DATA_FOLDER_TRACES, TRUSTED_TRACES, traces, &told, &error) == WSPLSP_OK);
    EXPECT(undo(target));
    EXPECT(GetFileAttributesW(file) != INVALID_FILE_ATTRIBUTES && count_entries(L".untrusted-*") == 0);
    EXPECT(told == NULL && change_notes(target) == NULL);
    change_close(target);
}

static void an_entry_added_to_the_backups_folder_is_taken_away(void)
{
    wchar_t backups[MAX_PATH];
    PSECURITY_DESCRIPTOR descriptor = NULL;
    struct change_history *history = NULL;
    struct change_target *target = open_as_system();
    EXPECT(change_something(target) && data_folder_path(DATA_FOLDER_BACKUPS, backups));
    EXPECT(ConvertStringSecurityDescriptorToSecurityDescriptorW(L"D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;WD)",
                                                                SDDL_REVISION_1, &descriptor, NULL));
    EXPECT(SetFileSecurityW(backups, DACL_SECURITY_INFORMATION, descriptor));
    LocalFree(descriptor);
    /* What only reads leaves it as it is, and reads it. */
    EXPECT(change_read_history(target, &history, &error) == WSPLSP_OK && history->count > 0);
    change_history_free(history);
    EXPECT(change_check(target, &error) == WSPLSP_OK);
    EXPECT(!is_private(backups) && change_notes(target) == NULL);
    EXPECT(undo(target));
    EXPECT(is_private(backups));
    EXPECT(change_notes(target) != NULL && strstr(change_notes(target), "could be changed by Everyone") != NULL);
    EXPECT(count_entries(L".untrusted-*") == 0);
    change_close(target);
}

static wchar_t journal_copy[MAX_PATH];

static void copy_journal(enum change_event event, size_t step, void *context)
{
    wchar_t journal[2 * MAX_PATH];
    (void)context;
    if (event != CHANGE_STEP_BEGUN || step != 1)
        return;
    data_folder_path(DATA_FOLDER_BACKUPS, journal);
    wsprintfW(journal_copy, L"%s-copy", journal);
    wcscat(journal, L"\\unfinished.journal");
    EXPECT(CopyFileW(journal, journal_copy, FALSE));
}

/* As after a crash in its middle, and a version of wsplsp that renamed what it did not trust. */
static void a_journal_in_what_was_set_aside_is_found(void)
{
    wchar_t path[MAX_PATH + 64], aside[MAX_PATH];
    struct change_target *target = open_as_system();
    struct change_unfinished *unfinished = NULL;
    struct wsplsp_snapshot *before = load(target);
    struct plan *plan = plan_layer(before);
    struct change_request request = {plan, "test", "a test", {copy_journal, NULL}};
    EXPECT(change_apply(target, &request, &result, &error) == WSPLSP_OK && !equals(target, before));
    wsprintfW(path, L"%s\\backups\\unfinished.journal", base);
    EXPECT(MoveFileExW(journal_copy, path, 0));
    wsprintfW(aside, L"%s.untrusted-20261130T000000.000Z", base);
    EXPECT(MoveFileExW(base, aside, 0));
    EXPECT(change_check(target, &error) == WSPLSP_REFUSED);
    EXPECT_TEXT(error.name, "UNFINISHED");
    EXPECT(change_find_unfinished(target, &unfinished, &error) == WSPLSP_OK && unfinished != NULL);
    EXPECT(unfinished != NULL && strstr(unfinished->backup, ".untrusted-") != NULL);
    change_unfinished_free(unfinished);
    EXPECT(change_recover(target, NULL, &result, &error) == WSPLSP_OK && result.outcome == CHANGE_OUTCOME_UNDONE);
    EXPECT(equals(target, before));
    EXPECT(change_check(target, &error) == WSPLSP_OK);
    plan_free(plan);
    wsplsp_snapshot_free(before);
    change_close(target);
}

static int folders(const char *path)
{
    catalog_path = path;
    RUN(traces_and_backups_live_side_by_side);
    RUN(an_entry_added_to_the_backups_folder_is_taken_away);
    RUN(a_journal_in_what_was_set_aside_is_found);
    return tap_end();
}

static void remove_all(void)
{
    wchar_t pattern[MAX_PATH], path[2 * MAX_PATH], parent[MAX_PATH];
    WIN32_FIND_DATAW found;
    GetTempPathW(MAX_PATH, parent);
    wsprintfW(pattern, L"%s*", folder);
    HANDLE search = FindFirstFileW(pattern, &found);
    if (search == INVALID_HANDLE_VALUE)
        return;
    do {
        wsprintfW(path, L"%s%s\\planted.reg", parent, found.cFileName);
        DeleteFileW(path);
        *wcsrchr(path, L'\\') = L'\0';
        if (!RemoveDirectoryW(path))
            DeleteFileW(path);
    } while (FindNextFileW(search, &found));
    FindClose(search);
}

static int outside(void)
{
    GetTempPathW(MAX_PATH - 40, folder);
    wsprintfW(folder + lstrlenW(folder), L"wsplsp-trusted-%lu", GetCurrentProcessId());
    remove_all(); /* what a run that was ended has left */
    RUN(a_folder_whose_rights_were_widened_gets_them_back);
    RUN(others_may_look_at_the_folder_around);
    RUN(a_file_in_its_place_is_set_aside);
    RUN(a_name_that_is_kept_taken_is_refused);
    RUN(another_place_is_used_and_remembered);
    RUN(who_is_no_administrator_is_told_how_to_become_one);
    RUN(wine_s_own_catalog_stays_as_it_is);
    remove_all();
    return tap_end();
}

/* ---- killed */

static int events_left;

static void kill_at(enum change_event event, size_t step, void *context)
{
    (void)event;
    (void)step;
    (void)context;
    if (events_left-- == 0)
        TerminateProcess(GetCurrentProcess(), 99);
}

static int apply_and_die(struct plan *(*make)(const struct wsplsp_snapshot *before), int events)
{
    struct change_target *target = open_with(find_since_vista);
    struct plan *plan = make(load(target));
    struct change_request request = {plan, "test", "a test", {kill_at, NULL}};
    events_left = events;
    if (change_apply(target, &request, &result, &error) == WSPLSP_OK)
        return 0;
    printf("%s: %s\n", error.name, error.message);
    return 1;
}

static int recover(void)
{
    static const char *const outcomes[] = {"nothing", "done", "undone", "unchanged"};
    struct change_target *target = open_with(find_since_vista);
    if (change_recover(target, NULL, &result, &error) != WSPLSP_OK) {
        printf("%s: %s\n", error.name, error.message);
        return 1;
    }
    printf("%s\n", outcomes[result.outcome]);
    return 0;
}

static int add(const char *name, const char *dll)
{
    static const char *const over[] = {"tcp"};
    const struct plan_install_request request = {
        .name = name, .dll64 = dll, .dll32 = dll, .over = over, .over_count = 1, .exact = true};
    struct change_target *target = open_with(find_since_vista);
    struct plan *plan = NULL;
    if (plan_install(load(target), &request, new_id, &plan, &error) == WSPLSP_OK && apply(target, plan) == WSPLSP_OK)
        return 0;
    printf("%s: %s\n", error.name, error.message);
    return 1;
}

static void stop_in_the_middle(enum change_event event, size_t step, void *context)
{
    (void)step;
    (void)context;
    if (event != CHANGE_JOURNALLED)
        return;
    printf("locked\n");
    fflush(stdout);
    while (getchar() != EOF)
        ;
}

static int report(enum wsplsp_status status)
{
    if (status == WSPLSP_OK)
        return 0;
    printf("%s: %s\n", error.name, error.message);
    return 1;
}

static int hold(const char *path)
{
    struct change_target *target;
    if (change_open_file(path, 0, new_id, &target, &error) != WSPLSP_OK)
        return report(error.status);
    struct change_request request = {plan_layer(load(target)), "test", "a test", {stop_in_the_middle, NULL}};
    return report(change_apply(target, &request, &result, &error));
}

static int busy(const char *path)
{
    struct change_target *target;
    if (change_open_file(path, 0, new_id, &target, &error) != WSPLSP_OK)
        return report(error.status);
    target->lock_limit = 300;
    return report(apply(target, plan_layer(load(target))));
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    over_count = strcmp(what, "hosted") == 0; /* fewer steps than over all that there is */
    if (strcmp(what, "hosted") == 0)
        return hosted();
    if (strcmp(what, "system") == 0)
        return outside();
    if (strcmp(what, "folders") == 0 && argc == 3)
        return folders(argv[2]);
    if (strcmp(what, "kill") == 0 && argc == 3)
        return apply_and_die(plan_without_layers, atoi(argv[2]));
    if (strcmp(what, "install-kill") == 0 && argc == 4) {
        dll64 = dll32 = argv[3];
        over_count = 1;
        return apply_and_die(plan_layer, atoi(argv[2]));
    }
    if (strcmp(what, "recover") == 0)
        return recover();
    if (strcmp(what, "add") == 0 && argc == 4)
        return add(argv[2], argv[3]);
    if (strcmp(what, "busy") == 0 && argc == 3)
        return busy(argv[2]);
    if (strcmp(what, "hold") == 0 && argc == 3)
        return hold(argv[2]);
    return 2;
}
