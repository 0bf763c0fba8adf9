/* A process that is killed at each moment of a change, with all that a kill does: the next one finds out, and brings
 * the old state back, or keeps the new one where it is all there. */
#include "folder.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lsp-core/change/part.h"
#include "lsp-core/diff/diff.h"
#include "doctor.h"
#include "stepwise_store.h"

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)

struct place {
    const char *path; /* of the catalog's file */
    bool stepwise;
    void *bytes; /* of the catalog before */
    size_t size;
    struct wsplsp_snapshot *before;
    struct plan *plan;
};

struct killer {
    size_t events; /* to live through */
};

static void kill_at(enum change_event event, size_t step, void *context)
{
    struct killer *killer = context;
    (void)event;
    (void)step;
    if (killer->events-- == 0)
        kill(getpid(), SIGKILL);
}

static struct change_target *open_target(const struct place *place)
{
    static struct stepwise_days good;
    struct change_target *target;
    struct wsplsp_error error;
    good = (struct stepwise_days){0};
    if (place->stepwise)
        assert_int_equal(change_open_store(stepwise_open(place->path, &good), &target, &error), WSPLSP_OK);
    else
        assert_int_equal(change_open_file(place->path, 0, stepwise_new_id, &target, &error), WSPLSP_OK);
    target->lock_limit = 5000;
    return target;
}

/* Runs `work` in a process of its own that is killed after so many events; whether it was. */
static bool dies(const struct place *place, size_t events, int (*work)(const struct place *, struct change_watcher *))
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        struct killer killer = {events};
        struct change_watcher watcher = {kill_at, &killer};
        _exit(work(place, &watcher));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status)) {
        assert_int_equal(WTERMSIG(status), SIGKILL);
        return true;
    }
    assert_int_equal(WEXITSTATUS(status), 0);
    return false;
}

static int apply(const struct place *place, struct change_watcher *watcher)
{
    struct change_result result;
    struct wsplsp_error error;
    struct change_request request = {place->plan, "remove", "all layers out", *watcher};
    struct change_target *target = open_target(place);
    int status = (int)change_apply(target, &request, &result, &error);
    return status == WSPLSP_OK && result.outcome == CHANGE_OUTCOME_DONE ? 0 : 1;
}

static int recover(const struct place *place, struct change_watcher *watcher)
{
    struct change_result result;
    struct wsplsp_error error;
    return change_recover(open_target(place), watcher, &result, &error) == WSPLSP_OK ? 0 : 1;
}

static bool equals(struct change_target *target, const struct wsplsp_snapshot *wanted)
{
    struct wsplsp_snapshot *now;
    struct wsplsp_error error;
    struct diff *diff;
    assert_int_equal(change_load(target, &now, &error), WSPLSP_OK);
    assert_int_equal(diff_snapshots(wanted, now, &diff, &error), WSPLSP_OK);
    bool same = diff->count == 0;
    diff_free(diff);
    wsplsp_snapshot_free(now);
    return same;
}

/* Programs have a network at every moment: each chain ends in a base entry, and all of these are there. */
static void assert_network(struct change_target *target, const struct wsplsp_snapshot *before)
{
    struct wsplsp_snapshot *now;
    struct wsplsp_error error;
    assert_int_equal(change_load(target, &now, &error), WSPLSP_OK);
    for (size_t c = 0; c < 2; c++) {
        const struct wsplsp_catalog *catalog = &now->catalogs[c];
        size_t bases = 0, wanted = 0;
        for (size_t i = 0; i < before->catalogs[c].entry_count; i++)
            wanted += wsplsp_entry_kind(&before->catalogs[c].entries[i]) == WSPLSP_KIND_BASE;
        for (size_t i = 0; i < catalog->entry_count; i++) {
            const struct wsplsp_protocol_info *info = &catalog->entries[i].info;
            bases += info->chain_len == 1;
            for (int32_t m = 0; info->chain_len > 1 && m < info->chain_len; m++)
                assert_non_null(wsplsp_catalog_find(catalog, info->chain[m]));
            if (info->chain_len > 1)
                assert_int_equal(wsplsp_catalog_find(catalog, info->chain[info->chain_len - 1])->info.chain_len, 1);
        }
        assert_int_equal(bases, wanted);
    }
    wsplsp_snapshot_free(now);
}

static void prepare(struct place *place, void **state, bool stepwise)
{
    struct wsplsp_snapshot *layered = doctor_layered();
    struct wsplsp_error error;
    memset(place, 0, sizeof *place);
    place->path = folder_path(state, "catalog.reg");
    place->stepwise = stepwise;
    assert_int_equal(change_backup_text(layered, "x", "x", &place->bytes, &place->size, &error), WSPLSP_OK);
    wsplsp_snapshot_free(layered);
    folder_write(place->path, place->bytes, place->size);
    struct change_target *target = open_target(place);
    assert_int_equal(change_load(target, &place->before, &error), WSPLSP_OK);
    const struct plan_remove_request request = {.all_layered = true};
    assert_int_equal(plan_remove(place->before, &request, stepwise_new_id, &place->plan, &error), WSPLSP_OK);
    change_close(target);
}

static void clean_up(struct place *place)
{
    plan_free(place->plan);
    wsplsp_snapshot_free(place->before);
    free(place->bytes);
}

