/* What plans may do with DLL paths, some of which cannot be decided (code_page.h): nothing is written that is guessed,
 * and nothing is taken for equal or different that might not be. See part.h. */
#include "part.h"

#include <string.h>

#include "lsp-core/catalog/edit_part.h"
#include "lsp-core/base/code_page.h"

static enum wsplsp_status hint_code_page(struct wsplsp_error *error)
{
    return wsplsp_hint(error,
                       "--code-page NUMBER says in which code page its DLL paths are: 932 for a Japanese Windows, "
                       "936, 949, 950, 1250 to 1258, 874, or 65001 (UTF-8)");
}

enum wsplsp_status plan_check_path(const struct wsplsp_snapshot *before, const char *dll, int bits,
                                   struct wsplsp_error *error)
{
    bool given = dll != NULL && dll[0] != '\0';
    if (given && before->code_page == CODE_PAGE_UNKNOWN && !code_page_is_ascii(dll)) {
        wsplsp_fail(error, WSPLSP_REFUSED, 0, "CODE_PAGE",
                    "'%.250s' cannot be written: nothing tells the code page of the catalog's DLL paths", dll);
        return hint_code_page(error);
    }
    enum catalog_edit_result result = catalog_edit_check_path(before->code_page, dll);
    if (result == CATALOG_EDIT_NO_MEMORY)
        return wsplsp_fail_memory(error);
    if (result == CATALOG_EDIT_DONE && !code_page_is_undecided(dll))
        return WSPLSP_OK;
    return wsplsp_fail(error, WSPLSP_USAGE, 0, "BAD_PATH",
                       dll == NULL ? "no DLL is given for the %d-bit catalog"
                                   : "the path of the DLL for the %d-bit catalog is empty, too long (MAX_PATH), or has "
                                     "characters that the catalog's code page does not have",
                       bits);
}

static bool is_undecided(const struct wsplsp_entry *entry)
{
    return entry->undecoded == NULL && entry->dll != NULL && code_page_is_undecided(entry->dll);
}

enum wsplsp_status plan_check_replaced(const struct wsplsp_snapshot *before, const struct wsplsp_entry *entry,
                                       struct wsplsp_error *error)
{
    /* Bytes that are no text in a code page that is known are no path that anything would be found by. */
    if (!is_undecided(entry) || before->code_page != CODE_PAGE_UNKNOWN)
        return WSPLSP_OK;
    wsplsp_fail(error, WSPLSP_REFUSED, 0, "CODE_PAGE",
                "the DLL of '%.100s' (%lu) would be replaced, and its path cannot be decided: '%.200s'",
                plan_entry_name(entry), (unsigned long)entry->info.catalog_id, entry->dll);
    return hint_code_page(error);
}

/* ---- restoring */

static bool same_provider(const struct wsplsp_entry *a, const struct wsplsp_entry *b)
{
    return a->undecoded == NULL && b->undecoded == NULL && a->dll != NULL && b->dll != NULL &&
           wsplsp_guid_equal(&a->info.provider_id, &b->info.provider_id);
}

/* Whether the provider has that very path already. `*other` becomes an entry of it that has another one, or NULL. */
static bool has_path(const struct wsplsp_catalog *catalog, const struct wsplsp_entry *wanted,
                     const struct wsplsp_entry **other)
{
    bool found = false;
    *other = NULL;
    for (size_t i = 0; i < catalog->entry_count; i++) {
        const struct wsplsp_entry *entry = &catalog->entries[i];
        if (!same_provider(entry, wanted))
            continue;
        if (strcmp(entry->dll, wanted->dll) == 0)
            found = true;
        else
            *other = entry;
    }
    return found;
}

static enum wsplsp_status check_wanted(const struct wsplsp_snapshot *before, const struct wsplsp_catalog *catalog,
                                       const struct wsplsp_snapshot *backup, const struct wsplsp_entry *wanted,
                                       struct wsplsp_error *error)
{
    const struct wsplsp_entry *other;
    if (wanted->undecoded != NULL || wanted->dll == NULL || has_path(catalog, wanted, &other))
        return WSPLSP_OK;
    bool writable = is_undecided(wanted) ? before->code_page == backup->code_page
                                         : before->code_page != CODE_PAGE_UNKNOWN || code_page_is_ascii(wanted->dll);
    if (!writable) {
        wsplsp_fail(error, WSPLSP_REFUSED, 0, "CODE_PAGE",
                    "'%.200s', the DLL of '%.100s', cannot be restored: nothing tells the code page of %s", wanted->dll,
                    plan_entry_name(wanted), is_undecided(wanted) ? "the backup's paths" : "the catalog's paths");
        return hint_code_page(error);
    }
    return other == NULL ? WSPLSP_OK : plan_check_replaced(before, other, error);
}

enum wsplsp_status plan_check_backup(const struct wsplsp_snapshot *before, const struct wsplsp_snapshot *backup,
                                     struct wsplsp_error *error)
{
    enum wsplsp_status status = WSPLSP_OK;
    for (size_t c = 0; c < 2; c++) {
        for (size_t i = 0; i < backup->catalogs[c].entry_count && status == WSPLSP_OK; i++)
            status = check_wanted(before, &before->catalogs[c], backup, &backup->catalogs[c].entries[i], error);
    }
    return status;
}

/* ---- steps */

enum wsplsp_status plan_check_step(const struct wsplsp_snapshot *before, const struct plan_step *step,
                                   struct wsplsp_error *error)
{
    const char *const paths[] = {step->dll, step->dll32};
    bool entries = step->action == PLAN_INSTALL_LAYER || step->action == PLAN_INSTALL || step->action == PLAN_UPDATE;
    for (size_t i = 0; i < 2 && before->live && entries; i++) {
        if (paths[i] == NULL || !code_page_is_undecided(paths[i]))
            continue;
        wsplsp_fail(error, WSPLSP_REFUSED, 0, "CODE_PAGE",
                    "%s cannot be given a DLL path that is no text in the system's code page: '%.250s'", step->function,
                    paths[i]);
        return wsplsp_hint(error,
                           "'wsplsp update' gives the provider a DLL with another path, 'wsplsp remove' takes it "
                           "out");
    }
    return WSPLSP_OK;
}
