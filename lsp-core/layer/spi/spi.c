/* What each place hands out; see spi.h. */
#include "spi.h"

#include <string.h>

#include "lsp-core/layer/filter/calls.h"
#include "lsp-core/layer/filter/filter.h"
#include "lsp-core/layer/filter/filter_find.h"
#include "functions.h"
#include "lsp-core/layer/nonifs/sockets.h"
#include "lsp-core/layer/trace/write.h"

/* What the places hand out where there is a filter; [1]: IFS. */
static struct spi filtered_spi[PLACES][2];

static const struct spi_mode *mode_of(const struct place *place, bool ifs)
{
    static const struct spi_functions *const functions[PLACES] = {
        &spi_functions_0, &spi_functions_1, &spi_functions_2, &spi_functions_3, &spi_functions_4, &spi_functions_5,
    };
    return ifs ? &functions[place->index]->ifs : &functions[place->index]->nonifs;
}

const struct spi *spi_of(const struct place *place, bool ifs)
{
    const struct spi_mode *mode = mode_of(place, ifs);
    if (filter_is_on())
        return &filtered_spi[place->index][ifs];
    return trace_is_on() ? &mode->traced : &mode->plain;
}

/* --- with a filter --- */

static bool find_own(struct place *place, SOCKET s, struct filter_socket *found)
{
    struct nonifs_socket own;
    if (!nonifs_find(place, s, &own))
        return false;
    found->chain = own.chain;
    found->overlapped = own.slot->data.overlapped;
    return true;
}

static void put_over(struct spi *spi, const struct spi *filtered)
{
    void *functions[sizeof(*spi) / sizeof(void *)], *others[sizeof(*spi) / sizeof(void *)];
    memcpy(functions, spi, sizeof(functions));
    memcpy(others, filtered, sizeof(others));
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
        functions[i] = others[i] != NULL ? others[i] : functions[i];
    memcpy(spi, functions, sizeof(functions));
}

/* What the filter does not see goes down as it does without one; with the trace on, recorded. */
void spi_put_filter_over(void)
{
    for (int i = 0; i < PLACES; i++) {
        for (int ifs = 0; ifs < 2; ifs++) {
            const struct spi *inner = spi_of(&places[i], ifs != 0);
            filter_calls_at[i][ifs] = (struct filter_at){&places[i], ifs != 0, inner, find_own};
            filtered_spi[i][ifs] = *inner;
            put_over(&filtered_spi[i][ifs], &mode_of(&places[i], ifs != 0)->filtered);
        }
    }
}
