/* Whether waiting for the file itself ends, for the handles of WPUCreateSocketHandle. A file is not signalled while an
 * operation without an event is under way, and is at its end (GetOverlappedResult); the kernel sees to that for its own
 * operations only. */
#ifndef WSPLSP_CORE_HOST_HANDLES_FILE_SIGNAL_H
#define WSPLSP_CORE_HOST_HANDLES_FILE_SIGNAL_H

#include <stdbool.h>

#include "lsp-core/win/winsock.h"

#include <winternl.h>

/* One for each pipe; all zero at first. The kernel may write into it until file_signal_busy has said no. */
struct file_signal {
    IO_STATUS_BLOCK listening;
};

/* Calls for one pipe never overlap. */
void file_signal_clear(struct file_signal *signal, HANDLE pipe);
void file_signal_set(struct file_signal *signal, HANDLE pipe);

bool file_signal_busy(const struct file_signal *signal);

#endif
