/* The rules for what a program may send to the device. Portable: nothing but the bytes is looked at. */
#ifndef WSPLSP_CORE_WSK_REQUEST_CHECK_H
#define WSPLSP_CORE_WSK_REQUEST_CHECK_H

#include "nt.h"
#include "wsplsp/wsk_device.h"

/* Whether the `input_size` bytes at `input` (NULL only if 0) are a request of this code that can be carried out, and
 * whether its answer fits `output_size` bytes. Else the status that the request fails with: see wsk_device.h. */
NTSTATUS request_check(ULONG code, const void *input, SIZE_T input_size, SIZE_T output_size);

#endif
