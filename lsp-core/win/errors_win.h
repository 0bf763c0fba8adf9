/* Names for the Winsock and Win32 error codes that the calls made here are documented to give. */
#ifndef WSPLSP_CORE_WIN_ERRORS_WIN_H
#define WSPLSP_CORE_WIN_ERRORS_WIN_H

#include <stdint.h>

#include "lsp-core/base/error.h"

/* "WSANO_RECOVERY"; for a code not in the table "Winsock error" (10000 to 11999) or "Windows error". Static. */
const char *errors_win_name(uint32_t code);

/* wsplsp_fail with the code's name and the status that fits it: WSPLSP_NOT_FOUND for what doesn't exist, WSPLSP_DENIED
 * for denied access, WSPLSP_SYSTEM for all else. */
enum wsplsp_status errors_win_fail(struct wsplsp_error *error, uint32_t code, const char *format, ...)
    WSPLSP_PRINTF(3, 4);

#endif
