/* Code pages by Windows's own functions; see code_page_part.h. */
#include "code_page_part.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include "text.h"

uint32_t code_page_system(void)
{
    uint32_t page = GetACP();
    return code_page_is_known(page) ? page : CODE_PAGE_UNKNOWN;
}

bool code_page_convertible(uint32_t page)
{
    return IsValidCodePage(page);
}

enum code_page_result code_page_decode(uint32_t page, const void *bytes, size_t size, char **utf8)
{
    /* Never more units than bytes. */
    wchar_t *wide = size > INT_MAX / 2 ? NULL : malloc((size + 1) * sizeof *wide);
    if (wide == NULL)
        return CODE_PAGE_NO_MEMORY;
    int units = MultiByteToWideChar(page, MB_ERR_INVALID_CHARS, bytes, (int)size, wide, (int)size);
    if (units > 0)
        *utf8 = text_from_utf16(wide, (size_t)units);
    free(wide);
    if (units <= 0)
        return CODE_PAGE_REFUSED;
    return *utf8 != NULL ? CODE_PAGE_DONE : CODE_PAGE_NO_MEMORY;
}

enum code_page_result code_page_encode(uint32_t page, const char *utf8, char **bytes)
{
    size_t units;
    uint16_t *wide = text_to_utf16(utf8, &units);
    /* Two bytes a unit at the most, in the code pages that come here. */
    char *made = wide == NULL || units > INT_MAX / 2 ? NULL : malloc(2 * units);
    BOOL replaced = FALSE;
    int size = 0;
    if (made != NULL)
        size = WideCharToMultiByte(page, WC_NO_BEST_FIT_CHARS, (const wchar_t *)wide, (int)units, made,
                                   (int)(2 * units), NULL, &replaced);
    free(wide);
    if (size > 0 && !replaced) {
        *bytes = made;
        return CODE_PAGE_DONE;
    }
    free(made);
    return made == NULL ? CODE_PAGE_NO_MEMORY : CODE_PAGE_REFUSED;
}
