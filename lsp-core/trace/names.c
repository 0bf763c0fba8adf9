/* Names for what a trace's numbers mean; see names.h. */
#include "names.h"

#include <stddef.h>

#include "lsp-core/base/text.h"
#include "wsplsp/trace.h"

#define LEVEL_SOCKET 0xffffu /* SOL_SOCKET */

static const struct flag functions[] = {
    {WSPLSP_TRACE_ACCEPT, "WSPAccept", NULL},
    {WSPLSP_TRACE_ADDRESS_TO_STRING, "WSPAddressToString", NULL},
    {WSPLSP_TRACE_ASYNC_SELECT, "WSPAsyncSelect", NULL},
    {WSPLSP_TRACE_BIND, "WSPBind", NULL},
    {WSPLSP_TRACE_CANCEL_BLOCKING_CALL, "WSPCancelBlockingCall", NULL},
    {WSPLSP_TRACE_CLEANUP, "WSPCleanup", NULL},
    {WSPLSP_TRACE_CLOSE_SOCKET, "WSPCloseSocket", NULL},
    {WSPLSP_TRACE_CONNECT, "WSPConnect", NULL},
    {WSPLSP_TRACE_DUPLICATE_SOCKET, "WSPDuplicateSocket", NULL},
    {WSPLSP_TRACE_ENUM_NETWORK_EVENTS, "WSPEnumNetworkEvents", NULL},
    {WSPLSP_TRACE_EVENT_SELECT, "WSPEventSelect", NULL},
    {WSPLSP_TRACE_GET_OVERLAPPED_RESULT, "WSPGetOverlappedResult", NULL},
    {WSPLSP_TRACE_GET_PEER_NAME, "WSPGetPeerName", NULL},
    {WSPLSP_TRACE_GET_SOCK_NAME, "WSPGetSockName", NULL},
    {WSPLSP_TRACE_GET_SOCK_OPT, "WSPGetSockOpt", NULL},
    {WSPLSP_TRACE_GET_QOS_BY_NAME, "WSPGetQOSByName", NULL},
    {WSPLSP_TRACE_IOCTL, "WSPIoctl", NULL},
    {WSPLSP_TRACE_JOIN_LEAF, "WSPJoinLeaf", NULL},
    {WSPLSP_TRACE_LISTEN, "WSPListen", NULL},
    {WSPLSP_TRACE_RECV, "WSPRecv", NULL},
    {WSPLSP_TRACE_RECV_DISCONNECT, "WSPRecvDisconnect", NULL},
    {WSPLSP_TRACE_RECV_FROM, "WSPRecvFrom", NULL},
    {WSPLSP_TRACE_SELECT, "WSPSelect", NULL},
    {WSPLSP_TRACE_SEND, "WSPSend", NULL},
    {WSPLSP_TRACE_SEND_DISCONNECT, "WSPSendDisconnect", NULL},
    {WSPLSP_TRACE_SEND_TO, "WSPSendTo", NULL},
    {WSPLSP_TRACE_SET_SOCK_OPT, "WSPSetSockOpt", NULL},
    {WSPLSP_TRACE_SHUTDOWN, "WSPShutdown", NULL},
    {WSPLSP_TRACE_SOCKET, "WSPSocket", NULL},
    {WSPLSP_TRACE_STRING_TO_ADDRESS, "WSPStringToAddress", NULL},
    {WSPLSP_TRACE_STARTUP, "WSPStartup", NULL},
    {WSPLSP_TRACE_ACCEPT_EX, "AcceptEx", NULL},
    {WSPLSP_TRACE_CONNECT_EX, "ConnectEx", NULL},
    {WSPLSP_TRACE_DISCONNECT_EX, "DisconnectEx", NULL},
    {WSPLSP_TRACE_TRANSMIT_FILE, "TransmitFile", NULL},
    {WSPLSP_TRACE_TRANSMIT_PACKETS, "TransmitPackets", NULL},
    {WSPLSP_TRACE_RECV_MSG, "WSARecvMsg", NULL},
    {WSPLSP_TRACE_SEND_MSG, "WSASendMsg", NULL},
    {WSPLSP_TRACE_MODIFY_IFS_HANDLE, "WPUModifyIFSHandle", NULL},
    {WSPLSP_TRACE_CREATE_SOCKET_HANDLE, "WPUCreateSocketHandle", NULL},
    {WSPLSP_TRACE_QUERY_BLOCKING_CALLBACK, "WPUQueryBlockingCallback", NULL},
    {0, NULL, NULL},
};

