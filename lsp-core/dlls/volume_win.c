/* A mounted volume on Windows; see volume.h. No component may be a reparse point that leads elsewhere. */
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <windows.h>

#include "lsp-core/win/errors_win.h"
#include "volume.h"
#include "lsp-core/base/text.h"

struct files_volume {
    wchar_t *root;
    size_t length;
};

static wchar_t *full_path(const char *path)
{
    size_t units;
    uint16_t *wide = text_to_utf16(path, &units);
    wchar_t *full = NULL;
    DWORD room = wide == NULL ? 0 : GetFullPathNameW((const wchar_t *)wide, 0, NULL, NULL);
    if (room > 0 && (full = calloc(room, sizeof *full)) != NULL)
        GetFullPathNameW((const wchar_t *)wide, room, full, NULL);
    free(wide);
    return full;
}

enum wsplsp_status files_volume_open(const char *path, struct files_volume **volume, struct wsplsp_error *error)
{
    wchar_t *root = full_path(path);
    *volume = root == NULL ? NULL : calloc(1, sizeof **volume);
    if (*volume == NULL) {
        free(root);
        return wsplsp_fail_memory(error);
    }
    (*volume)->root = root;
    (*volume)->length = wcslen(root);
    DWORD attributes = GetFileAttributesW(root);
    DWORD code = attributes == INVALID_FILE_ATTRIBUTES          ? GetLastError()
                 : (attributes & FILE_ATTRIBUTE_DIRECTORY) == 0 ? ERROR_DIRECTORY
                                                                : ERROR_SUCCESS;
    if (code == ERROR_SUCCESS)
        return WSPLSP_OK;
    files_volume_close(*volume);
    *volume = NULL;
    return errors_win_fail(error, code, "cannot open the folder %s", path);
}

void files_volume_close(struct files_volume *volume)
{
    free(volume->root);
    free(volume);
}

/* The volume's path with `path` below it, new. */
static wchar_t *whole_path(const struct files_volume *volume, const char *path)
{
    size_t units;
    uint16_t *wide = text_to_utf16(path, &units);
    wchar_t *whole = wide == NULL ? NULL : calloc(volume->length + 1 + units, sizeof *whole);
    if (whole != NULL) {
        wcscpy(whole, volume->root);
        if (volume->length == 0 || whole[volume->length - 1] != L'\\')
            wcscat(whole, L"\\");
        wcscat(whole, (const wchar_t *)wide);
    }
    free(wide);
    return whole;
}

/* Whether one of the components below the root is a link: what can't be looked up is none. */
static bool has_link(const struct files_volume *volume, wchar_t *whole)
{
    for (wchar_t *end = whole + volume->length + 1; end != NULL;) {
        end = wcschr(end, L'\\');
        if (end != NULL)
            *end = L'\0';
        DWORD attributes = GetFileAttributesW(whole);
        if (end != NULL)
            *end++ = L'\\';
        if (attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0)
            return true;
    }
    return false;
}

bool files_volume_has_folder(struct files_volume *volume, const char *path)
{
    wchar_t *whole = whole_path(volume, path);
    DWORD attributes = whole == NULL || has_link(volume, whole) ? INVALID_FILE_ATTRIBUTES : GetFileAttributesW(whole);
    free(whole);
    return attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
}

static void tell_failure(DWORD code, struct files_facts *facts)
{
    switch (code) {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
    case ERROR_INVALID_NAME:
    case ERROR_FILENAME_EXCED_RANGE:
        facts->presence = FILES_MISSING;
        break;
    case ERROR_ACCESS_DENIED:
        facts->presence_unknown = FILES_VOLUME_DENIED;
        break;
    default:
        facts->presence_unknown = FILES_VOLUME_NO_READ;
        break;
    }
}

static bool read_all(HANDLE file, size_t length, uint8_t **bytes, size_t *size, struct files_facts *facts)
{
    DWORD got = 0;
    *bytes = malloc(length + 1);
    if (*bytes == NULL)
        return false;
    if (!ReadFile(file, *bytes, (DWORD)length, &got, NULL)) {
        facts->image_unknown = FILES_VOLUME_NO_READ;
        free(*bytes);
        *bytes = NULL;
    }
    *size = got;
    return true;
}

static bool read_opened(HANDLE file, struct files_facts *facts, uint8_t **bytes, size_t *size)
{
    BY_HANDLE_FILE_INFORMATION info;
    if (GetFileType(file) != FILE_TYPE_DISK || !GetFileInformationByHandle(file, &info) ||
        (info.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0) {
        facts->presence_unknown = FILES_VOLUME_NO_FILE;
        return true;
    }
    if ((info.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0) {
        facts->presence_unknown = FILES_VOLUME_LINK;
        return true;
    }
    facts->presence = FILES_PRESENT;
    if (info.nFileSizeHigh != 0 || info.nFileSizeLow > FILES_IMAGE_MAX) {
        facts->image_unknown = FILES_VOLUME_TOO_LONG;
        return true;
    }
    return read_all(file, info.nFileSizeLow, bytes, size, facts);
}

bool files_volume_read(struct files_volume *volume, const char *path, struct files_facts *facts, uint8_t **bytes,
                       size_t *size)
{
    *bytes = NULL;
    wchar_t *whole = whole_path(volume, path);
    if (whole == NULL)
        return false;
    bool ok = true;
    if (has_link(volume, whole)) {
        facts->presence_unknown = FILES_VOLUME_LINK;
    } else {
        /* Folders can only be opened with FILE_FLAG_BACKUP_SEMANTICS; then they are told from files. */
        HANDLE file = CreateFileW(whole, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                                  OPEN_EXISTING, FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_BACKUP_SEMANTICS, NULL);
        if (file == INVALID_HANDLE_VALUE) {
            tell_failure(GetLastError(), facts);
        } else {
            ok = read_opened(file, facts, bytes, size);
            CloseHandle(file);
        }
    }
    free(whole);
    return ok;
}
