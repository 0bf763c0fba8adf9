/* The functions that providers have beside the SPI; see extension.h. */
#include "extension.h"

#include <stdlib.h>
#include <string.h>

#include "chain.h"
#include "ending.h"
#include "place.h"

/* Of one socket. Never freed while the DLL is loaded: a call on another thread may have found it just before the socket
 * was closed. */
struct extension_record {
    _Atomic(void *) function[EXTENSION_COUNT];
    struct extension_record *next_free;
    struct extension_record *next_made;
};

struct extension_records {
    struct sockets of_socket;
    SRWLOCK lock; /* of the lists */
    struct extension_record *free, *made;
};

static const GUID ids[EXTENSION_COUNT] = {
    [EXTENSION_ACCEPT_EX] = WSAID_ACCEPTEX,
    [EXTENSION_CONNECT_EX] = WSAID_CONNECTEX,
    [EXTENSION_DISCONNECT_EX] = WSAID_DISCONNECTEX,
    [EXTENSION_TRANSMIT_FILE] = WSAID_TRANSMITFILE,
    [EXTENSION_TRANSMIT_PACKETS] = WSAID_TRANSMITPACKETS,
    [EXTENSION_RECV_MSG] = WSAID_WSARECVMSG,
    [EXTENSION_SEND_MSG] = WSAID_WSASENDMSG,
};

enum extension extension_of(const GUID *id)
{
    int i = 0;
    while (i < EXTENSION_COUNT && memcmp(id, &ids[i], sizeof(*id)) != 0)
        i++;
    return (enum extension)i;
}

static struct extension_records *make_records(struct place *place)
{
    struct extension_records *records = atomic_load(&place->extension_records);
    if (records != NULL)
        return records;
    struct extension_records *made = calloc(1, sizeof(*made));
    if (made == NULL || atomic_compare_exchange_strong(&place->extension_records, &records, made))
        return made;
    free(made); /* another thread was first */
    return records;
}

static struct extension_record *take_record(struct extension_records *records)
{
    AcquireSRWLockExclusive(&records->lock);
    struct extension_record *record = records->free;
    if (record != NULL) {
        records->free = record->next_free;
    } else if ((record = calloc(1, sizeof(*record))) != NULL) {
        record->next_made = records->made;
        records->made = record;
    }
    ReleaseSRWLockExclusive(&records->lock);
    return record;
}

static void give_back(struct extension_records *records, struct extension_record *record)
{
    for (int i = 0; i < EXTENSION_COUNT; i++)
        atomic_store(&record->function[i], NULL);
    AcquireSRWLockExclusive(&records->lock);
    record->next_free = records->free;
    records->free = record;
    ReleaseSRWLockExclusive(&records->lock);
}

static void remember(struct place *place, SOCKET s, enum extension extension, void *function)
{
    struct extension_records *records = make_records(place);
    if (records == NULL)
        return; /* it is asked for again at each call */
    struct extension_record *record = sockets_find(&records->of_socket, s);
    if (record == NULL) {
        struct extension_record *own = take_record(records);
        record = own == NULL ? NULL : sockets_offer(&records->of_socket, s, own);
        if (own != NULL && record != own)
            give_back(records, own);
    }
    if (record != NULL)
        atomic_store(&record->function[extension], function);
}

void extension_learn(struct chain *chain, SOCKET s, enum extension extension, void *function)
{
    void *known = NULL;
    bool first = atomic_compare_exchange_strong(&chain->extensions.function[extension], &known, function);
    if (!first && known != function)
        atomic_store(&chain->extensions.varied, true);
    if (atomic_load(&chain->extensions.varied))
        remember(chain->place, s, extension, function);
}

static void *ask(struct chain *chain, SOCKET s, SOCKET next, enum extension extension)
{
    void *function = NULL;
    GUID id = ids[extension];
    DWORD returned;
    WSATHREADID thread = {NULL, 0}; /* for completion routines, and there is none */
    INT error = WSASYSCALLFAILURE;
    atomic_long *counter = calls_enter(&chain->place->calls);
    if (chain->next.lpWSPIoctl(next, SIO_GET_EXTENSION_FUNCTION_POINTER, &id, sizeof(id), &function, sizeof(function),
                               &returned, NULL, NULL, &thread, &error) == 0) {
        extension_learn(chain, s, extension, function);
    } else {
        function = NULL;
        SetLastError((DWORD)error);
    }
    calls_leave(counter);
    return function;
}

void *extension_find(struct place *place, SOCKET s, enum extension extension)
{
    struct chain *chain = place_chain(place, s);
    if (chain == NULL) {
        SetLastError(WSAENOTSOCK);
        return NULL;
    }
    return extension_find_for(chain, s, s, extension);
}

void *extension_find_for(struct chain *chain, SOCKET s, SOCKET next, enum extension extension)
{
    void *function = atomic_load_explicit(&chain->extensions.function[extension], memory_order_acquire);
    if (__builtin_expect(atomic_load_explicit(&chain->extensions.varied, memory_order_acquire), false)) {
        struct extension_records *records = atomic_load(&chain->place->extension_records);
        struct extension_record *record = records == NULL ? NULL : sockets_find(&records->of_socket, s);
        function = record == NULL ? NULL : atomic_load(&record->function[extension]);
    }
    return __builtin_expect(function != NULL, 1) ? function : ask(chain, s, next, extension);
}

void extension_forget(struct place *place, SOCKET s)
{
    struct extension_records *records = atomic_load_explicit(&place->extension_records, memory_order_acquire);
    struct extension_record *record = records == NULL ? NULL : sockets_find(&records->of_socket, s);
    /* Giving it back takes a lock. */
    if (record != NULL && !process_is_ending() && sockets_replace(&records->of_socket, s, record, NULL))
        give_back(records, record);
}

static void forget(uintptr_t s, void *record, void *place)
{
    (void)record;
    extension_forget(place, s);
}

void extension_forget_all(struct place *place)
{
    struct extension_records *records = atomic_load(&place->extension_records);
    if (records != NULL)
        sockets_each(&records->of_socket, forget, place);
}

void extension_reset(struct extension_functions *functions)
{
    for (int i = 0; i < EXTENSION_COUNT; i++)
        atomic_store(&functions->function[i], NULL);
    atomic_store(&functions->varied, false);
}

void extension_free(struct place *place)
{
    struct extension_records *records = atomic_exchange(&place->extension_records, NULL);
    if (records == NULL)
        return;
    while (records->made != NULL) {
        struct extension_record *made = records->made;
        records->made = made->next_made;
        free(made);
    }
    sockets_free(&records->of_socket);
    free(records);
}
