/* Tells what became of folders; see folder_notes.h. */
#include "folder_notes.h"

#include <string.h>

#include "text.h"

void folder_notes_add(struct text_list *list, const char *notes)
{
    while (notes != NULL && notes[0] != '\0') {
        size_t length = strcspn(notes, "\n");
        text_list_add(list, "%.*s", (int)length, notes);
        notes += length + (notes[length] == '\n');
    }
}

void folder_notes_print(struct output *output, const char *notes)
{
    struct text_list list = {0};
    folder_notes_add(&list, notes);
    for (size_t i = 0; i < list.count; i++)
        text_wrap(output, 4, "Note: ", list.texts[i]);
    text_list_free(&list);
}

void folder_notes_json(cJSON *object, const char *notes)
{
    struct text_list list = {0};
    folder_notes_add(&list, notes);
    cJSON *warnings = cJSON_AddArrayToObject(object, "warnings");
    for (size_t i = 0; i < list.count; i++)
        cJSON_AddItemToArray(warnings, cJSON_CreateString(list.texts[i]));
    text_list_free(&list);
}
