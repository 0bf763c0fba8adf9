/* Registry Editor's text files: version 5.00 in UTF-16LE or UTF-8, and REGEDIT4. Every value type, continuation lines,
 * comments, deletions. The reader never looks at files itself. */
#ifndef WSPLSP_CORE_REGISTRY_REGFILE_H
#define WSPLSP_CORE_REGISTRY_REGFILE_H

#include <stddef.h>
#include <stdint.h>

#include "regtree.h"
#include "lsp-core/base/error.h"

/* Reads the whole text into a new tree whose root has no name and whose first level are the root keys as written
 * ("HKEY_LOCAL_MACHINE", "HKLM", "ControlSet001" …). Errors name `source` and the line. `*code_page`, where it is
 * CODE_PAGE_UNKNOWN, becomes what the text's own comment says (or, for ANSI text, its keys); see regfile_text.h. Names
 * and strings of an ANSI text that no code page decides are an error: WSPLSP_REFUSED. */
enum wsplsp_status regfile_read(const void *bytes, size_t size, const char *source, uint32_t *code_page,
                                struct reg_key **root, struct wsplsp_error *error);

/* Writes `key` and all below it as version 5.00, UTF-16LE with BOM and CRLF, as if it stood at `path`. The text is new,
 * for the caller to free. A code page is noted in a comment, unless it is CODE_PAGE_UNKNOWN. `replace` lists subkey
 * paths below `key`, ended by NULL, that the file first deletes, so that importing it leaves nothing older behind; NULL
 * for none. */
enum wsplsp_status regfile_write(const struct reg_key *key, const char *path, uint32_t code_page,
                                 const char *const *replace, void **bytes, size_t *size, struct wsplsp_error *error);

/* The same for importing over what is there without a moment in which that is gone: each subkey of the keys in `over`
 * (paths below `key`, ended by NULL) is deleted right before it is written, and behind the numbered ones the next
 * REGFILE_SPARE numbers, of which an import could find keys. What else these keys hold stays, their access rights too.
 */
#define REGFILE_SPARE 64
enum wsplsp_status regfile_write_over(const struct reg_key *key, const char *path, uint32_t code_page,
                                      const char *const *over, void **bytes, size_t *size, struct wsplsp_error *error);

#endif
