/* Code pages by iconv(3); see code_page_part.h. Character by character: glibc puts a letter and the mark behind it
 * together (1255, 1258), which Windows does not. glibc's tables agree with Windows's but where said below; what Windows
 * knows beyond them (characters of private use in 936, 949 and 950) is refused here. */
#include "code_page_part.h"

#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

uint32_t code_page_system(void)
{
    return CODE_PAGE_UNKNOWN;
}

static iconv_t open_page(uint32_t page, bool decode)
{
    char name[16];
    snprintf(name, sizeof name, page == 874 ? "WINDOWS-%lu" : "CP%lu", (unsigned long)page);
    return decode ? iconv_open("UTF-8", name) : iconv_open(name, "UTF-8");
}

bool code_page_convertible(uint32_t page)
{
    iconv_t opened = open_page(page, true);
    if (opened == (iconv_t)-1)
        return false;
    iconv_close(opened);
    return true;
}

/* Bytes that a code page leaves undefined are C1 controls to Windows: "cp1252.txt" and its like among Microsoft's best
 * fit tables at unicode.org have them. 936 has the euro sign at 0x80. */
static bool is_control(uint32_t page, uint32_t value)
{
    bool two_bytes = page == 932 || page == 936 || page == 949 || page == 950;
    return value >= 0x80 && value < (two_bytes ? 0x81u : 0xA0u);
}

enum { LONGEST = 8 };

/* The length of the result, or 0 with errno. */
static size_t convert_one(iconv_t opened, const char *from, size_t size, char to[LONGEST])
{
    char *in = (char *)from, *out = to;
    size_t left = size, room = LONGEST;
    iconv(opened, NULL, NULL, NULL, NULL);
    /* Anything but 0: it would have taken a similar character. */
    size_t result = iconv(opened, &in, &left, &out, &room);
    if (result == 0)
        result = iconv(opened, NULL, NULL, &out, &room);
    if (result != 0 && result != (size_t)-1)
        errno = EILSEQ;
    return result == 0 ? LONGEST - room : 0;
}

/* The length of the character at `bytes`, or 0; its UTF-8, `*length` long, goes to `utf8`. */
static size_t decode_one(iconv_t opened, uint32_t page, const char *bytes, size_t size, char utf8[LONGEST],
                         size_t *length)
{
    *length = 1;
    utf8[0] = bytes[0];
    if ((unsigned char)bytes[0] < 0x80)
        return 1;
    *length = convert_one(opened, bytes, 1, utf8);
    if (*length == 0 && errno == EILSEQ && is_control(page, (unsigned char)bytes[0])) {
        utf8[0] = '\xC2';
        utf8[1] = bytes[0];
        *length = 2;
    }
    if (*length > 0)
        return 1;
    if (errno == EINVAL && size > 1)
        *length = convert_one(opened, bytes, 2, utf8);
    return *length > 0 ? 2 : 0;
}

enum code_page_result code_page_decode(uint32_t page, const void *bytes, size_t size, char **utf8)
{
    iconv_t opened = open_page(page, true);
    if (opened == (iconv_t)-1)
        return errno == ENOMEM ? CODE_PAGE_NO_MEMORY : CODE_PAGE_REFUSED;
    /* A byte is a character of three bytes of UTF-8 at the most. */
    char *text = malloc(3 * size + LONGEST + 1);
    size_t at = 0, length = 0, taken = 1;
    for (size_t i = 0; i < size && taken > 0 && text != NULL; i += taken) {
        taken = decode_one(opened, page, (const char *)bytes + i, size - i, text + at, &length);
        at += length;
    }
    iconv_close(opened);
    if (text == NULL)
        return CODE_PAGE_NO_MEMORY;
    if (taken == 0) {
        free(text);
        return CODE_PAGE_REFUSED;
    }
    text[at] = '\0';
    *utf8 = text;
    return CODE_PAGE_DONE;
}

/* Of the characters that 950 has twice, Windows writes these with the higher code. */
static const struct {
    uint16_t point;
    char bytes[3];
} twice_950[] = {{0x2550, "\xF9\xF9"}, {0x255E, "\xF9\xE9"}, {0x2561, "\xF9\xEB"}, {0x256A, "\xF9\xEA"}};

static size_t encode_one(iconv_t opened, uint32_t page, const char *utf8, size_t length, uint32_t point,
                         char bytes[LONGEST])
{
    bytes[0] = utf8[0];
    if (point < 0x80)
        return 1;
    for (size_t i = 0; page == 950 && i < sizeof twice_950 / sizeof twice_950[0]; i++) {
        if (twice_950[i].point == point) {
            memcpy(bytes, twice_950[i].bytes, 2);
            return 2;
        }
    }
    size_t stored = convert_one(opened, utf8, length, bytes);
    if (stored == 0 && is_control(page, point)) {
        bytes[0] = (char)point;
        stored = 1;
    }
    return stored <= 2 ? stored : 0;
}

enum code_page_result code_page_encode(uint32_t page, const char *utf8, char **bytes)
{
    iconv_t opened = open_page(page, false);
    if (opened == (iconv_t)-1)
        return errno == ENOMEM ? CODE_PAGE_NO_MEMORY : CODE_PAGE_REFUSED;
    size_t size = strlen(utf8), at = 0, stored = 1;
    char *made = malloc(2 * size + LONGEST + 1);
    for (size_t i = 0; i < size && stored > 0 && made != NULL;) {
        uint32_t point;
        size_t length = text_next_utf8(utf8 + i, size - i, &point);
        stored = encode_one(opened, page, utf8 + i, length, point, made + at);
        at += stored;
        i += length;
    }
    iconv_close(opened);
    if (made == NULL)
        return CODE_PAGE_NO_MEMORY;
    if (stored == 0) {
        free(made);
        return CODE_PAGE_REFUSED;
    }
    made[at] = '\0';
    *bytes = made;
    return CODE_PAGE_DONE;
}
