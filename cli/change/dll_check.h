/* What is asked of a provider's DLL before any catalog is made to name it: a DLL that is not there, is for other
 * programs, or can be swapped by anyone would take down, or over, every program that uses the network. */
#ifndef WSPLSP_CLI_CHANGE_DLL_CHECK_H
#define WSPLSP_CLI_CHANGE_DLL_CHECK_H

#include <stdbool.h>

#include "perform.h"
#include "lsp-core/dlls/dlls.h"

/* Refuses the DLLs for the 64-bit and the 32-bit catalog (NULL: none) with an error, or adds to the warnings of the
 * context. They are looked for on the volume at --root, else on this machine. `name_space`: they have to export
 * NSPStartup instead of WSPStartup. */
enum wsplsp_status dll_check_pair(struct change_context *context, const char *dll64, const char *dll32, bool name_space,
                                  struct wsplsp_error *error);

/* The files that the DLLs of a change are among, to be closed with files_close; NULL where they cannot be seen. */
enum wsplsp_status dll_check_files(const struct change_context *context, struct check_files **files,
                                   struct wsplsp_error *error);

#endif
