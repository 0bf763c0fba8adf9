/* Makes security descriptors of their text form; see sddl.h. */
#include "sddl.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct word {
    const char *text;
    uint32_t value;
};

static void put(uint8_t *at, size_t size, uint32_t number)
{
    for (size_t i = 0; i < size; i++)
        at[i] = (uint8_t)(number >> (8 * i));
}

static void fail(const char *what, const char *text)
{
    fprintf(stderr, "sddl: %s: %s\n", what, text);
    abort();
}

size_t sddl_sid(const char *text, size_t length, uint8_t *bytes)
{
    static const struct {
        const char *alias, *sid;
    } aliases[] = {
        {"AC", "S-1-15-2-1"},   {"AN", "S-1-5-7"},      {"AU", "S-1-5-11"}, {"BA", "S-1-5-32-544"},
        {"BG", "S-1-5-32-546"}, {"BU", "S-1-5-32-545"}, {"CO", "S-1-3-0"},  {"IU", "S-1-5-4"},
        {"LS", "S-1-5-19"},     {"NS", "S-1-5-20"},     {"NU", "S-1-5-2"},  {"OW", "S-1-3-4"},
        {"PU", "S-1-5-32-547"}, {"SU", "S-1-5-6"},      {"SY", "S-1-5-18"}, {"WD", "S-1-1-0"},
    };
    for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++) {
        if (length == 2 && memcmp(text, aliases[i].alias, 2) == 0)
            return sddl_sid(aliases[i].sid, strlen(aliases[i].sid), bytes);
    }
    if (length < 4 || memcmp(text, "S-1-", 4) != 0)
        fail("no SID", text);
    char *end;
    memset(bytes, 0, 8);
    bytes[0] = 1;
    bytes[7] = (uint8_t)strtoul(text + 4, &end, 10);
    while (end < text + length && *end == '-')
        put(bytes + 8 + 4 * bytes[1]++, 4, (uint32_t)strtoul(end + 1, &end, 10));
    if (end != text + length)
        fail("no SID", text);
    return 8 + 4 * (size_t)bytes[1];
}

/* Letters in pairs, or a number. */
static uint32_t flags(const char *text, const char *end, const struct word *words)
{
    uint32_t value = 0;
    if (end - text > 2 && text[0] == '0')
        return (uint32_t)strtoul(text, NULL, 16);
    for (; text < end; text += 2) {
        const struct word *word = words;
        while (word->text != NULL && memcmp(word->text, text, 2) != 0)
            word++;
        if (word->text == NULL)
            fail("unknown word", text);
        value |= word->value;
    }
    return value;
}

static const struct word ace_flags[] = {{"OI", 1}, {"CI", 2}, {"NP", 4}, {"IO", 8}, {"ID", 16}, {NULL, 0}};
static const struct word ace_rights[] = {
    {"FA", 0x1f01ff},   {"FR", 0x120089},    {"FW", 0x120116}, {"FX", 0x1200a0}, {"GA", 0x10000000}, {"GX", 0x20000000},
    {"GW", 0x40000000}, {"GR", 0x80000000u}, {"SD", 0x10000},  {"RC", 0x20000},  {"WD", 0x40000},    {"WO", 0x80000},
    {"CC", 0x1},        {"DC", 0x2},         {"LC", 0x4},      {"SW", 0x8},      {"RP", 0x10},       {"WP", 0x20},
    {"DT", 0x40},       {"LO", 0x80},        {"CR", 0x100},    {NULL, 0}};

/* "A;OICI;FA;;;SY" up to the bracket. Kinds: A, D, OA (with its object's flags, no GUID), XA, XD. */
static size_t put_ace(const char *text, uint8_t *at)
{
    const char *part[6], *end[6];
    for (size_t i = 0; i < 6; i++) {
        part[i] = text;
        end[i] = text + strcspn(text, ";)");
        text = end[i] + 1;
    }
    size_t length = (size_t)(end[0] - part[0]);
    bool object = length == 2 && part[0][0] == 'O';
    bool conditional = length == 2 && part[0][0] == 'X';
    bool denies = part[0][length - 1] == 'D';
    at[0] = (uint8_t)((denies ? 1 : 0) + (object ? 5 : conditional ? 9 : 0));
    at[1] = (uint8_t)flags(part[1], end[1], ace_flags);
    put(at + 4, 4, flags(part[2], end[2], ace_rights));
    size_t sid = object ? 12 : 8;
    if (object)
        put(at + 8, 4, 0);
    size_t size = sid + sddl_sid(part[5], (size_t)(end[5] - part[5]), at + sid);
    put(at + 2, 2, (uint32_t)size);
    return size;
}

static size_t put_dacl(const char *text, uint8_t *at)
{
    size_t size = 8, count = 0;
    memset(at, 0, 8);
    at[0] = 2;
    for (const char *ace = strchr(text, '('); ace != NULL; ace = strchr(ace + 1, '('), count++)
        size += put_ace(ace + 1, at + size);
    put(at + 2, 2, (uint32_t)size);
    put(at + 4, 2, (uint32_t)count);
    return size;
}

void sddl_make(const char *text, struct sddl *descriptor)
{
    uint8_t *bytes = descriptor->bytes;
    const char *dacl = strstr(text, "D:");
    memset(bytes, 0, 20);
    bytes[0] = 1;
    put(bytes + 2, 2, 0x8000 | (dacl != NULL ? 0x4 : 0)); /* SE_SELF_RELATIVE, SE_DACL_PRESENT */
    descriptor->size = 20;
    if (strncmp(text, "O:", 2) == 0) {
        const char *end = strstr(text, "G:");
        if (end == NULL || (dacl != NULL && end > dacl))
            end = dacl != NULL ? dacl : text + strlen(text);
        put(bytes + 4, 4, (uint32_t)descriptor->size);
        descriptor->size += sddl_sid(text + 2, (size_t)(end - text - 2), bytes + descriptor->size);
    }
    if (dacl == NULL)
        return;
    put(bytes + 16, 4, (uint32_t)descriptor->size);
    descriptor->size += put_dacl(dacl, bytes + descriptor->size);
}
