/* The comparison of programs' paths; see path_win.h. */
#include "path_win.h"

#include <stdlib.h>

#include "lsp-core/base/text.h"
#include "winsock.h"

/* A new string; NULL when out of memory. */
static wchar_t *expand(const char *path)
{
    size_t units;
    uint16_t *raw = text_to_utf16(path, &units);
    DWORD size = raw == NULL ? 0 : ExpandEnvironmentStringsW((const wchar_t *)raw, NULL, 0);
    wchar_t *expanded = size == 0 ? NULL : calloc(size, sizeof *expanded);
    if (expanded != NULL && ExpandEnvironmentStringsW((const wchar_t *)raw, expanded, size) > size)
        expanded[0] = 0; /* the environment has changed in between */
    free(raw);
    return expanded;
}

bool path_equal(const char *a, const char *b)
{
    wchar_t *first = expand(a), *second = expand(b);
    bool equal = first != NULL && second != NULL && CompareStringOrdinal(first, -1, second, -1, TRUE) == CSTR_EQUAL;
    free(first);
    free(second);
    return equal;
}
