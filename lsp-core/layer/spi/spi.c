/* What each place hands out; see spi.h. */
#include "spi.h"

#include "lsp-core/layer/filter/filter.h"
#include "functions.h"
#include "lsp-core/layer/trace/write.h"

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
        return filter_spi(place, ifs);
    return trace_is_on() ? &mode->traced : &mode->plain;
}

const struct spi *spi_filtered(const struct place *place, bool ifs)
{
    return &mode_of(place, ifs)->filtered;
}
