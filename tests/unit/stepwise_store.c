/* A file as a store of single steps; see stepwise_store.h. */
#include "stepwise_store.h"

#include <stdlib.h>
#include <string.h>

#include "lsp-core/base/text.h"

struct stepwise {
    struct store common;
    struct store *file;
    struct stepwise_days *days;
};

bool stepwise_new_id(struct wsplsp_guid *id)
{
    static uint8_t count;
    memset(id, 0x5a, sizeof *id);
    id->bytes[0] = ++count;
    return true;
}

static struct stepwise *own(struct store *store)
{
    return (struct stepwise *)store;
}

static enum wsplsp_status may_change(struct store *store, struct wsplsp_error *error)
{
    return own(store)->days->denied ? wsplsp_fail(error, WSPLSP_DENIED, 5, "ERROR_ACCESS_DENIED", "no rights")
                                    : WSPLSP_OK;
}

static enum wsplsp_status begin(struct store *store, struct wsplsp_error *error)
{
    return own(store)->file->functions->begin(own(store)->file, error);
}

static void end(struct store *store)
{
    own(store)->file->functions->end(own(store)->file);
}

static enum wsplsp_status load(struct store *store, struct wsplsp_snapshot **snapshot, struct wsplsp_error *error)
{
    return own(store)->file->functions->load(own(store)->file, snapshot, error);
}

static enum wsplsp_status do_step(struct store *file, const struct plan_step *step, struct wsplsp_error *error)
{
    struct wsplsp_snapshot *now;
    if (file->functions->load(file, &now, error) != WSPLSP_OK)
        return error->status;
    wsplsp_snapshot_free(now);
    enum wsplsp_status status = file->functions->apply(file, step, error);
    return status == WSPLSP_OK ? file->functions->commit(file, error) : status;
}

static enum wsplsp_status meddle(struct store *file, struct wsplsp_error *error)
{
    char path[] = STEPWISE_MEDDLED, words[] = "meddle";
    struct plan_step step = {.action = PLAN_PERMIT_APPLICATION,
                             .function = "WSCSetApplicationCategory",
                             .words = words,
                             .path = path,
                             .categories = 1};
    return do_step(file, &step, error);
}

static enum wsplsp_status apply(struct store *store, const struct plan_step *step, struct wsplsp_error *error)
{
    struct stepwise_days *days = own(store)->days;
    size_t number = ++days->applied;
    bool fails = number == days->fail_step || (days->fail_from != 0 && number >= days->fail_from);
    if (!fails && !days->deaf && number != days->deaf_step && do_step(own(store)->file, step, error) != WSPLSP_OK)
        return error->status;
    if (fails || number == days->fail_late)
        return wsplsp_fail(error, WSPLSP_SYSTEM, 11003, "WSANO_RECOVERY", "%s failed with WSANO_RECOVERY (11003)",
                           step->function);
    return number == days->meddle_step ? meddle(own(store)->file, error) : WSPLSP_OK;
}

static enum wsplsp_status commit(struct store *store, struct wsplsp_error *error)
{
    (void)store;
    (void)error;
    return WSPLSP_OK;
}

static void free_store(struct store *store)
{
    own(store)->file->functions->free(own(store)->file);
    store_free_common(store);
    free(store);
}

static const struct store_functions functions = {may_change, begin, end, load, apply, commit, free_store};

struct store *stepwise_open(const char *path, struct stepwise_days *days)
{
    struct wsplsp_error error;
    struct stepwise *made = calloc(1, sizeof *made);
    assert_non_null(made);
    assert_int_equal(store_open_file(path, 0, stepwise_new_id, &made->file, &error), WSPLSP_OK);
    made->days = days;
    made->common.functions = &functions;
    made->common.name = text_duplicate(path);
    made->common.folder = text_duplicate(made->file->folder);
    made->common.access = made->file->access;
    made->common.new_id = stepwise_new_id;
    return &made->common;
}
