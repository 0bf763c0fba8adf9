/* Any bytes as an executable image: reading it ends, takes no memory, and reads nothing outside. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "meter.h"
#include "lsp-core/dlls/pe.h"

#define CONSTANT 1024

static void check_image(const uint8_t *bytes, size_t size)
{
    struct pe_image image;
    if (!pe_read(bytes, size, &image))
        return;
    FUZZ_EXPECT(image.bytes == bytes && image.size == size);
    pe_exports(&image, "WSPStartup");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* A copy that ends where its allocation does, so that a read behind it is seen. */
    uint8_t *copy = malloc(size == 0 ? 1 : size);
    FUZZ_EXPECT(copy != NULL);
    memcpy(copy, data, size);
    meter_start();
    check_image(copy, size);
    meter_stop(size, CONSTANT);
    free(copy);
    return 0;
}
