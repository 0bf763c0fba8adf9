/* Writes a file that has not been there before. */
#ifndef WSPLSP_CORE_BASE_NEW_FILE_H
#define WSPLSP_CORE_BASE_NEW_FILE_H

#include <stddef.h>

#include "error.h"

/* Makes the file (a UTF-8 path on every system). One that is there already is refused and stays; nothing is left behind
 * where writing fails. */
enum wsplsp_status new_file_write(const char *path, const void *bytes, size_t size, struct wsplsp_error *error);

#endif
