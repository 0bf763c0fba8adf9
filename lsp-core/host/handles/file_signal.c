/* The signalled state of a file; see file_signal.h. No function sets it. But it is clear while an operation without an
 * event of its own is under way, and set when one ends: here the pipe listens for a client that cannot come. Such an
 * operation without a context queues no packet to a port. */
#include "file_signal.h"

#define STATUS_IS_PENDING ((NTSTATUS)0x103) /* ntstatus.h's macros clash with those of winnt.h */
#define PIPE_LISTEN       0x110008          /* FSCTL_PIPE_LISTEN of [MS-FSCC] */

/* In ntdll's import library, but in no header. */
NTSTATUS NTAPI NtFsControlFile(HANDLE file, HANDLE event, PIO_APC_ROUTINE routine, void *context,
                               IO_STATUS_BLOCK *status, ULONG code, void *in, ULONG in_size, void *out, ULONG out_size);
NTSTATUS NTAPI NtCancelIoFileEx(HANDLE file, IO_STATUS_BLOCK *which, IO_STATUS_BLOCK *status);

/* Asked anew each time: the thread that began it may have ended, and the operation with it. */
bool file_signal_busy(const struct file_signal *signal)
{
    return __atomic_load_n(&signal->listening.Status, __ATOMIC_ACQUIRE) == STATUS_IS_PENDING;
}

void file_signal_clear(struct file_signal *signal, HANDLE pipe)
{
    if (file_signal_busy(signal))
        return;
    signal->listening.Status = STATUS_IS_PENDING;
    NTSTATUS status = NtFsControlFile(pipe, NULL, NULL, NULL, &signal->listening, PIPE_LISTEN, NULL, 0, NULL, 0);
    if (status != STATUS_IS_PENDING)
        signal->listening.Status = status;
}

void file_signal_set(struct file_signal *signal, HANDLE pipe)
{
    IO_STATUS_BLOCK ignored;
    if (file_signal_busy(signal))
        NtCancelIoFileEx(pipe, &signal->listening, &ignored);
}
