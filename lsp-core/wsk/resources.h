/* What the driver holds: memory (non-paged, never executable, zeroed), IRPs, work items, sockets. All of it is taken
 * and given back through here and counted, so that a status request can tell whether anything was left behind. IRQL <=
 * DISPATCH_LEVEL.
 */
#ifndef WSPLSP_CORE_WSK_RESOURCES_H
#define WSPLSP_CORE_WSK_RESOURCES_H

#include "nt.h"

/* NULL where there is no memory; resources_give releases it. */
void *resources_take(SIZE_T size);
void resources_give(void *memory);

/* An IRP with one stack location, for a WSK function; NULL where there is none. resources_give_irp releases it. */
PIRP resources_take_irp(void);
void resources_give_irp(PIRP irp);

/* A work item of the device; NULL where there is none. resources_give_work_item releases it. */
PIO_WORKITEM resources_take_work_item(PDEVICE_OBJECT device);
void resources_give_work_item(PIO_WORKITEM item);

/* A socket has been opened (1) or closed (-1). */
void resources_count_socket(LONG change);

/* Blocks of memory, IRPs and work items held. */
ULONG resources_held(void);
ULONG resources_sockets(void);

#endif
