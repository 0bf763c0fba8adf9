/* What each place hands out; see spi.h. */
#include "spi.h"

#include "spi_place.h"
#include "trace_write.h"

const struct spi *spi_of(const struct place *place, bool ifs)
{
    static const struct spi_functions *const functions[PLACES] = {
        &spi_functions_0, &spi_functions_1, &spi_functions_2, &spi_functions_3, &spi_functions_4, &spi_functions_5,
    };
    const struct spi_mode *mode = ifs ? &functions[place->index]->ifs : &functions[place->index]->nonifs;
    return trace_is_on() ? &mode->traced : &mode->plain;
}
