/* What the host tells a layer that has wsplsp's entry for it (wsplsp/layer.h): the run's trace and filter. Other
 * layers are not told anything. */
#ifndef WSPLSP_CORE_HOST_LAUNCH_LAYER_SETTINGS_H
#define WSPLSP_CORE_HOST_LAUNCH_LAYER_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "lsp-core/win/winsock.h"
#include "lsp-core/base/error.h"

/* `first` as in struct host_start. Call it once, after config_attach. */
void layer_settings_start(bool first);

/* Whether there is anything to be told. */
bool layer_settings_are_any(void);

/* For a layer's DLL that has just been loaded. */
void layer_settings_hand_over(HMODULE layer);

/* Records an upcall in the trace of the run, if it has one; see wsplsp/layer.h. */
void layer_settings_trace_upcall(uint32_t function, uint32_t id, uint32_t chain, int error);

/* After the layers have been loaded once: the filter that the run should have is an error where none of them has it. */
enum wsplsp_status layer_settings_check(struct wsplsp_error *error);

#endif
