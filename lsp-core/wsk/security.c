/* The device's security descriptor. IoCreateDeviceSecure would take it as SDDL, but is no function of the kernel: it
 * comes with a library of the WDK that MinGW-w64 lacks. This is the way without it: ZwSetSecurityObject. */
#include "security.h"

/* S-1-5-18 and S-1-5-32-544, as in memory: SeExports has them, but not in every kernel (Wine 8). */
static UCHAR local_system[] = {1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0};
static UCHAR administrators[] = {1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0};

static NTSTATUS fill(PSECURITY_DESCRIPTOR descriptor, PACL acl, ULONG acl_size)
{
    NTSTATUS status = RtlCreateSecurityDescriptor(descriptor, SECURITY_DESCRIPTOR_REVISION);
    if (NT_SUCCESS(status))
        status = RtlCreateAcl(acl, acl_size, ACL_REVISION);
    if (NT_SUCCESS(status))
        status = RtlAddAccessAllowedAce(acl, ACL_REVISION, GENERIC_ALL, local_system);
    if (NT_SUCCESS(status))
        status = RtlAddAccessAllowedAce(acl, ACL_REVISION, GENERIC_ALL, administrators);
    if (NT_SUCCESS(status))
        status = RtlSetDaclSecurityDescriptor(descriptor, TRUE, acl, FALSE);
    return status;
}

NTSTATUS security_restrict(PDEVICE_OBJECT device)
{
    SECURITY_DESCRIPTOR descriptor;
    ULONG buffer[32];
    NTSTATUS status = fill(&descriptor, (PACL)buffer, sizeof buffer);
    if (!NT_SUCCESS(status))
        return status;
    HANDLE handle;
    status = ObOpenObjectByPointer(device, OBJ_KERNEL_HANDLE, NULL, WRITE_DAC, NULL, KernelMode, &handle);
    if (!NT_SUCCESS(status))
        return status;
    status = ZwSetSecurityObject(handle, DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION, &descriptor);
    ZwClose(handle);
    return status;
}
