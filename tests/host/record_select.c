/* record_layer.dll: WSPSelect and WSPAsyncSelect, where handles of its own have to be translated. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "record_layer.h"

/* The sockets below, as a new set; NULL for an empty one. `*foreign` where one is not the layer's. */
static fd_set *lower_set(const fd_set *set, bool *foreign)
{
    if (set == NULL)
        return NULL;
    fd_set *lower = calloc(1, offsetof(fd_set, fd_array) + (set->fd_count + 1) * sizeof(SOCKET));
    for (u_int i = 0; lower != NULL && i < set->fd_count; i++) {
        const struct socket *socket = socket_find(set->fd_array[i]);
        *foreign = *foreign || socket == NULL;
        lower->fd_array[lower->fd_count++] = socket == NULL ? set->fd_array[i] : socket->lower;
    }
    return lower;
}

/* Leaves those in `set` whose sockets below are in `lower`. */
static void keep_ready(fd_set *set, fd_set *lower)
{
    u_int count = 0;
    for (u_int i = 0; set != NULL && i < set->fd_count; i++) {
        const struct socket *socket = socket_find(set->fd_array[i]);
        if (upcalls.lpWPUFDIsSet(socket == NULL ? set->fd_array[i] : socket->lower, lower))
            set->fd_array[count++] = set->fd_array[i];
    }
    if (set != NULL)
        set->fd_count = count;
}

int WSPAPI spi_select(int count, fd_set *read, fd_set *write, fd_set *except, const PTIMEVAL timeout, INT *error)
{
    struct step step =
        STEP(Select, (uintptr_t)count, (uintptr_t)read, (uintptr_t)write, (uintptr_t)except, (uintptr_t)timeout);
    fd_set *sets[3] = {read, write, except};
    fd_set *lower[3];
    bool foreign = false;
    int result = SOCKET_ERROR;
    if (!step_begin(&step, INVALID_SOCKET))
        return (int)step_end(&step, SOCKET_ERROR, true);
    for (int i = 0; i < 3; i++)
        lower[i] = lower_set(sets[i], &foreign);
    *error = WSAENOTSOCK;
    if (!foreign || step.chain->ifs)
        result = step.chain->next.lpWSPSelect(count, lower[0], lower[1], lower[2], timeout, error);
    for (int i = 0; i < 3; i++) {
        if (result != SOCKET_ERROR)
            keep_ready(sets[i], lower[i]);
        free(lower[i]);
    }
    return (int)step_end(&step, result, result == SOCKET_ERROR);
}

/* The messages name the program's socket, so the layer waits for the events itself and posts them. */
static void CALLBACK events_came(PTP_CALLBACK_INSTANCE instance, void *context, PTP_WAIT wait, TP_WAIT_RESULT result)
{
    struct socket *socket = context;
    WSANETWORKEVENTS events;
    INT error;
    (void)instance, (void)result;
    if (socket->chain->next.lpWSPEnumNetworkEvents(socket->lower, socket->event, &events, &error) == SOCKET_ERROR)
        return;
    SetThreadpoolWait(wait, socket->event, NULL);
    for (int bit = 0; bit < FD_MAX_EVENTS; bit++)
        if ((events.lNetworkEvents & (1L << bit)) != 0)
            upcalls.lpWPUPostMessage(socket->window, socket->message, socket->s,
                                     MAKELPARAM(1 << bit, events.iErrorCode[bit]));
}

void async_select_end(struct socket *socket)
{
    if (socket->wait == NULL)
        return;
    SetThreadpoolWait(socket->wait, NULL, NULL);
    WaitForThreadpoolWaitCallbacks(socket->wait, TRUE);
    CloseThreadpoolWait(socket->wait);
    CloseHandle(socket->event);
    socket->wait = NULL;
}

static int post_events(struct socket *socket, HWND window, unsigned int message, __LONG32 events, INT *error)
{
    TP_CALLBACK_ENVIRON environment;
    async_select_end(socket);
    socket->event = CreateEventW(NULL, FALSE, FALSE, NULL);
    socket->window = window;
    socket->message = message;
    socket->events = events;
    socket->wait = CreateThreadpoolWait(events_came, socket, threadpool_of_layer(&environment));
    SetThreadpoolWait(socket->wait, socket->event, NULL);
    return socket->chain->next.lpWSPEventSelect(socket->lower, socket->event, events, error);
}

void async_select_inherit(const struct socket *from, struct socket *to)
{
    INT ignored;
    if (from != NULL && to != NULL && from->wait != NULL)
        post_events(to, from->window, from->message, from->events, &ignored);
}

int WSPAPI spi_async_select(SOCKET s, HWND window, unsigned int message, __LONG32 events, INT *error)
{
    struct step step = STEP(AsyncSelect, s, (uintptr_t)window, message, (uintptr_t)events);
    int result = SOCKET_ERROR;
    if (step_begin(&step, s)) {
        if (step.chain->ifs)
            result = step.chain->next.lpWSPAsyncSelect(step.lower, window, message, events, error);
        else
            result = post_events(step.socket, window, message, events, error);
    }
    return (int)step_end(&step, result, result == SOCKET_ERROR);
}