static const struct flag errors[] = {
    {5, "ERROR_ACCESS_DENIED", NULL},
    {6, "WSA_INVALID_HANDLE", NULL},
    {8, "WSA_NOT_ENOUGH_MEMORY", NULL},
    {38, "ERROR_HANDLE_EOF", NULL},
    {53, "ERROR_BAD_NETPATH", NULL},
    {64, "ERROR_NETNAME_DELETED", NULL},
    {87, "WSA_INVALID_PARAMETER", NULL},
    {121, "ERROR_SEM_TIMEOUT", NULL},
    {126, "ERROR_MOD_NOT_FOUND", NULL},
    {127, "ERROR_PROC_NOT_FOUND", NULL},
    {234, "ERROR_MORE_DATA", NULL},
    {995, "WSA_OPERATION_ABORTED", NULL},
    {996, "WSA_IO_INCOMPLETE", NULL},
    {997, "WSA_IO_PENDING", NULL},
    {1168, "ERROR_NOT_FOUND", NULL},
    {1225, "ERROR_CONNECTION_REFUSED", NULL},
    {1226, "ERROR_GRACEFUL_DISCONNECT", NULL},
    {1231, "ERROR_NETWORK_UNREACHABLE", NULL},
    {1232, "ERROR_HOST_UNREACHABLE", NULL},
    {1234, "ERROR_PORT_UNREACHABLE", NULL},
    {1236, "ERROR_CONNECTION_ABORTED", NULL},
    {1450, "ERROR_NO_SYSTEM_RESOURCES", NULL},
    {10004, "WSAEINTR", NULL},
    {10009, "WSAEBADF", NULL},
    {10013, "WSAEACCES", NULL},
    {10014, "WSAEFAULT", NULL},
    {10022, "WSAEINVAL", NULL},
    {10024, "WSAEMFILE", NULL},
    {10035, "WSAEWOULDBLOCK", NULL},
    {10036, "WSAEINPROGRESS", NULL},
    {10037, "WSAEALREADY", NULL},
    {10038, "WSAENOTSOCK", NULL},
    {10039, "WSAEDESTADDRREQ", NULL},
    {10040, "WSAEMSGSIZE", NULL},
    {10041, "WSAEPROTOTYPE", NULL},
    {10042, "WSAENOPROTOOPT", NULL},
    {10043, "WSAEPROTONOSUPPORT", NULL},
    {10044, "WSAESOCKTNOSUPPORT", NULL},
    {10045, "WSAEOPNOTSUPP", NULL},
    {10046, "WSAEPFNOSUPPORT", NULL},
    {10047, "WSAEAFNOSUPPORT", NULL},
    {10048, "WSAEADDRINUSE", NULL},
    {10049, "WSAEADDRNOTAVAIL", NULL},
    {10050, "WSAENETDOWN", NULL},
    {10051, "WSAENETUNREACH", NULL},
    {10052, "WSAENETRESET", NULL},
    {10053, "WSAECONNABORTED", NULL},
    {10054, "WSAECONNRESET", NULL},
    {10055, "WSAENOBUFS", NULL},
    {10056, "WSAEISCONN", NULL},
    {10057, "WSAENOTCONN", NULL},
    {10058, "WSAESHUTDOWN", NULL},
    {10059, "WSAETOOMANYREFS", NULL},
    {10060, "WSAETIMEDOUT", NULL},
    {10061, "WSAECONNREFUSED", NULL},
    {10062, "WSAELOOP", NULL},
    {10063, "WSAENAMETOOLONG", NULL},
    {10064, "WSAEHOSTDOWN", NULL},
    {10065, "WSAEHOSTUNREACH", NULL},
    {10066, "WSAENOTEMPTY", NULL},
    {10067, "WSAEPROCLIM", NULL},
    {10068, "WSAEUSERS", NULL},
    {10069, "WSAEDQUOT", NULL},
    {10070, "WSAESTALE", NULL},
    {10071, "WSAEREMOTE", NULL},
    {10091, "WSASYSNOTREADY", NULL},
    {10092, "WSAVERNOTSUPPORTED", NULL},
    {10093, "WSANOTINITIALISED", NULL},
    {10101, "WSAEDISCON", NULL},
    {10102, "WSAENOMORE", NULL},
    {10103, "WSAECANCELLED", NULL},
    {10104, "WSAEINVALIDPROCTABLE", NULL},
    {10105, "WSAEINVALIDPROVIDER", NULL},
    {10106, "WSAEPROVIDERFAILEDINIT", NULL},
    {10107, "WSASYSCALLFAILURE", NULL},
    {10108, "WSASERVICE_NOT_FOUND", NULL},
    {10109, "WSATYPE_NOT_FOUND", NULL},
    {10112, "WSAEREFUSED", NULL},
    {11001, "WSAHOST_NOT_FOUND", NULL},
    {11002, "WSATRY_AGAIN", NULL},
    {11003, "WSANO_RECOVERY", NULL},
    {11004, "WSANO_DATA", NULL},
    {11015, "WSA_QOS_GENERIC_ERROR", NULL},
    {0, NULL, NULL},
};

