/* WSAPROTOCOL_INFO between its two forms; see protocol_ansi.h. */
#include "protocol_ansi.h"

#include <stddef.h>
#include <string.h>

_Static_assert(offsetof(WSAPROTOCOL_INFOA, szProtocol) == offsetof(WSAPROTOCOL_INFOW, szProtocol),
               "the two forms differ in the name alone");

void protocol_to_ansi(const WSAPROTOCOL_INFOW *wide, WSAPROTOCOL_INFOA *ansi)
{
    memcpy(ansi, wide, offsetof(WSAPROTOCOL_INFOW, szProtocol));
    /* A name that is too long in bytes is cut; the last unit is a NUL whatever the catalog holds. */
    memset(ansi->szProtocol, 0, sizeof(ansi->szProtocol));
    WideCharToMultiByte(CP_ACP, 0, wide->szProtocol, WSAPROTOCOL_LEN, ansi->szProtocol, WSAPROTOCOL_LEN, NULL, NULL);
    ansi->szProtocol[WSAPROTOCOL_LEN] = 0;
}

void protocol_to_wide(const WSAPROTOCOL_INFOA *ansi, WSAPROTOCOL_INFOW *wide)
{
    memcpy(wide, ansi, offsetof(WSAPROTOCOL_INFOW, szProtocol));
    memset(wide->szProtocol, 0, sizeof(wide->szProtocol));
    MultiByteToWideChar(CP_ACP, 0, ansi->szProtocol, WSAPROTOCOL_LEN, wide->szProtocol, WSAPROTOCOL_LEN);
    wide->szProtocol[WSAPROTOCOL_LEN] = 0;
}
