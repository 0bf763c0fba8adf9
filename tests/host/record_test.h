/* What the parts of test_record.exe share: the notes of record_layer.dll and record_layer2.dll, and sockets to try. */
#ifndef WSPLSP_TESTS_RECORD_TEST_H
#define WSPLSP_TESTS_RECORD_TEST_H

#include "record.h"

extern struct record top, second; /* record_layer.dll, record_layer2.dll */

/* Each runs its scenarios, says their results as TAP and returns the exit status. */
int test_calls(void);
int test_upcalls(void);
int test_blocking(void);
int test_traffic(void);
int test_handles(void);
int test_chain(const char *which);
int test_own_id(const char *strictness);
int test_startup(void);
int test_names(void);

/* Forgets all notes and orders. */
void record_reset(struct record *record);
LONG record_calls(const struct record *record, enum record_function function);
/* Lets the next call of that function fail. */
void record_fail(struct record *record, enum record_function function, INT error);
void record_set_hook(struct record *record, enum record_function function, record_hook hook, void *context);

void start_version(WORD version);
void start(void); /* WSAStartup 2.2, or the program ends */

/* Sockets on the loopback; the program ends where one cannot be made. */
SOCKET make_socket(int family, int type);
SOCKET make_listener(int family, SOCKADDR_STORAGE *name, int *length);
struct pair {
    SOCKET client, server;
};
struct pair make_pair(int family);
void close_pair(struct pair pair);
/* An UDP socket that is bound. */
SOCKET make_bound(SOCKADDR_STORAGE *name, int *length);
bool is_ifs(SOCKET s);

#endif
