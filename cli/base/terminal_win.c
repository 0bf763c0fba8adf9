/* Standard output and error on Windows; see terminal.h. A console gets UTF-16 whatever its code page is; files and
 * pipes get the UTF-8 bytes as they are. */
#include "terminal.h"

#include <windows.h>

#include <stdlib.h>

#include "lsp-core/win/errors_win.h"
#include "memory.h"

#ifndef ENABLE_VIRTUAL_TERMINAL_PROCESSING
#define ENABLE_VIRTUAL_TERMINAL_PROCESSING 0x0004
#endif

/* WriteConsole fails for texts over about 64 KiB before Windows 8; this stays well below. */
#define CONSOLE_UNITS 8192

static HANDLE handle_of(enum terminal_stream stream)
{
    return GetStdHandle(stream == TERMINAL_OUT ? STD_OUTPUT_HANDLE : STD_ERROR_HANDLE);
}

size_t terminal_width(void)
{
    CONSOLE_SCREEN_BUFFER_INFO info;
    if (!GetConsoleScreenBufferInfo(handle_of(TERMINAL_OUT), &info))
        return 0;
    /* The last column is left alone: a console wraps as soon as it is filled. */
    int width = info.srWindow.Right - info.srWindow.Left;
    return width > 0 ? (size_t)width : TERMINAL_PIPE_WIDTH;
}

bool terminal_colours(void)
{
    HANDLE out = handle_of(TERMINAL_OUT);
    DWORD mode;
    if (!GetConsoleMode(out, &mode))
        return false;
    /* Fails before Windows 10 version 1511, whose console would show the escapes as text. */
    return (mode & ENABLE_VIRTUAL_TERMINAL_PROCESSING) != 0 ||
           SetConsoleMode(out, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
}

bool terminal_can_ask(void)
{
    DWORD mode;
    return GetConsoleMode(GetStdHandle(STD_INPUT_HANDLE), &mode) && GetConsoleMode(handle_of(TERMINAL_ERR), &mode);
}

static enum wsplsp_status write_failed(enum terminal_stream stream, struct wsplsp_error *error)
{
    DWORD code = GetLastError();
    if (code == ERROR_BROKEN_PIPE || code == ERROR_NO_DATA || code == ERROR_PIPE_NOT_CONNECTED)
        return WSPLSP_OK;
    return wsplsp_fail(error, WSPLSP_SYSTEM, code, errors_win_name(code), "cannot write %s",
                       stream == TERMINAL_OUT ? "standard output" : "standard error");
}

static bool write_console(HANDLE console, const wchar_t *text, size_t units)
{
    while (units > 0) {
        DWORD part = units > CONSOLE_UNITS ? CONSOLE_UNITS : (DWORD)units;
        if (part < units && IS_HIGH_SURROGATE(text[part - 1]))
            part--;
        DWORD written;
        if (!WriteConsoleW(console, text, part, &written, NULL) || written == 0)
            return false;
        text += written;
        units -= written;
    }
    return true;
}

static enum wsplsp_status write_text(enum terminal_stream stream, const char *bytes, size_t size,
                                     struct wsplsp_error *error)
{
    int units = MultiByteToWideChar(CP_UTF8, 0, bytes, (int)size, NULL, 0);
    wchar_t *text = memory_alloc((size_t)units * sizeof *text);
    MultiByteToWideChar(CP_UTF8, 0, bytes, (int)size, text, units);
    bool written = write_console(handle_of(stream), text, (size_t)units);
    free(text);
    return written ? WSPLSP_OK : write_failed(stream, error);
}

enum wsplsp_status terminal_write(enum terminal_stream stream, const char *bytes, size_t size,
                                  struct wsplsp_error *error)
{
    HANDLE handle = handle_of(stream);
    DWORD mode;
    if (size > 0 && size <= INT_MAX && GetConsoleMode(handle, &mode))
        return write_text(stream, bytes, size, error);
    while (size > 0) {
        DWORD part = size > (1u << 20) ? 1u << 20 : (DWORD)size;
        DWORD written;
        if (!WriteFile(handle, bytes, part, &written, NULL))
            return write_failed(stream, error);
        bytes += written;
        size -= written;
    }
    return WSPLSP_OK;
}
