/* Snapshot to registry tree; see layout.h. */
#include "layout.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "lsp-core/registry/layout_names.h"
#include "packed.h"
#include "lsp-core/base/text.h"

/* A copy of `origin` (NULL: an empty key) under another name; NULL when out of memory. */
static struct reg_key *copy_as(const struct reg_key *origin, const char *name)
{
    struct reg_key *copy = reg_key_new(name);
    if (copy == NULL || origin == NULL)
        return copy;
    bool ok = true;
    for (size_t i = 0; ok && i < reg_key_value_count(origin); i++) {
        const struct reg_value *value = reg_key_value_at(origin, i);
        ok = reg_key_set(copy, value->name, value->type, value->data, value->size);
    }
    for (size_t i = 0; ok && i < reg_key_child_count(origin); i++) {
        struct reg_key *child = reg_key_clone(reg_key_child_at(origin, i));
        ok = child != NULL && reg_key_adopt(copy, child);
        if (!ok)
            reg_key_free(child);
    }
    if (ok)
        return copy;
    reg_key_free(copy);
    return NULL;
}

/* The new subkey for an entry of that number: the origin's own spelling of the number where it has not changed. */
static struct reg_key *add_numbered(struct reg_key *entries, const struct reg_key *origin, uint32_t number)
{
    uint32_t old;
    bool same = origin != NULL && layout_entry_number(reg_key_name(origin), &old) && old == number;
    char *name = same ? text_duplicate(reg_key_name(origin)) : text_format("%012lu", (unsigned long)number);
    struct reg_key *key = name == NULL ? NULL : copy_as(origin, name);
    free(name);
    if (key != NULL && !reg_key_adopt(entries, key)) {
        reg_key_free(key);
        return NULL;
    }
    return key;
}

/* Whether the entry's name is another than the one in the registry item it was read from. */
static bool is_renamed(const struct wsplsp_entry *entry)
{
    const struct reg_value *old = reg_key_value(entry->origin, "PackedCatalogItem");
    if (old == NULL || old->size < PACKED_SIZE)
        return true;
    const uint8_t *name = old->data + PACKED_PATH_SIZE + offsetof(struct wsplsp_protocol_info, name);
    return memcmp(name, entry->info.name, sizeof entry->info.name) != 0;
}

/* Encodes over the bytes that were read, so that an unchanged path and leftovers behind the item stay. */
static enum code_page_result put_packed(struct reg_key *key, const struct wsplsp_entry *entry, uint32_t code_page)
{
    const struct reg_value *old = reg_key_value(key, "PackedCatalogItem");
    bool has_old = old != NULL && old->size >= PACKED_SIZE;
    size_t size = has_old ? old->size : PACKED_SIZE;
    uint8_t *bytes = calloc(1, size);
    if (bytes == NULL)
        return CODE_PAGE_NO_MEMORY;
    if (has_old)
        memcpy(bytes, old->data, size);
    enum code_page_result result = packed_encode(&entry->info, entry->dll, code_page, bytes, has_old);
    if (result == CODE_PAGE_DONE &&
        !reg_key_set(key, "PackedCatalogItem", has_old ? old->type : REGTREE_BINARY, bytes, size))
        result = CODE_PAGE_NO_MEMORY;
    free(bytes);
    return result;
}

static enum wsplsp_status write_entry(struct reg_key *entries, const struct wsplsp_entry *entry, uint32_t number,
                                      uint32_t code_page, struct wsplsp_error *error)
{
    if (entry->undecoded == NULL && entry->dll == NULL && entry->origin == NULL)
        return wsplsp_fail(error, WSPLSP_SYSTEM, 0, "DLL_UNKNOWN", "entry %lu cannot be written: its DLL is not known",
                           (unsigned long)entry->info.catalog_id);
    struct reg_key *key = add_numbered(entries, entry->origin, number);
    if (key == NULL)
        return wsplsp_fail_memory(error);
    if (entry->undecoded != NULL)
        return WSPLSP_OK;
    enum code_page_result put = put_packed(key, entry, code_page);
    if (put == CODE_PAGE_NO_MEMORY)
        return wsplsp_fail_memory(error);
    if (put != CODE_PAGE_DONE)
        return wsplsp_fail(
            error, WSPLSP_SYSTEM, 0, "DLL_PATH",
            "entry %lu cannot be written: '%s' is too long (MAX_PATH), or not to be had in its code page",
            (unsigned long)entry->info.catalog_id, entry->dll == NULL ? "" : entry->dll);
    /* Windows before 7 has no ProtocolName: an entry read from there gets none. */
    bool named = entry->origin == NULL || (reg_key_value(key, "ProtocolName") != NULL && is_renamed(entry));
    if (named && !reg_key_put_string(key, "ProtocolName", REGTREE_SZ, entry->name_raw))
        return wsplsp_fail_memory(error);
    return WSPLSP_OK;
}

