/* What the trace records of each function: statements that see its parameters, `call`, and, after the call, `result`.
 * Before the call nothing that the program handed over is known to be good; lsp-core/layer/trace/write.h copies with
 * care. What a call has returned through a pointer is looked at only where it succeeded. */
#ifndef WSPLSP_CORE_LAYER_SPI_TRACED_H
#define WSPLSP_CORE_LAYER_SPI_TRACED_H

#include "lsp-core/layer/trace/write.h"
#include "lsp-core/layer/chain/winsock_spi.h"

/* An event or window message needs no more than its bits; 0xFFFFFFFF: no limit. */
static inline uint32_t traced_milliseconds(const struct timeval *timeout)
{
    struct timeval copy;
    if (timeout == NULL || !trace_copy(&copy, timeout, sizeof(copy)))
        return 0xFFFFFFFFu;
    return (uint32_t)copy.tv_sec * 1000u + (uint32_t)copy.tv_usec / 1000u;
}

static inline uint32_t traced_count(const fd_set *set)
{
    u_int count = 0;
    return set != NULL && trace_copy(&count, &set->fd_count, sizeof(count)) ? count : 0;
}

static inline SOCKET traced_first(const fd_set *read, const fd_set *write, const fd_set *except)
{
    SOCKET first = INVALID_SOCKET;
    const fd_set *set = traced_count(read) > 0 ? read : traced_count(write) > 0 ? write : except;
    if (traced_count(set) > 0 && trace_copy(&first, &set->fd_array[0], sizeof(first)))
        return first;
    return INVALID_SOCKET;
}

static inline uint32_t traced_word(const void *from)
{
    uint32_t word = 0;
    return from != NULL && trace_copy(&word, from, sizeof(word)) ? word : 0;
}

static inline uint32_t traced_length(const WSABUF *buffer)
{
    WSABUF copy;
    return buffer != NULL && trace_copy(&copy, buffer, sizeof(copy)) ? copy.len : 0;
}

static inline void traced_message(struct trace_call *call, const WSAMSG *message, uint32_t flags, bool receiving,
                                  bool after)
{
    WSAMSG copy;
    if (message == NULL || !trace_copy(&copy, message, sizeof(copy)))
        return;
    if (!after) {
        trace_asked(call, copy.lpBuffers, copy.dwBufferCount);
        trace_arguments(call, receiving ? copy.dwFlags : flags, 0, copy.dwBufferCount, 0);
    } else if (receiving) {
        trace_argument(call, 1, copy.dwFlags);
    }
    if (after == receiving && copy.name != NULL)
        trace_address(call, WSPLSP_TRACE_REMOTE, copy.name, copy.namelen);
}

static inline void traced_message_data(struct trace_call *call, const WSAMSG *message, uint32_t bytes)
{
    WSAMSG copy;
    if (message != NULL && trace_copy(&copy, message, sizeof(copy)))
        trace_data(call, copy.lpBuffers, copy.dwBufferCount, bytes);
}

static inline void traced_done(struct trace_call *call, const DWORD *bytes)
{
    if (bytes != NULL)
        trace_done(call, traced_word(bytes));
}

#define TRACED_NOTHING ((void)0)

