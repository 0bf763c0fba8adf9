/* Plans applied to stores that have good days and bad ones: what is done, what is said, and what is left behind. */
#include "folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lsp-core/change/backup.h"
#include "lsp-core/change/part.h"
#include "lsp-core/diff/diff.h"
#include "doctor.h"
#include "stepwise_store.h"

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)

/* A catalog's file, and the target that changes it. */
struct scene {
    void **state;
    struct stepwise_days days;
    struct change_target *target;
    struct wsplsp_snapshot *before;
    struct plan *plan;
    struct change_result result;
    struct wsplsp_error error;
    char events[200]; /* a letter each */
    uint8_t *fixture; /* the file's first bytes */
    size_t fixture_size;
};

static void tell(enum change_event event, size_t step, void *context)
{
    struct scene *scene = context;
    size_t length = strlen(scene->events);
    (void)step;
    assert_true(length + 1 < sizeof scene->events);
    scene->events[length] = "LBJbdAVCUu"[event];
    scene->events[length + 1] = '\0';
}

/* The plan for the catalog as it is now: undoing gives what was removed new ids. */
static void plan_anew(struct scene *scene)
{
    const struct plan_remove_request request = {.all_layered = true};
    wsplsp_snapshot_free(scene->before);
    plan_free(scene->plan);
    assert_int_equal(change_load(scene->target, &scene->before, &scene->error), WSPLSP_OK);
    assert_int_equal(plan_remove(scene->before, &request, stepwise_new_id, &scene->plan, &scene->error), WSPLSP_OK);
}

/* Writes and frees the catalog; its bytes stay in the scene. */
static void write_catalog(struct scene *scene, struct wsplsp_snapshot *snapshot)
{
    void *bytes;
    assert_int_equal(change_backup_text(snapshot, "x", "x", &bytes, &scene->fixture_size, &scene->error), WSPLSP_OK);
    scene->fixture = bytes;
    folder_write(folder_path(scene->state, "catalog.reg"), bytes, scene->fixture_size);
    wsplsp_snapshot_free(snapshot);
}

static void open_scene(struct scene *scene, void **state)
{
    memset(scene, 0, sizeof *scene);
    scene->state = state;
    struct wsplsp_snapshot *layered = doctor_layered();
    write_catalog(scene, layered);
    struct store *store = stepwise_open(folder_path(state, "catalog.reg"), &scene->days);
    assert_int_equal(change_open_store(store, &scene->target, &scene->error), WSPLSP_OK);
    scene->target->lock_limit = 100;
    plan_anew(scene);
    assert_true(scene->plan->step_count >= 3);
}

static void close_scene(struct scene *scene)
{
    plan_free(scene->plan);
    wsplsp_snapshot_free(scene->before);
    change_result_free(&scene->result);
    change_close(scene->target);
    free(scene->fixture);
}

static enum wsplsp_status apply(struct scene *scene)
{
    struct change_request request = {scene->plan, "remove", "remove all layers", {tell, scene}};
    change_result_free(&scene->result);
    scene->days.applied = 0;
    scene->events[0] = '\0';
    return change_apply(scene->target, &request, &scene->result, &scene->error);
}

static size_t differences(struct scene *scene, const struct wsplsp_snapshot *from)
{
    struct wsplsp_snapshot *now;
    struct diff *diff;
    assert_int_equal(change_load(scene->target, &now, &scene->error), WSPLSP_OK);
    assert_int_equal(diff_snapshots(from, now, &diff, &scene->error), WSPLSP_OK);
    size_t count = diff->count;
    diff_free(diff);
    wsplsp_snapshot_free(now);
    return count;
}

static bool is_old(struct scene *scene)
{
    return differences(scene, scene->before) == 0;
}

static bool is_new(struct scene *scene)
{
    return differences(scene, scene->plan->after) == 0;
}

