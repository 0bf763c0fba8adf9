/* A program that opens sockets and closes them in every way there is. What it did is a line a step on standard output;
 * what the other side of its connections saw, it asks on the same way: a line that begins with "? " is answered by one
 * on standard input (peer.py). Nothing in the lines may hang on time, numbers of handles or ports: they are compared.
 */
#ifndef CLOSING_H
#define CLOSING_H

#include <winsock2.h>

#include <mswsock.h>
#include <ws2tcpip.h>

#include <stdbool.h>

/* Guards progress, in milliseconds: what takes so long does not end. */
enum { LIMIT = 30000 };

/* The steps of closing_dll.c: when, and what else than closing the socket. */
enum closing_arm { ARM_PROCESS_DETACH, ARM_THREAD_DETACH, ARM_PROCESS_DETACH_AND_CLEANUP, ARM_NOTHING };
typedef void (*arm_function)(enum closing_arm what, SOCKET s);

/* What a way ends with: its process does, too. */
struct way {
    const char *name;
    int (*run)(void);
};

extern const struct way ways_close[], ways_copy[], ways_pending[], ways_end[], ways_cleanup[];

/* This program's own arguments behind the way's name and the peer's port, for a way's child; NULL where there is none.
 */
extern const char *closing_argument;

/* Where the peer listens, as text. */
const char *peer_port_text(void);

/* One line. The second says "done", or the last error. Returns `done`. */
void say(const char *line);
bool step(const char *name, bool done);
void say_number(const char *name, unsigned long number);

/* Says what the peer answers; a name of a connection is one letter. Questions: "seen a" waits for the connection's end,
 * "has a 3" for so many bytes, "open a" only looks, "say a TEXT" sends, "finish a" ends its sending, "connect a PORT"
 * connects to this program. */
void ask(const char *question);

/* A new connection to the peer, which is told its name; a way that gets none ends. */
SOCKET open_to_peer(char name);
/* Listens on the loopback; `port` is what was bound, or what to bind where it is not zero. INVALID_SOCKET: that is in
 * use. */
SOCKET open_listener(unsigned short *port);
/* A connection that the peer makes. */
SOCKET open_from_peer(char name);

/* Steps that many ways take. */
bool send_step(const char *name, SOCKET s, const char *text);
bool receive_step(const char *name, SOCKET s);
bool close_step(const char *name, SOCKET s);
bool close_handle_step(const char *name, SOCKET s);
SOCKET copy_step(SOCKET s, DWORD options);

/* Ends the process where what a way stands on could not be had. */
void must(const char *what, bool done);

HANDLE start_thread(DWORD(WINAPI *routine)(void *), void *argument);
void await(const char *name, HANDLE handle);

/* Threads in calls that nothing ends: on the peer's connections a and b, and a listener. */
enum { THREADS_IN_CALLS = 3 };
void start_threads_in_calls(HANDLE *threads);

#endif
