/* What applications need before the interesting call: addresses, sockets, pairs of them. All functions end the case
 * where they fail, and all sockets, events and ports belong to the case (own_*). Loopback and ephemeral ports only. */
#ifndef CONFORMANCE_NET_H
#define CONFORMANCE_NET_H

#include "harness.h"

struct address {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
        SOCKADDR_STORAGE storage;
    };
    int length;
};

struct address loopback_address(int family, unsigned short port);
struct address wildcard_address(int family, unsigned short port);
struct address local_address(SOCKET s);
struct address peer_address(SOCKET s);
unsigned short port_of(const struct address *address);
bool same_address(const struct address *a, const struct address *b);

SOCKET open_socket(int family, int type);
SOCKET open_bound(int family, int type, struct address *at); /* `at` may be NULL */
SOCKET open_listener(int family, struct address *at);
/* Nobody answers at this address: it belongs to a socket that does not listen. */
struct address silent_address(int family);

struct pair {
    SOCKET client; /* connected to the other */
    SOCKET server; /* accepted */
};
struct pair open_pair(int family);
struct pair open_datagram_pair(int family); /* each connected to the other */

void set_nonblocking(SOCKET s, bool on);
void send_text(SOCKET s, const char *text);
/* Receives just this, in as many pieces as come. */
void expect_text(SOCKET s, const char *text);
void receive_exactly(SOCKET s, void *buffer, int length);
void expect_end(SOCKET s); /* the peer has closed gracefully */
/* False after DEADLINE. */
bool wait_readable(SOCKET s);
bool wait_writable(SOCKET s);
bool wait_exception(SOCKET s);
/* Data that has been sent through loopback is there when this many bytes can be read. */
bool wait_available(SOCKET s, u_long bytes);
/* The connection is reset, not closed. */
void close_hard(SOCKET s);

WSAEVENT open_event(void);
bool wait_event(WSAEVENT event);
bool is_set(WSAEVENT event);
HANDLE open_port(void);
void associate(HANDLE port, SOCKET s, ULONG_PTR key);

/* Content that shows where it belongs: byte i of the stream number `seed`. */
void fill_pattern(char *buffer, size_t length, unsigned seed, size_t at);
bool has_pattern(const char *buffer, size_t length, unsigned seed, size_t at);

#define WSABUF_OF(buffer)                      \
    {                                          \
        .len = sizeof(buffer), .buf = (buffer) \
    }
#define TEXT_BUF(text)                                 \
    {                                                  \
        .len = sizeof(text) - 1, .buf = (char *)(text) \
    }

#endif
