/* WSAPROTOCOL_INFO between its two forms, for the functions that end in A. */
#ifndef WSPLSP_HOST_PROTOCOL_ANSI_H
#define WSPLSP_HOST_PROTOCOL_ANSI_H

#include "winsock.h"

void protocol_to_ansi(const WSAPROTOCOL_INFOW *wide, WSAPROTOCOL_INFOA *ansi);
void protocol_to_wide(const WSAPROTOCOL_INFOA *ansi, WSAPROTOCOL_INFOW *wide);

#endif