static const struct flag ioctls[] = {
    {0x28000002, "SIO_ENABLE_CIRCULAR_QUEUEING", NULL},
    {0x28000004, "SIO_FLUSH", NULL},
    {0x28000017, "SIO_ADDRESS_LIST_CHANGE", NULL},
    {0x4004667f, "FIONREAD", NULL},
    {0x40047307, "SIOCATMARK", NULL},
    {0x4004747f, "SIO_GET_INTERFACE_LIST", NULL},
    {0x48000003, "SIO_FIND_ROUTE", NULL},
    {0x48000005, "SIO_GET_BROADCAST_ADDRESS", NULL},
    {0x48000016, "SIO_ADDRESS_LIST_QUERY", NULL},
    {0x48000018, "SIO_QUERY_TARGET_PNP_HANDLE", NULL},
    {0x4800001b, "SIO_BSP_HANDLE", NULL},
    {0x4800001c, "SIO_BSP_HANDLE_SELECT", NULL},
    {0x4800001d, "SIO_BSP_HANDLE_POLL", NULL},
    {0x48000022, "SIO_BASE_HANDLE", NULL},
    {0x8004667d, "FIOASYNC", NULL},
    {0x8004667e, "FIONBIO", NULL},
    {0x88000001, "SIO_ASSOCIATE_HANDLE", NULL},
    {0x88000009, "SIO_MULTIPOINT_LOOPBACK", NULL},
    {0x8800000a, "SIO_MULTICAST_SCOPE", NULL},
    {0x8800000b, "SIO_SET_QOS", NULL},
    {0x8800000c, "SIO_SET_GROUP_QOS", NULL},
    {0x88000015, "SIO_ROUTING_INTERFACE_CHANGE", NULL},
    {0x88000019, "SIO_NSP_NOTIFY_CHANGE", NULL},
    {0x98000001, "SIO_RCVALL", NULL},
    {0x98000002, "SIO_RCVALL_MCAST", NULL},
    {0x98000003, "SIO_RCVALL_IGMPMCAST", NULL},
    {0x98000004, "SIO_KEEPALIVE_VALS", NULL},
    {0x98000005, "SIO_ABSORB_RTRALERT", NULL},
    {0x98000006, "SIO_UCAST_IF", NULL},
    {0x98000008, "SIO_INDEX_BIND", NULL},
    {0x98000009, "SIO_INDEX_MCASTIF", NULL},
    {0x9800000c, "SIO_UDP_CONNRESET", NULL},
    {0x98000010, "SIO_LOOPBACK_FAST_PATH", NULL},
    {0x98000011, "SIO_TCP_INITIAL_RTO", NULL},
    {0x98000013, "SIO_APPLY_TRANSPORT_SETTING", NULL},
    {0x98000014, "SIO_QUERY_TRANSPORT_SETTING", NULL},
    {0x98000015, "SIO_CPU_AFFINITY", NULL},
    {0x98000017, "SIO_TCP_SET_ACK_FREQUENCY", NULL},
    {0x98000064, "SIO_ACQUIRE_PORT_RESERVATION", NULL},
    {0x98000065, "SIO_RELEASE_PORT_RESERVATION", NULL},
    {0x98000066, "SIO_ASSOCIATE_PORT_RESERVATION", NULL},
    {0xc8000006, "SIO_GET_EXTENSION_FUNCTION_POINTER", NULL},
    {0xc8000007, "SIO_GET_QOS", NULL},
    {0xc8000008, "SIO_GET_GROUP_QOS", NULL},
    {0xc800000d, "SIO_TRANSLATE_HANDLE", NULL},
    {0xc8000014, "SIO_ROUTING_INTERFACE_QUERY", NULL},
    {0xc8000019, "SIO_ADDRESS_LIST_SORT", NULL},
    {0xc800001e, "SIO_EXT_SELECT", NULL},
    {0xc800001f, "SIO_EXT_POLL", NULL},
    {0xc8000020, "SIO_EXT_SENDMSG", NULL},
    {0xd8000027, "SIO_TCP_INFO", NULL},
    {0, NULL, NULL},
};

