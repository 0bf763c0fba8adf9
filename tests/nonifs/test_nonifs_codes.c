/* WSPIoctl's codes about select, WSAPoll and WSASendMsg on handles of the layer's own: which go down, which the layer
 * answers, with what. Expected values: "Winsock IOCTLs" (SIO_BSP_HANDLE and its like), LPWSPIoctl, and mswsock.h, whose
 * structures SIO_EXT_POLL and SIO_EXT_SENDMSG carry. TAP. */
#include <stddef.h>
#include <stdlib.h>

#include <mswsock.h>

#include "base_codes.h"
#include "next.h"
#include "tap.h"
#include "upper.h"
#include "winsock_part.h"

enum { UNTOUCHED = 0x55aa };

static const DWORD questions[] = {BASE_HANDLE_CODE, SIO_BSP_HANDLE_SELECT, SIO_BSP_HANDLE_POLL};
static const DWORD all_codes[] = {BASE_HANDLE_CODE,    SIO_BSP_HANDLE, SIO_BSP_HANDLE_SELECT,
                                  SIO_BSP_HANDLE_POLL, SIO_EXT_POLL,   SIO_EXT_SENDMSG};
enum { QUESTIONS = sizeof(questions) / sizeof(questions[0]), CODES = sizeof(all_codes) / sizeof(all_codes[0]) };

static WSPPROC_TABLE procs;
static SOCKET s, below;
static WSATHREADID thread;

static SOCKET open_socket(DWORD flags)
{
    INT error;
    WSAPROTOCOL_INFOW info = *part_entry(CHAIN);
    return procs.lpWSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP, &info, 0, flags, &error);
}

static void begin(void)
{
    upper_reset();
    next_reset();
    base_codes_reset();
    upper_nonifs();
    EXPECT(part_start(CHAIN, &procs) == 0);
    s = open_socket(WSA_FLAG_OVERLAPPED);
    below = next_last();
    next.command = base_codes_answer;
    EXPECT(upper_is_open(s) && s != below);
}

static void end(void)
{
    INT error;
    next.answer = NEXT_AT_ONCE;
    EXPECT(procs.lpWSPCleanup(&error) == 0);
    EXPECT(upper_open_handles() == 0 && upper.wrong == 0 && next.sockets == next.closes && next.wrong == 0);
}

/* Zero, or the error; a code that succeeds must leave the place for it alone. */
static INT ask(SOCKET on, DWORD code, void *in, DWORD in_size, void *out, DWORD out_size, DWORD *returned,
               WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    INT error = UNTOUCHED;
    int result = procs.lpWSPIoctl(on, code, in, in_size, out, out_size, returned, overlapped, routine, &thread, &error);
    EXPECT(result == 0 ? error == UNTOUCHED : result == SOCKET_ERROR && error != UNTOUCHED);
    return result == 0 ? 0 : error;
}

static INT ask_handle(SOCKET on, DWORD code, SOCKET *handle, DWORD *returned)
{
    *handle = UNTOUCHED;
    *returned = UNTOUCHED;
    return ask(on, code, NULL, 0, handle, sizeof(*handle), returned, NULL, NULL);
}

/* --- the questions that go down --- */

static void the_base_answers(void)
{
    SOCKET handle;
    DWORD returned;
    begin();
    for (int i = 0; i < QUESTIONS; i++) {
        EXPECT(ask_handle(s, questions[i], &handle, &returned) == 0 && handle == below && returned == sizeof(handle));
        EXPECT(base_codes.asked == i + 1 && base_codes.code == questions[i] && base_codes.s == below);
    }
    end();
}

