/* The functions of one place; compiled once for each, with PLACE set to its index (rules.mk), so that a function knows
 * its place though all its parameters are the SPI's. A call costs the look-up and a jump, or else it is counted
 * (calls.h). Tracing costs nothing where it is off: it has functions of its own. (WPUModifyIFSHandle's page would have
 * the table hold the base's own WSPSend and WSPRecv; but one table serves all chains of a provider id, whose bases may
 * differ.) */
#include "functions.h"

#include "lsp-core/layer/chain/chain.h"
#include "lsp-core/layer/filter/calls.h"
#include "lsp-core/layer/nonifs/sockets.h"
#include "traced.h"
#include "lsp-core/layer/trace/write.h"

#ifndef PLACE
#define PLACE 0 /* for tools that look at this file alone */
#endif

#define THIS_PLACE (&places[PLACE])

/* --- plain --- */

/* A call after which there is something left to do here. */
#define RETURN_COUNTED(type, call)                                    \
    do {                                                              \
        atomic_long *const counter = calls_enter(&THIS_PLACE->calls); \
        const type result = call;                                     \
        calls_leave(counter);                                         \
        return result;                                                \
    } while (0)

/* A call that becomes a jump, where the compiler makes one. */
#ifdef __OPTIMIZE__
#define RETURN_JUMPING(type, call) return call
#else
#define RETURN_JUMPING RETURN_COUNTED
#endif

