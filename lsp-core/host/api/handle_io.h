/* kernel32's file functions on the handles that WPUCreateSocketHandle gave out. */
#ifndef WSPLSP_CORE_HOST_API_HANDLE_IO_H
#define WSPLSP_CORE_HOST_API_HANDLE_IO_H

#include <stddef.h>

#include "lsp-core/host/redirect/redirect.h"

/* Takes what the system may lack, for the functions below to call; before redirection, which leaves out the rows of
 * functions that the system does not export. */
void handle_io_load(void);

/* To be redirected with the others. */
extern const struct redirect_export handle_io_exports[];
extern const size_t handle_io_export_count;

#endif
