/* What wsplsp.exe and the driver wsplsp-wsk.sys say to each other: the requests of the device WSPLSP_WSK_DEVICE and
 * their answers. Both sides include this file, so it needs nothing but stdint.h; no structure holds a pointer or
 * padding.
 *
 * Every request is one DeviceIoControl with a structure that starts with struct wsplsp_wsk_header, and so does every
 * answer. The call itself fails where the request could not be carried out as asked:
 * STATUS_INFO_LENGTH_MISMATCH (ERROR_BAD_LENGTH: not the structure's size), STATUS_REVISION_MISMATCH
 * (ERROR_REVISION_MISMATCH), STATUS_INVALID_PARAMETER, STATUS_BUFFER_TOO_SMALL (ERROR_INSUFFICIENT_BUFFER: no room for
 * the answer), STATUS_CANCELLED (ERROR_OPERATION_ABORTED), STATUS_INSUFFICIENT_RESOURCES, STATUS_DELETE_PENDING (the
 * driver is about to be unloaded). What the network said is no failure of the
 * call: the call succeeds then, and the answer holds the NTSTATUS of each step.
 *
 * A request that takes long can be cancelled (CancelIoEx, CloseHandle); its connections are closed before it ends. Only
 * administrators and the system may open the device. */
#ifndef WSPLSP_WSK_DEVICE_H
#define WSPLSP_WSK_DEVICE_H

#include <stdint.h>

#define WSPLSP_WSK_DEVICE  L"\\\\.\\wsplsp-wsk" /* for CreateFile, with GENERIC_READ | GENERIC_WRITE */
#define WSPLSP_WSK_SERVICE L"wsplsp-wsk"        /* the service of the driver: SERVICE_KERNEL_DRIVER, demand start */
#define WSPLSP_WSK_FILE    L"wsplsp-wsk.sys"

/* Changes whenever a structure or a meaning does; the driver refuses another version (STATUS_REVISION_MISMATCH). */
#define WSPLSP_WSK_VERSION 1

/* CTL_CODE: a device type of the vendors' range, the access FILE_READ_DATA | FILE_WRITE_DATA, METHOD_BUFFERED. */
#define WSPLSP_WSK_DEVICE_TYPE    0x9c57u
#define WSPLSP_WSK_CODE(function) (WSPLSP_WSK_DEVICE_TYPE << 16 | 3u << 14 | (0x800u + (function)) << 2)

#define WSPLSP_WSK_STATUS     WSPLSP_WSK_CODE(0) /* header → struct wsplsp_wsk_status */
#define WSPLSP_WSK_CONNECT    WSPLSP_WSK_CODE(1) /* struct wsplsp_wsk_connect → struct wsplsp_wsk_connected */
#define WSPLSP_WSK_ECHO       WSPLSP_WSK_CODE(2) /* struct wsplsp_wsk_echo + data → struct wsplsp_wsk_echoed + data */
#define WSPLSP_WSK_TRANSPORTS WSPLSP_WSK_CODE(3) /* header → struct wsplsp_wsk_transports */

enum {
    WSPLSP_WSK_COUNT_MAX = 10000,        /* connections of one request */
    WSPLSP_WSK_TIMEOUT_MAX = 600 * 1000, /* milliseconds */
    WSPLSP_WSK_DATA_MAX = 64 * 1024,     /* bytes of the caller's own in a request, or of the peer's in an answer */
    WSPLSP_WSK_TRAFFIC_MAX = 64 * 1024 * 1024, /* bytes that one echo sends or receives */
    WSPLSP_WSK_TRANSPORTS_MAX = 64,
    WSPLSP_WSK_REQUESTS_MAX = 64, /* in flight; another one fails with STATUS_INSUFFICIENT_RESOURCES */
};

/* The first member of every structure that crosses. */
struct wsplsp_wsk_header {
    uint32_t version; /* WSPLSP_WSK_VERSION */
    uint32_t size;    /* bytes of the structure, with any array or data that follows it */
};

/* An IPv4 or IPv6 address with its port. */
struct wsplsp_wsk_address {
    uint16_t family;     /* 2 (AF_INET) or 23 (AF_INET6), on either side and everywhere */
    uint16_t port;       /* in the host's byte order */
    uint32_t scope_id;   /* IPv6: the interface of a link-local address; else 0 */
    uint8_t address[16]; /* in network byte order; IPv4 uses the first 4 bytes, the others are 0 */
};

