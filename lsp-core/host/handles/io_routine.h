/* The completion routines of ReadFileEx and WriteFileEx under way on handles of WPUCreateSocketHandle. Their hEvent is
 * the program's to use, so what they need is kept beside the structure, and found by its address. */
#ifndef WSPLSP_CORE_HOST_HANDLES_IO_ROUTINE_H
#define WSPLSP_CORE_HOST_HANDLES_IO_ROUTINE_H

#include <stdbool.h>

#include "lsp-core/win/winsock.h"

/* Remembers the routine; false when out of memory. */
bool io_routine_add(OVERLAPPED *overlapped, LPOVERLAPPED_COMPLETION_ROUTINE routine);

/* Forgets the one that was added last; NULL where there is none. */
LPOVERLAPPED_COMPLETION_ROUTINE io_routine_remove(OVERLAPPED *overlapped);

/* What the provider gets as completion routine: calls the program's, with kernel32's errors. */
void CALLBACK io_routine_completed(DWORD error, DWORD bytes, WSAOVERLAPPED *overlapped, DWORD flags);

#endif
