/* wsplsp show: everything about one entry, in words. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lsp-core/catalog/chain.h"
#include "cli/base/command.h"
#include "cli/out/describe.h"
#include "lsp-core/catalog/flags.h"
#include "lsp-core/catalog/live/input.h"
#include "cli/base/memory.h"
#include "cli/out/json.h"
#include "cli/out/text.h"
#include "cli/out/select.h"

enum { LABEL_WIDTH = 19, FLAG_WIDTH = 30, NAME_GAP = 2, CANDIDATES_MAX = 8 };

static void print_field(struct output *output, const char *label, const char *text)
{
    char *first = memory_format("  %-*s", LABEL_WIDTH - 2, label);
    text_wrap(output, LABEL_WIDTH, first, text);
    free(first);
}

static void print_number(struct output *output, const char *label, long number, const char *name)
{
    char *text = name == NULL ? memory_format("%ld", number) : memory_format("%ld (%s)", number, name);
    print_field(output, label, text);
    free(text);
}

/* WSAPROTOCOL_INFOW, dwMessageSize */
static const char *message_size_name(uint32_t size)
{
    switch (size) {
    case 0:
        return "no messages: a stream";
    case 1:
        return "as much as the network below takes";
    case 0xFFFFFFFF:
        return "no limit";
    default:
        return NULL;
    }
}

static void print_flag(struct output *output, const char *name, const char *meaning)
{
    char *first = memory_format("    %-*s ", FLAG_WIDTH, name);
    text_wrap(output, FLAG_WIDTH + 5, first, meaning);
    free(first);
}

static void print_flags(struct output *output, const char *label, uint32_t value, const struct flag *table)
{
    char number[16];
    snprintf(number, sizeof number, "0x%08lX", (unsigned long)value);
    print_field(output, label, number);
    for (const struct flag *flag = table; flag->name != NULL; flag++) {
        if ((value & flag->value) == 0)
            continue;
        print_flag(output, flag->name, flag->meaning);
        value &= ~flag->value;
    }
    if (value != 0) {
        snprintf(number, sizeof number, "0x%08lX", (unsigned long)value);
        print_flag(output, number, "bits without a name");
    }
}

static void print_chain(struct output *output, const struct wsplsp_snapshot *snapshot, const struct wsplsp_entry *entry)
{
    const struct wsplsp_catalog *catalog = wsplsp_snapshot_catalog(snapshot, entry->bits);
    for (size_t i = 0; i < chain_length(entry); i++) {
        const struct wsplsp_entry *member = chain_member(catalog, entry, i);
        unsigned long id = entry->info.chain[i];
        char *text = member == NULL
                         ? memory_format("%lu  " TEXT_CROSS " missing entry", id)
                         : memory_format("%lu  %s (%s)", id, member->name, wsplsp_kind_name(wsplsp_entry_kind(member)));
        print_field(output, i == 0 ? "chain, top first" : "", text);
        free(text);
    }
}

static void print_kind(struct output *output, const struct wsplsp_entry *entry)
{
    switch (wsplsp_entry_kind(entry)) {
    case WSPLSP_KIND_BASE:
        print_field(output, "kind", "base: a provider of its own");
        break;
    case WSPLSP_KIND_LAYER:
        print_field(output, "kind", "layer: stands for a layered provider, is never chosen itself");
        break;
    default: {
        char *text = memory_format("chain: layers over a base; ChainLen %ld", (long)entry->info.chain_len);
        print_field(output, "kind", text);
        free(text);
        break;
    }
    }
}

static void print_identity(struct output *output, const struct wsplsp_entry *entry)
{
    char id[WSPLSP_GUID_TEXT];
    char *place = memory_format("%s, position %zu", describe_bits(entry->bits), entry->position);
    wsplsp_guid_format(&entry->info.provider_id, id);
    print_field(output, "catalog", place);
    free(place);
    print_kind(output, entry);
    print_field(output, "provider id", id);
    if (strcmp(entry->name, entry->name_raw) != 0)
        print_field(output, "name as stored", entry->name_raw);
    if (entry->dll != NULL) {
        print_field(output, "DLL", entry->dll);
    } else {
        char *absent = memory_format("not known: %s", entry->dll_absent);
        print_field(output, "DLL", absent);
        free(absent);
    }
}

static void print_numbers(struct output *output, const struct wsplsp_protocol_info *info)
{
    print_number(output, "family", info->family, flags_family_name(info->family));
    print_number(output, "socket type", info->socket_type, flags_socket_type_name(info->socket_type));
    print_number(output, "protocol", info->protocol, flags_protocol_name(info->family, info->protocol));
    print_number(output, "protocol offset", info->protocol_max_offset,
                 info->protocol_max_offset != 0 ? "so many protocols more, from that one on" : NULL);
    print_number(output, "version", info->version, NULL);
    char *lengths = memory_format("%ld to %ld bytes", (long)info->min_address_length, (long)info->max_address_length);
    print_field(output, "address length", lengths);
    free(lengths);
    print_field(output, "byte order", info->byte_order == 0 ? "big endian" : "little endian");
    print_number(output, "security scheme", info->security_scheme, info->security_scheme == 0 ? "none" : NULL);
    char *size = message_size_name(info->max_message_size) != NULL
                     ? memory_format("%lu (%s)", (unsigned long)info->max_message_size,
                                     message_size_name(info->max_message_size))
                     : memory_format("%lu bytes", (unsigned long)info->max_message_size);
    print_field(output, "message size", size);
    free(size);
}

