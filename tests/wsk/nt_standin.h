/* As much of the Windows kernel as the driver's portable parts need, natively: IRPs with their completion and cancel
 * routines, spin locks, work items. It ends the program when it is misused: an IRP completed twice, freed or reused
 * while a driver has it, a lock taken twice. Safe for several threads. */
#ifndef WSPLSP_TESTS_NT_STANDIN_H
#define WSPLSP_TESTS_NT_STANDIN_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define NTAPI
#define VOID                              void
#define TRUE                              1
#define FALSE                             0
#define UNREFERENCED_PARAMETER(parameter) ((void)(parameter))

typedef char CHAR;
typedef unsigned char UCHAR, BOOLEAN, KIRQL;
typedef uint16_t USHORT;
typedef int32_t LONG, NTSTATUS;
typedef uint32_t ULONG;
typedef int64_t LONGLONG;
typedef uint64_t ULONGLONG;
typedef uintptr_t ULONG_PTR, KSPIN_LOCK;
typedef size_t SIZE_T;
typedef void *PVOID, *PMDL, *PEPROCESS, *PETHREAD, *PSECURITY_DESCRIPTOR;
typedef union {
    LONGLONG QuadPart;
} LARGE_INTEGER;
typedef struct {
    uint8_t bytes[16];
} GUID __attribute__((aligned(4)));

#define STATUS_SUCCESS                  ((NTSTATUS)0)
#define STATUS_PENDING                  ((NTSTATUS)0x103)
#define STATUS_UNSUCCESSFUL             ((NTSTATUS)0xc0000001)
#define STATUS_INFO_LENGTH_MISMATCH     ((NTSTATUS)0xc0000004)
#define STATUS_INVALID_PARAMETER        ((NTSTATUS)0xc000000d)
#define STATUS_INVALID_DEVICE_REQUEST   ((NTSTATUS)0xc0000010)
#define STATUS_MORE_PROCESSING_REQUIRED ((NTSTATUS)0xc0000016)
#define STATUS_BUFFER_TOO_SMALL         ((NTSTATUS)0xc0000023)
#define STATUS_REVISION_MISMATCH        ((NTSTATUS)0xc0000059)
#define STATUS_INSUFFICIENT_RESOURCES   ((NTSTATUS)0xc000009a)
#define STATUS_NOT_SUPPORTED            ((NTSTATUS)0xc00000bb)
#define STATUS_CANCELLED                ((NTSTATUS)0xc0000120)
#define STATUS_ADDRESS_ALREADY_EXISTS   ((NTSTATUS)0xc000020a)
#define STATUS_CONNECTION_REFUSED       ((NTSTATUS)0xc0000236)
#define NT_SUCCESS(status)              ((NTSTATUS)(status) >= 0)

typedef struct DEVICE_OBJECT *PDEVICE_OBJECT;
typedef struct IRP IRP, *PIRP;
typedef NTSTATUS IO_COMPLETION_ROUTINE(PDEVICE_OBJECT device, PIRP irp, PVOID context);
typedef VOID DRIVER_CANCEL(PDEVICE_OBJECT device, PIRP irp);
typedef VOID IO_WORKITEM_ROUTINE(PDEVICE_OBJECT device, PVOID context);

#define SL_PENDING_RETURNED 1

typedef struct {
    UCHAR Control;
    IO_COMPLETION_ROUTINE *CompletionRoutine;
    PVOID Context;
    struct {
        struct {
            PVOID Argument1;
        } Others;
    } Parameters;
} IO_STACK_LOCATION, *PIO_STACK_LOCATION;

struct IRP {
    CHAR StackCount;
    CHAR CurrentLocation;
    BOOLEAN Cancel;
    KIRQL CancelIrql;
    DRIVER_CANCEL *CancelRoutine;
    struct {
        NTSTATUS Status;
        ULONG_PTR Information;
    } IoStatus;
    int with_driver; /* a driver has it: between IoSetNextIrpStackLocation and its completion */
    IO_STACK_LOCATION stack[];
};

PIRP IoAllocateIrp(CHAR stack_count, BOOLEAN quota);
void IoFreeIrp(PIRP irp);
void IoReuseIrp(PIRP irp, NTSTATUS status);
void IoSetCompletionRoutine(PIRP irp, IO_COMPLETION_ROUTINE *routine, PVOID context, BOOLEAN on_success,
                            BOOLEAN on_error, BOOLEAN on_cancel);
void IoSetNextIrpStackLocation(PIRP irp);
PIO_STACK_LOCATION IoGetCurrentIrpStackLocation(PIRP irp);
void IoMarkIrpPending(PIRP irp);
void IoCompleteRequest(PIRP irp, CHAR boost);
DRIVER_CANCEL *IoSetCancelRoutine(PIRP irp, DRIVER_CANCEL *routine);
BOOLEAN IoCancelIrp(PIRP irp);
void IoReleaseCancelSpinLock(KIRQL irql);
#define IO_NO_INCREMENT 0

void KeInitializeSpinLock(KSPIN_LOCK *lock);
void KeAcquireSpinLock(KSPIN_LOCK *lock, KIRQL *irql);
void KeReleaseSpinLock(KSPIN_LOCK *lock, KIRQL irql);

typedef struct work_item *PIO_WORKITEM;
enum { DelayedWorkQueue };
PIO_WORKITEM IoAllocateWorkItem(PDEVICE_OBJECT device);
void IoFreeWorkItem(PIO_WORKITEM item);
void IoQueueWorkItem(PIO_WORKITEM item, IO_WORKITEM_ROUTINE *routine, int queue, PVOID context);

/* Runs one queued work item, if there is one; says whether. */
BOOLEAN standin_run_work_item(void);
BOOLEAN standin_has_work_item(void);

LARGE_INTEGER KeQueryPerformanceCounter(LARGE_INTEGER *frequency);

enum { NonPagedPoolNx };
#define ExAllocatePoolWithTag(type, size, tag) malloc(size)
#define ExFreePoolWithTag(memory, tag)         free(memory)
#define RtlZeroMemory(memory, size)            memset(memory, 0, size)
#define RtlCopyMemory(to, from, size)          memcpy(to, from, size)
#define InterlockedIncrement(value)            __atomic_add_fetch(value, 1, __ATOMIC_SEQ_CST)
#define InterlockedDecrement(value)            __atomic_sub_fetch(value, 1, __ATOMIC_SEQ_CST)
#define InterlockedExchangeAdd(value, change)  __atomic_fetch_add(value, change, __ATOMIC_SEQ_CST)

#endif
