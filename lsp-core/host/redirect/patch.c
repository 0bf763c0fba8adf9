/* Writes with a journal; see patch.h. */
#include "patch.h"

#include <stdlib.h>

struct change {
    void *place;
    size_t size; /* 4 or that of a pointer */
    uintptr_t before, after;
};

static struct change *journal;
static size_t journal_count, journal_room;

static bool journal_reserve(void)
{
    if (journal_count < journal_room)
        return true;
    size_t room = journal_room == 0 ? 256 : 2 * journal_room;
    struct change *grown = realloc(journal, room * sizeof *grown);
    if (grown == NULL) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return false;
    }
    journal = grown;
    journal_room = room;
    return true;
}

static uintptr_t load(const void *place, size_t size)
{
    return size == sizeof(uint32_t) ? *(const volatile uint32_t *)place : *(const volatile uintptr_t *)place;
}

static void store(void *place, size_t size, uintptr_t value)
{
    if (size == sizeof(uint32_t))
        *(volatile uint32_t *)place = (uint32_t)value;
    else
        *(volatile uintptr_t *)place = value;
}

/* Where code shares the page (packed programs), it stays executable: other threads may be running it. */
static bool write_protected(void *place, size_t size, uintptr_t value)
{
    MEMORY_BASIC_INFORMATION page;
    DWORD before;
    if (VirtualQuery(place, &page, sizeof page) == 0)
        return false;
    bool code =
        (page.Protect & (PAGE_EXECUTE | PAGE_EXECUTE_READ | PAGE_EXECUTE_READWRITE | PAGE_EXECUTE_WRITECOPY)) != 0;
    if (!VirtualProtect(place, size, code ? PAGE_EXECUTE_READWRITE : PAGE_READWRITE, &before))
        return false;
    store(place, size, value);
    VirtualProtect(place, size, before, &before); /* if that fails, the page merely stays writable */
    return true;
}

static bool patch(void *place, size_t size, uintptr_t value)
{
    struct change change = {place, size, load(place, size), value};
    if (!journal_reserve() || !write_protected(place, size, value))
        return false;
    journal[journal_count++] = change;
    return true;
}

bool patch_pointer(FARPROC *place, FARPROC value)
{
    return patch(place, sizeof *place, (uintptr_t)value);
}

bool patch_u32(uint32_t *place, uint32_t value)
{
    return patch(place, sizeof *place, value);
}

void patch_undo(void)
{
    while (journal_count > 0) {
        const struct change *change = &journal[--journal_count];
        if (load(change->place, change->size) == change->after)
            write_protected(change->place, change->size, change->before);
    }
    free(journal);
    journal = NULL;
    journal_room = 0;
}

void patch_forget(const void *base, size_t size)
{
    size_t kept = 0;
    for (size_t i = 0; i < journal_count; i++) {
        if ((uintptr_t)journal[i].place - (uintptr_t)base >= size)
            journal[kept++] = journal[i];
    }
    journal_count = kept;
}
