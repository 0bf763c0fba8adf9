/* Writes the trace (include/wsplsp/trace.h): each call into the record's place in the mapped file, by the calling
 * thread, into a ring of its own. No lock, no allocation, no system call, but for a thread's first call. The last error
 * and the floating point registers stay as they are. Portable but for what os.h asks of the system.
 *
 *   struct trace_call call;
 *   if (trace_is_on()) {
 *       trace_begin(&call, WSPLSP_TRACE_SEND, s, provider);
 *       trace_argument(&call, 0, flags);
 *       trace_enter(&call);
 *       result = ...;
 *       trace_done(&call, bytes);
 *       trace_end(&call, result, result == 0 ? 0 : *error);
 *   }
 *
 * Setters do nothing on a call that got no ring. */
#ifndef WSPLSP_CORE_LAYER_TRACE_WRITE_H
#define WSPLSP_CORE_LAYER_TRACE_WRITE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wsplsp/trace.h"

#ifdef _WIN32
#include <winsock2.h>
typedef WSABUF trace_buffer;
typedef wchar_t trace_char;
#else
typedef struct {
    uint32_t len;
    char *buf;
} trace_buffer;
typedef char trace_char;
#endif

/* Written by trace_start and trace_stop alone. */
extern atomic_bool trace_on;

static inline bool trace_is_on(void)
{
    return __builtin_expect(atomic_load_explicit(&trace_on, memory_order_acquire), false);
}

/* A call under way. It lives on the caller's stack. */
struct trace_call {
    struct wsplsp_trace_record *record; /* NULL where the thread got no ring */
    uint64_t sequence;                  /* of the record, when the call has ended */
};

/* Makes `file`, which must not be there yet, and turns the trace on for the rest of the process's life; does nothing
 * when it is on. `data_bytes` is cut to WSPLSP_TRACE_DATA_LIMIT. False: the file could not be made, the trace stays
 * off. One thread at a time. The DLL this is in has to stay loaded from then on: a thread may be inside of a call. */
bool trace_start(const trace_char *file, uint32_t data_bytes);

/* At the process's end, when no other thread runs: says in the file that it ended. */
void trace_stop(void);

/* The calling thread's ring goes to whoever needs one next. */
void trace_thread_end(void);

/* Starts a record; the call's time begins here. `provider` is the catalog id of the layer's own entry.
 * `socket` may be INVALID_SOCKET. */
void trace_begin(struct trace_call *call, enum wsplsp_trace_function function, uintptr_t socket, uint32_t provider);

/* Right before the call goes down, when all that it is given has been set: from now on a reader sees a call under way,
 * which is what a program that hangs in it leaves behind. Without it a reader sees nothing until trace_end. */
void trace_enter(const struct trace_call *call);

/* After the call has come back. `error` is *lpErrno where the call failed, else 0; WSA_IO_PENDING sets
 * WSPLSP_TRACE_PENDING. */
void trace_end(struct trace_call *call, int result, int error);

/* The later completion of a call; `begin` is trace_time() at that call. `error` is a Winsock error or 0. */
void trace_completion(enum wsplsp_trace_function function, uintptr_t socket, uint32_t provider, const void *overlapped,
                      uint64_t begin, uint32_t bytes, int error);

/* The trace's clock. */
uint64_t trace_time(void);

/* --- What the call was given: between trace_begin and trace_enter. --- */

/* See WSPLSP_TRACE_ARGUMENTS. Arguments that are results may be set again after the call. */
static inline void trace_argument(struct trace_call *call, unsigned index, uint32_t value)
{
    if (call->record != NULL)
        call->record->argument[index] = value;
}

static inline void trace_arguments(struct trace_call *call, uint32_t first, uint32_t second, uint32_t third,
                                   uint32_t fourth)
{
    if (call->record == NULL)
        return;
    call->record->argument[0] = first;
    call->record->argument[1] = second;
    call->record->argument[2] = third;
    call->record->argument[3] = fourth;
}

static inline void trace_overlapped(struct trace_call *call, const void *overlapped, bool has_routine)
{
    if (call->record == NULL || overlapped == NULL)
        return;
    call->record->overlapped = (uintptr_t)overlapped;
    call->record->flags |= WSPLSP_TRACE_OVERLAPPED | (has_routine ? WSPLSP_TRACE_ROUTINE : 0);
}

/* What the program hands over may be anything: a bad pointer is the next provider's to report (WSAEFAULT), and must not
 * crash the trace. Copies `bytes`, or returns false where `from` cannot be read. The functions below use it, too. */
bool trace_copy(void *to, const void *from, size_t bytes);

/* The first four bytes of an option's value, as argument `index`. */
void trace_value(struct trace_call *call, unsigned index, const void *value, int length);

/* How many bytes the buffers hold. */
void trace_asked(struct trace_call *call, const trace_buffer *buffers, uint32_t count);

/* What the first of them are, at most `bytes` and the trace's data_bytes: of a send before the call, of a receive after
 * it. Does nothing where the trace keeps no data. */
void trace_data(struct trace_call *call, const trace_buffer *buffers, uint32_t count, uint32_t bytes);

/* --- Before the call or after it, as the function has them. --- */

/* `length` is what the caller gave or the provider returned; NULL and 0 are no address. */
void trace_address(struct trace_call *call, enum wsplsp_trace_address_kind kind, const void *address, int length);

/* The new socket. */
static inline void trace_other(struct trace_call *call, uintptr_t socket)
{
    if (call->record != NULL)
        call->record->other = socket;
}

static inline void trace_done(struct trace_call *call, uint32_t bytes)
{
    if (call->record != NULL)
        call->record->done = bytes;
}

#endif
