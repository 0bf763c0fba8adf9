/* Registry tree to snapshot; see layout.h. */
#include "layout.h"

#include <stdlib.h>
#include <string.h>

#include "lsp-core/base/code_page.h"
#include "lsp-core/registry/layout_names.h"
#include "names.h"
#include "packed.h"
#include "lsp-core/base/text.h"

bool layout_entry_number(const char *name, uint32_t *number)
{
    uint64_t value = 0;
    if (*name == '\0')
        return false;
    for (; *name != '\0'; name++) {
        if (*name < '0' || *name > '9')
            return false;
        value = value * 10 + (uint64_t)(*name - '0');
        if (value > UINT32_MAX)
            return false;
    }
    *number = (uint32_t)value;
    return true;
}

/* A subkey with its number, for sorting; the index keeps equal numbers in the registry's order. */
struct numbered {
    struct reg_key *key; /* owned until an entry takes it */
    uint32_t number;
    size_t index;
};

static int compare_numbered(const void *left, const void *right)
{
    const struct numbered *a = left;
    const struct numbered *b = right;
    if (a->number != b->number)
        return a->number < b->number ? -1 : 1;
    return a->index < b->index ? -1 : 1;
}

struct numbered_list {
    struct numbered *items;
    size_t count;
};

static bool take_numbered(struct reg_key *key, void *context)
{
    struct numbered_list *list = context;
    struct numbered *item = &list->items[list->count];
    if (!layout_entry_number(reg_key_name(key), &item->number))
        return false;
    item->key = key;
    item->index = list->count++;
    return true;
}

static char *shown_name(const char *raw)
{
    const char *known = names_lookup(raw);
    return text_duplicate(known != NULL ? known : raw);
}

/* False when out of memory, as in all of the functions below that return bool. */
static bool read_packed(const struct reg_key *key, uint32_t code_page, struct wsplsp_entry *entry)
{
    const struct reg_value *item = reg_key_value(key, "PackedCatalogItem");
    const char *fault = item == NULL ? "it has no PackedCatalogItem value"
                                     : packed_decode(item->data, item->size, code_page, &entry->info, &entry->dll);
    if (fault == packed_out_of_memory)
        return false;
    if (fault != NULL) {
        entry->undecoded = text_duplicate(fault);
        entry->dll_absent = "the entry cannot be decoded";
        return entry->undecoded != NULL;
    }
    return true;
}

static void read_categories(const struct reg_key *key, struct wsplsp_entry *entry)
{
    entry->has_categories = reg_key_dword(key, LAYOUT_CATEGORIES, &entry->categories);
    if (!entry->has_categories)
        entry->categories_absent = "the registry does not tell; WSCGetProviderInfo does, on the running system";
}

static bool read_entry(struct numbered *from, uint32_t code_page, struct wsplsp_catalog *catalog)
{
    struct wsplsp_entry *entry = wsplsp_catalog_add_entry(catalog);
    if (entry == NULL)
        return false;
    entry->number = from->number;
    entry->origin = from->key;
    from->key = NULL;
    read_categories(entry->origin, entry);
    if (!read_packed(entry->origin, code_page, entry))
        return false;
    entry->name_raw = text_from_utf16(entry->info.name, WSPLSP_PROTOCOL_NAME_LENGTH);
    if (entry->name_raw == NULL)
        return false;
    entry->name = shown_name(entry->name_raw);
    return entry->name != NULL;
}

/* What is wrong with a name space's key, or NULL. */
static const char *read_name_space_values(const struct reg_key *key, struct wsplsp_name_space *name_space)
{
    const struct reg_value *id = reg_key_value(key, "ProviderId");
    uint32_t enabled = 0, stores = 0;
    if (id == NULL || id->size != sizeof name_space->provider_id)
        return "it has no ProviderId of 16 bytes";
    memcpy(&name_space->provider_id, id->data, sizeof name_space->provider_id);
    if (!reg_key_dword(key, "SupportedNameSpace", &name_space->name_space))
        return "it has no SupportedNameSpace number";
    if (!reg_key_dword(key, "Enabled", &enabled))
        return "it has no Enabled number";
    reg_key_dword(key, "Version", &name_space->version);
    reg_key_dword(key, "StoresServiceClassInfo", &stores);
    name_space->enabled = enabled != 0;
    name_space->stores_service_class_info = stores != 0;
    return NULL;
}

