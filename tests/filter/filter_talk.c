/* Talks to itself: listens on the port that is its argument, connects to port 4242 of this machine, and prints what has
 * come through, or the error. Run over a filter that leads the one port to the other. */
#include <stdio.h>
#include <stdlib.h>
#include <winsock2.h>

static int fail(const char *what)
{
    printf("%s: error %d\n", what, WSAGetLastError());
    return 1;
}

int main(int count, char **words)
{
    WSADATA data;
    char text[16] = "";
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(count > 1 ? (u_short)atoi(words[1]) : 0)};
    if (WSAStartup(MAKEWORD(2, 2), &data) != 0)
        return 2;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    SOCKET listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
    if (listener == INVALID_SOCKET || client == INVALID_SOCKET)
        return fail("socket");
    if (bind(listener, (struct sockaddr *)&name, sizeof(name)) != 0 || listen(listener, 1) != 0)
        return fail("listen");
    name.sin_port = htons(4242);
    if (connect(client, (struct sockaddr *)&name, sizeof(name)) != 0)
        return fail("connect");
    SOCKET server = accept(listener, NULL, NULL);
    if (server == INVALID_SOCKET)
        return fail("accept");
    if (send(client, "in capitals", 11, 0) != 11 || recv(server, text, sizeof(text) - 1, 0) != 11)
        return fail("data");
    printf("%s\n", text);
    closesocket(server);
    closesocket(client);
    closesocket(listener);
    WSACleanup();
    return 0;
}
