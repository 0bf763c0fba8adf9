/* A snapshot's deep copy; see copy.h. */
#include "copy.h"

#include <stdlib.h>

#include "lsp-core/registry/regtree.h"
#include "lsp-core/base/text.h"

static bool copy_text(char **to, const char *from)
{
    *to = from == NULL ? NULL : text_duplicate(from);
    return from == NULL || *to != NULL;
}

static bool copy_key(struct reg_key **to, const struct reg_key *from)
{
    *to = from == NULL ? NULL : reg_key_clone(from);
    return from == NULL || *to != NULL;
}

/* Each copy first drops the pointers that are the original's own, so that what is half made can be freed. */
bool copy_entry(struct wsplsp_entry *to, const struct wsplsp_entry *from)
{
    *to = *from;
    to->undecoded = to->name_raw = to->name = to->dll = NULL;
    to->origin = NULL;
    return copy_text(&to->undecoded, from->undecoded) && copy_text(&to->name_raw, from->name_raw) &&
           copy_text(&to->name, from->name) && copy_text(&to->dll, from->dll) && copy_key(&to->origin, from->origin);
}

static bool copy_name_space(struct wsplsp_name_space *to, const struct wsplsp_name_space *from)
{
    *to = *from;
    to->undecoded = to->name_raw = to->name = to->dll = NULL;
    to->origin = NULL;
    return copy_text(&to->undecoded, from->undecoded) && copy_text(&to->name_raw, from->name_raw) &&
           copy_text(&to->name, from->name) && copy_text(&to->dll, from->dll) && copy_key(&to->origin, from->origin);
}

static bool copy_application(struct wsplsp_application *to, const struct wsplsp_application *from)
{
    *to = *from;
    to->key = to->undecoded = to->path = to->arguments = NULL;
    to->origin = NULL;
    return copy_text(&to->key, from->key) && copy_text(&to->undecoded, from->undecoded) &&
           copy_text(&to->path, from->path) && copy_text(&to->arguments, from->arguments) &&
           copy_key(&to->origin, from->origin);
}

static bool copy_catalog(struct wsplsp_catalog *to, const struct wsplsp_catalog *from)
{
    bool ok = true;
    to->present = from->present;
    to->absent = from->absent;
    to->entries_stored = from->entries_stored;
    to->name_spaces_stored = from->name_spaces_stored;
    for (size_t i = 0; ok && i < from->entry_count; i++) {
        struct wsplsp_entry *entry = wsplsp_catalog_add_entry(to);
        ok = entry != NULL && copy_entry(entry, &from->entries[i]);
    }
    for (size_t i = 0; ok && i < from->name_space_count; i++) {
        struct wsplsp_name_space *name_space = wsplsp_catalog_add_name_space(to);
        ok = name_space != NULL && copy_name_space(name_space, &from->name_spaces[i]);
    }
    return ok && wsplsp_catalog_index(to);
}

static bool copy_rest(struct wsplsp_snapshot *to, const struct wsplsp_snapshot *from)
{
    bool ok = copy_text(&to->autodial_dll, from->autodial_dll) &&
              copy_text(&to->name_space_callout, from->name_space_callout) && copy_key(&to->origin, from->origin);
    for (size_t i = 0; ok && i < from->application_count; i++) {
        struct wsplsp_application *application = wsplsp_snapshot_add_application(to);
        ok = application != NULL && copy_application(application, &from->applications[i]);
    }
    for (size_t i = 0; ok && i < from->note_count; i++)
        ok = wsplsp_snapshot_note(to, "%s", from->notes[i]);
    return ok;
}

struct wsplsp_snapshot *copy_snapshot(const struct wsplsp_snapshot *snapshot)
{
    struct wsplsp_snapshot *copy = wsplsp_snapshot_new(snapshot->source);
    if (copy == NULL)
        return NULL;
    copy->live = snapshot->live;
    copy->code_page = snapshot->code_page;
    copy->applications_absent = snapshot->applications_absent;
    copy->next_catalog_id = snapshot->next_catalog_id;
    copy->serial = snapshot->serial;
    copy->name_space_serial = snapshot->name_space_serial;
    copy->locked = snapshot->locked;
    if (copy_catalog(&copy->catalogs[0], &snapshot->catalogs[0]) &&
        copy_catalog(&copy->catalogs[1], &snapshot->catalogs[1]) && copy_rest(copy, snapshot))
        return copy;
    wsplsp_snapshot_free(copy);
    return NULL;
}
