/* What had to be done to wsplsp's own folders, or was seen in them: sentences, a line each, told to the user. */
#ifndef WSPLSP_CLI_OUT_FOLDER_NOTES_H
#define WSPLSP_CLI_OUT_FOLDER_NOTES_H

#include "json.h"
#include "cli/base/output.h"
#include "cli/base/text_list.h"

/* NULL: nothing. */
void folder_notes_add(struct text_list *list, const char *notes);
void folder_notes_print(struct output *output, const char *notes);
/* As the object's "warnings". */
void folder_notes_json(cJSON *object, const char *notes);

#endif
