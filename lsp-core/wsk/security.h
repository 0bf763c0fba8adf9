/* Who may open the device. */
#ifndef WSPLSP_CORE_WSK_SECURITY_H
#define WSPLSP_CORE_WSK_SECURITY_H

#include "nt.h"

/* Gives the device the security descriptor D:P(A;;GA;;;SY)(A;;GA;;;BA): the system and administrators, nobody else.
 * While the driver's entry function runs nobody can open the device yet. IRQL PASSIVE_LEVEL. */
NTSTATUS security_restrict(PDEVICE_OBJECT device);

#endif
