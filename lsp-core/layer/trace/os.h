/* What the trace's writer asks of the system: one file, mapped piece by piece, the clocks, and a pointer for each
 * thread. All keep the last error. */
#ifndef WSPLSP_CORE_LAYER_TRACE_OS_H
#define WSPLSP_CORE_LAYER_TRACE_OS_H

#include "write.h"

struct trace_writer;

/* Makes the file, which must not be there yet, and gets the threads' pointer ready. False: nothing is left behind. */
bool trace_os_create(const trace_char *file);

/* Deletes the file again, when nothing of it is mapped. */
void trace_os_discard(void);

/* Maps a part of the file, which grows where it has to; its new bytes are zero, and have their place on the disk.
 * Mapped for the rest of the process's life. NULL where that fails. */
void *trace_os_map(uint64_t offset, size_t bytes);

void trace_os_unmap(void *address, size_t bytes);

/* What threads get for `trace_os_writer`; NULL on a new thread. */
void trace_os_set_writer(struct trace_writer *writer);

uint32_t trace_os_process(void);
uint32_t trace_os_thread(void);
bool trace_os_thread_lives(uint32_t thread);

/* The running program's path, cut to WSPLSP_TRACE_IMAGE - 1 units. */
void trace_os_image(uint16_t *image);

uint64_t trace_os_counter(void); /* QueryPerformanceCounter */
uint64_t trace_os_frequency(void);
uint64_t trace_os_file_time(void);

/* Whether trace_os_tsc runs at one rate, on all processors alike. Two of QueryPerformanceCounter would take more than
 * the whole record may: it is a system call in Wine and in some virtual machines. */
bool trace_os_tsc_is_steady(void);

#ifdef _WIN32

#include <x86intrin.h>

/* Where in the TEB this thread's writer is: one of the 64 TlsSlots that winternl.h documents. TlsGetValue would clear
 * the last error. 0 where the process had used these up, and the writer is in a slot above them. */
extern uintptr_t trace_os_slot;

/* For a slot above the TEB's own. Keeps the last error. */
struct trace_writer *trace_os_writer_above(void);

static inline struct trace_writer *trace_os_writer(void)
{
    struct trace_writer *writer;
    if (__builtin_expect(trace_os_slot == 0, 0))
        return trace_os_writer_above();
#ifdef _WIN64
    __asm__ volatile("movq %%gs:(%1), %0" : "=r"(writer) : "r"(trace_os_slot));
#else
    __asm__ volatile("movl %%fs:(%1), %0" : "=r"(writer) : "r"(trace_os_slot));
#endif
    return writer;
}

static inline uint64_t trace_os_tsc(void)
{
    return __rdtsc();
}

#else

struct trace_writer *trace_os_writer(void);
uint64_t trace_os_tsc(void);

#endif
#endif