static const struct flag socket_options[] = {
    {0x1, "SO_DEBUG", NULL},
    {0x2, "SO_ACCEPTCONN", NULL},
    {0x4, "SO_REUSEADDR", NULL},
    {0x8, "SO_KEEPALIVE", NULL},
    {0x10, "SO_DONTROUTE", NULL},
    {0x20, "SO_BROADCAST", NULL},
    {0x40, "SO_USELOOPBACK", NULL},
    {0x80, "SO_LINGER", NULL},
    {0x100, "SO_OOBINLINE", NULL},
    {0x1001, "SO_SNDBUF", NULL},
    {0x1002, "SO_RCVBUF", NULL},
    {0x1003, "SO_SNDLOWAT", NULL},
    {0x1004, "SO_RCVLOWAT", NULL},
    {0x1005, "SO_SNDTIMEO", NULL},
    {0x1006, "SO_RCVTIMEO", NULL},
    {0x1007, "SO_ERROR", NULL},
    {0x1008, "SO_TYPE", NULL},
    {0x1009, "SO_BSP_STATE", NULL},
    {0x2001, "SO_GROUP_ID", NULL},
    {0x2002, "SO_GROUP_PRIORITY", NULL},
    {0x2003, "SO_MAX_MSG_SIZE", NULL},
    {0x2004, "SO_PROTOCOL_INFOA", NULL},
    {0x2005, "SO_PROTOCOL_INFOW", NULL},
    {0x3002, "SO_CONDITIONAL_ACCEPT", NULL},
    {0x3003, "SO_PAUSE_ACCEPT", NULL},
    {0x3004, "SO_COMPARTMENT_ID", NULL},
    {0x3005, "SO_RANDOMIZE_PORT", NULL},
    {0x3006, "SO_PORT_SCALABILITY", NULL},
    {0x3007, "SO_REUSE_UNICASTPORT", NULL},
    {0x7008, "SO_OPENTYPE", NULL},
    {0x700b, "SO_UPDATE_ACCEPT_CONTEXT", NULL},
    {0x700c, "SO_CONNECT_TIME", NULL},
    {0x7010, "SO_UPDATE_CONNECT_CONTEXT", NULL},
    {0xffffff7f, "SO_DONTLINGER", NULL},
    {0xfffffffb, "SO_EXCLUSIVEADDRUSE", NULL},
    {0, NULL, NULL},
};

static const struct flag tcp_options[] = {
    {1, "TCP_NODELAY", NULL},
    {2, "TCP_EXPEDITED_1122", NULL},
    {3, "TCP_KEEPALIVE", NULL},
    {4, "TCP_MAXSEG", NULL},
    {5, "TCP_MAXRT", NULL},
    {6, "TCP_STDURG", NULL},
    {7, "TCP_NOURG", NULL},
    {8, "TCP_ATMARK", NULL},
    {9, "TCP_NOSYNRETRIES", NULL},
    {10, "TCP_TIMESTAMPS", NULL},
    {12, "TCP_CONGESTION_ALGORITHM", NULL},
    {13, "TCP_DELAY_FIN_ACK", NULL},
    {14, "TCP_MAXRTMS", NULL},
    {15, "TCP_FASTOPEN", NULL},
    {16, "TCP_KEEPCNT", NULL},
    {17, "TCP_KEEPINTVL", NULL},
    {18, "TCP_FAIL_CONNECT_ON_ICMP_ERROR", NULL},
    {0, NULL, NULL},
};

