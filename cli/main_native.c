/* The program's entry on a POSIX system. */
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "main.h"

/* A closed standard stream's number would go to the next file that is opened; this takes it, in a way that makes
 * writing fail as it should. */
static void keep_standard_streams(void)
{
    for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++) {
        if (fcntl(stream, F_GETFD) < 0)
            (void)!open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    }
}

int main(int argc, char **argv)
{
    keep_standard_streams();
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is terminal_write's to judge */
    return cli_main(argc, argv);
}