static void the_bases_refusal_passes(void)
{
    SOCKET handle;
    DWORD returned;
    begin();
    for (int i = 0; i < QUESTIONS; i++) {
        base_codes.refuses = WSAEOPNOTSUPP;
        EXPECT(ask_handle(s, questions[i], &handle, &returned) == WSAEOPNOTSUPP && handle == UNTOUCHED);
        base_codes.refuses = 0;
        EXPECT(ask(s, questions[i], NULL, 0, &handle, sizeof(handle) - 1, &returned, NULL, NULL) == WSAEFAULT);
        EXPECT(ask(s, questions[i], NULL, 0, NULL, sizeof(handle), &returned, NULL, NULL) == WSAEFAULT);
        EXPECT(handle == UNTOUCHED);
    }
    end();
}

/* "The lpOverlapped parameter must be a NULL pointer" for WSAPoll's; the others end like any overlapped call. */
static void questions_overlapped(void)
{
    WSAOVERLAPPED overlapped = {0};
    SOCKET handle = UNTOUCHED;
    DWORD returned = 0;
    begin();
    EXPECT(ask(s, SIO_BSP_HANDLE_POLL, NULL, 0, &handle, sizeof(handle), &returned, &overlapped, NULL) == WSAEFAULT);
    EXPECT(handle == UNTOUCHED && base_codes.overlapped && upper.completions == 0);
    INT error = ask(s, SIO_BSP_HANDLE_SELECT, NULL, 0, &handle, sizeof(handle), &returned, &overlapped, NULL);
    EXPECT((error == 0 || error == WSA_IO_PENDING) && upper_wait(1) && base_codes.overlapped);
    EXPECT(handle == below && upper.completion[0].s == s && upper.completion[0].overlapped == &overlapped &&
           upper.completion[0].error == 0 && upper.completion[0].bytes == sizeof(handle));
    end();
}

/* --- WSASendMsg's question, which the layer answers --- */

static void the_layers_own_handle(void)
{
    SOCKET handle;
    DWORD returned;
    begin();
    EXPECT(ask_handle(s, SIO_BSP_HANDLE, &handle, &returned) == 0 && handle == s && returned == sizeof(handle));
    EXPECT(base_codes.asked == 1 && base_codes.s == below && base_codes.code == SIO_BSP_HANDLE);
    /* What is below must know the question. */
    base_codes.refuses = WSAEOPNOTSUPP;
    EXPECT(ask_handle(s, SIO_BSP_HANDLE, &handle, &returned) == WSAEOPNOTSUPP && handle == UNTOUCHED);
    base_codes.refuses = 0;
    for (DWORD size = 0; size < sizeof(handle); size++)
        EXPECT(ask(s, SIO_BSP_HANDLE, NULL, 0, &handle, size, &returned, NULL, NULL) == WSAEFAULT);
    EXPECT(ask(s, SIO_BSP_HANDLE, NULL, 0, NULL, sizeof(handle), &returned, NULL, NULL) == WSAEFAULT);
    EXPECT(ask(s, SIO_BSP_HANDLE, NULL, 0, &handle, sizeof(handle), NULL, NULL, NULL) == WSAEFAULT);
    EXPECT(handle == UNTOUCHED);
    end();
}

/* It is done at once: announced by the time of the return, and with the size 0, as all that is answered without the
 * system (the extension query, FIONREAD), though the caller has been told how much there is. */
static void the_layers_own_handle_overlapped(void)
{
    WSAOVERLAPPED overlapped = {0};
    SOCKET handle = UNTOUCHED;
    DWORD returned = UNTOUCHED;
    begin();
    EXPECT(ask(s, SIO_BSP_HANDLE, NULL, 0, &handle, sizeof(handle), &returned, &overlapped, NULL) == 0);
    EXPECT(handle == s && returned == sizeof(handle) && !base_codes.overlapped);
    EXPECT(upper.completions == 1 && upper.completion[0].s == s && upper.completion[0].overlapped == &overlapped &&
           upper.completion[0].error == 0 && upper.completion[0].bytes == 0);
    base_codes.refuses = WSAEOPNOTSUPP;
    EXPECT(ask(s, SIO_BSP_HANDLE, NULL, 0, &handle, sizeof(handle), &returned, &overlapped, NULL) == WSAEOPNOTSUPP);
    base_codes.refuses = 0;
    EXPECT(ask(s, SIO_BSP_HANDLE, NULL, 0, &handle, 3, &returned, &overlapped, NULL) == WSAEFAULT);
    EXPECT(ask(s, SIO_BSP_HANDLE, NULL, 0, &handle, sizeof(handle), NULL, &overlapped, NULL) == WSAEFAULT);
    EXPECT(upper.completions == 1);
    end();
}

