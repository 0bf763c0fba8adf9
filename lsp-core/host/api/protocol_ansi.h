/* WSAPROTOCOL_INFO between its two forms, for the functions that end in A. */
#ifndef WSPLSP_CORE_HOST_API_PROTOCOL_ANSI_H
#define WSPLSP_CORE_HOST_API_PROTOCOL_ANSI_H

#include "lsp-core/win/winsock.h"

void protocol_to_ansi(const WSAPROTOCOL_INFOW *wide, WSAPROTOCOL_INFOA *ansi);
void protocol_to_wide(const WSAPROTOCOL_INFOA *ansi, WSAPROTOCOL_INFOW *wide);

#endif
