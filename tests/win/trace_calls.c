/* A program that is traced: socket calls with known arguments and results. Ends with 0 where they went as they should.
 * usage: trace_calls echo | refused | many N | hang | children | bad | overlapped | threads N */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <winsock2.h>
#include <ws2tcpip.h>

static void expect(int right, const char *what)
{
    if (right)
        return;
    printf("%s failed: %d\n", what, WSAGetLastError());
    exit(1);
}

static struct sockaddr_in loopback(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((u_short)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static SOCKET open_socket(int type)
{
    SOCKET s = WSASocketW(AF_INET, type, 0, NULL, 0, WSA_FLAG_OVERLAPPED);
    expect(s != INVALID_SOCKET, "socket");
    return s;
}

/* Bound to a port of the system's choice, which is returned. */
static int bind_any(SOCKET s)
{
    struct sockaddr_in address = loopback(0);
    int length = sizeof address;
    expect(bind(s, (struct sockaddr *)&address, sizeof address) == 0, "bind");
    expect(getsockname(s, (struct sockaddr *)&address, &length) == 0, "getsockname");
    return ntohs(address.sin_port);
}

static void connect_pair(SOCKET *client, SOCKET *server)
{
    SOCKET listener = open_socket(SOCK_STREAM);
    int port = bind_any(listener);
    struct sockaddr_in address = loopback(port);
    expect(listen(listener, 1) == 0, "listen");
    *client = open_socket(SOCK_STREAM);
    expect(connect(*client, (struct sockaddr *)&address, sizeof address) == 0, "connect");
    int length = sizeof address;
    *server = accept(listener, (struct sockaddr *)&address, &length);
    expect(*server != INVALID_SOCKET, "accept");
    expect(closesocket(listener) == 0, "closesocket");
    printf("port %d\n", port);
}

static void echo(void)
{
    char buffer[32];
    SOCKET client, server;
    connect_pair(&client, &server);
    expect(send(client, "hello trace", 11, 0) == 11, "send");
    expect(recv(server, buffer, 5, MSG_WAITALL) == 5, "recv");
    expect(recv(server, buffer, sizeof buffer, 0) == 6, "recv");
    expect(send(server, "back", 4, 0) == 4, "send");
    expect(recv(client, buffer, 4, MSG_WAITALL) == 4, "recv");
    expect(closesocket(client) == 0 && closesocket(server) == 0, "closesocket");
}

static void refused(void)
{
    SOCKET s = open_socket(SOCK_STREAM), holder = open_socket(SOCK_STREAM);
    struct sockaddr_in address = loopback(bind_any(holder)); /* bound, but nobody listens */
    expect(connect(s, (struct sockaddr *)&address, sizeof address) != 0, "not connecting");
    expect(WSAGetLastError() == WSAECONNREFUSED, "being refused");
    closesocket(s);
    closesocket(holder);
}

static void many(int count)
{
    SOCKET s = open_socket(SOCK_STREAM);
    for (int i = 0; i < count; i++) {
        int value, length = sizeof value;
        expect(getsockopt(s, SOL_SOCKET, SO_TYPE, (char *)&value, &length) == 0 && value == SOCK_STREAM, "getsockopt");
    }
    closesocket(s);
}

static DWORD WINAPI receive_nothing(void *context)
{
    char byte;
    recv((SOCKET)context, &byte, 1, 0);
    return 0;
}

/* One thread waits for what never comes; the process ends by force when its standard input does. */
static void hang(void)
{
    SOCKET s = open_socket(SOCK_DGRAM);
    bind_any(s);
    HANDLE thread = CreateThread(NULL, 0, receive_nothing, (void *)s, 0, NULL);
    expect(thread != NULL, "CreateThread");
    while (getchar() != EOF)
        ;
    TerminateProcess(GetCurrentProcess(), 9);
}

static void run_child(char *command)
{
    char program[MAX_PATH], line[2 * MAX_PATH];
    STARTUPINFOA startup = {.cb = sizeof startup};
    PROCESS_INFORMATION process;
    DWORD status = 1;
    GetModuleFileNameA(NULL, program, MAX_PATH);
    snprintf(line, sizeof line, "\"%s\" %s", program, command);
    expect(CreateProcessA(NULL, line, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &process), "CreateProcess");
    WaitForSingleObject(process.hProcess, INFINITE);
    GetExitCodeProcess(process.hProcess, &status);
    expect(status == 0, command);
    CloseHandle(process.hProcess);
    CloseHandle(process.hThread);
}

/* What a program hands over need not be there: the provider's to say, and nobody's to crash of. (Wine's connect does.)
 */
static void bad(void)
{
    SOCKET client, server;
    DWORD bytes, flags = 0;
    connect_pair(&client, &server);
    expect(WSASend(client, (WSABUF *)64, 2, &bytes, 0, NULL, NULL) != 0, "not sending");
    expect(WSAGetLastError() == WSAEFAULT, "WSAEFAULT of WSASend");
    expect(WSARecv(client, (WSABUF *)64, 2, &bytes, &flags, NULL, NULL) != 0, "not receiving");
    expect(WSAGetLastError() == WSAEFAULT, "WSAEFAULT of WSARecv");
    closesocket(client);
    closesocket(server);
}

static void overlapped(void)
{
    char buffer[16];
    WSABUF data = {sizeof buffer, buffer};
    WSAOVERLAPPED operation = {.hEvent = WSACreateEvent()};
    DWORD bytes = 0, flags = 0;
    SOCKET client, server;
    connect_pair(&client, &server);
    expect(WSARecv(server, &data, 1, NULL, &flags, &operation, NULL) != 0 && WSAGetLastError() == WSA_IO_PENDING,
           "a receive that pends");
    expect(send(client, "overlapped", 10, 0) == 10, "send");
    expect(WSAGetOverlappedResult(server, &operation, &bytes, TRUE, &flags) && bytes == 10, "its end");
    closesocket(client);
    closesocket(server);
    WSACloseEvent(operation.hEvent);
}

static DWORD WINAPI one_call(void *context)
{
    int value, length = sizeof value;
    return getsockopt((SOCKET)context, SOL_SOCKET, SO_TYPE, (char *)&value, &length) != 0;
}

/* One after the other. */
static void threads(int count)
{
    SOCKET s = open_socket(SOCK_STREAM);
    for (int i = 0; i < count; i++) {
        DWORD status = 1;
        HANDLE thread = CreateThread(NULL, 0, one_call, (void *)s, 0, NULL);
        expect(thread != NULL, "CreateThread");
        WaitForSingleObject(thread, INFINITE);
        expect(GetExitCodeThread(thread, &status) && status == 0, "a thread");
        CloseHandle(thread);
    }
    closesocket(s);
}

int main(int argc, char **argv)
{
    WSADATA data;
    const char *task = argc > 1 ? argv[1] : "";
    int count = argc > 2 ? atoi(argv[2]) : 0;
    if (WSAStartup(MAKEWORD(2, 2), &data) != 0)
        return 1;
    if (strcmp(task, "echo") == 0)
        echo();
    else if (strcmp(task, "refused") == 0)
        refused();
    else if (strcmp(task, "many") == 0)
        many(count);
    else if (strcmp(task, "hang") == 0)
        hang();
    else if (strcmp(task, "children") == 0)
        refused(), run_child("echo"), run_child("refused");
    else if (strcmp(task, "bad") == 0)
        bad();
    else if (strcmp(task, "overlapped") == 0)
        overlapped();
    else if (strcmp(task, "threads") == 0)
        threads(count);
    else
        return 2;
    return WSACleanup() != 0;
}
