/* What the driver holds, counted. */
#include "resources.h"

#define POOL_TAG 0x50535357 /* "WSSP" in the pool's listings */

static volatile LONG held;
static volatile LONG sockets;

void *resources_take(SIZE_T size)
{
    void *memory = ExAllocatePoolWithTag(NonPagedPoolNx, size, POOL_TAG);
    if (memory == NULL)
        return NULL;
    RtlZeroMemory(memory, size);
    InterlockedIncrement(&held);
    return memory;
}

void resources_give(void *memory)
{
    if (memory == NULL)
        return;
    ExFreePoolWithTag(memory, POOL_TAG);
    InterlockedDecrement(&held);
}

PIRP resources_take_irp(void)
{
    PIRP irp = IoAllocateIrp(1, FALSE);
    if (irp != NULL)
        InterlockedIncrement(&held);
    return irp;
}

void resources_give_irp(PIRP irp)
{
    if (irp == NULL)
        return;
    IoFreeIrp(irp);
    InterlockedDecrement(&held);
}

PIO_WORKITEM resources_take_work_item(PDEVICE_OBJECT device)
{
    PIO_WORKITEM item = IoAllocateWorkItem(device);
    if (item != NULL)
        InterlockedIncrement(&held);
    return item;
}

void resources_give_work_item(PIO_WORKITEM item)
{
    if (item == NULL)
        return;
    IoFreeWorkItem(item);
    InterlockedDecrement(&held);
}

void resources_count_socket(LONG change)
{
    InterlockedExchangeAdd(&sockets, change);
}

ULONG resources_held(void)
{
    return (ULONG)held;
}

ULONG resources_sockets(void)
{
    return (ULONG)sockets;
}
