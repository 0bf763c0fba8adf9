/* The functions that list name space providers: structures at the head of the caller's buffer, what they point to
 * behind. */
#include "wsc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lsp-core/host/api/startup.h"
#include "lsp-core/base/text.h"
#include "part.h"

#define ALIGNED(size) (((size) + 7) & ~(size_t)7)

/* Which of the four structures; the plain one is the beginning of the other, and A and W differ in a pointer's type. */
struct form {
    bool ansi;
    bool extended;
};

/* The name in the caller's form, new; `*size` is in bytes, with the NUL. */
static void *make_name(const struct wsplsp_name_space *name_space, struct form form, size_t *size)
{
    size_t units;
    uint16_t *wide = text_to_utf16(name_space->name != NULL ? name_space->name : "", &units);
    *size = units * sizeof *wide;
    if (wide == NULL || !form.ansi)
        return wide;
    int length = WideCharToMultiByte(CP_ACP, 0, (const wchar_t *)wide, -1, NULL, 0, NULL, NULL);
    char *ansi = length > 0 ? malloc((size_t)length) : NULL;
    if (ansi != NULL)
        WideCharToMultiByte(CP_ACP, 0, (const wchar_t *)wide, -1, ansi, length, NULL, NULL);
    free(wide);
    *size = (size_t)length;
    return ansi;
}

/* An answer being put together, or only measured. */
struct answer {
    uint8_t *bytes;      /* ours; NULL: only measured */
    const uint8_t *base; /* where it will be */
    size_t used;
};

/* Puts `size` bytes behind what there is; returns where they will be for the caller. */
static void *put(struct answer *answer, const void *bytes, size_t size)
{
    size_t at = answer->used;
    answer->used += ALIGNED(size);
    if (answer->bytes == NULL)
        return NULL;
    memcpy(answer->bytes + at, bytes, size);
    return (void *)(answer->base + at);
}

static size_t form_size(struct form form)
{
    return form.extended ? sizeof(WSANAMESPACE_INFOEXW) : sizeof(WSANAMESPACE_INFOW);
}

static bool put_one(struct answer *answer, const struct wsplsp_name_space *name_space, struct form form, size_t index)
{
    WSANAMESPACE_INFOEXW info = {
        .dwNameSpace = name_space->name_space,
        .fActive = name_space->enabled,
        .dwVersion = name_space->version,
    };
    size_t size;
    memcpy(&info.NSProviderId, &name_space->provider_id, sizeof info.NSProviderId);
    void *name = make_name(name_space, form, &size);
    if (name == NULL)
        return false;
    info.lpszIdentifier = put(answer, name, size);
    free(name);
    if (form.extended) {
        const void *bytes = catalog_edit_name_space_info(name_space, &size);
        info.ProviderSpecific.cbSize = (ULONG)size;
        info.ProviderSpecific.pBlobData = bytes == NULL ? NULL : put(answer, bytes, size);
    }
    if (answer->bytes != NULL)
        memcpy(answer->bytes + index * form_size(form), &info, form_size(form));
    return true;
}

/* False when out of memory. */
static bool put_all(struct answer *answer, const struct wsplsp_catalog *catalog, struct form form, int *count)
{
    size_t total = 0, index = 0;
    for (size_t i = 0; i < catalog->name_space_count; i++)
        total += catalog->name_spaces[i].undecoded == NULL;
    *count = (int)total;
    answer->used = ALIGNED(total * form_size(form));
    for (size_t i = 0; i < catalog->name_space_count; i++) {
        if (catalog->name_spaces[i].undecoded == NULL && !put_one(answer, &catalog->name_spaces[i], form, index++))
            return false;
    }
    return true;
}

/* 0 or the error; `*length` becomes what is needed where it is too small. */
static int fill(const struct wsplsp_catalog *catalog, struct form form, void *buffer, DWORD *length, int *count)
{
    struct answer measured = {0};
    if (!put_all(&measured, catalog, form, count))
        return WSA_NOT_ENOUGH_MEMORY;
    DWORD given = *length;
    *length = (DWORD)measured.used;
    if (buffer == NULL || given < measured.used)
        return WSAEFAULT;
    struct answer answer = {calloc(measured.used + 1, 1), buffer, 0};
    bool made = answer.bytes != NULL && put_all(&answer, catalog, form, count);
    bool written = made && wsc_write(buffer, answer.bytes, answer.used);
    free(answer.bytes);
    return written ? 0 : made ? WSAEFAULT : WSA_NOT_ENOUGH_MEMORY;
}

static int enumerate(int bits, struct form form, DWORD *length, void *buffer)
{
    DWORD size, given;
    int count = 0;
    if (!startup_done())
        return wsc_last_error(WSANOTINITIALISED);
    if (!wsc_can_write(length, sizeof *length) || !wsc_read(&size, length, sizeof size))
        return wsc_last_error(WSAEFAULT);
    given = size;
    const struct wsplsp_snapshot *snapshot = wsc_acquire();
    int code = fill(wsplsp_snapshot_catalog(snapshot, bits), form, buffer, &size, &count);
    private_catalog_release(snapshot);
    if (code != 0 && size != given)
        wsc_write(length, &size, sizeof size);
    return code == 0 ? count : wsc_last_error(code);
}

INT WSAAPI wsc_WSAEnumNameSpaceProvidersA(DWORD *length, WSANAMESPACE_INFOA *buffer)
{
    return enumerate(WSC_OWN_BITS, (struct form){true, false}, length, buffer);
}

INT WSAAPI wsc_WSAEnumNameSpaceProvidersW(DWORD *length, WSANAMESPACE_INFOW *buffer)
{
    return enumerate(WSC_OWN_BITS, (struct form){false, false}, length, buffer);
}

INT WSAAPI wsc_WSAEnumNameSpaceProvidersExA(DWORD *length, WSANAMESPACE_INFOEXA *buffer)
{
    return enumerate(WSC_OWN_BITS, (struct form){true, true}, length, buffer);
}

INT WSAAPI wsc_WSAEnumNameSpaceProvidersExW(DWORD *length, WSANAMESPACE_INFOEXW *buffer)
{
    return enumerate(WSC_OWN_BITS, (struct form){false, true}, length, buffer);
}

#ifdef _WIN64
INT WSAAPI wsc_WSCEnumNameSpaceProviders32(DWORD *length, WSANAMESPACE_INFOW *buffer)
{
    return enumerate(32, (struct form){false, false}, length, buffer);
}

INT WSPAPI wsc_WSCEnumNameSpaceProvidersEx32(DWORD *length, WSANAMESPACE_INFOEXW *buffer)
{
    return enumerate(32, (struct form){false, true}, length, buffer);
}
#endif
