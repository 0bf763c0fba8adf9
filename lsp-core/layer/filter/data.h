/* Data on its way to or from the program, as the filter is shown it: in one piece. */
#ifndef WSPLSP_CORE_LAYER_FILTER_DATA_H
#define WSPLSP_CORE_LAYER_FILTER_DATA_H

#include "lsp-core/layer/chain/chain.h"
#include "filter.h"

/* What goes down in the place of the program's data. */
struct filter_copy {
    DWORD given; /* the length that the program gave */
    DWORD length;
    uint8_t bytes[];
};

/* A call that sends; on the caller's stack. */
struct filter_sending {
    WSABUF *buffers; /* what goes down: the program's own, or `own` */
    DWORD count;
    WSABUF own;
    struct filter_copy *copy;
    /* While the call goes down an operation may take the copy, for it lasts longer than the call. */
    bool offered, taken;
    struct filter_sending *other;
};

/* What is sent. */
struct filter_request {
    const struct chain *chain;
    SOCKET handle;
    WSABUF *buffers;
    DWORD count;
    bool overlapped;
    const struct sockaddr *to;
    int to_length;
};

/* Shows it to the filter. Zero, or the error that the call fails with; with zero the call goes down, and
 * filter_sent comes after it, whatever it returned. */
int filter_send(struct filter_sending *sending, const struct filter_request *request);

/* `bytes`, which may be NULL, is the call's result where it has succeeded. */
void filter_sent(struct filter_sending *sending, DWORD *bytes);

/* For an operation that begins with these buffers: its copy, which is freed by free(); or NULL. */
struct filter_copy *filter_take_copy(const WSABUF *buffers, DWORD count);

/* What has been received. */
struct filter_received {
    const struct chain *chain;
    SOCKET handle;
    const WSABUF *buffers;
    DWORD count;
    DWORD bytes; /* how many; as the filter leaves it */
    bool peeked, overlapped;
    const struct sockaddr *from; /* NULL: not known */
    int from_length;
};

/* Zero, or the error that the call or its completion fails with. */
int filter_receive(struct filter_received *received);

#endif
