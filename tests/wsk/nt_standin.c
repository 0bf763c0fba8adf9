/* A small kernel for the native tests. */
#include "nt_standin.h"

#include <pthread.h>
#include <stdio.h>

#define CHECK(condition)                                                                   \
    do {                                                                                   \
        if (!(condition)) {                                                                \
            fprintf(stderr, "kernel stand-in: %s, in %s: not so\n", #condition, __func__); \
            abort();                                                                       \
        }                                                                                  \
    } while (0)

struct work_item {
    struct work_item *next;
    IO_WORKITEM_ROUTINE *routine;
    PVOID context;
    PDEVICE_OBJECT device;
    BOOLEAN queued;
};

static KSPIN_LOCK cancel_lock;
static pthread_mutex_t work_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct work_item *work_queue;

void KeInitializeSpinLock(KSPIN_LOCK *lock)
{
    *lock = 0;
}

static _Thread_local KSPIN_LOCK *held[4]; /* by this thread */
static _Thread_local int held_count;

void KeAcquireSpinLock(KSPIN_LOCK *lock, KIRQL *irql)
{
    for (int i = 0; i < held_count; i++)
        CHECK(held[i] != lock);
    while (__atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE) != 0)
        sched_yield();
    held[held_count++] = lock;
    *irql = 0;
}

void KeReleaseSpinLock(KSPIN_LOCK *lock, KIRQL irql)
{
    UNREFERENCED_PARAMETER(irql);
    CHECK(held_count > 0 && held[held_count - 1] == lock);
    held_count--;
    __atomic_store_n(lock, 0, __ATOMIC_RELEASE);
}

PIRP IoAllocateIrp(CHAR stack_count, BOOLEAN quota)
{
    UNREFERENCED_PARAMETER(quota);
    PIRP irp = calloc(1, sizeof *irp + (size_t)stack_count * sizeof irp->stack[0]);
    if (irp == NULL)
        return NULL;
    irp->StackCount = stack_count;
    irp->CurrentLocation = (CHAR)(stack_count + 1);
    return irp;
}

void IoFreeIrp(PIRP irp)
{
    CHECK(!irp->with_driver);
    CHECK(irp->CancelRoutine == NULL);
    free(irp);
}

void IoReuseIrp(PIRP irp, NTSTATUS status)
{
    CHECK(!irp->with_driver);
    CHAR stack_count = irp->StackCount;
    memset(irp, 0, sizeof *irp + (size_t)stack_count * sizeof irp->stack[0]);
    irp->StackCount = stack_count;
    irp->CurrentLocation = (CHAR)(stack_count + 1);
    irp->IoStatus.Status = status;
}

/* Locations are numbered from 1; the first one used is the last. */
static PIO_STACK_LOCATION location(PIRP irp, int number)
{
    CHECK(number >= 1 && number <= irp->StackCount);
    return &irp->stack[number - 1];
}

PIO_STACK_LOCATION IoGetCurrentIrpStackLocation(PIRP irp)
{
    return location(irp, irp->CurrentLocation);
}

void IoSetCompletionRoutine(PIRP irp, IO_COMPLETION_ROUTINE *routine, PVOID context, BOOLEAN on_success,
                            BOOLEAN on_error, BOOLEAN on_cancel)
{
    CHECK(on_success && on_error && on_cancel); /* "Using IRPs with Winsock Kernel Functions" */
    CHECK(!irp->with_driver);
    PIO_STACK_LOCATION next = location(irp, irp->CurrentLocation - 1);
    next->CompletionRoutine = routine;
    next->Context = context;
}

void IoSetNextIrpStackLocation(PIRP irp)
{
    CHECK(irp->CurrentLocation > 1);
    irp->CurrentLocation--;
    irp->with_driver = 1;
}

void IoMarkIrpPending(PIRP irp)
{
    IoGetCurrentIrpStackLocation(irp)->Control |= SL_PENDING_RETURNED;
}

void IoCompleteRequest(PIRP irp, CHAR boost)
{
    UNREFERENCED_PARAMETER(boost);
    CHECK(held_count == 0);
    CHECK(irp->with_driver);
    CHECK(irp->CancelRoutine == NULL);
    irp->with_driver = 0;
    PIO_STACK_LOCATION current = IoGetCurrentIrpStackLocation(irp);
    irp->CurrentLocation++;
    CHECK(current->CompletionRoutine != NULL);
    CHECK(current->CompletionRoutine(NULL, irp, current->Context) == STATUS_MORE_PROCESSING_REQUIRED);
}

DRIVER_CANCEL *IoSetCancelRoutine(PIRP irp, DRIVER_CANCEL *routine)
{
    return __atomic_exchange_n(&irp->CancelRoutine, routine, __ATOMIC_SEQ_CST);
}

BOOLEAN IoCancelIrp(PIRP irp)
{
    CHECK(held_count == 0);
    KIRQL irql;
    KeAcquireSpinLock(&cancel_lock, &irql);
    __atomic_store_n(&irp->Cancel, TRUE, __ATOMIC_SEQ_CST);
    DRIVER_CANCEL *routine = IoSetCancelRoutine(irp, NULL);
    if (routine == NULL) {
        KeReleaseSpinLock(&cancel_lock, irql);
        return FALSE;
    }
    irp->CancelIrql = irql;
    routine(NULL, irp); /* which releases the lock */
    CHECK(held_count == 0);
    return TRUE;
}

void IoReleaseCancelSpinLock(KIRQL irql)
{
    KeReleaseSpinLock(&cancel_lock, irql);
}

PIO_WORKITEM IoAllocateWorkItem(PDEVICE_OBJECT device)
{
    PIO_WORKITEM item = calloc(1, sizeof *item);
    if (item != NULL)
        item->device = device;
    return item;
}

void IoFreeWorkItem(PIO_WORKITEM item)
{
    CHECK(!item->queued);
    free(item);
}

void IoQueueWorkItem(PIO_WORKITEM item, IO_WORKITEM_ROUTINE *routine, int queue, PVOID context)
{
    UNREFERENCED_PARAMETER(queue);
    pthread_mutex_lock(&work_mutex);
    CHECK(!item->queued);
    item->queued = TRUE;
    item->routine = routine;
    item->context = context;
    item->next = work_queue;
    work_queue = item;
    pthread_mutex_unlock(&work_mutex);
}

BOOLEAN standin_has_work_item(void)
{
    pthread_mutex_lock(&work_mutex);
    BOOLEAN has = work_queue != NULL;
    pthread_mutex_unlock(&work_mutex);
    return has;
}

BOOLEAN standin_run_work_item(void)
{
    pthread_mutex_lock(&work_mutex);
    PIO_WORKITEM item = work_queue;
    if (item == NULL) {
        pthread_mutex_unlock(&work_mutex);
        return FALSE;
    }
    work_queue = item->next;
    item->queued = FALSE;
    IO_WORKITEM_ROUTINE *routine = item->routine;
    PDEVICE_OBJECT device = item->device;
    PVOID context = item->context;
    pthread_mutex_unlock(&work_mutex);
    routine(device, context); /* which may free the item */
    return TRUE;
}

LARGE_INTEGER KeQueryPerformanceCounter(LARGE_INTEGER *frequency)
{
    static LONGLONG ticks;
    if (frequency != NULL)
        frequency->QuadPart = 10000000;
    return (LARGE_INTEGER){InterlockedIncrement(&ticks)};
}
