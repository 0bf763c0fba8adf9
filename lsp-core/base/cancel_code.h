/* How the host asks a layer of this project to cancel one operation. CancelIoEx names the operation by the program's
 * OVERLAPPED structure; the layer, which has put another one in its place, is the only one who knows which, and the SPI
 * has no function for it. On Windows itself nobody asks: there CancelIoEx finds no operation of a non-IFS layer's. */
#ifndef WSPLSP_CORE_BASE_CANCEL_CODE_H
#define WSPLSP_CORE_BASE_CANCEL_CODE_H

/* For WSPIoctl: the input is the structure's address, and there is no output. Of the vendors' codes, so that any other
 * layer or base refuses it or passes it down ("Winsock IOCTLs"). */
#define WSPLSP_SIO_CANCEL (0x80000000u | 0x18000000u | 0x05A30000u | 1u)

#endif
