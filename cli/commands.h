/* The commands: one table for running them, for help, and for the tests that compare both with the man page. */
#ifndef WSPLSP_CLI_COMMANDS_H
#define WSPLSP_CLI_COMMANDS_H

#include "cli/base/options.h"
#include "cli/base/output.h"

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
    /* Prints into `output`. Returns WSPLSP_OK or WSPLSP_FINDINGS with what to print, or fills `error`. */
    enum wsplsp_status (*run)(const struct options *options, struct output *output, struct wsplsp_error *error);
};

/* Ends with a NULL name. */
extern const struct command commands[];

/* The command that the words begin with; `*taken` is how many it took, one or two. On failure NULL with an error. */
const struct command *commands_find(const char *const *words, size_t count, size_t *taken, struct wsplsp_error *error);

/* Whether a command's name starts with that word. */
bool commands_know(const char *word);

enum wsplsp_status cmd_catalog_new(const struct options *options, struct output *output, struct wsplsp_error *error);
enum wsplsp_status cmd_app_list(const struct options *options, struct output *output, struct wsplsp_error *error);
enum wsplsp_status cmd_diff(const struct options *options, struct output *output, struct wsplsp_error *error);
enum wsplsp_status cmd_doctor(const struct options *options, struct output *output, struct wsplsp_error *error);
enum wsplsp_status cmd_help(const struct options *options, struct output *output, struct wsplsp_error *error);
enum wsplsp_status cmd_list(const struct options *options, struct output *output, struct wsplsp_error *error);
enum wsplsp_status cmd_ns_list(const struct options *options, struct output *output, struct wsplsp_error *error);
enum wsplsp_status cmd_run(const struct options *options, struct output *output, struct wsplsp_error *error);
enum wsplsp_status cmd_schema(const struct options *options, struct output *output, struct wsplsp_error *error);
enum wsplsp_status cmd_show(const struct options *options, struct output *output, struct wsplsp_error *error);
enum wsplsp_status cmd_trace_json(const struct options *options, struct output *output, struct wsplsp_error *error);
enum wsplsp_status cmd_trace_off(const struct options *options, struct output *output, struct wsplsp_error *error);
enum wsplsp_status cmd_trace_on(const struct options *options, struct output *output, struct wsplsp_error *error);
enum wsplsp_status cmd_trace_show(const struct options *options, struct output *output, struct wsplsp_error *error);
enum wsplsp_status cmd_trace_status(const struct options *options, struct output *output, struct wsplsp_error *error);
enum wsplsp_status cmd_trace_summary(const struct options *options, struct output *output, struct wsplsp_error *error);
enum wsplsp_status cmd_tree(const struct options *options, struct output *output, struct wsplsp_error *error);
enum wsplsp_status cmd_version(const struct options *options, struct output *output, struct wsplsp_error *error);
enum wsplsp_status cmd_install(const struct options *options, struct output *output, struct wsplsp_error *error);
enum wsplsp_status cmd_remove(const struct options *options, struct output *output, struct wsplsp_error *error);
enum wsplsp_status cmd_order(const struct options *options, struct output *output, struct wsplsp_error *error);
enum wsplsp_status cmd_update(const struct options *options, struct output *output, struct wsplsp_error *error);
enum wsplsp_status cmd_restore(const struct options *options, struct output *output, struct wsplsp_error *error);
enum wsplsp_status cmd_reset(const struct options *options, struct output *output, struct wsplsp_error *error);
enum wsplsp_status cmd_backup(const struct options *options, struct output *output, struct wsplsp_error *error);
enum wsplsp_status cmd_history(const struct options *options, struct output *output, struct wsplsp_error *error);
enum wsplsp_status cmd_recover(const struct options *options, struct output *output, struct wsplsp_error *error);
enum wsplsp_status cmd_app_show(const struct options *options, struct output *output, struct wsplsp_error *error);
enum wsplsp_status cmd_app_exempt(const struct options *options, struct output *output, struct wsplsp_error *error);
enum wsplsp_status cmd_app_permit(const struct options *options, struct output *output, struct wsplsp_error *error);
enum wsplsp_status cmd_app_clear(const struct options *options, struct output *output, struct wsplsp_error *error);
enum wsplsp_status cmd_provider_category(const struct options *options, struct output *output,
                                         struct wsplsp_error *error);
enum wsplsp_status cmd_ns_install(const struct options *options, struct output *output, struct wsplsp_error *error);
enum wsplsp_status cmd_ns_remove(const struct options *options, struct output *output, struct wsplsp_error *error);
enum wsplsp_status cmd_ns_enable(const struct options *options, struct output *output, struct wsplsp_error *error);
enum wsplsp_status cmd_ns_disable(const struct options *options, struct output *output, struct wsplsp_error *error);
enum wsplsp_status cmd_ns_order(const struct options *options, struct output *output, struct wsplsp_error *error);
enum wsplsp_status cmd_probe(const struct options *options, struct output *output, struct wsplsp_error *error);
enum wsplsp_status cmd_wsk_load(const struct options *options, struct output *output, struct wsplsp_error *error);
enum wsplsp_status cmd_wsk_unload(const struct options *options, struct output *output, struct wsplsp_error *error);
enum wsplsp_status cmd_wsk_status(const struct options *options, struct output *output, struct wsplsp_error *error);
enum wsplsp_status cmd_wsk_transports(const struct options *options, struct output *output, struct wsplsp_error *error);
enum wsplsp_status cmd_wsk_connect(const struct options *options, struct output *output, struct wsplsp_error *error);

/* Whether that word is a command whose operands are a program and its arguments. */
bool commands_take_program(const char *word);

#endif
