/* The way of a report from a process of the run to the launcher: a pipe of messages. The processes can only write to
 * it, and only the launcher reads. */
#ifndef WSPLSP_CORE_HOST_LAUNCH_REPORT_H
#define WSPLSP_CORE_HOST_LAUNCH_REPORT_H

#include <stdbool.h>

#include "report_list.h"
#include "lsp-core/win/winsock.h"
#include "lsp-core/base/error.h"

/* What a process of the run may do with its end. */
#define REPORT_ACCESS (FILE_WRITE_DATA | SYNCHRONIZE)

/* The launcher's side. `*end` is for writing. False with GetLastError. */
bool report_create(SECURITY_ATTRIBUTES *attributes, HANDLE *end);

/* From here on messages are taken, by a thread of their own: nobody waits to be heard. */
enum wsplsp_status report_start(struct wsplsp_error *error);

/* What has been reported up to now; the list is to be freed. Nothing is taken afterwards. */
void report_finish(struct report_list *list);

/* Any process's side; `error` (NULL: none) is the reason. Keeps the last error. */
void report_send(enum report_kind kind, DWORD process, const struct wsplsp_error *error);

#endif
