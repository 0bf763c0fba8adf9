/* The errors that connections end with, as Winsock and as Winsock Kernel number them: names, and which are the same. */
#ifndef WSPLSP_CORE_BASE_PROBE_ERRORS_H
#define WSPLSP_CORE_BASE_PROBE_ERRORS_H

#include <stddef.h>
#include <stdint.h>

#define PROBE_TIMED_OUT 10060 /* WSAETIMEDOUT */

/* "WSAECONNREFUSED", into `name`; for a number not in the table "Winsock error 10999". */
void probe_winsock_name(uint32_t code, char *name, size_t size);

/* "STATUS_CONNECTION_REFUSED"; else "NTSTATUS 0xC0000999". */
void probe_ntstatus_name(uint32_t status, char *name, size_t size);

/* The Winsock error that says the same; 0 where none does. */
uint32_t probe_winsock_of_ntstatus(uint32_t status);

#endif