/* The files in the folder of backups but for its lock, sorted: their endings, each with a space behind it. */
static bool take_ending(const char *name, void *context)
{
    char *text = context;
    const char *dash = strchr(name, '-');
    if (strcmp(name, "lock") != 0)
        snprintf(text + strlen(text), 200 - strlen(text), "%s ", dash != NULL ? dash : name);
    return true;
}

static const char *left_behind(struct scene *scene)
{
    static char text[200];
    struct backup_folder *folder;
    text[0] = '\0';
    assert_int_equal(
        backup_folder_open(scene->target->store->folder, BACKUP_ACCESS_INHERITED, false, &folder, &scene->error),
        WSPLSP_OK);
    assert_int_equal(backup_folder_list(folder, take_ending, text, &scene->error), WSPLSP_OK);
    backup_folder_close(folder);
    return text;
}

/* The events' letters for this many steps. */
static const char *expected_events(const char *before, size_t steps, const char *after)
{
    static char text[200];
    snprintf(text, sizeof text, "%s", before);
    for (size_t i = 0; i < steps; i++)
        strcat(text, "bd");
    strcat(text, after);
    return text;
}

static void a_change_is_done_and_leaves_its_backup(void **state)
{
    struct scene scene;
    open_scene(&scene, state);
    assert_int_equal(apply(&scene), WSPLSP_OK);
    assert_int_equal(scene.result.outcome, CHANGE_OUTCOME_DONE);
    assert_int_equal(scene.result.steps, scene.plan->step_count);
    assert_string_equal(scene.events, expected_events("LBJ", scene.plan->step_count, "AVC"));
    assert_true(is_new(&scene) && !is_old(&scene));
    assert_string_equal(left_behind(&scene), "-remove.reg ");
    struct wsplsp_snapshot *backup;
    assert_int_equal(change_load_backup(NULL, scene.result.backup, 0, &backup, &scene.error), WSPLSP_OK);
    struct diff *diff;
    assert_int_equal(diff_snapshots(scene.before, backup, &diff, &scene.error), WSPLSP_OK);
    assert_int_equal(diff->count, 0);
    diff_free(diff);
    wsplsp_snapshot_free(backup);
    close_scene(&scene);
}

static void the_backup_leads_back(void **state)
{
    struct scene scene;
    struct wsplsp_snapshot *backup;
    open_scene(&scene, state);
    assert_int_equal(apply(&scene), WSPLSP_OK);
    const char *name = strrchr(scene.result.backup, '/') + 1; /* found by its name alone */
    assert_int_equal(change_load_backup(scene.target, name, 0, &backup, &scene.error), WSPLSP_OK);
    struct wsplsp_snapshot *now;
    assert_int_equal(change_load(scene.target, &now, &scene.error), WSPLSP_OK);
    plan_free(scene.plan);
    assert_int_equal(plan_restore(now, backup, stepwise_new_id, &scene.plan, &scene.error), WSPLSP_OK);
    assert_int_equal(apply(&scene), WSPLSP_OK);
    assert_true(is_old(&scene));
    wsplsp_snapshot_free(now);
    wsplsp_snapshot_free(backup);
    close_scene(&scene);
}

static void nothing_to_do_leaves_nothing(void **state)
{
    struct scene scene;
    open_scene(&scene, state);
    assert_int_equal(apply(&scene), WSPLSP_OK);
    plan_anew(&scene);
    assert_int_equal(apply(&scene), WSPLSP_OK);
    assert_int_equal(scene.result.outcome, CHANGE_OUTCOME_NOTHING);
    assert_string_equal(scene.events, "");
    assert_string_equal(left_behind(&scene), "-remove.reg "); /* the first change's */
    close_scene(&scene);
}

