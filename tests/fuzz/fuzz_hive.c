/* Any bytes as a SYSTEM hive. The header's signature and checksum are put right first, else nearly every mutation would
 * end there. */
#include <stdint.h>
#include <string.h>

#include "lsp-core/registry/hive.h"
#include "meter.h"
#include "lsp-core/catalog/source.h"

#define CONSTANT    65536
#define CHECKSUM_AT 508

static struct wsplsp_error error;

static void mend_header(uint8_t *data, size_t size)
{
    if (size < CHECKSUM_AT + 4)
        return;
    memcpy(data, "regf", 4);
    uint8_t sum[4] = {0};
    for (size_t i = 0; i < CHECKSUM_AT; i++)
        sum[i % 4] ^= data[i];
    memcpy(data + CHECKSUM_AT, sum, 4);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *hive = malloc(size + 1);
    FUZZ_EXPECT(hive != NULL);
    if (size > 0)
        memcpy(hive, data, size);
    mend_header(hive, size);

    struct reg_key *root;
    meter_start();
    if (hive_read(hive, size, "fuzz", &root, &error) == WSPLSP_OK)
        reg_key_free(root);
    meter_stop(size, CONSTANT);

    struct wsplsp_snapshot *snapshot;
    meter_start();
    if (source_load_bytes(hive, size, "fuzz", 0, &snapshot, &error) == WSPLSP_OK)
        wsplsp_snapshot_free(snapshot);
    meter_stop(size, CONSTANT);
    free(hive);
    return 0;
}
