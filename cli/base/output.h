/* What a command prints is collected here: text or JSON, with what the reader's side can take. */
#ifndef WSPLSP_CLI_BASE_OUTPUT_H
#define WSPLSP_CLI_BASE_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"

struct output {
    struct buffer buffer;
    size_t width; /* columns: the terminal's, or 80 */
    bool colour;
};

#endif
