/* What a place hands out to whoever stands above it. */
#ifndef WSPLSP_CORE_LAYER_CHAIN_SPI_TABLE_H
#define WSPLSP_CORE_LAYER_CHAIN_SPI_TABLE_H

#include "extension.h"

struct spi {
    WSPPROC_TABLE procs;
    void *extensions[EXTENSION_COUNT];
};

/* Takes the parentheses off a parameter list of spi_list.h. */
#define SPI_UNWRAP(...) __VA_ARGS__

#endif
