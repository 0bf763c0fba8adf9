/* Tables; see text.h. A table that is too wide loses columns' ends, the widest first, marked by an ellipsis. */
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/base/memory.h"
#include "cli/base/utf8.h"

#define GAP 2

struct table_cell {
    char *text; /* safe to show */
    size_t columns;
    enum text_style style;
};

void table_cell(struct table *table, enum text_style style, const char *text)
{
    if (table->cell_count == table->cell_room) {
        table->cell_room = table->cell_room == 0 ? 64 : table->cell_room * 2;
        table->cells = memory_grow(table->cells, table->cell_room * sizeof *table->cells);
    }
    struct table_cell *cell = &table->cells[table->cell_count++];
    cell->text = utf8_shown(text);
    cell->columns = utf8_columns(cell->text);
    cell->style = style;
}

void table_cell_format(struct table *table, enum text_style style, const char *format, ...)
{
    char text[128];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    table_cell(table, style, text);
}

static size_t table_width(const struct table *table, const size_t *widths)
{
    size_t width = table->indent + GAP * (table->column_count - 1);
    for (size_t i = 0; i < table->column_count; i++)
        width += widths[i];
    return width;
}

/* The column that gives up a character next, or NULL. */
static size_t *widest_column(const struct table *table, size_t *widths)
{
    size_t *widest = NULL;
    for (size_t i = 0; i < table->column_count; i++) {
        size_t narrowest = table->columns[i].narrowest;
        if (narrowest != 0 && widths[i] > narrowest && (widest == NULL || widths[i] > *widest))
            widest = &widths[i];
    }
    return widest;
}

static size_t *fit_widths(const struct table *table, const struct output *output, bool titles)
{
    size_t *widths = memory_alloc(table->column_count * sizeof *widths);
    for (size_t i = 0; titles && i < table->column_count; i++)
        widths[i] = utf8_columns(table->columns[i].title);
    for (size_t i = 0; i < table->cell_count; i++) {
        size_t *width = &widths[i % table->column_count];
        if (table->cells[i].columns > *width)
            *width = table->cells[i].columns;
    }
    size_t *widest = NULL;
    while (!table->wide && table_width(table, widths) > output->width &&
           (widest = widest_column(table, widths)) != NULL)
        (*widest)--;
    return widths;
}

static void print_cell(struct output *output, const struct table_cell *cell, size_t width, bool right, bool last)
{
    size_t columns = cell->columns < width ? cell->columns : width;
    if (right)
        buffer_blanks(&output->buffer, width - columns);
    if (cell->columns <= width) {
        text_put(output, cell->style, cell->text);
    } else {
        size_t size = utf8_fit(cell->text, width - 1);
        char *start = memory_format("%.*s" TEXT_ELLIPSIS, (int)size, cell->text);
        text_put(output, cell->style, start);
        columns = utf8_columns(start);
        free(start);
    }
    if (!right && !last)
        buffer_blanks(&output->buffer, width - columns);
}

static void print_row(const struct table *table, struct output *output, const struct table_cell *row,
                      const size_t *widths)
{
    buffer_blanks(&output->buffer, table->indent);
    for (size_t i = 0; i < table->column_count; i++) {
        bool last = i + 1 == table->column_count;
        print_cell(output, &row[i], widths[i], table->columns[i].right, last);
        if (!last)
            buffer_blanks(&output->buffer, GAP);
    }
    while (output->buffer.bytes[output->buffer.size - 1] == ' ')
        output->buffer.size--; /* of empty cells at a row's end */
    buffer_text(&output->buffer, "\n");
}

static void print_titles(const struct table *table, struct output *output, const size_t *widths)
{
    struct table_cell *row = memory_alloc(table->column_count * sizeof *row);
    for (size_t i = 0; i < table->column_count; i++) {
        row[i].text = (char *)table->columns[i].title;
        row[i].columns = utf8_columns(row[i].text);
        row[i].style = TEXT_BOLD;
    }
    print_row(table, output, row, widths);
    free(row);
}

void table_print(struct table *table, struct output *output, bool titles)
{
    size_t *widths = fit_widths(table, output, titles);
    if (titles)
        print_titles(table, output, widths);
    for (size_t i = 0; i + table->column_count <= table->cell_count; i += table->column_count)
        print_row(table, output, &table->cells[i], widths);
    for (size_t i = 0; i < table->cell_count; i++)
        free(table->cells[i].text);
    free(table->cells);
    table->cells = NULL;
    table->cell_count = table->cell_room = 0;
    free(widths);
}
