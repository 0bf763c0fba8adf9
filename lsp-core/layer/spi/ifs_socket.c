/* Sockets come and go: WSPSocket, WSPAccept, WSPJoinLeaf, WSPDuplicateSocket, WSPCloseSocket. */
#include "lsp-core/layer/chain/chain.h"
#include "lsp-core/layer/chain/nesting.h"
#include "spi.h"
#include "lsp-core/layer/chain/upcall.h"
#include "lifecycle.h"

/* "IFS providers must call this function before returning any newly created socket descriptor", and "only the modified
 * handle" is used from then on, also for the next provider (WPUModifyIFSHandle). The id is that of the chain's entry,
 * at every place of the chain: it says whose functions Winsock calls for the socket, and those are the chain's. Winsock
 * loads and starts the provider of whatever entry is named, so that a layer's hidden entry would get a program to go
 * past what stands above it. In a stack the lowest layer registers first, and the top one last. */
static SOCKET give_out(struct chain *chain, SOCKET s, INT *error)
{
    INT ignored;
    if (s == INVALID_SOCKET)
        return s;
    /* The last WSPCleanup, on another thread, is over: it would never be closed. */
    if (!atomic_load(&chain->running)) {
        *error = WSANOTINITIALISED;
        chain->next.lpWSPCloseSocket(s, &ignored);
        return INVALID_SOCKET;
    }
    SOCKET modified = upcall_modify_ifs_handle(chain->info.dwCatalogEntryId, s, error);
    if (modified == INVALID_SOCKET) {
        chain->next.lpWSPCloseSocket(s, &ignored);
        return INVALID_SOCKET;
    }
    /* The value may have been a socket's that was closed past the layer. */
    extension_forget(chain->place, modified);
    if (!sockets_set(&chain->place->sockets, modified, chain)) {
        *error = WSAENOBUFS;
        chain->next.lpWSPCloseSocket(modified, &ignored);
        return INVALID_SOCKET;
    }
    return modified;
}

static SOCKET make(struct chain *chain, int family, int type, int protocol, WSAPROTOCOL_INFOW *info, GROUP group,
                   DWORD flags, INT *error)
{
    WSAPROTOCOL_INFOW base;
    struct nesting nesting;
    WSAPROTOCOL_INFOW *below = chain_info_below(chain, info, &base);
    /* The provider between this place and the next one may start that only now. */
    if (chain->again_below)
        nesting_enter(&nesting, chain->info.dwCatalogEntryId, chain->position);
    SOCKET s = chain->next.lpWSPSocket(family, type, protocol, below, group, flags, error);
    if (chain->again_below)
        nesting_leave(&nesting);
    return give_out(chain, s, error);
}

SOCKET spi_Socket(struct place *place, int family, int type, int protocol, WSAPROTOCOL_INFOW *info, GROUP group,
                  DWORD flags, INT *error)
{
    struct chain *chain = chain_for_socket(place, family, type, protocol, info, error);
    if (chain == NULL)
        return INVALID_SOCKET;
    if (atomic_load(&chain->running))
        return make(chain, family, type, protocol, info, group, flags, error);
    *error = WSANOTINITIALISED; /* another thread has just cleaned up */
    return INVALID_SOCKET;
}

SOCKET spi_Accept(struct place *place, SOCKET s, struct sockaddr *address, INT *length, LPCONDITIONPROC condition,
                  DWORD_PTR data, INT *error)
{
    struct chain *chain = place_chain(place, s);
    if (chain == NULL) {
        *error = WSAENOTSOCK;
        return INVALID_SOCKET;
    }
    return give_out(chain, chain->next.lpWSPAccept(s, address, length, condition, data, error), error);
}

/* A leaf that joins gets no socket of its own: "the returned socket descriptor is the same as the input". */
SOCKET spi_JoinLeaf(struct place *place, SOCKET s, const struct sockaddr *name, int length, WSABUF *caller,
                    WSABUF *callee, QOS *socket_qos, QOS *group_qos, DWORD flags, INT *error)
{
    struct chain *chain = place_chain(place, s);
    if (chain == NULL) {
        *error = WSAENOTSOCK;
        return INVALID_SOCKET;
    }
    SOCKET leaf = chain->next.lpWSPJoinLeaf(s, name, length, caller, callee, socket_qos, group_qos, flags, error);
    if (leaf != s)
        leaf = give_out(chain, leaf, error);
    return leaf;
}

/* The target process has to come to this chain again, so it is told the chain's entry; what the base has put into
 * dwProviderReserved is the handle, or the way to it. */
int spi_DuplicateSocket(struct place *place, SOCKET s, DWORD process, WSAPROTOCOL_INFOW *info, INT *error)
{
    WSAPROTOCOL_INFOW base;
    struct chain *chain = place_chain(place, s);
    if (chain == NULL) {
        *error = WSAENOTSOCK;
        return SOCKET_ERROR;
    }
    base = chain->below;
    WSAPROTOCOL_INFOW *below = chain->on_base && info != NULL ? &base : info;
    int result = chain->next.lpWSPDuplicateSocket(s, process, below, error);
    if (result != 0 || info == NULL)
        return result;
    DWORD reserved = below->dwProviderReserved;
    *info = chain->info;
    info->dwProviderReserved = reserved;
    return 0;
}

/* The handle leaves the table before the next provider closes it: afterwards its value may be another socket's, made on
 * another thread. */
int spi_CloseSocket(struct place *place, SOCKET s, INT *error)
{
    struct chain *chain = place_chain(place, s);
    if (chain == NULL || !sockets_replace(&place->sockets, s, chain, SOCKETS_CLOSING)) {
        *error = WSAENOTSOCK;
        return SOCKET_ERROR;
    }
    int result = chain->next.lpWSPCloseSocket(s, error);
    if (result != SOCKET_ERROR)
        extension_forget(place, s);
    sockets_replace(&place->sockets, s, SOCKETS_CLOSING, result == SOCKET_ERROR ? chain : NULL);
    return result;
}
