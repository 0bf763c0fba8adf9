/* The files and the filter of `wsplsp trace`; see input.h. */
#include "input.h"

#include "lsp-core/trace/names.h"

static enum wsplsp_status fail(const char *option, const char *text, const char *hint, struct wsplsp_error *error)
{
    wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "%s cannot be '%.100s'", option, text);
    return wsplsp_hint(error, "%s", hint);
}

static enum wsplsp_status make_filter(const struct options *options, struct trace_filter *filter,
                                      struct wsplsp_error *error)
{
    uint64_t process = 0;
    *filter = (struct trace_filter){
        .by_socket = options->socket != NULL,
        .by_function = options->function != NULL,
        .by_process = options->pid != NULL,
        .errors = (options->given & OPTION(ERRORS)) != 0,
    };
    if (filter->by_socket && !trace_filter_number(options->socket, UINT64_MAX, &filter->socket))
        return fail("--socket", options->socket, "it takes a handle as 'trace show' prints them: 0x1a4", error);
    if (filter->by_process && !trace_filter_number(options->pid, UINT32_MAX, &process))
        return fail("--pid", options->pid, "it takes a process id: 4120", error);
    if (filter->by_function && (filter->function = trace_function_find(options->function)) == 0)
        return fail("--function", options->function, "it takes a function such as WSPConnect, connect or AcceptEx",
                    error);
    if (options->slower != NULL && !trace_filter_duration(options->slower, &filter->slower))
        return fail("--slower", options->slower, "it takes a time with its unit: 10ms, 1.5s, 250us, 80ns", error);
    filter->process = (uint32_t)process;
    return WSPLSP_OK;
}

enum wsplsp_status trace_input(const struct options *options, struct trace **trace, struct trace_filter *filter,
                               struct wsplsp_error *error)
{
    if (options->catalog != NULL)
        return wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "a trace is not read from a catalog");
    if (make_filter(options, filter, error) != WSPLSP_OK)
        return error->status;
    return trace_read(options->operands, options->operand_count, trace, error);
}

enum wsplsp_status trace_input_data(const struct options *options, uint32_t *bytes, struct wsplsp_error *error)
{
    uint64_t number = 0;
    if (options->data != NULL && !trace_filter_number(options->data, WSPLSP_TRACE_DATA_LIMIT, &number))
        return fail("--data", options->data, "it takes a number of bytes up to 4096", error);
    *bytes = (uint32_t)number;
    return WSPLSP_OK;
}