/* How a connection was made. */
enum wsplsp_wsk_implementation {
    WSPLSP_WSK_ANY = 0, /* in a request: the provider's where it has one, else the driver's; in an answer: none yet */
    WSPLSP_WSK_PROVIDER = 1, /* the provider's own WskSocketConnect; in a request: that or STATUS_NOT_IMPLEMENTED */
    WSPLSP_WSK_OWN = 2,      /* the driver's, of WskSocket, WskBind and WskConnect */
};

/* The steps of a connection, in order. Through the provider's WskSocketConnect, WSPLSP_WSK_STEP_CONNECT is all of the
 * first three. */
enum wsplsp_wsk_step {
    WSPLSP_WSK_STEP_SOCKET = 0,
    WSPLSP_WSK_STEP_BIND = 1,
    WSPLSP_WSK_STEP_CONNECT = 2,
    WSPLSP_WSK_STEP_SEND = 3,
    WSPLSP_WSK_STEP_RECEIVE = 4,
    WSPLSP_WSK_STEP_DISCONNECT = 5,
    WSPLSP_WSK_STEP_CLOSE = 6,
    WSPLSP_WSK_STEPS = 7,
    WSPLSP_WSK_STEP_NONE = 255,
};

/* One connection from WskSocket to WskCloseSocket. */
struct wsplsp_wsk_attempt {
    int32_t status;          /* NTSTATUS: STATUS_SUCCESS, STATUS_CONNECTION_REFUSED, STATUS_IO_TIMEOUT (no answer in the
                              * request's time), … */
    uint32_t failed_step;    /* enum wsplsp_wsk_step; WSPLSP_WSK_STEP_NONE where all went well */
    uint32_t implementation; /* enum wsplsp_wsk_implementation */
    uint32_t steps_taken;    /* bit 1 << step for each step with a time below. A provider without WskDisconnect (Wine 8)
                              * is no failure: the step is missing then */
    uint64_t total_ns;       /* nanoseconds, from the first step's start to the last one's end */
    uint64_t step_ns[WSPLSP_WSK_STEPS]; /* nanoseconds; those of all sends, and of all receives, added up */
};

/* Who is there? */
struct wsplsp_wsk_status {
    struct wsplsp_wsk_header header;
    char driver_version[16]; /* "0.1.0", zero-padded */
    uint16_t wsk_version;    /* of the WSK NPI, as the provider gave it: major << 8 | minor */
    uint16_t reserved0;      /* 0 */
    uint32_t implementation; /* enum wsplsp_wsk_implementation: what the latest connection used; ANY before the first */
    uint32_t requests;       /* requests in flight, without this one */
    uint32_t sockets;        /* WSK sockets that the driver has open */
    uint32_t allocations;    /* blocks of memory that the driver holds, and its IRPs */
    uint32_t reserved;       /* 0 */
    uint64_t connections;    /* tried since the driver was loaded */
};

/* Connects `count` times, one after the other, and closes each connection at once. */
struct wsplsp_wsk_connect {
    struct wsplsp_wsk_header header;
    struct wsplsp_wsk_address local; /* all zero but the family: any */
    struct wsplsp_wsk_address remote;
    uint16_t socket_type;    /* 1 (SOCK_STREAM) */
    uint16_t reserved;       /* 0 */
    uint32_t protocol;       /* 6 (IPPROTO_TCP) */
    uint32_t flags;          /* goes to WskSocketConnect as its Flags, which the reference reserves: 0 */
    uint32_t implementation; /* enum wsplsp_wsk_implementation */
    uint32_t timeout_ms;     /* for each connection, from 1 to WSPLSP_WSK_TIMEOUT_MAX */
    uint32_t count;          /* from 1 to WSPLSP_WSK_COUNT_MAX; the answer needs room for as many attempts */
};

struct wsplsp_wsk_connected {
    struct wsplsp_wsk_header header;
    uint32_t count;    /* attempts that follow: as many as asked for */
    uint32_t reserved; /* 0 */
    struct wsplsp_wsk_attempt attempts[];
};

/* Connects, sends, receives until it has `receive_size` bytes or the peer has ended its side, disconnects, closes.
 * With data_size 0 it sends send_size bytes of wsplsp_wsk_pattern, by turns with receiving, so that an echo of any size
 * gets through; otherwise the data_size (= send_size) bytes behind the request, before it receives any. */