/* Its strings are UTF-16. */
static bool read_name_space(struct numbered *from, uint32_t code_page, struct wsplsp_catalog *catalog)
{
    (void)code_page;
    struct wsplsp_name_space *name_space = wsplsp_catalog_add_name_space(catalog);
    if (name_space == NULL)
        return false;
    name_space->number = from->number;
    const struct reg_key *key = name_space->origin = from->key;
    from->key = NULL;
    const char *fault = read_name_space_values(key, name_space);
    if (fault != NULL && (name_space->undecoded = text_duplicate(fault)) == NULL)
        return false;
    name_space->dll = reg_key_string(key, "LibraryPath");
    if (name_space->dll == NULL)
        name_space->dll_absent = "it has no LibraryPath string";
    name_space->name_raw = reg_key_string(key, "DisplayString");
    if (name_space->name_raw == NULL && (name_space->name_raw = text_duplicate("")) == NULL)
        return false;
    name_space->name = shown_name(name_space->name_raw);
    return name_space->name != NULL;
}

/* Moves the numbered subkeys into the catalog, in ascending order. */
static bool read_numbered(struct reg_key *entries, uint32_t code_page, struct wsplsp_catalog *catalog,
                          bool (*read_one)(struct numbered *, uint32_t, struct wsplsp_catalog *))
{
    struct numbered_list list = {calloc(reg_key_child_count(entries) + 1, sizeof *list.items), 0};
    bool ok = list.items != NULL;
    if (ok) {
        reg_key_offer(entries, take_numbered, &list);
        qsort(list.items, list.count, sizeof *list.items, compare_numbered);
    }
    for (size_t i = 0; ok && i < list.count; i++)
        ok = read_one(&list.items[i], code_page, catalog);
    for (size_t i = 0; i < list.count; i++)
        reg_key_free(list.items[i].key);
    free(list.items);
    return ok;
}

static struct wsplsp_counter read_counter(const struct reg_key *key, const char *name)
{
    struct wsplsp_counter counter = {false, 0};
    counter.present = reg_key_dword(key, name, &counter.value);
    return counter;
}

/* One of the two catalogs. 64-bit Windows has both; where its counter is there but the entries are not, the catalog is
 * damaged (and empty), not absent. */
static bool read_catalog(struct reg_key *protocols, struct reg_key *name_spaces, uint32_t code_page,
                         struct wsplsp_catalog *catalog)
{
    bool wide = catalog->bits == 64;
    const char *entries_name = wide ? LAYOUT_ENTRIES_64 : LAYOUT_ENTRIES_32;
    const char *count_name = wide ? LAYOUT_COUNT_64 : LAYOUT_COUNT_32;

    if (protocols == NULL) {
        catalog->absent = "the source has no Protocol_Catalog9 key";
    } else {
        struct reg_key *entries = reg_key_find(protocols, entries_name);
        catalog->entries_stored = read_counter(protocols, count_name);
        catalog->present = entries != NULL || catalog->entries_stored.present;
        if (!catalog->present)
            catalog->absent = wide ? "the source has no Catalog_Entries64 key, as on 32-bit Windows"
                                   : "the source has no Catalog_Entries key";
        if (entries != NULL && !read_numbered(entries, code_page, catalog, read_entry))
            return false;
    }
    if (name_spaces == NULL)
        return true;
    struct reg_key *entries = reg_key_find(name_spaces, entries_name);
    catalog->name_spaces_stored = read_counter(name_spaces, count_name);
    return entries == NULL || read_numbered(entries, code_page, catalog, read_name_space);
}

static bool read_application(struct wsplsp_application *application)
{
    const struct reg_key *key = application->origin;
    application->key = text_duplicate(reg_key_name(key));
    application->path = reg_key_string(key, "AppFullPath");
    application->arguments = reg_key_string(key, "AppArgs");
    const char *fault = NULL;
    if (application->path == NULL)
        fault = "it has no AppFullPath string";
    else if (!reg_key_dword(key, "PermittedLspCategories", &application->categories))
        fault = "it has no PermittedLspCategories number";
    if (fault != NULL && (application->undecoded = text_duplicate(fault)) == NULL)
        return false;
    return application->key != NULL;
}

static bool take_application(struct reg_key *key, void *snapshot)
{
    struct wsplsp_application *application = wsplsp_snapshot_add_application(snapshot);
    if (application == NULL)
        return false;
    application->origin = key;
    return true;
}