/* With the step failing before or after it took effect: every one of them in turn. */
static void each_step_fails(void **state, bool late)
{
    for (size_t step = 1;; step++) {
        struct scene scene;
        open_scene(&scene, state);
        if (step > scene.plan->step_count) {
            close_scene(&scene);
            return;
        }
        scene.days.fail_step = late ? 0 : step;
        scene.days.fail_late = late ? step : 0;
        bool changed = late || step > 1;
        assert_int_equal(apply(&scene), changed ? WSPLSP_ROLLED_BACK : WSPLSP_SYSTEM);
        assert_int_equal(scene.result.outcome, changed ? CHANGE_OUTCOME_UNDONE : CHANGE_OUTCOME_UNCHANGED);
        assert_int_equal(scene.error.code, 11003);
        assert_string_equal(scene.error.name, "WSANO_RECOVERY");
        assert_non_null(strstr(scene.error.message, changed ? "has been undone" : "nothing has been changed"));
        assert_true(is_old(&scene));
        assert_string_equal(left_behind(&scene), changed ? "-remove.undone.reg " : "");
        assert_int_equal(change_check(scene.target, &scene.error), WSPLSP_OK);
        close_scene(&scene);
        folder_teardown(state);
        folder_setup(state);
    }
}

static void each_step_that_fails_is_undone(void **state)
{
    each_step_fails(state, false);
}

static void each_step_that_fails_after_its_work_is_undone(void **state)
{
    each_step_fails(state, true);
}

static void a_system_that_keeps_nothing_is_told_so(void **state)
{
    struct scene scene;
    open_scene(&scene, state);
    scene.days.deaf = true;
    assert_int_equal(apply(&scene), WSPLSP_SYSTEM);
    assert_string_equal(scene.error.name, "NOT_KEPT");
    assert_int_equal(scene.result.outcome, CHANGE_OUTCOME_UNCHANGED);
    assert_null(scene.result.backup);
    assert_null(strchr(scene.events, 'V'));
    assert_null(strchr(scene.events, 'U'));
    assert_string_equal(left_behind(&scene), "");
    close_scene(&scene);
}

static void a_step_that_is_not_kept_is_noticed_and_all_undone(void **state)
{
    for (size_t step = 1;; step++) {
        struct scene scene;
        open_scene(&scene, state);
        if (step > scene.plan->step_count) {
            close_scene(&scene);
            return;
        }
        scene.days.deaf_step = step;
        enum wsplsp_status status = apply(&scene);
        /* A later step may need this one, or make up for it; what is never said is that it went well when it did not.
         */
        if (status == WSPLSP_OK)
            assert_true(is_new(&scene));
        else
            assert_true(is_old(&scene));
        assert_true(status == WSPLSP_OK || status == WSPLSP_ROLLED_BACK || status == WSPLSP_SYSTEM);
        assert_true(step != scene.plan->step_count || status == WSPLSP_ROLLED_BACK);
        close_scene(&scene);
        folder_teardown(state);
        folder_setup(state);
    }
}

static void what_somebody_else_does_meanwhile_is_noticed(void **state)
{
    struct scene scene;
    open_scene(&scene, state);
    scene.days.meddle_step = 1;
    assert_int_equal(apply(&scene), WSPLSP_ROLLED_BACK);
    assert_string_equal(scene.error.name, "NOT_AS_PLANNED");
    assert_non_null(strstr(scene.error.message, STEPWISE_MEDDLED));
    assert_true(is_old(&scene));
    close_scene(&scene);
}

static void what_somebody_else_did_before_is_refused(void **state)
{
    struct scene scene, other;
    open_scene(&scene, state);
    open_scene(&other, state);
    assert_int_equal(apply(&other), WSPLSP_OK);
    assert_int_equal(apply(&scene), WSPLSP_REFUSED);
    assert_int_equal(scene.result.outcome, CHANGE_OUTCOME_UNCHANGED);
    assert_string_equal(scene.events, "");
    assert_true(is_new(&other));
    assert_string_equal(left_behind(&scene), "-remove.reg ");
    close_scene(&other);
    close_scene(&scene);
}

