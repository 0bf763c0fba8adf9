/* See part.h. */
#include "part.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lsp-core/base/text.h"

#define WRITABLE (PAGE_READWRITE | PAGE_WRITECOPY | PAGE_EXECUTE_READWRITE | PAGE_EXECUTE_WRITECOPY)
#define READABLE (WRITABLE | PAGE_READONLY | PAGE_EXECUTE_READ)

/* Whether all of the memory is there, with one of these protections. Asked before it is touched: MinGW has no
 * structured exceptions, and Wine's ReadProcessMemory reads what is PAGE_NOACCESS, too. */
static bool is_there(const void *memory, size_t size, DWORD protection)
{
    MEMORY_BASIC_INFORMATION region;
    uintptr_t at = (uintptr_t)memory, end = at + size;
    if (memory == NULL || end < at)
        return false;
    while (at < end) {
        if (VirtualQuery((const void *)at, &region, sizeof region) == 0 || region.State != MEM_COMMIT ||
            (region.Protect & protection) == 0 || (region.Protect & PAGE_GUARD) != 0)
            return false;
        at = (uintptr_t)region.BaseAddress + region.RegionSize;
    }
    return true;
}

bool wsc_read(void *to, const void *from, size_t size)
{
    if (!is_there(from, size, READABLE))
        return false;
    memcpy(to, from, size);
    return true;
}

bool wsc_write(void *to, const void *from, size_t size)
{
    if (!is_there(to, size, WRITABLE))
        return false;
    memcpy(to, from, size);
    return true;
}

bool wsc_can_write(void *to, size_t size)
{
    return is_there(to, size, WRITABLE);
}

int wsc_read_array(void **to, const void *from, size_t count, size_t size)
{
    *to = NULL;
    if (from == NULL)
        return WSAEFAULT;
    void *copy = count < SIZE_MAX / size ? calloc(count + 1, size) : NULL;
    if (copy == NULL)
        return WSA_NOT_ENOUGH_MEMORY;
    if (!wsc_read(copy, from, count * size)) {
        free(copy);
        return WSAEFAULT;
    }
    *to = copy;
    return 0;
}

int wsc_read_text(char **to, const wchar_t *from, size_t limit)
{
    wchar_t unit = 1;
    size_t length = 0;
    *to = NULL;
    /* One by one: the text may end just before memory that is not there. */
    for (;; length++) {
        if (length == limit)
            return WSAEINVAL;
        if (from == NULL || !wsc_read(&unit, from + length, sizeof unit))
            return WSAEFAULT;
        if (unit == 0)
            break;
    }
    return wsc_read_text_n(to, from, length);
}

int wsc_read_text_n(char **to, const wchar_t *from, size_t length)
{
    void *copy;
    *to = NULL;
    int code = wsc_read_array(&copy, from, length, sizeof(wchar_t));
    if (code != 0)
        return code;
    *to = text_from_utf16(copy, length);
    free(copy);
    return *to != NULL ? 0 : WSA_NOT_ENOUGH_MEMORY;
}

int wsc_result(INT *error, int code)
{
    if (code == 0)
        return 0;
    if (!wsc_write(error, &code, sizeof code))
        SetLastError(WSAEFAULT);
    return SOCKET_ERROR;
}

int wsc_last_error(int code)
{
    if (code == 0)
        return 0;
    SetLastError((DWORD)code);
    return SOCKET_ERROR;
}

static int store_error(const struct wsplsp_error *error, const struct wsc_errors *errors)
{
    if (strcmp(error->name, "ENOMEM") == 0)
        return errors->memory;
    if (strcmp(error->name, "WAIT_TIMEOUT") == 0)
        return errors->busy;
    return error->status == WSPLSP_DENIED ? errors->denied : errors->save;
}

static int edit_error(enum catalog_edit_result result, const struct wsc_errors *errors)
{
    switch (result) {
    case CATALOG_EDIT_DONE:
        return 0;
    case CATALOG_EDIT_NO_CATALOG:
    case CATALOG_EDIT_NO_BASE:
        return WSANO_RECOVERY;
    case CATALOG_EDIT_INSTALLED:
        return errors->installed;
    case CATALOG_EDIT_CHAIN_TOO_LONG:
        return errors->chain;
    case CATALOG_EDIT_NO_ID:
        return WSASYSCALLFAILURE;
    case CATALOG_EDIT_NO_MEMORY:
        return errors->memory;
    default:
        return WSAEINVAL;
    }
}

int wsc_change(private_catalog_edit edit, void *context, const struct wsc_errors *errors)
{
    struct wsplsp_error error;
    int result = CATALOG_EDIT_DONE;
    if (private_catalog_change(edit, context, &result, &error) != WSPLSP_OK)
        return store_error(&error, errors);
    return edit_error((enum catalog_edit_result)result, errors);
}

const struct wsplsp_snapshot *wsc_acquire(void)
{
    struct wsplsp_error error;
    private_catalog_refresh(&error); /* where that fails, what is known is the best answer */
    return private_catalog_acquire();
}