static struct {
    int calls;
    DWORD error, bytes;
} called;

static void CALLBACK routine(DWORD error, DWORD bytes, LPWSAOVERLAPPED overlapped, DWORD flags)
{
    (void)overlapped, (void)flags;
    called.calls++;
    called.error = error;
    called.bytes = bytes;
}

/* "The completion routine, if specified, will have already been queued." */
static void the_layers_own_handle_by_routine(void)
{
    WSAOVERLAPPED overlapped = {0};
    SOCKET handle = UNTOUCHED;
    DWORD returned = UNTOUCHED;
    begin();
    memset(&called, 0, sizeof(called));
    EXPECT(ask(s, SIO_BSP_HANDLE, NULL, 0, &handle, sizeof(handle), &returned, &overlapped, routine) == 0);
    EXPECT(handle == s && called.calls == 0 && upper.completions == 0);
    EXPECT(SleepEx(20000, TRUE) == WAIT_IO_COMPLETION);
    EXPECT(called.calls == 1 && called.error == 0 && called.bytes == 0);
    end();
}

/* Of a socket that is not overlapped structure and routine are ignored (LPWSPIoctl). */
static void sockets_that_are_not_overlapped(void)
{
    WSAOVERLAPPED overlapped = {0};
    SOCKET handle = UNTOUCHED;
    DWORD returned = UNTOUCHED;
    begin();
    SOCKET plain = open_socket(0);
    EXPECT(ask(plain, SIO_BSP_HANDLE, NULL, 0, &handle, sizeof(handle), &returned, &overlapped, routine) == 0);
    EXPECT(handle == plain && returned == sizeof(handle) && !base_codes.overlapped);
    EXPECT(ask(plain, SIO_BSP_HANDLE_SELECT, NULL, 0, &handle, sizeof(handle), &returned, &overlapped, NULL) == 0);
    EXPECT(handle == next_last() && !base_codes.overlapped && upper.completions == 0);
    end();
}

/* --- SIO_EXT_POLL --- */

/* WSAPOLLDATA with room. */
struct polling {
    int result;
    ULONG fds;
    INT timeout;
    WSAPOLLFD entry[3];
};
_Static_assert(offsetof(struct polling, entry) == offsetof(WSAPOLLDATA, fdArray), "WSAPOLLDATA");

static DWORD size_of(ULONG fds)
{
    return (DWORD)(offsetof(WSAPOLLDATA, fdArray) + fds * sizeof(WSAPOLLFD));
}

static void three_sockets(struct polling *polling, SOCKET second)
{
    const SOCKET fds[] = {s, 0x7770, second};
    memset(polling, 0, sizeof(*polling));
    polling->result = UNTOUCHED;
    polling->fds = 3;
    polling->timeout = 1234;
    for (int i = 0; i < 3; i++)
        polling->entry[i] = (WSAPOLLFD){.fd = fds[i], .events = POLLIN, .revents = 0x70};
}

