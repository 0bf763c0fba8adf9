/* The driver wsplsp-wsk.sys: its service, and what it is asked for. wsk_service_win.c and wsk_driver_win.c;
 * wsk_driver_native.c can only refuse. */
#ifndef WSPLSP_CLI_PROBE_WSK_DRIVER_H
#define WSPLSP_CLI_PROBE_WSK_DRIVER_H

#include <stdbool.h>

#include "lsp-core/base/error.h"
#include "wsplsp/wsk_device.h"

/* Loads the driver beside this program. `*changed` is false where it had been loaded before. WSPLSP_REFUSED where
 * others than administrators can replace its file, or that cannot be told, unless `force`. */
enum wsplsp_status wsk_load(bool force, bool *changed, struct wsplsp_error *error);

/* Unloads it and removes its service. WSPLSP_NOT_FOUND where there is none. */
enum wsplsp_status wsk_unload(struct wsplsp_error *error);

enum wsk_switch { WSK_UNKNOWN, WSK_OFF, WSK_ON };

struct wsk_state {
    const char *service; /* "absent", "stopped", "running", "changing"; static */
    char *file;          /* where the driver is looked for; new */
    bool file_present;
    bool answered; /* the driver did: `driver` */
    struct wsplsp_wsk_status driver;
    struct wsplsp_error unanswered; /* why it did not */
    enum wsk_switch test_signing;
    enum wsk_switch secure_boot;
};

/* What there is. On success `state->file` is for the caller to free. */
enum wsplsp_status wsk_get_state(struct wsk_state *state, struct wsplsp_error *error);

/* `*transports` is new. */
enum wsplsp_status wsk_get_transports(struct wsplsp_wsk_transports **transports, struct wsplsp_error *error);

struct wsk_connect_request {
    const char *host;
    uint16_t port;
    const char *local; /* NULL: any */
    uint32_t timeout;  /* milliseconds */
    uint32_t count;
};

/* Connects to the host's first address, which is put into `address` as text. `*connected` is new. */
enum wsplsp_status wsk_connect(const struct wsk_connect_request *request, char address[64],
                               struct wsplsp_wsk_connected **connected, struct wsplsp_error *error);

#endif
