/* What the launcher learns about the children that run without the host. The messages come from the processes of the
 * run, any of which may send anything: they are data to be counted and shown, and no more. Portable. */
#ifndef WSPLSP_CORE_HOST_LAUNCH_REPORT_LIST_H
#define WSPLSP_CORE_HOST_LAUNCH_REPORT_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REPORT_NAME    48
#define REPORT_MESSAGE 256
#define REPORT_LIMIT   1000 /* processes that are remembered; the others are only counted */

enum report_kind {
    REPORT_UNHOSTED = 1, /* the process runs without the host; why is in `code`, `name` and `message` */
    REPORT_SUSPENDED,    /* its program has made it suspended: it gets the host when it is let go */
    REPORT_SETTLED,      /* it has got the host, or never ran */
};

/* One message, the same in 32-bit and 64-bit processes. */
struct report_message {
    uint32_t kind;
    uint32_t process;
    uint32_t code; /* as in struct wsplsp_error, as are the next two */
    char name[REPORT_NAME];
    char message[REPORT_MESSAGE];
};

struct report_list {
    struct report_message *entries; /* of the kinds REPORT_UNHOSTED and REPORT_SUSPENDED */
    size_t count;
    size_t room;
    uint32_t left_out; /* beyond REPORT_LIMIT, or for want of memory */
};

/* Takes what has arrived. Texts are cut to their room, and have no control characters afterwards. */
void report_list_take(struct report_list *list, const void *bytes, size_t size);

/* Nothing more comes: what is suspended still was not let go by the process that made it. */
void report_list_close(struct report_list *list);

void report_list_free(struct report_list *list);

#endif
