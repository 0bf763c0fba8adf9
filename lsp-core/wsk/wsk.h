/* The declarations of Winsock Kernel (the WDK's wsk.h) that MinGW-w64 lacks, as far as a client with
 * connection-oriented sockets needs them. Each one follows its page in Microsoft's reference, which has the name that
 * stands here; layouts are checked below for x64, the only machine wsplsp-wsk.sys is built for.
 *
 * Include the kernel's own declarations (ntifs.h) first. */
#ifndef WSPLSP_CORE_WSK_WSK_H
#define WSPLSP_CORE_WSK_WSK_H

#define WSKAPI NTAPI

/* --- socket addresses (ws2def.h, ws2ipdef.h: SOCKADDR, SOCKADDR_IN, SOCKADDR_IN6, SOCKADDR_STORAGE) --- */

#define AF_UNSPEC 0
#define AF_INET   2
#define AF_INET6  23

#define SOCK_STREAM 1
#define SOCK_DGRAM  2
#define SOCK_RAW    3

#define IPPROTO_ICMP   1
#define IPPROTO_TCP    6
#define IPPROTO_UDP    17
#define IPPROTO_ICMPV6 58

typedef USHORT ADDRESS_FAMILY;

typedef struct sockaddr {
    ADDRESS_FAMILY sa_family;
    CHAR sa_data[14];
} SOCKADDR, *PSOCKADDR;

typedef struct sockaddr_in {
    ADDRESS_FAMILY sin_family;
    USHORT sin_port; /* network byte order, as the address */
    UCHAR sin_addr[4];
    CHAR sin_zero[8];
} SOCKADDR_IN, *PSOCKADDR_IN;

typedef struct sockaddr_in6 {
    ADDRESS_FAMILY sin6_family;
    USHORT sin6_port;
    ULONG sin6_flowinfo;
    UCHAR sin6_addr[16];
    ULONG sin6_scope_id;
} SOCKADDR_IN6, *PSOCKADDR_IN6;

typedef struct sockaddr_storage {
    ADDRESS_FAMILY ss_family;
    CHAR ss_pad1[6];
    LONGLONG ss_align;
    CHAR ss_pad2[112];
} SOCKADDR_STORAGE, *PSOCKADDR_STORAGE;

/* --- versions: WSK_CLIENT_DISPATCH, WSK_PROVIDER_CHARACTERISTICS --- */

#define MAKE_WSK_VERSION(major, minor) ((USHORT)((major) << 8 | ((minor)&0xff)))
#define WSK_MAJOR_VERSION(version)     ((UCHAR)((version) >> 8))
#define WSK_MINOR_VERSION(version)     ((UCHAR)(version))

/* --- flags and codes --- */

/* WskSocket: the socket's category */
#define WSK_FLAG_BASIC_SOCKET      0x00000000
#define WSK_FLAG_LISTEN_SOCKET     0x00000001
#define WSK_FLAG_CONNECTION_SOCKET 0x00000002
#define WSK_FLAG_DATAGRAM_SOCKET   0x00000004
#define WSK_FLAG_STREAM_SOCKET     0x00000008

/* WskDisconnect, WskSend, WskReceive, the event callbacks */
#define WSK_FLAG_ABORTIVE          0x00000001
#define WSK_FLAG_NODELAY           0x00000002
#define WSK_FLAG_WAITALL           0x00000002
#define WSK_FLAG_DRAIN             0x00000004
#define WSK_FLAG_RELEASE_ASAP      0x00000002
#define WSK_FLAG_ENTIRE_MESSAGE    0x00000004
#define WSK_FLAG_AT_DISPATCH_LEVEL 0x00000008

/* WskCaptureProviderNPI */
#define WSK_NO_WAIT       0u
#define WSK_INFINITE_WAIT 0xffffffffu

/* WskControlClient */
#define WSK_TRANSPORT_LIST_QUERY       2
#define WSK_TRANSPORT_LIST_CHANGE      3
#define WSK_CACHE_SD                   4
#define WSK_RELEASE_SD                 5
#define WSK_TDI_DEVICENAME_MAPPING     6
#define WSK_SET_STATIC_EVENT_CALLBACKS 7
#define WSK_TDI_BEHAVIOR               8

typedef enum { /* WskControlSocket */
               WskSetOption,
               WskGetOption,
               WskIoctl,
               WskControlMax
} WSK_CONTROL_SOCKET_TYPE;

/* --- objects and data --- */

typedef struct WSK_CLIENT WSK_CLIENT, *PWSK_CLIENT; /* opaque */

