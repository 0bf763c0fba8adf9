/* The base provider: it turns the service provider interface into the system's own Winsock functions. It stands in for
 * every base entry of the private catalog, whatever DLL that entry names, so the private chains end on what the system
 * has. */
#ifndef WSPLSP_CORE_HOST_PROVIDER_BASE_H
#define WSPLSP_CORE_HOST_PROVIDER_BASE_H

#include <stdbool.h>

#include "provider.h"

/* WSPStartup of the base provider: for the host itself, and for a layer that loads its next provider. */
int WSPAPI base_startup(WORD requested, WSPDATA *data, WSAPROTOCOL_INFOW *info, WSPUPCALLTABLE upcalls,
                        WSPPROC_TABLE *procs);

/* With all 30 functions from the start: a socket that was inherited is its, even if it was never started. */
extern struct provider base_provider;

/* Whether the system says that `s` is a socket: for a handle that this process has not made itself, and that its
 * ws2_32.dll knows from now on. Keeps the last error. */
bool base_is_socket(SOCKET s);

/* Whether the base provider has made `s`, or has been asked of which entry it is; asks nobody. */
bool base_made(SOCKET s);

/* WSAPoll and WSASendMsg, which are no functions of the SPI, on the base's sockets. */
int base_poll(WSAPOLLFD *sockets, ULONG count, INT timeout, INT *error);
int base_send_msg(SOCKET s, const WSASENDMSG *arguments, INT *error);

/* The handle of a duplicated socket stands in dwProviderReserved, where layers hand it on; Wine, in a process without a
 * host, leaves it in reserved service flags. Puts it where it belongs, if there is one. */
void base_name_duplicate(WSAPROTOCOL_INFOW *info);

/* GetProcAddress for the program and for layers: WSPStartup of a DLL that is a base entry's is base_startup, also where
 * the DLL has no such export (Wine's mswsock.dll). */
FARPROC WINAPI base_get_proc_address(HMODULE module, const char *name);

#endif
