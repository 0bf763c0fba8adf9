/* The protocol entries as the WSC functions tell them, laid over what the registry has; see part_win.h. */
#include <stdlib.h>
#include <string.h>

#include "lsp-core/base/code_page.h"
#include "lsp-core/win/errors_win.h"
#include "part_win.h"
#include "lsp-core/base/text.h"

_Static_assert(sizeof(WSAPROTOCOL_INFOW) == sizeof(struct wsplsp_protocol_info), "both are 628 bytes");

enum {
    ENUM_FIRST_SIZE = 16 * 1024,
    ENUM_SIZE_MAX = 64 << 20, /* a hundred thousand entries */
    PATH_UNITS_MAX = 32768,   /* the longest path Windows has */
};

/* Where the registry and the functions don't agree. */
struct tallies {
    struct live_tally changed, moved, unlisted, undecoded, not_stored, path, ambiguous;
};

struct merge {
    const struct live_part *part;
    const struct wsplsp_catalog *old; /* the registry's entries */
    bool *taken;                      /* one for each of them */
    size_t next;                      /* the old entry expected next */
    struct tallies tallies;
    bool has_answer; /* the last provider asked for, and what was said of it: entries of one provider stand together */
    struct wsplsp_guid answered;
    char *path;
    const char *path_absent;
    bool has_categories;
    uint32_t categories;
    const char *categories_absent;
};

/* WSCEnumProtocols: on WSAENOBUFS the length needed is told; the catalog may have grown again by the next call, so the
 * loop is bounded by the size. Returns the count, or SOCKET_ERROR with `*code`. */
static int enumerate(live_enum_protocols enum_protocols, struct wsplsp_protocol_info **infos, int *code)
{
    DWORD size = ENUM_FIRST_SIZE;
    for (;;) {
        DWORD length = size;
        void *buffer = calloc(1, size);
        *code = buffer == NULL ? WSA_NOT_ENOUGH_MEMORY : WSANO_RECOVERY;
        int count = buffer == NULL ? SOCKET_ERROR : enum_protocols(NULL, buffer, &length, code);
        if (count >= 0 && (size_t)count <= size / sizeof **infos) {
            *infos = buffer;
            return count;
        }
        free(buffer);
        if (count >= 0)
            *code = WSANO_RECOVERY;
        if (count >= 0 || *code != WSAENOBUFS || size >= ENUM_SIZE_MAX)
            return SOCKET_ERROR;
        size = length > size * 2 ? length : size * 2;
        if (size > ENUM_SIZE_MAX)
            size = ENUM_SIZE_MAX;
    }
}

/* WSCGetProviderPath: NULL with `*absent` where it can't be told. A buffer too small is WSAEFAULT. */
static char *get_path(const struct live_part *part, const struct wsplsp_guid *provider_id, const char **absent)
{
    GUID guid;
    memcpy(&guid, provider_id, sizeof guid);
    *absent = part->texts->path_missing;
    if (part->calls->get_provider_path == NULL)
        return NULL;
    for (int units = MAX_PATH; units <= PATH_UNITS_MAX; units *= 2) {
        wchar_t *path = calloc((size_t)units, sizeof *path);
        if (path == NULL)
            break;
        int length = units, code = 0;
        int result = part->calls->get_provider_path(&guid, path, &length, &code);
        path[units - 1] = L'\0';
        char *text = result == 0 && path[0] != L'\0' ? text_from_utf16(path, (size_t)units) : NULL;
        bool empty = path[0] == L'\0';
        free(path);
        *absent = result == 0 && empty ? part->texts->path_empty : part->texts->path_failed;
        if (result == 0 || code != WSAEFAULT)
            return text;
    }
    return NULL;
}

/* WSCGetProviderInfo, ProviderInfoLspCategories: false with `*absent` where it can't be told. */
static bool get_categories(const struct live_part *part, const struct wsplsp_guid *provider_id, uint32_t *categories,
                           const char **absent)
{
    GUID guid;
    memcpy(&guid, provider_id, sizeof guid);
    *absent = part->texts->info_missing;
    if (part->calls->get_provider_info == NULL)
        return false;
    DWORD value = 0;
    size_t size = sizeof value;
    int code = 0;
    *absent = part->texts->info_failed;
    if (part->calls->get_provider_info(&guid, ProviderInfoLspCategories, (PBYTE)&value, &size, 0, &code) == 0) {
        *categories = value;
        *absent = NULL;
        return true;
    }
    if (code == WSANO_RECOVERY)
        *absent = part->texts->info_no_recovery;
    else if (code == WSAEINVALIDPROVIDER)
        *absent = part->texts->info_no_provider;
    return false;
}

static void ask_provider(struct merge *merge, const struct wsplsp_guid *provider_id)
{
    if (merge->has_answer && wsplsp_guid_equal(&merge->answered, provider_id))
        return;
    free(merge->path);
    merge->path = get_path(merge->part, provider_id, &merge->path_absent);
    merge->has_categories = get_categories(merge->part, provider_id, &merge->categories, &merge->categories_absent);
    merge->answered = *provider_id;
    merge->has_answer = true;
}

