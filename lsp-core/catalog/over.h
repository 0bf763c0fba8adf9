/* Which base entries a layer is put over: the words of `install --over` and of `run --layer …,over=`, which mean the
 * same entries in both. */
#ifndef WSPLSP_CORE_CATALOG_OVER_H
#define WSPLSP_CORE_CATALOG_OVER_H

#include <stdbool.h>
#include <stddef.h>

#include "catalog.h"

/* Whether it is one of the words: "tcp", "udp", "raw", "all", or a catalog id. */
bool over_is_word(const char *word);

/* Whether the word means the entry at `index`, which need not be a base. Hidden entries count: Windows hides its RAW
 * entries from WSAEnumProtocols, yet raw sockets are made of them. */
bool over_means(const char *word, const struct wsplsp_catalog *catalog, size_t index);

/* A base entry for TCP, UDP or RAW over IPv4 or IPv6 that stands for its type, see over.c. */
bool over_is_internet(const struct wsplsp_catalog *catalog, size_t index);

#endif