typedef struct _WSK_SOCKET {
    const VOID *Dispatch; /* for a connection-oriented socket: WSK_PROVIDER_CONNECTION_DISPATCH */
} WSK_SOCKET, *PWSK_SOCKET;

typedef struct _WSK_BUF {
    PMDL Mdl;
    ULONG Offset;
    SIZE_T Length;
} WSK_BUF, *PWSK_BUF;

typedef struct _WSK_DATA_INDICATION {
    struct _WSK_DATA_INDICATION *Next;
    WSK_BUF Buffer;
} WSK_DATA_INDICATION, *PWSK_DATA_INDICATION;

typedef struct _WSK_TRANSPORT {
    USHORT Version;
    USHORT SocketType;
    ULONG Protocol;
    ADDRESS_FAMILY AddressFamily;
    GUID ProviderId;
} WSK_TRANSPORT, *PWSK_TRANSPORT;

/* --- event callbacks: WSK_CLIENT_CONNECTION_DISPATCH --- */

typedef NTSTATUS(WSKAPI *PFN_WSK_RECEIVE_EVENT)(PVOID SocketContext, ULONG Flags, PWSK_DATA_INDICATION DataIndication,
                                                SIZE_T BytesIndicated, SIZE_T *BytesAccepted);
typedef NTSTATUS(WSKAPI *PFN_WSK_DISCONNECT_EVENT)(PVOID SocketContext, ULONG Flags);
typedef NTSTATUS(WSKAPI *PFN_WSK_SEND_BACKLOG_EVENT)(PVOID SocketContext, SIZE_T IdealBacklogSize);

typedef struct _WSK_CLIENT_CONNECTION_DISPATCH {
    PFN_WSK_RECEIVE_EVENT WskReceiveEvent;
    PFN_WSK_DISCONNECT_EVENT WskDisconnectEvent;
    PFN_WSK_SEND_BACKLOG_EVENT WskSendBacklogEvent;
} WSK_CLIENT_CONNECTION_DISPATCH, *PWSK_CLIENT_CONNECTION_DISPATCH;

/* --- a socket's functions: WSK_PROVIDER_BASIC_DISPATCH, WSK_PROVIDER_CONNECTION_DISPATCH --- */

typedef NTSTATUS(WSKAPI *PFN_WSK_CONTROL_SOCKET)(PWSK_SOCKET Socket, WSK_CONTROL_SOCKET_TYPE RequestType,
                                                 ULONG ControlCode, ULONG Level, SIZE_T InputSize, PVOID InputBuffer,
                                                 SIZE_T OutputSize, PVOID OutputBuffer, SIZE_T *OutputSizeReturned,
                                                 PIRP Irp);
typedef NTSTATUS(WSKAPI *PFN_WSK_CLOSE_SOCKET)(PWSK_SOCKET Socket, PIRP Irp);
typedef NTSTATUS(WSKAPI *PFN_WSK_BIND)(PWSK_SOCKET Socket, PSOCKADDR LocalAddress, ULONG Flags, PIRP Irp);
typedef NTSTATUS(WSKAPI *PFN_WSK_CONNECT)(PWSK_SOCKET Socket, PSOCKADDR RemoteAddress, ULONG Flags, PIRP Irp);
typedef NTSTATUS(WSKAPI *PFN_WSK_GET_LOCAL_ADDRESS)(PWSK_SOCKET Socket, PSOCKADDR LocalAddress, PIRP Irp);
typedef NTSTATUS(WSKAPI *PFN_WSK_GET_REMOTE_ADDRESS)(PWSK_SOCKET Socket, PSOCKADDR RemoteAddress, PIRP Irp);
typedef NTSTATUS(WSKAPI *PFN_WSK_SEND)(PWSK_SOCKET Socket, PWSK_BUF Buffer, ULONG Flags, PIRP Irp);
typedef NTSTATUS(WSKAPI *PFN_WSK_RECEIVE)(PWSK_SOCKET Socket, PWSK_BUF Buffer, ULONG Flags, PIRP Irp);
typedef NTSTATUS(WSKAPI *PFN_WSK_DISCONNECT)(PWSK_SOCKET Socket, PWSK_BUF Buffer, ULONG Flags, PIRP Irp);
typedef NTSTATUS(WSKAPI *PFN_WSK_RELEASE_DATA_INDICATION_LIST)(PWSK_SOCKET Socket, PWSK_DATA_INDICATION DataIndication);
typedef NTSTATUS(WSKAPI *PFN_WSK_CONNECT_EX)(PWSK_SOCKET Socket, PSOCKADDR RemoteAddress, PWSK_BUF Buffer, ULONG Flags,
                                             PIRP Irp);