static bool same_entry(const struct merge *merge, size_t index, const struct wsplsp_protocol_info *info)
{
    const struct wsplsp_entry *entry = &merge->old->entries[index];
    return !merge->taken[index] && entry->undecoded == NULL && entry->info.catalog_id == info->catalog_id;
}

/* The registry's entry of that catalog id, or NULL. Almost always it is the next one. */
static struct wsplsp_entry *take_stored(struct merge *merge, const struct wsplsp_protocol_info *info)
{
    size_t count = merge->old->entry_count;
    size_t index = merge->next;
    if (index >= count || !same_entry(merge, index, info)) {
        for (index = 0; index < count && !same_entry(merge, index, info); index++)
            ;
        if (index == count)
            return NULL;
        if (index < merge->next)
            live_count(&merge->tallies.moved, info->catalog_id);
    }
    merge->taken[index] = true;
    merge->next = index + 1;
    return &merge->old->entries[index];
}

/* Whether another entry of the same provider is stored with that path: then the function, which is asked by provider
 * id alone, spoke of that one. */
static bool told_of_another(const struct merge *merge, const struct wsplsp_entry *entry)
{
    for (size_t i = 0; i < merge->old->entry_count; i++) {
        const struct wsplsp_entry *other = &merge->old->entries[i];
        if (other->dll != NULL && wsplsp_guid_equal(&other->info.provider_id, &entry->info.provider_id) &&
            text_compare_nocase(other->dll, merge->path) == 0)
            return true;
    }
    return false;
}

static bool set_path(struct merge *merge, struct wsplsp_entry *entry)
{
    if (merge->path == NULL) {
        if (entry->dll == NULL)
            entry->dll_absent = merge->path_absent;
        return true;
    }
    if (entry->dll != NULL && text_compare_nocase(entry->dll, merge->path) == 0)
        return true;
    /* What the function has made of such bytes is no path that anything could be found by. */
    if (entry->dll != NULL && code_page_is_undecided(entry->dll))
        return true;
    if (entry->dll != NULL && told_of_another(merge, entry)) {
        live_count(&merge->tallies.ambiguous, entry->info.catalog_id);
        return true;
    }
    if (entry->dll != NULL)
        live_count(&merge->tallies.path, entry->info.catalog_id);
    free(entry->dll);
    entry->dll = text_duplicate(merge->path);
    entry->dll_absent = NULL;
    return entry->dll != NULL;
}

/* The function resolves a stored "@dll,-id" name; the entry keeps what is stored, and shows what the function says. */
static bool set_info(struct merge *merge, struct wsplsp_entry *entry, const struct wsplsp_protocol_info *info,
                     bool stored)
{
    bool reference = stored && entry->name_raw[0] == '@';
    struct wsplsp_protocol_info was = entry->info;
    entry->info = *info;
    if (reference)
        memcpy(entry->info.name, was.name, sizeof was.name);
    if (stored && memcmp(&was, &entry->info, sizeof was) != 0)
        live_count(&merge->tallies.changed, info->catalog_id);
    char *given = text_from_utf16(info->name, WSPLSP_PROTOCOL_NAME_LENGTH);
    if (given != NULL && !reference) {
        free(entry->name_raw);
        entry->name_raw = text_duplicate(given);
    }
    bool shown = given != NULL && entry->name_raw != NULL &&
                 live_show_name(merge->part->functions, entry->name_raw, given, &entry->name);
    free(given);
    return shown;
}

static bool merge_one(struct merge *merge, const struct wsplsp_protocol_info *info)
{
    struct wsplsp_entry *entry = wsplsp_catalog_add_entry(merge->part->catalog);
    if (entry == NULL)
        return false;
    struct wsplsp_entry *stored = take_stored(merge, info);
    if (stored != NULL) {
        size_t position = entry->position;
        *entry = *stored;
        entry->position = position;
        /* Moved, not copied; told_of_another still wants to compare its provider id and path. */
        stored->name_raw = stored->name = stored->undecoded = NULL;
        stored->origin = NULL;
        stored->dll = entry->dll == NULL ? NULL : text_duplicate(entry->dll);
    } else if (merge->part->snapshot->origin != NULL) {
        live_count(&merge->tallies.not_stored, info->catalog_id);
    }
    ask_provider(merge, &info->provider_id);
    entry->has_categories = merge->has_categories;
    entry->categories = merge->has_categories ? merge->categories : 0;
    entry->categories_absent = merge->categories_absent;
    return set_info(merge, entry, info, stored != NULL) && set_path(merge, entry);
}

