/* The functions of each place, as functions.c makes them. */
#ifndef WSPLSP_CORE_LAYER_SPI_FUNCTIONS_H
#define WSPLSP_CORE_LAYER_SPI_FUNCTIONS_H

#include "spi.h"

struct spi_mode {
    struct spi plain;
    struct spi traced;
    struct spi filtered; /* those that a filter sees; NULL for the others */
};

struct spi_functions {
    struct spi_mode ifs;
    struct spi_mode nonifs;
};

extern const struct spi_functions spi_functions_0, spi_functions_1, spi_functions_2, spi_functions_3, spi_functions_4,
    spi_functions_5;

#endif
