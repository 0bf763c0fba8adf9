/* Reads and searches the list of known differences. */
#include "known.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_KNOWN = 256 };

static struct known list[MAX_KNOWN];
static int count;

static bool add(char *line)
{
    bool never = *line == '!';
    line += never;
    char *reason = strpbrk(line, " \t");
    if (reason == NULL || count == MAX_KNOWN)
        return false;
    *reason++ = '\0';
    reason += strspn(reason, " \t");
    if (*reason == '\0')
        return false;
    list[count].never = never;
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

const struct known *known_find(const char *name)
{
    for (int i = 0; i < count; i++) {
        if (known_matches(list[i].pattern, name))
            return &list[i];
    }
    return NULL;
}
