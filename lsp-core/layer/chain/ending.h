/* Whether the process is ending: ExitProcess has ended all threads but the calling one, wherever they were, and the
 * DLLs are being told. What such a thread was in will never be over, and a lock that it held never given back: from
 * then on nothing waits, takes a lock, starts or loads anything. A program may call WSACleanup even then
 * (DLL_PROCESS_DETACH). */
#ifndef WSPLSP_CORE_LAYER_CHAIN_ENDING_H
#define WSPLSP_CORE_LAYER_CHAIN_ENDING_H

#include <stdbool.h>

bool process_is_ending(void);

#endif
