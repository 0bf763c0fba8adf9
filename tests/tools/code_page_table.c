/* Prints what a code page makes of each byte and each pair of bytes, and back, for comparing with other
 * implementations: "decode 835c 30bd", "encode 30bd 835c". usage: code_page_table PAGE */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lsp-core/base/code_page.h"
#include "lsp-core/base/text.h"

static uint32_t page;

/* One character: what is two is told with the single bytes. False where nothing is decided. */
static bool decode(const char *bytes, size_t size, uint32_t *point)
{
    char *utf8 = NULL;
    if (code_page_to_utf8(page, bytes, size, &utf8) != CODE_PAGE_DONE)
        return false;
    size_t length = strlen(utf8);
    bool one = length > 0 && text_next_utf8(utf8, length, point) == length;
    free(utf8);
    return one;
}

static void print_hex(const char *bytes)
{
    for (; *bytes != '\0'; bytes++)
        printf("%02x", (unsigned char)*bytes);
}

static void print(const char *bytes, size_t size)
{
    uint32_t point;
    char utf8[8] = "", again[8];
    if (!decode(bytes, size, &point))
        return;
    printf("decode ");
    print_hex(bytes);
    printf(" %04lx\n", (unsigned long)point);
    char *text = NULL;
    if (code_page_to_utf8(page, bytes, size, &text) != CODE_PAGE_DONE)
        exit(1);
    snprintf(utf8, sizeof utf8, "%s", text);
    free(text);
    if (code_page_write_path(page, utf8, again, sizeof again) != CODE_PAGE_DONE)
        exit(1); /* what can be read can be written */
    printf("encode %04lx ", (unsigned long)point);
    print_hex(again);
    printf("\n");
}

int main(int argc, char **argv)
{
    if (argc != 2 || !code_page_parse(argv[1], &page))
        return 2;
    for (int first = 1; first < 256; first++) {
        char bytes[3] = {(char)first};
        print(bytes, 1);
        for (int second = 1; second < 256 && first >= 0x80; second++) {
            bytes[1] = (char)second;
            print(bytes, 2);
        }
    }
    return 0;
}
