/* The well-known "@dll,-id" names, as an English Windows 7 to 11 shows them (netsh winsock show catalog). */
#include "names.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "lsp-core/base/text.h"

struct known_name {
    const char *dll; /* file name */
    long id;
    const char *text;
};

static const struct known_name known_names[] = {
    /* Windows 8 and later keep the Internet protocols' names in mswsock.dll, Windows 7 in the helper DLLs. */
    {"mswsock.dll", 60100, "MSAFD Tcpip [TCP/IP]"},
    {"mswsock.dll", 60101, "MSAFD Tcpip [UDP/IP]"},
    {"mswsock.dll", 60102, "MSAFD Tcpip [RAW/IP]"},
    {"mswsock.dll", 60200, "MSAFD Tcpip [TCP/IPv6]"},
    {"mswsock.dll", 60201, "MSAFD Tcpip [UDP/IPv6]"},
    {"mswsock.dll", 60202, "MSAFD Tcpip [RAW/IPv6]"},
    {"wshtcpip.dll", 60100, "MSAFD Tcpip [TCP/IP]"},
    {"wshtcpip.dll", 60101, "MSAFD Tcpip [UDP/IP]"},
    {"wshtcpip.dll", 60102, "MSAFD Tcpip [RAW/IP]"},
    {"wshtcpip.dll", 60103, "Tcpip"},
    {"wship6.dll", 60100, "MSAFD Tcpip [TCP/IPv6]"},
    {"wship6.dll", 60101, "MSAFD Tcpip [UDP/IPv6]"},
    {"wship6.dll", 60102, "MSAFD Tcpip [RAW/IPv6]"},
    {"wshqos.dll", 100, "RSVP TCPv6 Service Provider"},
    {"wshqos.dll", 101, "RSVP TCP Service Provider"},
    {"wshqos.dll", 102, "RSVP UDPv6 Service Provider"},
    {"wshqos.dll", 103, "RSVP UDP Service Provider"},
    {"napinsp.dll", 1000, "E-mail Naming Shim Provider"},
    {"pnrpnsp.dll", 1000, "PNRP Cloud Namespace Provider"},
    {"pnrpnsp.dll", 1001, "PNRP Name Namespace Provider"},
    {"nlasvc.dll", 1000, "Network Location Awareness Legacy (NLAv1) Namespace"},
    {"winrnr.dll", 1000, "NTDS"},
};

/* Whether the directory before `file` is Windows' own System32, in one of the spellings catalogs use. A DLL of the same
 * name elsewhere is somebody else's, and so is what it says. */
static bool in_system32(const char *path, const char *file)
{
    static const char *const folders[] = {"%SystemRoot%\\System32\\", "%windir%\\System32\\",
                                          "C:\\Windows\\System32\\"};
    size_t length = (size_t)(file - path);
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        if (strlen(folders[i]) == length && text_compare_nocase_n(folders[i], path, length) == 0)
            return true;
    }
    return false;
}

const char *names_lookup(const char *raw)
{
    if (raw[0] != '@')
        return NULL;
    const char *comma = strrchr(raw, ',');
    if (comma == NULL || comma[1] != '-')
        return NULL;
    char *end;
    long id = strtol(comma + 2, &end, 10);
    if (end == comma + 2 || *end != '\0')
        return NULL;

    const char *file = comma;
    while (file > raw + 1 && file[-1] != '\\')
        file--;
    if (!in_system32(raw + 1, file))
        return NULL;
    size_t length = (size_t)(comma - file);
    for (size_t i = 0; i < sizeof known_names / sizeof known_names[0]; i++) {
        const struct known_name *known = &known_names[i];
        if (known->id == id && strlen(known->dll) == length && text_compare_nocase_n(known->dll, file, length) == 0)
            return known->text;
    }
    return NULL;
}
