/* JSON output; see json.h. */
#include "json.h"

#include <stdio.h>
#include <stdlib.h>

#include "lsp-core/catalog/chain.h"
#include "lsp-core/base/code_page.h"
#include "cli/base/memory.h"
#include "lsp-core/catalog/packed.h"
#include "lsp-core/registry/regtree.h"
#include "cli/base/utf8.h"

void json_prepare(void)
{
    cJSON_Hooks hooks = {memory_alloc, free};
    cJSON_InitHooks(&hooks);
}

cJSON *json_envelope(const char *name)
{
    char schema[64];
    cJSON *object = cJSON_CreateObject();
    snprintf(schema, sizeof schema, "wsplsp/%s/1", name);
    json_text(object, "schema", schema);
    json_text(object, "wsplsp", WSPLSP_VERSION);
    return object;
}

static void print_and_free(struct output *output, cJSON *object, char *text)
{
    buffer_text(&output->buffer, text);
    buffer_text(&output->buffer, "\n");
    cJSON_free(text);
    cJSON_Delete(object);
}

void json_print(struct output *output, cJSON *object)
{
    print_and_free(output, object, cJSON_Print(object));
}

void json_print_line(struct output *output, cJSON *object)
{
    print_and_free(output, object, cJSON_PrintUnformatted(object));
}

void json_text(cJSON *object, const char *name, const char *text)
{
    if (text == NULL) {
        cJSON_AddNullToObject(object, name);
        return;
    }
    char *valid = utf8_valid(text);
    cJSON_AddStringToObject(object, name, valid);
    free(valid);
}

void json_path(cJSON *object, const char *name, const char *path)
{
    char bytes[PACKED_PATH_SIZE], member[32], hex[2 * PACKED_PATH_SIZE + 1] = "";
    if (path == NULL || !code_page_is_undecided(path)) {
        json_text(object, name, path);
        return;
    }
    cJSON_AddNullToObject(object, name);
    if (code_page_write_path(CODE_PAGE_UNKNOWN, path, bytes, sizeof bytes) != CODE_PAGE_DONE)
        return; /* none that an entry has */
    for (size_t i = 0; bytes[i] != '\0'; i++)
        snprintf(hex + 2 * i, 3, "%02x", (unsigned char)bytes[i]);
    snprintf(member, sizeof member, "%s_bytes", name);
    json_text(object, member, hex);
}

void json_number_or_null(cJSON *object, const char *name, bool known, double number)
{
    if (known)
        cJSON_AddNumberToObject(object, name, number);
    else
        cJSON_AddNullToObject(object, name);
}

void json_flags(cJSON *object, const char *name, uint32_t value, const struct flag *table)
{
    cJSON *flags = cJSON_AddObjectToObject(object, name);
    cJSON_AddNumberToObject(flags, "value", value);
    cJSON *names = cJSON_AddArrayToObject(flags, "names");
    for (const struct flag *flag = table; flag->name != NULL; flag++) {
        if ((value & flag->value) != 0)
            cJSON_AddItemToArray(names, cJSON_CreateString(flag->name));
    }
}

void json_guid(cJSON *object, const char *name, const struct wsplsp_guid *guid)
{
    char text[WSPLSP_GUID_TEXT];
    wsplsp_guid_format(guid, text);
    json_text(object, name, text);
}

void json_source(cJSON *object, const struct wsplsp_snapshot *snapshot)
{
    json_text(object, "source", snapshot->source);
    cJSON_AddBoolToObject(object, "live", snapshot->live);
}

void json_notes(cJSON *object, const struct wsplsp_snapshot *snapshot)
{
    cJSON *notes = cJSON_AddArrayToObject(object, "notes");
    for (size_t i = 0; i < snapshot->note_count; i++) {
        char *valid = utf8_valid(snapshot->notes[i]);
        cJSON_AddItemToArray(notes, cJSON_CreateString(valid));
        free(valid);
    }
}

cJSON *json_catalog(const struct wsplsp_catalog *catalog)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddNumberToObject(object, "catalog", catalog->bits);
    cJSON_AddBoolToObject(object, "present", catalog->present);
    json_text(object, "absent", catalog->present ? NULL : catalog->absent);
    return object;
}