typedef struct _WSK_PROVIDER_BASIC_DISPATCH {
    PFN_WSK_CONTROL_SOCKET WskControlSocket;
    PFN_WSK_CLOSE_SOCKET WskCloseSocket;
} WSK_PROVIDER_BASIC_DISPATCH, *PWSK_PROVIDER_BASIC_DISPATCH;

typedef struct _WSK_PROVIDER_CONNECTION_DISPATCH {
    WSK_PROVIDER_BASIC_DISPATCH Basic; /* unnamed in the WDK; the page names it */
    PFN_WSK_BIND WskBind;
    PFN_WSK_CONNECT WskConnect;
    PFN_WSK_GET_LOCAL_ADDRESS WskGetLocalAddress;
    PFN_WSK_GET_REMOTE_ADDRESS WskGetRemoteAddress;
    PFN_WSK_SEND WskSend;
    PFN_WSK_RECEIVE WskReceive;
    PFN_WSK_DISCONNECT WskDisconnect;
    PFN_WSK_RELEASE_DATA_INDICATION_LIST WskRelease;
    PFN_WSK_CONNECT_EX WskConnectEx;
    PVOID WskSendEx; /* reserved for system use */
    PVOID WskReceiveEx;
} WSK_PROVIDER_CONNECTION_DISPATCH, *PWSK_PROVIDER_CONNECTION_DISPATCH;

/* --- the provider's functions: WSK_PROVIDER_DISPATCH --- */

typedef NTSTATUS(WSKAPI *PFN_WSK_SOCKET)(PWSK_CLIENT Client, ADDRESS_FAMILY AddressFamily, USHORT SocketType,
                                         ULONG Protocol, ULONG Flags, PVOID SocketContext, const VOID *Dispatch,
                                         PEPROCESS OwningProcess, PETHREAD OwningThread,
                                         PSECURITY_DESCRIPTOR SecurityDescriptor, PIRP Irp);
typedef NTSTATUS(WSKAPI *PFN_WSK_SOCKET_CONNECT)(PWSK_CLIENT Client, USHORT SocketType, ULONG Protocol,
                                                 PSOCKADDR LocalAddress, PSOCKADDR RemoteAddress, ULONG Flags,
                                                 PVOID SocketContext, const WSK_CLIENT_CONNECTION_DISPATCH *Dispatch,
                                                 PEPROCESS OwningProcess, PETHREAD OwningThread,
                                                 PSECURITY_DESCRIPTOR SecurityDescriptor, PIRP Irp);
typedef NTSTATUS(WSKAPI *PFN_WSK_CONTROL_CLIENT)(PWSK_CLIENT Client, ULONG ControlCode, SIZE_T InputSize,
                                                 PVOID InputBuffer, SIZE_T OutputSize, PVOID OutputBuffer,
                                                 SIZE_T *OutputSizeReturned, PIRP Irp);

typedef struct _WSK_PROVIDER_DISPATCH {
    USHORT Version;
    USHORT Reserved;
    PFN_WSK_SOCKET WskSocket;
    PFN_WSK_SOCKET_CONNECT WskSocketConnect;
    PFN_WSK_CONTROL_CLIENT WskControlClient;
    PVOID WskGetAddressInfo; /* since Windows 7, as the next two; not used here */
    PVOID WskFreeAddressInfo;
    PVOID WskGetNameInfo;
} WSK_PROVIDER_DISPATCH, *PWSK_PROVIDER_DISPATCH;

/* --- attaching to the WSK subsystem --- */

typedef NTSTATUS(WSKAPI *PFN_WSK_CLIENT_EVENT)(PVOID ClientContext, ULONG EventType, PVOID Information,
                                               SIZE_T InformationLength);

typedef struct _WSK_CLIENT_DISPATCH {
    USHORT Version;
    USHORT Reserved; /* 0 */
    PFN_WSK_CLIENT_EVENT WskClientEvent;
} WSK_CLIENT_DISPATCH, *PWSK_CLIENT_DISPATCH;

typedef struct _WSK_CLIENT_NPI {
    PVOID ClientContext;
    const WSK_CLIENT_DISPATCH *Dispatch;
} WSK_CLIENT_NPI, *PWSK_CLIENT_NPI;

typedef struct _WSK_PROVIDER_NPI {
    PWSK_CLIENT Client;
    const WSK_PROVIDER_DISPATCH *Dispatch;
} WSK_PROVIDER_NPI, *PWSK_PROVIDER_NPI;

typedef struct _WSK_PROVIDER_CHARACTERISTICS {
    USHORT HighestVersion;
    USHORT LowestVersion;
} WSK_PROVIDER_CHARACTERISTICS, *PWSK_PROVIDER_CHARACTERISTICS;

