/* The control device. */
#include "device.h"
#include "connection.h"
#include "provider.h"
#include "request_check.h"
#include "requests.h"
#include "resources.h"
#include "security.h"
#include "socket_connect.h"

static const WCHAR device_name[] = L"\\Device\\wsplsp-wsk";
static const WCHAR link_name[] = L"\\DosDevices\\wsplsp-wsk"; /* WSPLSP_WSK_DEVICE */

static NTSTATUS complete(PIRP irp, NTSTATUS status, SIZE_T information)
{
    irp->IoStatus.Status = status;
    irp->IoStatus.Information = information;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    return status;
}

static NTSTATUS NTAPI on_create(PDEVICE_OBJECT device, PIRP irp)
{
    UNREFERENCED_PARAMETER(device);
    return complete(irp, STATUS_SUCCESS, 0);
}

/* The last handle of the file is closed: what was asked through it is wanted no more. IRP_MJ_CLEANUP says so; Wine 8
 * has only IRP_MJ_CLOSE for it, which in Windows comes when no request is left. */
static NTSTATUS NTAPI on_cleanup_or_close(PDEVICE_OBJECT device, PIRP irp)
{
    UNREFERENCED_PARAMETER(device);
    PFILE_OBJECT file = IoGetCurrentIrpStackLocation(irp)->FileObject;
    if (file != NULL)
        requests_cancel(file);
    return complete(irp, STATUS_SUCCESS, 0);
}

static NTSTATUS answer_status(PIRP irp)
{
    struct wsplsp_wsk_status *answer = irp->AssociatedIrp.SystemBuffer;
    requests_reap();
    RtlZeroMemory(answer, sizeof *answer);
    answer->header.version = WSPLSP_WSK_VERSION;
    answer->header.size = sizeof *answer;
    RtlCopyMemory(answer->driver_version, WSPLSP_VERSION, sizeof WSPLSP_VERSION);
    answer->wsk_version = provider_npi()->Dispatch->Version;
    answer->implementation = connection_latest();
    answer->requests = requests_count();
    answer->sockets = resources_sockets();
    answer->allocations = resources_held();
    answer->connections = connection_count();
    return complete(irp, STATUS_SUCCESS, sizeof *answer);
}

_Static_assert(sizeof WSPLSP_VERSION <= sizeof((struct wsplsp_wsk_status *)NULL)->driver_version, "fits");

static NTSTATUS NTAPI on_device_control(PDEVICE_OBJECT device, PIRP irp)
{
    UNREFERENCED_PARAMETER(device);
    PIO_STACK_LOCATION location = IoGetCurrentIrpStackLocation(irp);
    ULONG code = location->Parameters.DeviceIoControl.IoControlCode;
    NTSTATUS status =
        request_check(code, irp->AssociatedIrp.SystemBuffer, location->Parameters.DeviceIoControl.InputBufferLength,
                      location->Parameters.DeviceIoControl.OutputBufferLength);
    if (NT_SUCCESS(status) && code == WSPLSP_WSK_STATUS)
        return answer_status(irp);
    if (NT_SUCCESS(status))
        status = requests_start(code == WSPLSP_WSK_CONNECT ? work_connect
                                : code == WSPLSP_WSK_ECHO  ? work_echo
                                                           : work_transports,
                                irp);
    return status == STATUS_PENDING ? status : complete(irp, status, 0);
}

NTSTATUS device_create(PDRIVER_OBJECT driver)
{
    UNICODE_STRING name, link;
    RtlInitUnicodeString(&name, device_name);
    RtlInitUnicodeString(&link, link_name);
    PDEVICE_OBJECT device;
    NTSTATUS status = IoCreateDevice(driver, 0, &name, FILE_DEVICE_UNKNOWN, FILE_DEVICE_SECURE_OPEN, FALSE, &device);
    if (!NT_SUCCESS(status))
        return status;
    driver->MajorFunction[IRP_MJ_CREATE] = on_create;
    driver->MajorFunction[IRP_MJ_CLEANUP] = on_cleanup_or_close;
    driver->MajorFunction[IRP_MJ_CLOSE] = on_cleanup_or_close;
    driver->MajorFunction[IRP_MJ_DEVICE_CONTROL] = on_device_control;
    socket_connect_use(provider_npi(), provider_implementation() == WSPLSP_WSK_PROVIDER, device);
    connection_use(device);
    status = security_restrict(device);
    if (NT_SUCCESS(status))
        status = IoCreateSymbolicLink(&link, &name);
    if (!NT_SUCCESS(status))
        IoDeleteDevice(device);
    return status;
}

void device_hide(void)
{
    UNICODE_STRING link;
    RtlInitUnicodeString(&link, link_name);
    IoDeleteSymbolicLink(&link);
}

void device_delete(PDRIVER_OBJECT driver)
{
    IoDeleteDevice(driver->DeviceObject);
}
