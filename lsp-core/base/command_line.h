/* The command line of a process, as one text: Windows has no other, and each program cuts it up as it likes. */
#ifndef WSPLSP_CORE_BASE_COMMAND_LINE_H
#define WSPLSP_CORE_BASE_COMMAND_LINE_H

#include <stddef.h>
#include <wchar.h>

/* How many words the C runtime makes of it, the program's name included. */
size_t command_line_words(const wchar_t *line);

/* What stands from word number `word` (0: the program's name) to the end, quotes and all. */
const wchar_t *command_line_from(const wchar_t *line, size_t word);

#endif
