/* Any bytes as a PackedCatalogItem, in any code page: what can be decoded is encoded to the same bytes, and from
 * nothing to the same meaning. */
#include <stdint.h>
#include <string.h>

#include "meter.h"
#include "lsp-core/catalog/packed.h"

#define CONSTANT 1024

static void check_codec(const uint8_t *data, size_t size, uint32_t code_page)
{
    struct wsplsp_protocol_info info;
    char *dll;
    if (packed_decode(data, size, code_page, &info, &dll) != NULL)
        return;
    uint8_t again[PACKED_SIZE];
    memcpy(again, data, sizeof again);
    FUZZ_EXPECT(packed_encode(&info, dll, code_page, again, true) == CODE_PAGE_DONE);
    FUZZ_EXPECT(memcmp(again, data, sizeof again) == 0);

    memset(again, 0xA5, sizeof again);
    FUZZ_EXPECT(packed_encode(&info, dll, code_page, again, false) == CODE_PAGE_DONE);
    struct wsplsp_protocol_info info_again;
    char *dll_again;
    FUZZ_EXPECT(packed_decode(again, sizeof again, code_page, &info_again, &dll_again) == NULL);
    FUZZ_EXPECT(memcmp(&info, &info_again, sizeof info) == 0);
    FUZZ_EXPECT(strcmp(dll, dll_again) == 0);
    free(dll_again);
    free(dll);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    meter_start();
    check_codec(data, size, CODE_PAGE_UNKNOWN);
    meter_stop(size, CONSTANT);
    /* Not metered: what iconv(3) takes is its own affair. */
    static const uint32_t pages[] = {932, 936, 1252, 1255, 65001};
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++)
        check_codec(data, size, pages[i]);
    return 0;
}
