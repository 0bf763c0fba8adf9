/* Standard output and error on a POSIX system; see terminal.h. */
#include "terminal.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

size_t terminal_width(void)
{
    struct winsize window;
    if (!isatty(STDOUT_FILENO))
        return 0;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0)
        return window.ws_col;
    return TERMINAL_PIPE_WIDTH;
}

bool terminal_colours(void)
{
    const char *type = getenv("TERM");
    return isatty(STDOUT_FILENO) && type != NULL && strcmp(type, "dumb") != 0;
}

bool terminal_can_ask(void)
{
    return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

/* Whoever shares a pipe or terminal with this program may have made its writes return instead of wait. */
static void wait_until_writable(int file)
{
    struct pollfd wanted = {.fd = file, .events = POLLOUT};
    poll(&wanted, 1, -1);
}

enum wsplsp_status terminal_write(enum terminal_stream stream, const char *bytes, size_t size,
                                  struct wsplsp_error *error)
{
    while (size > 0) {
        ssize_t written = write(stream, bytes, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0 && errno == EPIPE)
            return WSPLSP_OK;
        if (written < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            wait_until_writable(stream);
            continue;
        }
        if (written < 0) {
            wsplsp_fail_errno(error, errno, "write", stream == TERMINAL_OUT ? "standard output" : "standard error");
            return error->status = WSPLSP_SYSTEM;
        }
        bytes += written;
        size -= (size_t)written;
    }
    return WSPLSP_OK;
}
