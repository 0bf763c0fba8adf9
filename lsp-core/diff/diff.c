/* What differs between two snapshots; see diff.h. The entries' own fields are compared in fields.c. */
#include "diff.h"

#include <stdlib.h>
#include <string.h>

#include "fields.h"
#include "match.h"
#include "lsp-core/base/text.h"

const char *diff_kind_name(enum diff_kind kind)
{
    static const char *const names[] = {"added", "removed", "moved", "changed"};
    return names[kind];
}

const char *diff_subject_name(enum diff_subject subject)
{
    static const char *const names[] = {"entry", "name_space", "application", "setting", "catalog"};
    return names[subject];
}

void diff_free(struct diff *diff)
{
    if (diff == NULL)
        return;
    for (size_t i = 0; i < diff->count; i++) {
        struct diff_change *change = &diff->changes[i];
        free(change->provider_id);
        free(change->name);
        free(change->field);
        free(change->before);
        free(change->after);
    }
    free(diff->changes);
    free(diff);
}

/* What lists of entries, name spaces and applications have in common, so that one walk serves all three. */
struct list {
    enum diff_subject subject;
    int bits;
    const void *a, *b;
    size_t a_count, b_count;
    bool ordered; /* whether a place in the list means something */
    bool (*keys)(const void *items, size_t index, char *keys[DIFF_KEY_LEVELS]);
    void (*name)(const void *items, size_t index, struct diff_label *label);
    bool (*fields)(const void *a, size_t a_index, const void *b, size_t b_index, struct diff_sink *sink);
};

static struct diff_item *make_items(const struct list *list, const void *from, size_t count)
{
    struct diff_item *items = calloc(count + 1, sizeof *items);
    bool ok = items != NULL;
    for (size_t i = 0; ok && i < count; i++)
        ok = list->keys(from, i, items[i].keys);
    if (ok)
        return items;
    diff_free_items(items, count);
    return NULL;
}

static bool add_whole(struct diff_sink *sink, const struct list *list, enum diff_kind kind, const void *from,
                      size_t index)
{
    sink->label = (struct diff_label){.subject = list->subject, .bits = list->bits};
    list->name(from, index, &sink->label);
    return diff_sink_add(sink, kind, NULL, NULL, NULL);
}

static bool add_moved(struct diff_sink *sink, size_t from, size_t to)
{
    char *before = text_format("%lu", (unsigned long)from + 1);
    char *after = text_format("%lu", (unsigned long)to + 1);
    bool ok = before != NULL && after != NULL && diff_sink_add(sink, DIFF_MOVED, "position", before, after);
    free(before);
    free(after);
    return ok;
}

static bool compare_pair(struct diff_sink *sink, const struct list *list, const struct diff_item *item, size_t index)
{
    sink->label = (struct diff_label){.subject = list->subject, .bits = list->bits};
    list->name(list->a, index, &sink->label);
    if (!list->fields(list->a, index, list->b, item->match, sink))
        return false;
    return !list->ordered || !item->moved || add_moved(sink, index, item->match);
}

/* Removed and changed things in a's order, then the added ones in b's. */
static bool compare_lists(struct diff_sink *sink, const struct list *list)
{
    struct diff_item *a = make_items(list, list->a, list->a_count);
    struct diff_item *b = make_items(list, list->b, list->b_count);
    bool ok = a != NULL && b != NULL && diff_match(a, list->a_count, b, list->b_count);
    for (size_t i = 0; ok && i < list->a_count; i++) {
        if (a[i].match == DIFF_NO_MATCH)
            ok = add_whole(sink, list, DIFF_REMOVED, list->a, i);
        else
            ok = compare_pair(sink, list, &a[i], i);
    }
    for (size_t i = 0; ok && i < list->b_count; i++) {
        if (b[i].match == DIFF_NO_MATCH)
            ok = add_whole(sink, list, DIFF_ADDED, list->b, i);
    }
    diff_free_items(a, list->a_count);
    diff_free_items(b, list->b_count);
    return ok;
}