/* The socket that a record is about. */
#define TRACED_SOCKET_Accept              s
#define TRACED_SOCKET_AddressToString     INVALID_SOCKET
#define TRACED_SOCKET_AsyncSelect         s
#define TRACED_SOCKET_Bind                s
#define TRACED_SOCKET_CancelBlockingCall  INVALID_SOCKET
#define TRACED_SOCKET_Cleanup             INVALID_SOCKET
#define TRACED_SOCKET_CloseSocket         s
#define TRACED_SOCKET_Connect             s
#define TRACED_SOCKET_DuplicateSocket     s
#define TRACED_SOCKET_EnumNetworkEvents   s
#define TRACED_SOCKET_EventSelect         s
#define TRACED_SOCKET_GetOverlappedResult s
#define TRACED_SOCKET_GetPeerName         s
#define TRACED_SOCKET_GetSockName         s
#define TRACED_SOCKET_GetSockOpt          s
#define TRACED_SOCKET_GetQOSByName        s
#define TRACED_SOCKET_Ioctl               s
#define TRACED_SOCKET_JoinLeaf            s
#define TRACED_SOCKET_Listen              s
#define TRACED_SOCKET_Recv                s
#define TRACED_SOCKET_RecvDisconnect      s
#define TRACED_SOCKET_RecvFrom            s
#define TRACED_SOCKET_Select              traced_first(read, write, except)
#define TRACED_SOCKET_Send                s
#define TRACED_SOCKET_SendDisconnect      s
#define TRACED_SOCKET_SendTo              s
#define TRACED_SOCKET_SetSockOpt          s
#define TRACED_SOCKET_Shutdown            s
#define TRACED_SOCKET_Socket              INVALID_SOCKET
#define TRACED_SOCKET_StringToAddress     INVALID_SOCKET
#define TRACED_SOCKET_AcceptEx            s
#define TRACED_SOCKET_ConnectEx           s
#define TRACED_SOCKET_DisconnectEx        s
#define TRACED_SOCKET_TransmitFile        s
#define TRACED_SOCKET_TransmitPackets     s
#define TRACED_SOCKET_RecvMsg             s
#define TRACED_SOCKET_SendMsg             s

#define TRACED_NEW_SOCKET               \
    do {                                \
        if (result != INVALID_SOCKET)   \
            trace_other(&call, result); \
    } while (0)

