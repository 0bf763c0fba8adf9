/* A backup's text and its comments; see backup.h. */
#include "backup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lsp-core/catalog/edit.h"
#include "lsp-core/base/code_page.h"
#include "lsp-core/catalog/layout.h"
#include "lsp-core/registry/layout_names.h"
#include "lsp-core/registry/regfile.h"
#include "lsp-core/registry/regfile_text.h"
#include "lsp-core/catalog/source.h"
#include "lsp-core/base/text.h"

#define WINSOCK2_KEY "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\WinSock2"

#define COMMAND_WORD    "; wsplsp: "
#define WORDS_WORD      "; change: "
#define CATEGORIES_WORD "; categories: "
/* For who finds the file on a machine without a network, and has no wsplsp there. */
#define IMPORT_WORDS                                                                                                   \
    "; To put it back with Registry Editor: import it as an administrator, then restart Windows at once; programs and" \
    "\r\n; services that run go on with the catalog that they have read. Applications permitted since stay permitted."

/* ---- writing */

/* `text` and one more line, new; `text` is freed. NULL when out of memory, then and afterwards. A line's end within
 * would end the comment: it becomes a space. */
static char *add_line(char *text, const char *word, const char *line)
{
    char *longer = text == NULL ? NULL : text_format("%s%s%s\r\n", text, word, line);
    for (char *at = longer == NULL ? NULL : longer + strlen(text) + strlen(word); at != NULL && at[2] != '\0'; at++) {
        if ((unsigned char)*at < 0x20)
            *at = ' ';
    }
    free(text);
    return longer;
}

static char *add_raw(char *text, const char *more)
{
    char *longer = text_format("%s%s", text, more);
    free(text);
    return longer;
}

/* The registry layout has no place for categories: where Windows keeps them is not documented. */
static char *add_categories(char *text, const struct wsplsp_entry *entry)
{
    char id[WSPLSP_GUID_TEXT], line[80];
    if (entry->undecoded != NULL || wsplsp_entry_kind(entry) != WSPLSP_KIND_LAYER || !entry->has_categories)
        return text;
    wsplsp_guid_format(&entry->info.provider_id, id);
    snprintf(line, sizeof line, "%d %s 0x%08lx", entry->bits, id, (unsigned long)entry->categories);
    return add_line(text, CATEGORIES_WORD, line);
}

static char *make_comments(const struct wsplsp_snapshot *snapshot, const char *command, const char *words)
{
    char *text = add_line(text_duplicate(""), COMMAND_WORD, command);
    text = add_line(text, WORDS_WORD, words);
    text = text == NULL ? NULL : add_raw(text, IMPORT_WORDS "\r\n");
    for (size_t c = 0; c < 2; c++) {
        for (size_t i = 0; i < snapshot->catalogs[c].entry_count; i++)
            text = add_categories(text, &snapshot->catalogs[c].entries[i]);
    }
    return text;
}

/* Puts the comments behind the header, which is the first line. */
static enum wsplsp_status insert(const char *comments, void **bytes, size_t *size, struct wsplsp_error *error)
{
    size_t units, at = 2;
    uint16_t *wide = text_to_utf16(comments, &units);
    const char *text = *bytes;
    while (at < *size && !(text[at - 2] == '\n' && text[at - 1] == '\0'))
        at += 2;
    size_t added = (units - 1) * sizeof *wide;
    char *joined = wide == NULL ? NULL : malloc(*size + added);
    if (joined != NULL) {
        memcpy(joined, text, at);
        memcpy(joined + at, wide, added);
        memcpy(joined + at + added, text + at, *size - at);
        free(*bytes);
        *bytes = joined;
        *size += added;
    }
    free(wide);
    return joined != NULL ? WSPLSP_OK : wsplsp_fail_memory(error);
}

/* ---- for Registry Editor, which puts it back on a machine whose network is down */

/* Readers know by the serial number whether the catalog is the one that they have read, and 0 for an empty one. So it
 * has to be above the live one when the file is imported, whatever has been changed until then. */
