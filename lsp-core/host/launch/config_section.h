/* The memory that the processes of one run share, byte by byte, and how a process takes copies of it. Whoever may write
 * to it may do so at any moment and with any content: what is read is read once, into memory of this process's own, and
 * checked there. Portable, so that the unit tests can do their worst to it. */
#ifndef WSPLSP_CORE_HOST_LAUNCH_CONFIG_SECTION_H
#define WSPLSP_CORE_HOST_LAUNCH_CONFIG_SECTION_H

#include <stddef.h>
#include <stdint.h>
#include <wchar.h>

#define CONFIG_MAGIC   0x48505357u /* "WSPH" */
#define CONFIG_VERSION 7u          /* changes with this layout: launcher and host have to come from one build */
#define CONFIG_PATH    4096        /* of the file and folder names, in UTF-16 units */

#define CONFIG_VERBOSE      1u /* say in one line on standard error which child could not be hosted */
#define CONFIG_FILE_CATALOG 2u /* the catalog is the file `catalog_file`, not the text in the section */
#define CONFIG_STRICT       4u /* refuse what layers do against the reference; see provider_strict */

#define CONFIG_POSTING 32 /* layers with skip=post */

/* Room for the in-memory catalog as .reg text, twice: a writer fills the half that nobody reads, then switches. */
#define CONFIG_CATALOG_SIZE (4u << 20)

/* A run's settings. 32-bit and 64-bit processes read the same bytes: no pointers, no handles in it. */
struct config {
    uint32_t magic;
    uint32_t version;
    uint32_t size; /* of this structure */
    uint32_t flags;
    uint32_t trace_data_bytes;
    uint32_t code_page;                  /* of the catalog's DLL paths; see catalog/code_page.h */
    uint32_t posting[CONFIG_POSTING][2]; /* the first and the last catalog id of each layer with skip=post; or 0 */
    wchar_t catalog_file[CONFIG_PATH];   /* absolute */
    wchar_t trace_file[CONFIG_PATH];     /* absolute: of the first process; empty: no trace */
    wchar_t filter_file[2][CONFIG_PATH]; /* absolute: for 64-bit ([0]) and 32-bit ([1]) processes; empty: none */
    wchar_t folder[2][CONFIG_PATH];      /* absolute: where the 64-bit ([0]) and the 32-bit ([1]) host and helper are */
};

struct config_section {
    struct config settings; /* as they are when the first process is started */
    int32_t generation;     /* of the in-memory catalog; its lowest bit says which half holds it */
    uint32_t catalog_bytes[2];
    uint8_t catalog[2][CONFIG_CATALOG_SIZE];
};

enum config_section_result {
    CONFIG_SECTION_DONE,
    CONFIG_SECTION_OTHER_BUILD, /* launcher and host do not belong together */
    CONFIG_SECTION_DAMAGED,
    CONFIG_SECTION_BUSY, /* it does not stay the same for as long as a copy takes */
    CONFIG_SECTION_NO_MEMORY,
};

/* Copies the settings; each text in the copy ends within its room. */
enum config_section_result config_section_settings(const struct config_section *section, struct config *copy);

/* Which catalog text there is: it has changed where this differs. */
int32_t config_section_generation(const struct config_section *section);

/* Copies the catalog's text, new and with a zero behind it, without any lock: a writer may be at work meanwhile. */
enum config_section_result config_section_catalog(const struct config_section *section, void **text, size_t *size,
                                                  int32_t *generation);

/* Replaces the text, of CONFIG_CATALOG_SIZE bytes at most. One writer at a time. */
void config_section_write(struct config_section *section, const void *text, size_t size);

#endif
