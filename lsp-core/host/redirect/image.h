/* Read access to the tables of a loaded module. Everything a table says is checked against the image's size: some
 * programs pack or strip their own image. */
#ifndef WSPLSP_CORE_HOST_REDIRECT_IMAGE_H
#define WSPLSP_CORE_HOST_REDIRECT_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lsp-core/win/winsock.h"

/* What an RVA points to; NULL where `size` bytes there are not all in the image. */
void *image_at(HMODULE module, uint32_t rva, size_t size);
/* The same for a NUL-terminated text. */
const char *image_text(HMODULE module, uint32_t rva);

/* The directory's entry in the headers (IMAGE_DIRECTORY_ENTRY_*); NULL where the image has none. */
IMAGE_DATA_DIRECTORY *image_directory(HMODULE module, unsigned index);

/* A module's export table, opened. */
struct image_exports {
    HMODULE module;
    uint32_t first, size; /* the directory's own range: an RVA into it is a forwarder's text */
    const IMAGE_EXPORT_DIRECTORY *directory;
    uint32_t *functions;
    const uint32_t *names;
    const uint16_t *ordinals;
};

bool image_exports_open(HMODULE module, struct image_exports *exports);

/* The index into `functions` of a name, or of an ordinal where `name` is NULL; -1 where there is none. */
long image_exports_find(const struct image_exports *exports, const char *name, uint16_t ordinal);

/* How many of the functions' slots hold this RVA. */
unsigned image_exports_sharing(const struct image_exports *exports, uint32_t rva);

/* One imported function, whatever kind of table it stands in. */
struct image_import {
    const char *dll;
    const char *name; /* NULL for an import by ordinal, or where the image no longer says */
    uint16_t ordinal; /* 0 likewise */
    FARPROC *slot;
};

typedef bool (*image_import_visit)(const struct image_import *import, void *context);

/* Visits the module's imports, delayed ones too; false as soon as `visit` returned false. */
bool image_imports(HMODULE module, image_import_visit visit, void *context);

#endif
