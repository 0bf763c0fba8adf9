/* The code page in which Windows keeps what it does not keep as UTF-16: the DLL paths of protocol entries, which
 * Winsock stores in the system's ANSI code page, and the strings of REGEDIT4 files. A code page is a number that goes
 * with a catalog (struct wsplsp_snapshot); nothing is ever guessed. What cannot be decided keeps its bytes. */
#ifndef WSPLSP_CORE_BASE_CODE_PAGE_H
#define WSPLSP_CORE_BASE_CODE_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Nothing tells which it is: then only ASCII is decided, which is the same in all of them. */
#define CODE_PAGE_UNKNOWN 0u

/* Whether a Windows can have it as its ANSI code page, and this system can convert it. */
bool code_page_is_known(uint32_t page);

/* Reads a code page's number, such as "932"; false where it is none, or none that is known. */
bool code_page_parse(const char *text, uint32_t *page);

/* The running Windows's ANSI code page; CODE_PAGE_UNKNOWN elsewhere, and where it is none that is known. */
uint32_t code_page_system(void);

enum code_page_result {
    CODE_PAGE_DONE,
    CODE_PAGE_REFUSED, /* bytes that are no text in that code page, or a character that it does not have */
    CODE_PAGE_NO_MEMORY,
};

/* All `size` bytes as UTF-8 with a final NUL, new. */
enum code_page_result code_page_to_utf8(uint32_t page, const void *bytes, size_t size, char **utf8);

/* A path's bytes, up to `size` or the first NUL, as new UTF-8 text. Where they cannot be decided, each byte that is not
 * certain to be an ASCII character stands in the text as "<8f>", which no path of Windows can have in it. NULL when out
 * of memory. */
char *code_page_read_path(uint32_t page, const void *bytes, size_t size);

/* Whether it is such a text: nothing that a file could be found by. */
bool code_page_is_undecided(const char *path);

/* The reverse of code_page_read_path, undecided bytes included, into `bytes` with a final NUL. CODE_PAGE_REFUSED also
 * where it does not fit. */
enum code_page_result code_page_write_path(uint32_t page, const char *path, char *bytes, size_t size);

bool code_page_is_ascii(const char *text);

#endif