static void undoing_that_fails_leaves_the_journal_for_recover(void **state)
{
    struct scene scene;
    open_scene(&scene, state);
    scene.days.fail_from = 2;
    assert_int_equal(apply(&scene), WSPLSP_SYSTEM);
    assert_non_null(strstr(scene.error.message, "undoing it failed"));
    assert_non_null(strstr(scene.error.hint, "recover"));
    assert_true(folder_has(scene.result.backup));
    assert_false(is_old(&scene));

    assert_int_equal(change_check(scene.target, &scene.error), WSPLSP_REFUSED);
    assert_string_equal(scene.error.name, "UNFINISHED");
    struct change_unfinished *unfinished;
    assert_int_equal(change_find_unfinished(scene.target, &unfinished, &scene.error), WSPLSP_OK);
    assert_string_equal(unfinished->words, "remove all layers");
    assert_string_equal(unfinished->command, "remove");
    assert_int_equal(unfinished->steps, scene.plan->step_count);
    assert_int_equal(unfinished->steps_done, 1);
    assert_true(unfinished->in_step);
    assert_int_equal(unfinished->process, getpid());
    assert_string_equal(unfinished->backup, scene.result.backup);
    change_unfinished_free(unfinished);

    scene.days.fail_from = 0;
    change_result_free(&scene.result);
    assert_int_equal(change_recover(scene.target, NULL, &scene.result, &scene.error), WSPLSP_OK);
    assert_int_equal(scene.result.outcome, CHANGE_OUTCOME_UNDONE);
    assert_string_equal(scene.result.words, "remove all layers");
    assert_true(is_old(&scene));
    assert_string_equal(left_behind(&scene), "-remove.undone.reg ");
    close_scene(&scene);
}

static void without_rights_nothing_is_begun(void **state)
{
    struct scene scene;
    struct change_history *history;
    open_scene(&scene, state);
    scene.days.denied = true;
    assert_int_equal(change_check(scene.target, &scene.error), WSPLSP_DENIED);
    assert_int_equal(apply(&scene), WSPLSP_DENIED);
    assert_string_equal(scene.events, "");
    assert_false(folder_has(scene.target->store->folder));
    assert_int_equal(change_recover(scene.target, NULL, &scene.result, &scene.error), WSPLSP_DENIED);
    assert_int_equal(change_read_history(scene.target, &history, &scene.error), WSPLSP_DENIED);
    close_scene(&scene);
}

static void there_may_be_nothing_to_recover(void **state)
{
    struct scene scene;
    struct change_unfinished *unfinished;
    open_scene(&scene, state);
    for (int times = 0; times < 2; times++) { /* without a folder, and with one */
        change_result_free(&scene.result);
        assert_int_equal(change_recover(scene.target, NULL, &scene.result, &scene.error), WSPLSP_OK);
        assert_int_equal(scene.result.outcome, CHANGE_OUTCOME_NOTHING);
        assert_int_equal(change_find_unfinished(scene.target, &unfinished, &scene.error), WSPLSP_OK);
        assert_null(unfinished);
        assert_int_equal(change_check(scene.target, &scene.error), WSPLSP_OK);
        assert_int_equal(apply(&scene), times == 0 ? WSPLSP_OK : WSPLSP_REFUSED);
    }
    close_scene(&scene);
}

static void a_damaged_journal_is_nobody_s_to_guess(void **state)
{
    struct scene scene;
    open_scene(&scene, state);
    scene.days.fail_from = 2;
    assert_int_equal(apply(&scene), WSPLSP_SYSTEM);
    folder_write(folder_path(state, "catalog.reg.wsplsp-backups/unfinished.journal"), "wsplsp journal 1\n", 17);
    assert_int_equal(apply(&scene), WSPLSP_SYSTEM);
    assert_string_equal(scene.error.name, "BAD_FORMAT");
    assert_int_equal(change_recover(scene.target, NULL, &scene.result, &scene.error), WSPLSP_SYSTEM);
    assert_string_equal(scene.error.name, "BAD_FORMAT");
    assert_non_null(strstr(scene.error.hint, "unfinished.journal"));
    close_scene(&scene);
}