static const struct flag udp_options[] = {
    {1, "UDP_NOCHECKSUM", NULL},
    {20, "UDP_CHECKSUM_COVERAGE", NULL},
    {0, NULL, NULL},
};

static const struct flag ip_options[] = {
    {1, "IP_OPTIONS", NULL},
    {2, "IP_HDRINCL", NULL},
    {3, "IP_TOS", NULL},
    {4, "IP_TTL", NULL},
    {9, "IP_MULTICAST_IF", NULL},
    {10, "IP_MULTICAST_TTL", NULL},
    {11, "IP_MULTICAST_LOOP", NULL},
    {12, "IP_ADD_MEMBERSHIP", NULL},
    {13, "IP_DROP_MEMBERSHIP", NULL},
    {14, "IP_DONTFRAGMENT", NULL},
    {15, "IP_ADD_SOURCE_MEMBERSHIP", NULL},
    {16, "IP_DROP_SOURCE_MEMBERSHIP", NULL},
    {17, "IP_BLOCK_SOURCE", NULL},
    {18, "IP_UNBLOCK_SOURCE", NULL},
    {19, "IP_PKTINFO", NULL},
    {21, "IP_RECVTTL", NULL},
    {22, "IP_RECEIVE_BROADCAST", NULL},
    {25, "IP_RECVDSTADDR", NULL},
    {31, "IP_UNICAST_IF", NULL},
    {40, "IP_RECVTOS", NULL},
    {47, "IP_ORIGINAL_ARRIVAL_IF", NULL},
    {50, "IP_ECN", NULL},
    {71, "IP_MTU_DISCOVER", NULL},
    {73, "IP_MTU", NULL},
    {76, "IP_USER_MTU", NULL},
    {0, NULL, NULL},
};

static const struct flag ip6_options[] = {
    {1, "IPV6_HOPOPTS", NULL},
    {2, "IPV6_HDRINCL", NULL},
    {4, "IPV6_UNICAST_HOPS", NULL},
    {9, "IPV6_MULTICAST_IF", NULL},
    {10, "IPV6_MULTICAST_HOPS", NULL},
    {11, "IPV6_MULTICAST_LOOP", NULL},
    {12, "IPV6_ADD_MEMBERSHIP", NULL},
    {13, "IPV6_DROP_MEMBERSHIP", NULL},
    {14, "IPV6_DONTFRAG", NULL},
    {19, "IPV6_PKTINFO", NULL},
    {21, "IPV6_HOPLIMIT", NULL},
    {23, "IPV6_PROTECTION_LEVEL", NULL},
    {25, "IPV6_RECVDSTADDR", NULL},
    {26, "IPV6_CHECKSUM", NULL},
    {27, "IPV6_V6ONLY", NULL},
    {31, "IPV6_UNICAST_IF", NULL},
    {32, "IPV6_RTHDR", NULL},
    {38, "IPV6_RECVRTHDR", NULL},
    {39, "IPV6_TCLASS", NULL},
    {40, "IPV6_RECVTCLASS", NULL},
    {50, "IPV6_ECN", NULL},
    {71, "IPV6_MTU_DISCOVER", NULL},
    {72, "IPV6_MTU", NULL},
    {76, "IPV6_USER_MTU", NULL},
    {0, NULL, NULL},
};

static const struct flag levels[] = {
    {LEVEL_SOCKET, "SOL_SOCKET", NULL}, {0, "IPPROTO_IP", NULL},    {6, "IPPROTO_TCP", NULL},
    {17, "IPPROTO_UDP", NULL},          {41, "IPPROTO_IPV6", NULL}, {0, NULL, NULL},
};

static const struct flag shutdowns[] = {
    {0, "SD_RECEIVE", NULL},
    {1, "SD_SEND", NULL},
    {2, "SD_BOTH", NULL},
    {0, NULL, NULL},
};

const struct flag trace_message_flags[] = {
    {0x1, "MSG_OOB", NULL},
    {0x2, "MSG_PEEK", NULL},
    {0x4, "MSG_DONTROUTE", NULL},
    {0x8, "MSG_WAITALL", NULL},
    {0x20, "MSG_PUSH_IMMEDIATE", NULL},
    {0x100, "MSG_TRUNC", NULL},
    {0x200, "MSG_CTRUNC", NULL},
    {0x400, "MSG_BCAST", NULL},
    {0x800, "MSG_MCAST", NULL},
    {0x8000, "MSG_PARTIAL", NULL},
    {0, NULL, NULL},
};

