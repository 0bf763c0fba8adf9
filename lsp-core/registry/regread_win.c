/* Copies a registry key into a tree; see regread_win.h. */
#include "regread_win.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "lsp-core/win/errors_win.h"
#include "lsp-core/base/sysdll_win.h"
#include "lsp-core/base/text.h"

enum {
    KEY_NAME_UNITS = 256,     /* "Registry Element Size Limits": 255 characters */
    VALUE_NAME_UNITS = 16384, /* 16,383 characters */
    DATA_MAX = 64 << 20,      /* far above what the catalog's values hold */
    DEPTH_MAX = 64,           /* the catalog itself is four levels deep */
};

static LONG registry_open(HKEY key, const wchar_t *path, HKEY *opened)
{
    /* Windows 2000 knows no views; only a 32-bit process on 64-bit Windows has to ask for the other one. */
    REGSAM view = sysdll_is_wow64() ? KEY_WOW64_64KEY : 0;
    return RegOpenKeyExW(key, path, 0, KEY_QUERY_VALUE | KEY_ENUMERATE_SUB_KEYS | view, opened);
}

static LONG registry_close(HKEY key)
{
    return RegCloseKey(key);
}

static LONG registry_enum_key(HKEY key, DWORD index, wchar_t *name, DWORD *length)
{
    return RegEnumKeyExW(key, index, name, length, NULL, NULL, NULL, NULL);
}

static LONG registry_enum_value(HKEY key, DWORD index, wchar_t *name, DWORD *length, DWORD *type, BYTE *data,
                                DWORD *size)
{
    return RegEnumValueW(key, index, name, length, NULL, type, data, size);
}

const struct regread_functions regread_registry = {
    .open = registry_open,
    .close = registry_close,
    .enum_key = registry_enum_key,
    .enum_value = registry_enum_value,
};

/* One run's tools and buffers. */
struct reader {
    const struct regread_functions *functions;
    struct regread_skipped *skipped;
    struct wsplsp_error *error;
    wchar_t value_name[VALUE_NAME_UNITS];
    BYTE *data;
    DWORD room;
};

static bool grow(struct reader *reader, DWORD needed)
{
    DWORD room = needed > reader->room ? needed : reader->room * 2;
    BYTE *grown = room > DATA_MAX ? NULL : realloc(reader->data, room);
    if (grown == NULL)
        return false;
    reader->data = grown;
    reader->room = room;
    return true;
}

/* A value may grow between two calls, so the buffer is enlarged until it fits. */
static LONG next_value(struct reader *reader, HKEY key, DWORD index, DWORD *length, DWORD *type, DWORD *size)
{
    for (;;) {
        *length = VALUE_NAME_UNITS;
        *size = reader->room;
        LONG code = reader->functions->enum_value(key, index, reader->value_name, length, type, reader->data, size);
        if (code != ERROR_MORE_DATA)
            return code;
        if (!grow(reader, *size))
            return ERROR_OUTOFMEMORY;
    }
}

static enum wsplsp_status read_values(struct reader *reader, HKEY key, struct reg_key *into)
{
    for (DWORD index = 0;; index++) {
        DWORD length, type, size;
        LONG code = next_value(reader, key, index, &length, &type, &size);
        if (code == ERROR_NO_MORE_ITEMS)
            return WSPLSP_OK;
        if (code == ERROR_OUTOFMEMORY)
            return wsplsp_fail_memory(reader->error);
        if (code != ERROR_SUCCESS)
            return errors_win_fail(reader->error, (uint32_t)code, "cannot read the values of the registry key '%s'",
                                   reg_key_name(into));
        char *value = text_from_utf16(reader->value_name, length);
        bool kept = value != NULL && reg_key_set(into, value, type, reader->data, size);
        free(value);
        if (!kept)
            return wsplsp_fail_memory(reader->error);
    }
}

static void skip(struct regread_skipped *skipped, const char *name, LONG code)
{
    if (skipped->count++ > 0)
        return;
    skipped->code = code;
    snprintf(skipped->first, sizeof skipped->first, "%s", name);
}

static enum wsplsp_status read_key(struct reader *reader, HKEY key, struct reg_key *into, unsigned depth);

static enum wsplsp_status read_child(struct reader *reader, HKEY key, const wchar_t *name, struct reg_key *into,
                                     unsigned depth)
{
    char *text = text_from_utf16(name, wcslen(name));
    if (text == NULL)
        return wsplsp_fail_memory(reader->error);
    HKEY opened;
    LONG code = depth == DEPTH_MAX ? ERROR_INVALID_FUNCTION : reader->functions->open(key, name, &opened);
    enum wsplsp_status status = WSPLSP_OK;
    if (code != ERROR_SUCCESS) {
        skip(reader->skipped, text, code);
    } else {
        struct reg_key *child = reg_key_new(text);
        if (child == NULL || !reg_key_adopt(into, child)) {
            reg_key_free(child);
            status = wsplsp_fail_memory(reader->error);
        } else {
            status = read_key(reader, opened, child, depth + 1);
        }
        reader->functions->close(opened);
    }
    free(text);
    return status;
}

static enum wsplsp_status read_key(struct reader *reader, HKEY key, struct reg_key *into, unsigned depth)
{
    enum wsplsp_status status = read_values(reader, key, into);
    for (DWORD index = 0; status == WSPLSP_OK; index++) {
        wchar_t name[KEY_NAME_UNITS];
        DWORD length = KEY_NAME_UNITS;
        LONG code = reader->functions->enum_key(key, index, name, &length);
        if (code == ERROR_NO_MORE_ITEMS)
            break;
        if (code != ERROR_SUCCESS)
            return errors_win_fail(reader->error, (uint32_t)code, "cannot list the subkeys of the registry key '%s'",
                                   reg_key_name(into));
        status = read_child(reader, key, name, into, depth);
    }
    return status;
}

enum wsplsp_status regread_into(const struct regread_functions *functions, HKEY key, struct reg_key *into,
                                struct regread_skipped *skipped, struct wsplsp_error *error)
{
    struct reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL)
        return wsplsp_fail_memory(error);
    reader->functions = functions;
    reader->skipped = skipped;
    reader->error = error;
    *skipped = (struct regread_skipped){.count = 0};
    enum wsplsp_status status = grow(reader, 4096) ? read_key(reader, key, into, 0) : wsplsp_fail_memory(error);
    free(reader->data);
    free(reader);
    return status;
}
