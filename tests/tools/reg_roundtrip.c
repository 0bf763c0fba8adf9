/* Reads the Winsock catalog in a file, takes it through the snapshot model and writes it as a .reg file to standard
 * output, as if it stood at KEY: what a backup will be. With subkeys named, importing the file first deletes them.
 * Usage: reg_roundtrip FILE KEY [SUBKEY…] */
#include <stdio.h>
#include <stdlib.h>

#include "lsp-core/catalog/layout.h"
#include "lsp-core/registry/regfile.h"
#include "lsp-core/catalog/source.h"

static enum wsplsp_status convert(const char *file, const char *key, const char *const *replace,
                                  struct wsplsp_error *error)
{
    struct wsplsp_snapshot *snapshot = NULL;
    struct reg_key *winsock2 = NULL;
    void *bytes = NULL;
    size_t size = 0;
    enum wsplsp_status status = source_load_file(file, 0, &snapshot, error);
    if (status == WSPLSP_OK)
        status = layout_write(snapshot, &winsock2, error);
    if (status == WSPLSP_OK)
        status = regfile_write(winsock2, key, 0, replace, &bytes, &size, error);
    if (status == WSPLSP_OK && (fwrite(bytes, 1, size, stdout) != size || fflush(stdout) != 0))
        status = wsplsp_fail(error, WSPLSP_SYSTEM, 0, "EIO", "cannot write to standard output");
    free(bytes);
    reg_key_free(winsock2);
    wsplsp_snapshot_free(snapshot);
    return status;
}

int main(int argc, char **argv)
{
    struct wsplsp_error error;
    if (argc < 3) {
        fprintf(stderr, "usage: reg_roundtrip FILE KEY [SUBKEY...]\n");
        return WSPLSP_USAGE;
    }
    enum wsplsp_status status = convert(argv[1], argv[2], (const char *const *)argv + 3, &error);
    if (status != WSPLSP_OK)
        fprintf(stderr, "reg_roundtrip: %s\n", error.message);
    return (int)status;
}