const struct flag trace_socket_flags[] = {
    {0x1, "WSA_FLAG_OVERLAPPED", NULL},
    {0x2, "WSA_FLAG_MULTIPOINT_C_ROOT", NULL},
    {0x4, "WSA_FLAG_MULTIPOINT_C_LEAF", NULL},
    {0x8, "WSA_FLAG_MULTIPOINT_D_ROOT", NULL},
    {0x10, "WSA_FLAG_MULTIPOINT_D_LEAF", NULL},
    {0x40, "WSA_FLAG_ACCESS_SYSTEM_SECURITY", NULL},
    {0x80, "WSA_FLAG_NO_HANDLE_INHERIT", NULL},
    {0x100, "WSA_FLAG_REGISTERED_IO", NULL},
    {0, NULL, NULL},
};

const struct flag trace_event_bits[] = {
    {0x1, "FD_READ", NULL},
    {0x2, "FD_WRITE", NULL},
    {0x4, "FD_OOB", NULL},
    {0x8, "FD_ACCEPT", NULL},
    {0x10, "FD_CONNECT", NULL},
    {0x20, "FD_CLOSE", NULL},
    {0x40, "FD_QOS", NULL},
    {0x80, "FD_GROUP_QOS", NULL},
    {0x100, "FD_ROUTING_INTERFACE_CHANGE", NULL},
    {0x200, "FD_ADDRESS_LIST_CHANGE", NULL},
    {0, NULL, NULL},
};

const struct flag trace_file_flags[] = {
    {0x01, "TF_DISCONNECT", NULL},        {0x02, "TF_REUSE_SOCKET", NULL},   {0x04, "TF_WRITE_BEHIND", NULL},
    {0x10, "TF_USE_SYSTEM_THREAD", NULL}, {0x20, "TF_USE_KERNEL_APC", NULL}, {0, NULL, NULL},
};

const struct flag trace_packet_flags[] = {
    {0x01, "TP_DISCONNECT", NULL},
    {0x02, "TP_REUSE_SOCKET", NULL},
    {0x10, "TP_USE_SYSTEM_THREAD", NULL},
    {0x20, "TP_USE_KERNEL_APC", NULL},
    {0, NULL, NULL},
};

const struct flag trace_reuse_flags[] = {
    {0x02, "TF_REUSE_SOCKET", NULL},
    {0, NULL, NULL},
};

static const char *name_of(const struct flag *table, uint32_t value)
{
    while (table->name != NULL && table->value != value)
        table++;
    return table->name;
}

const char *trace_function_name(unsigned function)
{
    return name_of(functions, function);
}

unsigned trace_function_at(size_t index)
{
    return index < sizeof functions / sizeof functions[0] ? functions[index].value : 0;
}

/* Without the prefix that says whose function it is. */
static const char *bare(const char *name)
{
    return text_compare_nocase_n(name, "WSP", 3) == 0 || text_compare_nocase_n(name, "WSA", 3) == 0 ? name + 3 : name;
}

unsigned trace_function_find(const char *name)
{
    const struct flag *function = functions;
    while (function->name != NULL && text_compare_nocase(bare(function->name), bare(name)) != 0)
        function++;
    return function->value;
}

const char *trace_error_name(int32_t error)
{
    return name_of(errors, (uint32_t)error);
}

const char *trace_level_name(uint32_t level)
{
    return name_of(levels, level);
}

const char *trace_option_name(uint32_t level, uint32_t option)
{
    const struct flag *table = level == LEVEL_SOCKET ? socket_options
                               : level == 0          ? ip_options
                               : level == 6          ? tcp_options
                               : level == 17         ? udp_options
                               : level == 41         ? ip6_options
                                                     : NULL;
    return table == NULL ? NULL : name_of(table, option);
}

const char *trace_ioctl_name(uint32_t code)
{
    return name_of(ioctls, code);
}

const char *trace_shutdown_name(uint32_t how)
{
    return name_of(shutdowns, how);
}
