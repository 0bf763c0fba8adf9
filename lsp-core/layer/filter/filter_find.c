/* What the filtered functions ask about a socket; see filter_find.h. */
#include "filter_find.h"

#include "lsp-core/layer/trace/write.h"

bool filter_find(const struct filter_at *at, SOCKET s, struct filter_socket *found)
{
    if (!at->ifs)
        return at->find_own(at->place, s, found) && found->chain->filtered;
    found->chain = place_chain(at->place, s);
    found->overlapped = true;
    return found->chain != NULL && found->chain->filtered;
}

bool filter_overlapped(const struct filter_socket *found, const WSAOVERLAPPED *overlapped)
{
    return overlapped != NULL && found->overlapped;
}

bool filter_read_address(struct wsplsp_filter_address *address, const struct sockaddr *name, int length)
{
    const int room = sizeof(address->address);
    *address = (struct wsplsp_filter_address){.length = length < room ? length : room};
    return name != NULL && length > 0 && trace_copy(&address->address, name, (size_t)address->length);
}
