/* Reads and searches the lists of known differences. */
#include "known.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_KNOWN = 256 };

static struct known list[MAX_KNOWN];
static int count;

static bool add(char *line)
{
    char sign = *line == '!' || *line == '+' ? *line++ : '\0';
    char *reason = strpbrk(line, " \t");
    if (reason == NULL || count == MAX_KNOWN)
        return false;
    *reason++ = '\0';
    reason += strspn(reason, " \t");
    if (*reason == '\0')
        return false;
    list[count].sign = sign;
    list[count].pattern = _strdup(line);
    list[count].reason = _strdup(reason);
    return list[count].pattern != NULL && list[count++].reason != NULL;
}

bool known_load(const char *path)
{
    char line[512];
    FILE *file = fopen(path, "r");
    bool good = file != NULL;
    while (good && fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\r\n")] = '\0';
        if (line[0] != '\0' && line[0] != '#')
            good = add(line);
    }
    if (file != NULL)
        fclose(file);
    return good;
}

bool known_matches(const char *pattern, const char *name)
{
    for (; *pattern != '\0'; pattern++, name++) {
        if (*pattern == '*') {
            while (!known_matches(pattern + 1, name)) {
                if (*name++ == '\0')
                    return false;
            }
            return true;
        }
        if (*pattern != *name)
            return false;
    }
    return *name == '\0';
}

/* The last of the lines before `end` that match. */
static struct known *last_match(const char *name, int end)
{
    while (end-- > 0) {
        if (known_matches(list[end].pattern, name))
            return &list[end];
    }
    return NULL;
}

const struct known *known_find(const char *name)
{
    const struct known *known = last_match(name, count);
    return known != NULL && known->sign == '+' ? NULL : known;
}

/* A line is of use where it decides, or where one that does takes it back; there must be something to be taken back. */
void known_note(const char *name)
{
    struct known *known = last_match(name, count);
    if (known != NULL && known->sign == '+') {
        struct known *before = last_match(name, (int)(known - list));
        known->used = known->used || (before != NULL && before->sign != '+');
        known = before;
    }
    if (known != NULL)
        known->used = true;
}

const struct known *known_unused(void)
{
    for (int i = 0; i < count; i++) {
        if (!list[i].used)
            return &list[i];
    }
    return NULL;
}
