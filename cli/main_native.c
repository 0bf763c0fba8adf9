/* The program's entry on a POSIX system. */
#include <signal.h>

#include "main.h"

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is terminal_write's to judge */
    return cli_main(argc, argv);
}
