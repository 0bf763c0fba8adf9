/* What a filter is: a DLL that sees, and may change or refuse, what a program does with its sockets. `wsplsp run
 * --filter DLL` has wsplsp-layer.dll load it. Windows; C; the calling convention of everything here is __cdecl.
 *
 * The DLL exports one function, wsplsp_filter_start, which hands out a table of functions. The layer calls them on the
 * threads of the program and, for overlapped operations of a non-IFS layer, on its own: several at a time, each perhaps
 * for another socket, so that what they share has to be guarded. While one of them waits, so does the program, or each
 * completion of that thread. What they do with Winsock themselves comes to them as well.
 *
 * Where the layer stands in a chain several times, the filter is in the topmost place only. */
#ifndef WSPLSP_FILTER_H
#define WSPLSP_FILTER_H

#include <stdint.h>
#include <winsock2.h>

/* Of this header. The layer takes filters of this version and of earlier ones; the first is 1. */
#define WSPLSP_FILTER_VERSION 1u

/* What a filter cannot do with the sockets of a chain: bits of struct wsplsp_filter_chain's `limits`. */
/* What is received overlapped is not seen, for its completion does not pass through an IFS layer; nor is what comes
 * through AcceptEx, neither the connection nor the data. */
#define WSPLSP_FILTER_NO_OVERLAPPED_RECEIVES 0x0001u
/* What is sent overlapped can be seen and refused; it is not changed (WSPLSP_FILTER_FIXED). */
#define WSPLSP_FILTER_NO_OVERLAPPED_CHANGES 0x0002u
/* ReadFile and WriteFile on a socket are not seen: its handle is the system's own. */
#define WSPLSP_FILTER_NO_FILE_CALLS 0x0004u

/* A chain that the layer has been started in. */
struct wsplsp_filter_chain {
    uint32_t size; /* of this structure */
    uint32_t catalog_id;
    uint32_t ifs;    /* 1: the handles of its sockets are the base provider's own */
    uint32_t limits; /* above; 0 for a non-IFS layer */
    const wchar_t *name;
};

struct wsplsp_filter_address {
    int32_t length; /* at most sizeof(address) */
    struct sockaddr_storage address;
};

/* Bits of struct wsplsp_filter_data's `flags`. */
#define WSPLSP_FILTER_DATAGRAM   0x0001u /* a message, whole, and not a part of a stream */
#define WSPLSP_FILTER_PEEKED     0x0002u /* MSG_PEEK: the same data will come again */
#define WSPLSP_FILTER_OVERLAPPED 0x0004u
#define WSPLSP_FILTER_FIXED      0x0008u /* changes have no effect, a refusal has */
#define WSPLSP_FILTER_FILE       0x0010u /* TransmitFile, TransmitPackets: `bytes` is NULL, `length` is 0 */

struct wsplsp_filter_data {
    uint32_t size; /* of this structure */
    uint32_t flags;
    uint8_t *bytes;  /* the data, in one piece; may be changed */
    uint32_t length; /* of them; may be set, for a datagram that is sent and for all that is received */
    uint32_t room;   /* the most that `length` may become */
    int32_t peer_length;
    const struct sockaddr *peer; /* who a datagram is to or from, where the call says so, else NULL */
};

/* The functions; each may be NULL. `handle` is the program's own. A result that is not 0 is an error code of Winsock's:
 * what has been asked for is refused, and the program gets that error. */
struct wsplsp_filter {
    uint32_t size;    /* sizeof(struct wsplsp_filter) */
    uint32_t version; /* WSPLSP_FILTER_VERSION */
    void *context;    /* the first argument of each function */

    /* The layer has been started in a chain, before its first socket; once a chain. */
    void(__cdecl *chain)(void *context, const struct wsplsp_filter_chain *chain);

    /* A socket has been made. Refused, it is closed again. */
    int(__cdecl *socket)(void *context, SOCKET handle, int family, int type, int protocol);

    /* bind, and connect, WSAConnect or ConnectEx. The address is what goes down: it may be another one afterwards. */
    int(__cdecl *bind)(void *context, SOCKET handle, struct wsplsp_filter_address *address);
    int(__cdecl *connect)(void *context, SOCKET handle, struct wsplsp_filter_address *address);

    /* A connection has been accepted. Refused, it is closed again, and the call fails; AcceptEx fails, and its socket
     * can be closed only. `socket` has not been called for one that `accept` or WSAAccept returns. */
    int(__cdecl *accept)(void *context, SOCKET listening, SOCKET accepted, const struct wsplsp_filter_address *peer);

    /* Data before they go down, as a copy: the program's own are not changed. A stream's keep their length; of a
     * datagram the program is told that all it gave has been sent, whatever has become of it. */
    int(__cdecl *send)(void *context, SOCKET handle, struct wsplsp_filter_data *data);

    /* Data before the program sees them. The end of a stream comes as a length of 0, so that a filter that makes a
     * stream's data vanish has ended it. Refused, the data are lost, and the call or its completion fails. */
    int(__cdecl *receive)(void *context, SOCKET handle, struct wsplsp_filter_data *data);

    /* closesocket, before it is closed; afterwards only what has been received before may still come. Once more, where
     * it has failed with WSAEWOULDBLOCK. Not for sockets that the program leaves open. */
    void(__cdecl *close)(void *context, SOCKET handle);
};

/* What the layer is. */
struct wsplsp_filter_layer {
    uint32_t size;    /* of this structure */
    uint32_t version; /* the WSPLSP_FILTER_VERSION that it knows */
};

/* Called once a process, before its first socket. What it returns stays in place until the process ends, and the DLL is
 * never unloaded before. NULL: it refuses to work, and then the program does not get to run, or, in a process that it
 * starts, to make sockets. The DLL exports it as "wsplsp_filter_start". */
typedef const struct wsplsp_filter *(__cdecl *wsplsp_filter_start_function)(const struct wsplsp_filter_layer *layer);

#define WSPLSP_FILTER_START "wsplsp_filter_start"

#endif
