/* The Winsock headers in the order and with the version that all files of the layer need. */
#ifndef WSPLSP_CORE_LAYER_CHAIN_WINSOCK_SPI_H
#define WSPLSP_CORE_LAYER_CHAIN_WINSOCK_SPI_H

#ifndef _WIN32_WINNT
#define _WIN32_WINNT 0x0A00
#endif
#include <winsock2.h>
#include <ws2tcpip.h>
#include <ws2spi.h>
#include <mswsock.h>

#endif
