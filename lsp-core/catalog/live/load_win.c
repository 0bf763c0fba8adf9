/* Reads the running system's catalog: the registry first, then the functions' word over it; see live_win.h. */
#include <stdlib.h>
#include <string.h>

#include "lsp-core/base/code_page.h"
#include "lsp-core/win/errors_win.h"
#include "lsp-core/catalog/layout.h"
#include "part_win.h"
#include "lsp-core/catalog/names.h"
#include "lsp-core/base/text.h"

#define TEXTS(ENUM, PATH, INFO, NAME_SPACES)                                                                  \
    {                                                                                                         \
        .enum_protocols = ENUM, .enum_missing = "this system's ws2_32.dll has no " ENUM,                      \
        .enum_failed = ENUM " failed", .path_missing = "this system's ws2_32.dll has no " PATH,               \
        .path_failed = PATH " failed", .path_empty = PATH " gave no path",                                    \
        .info_missing = "this system's ws2_32.dll has no " INFO, .info_failed = INFO " failed",               \
        .info_no_recovery = INFO " failed with WSANO_RECOVERY (11003)",                                       \
        .info_no_provider = INFO " failed with WSAEINVALIDPROVIDER (10105)", .enum_name_spaces = NAME_SPACES, \
    }

static const struct live_texts texts_own =
    TEXTS("WSCEnumProtocols", "WSCGetProviderPath", "WSCGetProviderInfo", "WSAEnumNameSpaceProvidersEx");
static const struct live_texts texts_other32 =
    TEXTS("WSCEnumProtocols32", "WSCGetProviderPath32", "WSCGetProviderInfo32", "WSCEnumNameSpaceProvidersEx32");

void live_count(struct live_tally *tally, uint32_t catalog_id)
{
    if (tally->count++ == 0)
        tally->first = catalog_id;
}

bool live_note(const struct live_part *part, const struct live_tally *tally, const char *what)
{
    if (tally->count == 0)
        return true;
    if (tally->count == 1)
        return wsplsp_snapshot_note(part->snapshot, "%d-bit catalog: %s (entry %lu)", part->catalog->bits, what,
                                    (unsigned long)tally->first);
    return wsplsp_snapshot_note(part->snapshot, "%d-bit catalog: %s (%zu entries, the first is %lu)",
                                part->catalog->bits, what, tally->count, (unsigned long)tally->first);
}

bool live_show_name(const struct live_functions *functions, const char *raw, const char *given, char **name)
{
    char *shown = NULL;
    if (given != NULL && given[0] != '@')
        shown = text_duplicate(given);
    else if (raw[0] == '@')
        shown = functions->resolve_name(raw);
    if (shown == NULL) {
        const char *known = names_lookup(raw);
        shown = text_duplicate(known != NULL ? known : raw);
    }
    if (shown == NULL)
        return false;
    free(*name);
    *name = shown;
    return true;
}

void live_move_entries(struct wsplsp_catalog *catalog, struct wsplsp_snapshot *old)
{
    old->catalogs[0].entries = catalog->entries;
    old->catalogs[0].entry_count = catalog->entry_count;
    catalog->entries = NULL;
    catalog->entry_count = 0;
    free(catalog->by_id);
    catalog->by_id = NULL;
}

void live_move_name_spaces(struct wsplsp_catalog *catalog, struct wsplsp_snapshot *old)
{
    old->catalogs[0].name_spaces = catalog->name_spaces;
    old->catalogs[0].name_space_count = catalog->name_space_count;
    catalog->name_spaces = NULL;
    catalog->name_space_count = 0;
}

/* What the registry has goes in first. A system whose registry can't be read is still shown as its functions tell. */
static enum wsplsp_status read_registry(const struct live_functions *functions, struct wsplsp_snapshot *snapshot,
                                        struct wsplsp_error *error)
{
    struct reg_key *winsock2 = NULL;
    enum wsplsp_status status = functions->read_registry(&winsock2, snapshot, error);
    if (status == WSPLSP_OK)
        status = layout_read(winsock2, snapshot, error);
    reg_key_free(winsock2);
    if (status == WSPLSP_OK || strcmp(error->name, "ENOMEM") == 0)
        return status;
    snapshot->applications_absent = "this system's registry has no readable WinSock2 key";
    for (size_t i = 0; i < 2; i++)
        snapshot->catalogs[i].absent = snapshot->applications_absent;
    if (!wsplsp_snapshot_note(snapshot,
                              "%s: application categories, counters, AutodialDLL and NameSpace_Callout are unknown",
                              error->message))
        return wsplsp_fail_memory(error);
    return WSPLSP_OK;
}

