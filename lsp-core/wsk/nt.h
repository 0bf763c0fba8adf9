/* The kernel's declarations and Winsock Kernel's, for every file of the driver. Natively, for the tests of the parts
 * that need no Windows, tests/wsk/nt_standin.h plays the kernel. */
#ifndef WSPLSP_CORE_WSK_NT_H
#define WSPLSP_CORE_WSK_NT_H

#ifdef _WIN32
#include <ntifs.h>
#else
#include "nt_standin.h"
#endif

#include "wsk.h"

#endif