static void a_backup_that_is_gone_is_said(void **state)
{
    struct scene scene;
    open_scene(&scene, state);
    scene.days.fail_from = 2;
    assert_int_equal(apply(&scene), WSPLSP_SYSTEM);
    assert_int_equal(unlink(scene.result.backup), 0);
    change_result_free(&scene.result);
    scene.days.fail_from = 0;
    assert_int_equal(change_recover(scene.target, NULL, &scene.result, &scene.error), WSPLSP_SYSTEM);
    assert_string_equal(scene.error.name, "NO_BACKUP");
    close_scene(&scene);
}

static void no_change_without_a_place_for_the_backup(void **state)
{
    struct scene scene;
    open_scene(&scene, state);
    folder_write(scene.target->store->folder, "x", 1);
    assert_int_equal(apply(&scene), WSPLSP_REFUSED);
    assert_true(is_old(&scene));
    close_scene(&scene);
}

/* A folder in which nothing can be made any more once the backup is there: the first journal fails. */
static void no_change_without_a_journal(void **state)
{
    struct scene scene;
    open_scene(&scene, state);
    assert_int_equal(mkdir(scene.target->store->folder, 0777), 0);
    assert_int_equal(mkdir(folder_path(state, "catalog.reg.wsplsp-backups/new"), 0777), 0);
    assert_int_equal(apply(&scene), WSPLSP_SYSTEM);
    assert_int_equal(scene.result.outcome, CHANGE_OUTCOME_UNCHANGED);
    assert_string_equal(scene.events, "LB");
    assert_true(is_old(&scene));
    assert_string_equal(left_behind(&scene), "new ");
    close_scene(&scene);
}

static void the_history_is_what_the_backups_say(void **state)
{
    struct scene scene;
    struct change_history *history;
    char *path;
    open_scene(&scene, state);
    assert_int_equal(change_read_history(scene.target, &history, &scene.error), WSPLSP_OK);
    assert_int_equal(history->count, 0);
    change_history_free(history);

    scene.days.fail_step = 2;
    assert_int_equal(apply(&scene), WSPLSP_ROLLED_BACK);
    assert_int_equal(change_backup(scene.target, "backup", "by hand", &path, &scene.error), WSPLSP_OK);
    scene.days.fail_step = 0;
    scene.days.fail_from = 2;
    plan_anew(&scene);
    assert_int_equal(apply(&scene), WSPLSP_SYSTEM);
    assert_int_equal(change_read_history(scene.target, &history, &scene.error), WSPLSP_OK);
    assert_int_equal(history->count, 3);
    assert_string_equal(history->folder, scene.target->store->folder);
    const struct change_record *records = history->records;
    assert_string_equal(records[0].words, "remove all layers");
    assert_true(records[0].undone && !records[0].unfinished);
    assert_string_equal(records[1].command, "backup");
    assert_string_equal(records[1].words, "by hand");
    assert_string_equal(records[1].path, path);
    assert_false(records[1].undone || records[1].unfinished);
    assert_true(records[2].unfinished && !records[2].undone);
    assert_int_equal(strlen(records[2].time), strlen("2026-11-20T15:56:40Z"));
    change_history_free(history);
    free(path);
    close_scene(&scene);
}

static void fifty_backups_are_kept(void **state)
{
    struct scene scene;
    struct change_history *history;
    open_scene(&scene, state);
    assert_int_equal(mkdir(scene.target->store->folder, 0777), 0);
    for (int i = 0; i < 60; i++) {
        char name[80];
        snprintf(name, sizeof name, "catalog.reg.wsplsp-backups/20200101T0000%02d.000Z-install.reg", i);
        folder_write(folder_path(state, name), "x", 1);
    }
    assert_int_equal(apply(&scene), WSPLSP_OK);
    assert_int_equal(change_read_history(scene.target, &history, &scene.error), WSPLSP_OK);
    assert_int_equal(history->count, 50);
    assert_string_equal(history->records[0].name, "20200101T000011.000Z-install.reg");
    assert_string_equal(history->records[49].command, "remove");
    change_history_free(history);
    close_scene(&scene);
}

/* ---- the store for files itself */

