/* A DLL that uses Winsock, for test_redirect.c. It is built once for each way to import a function: by name, by
 * ordinal, through wsock32.dll; redirect_delay.c is the delayed one. */
#include <winsock2.h>

__declspec(dllexport) int user_send(const char *bytes, int size)
{
    return send(INVALID_SOCKET, bytes, size, 0);
}

__declspec(dllexport) void *user_address(void)
{
    return (void *)send;
}
