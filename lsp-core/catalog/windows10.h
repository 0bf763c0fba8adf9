/* The catalog of a Windows 10 on which nothing has been installed, for private catalogs that are to be the same on
 * every machine. */
#ifndef WSPLSP_CORE_CATALOG_WINDOWS10_H
#define WSPLSP_CORE_CATALOG_WINDOWS10_H

#include "catalog.h"

/* A new snapshot with both catalogs, base entries and name space providers; NULL when out of memory. */
struct wsplsp_snapshot *windows10_catalog(void);

#endif
