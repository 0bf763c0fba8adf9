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

/* All memory comes from NonPagedPoolNx, which came with Windows 8 (6.2): an older system takes its number for another
 * pool's. wsk load says so before; whoever starts the service by other means gets STATUS_NOT_SUPPORTED. */
static BOOLEAN system_is_too_old(void)
{
    RTL_OSVERSIONINFOW version = {.dwOSVersionInfoSize = sizeof version};
    return !NT_SUCCESS(RtlGetVersion(&version)) || version.dwMajorVersion < 6 ||
           (version.dwMajorVersion == 6 && version.dwMinorVersion < 2);
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT driver, PUNICODE_STRING registry_path)
{
    UNREFERENCED_PARAMETER(registry_path);
    if (system_is_too_old())
        return STATUS_NOT_SUPPORTED;
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
