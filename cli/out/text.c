/* Text output but for tables; see text.h. */
#include "text.h"

#include <stdlib.h>
#include <string.h>

#include "cli/base/memory.h"
#include "cli/base/utf8.h"

static const char *style_code(enum text_style style)
{
    static const char *const codes[] = {"", "\033[1m", "\033[2m", "\033[31m", "\033[33m", "\033[32m", "\033[36m"};
    return codes[style];
}

void text_put(struct output *output, enum text_style style, const char *text)
{
    bool coloured = output->colour && style != TEXT_PLAIN;
    char *shown = utf8_shown(text);
    if (coloured)
        buffer_text(&output->buffer, style_code(style));
    buffer_text(&output->buffer, shown);
    if (coloured)
        buffer_text(&output->buffer, "\033[0m");
    free(shown);
}

void text_wrap_from(struct output *output, size_t indent, size_t column, const char *text)
{
    char *shown = utf8_shown(text);
    bool empty = true; /* nothing of the text is in this line yet */
    for (char *word = strtok(shown, " "); word != NULL; word = strtok(NULL, " ")) {
        size_t width = utf8_columns(word);
        if (!empty && column + 1 + width > output->width) {
            buffer_text(&output->buffer, "\n");
            buffer_blanks(&output->buffer, indent);
            column = indent;
            empty = true;
        }
        if (!empty) {
            buffer_text(&output->buffer, " ");
            column++;
        }
        buffer_text(&output->buffer, word);
        column += width;
        empty = false;
    }
    buffer_text(&output->buffer, "\n");
    free(shown);
}

void text_wrap(struct output *output, size_t indent, const char *first, const char *text)
{
    buffer_text(&output->buffer, first);
    text_wrap_from(output, indent, utf8_columns(first), text);
}

void text_heading(struct output *output, const char *text)
{
    text_put(output, TEXT_BOLD, text);
    buffer_text(&output->buffer, "\n");
}

void text_notes(struct output *output, const struct wsplsp_snapshot *snapshot)
{
    if (snapshot->note_count > 0)
        buffer_text(&output->buffer, "\n");
    for (size_t i = 0; i < snapshot->note_count; i++)
        text_wrap(output, 6, "Note: ", snapshot->notes[i]);
}

void text_error(struct output *output, const struct wsplsp_error *error)
{
    buffer_text(&output->buffer, "wsplsp: ");
    text_put(output, TEXT_PLAIN, error->message);
    if (error->code != 0)
        buffer_format(&output->buffer, " (%s %lu)", error->name, (unsigned long)error->code);
    buffer_text(&output->buffer, "\n");
    if (error->hint[0] != '\0') {
        buffer_text(&output->buffer, "        ");
        text_put(output, TEXT_PLAIN, error->hint);
        buffer_text(&output->buffer, "\n");
    }
}