static void polls_with_the_next_handles(void)
{
    struct polling polling = {.fds = 0}, out = {.fds = 0};
    DWORD returned = 0;
    begin();
    SOCKET second = open_socket(0), second_below = next_last();
    base_codes.result = 3;
    for (int apart = 0; apart < 2; apart++) {
        struct polling *answer = apart ? &out : &polling;
        memset(&out, 0, sizeof(out));
        three_sockets(&polling, second);
        EXPECT(ask(s, SIO_EXT_POLL, &polling, size_of(3), answer, size_of(3), &returned, NULL, NULL) == 0);
        EXPECT(returned == size_of(3) && base_codes.s == below && base_codes.fds == 3 && base_codes.timeout == 1234);
        EXPECT(base_codes.polled[0].fd == below && base_codes.polled[1].fd == 0x7770 &&
               base_codes.polled[2].fd == second_below && base_codes.polled[2].events == POLLIN);
        EXPECT(polling.result == 3 && answer->result == 3);
        for (int i = 0; i < 3; i++) {
            const WSAPOLLFD *entry = &answer->entry[i];
            EXPECT(entry->fd == (i == 0 ? s : i == 1 ? 0x7770 : second) && entry->revents == i + 1);
            EXPECT(polling.entry[i].revents == i + 1);
        }
    }
    end();
}

static void polls_wrongly(void)
{
    WSAOVERLAPPED overlapped = {0};
    struct polling polling;
    DWORD returned = 0;
    begin();
    three_sockets(&polling, s);
    EXPECT(ask(s, SIO_EXT_POLL, NULL, size_of(3), &polling, size_of(3), &returned, NULL, NULL) == WSAEFAULT);
    EXPECT(ask(s, SIO_EXT_POLL, &polling, size_of(0) - 1, &polling, size_of(3), &returned, NULL, NULL) == WSAEFAULT);
    EXPECT(ask(s, SIO_EXT_POLL, &polling, size_of(3) - 1, &polling, size_of(3), &returned, NULL, NULL) == WSAEFAULT);
    polling.fds = 0xffffffff;
    EXPECT(ask(s, SIO_EXT_POLL, &polling, size_of(3), &polling, size_of(3), &returned, NULL, NULL) == WSAEFAULT);
    polling.fds = 3;
    EXPECT(ask(s, SIO_EXT_POLL, &polling, size_of(3), &polling, size_of(3), &returned, &overlapped, NULL) == WSAEFAULT);
    EXPECT(ask(s, SIO_EXT_POLL, &polling, size_of(3), &polling, size_of(3), &returned, &overlapped, routine) ==
           WSAEFAULT);
    EXPECT(base_codes.asked == 0 && upper.completions == 0 && upper.apcs == 0);
    part.allow = 0;
    EXPECT(ask(s, SIO_EXT_POLL, &polling, size_of(3), &polling, size_of(3), &returned, NULL, NULL) == WSAENOBUFS);
    part.allow = -1;
    base_codes.refuses = WSAENOTSOCK;
    EXPECT(ask(s, SIO_EXT_POLL, &polling, size_of(3), &polling, size_of(3), &returned, NULL, NULL) == WSAENOTSOCK);
    EXPECT(polling.entry[0].fd == s && polling.entry[0].revents == 0x70);
    end();
}

/* --- SIO_EXT_SENDMSG --- */

static WSAMSG message;

static void sends_messages(void)
{
    WSAOVERLAPPED overlapped = {0};
    DWORD bytes = 0, code = UNTOUCHED, returned = 0;
    WSASENDMSG arguments = {&message, 0, &bytes, NULL, NULL};
    begin();
    next.bytes = 11;
    EXPECT(ask(s, SIO_EXT_SENDMSG, &arguments, sizeof(arguments), &code, sizeof(code), &returned, NULL, NULL) == 0);
    EXPECT(next.s == below && next.sent_message == &message && bytes == 11);
    EXPECT(code == 0 && returned == sizeof(code));
    /* "The actual error code is returned via the lpvOutBuffer parameter" (Microsoft's sample); and by the call. */
    next.answer = NEXT_FAILS;
    next.error = WSAEMSGSIZE;
    EXPECT(ask(s, SIO_EXT_SENDMSG, &arguments, sizeof(arguments), &code, sizeof(code), &returned, NULL, NULL) ==
           WSAEMSGSIZE);
    EXPECT(code == WSAEMSGSIZE && returned == sizeof(code));
    /* Overlapped by what the arguments say. */
    next.answer = NEXT_PENDING;
    arguments.lpOverlapped = &overlapped;
    EXPECT(ask(s, SIO_EXT_SENDMSG, &arguments, sizeof(arguments), &code, sizeof(code), &returned, NULL, NULL) ==
           WSA_IO_PENDING);
    EXPECT(code == WSA_IO_PENDING && next.below != &overlapped && upper.completions == 0);
    EXPECT(next_complete(next.below, 0, 12, 0) && upper_wait(1));
    EXPECT(upper.completion[0].s == s && upper.completion[0].overlapped == &overlapped &&
           upper.completion[0].bytes == 12);
    end();
}

