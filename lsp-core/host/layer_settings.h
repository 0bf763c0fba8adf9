/* What the host tells a layer that has wsplsp's entry for it (wsplsp/layer.h): the run's trace. Other layers are not
 * told anything. */
#ifndef WSPLSP_HOST_LAYER_SETTINGS_H
#define WSPLSP_HOST_LAYER_SETTINGS_H

#include <stdbool.h>

#include "winsock.h"

/* `first` as in struct host_start. Call it once, after config_attach. */
void layer_settings_start(bool first);

/* For a layer's DLL that has just been loaded. */
void layer_settings_hand_over(HMODULE layer);

#endif