#define SERIAL_AHEAD 0x10000u
#define IDS_AHEAD    0x1000u /* and no id is given again to another entry */

static bool raise(struct reg_key *key, const char *name, uint32_t ahead)
{
    uint32_t value;
    if (!reg_key_dword(key, name, &value))
        return true;
    return reg_key_put_dword(key, name, value <= UINT32_MAX - ahead ? value + ahead : ahead);
}

/* A writer's lock is a subkey named after the serial number: imported, it would never go. */
static void drop_locks(struct reg_key *key)
{
    for (size_t i = reg_key_child_count(key); i > 0; i--) {
        const char *name = reg_key_name(reg_key_child_at(key, i - 1));
        if (strlen(name) == 8 && strspn(name, "0123456789ABCDEFabcdef") == 8)
            reg_key_remove(key, name);
    }
}

/* The catalog's key, by the name that the value gives or the usual one; `*path` is its path below WinSock2, new. NULL
 * where there is none. */
static struct reg_key *find_part(struct reg_key *parameters, const char *value, const char *usual, char **path)
{
    char *named = reg_key_string(parameters, value);
    const char *name = named != NULL && named[0] != '\0' ? named : usual;
    struct reg_key *key = (struct reg_key *)reg_key_find(parameters, name);
    *path = key == NULL ? NULL : text_format("Parameters\\%s", name);
    free(named);
    return key;
}

enum { PARTS = 2, MOST_OVER = 2 * PARTS + 1 };

/* Fills in the keys whose subkeys are replaced one by one. */
static bool prepare_parts(struct reg_key *parameters, char *over[MOST_OVER + 1])
{
    static const char *const parts[PARTS][2] = {{"Current_Protocol_Catalog", LAYOUT_PROTOCOL_CATALOG},
                                                {"Current_NameSpace_Catalog", LAYOUT_NAME_SPACE_CATALOG}};
    static const char *const entries[2] = {LAYOUT_ENTRIES_64, LAYOUT_ENTRIES_32};
    size_t count = 0;
    bool made = true;
    for (size_t i = 0; i < PARTS && made; i++) {
        char *path;
        struct reg_key *key = find_part(parameters, parts[i][0], parts[i][1], &path);
        if (key == NULL)
            continue;
        drop_locks(key);
        made = path != NULL && raise(key, "Serial_Access_Num", SERIAL_AHEAD) &&
               raise(key, "Next_Catalog_Entry_ID", IDS_AHEAD);
        for (size_t c = 0; c < 2 && made; c++) {
            over[count] = text_format("%s\\%s", path, entries[c]);
            made = over[count++] != NULL;
        }
        free(path);
    }
    if (made) {
        over[count] = text_duplicate("Parameters\\" LAYOUT_APPLICATIONS);
        made = over[count] != NULL;
    }
    return made;
}

static enum wsplsp_status write_text(struct reg_key *winsock2, uint32_t code_page, void **bytes, size_t *size,
                                     struct wsplsp_error *error)
{
    char *over[MOST_OVER + 1] = {NULL};
    struct reg_key *parameters = (struct reg_key *)reg_key_find(winsock2, "Parameters");
    bool made = parameters == NULL || prepare_parts(parameters, over);
    enum wsplsp_status status =
        made ? regfile_write_over(winsock2, WINSOCK2_KEY, code_page, (const char *const *)over, bytes, size, error)
             : wsplsp_fail_memory(error);
    for (size_t i = 0; i < MOST_OVER; i++)
        free(over[i]);
    return status;
}

