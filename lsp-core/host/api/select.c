/* Waiting for several sockets: select, WSAPoll, __WSAFDIsSet. Both waits go past the layers where these agree
 * (past_layers.h). */
#include <stddef.h>
#include <stdlib.h>

#include "api.h"
#include "lsp-core/host/provider/base.h"
#include "call.h"
#include "lsp-core/base/fd_sets_win.h"
#include "past_layers.h"
#include "lsp-core/host/redirect/real.h"
#include "startup.h"

struct waiting {
    struct fd_set_pair set[FD_SETS];
    struct provider *server; /* of the whole call */
    bool translated;         /* a handle differs from the program's */
};

static const fd_set *first_set(fd_set *const sets[FD_SETS])
{
    for (size_t i = 0; i < FD_SETS; i++)
        if (sets[i] != NULL && sets[i]->fd_count > 0)
            return sets[i];
    return NULL;
}

/* Where every socket is the base's there is nothing to be asked. */
static bool all_base(fd_set *const sets[FD_SETS])
{
    for (size_t i = 0; i < FD_SETS; i++)
        for (u_int k = 0; sets[i] != NULL && k < sets[i]->fd_count; k++)
            if (past_layers_owner(sets[i]->fd_array[k]) != NULL)
                return false;
    return true;
}

/* A program mostly has the same sockets in each of its sets, and in the same order: each is asked about once. */
static const SOCKET *find_asked(const struct waiting *waiting, size_t sets, SOCKET s, u_int at)
{
    for (size_t i = 0; i < sets; i++) {
        const fd_set *program = waiting->set[i].program;
        u_int count = program == NULL ? 0 : program->fd_count;
        if (at < count && program->fd_array[at] == s)
            return &waiting->set[i].handle[at];
        for (u_int k = 0; k < count; k++)
            if (program->fd_array[k] == s)
                return &waiting->set[i].handle[k];
    }
    return NULL;
}

/* The handle of one socket. The first of all decides who serves the call: the base, or its own provider. A layer that
 * knows nothing of the question gets the call as before Windows Vista, and so does one whose answer is no handle. */
static SOCKET ask(struct waiting *waiting, const struct call *call, SOCKET s)
{
    SOCKET handle = s;
    struct provider *owner = past_layers_owner(s);
    bool base = owner == NULL || past_layers_ask(call, owner, s, SIO_BSP_HANDLE_SELECT, &handle) == PAST_LAYERS;
    if (waiting->server == NULL)
        waiting->server = base ? provider_base() : call->provider;
    waiting->translated = waiting->translated || handle != s;
    return handle;
}

static void ask_all(struct waiting *waiting, const struct call *call)
{
    for (size_t i = 0; i < FD_SETS; i++) {
        struct fd_set_pair *set = &waiting->set[i];
        for (u_int k = 0; set->program != NULL && k < set->program->fd_count; k++) {
            SOCKET s = set->program->fd_array[k];
            const SOCKET *known = find_asked(waiting, i, s, k);
            set->handle[k] = known != NULL ? *known : ask(waiting, call, s);
            set->asked->fd_array[k] = set->handle[k];
        }
    }
}

/* Also where the call has failed: another thread may have closed one of the sockets meanwhile. */
static int select_translated(struct waiting *waiting, int count, const PTIMEVAL timeout, INT *error)
{
    fd_set *asked[FD_SETS];
    for (size_t i = 0; i < FD_SETS; i++)
        asked[i] = waiting->set[i].program == NULL ? NULL : waiting->set[i].asked;
    int result = waiting->server->procs.lpWSPSelect(count, asked[0], asked[1], asked[2], timeout, error);
    int more = fd_sets_give_back(waiting->set);
    return result == SOCKET_ERROR ? result : result + more;
}

static int select_asking(struct call *call, int count, fd_set *const sets[FD_SETS], char *room, const PTIMEVAL timeout)
{
    struct waiting waiting = {.server = NULL};
    for (size_t i = 0; i < FD_SETS; i++)
        room = fd_sets_lay_out(&waiting.set[i], sets[i], room);
    ask_all(&waiting, call);
    if (waiting.translated)
        return select_translated(&waiting, count, timeout, &call->error);
    return waiting.server->procs.lpWSPSelect(count, sets[0], sets[1], sets[2], timeout, &call->error);
}

static int select_among_layers(struct call *call, int count, fd_set *const sets[FD_SETS], const PTIMEVAL timeout)
{
    SOCKET few[2 * FD_SETS * (FD_SETSIZE + 2)];
    size_t size = fd_sets_room(sets[0]) + fd_sets_room(sets[1]) + fd_sets_room(sets[2]);
    if (size <= sizeof(few))
        return select_asking(call, count, sets, (char *)few, timeout);
    char *room = malloc(size);
    if (room == NULL) {
        call->error = WSAENOBUFS;
        return SOCKET_ERROR;
    }
    int result = select_asking(call, count, sets, room, timeout);
    free(room);
    return result;
}

