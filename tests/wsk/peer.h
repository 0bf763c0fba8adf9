/* The other side of the driver's connections: listeners in this process, on the loopback addresses. */
#ifndef WSPLSP_TESTS_PEER_H
#define WSPLSP_TESTS_PEER_H

#include <winsock2.h>
#include <ws2tcpip.h>

#include <stdint.h>

enum peer_manner {
    PEER_ECHO,    /* sends back what comes */
    PEER_CORRUPT, /* the same, with bit 0 of the byte at `offset` turned over */
    PEER_STOP,    /* sends back the first `offset` bytes, then ends the connection */
    PEER_SILENT,  /* takes what comes and says nothing */
    PEER_FULL,    /* accepts nothing, and has no room for one more: connecting to it hangs */
    PEER_HOLDING, /* takes a byte from each of up to 64 connections, and holds them until peer_stop */
    PEER_REFUSING /* has the port but does not listen */
};

struct peer {
    int family;
    enum peer_manner manner;
    uint32_t offset;
    uint16_t port;
    SOCKET listener;
    HANDLE thread;
    SOCKET held[64]; /* to be closed at the end */
    int held_count;
    volatile LONG accepted; /* connections */
    volatile LONG ended;    /* of these, ended by the other side, without an error */
    uint32_t received;      /* bytes of the latest connection */
    uint32_t received_crc32;
};

/* False where it could not be set up. */
BOOL peer_start(struct peer *peer, int family, enum peer_manner manner, uint32_t offset);
void peer_stop(struct peer *peer);

/* Until so many connections have been `accepted` or `ended`; false after 20 s. What the driver has done, the peer may
 * still have to see. */
BOOL peer_wait_for(const volatile LONG *count, LONG wanted);

/* CRC-32 bit by bit, which shares nothing with the driver's. */
uint32_t peer_crc32(uint32_t crc, const uint8_t *data, uint32_t size);

#endif
