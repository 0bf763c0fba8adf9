/* Finds the WinSock2 key in a tree that may be a whole SYSTEM hive, one exported key, or anything between. */
#include "layout.h"

#include <stdlib.h>

#include "lsp-core/base/code_page.h"
#include "lsp-core/registry/layout_names.h"
#include "lsp-core/base/text.h"

/* HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Services\WinSock2 is the deepest usual place; a hive loaded for editing may
 * stand one or two levels lower. */
enum { MAX_DEPTH = 8 };

struct search {
    const struct reg_key *path[MAX_DEPTH]; /* from the root to the key being looked at */
    struct reg_key *best;
    const char *best_control_set; /* the name of the key two above it, or "" */
    int best_rank;
    size_t found;
};

/* CurrentControlSet beats the one in Select\Current, which beats any other. */
static int rank_control_set(const struct reg_key *system, const char *name)
{
    if (text_compare_nocase(name, "CurrentControlSet") == 0)
        return 3;
    const struct reg_key *select = reg_key_find(system, "Select");
    uint32_t current;
    if (select == NULL || !reg_key_dword(select, "Current", &current))
        return 1;
    char *selected = text_format("ControlSet%03u", (unsigned)current);
    int rank = selected != NULL && text_compare_nocase(name, selected) == 0 ? 2 : 1;
    free(selected);
    return rank;
}

static void consider(struct search *search, struct reg_key *key, size_t depth)
{
    if (text_compare_nocase(reg_key_name(key), "WinSock2") != 0 || reg_key_find(key, "Parameters") == NULL)
        return;
    /* path: …, SYSTEM, control set, Services, WinSock2 */
    bool in_control_set = depth >= 3;
    const char *control_set = in_control_set ? reg_key_name(search->path[depth - 2]) : "";
    int rank = in_control_set ? rank_control_set(search->path[depth - 3], control_set) : 1;
    search->found++;
    if (rank > search->best_rank) {
        search->best = key;
        search->best_control_set = control_set;
        search->best_rank = rank;
    }
}

static void walk(struct search *search, const struct reg_key *key, size_t depth)
{
    search->path[depth] = key;
    if (depth + 1 == MAX_DEPTH)
        return;
    for (size_t i = 0; i < reg_key_child_count(key); i++) {
        struct reg_key *child = reg_key_child_at(key, i);
        consider(search, child, depth + 1);
        walk(search, child, depth + 1);
    }
}

struct reg_key *layout_find_winsock2(const struct reg_key *root, char **note)
{
    struct search search = {.best_rank = 0};
    walk(&search, root, 0);
    *note = NULL;
    if (search.found > 1)
        *note = text_format("the source holds %zu control sets with a WinSock2 key; this is %s", search.found,
                            search.best_control_set[0] != '\0' ? search.best_control_set : "the first of them");
    return search.best;
}

/* The control set that the WinSock2 key is of, or NULL. */
static const struct reg_key *find_control_set(const struct reg_key *key, const struct reg_key *winsock2, size_t depth)
{
    if (reg_key_find(key, "Services\\WinSock2") == winsock2)
        return key;
    const struct reg_key *found = NULL;
    for (size_t i = 0; i < reg_key_child_count(key) && depth < MAX_DEPTH && found == NULL; i++)
        found = find_control_set(reg_key_child_at(key, i), winsock2, depth + 1);
    return found;
}

bool layout_find_code_page(const struct reg_key *root, const struct reg_key *winsock2, uint32_t *code_page,
                           char **named)
{
    const struct reg_key *control_set = find_control_set(root, winsock2, 0);
    const struct reg_key *key = control_set == NULL ? NULL : reg_key_find(control_set, LAYOUT_CODE_PAGE);
    *code_page = CODE_PAGE_UNKNOWN;
    *named = NULL;
    if (key == NULL || reg_key_value(key, LAYOUT_CODE_PAGE_ACP) == NULL)
        return true;
    char *text = reg_key_string(key, LAYOUT_CODE_PAGE_ACP);
    if (text != NULL && code_page_parse(text, code_page)) {
        free(text);
        return true;
    }
    *named = text != NULL ? text : text_duplicate("");
    return *named != NULL;
}
