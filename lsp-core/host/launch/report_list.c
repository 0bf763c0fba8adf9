/* The launcher's list of children without the host; see report_list.h. */
#include "report_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void clean(char *text, size_t room)
{
    text[room - 1] = '\0';
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            *text = '?';
}

static void remove_suspended(struct report_list *list, uint32_t process)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->entries[i].kind != REPORT_SUSPENDED || list->entries[i].process != process)
            continue;
        memmove(&list->entries[i], &list->entries[i + 1], (--list->count - i) * sizeof *list->entries);
        return;
    }
}

static bool reserve(struct report_list *list)
{
    if (list->count < list->room)
        return true;
    size_t room = list->room == 0 ? 8 : 2 * list->room;
    struct report_message *grown =
        list->count >= REPORT_LIMIT ? NULL : realloc(list->entries, room * sizeof *list->entries);
    if (grown == NULL)
        return false;
    list->entries = grown;
    list->room = room;
    return true;
}

void report_list_take(struct report_list *list, const void *bytes, size_t size)
{
    struct report_message message;
    if (size != sizeof message)
        return;
    memcpy(&message, bytes, size);
    if (message.kind < REPORT_UNHOSTED || message.kind > REPORT_SETTLED)
        return;
    clean(message.name, sizeof message.name);
    clean(message.message, sizeof message.message);
    remove_suspended(list, message.process);
    if (message.kind == REPORT_SETTLED)
        return;
    if (list->count < REPORT_LIMIT && reserve(list))
        list->entries[list->count++] = message;
    else if (message.kind == REPORT_UNHOSTED && list->left_out < UINT32_MAX)
        list->left_out++;
}

void report_list_close(struct report_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        struct report_message *entry = &list->entries[i];
        if (entry->kind != REPORT_SUSPENDED)
            continue;
        *entry = (struct report_message){.kind = REPORT_UNHOSTED, .process = entry->process, .name = "NOT_RESUMED"};
        snprintf(entry->message, sizeof entry->message,
                 "it was made suspended, and let go by another process than the one that made it, or never");
    }
}

void report_list_free(struct report_list *list)
{
    free(list->entries);
    *list = (struct report_list){NULL, 0, 0, 0};
}
