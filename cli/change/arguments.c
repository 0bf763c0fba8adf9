/* Arguments of changing commands; see arguments.h. */
#include "arguments.h"

#include <stdlib.h>
#include <string.h>

#include "cli/out/describe.h"
#include "lsp-core/catalog/flags.h"
#include "cli/base/memory.h"
#include "lsp-core/base/text.h"

void word_list_split(const char *text, struct word_list *list)
{
    *list = (struct word_list){NULL, 0, NULL};
    if (text == NULL)
        return;
    list->copy = memory_text(text);
    for (char *word = strtok(list->copy, ","); word != NULL; word = strtok(NULL, ",")) {
        list->words = memory_grow((void *)list->words, (list->count + 1) * sizeof *list->words);
        list->words[list->count++] = word;
    }
}

void word_list_free(struct word_list *list)
{
    free((void *)list->words);
    free(list->copy);
    *list = (struct word_list){NULL, 0, NULL};
}

enum wsplsp_status read_only(const struct options *options, unsigned *catalogs, struct wsplsp_error *error)
{
    const char *only = options->values[OPTION_ONLY];
    *catalogs = 0;
    if (only == NULL)
        return WSPLSP_OK;
    if (strcmp(only, "64") == 0)
        *catalogs = PLAN_64;
    else if (strcmp(only, "32") == 0)
        *catalogs = PLAN_32;
    else
        return wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "--only takes 64 or 32, not '%.100s'", only);
    return WSPLSP_OK;
}

enum wsplsp_status parse_guid(const char *text, struct wsplsp_guid *guid, struct wsplsp_error *error)
{
    if (wsplsp_guid_parse(text, guid))
        return WSPLSP_OK;
    wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "'%.100s' is no GUID", text);
    return wsplsp_hint(error, "a GUID looks like {01234567-89AB-CDEF-0123-456789ABCDEF}");
}

enum wsplsp_status read_guid(const struct options *options, struct wsplsp_guid *guid, bool *given,
                             struct wsplsp_error *error)
{
    const char *text = options->values[OPTION_GUID];
    *given = text != NULL;
    return text == NULL ? WSPLSP_OK : parse_guid(text, guid, error);
}

/* "firewall", "inbound-modify" and "LSP_INBOUND_MODIFY" name a flag. */
static bool is_category(const struct flag *flag, const char *word)
{
    static const char prefix[] = "LSP_";
    const char *name = flag->name;
    if (text_compare_nocase_n(word, prefix, sizeof prefix - 1) != 0)
        name += sizeof prefix - 1;
    size_t length = strlen(name);
    if (strlen(word) != length)
        return false;
    for (size_t i = 0; i < length; i++) {
        char one[2] = {word[i] == '-' ? '_' : word[i], '\0'};
        if (text_compare_nocase_n(&name[i], one, 1) != 0)
            return false;
    }
    return true;
}

static bool read_category(const char *word, uint32_t *categories)
{
    char *end;
    if (strcmp(word, "none") == 0)
        return true;
    for (const struct flag *flag = flags_category; flag->name != NULL; flag++) {
        if (is_category(flag, word)) {
            *categories |= flag->value;
            return true;
        }
    }
    if (word[0] < '0' || word[0] > '9')
        return false;
    unsigned long long number = strtoull(word, &end, 0);
    *categories |= (uint32_t)number;
    return *end == '\0' && number <= UINT32_MAX;
}

enum wsplsp_status read_categories(const char *text, uint32_t *categories, struct wsplsp_error *error)
{
    struct word_list list;
    const char *unknown = NULL;
    word_list_split(text, &list);
    for (size_t i = 0; i < list.count && unknown == NULL; i++) {
        if (!read_category(list.words[i], categories))
            unknown = list.words[i];
    }
    if (unknown != NULL) {
        wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "'%.100s' is no LSP category", unknown);
        wsplsp_hint(error, "there are inspector, redirector, proxy, firewall, inbound-modify, outbound-modify, "
                           "crypto-compress, local-cache, system and none");
    }
    word_list_free(&list);
    return unknown == NULL ? WSPLSP_OK : error->status;
}

enum wsplsp_status read_catalogs(const struct options *options, const struct wsplsp_snapshot *snapshot,
                                 unsigned *catalogs, struct wsplsp_error *error)
{
    if (read_only(options, catalogs, error) != WSPLSP_OK)
        return error->status;
    if (*catalogs != 0)
        return WSPLSP_OK;
    for (size_t i = 0; i < 2; i++) {
        if (snapshot->catalogs[i].present)
            *catalogs |= snapshot->catalogs[i].bits == 64 ? PLAN_64 : PLAN_32;
    }
    return WSPLSP_OK;
}

static enum wsplsp_status fail_pair(const char *message, const char *hint, struct wsplsp_error *error)
{
    wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "%s", message);
    return wsplsp_hint(error, "%s", hint);
}

enum wsplsp_status read_dlls(const struct options *options, const char *dll, unsigned catalogs, struct dll_pair *pair,
                             struct wsplsp_error *error)
{
    const char *dll32 = options->values[OPTION_DLL32];
    bool only = options_has(options, OPTION_ONLY);
    *pair = (struct dll_pair){NULL, NULL, false};
    if (only && dll32 != NULL)
        return fail_pair("--dll32 does not go with --only", "with --only 32, DLL is the one for 32-bit programs",
                         error);
    if (catalogs == (PLAN_64 | PLAN_32) && dll32 == NULL)
        return fail_pair("this Windows runs 32-bit programs too, and they need a DLL of their own",
                         "give it with --dll32, or install for one kind alone with --only 64 or --only 32", error);
    if (catalogs == PLAN_32) {
        pair->dll32 = dll32 != NULL ? dll32 : dll;
        return WSPLSP_OK;
    }
    pair->dll64 = dll;
    pair->dll32 = catalogs == PLAN_64 ? NULL : dll32;
    pair->ignored = catalogs == PLAN_64 && dll32 != NULL;
    return WSPLSP_OK;
}
