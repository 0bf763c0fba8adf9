/* The trace file: what wsplsp's layer writes about each call through it, and `wsplsp trace` reads. Public and
 * versioned: a reader takes a file whose version it knows. Everything is little endian; offsets count from where they
 * stand.
 *
 *   0            struct wsplsp_trace_header, then zeros up to header_size
 *   header_size  ring 0, ring_size bytes: struct wsplsp_trace_ring, then `capacity` records of record_size bytes
 *   ...          ring 1, and so on: as many as the file is long, at most ring_limit
 *
 * A thread writes into a ring of its own; one that ends leaves the ring, with what is in it, to a later thread. The
 * record of call number n of a ring (counted from 0) stands in slot n % capacity, so a full ring loses its oldest.
 *
 * Records are written into the mapped file itself, so that a process that is killed leaves all it had written. A record
 * is whole where `sequence` belongs to the slot and `check` to `sequence`: 2n+1 while call n is under way (what the
 * call was given is there, what came of it is not), 2n+2 when it has returned. Anything else is a record being written,
 * or none. */
#ifndef WSPLSP_TRACE_H
#define WSPLSP_TRACE_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#define WSPLSP_TRACE_MAGIC       "WSPTRACE"  /* 8 bytes, no NUL */
#define WSPLSP_TRACE_RING_MAGIC  0x52505357u /* "WSPR" */
#define WSPLSP_TRACE_VERSION     1u
#define WSPLSP_TRACE_HEADER_SIZE 65536u /* Windows maps files at multiples of 64 KiB */
#define WSPLSP_TRACE_RING_SIZE   (1u << 20)
#define WSPLSP_TRACE_RING_LIMIT  256u
#define WSPLSP_TRACE_DATA_LIMIT  4096u /* of the bytes of data in a record */
#define WSPLSP_TRACE_IMAGE       512u  /* of the program's path, in UTF-16 units */

/* What a record is about. The numbers never change; new ones are added at the end of their group. */
enum wsplsp_trace_function {
    WSPLSP_TRACE_ACCEPT = 1, /* the 30 functions of WSPPROC_TABLE, in its order */
    WSPLSP_TRACE_ADDRESS_TO_STRING,
    WSPLSP_TRACE_ASYNC_SELECT,
    WSPLSP_TRACE_BIND,
    WSPLSP_TRACE_CANCEL_BLOCKING_CALL,
    WSPLSP_TRACE_CLEANUP,
    WSPLSP_TRACE_CLOSE_SOCKET,
    WSPLSP_TRACE_CONNECT,
    WSPLSP_TRACE_DUPLICATE_SOCKET,
    WSPLSP_TRACE_ENUM_NETWORK_EVENTS,
    WSPLSP_TRACE_EVENT_SELECT,
    WSPLSP_TRACE_GET_OVERLAPPED_RESULT,
    WSPLSP_TRACE_GET_PEER_NAME,
    WSPLSP_TRACE_GET_SOCK_NAME,
    WSPLSP_TRACE_GET_SOCK_OPT,
    WSPLSP_TRACE_GET_QOS_BY_NAME,
    WSPLSP_TRACE_IOCTL,
    WSPLSP_TRACE_JOIN_LEAF,
    WSPLSP_TRACE_LISTEN,
    WSPLSP_TRACE_RECV,
    WSPLSP_TRACE_RECV_DISCONNECT,
    WSPLSP_TRACE_RECV_FROM,
    WSPLSP_TRACE_SELECT,
    WSPLSP_TRACE_SEND,
    WSPLSP_TRACE_SEND_DISCONNECT,
    WSPLSP_TRACE_SEND_TO,
    WSPLSP_TRACE_SET_SOCK_OPT,
    WSPLSP_TRACE_SHUTDOWN,
    WSPLSP_TRACE_SOCKET,
    WSPLSP_TRACE_STRING_TO_ADDRESS,
    WSPLSP_TRACE_STARTUP = 40,   /* WSPStartup itself */
    WSPLSP_TRACE_ACCEPT_EX = 50, /* the functions of SIO_GET_EXTENSION_FUNCTION_POINTER */
    WSPLSP_TRACE_CONNECT_EX,
    WSPLSP_TRACE_DISCONNECT_EX,
    WSPLSP_TRACE_TRANSMIT_FILE,
    WSPLSP_TRACE_TRANSMIT_PACKETS,
    WSPLSP_TRACE_RECV_MSG,
    WSPLSP_TRACE_SEND_MSG,
    /* What a layer asks of Winsock: recorded by a host, and only where the layer passes the id of its own entry and not
     * the chain's; each function once for each id. */
    WSPLSP_TRACE_MODIFY_IFS_HANDLE = 60,
    WSPLSP_TRACE_CREATE_SOCKET_HANDLE,
    WSPLSP_TRACE_QUERY_BLOCKING_CALLBACK,
};

/* The bits of `flags`. */
#define WSPLSP_TRACE_OVERLAPPED 0x0001u /* the call was given an OVERLAPPED */
#define WSPLSP_TRACE_ROUTINE    0x0002u /* and a completion routine */
#define WSPLSP_TRACE_PENDING    0x0004u /* it returned WSA_IO_PENDING: the completion comes later */
/* Not a call but the later completion of one: `function`, `socket` and `overlapped` are that call's, `begin` is when it
 * was made, `end` when it completed. */
#define WSPLSP_TRACE_COMPLETION 0x0008u

enum wsplsp_trace_address_kind {
    WSPLSP_TRACE_NO_ADDRESS,
    WSPLSP_TRACE_LOCAL,
    WSPLSP_TRACE_REMOTE,
};

