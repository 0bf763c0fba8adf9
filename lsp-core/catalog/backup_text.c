/* A backup's text and its comments; see backup.h. */
#include "backup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog_edit.h"
#include "layout.h"
#include "layout_names.h"
#include "regfile.h"
#include "regfile_text.h"
#include "source.h"
#include "text.h"

#define WINSOCK2_KEY "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\WinSock2"

#define COMMAND_WORD    "; wsplsp: "
#define WORDS_WORD      "; change: "
#define CATEGORIES_WORD "; categories: "

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

/* What the text holds as a whole: importing it has to leave nothing newer in there. */
static const char *find_part(const struct reg_key *parameters, const char *value, const char *usual, char **named)
{
    *named = value == NULL ? NULL : reg_key_string(parameters, value);
    const char *name = *named != NULL ? *named : usual;
    return reg_key_find(parameters, name) != NULL ? name : NULL;
}

static enum wsplsp_status write_text(const struct reg_key *winsock2, void **bytes, size_t *size,
                                     struct wsplsp_error *error)
{
    static const char *const parts[][2] = {{"Current_Protocol_Catalog", LAYOUT_PROTOCOL_CATALOG},
                                           {"Current_NameSpace_Catalog", LAYOUT_NAME_SPACE_CATALOG},
                                           {NULL, LAYOUT_APPLICATIONS}};
    char *paths[4] = {NULL};
    size_t count = 0;
    bool made = true;
    const struct reg_key *parameters = reg_key_find(winsock2, "Parameters");
    for (size_t i = 0; parameters != NULL && i < 3; i++) {
        char *named;
        const char *part = find_part(parameters, parts[i][0], parts[i][1], &named);
        if (part != NULL) {
            paths[count] = text_format("Parameters\\%s", part);
            made = made && paths[count] != NULL;
            count += paths[count] != NULL;
        }
        free(named);
    }
    enum wsplsp_status status =
        made ? regfile_write(winsock2, WINSOCK2_KEY, (const char *const *)paths, bytes, size, error)
             : wsplsp_fail_memory(error);
    for (size_t i = 0; i < count; i++)
        free(paths[i]);
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
        status = write_text(winsock2, bytes, size, error);
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

/* The line that begins with `word`, behind it, the first at or after unit `*at`; new. `*at` becomes the next line's.
 * NULL where there is none before the first key. */
static enum wsplsp_status next_comment(const struct regfile_text *text, const char *word, size_t *at, char **line,
                                       struct wsplsp_error *error)
{
    *line = NULL;
    while (*at < text->count && text->units[*at] != '[') {
        size_t start = *at, end = start, matched = 0;
        while (end < text->count && text->units[end] != '\n')
            end++;
        *at = end + 1;
        while (word[matched] != '\0' && start + matched < end && text->units[start + matched] == (uint8_t)word[matched])
            matched++;
        if (word[matched] != '\0')
            continue;
        if (end > start + matched && text->units[end - 1] == '\r')
            end--;
        *line = text_from_utf16(&text->units[start + matched], end - start - matched);
        return *line != NULL ? WSPLSP_OK : wsplsp_fail_memory(error);
    }
    return WSPLSP_OK;
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

enum wsplsp_status backup_parse(const void *bytes, size_t size, const char *source, struct wsplsp_snapshot **snapshot,
                                struct wsplsp_error *error)
{
    struct regfile_text text;
    struct wsplsp_error no_text;
    struct wsplsp_snapshot *parsed;
    if (source_load_bytes(bytes, size, source, &parsed, error) != WSPLSP_OK)
        return error->status;
    /* A hive has no comments. */
    enum wsplsp_status status = regfile_text_decode(bytes, size, source, &text, &no_text);
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
    if (regfile_text_decode(bytes, size, "backup", &text, error) != WSPLSP_OK)
        return error->status;
    enum wsplsp_status status = next_comment(&text, WORDS_WORD, &at, words, error);
    free(text.units);
    if (status == WSPLSP_OK && *words == NULL)
        *words = text_duplicate("");
    return status == WSPLSP_OK && *words == NULL ? wsplsp_fail_memory(error) : status;
}