/* What recovering made of it: 'o' the old state, 'n' the new one, '-' nothing was unfinished. */
static char end_change(const struct place *place)
{
    struct change_target *target = open_target(place);
    struct change_result result;
    struct wsplsp_error error;
    struct change_unfinished *unfinished;
    assert_network(target, place->before);
    assert_int_equal(change_find_unfinished(target, &unfinished, &error), WSPLSP_OK);
    bool found = unfinished != NULL;
    change_unfinished_free(unfinished);
    assert_int_equal(change_check(target, &error), found ? WSPLSP_REFUSED : WSPLSP_OK);
    assert_int_equal(change_recover(target, NULL, &result, &error), WSPLSP_OK);
    bool old = equals(target, place->before), new = equals(target, place->plan->after);
    assert_true(old != new);
    if (found)
        assert_int_equal(result.outcome, old ? CHANGE_OUTCOME_UNDONE : CHANGE_OUTCOME_DONE);
    else
        assert_int_equal(result.outcome, CHANGE_OUTCOME_NOTHING);
    assert_int_equal(change_check(target, &error), WSPLSP_OK);
    change_result_free(&result);
    change_close(target);
    return !found ? '-' : old ? 'o' : 'n';
}

static void start_over(const struct place *place)
{
    folder_write(place->path, place->bytes, place->size);
}

/* At every event of a change. */
static void killed_everywhere(void **state, bool stepwise)
{
    struct place place;
    char ends[300] = "";
    size_t events = 0, old, new;
    prepare(&place, state, stepwise);
    for (; dies(&place, events, apply); events++) {
        ends[events] = end_change(&place);
        start_over(&place);
    }
    /* Locked, backed up, journalled, each step begun and done, applied, verified, closed. */
    assert_int_equal(events, 3 + 2 * place.plan->step_count + 3);
    /* Before the journal there is nothing to end, and after it was closed neither; then the old state, up to the step
     * (a file: the replacement) that made the new one. */
    assert_memory_equal(ends, "--", 2);
    assert_int_equal(ends[events - 1], '-');
    old = strspn(ends + 2, "o");
    new = strspn(ends + 2 + old, "n");
    assert_int_equal(2 + old + new + 1, events);
    assert_int_equal(new, stepwise ? 3 : 2);
    clean_up(&place);
}

static void killed_at_any_moment_of_single_steps(void **state)
{
    killed_everywhere(state, true);
}

static void killed_at_any_moment_of_a_file_s_change(void **state)
{
    killed_everywhere(state, false);
}

/* And then recover itself is, everywhere. */
static void killed_again_while_it_recovers(void **state)
{
    struct place place;
    size_t events = 0;
    bool died = true;
    prepare(&place, state, true);
    const size_t middle = 3 + place.plan->step_count;
    for (; died; events++) {
        assert_true(dies(&place, middle, apply));
        died = dies(&place, events, recover);
        char end = end_change(&place);
        assert_true(end == 'o' || end == '-');
        struct change_target *target = open_target(&place);
        assert_true(equals(target, place.before));
        change_close(target);
        start_over(&place);
    }
    assert_true(events > 4);
    clean_up(&place);
}

/* Two at once: one waits for the other, and then finds that its plan is out of date. */
static void two_at_once_take_turns(void **state)
{
    struct place place;
    int status, done = 0;
    pid_t children[4];
    prepare(&place, state, true);
    for (size_t i = 0; i < 4; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            struct change_watcher watcher = {NULL, NULL};
            _exit(apply(&place, &watcher));
        }
    }
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_true(WIFEXITED(status));
        done += WEXITSTATUS(status) == 0;
    }
    assert_int_equal(done, 1);
    struct change_target *target = open_target(&place);
    assert_true(equals(target, place.plan->after));
    change_close(target);
    clean_up(&place);
}

/* Holds the lock until it is killed. */
static void stop_at_first_event(enum change_event event, size_t step, void *context)
{
    const int *pipes = context;
    char byte = 'x';
    (void)step;
    alarm(60); /* where the test fails, nobody kills it */
    if (event == CHANGE_JOURNALLED && write(pipes[1], &byte, 1) == 1)
        pause();
}

static void who_waits_too_long_is_told(void **state)
{
    struct place place;
    struct change_result result;
    struct wsplsp_error error;
    struct change_unfinished *unfinished;
    int pipes[2], status;
    char byte;
    prepare(&place, state, true);
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0) {
        struct change_watcher watcher = {stop_at_first_event, pipes};
        _exit(apply(&place, &watcher));
    }
    assert_int_equal(read(pipes[0], &byte, 1), 1);
    struct change_target *target = open_target(&place);
    target->lock_limit = 100;
    struct change_request request = {place.plan, "remove", "x", {NULL, NULL}};
    assert_int_equal(change_apply(target, &request, &result, &error), WSPLSP_SYSTEM);
    assert_string_equal(error.name, "BUSY");
    change_result_free(&result);
    assert_int_equal(change_find_unfinished(target, &unfinished, &error), WSPLSP_OK);
    assert_null(unfinished); /* somebody is at work on it */
    assert_int_equal(change_check(target, &error), WSPLSP_OK);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(change_check(target, &error), WSPLSP_REFUSED);
    change_close(target);
    close(pipes[0]);
    close(pipes[1]);
    clean_up(&place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(killed_at_any_moment_of_single_steps), TEST(killed_at_any_moment_of_a_file_s_change),
        TEST(killed_again_while_it_recovers),       TEST(two_at_once_take_turns),
        TEST(who_waits_too_long_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
