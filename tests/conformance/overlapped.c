#include "overlapped.h"

#include <string.h>

void init_operation(struct operation *operation)
{
    memset(operation, 0, sizeof *operation);
    operation->overlapped.hEvent = open_event();
}

static void prepare(struct operation *operation)
{
    operation->buffer = (WSABUF){.len = sizeof operation->data, .buf = operation->data};
    operation->from.length = sizeof operation->from.storage;
    operation->flags = 0;
}

int begin_receive(SOCKET s, struct operation *operation, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    prepare(operation);
    int result = WSARecv(s, &operation->buffer, 1, NULL, &operation->flags, &operation->overlapped, routine);
    return result == 0 ? 0 : WSAGetLastError();
}

int begin_receive_from(SOCKET s, struct operation *operation, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    prepare(operation);
    int result = WSARecvFrom(s, &operation->buffer, 1, NULL, &operation->flags, &operation->from.any,
                             &operation->from.length, &operation->overlapped, routine);
    return result == 0 ? 0 : WSAGetLastError();
}

int begin_send(SOCKET s, struct operation *operation, const char *text, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    operation->buffer = (WSABUF){.len = (ULONG)strlen(text), .buf = operation->data};
    REQUIRE(operation->buffer.len <= sizeof operation->data);
    memcpy(operation->data, text, operation->buffer.len);
    int result = WSASend(s, &operation->buffer, 1, NULL, 0, &operation->overlapped, routine);
    return result == 0 ? 0 : WSAGetLastError();
}

int result_of(SOCKET s, struct operation *operation, bool wait, DWORD *bytes, DWORD *flags)
{
    *bytes = *flags = 0xdeadbeef;
    WSASetLastError(0);
    return WSAGetOverlappedResult(s, &operation->overlapped, bytes, wait, flags) ? 0 : WSAGetLastError();
}
