/* Entries, name spaces and applications as diff.c sees them: their keys, their names and a comparison field by field.
 * All functions that return bool return false when out of memory. */
#ifndef WSPLSP_CORE_DIFF_FIELDS_H
#define WSPLSP_CORE_DIFF_FIELDS_H

#include <stdbool.h>

#include "diff.h"
#include "match.h"

/* What the changes that follow are about. */
struct diff_label {
    enum diff_subject subject;
    int bits;
    const char *name;
    char provider_id[WSPLSP_GUID_TEXT]; /* empty where there is none */
};

struct diff_sink {
    struct diff *diff;
    struct diff_label label;
};

/* Appends a change about the sink's label; the texts are copied. */
bool diff_sink_add(struct diff_sink *sink, enum diff_kind kind, const char *field, const char *before,
                   const char *after);

void diff_free_items(struct diff_item *items, size_t count);

/* `items` is a struct wsplsp_catalog, for applications a struct wsplsp_snapshot. */
bool diff_entry_keys(const void *items, size_t index, char *keys[DIFF_KEY_LEVELS]);
void diff_entry_name(const void *items, size_t index, struct diff_label *label);
bool diff_entry_fields(const void *a, size_t a_index, const void *b, size_t b_index, struct diff_sink *sink);

bool diff_name_space_keys(const void *items, size_t index, char *keys[DIFF_KEY_LEVELS]);
void diff_name_space_name(const void *items, size_t index, struct diff_label *label);
bool diff_name_space_fields(const void *a, size_t a_index, const void *b, size_t b_index, struct diff_sink *sink);

bool diff_application_keys(const void *items, size_t index, char *keys[DIFF_KEY_LEVELS]);
void diff_application_name(const void *items, size_t index, struct diff_label *label);
bool diff_application_fields(const void *a, size_t a_index, const void *b, size_t b_index, struct diff_sink *sink);

#endif
