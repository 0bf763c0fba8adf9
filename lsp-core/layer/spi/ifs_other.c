/* What is neither a call on one socket that goes straight down, nor about sockets coming and going: addresses as text,
 * select, the socket's entry, the look-up of extension functions, and cancelling. */
#include <string.h>

#include "lsp-core/layer/chain/chain.h"
#include "lsp-core/layer/chain/nesting.h"
#include "spi.h"
#include "lifecycle.h"

INT spi_AddressToString(struct place *place, SOCKADDR *address, DWORD length, WSAPROTOCOL_INFOW *info, WCHAR *text,
                        DWORD *text_length, INT *error)
{
    WSAPROTOCOL_INFOW base;
    struct nesting nesting;
    struct chain *chain = chain_for(place, info, error);
    if (chain == NULL)
        return SOCKET_ERROR;
    nesting_enter(&nesting, chain->info.dwCatalogEntryId, chain->position);
    INT result = chain->next.lpWSPAddressToString(address, length, chain_info_below(chain, info, &base), text,
                                                  text_length, error);
    nesting_leave(&nesting);
    return result;
}

INT spi_StringToAddress(struct place *place, WCHAR *text, INT family, WSAPROTOCOL_INFOW *info, SOCKADDR *address,
                        INT *length, INT *error)
{
    WSAPROTOCOL_INFOW base;
    struct nesting nesting;
    struct chain *chain = chain_for(place, info, error);
    if (chain == NULL)
        return SOCKET_ERROR;
    nesting_enter(&nesting, chain->info.dwCatalogEntryId, chain->position);
    INT result =
        chain->next.lpWSPStringToAddress(text, family, chain_info_below(chain, info, &base), address, length, error);
    nesting_leave(&nesting);
    return result;
}

static const fd_set *first_set(const fd_set *read, const fd_set *write, const fd_set *except)
{
    const fd_set *sets[] = {read, write, except};
    for (size_t i = 0; i < 3; i++)
        if (sets[i] != NULL && sets[i]->fd_count > 0)
            return sets[i];
    return NULL;
}

/* All sockets of one call "correspond to sockets created by the service provider" (WSPSelect): the next provider of the
 * first one gets the sets as they are, and tells which others it does not know. */
int spi_Select(struct place *place, int count, fd_set *read, fd_set *write, fd_set *except, const PTIMEVAL timeout,
               INT *error)
{
    const fd_set *set = first_set(read, write, except);
    struct chain *chain = set == NULL ? NULL : place_chain(place, set->fd_array[0]);
    if (chain == NULL) {
        *error = set == NULL ? WSAEINVAL : WSAENOTSOCK;
        return SOCKET_ERROR;
    }
    return chain->next.lpWSPSelect(count, read, write, except, timeout, error);
}

/* SO_PROTOCOL_INFOW: the entry that the socket was made of is the chain's, not the base's. */
int spi_GetSockOpt(struct place *place, SOCKET s, int level, int option, char *value, INT *length, INT *error)
{
    struct chain *chain = place_chain(place, s);
    if (chain == NULL) {
        *error = WSAENOTSOCK;
        return SOCKET_ERROR;
    }
    int result = chain->next.lpWSPGetSockOpt(s, level, option, value, length, error);
    if (result == 0 && *length >= (INT)sizeof(chain->info))
        memcpy(value, &chain->info, sizeof(chain->info));
    return result;
}

/* WSASendMsg goes past a layer that says nothing to it (SIO_BSP_HANDLE), and so past its filter. Where there is one
 * that looks at what is sent, the layer answers with its own handle, and then is called by SIO_EXT_SENDMSG ("Winsock
 * IOCTLs"). A question that Winsock does not ask so goes down: the base refuses it, or answers with the same handle. */
static bool is_own_send_msg(const struct chain *chain, DWORD code, const void *out, DWORD out_size,
                            const DWORD *returned, const WSAOVERLAPPED *overlapped)
{
    if (!chain->filtered)
        return false;
    return code == SIO_EXT_SENDMSG || (code == SIO_BSP_HANDLE && out != NULL && out_size >= sizeof(SOCKET) &&
                                       returned != NULL && overlapped == NULL);
}

