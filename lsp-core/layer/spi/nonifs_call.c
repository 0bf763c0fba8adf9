/* What goes straight to the next provider's socket, for sockets with handles of the layer's own, and options, which may
 * carry handles themselves; see lsp-core/layer/nonifs/sockets.h. */
#include "lsp-core/layer/nonifs/sockets.h"

#include <string.h>

#define NONIFS_FORWARD(type, failure, name, parameters, arguments, number) \
    type nonifs_##name(struct place *place, NONIFS_UNWRAP parameters)      \
    {                                                                      \
        struct nonifs_socket found;                                        \
        if (!nonifs_find(place, s, &found)) {                              \
            *error = WSAENOTSOCK;                                          \
            return failure;                                                \
        }                                                                  \
        s = found.next;                                                    \
        return found.chain->next.lpWSP##name arguments;                    \
    }
SPI_CALLS(NONIFS_FORWARD)

/* SO_UPDATE_ACCEPT_CONTEXT's value is the listening socket, and so may SO_UPDATE_CONNECT_CONTEXT's be one. */
int nonifs_SetSockOpt(struct place *place, SOCKET s, int level, int option, const char *value, int length, INT *error)
{
    struct nonifs_socket found, named;
    SOCKET handle;
    if (!nonifs_find(place, s, &found)) {
        *error = WSAENOTSOCK;
        return SOCKET_ERROR;
    }
    bool carries = level == SOL_SOCKET && (option == SO_UPDATE_ACCEPT_CONTEXT || option == SO_UPDATE_CONNECT_CONTEXT) &&
                   value != NULL && length >= (int)sizeof(handle);
    if (carries) {
        memcpy(&handle, value, sizeof(handle));
        if (nonifs_find(place, handle, &named)) {
            value = (const char *)&named.next;
            length = sizeof(named.next);
        }
    }
    return found.chain->next.lpWSPSetSockOpt(found.next, level, option, value, length, error);
}

/* SO_PROTOCOL_INFOW: the entry that the socket was made of is the chain's, not the base's. */
int nonifs_GetSockOpt(struct place *place, SOCKET s, int level, int option, char *value, INT *length, INT *error)
{
    struct nonifs_socket found;
    if (!nonifs_find(place, s, &found)) {
        *error = WSAENOTSOCK;
        return SOCKET_ERROR;
    }
    int result = found.chain->next.lpWSPGetSockOpt(found.next, level, option, value, length, error);
    if (result == 0 && level == SOL_SOCKET && option == SO_PROTOCOL_INFOW && *length >= (INT)sizeof(found.chain->info))
        memcpy(value, &found.chain->info, sizeof(found.chain->info));
    return result;
}
