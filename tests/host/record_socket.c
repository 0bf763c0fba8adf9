/* The sockets of record_layer.dll: those of the next provider passed through (IFS), or handles of its own. */
#include <stdlib.h>
#include <string.h>

#include "record_layer.h"
#include "lsp-core/base/handle_table.h"

static struct sockets table;

SOCKET socket_make(const struct chain *chain, SOCKET lower, INT *error)
{
    INT ignored;
    struct socket *socket = calloc(1, sizeof(*socket));
    *error = WSAENOBUFS;
    if (socket == NULL) {
        chain->next.lpWSPCloseSocket(lower, &ignored);
        return INVALID_SOCKET;
    }
    socket->lower = lower;
    socket->chain = chain;
    /* The chain's, unless the layer is to do as Microsoft's sample of 1999 does. */
    const DWORD id = note_get()->own_id ? chain->layer_id : chain->info.dwCatalogEntryId;
    socket->s = chain->ifs ? upcalls.lpWPUModifyIFSHandle(id, lower, error)
                           : upcalls.lpWPUCreateSocketHandle(id, (DWORD_PTR)socket, error);
    if (socket->s != INVALID_SOCKET && (!chain->ifs || sockets_set(&table, socket->s, socket)))
        return socket->s;
    chain->next.lpWSPCloseSocket(lower, &ignored);
    free(socket);
    return INVALID_SOCKET;
}

/* The context of WPUCreateSocketHandle is the socket; an IFS handle has none. */
struct socket *socket_find(SOCKET s)
{
    DWORD_PTR context;
    INT error;
    struct socket *socket = sockets_find(&table, s);
    if (socket == NULL && upcalls.lpWPUQuerySocketHandleContext(s, &context, &error) == 0)
        socket = (struct socket *)context;
    return socket;
}

/* The operations below end first, each with its notification: WPUCompleteOverlappedRequest needs the handle. */
static void drain(const struct socket *socket)
{
    for (int i = 0; i < 2000 && socket->pending != 0; i++)
        Sleep(1);
}

int socket_close(struct socket *socket, INT *error)
{
    INT ignored;
    bool ifs = socket->chain->ifs;
    if (ifs)
        sockets_replace(&table, socket->s, socket, NULL);
    async_select_end(socket);
    if (socket->chain->next.lpWSPCloseSocket(socket->lower, error) == SOCKET_ERROR) {
        if (ifs)
            sockets_set(&table, socket->s, socket);
        return SOCKET_ERROR;
    }
    drain(socket);
    int result = ifs ? 0 : upcalls.lpWPUCloseSocketHandle(socket->s, &ignored);
    if (socket->pending == 0)
        free(socket);
    return result;
}