static int send_msg(struct place *place, SOCKET s, const WSASENDMSG *arguments, void *out, DWORD out_size,
                    DWORD *returned, INT *error)
{
    DWORD failure = 0;
    LPFN_WSASENDMSG send = (LPFN_WSASENDMSG)spi_of(place, true)->extensions[EXTENSION_SEND_MSG];
    int result = send(s, arguments->lpMsg, arguments->dwFlags, arguments->lpNumberOfBytesSent, arguments->lpOverlapped,
                      arguments->lpCompletionRoutine);
    if (result == SOCKET_ERROR)
        failure = GetLastError();
    if (out != NULL && out_size >= sizeof(failure)) {
        memcpy(out, &failure, sizeof(failure));
        if (returned != NULL)
            *returned = sizeof(failure);
    }
    if (result == SOCKET_ERROR)
        *error = (INT)failure;
    return result;
}

/* What is wrong with the arguments is said here: further down the call would be past the filter. */
static int own_send_msg(struct place *place, SOCKET s, DWORD code, const void *in, DWORD in_size, void *out,
                        DWORD out_size, DWORD *returned, const WSAOVERLAPPED *overlapped, INT *error)
{
    if (code == SIO_BSP_HANDLE) {
        memcpy(out, &s, sizeof(s));
        *returned = sizeof(s);
        return 0;
    }
    if (in == NULL || in_size < sizeof(WSASENDMSG) || overlapped != NULL) {
        *error = WSAEFAULT;
        return SOCKET_ERROR;
    }
    return send_msg(place, s, in, out, out_size, returned, error);
}

/* SIO_GET_EXTENSION_FUNCTION_POINTER: the next provider answers, as it does to whoever asks; of its answers, those that
 * the layer has a function of its own for are replaced. A completion that comes later brings the next provider's: it
 * does not pass through here. */
int spi_Ioctl(struct place *place, SOCKET s, DWORD code, void *in, DWORD in_size, void *out, DWORD out_size,
              DWORD *returned, WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
              WSATHREADID *thread, INT *error)
{
    GUID id;
    void *function;
    struct chain *chain = place_chain(place, s);
    if (chain == NULL) {
        *error = WSAENOTSOCK;
        return SOCKET_ERROR;
    }
    if (is_own_send_msg(chain, code, out, out_size, returned, overlapped))
        return own_send_msg(place, s, code, in, in_size, out, out_size, returned, overlapped, error);
    bool sizes = code == SIO_GET_EXTENSION_FUNCTION_POINTER && in_size >= sizeof(id) && out_size >= sizeof(function);
    /* The two buffers may be one. Else the next provider is the first to look whether they are good. */
    bool overlap = sizes && (char *)in < (char *)out + out_size && (char *)out < (char *)in + in_size;
    if (overlap)
        memcpy(&id, in, sizeof(id));
    int result =
        chain->next.lpWSPIoctl(s, code, in, in_size, out, out_size, returned, overlapped, routine, thread, error);
    if (result != 0 || !sizes)
        return result;
    if (!overlap)
        memcpy(&id, in, sizeof(id));
    enum extension extension = extension_of(&id);
    if (extension == EXTENSION_COUNT)
        return 0;
    memcpy(&function, out, sizeof(function));
    extension_learn(chain, s, extension, function);
    function = spi_of(place, true)->extensions[extension];
    memcpy(out, &function, sizeof(function));
    return 0;
}

/* Whose blocking call this thread is inside of is not kept, because that would cost each call; a provider that has
 * none says so. */
int spi_CancelBlockingCall(struct place *place, INT *error)
{
    INT first = WSAEINVAL, next = WSAEINVAL;
    bool asked = false;
    for (struct chain *chain = atomic_load(&place->chains); chain != NULL; chain = chain->sibling) {
        if (!atomic_load(&chain->running))
            continue;
        if (chain->next.lpWSPCancelBlockingCall(&next) == 0)
            return 0;
        first = asked ? first : next;
        asked = true;
    }
    *error = first;
    return SOCKET_ERROR;
}
