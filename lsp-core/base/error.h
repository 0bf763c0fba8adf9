/* How every part of wsplsp says that something failed: an exit status, the failing call's own code and name, a
 * sentence for the user and what to do about it. */
#ifndef WSPLSP_CORE_BASE_ERROR_H
#define WSPLSP_CORE_BASE_ERROR_H

#include <stdint.h>

/* The exit statuses of the command line tool; see EXIT STATUS in wsplsp(1). */
enum wsplsp_status {
    WSPLSP_OK = 0,
    WSPLSP_FINDINGS = 1,    /* findings, or differences */
    WSPLSP_USAGE = 2,       /* the command line is wrong */
    WSPLSP_NOT_FOUND = 3,   /* no such file, entry, or catalog in the file */
    WSPLSP_DENIED = 4,      /* access denied */
    WSPLSP_REFUSED = 5,     /* refused as unsafe */
    WSPLSP_SYSTEM = 6,      /* a call to the system failed, or what was read is damaged */
    WSPLSP_ROLLED_BACK = 7, /* a change failed and was undone */
};

struct wsplsp_error {
    enum wsplsp_status status;
    uint32_t code;     /* errno, Win32 or Winsock error; 0 where no call failed */
    char name[48];     /* "ENOENT", "ERROR_ACCESS_DENIED", "WSANO_RECOVERY", or one of ours: "BAD_FORMAT" */
    char message[512]; /* what failed, in UTF-8, without a final full stop or newline */
    char hint[256];    /* what to do about it; empty where there is nothing to say */
};

#if defined(__MINGW32__)
#define WSPLSP_PRINTF(format_at, first_at) __attribute__((format(gnu_printf, format_at, first_at)))
#else
#define WSPLSP_PRINTF(format_at, first_at) __attribute__((format(printf, format_at, first_at)))
#endif

/* Fills `error` and returns `status`, so that a failing function can end with `return wsplsp_fail(...)`. The hint is
 * emptied; wsplsp_hint sets one. */
enum wsplsp_status wsplsp_fail(struct wsplsp_error *error, enum wsplsp_status status, uint32_t code, const char *name,
                               const char *format, ...) WSPLSP_PRINTF(5, 6);

/* Sets the hint and returns the error's status. */
enum wsplsp_status wsplsp_hint(struct wsplsp_error *error, const char *format, ...) WSPLSP_PRINTF(2, 3);

/* "out of memory", status WSPLSP_SYSTEM. */
enum wsplsp_status wsplsp_fail_memory(struct wsplsp_error *error);

/* `action` failed with the given errno: maps ENOENT to WSPLSP_NOT_FOUND, EACCES and EPERM to WSPLSP_DENIED. */
enum wsplsp_status wsplsp_fail_errno(struct wsplsp_error *error, int code, const char *action, const char *object);

#endif