/* Any number but 0 reads as "yes": one that says so already stays. */
static bool put_flag(struct reg_key *key, const char *name, bool flag)
{
    uint32_t old;
    return (reg_key_dword(key, name, &old) && (old != 0) == flag) || reg_key_put_dword(key, name, flag);
}

/* Whether the key, as it was read, lacks the value or has it in a form that can't be read. It is left like that where
 * the snapshot has nothing to write, either. */
static bool is_silent(const struct wsplsp_name_space *name_space, const char *value)
{
    uint32_t number;
    if (name_space->origin == NULL || reg_key_dword(name_space->origin, value, &number))
        return false;
    char *text = reg_key_string(name_space->origin, value);
    free(text);
    return text == NULL;
}

static bool put_text(struct reg_key *key, const struct wsplsp_name_space *name_space, const char *value,
                     const char *text)
{
    bool nothing = text == NULL || (text[0] == '\0' && is_silent(name_space, value));
    return nothing || reg_key_put_string(key, value, REGTREE_SZ, text);
}

static bool put_name_space(struct reg_key *key, const struct wsplsp_name_space *name_space)
{
    const struct wsplsp_guid *id = &name_space->provider_id;
    bool no_version = name_space->version == 0 && is_silent(name_space, "Version");
    bool no_flag = !name_space->stores_service_class_info && is_silent(name_space, "StoresServiceClassInfo");
    return put_text(key, name_space, "LibraryPath", name_space->dll) &&
           put_text(key, name_space, "DisplayString", name_space->name_raw) &&
           reg_key_set(key, "ProviderId", REGTREE_BINARY, id->bytes, sizeof id->bytes) &&
           reg_key_put_dword(key, "SupportedNameSpace", name_space->name_space) &&
           put_flag(key, "Enabled", name_space->enabled) &&
           (no_version || reg_key_put_dword(key, "Version", name_space->version)) &&
           (no_flag || put_flag(key, "StoresServiceClassInfo", name_space->stores_service_class_info));
}

static bool write_name_space(struct reg_key *entries, const struct wsplsp_name_space *name_space, uint32_t number)
{
    struct reg_key *key = add_numbered(entries, name_space->origin, number);
    return key != NULL && (name_space->undecoded != NULL || put_name_space(key, name_space));
}

static bool put_counter(struct reg_key *key, const char *name, const struct wsplsp_counter *stored, size_t counted)
{
    return reg_key_put_dword(key, name, stored->present ? stored->value : (uint32_t)counted);
}

static enum wsplsp_status write_entries(struct reg_key *protocols, const struct wsplsp_catalog *catalog,
                                        uint32_t code_page, struct wsplsp_error *error)
{
    struct reg_key *entries = reg_key_make(protocols, catalog->bits == 64 ? LAYOUT_ENTRIES_64 : LAYOUT_ENTRIES_32);
    const char *count_name = catalog->bits == 64 ? LAYOUT_COUNT_64 : LAYOUT_COUNT_32;
    if (entries == NULL || !put_counter(protocols, count_name, &catalog->entries_stored, catalog->entry_count))
        return wsplsp_fail_memory(error);
    uint32_t number = 0;
    for (size_t i = 0; i < catalog->entry_count; i++) {
        number = catalog->entries[i].number != 0 ? catalog->entries[i].number : number + 1;
        enum wsplsp_status status = write_entry(entries, &catalog->entries[i], number, code_page, error);
        if (status != WSPLSP_OK)
            return status;
    }
    return WSPLSP_OK;
}

static bool write_name_spaces(struct reg_key *name_spaces, const struct wsplsp_catalog *catalog)
{
    struct reg_key *entries = reg_key_make(name_spaces, catalog->bits == 64 ? LAYOUT_ENTRIES_64 : LAYOUT_ENTRIES_32);
    const char *count_name = catalog->bits == 64 ? LAYOUT_COUNT_64 : LAYOUT_COUNT_32;
    uint32_t number = 0;
    bool ok = entries != NULL &&
              put_counter(name_spaces, count_name, &catalog->name_spaces_stored, catalog->name_space_count);
    for (size_t i = 0; ok && i < catalog->name_space_count; i++) {
        number = catalog->name_spaces[i].number != 0 ? catalog->name_spaces[i].number : number + 1;
        ok = write_name_space(entries, &catalog->name_spaces[i], number);
    }
    return ok;
}

static bool write_application(struct reg_key *applications, const struct wsplsp_application *application)
{
    struct reg_key *key = copy_as(application->origin, application->key);
    if (key == NULL)
        return false;
    if (!reg_key_adopt(applications, key)) {
        reg_key_free(key);
        return false;
    }
    if (application->undecoded != NULL)
        return true;
    return reg_key_put_string(key, "AppFullPath", REGTREE_SZ, application->path) &&
           (application->arguments == NULL || reg_key_put_string(key, "AppArgs", REGTREE_SZ, application->arguments)) &&
           reg_key_put_dword(key, "PermittedLspCategories", application->categories);
}

