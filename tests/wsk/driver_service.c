/* The driver in the service control manager, and its device. */
#include "driver_service.h"
#include "wsplsp/wsk_device.h"

#include <stdio.h>
#include <winsvc.h>

#define LIMIT 60000 /* milliseconds */

static SC_HANDLE open_service(SC_HANDLE *manager)
{
    *manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_ALL_ACCESS);
    return *manager == NULL ? NULL : OpenServiceW(*manager, WSPLSP_WSK_SERVICE, SERVICE_ALL_ACCESS);
}

static void close_service(SC_HANDLE manager, SC_HANDLE service)
{
    if (service != NULL)
        CloseServiceHandle(service);
    if (manager != NULL)
        CloseServiceHandle(manager);
}

static bool wait_for_state(SC_HANDLE service, DWORD wanted)
{
    for (ULONGLONG end = GetTickCount64() + LIMIT; GetTickCount64() < end; Sleep(10)) {
        SERVICE_STATUS status;
        if (!QueryServiceStatus(service, &status))
            return false;
        if (status.dwCurrentState == wanted)
            return true;
    }
    return false;
}

bool service_install(const wchar_t *driver_file)
{
    service_remove();
    SC_HANDLE manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_ALL_ACCESS);
    SC_HANDLE service =
        manager == NULL
            ? NULL
            : CreateServiceW(manager, WSPLSP_WSK_SERVICE, NULL, SERVICE_ALL_ACCESS, SERVICE_KERNEL_DRIVER,
                             SERVICE_DEMAND_START, SERVICE_ERROR_NORMAL, driver_file, NULL, NULL, NULL, NULL, NULL);
    bool made = service != NULL;
    if (!made)
        printf("# CreateService: error %lu\n", GetLastError());
    close_service(manager, service);
    return made;
}

bool service_start(void)
{
    SC_HANDLE manager, service = open_service(&manager);
    bool started = service != NULL && StartServiceW(service, 0, NULL);
    if (!started)
        printf("# StartService: error %lu\n", GetLastError());
    started = started && wait_for_state(service, SERVICE_RUNNING);
    close_service(manager, service);
    return started;
}

bool service_stop(void)
{
    SC_HANDLE manager, service = open_service(&manager);
    SERVICE_STATUS status;
    bool stopped = service != NULL && ControlService(service, SERVICE_CONTROL_STOP, &status) &&
                   wait_for_state(service, SERVICE_STOPPED);
    close_service(manager, service);
    return stopped;
}

void service_remove(void)
{
    SC_HANDLE manager, service = open_service(&manager);
    SERVICE_STATUS status;
    if (service != NULL) {
        if (ControlService(service, SERVICE_CONTROL_STOP, &status))
            wait_for_state(service, SERVICE_STOPPED);
        DeleteService(service);
    }
    close_service(manager, service);
}

HANDLE device_open(void)
{
    return CreateFileW(WSPLSP_WSK_DEVICE, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                       OPEN_EXISTING, FILE_FLAG_OVERLAPPED, NULL);
}

DWORD device_request(HANDLE device, DWORD code, const void *input, DWORD input_size, void *output, DWORD output_size,
                     DWORD *returned)
{
    OVERLAPPED overlapped = {.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL)};
    DWORD error = 0;
    *returned = 0;
    if (!DeviceIoControl(device, code, (void *)input, input_size, output, output_size, NULL, &overlapped))
        error = GetLastError();
    if (error == ERROR_IO_PENDING) {
        error = WaitForSingleObject(overlapped.hEvent, LIMIT) == WAIT_OBJECT_0 ? 0 : WAIT_TIMEOUT;
        if (error != 0)
            CancelIoEx(device, &overlapped);
    }
    if (error == 0 && !GetOverlappedResult(device, &overlapped, returned, FALSE))
        error = GetLastError();
    CloseHandle(overlapped.hEvent);
    return error;
}
