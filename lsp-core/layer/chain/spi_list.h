/* The functions that the layer hands out, each once: a line is
 *   X(result type, result of a failure, name, parameters, arguments, number in the trace)
 * for the SPI, and for the extension functions, with the place of the GUID in front of the number. */
#ifndef WSPLSP_CORE_LAYER_CHAIN_SPI_LIST_H
#define WSPLSP_CORE_LAYER_CHAIN_SPI_LIST_H

/* clang-format off: one function a line is what makes this readable */

/* Those that give a socket an address, for they can be given another one (lsp-core/layer/filter/calls.h). */
#define SPI_NAMES(X)                                                                                       \
    X(int, SOCKET_ERROR, Bind, (SOCKET s, const struct sockaddr *name, int length, INT *error),            \
      (s, name, length, error), BIND)                                                                      \
    X(int, SOCKET_ERROR, Connect,                                                                          \
      (SOCKET s, const struct sockaddr *name, int length, WSABUF *caller, WSABUF *callee, QOS *socket_qos, \
       QOS *group_qos, INT *error),                                                                        \
      (s, name, length, caller, callee, socket_qos, group_qos, error), CONNECT)

/* What goes straight to the next provider of the socket `s`, in both modes: it takes no other handle, and is over when
 * it returns. */
#define SPI_CALLS(X)                                                                                                \
    SPI_NAMES(X)                                                                                                    \
    X(int, SOCKET_ERROR, EnumNetworkEvents, (SOCKET s, WSAEVENT event, WSANETWORKEVENTS * events, INT * error),     \
      (s, event, events, error), ENUM_NETWORK_EVENTS)                                                               \
    X(int, SOCKET_ERROR, EventSelect, (SOCKET s, WSAEVENT event, __LONG32 events, INT * error),                     \
      (s, event, events, error), EVENT_SELECT)                                                                      \
    X(int, SOCKET_ERROR, GetPeerName, (SOCKET s, struct sockaddr * name, INT * length, INT * error),                \
      (s, name, length, error), GET_PEER_NAME)                                                                      \
    X(int, SOCKET_ERROR, GetSockName, (SOCKET s, struct sockaddr * name, INT * length, INT * error),                \
      (s, name, length, error), GET_SOCK_NAME)                                                                      \
    X(WINBOOL, FALSE, GetQOSByName, (SOCKET s, WSABUF * name, QOS * qos, INT * error), (s, name, qos, error),       \
      GET_QOS_BY_NAME)                                                                                              \
    X(int, SOCKET_ERROR, Listen, (SOCKET s, int backlog, INT *error), (s, backlog, error), LISTEN)                  \
    X(int, SOCKET_ERROR, RecvDisconnect, (SOCKET s, WSABUF * data, INT * error), (s, data, error), RECV_DISCONNECT) \
    X(int, SOCKET_ERROR, SendDisconnect, (SOCKET s, WSABUF * data, INT * error), (s, data, error), SEND_DISCONNECT) \
    X(int, SOCKET_ERROR, Shutdown, (SOCKET s, int how, INT *error), (s, how, error), SHUTDOWN)

/* Sending and receiving. */
#define SPI_DATA(X)                                                                                                 \
    X(int, SOCKET_ERROR, Recv,                                                                                      \
      (SOCKET s, WSABUF * buffers, DWORD count, DWORD * bytes, DWORD * flags, WSAOVERLAPPED * overlapped,           \
       LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, WSATHREADID * thread, INT * error),                              \
      (s, buffers, count, bytes, flags, overlapped, routine, thread, error), RECV)                                  \
    X(int, SOCKET_ERROR, RecvFrom,                                                                                  \
      (SOCKET s, WSABUF * buffers, DWORD count, DWORD * bytes, DWORD * flags, struct sockaddr * from, INT * length, \
       WSAOVERLAPPED * overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, WSATHREADID * thread, INT * error),  \
      (s, buffers, count, bytes, flags, from, length, overlapped, routine, thread, error), RECV_FROM)               \
    X(int, SOCKET_ERROR, Send,                                                                                      \
      (SOCKET s, WSABUF * buffers, DWORD count, DWORD * bytes, DWORD flags, WSAOVERLAPPED * overlapped,             \
       LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, WSATHREADID * thread, INT * error),                              \
      (s, buffers, count, bytes, flags, overlapped, routine, thread, error), SEND)                                  \
    X(int, SOCKET_ERROR, SendTo,                                                                                    \
      (SOCKET s, WSABUF * buffers, DWORD count, DWORD * bytes, DWORD flags, const struct sockaddr *to, int length,  \
       WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, WSATHREADID *thread, INT *error),     \
      (s, buffers, count, bytes, flags, to, length, overlapped, routine, thread, error), SEND_TO)

