/* A filter that a test program controls and asks, in its own process: what is to be refused or changed, and what has
 * been seen. */
#ifndef WSPLSP_TESTS_PROBE_FILTER_H
#define WSPLSP_TESTS_PROBE_FILTER_H

#include <stdbool.h>

#include "wsplsp/filter.h"

struct probe {
    /* What to answer: an error of Winsock's, or 0. */
    int refuse_socket, refuse_bind, refuse_connect, refuse_accept, refuse_send, refuse_receive;
    uint16_t bind_port, connect_port; /* to be used in the place of the program's; 0: that one stays */
    /* Of what is received or sent: the first byte is taken off, or so many dots are put behind it. */
    int shorten;
    uint32_t lengthen;
    bool overstate; /* a length that is greater than the room */

    /* What has been seen. */
    LONG starts, chains, sockets, binds, connects, accepts, sends, receives, closes;
    uint32_t layer_version;
    struct wsplsp_filter_chain chain; /* the latest */
    SOCKET handle, accepted;          /* the latest call's */
    int family, type, protocol;
    struct wsplsp_filter_address address; /* as it came */
    struct wsplsp_filter_data data;       /* as it came; `bytes` and `peer` are not to be followed */
    uint16_t peer_port;
};

/* The DLL's; the same for the whole process. */
typedef struct probe *(__cdecl *probe_get_function)(void);

#endif
