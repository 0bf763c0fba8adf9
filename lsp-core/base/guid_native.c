/* New provider ids on a POSIX system; see guid.h. */
#include "guid.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum wsplsp_status new_guid(struct wsplsp_guid *guid, struct wsplsp_error *error)
{
    int file = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return wsplsp_fail_errno(error, errno, "open", "/dev/urandom");
    ssize_t got = read(file, guid->bytes, sizeof guid->bytes);
    close(file);
    if (got != (ssize_t)sizeof guid->bytes)
        return wsplsp_fail(error, WSPLSP_SYSTEM, 0, "RANDOM", "the system gives no random numbers");
    guid->bytes[7] = (guid->bytes[7] & 0x0f) | 0x40; /* version 4: random; Data3 is little endian */
    guid->bytes[8] = (guid->bytes[8] & 0x3f) | 0x80;
    return WSPLSP_OK;
}
