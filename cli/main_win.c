/* The program's entry on Windows: the command line as UTF-8, whatever the system's code page is. */
#include <windows.h>

#include <stdlib.h>

#include "main.h"
#include "cli/base/memory.h"

/* MinGW's start-up code would expand "*" in arguments; names such as "MSAFD*" are not file names. */
int _dowildcard = 0;

static char *argument_utf8(const wchar_t *wide)
{
    int size = WideCharToMultiByte(CP_UTF8, 0, wide, -1, NULL, 0, NULL, NULL);
    char *text = memory_alloc((size_t)size);
    WideCharToMultiByte(CP_UTF8, 0, wide, -1, text, size, NULL, NULL);
    return text;
}

int wmain(int argc, wchar_t **wide)
{
    char **argv = memory_alloc(((size_t)argc + 1) * sizeof *argv);
    for (int i = 0; i < argc; i++)
        argv[i] = argument_utf8(wide[i]);
    int status = cli_main(argc, argv);
    for (int i = 0; i < argc; i++)
        free(argv[i]);
    free(argv);
    return status;
}
