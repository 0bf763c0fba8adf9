/* What one run of `wsplsp run` shares between its processes: its settings and its private catalog, in a section that
 * the launcher makes and each hosted process hands on to its children, read-only. The settings are copied when a
 * process attaches. Who may change the catalog, run_object.h says: processes that could do as they like with the
 * launcher anyway. */
#ifndef WSPLSP_CORE_HOST_LAUNCH_CONFIG_H
#define WSPLSP_CORE_HOST_LAUNCH_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config_section.h"
#include "lsp-core/win/winsock.h"
#include "lsp-core/base/error.h"

/* What the launcher leaves in a new process's memory, and gives wsplsp_host_start the address of. The handles are
 * that process's own; the answer is written by the host. */
struct host_start {
    uint32_t size;
    uint32_t version; /* CONFIG_VERSION */
    uint32_t section; /* handle values have 32 significant bits on both sides */
    uint32_t mutex;
    uint32_t report;    /* of the pipe to the launcher; see report.h */
    uint32_t cancelled; /* 1: the launcher has given up waiting, and the process runs without the host */
    uint32_t first;     /* 1: this process is what the user named; a layer that cannot be loaded is an error */
    uint32_t status;    /* answer: enum wsplsp_status */
    uint32_t code;      /* answer: as in struct wsplsp_error, as are the next three */
    char name[48];
    char message[512];
    char hint[256];
};

struct config_settings {
    uint32_t flags;
    const wchar_t *catalog_file; /* NULL for an in-memory catalog */
    const wchar_t *trace_file;   /* NULL: no trace */
    uint32_t trace_data_bytes;
    uint32_t code_page;
    const wchar_t *filter_file[2]; /* as in struct config; NULL: none */
    const wchar_t *folder[2];      /* as in struct config; NULL where there is no such host */
    const uint32_t (*posting)[2];  /* as in struct config, CONFIG_POSTING of them; NULL: none */
};

/* The launcher's side: makes the section and the mutex. */
enum wsplsp_status config_create(const struct config_settings *settings, struct wsplsp_error *error);

/* The hosted side: takes over what the launcher left. */
enum wsplsp_status config_attach(const struct host_start *start, struct wsplsp_error *error);

/* Gives another process its own handles of what this one has, and fills `start` for it. */
enum wsplsp_status config_share(HANDLE process, struct host_start *start, struct wsplsp_error *error);
/* Takes them away again. */
void config_unshare(HANDLE process, const struct host_start *start);

/* This process's own copy, good until the process ends; NULL before config_create or config_attach. */
const struct config *config_get(void);

/* Whether packets for sockets of that entry's layer come though the program has set
 * FILE_SKIP_COMPLETION_PORT_ON_SUCCESS. */
bool config_posts(uint32_t catalog_id);

/* The pipe's end for this process; NULL where there is none. */
HANDLE config_report_pipe(void);

/* One thread of this process at a time; with `change`, also one process of the run, which fails with WSPLSP_DENIED
 * where this process may not change the catalog, and with the name WAIT_TIMEOUT where another one keeps it. A process
 * that died holding it releases it. */
enum wsplsp_status config_lock(bool change, struct wsplsp_error *error);
void config_unlock(void);

/* The in-memory catalog's text, a new copy. `*generation` says which one it is: it has changed where config_generation
 * differs. Needs no lock. */
enum wsplsp_status config_catalog_read(void **text, size_t *size, LONG *generation, struct wsplsp_error *error);
LONG config_generation(void);

/* Replaces the text. The caller holds the lock, for a change, since before it read what it changed. */
enum wsplsp_status config_catalog_write(const void *text, size_t size, struct wsplsp_error *error);

#endif
