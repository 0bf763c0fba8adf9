/* Text output: tables, wrapped paragraphs, colours. All texts given to these functions may come from untrusted files;
 * what is printed is safe for a terminal. */
#ifndef WSPLSP_CLI_OUT_TEXT_H
#define WSPLSP_CLI_OUT_TEXT_H

#include "cli/base/output.h"
#include "lsp-core/catalog/catalog.h"

enum text_style { TEXT_PLAIN, TEXT_BOLD, TEXT_DIM, TEXT_ERROR, TEXT_WARNING, TEXT_GOOD, TEXT_LAYERED };

#define TEXT_CROSS    "\xE2\x9C\x97" /* U+2717 */
#define TEXT_ELLIPSIS "\xE2\x80\xA6" /* U+2026 */

/* Appends one text as it is, made safe. */
void text_put(struct output *output, enum text_style style, const char *text);

/* Appends a paragraph: `first` (ours, not made safe) begins its first line, the others are indented by `indent`. */
void text_wrap(struct output *output, size_t indent, const char *first, const char *text);
/* The same where `column` columns of the first line have been printed already. */
void text_wrap_from(struct output *output, size_t indent, size_t column, const char *text);

void text_heading(struct output *output, const char *text);

/* "Note: …" for each of the snapshot's notes, after an empty line. */
void text_notes(struct output *output, const struct wsplsp_snapshot *snapshot);

void text_error(struct output *output, const struct wsplsp_error *error);

struct table_column {
    const char *title;
    bool right;       /* aligned */
    size_t narrowest; /* how far it may be shortened; 0: not at all */
};

/* Cells are added row by row, then all is printed with columns as wide as they need to be. */
struct table {
    const struct table_column *columns;
    size_t column_count;
    struct table_cell *cells;
    size_t cell_count;
    size_t cell_room;
    size_t indent;
    bool wide; /* shorten nothing */
};

void table_cell(struct table *table, enum text_style style, const char *text);
void table_cell_format(struct table *table, enum text_style style, const char *format, ...) WSPLSP_PRINTF(3, 4);
/* Prints the table, with its titles where asked, and frees the cells. */
void table_print(struct table *table, struct output *output, bool titles);

#endif