static void print_entry(struct output *output, const struct wsplsp_snapshot *snapshot, const struct wsplsp_entry *entry)
{
    char *id = memory_format("%lu", (unsigned long)entry->info.catalog_id);
    text_put(output, TEXT_BOLD, id);
    buffer_blanks(&output->buffer, NAME_GAP);
    text_wrap_from(output, strlen(id) + NAME_GAP, strlen(id) + NAME_GAP, entry->name);
    free(id);
    print_identity(output, entry);
    if (wsplsp_entry_kind(entry) == WSPLSP_KIND_CHAIN)
        print_chain(output, snapshot, entry);
    print_numbers(output, &entry->info);
    print_flags(output, "service flags", entry->info.service_flags[0], flags_service);
    print_flags(output, "provider flags", entry->info.provider_flags, flags_provider);
    if (entry->has_categories) {
        print_flags(output, "LSP categories", entry->categories, flags_category);
    } else {
        char *absent = memory_format("not known: %s", entry->categories_absent);
        print_field(output, "LSP categories", absent);
        free(absent);
    }
}

static void print_text(const struct wsplsp_snapshot *snapshot, const struct selection *selection,
                       const struct options *options, struct output *output)
{
    for (size_t i = 0; i < selection->count; i++) {
        if (i > 0)
            buffer_text(&output->buffer, "\n");
        print_entry(output, snapshot, selection->entries[i]);
    }
    if (!options->quiet)
        text_notes(output, snapshot);
}

static void print_json(const struct wsplsp_snapshot *snapshot, const struct selection *selection, struct output *output)
{
    cJSON *object = json_envelope("show");
    json_source(object, snapshot);
    cJSON *entries = cJSON_AddArrayToObject(object, "entries");
    for (size_t i = 0; i < selection->count; i++)
        cJSON_AddItemToArray(entries, json_entry(selection->entries[i]));
    json_notes(object, snapshot);
    json_print(output, object);
}

/* The candidates go into the message: that is where scripts and people both look after status 3. */
static enum wsplsp_status fail_ambiguous(const struct selection *selection, const char *wanted,
                                         struct wsplsp_error *error)
{
    struct buffer list = {NULL, 0, 0};
    for (size_t i = 0; i < selection->count && i < CANDIDATES_MAX; i++) {
        const struct wsplsp_entry *entry = selection->entries[i];
        buffer_format(&list, "%s%lu '%.30s' (%s)", i > 0 ? ", " : "", (unsigned long)entry->info.catalog_id,
                      entry->name, describe_bits(entry->bits));
    }
    if (selection->count > CANDIDATES_MAX)
        buffer_format(&list, " and %zu more", selection->count - CANDIDATES_MAX);
    buffer_put(&list, "", 1);
    wsplsp_fail(error, WSPLSP_NOT_FOUND, 0, "AMBIGUOUS", "'%.60s' fits %zu entries: %s", wanted, selection->count,
                list.bytes);
    buffer_free(&list);
    return wsplsp_hint(error, "show one of them by its id");
}

static enum wsplsp_status check_selection(const struct selection *selection, const char *wanted,
                                          const struct wsplsp_snapshot *snapshot, struct wsplsp_error *error)
{
    if (selection->ambiguous)
        return fail_ambiguous(selection, wanted, error);
    if (selection->count > 0)
        return WSPLSP_OK;
    wsplsp_fail(error, WSPLSP_NOT_FOUND, 0, "NO_ENTRY", "no entry has the id, provider id or name '%.100s' in %.200s",
                wanted, snapshot->source);
    return wsplsp_hint(error, "'wsplsp list' shows all entries");
}

enum wsplsp_status cmd_show(const struct options *options, struct output *output, struct wsplsp_error *error)
{
    struct wsplsp_snapshot *snapshot;
    struct selection selection;
    if (input_load(options->catalog, options->code_page, &snapshot, error) != WSPLSP_OK)
        return error->status;
    select_find(snapshot, options, options->operands[0], &selection);
    enum wsplsp_status status = check_selection(&selection, options->operands[0], snapshot, error);
    if (status == WSPLSP_OK && options->json)
        print_json(snapshot, &selection, output);
    else if (status == WSPLSP_OK)
        print_text(snapshot, &selection, options, output);
    free(selection.entries);
    wsplsp_snapshot_free(snapshot);
    return status;
}
