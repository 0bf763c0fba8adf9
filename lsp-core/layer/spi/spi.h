/* What each place hands out: its procedure table, and its extension functions. functions.c makes them, once for each
 * place; what does more than go down is here, the same for all. */
#ifndef WSPLSP_CORE_LAYER_SPI_SPI_H
#define WSPLSP_CORE_LAYER_SPI_SPI_H

#include "lsp-core/layer/chain/extension.h"
#include "lsp-core/layer/chain/place.h"
#include "lsp-core/layer/chain/spi_list.h"
#include "lsp-core/layer/chain/spi_table.h"

/* The place's functions for one mode; with the trace on, those that record; with a filter, those that ask it. */
const struct spi *spi_of(const struct place *place, bool ifs);

/* Makes those that ask the filter, which has just been loaded and is not on yet: filter_load's `ready`. */
void spi_put_filter_over(void);

#define SPI_DECLARE(type, failure, name, parameters, arguments, number) \
    type spi_##name(struct place *place, SPI_UNWRAP parameters);
SPI_MOSTLY_FORWARDED(SPI_DECLARE)
SPI_OWN(SPI_DECLARE)
#undef SPI_DECLARE

#endif
