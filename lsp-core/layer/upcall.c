/* The upcall table; see upcall.h. */
#include "upcall.h"

#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

enum { COUNT = sizeof(WSPUPCALLTABLE) / sizeof(void *) };

/* Replaced under the feet of calls on other threads: each pointer by itself is always a good one. */
static _Atomic(void *) functions[COUNT];

void upcall_set(const WSPUPCALLTABLE *table)
{
    void *given[COUNT];
    memcpy(given, table, sizeof(given));
    for (size_t i = 0; i < COUNT; i++)
        atomic_store_explicit(&functions[i], given[i], memory_order_release);
}

void upcall_get(WSPUPCALLTABLE *table)
{
    void *current[COUNT] = {NULL};
    for (size_t i = 0; i < COUNT; i++)
        current[i] = atomic_load_explicit(&functions[i], memory_order_acquire);
    memcpy(table, current, sizeof(current));
}

SOCKET upcall_modify_ifs_handle(DWORD catalog_id, SOCKET proposed, INT *error)
{
    size_t index = offsetof(WSPUPCALLTABLE, lpWPUModifyIFSHandle) / sizeof(void *);
    LPWPUMODIFYIFSHANDLE modify = (LPWPUMODIFYIFSHANDLE)atomic_load_explicit(&functions[index], memory_order_acquire);
    return modify(catalog_id, proposed, error);
}