enum wsplsp_status backup_text(const struct wsplsp_snapshot *snapshot, const char *command, const char *words,
                               void **bytes, size_t *size, struct wsplsp_error *error)
{
    struct reg_key *winsock2 = NULL;
    *bytes = NULL;
    char *comments = make_comments(snapshot, command, words);
    enum wsplsp_status status = comments == NULL ? wsplsp_fail_memory(error) : layout_write(snapshot, &winsock2, error);
    if (status == WSPLSP_OK)
        status = write_text(winsock2, snapshot->code_page, bytes, size, error);
    if (status == WSPLSP_OK) {
        status = insert(comments, bytes, size, error);
        if (status != WSPLSP_OK) {
            free(*bytes);
            *bytes = NULL;
        }
    }
    reg_key_free(winsock2);
    free(comments);
    return status;
}

/* ---- reading */

/* See regfile_text_comment. */
static enum wsplsp_status next_comment(const struct regfile_text *text, const char *word, size_t *at, char **line,
                                       struct wsplsp_error *error)
{
    return regfile_text_comment(text, word, at, line) ? WSPLSP_OK : wsplsp_fail_memory(error);
}

static void set_categories(struct wsplsp_snapshot *snapshot, const char *line)
{
    int bits;
    char id[WSPLSP_GUID_TEXT];
    unsigned long categories;
    struct wsplsp_guid guid;
    if (sscanf(line, "%d %38s 0x%8lx", &bits, id, &categories) != 3 || (bits != 64 && bits != 32) ||
        !wsplsp_guid_parse(id, &guid))
        return; /* a comment that somebody has edited is none of ours */
    struct wsplsp_catalog *catalog = &snapshot->catalogs[bits == 64 ? 0 : 1];
    for (size_t i = 0; i < catalog->entry_count; i++) {
        struct wsplsp_entry *entry = &catalog->entries[i];
        if (entry->undecoded != NULL || wsplsp_entry_kind(entry) != WSPLSP_KIND_LAYER ||
            !wsplsp_guid_equal(&entry->info.provider_id, &guid))
            continue;
        entry->has_categories = true;
        entry->categories = (uint32_t)categories;
        entry->categories_absent = NULL;
    }
}

static enum wsplsp_status read_categories(const struct regfile_text *text, struct wsplsp_snapshot *snapshot,
                                          struct wsplsp_error *error)
{
    size_t at = 0;
    char *line = NULL;
    enum wsplsp_status status;
    while ((status = next_comment(text, CATEGORIES_WORD, &at, &line, error)) == WSPLSP_OK && line != NULL) {
        set_categories(snapshot, line);
        free(line);
    }
    return status;
}

enum wsplsp_status backup_parse(const void *bytes, size_t size, const char *source, uint32_t code_page,
                                struct wsplsp_snapshot **snapshot, struct wsplsp_error *error)
{
    struct regfile_text text;
    struct wsplsp_error no_text;
    struct wsplsp_snapshot *parsed;
    if (source_load_bytes(bytes, size, source, code_page, &parsed, error) != WSPLSP_OK)
        return error->status;
    /* A hive has no comments. */
    enum wsplsp_status status = regfile_text_decode(bytes, size, source, code_page, &text, &no_text);
    if (status == WSPLSP_OK) {
        status = read_categories(&text, parsed, error);
        free(text.units);
    } else {
        status = strcmp(no_text.name, "ENOMEM") == 0 ? wsplsp_fail_memory(error) : WSPLSP_OK;
    }
    if (status == WSPLSP_OK)
        *snapshot = parsed;
    else
        wsplsp_snapshot_free(parsed);
    return status;
}

enum wsplsp_status backup_words(const void *bytes, size_t size, char **words, struct wsplsp_error *error)
{
    struct regfile_text text;
    size_t at = 0;
    *words = NULL;
    if (regfile_text_decode(bytes, size, "backup", CODE_PAGE_UNKNOWN, &text, error) != WSPLSP_OK)
        return error->status;
    enum wsplsp_status status = next_comment(&text, WORDS_WORD, &at, words, error);
    free(text.units);
    if (status == WSPLSP_OK && *words == NULL)
        *words = text_duplicate("");
    return status == WSPLSP_OK && *words == NULL ? wsplsp_fail_memory(error) : status;
}
