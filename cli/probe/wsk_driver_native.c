/* `wsplsp wsk` where no driver of Windows can be loaded. */
#include "wsk_driver.h"

static enum wsplsp_status refuse(struct wsplsp_error *error)
{
    wsplsp_fail(error, WSPLSP_SYSTEM, 0, "NOT_WINDOWS", "'wsk' loads and asks a driver for Windows, on Windows only");
    return wsplsp_hint(error, "under Wine, use wsplsp.exe");
}

enum wsplsp_status wsk_load(bool force, bool *changed, struct wsplsp_error *error)
{
    (void)force;
    (void)changed;
    return refuse(error);
}

enum wsplsp_status wsk_unload(struct wsplsp_error *error)
{
    return refuse(error);
}

enum wsplsp_status wsk_get_state(struct wsk_state *state, struct wsplsp_error *error)
{
    (void)state;
    return refuse(error);
}

enum wsplsp_status wsk_get_transports(struct wsplsp_wsk_transports **transports, struct wsplsp_error *error)
{
    (void)transports;
    return refuse(error);
}

enum wsplsp_status wsk_connect(const struct wsk_connect_request *request, char address[64],
                               struct wsplsp_wsk_connected **connected, struct wsplsp_error *error)
{
    (void)request;
    (void)address;
    (void)connected;
    return refuse(error);
}
