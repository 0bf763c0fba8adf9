/* What is asked of a provider's DLL before any catalog is made to name it: a DLL that is not there, is for other
 * programs, or can be swapped by anyone would take down, or over, every program that uses the network. */
#ifndef WSPLSP_CLI_DLL_CHECK_H
#define WSPLSP_CLI_DLL_CHECK_H

#include <stdbool.h>

#include "change_command.h"

/* Refuses the DLLs for the 64-bit and the 32-bit catalog (NULL: none) with an error, or adds to the warnings of the
 * context. They are looked for on the volume at --root, else on this machine. `name_space`: they have to export
 * NSPStartup instead of WSPStartup. */
enum wsplsp_status dll_check_pair(struct change_context *context, const char *dll64, const char *dll32, bool name_space,
                                  struct wsplsp_error *error);

#endif
