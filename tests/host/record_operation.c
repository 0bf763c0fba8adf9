/* Overlapped operations of the layer's own handles: the next provider gets another structure with an event, and when
 * that is set the program is told in the way it wanted (WPUCreateSocketHandle, WPUCompleteOverlappedRequest). */
#include <stdlib.h>
#include <string.h>

#include "record_layer.h"

enum { STATUS_IN_PROGRESS = 0x103 }; /* WSS_OPERATION_IN_PROGRESS */

extern IMAGE_DOS_HEADER __ImageBase;

static volatile LONG running; /* operations, until their notification is on its way */

static void drop(struct operation *operation)
{
    INT ignored;
    if (operation->own_thread)
        upcalls.lpWPUCloseThread(&operation->thread, &ignored);
    free(operation);
}

static void CALLBACK call_routine(ULONG_PTR context)
{
    struct operation *operation = (struct operation *)context;
    operation->routine(operation->error, operation->bytes, operation->upper, operation->flags);
    drop(operation);
}

/* The low bit of hEvent only keeps a packet from a port. */
static HANDLE event_of(const WSAOVERLAPPED *overlapped)
{
    return (HANDLE)((uintptr_t)overlapped->hEvent & ~(uintptr_t)1);
}

static void tell(struct operation *operation)
{
    INT error;
    WSAOVERLAPPED *upper = operation->upper;
    upper->Offset = operation->flags;
    upper->OffsetHigh = operation->error;
    if (operation->routine == NULL) {
        WPUCompleteOverlappedRequest(operation->socket->s, upper, operation->error, operation->bytes, &error);
        drop(operation);
        return;
    }
    upper->InternalHigh = operation->bytes;
    __atomic_store_n(&upper->Internal, 0, __ATOMIC_RELEASE);
    if (upcalls.lpWPUQueueApc(&operation->thread, (LPWSAUSERAPC)call_routine, (DWORD_PTR)operation, &error) != 0)
        drop(operation);
}

/* The operation below is over, and nobody waits for it any more. */
static void finish(struct operation *operation)
{
    struct socket *socket = operation->socket;
    INT error = 0;
    if (!socket->chain->next.lpWSPGetOverlappedResult(socket->lower, &operation->lower, &operation->bytes, FALSE,
                                                      &operation->flags, &error))
        operation->error = (DWORD)error;
    CloseHandle(operation->lower.hEvent);
    CloseThreadpoolWait(operation->wait);
    tell(operation);
    InterlockedDecrement(&socket->pending);
    InterlockedDecrement(&running);
}

static void CALLBACK ended(PTP_CALLBACK_INSTANCE instance, void *context, PTP_WAIT wait, TP_WAIT_RESULT result)
{
    (void)instance, (void)wait, (void)result;
    finish(context);
}

TP_CALLBACK_ENVIRON *threadpool_of_layer(TP_CALLBACK_ENVIRON *environment)
{
    InitializeThreadpoolEnvironment(environment);
    SetThreadpoolCallbackLibrary(environment, (HMODULE)&__ImageBase);
    return environment;
}

struct operation *operation_new(struct socket *socket, WSAOVERLAPPED *upper, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                                const WSATHREADID *thread, INT *error)
{
    TP_CALLBACK_ENVIRON environment;
    struct operation *operation = calloc(1, sizeof(*operation));
    *error = WSAENOBUFS;
    if (operation == NULL)
        return NULL;
    operation->lower.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL);
    operation->wait = CreateThreadpoolWait(ended, operation, threadpool_of_layer(&environment));
    operation->upper = upper;
    operation->routine = routine;
    operation->socket = socket;
    if (thread != NULL)
        operation->thread = *thread;
    upper->Internal = STATUS_IN_PROGRESS;
    if (routine == NULL && event_of(upper) != NULL)
        ResetEvent(event_of(upper)); /* "the operating system sets the event to the nonsignaled state" when it begins */
    InterlockedIncrement(&socket->pending);
    InterlockedIncrement(&running);
    return operation;
}

int operation_started(struct operation *operation, bool failed, INT *error)
{
    if (!failed) {
        finish(operation);
        return 0;
    }
    if (*error == WSA_IO_PENDING) {
        SetThreadpoolWait(operation->wait, operation->lower.hEvent, NULL);
        return SOCKET_ERROR;
    }
    InterlockedDecrement(&operation->socket->pending);
    InterlockedDecrement(&running);
    CloseThreadpoolWait(operation->wait);
    CloseHandle(operation->lower.hEvent);
    drop(operation);
    return SOCKET_ERROR;
}

static void wait_for(const WSAOVERLAPPED *upper)
{
    while (*(volatile ULONG_PTR *)&upper->Internal == STATUS_IN_PROGRESS)
        if (event_of(upper) == NULL || WaitForSingleObject(event_of(upper), 10) == WAIT_FAILED)
            Sleep(1);
}

bool operation_result(WSAOVERLAPPED *upper, DWORD *bytes, bool wait, DWORD *flags, INT *error)
{
    if (wait)
        wait_for(upper);
    if (__atomic_load_n(&upper->Internal, __ATOMIC_ACQUIRE) == STATUS_IN_PROGRESS) {
        *error = WSA_IO_INCOMPLETE;
        return false;
    }
    *bytes = (DWORD)upper->InternalHigh;
    *flags = upper->Offset;
    *error = (INT)upper->OffsetHigh;
    return *error == 0;
}

void operations_stop(void)
{
    for (int i = 0; i < 2000 && running != 0; i++)
        Sleep(1);
}