#define TRACED_ADDRESS(kind, address, length)                               \
    do {                                                                    \
        if ((address) != NULL)                                              \
            trace_address(&call, WSPLSP_TRACE_##kind, (address), (length)); \
    } while (0)

#define TRACED_BEFORE_Accept trace_argument(&call, 0, condition != NULL)
#define TRACED_AFTER_Accept                          \
    TRACED_NEW_SOCKET;                               \
    if (result != INVALID_SOCKET && address != NULL) \
    trace_address(&call, WSPLSP_TRACE_REMOTE, address, (int)traced_word(length))

#define TRACED_BEFORE_AddressToString TRACED_ADDRESS(REMOTE, address, (int)length)
#define TRACED_AFTER_AddressToString  TRACED_NOTHING

#define TRACED_BEFORE_AsyncSelect trace_arguments(&call, message, (uint32_t)events, 0, 0)
#define TRACED_AFTER_AsyncSelect  TRACED_NOTHING

#define TRACED_BEFORE_Bind TRACED_ADDRESS(LOCAL, name, length)
#define TRACED_AFTER_Bind  TRACED_NOTHING

#define TRACED_BEFORE_CancelBlockingCall TRACED_NOTHING
#define TRACED_AFTER_CancelBlockingCall  TRACED_NOTHING
#define TRACED_BEFORE_Cleanup            TRACED_NOTHING
#define TRACED_AFTER_Cleanup             TRACED_NOTHING
#define TRACED_BEFORE_CloseSocket        TRACED_NOTHING
#define TRACED_AFTER_CloseSocket         TRACED_NOTHING

#define TRACED_BEFORE_Connect             \
    TRACED_ADDRESS(REMOTE, name, length); \
    trace_arguments(&call, traced_length(caller), 0, 0, 0)
#define TRACED_AFTER_Connect \
    if (result == 0)         \
    trace_argument(&call, 1, traced_length(callee))

#define TRACED_BEFORE_DuplicateSocket trace_argument(&call, 0, process)
#define TRACED_AFTER_DuplicateSocket  TRACED_NOTHING

#define TRACED_BEFORE_EnumNetworkEvents TRACED_NOTHING
#define TRACED_AFTER_EnumNetworkEvents \
    if (result == 0)                   \
    trace_argument(&call, 0, traced_word(&events->lNetworkEvents))

#define TRACED_BEFORE_EventSelect trace_argument(&call, 0, (uint32_t)events)
#define TRACED_AFTER_EventSelect  TRACED_NOTHING

#define TRACED_BEFORE_GetOverlappedResult       \
    trace_overlapped(&call, overlapped, false); \
    trace_argument(&call, 0, wait != FALSE)
#define TRACED_AFTER_GetOverlappedResult              \
    if (result) {                                     \
        traced_done(&call, bytes);                    \
        trace_argument(&call, 1, traced_word(flags)); \
    }                                                 \
    TRACED_NOTHING

#define TRACED_BEFORE_GetPeerName TRACED_NOTHING
#define TRACED_AFTER_GetPeerName \
    if (result == 0)             \
    TRACED_ADDRESS(REMOTE, name, (int)traced_word(length))

#define TRACED_BEFORE_GetSockName TRACED_NOTHING
#define TRACED_AFTER_GetSockName \
    if (result == 0)             \
    TRACED_ADDRESS(LOCAL, name, (int)traced_word(length))

#define TRACED_BEFORE_GetSockOpt trace_arguments(&call, (uint32_t)level, (uint32_t)option, traced_word(length), 0)
#define TRACED_AFTER_GetSockOpt                                 \
    if (result == 0) {                                          \
        trace_argument(&call, 2, traced_word(length));          \
        trace_value(&call, 3, value, (int)traced_word(length)); \
    }                                                           \
    TRACED_NOTHING

#define TRACED_BEFORE_GetQOSByName TRACED_NOTHING
#define TRACED_AFTER_GetQOSByName  TRACED_NOTHING

#define TRACED_BEFORE_Ioctl                               \
    trace_overlapped(&call, overlapped, routine != NULL); \
    trace_arguments(&call, code, in_size, out_size, 0)
#define TRACED_AFTER_Ioctl \
    if (result == 0)       \
    traced_done(&call, returned)

#define TRACED_BEFORE_JoinLeaf            \
    TRACED_ADDRESS(REMOTE, name, length); \
    trace_argument(&call, 0, flags)
#define TRACED_AFTER_JoinLeaf TRACED_NEW_SOCKET

#define TRACED_BEFORE_Listen trace_argument(&call, 0, (uint32_t)backlog)
#define TRACED_AFTER_Listen  TRACED_NOTHING

#define TRACED_BEFORE_Recv                                \
    trace_asked(&call, buffers, count);                   \
    trace_overlapped(&call, overlapped, routine != NULL); \
    trace_arguments(&call, traced_word(flags), 0, count, 0)
#define TRACED_AFTER_Recv                                      \
    if (result == 0) {                                         \
        traced_done(&call, bytes);                             \
        trace_argument(&call, 1, traced_word(flags));          \
        trace_data(&call, buffers, count, traced_word(bytes)); \
    }                                                          \
    TRACED_NOTHING

#define TRACED_BEFORE_RecvDisconnect TRACED_NOTHING
#define TRACED_AFTER_RecvDisconnect  TRACED_NOTHING

#define TRACED_BEFORE_RecvFrom TRACED_BEFORE_Recv
#define TRACED_AFTER_RecvFrom                                   \
    if (result == 0 && length != NULL)                          \
        TRACED_ADDRESS(REMOTE, from, (int)traced_word(length)); \
    TRACED_AFTER_Recv

#define TRACED_BEFORE_Select \
    trace_arguments(&call, traced_count(read), traced_count(write), traced_count(except), traced_milliseconds(timeout))
#define TRACED_AFTER_Select TRACED_NOTHING

#define TRACED_BEFORE_Send                                \
    trace_asked(&call, buffers, count);                   \
    trace_overlapped(&call, overlapped, routine != NULL); \
    trace_data(&call, buffers, count, UINT32_MAX);        \
    trace_arguments(&call, flags, 0, count, 0)
#define TRACED_AFTER_Send \
    if (result == 0)      \
    traced_done(&call, bytes)

#define TRACED_BEFORE_SendDisconnect TRACED_NOTHING
#define TRACED_AFTER_SendDisconnect  TRACED_NOTHING

#define TRACED_BEFORE_SendTo            \
    TRACED_ADDRESS(REMOTE, to, length); \
    TRACED_BEFORE_Send
#define TRACED_AFTER_SendTo TRACED_AFTER_Send

#define TRACED_BEFORE_SetSockOpt                                                    \
    trace_arguments(&call, (uint32_t)level, (uint32_t)option, (uint32_t)length, 0); \
    trace_value(&call, 3, value, length)
#define TRACED_AFTER_SetSockOpt TRACED_NOTHING

#define TRACED_BEFORE_Shutdown trace_argument(&call, 0, (uint32_t)how)
#define TRACED_AFTER_Shutdown  TRACED_NOTHING

#define TRACED_BEFORE_Socket trace_arguments(&call, (uint32_t)family, (uint32_t)type, (uint32_t)protocol, flags)
#define TRACED_AFTER_Socket  TRACED_NEW_SOCKET

#define TRACED_BEFORE_StringToAddress TRACED_NOTHING
#define TRACED_AFTER_StringToAddress \
    if (result == 0)                 \
    TRACED_ADDRESS(REMOTE, address, (int)traced_word(length))

#define TRACED_BEFORE_AcceptEx                  \
    trace_other(&call, accepted);               \
    trace_overlapped(&call, overlapped, false); \
    trace_arguments(&call, data_length, local_length, remote_length, 0)
#define TRACED_AFTER_AcceptEx \
    if (result)               \
    traced_done(&call, bytes)

#define TRACED_BEFORE_ConnectEx                        \
    WSABUF data = {data_length, buffer};               \
    TRACED_ADDRESS(REMOTE, name, length);              \
    trace_overlapped(&call, overlapped, false);        \
    trace_asked(&call, &data, buffer == NULL ? 0 : 1); \
    trace_data(&call, &data, buffer == NULL ? 0 : 1, UINT32_MAX)
#define TRACED_AFTER_ConnectEx \
    if (result)                \
    traced_done(&call, bytes)

#define TRACED_BEFORE_DisconnectEx              \
    trace_overlapped(&call, overlapped, false); \
    trace_argument(&call, 0, flags)
#define TRACED_AFTER_DisconnectEx TRACED_NOTHING

#define TRACED_BEFORE_TransmitFile              \
    trace_overlapped(&call, overlapped, false); \
    trace_arguments(&call, length, per_send, flags, 0)
#define TRACED_AFTER_TransmitFile TRACED_NOTHING

#define TRACED_BEFORE_TransmitPackets           \
    trace_overlapped(&call, overlapped, false); \
    trace_arguments(&call, count, per_send, flags, 0)
#define TRACED_AFTER_TransmitPackets TRACED_NOTHING

#define TRACED_BEFORE_RecvMsg                             \
    trace_overlapped(&call, overlapped, routine != NULL); \
    traced_message(&call, message, 0, true, false)
#define TRACED_AFTER_RecvMsg                                     \
    if (result == 0) {                                           \
        traced_done(&call, bytes);                               \
        traced_message(&call, message, 0, true, true);           \
        traced_message_data(&call, message, traced_word(bytes)); \
    }                                                            \
    TRACED_NOTHING

#define TRACED_BEFORE_SendMsg                             \
    trace_overlapped(&call, overlapped, routine != NULL); \
    traced_message(&call, message, flags, false, false);  \
    traced_message_data(&call, message, UINT32_MAX)
#define TRACED_AFTER_SendMsg \
    if (result == 0)         \
    traced_done(&call, bytes)

#endif
