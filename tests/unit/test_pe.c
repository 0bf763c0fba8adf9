/* The reader of executable images, over images laid out here by Microsoft's "PE Format" page. */
#include "support.h"

#include <stdlib.h>
#include <string.h>

#include "lsp-core/dlls/dlls.h"
#include "lsp-core/dlls/pe.h"

enum {
    HEADERS = 0x400,
    SECTION_RVA = 0x2000, /* other than where it stands in the file */
    SECTION_SIZE = 0x400,
    IMAGE_SIZE = HEADERS + SECTION_SIZE,
    PE_AT = 0x80,
    OPTIONAL_AT = PE_AT + 24,
};

static void put(uint8_t *image, size_t at, size_t size, uint32_t number)
{
    for (size_t i = 0; i < size; i++)
        image[at + i] = (uint8_t)(number >> (8 * i));
}

/* At an RVA of the section. */
static void put_rva(uint8_t *image, uint32_t rva, size_t size, uint32_t number)
{
    put(image, HEADERS + rva - SECTION_RVA, size, number);
}

/* Names have to come sorted. `ordinals[i]` is the place in the address table of name i. */
static void put_exports(uint8_t *image, const char *const *names, const uint16_t *ordinals, uint32_t count)
{
    enum { DIRECTORY = SECTION_RVA, ADDRESSES = SECTION_RVA + 0x40, NAMES = ADDRESSES + 0x40, ORDINALS = NAMES + 0x40 };
    uint32_t text = ORDINALS + 0x40;
    put_rva(image, DIRECTORY + 16, 4, 1); /* ordinal base */
    put_rva(image, DIRECTORY + 20, 4, count);
    put_rva(image, DIRECTORY + 24, 4, count);
    put_rva(image, DIRECTORY + 28, 4, ADDRESSES);
    put_rva(image, DIRECTORY + 32, 4, NAMES);
    put_rva(image, DIRECTORY + 36, 4, ORDINALS);
    for (uint32_t i = 0; i < count; i++) {
        put_rva(image, ADDRESSES + 4 * i, 4, 0x1000 + i);
        put_rva(image, NAMES + 4 * i, 4, text);
        put_rva(image, ORDINALS + 2 * i, 2, ordinals[i]);
        memcpy(image + HEADERS + text - SECTION_RVA, names[i], strlen(names[i]) + 1);
        text += (uint32_t)strlen(names[i]) + 1;
    }
}

static void put_headers(uint8_t *image, bool wide, uint16_t machine)
{
    uint16_t optional_size = wide ? 240 : 224;
    size_t directories = OPTIONAL_AT + (wide ? 112 : 96);
    memset(image, 0, IMAGE_SIZE);
    memcpy(image, "MZ", 2);
    put(image, 60, 4, PE_AT);
    memcpy(image + PE_AT, "PE\0\0", 4);
    put(image, PE_AT + 4, 2, machine);
    put(image, PE_AT + 6, 2, 1);
    put(image, PE_AT + 20, 2, optional_size);
    put(image, OPTIONAL_AT, 2, wide ? 0x20b : 0x10b);
    put(image, OPTIONAL_AT + 60, 4, HEADERS);
    put(image, directories - 4, 4, 16);
    put(image, directories, 4, SECTION_RVA);
    put(image, directories + 4, 4, 0x200);
    size_t section = OPTIONAL_AT + optional_size;
    memcpy(image + section, ".edata\0\0", 8);
    put(image, section + 8, 4, SECTION_SIZE);
    put(image, section + 12, 4, SECTION_RVA);
    put(image, section + 16, 4, SECTION_SIZE);
    put(image, section + 20, 4, HEADERS);
}

static void make_image(uint8_t *image, bool wide, uint16_t machine)
{
    static const char *const names[] = {"Alpha", "NSPStartup", "WSPStartup", "WSPStartupEx"};
    static const uint16_t ordinals[] = {3, 2, 1, 0};
    put_headers(image, wide, machine);
    put_exports(image, names, ordinals, 4);
}

