/* Arguments that more than one changing command reads the same way. */
#ifndef WSPLSP_CLI_CHANGE_ARGUMENTS_H
#define WSPLSP_CLI_CHANGE_ARGUMENTS_H

#include "cli/base/options.h"
#include "lsp-core/plan/plan.h"

/* A list of texts that point into a copy; all zero: empty. */
struct word_list {
    const char **words;
    size_t count;
    char *copy;
};

/* The parts between commas; NULL is an empty list. Empty parts are left out. */
void word_list_split(const char *text, struct word_list *list);
void word_list_free(struct word_list *list);

/* --only: `*catalogs` is 0 without it. */
enum wsplsp_status read_only(const struct options *options, unsigned *catalogs, struct wsplsp_error *error);

/* A GUID as the user writes it; WSPLSP_USAGE where it is none. */
enum wsplsp_status parse_guid(const char *text, struct wsplsp_guid *guid, struct wsplsp_error *error);

/* --guid: `*given` tells whether. */
enum wsplsp_status read_guid(const struct options *options, struct wsplsp_guid *guid, bool *given,
                             struct wsplsp_error *error);

/* Adds the LSP categories of a list between commas ("firewall,LSP_INSPECTOR", "0x8", "none") to `*categories`. */
enum wsplsp_status read_categories(const char *text, uint32_t *categories, struct wsplsp_error *error);

/* Which DLL is for which catalog. */
struct dll_pair {
    const char *dll64, *dll32; /* the command line's; NULL: none for that catalog */
    bool ignored;              /* --dll32 was given, and there is no 32-bit catalog for it */
};

/* The DLLs for the catalogs of a set: `dll` and --dll32, of which each catalog needs one. A set of one catalog may be
 * what --only says. */
enum wsplsp_status read_dlls(const struct options *options, const char *dll, unsigned catalogs, struct dll_pair *pair,
                             struct wsplsp_error *error);

/* The catalogs that a snapshot has, or those of them that --only names. */
enum wsplsp_status read_catalogs(const struct options *options, const struct wsplsp_snapshot *snapshot,
                                 unsigned *catalogs, struct wsplsp_error *error);

#endif
