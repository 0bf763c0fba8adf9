/* Winsock's error numbers in the system's other two tongues: what stands in an OVERLAPPED and in a completion packet
 * (NTSTATUS), and what kernel32's file functions report. */
#ifndef WSPLSP_CORE_HOST_HANDLES_IO_STATUS_H
#define WSPLSP_CORE_HOST_HANDLES_IO_STATUS_H

#include "lsp-core/win/winsock.h"

/* The NTSTATUS that stands for a Winsock or Win32 error; never STATUS_PENDING. The system's own where it has one for
 * sockets, so that GetQueuedCompletionStatus says the same as it does of the system's sockets. */
LONG io_status_of(DWORD error);

/* The Win32 error that ReadFile and its like give where a socket function gives `error`. */
DWORD io_status_win32(DWORD error);

#endif
