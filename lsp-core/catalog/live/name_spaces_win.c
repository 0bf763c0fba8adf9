/* The name space providers as WSAEnumNameSpaceProvidersEx tells them, laid over the registry's; see part_win.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lsp-core/win/errors_win.h"
#include "part_win.h"
#include "lsp-core/base/text.h"

enum {
    FIRST_SIZE = 4096,
    SIZE_MAX_BYTES = 16 << 20,
};

/* What either function tells of one provider. */
struct told {
    struct wsplsp_guid provider_id;
    uint32_t name_space;
    uint32_t version;
    bool enabled;
    const wchar_t *identifier;
};

/* Calls the newer function, or the older one. */
static int call(const struct live_part *part, DWORD *length, void *buffer)
{
    if (part->calls->enum_name_spaces_ex != NULL)
        return part->calls->enum_name_spaces_ex(length, buffer);
    return part->calls->enum_name_spaces(length, buffer);
}

/* WSAEnumNameSpaceProvidersEx: a buffer too small is WSAEFAULT, the length needed is told. */
static int enumerate(const struct live_part *part, void **buffer, DWORD *size, int *code)
{
    for (*size = FIRST_SIZE;;) {
        DWORD length = *size;
        *buffer = calloc(1, *size);
        *code = WSA_NOT_ENOUGH_MEMORY;
        int count = *buffer == NULL ? SOCKET_ERROR : call(part, &length, *buffer);
        if (count >= 0)
            return count;
        if (*buffer != NULL)
            *code = part->functions->last_error();
        free(*buffer);
        if ((*code != WSAEFAULT && *code != WSAENOBUFS) || *size >= SIZE_MAX_BYTES)
            return SOCKET_ERROR;
        *size = length > *size * 2 ? length : *size * 2;
        if (*size > SIZE_MAX_BYTES)
            *size = SIZE_MAX_BYTES;
    }
}

static struct told told_at(const struct live_part *part, const void *buffer, size_t index)
{
    struct told told;
    if (part->calls->enum_name_spaces_ex != NULL) {
        const WSANAMESPACE_INFOEXW *info = (const WSANAMESPACE_INFOEXW *)buffer + index;
        told = (struct told){.name_space = info->dwNameSpace,
                             .version = info->dwVersion,
                             .enabled = info->fActive != FALSE,
                             .identifier = info->lpszIdentifier};
        memcpy(&told.provider_id, &info->NSProviderId, sizeof told.provider_id);
    } else {
        const WSANAMESPACE_INFOW *info = (const WSANAMESPACE_INFOW *)buffer + index;
        told = (struct told){.name_space = info->dwNameSpace,
                             .version = info->dwVersion,
                             .enabled = info->fActive != FALSE,
                             .identifier = info->lpszIdentifier};
        memcpy(&told.provider_id, &info->NSProviderId, sizeof told.provider_id);
    }
    return told;
}

static struct wsplsp_name_space *find_stored(struct wsplsp_catalog *old, const struct wsplsp_guid *provider_id)
{
    for (size_t i = 0; i < old->name_space_count; i++) {
        struct wsplsp_name_space *stored = &old->name_spaces[i];
        if (stored->origin != NULL && stored->undecoded == NULL && wsplsp_guid_equal(&stored->provider_id, provider_id))
            return stored;
    }
    return NULL;
}

static void move(struct wsplsp_name_space *to, struct wsplsp_name_space *from)
{
    size_t position = to->position;
    *to = *from;
    to->position = position;
    memset(from, 0, sizeof *from);
}

