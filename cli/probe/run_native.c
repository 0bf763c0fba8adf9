/* `wsplsp probe` where there is no Winsock to connect through. */
#include "run.h"

enum wsplsp_status probe_run(const struct probe_request *request, struct probe_report **report,
                             struct wsplsp_error *error)
{
    (void)request;
    (void)report;
    wsplsp_fail(error, WSPLSP_SYSTEM, 0, "NOT_WINDOWS", "'probe' connects through Winsock, on Windows only");
    return wsplsp_hint(error, "under Wine, use wsplsp.exe");
}
