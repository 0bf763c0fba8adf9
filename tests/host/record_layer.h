/* The parts of record_layer.dll. */
#ifndef WSPLSP_TESTS_RECORD_LAYER_H
#define WSPLSP_TESTS_RECORD_LAYER_H

#include "record.h"

/* One protocol chain that the layer is in: what is below it there. */
struct chain {
    WSAPROTOCOL_INFOW info;      /* the chain's entry */
    WSAPROTOCOL_INFOW next_info; /* what the next provider gets: the chain's, or the base's own */
    DWORD layer_id;
    bool ifs;
    WSPPROC_TABLE next;
    HMODULE module;
};

/* A socket that the layer has made. */
struct socket {
    SOCKET s, lower; /* the same for an IFS layer */
    const struct chain *chain;
    volatile LONG pending; /* overlapped operations below */
    HWND window;           /* WSPAsyncSelect of a non-IFS socket */
    UINT message;
    __LONG32 events;
    HANDLE event;
    PTP_WAIT wait;
};

/* One call of an SPI function. */
struct step {
    enum record_function function;
    struct record_call note;
    struct socket *socket; /* NULL for a function without socket */
    const struct chain *chain;
    SOCKET lower;
    INT *error;
};

extern WSPUPCALLTABLE upcalls;

/* Notes the call, runs the hook, finds the socket; false: the call fails with *error. `s` is INVALID_SOCKET for none.
 */
bool step_begin(struct step *step, SOCKET s);
/* Notes the result. */
intptr_t step_end(struct step *step, intptr_t result, bool failed);
#define STEP(name, ...)                                                                  \
    {                                                                                    \
        .function = RECORD_##name, .error = error, .note = {.arguments = {__VA_ARGS__} } \
    }

void note_startup(WORD version, const WSAPROTOCOL_INFOW *info);
struct record *note_get(void);

/* The chain with that entry, its next provider loaded and started; NULL and *error where that fails. */
const struct chain *chain_get(const WSAPROTOCOL_INFOW *info, INT *error);
void chain_stop_all(void);
/* Any chain. */
const struct chain *chain_first(void);

/* Takes over a new socket of the next provider; closes it where that fails. */
SOCKET socket_make(const struct chain *chain, SOCKET lower, INT *error);
struct socket *socket_find(SOCKET s);
int socket_close(struct socket *socket, INT *error);

/* An overlapped operation of a non-IFS socket: the next provider gets a structure of the layer's. */
struct operation {
    WSAOVERLAPPED lower;
    WSAOVERLAPPED *upper;
    LPWSAOVERLAPPED_COMPLETION_ROUTINE routine;
    WSATHREADID thread;
    bool own_thread; /* opened with WPUOpenCurrentThread */
    struct socket *socket;
    DWORD flags;
    PTP_WAIT wait;
    DWORD error, bytes;
};
/* NULL and *error when out of memory. */
struct operation *operation_new(struct socket *socket, WSAOVERLAPPED *upper, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                                const WSATHREADID *thread, INT *error);
/* After the next provider's answer: from then on the operation ends by itself. SOCKET_ERROR with WSA_IO_PENDING, or
 * with the error that the next provider had. */
int operation_started(struct operation *operation, bool failed, INT *error);
bool operation_result(WSAOVERLAPPED *upper, DWORD *bytes, bool wait, DWORD *flags, INT *error);
void operations_stop(void);
/* The DLL stays while a callback that was made with it runs. */
TP_CALLBACK_ENVIRON *threadpool_of_layer(TP_CALLBACK_ENVIRON *environment);

/* Replaces an extension function's pointer by the layer's. */
/* SIO_EXT_SENDMSG, with errors as the extension function has them. */
int extension_send_msg(SOCKET s, const WSASENDMSG *arguments);
bool extension_replace(const GUID *id, void **function);

int WSPAPI spi_select(int count, fd_set *read, fd_set *write, fd_set *except, const PTIMEVAL timeout, INT *error);
int WSPAPI spi_async_select(SOCKET s, HWND window, unsigned int message, __LONG32 events, INT *error);
void async_select_end(struct socket *socket);
/* "A newly accepted socket has the same properties as the listening socket" (WSAAsyncSelect). */
void async_select_inherit(const struct socket *from, struct socket *to);

int WSPAPI spi_send_data(SOCKET s, WSABUF *buffers, DWORD count, DWORD *bytes, DWORD flags, WSAOVERLAPPED *overlapped,
                         LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, WSATHREADID *thread, INT *error);
int WSPAPI spi_send_to(SOCKET s, WSABUF *buffers, DWORD count, DWORD *bytes, DWORD flags, const struct sockaddr *to,
                       int to_length, WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                       WSATHREADID *thread, INT *error);
int WSPAPI spi_recv(SOCKET s, WSABUF *buffers, DWORD count, DWORD *bytes, DWORD *flags, WSAOVERLAPPED *overlapped,
                    LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, WSATHREADID *thread, INT *error);
int WSPAPI spi_recv_from(SOCKET s, WSABUF *buffers, DWORD count, DWORD *bytes, DWORD *flags, struct sockaddr *from,
                         INT *from_length, WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                         WSATHREADID *thread, INT *error);
int WSPAPI spi_ioctl(SOCKET s, DWORD code, void *in, DWORD in_size, void *out, DWORD out_size, DWORD *returned,
                     WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, WSATHREADID *thread,
                     INT *error);
WINBOOL WSPAPI spi_get_overlapped_result(SOCKET s, WSAOVERLAPPED *overlapped, DWORD *bytes, WINBOOL wait, DWORD *flags,
                                         INT *error);

#endif
