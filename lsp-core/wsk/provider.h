/* The driver's registration with the WSK subsystem: WskRegister, WskCaptureProviderNPI and their counterparts. */
#ifndef WSPLSP_CORE_WSK_PROVIDER_H
#define WSPLSP_CORE_WSK_PROVIDER_H

#include "nt.h"
#include "wsplsp/wsk_device.h"

/* Registers, waits a limited time for the subsystem and finds out whether it has a WskSocketConnect of its own.
 * IRQL PASSIVE_LEVEL. */
NTSTATUS provider_attach(void);

/* Releases the provider and deregisters. All sockets must be closed and all calls have returned: WskDeregister would
 * wait for them. IRQL PASSIVE_LEVEL. */
void provider_detach(void);

/* The captured provider. */
const WSK_PROVIDER_NPI *provider_npi(void);

/* WSPLSP_WSK_PROVIDER or WSPLSP_WSK_OWN. */
enum wsplsp_wsk_implementation provider_implementation(void);

#endif
