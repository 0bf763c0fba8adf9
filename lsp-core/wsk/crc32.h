/* CRC-32 as ISO-HDLC has it (zlib, Ethernet, PNG). */
#ifndef WSPLSP_CORE_WSK_CRC32_H
#define WSPLSP_CORE_WSK_CRC32_H

#include <stdint.h>

/* Goes on from the CRC of what came before; 0 at the start. */
uint32_t crc32_more(uint32_t crc, const void *data, uint32_t size);

#endif
