/* Keys, names and fields of what diff.c compares; see fields.h. */
#include "fields.h"

#include <stdlib.h>
#include <string.h>

#include "lsp-core/catalog/chain.h"
#include "lsp-core/registry/regtree.h"
#include "lsp-core/base/text.h"

void diff_free_items(struct diff_item *items, size_t count)
{
    for (size_t i = 0; items != NULL && i < count; i++) {
        for (size_t level = 0; level < DIFF_KEY_LEVELS; level++)
            free(items[i].keys[level]);
    }
    free(items);
}

static bool copy_text(char **copy, const char *text)
{
    if (text == NULL)
        return true;
    *copy = text_duplicate(text);
    return *copy != NULL;
}

bool diff_sink_add(struct diff_sink *sink, enum diff_kind kind, const char *field, const char *before,
                   const char *after)
{
    struct diff *diff = sink->diff;
    const struct diff_label *label = &sink->label;
    if ((diff->count & (diff->count - 1)) == 0) {
        size_t room = diff->count == 0 ? 1 : diff->count * 2;
        struct diff_change *grown = realloc(diff->changes, room * sizeof *grown);
        if (grown == NULL)
            return false;
        diff->changes = grown;
    }
    struct diff_change *change = &diff->changes[diff->count++];
    *change = (struct diff_change){.kind = kind, .subject = label->subject, .bits = label->bits};
    return copy_text(&change->name, label->name) && copy_text(&change->field, field) &&
           copy_text(&change->before, before) && copy_text(&change->after, after) &&
           copy_text(&change->provider_id, label->provider_id[0] != '\0' ? label->provider_id : NULL);
}

static bool compare_text(struct diff_sink *sink, const char *field, const char *a, const char *b)
{
    return strcmp(a, b) == 0 || diff_sink_add(sink, DIFF_CHANGED, field, a, b);
}

/* Windows paths mean the same in any case; what one side could not find out is no difference. */
static bool compare_path(struct diff_sink *sink, const char *field, const char *a, const char *b)
{
    if (a == NULL || b == NULL || text_compare_nocase(a, b) == 0)
        return true;
    return diff_sink_add(sink, DIFF_CHANGED, field, a, b);
}

/* A name is the same where it is stored alike or shown alike: the reference to it may have moved to another DLL. */
static bool compare_name(struct diff_sink *sink, const char *a_raw, const char *a, const char *b_raw, const char *b)
{
    return strcmp(a_raw, b_raw) == 0 || compare_text(sink, "name", a, b);
}

static bool add_numbers(struct diff_sink *sink, const char *field, char *before, char *after)
{
    bool ok = before != NULL && after != NULL && diff_sink_add(sink, DIFF_CHANGED, field, before, after);
    free(before);
    free(after);
    return ok;
}

static bool compare_number(struct diff_sink *sink, const char *field, int64_t a, int64_t b)
{
    return a == b || add_numbers(sink, field, text_format("%lld", (long long)a), text_format("%lld", (long long)b));
}

static bool compare_bits(struct diff_sink *sink, const char *field, uint32_t a, uint32_t b)
{
    return a == b ||
           add_numbers(sink, field, text_format("0x%08lX", (unsigned long)a), text_format("0x%08lX", (unsigned long)b));
}

/* Of what can't be decoded only the reason is compared: its other fields hold no facts. */
static bool compare_undecoded(struct diff_sink *sink, const char *a, const char *b)
{
    bool same = a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
    return same || diff_sink_add(sink, DIFF_CHANGED, "undecoded", a, b);
}

/* ---- entries */

static const struct wsplsp_entry *entry_at(const void *items, size_t index)
{
    return &((const struct wsplsp_catalog *)items)->entries[index];
}

/* The raw item of an entry that can't be decoded is all there is to know it by. */
static char *undecoded_key(const struct wsplsp_entry *entry)
{
    const struct reg_value *item = entry->origin == NULL ? NULL : reg_key_value(entry->origin, "PackedCatalogItem");
    size_t size = item == NULL ? 0 : item->size;
    char *key = malloc(size * 2 + 3);
    if (key == NULL)
        return NULL;
    char *end = key;
    *end++ = '?';
    for (size_t i = 0; i < size; i++) {
        *end++ = "0123456789abcdef"[item->data[i] >> 4];
        *end++ = "0123456789abcdef"[item->data[i] & 15];
    }
    *end = '\0';
    return key;
}

