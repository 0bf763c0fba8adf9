/* Names of the form "@dll,-id": what the well-known Windows ones say, in English, for catalogs read offline. */
#ifndef WSPLSP_CORE_CATALOG_NAMES_H
#define WSPLSP_CORE_CATALOG_NAMES_H

/* The English text of a well-known reference, static; NULL where it is not one or not known. */
const char *names_lookup(const char *raw);

#endif
