/* Resolves "@dll,-id" through the shell's SHLoadIndirectString; see names_win.h. It loads the file that the reference
 * names, so it must never be given a reference that a mere file (an offline catalog) holds. */
#include "names_win.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include "lsp-core/base/sysdll_win.h"
#include "lsp-core/base/text.h"

enum { TEXT_UNITS = 1024 };

typedef HRESULT(WINAPI *load_indirect_string)(const wchar_t *, wchar_t *, UINT, void **);

/* SHLoadIndirectString knows other forms too (packages, resource indexes); the catalog only has this one. */
static bool is_reference(const wchar_t *raw)
{
    const wchar_t *comma = wcsrchr(raw, L',');
    return raw[0] == L'@' && comma != NULL && comma > raw + 1 && comma[1] == L'-' && comma[2] >= L'0' &&
           comma[2] <= L'9';
}

/* "@" and the file's full path. A bare file name means the system folder's file, not one that a search of the
 * program's or the current folder finds first; a path on the network is left alone. */
static bool qualify(const wchar_t *raw, wchar_t *reference)
{
    wchar_t expanded[TEXT_UNITS], folder[MAX_PATH] = L"";
    DWORD length = ExpandEnvironmentStringsW(raw + 1, expanded, TEXT_UNITS);
    if (length == 0 || length > TEXT_UNITS || wcschr(expanded, L'/') != NULL)
        return false;
    if (wcschr(expanded, L'\\') == NULL) {
        UINT used = GetSystemDirectoryW(folder, MAX_PATH - 1);
        if (used == 0 || used >= MAX_PATH - 1)
            return false;
        wcscat(folder, L"\\");
    } else if (expanded[0] == L'\0' || expanded[1] != L':' || expanded[2] != L'\\') {
        return false;
    }
    wcscpy(reference, L"@");
    wcscat(reference, folder);
    wcscat(reference, expanded);
    return true;
}

char *names_win_resolve(const char *raw)
{
    load_indirect_string load;
    if (raw[0] != '@' || !sysdll_function(sysdll_load(L"shlwapi.dll"), "SHLoadIndirectString", &load))
        return NULL;
    size_t units;
    uint16_t *wide = text_to_utf16(raw, &units);
    if (wide == NULL)
        return NULL;
    wchar_t reference[TEXT_UNITS + MAX_PATH + 1], text[TEXT_UNITS];
    bool usable = is_reference((const wchar_t *)wide) && qualify((const wchar_t *)wide, reference);
    free(wide);
    if (!usable || load(reference, text, TEXT_UNITS, NULL) != S_OK || text[0] == L'\0' || text[0] == L'@')
        return NULL;
    return text_from_utf16(text, wcslen(text));
}
