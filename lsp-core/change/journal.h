/* The journal of a change that is being made: a small text that is replaced as a whole before and after each step, so
 * that whoever comes after a death finds the one or the other. */
#ifndef WSPLSP_CORE_CHANGE_JOURNAL_H
#define WSPLSP_CORE_CHANGE_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lsp-core/catalog/catalog.h"

#define JOURNAL_NAME  "unfinished.journal"
#define JOURNAL_AFTER "unfinished.after" /* beside it: the planned result, as a backup's text */

struct journal {
    char *command, *words;
    char *started; /* as backup_time_words */
    char *target;  /* for people who look into the file */
    char *backup;  /* file name */
    uint32_t process;
    uint32_t steps, steps_done;
    bool in_step;
    bool has_assigned; /* of the plan */
    struct wsplsp_guid assigned;
};

/* The text, new, ending with a NUL that `*size` does not count; NULL when out of memory. */
char *journal_format(const struct journal *journal, size_t *size);

/* Reads it; WSPLSP_SYSTEM, BAD_FORMAT, for one that is damaged, down to a single changed byte. */
enum wsplsp_status journal_parse(const void *bytes, size_t size, struct journal *journal, struct wsplsp_error *error);
void journal_free(struct journal *journal);

#endif