static void add_chain(cJSON *object, const struct wsplsp_entry *entry)
{
    cJSON *chain = cJSON_AddArrayToObject(object, "chain");
    if (wsplsp_entry_kind(entry) != WSPLSP_KIND_CHAIN)
        return;
    for (size_t i = 0; i < chain_length(entry); i++)
        cJSON_AddItemToArray(chain, cJSON_CreateNumber(entry->info.chain[i]));
}

static void add_protocol_numbers(cJSON *object, const struct wsplsp_protocol_info *info)
{
    cJSON_AddNumberToObject(object, "version", info->version);
    cJSON_AddNumberToObject(object, "family", info->family);
    cJSON_AddNumberToObject(object, "socket_type", info->socket_type);
    cJSON_AddNumberToObject(object, "protocol", info->protocol);
    cJSON_AddNumberToObject(object, "protocol_max_offset", info->protocol_max_offset);
    cJSON_AddNumberToObject(object, "max_message_size", info->max_message_size);
    cJSON_AddNumberToObject(object, "byte_order", info->byte_order);
    cJSON_AddNumberToObject(object, "security_scheme", info->security_scheme);
    cJSON_AddNumberToObject(object, "min_address_length", info->min_address_length);
    cJSON_AddNumberToObject(object, "max_address_length", info->max_address_length);
}

/* Of an entry that a plan is to make. */
#define NOT_THERE_YET "the entry is not there yet"

cJSON *json_entry(const struct wsplsp_entry *entry)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddNumberToObject(object, "catalog", entry->bits);
    cJSON_AddNumberToObject(object, "position", (double)entry->position);
    cJSON_AddNumberToObject(object, "catalog_id", entry->info.catalog_id);
    json_guid(object, "provider_id", &entry->info.provider_id);
    json_text(object, "kind", wsplsp_kind_name(wsplsp_entry_kind(entry)));
    json_text(object, "name", entry->name);
    json_text(object, "name_raw", entry->name_raw);
    json_path(object, "dll", entry->dll);
    add_chain(object, entry);
    add_protocol_numbers(object, &entry->info);
    json_flags(object, "service_flags", entry->info.service_flags[0], flags_service);
    json_flags(object, "provider_flags", entry->info.provider_flags, flags_provider);
    if (entry->has_categories)
        json_flags(object, "categories", entry->categories, flags_category);
    else
        cJSON_AddNullToObject(object, "categories");
    cJSON *absent = cJSON_AddObjectToObject(object, "absent");
    if (entry->dll == NULL)
        json_text(absent, "dll", entry->dll_absent != NULL ? entry->dll_absent : NOT_THERE_YET);
    else if (code_page_is_undecided(entry->dll))
        json_text(absent, "dll", "the bytes of its path cannot be decided; see --code-page");
    if (!entry->has_categories)
        json_text(absent, "categories", entry->categories_absent != NULL ? entry->categories_absent : NOT_THERE_YET);
    return object;
}

static char *hex_text(const struct reg_value *value)
{
    char *text = memory_alloc(value->size * 2 + 1);
    for (size_t i = 0; i < value->size; i++)
        snprintf(text + 2 * i, 3, "%02x", value->data[i]);
    return text;
}

cJSON *json_undecoded(const struct wsplsp_entry *entry)
{
    const struct reg_value *item = entry->origin == NULL ? NULL : reg_key_value(entry->origin, "PackedCatalogItem");
    char *raw = item == NULL ? NULL : hex_text(item);
    cJSON *object = cJSON_CreateObject();
    cJSON_AddNumberToObject(object, "catalog", entry->bits);
    cJSON_AddNumberToObject(object, "position", (double)entry->position);
    cJSON_AddNumberToObject(object, "number", entry->number);
    cJSON_AddNumberToObject(object, "size", item == NULL ? 0 : (double)item->size);
    json_text(object, "reason", entry->undecoded);
    json_text(object, "raw", raw);
    free(raw);
    return object;
}

void json_error(struct output *output, const struct wsplsp_error *error)
{
    cJSON *object = json_envelope("error");
    cJSON *inner = cJSON_AddObjectToObject(object, "error");
    cJSON_AddNumberToObject(inner, "status", error->status);
    cJSON_AddNumberToObject(inner, "code", error->code);
    json_text(inner, "name", error->name);
    json_text(inner, "message", error->message);
    json_text(inner, "hint", error->hint[0] != '\0' ? error->hint : NULL);
    json_print(output, object);
}
