/* The layer's interface (wsplsp-layer.dll) beside the WSPStartup that every service provider has, and the settings of
 * an installed layer. Windows. */
#ifndef WSPLSP_LAYER_H
#define WSPLSP_LAYER_H

#include <stdint.h>
#include <winsock2.h>

/* For a host that loads the layer itself. Later versions add members at the end; `size` says which are there. */
struct wsplsp_layer_config {
    uint32_t size;              /* sizeof(struct wsplsp_layer_config) */
    uint32_t trace_data_bytes;  /* so many bytes of each call's data are recorded; 0: none */
    const wchar_t *trace_file;  /* absolute, and not there yet; NULL: no trace */
    const wchar_t *filter_file; /* absolute: a filter (wsplsp/filter.h); NULL: none */
    uint32_t flags;             /* WSPLSP_LAYER_VERBOSE */
};

/* Say in one line on standard error what the filter cannot do with the sockets of an IFS layer. */
#define WSPLSP_LAYER_VERBOSE 1u

/* Called before WSPStartup, from then on the settings below are not read. Zero, WSAEINVAL for a size that is too small,
 * or WSASYSNOTREADY where the trace's file cannot be made; then the layer works without it; or WSAEINPROGRESS, where
 * another call does not come to an end, such as that which is loading the filter and which this one is made from. The
 * DLL exports it as "wsplsp_layer_configure". What `config` points to is not kept.
 *
 * A process has one filter: the first that is named. Without it the layer does not work: WSPStartup fails where the
 * filter is not to be had or not there yet, and this function with WSAEPROVIDERFAILEDINIT (it cannot be loaded; the
 * last error says why), WSAEINVALIDPROCTABLE (it does not export what it has to, or its table is too small),
 * WSAVERNOTSUPPORTED or WSAEREFUSED (it refuses to work). */
typedef int(WINAPI *wsplsp_layer_configure_function)(const struct wsplsp_layer_config *config);

#define WSPLSP_LAYER_CONFIGURE "wsplsp_layer_configure"

/* Puts a record of an upcall that a host has something to say about into the trace; `function` and the arguments are
 * those of wsplsp/trace.h, `error` is what it fails with, 0 where it succeeds. Does nothing where the trace is off. The
 * DLL exports it as "wsplsp_layer_trace_upcall"; with the trace on it stays loaded. */
typedef void(WINAPI *wsplsp_layer_trace_upcall_function)(uint32_t function, uint32_t id, uint32_t chain, int error);

#define WSPLSP_LAYER_TRACE_UPCALL "wsplsp_layer_trace_upcall"

/* Without wsplsp_layer_configure the layer looks here, once, at a process's first WSPStartup; in the 64-bit view of the
 * registry, whatever its own bitness. Only administrators can write there. */
#define WSPLSP_LAYER_TRACE_KEY L"SOFTWARE\\wsplsp\\Trace" /* of HKEY_LOCAL_MACHINE */
/* REG_MULTI_SZ: the programs that are traced. A name without a backslash means every program of that name. */
#define WSPLSP_LAYER_TRACE_PROGRAMS L"Programs"
/* REG_SZ, absolute: a process writes <program>-<process id>-<FILETIME, hexadecimal>.wsptrace there. */
#define WSPLSP_LAYER_TRACE_FOLDER L"Folder"
/* REG_DWORD: trace_data_bytes. */
#define WSPLSP_LAYER_TRACE_DATA L"DataBytes"

#endif
