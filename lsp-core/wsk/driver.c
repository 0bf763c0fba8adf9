/* wsplsp-wsk.sys: a Winsock Kernel client that makes connections for wsplsp.exe, beneath all layered service providers.
 * Its entry and its unloading. */
#include "device.h"
#include "provider.h"
#include "requests.h"
#include "stack_guard.h"

/* The order in which nothing is left that could run: no new requests, none under way, no provider, no device. */
static VOID NTAPI unload(PDRIVER_OBJECT driver)
{
    device_hide();
    requests_stop();
    provider_detach();
    device_delete(driver);
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT driver, PUNICODE_STRING registry_path);

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT driver, PUNICODE_STRING registry_path)
{
    UNREFERENCED_PARAMETER(registry_path);
    stack_guard_init();
    requests_init();
    NTSTATUS status = provider_attach();
    if (!NT_SUCCESS(status))
        return status;
    status = device_create(driver);
    if (!NT_SUCCESS(status)) {
        provider_detach();
        return status;
    }
    driver->DriverUnload = unload;
    return STATUS_SUCCESS;
}
