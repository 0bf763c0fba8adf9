/* GUIDs as text; see guid.h. New ones are made in guid_native.c and guid_win.c. */
#include "guid.h"

#include <stdio.h>
#include <string.h>

bool wsplsp_guid_equal(const struct wsplsp_guid *a, const struct wsplsp_guid *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

/* The order in which the text form shows the bytes: Data1 to Data3 are little endian in memory. */
static const uint8_t guid_order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};

static bool dash_before(size_t byte)
{
    return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

void wsplsp_guid_format(const struct wsplsp_guid *guid, char text[WSPLSP_GUID_TEXT])
{
    char *end = text;
    *end++ = '{';
    for (size_t i = 0; i < 16; i++) {
        if (dash_before(i))
            *end++ = '-';
        snprintf(end, 3, "%02X", guid->bytes[guid_order[i]]);
        end += 2;
    }
    *end++ = '}';
    *end = '\0';
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool wsplsp_guid_parse(const char *text, struct wsplsp_guid *guid)
{
    struct wsplsp_guid parsed;
    bool braces = *text == '{';
    text += braces;
    for (size_t i = 0; i < 16; i++) {
        if (dash_before(i) && *text++ != '-')
            return false;
        int high = hex_digit(text[0]);
        int low = high < 0 ? -1 : hex_digit(text[1]);
        if (low < 0)
            return false;
        parsed.bytes[guid_order[i]] = (uint8_t)(high << 4 | low);
        text += 2;
    }
    if (braces && *text++ != '}')
        return false;
    if (*text != '\0')
        return false;
    *guid = parsed;
    return true;
}
