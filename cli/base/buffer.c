/* A growing run of bytes; see buffer.h. */
#include "buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

void buffer_free(struct buffer *buffer)
{
    free(buffer->bytes);
    *buffer = (struct buffer){NULL, 0, 0};
}

static void reserve(struct buffer *buffer, size_t more)
{
    if (buffer->room - buffer->size >= more)
        return;
    size_t room = buffer->room == 0 ? 4096 : buffer->room * 2;
    if (room - buffer->size < more)
        room = buffer->size + more;
    buffer->bytes = memory_grow(buffer->bytes, room);
    buffer->room = room;
}

void buffer_put(struct buffer *buffer, const char *bytes, size_t size)
{
    if (size == 0)
        return;
    reserve(buffer, size);
    memcpy(buffer->bytes + buffer->size, bytes, size);
    buffer->size += size;
}

void buffer_text(struct buffer *buffer, const char *text)
{
    buffer_put(buffer, text, strlen(text));
}

void buffer_format(struct buffer *buffer, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length > 0) {
        reserve(buffer, (size_t)length + 1);
        vsnprintf(buffer->bytes + buffer->size, (size_t)length + 1, format, again);
        buffer->size += (size_t)length;
    }
    va_end(again);
}

void buffer_blanks(struct buffer *buffer, size_t count)
{
    while (count-- > 0)
        buffer_put(buffer, " ", 1);
}
