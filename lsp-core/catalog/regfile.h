/* Registry Editor's text files: version 5.00 in UTF-16LE or UTF-8, and REGEDIT4. Every value type, continuation lines,
 * comments, deletions. The reader never looks at files itself. */
#ifndef WSPLSP_REGFILE_H
#define WSPLSP_REGFILE_H

#include <stddef.h>
#include <stdint.h>

#include "regtree.h"
#include "wsplsp/error.h"

/* Reads the whole text into a new tree whose root has no name and whose first level are the root keys as written
 * ("HKEY_LOCAL_MACHINE", "HKLM", "ControlSet001" …). Errors name `source` and the line. */
enum wsplsp_status regfile_read(const void *bytes, size_t size, const char *source, struct reg_key **root,
                                struct wsplsp_error *error);

/* Writes `key` and all below it as version 5.00, UTF-16LE with BOM and CRLF, as if it stood at `path`. The text is new,
 * for the caller to free. `replace` lists subkey paths below `key`, ended by NULL, that the file first deletes, so that
 * importing it leaves nothing older behind; NULL for none. */
enum wsplsp_status regfile_write(const struct reg_key *key, const char *path, const char *const *replace, void **bytes,
                                 size_t *size, struct wsplsp_error *error);

#endif