/* `argument`, by function; unused ones are 0:
 *   WSPSocket                     family, type, protocol, dwFlags
 *   WSPSend, WSPSendTo, WSPRecv,
 *   WSPRecvFrom, WSPRecvMsg,
 *   WSASendMsg                    flags given, flags returned, buffers, -
 *   WSPGetSockOpt, WSPSetSockOpt  level, name, length (as returned), the value's first four bytes
 *   WSPIoctl                      code, bytes in, room for bytes out, -
 *   WSPListen                     backlog
 *   WSPShutdown                   how
 *   WSPAsyncSelect                window message, event bits
 *   WSPEventSelect                event bits
 *   WSPEnumNetworkEvents          event bits returned
 *   WSPSelect                     sockets to read, to write, for exceptions, milliseconds (0xFFFFFFFF: no limit);
 *                                 `socket` is the first of them
 *   WSPConnect                    bytes of caller data, bytes of callee data
 *   WSPJoinLeaf                   dwFlags
 *   WSPAccept                     whether there is a condition function
 *   WSPDuplicateSocket            the other process's id
 *   WSPGetOverlappedResult        whether to wait, flags returned
 *   WSPStartup                    version asked for, version given
 *   AcceptEx                      bytes of data, of the local address, of the remote address
 *   DisconnectEx                  dwFlags
 *   TransmitFile                  bytes to write (0: all), bytes per send, dwFlags
 *   TransmitPackets               elements, bytes per send, dwFlags
 *   WPUModifyIFSHandle,
 *   WPUCreateSocketHandle,
 *   WPUQueryBlockingCallback      id given, id of the chain that should be there (0: unknown); `provider` is the id
 *                                 given */
#define WSPLSP_TRACE_ARGUMENTS 4

struct wsplsp_trace_record {
    uint64_t sequence; /* see above; its low half is written last */
    uint64_t begin;    /* in ticks of the header's clock */
    uint64_t end;
    uint64_t socket;     /* 0: the function has none */
    uint64_t other;      /* the new socket: WSPSocket, WSPAccept, WSPJoinLeaf; AcceptEx's accept socket; else 0 */
    uint64_t overlapped; /* address of the OVERLAPPED, 0 for none: what a completion is found by */
    uint32_t asked;      /* bytes that the buffers hold; 0xFFFFFFFF: as many or more */
    uint32_t done;       /* bytes transferred, where the call itself knew */
    int32_t result;
    int32_t error; /* *lpErrno; 0 where the call succeeded */
    uint16_t function;
    uint16_t flags;
    uint16_t data_length; /* bytes of data behind this record */
    uint8_t address_kind;
    uint8_t address_length; /* the real one; no more than 28 bytes of it are kept */
    uint32_t argument[WSPLSP_TRACE_ARGUMENTS];
    uint32_t thread;
    uint32_t provider;   /* catalog id of the layer's own entry: there may be several copies in a chain */
    uint8_t address[28]; /* a SOCKADDR as Windows has it */
    uint32_t check;      /* the low half of `sequence`, every bit inverted */
};

enum wsplsp_trace_clock {
    WSPLSP_TRACE_COUNTER = 1, /* QueryPerformanceCounter itself */
    WSPLSP_TRACE_TSC = 2,     /* the processor's time-stamp counter, where it runs at one rate */
};

/* The same moment by both clocks. Two of them give the rate of the ticks; the counter is the one clock that all
 * processes of a machine share, and so puts their records in one order. */
struct wsplsp_trace_moment {
    uint64_t ticks;
    uint64_t counter; /* QueryPerformanceCounter */
};

struct wsplsp_trace_header {
    char magic[8];
    uint32_t version;
    uint32_t header_size;
    uint32_t record_size; /* 128, and room for data_bytes, rounded up to 8 */
    uint32_t ring_size;
    uint32_t ring_limit;
    uint32_t data_bytes; /* at most so many bytes of a call's data are kept; 0: none */
    uint32_t process_id;
    uint32_t bits;                        /* 64 or 32 */
    uint32_t clock;                       /* enum wsplsp_trace_clock */
    uint32_t ended;                       /* 1: the process ended; 0: it was killed, or still runs */
    uint64_t start_time;                  /* FILETIME (UTC) at moment[0] */
    uint64_t frequency;                   /* of the counter, a second */
    struct wsplsp_trace_moment moment[3]; /* [0]: at the start; [1], [2]: later ones in turn */
    uint32_t latest;                      /* which of moment[1] and [2] is the latest whole one */
    uint32_t rings;                       /* made so far; more than ring_limit: threads found none */
    uint64_t lost;                        /* calls of threads that found no ring */
    uint16_t image[WSPLSP_TRACE_IMAGE];   /* the program's path, ends in a zero */
};

struct wsplsp_trace_ring {
    uint32_t magic; /* written when the ring is ready; 0 before */
    uint32_t index;
    uint32_t capacity;
    uint32_t owner;   /* id of the thread that writes; 0: none */
    uint64_t written; /* records begun: the next one's number */
    uint8_t reserved[104];
};

static_assert(sizeof(struct wsplsp_trace_record) == 128, "the layout is the file's");
static_assert(offsetof(struct wsplsp_trace_record, function) == 64, "the layout is the file's");
static_assert(offsetof(struct wsplsp_trace_record, check) == 124, "the layout is the file's");
static_assert(offsetof(struct wsplsp_trace_header, start_time) == 48, "the layout is the file's");
static_assert(offsetof(struct wsplsp_trace_header, image) == 128, "the layout is the file's");
static_assert(sizeof(struct wsplsp_trace_header) == 1152, "the layout is the file's");
static_assert(sizeof(struct wsplsp_trace_ring) == 128, "the layout is the file's");

#endif
