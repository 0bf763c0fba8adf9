/* Layers that pass the id of their own, hidden entry where an upcall wants the chain's: told to whoever develops one,
 * with --verbose and in the trace. */
#ifndef WSPLSP_CORE_HOST_API_HIDDEN_ID_H
#define WSPLSP_CORE_HOST_API_HIDDEN_ID_H

#include <stdint.h>

#include "lsp-core/win/winsock.h"
#include "wsplsp/trace.h"

/* One call of WPUModifyIFSHandle, WPUCreateSocketHandle or WPUQueryBlockingCallback. */
struct hidden_id {
    enum wsplsp_trace_function function;
    uint32_t id;
    const void *caller; /* an address in the layer */
    uint32_t chain;     /* the id that should be there; 0: the host cannot tell */
    int error;          /* what the call fails with */
};

/* The same function with the same id is told once in a process. Keeps the last error. */
void hidden_id_note(const struct hidden_id *use);

#endif
