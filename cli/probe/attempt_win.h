/* One connection of a probe, by any way, in a thread of its own: a layer may keep a call for ever. */
#ifndef WSPLSP_CLI_PROBE_ATTEMPT_WIN_H
#define WSPLSP_CLI_PROBE_ATTEMPT_WIN_H

#include <winsock2.h>
#include <ws2tcpip.h>

#include "report.h"

struct probe_attempt {
    /* What is wanted. */
    enum probe_way way;
    bool named; /* `entry` is the one to make the socket of; else the catalog's choice */
    WSAPROTOCOL_INFOW entry;
    SOCKADDR_STORAGE address; /* with the port */
    int address_size;
    uint32_t timeout;    /* milliseconds */
    unsigned char *send; /* its own */
    size_t send_size;    /* 0: only connect */
    size_t receive_size; /* PROBE_KERNEL: how long the answer is, by what another way got */
    /* What came of it. */
    bool succeeded;
    bool broken; /* the driver failed, not the connection: `failure` says how */
    bool connected;
    uint64_t connect_time; /* nanoseconds */
    struct probe_failure failure;
    unsigned char *answer; /* new; NULL unless something was sent */
    size_t answer_size;
    bool answer_ended;
};

/* Makes the attempt. False where it did not come back in time: `attempt` and what it points to must stay for ever then,
 * and Winsock must not be cleaned up. */
bool probe_attempt_make(struct probe_attempt *attempt);

#endif
