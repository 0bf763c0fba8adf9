/* The command line's options: one table says what there is, each command which of them it takes. */
#ifndef WSPLSP_CLI_BASE_OPTIONS_H
#define WSPLSP_CLI_BASE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lsp-core/base/error.h"

enum option_key {
    OPTION_CATALOG,
    OPTION_CODE_PAGE,
    OPTION_JSON,
    OPTION_QUIET,
    OPTION_VERBOSE,
    OPTION_HELP,
    OPTION_VERSION,
    OPTION_FROM,
    OPTION_64,
    OPTION_32,
    OPTION_BASE,
    OPTION_LAYERED,
    OPTION_HIDDEN,
    OPTION_PROTOCOL,
    OPTION_ROOT,
    OPTION_FAIL_ON,
    OPTION_LIST_CHECKS,
    OPTION_LAYER,
    OPTION_STRICT,
    OPTION_FILTER,
    OPTION_TRACE,
    OPTION_DATA,
    OPTION_SOCKET,
    OPTION_FUNCTION,
    OPTION_ERRORS,
    OPTION_SLOWER,
    OPTION_PID,
    OPTION_FOLDER,
    OPTION_NAME,
    OPTION_DLL32,
    OPTION_MODE,
    OPTION_OVER,
    OPTION_EXACT,
    OPTION_ONLY,
    OPTION_GUID,
    OPTION_CATEGORY,
    OPTION_POSITION,
    OPTION_BUNDLED,
    OPTION_FORCE,
    OPTION_DRY_RUN,
    OPTION_YES,
    OPTION_CASCADE,
    OPTION_ALL_LAYERED,
    OPTION_TOP,
    OPTION_DLL,
    OPTION_FIX,
    OPTION_ARGS,
    OPTION_NAME_SPACE,
    OPTION_SEND,
    OPTION_TIMEOUT,
    OPTION_TIMES, /* --count */
    OPTION_EACH_LAYER,
    OPTION_LOCAL,
    OPTION_COUNT,
};

/* A set of options. */
typedef uint64_t option_set;
#define OPTION_BIT(key) (UINT64_C(1) << (key))
#define OPTION(name)    OPTION_BIT(OPTION_##name)
#define OPTIONS_GLOBAL                                                                                     \
    (OPTION(CATALOG) | OPTION(CODE_PAGE) | OPTION(JSON) | OPTION(QUIET) | OPTION(VERBOSE) | OPTION(HELP) | \
     OPTION(VERSION))

#define OPTIONS_ALL (OPTION_BIT(OPTION_COUNT) - 1)

struct option_text {
    const char *name;     /* without the dashes */
    char letter;          /* its short form, or 0 */
    const char *argument; /* "FILE", or NULL */
    const char *meaning;
};

extern const struct option_text option_texts[OPTION_COUNT];

struct options {
    option_set given;                 /* the set of those that were given */
    const char *values[OPTION_COUNT]; /* the arguments of those that have one: the last given, or NULL */
    bool json, quiet, verbose;
    const char *catalog; /* NULL: the running system */
    uint32_t code_page;  /* of the DLL paths in files; CODE_PAGE_UNKNOWN: not given */
    bool bits64, bits32; /* both or none given: both catalogs */
    bool base, layered, hidden;
    const char *protocol;
    const char *root;
    const char *beside;  /* the word behind --position above or --position below, or NULL */
    const char **layers; /* ours, as the operands */
    size_t layer_count;
    const char **filters; /* ours, as the operands */
    size_t filter_count;
    const char *trace;
    const char *data;
    const char *socket, *function, *slower, *pid;
    const char *folder;
    bool complete;         /* the whole command line has been read */
    const char **operands; /* ours; what they point to is the command line's */
    size_t operand_count;
};

/* Where options end: at no place (operands and options mix), before the first operand, or behind the command's name
 * with the first operand (all that follows belongs to the program it names). */
enum options_end { OPTIONS_END_NEVER, OPTIONS_END_OPERAND, OPTIONS_END_PROGRAM };

/* What to expect of the command line before it is read: whether an error in it has to be JSON. `takes_program` tells of
 * a command's first word whether what stands behind its first operand is a program's. */
bool options_want_json(int argc, char **argv, bool (*takes_program)(const char *word));

/* Reads the options of `accepted`, and all operands; before the first operand with OPTIONS_END_OPERAND. `*used` is how
 * far it came. */
enum wsplsp_status options_read(int argc, char **argv, option_set accepted, enum options_end end,
                                struct options *options, int *used, struct wsplsp_error *error);

/* The error for an option that a command does not take: the first of `unwanted`. */
enum wsplsp_status options_fail_unwanted(option_set unwanted, const char *command, struct wsplsp_error *error);

static inline bool options_has(const struct options *options, enum option_key key)
{
    return (options->given & OPTION_BIT(key)) != 0;
}

/* Appends an operand, which has to stay. */
void options_add_operand(struct options *options, const char *operand);

void options_free(struct options *options);

#endif
