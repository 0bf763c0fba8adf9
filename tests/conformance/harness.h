/* The conformance program's harness: cases with a name, checks that print TAP, and an owner for whatever a case opens.
 * A case runs between its own WSAStartup and WSACleanup; what it handed to own_*() is closed after it, passed or not.
 * Nothing here waits for luck: a wait is for a condition and has a deadline, after which the case has failed. */
#ifndef CONFORMANCE_HARNESS_H
#define CONFORMANCE_HARNESS_H

#include <winsock2.h>
#include <ws2tcpip.h>
#include <mswsock.h>
#include <windows.h>

#include <stdbool.h>
#include <stddef.h>

/* Milliseconds for a whole case: then the program ends, as a call that hangs cannot be undone. */
enum { CASE_DEADLINE = 60000 };
/* Milliseconds for one wait. It is short in a case that is known to fail. */
extern int harness_deadline;
#define DEADLINE harness_deadline

struct test {
    int family; /* AF_INET or AF_INET6; AF_INET in a case that runs once */
    const void *data;
};

enum {
    BOTH_FAMILIES = 1, /* runs as NAME/4 and NAME/6 */
    NO_STARTUP = 2,    /* calls WSAStartup itself */
};

struct test_case {
    const char *name; /* TOPIC/WHAT */
    void (*run)(const struct test *test);
    unsigned flags;
    const void *data;
};

enum { MAX_EXPECTED = 4 };

struct options {
    const char *only; /* a glob, or NULL */
    int family;       /* 0: both */
    bool list;
    bool keep;   /* Winsock stays started from case to case, and with it a provider's own threads */
    bool strict; /* a listed case that passes is a failure */
    const char *expected[MAX_EXPECTED]; /* files of known.h, in their order */
    int expected_count;
};

/* Runs the cases of all topics; `topics` ends with NULL, each topic with a case without name. 0 if none failed. */
int harness_run(const struct test_case *const *topics, const struct options *options);

/* For a process that has no cases to run, such as a child: WSAStartup and nothing else. False if that fails. */
bool harness_startup(void);

/* --- checks: they may be used in any thread --- */

void harness_check(bool passed, const char *file, int line, const char *format, ...)
    __attribute__((format(gnu_printf, 4, 5)));
/* Ends the case, or the thread it is called in. */
void harness_abort(void) __attribute__((noreturn));
const char *error_name(int code);

#define CHECK(condition) harness_check((condition), __FILE__, __LINE__, "%s", #condition)

#define CHECK_EQUAL(got, expected)                                                                               \
    do {                                                                                                         \
        long long got_ = (long long)(got), expected_ = (long long)(expected);                                    \
        harness_check(got_ == expected_, __FILE__, __LINE__, "%s is %lld, not %s (%lld)", #got, got_, #expected, \
                      expected_);                                                                                \
    } while (0)

/* The condition says that the call has failed; then the last error must be `code`. */
#define CHECK_FAILS(condition, code)                                                                                   \
    do {                                                                                                               \
        WSASetLastError(0);                                                                                            \
        bool failed_ = (condition);                                                                                    \
        int got_ = WSAGetLastError(), expected_ = (int)(code);                                                         \
        if (failed_)                                                                                                   \
            harness_check(got_ == expected_, __FILE__, __LINE__, "%s: error %s, not %s", #condition, error_name(got_), \
                          error_name(expected_));                                                                      \
        else                                                                                                           \
            harness_check(false, __FILE__, __LINE__, "no failure: %s", #condition);                                    \
    } while (0)

#define REQUIRE(condition)                                                                                 \
    do {                                                                                                   \
        if (!(condition)) {                                                                                \
            int code_ = WSAGetLastError();                                                                 \
            harness_check(false, __FILE__, __LINE__, "%s (last error %s)", #condition, error_name(code_)); \
            harness_abort();                                                                               \
        }                                                                                                  \
    } while (0)

/* The case cannot run on this machine. */
void harness_skip(const char *reason) __attribute__((noreturn));

/* --- what a case opens --- */

SOCKET own_socket(SOCKET s); /* must be valid */
HANDLE own_handle(HANDLE handle);
HWND own_window(HWND window);
/* The case must have seen the process end; otherwise it is ended, and the case has failed. */
HANDLE own_process(HANDLE process);
void close_owned_socket(SOCKET s); /* closesocket must succeed */
void disown_socket(SOCKET s);

struct thread;
typedef DWORD (*thread_function)(void *argument);
struct thread *start_thread(thread_function run, void *argument);
/* The function's result. */
DWORD join_thread(struct thread *thread);

/* Counts all handles of this process and its threads, as the check around each case does. */
unsigned long count_handles(void);
unsigned long count_threads(void);

#endif