static bool compare_presence(struct diff_sink *sink, const struct wsplsp_catalog *a, const struct wsplsp_catalog *b)
{
    const struct wsplsp_catalog *there = a->present ? a : b;
    char *size = text_format("%lu entries", (unsigned long)there->entry_count);
    sink->label = (struct diff_label){
        .subject = DIFF_CATALOG, .bits = a->bits, .name = a->bits == 64 ? "64-bit catalog" : "32-bit catalog"};
    bool ok = size != NULL && diff_sink_add(sink, a->present ? DIFF_REMOVED : DIFF_ADDED, NULL,
                                            a->present ? size : NULL, a->present ? NULL : size);
    free(size);
    return ok;
}

static bool compare_catalogs(struct diff_sink *sink, const struct wsplsp_catalog *a, const struct wsplsp_catalog *b)
{
    const struct list entries = {DIFF_ENTRY,      a->bits,          a,    b,
                                 a->entry_count,  b->entry_count,   true, diff_entry_keys,
                                 diff_entry_name, diff_entry_fields};
    const struct list name_spaces = {DIFF_NAME_SPACE,
                                     a->bits,
                                     a,
                                     b,
                                     a->name_space_count,
                                     b->name_space_count,
                                     true,
                                     diff_name_space_keys,
                                     diff_name_space_name,
                                     diff_name_space_fields};
    bool ok = a->present == b->present ? compare_lists(sink, &entries) : compare_presence(sink, a, b);
    return ok && compare_lists(sink, &name_spaces);
}

static bool compare_applications(struct diff_sink *sink, const struct wsplsp_snapshot *a,
                                 const struct wsplsp_snapshot *b)
{
    const struct list list = {DIFF_APPLICATION,
                              0,
                              a,
                              b,
                              a->application_count,
                              b->application_count,
                              false,
                              diff_application_keys,
                              diff_application_name,
                              diff_application_fields};
    return compare_lists(sink, &list);
}

static bool compare_setting(struct diff_sink *sink, const char *name, const char *a, const char *b)
{
    if (a == NULL && b == NULL)
        return true;
    sink->label = (struct diff_label){.subject = DIFF_SETTING, .name = name};
    if (a == NULL || b == NULL)
        return diff_sink_add(sink, a == NULL ? DIFF_ADDED : DIFF_REMOVED, NULL, a, b);
    return text_compare_nocase(a, b) == 0 || diff_sink_add(sink, DIFF_CHANGED, NULL, a, b);
}

/* A running system that did not let its registry be read has not told its applications and settings. */
static bool tells_registry(const struct wsplsp_snapshot *snapshot)
{
    return !snapshot->live || snapshot->origin != NULL;
}

static bool compare_registry(struct diff_sink *sink, const struct wsplsp_snapshot *a, const struct wsplsp_snapshot *b)
{
    if (!tells_registry(a) || !tells_registry(b))
        return true;
    return compare_applications(sink, a, b) && compare_setting(sink, "AutodialDLL", a->autodial_dll, b->autodial_dll) &&
           compare_setting(sink, "NameSpace_Callout", a->name_space_callout, b->name_space_callout);
}

enum wsplsp_status diff_snapshots(const struct wsplsp_snapshot *a, const struct wsplsp_snapshot *b, struct diff **diff,
                                  struct wsplsp_error *error)
{
    struct diff_sink sink = {.diff = calloc(1, sizeof *sink.diff)};
    bool ok = sink.diff != NULL;
    for (size_t i = 0; ok && i < 2; i++)
        ok = compare_catalogs(&sink, &a->catalogs[i], &b->catalogs[i]);
    if (!ok || !compare_registry(&sink, a, b)) {
        diff_free(sink.diff);
        return wsplsp_fail_memory(error);
    }
    *diff = sink.diff;
    return WSPLSP_OK;
}