/* What does so for IFS handles only. */
#define SPI_OPERATIONS(X)                                                                                          \
    X(int, SOCKET_ERROR, AsyncSelect, (SOCKET s, HWND window, unsigned int message, __LONG32 events, INT *error),  \
      (s, window, message, events, error), ASYNC_SELECT)                                                           \
    X(WINBOOL, FALSE, GetOverlappedResult,                                                                         \
      (SOCKET s, WSAOVERLAPPED * overlapped, DWORD * bytes, WINBOOL wait, DWORD * flags, INT * error),             \
      (s, overlapped, bytes, wait, flags, error), GET_OVERLAPPED_RESULT)                                           \
    SPI_DATA(X)                                                                                                    \
    X(int, SOCKET_ERROR, SetSockOpt, (SOCKET s, int level, int option, const char *value, int length, INT *error), \
      (s, level, option, value, length, error), SET_SOCK_OPT)

#define SPI_FORWARDED(X) SPI_CALLS(X) SPI_OPERATIONS(X)

/* The same, but for one case (SPI_OWN_CASE_<name>) that the layer sees to. */
#define SPI_MOSTLY_FORWARDED(X)                                                                                 \
    X(int, SOCKET_ERROR, GetSockOpt, (SOCKET s, int level, int option, char *value, INT *length, INT *error),   \
      (s, level, option, value, length, error), GET_SOCK_OPT)                                                   \
    X(int, SOCKET_ERROR, Ioctl,                                                                                 \
      (SOCKET s, DWORD code, void *in, DWORD in_size, void *out, DWORD out_size, DWORD *returned,               \
       WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, WSATHREADID *thread, INT *error), \
      (s, code, in, in_size, out, out_size, returned, overlapped, routine, thread, error), IOCTL)

#define SPI_OWN_CASE_GetSockOpt (level == SOL_SOCKET && option == SO_PROTOCOL_INFOW)
#define SPI_OWN_CASE_Ioctl \
    (code == SIO_GET_EXTENSION_FUNCTION_POINTER || code == SIO_BSP_HANDLE || code == SIO_EXT_SENDMSG)

/* Sockets come and go. */
#define SPI_LIFE(X)                                                                                                \
    X(SOCKET, INVALID_SOCKET, Accept,                                                                              \
      (SOCKET s, struct sockaddr * address, INT * length, LPCONDITIONPROC condition, DWORD_PTR data, INT * error), \
      (s, address, length, condition, data, error), ACCEPT)                                                        \
    X(int, SOCKET_ERROR, CloseSocket, (SOCKET s, INT * error), (s, error), CLOSE_SOCKET)                           \
    X(SOCKET, INVALID_SOCKET, Socket,                                                                              \
      (int family, int type, int protocol, WSAPROTOCOL_INFOW *info, GROUP group, DWORD flags, INT *error),         \
      (family, type, protocol, info, group, flags, error), SOCKET)

/* What the layer sees to itself, in each mode its own way, … */
#define SPI_SOCKETS(X)                                                                                      \
    SPI_LIFE(X)                                                                                             \
    X(int, SOCKET_ERROR, DuplicateSocket, (SOCKET s, DWORD process, WSAPROTOCOL_INFOW * info, INT * error), \
      (s, process, info, error), DUPLICATE_SOCKET)                                                          \
    X(SOCKET, INVALID_SOCKET, JoinLeaf,                                                                     \
      (SOCKET s, const struct sockaddr *name, int length, WSABUF *caller, WSABUF *callee, QOS *socket_qos,  \
       QOS *group_qos, DWORD flags, INT *error),                                                            \
      (s, name, length, caller, callee, socket_qos, group_qos, flags, error), JOIN_LEAF)                    \
    X(int, SOCKET_ERROR, Select,                                                                            \
      (int count, fd_set *read, fd_set *write, fd_set *except, const PTIMEVAL timeout, INT *error),         \
      (count, read, write, except, timeout, error), SELECT)

