/* WSPSelect on sockets with handles of the layer's own: the sets are translated by position, both ways. A handle that
 * is none of the place's goes down as it is: sockets of other providers may stand in the same set, and the base knows
 * those that are file handles. */
#include "nonifs.h"

#include <stddef.h>
#include <stdlib.h>

/* A set of the program's, and the one below; `below` has room for as many. */
struct translated {
    fd_set *program;
    fd_set *below;
    SOCKET *translation; /* by the program's position */
    u_int count;
};

struct sets {
    struct translated set[3];
    struct chain *chain; /* of the first socket that is ours */
};

/* The room that one set needs: its copy, and the translation. */
static size_t room_for(const fd_set *set)
{
    return set == NULL ? 0 : offsetof(fd_set, fd_array) + 2 * (size_t)set->fd_count * sizeof(SOCKET) + sizeof(SOCKET);
}

/* Lays a set out in the room; returns what is left of it. */
static char *translate(struct place *place, fd_set *program, struct translated *set, struct chain **chain, char *room)
{
    struct nonifs_socket found;
    *set = (struct translated){.program = program};
    if (program == NULL)
        return room;
    set->count = program->fd_count;
    set->translation = (SOCKET *)room;
    set->below = (fd_set *)(set->translation + set->count);
    set->below->fd_count = set->count;
    for (u_int i = 0; i < set->count; i++) {
        bool ours = nonifs_find(place, program->fd_array[i], &found);
        if (ours && *chain == NULL)
            *chain = found.chain;
        set->translation[i] = ours ? found.next : program->fd_array[i];
        set->below->fd_array[i] = set->translation[i];
    }
    return (char *)(set->below->fd_array + set->count);
}

static bool has(const fd_set *set, SOCKET s)
{
    u_int i = 0;
    while (i < set->fd_count && set->fd_array[i] != s)
        i++;
    return i < set->fd_count;
}

/* The result keeps the order of what was asked about, and a duplicate as often as it was there. The next provider has
 * kept the order, too, nearly always: then one pass is enough. */
static void translate_back(const struct translated *set)
{
    u_int kept = 0, at = 0;
    if (set->program == NULL)
        return;
    for (u_int i = 0; i < set->count; i++) {
        SOCKET next = set->translation[i];
        bool in_order = at < set->below->fd_count && set->below->fd_array[at] == next;
        if (in_order || has(set->below, next))
            set->program->fd_array[kept++] = set->program->fd_array[i];
        at += in_order;
    }
    set->program->fd_count = kept;
}

static int select_below(struct place *place, fd_set *const program[3], char *room, int count, const PTIMEVAL timeout,
                        INT *error)
{
    struct sets sets = {.chain = NULL};
    for (size_t i = 0; i < 3; i++)
        room = translate(place, program[i], &sets.set[i], &sets.chain, room);
    if (sets.chain == NULL) {
        *error = WSAENOTSOCK;
        return SOCKET_ERROR;
    }
    int result =
        sets.chain->next.lpWSPSelect(count, sets.set[0].below, sets.set[1].below, sets.set[2].below, timeout, error);
    if (result == SOCKET_ERROR)
        return result;
    for (size_t i = 0; i < 3; i++)
        translate_back(&sets.set[i]);
    return result;
}

int nonifs_Select(struct place *place, int count, fd_set *read, fd_set *write, fd_set *except, const PTIMEVAL timeout,
                  INT *error)
{
    fd_set *const program[3] = {read, write, except};
    size_t size = room_for(read) + room_for(write) + room_for(except);
    SOCKET small[2 * 3 * (FD_SETSIZE + 2)];
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