static void sends_messages_wrongly(void)
{
    WSAOVERLAPPED overlapped = {0};
    DWORD bytes = 0, code = UNTOUCHED, returned = UNTOUCHED;
    WSASENDMSG arguments = {&message, 0, &bytes, NULL, NULL};
    begin();
    EXPECT(ask(s, SIO_EXT_SENDMSG, NULL, sizeof(arguments), &code, sizeof(code), &returned, NULL, NULL) == WSAEFAULT);
    EXPECT(ask(s, SIO_EXT_SENDMSG, &arguments, sizeof(arguments) - 1, &code, sizeof(code), &returned, NULL, NULL) ==
           WSAEFAULT);
    EXPECT(ask(s, SIO_EXT_SENDMSG, &arguments, sizeof(arguments), &code, sizeof(code), &returned, &overlapped, NULL) ==
           WSAEFAULT);
    EXPECT(next.sent_message == NULL && upper.completions == 0);
    /* Without room for the code it is told by the call alone. */
    EXPECT(ask(s, SIO_EXT_SENDMSG, &arguments, sizeof(arguments), &code, sizeof(code) - 1, &returned, NULL, NULL) == 0);
    EXPECT(next.sent_message == &message && code == UNTOUCHED && returned == UNTOUCHED);
    EXPECT(ask(s, SIO_EXT_SENDMSG, &arguments, sizeof(arguments), NULL, 0, NULL, NULL, NULL) == 0);
    end();
}

/* --- all --- */

static void unknown_handles_are_none(void)
{
    SOCKET handle = UNTOUCHED;
    DWORD returned = UNTOUCHED;
    INT error;
    begin();
    SOCKET closed = open_socket(0);
    EXPECT(procs.lpWSPCloseSocket(closed, &error) == 0);
    const SOCKET strange[] = {closed, below, 0x7770, INVALID_SOCKET};
    for (int i = 0; i < CODES; i++)
        for (size_t j = 0; j < sizeof(strange) / sizeof(strange[0]); j++)
            EXPECT(ask(strange[j], all_codes[i], NULL, 0, &handle, sizeof(handle), &returned, NULL, NULL) ==
                   WSAENOTSOCK);
    EXPECT(handle == UNTOUCHED && returned == UNTOUCHED && base_codes.asked == 0);
    end();
}

int main(void)
{
    part_load();
    upper_install();
    thread.ThreadHandle = OpenThread(THREAD_SET_CONTEXT, FALSE, GetCurrentThreadId());
    RUN(the_base_answers);
    RUN(the_bases_refusal_passes);
    RUN(questions_overlapped);
    RUN(the_layers_own_handle);
    RUN(the_layers_own_handle_overlapped);
    RUN(the_layers_own_handle_by_routine);
    RUN(sockets_that_are_not_overlapped);
    RUN(polls_with_the_next_handles);
    RUN(polls_wrongly);
    RUN(sends_messages);
    RUN(sends_messages_wrongly);
    RUN(unknown_handles_are_none);
    return tap_end();
}
