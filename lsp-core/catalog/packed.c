/* The codec for PackedCatalogItem. Fields are read and written one by one, little endian, at the offsets of
 * WSAPROTOCOL_INFOW, so that it works alike on every machine. */
#include "packed.h"

#include <stdlib.h>
#include <string.h>

const char packed_out_of_memory[] = "out of memory";

static uint32_t get32(const uint8_t **at)
{
    const uint8_t *p = *at;
    *at += 4;
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void put32(uint8_t **at, uint32_t number)
{
    for (int i = 0; i < 4; i++)
        *(*at)++ = (uint8_t)(number >> (8 * i));
}

static void decode_info(const uint8_t *at, struct wsplsp_protocol_info *info)
{
    for (int i = 0; i < 4; i++)
        info->service_flags[i] = get32(&at);
    info->provider_flags = get32(&at);
    memcpy(info->provider_id.bytes, at, sizeof info->provider_id.bytes);
    at += sizeof info->provider_id.bytes;
    info->catalog_id = get32(&at);
    info->chain_len = (int32_t)get32(&at);
    for (int i = 0; i < WSPLSP_MAX_PROTOCOL_CHAIN; i++)
        info->chain[i] = get32(&at);
    info->version = (int32_t)get32(&at);
    info->family = (int32_t)get32(&at);
    info->max_address_length = (int32_t)get32(&at);
    info->min_address_length = (int32_t)get32(&at);
    info->socket_type = (int32_t)get32(&at);
    info->protocol = (int32_t)get32(&at);
    info->protocol_max_offset = (int32_t)get32(&at);
    info->byte_order = (int32_t)get32(&at);
    info->security_scheme = (int32_t)get32(&at);
    info->max_message_size = get32(&at);
    info->provider_reserved = get32(&at);
    for (int i = 0; i < WSPLSP_PROTOCOL_NAME_LENGTH; i++)
        info->name[i] = (uint16_t)(at[2 * i] | at[2 * i + 1] << 8);
}

static void encode_info(const struct wsplsp_protocol_info *info, uint8_t *at)
{
    for (int i = 0; i < 4; i++)
        put32(&at, info->service_flags[i]);
    put32(&at, info->provider_flags);
    memcpy(at, info->provider_id.bytes, sizeof info->provider_id.bytes);
    at += sizeof info->provider_id.bytes;
    put32(&at, info->catalog_id);
    put32(&at, (uint32_t)info->chain_len);
    for (int i = 0; i < WSPLSP_MAX_PROTOCOL_CHAIN; i++)
        put32(&at, info->chain[i]);
    put32(&at, (uint32_t)info->version);
    put32(&at, (uint32_t)info->family);
    put32(&at, (uint32_t)info->max_address_length);
    put32(&at, (uint32_t)info->min_address_length);
    put32(&at, (uint32_t)info->socket_type);
    put32(&at, (uint32_t)info->protocol);
    put32(&at, (uint32_t)info->protocol_max_offset);
    put32(&at, (uint32_t)info->byte_order);
    put32(&at, (uint32_t)info->security_scheme);
    put32(&at, info->max_message_size);
    put32(&at, info->provider_reserved);
    for (int i = 0; i < WSPLSP_PROTOCOL_NAME_LENGTH; i++) {
        *at++ = (uint8_t)info->name[i];
        *at++ = (uint8_t)(info->name[i] >> 8);
    }
}

const char *packed_decode(const uint8_t *bytes, size_t size, uint32_t code_page, struct wsplsp_protocol_info *info,
                          char **dll)
{
    if (size < PACKED_SIZE)
        return "truncated: shorter than 888 bytes";
    if (memchr(bytes, 0, PACKED_PATH_SIZE) == NULL)
        return "malformed: the DLL path fills its 260 bytes without an end";
    char *path = code_page_read_path(code_page, bytes, PACKED_PATH_SIZE);
    if (path == NULL)
        return packed_out_of_memory;
    decode_info(bytes + PACKED_PATH_SIZE, info);
    *dll = path;
    return NULL;
}

static enum code_page_result put_path(const char *dll, uint32_t code_page, uint8_t *bytes, bool has_old)
{
    char path[PACKED_PATH_SIZE] = {0};
    char *old = has_old ? code_page_read_path(code_page, bytes, PACKED_PATH_SIZE) : NULL;
    if (has_old && old == NULL)
        return CODE_PAGE_NO_MEMORY;
    bool same = has_old && strcmp(old, dll) == 0;
    free(old);
    if (same)
        return CODE_PAGE_DONE;
    enum code_page_result result = code_page_write_path(code_page, dll, path, sizeof path);
    if (result == CODE_PAGE_DONE)
        memcpy(bytes, path, sizeof path);
    return result;
}

enum code_page_result packed_encode(const struct wsplsp_protocol_info *info, const char *dll, uint32_t code_page,
                                    uint8_t bytes[PACKED_SIZE], bool has_old)
{
    enum code_page_result result =
        has_old && dll == NULL ? CODE_PAGE_DONE : put_path(dll == NULL ? "" : dll, code_page, bytes, has_old);
    if (result == CODE_PAGE_DONE)
        encode_info(info, bytes + PACKED_PATH_SIZE);
    return result;
}
