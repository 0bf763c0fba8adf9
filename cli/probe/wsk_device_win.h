/* The driver's device, and addresses in its form. */
#ifndef WSPLSP_CLI_PROBE_WSK_DEVICE_WIN_H
#define WSPLSP_CLI_PROBE_WSK_DEVICE_WIN_H

#include <winsock2.h>
#include <ws2tcpip.h>

#include "lsp-core/base/error.h"
#include "wsplsp/wsk_device.h"

/* For CloseHandle. WSPLSP_NOT_FOUND where the driver is not loaded. */
enum wsplsp_status wsk_device_open(HANDLE *device, struct wsplsp_error *error);

/* One request, to its end: `input` begins with a header, which is filled here with `input_size`. Fails with
 * WSPLSP_SYSTEM where the answer is none of this version. */
enum wsplsp_status wsk_device_ask(HANDLE device, DWORD code, void *input, DWORD input_size, void *output,
                                  DWORD output_size, struct wsplsp_error *error);

void wsk_device_address(const SOCKADDR *from, struct wsplsp_wsk_address *to);

/* The addresses of a host in UTF-8, for FreeAddrInfoW; WSAStartup has been called. Family AF_UNSPEC: all. */
enum wsplsp_status wsk_resolve(const char *host, int family, ADDRINFOW **addresses, struct wsplsp_error *error);

/* An address without its port, as text. */
void wsk_address_text(const SOCKADDR *address, char text[64]);

#endif
