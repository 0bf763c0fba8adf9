/* Keeps what is known of each DLL, and tells an image's facts; see dlls.h. */
#include "dlls.h"

#include <stdlib.h>
#include <string.h>

#include "lsp-core/base/name_list.h"
#include "pe.h"
#include "lsp-core/base/text.h"

/* Begins with the name, as name_list.h asks. */
struct known {
    char *path;
    struct files_facts facts;
};

struct check_files {
    const struct files_functions *functions;
    void *context;
    struct name_list known[2]; /* of 64-bit processes, of 32-bit ones */
};

static void known_free(struct known *known)
{
    free(known->path);
    free(known->facts.resolved);
    free(known->facts.writer);
    free(known->facts.writable_at);
    free(known->facts.signer);
    free(known->facts.unloadable_by);
    free(known);
}

enum wsplsp_status files_new(const struct files_functions *functions, void *context, struct check_files **files,
                             struct wsplsp_error *error)
{
    *files = calloc(1, sizeof **files);
    if (*files == NULL) {
        functions->close(context);
        return wsplsp_fail_memory(error);
    }
    (*files)->functions = functions;
    (*files)->context = context;
    return WSPLSP_OK;
}

void files_close(struct check_files *files)
{
    if (files == NULL)
        return;
    for (size_t i = 0; i < 2; i++) {
        for (size_t j = 0; j < name_list_count(&files->known[i]); j++)
            known_free(name_list_at(&files->known[i], j));
        name_list_clear(&files->known[i]);
    }
    files->functions->close(files->context);
    free(files);
}

const struct files_functions *files_functions(const struct check_files *files)
{
    return files->functions;
}

static enum files_image image_kind(const struct pe_image *image)
{
    switch (image->machine) {
    case PE_MACHINE_AMD64:
    case PE_MACHINE_ARM64:
        return image->wide ? FILES_IMAGE_64 : FILES_IMAGE_NONE;
    case PE_MACHINE_I386:
    case PE_MACHINE_ARMNT:
        return image->wide ? FILES_IMAGE_NONE : FILES_IMAGE_32;
    default:
        return FILES_IMAGE_OTHER;
    }
}

void files_read_image(const uint8_t *bytes, size_t size, struct files_facts *facts)
{
    struct pe_image image;
    facts->image = pe_read(bytes, size, &image) ? image_kind(&image) : FILES_IMAGE_NONE;
    facts->image_unknown = NULL;
    if (facts->image == FILES_IMAGE_NONE)
        return;
    facts->exports_wsp_startup = pe_exports(&image, "WSPStartup");
    facts->exports_nsp_startup = pe_exports(&image, "NSPStartup");
    facts->exports_lsp_guid = pe_exports(&image, "GetLspGuid");
}

bool files_in_folder(const char *path, const char *folder)
{
    size_t length = strlen(folder);
    while (length > 0 && folder[length - 1] == '\\')
        length--;
    return length > 0 && strlen(path) > length && text_compare_nocase_n(path, folder, length) == 0 &&
           path[length] == '\\';
}

const char *files_place_words(enum files_place place)
{
    switch (place) {
    case FILES_PLACE_PROFILE:
        return "in a user's profile";
    case FILES_PLACE_NETWORK:
        return "on the network";
    case FILES_PLACE_REMOVABLE:
        return "on a removable drive";
    default:
        return NULL;
    }
}

const struct files_facts *files_look(struct check_files *files, const char *path, int bits)
{
    struct name_list *list = &files->known[bits == 64 ? 0 : 1];
    struct known *known = name_list_find(list, path, strlen(path));
    if (known != NULL)
        return &known->facts;
    known = calloc(1, sizeof *known);
    if (known == NULL)
        return NULL;
    known->path = text_duplicate(path);
    if (known->path == NULL || !files->functions->look(files->context, path, bits, &known->facts) ||
        !name_list_append(list, known)) {
        known_free(known);
        return NULL;
    }
    return &known->facts;
}
