/* Standard output and standard error: what they are connected to, and writing UTF-8 to them. terminal_native.c for
 * POSIX systems, terminal_win.c for Windows. */
#ifndef WSPLSP_CLI_BASE_TERMINAL_H
#define WSPLSP_CLI_BASE_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

#include "lsp-core/base/error.h"

enum terminal_stream { TERMINAL_OUT = 1, TERMINAL_ERR = 2 };

#define TERMINAL_PIPE_WIDTH 80

/* The columns of the terminal that standard output is; 0 where it is none. */
size_t terminal_width(void);
/* Whether that terminal understands colours; switches them on where a system has to be asked. */
bool terminal_colours(void);

/* Whether somebody can be asked: standard input and standard error are terminals. */
bool terminal_can_ask(void);

/* Writes all of it. A reader that has gone away is no failure: it has what it wanted. */
enum wsplsp_status terminal_write(enum terminal_stream stream, const char *bytes, size_t size,
                                  struct wsplsp_error *error);

#endif
