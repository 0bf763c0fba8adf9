/* The look-up of sockets with handles of the layer's own, and their end; see sockets.h. */
#include "sockets.h"

#include "lsp-core/layer/chain/upcall.h"

bool nonifs_find_slowly(struct place *place, SOCKET s, struct nonifs_socket *found)
{
    DWORD_PTR context;
    INT ignored;
    DWORD last_error = GetLastError();
    int result = upcall_query_socket_handle_context(s, &context, &ignored);
    SetLastError(last_error);
    struct slot *slot = result == 0 ? slots_of_context(place->slots, context) : NULL;
    if (slot == NULL)
        return false;
    found->slot = slot;
    found->handle = atomic_load_explicit(&slot->handle, memory_order_relaxed);
    found->given = s;
    found->chain = slot->owner;
    found->next = atomic_load_explicit(&slot->next, memory_order_relaxed);
    /* Still that socket's after `next` has been read. */
    return slots_of_context(place->slots, context) == slot;
}

/* It takes a lock. */
void nonifs_give_back(struct place *place, struct slot *slot)
{
    if (!process_is_ending())
        slots_give(place->slots, slot);
}

void nonifs_let_go(struct place *place, struct slot *slot)
{
    INT ignored;
    if (!slot_release(slot))
        return;
    upcall_close_socket_handle(atomic_load(&slot->handle), &ignored);
    nonifs_give_back(place, slot);
}
