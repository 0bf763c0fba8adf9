/* One call of a WSK function at a time, waited for. */
#include "operation.h"
#include "resources.h"

struct operation_state {
    KEVENT done; /* the IRP is complete */
    PIRP irp;
    struct operation_state *next; /* in `abandoned` */
};

/* The IRPs that a provider returned STATUS_NOT_IMPLEMENTED for and did not complete, as Wine 8 does. The reference says
 * that every IRP is completed; should that still happen some day, it must find the IRP and its event in place. */
static struct operation_state *volatile abandoned;

/* "Using IRPs with Winsock Kernel Functions": the IRP is the driver's own, so its completion ends here. */
static NTSTATUS NTAPI completed(PDEVICE_OBJECT device, PIRP irp, PVOID done)
{
    UNREFERENCED_PARAMETER(device);
    UNREFERENCED_PARAMETER(irp);
    KeSetEvent(done, IO_NO_INCREMENT, FALSE);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static BOOLEAN is_done(const struct operation *operation)
{
    return KeReadStateEvent(&operation->state->done) != 0;
}

static NTSTATUS new_state(struct operation *operation)
{
    struct operation_state *state = resources_take(sizeof *state);
    PIRP irp = resources_take_irp();
    if (state == NULL || irp == NULL) {
        resources_give(state);
        resources_give_irp(irp);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    KeInitializeEvent(&state->done, NotificationEvent, FALSE);
    state->irp = irp;
    operation->state = state;
    operation->irp = irp;
    return STATUS_SUCCESS;
}

static void free_state(struct operation_state *state)
{
    resources_give_irp(state->irp);
    resources_give(state);
}

NTSTATUS operation_prepare(struct operation *operation)
{
    if (operation->state == NULL) {
        NTSTATUS status = new_state(operation);
        if (!NT_SUCCESS(status))
            return status;
    } else {
        IoReuseIrp(operation->irp, STATUS_UNSUCCESSFUL);
        KeClearEvent(&operation->state->done);
    }
    IoSetCompletionRoutine(operation->irp, completed, &operation->state->done, TRUE, TRUE, TRUE);
    return STATUS_SUCCESS;
}

static NTSTATUS ended(struct operation *operation)
{
    operation->outstanding = FALSE;
    return operation->irp->IoStatus.Status;
}

/* Takes IRP and event away from the operation, which gets others when it is prepared next. */
static void abandon(struct operation *operation)
{
    struct operation_state *state = operation->state;
    do
        state->next = abandoned;
    while (InterlockedCompareExchangePointer((PVOID volatile *)&abandoned, state, state->next) != state->next);
    *operation = (struct operation){0};
}

NTSTATUS operation_wait(struct operation *operation, NTSTATUS returned, const struct limit *limit)
{
    if (returned == STATUS_NOT_IMPLEMENTED && !is_done(operation)) {
        abandon(operation);
        return returned;
    }
    operation->outstanding = TRUE;
    PVOID objects[] = {&operation->state->done, limit->cancel};
    LARGE_INTEGER timeout = clock_timeout(limit->deadline);
    NTSTATUS waited = KeWaitForMultipleObjects(limit->cancel != NULL ? 2 : 1, objects, WaitAny, Executive, KernelMode,
                                               FALSE, &timeout, NULL);
    if (is_done(operation))
        return ended(operation);
    return waited == STATUS_TIMEOUT ? STATUS_IO_TIMEOUT : STATUS_CANCELLED;
}

NTSTATUS operation_wait_for_end(struct operation *operation)
{
    KeWaitForSingleObject(&operation->state->done, Executive, KernelMode, FALSE, NULL);
    return ended(operation);
}

void operation_release(struct operation *operation)
{
    if (operation->state != NULL)
        free_state(operation->state);
    *operation = (struct operation){0};
}

void operation_release_abandoned(void)
{
    while (abandoned != NULL) {
        struct operation_state *state = abandoned;
        abandoned = state->next;
        free_state(state);
    }
}
