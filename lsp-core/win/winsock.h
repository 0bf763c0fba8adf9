/* The Winsock headers in the order and with the version that all files of the host need. */
#ifndef WSPLSP_CORE_WIN_WINSOCK_H
#define WSPLSP_CORE_WIN_WINSOCK_H

#ifndef _WIN32_WINNT
#define _WIN32_WINNT 0x0A00
#endif
#include <winsock2.h>
#include <ws2tcpip.h>
#include <ws2spi.h>
#include <mswsock.h>
#include <sporder.h>

#ifndef FROM_PROTOCOL_INFO
#define FROM_PROTOCOL_INFO (-1)
#endif

#endif
