/* Overlapped calls as the cases need them: each begins one operation and says how it began. */
#ifndef CONFORMANCE_OVERLAPPED_H
#define CONFORMANCE_OVERLAPPED_H

#include "net.h"

struct operation {
    WSAOVERLAPPED overlapped;
    WSABUF buffer;
    DWORD flags;
    struct address from;
    char data[64];
};

/* 0, or the error: WSA_IO_PENDING as a rule. The operation must stay until it has completed. */
int begin_receive(SOCKET s, struct operation *operation, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine);
int begin_receive_from(SOCKET s, struct operation *operation, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine);
int begin_send(SOCKET s, struct operation *operation, const char *text, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine);
/* With an event of the case's own. */
void init_operation(struct operation *operation);
/* What WSAGetOverlappedResult says: 0 or the error. */
int result_of(SOCKET s, struct operation *operation, bool wait, DWORD *bytes, DWORD *flags);

#endif
