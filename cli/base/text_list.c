/* Gathered sentences; see text_list.h. */
#include "text_list.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "memory.h"

void text_list_add(struct text_list *list, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    list->texts = memory_grow(list->texts, (list->count + 1) * sizeof *list->texts);
    list->texts[list->count++] = memory_text(text);
}

void text_list_free(struct text_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->texts[i]);
    free(list->texts);
    *list = (struct text_list){NULL, 0};
}
