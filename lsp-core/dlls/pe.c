/* Reads executable images; see pe.h. */
#include "pe.h"

#include <string.h>

enum {
    DOS_HEADER_SIZE = 64,
    DOS_NEW_HEADER_AT = 60,
    FILE_HEADER_SIZE = 24, /* with the signature in front */
    MAGIC_32 = 0x10b,
    MAGIC_64 = 0x20b,
    HEADERS_SIZE_AT = 60, /* in the optional header */
    DIRECTORIES_AT_32 = 96,
    DIRECTORIES_AT_64 = 112,
    SECTION_SIZE = 40,
    SECTIONS_MAX = 96, /* the Windows loader's limit */
    EXPORT_DIRECTORY_SIZE = 40,
};

static uint32_t number_at(const uint8_t *bytes, size_t size)
{
    uint32_t number = 0;
    for (size_t i = size; i > 0; i--)
        number = number << 8 | bytes[i - 1];
    return number;
}

static bool has(const struct pe_image *image, size_t offset, size_t size)
{
    return offset <= image->size && size <= image->size - offset;
}

static bool read_optional_header(struct pe_image *image, size_t at, size_t size)
{
    if (size < 2 || !has(image, at, size))
        return false;
    const uint8_t *header = image->bytes + at;
    uint32_t magic = number_at(header, 2);
    if (magic != MAGIC_32 && magic != MAGIC_64)
        return false;
    image->wide = magic == MAGIC_64;
    size_t directories = image->wide ? DIRECTORIES_AT_64 : DIRECTORIES_AT_32;
    if (size < directories)
        return false;
    image->headers_size = number_at(header + HEADERS_SIZE_AT, 4);
    /* The count of directories stands before the first, which is the exports'. */
    if (number_at(header + directories - 4, 4) > 0 && size >= directories + 8)
        image->exports = number_at(header + directories, 4);
    return true;
}

bool pe_read(const uint8_t *bytes, size_t size, struct pe_image *image)
{
    memset(image, 0, sizeof *image);
    image->bytes = bytes;
    image->size = size;
    if (!has(image, 0, DOS_HEADER_SIZE) || memcmp(bytes, "MZ", 2) != 0)
        return false;
    size_t at = number_at(bytes + DOS_NEW_HEADER_AT, 4);
    if (!has(image, at, FILE_HEADER_SIZE) || memcmp(bytes + at, "PE\0\0", 4) != 0)
        return false;
    image->machine = (uint16_t)number_at(bytes + at + 4, 2);
    image->section_count = number_at(bytes + at + 6, 2);
    size_t optional_size = number_at(bytes + at + 20, 2);
    if (!read_optional_header(image, at + FILE_HEADER_SIZE, optional_size))
        return false;
    image->sections = at + FILE_HEADER_SIZE + optional_size;
    return image->section_count <= SECTIONS_MAX && has(image, image->sections, image->section_count * SECTION_SIZE);
}

/* Where `size` bytes at an RVA stand in the file, or NULL where they are not wholly in it. */
static const uint8_t *at_rva(const struct pe_image *image, uint32_t rva, size_t size)
{
    if (rva < image->headers_size)
        return size <= image->headers_size - rva && has(image, rva, size) ? image->bytes + rva : NULL;
    for (size_t i = 0; i < image->section_count; i++) {
        const uint8_t *section = image->bytes + image->sections + i * SECTION_SIZE;
        uint32_t start = number_at(section + 12, 4);
        uint32_t raw_size = number_at(section + 16, 4);
        size_t raw = number_at(section + 20, 4);
        if (rva < start || rva - start >= raw_size)
            continue;
        size_t into = rva - start;
        bool inside = size <= raw_size - into && has(image, raw, into) && has(image, raw + into, size);
        return inside ? image->bytes + raw + into : NULL;
    }
    return NULL;
}

/* The start of `count` elements of `size` bytes each at an RVA, or NULL. */
static const uint8_t *table_at_rva(const struct pe_image *image, uint32_t rva, uint32_t count, size_t size)
{
    return count > image->size / size ? NULL : at_rva(image, rva, count * size);
}

/* strcmp of `name` with the string at an RVA; false where that string leaves the file. */
static bool compare_at_rva(const struct pe_image *image, uint32_t rva, const char *name, int *order)
{
    for (uint32_t i = 0;; i++) {
        const uint8_t *c = rva > UINT32_MAX - i ? NULL : at_rva(image, rva + i, 1);
        if (c == NULL)
            return false;
        *order = (int)(uint8_t)name[i] - (int)*c;
        if (*order != 0 || *c == '\0')
            return true;
    }
}

bool pe_exports(const struct pe_image *image, const char *name)
{
    const uint8_t *directory = image->exports == 0 ? NULL : at_rva(image, image->exports, EXPORT_DIRECTORY_SIZE);
    if (directory == NULL)
        return false;
    uint32_t address_count = number_at(directory + 20, 4);
    uint32_t name_count = number_at(directory + 24, 4);
    const uint8_t *addresses = table_at_rva(image, number_at(directory + 28, 4), address_count, 4);
    const uint8_t *names = table_at_rva(image, number_at(directory + 32, 4), name_count, 4);
    const uint8_t *ordinals = table_at_rva(image, number_at(directory + 36, 4), name_count, 2);
    if (addresses == NULL || names == NULL || ordinals == NULL)
        return false;

    /* "Export Name Pointer Table": in ascending order, for a binary search as the loader's. */
    uint32_t low = 0, high = name_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order;
        if (!compare_at_rva(image, number_at(names + (size_t)middle * 4, 4), name, &order))
            return false;
        if (order == 0) {
            uint32_t index = number_at(ordinals + (size_t)middle * 2, 2);
            return index < address_count && number_at(addresses + (size_t)index * 4, 4) != 0;
        }
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}