static void a_file_changes_once_and_as_a_whole(void **state)
{
    struct scene scene;
    struct stat info;
    open_scene(&scene, state);
    change_close(scene.target);
    const char *path = folder_path(state, "catalog.reg");
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(change_open_file(path, 0, stepwise_new_id, &scene.target, &scene.error), WSPLSP_OK);
    assert_false(change_target_is_system(scene.target));
    assert_int_equal(apply(&scene), WSPLSP_OK);
    assert_true(is_new(&scene));
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0640);
    close_scene(&scene);
}

static void a_link_leads_to_the_file_and_its_backups(void **state)
{
    struct scene scene;
    struct stat info;
    open_scene(&scene, state);
    change_close(scene.target);
    const char *link = folder_path(state, "link.reg");
    assert_int_equal(symlink("catalog.reg", link), 0);
    assert_int_equal(change_open_file(link, 0, stepwise_new_id, &scene.target, &scene.error), WSPLSP_OK);
    assert_int_equal(apply(&scene), WSPLSP_OK);
    assert_int_equal(lstat(link, &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    assert_true(folder_has(folder_path(state, "catalog.reg.wsplsp-backups")));
    close_scene(&scene);
}

struct meddler {
    struct scene *scene;
    const char *path;
};

/* Writes to the file when the last step has been done in memory. */
static void meddle_with_file(enum change_event event, size_t step, void *context)
{
    const struct meddler *meddler = context;
    if (event == CHANGE_STEP_DONE && step == meddler->scene->plan->step_count)
        folder_fixture(meddler->path, "windows7.reg");
}

static void a_file_that_somebody_else_writes_meanwhile_is_left_alone(void **state)
{
    struct scene scene;
    size_t size, wanted;
    open_scene(&scene, state);
    change_close(scene.target);
    const char *path = folder_path(state, "catalog.reg");
    assert_int_equal(change_open_file(path, 0, stepwise_new_id, &scene.target, &scene.error), WSPLSP_OK);
    struct meddler meddler = {&scene, path};
    struct change_request request = {scene.plan, "remove", "x", {meddle_with_file, &meddler}};
    assert_int_equal(change_apply(scene.target, &request, &scene.result, &scene.error), WSPLSP_REFUSED);
    assert_string_equal(scene.error.name, "CHANGED_MEANWHILE");
    assert_int_equal(scene.result.outcome, CHANGE_OUTCOME_UNCHANGED);
    uint8_t *bytes = support_read_file(path, &size),
            *original = support_read_file("tests/fixtures/windows7.reg", &wanted);
    assert_int_equal(size, wanted);
    assert_memory_equal(bytes, original, size);
    assert_false(folder_has(folder_path(state, "catalog.reg.wsplsp-new")));
    assert_string_equal(left_behind(&scene), "");
    free(bytes);
    free(original);
    close_scene(&scene);
}

static void assert_not_opened(const char *path, enum wsplsp_status status, const char *name)
{
    struct change_target *target = NULL;
    struct wsplsp_error error;
    assert_int_equal(change_open_file(path, 0, stepwise_new_id, &target, &error), status);
    assert_string_equal(error.name, name);
}

static void only_a_reg_file_of_a_catalog_alone_is_changed(void **state)
{
    const char *path = folder_path(state, "other.reg");
    static const char more[] =
        "Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\SYSTEM\\Select]\n"
        "\"Current\"=dword:00000001\n[HKEY_LOCAL_MACHINE\\SYSTEM\\ControlSet001\\Services\\WinSock2]\n";
    folder_write(path, more, sizeof more - 1);
    assert_not_opened(path, WSPLSP_REFUSED, "MORE_THAN_WINSOCK2");
    folder_write(path, "regf", 4);
    assert_not_opened(path, WSPLSP_REFUSED, "HIVE");
    assert_not_opened(folder_path(state, "none.reg"), WSPLSP_NOT_FOUND, "ENOENT");
    assert_not_opened("-", WSPLSP_USAGE, "USAGE");
}

static void a_read_only_file_stays_as_it_is(void **state)
{
    struct scene scene;
    if (geteuid() == 0)
        skip(); /* who may write everything */
    open_scene(&scene, state);
    change_close(scene.target);
    const char *path = folder_path(state, "catalog.reg");
    assert_int_equal(chmod(path, 0444), 0);
    assert_int_equal(change_open_file(path, 0, stepwise_new_id, &scene.target, &scene.error), WSPLSP_OK);
    assert_int_equal(apply(&scene), WSPLSP_DENIED);
    assert_int_equal(scene.result.outcome, CHANGE_OUTCOME_UNCHANGED);
    assert_true(is_old(&scene));
    close_scene(&scene);
}

static void the_running_system_is_on_windows(void **state)
{
    (void)state;
    struct change_target *target;
    struct wsplsp_error error;
    assert_int_equal(change_open_system(stepwise_new_id, &target, &error), WSPLSP_SYSTEM);
    assert_string_equal(error.name, "NO_LIVE_CATALOG");
}

/* ---- memory */

static bool apply_once(void *context)
{
    struct scene *scene = context;
    struct wsplsp_error error;
    folder_write(folder_path(scene->state, "catalog.reg"), scene->fixture, scene->fixture_size);
    unlink(folder_path(scene->state, "catalog.reg.wsplsp-backups/unfinished.journal"));
    struct change_request request = {scene->plan, "remove", "x", {NULL, NULL}};
    change_result_free(&scene->result);
    enum wsplsp_status status = change_apply(scene->target, &request, &scene->result, &error);
    return status == WSPLSP_OK;
}

static void memory_may_run_out(void **state)
{
    struct scene scene = {.state = state};
    struct wsplsp_snapshot *small = doctor_windows(); /* so that there are few allocations to fail */
    doctor_drop_64(small);
    for (uint32_t id = 1003; id <= 1006; id++)
        doctor_remove(small, 32, id);
    write_catalog(&scene, small);
    assert_int_equal(
        change_open_file(folder_path(state, "catalog.reg"), 0, stepwise_new_id, &scene.target, &scene.error),
        WSPLSP_OK);
    assert_int_equal(change_load(scene.target, &scene.before, &scene.error), WSPLSP_OK);
    assert_int_equal(plan_application_set(scene.before, "C:\\a.exe", NULL, 0x80000000, &scene.plan, &scene.error),
                     WSPLSP_OK);
    support_fail_some_allocations(apply_once, &scene, 23);
    assert_true(is_new(&scene));
    close_scene(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_change_is_done_and_leaves_its_backup),
        TEST(the_backup_leads_back),
        TEST(nothing_to_do_leaves_nothing),
        TEST(each_step_that_fails_is_undone),
        TEST(each_step_that_fails_after_its_work_is_undone),
        TEST(a_system_that_keeps_nothing_is_told_so),
        TEST(a_step_that_is_not_kept_is_noticed_and_all_undone),
        TEST(what_somebody_else_does_meanwhile_is_noticed),
        TEST(what_somebody_else_did_before_is_refused),
        TEST(undoing_that_fails_leaves_the_journal_for_recover),
        TEST(without_rights_nothing_is_begun),
        TEST(there_may_be_nothing_to_recover),
        TEST(a_damaged_journal_is_nobody_s_to_guess),
        TEST(a_backup_that_is_gone_is_said),
        TEST(no_change_without_a_place_for_the_backup),
        TEST(no_change_without_a_journal),
        TEST(the_history_is_what_the_backups_say),
        TEST(fifty_backups_are_kept),
        TEST(a_file_changes_once_and_as_a_whole),
        TEST(a_link_leads_to_the_file_and_its_backups),
        TEST(a_file_that_somebody_else_writes_meanwhile_is_left_alone),
        TEST(only_a_reg_file_of_a_catalog_alone_is_changed),
        TEST(a_read_only_file_stays_as_it_is),
        cmocka_unit_test(the_running_system_is_on_windows),
        TEST(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
