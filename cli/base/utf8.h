/* UTF-8 as a terminal takes it: how many columns a text fills, and a form of it that cannot steer the terminal. */
#ifndef WSPLSP_CLI_BASE_UTF8_H
#define WSPLSP_CLI_BASE_UTF8_H

#include <stddef.h>

/* A new copy for showing to people: control characters, bidirectional controls and other invisible ones become
 * "\u001B", malformed bytes U+FFFD. Names come from files that anybody may have made. */
char *utf8_shown(const char *text);

/* A new copy with malformed bytes as U+FFFD and all else kept: what JSON can carry. */
char *utf8_valid(const char *text);

/* The columns that a text (from utf8_shown) fills. */
size_t utf8_columns(const char *text);

/* How many bytes of it fill at most `columns`. */
size_t utf8_fit(const char *text, size_t columns);

#endif
