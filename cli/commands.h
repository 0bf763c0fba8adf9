/* The commands: one table for running them, for help, and for the tests that compare both with the man page. */
#ifndef WSPLSP_CLI_COMMANDS_H
#define WSPLSP_CLI_COMMANDS_H

#include "cli/base/command.h"

struct command {
    const char *name;     /* "list", "ns list" */
    const char *operands; /* "ID|GUID|NAME"; "" for none */
    size_t operands_min;
    size_t operands_max;
    bool changes;       /* the catalog: it can end with WSPLSP_ROLLED_BACK */
    bool takes_program; /* its first operand is a program's name: the options end there */
    bool names_file;    /* with a catalog, by an operand */
    option_set options; /* besides the global ones */
    const char *summary;
    const char *about;    /* a paragraph; NULL where the summary says it all */
    const char *examples; /* lines */
    const char *status_1; /* what exit status 1 means; NULL where there is none */
    const char *status_3; /* what 3 means */
    const char *status_5; /* what 5 means; NULL: never refuses */
    command_routine *run;
};

/* Ends with a NULL name. */
extern const struct command commands[];

/* The command that the words begin with; `*taken` is how many it took, one or two. On failure NULL with an error. */
const struct command *commands_find(const char *const *words, size_t count, size_t *taken, struct wsplsp_error *error);

/* Whether a command's name starts with that word. */
bool commands_know(const char *word);

/* Whether that word is a command whose operands are a program and its arguments. */
bool commands_take_program(const char *word);

#endif