bool diff_entry_keys(const void *items, size_t index, char *keys[DIFF_KEY_LEVELS])
{
    const struct wsplsp_entry *entry = entry_at(items, index);
    if (entry->undecoded != NULL) {
        for (size_t level = 0; level < DIFF_KEY_LEVELS; level++)
            keys[level] = undecoded_key(entry);
    } else {
        char id[WSPLSP_GUID_TEXT];
        const struct wsplsp_protocol_info *info = &entry->info;
        const char *kind = wsplsp_kind_name(wsplsp_entry_kind(entry));
        wsplsp_guid_format(&info->provider_id, id);
        keys[2] = text_format("%s %s", id, kind);
        keys[1] = text_format("%s %s %ld %ld %ld", id, kind, (long)info->family, (long)info->socket_type,
                              (long)info->protocol);
        keys[0] = keys[1] == NULL ? NULL : text_format("%s %s", keys[1], entry->name);
    }
    return keys[0] != NULL && keys[1] != NULL && keys[2] != NULL;
}

void diff_entry_name(const void *items, size_t index, struct diff_label *label)
{
    const struct wsplsp_entry *entry = entry_at(items, index);
    if (entry->undecoded != NULL) {
        label->name = "(undecoded entry)";
    } else {
        label->name = entry->name;
        wsplsp_guid_format(&entry->info.provider_id, label->provider_id);
    }
}

/* The members by name, top first: "A > B > MSAFD Tcpip [TCP/IP]". With `by_id`, by provider id instead, which is what
 * stays when names are translated or catalog ids given anew. */
static char *chain_text(const struct wsplsp_catalog *catalog, const struct wsplsp_entry *entry, bool by_id)
{
    char *text = text_duplicate("");
    for (size_t i = 0; text != NULL && i < chain_length(entry); i++) {
        const struct wsplsp_entry *member = chain_member(catalog, entry, i);
        const char *separator = i == 0 ? "" : " > ";
        char id[WSPLSP_GUID_TEXT];
        char *longer;
        if (member == NULL) {
            longer = text_format("%s%smissing entry %lu", text, separator, (unsigned long)entry->info.chain[i]);
        } else {
            wsplsp_guid_format(&member->info.provider_id, id);
            longer = text_format("%s%s%s", text, separator, by_id ? id : member->name);
        }
        free(text);
        text = longer;
    }
    return text;
}

static bool compare_chains(struct diff_sink *sink, const struct wsplsp_catalog *a_catalog, const struct wsplsp_entry *a,
                           const struct wsplsp_catalog *b_catalog, const struct wsplsp_entry *b)
{
    if (wsplsp_entry_kind(a) != WSPLSP_KIND_CHAIN)
        return true;
    char *a_ids = chain_text(a_catalog, a, true);
    char *b_ids = chain_text(b_catalog, b, true);
    char *a_names = chain_text(a_catalog, a, false);
    char *b_names = chain_text(b_catalog, b, false);
    bool ok = a_ids != NULL && b_ids != NULL && a_names != NULL && b_names != NULL;
    if (ok && strcmp(a_ids, b_ids) != 0)
        ok = diff_sink_add(sink, DIFF_CHANGED, "chain", a_names, b_names);
    free(a_ids);
    free(b_ids);
    free(a_names);
    free(b_names);
    return ok;
}

/* The numbers of WSAPROTOCOL_INFOW in the order in which JSON shows them. */
static bool compare_info(struct diff_sink *sink, const struct wsplsp_protocol_info *a,
                         const struct wsplsp_protocol_info *b)
{
    return compare_number(sink, "version", a->version, b->version) &&
           compare_number(sink, "family", a->family, b->family) &&
           compare_number(sink, "socket_type", a->socket_type, b->socket_type) &&
           compare_number(sink, "protocol", a->protocol, b->protocol) &&
           compare_number(sink, "protocol_max_offset", a->protocol_max_offset, b->protocol_max_offset) &&
           compare_number(sink, "max_message_size", a->max_message_size, b->max_message_size) &&
           compare_number(sink, "byte_order", a->byte_order, b->byte_order) &&
           compare_number(sink, "security_scheme", a->security_scheme, b->security_scheme) &&
           compare_number(sink, "min_address_length", a->min_address_length, b->min_address_length) &&
           compare_number(sink, "max_address_length", a->max_address_length, b->max_address_length) &&
           compare_bits(sink, "service_flags", a->service_flags[0], b->service_flags[0]) &&
           compare_bits(sink, "provider_flags", a->provider_flags, b->provider_flags);
}

