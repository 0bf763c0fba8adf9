/* wsplsp catalog new: makes a private catalog in a file, for `wsplsp run --catalog`. */
#include <stdlib.h>
#include <string.h>

#include "cli/base/command.h"
#include "lsp-core/catalog/layers.h"
#include "lsp-core/catalog/layout.h"
#include "lsp-core/base/new_file.h"
#include "cli/out/json.h"
#include "cli/out/text.h"
#include "lsp-core/registry/regfile.h"
#include "lsp-core/catalog/source.h"
#include "lsp-core/catalog/windows10.h"

#define WINSOCK2_KEY "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\WinSock2"

/* The system's base entries only: what the system has layered over them is below the private catalog's bases anyway. */
static enum wsplsp_status take_system(struct wsplsp_snapshot **catalog, struct wsplsp_error *error)
{
    struct wsplsp_snapshot *system;
    if (source_load_live(&system, error) != WSPLSP_OK)
        return error->status;
    enum wsplsp_status status = layers_seed(system, catalog, error);
    wsplsp_snapshot_free(system);
    return status;
}

static enum wsplsp_status take(const char *from, uint32_t code_page, struct wsplsp_snapshot **catalog,
                               struct wsplsp_error *error)
{
    if (from == NULL || strcmp(from, "system") == 0)
        return take_system(catalog, error);
    if (strcmp(from, "windows10") != 0)
        return source_load_file(from, code_page, catalog, error);
    *catalog = windows10_catalog();
    return *catalog != NULL ? WSPLSP_OK : wsplsp_fail_memory(error);
}

static enum wsplsp_status write_catalog(const struct wsplsp_snapshot *catalog, const char *path,
                                        struct wsplsp_error *error)
{
    struct reg_key *key;
    void *text;
    size_t size;
    if (layout_write(catalog, &key, error) != WSPLSP_OK)
        return error->status;
    enum wsplsp_status status = regfile_write(key, WINSOCK2_KEY, catalog->code_page, NULL, &text, &size, error);
    reg_key_free(key);
    if (status != WSPLSP_OK)
        return status;
    status = new_file_write(path, text, size, error);
    free(text);
    return status;
}

static void print_text(const struct wsplsp_snapshot *catalog, const char *path, struct output *output)
{
    text_put(output, TEXT_PLAIN, path);
    for (size_t i = 0; i < 2; i++) {
        if (catalog->catalogs[i].present)
            buffer_format(&output->buffer, "%s %zu entries in the %d-bit catalog", i == 0 ? ":" : ",",
                          catalog->catalogs[i].entry_count, catalog->catalogs[i].bits);
    }
    buffer_text(&output->buffer, "\n");
}

static void print_json(const struct wsplsp_snapshot *catalog, const char *path, struct output *output)
{
    cJSON *object = json_envelope("catalog-new");
    json_text(object, "file", path);
    json_source(object, catalog);
    cJSON *catalogs = cJSON_AddArrayToObject(object, "catalogs");
    for (size_t i = 0; i < 2; i++)
        cJSON_AddItemToArray(catalogs, json_catalog(&catalog->catalogs[i]));
    json_print(output, object);
}

enum wsplsp_status cmd_catalog_new(const struct options *options, struct output *output, struct wsplsp_error *error)
{
    const char *path = options->operands[0];
    struct wsplsp_snapshot *catalog;
    if (take(options->catalog, options->code_page, &catalog, error) != WSPLSP_OK)
        return error->status;
    enum wsplsp_status status = write_catalog(catalog, path, error);
    if (status == WSPLSP_OK && options->json)
        print_json(catalog, path, output);
    else if (status == WSPLSP_OK && !options->quiet)
        print_text(catalog, path, output);
    wsplsp_snapshot_free(catalog);
    return status;
}
