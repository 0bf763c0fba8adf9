/* A filter for `wsplsp run --filter`: notes with whom a program talks, leads one port to another one, and turns what a
 * stream brings into capitals. Made by
 * x86_64-w64-mingw32-gcc -Iinclude -shared -o example_filter.dll example_filter.c -lws2_32 */
#include <stdio.h>
#include <stdlib.h>
#include <wsplsp/filter.h>

static FILE *notes;                 /* the file that EXAMPLE_NOTES names */
static unsigned from_port, to_port; /* EXAMPLE_REDIRECT=80:8080 */

static void note(const char *what, SOCKET handle, const struct sockaddr_storage *address)
{
    const struct sockaddr_in *name = (const struct sockaddr_in *)address;
    const unsigned char *byte = (const unsigned char *)&name->sin_addr;
    if (notes == NULL || name->sin_family != AF_INET)
        return;
    fprintf(notes, "%s %llu %u.%u.%u.%u:%u\n", what, (unsigned long long)handle, byte[0], byte[1], byte[2], byte[3],
            ntohs(name->sin_port));
    fflush(notes);
}

static int __cdecl on_connect(void *context, SOCKET handle, struct wsplsp_filter_address *address)
{
    struct sockaddr_in *name = (struct sockaddr_in *)&address->address;
    (void)context;
    if (name->sin_family == AF_INET && ntohs(name->sin_port) == from_port)
        name->sin_port = htons((u_short)to_port);
    note("to", handle, &address->address);
    return 0; /* or an error: WSAEACCES keeps the program from connecting */
}

static int __cdecl on_accept(void *context, SOCKET listening, SOCKET accepted, const struct wsplsp_filter_address *peer)
{
    (void)context;
    (void)listening;
    note("from", accepted, &peer->address);
    return 0;
}

static int __cdecl on_receive(void *context, SOCKET handle, struct wsplsp_filter_data *data)
{
    (void)context;
    (void)handle;
    for (uint32_t i = 0; i < data->length; i++)
        if ((data->flags & WSPLSP_FILTER_DATAGRAM) == 0 && data->bytes[i] >= 'a' && data->bytes[i] <= 'z')
            data->bytes[i] -= 'a' - 'A';
    return 0;
}

__declspec(dllexport) const struct wsplsp_filter *__cdecl wsplsp_filter_start(const struct wsplsp_filter_layer *layer)
{
    static const struct wsplsp_filter filter = {
        .size = sizeof(filter),
        .version = WSPLSP_FILTER_VERSION,
        .connect = on_connect,
        .accept = on_accept,
        .receive = on_receive,
    };
    const char *file = getenv("EXAMPLE_NOTES"), *redirect = getenv("EXAMPLE_REDIRECT");
    (void)layer;
    notes = file == NULL ? NULL : fopen(file, "a");
    if (redirect != NULL && sscanf(redirect, "%u:%u", &from_port, &to_port) != 2)
        return NULL; /* the program is not to run */
    return &filter;
}
