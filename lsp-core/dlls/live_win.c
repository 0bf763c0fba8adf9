/* The doctor's eyes on the running system's own DLLs; see dlls.h. Opens files for reading only, and none on the
 * network. */
#include "dlls.h"

#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include "lsp-core/win/access_win.h"
#include "dllpath_win.h"
#include "lsp-core/win/signature_win.h"
#include "lsp-core/base/sysdll_win.h"
#include "lsp-core/base/text.h"

struct image {
    uint8_t *bytes;
    size_t size;
};

/* False where it can't be read, with the reason in the facts. */
static bool read_image(HANDLE file, struct files_facts *facts, struct image *image)
{
    LARGE_INTEGER size;
    facts->image_unknown = "the file cannot be read";
    if (!GetFileSizeEx(file, &size))
        return false;
    if ((uint64_t)size.QuadPart > FILES_IMAGE_MAX) {
        facts->image_unknown = "the file is larger than 64 MiB";
        return false;
    }
    image->bytes = malloc((size_t)size.QuadPart + 1);
    if (image->bytes == NULL) {
        facts->image_unknown = "memory has run out";
        return false;
    }
    DWORD got;
    while (image->size < (size_t)size.QuadPart) {
        if (!ReadFile(file, image->bytes + image->size, (DWORD)((size_t)size.QuadPart - image->size), &got, NULL))
            return false;
        if (got == 0)
            break;
        image->size += got;
    }
    facts->image_unknown = NULL;
    return true;
}

/* A drive of the network's: a file server that is away would keep the doctor waiting. */
static bool is_remote(const wchar_t *path)
{
    const wchar_t root[] = {path[0], L':', L'\\', L'\0'};
    return GetDriveTypeW(root) == DRIVE_REMOTE;
}

/* Of "C:\…" or "\\?\Volume{…}\…". Hard disks that can be pulled out say that they are fixed. */
static bool is_removable(const char *path)
{
    size_t units;
    wchar_t *root = (wchar_t *)text_to_utf16(path, &units);
    wchar_t *slash = root == NULL ? NULL : wcschr(wcslen(root) > 4 ? root + (root[0] == L'\\' ? 4 : 0) : root, L'\\');
    UINT type = DRIVE_UNKNOWN;
    if (slash != NULL) {
        slash[1] = L'\0';
        type = GetDriveTypeW(root);
    }
    free(root);
    return type == DRIVE_REMOVABLE || type == DRIVE_CDROM || type == DRIVE_RAMDISK;
}

/* The folders of users' own files: the profiles', and those of the accounts of services. */
static bool is_in_profile(const char *path)
{
    BOOL(WINAPI * get)(LPWSTR, LPDWORD);
    wchar_t folder[MAX_PATH], windows[MAX_PATH];
    DWORD size = MAX_PATH;
    bool found = false;
    if (sysdll_function(sysdll_load(L"userenv.dll"), "GetProfilesDirectoryW", &get) && get(folder, &size)) {
        char *profiles = text_from_utf16(folder, MAX_PATH);
        found = profiles != NULL && files_in_folder(path, profiles);
        free(profiles);
    }
    UINT length = found ? 0 : GetSystemWindowsDirectoryW(windows, MAX_PATH - 40);
    static const char *const accounts[] = {"%s\\ServiceProfiles", "%s\\System32\\config\\systemprofile"};
    char *system = length == 0 || length >= MAX_PATH - 40 ? NULL : text_from_utf16(windows, MAX_PATH);
    for (size_t i = 0; system != NULL && !found && i < sizeof accounts / sizeof accounts[0]; i++) {
        char *account = text_format(accounts[i], system);
        found = account != NULL && files_in_folder(path, account);
        free(account);
    }
    free(system);
    return found;
}

static void set_place(const char *real, struct files_facts *facts)
{
    if (is_removable(real))
        facts->place = FILES_PLACE_REMOVABLE;
    else if (is_in_profile(real) || is_in_profile(facts->resolved))
        facts->place = FILES_PLACE_PROFILE;
}

/* AppContainers came with Windows 8; Wine has none. */
static unsigned kinds_of_programs(void)
{
    LONG(WINAPI * get_version)(RTL_OSVERSIONINFOW *);
    RTL_OSVERSIONINFOW version = {.dwOSVersionInfoSize = sizeof version};
    unsigned kinds = ACCESS_USERS | ACCESS_LOCAL_SERVICE | ACCESS_NETWORK_SERVICE | ACCESS_SYSTEM;
    bool old = !sysdll_function(GetModuleHandleW(L"ntdll.dll"), "RtlGetVersion", &get_version) ||
               get_version(&version) != 0 || version.dwMajorVersion < 6 ||
               (version.dwMajorVersion == 6 && version.dwMinorVersion < 2);
    return old || sysdll_is_wine() ? kinds : kinds | ACCESS_APPS;
}

/* The DLL's own rights alone: whoever may not look into a folder goes through it nevertheless, for all have the right
 * to bypass traverse checking (Windows' own root folder gives AppContainers nothing). */