static bool write_applications(struct reg_key *parameters, const struct wsplsp_snapshot *snapshot)
{
    if (snapshot->application_count == 0 && snapshot->applications_absent != NULL)
        return true;
    struct reg_key *applications = reg_key_make(parameters, LAYOUT_APPLICATIONS);
    bool ok = applications != NULL;
    for (size_t i = 0; ok && i < snapshot->application_count; i++)
        ok = write_application(applications, &snapshot->applications[i]);
    return ok;
}

static bool write_settings(struct reg_key *parameters, const struct wsplsp_snapshot *snapshot)
{
    if (snapshot->autodial_dll != NULL &&
        !reg_key_put_string(parameters, "AutodialDLL", REGTREE_SZ, snapshot->autodial_dll))
        return false;
    return snapshot->name_space_callout == NULL ||
           reg_key_put_string(parameters, "NameSpace_Callout", REGTREE_EXPAND_SZ, snapshot->name_space_callout);
}

/* The subkey that the value names; where the value is missing, the usual one and the value with it. */
static struct reg_key *make_current(struct reg_key *parameters, const char *value, const char *usual)
{
    char *name = reg_key_string(parameters, value);
    bool named = name != NULL && name[0] != '\0';
    struct reg_key *key = reg_key_make(parameters, named ? name : usual);
    if (!named && key != NULL && !reg_key_put_string(parameters, value, REGTREE_SZ, usual))
        key = NULL;
    free(name);
    return key;
}

/* One more than the highest id, which is what Windows gives the next entry. */
static uint32_t next_id(const struct wsplsp_snapshot *snapshot)
{
    uint32_t next = 1001;
    for (size_t c = 0; c < 2; c++) {
        const struct wsplsp_catalog *catalog = &snapshot->catalogs[c];
        for (size_t i = 0; i < catalog->entry_count; i++) {
            uint32_t id = catalog->entries[i].info.catalog_id;
            if (id >= next && id != UINT32_MAX)
                next = id + 1;
        }
    }
    return next;
}

static enum wsplsp_status write_protocols(struct reg_key *parameters, const struct wsplsp_snapshot *snapshot,
                                          struct wsplsp_error *error)
{
    if (!snapshot->catalogs[0].present && !snapshot->catalogs[1].present)
        return WSPLSP_OK;
    struct reg_key *protocols = make_current(parameters, "Current_Protocol_Catalog", LAYOUT_PROTOCOL_CATALOG);
    if (protocols == NULL ||
        !put_counter(protocols, "Next_Catalog_Entry_ID", &snapshot->next_catalog_id, next_id(snapshot)) ||
        !put_counter(protocols, "Serial_Access_Num", &snapshot->serial, 1))
        return wsplsp_fail_memory(error);
    enum wsplsp_status status = WSPLSP_OK;
    for (size_t i = 0; i < 2 && status == WSPLSP_OK; i++) {
        if (snapshot->catalogs[i].present)
            status = write_entries(protocols, &snapshot->catalogs[i], snapshot->code_page, error);
    }
    return status;
}

static bool write_name_space_catalog(struct reg_key *parameters, const struct wsplsp_snapshot *snapshot)
{
    const struct wsplsp_catalog *catalogs = snapshot->catalogs;
    if (catalogs[0].name_space_count + catalogs[1].name_space_count == 0 && !snapshot->name_space_serial.present)
        return true;
    struct reg_key *key = make_current(parameters, "Current_NameSpace_Catalog", LAYOUT_NAME_SPACE_CATALOG);
    bool ok = key != NULL && put_counter(key, "Serial_Access_Num", &snapshot->name_space_serial, 1);
    for (size_t i = 0; ok && i < 2; i++) {
        if (catalogs[i].name_space_count > 0 || catalogs[i].name_spaces_stored.present)
            ok = write_name_spaces(key, &catalogs[i]);
    }
    return ok;
}

static enum wsplsp_status write_parameters(struct reg_key *parameters, const struct wsplsp_snapshot *snapshot,
                                           struct wsplsp_error *error)
{
    enum wsplsp_status status = write_protocols(parameters, snapshot, error);
    if (status != WSPLSP_OK)
        return status;
    if (!write_name_space_catalog(parameters, snapshot) || !write_applications(parameters, snapshot) ||
        !write_settings(parameters, snapshot))
        return wsplsp_fail_memory(error);
    return WSPLSP_OK;
}

enum wsplsp_status layout_write(const struct wsplsp_snapshot *snapshot, struct reg_key **winsock2,
                                struct wsplsp_error *error)
{
    struct reg_key *key = snapshot->origin != NULL ? reg_key_clone(snapshot->origin) : reg_key_new("WinSock2");
    struct reg_key *parameters = key == NULL ? NULL : reg_key_make(key, "Parameters");
    enum wsplsp_status status =
        parameters == NULL ? wsplsp_fail_memory(error) : write_parameters(parameters, snapshot, error);
    if (status != WSPLSP_OK)
        reg_key_free(key);
    else
        *winsock2 = key;
    return status;
}
