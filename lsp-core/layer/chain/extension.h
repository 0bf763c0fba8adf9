/* The functions that providers have beside the SPI (SIO_GET_EXTENSION_FUNCTION_POINTER). The program calls them past
 * Winsock, so that the layer hands out its own, which find the next provider's by the socket.
 *
 * Nearly always a provider has one function for all its sockets, and it is kept with the chain. A provider may answer
 * differently for another socket; then each socket that has been asked about gets a record of its own. For a socket
 * that nobody has asked about, the chain's is right: without the layer, the program would be calling the function that
 * it was given for another one, too. */
#ifndef WSPLSP_CORE_LAYER_CHAIN_EXTENSION_H
#define WSPLSP_CORE_LAYER_CHAIN_EXTENSION_H

#include <stdatomic.h>
#include <stdbool.h>

#include "winsock_spi.h"

struct chain;
struct place;

enum extension {
    EXTENSION_ACCEPT_EX,
    EXTENSION_CONNECT_EX,
    EXTENSION_DISCONNECT_EX,
    EXTENSION_TRANSMIT_FILE,
    EXTENSION_TRANSMIT_PACKETS,
    EXTENSION_RECV_MSG,
    EXTENSION_SEND_MSG,
    EXTENSION_COUNT,
};

/* Of a chain. All zero: nothing is known yet. */
struct extension_functions {
    _Atomic(void *) function[EXTENSION_COUNT];
    atomic_bool varied; /* there are sockets with other functions */
};

/* Which of them a GUID means; EXTENSION_COUNT for any other. */
enum extension extension_of(const GUID *id);

/* The next provider has answered for this socket. */
void extension_learn(struct chain *chain, SOCKET s, enum extension extension, void *function);

/* The next provider's function for a socket, asked for where it is not known; NULL with the last error set. */
void *extension_find(struct place *place, SOCKET s, enum extension extension);

/* The same for a socket that has been found: `s` is the program's handle, `next` the next provider's. */
void *extension_find_for(struct chain *chain, SOCKET s, SOCKET next, enum extension extension);

/* What is kept about a socket that has been closed, or about all. */
void extension_forget(struct place *place, SOCKET s);
void extension_forget_all(struct place *place);

void extension_reset(struct extension_functions *functions);

/* For places_free. */
void extension_free(struct place *place);

#endif
