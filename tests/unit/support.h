/* What the unit tests share: cmocka with what it needs included first, allocations that fail on demand, files. */
#ifndef WSPLSP_TESTS_SUPPORT_H
#define WSPLSP_TESTS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Runs `operation` again and again: with its first allocation failing, with its second, and so on, until it runs
 * through. Where an allocation failed, the operation may fail too, and says so by returning false; without one it has
 * to return true. The address sanitizer sees to it that nothing leaks. Skips the test where the program was linked
 * without -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc. */
void support_fail_allocations(bool (*operation)(void *context), void *context);
/* The same for each `stride`th allocation only, where there are thousands of a kind. */
void support_fail_some_allocations(bool (*operation)(void *context), void *context, size_t stride);

/* The file's bytes, for the caller to free; fails the test where it can't be read. */
uint8_t *support_read_file(const char *path, size_t *size);

#endif
