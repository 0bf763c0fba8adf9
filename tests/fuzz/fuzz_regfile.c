/* Any bytes as a .reg file: read within bounds, and, where they can be read, written and read back to the same tree and
 * the same catalog. */
#include <stdint.h>

#include "lsp-core/base/code_page.h"
#include "lsp-core/diff/diff.h"
#include "lsp-core/catalog/layout.h"
#include "meter.h"
#include "lsp-core/registry/regfile.h"
#include "same_tree.h"
#include "lsp-core/catalog/source.h"

#define CONSTANT 65536

static struct wsplsp_error error;

static void check_rewrite(const struct reg_key *key)
{
    void *bytes;
    size_t size;
    FUZZ_EXPECT(regfile_write(key, reg_key_name(key), 0, NULL, &bytes, &size, &error) == WSPLSP_OK);
    struct reg_key *again;
    uint32_t code_page = CODE_PAGE_UNKNOWN;
    FUZZ_EXPECT(regfile_read(bytes, size, "again", &code_page, &again, &error) == WSPLSP_OK);
    FUZZ_EXPECT(reg_key_child_count(again) == 1);
    FUZZ_EXPECT(same_tree(key, reg_key_child_at(again, 0)));
    reg_key_free(again);
    free(bytes);
}

static void check_tree(const uint8_t *data, size_t size)
{
    struct reg_key *root;
    uint32_t code_page = CODE_PAGE_UNKNOWN;
    meter_start();
    if (regfile_read(data, size, "fuzz", &code_page, &root, &error) != WSPLSP_OK) {
        meter_stop(size, CONSTANT);
        return;
    }
    meter_running = false;
    for (size_t i = 0; i < reg_key_child_count(root); i++)
        check_rewrite(reg_key_child_at(root, i));
    meter_running = true;
    reg_key_free(root);
    meter_stop(size, CONSTANT);
}

static void check_same_catalog(const struct wsplsp_snapshot *snapshot)
{
    struct reg_key *winsock2;
    FUZZ_EXPECT(layout_write(snapshot, &winsock2, &error) == WSPLSP_OK);
    struct wsplsp_snapshot *again = wsplsp_snapshot_new("again");
    FUZZ_EXPECT(again != NULL);
    again->code_page = snapshot->code_page;
    FUZZ_EXPECT(layout_read(winsock2, again, &error) == WSPLSP_OK);
    struct diff *diff;
    FUZZ_EXPECT(diff_snapshots(snapshot, again, &diff, &error) == WSPLSP_OK);
    FUZZ_EXPECT(diff->count == 0);
    diff_free(diff);
    wsplsp_snapshot_free(again);
    reg_key_free(winsock2);
}

static void check_catalog(const uint8_t *data, size_t size)
{
    struct wsplsp_snapshot *snapshot;
    meter_start();
    if (source_load_bytes(data, size, "fuzz", 0, &snapshot, &error) != WSPLSP_OK) {
        meter_stop(size, CONSTANT);
        return;
    }
    meter_running = false;
    check_same_catalog(snapshot);
    meter_running = true;
    wsplsp_snapshot_free(snapshot);
    meter_stop(size, CONSTANT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_tree(data, size);
    check_catalog(data, size);
    return 0;
}
