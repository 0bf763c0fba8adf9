/* The functions of one place; compiled once for each, with PLACE set to its index (rules.mk), so that a function knows
 * its place though all its parameters are the SPI's. A call costs the look-up and a jump. Tracing costs nothing where
 * it is off: it has functions of its own. (WPUModifyIFSHandle's page would have the table hold
 * the base's own WSPSend and WSPRecv; but one table serves all chains of a provider id, whose bases may differ.) */
#include "spi_place.h"

#include "chain.h"
#include "spi_traced.h"
#include "trace_write.h"

#ifndef PLACE
#define PLACE 0 /* for tools that look at this file alone */
#endif

#define THIS_PLACE (&places[PLACE])

/* --- plain --- */

#define TO_NEXT(failure, name, arguments)                 \
    do {                                                  \
        struct chain *chain = place_chain(THIS_PLACE, s); \
        if (__builtin_expect(chain != NULL, 1))           \
            return chain->next.lpWSP##name arguments;     \
        *error = WSAENOTSOCK;                             \
        return failure;                                   \
    } while (0)

#define FORWARDED(type, failure, name, parameters, arguments, number) \
    static type WSPAPI plain_##name parameters                        \
    {                                                                 \
        TO_NEXT(failure, name, arguments);                            \
    }
SPI_FORWARDED(FORWARDED)

#define MOSTLY_FORWARDED(type, failure, name, parameters, arguments, number) \
    static type WSPAPI plain_##name parameters                               \
    {                                                                        \
        if (SPI_OWN_CASE_##name)                                             \
            return spi_##name(THIS_PLACE, SPI_UNWRAP arguments);             \
        TO_NEXT(failure, name, arguments);                                   \
    }
SPI_MOSTLY_FORWARDED(MOSTLY_FORWARDED)

#define OWN(type, failure, name, parameters, arguments, number) \
    static type WSPAPI plain_##name parameters                  \
    {                                                           \
        return spi_##name(THIS_PLACE, SPI_UNWRAP arguments);    \
    }
SPI_OWN(OWN)

/* Nothing but the jump, and so the last error is the next provider's. */
#define EXTENSION(type, failure, name, parameters, arguments, number)                \
    static type PASCAL plain_##name parameters                                       \
    {                                                                                \
        typedef type(PASCAL *function) parameters;                                   \
        function next = (function)extension_find(THIS_PLACE, s, EXTENSION_##number); \
        return next == NULL ? failure : next arguments;                              \
    }
SPI_EXTENSIONS(EXTENSION)

/* --- traced --- */

static DWORD own_id(SOCKET s)
{
    const struct chain *chain = place_chain(THIS_PLACE, s);
    return chain == NULL ? 0 : chain->own_id;
}

#define TRACED(convention, type, failure, name, parameters, arguments, number, what) \
    static type convention traced_##name parameters                                  \
    {                                                                                \
        struct trace_call call;                                                      \
        const SOCKET about = TRACED_SOCKET_##name;                                   \
        trace_begin(&call, WSPLSP_TRACE_##number, about, own_id(about));             \
        TRACED_BEFORE_##name;                                                        \
        trace_enter(&call);                                                          \
        const type result = plain_##name arguments;                                  \
        TRACED_AFTER_##name;                                                         \
        trace_end(&call, (int)result, result == failure ? (int)(what) : 0);          \
        return result;                                                               \
    }
#define TRACED_SPI(type, failure, name, parameters, arguments, number) \
    TRACED(WSPAPI, type, failure, name, parameters, arguments, number, *error)
#define TRACED_EXTENSION(type, failure, name, parameters, arguments, number) \
    TRACED(PASCAL, type, failure, name, parameters, arguments, number, GetLastError())
SPI_FORWARDED(TRACED_SPI)
SPI_MOSTLY_FORWARDED(TRACED_SPI)
SPI_OWN(TRACED_SPI)
SPI_EXTENSIONS(TRACED_EXTENSION)

/* --- the tables --- */

#define PLAIN_PROC(type, failure, name, parameters, arguments, number)     .lpWSP##name = plain_##name,
#define TRACED_PROC(type, failure, name, parameters, arguments, number)    .lpWSP##name = traced_##name,
#define PLAIN_POINTER(type, failure, name, parameters, arguments, number)  [EXTENSION_##number] = (void *)plain_##name,
#define TRACED_POINTER(type, failure, name, parameters, arguments, number) [EXTENSION_##number] = (void *)traced_##name,
#define ALL_PROCS(X)                                                       SPI_FORWARDED(X) SPI_MOSTLY_FORWARDED(X) SPI_OWN(X)

#define JOIN(a, b)       a##b
#define FUNCTIONS(place) JOIN(spi_functions_, place)
const struct spi_functions FUNCTIONS(PLACE) = {
    .plain = {.procs = {ALL_PROCS(PLAIN_PROC)}, .extensions = {SPI_EXTENSIONS(PLAIN_POINTER)}},
    .traced = {.procs = {ALL_PROCS(TRACED_PROC)}, .extensions = {SPI_EXTENSIONS(TRACED_POINTER)}},
};
