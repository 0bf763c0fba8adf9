/* Sending and receiving on sockets with handles of the layer's own; see lsp-core/layer/nonifs/sockets.h. Without a
 * WSAOVERLAPPED, and on a socket that was not made for overlapped I/O, a call goes straight down; else it becomes an
 * operation. */
#include "lsp-core/layer/nonifs/sockets.h"

#include <string.h>

#include "lsp-core/layer/nonifs/operation.h"
#include "spi.h"

static int not_a_socket(INT *error)
{
    *error = WSAENOTSOCK;
    return SOCKET_ERROR;
}

/* "Ignored for nonoverlapped sockets" (WSASend, lpOverlapped). */
static bool is_overlapped(const struct nonifs_socket *found, const WSAOVERLAPPED *overlapped)
{
    return __builtin_expect(overlapped != NULL, false) && found->slot->data.overlapped;
}

int nonifs_Send(struct place *place, SOCKET s, WSABUF *buffers, DWORD count, DWORD *bytes, DWORD flags,
                WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, WSATHREADID *thread, INT *error)
{
    struct nonifs_socket found;
    struct operation_call call;
    if (!nonifs_find(place, s, &found))
        return not_a_socket(error);
    LPWSPSEND send = found.chain->next.lpWSPSend;
    if (!is_overlapped(&found, overlapped))
        return send(found.next, buffers, count, bytes, flags, NULL, NULL, thread, error);
    const struct operation_request request = {.function = WSPLSP_TRACE_SEND,
                                              .direction = DIRECTION_OUT,
                                              .overlapped = overlapped,
                                              .routine = routine,
                                              .thread = thread,
                                              .bytes = bytes,
                                              .buffers = buffers,
                                              .buffer_count = count};
    if (!operation_begin(&call, place, &found, &request, error))
        return SOCKET_ERROR;
    struct operation *operation = call.operation;
    int result = send(found.next, operation->buffers, count, &call.bytes, flags, operation->below, NULL, thread, error);
    return operation_return(&call, result == 0, bytes, NULL, error);
}

int nonifs_SendTo(struct place *place, SOCKET s, WSABUF *buffers, DWORD count, DWORD *bytes, DWORD flags,
                  const struct sockaddr *to, int length, WSAOVERLAPPED *overlapped,
                  LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, WSATHREADID *thread, INT *error)
{
    struct nonifs_socket found;
    struct operation_call call;
    if (!nonifs_find(place, s, &found))
        return not_a_socket(error);
    LPWSPSENDTO send = found.chain->next.lpWSPSendTo;
    if (!is_overlapped(&found, overlapped))
        return send(found.next, buffers, count, bytes, flags, to, length, NULL, NULL, thread, error);
    const struct operation_request request = {.function = WSPLSP_TRACE_SEND_TO,
                                              .direction = DIRECTION_OUT,
                                              .overlapped = overlapped,
                                              .routine = routine,
                                              .thread = thread,
                                              .bytes = bytes,
                                              .buffers = buffers,
                                              .buffer_count = count};
    if (!operation_begin(&call, place, &found, &request, error))
        return SOCKET_ERROR;
    struct operation *operation = call.operation;
    int result = send(found.next, operation->buffers, count, &call.bytes, flags, to, length, operation->below, NULL,
                      thread, error);
    return operation_return(&call, result == 0, bytes, NULL, error);
}

int nonifs_Recv(struct place *place, SOCKET s, WSABUF *buffers, DWORD count, DWORD *bytes, DWORD *flags,
                WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, WSATHREADID *thread, INT *error)
{
    struct nonifs_socket found;
    struct operation_call call;
    if (!nonifs_find(place, s, &found))
        return not_a_socket(error);
    LPWSPRECV receive = found.chain->next.lpWSPRecv;
    if (!is_overlapped(&found, overlapped) || flags == NULL)
        return receive(found.next, buffers, count, bytes, flags, NULL, NULL, thread, error);
    const struct operation_request request = {.function = WSPLSP_TRACE_RECV,
                                              .direction = DIRECTION_IN,
                                              .peeked = (*flags & MSG_PEEK) != 0,
                                              .overlapped = overlapped,
                                              .routine = routine,
                                              .thread = thread,
                                              .bytes = bytes,
                                              .flags = flags,
                                              .buffers = buffers,
                                              .buffer_count = count};
    if (!operation_begin(&call, place, &found, &request, error))
        return SOCKET_ERROR;
    struct operation *operation = call.operation;
    int result =
        receive(found.next, operation->buffers, count, &call.bytes, &call.flags, operation->below, NULL, thread, error);
    return operation_return(&call, result == 0, bytes, flags, error);
}

int nonifs_RecvFrom(struct place *place, SOCKET s, WSABUF *buffers, DWORD count, DWORD *bytes, DWORD *flags,
                    struct sockaddr *from, INT *length, WSAOVERLAPPED *overlapped,
                    LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, WSATHREADID *thread, INT *error)
{
    struct nonifs_socket found;
    struct operation_call call;
    if (!nonifs_find(place, s, &found))
        return not_a_socket(error);
    LPWSPRECVFROM receive = found.chain->next.lpWSPRecvFrom;
    if (!is_overlapped(&found, overlapped) || flags == NULL)
        return receive(found.next, buffers, count, bytes, flags, from, length, NULL, NULL, thread, error);
    const struct operation_request request = {.function = WSPLSP_TRACE_RECV_FROM,
                                              .direction = DIRECTION_IN,
                                              .peeked = (*flags & MSG_PEEK) != 0,
                                              .from = from,
                                              .from_length = length,
                                              .overlapped = overlapped,
                                              .routine = routine,
                                              .thread = thread,
                                              .bytes = bytes,
                                              .flags = flags,
                                              .buffers = buffers,
                                              .buffer_count = count};
    if (!operation_begin(&call, place, &found, &request, error))
        return SOCKET_ERROR;
    struct operation *operation = call.operation;
    int result = receive(found.next, operation->buffers, count, &call.bytes, &call.flags, from, length,
                         operation->below, NULL, thread, error);
    return operation_return(&call, result == 0, bytes, flags, error);
}

