/* The layer's settings: from the host that loaded it (include/wsplsp/layer.h), else from the registry, where only
 * administrators can write. Never from the environment or a file of the process that it happens to be loaded into. */
#ifndef WSPLSP_CORE_LAYER_CONFIG_H
#define WSPLSP_CORE_LAYER_CONFIG_H

/* Reads the settings of the registry, once a process, unless a host has given its own. */
void config_read(void);

#endif
