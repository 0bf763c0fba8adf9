/* Places that the calling thread is inside of; see nesting.h. TlsGetValue clears the last error, which a call must
 * leave alone. */
#include "nesting.h"

static DWORD slot = TLS_OUT_OF_INDEXES;

bool nesting_initialize(void)
{
    slot = TlsAlloc();
    return slot != TLS_OUT_OF_INDEXES;
}

void nesting_free(void)
{
    TlsFree(slot);
}

void nesting_enter(struct nesting *nesting, DWORD chain_id, int position)
{
    DWORD last_error = GetLastError();
    *nesting = (struct nesting){chain_id, position, TlsGetValue(slot)};
    TlsSetValue(slot, nesting);
    SetLastError(last_error);
}

void nesting_leave(const struct nesting *nesting)
{
    DWORD last_error = GetLastError();
    TlsSetValue(slot, nesting->outer);
    SetLastError(last_error);
}

int nesting_lowest(DWORD chain_id)
{
    DWORD last_error = GetLastError();
    const struct nesting *nesting = TlsGetValue(slot);
    SetLastError(last_error);
    while (nesting != NULL && nesting->chain_id != chain_id)
        nesting = nesting->outer;
    return nesting == NULL ? 0 : nesting->position + 1;
}
