/* Numbers of an entry in words: what tables and `show` have in common. */
#ifndef WSPLSP_CLI_OUT_DESCRIBE_H
#define WSPLSP_CLI_OUT_DESCRIBE_H

#include "lsp-core/catalog/flags.h"
#include "lsp-core/catalog/catalog.h"

/* "INET STREAM TCP": family, type and protocol in short, new. */
char *describe_protocol(const struct wsplsp_entry *entry);

/* A constant's name without its prefix ("TCP" of "IPPROTO_TCP"); NULL for NULL. */
const char *describe_short(const char *constant);

/* The part of a path behind its last backslash or slash. */
const char *describe_file_name(const char *path);

/* "64-bit" or "32-bit". */
const char *describe_bits(int bits);

#endif
