/* Allocation that ends the program where there is no memory; see memory.h. */
#include "memory.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool report_json;

void memory_report_json(void)
{
    report_json = true;
}

/* Says it with what needs no memory of its own: the text is the same as cli/out/json.c would make it. */
static _Noreturn void end_without_memory(void)
{
    if (report_json)
        fputs("{\"schema\": \"wsplsp/error/1\", \"wsplsp\": \"" WSPLSP_VERSION "\", \"error\": {\"status\": 6, "
              "\"code\": 0, \"name\": \"OUT_OF_MEMORY\", \"message\": \"out of memory\", \"hint\": null}}\n",
              stdout);
    else
        fputs("wsplsp: out of memory\n", stderr);
    exit(WSPLSP_SYSTEM);
}

void *memory_alloc(size_t size)
{
    void *block = calloc(1, size == 0 ? 1 : size);
    if (block == NULL)
        end_without_memory();
    return block;
}

void *memory_grow(void *block, size_t size)
{
    void *grown = realloc(block, size == 0 ? 1 : size);
    if (grown == NULL)
        end_without_memory();
    return grown;
}

void *memory_given(void *block)
{
    if (block == NULL)
        end_without_memory();
    return block;
}

char *memory_text_n(const char *text, size_t size)
{
    char *copy = memory_alloc(size + 1);
    memcpy(copy, text, size);
    return copy;
}

char *memory_text(const char *text)
{
    return memory_text_n(text, strlen(text));
}

char *memory_format(const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0)
        end_without_memory();
    char *text = memory_alloc((size_t)length + 1);
    vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}
