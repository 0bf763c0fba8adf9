/* The system's own DLLs and their functions, found at run time. Nothing is ever looked for anywhere but in the system
 * folder: no DLL planted beside the program or in the current folder gets loaded. */
#ifndef WSPLSP_CORE_BASE_SYSDLL_WIN_H
#define WSPLSP_CORE_BASE_SYSDLL_WIN_H

#include <stdbool.h>
#include <windows.h>

/* The DLL of that name in the system folder; NULL where there is none. Stays loaded until the process ends. */
HMODULE sysdll_load(const wchar_t *name);

/* Stores the function's address, or NULL, into the function pointer at `function`; false where it is missing. `dll`
 * may be NULL. */
bool sysdll_function(HMODULE dll, const char *name, void *function);

/* Whether this is Wine, which says so by an export of its ntdll. */
bool sysdll_is_wine(void);

/* Whether this is a 32-bit process on 64-bit Windows. */
bool sysdll_is_wow64(void);

#endif
