/* wsplsp restore: puts a backup back. */
#include <string.h>

#include "perform.h"
#include "cli/base/command.h"
#include "dll_check.h"
#include "lsp-core/base/text.h"

static bool same_dll(const char *a, const char *b)
{
    return a != NULL && b != NULL && text_compare_nocase(a, b) == 0;
}

/* Whether the catalog lets programs load that DLL for that provider already. */
static bool has_provider(const struct wsplsp_catalog *catalog, const struct wsplsp_entry *wanted)
{
    for (size_t i = 0; i < catalog->entry_count; i++) {
        const struct wsplsp_entry *entry = &catalog->entries[i];
        if (entry->undecoded == NULL && wsplsp_guid_equal(&entry->info.provider_id, &wanted->info.provider_id) &&
            same_dll(entry->dll, wanted->dll))
            return true;
    }
    return false;
}

static bool has_name_space(const struct wsplsp_catalog *catalog, const struct wsplsp_name_space *wanted)
{
    for (size_t i = 0; i < catalog->name_space_count; i++) {
        const struct wsplsp_name_space *name_space = &catalog->name_spaces[i];
        if (wsplsp_guid_equal(&name_space->provider_id, &wanted->provider_id) && same_dll(name_space->dll, wanted->dll))
            return true;
    }
    return false;
}

/* Whether the DLL has been looked at for an entry before this one: a layer has one for many. */
static bool is_looked_at(const struct wsplsp_catalog *now, const struct wsplsp_catalog *backup, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        const struct wsplsp_entry *entry = &backup->entries[i];
        if (entry->undecoded == NULL && same_dll(entry->dll, backup->entries[index].dll) && !has_provider(now, entry))
            return true;
    }
    return false;
}

/* A backup is a file: what it would have programs load has to pass what install asks for. */
static enum wsplsp_status check_dlls(struct change_context *context, const struct wsplsp_catalog *now,
                                     const struct wsplsp_catalog *backup, struct wsplsp_error *error)
{
    bool wide = backup->bits == 64;
    for (size_t i = 0; i < backup->entry_count; i++) {
        const struct wsplsp_entry *entry = &backup->entries[i];
        if (entry->undecoded != NULL || entry->dll == NULL || has_provider(now, entry) || is_looked_at(now, backup, i))
            continue;
        if (dll_check_pair(context, wide ? entry->dll : NULL, wide ? NULL : entry->dll, false, error) != WSPLSP_OK)
            return error->status;
    }
    for (size_t i = 0; i < backup->name_space_count; i++) {
        const struct wsplsp_name_space *name_space = &backup->name_spaces[i];
        if (name_space->dll == NULL || has_name_space(now, name_space))
            continue;
        if (dll_check_pair(context, wide ? name_space->dll : NULL, wide ? NULL : name_space->dll, true, error) !=
            WSPLSP_OK)
            return error->status;
    }
    return WSPLSP_OK;
}

static enum wsplsp_status plan(struct change_context *context, struct plan **plan, struct wsplsp_error *error)
{
    struct wsplsp_snapshot *backup;
    if (change_load_backup(context->target, context->options->operands[0], context->options->code_page, &backup,
                           error) != WSPLSP_OK)
        return error->status;
    enum wsplsp_status status = WSPLSP_OK;
    for (size_t c = 0; c < 2 && status == WSPLSP_OK; c++)
        status = check_dlls(context, &context->before->catalogs[c], &backup->catalogs[c], error);
    if (status == WSPLSP_OK)
        status = plan_restore(context->before, backup, change_new_id, plan, error);
    wsplsp_snapshot_free(backup);
    return status;
}

enum wsplsp_status cmd_restore(const struct options *options, struct output *output, struct wsplsp_error *error)
{
    return change_command("restore", plan, options, output, error);
}