/* … and the same in both. */
#define SPI_WITHOUT_SOCKET_COUNTED(X)                                                                               \
    X(INT, SOCKET_ERROR, AddressToString,                                                                           \
      (SOCKADDR * address, DWORD length, WSAPROTOCOL_INFOW * info, WCHAR * text, DWORD * text_length, INT * error), \
      (address, length, info, text, text_length, error), ADDRESS_TO_STRING)                                         \
    X(int, SOCKET_ERROR, CancelBlockingCall, (INT * error), (error), CANCEL_BLOCKING_CALL)                          \
    X(INT, SOCKET_ERROR, StringToAddress,                                                                           \
      (WCHAR * text, INT family, WSAPROTOCOL_INFOW * info, SOCKADDR * address, INT * length, INT * error),          \
      (text, family, info, address, length, error), STRING_TO_ADDRESS)

#define SPI_CLEANUP(X) X(int, SOCKET_ERROR, Cleanup, (INT * error), (error), CLEANUP)

#define SPI_WITHOUT_SOCKET(X) SPI_WITHOUT_SOCKET_COUNTED(X) SPI_CLEANUP(X)

#define SPI_OWN(X) SPI_SOCKETS(X) SPI_WITHOUT_SOCKET(X)

/* What a filter sees (lsp-core/layer/filter/calls.h). */
#define SPI_FILTERED(X) SPI_NAMES(X) SPI_DATA(X) SPI_LIFE(X)

#define SPI_FILTERED_EXTENSIONS(X)                                                                                    \
    X(WINBOOL, FALSE, AcceptEx,                                                                                       \
      (SOCKET s, SOCKET accepted, void *buffer, DWORD data_length, DWORD local_length, DWORD remote_length,           \
       DWORD *bytes, OVERLAPPED *overlapped),                                                                         \
      (s, accepted, buffer, data_length, local_length, remote_length, bytes, overlapped), ACCEPT_EX)                  \
    X(WINBOOL, FALSE, ConnectEx,                                                                                      \
      (SOCKET s, const struct sockaddr *name, int length, void *buffer, DWORD data_length, DWORD *bytes,              \
       OVERLAPPED *overlapped),                                                                                       \
      (s, name, length, buffer, data_length, bytes, overlapped), CONNECT_EX)                                          \
    X(WINBOOL, FALSE, TransmitFile,                                                                                   \
      (SOCKET s, HANDLE file, DWORD length, DWORD per_send, OVERLAPPED * overlapped, TRANSMIT_FILE_BUFFERS * buffers, \
       DWORD flags),                                                                                                  \
      (s, file, length, per_send, overlapped, buffers, flags), TRANSMIT_FILE)                                         \
    X(WINBOOL, FALSE, TransmitPackets,                                                                                \
      (SOCKET s, TRANSMIT_PACKETS_ELEMENT * packets, DWORD count, DWORD per_send, OVERLAPPED * overlapped,            \
       DWORD flags),                                                                                                  \
      (s, packets, count, per_send, overlapped, flags), TRANSMIT_PACKETS)                                             \
    X(INT, SOCKET_ERROR, RecvMsg,                                                                                     \
      (SOCKET s, WSAMSG * message, DWORD * bytes, WSAOVERLAPPED * overlapped,                                         \
       LPWSAOVERLAPPED_COMPLETION_ROUTINE routine),                                                                   \
      (s, message, bytes, overlapped, routine), RECV_MSG)                                                             \
    X(INT, SOCKET_ERROR, SendMsg,                                                                                     \
      (SOCKET s, WSAMSG * message, DWORD flags, DWORD * bytes, WSAOVERLAPPED * overlapped,                            \
       LPWSAOVERLAPPED_COMPLETION_ROUTINE routine),                                                                   \
      (s, message, flags, bytes, overlapped, routine), SEND_MSG)

#define SPI_EXTENSIONS(X)                                                                             \
    SPI_FILTERED_EXTENSIONS(X)                                                                        \
    X(WINBOOL, FALSE, DisconnectEx, (SOCKET s, OVERLAPPED * overlapped, DWORD flags, DWORD reserved), \
      (s, overlapped, flags, reserved), DISCONNECT_EX)

/* clang-format on */

#endif
