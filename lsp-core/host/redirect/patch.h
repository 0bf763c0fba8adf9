/* Writes into protected memory of this process, with a journal, so that all of it can be undone. Not thread-safe by
 * itself: redirect.c calls it under its lock. */
#ifndef WSPLSP_CORE_HOST_REDIRECT_PATCH_H
#define WSPLSP_CORE_HOST_REDIRECT_PATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "lsp-core/win/winsock.h"

/* Each is one store that other threads see whole. False, with GetLastError, where nothing was written. */
bool patch_pointer(FARPROC *place, FARPROC value);
bool patch_u32(uint32_t *place, uint32_t value);

/* Puts back, newest first, what still is as it was written, and empties the journal. */
void patch_undo(void);

/* Forgets what was written into this range: the module that was there is being unloaded. */
void patch_forget(const void *base, size_t size);

#endif
