/* The codec for PackedCatalogItem. The item is laid out here by WSAPROTOCOL_INFOW's offsets as Microsoft's reference
 * gives its members, not through the code under test. */
#include "support.h"

#include <stdlib.h>
#include <string.h>

#include "lsp-core/catalog/packed.h"

#define INFO PACKED_PATH_SIZE

static void put(uint8_t *item, size_t offset, uint32_t number)
{
    for (int i = 0; i < 4; i++)
        item[INFO + offset + i] = (uint8_t)(number >> (8 * i));
}

/* Every number is one of its own, so that no two members can be swapped unnoticed. */
static void make_item(uint8_t item[PACKED_SIZE])
{
    memset(item, 0, PACKED_SIZE);
    memcpy(item, "%SystemRoot%\\\x80.dll\0left over", 28);
    for (size_t offset = 0; offset < 20; offset += 4)
        put(item, offset, 0x01020300u + (uint32_t)offset);
    for (uint8_t i = 0; i < 16; i++)
        item[INFO + 20 + i] = (uint8_t)(0xA0 + i);
    for (size_t offset = 36; offset < 116; offset += 4)
        put(item, offset, 0xF1020300u + (uint32_t)offset);
    memcpy(item + INFO + 116, "T\0C\0P\0\0\0x\0", 10);
    item[PACKED_SIZE - 1] = 0x7E;
}

static void decode_reads_each_member_at_its_offset(void **state)
{
    (void)state;
    uint8_t item[PACKED_SIZE];
    make_item(item);
    struct wsplsp_protocol_info info;
    char *dll;
    assert_null(packed_decode(item, sizeof item, 1252, &info, &dll));
    assert_string_equal(dll, "%SystemRoot%\\\xE2\x82\xAC.dll");
    free(dll);
    for (uint32_t i = 0; i < 4; i++)
        assert_int_equal(info.service_flags[i], 0x01020300u + 4 * i);
    assert_int_equal(info.provider_flags, 0x01020310u);
    assert_int_equal(info.provider_id.bytes[0], 0xA0);
    assert_int_equal(info.provider_id.bytes[15], 0xAF);
    assert_int_equal(info.catalog_id, 0xF1020324u);
    assert_int_equal((uint32_t)info.chain_len, 0xF1020328u);
    for (uint32_t i = 0; i < 7; i++)
        assert_int_equal(info.chain[i], 0xF102032Cu + 4 * i);
    const uint32_t rest[] = {(uint32_t)info.version,
                             (uint32_t)info.family,
                             (uint32_t)info.max_address_length,
                             (uint32_t)info.min_address_length,
                             (uint32_t)info.socket_type,
                             (uint32_t)info.protocol,
                             (uint32_t)info.protocol_max_offset,
                             (uint32_t)info.byte_order,
                             (uint32_t)info.security_scheme,
                             info.max_message_size,
                             info.provider_reserved};
    for (uint32_t i = 0; i < 11; i++)
        assert_int_equal(rest[i], 0xF1020348u + 4 * i);
    assert_int_equal(info.name[0], 'T');
    assert_int_equal(info.name[4], 'x');
    assert_int_equal(info.name[255], 0x7E00);
}

static void encode_keeps_what_stands_behind_the_same_path(void **state)
{
    (void)state;
    uint8_t item[PACKED_SIZE];
    uint8_t again[PACKED_SIZE];
    make_item(item);
    memcpy(again, item, sizeof again);
    memset(again + INFO, 0x55, PACKED_SIZE - INFO);
    struct wsplsp_protocol_info info;
    char *dll;
    assert_null(packed_decode(item, sizeof item, 1252, &info, &dll));
    assert_int_equal(packed_encode(&info, dll, 1252, again, true), CODE_PAGE_DONE);
    assert_memory_equal(again, item, sizeof item);
    free(dll);
}

static void encode_pads_a_new_path_with_zeros(void **state)
{
    (void)state;
    static const uint8_t zeros[PACKED_PATH_SIZE] = {0};
    static const struct wsplsp_protocol_info info = {0};
    for (int has_old = 0; has_old < 2; has_old++) {
        uint8_t item[PACKED_SIZE];
        make_item(item);
        if (has_old == 0)
            memcpy(item, "layer.dll", 10); /* what stands there is no item yet, even if it looks like one */
        assert_int_equal(packed_encode(&info, "layer.dll", 1252, item, has_old == 1), CODE_PAGE_DONE);
        assert_memory_equal(item, "layer.dll", 9);
        assert_memory_equal(item + 9, zeros, PACKED_PATH_SIZE - 9);
    }
}

static void decode_refuses_every_shorter_item(void **state)
{
    (void)state;
    uint8_t item[PACKED_SIZE];
    make_item(item);
    struct wsplsp_protocol_info info;
    char *dll = NULL;
    for (size_t size = 0; size < PACKED_SIZE; size++) {
        uint8_t *exact = malloc(size + 1); /* so that reading past its end is seen */
        memcpy(exact, item, size);
        const char *fault = packed_decode(exact, size, 1252, &info, &dll);
        assert_non_null(fault);
        assert_memory_equal(fault, "truncated: ", 11);
        assert_null(dll);
        free(exact);
    }
}

