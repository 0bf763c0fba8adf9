/* Offline hives on Windows, by whichever of the system's own loaders it has. Everything asked of Windows to read a
 * loaded hive goes through a table, so that tests/win/test_hive.c can play a Windows that has one. */
#ifndef WSPLSP_CORE_REGISTRY_HIVE_WIN_H
#define WSPLSP_CORE_REGISTRY_HIVE_WIN_H

#include "regread_win.h"

/* One way of loading a hive file. */
struct hive_loader {
    const char *name; /* the loading function's */
    bool available;
    LONG (*load)(const wchar_t *path, HKEY *root); /* a Win32 error code */
    LONG (*unload)(HKEY root);
    struct regread_functions keys;
};

enum { HIVE_LOADERS = 2 };

/* This system's loaders, the preferred one first. */
void hive_loaders_system(struct hive_loader loaders[HIVE_LOADERS]);

/* hive_read with the given loaders. */
enum wsplsp_status hive_load(const struct hive_loader loaders[HIVE_LOADERS], const void *bytes, size_t size,
                             const char *source, struct reg_key **root, struct wsplsp_error *error);

#endif