static bool read_applications(const struct reg_key *parameters, struct wsplsp_snapshot *snapshot)
{
    struct reg_key *applications = reg_key_find(parameters, LAYOUT_APPLICATIONS);
    if (applications == NULL) {
        snapshot->applications_absent = "the source has no AppId_Catalog key";
        return true;
    }
    reg_key_offer(applications, take_application, snapshot);
    bool ok = reg_key_child_count(applications) == 0; /* what is left found no memory */
    for (size_t i = 0; ok && i < snapshot->application_count; i++)
        ok = read_application(&snapshot->applications[i]);
    return ok;
}

/* The subkey that the value names, or the usual one where the value is missing. */
static struct reg_key *current_catalog(const struct reg_key *parameters, const char *value, const char *usual)
{
    char *name = reg_key_string(parameters, value);
    struct reg_key *key = reg_key_find(parameters, name != NULL && name[0] != '\0' ? name : usual);
    free(name);
    return key;
}

/* A writer of the protocol catalog holds a subkey named after the serial number while it writes. */
static bool is_locked(const struct reg_key *protocols, const struct wsplsp_counter *serial)
{
    char *name = serial->present ? text_format("%08lX", (unsigned long)serial->value) : NULL;
    bool locked = name != NULL && reg_key_find(protocols, name) != NULL;
    free(name);
    return locked;
}

static size_t undecided_count(const struct wsplsp_snapshot *snapshot)
{
    size_t count = 0;
    for (size_t c = 0; c < 2; c++) {
        for (size_t i = 0; i < snapshot->catalogs[c].entry_count; i++) {
            const char *dll = snapshot->catalogs[c].entries[i].dll;
            count += dll != NULL && code_page_is_undecided(dll);
        }
    }
    return count;
}

char *layout_undecided(const struct wsplsp_snapshot *snapshot)
{
    size_t count = undecided_count(snapshot);
    if (count == 0)
        return NULL;
    if (snapshot->code_page != CODE_PAGE_UNKNOWN)
        return text_format("DLL paths of %zu entries are no text in code page %lu; their bytes are shown as <8f>",
                           count, (unsigned long)snapshot->code_page);
    return text_format("DLL paths of %zu entries are in a code page that nothing tells: their bytes are shown as <8f>; "
                       "--code-page NUMBER decides them, such as 932 for Japanese, 1251 for Russian",
                       count);
}

/* Says it once. */
static bool note_undecided(struct wsplsp_snapshot *snapshot)
{
    char *note = layout_undecided(snapshot);
    bool noted = note != NULL ? wsplsp_snapshot_note(snapshot, "%s", note) : undecided_count(snapshot) == 0;
    free(note);
    return noted;
}

enum wsplsp_status layout_read(struct reg_key *winsock2, struct wsplsp_snapshot *snapshot, struct wsplsp_error *error)
{
    struct reg_key *parameters = reg_key_find(winsock2, "Parameters");
    if (parameters == NULL)
        return wsplsp_fail(error, WSPLSP_NOT_FOUND, 0, "NO_CATALOG", "%s has no WinSock2\\Parameters key",
                           snapshot->source);
    struct reg_key *protocols = current_catalog(parameters, "Current_Protocol_Catalog", LAYOUT_PROTOCOL_CATALOG);
    struct reg_key *name_spaces = current_catalog(parameters, "Current_NameSpace_Catalog", LAYOUT_NAME_SPACE_CATALOG);

    for (size_t i = 0; i < 2; i++) {
        struct wsplsp_catalog *catalog = &snapshot->catalogs[i];
        if (!read_catalog(protocols, name_spaces, snapshot->code_page, catalog) || !wsplsp_catalog_index(catalog))
            return wsplsp_fail_memory(error);
    }
    if (!note_undecided(snapshot))
        return wsplsp_fail_memory(error);
    if (protocols != NULL) {
        snapshot->next_catalog_id = read_counter(protocols, "Next_Catalog_Entry_ID");
        snapshot->serial = read_counter(protocols, "Serial_Access_Num");
        snapshot->locked = is_locked(protocols, &snapshot->serial);
    }
    if (name_spaces != NULL)
        snapshot->name_space_serial = read_counter(name_spaces, "Serial_Access_Num");
    snapshot->autodial_dll = reg_key_string(parameters, "AutodialDLL");
    snapshot->name_space_callout = reg_key_string(parameters, "NameSpace_Callout");
    if (!read_applications(parameters, snapshot))
        return wsplsp_fail_memory(error);
    snapshot->origin = reg_key_clone(winsock2);
    return snapshot->origin != NULL ? WSPLSP_OK : wsplsp_fail_memory(error);
}
