/* Reads a whole file into memory, by a UTF-8 path on every system. */
#ifndef WSPLSP_CORE_BASE_FILE_H
#define WSPLSP_CORE_BASE_FILE_H

#include <stddef.h>

#include "error.h"

/* The largest file that is read: SYSTEM hives in the field stay far below. */
#define FILE_SIZE_MAX ((size_t)1 << 30)

/* Reads `path` ("-": standard input, in binary) to its end; `*bytes` is new. A folder is an error. */
enum wsplsp_status file_read(const char *path, void **bytes, size_t *size, struct wsplsp_error *error);

#endif