static void machines_and_widths(void **state)
{
    (void)state;
    uint8_t image[IMAGE_SIZE];
    struct pe_image pe;
    make_image(image, true, 0x8664);
    assert_true(pe_read(image, sizeof image, &pe));
    assert_int_equal(pe.machine, PE_MACHINE_AMD64);
    assert_true(pe.wide);
    make_image(image, false, 0x014c);
    assert_true(pe_read(image, sizeof image, &pe));
    assert_int_equal(pe.machine, PE_MACHINE_I386);
    assert_false(pe.wide);
}

static void exported_names(void **state)
{
    (void)state;
    uint8_t image[IMAGE_SIZE];
    struct pe_image pe;
    for (int wide = 0; wide < 2; wide++) {
        make_image(image, wide, wide ? 0x8664 : 0x014c);
        assert_true(pe_read(image, sizeof image, &pe));
        assert_true(pe_exports(&pe, "Alpha"));
        assert_true(pe_exports(&pe, "NSPStartup"));
        assert_true(pe_exports(&pe, "WSPStartup"));
        assert_true(pe_exports(&pe, "WSPStartupEx"));
        assert_false(pe_exports(&pe, "WSPStart"));
        assert_false(pe_exports(&pe, "wspstartup"));
        assert_false(pe_exports(&pe, "Zulu"));
        assert_false(pe_exports(&pe, ""));
    }
}

/* A forwarder is an address inside the export directory; "Export Address Table". */
static void a_forwarded_export_counts(void **state)
{
    (void)state;
    uint8_t image[IMAGE_SIZE];
    struct pe_image pe;
    make_image(image, true, 0x8664);
    put_rva(image, SECTION_RVA + 0x40 + 4, 4, SECTION_RVA + 0x180);
    assert_true(pe_read(image, sizeof image, &pe));
    assert_true(pe_exports(&pe, "WSPStartup"));
}

static void a_name_without_address_is_no_export(void **state)
{
    (void)state;
    uint8_t image[IMAGE_SIZE];
    struct pe_image pe;
    make_image(image, true, 0x8664);
    put_rva(image, SECTION_RVA + 0x40 + 4, 4, 0);
    assert_true(pe_read(image, sizeof image, &pe));
    assert_false(pe_exports(&pe, "WSPStartup"));
    make_image(image, true, 0x8664);
    put_rva(image, SECTION_RVA + 0xC0 + 4, 2, 4);
    assert_false(pe_exports(&pe, "WSPStartup"));
}

static void no_exports_at_all(void **state)
{
    (void)state;
    uint8_t image[IMAGE_SIZE];
    struct pe_image pe;
    make_image(image, true, 0x8664);
    put(image, OPTIONAL_AT + 112, 4, 0);
    assert_true(pe_read(image, sizeof image, &pe));
    assert_false(pe_exports(&pe, "WSPStartup"));
    make_image(image, true, 0x8664);
    put(image, OPTIONAL_AT + 108, 4, 0); /* no directories */
    assert_true(pe_read(image, sizeof image, &pe));
    assert_false(pe_exports(&pe, "WSPStartup"));
}

static void what_is_no_image(void **state)
{
    (void)state;
    uint8_t image[IMAGE_SIZE];
    struct pe_image pe;
    static const struct {
        size_t at;
        uint32_t number;
    } faults[] = {
        {0, 'Z'},
        {60, IMAGE_SIZE},
        {60, 0xFFFFFFFF},
        {PE_AT, 'N'},
        {OPTIONAL_AT, 0x107}, /* a ROM image */
        {PE_AT + 20, 0xFFFF},
        {PE_AT + 20, 100},
        {PE_AT + 6, 0xFFFF},
    };
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        make_image(image, true, 0x8664);
        put(image, faults[i].at, faults[i].at == 60 ? 4 : 2, faults[i].number);
        assert_false(pe_read(image, sizeof image, &pe));
    }
    assert_false(pe_read((const uint8_t *)"", 0, &pe));
    assert_false(pe_read((const uint8_t *)"MZ", 2, &pe));
}

