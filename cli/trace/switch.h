/* The trace of an installed layer: which programs write one, and where. switch_win.c for Windows, where it is
 * kept in the registry (wsplsp/layer.h); switch_native.c where there is none. */
#ifndef WSPLSP_CLI_TRACE_SWITCH_H
#define WSPLSP_CLI_TRACE_SWITCH_H

#include <stddef.h>
#include <stdint.h>

#include "lsp-core/base/error.h"

struct trace_switch {
    char **programs; /* file names or full paths, ours */
    size_t program_count;
    char *folder; /* NULL: not set */
    uint32_t data_bytes;
    char *note; /* what had to be done for the folder, a sentence a line; NULL: nothing */
};

enum wsplsp_status trace_switch_read(struct trace_switch *settings, struct wsplsp_error *error);

/* Makes the folder, or makes sure that it is safe, and keeps the settings. NULL for the folder is the usual one, which
 * is then put into `settings`. Nothing is left behind where it fails. */
enum wsplsp_status trace_switch_write(struct trace_switch *settings, struct wsplsp_error *error);

/* Forgets all settings. */
enum wsplsp_status trace_switch_clear(struct wsplsp_error *error);

void trace_switch_free(struct trace_switch *settings);

#endif
