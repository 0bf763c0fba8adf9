/* New provider ids on Windows; see guid.h. */
#include "guid.h"

#include "sysdll_win.h"

enum wsplsp_status new_guid(struct wsplsp_guid *guid, struct wsplsp_error *error)
{
    /* RtlGenRandom's name; UuidCreate would cost another DLL. */
    BOOLEAN(APIENTRY * generate)(void *, ULONG);
    if (!sysdll_function(sysdll_load(L"advapi32.dll"), "SystemFunction036", &generate) ||
        !generate(guid->bytes, sizeof guid->bytes))
        return wsplsp_fail(error, WSPLSP_SYSTEM, 0, "RANDOM", "the system gives no random numbers");
    guid->bytes[7] = (guid->bytes[7] & 0x0f) | 0x40; /* version 4: random; Data3 is little endian */
    guid->bytes[8] = (guid->bytes[8] & 0x3f) | 0x80;
    return WSPLSP_OK;
}
