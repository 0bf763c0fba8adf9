/* Reads the command line, runs its command, and writes what came out: once, at the end, with the write checked. */
#include "main.h"

#include <stdlib.h>

#include "help.h"
#include "lsp-core/base/code_page.h"
#include "commands.h"
#include "cli/base/memory.h"
#include "cli/out/json.h"
#include "cli/out/text.h"
#include "cli/base/terminal.h"

static void output_prepare(struct output *output)
{
    const char *no_colour = getenv("NO_COLOR"); /* https://no-color.org: any value but an empty one */
    size_t width = terminal_width();
    output->width = width > 0 ? width : TERMINAL_PIPE_WIDTH;
    output->colour = width > 0 && (no_colour == NULL || no_colour[0] == '\0') && terminal_colours();
}

/* Says an error the way the user asked for; a failure of that very write has nowhere left to be told. */
static void report_error(const struct wsplsp_error *error, bool json)
{
    struct output output = {.width = TERMINAL_PIPE_WIDTH};
    struct wsplsp_error ignored;
    if (json)
        json_error(&output, error);
    else
        text_error(&output, error);
    terminal_write(json ? TERMINAL_OUT : TERMINAL_ERR, output.buffer.bytes, output.buffer.size, &ignored);
    buffer_free(&output.buffer);
}

/* Takes the command's words off the operands and checks that it takes what is left. */
static const struct command *settle_command(struct options *options, struct wsplsp_error *error)
{
    size_t taken;
    const struct command *command = commands_find(options->operands, options->operand_count, &taken, error);
    if (command == NULL)
        return NULL;
    options->operand_count -= taken;
    for (size_t i = 0; i < options->operand_count; i++)
        options->operands[i] = options->operands[i + taken];

    option_set unwanted = options->given & ~(command->options | OPTIONS_GLOBAL);
    if (unwanted != 0) {
        options_fail_unwanted(unwanted, command->name, error);
        return NULL;
    }
    if ((options->given & OPTION(HELP)) != 0)
        return command;
    if (options->code_page != CODE_PAGE_UNKNOWN && options->catalog == NULL && !command->names_file) {
        wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "--code-page goes with a catalog from a file");
        wsplsp_hint(error, "the running system tells its own; name the file with --catalog");
        return NULL;
    }
    if (options->operand_count >= command->operands_min && options->operand_count <= command->operands_max)
        return command;
    if (options->operand_count > command->operands_max)
        wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "'%s' does not take '%.100s'", command->name,
                    options->operands[command->operands_max]);
    else
        wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "'%s' needs %s", command->name, command->operands);
    wsplsp_hint(error, "'wsplsp help %s' shows how it is used", command->name);
    return NULL;
}

/* Global options up to the command's first word, then all else. */
static enum wsplsp_status read_command_line(int argc, char **argv, struct options *options, struct wsplsp_error *error)
{
    int used;
    if (options_read(argc, argv, OPTIONS_GLOBAL, OPTIONS_END_OPERAND, options, &used, error) != WSPLSP_OK)
        return error->status;
    if (used < argc && !commands_know(argv[used])) {
        size_t taken;
        const char *word = argv[used];
        commands_find(&word, 1, &taken, error);
        return error->status;
    }
    enum wsplsp_status status;
    if (used < argc && commands_take_program(argv[used])) {
        options_add_operand(options, argv[used]);
        status = options_read(argc - used, argv + used, OPTIONS_ALL, OPTIONS_END_PROGRAM, options, &used, error);
    } else {
        /* From the element before the command's name, where getopt expects the program's. */
        status = options_read(argc - used + 1, argv + used - 1, OPTIONS_ALL, OPTIONS_END_NEVER, options, &used, error);
    }
    options->complete = status == WSPLSP_OK;
    return status;
}

static enum wsplsp_status run_command(int argc, char **argv, struct options *options, struct output *output,
                                      struct wsplsp_error *error)
{
    if (read_command_line(argc, argv, options, error) != WSPLSP_OK)
        return error->status;
    if ((options->given & OPTION(VERSION)) != 0)
        return cmd_version(options, output, error);
    if ((options->given & OPTION(HELP)) != 0 && options->operand_count == 0)
        return cmd_help(options, output, error);
    const struct command *command = settle_command(options, error);
    if (command == NULL)
        return error->status;
    if ((options->given & OPTION(HELP)) != 0)
        return help_command(command, options, output);
    return command->run(options, output, error);
}

int cli_main(int argc, char **argv)
{
    struct options options = {.json = false};
    struct output output = {.width = TERMINAL_PIPE_WIDTH};
    struct wsplsp_error error;
    bool json = options_want_json(argc, argv, commands_take_program);

    json_prepare();
    if (json)
        memory_report_json();
    output_prepare(&output);
    enum wsplsp_status status = run_command(argc, argv, &options, &output, &error);
    if (options.complete)
        json = options.json; /* the guess may have been an option of the program that `run` is to start */
    bool failed = status != WSPLSP_OK && status != WSPLSP_FINDINGS;
    if (!failed && terminal_write(TERMINAL_OUT, output.buffer.bytes, output.buffer.size, &error) != WSPLSP_OK) {
        status = error.status;
        failed = true;
        json = false; /* standard output is what cannot be written */
    }
    if (failed)
        report_error(&error, json);
    buffer_free(&output.buffer);
    options_free(&options);
    return (int)status;
}
