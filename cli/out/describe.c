/* Numbers of an entry in words; see describe.h. */
#include "describe.h"

#include <stdlib.h>
#include <string.h>

#include "cli/base/buffer.h"
#include "cli/base/memory.h"

const char *describe_short(const char *constant)
{
    const char *line = constant == NULL ? NULL : strrchr(constant, '_');
    return line == NULL ? constant : line + 1;
}

static void put_number(struct buffer *buffer, const char *name, int32_t number)
{
    if (buffer->size > 0)
        buffer_text(buffer, " ");
    if (name != NULL)
        buffer_text(buffer, describe_short(name));
    else
        buffer_format(buffer, "%ld", (long)number);
}

char *describe_protocol(const struct wsplsp_entry *entry)
{
    const struct wsplsp_protocol_info *info = &entry->info;
    struct buffer buffer = {NULL, 0, 0};
    put_number(&buffer, flags_family_name(info->family), info->family);
    put_number(&buffer, flags_socket_type_name(info->socket_type), info->socket_type);
    put_number(&buffer, flags_protocol_name(info->family, info->protocol), info->protocol);
    buffer_put(&buffer, "", 1);
    return buffer.bytes;
}

const char *describe_file_name(const char *path)
{
    const char *name = path;
    for (; *path != '\0'; path++) {
        if (*path == '\\' || *path == '/')
            name = path + 1;
    }
    return name;
}

const char *describe_bits(int bits)
{
    return bits == 64 ? "64-bit" : "32-bit";
}
