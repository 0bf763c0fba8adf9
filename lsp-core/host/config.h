/* What one run of `wsplsp run` shares between its processes: its settings and its private catalog, in an unnamed
 * section that the launcher makes and each hosted process hands on to its children. Unnamed, because another user can
 * prepare or open what has a name. 32-bit and 64-bit processes read the same bytes: no pointers, no handles in it. */
#ifndef WSPLSP_HOST_CONFIG_H
#define WSPLSP_HOST_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "winsock.h"
#include "wsplsp/error.h"

#define CONFIG_MAGIC   0x48505357u /* "WSPH" */
#define CONFIG_VERSION 5u          /* changes with this layout: launcher and host have to come from one build */
#define CONFIG_PATH    4096        /* of the file and folder names, in UTF-16 units */

#define CONFIG_VERBOSE      1u /* say in one line on standard error which child could not be hosted */
#define CONFIG_FILE_CATALOG 2u /* the catalog is the file `catalog_file`, not the text in the section */
#define CONFIG_STRICT       4u /* refuse what layers do against the reference; see provider_strict */

#define CONFIG_POSTING 32 /* layers with skip=post */

/* Room for the in-memory catalog as .reg text, twice: a writer fills the half that nobody reads, then switches. */
#define CONFIG_CATALOG_SIZE (4u << 20)

struct config {
    uint32_t magic;
    uint32_t version;
    uint32_t size; /* of this structure */
    uint32_t flags;
    volatile LONG generation; /* of the in-memory catalog; its lowest bit says which half holds it */
    uint32_t catalog_bytes[2];
    uint32_t trace_data_bytes;
    uint32_t posting[CONFIG_POSTING][2]; /* the first and the last catalog id of each layer with skip=post; or 0 */
    wchar_t catalog_file[CONFIG_PATH];   /* absolute */
    wchar_t trace_file[CONFIG_PATH];     /* absolute: of the first process; empty: no trace */
    wchar_t filter_file[2][CONFIG_PATH]; /* absolute: for 64-bit ([0]) and 32-bit ([1]) processes; empty: none */
    wchar_t folder[2][CONFIG_PATH];      /* absolute: where the 64-bit ([0]) and the 32-bit ([1]) host and helper are */
    uint8_t catalog[2][CONFIG_CATALOG_SIZE];
};

/* What the launcher leaves in a new process's memory, and gives wsplsp_host_start the address of. The handles are
 * that process's own; the answer is written by the host. */
struct host_start {
    uint32_t size;
    uint32_t version; /* CONFIG_VERSION */
    uint32_t section; /* handle values have 32 significant bits on both sides */
    uint32_t mutex;
    uint32_t first;  /* 1: this process is what the user named; a layer that cannot be loaded is an error */
    uint32_t status; /* answer: enum wsplsp_status */
    uint32_t code;   /* answer: as in struct wsplsp_error, as are the next three */
    char name[48];
    char message[512];
    char hint[256];
};

struct config_settings {
    uint32_t flags;
    const wchar_t *catalog_file; /* NULL for an in-memory catalog */
    const wchar_t *trace_file;   /* NULL: no trace */
    uint32_t trace_data_bytes;
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

/* This process's view, good until the process ends; NULL before config_create or config_attach. Read only by
 * convention: only the functions below write. */
const struct config *config_get(void);

/* Whether packets for sockets of that entry's layer come though the program has set
 * FILE_SKIP_COMPLETION_PORT_ON_SUCCESS. */
bool config_posts(uint32_t catalog_id);

/* One writer of the run's catalog at a time, across its processes. A process that died holding it releases it. */
enum wsplsp_status config_lock(struct wsplsp_error *error);
void config_unlock(void);

/* The in-memory catalog's text, a new copy. `*generation` says which one it is: it has changed where config_generation
 * differs. Takes the lock itself. */
enum wsplsp_status config_catalog_read(void **text, size_t *size, LONG *generation, struct wsplsp_error *error);
LONG config_generation(void);

/* Replaces the text. The caller holds the lock since before it read what it changed. */
enum wsplsp_status config_catalog_write(const void *text, size_t size, struct wsplsp_error *error);

#endif
