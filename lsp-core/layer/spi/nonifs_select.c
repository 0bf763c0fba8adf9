/* WSPSelect on sockets with handles of the layer's own: the sets are translated by position, both ways. A handle that
 * is none of the place's goes down as it is: sockets of other providers may stand in the same set, and the base knows
 * those that are file handles. */
#include "lsp-core/layer/nonifs/sockets.h"

#include <stdlib.h>

#include "lsp-core/base/fd_sets_win.h"

/* Fills in what goes down in a set's place; `*chain` is that of the first socket that is ours. */
static void translate(struct place *place, const struct fd_set_pair *pair, struct chain **chain)
{
    struct nonifs_socket found;
    for (u_int i = 0; i < pair->asked->fd_count; i++) {
        SOCKET s = pair->program->fd_array[i];
        bool ours = nonifs_find(place, s, &found);
        if (ours && *chain == NULL)
            *chain = found.chain;
        pair->handle[i] = ours ? found.next : s;
        pair->asked->fd_array[i] = pair->handle[i];
    }
}

/* The sets are given back where the call has failed, too: another thread may have closed one of the sockets meanwhile.
 */
static int select_below(struct place *place, fd_set *const program[FD_SETS], char *room, int count,
                        const PTIMEVAL timeout, INT *error)
{
    struct fd_set_pair pairs[FD_SETS];
    fd_set *asked[FD_SETS];
    struct chain *chain = NULL;
    for (size_t i = 0; i < FD_SETS; i++) {
        room = fd_sets_lay_out(&pairs[i], program[i], room);
        translate(place, &pairs[i], &chain);
        asked[i] = program[i] == NULL ? NULL : pairs[i].asked;
    }
    if (chain == NULL) {
        *error = WSAENOTSOCK;
        return SOCKET_ERROR;
    }
    int result = chain->next.lpWSPSelect(count, asked[0], asked[1], asked[2], timeout, error);
    int more = fd_sets_give_back(pairs);
    return result == SOCKET_ERROR ? result : result + more;
}

int nonifs_Select(struct place *place, int count, fd_set *read, fd_set *write, fd_set *except, const PTIMEVAL timeout,
                  INT *error)
{
    fd_set *const program[FD_SETS] = {read, write, except};
    size_t size = fd_sets_room(read) + fd_sets_room(write) + fd_sets_room(except);
    SOCKET small[2 * FD_SETS * (FD_SETSIZE + 2)];
    if (read == NULL && write == NULL && except == NULL) {
        *error = WSAEINVAL;
        return SOCKET_ERROR;
    }
    if (size <= sizeof(small))
        return select_below(place, program, (char *)small, count, timeout, error);
    char *room = malloc(size);
    if (room == NULL) {
        *error = WSAENOBUFS;
        return SOCKET_ERROR;
    }
    int result = select_below(place, program, room, count, timeout, error);
    free(room);
    return result;
}
