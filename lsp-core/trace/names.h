/* Names for what a trace's numbers mean, as Microsoft's headers have them. Portable: a trace made on Windows is read
 * anywhere. All strings are static; NULL where there is no name. */
#ifndef WSPLSP_CORE_TRACE_NAMES_H
#define WSPLSP_CORE_TRACE_NAMES_H

#include <stdint.h>

#include "lsp-core/catalog/flags.h"

/* "WSPConnect", "AcceptEx", "WSARecvMsg". */
const char *trace_function_name(unsigned function);
/* The reverse, in any case and with or without "WSP" or "WSA" in front; 0: no such function. */
unsigned trace_function_find(const char *name);
/* Its number by index, for all there are; 0 behind the last. */
unsigned trace_function_at(size_t index);

/* "WSAECONNREFUSED", "ERROR_NETNAME_DELETED". */
const char *trace_error_name(int32_t error);

const char *trace_level_name(uint32_t level);
const char *trace_option_name(uint32_t level, uint32_t option);
const char *trace_ioctl_name(uint32_t code);
const char *trace_shutdown_name(uint32_t how);

extern const struct flag trace_message_flags[]; /* MSG_* */
extern const struct flag trace_socket_flags[];  /* WSA_FLAG_* */
extern const struct flag trace_event_bits[];    /* FD_* */
extern const struct flag trace_file_flags[];    /* TF_* of TransmitFile */
extern const struct flag trace_packet_flags[];  /* TP_* of TransmitPackets */
extern const struct flag trace_reuse_flags[];   /* TF_REUSE_SOCKET, of DisconnectEx */

#endif
