/* The sets of a select call, translated; see fd_sets_win.h. */
#include "fd_sets_win.h"

#include <stdbool.h>
#include <stddef.h>

/* The copy and the handles; a set that is not there has none of either. */
size_t fd_sets_room(const fd_set *program)
{
    size_t count = program == NULL ? 0 : program->fd_count;
    return offsetof(fd_set, fd_array) + sizeof(SOCKET) + 2 * count * sizeof(SOCKET);
}

char *fd_sets_lay_out(struct fd_set_pair *pair, fd_set *program, char *room)
{
    u_int count = program == NULL ? 0 : program->fd_count;
    pair->program = program;
    pair->handle = (SOCKET *)room;
    pair->asked = (fd_set *)(pair->handle + count);
    pair->asked->fd_count = count;
    return (char *)pair->asked + offsetof(fd_set, fd_array) + count * sizeof(SOCKET);
}

static bool has(const fd_set *set, SOCKET s)
{
    u_int i = 0;
    while (i < set->fd_count && set->fd_array[i] != s)
        i++;
    return i < set->fd_count;
}

/* Puts the program's handles that stay where the provider's were; returns their number. The provider has kept the order
 * nearly always: then one pass is enough. */
static u_int keep(struct fd_set_pair *pair)
{
    u_int kept = 0, at = 0;
    for (u_int i = 0; i < pair->program->fd_count; i++) {
        bool in_order = at < pair->asked->fd_count && pair->asked->fd_array[at] == pair->handle[i];
        if (in_order || has(pair->asked, pair->handle[i]))
            pair->handle[kept++] = pair->program->fd_array[i];
        at += in_order;
    }
    return kept;
}

/* As many as the provider has, and nothing there before: none of them can be twice. */
static void fill(struct fd_set_pair *pair, u_int kept)
{
    fd_set *set = pair->program;
    bool once = kept == pair->asked->fd_count && set->fd_count == 0;
    for (u_int i = 0; i < kept; i++)
        if (once || !has(set, pair->handle[i]))
            set->fd_array[set->fd_count++] = pair->handle[i];
}

/* All are emptied before the first is filled. */
int fd_sets_give_back(struct fd_set_pair pairs[FD_SETS])
{
    u_int kept[FD_SETS] = {0}, before;
    int more = 0;
    for (size_t i = 0; i < FD_SETS; i++)
        if (pairs[i].program != NULL)
            kept[i] = keep(&pairs[i]);
    for (size_t i = 0; i < FD_SETS; i++)
        if (pairs[i].program != NULL)
            pairs[i].program->fd_count = 0;
    for (size_t i = 0; i < FD_SETS; i++) {
        if (pairs[i].program == NULL)
            continue;
        before = pairs[i].program->fd_count;
        fill(&pairs[i], kept[i]);
        more += (int)(pairs[i].program->fd_count - before) - (int)pairs[i].asked->fd_count;
    }
    return more;
}
