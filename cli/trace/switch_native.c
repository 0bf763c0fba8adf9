/* There is no installed layer where there is no Windows; see switch.h. */
#include "switch.h"

static enum wsplsp_status fail(struct wsplsp_error *error)
{
    wsplsp_fail(error, WSPLSP_SYSTEM, 0, "NOT_WINDOWS", "the trace of an installed layer is switched on Windows only");
    return wsplsp_hint(error, "'wsplsp trace show FILE' reads a trace anywhere");
}

enum wsplsp_status trace_switch_read(struct trace_switch *settings, struct wsplsp_error *error)
{
    *settings = (struct trace_switch){0};
    return fail(error);
}

enum wsplsp_status trace_switch_write(struct trace_switch *settings, struct wsplsp_error *error)
{
    (void)settings;
    return fail(error);
}

enum wsplsp_status trace_switch_clear(struct wsplsp_error *error)
{
    return fail(error);
}
