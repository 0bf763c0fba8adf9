/* What the requests that take time do, each in a thread of its own. The buffer is METHOD_BUFFERED's: the request on
 * entry, checked by request_check; the answer on return. IRQL PASSIVE_LEVEL. */
#ifndef WSPLSP_CORE_WSK_WORK_H
#define WSPLSP_CORE_WSK_WORK_H

#include "nt.h"

struct work {
    void *buffer;
    SIZE_T output_size; /* room for the answer */
    SIZE_T answer_size; /* set by the work: bytes of the answer */
    PKEVENT cancel;     /* a notification event: stop */
};

/* The status of the whole request. */
typedef NTSTATUS work_routine(struct work *work);

work_routine work_connect;
work_routine work_echo;
work_routine work_transports;

#endif
