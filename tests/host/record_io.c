/* record_layer.dll: data in and out, and WSPIoctl: what can be overlapped. */
#include <string.h>

#include "record_layer.h"

static void note_io(struct step *step, const WSABUF *buffers, const WSATHREADID *thread, const DWORD *flags)
{
    if (buffers != NULL)
        step->note.buffer = buffers[0];
    if (thread != NULL)
        step->note.thread = *thread;
    if (flags != NULL)
        step->note.flags = *flags;
}

static bool substitutes(const struct step *step, const WSAOVERLAPPED *overlapped)
{
    return overlapped != NULL && step->socket != NULL && !step->chain->ifs;
}

/* What of a call depends on whether the structure below is the layer's own. */
struct passed {
    WSAOVERLAPPED *overlapped;
    LPWSAOVERLAPPED_COMPLETION_ROUTINE routine;
    DWORD *bytes, *flags;
    struct operation *operation; /* NULL: the program's own */
    DWORD taken;                 /* bytes of an operation that is over at once */
};

/* False with *error when out of memory. */
static bool pass_begin(const struct step *step, struct passed *passed, const WSATHREADID *thread)
{
    if (!substitutes(step, passed->overlapped))
        return true;
    passed->operation = operation_new(step->socket, passed->overlapped, passed->routine, thread, step->error);
    if (passed->operation == NULL)
        return false;
    passed->operation->flags = passed->flags == NULL ? 0 : *passed->flags;
    passed->overlapped = &passed->operation->lower;
    passed->routine = NULL;
    passed->bytes = &passed->taken;
    passed->flags = &passed->operation->flags;
    return true;
}

static int pass_end(struct step *step, struct passed *passed, int result, DWORD *bytes, DWORD *flags)
{
    DWORD flags_now = passed->flags == NULL ? 0 : *passed->flags;
    if (passed->operation != NULL)
        result = operation_started(passed->operation, result == SOCKET_ERROR, step->error);
    if (passed->operation != NULL && result == 0) {
        if (bytes != NULL)
            *bytes = passed->taken;
        if (flags != NULL)
            *flags = flags_now;
    }
    return (int)step_end(step, result, result == SOCKET_ERROR);
}

int WSPAPI spi_send_data(SOCKET s, WSABUF *buffers, DWORD count, DWORD *bytes, DWORD flags, WSAOVERLAPPED *overlapped,
                         LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, WSATHREADID *thread, INT *error)
{
    struct passed passed = {overlapped, routine, bytes, NULL, NULL, 0};
    struct step step = STEP(Send, s, (uintptr_t)buffers, count, (uintptr_t)bytes, flags, (uintptr_t)overlapped,
                            (uintptr_t)routine, (uintptr_t)thread);
    note_io(&step, buffers, thread, NULL);
    if (!step_begin(&step, s) || !pass_begin(&step, &passed, thread))
        return (int)step_end(&step, SOCKET_ERROR, true);
    int result = step.chain->next.lpWSPSend(step.lower, buffers, count, passed.bytes, flags, passed.overlapped,
                                            passed.routine, thread, error);
    return pass_end(&step, &passed, result, bytes, NULL);
}

int WSPAPI spi_send_to(SOCKET s, WSABUF *buffers, DWORD count, DWORD *bytes, DWORD flags, const struct sockaddr *to,
                       int to_length, WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                       WSATHREADID *thread, INT *error)
{
    struct passed passed = {overlapped, routine, bytes, NULL, NULL, 0};
    struct step step = STEP(SendTo, s, (uintptr_t)buffers, count, (uintptr_t)bytes, flags, (uintptr_t)to,
                            (uintptr_t)to_length, (uintptr_t)overlapped, (uintptr_t)routine, (uintptr_t)thread);
    note_io(&step, buffers, thread, NULL);
    if (to != NULL && to_length > 0 && (size_t)to_length <= sizeof(step.note.name))
        memcpy(&step.note.name, to, (size_t)to_length);
    if (!step_begin(&step, s) || !pass_begin(&step, &passed, thread))
        return (int)step_end(&step, SOCKET_ERROR, true);
    int result = step.chain->next.lpWSPSendTo(step.lower, buffers, count, passed.bytes, flags, to, to_length,
                                              passed.overlapped, passed.routine, thread, error);
    return pass_end(&step, &passed, result, bytes, NULL);
}

