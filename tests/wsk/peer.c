/* Listeners for the driver to connect to. */
#include "peer.h"

#include <stdbool.h>
#include <stdio.h>

union address {
    struct sockaddr any;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
};

static int loopback(int family, uint16_t port, union address *address)
{
    memset(address, 0, sizeof *address);
    address->any.sa_family = (unsigned short)family;
    if (family == AF_INET) {
        address->in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address->in.sin_port = htons(port);
        return sizeof address->in;
    }
    address->in6.sin6_addr.s6_addr[15] = 1;
    address->in6.sin6_port = htons(port);
    return sizeof address->in6;
}

uint32_t peer_crc32(uint32_t crc, const uint8_t *data, uint32_t size)
{
    crc = ~crc;
    for (uint32_t i = 0; i < size; i++) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
    }
    return ~crc;
}

static bool send_all(SOCKET socket, const char *data, int size)
{
    for (int at = 0; at < size;) {
        int done = send(socket, data + at, size - at, 0);
        if (done <= 0)
            return false;
        at += done;
    }
    return true;
}

/* One piece of what came, sent back as the peer's manner is. False: the connection is to be ended. */
static bool answer(const struct peer *peer, SOCKET socket, char *data, int size)
{
    uint32_t begin = peer->received - (uint32_t)size;
    if (peer->manner == PEER_SILENT)
        return true;
    if (peer->manner == PEER_CORRUPT && peer->offset >= begin && peer->offset < peer->received)
        data[peer->offset - begin] ^= 1;
    if (peer->manner == PEER_STOP && peer->received >= peer->offset) {
        send_all(socket, data, (int)(peer->offset - begin));
        shutdown(socket, SD_SEND);
        while (recv(socket, data, size, 0) > 0)
            ;
        return false;
    }
    return send_all(socket, data, size);
}

static void serve(struct peer *peer, SOCKET socket)
{
    static char buffer[65536];
    int size;
    peer->received = 0;
    peer->received_crc32 = 0;
    while ((size = recv(socket, buffer, sizeof buffer, 0)) > 0) {
        peer->received += (uint32_t)size;
        peer->received_crc32 = peer_crc32(peer->received_crc32, (uint8_t *)buffer, (uint32_t)size);
        if (!answer(peer, socket, buffer, size))
            break;
    }
    closesocket(socket);
    if (size >= 0)
        InterlockedIncrement(&peer->ended);
}

static void hold(struct peer *peer, SOCKET socket)
{
    char byte;
    if (recv(socket, &byte, 1, 0) == 1 && peer->held_count < (int)(sizeof peer->held / sizeof peer->held[0]))
        peer->held[peer->held_count++] = socket;
    else
        closesocket(socket);
}

static DWORD WINAPI accept_all(void *context)
{
    struct peer *peer = context;
    for (;;) {
        SOCKET socket = accept(peer->listener, NULL, NULL);
        if (socket == INVALID_SOCKET)
            return 0;
        if (peer->manner == PEER_HOLDING)
            hold(peer, socket);
        InterlockedIncrement(&peer->accepted);
        if (peer->manner != PEER_HOLDING)
            serve(peer, socket);
    }
}

/* Connects until a connection hangs: the queue is full then. */
static bool fill(struct peer *peer)
{
    union address address;
    int size = loopback(peer->family, peer->port, &address);
    while (peer->held_count < (int)(sizeof peer->held / sizeof peer->held[0])) {
        SOCKET socket = WSASocketW(peer->family, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED);
        peer->held[peer->held_count++] = socket;
        u_long on = 1;
        ioctlsocket(socket, FIONBIO, &on);
        connect(socket, &address.any, size);
        fd_set writable;
        FD_ZERO(&writable);
        FD_SET(socket, &writable);
        if (select(0, NULL, &writable, NULL, &(struct timeval){0, 500000}) == 0)
            return true;
    }
    return false;
}

BOOL peer_start(struct peer *peer, int family, enum peer_manner manner, uint32_t offset)
{
    memset(peer, 0, sizeof *peer);
    peer->family = family;
    peer->manner = manner;
    peer->offset = offset;
    peer->listener = WSASocketW(family, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED);
    union address address;
    int size = loopback(family, 0, &address);
    if (bind(peer->listener, &address.any, size) != 0 || getsockname(peer->listener, &address.any, &size) != 0)
        return FALSE;
    peer->port = ntohs(family == AF_INET ? address.in.sin_port : address.in6.sin6_port);
    if (manner == PEER_REFUSING)
        return TRUE;
    if (listen(peer->listener, manner == PEER_FULL ? 1 : SOMAXCONN) != 0)
        return FALSE;
    if (manner == PEER_FULL)
        return fill(peer);
    peer->thread = CreateThread(NULL, 0, accept_all, peer, 0, NULL);
    return peer->thread != NULL;
}

void peer_stop(struct peer *peer)
{
    closesocket(peer->listener);
    if (peer->thread != NULL) {
        WaitForSingleObject(peer->thread, 20000);
        CloseHandle(peer->thread);
    }
    for (int i = 0; i < peer->held_count; i++)
        closesocket(peer->held[i]);
}

BOOL peer_wait_for(const volatile LONG *count, LONG wanted)
{
    for (ULONGLONG end = GetTickCount64() + 20000; *count < wanted && GetTickCount64() < end; Sleep(10))
        ;
    return *count >= wanted;
}
