/* WSPAsyncSelect on sockets with handles of the layer's own. The next provider's messages carry its own handle, so they
 * go to a hidden window of the layer's, which sends them on to the program's window with the program's handle. The
 * window and its thread are made by the first WSPAsyncSelect of the process. */
#ifndef WSPLSP_CORE_LAYER_NONIFS_WINDOW_H
#define WSPLSP_CORE_LAYER_NONIFS_WINDOW_H

#include "sockets.h"

/* An accepted socket has the listening one's window, message and events (WSAAsyncSelect); `like` NULL: none. */
void nonifs_window_inherit(struct slot *slot, const struct slot *like);

/* The program has got the socket's handle: messages about it that came before can be sent on. */
void nonifs_window_known(struct place *place, struct slot *slot);

/* At the last WSPCleanup: ends the thread. */
void nonifs_window_end(void);

#endif