static bool merge_one(const struct live_part *part, struct wsplsp_catalog *old, const struct told *told)
{
    struct wsplsp_name_space *name_space = wsplsp_catalog_add_name_space(part->catalog);
    if (name_space == NULL)
        return false;
    struct wsplsp_name_space *stored = find_stored(old, &told->provider_id);
    if (stored != NULL)
        move(name_space, stored);
    else
        name_space->dll_absent = "no function tells a name space provider's DLL, and the registry does not hold it";
    name_space->provider_id = told->provider_id;
    name_space->name_space = told->name_space;
    name_space->version = told->version;
    name_space->enabled = told->enabled;

    char *given =
        told->identifier == NULL ? text_duplicate("") : text_from_utf16(told->identifier, wcslen(told->identifier));
    /* A stored "@dll,-id" stays the raw name; the function gives it resolved. */
    if (given != NULL && (name_space->name_raw == NULL || name_space->name_raw[0] != '@')) {
        free(name_space->name_raw);
        name_space->name_raw = text_duplicate(given);
    }
    bool shown = given != NULL && name_space->name_raw != NULL &&
                 live_show_name(part->functions, name_space->name_raw, given, &name_space->name);
    free(given);
    return shown;
}

/* What the functions skip: undecodable ones are kept behind the others, the rest is only noted. */
static bool keep_undecoded(const struct live_part *part, struct wsplsp_catalog *old)
{
    size_t unlisted = 0;
    for (size_t i = 0; i < old->name_space_count; i++) {
        struct wsplsp_name_space *stored = &old->name_spaces[i];
        if (stored->undecoded != NULL) {
            struct wsplsp_name_space *name_space = wsplsp_catalog_add_name_space(part->catalog);
            if (name_space == NULL)
                return false;
            move(name_space, stored);
        } else if (stored->origin != NULL) {
            unlisted++;
        }
    }
    return unlisted == 0 || wsplsp_snapshot_note(part->snapshot,
                                                 "%d-bit catalog: the registry holds %zu name space providers that %s "
                                                 "does not tell, so they are not shown",
                                                 part->catalog->bits, unlisted, part->texts->enum_name_spaces);
}

static bool merge_all(const struct live_part *part, const void *buffer, size_t count)
{
    struct wsplsp_snapshot *old = wsplsp_snapshot_new("");
    if (old == NULL)
        return false;
    live_move_name_spaces(part->catalog, old);
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++) {
        struct told told = told_at(part, buffer, i);
        ok = merge_one(part, &old->catalogs[0], &told);
    }
    ok = ok && keep_undecoded(part, &old->catalogs[0]);
    wsplsp_snapshot_free(old);
    return ok;
}

static enum wsplsp_status registry_alone(const struct live_part *part, const char *why)
{
    struct wsplsp_catalog *catalog = part->catalog;
    for (size_t i = 0; i < catalog->name_space_count; i++) {
        struct wsplsp_name_space *name_space = &catalog->name_spaces[i];
        if (!live_show_name(part->functions, name_space->name_raw, NULL, &name_space->name))
            return wsplsp_fail_memory(part->error);
    }
    /* A catalog that isn't there at all has had its note. */
    if (!catalog->present)
        return WSPLSP_OK;
    if (!wsplsp_snapshot_note(part->snapshot, "%s %s: the %d-bit catalog's name space providers are %s",
                              part->texts->enum_name_spaces, why, catalog->bits,
                              catalog->name_space_count == 0 ? "unknown" : "shown as the registry has them"))
        return wsplsp_fail_memory(part->error);
    return WSPLSP_OK;
}

enum wsplsp_status live_read_name_spaces(const struct live_part *part)
{
    void *buffer;
    DWORD size;
    int code;
    if (part->calls->enum_name_spaces_ex == NULL && part->calls->enum_name_spaces == NULL)
        return registry_alone(part, "is missing from this system's ws2_32.dll");
    int count = enumerate(part, &buffer, &size, &code);
    if (count == SOCKET_ERROR) {
        char why[96];
        snprintf(why, sizeof why, "failed with %s (%d)", errors_win_name((uint32_t)code), code);
        return registry_alone(part, why);
    }
    size_t one = part->calls->enum_name_spaces_ex != NULL ? sizeof(WSANAMESPACE_INFOEXW) : sizeof(WSANAMESPACE_INFOW);
    bool plausible = (size_t)count <= size / one;
    bool ok = plausible && merge_all(part, buffer, (size_t)count);
    free(buffer);
    if (!plausible)
        return registry_alone(part, "told more than fits its buffer");
    return ok ? WSPLSP_OK : wsplsp_fail_memory(part->error);
}
