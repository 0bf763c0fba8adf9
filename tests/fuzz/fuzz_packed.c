/* Any bytes as a PackedCatalogItem: what can be decoded is encoded to the same bytes, and from nothing to the same
 * meaning. */
#include <stdint.h>
#include <string.h>

#include "meter.h"
#include "packed.h"

#define CONSTANT 1024

static void check_codec(const uint8_t *data, size_t size)
{
    struct wsplsp_protocol_info info;
    char *dll;
    if (packed_decode(data, size, &info, &dll) != NULL)
        return;
    uint8_t again[PACKED_SIZE];
    memcpy(again, data, sizeof again);
    FUZZ_EXPECT(packed_encode(&info, dll, again, true));
    FUZZ_EXPECT(memcmp(again, data, sizeof again) == 0);

    memset(again, 0xA5, sizeof again);
    FUZZ_EXPECT(packed_encode(&info, dll, again, false));
    struct wsplsp_protocol_info info_again;
    char *dll_again;
    FUZZ_EXPECT(packed_decode(again, sizeof again, &info_again, &dll_again) == NULL);
    FUZZ_EXPECT(memcmp(&info, &info_again, sizeof info) == 0);
    FUZZ_EXPECT(strcmp(dll, dll_again) == 0);
    free(dll_again);
    free(dll);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    meter_start();
    check_codec(data, size);
    meter_stop(size, CONSTANT);
    return 0;
}