/* Entries that can't be decoded are what the functions skip or stumble over: they are kept, behind the others. */
static bool keep_undecoded(struct merge *merge)
{
    for (size_t i = 0; i < merge->old->entry_count; i++) {
        struct wsplsp_entry *stored = &merge->old->entries[i];
        if (merge->taken[i])
            continue;
        if (stored->undecoded == NULL) {
            live_count(&merge->tallies.unlisted, stored->info.catalog_id);
            continue;
        }
        struct wsplsp_entry *entry = wsplsp_catalog_add_entry(merge->part->catalog);
        if (entry == NULL)
            return false;
        size_t position = entry->position;
        *entry = *stored;
        entry->position = position;
        memset(stored, 0, sizeof *stored);
        live_count(&merge->tallies.undecoded, entry->number);
    }
    return true;
}

static bool note_tallies(const struct merge *merge)
{
    const struct tallies *tallies = &merge->tallies;
    const struct {
        const struct live_tally *tally;
        const char *what;
    } notes[] = {
        {&tallies->changed, "the registry holds something else than the function tells, which is shown"},
        {&tallies->moved, "the registry has another order than the function tells, which is shown"},
        {&tallies->not_stored, merge->old->entry_count == 0 ? "the registry holds nothing of what the function tells"
                                                            : "the function tells what the registry does not hold"},
        {&tallies->unlisted, "the registry holds what the function does not tell, so it is not shown"},
        {&tallies->undecoded, "what cannot be decoded in the registry is shown last, by its key's number"},
        {&tallies->path, "the registry holds another DLL path than the function tells, which is shown"},
        {&tallies->ambiguous, "one provider id has several DLL paths; the registry's is shown"},
    };
    for (size_t i = 0; i < sizeof notes / sizeof notes[0]; i++) {
        if (!live_note(merge->part, notes[i].tally, notes[i].what))
            return false;
    }
    return true;
}

static bool merge_all(const struct live_part *part, const struct wsplsp_protocol_info *infos, size_t count)
{
    struct wsplsp_snapshot *old = wsplsp_snapshot_new("");
    if (old == NULL)
        return false;
    live_move_entries(part->catalog, old);
    struct merge merge = {.part = part, .old = &old->catalogs[0]};
    merge.taken = calloc(merge.old->entry_count + 1, sizeof *merge.taken);
    bool ok = merge.taken != NULL;
    for (size_t i = 0; ok && i < count; i++)
        ok = merge_one(&merge, &infos[i]);
    ok = ok && keep_undecoded(&merge) && note_tallies(&merge) && wsplsp_catalog_index(part->catalog);
    free(merge.path);
    free(merge.taken);
    wsplsp_snapshot_free(old);
    return ok;
}

/* The functions are missing or fail: the registry's word stands, if there is one. */
static enum wsplsp_status without_functions(const struct live_part *part, int code)
{
    struct wsplsp_catalog *catalog = part->catalog;
    bool missing = part->calls->enum_protocols == NULL;
    const char *why = missing ? part->texts->enum_missing : part->texts->enum_failed;
    /* Wine's registry has the key, but nothing in it and no counter: nothing is known of that catalog. */
    if (catalog->entry_count == 0 && !catalog->entries_stored.present)
        catalog->present = false;
    if (!missing && !catalog->present && catalog->bits == part->functions->process_bits)
        return errors_win_fail(part->error, (uint32_t)code, "%s failed, and the registry holds no catalog either",
                               part->texts->enum_protocols);
    for (size_t i = 0; i < catalog->entry_count; i++) {
        struct wsplsp_entry *entry = &catalog->entries[i];
        entry->categories_absent = why;
        if (!live_show_name(part->functions, entry->name_raw, NULL, &entry->name))
            return wsplsp_fail_memory(part->error);
    }
    if (!catalog->present)
        catalog->absent = why;
    const char *rest = catalog->present ? "is shown as the registry has it" : "is unknown";
    bool noted = missing ? wsplsp_snapshot_note(part->snapshot, "%s: the %d-bit catalog %s", why, catalog->bits, rest)
                         : wsplsp_snapshot_note(part->snapshot, "%s with %s (%d): the %d-bit catalog %s", why,
                                                errors_win_name((uint32_t)code), code, catalog->bits, rest);
    return noted ? WSPLSP_OK : wsplsp_fail_memory(part->error);
}

/* A function that is missing is said once, not only in each entry. */
static bool note_missing(const struct live_part *part)
{
    if (part->calls->get_provider_path == NULL &&
        !wsplsp_snapshot_note(part->snapshot, "%s: DLL paths are the registry's", part->texts->path_missing))
        return false;
    return part->calls->get_provider_info != NULL ||
           wsplsp_snapshot_note(part->snapshot, "%s: categories are unknown", part->texts->info_missing);
}

enum wsplsp_status live_read_entries(const struct live_part *part)
{
    struct wsplsp_protocol_info *infos;
    int code = 0;
    int count =
        part->calls->enum_protocols == NULL ? SOCKET_ERROR : enumerate(part->calls->enum_protocols, &infos, &code);
    if (count == SOCKET_ERROR)
        return without_functions(part, code);
    bool ok = merge_all(part, infos, (size_t)count) && note_missing(part);
    free(infos);
    part->catalog->present = true;
    part->catalog->absent = NULL;
    return ok ? WSPLSP_OK : wsplsp_fail_memory(part->error);
}
