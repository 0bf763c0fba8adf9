/* Where a process finds a DLL that the catalog names: environment strings, the two system folders, the two program
 * folders, without relying on what this process itself would be redirected to. */
#ifndef WSPLSP_CORE_DLLS_DLLPATH_WIN_H
#define WSPLSP_CORE_DLLS_DLLPATH_WIN_H

#include <stdbool.h>
#include <windows.h>

/* The folders of one Windows. */
struct dllpath_system {
    bool wide;                          /* 64-bit Windows */
    bool wow64;                         /* and this process is a 32-bit one */
    wchar_t windows[MAX_PATH];          /* "C:\Windows" */
    wchar_t program_files[2][MAX_PATH]; /* [0]: for 64-bit processes, [1]: for 32-bit ones; empty where unknown */
    wchar_t common_files[2][MAX_PATH];
};

enum { DLLPATH_UNITS = 4096 };

struct dllpath {
    wchar_t shown[DLLPATH_UNITS]; /* as a 64-bit process would call it; empty where it can't be told */
    wchar_t open[DLLPATH_UNITS];  /* as this process has to open it */
};

/* This system's folders. */
void dllpath_system_read(struct dllpath_system *system);

/* Resolves a path of the catalog of `bits`. NULL on success, else a static text: why it can't be told. */
const char *dllpath_resolve(const struct dllpath_system *system, const char *stored, int bits, struct dllpath *path);

#endif