static bool look_at_readers(const wchar_t *path, struct files_facts *facts)
{
    size_t size = 0;
    HANDLE file = CreateFileW(path, READ_CONTROL, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                              OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, NULL);
    void *descriptor = file == INVALID_HANDLE_VALUE ? NULL : access_descriptor(file, &size);
    if (file != INVALID_HANDLE_VALUE)
        CloseHandle(file);
    facts->unloadable_unknown = "its access rights cannot be read";
    if (descriptor == NULL)
        return true;
    struct access_judgement judgement = access_lacks(descriptor, size, ACCESS_LOAD, kinds_of_programs());
    free(descriptor);
    facts->unloadable_unknown = judgement.why;
    facts->unloadable = judgement.answer == ACCESS_NO    ? FILES_NO
                        : judgement.answer == ACCESS_YES ? FILES_YES
                                                         : FILES_UNKNOWN;
    if (facts->unloadable == FILES_YES)
        facts->unloadable_by = text_duplicate(judgement.who);
    return facts->unloadable != FILES_YES || facts->unloadable_by != NULL;
}

static bool look_at_access(const wchar_t *path, struct files_facts *facts)
{
    static const enum files_answer answers[] = {
        [ACCESS_NO] = FILES_NO,
        [ACCESS_YES] = FILES_YES,
        [ACCESS_UNKNOWN] = FILES_UNKNOWN,
    };
    struct access_finding finding;
    if (!look_at_readers(path, facts) || !access_path_changes(path, &finding))
        return false;
    facts->writable = answers[finding.judgement.answer];
    facts->writable_unknown = finding.judgement.why;
    bool kept = true;
    set_place(finding.real != NULL ? finding.real : facts->resolved, facts);
    if (facts->writable == FILES_YES) {
        facts->writer = text_duplicate(finding.judgement.who);
        facts->writable_at = finding.at;
        finding.at = NULL;
        kept = facts->writer != NULL;
    }
    access_finding_free(&finding);
    return kept;
}

static void look_at_signature(const wchar_t *path, HANDLE file, const struct image *image, struct files_facts *facts)
{
    static const enum files_signature states[] = {
        [SIGNATURE_VALID] = FILES_SIGNATURE_VALID,
        [SIGNATURE_MISSING] = FILES_UNSIGNED,
        [SIGNATURE_INVALID] = FILES_SIGNATURE_INVALID,
        [SIGNATURE_UNKNOWN] = FILES_SIGNATURE_UNKNOWN,
    };
    struct signature signature = signature_verify(path, file, image->bytes, image->size);
    facts->signature = states[signature.state];
    facts->signature_unknown = signature.why;
    facts->signer = signature.signer;
}

/* FILES_PRESENT where the path leads to a file, readable or not. */
static enum files_presence presence(const wchar_t *path, const char **why)
{
    DWORD attributes = GetFileAttributesW(path);
    if (attributes != INVALID_FILE_ATTRIBUTES)
        return (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0 ? FILES_MISSING : FILES_PRESENT;
    switch (GetLastError()) {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
    case ERROR_INVALID_NAME:
    case ERROR_BAD_PATHNAME:
    case ERROR_INVALID_DRIVE:
        return FILES_MISSING;
    case ERROR_ACCESS_DENIED:
        *why = "this user may not look into its folder";
        return FILES_PRESENCE_UNKNOWN;
    default:
        *why = "Windows cannot look it up";
        return FILES_PRESENCE_UNKNOWN;
    }
}

static bool look_into(const wchar_t *path, struct files_facts *facts)
{
    /* Deleting and renaming stay allowed meanwhile: looking must not get in anyone's way. */
    HANDLE file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                              OPEN_EXISTING, FILE_FLAG_SEQUENTIAL_SCAN, NULL);
    if (file == INVALID_HANDLE_VALUE) {
        facts->image_unknown = facts->signature_unknown =
            GetLastError() == ERROR_ACCESS_DENIED ? "this user may not read the file" : "the file cannot be opened";
        return look_at_access(path, facts);
    }
    struct image image = {NULL, 0};
    if (GetFileType(file) != FILE_TYPE_DISK)
        facts->image_unknown = "it is a device, not a file";
    else if (read_image(file, facts, &image))
        files_read_image(image.bytes, image.size, facts);
    look_at_signature(path, file, &image, facts);
    CloseHandle(file);
    free(image.bytes);
    return look_at_access(path, facts);
}

static bool look(void *context, const char *stored, int bits, struct files_facts *facts)
{
    struct dllpath path;
    facts->presence_unknown = dllpath_resolve(context, stored, bits, &path);
    if (facts->presence_unknown != NULL) {
        if (strncmp(stored, "\\\\", 2) == 0 && strncmp(stored, "\\\\?\\", 4) != 0)
            facts->place = FILES_PLACE_NETWORK;
        return true;
    }
    facts->resolved = text_from_utf16(path.shown, wcslen(path.shown));
    if (facts->resolved == NULL)
        return false;
    if (is_remote(path.open)) {
        facts->presence_unknown = "it is on a network drive, which is not looked at";
        facts->place = FILES_PLACE_NETWORK;
        return true;
    }
    facts->presence = presence(path.open, &facts->presence_unknown);
    return facts->presence != FILES_PRESENT || look_into(path.open, facts);
}

enum wsplsp_status files_live_open(struct check_files **files, struct wsplsp_error *error)
{
    static const struct files_functions functions = {
        .look = look,
        .close = free,
        .tells_writable = true,
        .tells_signature = true,
    };
    struct dllpath_system *system = malloc(sizeof *system);
    if (system == NULL)
        return wsplsp_fail_memory(error);
    dllpath_system_read(system);
    return files_new(&functions, system, files, error);
}