/* The 64-bit catalog in a 32-bit process: no function tells it, the registry does. */
static enum wsplsp_status registry_alone(const struct live_part *part)
{
    struct wsplsp_catalog *catalog = part->catalog;
    for (size_t i = 0; i < catalog->entry_count; i++) {
        struct wsplsp_entry *entry = &catalog->entries[i];
        entry->categories_absent = "a 32-bit process cannot ask for the 64-bit catalog's categories";
        if (!live_show_name(part->functions, entry->name_raw, NULL, &entry->name))
            return wsplsp_fail_memory(part->error);
    }
    for (size_t i = 0; i < catalog->name_space_count; i++) {
        struct wsplsp_name_space *name_space = &catalog->name_spaces[i];
        if (!live_show_name(part->functions, name_space->name_raw, NULL, &name_space->name))
            return wsplsp_fail_memory(part->error);
    }
    if (!catalog->present)
        catalog->absent = "the registry does not tell it, and a 32-bit process has no function that does";
    const char *rest = catalog->present ? "is shown as the registry has it" : "is unknown";
    if (!wsplsp_snapshot_note(part->snapshot, "this is a 32-bit process on 64-bit Windows: the 64-bit catalog %s",
                              rest))
        return wsplsp_fail_memory(part->error);
    return WSPLSP_OK;
}

static enum wsplsp_status read_catalog(const struct live_functions *functions, struct wsplsp_snapshot *snapshot,
                                       struct wsplsp_catalog *catalog, struct wsplsp_error *error)
{
    bool own = catalog->bits == functions->process_bits;
    struct live_part part = {
        .functions = functions,
        .calls = own ? &functions->own : &functions->other32,
        .texts = own ? &texts_own : &texts_other32,
        .snapshot = snapshot,
        .catalog = catalog,
        .error = error,
    };
    if (own || functions->process_bits == 64) {
        enum wsplsp_status status = live_read_entries(&part);
        return status == WSPLSP_OK ? live_read_name_spaces(&part) : status;
    }
    if (functions->wow64)
        return registry_alone(&part);
    catalog->absent = "this is 32-bit Windows";
    return WSPLSP_OK;
}

/* The WSC functions work without WSAStartup, those that list name space providers ask for it (WSANOTINITIALISED).
 * Where the catalog is so damaged that WSAStartup fails, the rest is still read. */
static bool start(const struct live_functions *functions, struct wsplsp_snapshot *snapshot, bool *noted)
{
    WSADATA data;
    int code = functions->startup(MAKEWORD(2, 2), &data);
    *noted = code == 0 ||
             wsplsp_snapshot_note(snapshot, "WSAStartup failed with %s (%d)", errors_win_name((uint32_t)code), code);
    return code == 0;
}

enum wsplsp_status live_load(const struct live_functions *functions, struct wsplsp_snapshot **snapshot,
                             struct wsplsp_error *error)
{
    struct wsplsp_snapshot *loaded = wsplsp_snapshot_new("the running system");
    if (loaded == NULL)
        return wsplsp_fail_memory(error);
    loaded->live = true;
    loaded->code_page = code_page_system();
    bool noted;
    bool started = start(functions, loaded, &noted);
    enum wsplsp_status status = noted ? read_registry(functions, loaded, error) : wsplsp_fail_memory(error);
    for (size_t i = 0; i < 2 && status == WSPLSP_OK; i++)
        status = read_catalog(functions, loaded, &loaded->catalogs[i], error);
    if (started)
        functions->cleanup();
    if (status == WSPLSP_OK)
        *snapshot = loaded;
    else
        wsplsp_snapshot_free(loaded);
    return status;
}
