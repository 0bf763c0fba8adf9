/* The journal's text; see journal.h. */
#include "journal.h"

#include <stdlib.h>
#include <string.h>

#include "lsp-core/base/text.h"

#define HEADER      "wsplsp journal 1"
#define CHECK       "check: "
#define CHECK_SIZE  (sizeof CHECK - 1 + 16 + 1) /* with the 16 digits and the line's end */
#define NUMBER_MAX  4294967295u
#define FIELD_COUNT 10

/* In the order of the lines. */
enum field { COMMAND, WORDS, STARTED, TARGET, BACKUP, PROCESS, STEPS, STEPS_DONE, IN_STEP, ASSIGNED };

static const char *const field_names[FIELD_COUNT] = {"command", "change", "started",    "target",  "backup",
                                                     "process", "steps",  "steps-done", "in-step", "assigned"};

/* FNV-1a: against damage, not against anybody; who may write here may change the catalog anyway. */
static uint64_t hash(const char *text, size_t size)
{
    uint64_t value = 14695981039346656037u;
    for (size_t i = 0; i < size; i++)
        value = (value ^ (uint8_t)text[i]) * 1099511628211u;
    return value;
}

static void put_hash(uint64_t value, char digits[17])
{
    for (int i = 15; i >= 0; i--, value >>= 4)
        digits[i] = "0123456789abcdef"[value & 15];
    digits[16] = '\0';
}

char *journal_format(const struct journal *journal, size_t *size)
{
    char assigned[WSPLSP_GUID_TEXT] = "none", digits[17];
    if (journal->has_assigned)
        wsplsp_guid_format(&journal->assigned, assigned);
    char *body =
        text_format(HEADER "\ncommand: %s\nchange: %s\nstarted: %s\ntarget: %s\nbackup: %s\nprocess: %lu\nsteps: %lu\n"
                           "steps-done: %lu\nin-step: %u\nassigned: %s\n",
                    journal->command, journal->words, journal->started, journal->target, journal->backup,
                    (unsigned long)journal->process, (unsigned long)journal->steps, (unsigned long)journal->steps_done,
                    journal->in_step ? 1u : 0u, assigned);
    if (body == NULL)
        return NULL;
    put_hash(hash(body, strlen(body)), digits);
    char *text = text_format("%s" CHECK "%s\n", body, digits);
    free(body);
    if (text != NULL)
        *size = strlen(text);
    return text;
}

/* The text without its last line, new, if that line is right about the rest. NULL otherwise, or when out of memory. */
static char *checked_body(const char *bytes, size_t size, bool *right)
{
    char digits[17];
    *right = false;
    if (size <= CHECK_SIZE || memchr(bytes, '\0', size) != NULL)
        return NULL;
    size_t body = size - CHECK_SIZE;
    put_hash(hash(bytes, body), digits);
    if (memcmp(bytes + body, CHECK, sizeof CHECK - 1) != 0 ||
        memcmp(bytes + body + sizeof CHECK - 1, digits, 16) != 0 || bytes[size - 1] != '\n')
        return NULL;
    *right = true;
    char *copy = malloc(body + 1);
    if (copy != NULL) {
        memcpy(copy, bytes, body);
        copy[body] = '\0';
    }
    return copy;
}

/* Cuts the next line off. NULL at the end. */
static char *next_line(char **rest)
{
    char *line = *rest, *end = strchr(line, '\n');
    if (end == NULL)
        return NULL;
    *end = '\0';
    *rest = end + 1;
    return line;
}

static bool split(char *body, char *values[FIELD_COUNT])
{
    char *rest = body;
    const char *header = next_line(&rest);
    if (header == NULL || strcmp(header, HEADER) != 0)
        return false;
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        char *line = next_line(&rest);
        size_t length = strlen(field_names[i]);
        if (line == NULL || strncmp(line, field_names[i], length) != 0 || strncmp(line + length, ": ", 2) != 0)
            return false;
        values[i] = line + length + 2;
    }
    return *rest == '\0';
}

static bool read_number(const char *text, uint32_t *number)
{
    uint64_t value = 0;
    size_t length = strspn(text, "0123456789");
    if (length == 0 || length > 10 || text[length] != '\0')
        return false;
    for (size_t i = 0; i < length; i++)
        value = value * 10 + (uint64_t)(text[i] - '0');
    *number = (uint32_t)value;
    return value <= NUMBER_MAX;
}

/* A backup's name has no folder in it: what is put back is nothing from elsewhere. */
static bool read_values(char *const values[FIELD_COUNT], struct journal *journal)
{
    uint32_t in_step;
    bool none = strcmp(values[ASSIGNED], "none") == 0;
    if (!read_number(values[PROCESS], &journal->process) || !read_number(values[STEPS], &journal->steps) ||
        !read_number(values[STEPS_DONE], &journal->steps_done) || !read_number(values[IN_STEP], &in_step) ||
        journal->steps_done > journal->steps || strpbrk(values[BACKUP], "/\\:") != NULL || values[BACKUP][0] == '\0')
        return false;
    journal->in_step = in_step != 0;
    journal->has_assigned = !none;
    return none || wsplsp_guid_parse(values[ASSIGNED], &journal->assigned);
}

static bool copy_values(char *const values[FIELD_COUNT], struct journal *journal)
{
    journal->command = text_duplicate(values[COMMAND]);
    journal->words = text_duplicate(values[WORDS]);
    journal->started = text_duplicate(values[STARTED]);
    journal->target = text_duplicate(values[TARGET]);
    journal->backup = text_duplicate(values[BACKUP]);
    return journal->command != NULL && journal->words != NULL && journal->started != NULL && journal->target != NULL &&
           journal->backup != NULL;
}

enum wsplsp_status journal_parse(const void *bytes, size_t size, struct journal *journal, struct wsplsp_error *error)
{
    char *values[FIELD_COUNT];
    bool right;
    *journal = (struct journal){0};
    char *body = checked_body(bytes, size, &right);
    if (right && body == NULL)
        return wsplsp_fail_memory(error);
    enum wsplsp_status status = WSPLSP_OK;
    if (!right || !split(body, values) || !read_values(values, journal))
        status = wsplsp_fail(error, WSPLSP_SYSTEM, 0, "BAD_FORMAT", "the journal of an unfinished change is damaged");
    else if (!copy_values(values, journal))
        status = wsplsp_fail_memory(error);
    free(body);
    if (status != WSPLSP_OK)
        journal_free(journal);
    return status;
}

void journal_free(struct journal *journal)
{
    free(journal->command);
    free(journal->words);
    free(journal->started);
    free(journal->target);
    free(journal->backup);
    *journal = (struct journal){0};
}
