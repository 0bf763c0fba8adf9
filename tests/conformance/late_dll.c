/* conformance-late.dll: uses ws2_32 through its own import table, and is loaded when the program has long been running.
 */
#include "late.h"

__declspec(dllexport) int late_echo(SOCKET s, int bytes);
__declspec(dllexport) int late_talk(const struct sockaddr *to, int length, SOCKET *s);

int late_echo(SOCKET s, int bytes)
{
    char buffer[64];
    while (bytes > 0) {
        int got = recv(s, buffer, bytes < (int)sizeof buffer ? bytes : (int)sizeof buffer, 0);
        if (got <= 0 || send(s, buffer, got, 0) != got)
            return got == 0 ? WSAEDISCON : WSAGetLastError();
        bytes -= got;
    }
    return 0;
}

int late_talk(const struct sockaddr *to, int length, SOCKET *s)
{
    *s = WSASocketW(to->sa_family, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED);
    if (*s == INVALID_SOCKET || connect(*s, to, length) != 0 || send(*s, "late", 4, 0) != 4)
        return WSAGetLastError();
    return 0;
}