/* Whoever serves the first socket in the first set that is not empty gets them all, with the handles that it knows.
 * Where it is the base, sockets of any number of providers may stand together; a layer that serves the call itself says
 * WSAENOTSOCK for what is not its own ("must be associated with a single service provider", select). It is called by
 * its WSPSelect, as Microsoft's sample has it: for SIO_EXT_SELECT, no structure has ever been published. */
int WSAAPI api_select(int count, fd_set *read, fd_set *write, fd_set *except, const PTIMEVAL timeout)
{
    fd_set *const sets[FD_SETS] = {read, write, except};
    const fd_set *set = first_set(sets);
    if (set == NULL) {
        WSASetLastError(startup_done() ? WSAEINVAL : WSANOTINITIALISED);
        return SOCKET_ERROR;
    }
    CALL_BEGIN(set->fd_array[0], SOCKET_ERROR);
    if (all_base(sets))
        return call_result(&call, base_provider.procs.lpWSPSelect(count, read, write, except, timeout, &call.error));
    return call_result(&call, select_among_layers(&call, count, sets, timeout));
}

int WSAAPI api___WSAFDIsSet(SOCKET s, fd_set *set)
{
    for (u_int i = 0; i < set->fd_count; i++)
        if (set->fd_array[i] == s)
            return 1;
    return 0;
}

/* The first layer that wants to poll itself. */
struct polling {
    WSAPOLLDATA *data;
    size_t size;
    struct provider *layer;
    SOCKET s;
};

/* A layer that knows nothing of the question may still know the base's handle; else the handle stays, and the system
 * says POLLNVAL where it is none of its own. */
static SOCKET poll_handle(struct polling *polling, const struct call *call, SOCKET s)
{
    SOCKET handle = s;
    struct provider *owner = past_layers_owner(s);
    if (owner == NULL)
        return s;
    enum past_layers past = past_layers_ask(call, owner, s, SIO_BSP_HANDLE_POLL, &handle);
    if (past == PAST_REFUSED)
        past_layers_ask(call, owner, s, SIO_BASE_HANDLE, &handle);
    if (past == PAST_OWN && polling->layer == NULL) {
        polling->layer = owner;
        polling->s = s;
    }
    return handle;
}

/* A layer gets all sockets, those of others with the base's handles: what it does not know "could belong to a BSP so
 * pass it down unmodified" (Microsoft's sample). */
static int poll_layer(const struct polling *polling, struct call *call)
{
    DWORD returned = 0;
    DWORD size = (DWORD)polling->size;
    WSATHREADID id = call->thread->id;
    if (polling->layer->procs.lpWSPIoctl(polling->s, SIO_EXT_POLL, polling->data, size, polling->data, size, &returned,
                                         NULL, NULL, &id, &call->error) == SOCKET_ERROR)
        return SOCKET_ERROR;
    return polling->data->result;
}

static int poll_asking(struct polling *polling, struct call *call, WSAPOLLFD *own, ULONG count, INT timeout)
{
    WSAPOLLDATA *data = polling->data;
    data->result = SOCKET_ERROR;
    data->fds = count;
    data->timeout = timeout;
    for (ULONG i = 0; i < count; i++) {
        data->fdArray[i] = own[i];
        data->fdArray[i].fd = poll_handle(polling, call, own[i].fd);
    }
    int result =
        polling->layer != NULL ? poll_layer(polling, call) : base_poll(data->fdArray, count, timeout, &call->error);
    for (ULONG i = 0; i < count; i++) {
        if (result != SOCKET_ERROR)
            own[i].revents = data->fdArray[i].revents;
        else if (call->error == WSAENOTSOCK) /* no valid one among them: each is told so all the same */
            own[i].revents = POLLNVAL;
    }
    return result;
}

/* The size that Microsoft's sample wants to see; 0 where no buffer is that large. */
static size_t poll_size(ULONG count)
{
    size_t most = (MAXDWORD - sizeof(WSAPOLLDATA)) / sizeof(WSAPOLLFD);
    return count > most ? 0 : sizeof(WSAPOLLDATA) + count * sizeof(WSAPOLLFD);
}

static int poll_among_layers(struct call *call, WSAPOLLFD *own, ULONG count, INT timeout)
{
    enum { FEW = 32 };
    SOCKET few[(sizeof(WSAPOLLDATA) + FEW * sizeof(WSAPOLLFD)) / sizeof(SOCKET)];
    struct polling polling = {.data = (WSAPOLLDATA *)few, .size = poll_size(count)};
    if (polling.size > sizeof(few))
        polling.data = malloc(polling.size);
    if (polling.size == 0 || polling.data == NULL) {
        call->error = WSAENOBUFS;
        return SOCKET_ERROR;
    }
    int result = poll_asking(&polling, call, own, count, timeout);
    if (polling.size > sizeof(few))
        free(polling.data);
    return result;
}

int WSAAPI api_WSAPoll(WSAPOLLFD *own, ULONG count, INT timeout)
{
    struct call call;
    if (!call_begin_without_socket(&call))
        return SOCKET_ERROR;
    if (own == NULL || count == 0) /* the system has the errors for it */
        return call_result(&call, base_poll(own, count, timeout, &call.error));
    return call_result(&call, poll_among_layers(&call, own, count, timeout));
}
