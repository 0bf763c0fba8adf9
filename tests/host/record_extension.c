/* The extension functions of record_layer.dll's own handles: each asks the next provider for its function, and hands
 * the sockets below and a structure of the layer's to it. IFS sockets get the next provider's functions directly. */
#include <stddef.h>
#include <string.h>

#include "record_layer.h"

static bool fail(int error)
{
    WSASetLastError(error);
    return false;
}

/* The socket and the next provider's function; false with the last error. */
static bool below(SOCKET s, const GUID *id, struct socket **socket, void **function)
{
    DWORD returned;
    WSATHREADID thread = {NULL, 0};
    INT error;
    *socket = socket_find(s);
    if (*socket == NULL)
        return fail(WSAENOTSOCK);
    if ((*socket)->chain->next.lpWSPIoctl((*socket)->lower, SIO_GET_EXTENSION_FUNCTION_POINTER, (void *)id, sizeof(*id),
                                          function, sizeof(*function), &returned, NULL, NULL, &thread,
                                          &error) == SOCKET_ERROR)
        return fail(error);
    return true;
}

/* An operation for the program's structure; NULL where it has none, or, with *failed, when out of memory. */
static struct operation *begin(struct socket *socket, WSAOVERLAPPED *upper, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                               bool *failed)
{
    INT error = 0;
    WSATHREADID thread = {NULL, 0};
    *failed = false;
    if (upper == NULL)
        return NULL;
    if (routine != NULL && upcalls.lpWPUOpenCurrentThread(&thread, &error) != 0) {
        *failed = true;
        return NULL;
    }
    struct operation *operation = operation_new(socket, upper, routine, &thread, &error);
    *failed = operation == NULL;
    if (*failed)
        WSASetLastError(error);
    else
        operation->own_thread = routine != NULL;
    return operation;
}

static bool end(struct operation *operation, bool done)
{
    INT error = WSAGetLastError();
    if (operation == NULL)
        return done;
    return operation_started(operation, !done, &error) == 0 || fail(error);
}

static WINBOOL PASCAL accept_ex(SOCKET s, SOCKET accepted, void *buffer, DWORD data, DWORD local, DWORD remote,
                                DWORD *bytes, OVERLAPPED *overlapped)
{
    static const GUID id = WSAID_ACCEPTEX;
    LPFN_ACCEPTEX next;
    struct socket *socket;
    const struct socket *other = socket_find(accepted);
    DWORD ignored;
    bool failed;
    if (!below(s, &id, &socket, (void **)&next))
        return FALSE;
    if (other == NULL)
        return fail(WSAENOTSOCK);
    struct operation *operation = begin(socket, overlapped, NULL, &failed);
    if (failed)
        return FALSE;
    return end(operation, next(socket->lower, other->lower, buffer, data, local, remote,
                               bytes == NULL ? &ignored : bytes, operation == NULL ? NULL : &operation->lower));
}

static WINBOOL PASCAL connect_ex(SOCKET s, const struct sockaddr *name, int length, void *buffer, DWORD size,
                                 DWORD *bytes, OVERLAPPED *overlapped)
{
    static const GUID id = WSAID_CONNECTEX;
    LPFN_CONNECTEX next;
    struct socket *socket;
    bool failed;
    if (!below(s, &id, &socket, (void **)&next))
        return FALSE;
    struct operation *operation = begin(socket, overlapped, NULL, &failed);
    if (failed)
        return FALSE;
    return end(operation,
               next(socket->lower, name, length, buffer, size, bytes, operation == NULL ? NULL : &operation->lower));
}

static WINBOOL PASCAL disconnect_ex(SOCKET s, OVERLAPPED *overlapped, DWORD flags, DWORD reserved)
{
    static const GUID id = WSAID_DISCONNECTEX;
    LPFN_DISCONNECTEX next;
    struct socket *socket;
    bool failed;
    if (!below(s, &id, &socket, (void **)&next))
        return FALSE;
    struct operation *operation = begin(socket, overlapped, NULL, &failed);
    if (failed)
        return FALSE;
    return end(operation, next(socket->lower, operation == NULL ? NULL : &operation->lower, flags, reserved));
}

static WINBOOL PASCAL transmit_file(SOCKET s, HANDLE file, DWORD size, DWORD each, OVERLAPPED *overlapped,
                                    TRANSMIT_FILE_BUFFERS *buffers, DWORD flags)
{
    static const GUID id = WSAID_TRANSMITFILE;
    LPFN_TRANSMITFILE next;
    struct socket *socket;
    bool failed;
    if (!below(s, &id, &socket, (void **)&next))
        return FALSE;
    struct operation *operation = begin(socket, overlapped, NULL, &failed);
    if (failed)
        return FALSE;
    if (operation != NULL) { /* where in the file to begin */
        operation->lower.Offset = overlapped->Offset;
        operation->lower.OffsetHigh = overlapped->OffsetHigh;
    }
    return end(operation,
               next(socket->lower, file, size, each, operation == NULL ? NULL : &operation->lower, buffers, flags));
}

static int PASCAL recv_msg(SOCKET s, WSAMSG *message, DWORD *bytes, WSAOVERLAPPED *overlapped,
                           LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    static const GUID id = WSAID_WSARECVMSG;
    LPFN_WSARECVMSG next;
    struct socket *socket;
    bool failed;
    if (!below(s, &id, &socket, (void **)&next))
        return SOCKET_ERROR;
    struct operation *operation = begin(socket, overlapped, routine, &failed);
    if (failed)
        return SOCKET_ERROR;
    bool done = next(socket->lower, message, bytes, operation == NULL ? NULL : &operation->lower, NULL) != SOCKET_ERROR;
    return end(operation, done) ? 0 : SOCKET_ERROR;
}

static int PASCAL send_msg(SOCKET s, WSAMSG *message, DWORD flags, DWORD *bytes, WSAOVERLAPPED *overlapped,
                           LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    static const GUID id = WSAID_WSASENDMSG;
    LPFN_WSASENDMSG next;
    struct socket *socket;
    bool failed;
    if (!below(s, &id, &socket, (void **)&next))
        return SOCKET_ERROR;
    struct operation *operation = begin(socket, overlapped, routine, &failed);
    if (failed)
        return SOCKET_ERROR;
    bool done =
        next(socket->lower, message, flags, bytes, operation == NULL ? NULL : &operation->lower, NULL) != SOCKET_ERROR;
    return end(operation, done) ? 0 : SOCKET_ERROR;
}

int extension_send_msg(SOCKET s, const WSASENDMSG *arguments)
{
    return send_msg(s, arguments->lpMsg, arguments->dwFlags, arguments->lpNumberOfBytesSent, arguments->lpOverlapped,
                    arguments->lpCompletionRoutine);
}

bool extension_replace(const GUID *id, void **function)
{
    static const struct {
        GUID id;
        void *function;
    } functions[] = {
        {WSAID_ACCEPTEX, (void *)accept_ex},         {WSAID_CONNECTEX, (void *)connect_ex},
        {WSAID_DISCONNECTEX, (void *)disconnect_ex}, {WSAID_TRANSMITFILE, (void *)transmit_file},
        {WSAID_WSARECVMSG, (void *)recv_msg},        {WSAID_WSASENDMSG, (void *)send_msg},
    };
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
        if (memcmp(id, &functions[i].id, sizeof(*id)) == 0) {
            *function = functions[i].function;
            return true;
        }
    return false;
}