/* Exactly as long as said, so that the address sanitizer sees each byte too far. */
static void read_copy(const uint8_t *bytes, size_t size)
{
    struct pe_image pe;
    uint8_t *copy = malloc(size + (size == 0));
    assert_non_null(copy);
    memcpy(copy, bytes, size);
    if (pe_read(copy, size, &pe))
        pe_exports(&pe, "WSPStartup");
    free(copy);
}

static void truncated_at_every_byte(void **state)
{
    (void)state;
    uint8_t image[IMAGE_SIZE];
    make_image(image, true, 0x8664);
    for (size_t size = 0; size < sizeof image; size++)
        read_copy(image, size);
}

/* The file ends where the optional header does. */
static void optional_headers_of_every_size(void **state)
{
    (void)state;
    uint8_t image[IMAGE_SIZE];
    for (uint32_t size = 0; size <= 240; size++) {
        make_image(image, true, 0x8664);
        put(image, PE_AT + 6, 2, 0);
        put(image, PE_AT + 20, 2, size);
        read_copy(image, OPTIONAL_AT + size);
    }
}

/* "PE Format": "the Windows loader limits the number of sections to 96". */
static void too_many_sections(void **state)
{
    (void)state;
    static uint8_t image[4 * IMAGE_SIZE];
    struct pe_image pe;
    make_image(image, true, 0x8664);
    put(image, PE_AT + 6, 2, 96);
    assert_true(pe_read(image, sizeof image, &pe));
    put(image, PE_AT + 6, 2, 97);
    assert_false(pe_read(image, sizeof image, &pe));
}

static void every_number_damaged(void **state)
{
    (void)state;
    static const uint32_t numbers[] = {0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFFFFFF - HEADERS, IMAGE_SIZE};
    uint8_t image[IMAGE_SIZE];
    for (size_t at = 0; at + 4 <= sizeof image; at++) {
        for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
            make_image(image, at % 2 == 0, 0x8664);
            put(image, at, 4, numbers[i]);
            read_copy(image, sizeof image);
        }
    }
}

static void facts_of_an_image(void **state)
{
    (void)state;
    static const struct {
        uint16_t machine;
        bool wide;
        enum files_image image;
    } cases[] = {
        {PE_MACHINE_AMD64, true, FILES_IMAGE_64},  {PE_MACHINE_ARM64, true, FILES_IMAGE_64},
        {PE_MACHINE_I386, false, FILES_IMAGE_32},  {PE_MACHINE_ARMNT, false, FILES_IMAGE_32},
        {PE_MACHINE_I386, true, FILES_IMAGE_NONE}, {PE_MACHINE_AMD64, false, FILES_IMAGE_NONE},
        {0x0200, true, FILES_IMAGE_OTHER}, /* Itanium */
    };
    uint8_t image[IMAGE_SIZE];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct files_facts facts = {.image_unknown = "not looked at"};
        make_image(image, cases[i].wide, cases[i].machine);
        files_read_image(image, sizeof image, &facts);
        assert_int_equal(facts.image, cases[i].image);
        assert_null(facts.image_unknown);
        assert_int_equal(facts.exports_wsp_startup, cases[i].image != FILES_IMAGE_NONE);
        assert_int_equal(facts.exports_nsp_startup, cases[i].image != FILES_IMAGE_NONE);
    }
    struct files_facts facts = {.image_unknown = "not looked at"};
    files_read_image((const uint8_t *)"text", 4, &facts);
    assert_int_equal(facts.image, FILES_IMAGE_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(machines_and_widths),       cmocka_unit_test(exported_names),
        cmocka_unit_test(a_forwarded_export_counts), cmocka_unit_test(a_name_without_address_is_no_export),
        cmocka_unit_test(no_exports_at_all),         cmocka_unit_test(what_is_no_image),
        cmocka_unit_test(truncated_at_every_byte),   cmocka_unit_test(optional_headers_of_every_size),
        cmocka_unit_test(too_many_sections),         cmocka_unit_test(every_number_damaged),
        cmocka_unit_test(facts_of_an_image),
    };
    return cmocka_run_group_tests_name("pe", tests, NULL, NULL);
}
