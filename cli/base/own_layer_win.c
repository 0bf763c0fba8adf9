/* wsplsp's own layer and helper; see own_layer.h. */
#include "own_layer.h"

#include <windows.h>

#include <stdlib.h>

#include "memory.h"
#include "lsp-core/base/text.h"

enum { LONGEST_PATH = 32767 };

#define OWN_BITS ((int)sizeof(void *) * 8)

/* Cuts the last name off. */
static void to_folder(wchar_t *path)
{
    wchar_t *end = wcsrchr(path, L'\\');
    if (end != NULL)
        *end = L'\0';
}

static enum wsplsp_status find(int bits, const wchar_t *name, char **path, struct wsplsp_error *error)
{
    wchar_t *wide = memory_alloc((LONGEST_PATH + 64) * sizeof *wide);
    GetModuleFileNameW(NULL, wide, LONGEST_PATH);
    to_folder(wide);
    if (bits != OWN_BITS) {
        /* As packed, and as built: the two builds' folders are side by side. */
        to_folder(wide);
        wcscat(wide, bits == 64 ? L"\\x64" : L"\\x86");
    }
    wcscat(wide, name);
    *path = text_from_utf16(wide, wcslen(wide));
    free(wide);
    return *path != NULL ? WSPLSP_OK : wsplsp_fail_memory(error);
}

enum wsplsp_status bundled_layer(int bits, char **path, struct wsplsp_error *error)
{
    return find(bits, L"\\wsplsp-layer.dll", path, error);
}

enum wsplsp_status bundled_helper(int bits, char **path, struct wsplsp_error *error)
{
    return find(bits, L"\\wsplsp-inject.exe", path, error);
}