/* As spi_Ioctl (ifs_other.c), with the functions for handles of the layer's own. */
static int replace_extension(const struct nonifs_socket *found, SOCKET s, const GUID *id, void *out)
{
    void *function;
    enum extension extension = extension_of(id);
    if (extension == EXTENSION_COUNT)
        return 0;
    memcpy(&function, out, sizeof(function));
    extension_learn(found->chain, s, extension, function);
    function = spi_of(found->chain->place, false)->extensions[extension];
    memcpy(out, &function, sizeof(function));
    return 0;
}

static int ask_extension(const struct nonifs_socket *found, SOCKET s, void *in, DWORD in_size, void *out,
                         DWORD out_size, DWORD *returned, WSATHREADID *thread, INT *error)
{
    GUID id;
    bool sizes = in_size >= sizeof(id) && out_size >= sizeof(void *);
    bool overlap = sizes && (char *)in < (char *)out + out_size && (char *)out < (char *)in + in_size;
    if (overlap)
        memcpy(&id, in, sizeof(id));
    int result = found->chain->next.lpWSPIoctl(found->next, SIO_GET_EXTENSION_FUNCTION_POINTER, in, in_size, out,
                                               out_size, returned, NULL, NULL, thread, error);
    if (result != 0 || !sizes)
        return result;
    if (!overlap)
        memcpy(&id, in, sizeof(id));
    return replace_extension(found, s, &id, out);
}

/* What is answered at once, whether the program asks overlapped or not: the extension query goes down without a
 * WSAOVERLAPPED, as it never is pending, and there are layers that answer it without a look at the structure; and so
 * does SIO_BSP_HANDLE, to which the layer has an answer of its own. */
static bool is_question(DWORD code)
{
    return code == SIO_GET_EXTENSION_FUNCTION_POINTER || code == SIO_BSP_HANDLE;
}

static int answer(const struct nonifs_socket *found, SOCKET s, DWORD code, void *in, DWORD in_size, void *out,
                  DWORD out_size, DWORD *returned, WSATHREADID *thread, INT *error)
{
    if (code == SIO_GET_EXTENSION_FUNCTION_POINTER)
        return ask_extension(found, s, in, in_size, out, out_size, returned, thread, error);
    if (nonifs_own_code(code))
        return nonifs_own_ioctl(found, s, code, in, in_size, out, out_size, returned, thread, error);
    return found->chain->next.lpWSPIoctl(found->next, code, in, in_size, out, out_size, returned, NULL, NULL, thread,
                                         error);
}

/* An event tells of a command's end: Wine 8 calls some pending that are done, and then sends no packet where success at
 * once brings none. The codes for Winsock's own calls (nonifs_codes.c) come without a WSAOVERLAPPED: "must be a NULL
 * pointer", else WSAEFAULT ("Winsock IOCTLs", SIO_BSP_HANDLE_POLL). */
int nonifs_Ioctl(struct place *place, SOCKET s, DWORD code, void *in, DWORD in_size, void *out, DWORD out_size,
                 DWORD *returned, WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                 WSATHREADID *thread, INT *error)
{
    struct nonifs_socket found;
    struct operation_call call;
    if (!nonifs_find(place, s, &found))
        return not_a_socket(error);
    if (!is_overlapped(&found, overlapped))
        return answer(&found, s, code, in, in_size, out, out_size, returned, thread, error);
    bool question = is_question(code);
    if (returned == NULL || (nonifs_own_code(code) && !question)) {
        *error = WSAEFAULT;
        return SOCKET_ERROR;
    }
    const struct operation_request request = {.function = WSPLSP_TRACE_IOCTL,
                                              .direction = DIRECTION_OUT,
                                              .told_by = question ? TOLD_BY_RETURN : TOLD_BY_EVENT,
                                              .overlapped = overlapped,
                                              .routine = routine,
                                              .thread = thread,
                                              .bytes = returned};
    if (!operation_begin(&call, place, &found, &request, error))
        return SOCKET_ERROR;
    int result = question ? answer(&found, s, code, in, in_size, out, out_size, &call.bytes, thread, error)
                          : found.chain->next.lpWSPIoctl(found.next, code, in, in_size, out, out_size, &call.bytes,
                                                         call.operation->below, NULL, thread, error);
    return operation_return(&call, result == 0, returned, NULL, error);
}

BOOL nonifs_GetOverlappedResult(struct place *place, SOCKET s, WSAOVERLAPPED *overlapped, DWORD *bytes, WINBOOL wait,
                                DWORD *flags, INT *error)
{
    struct nonifs_socket found;
    if (!nonifs_find(place, s, &found)) {
        *error = WSAENOTSOCK;
        return FALSE;
    }
    return operation_result(overlapped, bytes, wait, flags, error);
}
