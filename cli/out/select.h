/* Which entries a command is about: the filters of `list`, and the entry that `show` was asked for. */
#ifndef WSPLSP_CLI_OUT_SELECT_H
#define WSPLSP_CLI_OUT_SELECT_H

#include "cli/base/options.h"
#include "lsp-core/catalog/catalog.h"

/* Whether the options leave that catalog in. */
bool select_bits(const struct options *options, int bits);

/* Whether --protocol names something that exists. */
enum wsplsp_status select_check_protocol(const char *protocol, struct wsplsp_error *error);

/* Whether an entry fits all filters. One that cannot be decoded might, and so does. */
bool select_entry(const struct options *options, const struct wsplsp_entry *entry);

/* Entries that fit what was asked for. */
struct selection {
    const struct wsplsp_entry **entries; /* NULL or new */
    size_t count;
    bool ambiguous; /* more than one of the same catalog, where one was asked for */
};

/* What an id, a provider id or a name stands for. A name is taken whole where one is that, else as a part; ASCII case
 * does not matter. */
void select_find(const struct wsplsp_snapshot *snapshot, const struct options *options, const char *wanted,
                 struct selection *selection);

#endif