int WSPAPI spi_recv(SOCKET s, WSABUF *buffers, DWORD count, DWORD *bytes, DWORD *flags, WSAOVERLAPPED *overlapped,
                    LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, WSATHREADID *thread, INT *error)
{
    struct passed passed = {overlapped, routine, bytes, flags, NULL, 0};
    struct step step = STEP(Recv, s, (uintptr_t)buffers, count, (uintptr_t)bytes, (uintptr_t)flags,
                            (uintptr_t)overlapped, (uintptr_t)routine, (uintptr_t)thread);
    note_io(&step, buffers, thread, flags);
    if (!step_begin(&step, s) || !pass_begin(&step, &passed, thread))
        return (int)step_end(&step, SOCKET_ERROR, true);
    int result = step.chain->next.lpWSPRecv(step.lower, buffers, count, passed.bytes, passed.flags, passed.overlapped,
                                            passed.routine, thread, error);
    return pass_end(&step, &passed, result, bytes, flags);
}

int WSPAPI spi_recv_from(SOCKET s, WSABUF *buffers, DWORD count, DWORD *bytes, DWORD *flags, struct sockaddr *from,
                         INT *from_length, WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                         WSATHREADID *thread, INT *error)
{
    struct passed passed = {overlapped, routine, bytes, flags, NULL, 0};
    struct step step = STEP(RecvFrom, s, (uintptr_t)buffers, count, (uintptr_t)bytes, (uintptr_t)flags, (uintptr_t)from,
                            (uintptr_t)from_length, (uintptr_t)overlapped, (uintptr_t)routine, (uintptr_t)thread);
    note_io(&step, buffers, thread, flags);
    if (!step_begin(&step, s) || !pass_begin(&step, &passed, thread))
        return (int)step_end(&step, SOCKET_ERROR, true);
    int result = step.chain->next.lpWSPRecvFrom(step.lower, buffers, count, passed.bytes, passed.flags, from,
                                                from_length, passed.overlapped, passed.routine, thread, error);
    return pass_end(&step, &passed, result, bytes, flags);
}

int WSPAPI spi_ioctl(SOCKET s, DWORD code, void *in, DWORD in_size, void *out, DWORD out_size, DWORD *bytes,
                     WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, WSATHREADID *thread,
                     INT *error)
{
    struct passed passed = {overlapped, routine, bytes, NULL, NULL, 0};
    struct step step = STEP(Ioctl, s, code, (uintptr_t)in, in_size, (uintptr_t)out, out_size, (uintptr_t)bytes,
                            (uintptr_t)overlapped, (uintptr_t)routine, (uintptr_t)thread);
    note_io(&step, NULL, thread, NULL);
    if (!step_begin(&step, s))
        return (int)step_end(&step, SOCKET_ERROR, true);
    if (code == SIO_GET_EXTENSION_FUNCTION_POINTER && !step.chain->ifs && in_size >= sizeof(GUID) &&
        out_size >= sizeof(void *) && extension_replace(in, out)) {
        *bytes = sizeof(void *);
        return (int)step_end(&step, 0, false);
    }
    /* select and WSASendMsg are to be noted, and so Winsock is told that they are not the base's ("Winsock IOCTLs"). */
    if ((code == SIO_BSP_HANDLE_SELECT || code == SIO_BSP_HANDLE) && out_size >= sizeof(s)) {
        memcpy(out, &s, sizeof(s));
        *bytes = sizeof(s);
        return (int)step_end(&step, 0, false);
    }
    if (code == SIO_EXT_SENDMSG && !step.chain->ifs && in_size >= sizeof(WSASENDMSG)) {
        int sent = extension_send_msg(s, in);
        *error = sent == 0 ? 0 : WSAGetLastError();
        memcpy(out, error, sizeof(*error)); /* "the actual error code is returned via the lpvOutBuffer" (the sample) */
        return (int)step_end(&step, sent, sent != 0);
    }
    if (!pass_begin(&step, &passed, thread))
        return (int)step_end(&step, SOCKET_ERROR, true);
    int result = step.chain->next.lpWSPIoctl(step.lower, code, in, in_size, out, out_size, passed.bytes,
                                             passed.overlapped, passed.routine, thread, error);
    return pass_end(&step, &passed, result, bytes, NULL);
}

WINBOOL WSPAPI spi_get_overlapped_result(SOCKET s, WSAOVERLAPPED *overlapped, DWORD *bytes, WINBOOL wait, DWORD *flags,
                                         INT *error)
{
    struct step step =
        STEP(GetOverlappedResult, s, (uintptr_t)overlapped, (uintptr_t)bytes, (uintptr_t)wait, (uintptr_t)flags);
    WINBOOL done = FALSE;
    if (step_begin(&step, s)) {
        if (step.chain->ifs)
            done = step.chain->next.lpWSPGetOverlappedResult(step.lower, overlapped, bytes, wait, flags, error);
        else
            done = operation_result(overlapped, bytes, wait != FALSE, flags, error);
    }
    return (WINBOOL)step_end(&step, done, !done);
}
