/* Where Winsock sends select, WSAPoll and WSASendMsg since Windows Vista: past all layers to the base provider, unless
 * a layer wants the call for itself. Winsock asks the socket's provider ("Winsock IOCTLs": SIO_BSP_HANDLE_SELECT,
 * SIO_BSP_HANDLE_POLL, SIO_BSP_HANDLE). A layer that passes the question down gets the base's handle as the answer; one
 * that wants the call answers with its own. */
#ifndef WSPLSP_CORE_HOST_API_PAST_LAYERS_H
#define WSPLSP_CORE_HOST_API_PAST_LAYERS_H

#include "call.h"

enum past_layers {
    PAST_LAYERS, /* the handle is the base provider's */
    PAST_OWN,    /* the provider's own: the call is for it */
    PAST_REFUSED /* no answer that can be used: the provider is older than the question, or wrong */
};

/* Asks `provider`, which is not the base, of its socket `s`. `*handle` is the base's handle after PAST_LAYERS, and `s`
 * otherwise. Inside a call. */
enum past_layers past_layers_ask(const struct call *call, struct provider *provider, SOCKET s, DWORD code,
                                 SOCKET *handle);

/* Whose a handle is that the program has given: NULL for the base provider and for what is no socket, which the base
 * will say. */
static inline struct provider *past_layers_owner(SOCKET s)
{
    struct provider *provider = sockets_find(&sockets, s);
    return (uintptr_t)provider <= (uintptr_t)SOCKETS_CLOSING || provider->base ? NULL : provider;
}

#endif