#define TO_NEXT(type, failure, name, arguments)                      \
    do {                                                             \
        struct chain *chain = place_chain(THIS_PLACE, s);            \
        if (__builtin_expect(chain != NULL, 1))                      \
            RETURN_JUMPING(type, chain->next.lpWSP##name arguments); \
        *error = WSAENOTSOCK;                                        \
        return failure;                                              \
    } while (0)

#define FORWARDED(type, failure, name, parameters, arguments, number) \
    static type WSPAPI ifs_plain_##name parameters                    \
    {                                                                 \
        TO_NEXT(type, failure, name, arguments);                      \
    }
SPI_FORWARDED(FORWARDED)

#define MOSTLY_FORWARDED(type, failure, name, parameters, arguments, number)    \
    static type WSPAPI ifs_plain_##name parameters                              \
    {                                                                           \
        if (SPI_OWN_CASE_##name)                                                \
            RETURN_COUNTED(type, spi_##name(THIS_PLACE, SPI_UNWRAP arguments)); \
        TO_NEXT(type, failure, name, arguments);                                \
    }
SPI_MOSTLY_FORWARDED(MOSTLY_FORWARDED)

#define OWN(type, failure, name, parameters, arguments, number)             \
    static type WSPAPI ifs_plain_##name parameters                          \
    {                                                                       \
        RETURN_COUNTED(type, spi_##name(THIS_PLACE, SPI_UNWRAP arguments)); \
    }
SPI_SOCKETS(OWN)
SPI_WITHOUT_SOCKET_COUNTED(OWN)

/* It waits for those that are counted. */
#define CLEANUP(type, failure, name, parameters, arguments, number) \
    static type WSPAPI ifs_plain_##name parameters                  \
    {                                                               \
        return spi_##name(THIS_PLACE, SPI_UNWRAP arguments);        \
    }
SPI_CLEANUP(CLEANUP)

/* Nothing but the jump, and so the last error is the next provider's. */
#define EXTENSION(type, failure, name, parameters, arguments, number)                \
    static type PASCAL ifs_plain_##name parameters                                   \
    {                                                                                \
        typedef type(PASCAL *function) parameters;                                   \
        function next = (function)extension_find(THIS_PLACE, s, EXTENSION_##number); \
        if (next == NULL)                                                            \
            return failure;                                                          \
        RETURN_JUMPING(type, next arguments);                                        \
    }
SPI_EXTENSIONS(EXTENSION)

/* --- non-IFS --- */

#define NONIFS(type, failure, name, parameters, arguments, number)             \
    static type WSPAPI nonifs_plain_##name parameters                          \
    {                                                                          \
        RETURN_COUNTED(type, nonifs_##name(THIS_PLACE, SPI_UNWRAP arguments)); \
    }
SPI_FORWARDED(NONIFS)
SPI_MOSTLY_FORWARDED(NONIFS)
SPI_SOCKETS(NONIFS)
SPI_EXTENSIONS(NONIFS)

/* --- traced --- */

static DWORD ifs_own_id(SOCKET s)
{
    const struct chain *chain = place_chain(THIS_PLACE, s);
    return chain == NULL ? 0 : chain->own_id;
}

static DWORD nonifs_own_id(SOCKET s)
{
    struct nonifs_socket found;
    return s != INVALID_SOCKET && nonifs_find(THIS_PLACE, s, &found) ? found.chain->own_id : 0;
}

#define TRACED(mode, convention, type, failure, name, parameters, arguments, number, what) \
    static type convention mode##_traced_##name parameters                                 \
    {                                                                                      \
        struct trace_call call;                                                            \
        const SOCKET about = TRACED_SOCKET_##name;                                         \
        trace_begin(&call, WSPLSP_TRACE_##number, about, mode##_own_id(about));            \
        TRACED_BEFORE_##name;                                                              \
        trace_enter(&call);                                                                \
        const type result = mode##_plain_##name arguments;                                 \
        TRACED_AFTER_##name;                                                               \
        trace_end(&call, (int)result, result == failure ? (int)(what) : 0);                \
        return result;                                                                     \
    }
#define TRACED_SPI(type, failure, name, parameters, arguments, number) \
    TRACED(ifs, WSPAPI, type, failure, name, parameters, arguments, number, *error)
#define TRACED_EXTENSION(type, failure, name, parameters, arguments, number) \
    TRACED(ifs, PASCAL, type, failure, name, parameters, arguments, number, GetLastError())
SPI_FORWARDED(TRACED_SPI)
SPI_MOSTLY_FORWARDED(TRACED_SPI)
SPI_OWN(TRACED_SPI)
SPI_EXTENSIONS(TRACED_EXTENSION)

#define TRACED_NONIFS(type, failure, name, parameters, arguments, number) \
    TRACED(nonifs, WSPAPI, type, failure, name, parameters, arguments, number, *error)
#define TRACED_NONIFS_EXTENSION(type, failure, name, parameters, arguments, number) \
    TRACED(nonifs, PASCAL, type, failure, name, parameters, arguments, number, GetLastError())
SPI_FORWARDED(TRACED_NONIFS)
SPI_MOSTLY_FORWARDED(TRACED_NONIFS)
SPI_SOCKETS(TRACED_NONIFS)
SPI_EXTENSIONS(TRACED_NONIFS_EXTENSION)

/* --- filtered --- */

#define FILTERED(convention, mode, ifs, type, name, parameters, arguments)        \
    static type convention mode##_filtered_##name parameters                      \
    {                                                                             \
        return filter_##name(&filter_calls_at[PLACE][ifs], SPI_UNWRAP arguments); \
    }
#define FILTERED_IFS(type, failure, name, parameters, arguments, number) \
    FILTERED(WSPAPI, ifs, 1, type, name, parameters, arguments)
#define FILTERED_NONIFS(type, failure, name, parameters, arguments, number) \
    FILTERED(WSPAPI, nonifs, 0, type, name, parameters, arguments)
#define FILTERED_IFS_EXTENSION(type, failure, name, parameters, arguments, number) \
    FILTERED(PASCAL, ifs, 1, type, name, parameters, arguments)
#define FILTERED_NONIFS_EXTENSION(type, failure, name, parameters, arguments, number) \
    FILTERED(PASCAL, nonifs, 0, type, name, parameters, arguments)
SPI_FILTERED(FILTERED_IFS)
SPI_FILTERED(FILTERED_NONIFS)
SPI_FILTERED_EXTENSIONS(FILTERED_IFS_EXTENSION)
SPI_FILTERED_EXTENSIONS(FILTERED_NONIFS_EXTENSION)

/* --- the tables --- */

#define IFS_PLAIN(type, failure, name, parameters, arguments, number)       .lpWSP##name = ifs_plain_##name,
#define IFS_TRACED(type, failure, name, parameters, arguments, number)      .lpWSP##name = ifs_traced_##name,
#define NONIFS_PLAIN(type, failure, name, parameters, arguments, number)    .lpWSP##name = nonifs_plain_##name,
#define NONIFS_TRACED(type, failure, name, parameters, arguments, number)   .lpWSP##name = nonifs_traced_##name,
#define IFS_FILTERED(type, failure, name, parameters, arguments, number)    .lpWSP##name = ifs_filtered_##name,
#define NONIFS_FILTERED(type, failure, name, parameters, arguments, number) .lpWSP##name = nonifs_filtered_##name,

/* clang-format off: as in spi_list.h */
#define POINTER_IFS_PLAIN(type, failure, name, parameters, arguments, number) \
    [EXTENSION_##number] = (void *)ifs_plain_##name,
#define POINTER_IFS_TRACED(type, failure, name, parameters, arguments, number) \
    [EXTENSION_##number] = (void *)ifs_traced_##name,
#define POINTER_NONIFS_PLAIN(type, failure, name, parameters, arguments, number) \
    [EXTENSION_##number] = (void *)nonifs_plain_##name,
#define POINTER_NONIFS_TRACED(type, failure, name, parameters, arguments, number) \
    [EXTENSION_##number] = (void *)nonifs_traced_##name,

#define POINTER_IFS_FILTERED(type, failure, name, parameters, arguments, number) \
    [EXTENSION_##number] = (void *)ifs_filtered_##name,
#define POINTER_NONIFS_FILTERED(type, failure, name, parameters, arguments, number) \
    [EXTENSION_##number] = (void *)nonifs_filtered_##name,

#define PROCS(X, shared) SPI_FORWARDED(X) SPI_MOSTLY_FORWARDED(X) SPI_SOCKETS(X) SPI_WITHOUT_SOCKET(shared)

#define JOIN(a, b)       a##b
#define FUNCTIONS(place) JOIN(spi_functions_, place)
const struct spi_functions FUNCTIONS(PLACE) = {
    .ifs = {.plain = {{PROCS(IFS_PLAIN, IFS_PLAIN)}, {SPI_EXTENSIONS(POINTER_IFS_PLAIN)}},
            .traced = {{PROCS(IFS_TRACED, IFS_TRACED)}, {SPI_EXTENSIONS(POINTER_IFS_TRACED)}},
            .filtered = {{SPI_FILTERED(IFS_FILTERED)}, {SPI_FILTERED_EXTENSIONS(POINTER_IFS_FILTERED)}}},
    .nonifs = {.plain = {{PROCS(NONIFS_PLAIN, IFS_PLAIN)}, {SPI_EXTENSIONS(POINTER_NONIFS_PLAIN)}},
               .traced = {{PROCS(NONIFS_TRACED, IFS_TRACED)}, {SPI_EXTENSIONS(POINTER_NONIFS_TRACED)}},
               .filtered = {{SPI_FILTERED(NONIFS_FILTERED)}, {SPI_FILTERED_EXTENSIONS(POINTER_NONIFS_FILTERED)}}},
};
