/* The filter of the tests. What passes it shows how often: the first character of what is sent is counted up, and the
 * second one of what is received, where they are digits. Built with PROBE_VERSION, PROBE_SIZE or PROBE_REFUSES, it is
 * one that no layer takes. */
#include "probe_filter.h"

#include <string.h>

#ifndef PROBE_VERSION
#define PROBE_VERSION WSPLSP_FILTER_VERSION
#endif
#ifndef PROBE_SIZE
#define PROBE_SIZE sizeof(struct wsplsp_filter)
#endif

#ifdef PROBE_REFUSES
#define PROBE_TABLE NULL
#else
#define PROBE_TABLE &filter
#endif

static struct probe probe;

__declspec(dllexport) struct probe *__cdecl probe_get(void)
{
    return &probe;
}

static uint16_t *port_of(struct wsplsp_filter_address *address)
{
    return &((struct sockaddr_in *)&address->address)->sin_port;
}

static void __cdecl see_chain(void *context, const struct wsplsp_filter_chain *chain)
{
    (void)context;
    InterlockedIncrement(&probe.chains);
    probe.chain = *chain;
}

static int __cdecl see_socket(void *context, SOCKET handle, int family, int type, int protocol)
{
    (void)context;
    InterlockedIncrement(&probe.sockets);
    probe.handle = handle;
    probe.family = family;
    probe.type = type;
    probe.protocol = protocol;
    return probe.refuse_socket;
}

static int __cdecl see_bind(void *context, SOCKET handle, struct wsplsp_filter_address *address)
{
    (void)context;
    InterlockedIncrement(&probe.binds);
    probe.handle = handle;
    probe.address = *address;
    if (probe.bind_port != 0)
        *port_of(address) = probe.bind_port;
    return probe.refuse_bind;
}

static int __cdecl see_connect(void *context, SOCKET handle, struct wsplsp_filter_address *address)
{
    (void)context;
    InterlockedIncrement(&probe.connects);
    probe.handle = handle;
    probe.address = *address;
    if (probe.connect_port != 0)
        *port_of(address) = probe.connect_port;
    return probe.refuse_connect;
}

static int __cdecl see_accept(void *context, SOCKET listening, SOCKET accepted,
                              const struct wsplsp_filter_address *peer)
{
    (void)context;
    InterlockedIncrement(&probe.accepts);
    probe.handle = listening;
    probe.accepted = accepted;
    probe.address = *peer;
    return probe.refuse_accept;
}

static void see_data(SOCKET handle, struct wsplsp_filter_data *data, uint32_t digit)
{
    probe.handle = handle;
    probe.data = *data;
    probe.peer_port = data->peer == NULL ? 0 : ((const struct sockaddr_in *)data->peer)->sin_port;
    if (digit < data->length && data->bytes[digit] >= '0' && data->bytes[digit] < '9')
        data->bytes[digit]++;
    if (probe.shorten && data->length > 0)
        memmove(data->bytes, data->bytes + 1, --data->length);
    for (uint32_t i = 0; i < probe.lengthen && data->length < data->room; i++)
        data->bytes[data->length++] = '.';
    if (probe.overstate)
        data->length = data->room + 1000;
}

static int __cdecl see_send(void *context, SOCKET handle, struct wsplsp_filter_data *data)
{
    (void)context;
    InterlockedIncrement(&probe.sends);
    see_data(handle, data, 0);
    return probe.refuse_send;
}

static int __cdecl see_receive(void *context, SOCKET handle, struct wsplsp_filter_data *data)
{
    (void)context;
    InterlockedIncrement(&probe.receives);
    see_data(handle, data, 1);
    return probe.refuse_receive;
}

static void __cdecl see_close(void *context, SOCKET handle)
{
    (void)context;
    InterlockedIncrement(&probe.closes);
    probe.handle = handle;
}

__declspec(dllexport) const struct wsplsp_filter *__cdecl wsplsp_filter_start(const struct wsplsp_filter_layer *layer)
{
    static const struct wsplsp_filter filter = {
        .size = PROBE_SIZE,
        .version = PROBE_VERSION,
        .chain = see_chain,
        .socket = see_socket,
        .bind = see_bind,
        .connect = see_connect,
        .accept = see_accept,
        .send = see_send,
        .receive = see_receive,
        .close = see_close,
    };
    InterlockedIncrement(&probe.starts);
    probe.layer_version = layer->size < sizeof(*layer) ? 0 : layer->version;
    (void)filter;
    return PROBE_TABLE;
}
