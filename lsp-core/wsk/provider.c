/* The driver's registration with the WSK subsystem. */
#include "provider.h"
#include "operation.h"

/* WskCaptureProviderNPI, milliseconds: a driver that is started by hand long after the system is up need not wait. */
#define CAPTURE_TIMEOUT 10000
#define ANSWER_TIMEOUT  5000

static const WSK_CLIENT_DISPATCH client_dispatch = {MAKE_WSK_VERSION(1, 0), 0, NULL};

static WSK_REGISTRATION registration;
static WSK_PROVIDER_NPI npi;
static enum wsplsp_wsk_implementation implementation;

/* A connection of the family AF_UNSPEC, which none can make, asks for nothing but whether the function is there: Wine 8
 * answers STATUS_NOT_IMPLEMENTED, and leaves the IRP as it was. */
static NTSTATUS detect(void)
{
    SOCKADDR_STORAGE nowhere;
    RtlZeroMemory(&nowhere, sizeof nowhere);
    struct operation operation = {0};
    NTSTATUS status = operation_prepare(&operation);
    if (!NT_SUCCESS(status))
        return status;
    struct limit limit = {clock_deadline(ANSWER_TIMEOUT), NULL};
    NTSTATUS returned =
        npi.Dispatch->WskSocketConnect(npi.Client, SOCK_STREAM, IPPROTO_TCP, (PSOCKADDR)&nowhere, (PSOCKADDR)&nowhere,
                                       0, NULL, NULL, NULL, NULL, NULL, operation.irp);
    status = operation_wait(&operation, returned, &limit);
    if (operation.outstanding) {
        IoCancelIrp(operation.irp);
        operation_wait_for_end(&operation);
    }
    implementation = status == STATUS_NOT_IMPLEMENTED ? WSPLSP_WSK_OWN : WSPLSP_WSK_PROVIDER;
    operation_release(&operation);
    return STATUS_SUCCESS;
}

NTSTATUS provider_attach(void)
{
    WSK_CLIENT_NPI client = {NULL, &client_dispatch};
    NTSTATUS status = WskRegister(&client, &registration);
    if (!NT_SUCCESS(status))
        return status;
    status = WskCaptureProviderNPI(&registration, CAPTURE_TIMEOUT, &npi);
    if (!NT_SUCCESS(status)) {
        WskDeregister(&registration);
        return status;
    }
    status = detect();
    if (!NT_SUCCESS(status))
        provider_detach();
    return status;
}

void provider_detach(void)
{
    WskReleaseProviderNPI(&registration);
    WskDeregister(&registration);
    operation_release_abandoned();
}

const WSK_PROVIDER_NPI *provider_npi(void)
{
    return &npi;
}

enum wsplsp_wsk_implementation provider_implementation(void)
{
    return implementation;
}