bool diff_entry_fields(const void *a_items, size_t a_index, const void *b_items, size_t b_index, struct diff_sink *sink)
{
    const struct wsplsp_entry *a = entry_at(a_items, a_index);
    const struct wsplsp_entry *b = entry_at(b_items, b_index);
    if (a->undecoded != NULL || b->undecoded != NULL)
        return true;
    if (!compare_name(sink, a->name_raw, a->name, b->name_raw, b->name) || !compare_path(sink, "dll", a->dll, b->dll) ||
        !compare_chains(sink, a_items, a, b_items, b) || !compare_info(sink, &a->info, &b->info))
        return false;
    return !a->has_categories || !b->has_categories || compare_bits(sink, "categories", a->categories, b->categories);
}

/* ---- name spaces */

static const struct wsplsp_name_space *name_space_at(const void *items, size_t index)
{
    return &((const struct wsplsp_catalog *)items)->name_spaces[index];
}

bool diff_name_space_keys(const void *items, size_t index, char *keys[DIFF_KEY_LEVELS])
{
    const struct wsplsp_name_space *name_space = name_space_at(items, index);
    char id[WSPLSP_GUID_TEXT];
    wsplsp_guid_format(&name_space->provider_id, id);
    keys[0] = text_format("%s %lu %s", id, (unsigned long)name_space->name_space, name_space->name);
    keys[1] = text_format("%s %lu", id, (unsigned long)name_space->name_space);
    keys[2] = text_duplicate(id);
    return keys[0] != NULL && keys[1] != NULL && keys[2] != NULL;
}

void diff_name_space_name(const void *items, size_t index, struct diff_label *label)
{
    const struct wsplsp_name_space *name_space = name_space_at(items, index);
    label->name = name_space->name;
    wsplsp_guid_format(&name_space->provider_id, label->provider_id);
}

/* A registry key without LibraryPath says that there is no DLL; a function that gave none says nothing. */
static bool is_without_dll(const struct wsplsp_name_space *name_space)
{
    return name_space->dll == NULL && name_space->origin != NULL;
}

static bool compare_library(struct diff_sink *sink, const struct wsplsp_name_space *a,
                            const struct wsplsp_name_space *b)
{
    if ((is_without_dll(a) && b->dll != NULL) || (a->dll != NULL && is_without_dll(b)))
        return diff_sink_add(sink, DIFF_CHANGED, "dll", a->dll, b->dll);
    return compare_path(sink, "dll", a->dll, b->dll);
}

bool diff_name_space_fields(const void *a_items, size_t a_index, const void *b_items, size_t b_index,
                            struct diff_sink *sink)
{
    const struct wsplsp_name_space *a = name_space_at(a_items, a_index);
    const struct wsplsp_name_space *b = name_space_at(b_items, b_index);
    if (!compare_name(sink, a->name_raw, a->name, b->name_raw, b->name) || !compare_library(sink, a, b))
        return false;
    if (a->undecoded != NULL || b->undecoded != NULL)
        return compare_undecoded(sink, a->undecoded, b->undecoded);
    return compare_number(sink, "name_space", a->name_space, b->name_space) &&
           compare_number(sink, "version", a->version, b->version) &&
           compare_text(sink, "enabled", a->enabled ? "true" : "false", b->enabled ? "true" : "false") &&
           compare_text(sink, "stores_service_class_info", a->stores_service_class_info ? "true" : "false",
                        b->stores_service_class_info ? "true" : "false");
}

/* ---- applications */

static const struct wsplsp_application *application_at(const void *items, size_t index)
{
    return &((const struct wsplsp_snapshot *)items)->applications[index];
}

bool diff_application_keys(const void *items, size_t index, char *keys[DIFF_KEY_LEVELS])
{
    const struct wsplsp_application *application = application_at(items, index);
    char *key = application->path == NULL ? text_format("? %s", application->key)
                                          : text_format("%s %s", application->path,
                                                        application->arguments == NULL ? "" : application->arguments);
    for (char *c = key; c != NULL && *c != '\0'; c++) {
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    }
    keys[0] = key;
    keys[1] = key == NULL ? NULL : text_duplicate(key);
    keys[2] = key == NULL ? NULL : text_duplicate(key);
    return keys[0] != NULL && keys[1] != NULL && keys[2] != NULL;
}

void diff_application_name(const void *items, size_t index, struct diff_label *label)
{
    const struct wsplsp_application *application = application_at(items, index);
    label->name = application->path == NULL ? application->key : application->path;
}

bool diff_application_fields(const void *a_items, size_t a_index, const void *b_items, size_t b_index,
                             struct diff_sink *sink)
{
    const struct wsplsp_application *a = application_at(a_items, a_index);
    const struct wsplsp_application *b = application_at(b_items, b_index);
    if (a->undecoded != NULL || b->undecoded != NULL)
        return compare_undecoded(sink, a->undecoded, b->undecoded);
    return compare_bits(sink, "categories", a->categories, b->categories);
}
