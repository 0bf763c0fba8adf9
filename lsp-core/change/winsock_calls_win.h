/* A plan's step as one call of a WSC* function. The functions are looked up by name when they are called: those newer
 * than Windows 2000 may be missing, and tests put others in their place. */
#ifndef WSPLSP_CORE_CHANGE_WINSOCK_CALLS_WIN_H
#define WSPLSP_CORE_CHANGE_WINSOCK_CALLS_WIN_H

#include <winsock2.h>

#include "lsp-core/plan/plan.h"

/* A function's address; NULL where the system has none of that name. */
typedef FARPROC (*winsock_find)(const char *name);

/* This system's: in ws2_32.dll, else in sporder.dll, where old systems have those that write orders. */
FARPROC winsock_find_system(const char *name);

/* Calls the step's function with ids that hold in `now`. All actions but PLAN_FORGET_APPLICATION, for which there is
 * none. Errors name the function. */
enum wsplsp_status winsock_call(winsock_find find, const struct plan_step *step, const struct wsplsp_snapshot *now,
                                struct wsplsp_error *error);

#endif
