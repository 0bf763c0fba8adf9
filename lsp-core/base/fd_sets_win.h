/* The sets of one select call whose handles are other ones for the provider that serves it. The host has that, and so
 * has the layer. It knows no handle but by its position. */
#ifndef WSPLSP_CORE_BASE_FD_SETS_WIN_H
#define WSPLSP_CORE_BASE_FD_SETS_WIN_H

#include <winsock2.h>

enum { FD_SETS = 3 };

/* One set of the program's, and what the provider gets in its place. */
struct fd_set_pair {
    fd_set *program;
    fd_set *asked;
    SOCKET *handle; /* the provider's, by the program's position */
};

/* The bytes that a pair needs beside the program's set. */
size_t fd_sets_room(const fd_set *program);

/* Lays the pair out in the room; returns the end of what it takes. No handle is there yet. */
char *fd_sets_lay_out(struct fd_set_pair *pair, fd_set *program, char *room);

/* After the call, whether it has failed or not: what the provider has left in its sets, the program's get, in their own
 * order and each handle once. Two of the program's sets may be one: it gets what either has. Returns by how many
 * handles that is more than the provider has counted. The pairs cannot be used again. */
int fd_sets_give_back(struct fd_set_pair pairs[FD_SETS]);

#endif
