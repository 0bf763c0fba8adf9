/* The catalog a command works on; see input.h. */
#include "input.h"

#include "lsp-core/catalog/source.h"

enum wsplsp_status input_load(const char *path, uint32_t code_page, struct wsplsp_snapshot **snapshot,
                              struct wsplsp_error *error)
{
    return path == NULL ? source_load_live(snapshot, error) : source_load_file(path, code_page, snapshot, error);
}