static void decode_ignores_bytes_behind_the_item(void **state)
{
    (void)state;
    uint8_t item[PACKED_SIZE + 4] = {0};
    make_item(item);
    struct wsplsp_protocol_info info;
    char *dll;
    assert_null(packed_decode(item, sizeof item, 1252, &info, &dll));
    free(dll);
}

static void a_path_without_end_is_refused(void **state)
{
    (void)state;
    uint8_t item[PACKED_SIZE];
    make_item(item);
    memset(item, 'a', PACKED_PATH_SIZE);
    struct wsplsp_protocol_info info;
    char *dll = NULL;
    assert_non_null(packed_decode(item, sizeof item, 1252, &info, &dll));
    assert_null(dll);
}

static void the_longest_path_has_259_characters(void **state)
{
    (void)state;
    static const struct wsplsp_protocol_info info = {0};
    char path[PACKED_PATH_SIZE + 1];
    memset(path, 'a', sizeof path);
    path[259] = '\0';
    uint8_t item[PACKED_SIZE];
    assert_int_equal(packed_encode(&info, path, 1252, item, false), CODE_PAGE_DONE);
    struct wsplsp_protocol_info info_again;
    char *dll;
    assert_null(packed_decode(item, sizeof item, 1252, &info_again, &dll));
    assert_string_equal(dll, path);
    free(dll);
    path[259] = 'a';
    path[260] = '\0';
    assert_int_equal(packed_encode(&info, path, 1252, item, false), CODE_PAGE_REFUSED);
}

/* 0x81CA and 0xEEF9 are both U+FFE2 in 932, and Windows writes the former. */
static void an_unchanged_path_keeps_its_bytes(void **state)
{
    (void)state;
    static const char *const paths[] = {"C:\\\xEE\xF9.dll", "C:\\\x83\x5C.dll", "C:\\\x83", "C:\\\xFF\xFE\x80<e9>.dll"};
    static const uint32_t pages[] = {932, 0, 1252, 65001};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        for (size_t j = 0; j < sizeof pages / sizeof pages[0]; j++) {
            uint8_t item[PACKED_SIZE], again[PACKED_SIZE], anew[PACKED_SIZE] = {0};
            struct wsplsp_protocol_info info;
            char *dll;
            make_item(item);
            memcpy(item, paths[i], strlen(paths[i]) + 1);
            memcpy(again, item, sizeof again);
            assert_null(packed_decode(item, sizeof item, pages[j], &info, &dll));
            assert_int_equal(packed_encode(&info, dll, pages[j], again, true), CODE_PAGE_DONE);
            assert_memory_equal(again, item, sizeof item);
            assert_int_equal(packed_encode(&info, NULL, pages[j], again, true), CODE_PAGE_DONE);
            assert_memory_equal(again, item, sizeof item);
            /* Where it could not be decided, the bytes are in the text. */
            assert_int_equal(packed_encode(&info, dll, pages[j], anew, false), CODE_PAGE_DONE);
            if (code_page_is_undecided(dll))
                assert_string_equal((char *)anew, paths[i]);
            free(dll);
        }
    }
}

static void encode_refuses_what_ansi_has_not(void **state)
{
    (void)state;
    static const struct wsplsp_protocol_info info = {0};
    uint8_t item[PACKED_SIZE];
    assert_int_equal(packed_encode(&info, "\xD0\xAF.dll", 1252, item, false), CODE_PAGE_REFUSED); /* Cyrillic */
}

static bool decode_once(void *item)
{
    struct wsplsp_protocol_info info;
    char *dll;
    const char *fault = packed_decode(item, PACKED_SIZE, 1252, &info, &dll);
    if (fault == NULL)
        free(dll);
    else
        assert_ptr_equal(fault, packed_out_of_memory);
    return fault == NULL;
}

static void decode_says_when_out_of_memory(void **state)
{
    (void)state;
    uint8_t item[PACKED_SIZE];
    make_item(item);
    support_fail_allocations(decode_once, item);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decode_reads_each_member_at_its_offset),
        cmocka_unit_test(encode_keeps_what_stands_behind_the_same_path),
        cmocka_unit_test(encode_pads_a_new_path_with_zeros),
        cmocka_unit_test(decode_refuses_every_shorter_item),
        cmocka_unit_test(decode_ignores_bytes_behind_the_item),
        cmocka_unit_test(a_path_without_end_is_refused),
        cmocka_unit_test(the_longest_path_has_259_characters),
        cmocka_unit_test(an_unchanged_path_keeps_its_bytes),
        cmocka_unit_test(encode_refuses_what_ansi_has_not),
        cmocka_unit_test(decode_says_when_out_of_memory),
    };
    return cmocka_run_group_tests_name("packed", tests, NULL, NULL);
}
