/* The driver in the service control manager, and its device, for the test program. Every wait has a limit. */
#ifndef WSPLSP_TESTS_DRIVER_SERVICE_H
#define WSPLSP_TESTS_DRIVER_SERVICE_H

#include <winsock2.h>

#include <stdbool.h>

/* Creates the service for this driver file, after removing what an earlier run may have left. */
bool service_install(const wchar_t *driver_file);

/* Starts and stops it, and waits until it is so. Each says whether. */
bool service_start(void);
bool service_stop(void);

/* Removes it, stopped or not. */
void service_remove(void);

/* A handle for overlapped requests; INVALID_HANDLE_VALUE. */
HANDLE device_open(void);

/* One request, waited for: its Win32 error (0: none); *returned: bytes of the answer. WAIT_TIMEOUT after 60 s. */
DWORD device_request(HANDLE device, DWORD code, const void *input, DWORD input_size, void *output, DWORD output_size,
                     DWORD *returned);

#endif
