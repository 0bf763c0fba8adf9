/* The program behind main() and wmain(). */
#ifndef WSPLSP_CLI_MAIN_H
#define WSPLSP_CLI_MAIN_H

/* Runs one command line, in UTF-8; the result is the exit status. The order of `argv` is kept. */
int cli_main(int argc, char **argv);

#endif
