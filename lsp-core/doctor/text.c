/* The words that the rules' messages share; see part.h. */
#include <stdio.h>
#include <string.h>

#include "part.h"
#include "lsp-core/catalog/flags.h"

/* The length of a name's beginning that fits a message, without half a character at its end. */
static int shown_length(const char *name)
{
    enum { LENGTH_MAX = 120 };
    size_t length = strlen(name);
    if (length > LENGTH_MAX) {
        length = LENGTH_MAX;
        while (length > 0 && ((unsigned char)name[length] & 0xC0) == 0x80)
            length--;
    }
    return (int)length;
}

struct check_text check_label(const struct wsplsp_entry *entry)
{
    struct check_text label;
    const char *name = entry->name == NULL ? "" : entry->name;
    int length = shown_length(name);
    if (entry->undecoded != NULL)
        snprintf(label.text, sizeof label.text, "the entry at position %zu", entry->position);
    else
        snprintf(label.text, sizeof label.text, "%s entry %u \"%.*s%s\"", wsplsp_kind_name(wsplsp_entry_kind(entry)),
                 (unsigned)entry->info.catalog_id, length, name, name[length] == '\0' ? "" : "…");
    return label;
}

struct check_text check_name_space_label(const struct wsplsp_name_space *name_space)
{
    struct check_text label;
    const char *name = name_space->name == NULL ? "" : name_space->name;
    int length = shown_length(name);
    snprintf(label.text, sizeof label.text, "name space provider \"%.*s%s\"", length, name,
             name[length] == '\0' ? "" : "…");
    return label;
}

struct check_text check_protocol(const struct wsplsp_entry *entry)
{
    struct check_text text;
    const struct wsplsp_protocol_info *info = &entry->info;
    const char *family = info->family == 2 ? "IPv4" : info->family == 23 ? "IPv6" : flags_family_name(info->family);
    const char *protocol = flags_protocol_name(info->family, info->protocol);
    const char *type = flags_socket_type_name(info->socket_type);
    char number[16];
    snprintf(number, sizeof number, "family %d", (int)info->family);
    if (info->protocol == 0 || protocol == NULL)
        protocol = type == NULL ? "" : type;
    else if (strncmp(protocol, "IPPROTO_", 8) == 0)
        protocol += 8;
    snprintf(text.text, sizeof text.text, "%s%s%s", family == NULL ? number : family, protocol[0] == '\0' ? "" : " ",
             protocol);
    return text;
}

struct check_text check_more(size_t count, const char *one, const char *many)
{
    struct check_text text = {""};
    if (count > 0)
        snprintf(text.text, sizeof text.text, " (and %zu more %s)", count, count == 1 ? one : many);
    return text;
}

const char *check_programs(const struct check *check, int bits)
{
    if (!check->snapshot->catalogs[0].present || !check->snapshot->catalogs[1].present)
        return "programs";
    return bits == 64 ? "64-bit programs" : "32-bit programs";
}