struct wsplsp_wsk_echo {
    struct wsplsp_wsk_header header; /* its size is that of the structure and of the data */
    struct wsplsp_wsk_address local;
    struct wsplsp_wsk_address remote;
    uint32_t implementation; /* enum wsplsp_wsk_implementation */
    uint32_t timeout_ms;     /* for all of it, from 1 to WSPLSP_WSK_TIMEOUT_MAX */
    uint32_t send_size;      /* up to WSPLSP_WSK_TRAFFIC_MAX */
    uint32_t receive_size;   /* up to WSPLSP_WSK_TRAFFIC_MAX */
    uint32_t data_size;      /* 0, or send_size, then up to WSPLSP_WSK_DATA_MAX */
    uint32_t seed;           /* of wsplsp_wsk_pattern */
};

#define WSPLSP_WSK_NO_DIFFERENCE UINT32_MAX

struct wsplsp_wsk_echoed {
    struct wsplsp_wsk_header header;
    struct wsplsp_wsk_attempt attempt;
    uint32_t sent;           /* bytes that the provider took */
    uint32_t received;       /* bytes that came; less than asked for where the peer ended first */
    uint32_t sent_crc32;     /* CRC-32 (ISO-HDLC, as zlib's) of these bytes */
    uint32_t received_crc32; /* CRC-32 of the bytes that came */
    uint32_t differs_at; /* offset of the first byte that did not come back as it was sent (bytes past what was sent, or
                          * missing, do not count); WSPLSP_WSK_NO_DIFFERENCE */
    uint32_t data_size;  /* bytes that follow: the first ones received, as far as the caller's buffer has room, up to
                          * WSPLSP_WSK_DATA_MAX */
};

/* One combination of address family, socket type and protocol. */
struct wsplsp_wsk_transport {
    uint16_t family;         /* 2, 23, … */
    uint16_t socket_type;    /* 1 SOCK_STREAM, 2 SOCK_DGRAM, 3 SOCK_RAW */
    uint32_t protocol;       /* 6, 17, … */
    uint32_t version;        /* of the list: the transport's own; found by trying: 0 */
    uint32_t reserved;       /* 0 */
    uint8_t provider_id[16]; /* of the list: the GUID as in memory; found by trying: zeros */
};

enum wsplsp_wsk_transport_source {
    WSPLSP_WSK_LISTED = 1, /* WskControlClient, WSK_TRANSPORT_LIST_QUERY */
    WSPLSP_WSK_TRIED = 2,  /* the provider has no list; it made a socket of each of these */
};

struct wsplsp_wsk_transports {
    struct wsplsp_wsk_header header;
    uint32_t source;      /* enum wsplsp_wsk_transport_source */
    int32_t query_status; /* NTSTATUS of the list query */
    uint32_t total;       /* transports there are */
    uint32_t count;       /* transports that follow: those that fit, up to WSPLSP_WSK_TRANSPORTS_MAX */
    struct wsplsp_wsk_transport transports[];
};

/* The byte at `offset` of what an echo sends: unlike its neighbours, and no power of two apart from its like. */
static inline uint8_t wsplsp_wsk_pattern(uint32_t seed, uint32_t offset)
{
    uint32_t word = (seed ^ offset) * 2654435761u;
    word ^= word >> 15;
    word *= 2246822519u;
    return (uint8_t)(word >> 24 ^ word);
}

_Static_assert(sizeof(struct wsplsp_wsk_address) == 24, "no padding");
_Static_assert(sizeof(struct wsplsp_wsk_attempt) == 24 + 8 * WSPLSP_WSK_STEPS, "no padding");
_Static_assert(sizeof(struct wsplsp_wsk_status) == 56, "no padding");
_Static_assert(sizeof(struct wsplsp_wsk_connect) == 80, "no padding");
_Static_assert(sizeof(struct wsplsp_wsk_connected) == 16, "no padding");
_Static_assert(sizeof(struct wsplsp_wsk_echo) == 80, "no padding");
_Static_assert(sizeof(struct wsplsp_wsk_echoed) == 112, "no padding");
_Static_assert(sizeof(struct wsplsp_wsk_transport) == 32, "no padding");
_Static_assert(sizeof(struct wsplsp_wsk_transports) == 24, "no padding");

#endif
