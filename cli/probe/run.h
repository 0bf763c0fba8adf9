/* Makes the connections of a probe: run_win.c; run_native.c can only refuse. */
#ifndef WSPLSP_CLI_PROBE_RUN_H
#define WSPLSP_CLI_PROBE_RUN_H

#include "report.h"
#include "lsp-core/base/error.h"

struct probe_request {
    const char *host;
    uint16_t port;
    uint32_t timeout; /* milliseconds, of each connection, and once more for the answer */
    uint32_t count;   /* tries of each way */
    bool each_layer;
    const unsigned char *send; /* NULL: only connect */
    size_t send_size;
};

/* `*report` is new. That a connection fails is no error. */
enum wsplsp_status probe_run(const struct probe_request *request, struct probe_report **report,
                             struct wsplsp_error *error);

#endif
