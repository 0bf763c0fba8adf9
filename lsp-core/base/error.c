/* Fills error records. Formatting happens here, once, so that an error can be reported when memory has run out. */
#include "error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct errno_name {
    int code;
    const char *name;
};

/* Those that reading and writing files can meet on both systems. */
static const struct errno_name errno_names[] = {
    {EACCES, "EACCES"},
    {EBADF, "EBADF"},
    {EBUSY, "EBUSY"},
    {EEXIST, "EEXIST"},
    {EFBIG, "EFBIG"},
    {EINTR, "EINTR"},
    {EINVAL, "EINVAL"},
    {EIO, "EIO"},
    {EISDIR, "EISDIR"},
    {EMFILE, "EMFILE"},
    {ENAMETOOLONG, "ENAMETOOLONG"},
    {ENFILE, "ENFILE"},
    {ENODEV, "ENODEV"},
    {ENOENT, "ENOENT"},
    {ENOEXEC, "ENOEXEC"},
    {ENOMEM, "ENOMEM"},
    {ENOSPC, "ENOSPC"},
    {ENOSYS, "ENOSYS"},
    {ENOTDIR, "ENOTDIR"},
    {ENXIO, "ENXIO"},
    {EPERM, "EPERM"},
    {EPIPE, "EPIPE"},
    {EROFS, "EROFS"},
    {ESPIPE, "ESPIPE"},
};

/* vsnprintf cuts between bytes; a message has to stay UTF-8. */
static void drop_cut_character(char *text, size_t length)
{
    size_t start = length;
    while (start > 0 && ((unsigned char)text[start - 1] & 0xC0) == 0x80)
        start--;
    if (start == 0)
        return;
    unsigned char lead = (unsigned char)text[start - 1];
    size_t wanted = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    if (length - start + 1 < wanted)
        text[start - 1] = '\0';
}

static void print_into(char *text, size_t size, const char *format, va_list arguments)
{
    int length = vsnprintf(text, size, format, arguments);
    if (length < 0)
        text[0] = '\0';
    else if ((size_t)length >= size)
        drop_cut_character(text, size - 1);
}

enum wsplsp_status wsplsp_fail(struct wsplsp_error *error, enum wsplsp_status status, uint32_t code, const char *name,
                               const char *format, ...)
{
    error->status = status;
    error->code = code;
    snprintf(error->name, sizeof error->name, "%s", name);
    error->hint[0] = '\0';
    va_list arguments;
    va_start(arguments, format);
    print_into(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    return status;
}

enum wsplsp_status wsplsp_hint(struct wsplsp_error *error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print_into(error->hint, sizeof error->hint, format, arguments);
    va_end(arguments);
    return error->status;
}

enum wsplsp_status wsplsp_fail_memory(struct wsplsp_error *error)
{
    return wsplsp_fail(error, WSPLSP_SYSTEM, ENOMEM, "ENOMEM", "out of memory");
}

enum wsplsp_status wsplsp_fail_errno(struct wsplsp_error *error, int code, const char *action, const char *object)
{
    enum wsplsp_status status = code == ENOENT                    ? WSPLSP_NOT_FOUND
                                : code == EACCES || code == EPERM ? WSPLSP_DENIED
                                                                  : WSPLSP_SYSTEM;
    const char *name = "errno";
    for (size_t i = 0; i < sizeof errno_names / sizeof errno_names[0]; i++) {
        if (errno_names[i].code == code)
            name = errno_names[i].name;
    }
    return wsplsp_fail(error, status, (uint32_t)code, name, "cannot %s %s: %s", action, object, strerror(code));
}
