/* What record_layer.dll notes of its calls, and does because a test wants it; see record.h. */
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "record_layer.h"

extern IMAGE_DOS_HEADER __ImageBase; /* the linker's name for this module's own base */

static struct record none; /* for programs that don't look */

struct record *note_get(void)
{
    static struct record *volatile found;
    wchar_t path[MAX_PATH];
    if (found != NULL)
        return found;
    record_find_function find = (record_find_function)(void *)GetProcAddress(GetModuleHandleW(NULL), RECORD_FIND);
    DWORD length = GetModuleFileNameW((HMODULE)&__ImageBase, path, MAX_PATH);
    const wchar_t *name = length == 0 ? NULL : wcsrchr(path, L'\\');
    struct record *record = find == NULL || name == NULL ? NULL : find(name + 1);
    found = record == NULL ? &none : record;
    return found;
}

void note_startup(WORD version, const WSAPROTOCOL_INFOW *info)
{
    struct record *record = note_get();
    AcquireSRWLockExclusive(&record->lock);
    record->startups++;
    record->startup_version = version;
    record->startup_info = *info;
    ReleaseSRWLockExclusive(&record->lock);
}

/* A layer is a client of ws2_32 as well: this goes to ws2_32, not down the chain. */
static void call_own_way(struct record *record, SOCKET s)
{
    SOCKADDR_STORAGE name;
    int length = sizeof(name);
    if (!record->own_call)
        return;
    record->own_call = false;
    record->own_call_result = getsockname(s, (struct sockaddr *)&name, &length);
}

static bool fails(struct step *step, LONG call)
{
    const struct record *record = note_get();
    if (record->functions[step->function].fail_at != call)
        return false;
    *step->error = record->functions[step->function].fail_error;
    return true;
}

bool step_begin(struct step *step, SOCKET s)
{
    struct record *record = note_get();
    AcquireSRWLockExclusive(&record->lock);
    LONG call = ++record->functions[step->function].calls;
    record->functions[step->function].last = step->note;
    record_hook hook = record->functions[step->function].hook;
    void *context = record->functions[step->function].context;
    ReleaseSRWLockExclusive(&record->lock);
    step->socket = s == INVALID_SOCKET ? NULL : socket_find(s);
    step->chain = step->socket == NULL ? chain_first() : step->socket->chain;
    step->lower = step->socket == NULL ? s : step->socket->lower;
    struct record_inside inside = {&upcalls, WPUCompleteOverlappedRequest,
                                   step->chain == NULL ? 0 : step->chain->info.dwCatalogEntryId,
                                   step->chain == NULL ? 0 : step->chain->layer_id, s};
    if (hook != NULL)
        hook(&inside, context);
    call_own_way(record, s);
    if (fails(step, call))
        return false;
    if (step->chain != NULL && (step->socket != NULL || s == INVALID_SOCKET || step->chain->ifs))
        return true;
    *step->error = step->chain == NULL ? WSANOTINITIALISED : WSAENOTSOCK;
    return false;
}

intptr_t step_end(struct step *step, intptr_t result, bool failed)
{
    struct record *record = note_get();
    AcquireSRWLockExclusive(&record->lock);
    record->functions[step->function].last.result = result;
    record->functions[step->function].last.error = failed ? *step->error : 0;
    ReleaseSRWLockExclusive(&record->lock);
    return result;
}
