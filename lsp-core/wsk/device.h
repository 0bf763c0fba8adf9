/* The control device: its name, who may open it, what it answers. IRQL PASSIVE_LEVEL. */
#ifndef WSPLSP_CORE_WSK_DEVICE_H
#define WSPLSP_CORE_WSK_DEVICE_H

#include "nt.h"

/* Creates the device with its dispatch routines; from the driver's entry function only. */
NTSTATUS device_create(PDRIVER_OBJECT driver);

/* Takes the name away, so that nobody can open it any more. */
void device_hide(void);

void device_delete(PDRIVER_OBJECT driver);

#endif
