/* The linker's --wrap sends the library's allocations through here; ones inside other libraries are left alone. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>

/* Weak, so that a program linked without --wrap still links. */
void *__real_malloc(size_t size) __attribute__((weak));
void *__real_calloc(size_t count, size_t size) __attribute__((weak));
void *__real_realloc(void *pointer, size_t size) __attribute__((weak));
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *pointer, size_t size);

static bool counting;
static size_t allocations_left; /* until one fails */
static bool failed;

static bool fails_now(void)
{
    if (!counting || failed)
        return false;
    failed = allocations_left == 0;
    allocations_left--;
    return failed;
}

void *__wrap_malloc(size_t size)
{
    return fails_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails_now() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *pointer, size_t size)
{
    return fails_now() ? NULL : __real_realloc(pointer, size);
}

void support_fail_allocations(bool (*operation)(void *context), void *context)
{
    support_fail_some_allocations(operation, context, 1);
}

void support_fail_some_allocations(bool (*operation)(void *context), void *context, size_t stride)
{
    if (__real_malloc == NULL)
        skip();
    failed = true;
    for (size_t number = 0; failed; number += stride) {
        allocations_left = number;
        failed = false;
        counting = true;
        bool ok = operation(context);
        counting = false;
        assert_true(ok || failed);
    }
}

uint8_t *support_read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        fail_msg("can't open %s", path);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    long length = ftell(file);
    assert_true(length >= 0);
    rewind(file);
    uint8_t *bytes = malloc((size_t)length + 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, (size_t)length, file), length);
    fclose(file);
    *size = (size_t)length;
    return bytes;
}
