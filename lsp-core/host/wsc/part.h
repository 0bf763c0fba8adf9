/* What the functions over the private catalog share: the caller's memory, and errors. */
#ifndef WSPLSP_CORE_HOST_WSC_PART_H
#define WSPLSP_CORE_HOST_WSC_PART_H

#include <stdbool.h>
#include <stddef.h>

#include "lsp-core/catalog/edit.h"
#include "lsp-core/host/catalog/private.h"
#include "lsp-core/win/winsock.h"

#define WSC_OWN_BITS ((int)(8 * sizeof(void *)))

/* The caller's memory. False where it "is not in a valid part of the user address space". */
bool wsc_read(void *to, const void *from, size_t size);
bool wsc_write(void *to, const void *from, size_t size);
/* Whether there is memory that can be written; does not change it. */
bool wsc_can_write(void *to, size_t size);

/* A new copy of an array; 0, or WSAEFAULT or WSA_NOT_ENOUGH_MEMORY. */
int wsc_read_array(void **to, const void *from, size_t count, size_t size);

/* A new UTF-8 copy of a text that ends with a NUL and has less than `limit` units; 0, or WSAEFAULT, WSAEINVAL for one
 * that is longer, or WSA_NOT_ENOUGH_MEMORY. */
int wsc_read_text(char **to, const wchar_t *from, size_t limit);
/* The same for exactly `length` units, without a NUL. */
int wsc_read_text_n(char **to, const wchar_t *from, size_t length);

/* For functions that report through lpErrno: SOCKET_ERROR where `code` is not 0. */
int wsc_result(INT *error, int code);
/* For those that report through WSAGetLastError. */
int wsc_last_error(int code);

/* What a function's page calls the failures that others have another name for. */
struct wsc_errors {
    int save;      /* the catalog cannot be read or saved */
    int denied;    /* for want of rights */
    int busy;      /* another process keeps it locked */
    int memory;    /* out of it */
    int installed; /* the provider id is there already */
    int chain;     /* a chain over MAX_PROTOCOL_CHAIN */
};

/* Changes the catalog; 0, or the error. */
int wsc_change(private_catalog_edit edit, void *context, const struct wsc_errors *errors);

/* The current snapshot, with what other processes have changed. To be released. */
const struct wsplsp_snapshot *wsc_acquire(void);

#endif
