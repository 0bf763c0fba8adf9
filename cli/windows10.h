/* The catalog of a Windows 10 on which nothing has been installed, for private catalogs that are to be the same on
 * every machine. */
#ifndef WSPLSP_CLI_WINDOWS10_H
#define WSPLSP_CLI_WINDOWS10_H

#include "wsplsp/catalog.h"

/* A new snapshot with both catalogs, base entries and name space providers; NULL when out of memory. */
struct wsplsp_snapshot *windows10_catalog(void);

#endif
