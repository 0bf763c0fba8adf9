/* Starts the program of `wsplsp run` with the host in it: program_win.c; program_native.c can only refuse. */
#ifndef WSPLSP_CLI_RUN_PROGRAM_H
#define WSPLSP_CLI_RUN_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lsp-core/host/launch/report_list.h"
#include "lsp-core/catalog/catalog.h"

enum { RUN_POSTING = 32 };

/* The catalog ids of layers with skip=post: of each the first and the last; 0: no such layer. */
struct run_posting {
    uint32_t ids[RUN_POSTING][2];
};

struct run_request {
    const char *const *words; /* the program and its arguments: the end of the command line */
    size_t word_count;
    bool verbose;
    bool strict;
    const char *catalog_file;              /* a .reg file; NULL: `catalog` */
    const char *filter_file[2];            /* full paths: of 64-bit ([0]) and 32-bit ([1]) programs; NULL: none */
    const struct wsplsp_snapshot *catalog; /* the in-memory catalog; NULL with `catalog_file` */
    const char *trace_file;                /* a full path that is not there yet; NULL: no trace */
    uint32_t trace_data_bytes;
    uint32_t code_page; /* of the DLL paths in the catalog */
    struct run_posting posting;
};

/* Whether programs can be run here at all. */
enum wsplsp_status run_possible(struct wsplsp_error *error);

/* What became of the run. */
struct run_result {
    uint32_t exit_code;          /* the program's */
    struct report_list unhosted; /* the children that ran without the host; to be freed */
};

/* Runs it to its end. On failure it has not run, and there is no result. */
enum wsplsp_status run_program(const struct run_request *request, struct run_result *result,
                               struct wsplsp_error *error);

/* A full path, new, for a file that a program with another current folder can name. */
enum wsplsp_status run_full_path(const char *path, char **full, struct wsplsp_error *error);

/* wsplsp's own layer, by its full path, new, for programs of 64 or 32 bits; NULL where it is not beside this program.
 */
char *run_own_layer(int bits);

#endif
