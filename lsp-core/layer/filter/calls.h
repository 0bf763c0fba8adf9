/* The functions that a place hands out where there is a filter: they ask it, and go on to the place's own ones. What
 * completes later on a socket with a handle of the layer's own comes to filter_complete. */
#ifndef WSPLSP_CORE_LAYER_FILTER_CALLS_H
#define WSPLSP_CORE_LAYER_FILTER_CALLS_H

#include "lsp-core/layer/chain/place.h"
#include "lsp-core/layer/chain/spi_list.h"
#include "lsp-core/layer/chain/spi_table.h"

struct operation;
struct filter_socket;

struct filter_at {
    struct place *place;
    bool ifs;
    const struct spi *inner;
    /* Looks a socket with a handle of the layer's own up; false for what is none. */
    bool (*find_own)(struct place *place, SOCKET s, struct filter_socket *found);
};

extern struct filter_at filter_calls_at[PLACES][2]; /* [1]: IFS */

#define FILTER_DECLARE(type, failure, name, parameters, arguments, number) \
    type filter_##name(const struct filter_at *at, SPI_UNWRAP parameters);
SPI_FILTERED(FILTER_DECLARE)
SPI_FILTERED_EXTENSIONS(FILTER_DECLARE)
#undef FILTER_DECLARE

/* Before the operation's result is announced. */
void filter_complete(struct operation *operation);

#endif
