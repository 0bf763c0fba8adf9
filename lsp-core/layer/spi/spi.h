/* What each place hands out: its procedure table, and its extension functions. functions.c makes them, once for each
 * place; what does more than go down is here, the same for all. */
#ifndef WSPLSP_CORE_LAYER_SPI_SPI_H
#define WSPLSP_CORE_LAYER_SPI_SPI_H

#include "lsp-core/layer/chain/extension.h"
#include "lsp-core/layer/chain/place.h"
#include "lsp-core/layer/chain/spi_list.h"

struct spi {
    WSPPROC_TABLE procs;
    void *extensions[EXTENSION_COUNT];
};

/* The place's functions for one mode; with the trace on, those that record; with a filter, those that ask it. */
const struct spi *spi_of(const struct place *place, bool ifs);

/* Those that ask the filter; NULL for what it does not see. */
const struct spi *spi_filtered(const struct place *place, bool ifs);

#define SPI_UNWRAP(...) __VA_ARGS__
#define SPI_DECLARE(type, failure, name, parameters, arguments, number) \
    type spi_##name(struct place *place, SPI_UNWRAP parameters);
SPI_MOSTLY_FORWARDED(SPI_DECLARE)
SPI_OWN(SPI_DECLARE)
#undef SPI_DECLARE

#endif
