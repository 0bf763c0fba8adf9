/* What each system does for code_page.c: code_page_native.c with iconv, code_page_win.c with Windows's own functions.
 * Both give the same characters for the same bytes, or refuse them (tests/bats/code_page.bats compares them). */
#ifndef WSPLSP_CORE_BASE_CODE_PAGE_PART_H
#define WSPLSP_CORE_BASE_CODE_PAGE_PART_H

#include "code_page.h"

/* Whether the system has the code page; asked for those of code_page.c's list only. */
bool code_page_convertible(uint32_t page);

/* The page is convertible and not UTF-8. `*utf8` is new. */
enum code_page_result code_page_decode(uint32_t page, const void *bytes, size_t size, char **utf8);

/* Valid UTF-8, not empty, to new bytes with a final NUL. code_page.c looks whether they read back as the same text. */
enum code_page_result code_page_encode(uint32_t page, const char *utf8, char **bytes);

#endif