typedef struct _WSK_REGISTRATION {
    ULONGLONG ReservedRegistrationState;
    PVOID ReservedRegistrationContext;
    KSPIN_LOCK ReservedRegistrationLock;
} WSK_REGISTRATION, *PWSK_REGISTRATION;

NTSTATUS WSKAPI WskRegister(PWSK_CLIENT_NPI WskClientNpi, PWSK_REGISTRATION WskRegistration);
NTSTATUS WSKAPI WskCaptureProviderNPI(PWSK_REGISTRATION WskRegistration, ULONG WaitTimeout,
                                      PWSK_PROVIDER_NPI WskProviderNpi);
VOID WSKAPI WskReleaseProviderNPI(PWSK_REGISTRATION WskRegistration);
NTSTATUS WSKAPI WskQueryProviderCharacteristics(PWSK_REGISTRATION WskRegistration,
                                                PWSK_PROVIDER_CHARACTERISTICS WskProviderCharacteristics);
VOID WSKAPI WskDeregister(PWSK_REGISTRATION WskRegistration);

/* --- the layouts, worked out from the pages' member lists by the x64 rules of alignment --- */

#if defined(_WIN64) || defined(__x86_64__)
#define WSK_AT(type, member, offset) _Static_assert(__builtin_offsetof(type, member) == (offset), #type "." #member)
#define WSK_SIZE(type, size)         _Static_assert(sizeof(type) == (size), #type)
WSK_SIZE(SOCKADDR, 16);
WSK_SIZE(SOCKADDR_IN, 16);
WSK_AT(SOCKADDR_IN, sin_addr, 4);
WSK_SIZE(SOCKADDR_IN6, 28);
WSK_AT(SOCKADDR_IN6, sin6_addr, 8);
WSK_AT(SOCKADDR_IN6, sin6_scope_id, 24);
WSK_SIZE(SOCKADDR_STORAGE, 128);
WSK_SIZE(WSK_SOCKET, 8);
WSK_SIZE(WSK_BUF, 24);
WSK_AT(WSK_BUF, Offset, 8);
WSK_AT(WSK_BUF, Length, 16);
WSK_SIZE(WSK_DATA_INDICATION, 32);
WSK_AT(WSK_DATA_INDICATION, Buffer, 8);
WSK_SIZE(WSK_TRANSPORT, 28);
WSK_AT(WSK_TRANSPORT, Protocol, 4);
WSK_AT(WSK_TRANSPORT, AddressFamily, 8);
WSK_AT(WSK_TRANSPORT, ProviderId, 12);
WSK_SIZE(WSK_CLIENT_CONNECTION_DISPATCH, 24);
WSK_SIZE(WSK_PROVIDER_BASIC_DISPATCH, 16);
WSK_AT(WSK_PROVIDER_BASIC_DISPATCH, WskCloseSocket, 8);
WSK_SIZE(WSK_PROVIDER_CONNECTION_DISPATCH, 104);
WSK_AT(WSK_PROVIDER_CONNECTION_DISPATCH, WskBind, 16);
WSK_AT(WSK_PROVIDER_CONNECTION_DISPATCH, WskConnect, 24);
WSK_AT(WSK_PROVIDER_CONNECTION_DISPATCH, WskSend, 48);
WSK_AT(WSK_PROVIDER_CONNECTION_DISPATCH, WskReceive, 56);
WSK_AT(WSK_PROVIDER_CONNECTION_DISPATCH, WskDisconnect, 64);
WSK_AT(WSK_PROVIDER_CONNECTION_DISPATCH, WskConnectEx, 80);
WSK_SIZE(WSK_PROVIDER_DISPATCH, 56);
WSK_AT(WSK_PROVIDER_DISPATCH, WskSocket, 8);
WSK_AT(WSK_PROVIDER_DISPATCH, WskSocketConnect, 16);
WSK_AT(WSK_PROVIDER_DISPATCH, WskControlClient, 24);
WSK_SIZE(WSK_CLIENT_DISPATCH, 16);
WSK_AT(WSK_CLIENT_DISPATCH, WskClientEvent, 8);
WSK_SIZE(WSK_CLIENT_NPI, 16);
WSK_SIZE(WSK_PROVIDER_NPI, 16);
WSK_AT(WSK_PROVIDER_NPI, Dispatch, 8);
WSK_SIZE(WSK_PROVIDER_CHARACTERISTICS, 4);
WSK_SIZE(WSK_REGISTRATION, 24);
WSK_AT(WSK_REGISTRATION, ReservedRegistrationLock, 16);
#undef WSK_AT
#undef WSK_SIZE
#endif

#endif
