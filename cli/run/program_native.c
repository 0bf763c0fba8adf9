/* `wsplsp run` where there is no Windows to run programs for. */
#include "program.h"

#include <stddef.h>

enum wsplsp_status run_possible(struct wsplsp_error *error)
{
    wsplsp_fail(error, WSPLSP_SYSTEM, 0, "NOT_WINDOWS", "'run' runs programs for Windows, on Windows only");
    return wsplsp_hint(error, "under Wine, use wsplsp.exe");
}

enum wsplsp_status run_program(const struct run_request *request, struct run_result *result, struct wsplsp_error *error)
{
    (void)request;
    (void)result;
    return run_possible(error);
}

enum wsplsp_status run_full_path(const char *path, char **full, struct wsplsp_error *error)
{
    (void)path;
    (void)full;
    return run_possible(error);
}

char *run_own_layer(int bits)
{
    (void)bits;
    return NULL;
}
