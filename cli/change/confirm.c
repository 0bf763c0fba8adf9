/* The question before a change; see confirm.h. */
#include "confirm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/base/memory.h"
#include "cli/base/terminal.h"

/* What is to be agreed to has to be read first. */
static enum wsplsp_status show(struct output *output, struct wsplsp_error *error)
{
    enum wsplsp_status status = terminal_write(TERMINAL_OUT, output->buffer.bytes, output->buffer.size, error);
    buffer_free(&output->buffer);
    return status;
}

static enum wsplsp_status ask(const char *question, struct wsplsp_error *error)
{
    char *text = memory_format("%s [y/N] ", question);
    char answer[16] = "";
    enum wsplsp_status status = terminal_write(TERMINAL_ERR, text, strlen(text), error);
    free(text);
    if (status != WSPLSP_OK)
        return status;
    if (fgets(answer, sizeof answer, stdin) != NULL && (answer[0] == 'y' || answer[0] == 'Y'))
        return WSPLSP_OK;
    return wsplsp_fail(error, WSPLSP_REFUSED, 0, "NOT_CONFIRMED", "nothing has been changed: it was not agreed to");
}

bool confirm_asks(const struct options *options)
{
    return !options_has(options, OPTION_YES) && !options->json && terminal_can_ask();
}

enum wsplsp_status confirm(const struct options *options, bool system, const char *question, struct output *output,
                           struct wsplsp_error *error)
{
    if (options_has(options, OPTION_YES))
        return WSPLSP_OK;
    if (confirm_asks(options))
        return show(output, error) == WSPLSP_OK ? ask(question, error) : error->status;
    if (!system)
        return WSPLSP_OK;
    wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "changing the running system needs --yes where nobody can be asked");
    return wsplsp_hint(error, "--dry-run shows the plan first");
}
