/* Prints what WSCEnumProtocols gives, a JSON object a line, without any of wsplsp's own code: the other side of the
 * comparison in tests/bats/live.bats. Field names as in DESIGN.md section 8. */
#include <winsock2.h>
#include <ws2spi.h>
#include <stdio.h>
#include <stdlib.h>

/* A JSON string in ASCII: everything else as \u escapes, which jq reads back. */
static void print_string(const WCHAR *text, size_t units)
{
    putchar('"');
    for (size_t i = 0; i < units && text[i] != 0; i++) {
        if (text[i] >= 0x20 && text[i] < 0x7f && text[i] != '"' && text[i] != '\\')
            putchar((char)text[i]);
        else
            printf("\\u%04x", (unsigned)text[i]);
    }
    putchar('"');
}

static void print_chain(const WSAPROTOCOLCHAIN *chain)
{
    printf("[");
    for (int i = 0; chain->ChainLen > 1 && i < chain->ChainLen && i < MAX_PROTOCOL_CHAIN; i++)
        printf("%s%lu", i > 0 ? "," : "", (unsigned long)chain->ChainEntries[i]);
    printf("]");
}

static void print_entry(const WSAPROTOCOL_INFOW *info, int position)
{
    const GUID *id = &info->ProviderId;
    const char *kind = info->ProtocolChain.ChainLen == 0   ? "layer"
                       : info->ProtocolChain.ChainLen == 1 ? "base"
                                                           : "chain";
    printf("{\"catalog\":%d,\"position\":%d,\"catalog_id\":%lu,", (int)sizeof(void *) * 8, position,
           (unsigned long)info->dwCatalogEntryId);
    printf("\"provider_id\":\"{%08lX-%04X-%04X-%02X%02X-%02X%02X%02X%02X%02X%02X}\",", (unsigned long)id->Data1,
           id->Data2, id->Data3, id->Data4[0], id->Data4[1], id->Data4[2], id->Data4[3], id->Data4[4], id->Data4[5],
           id->Data4[6], id->Data4[7]);
    printf("\"kind\":\"%s\",\"name_raw\":", kind);
    print_string(info->szProtocol, WSAPROTOCOL_LEN + 1);
    printf(",\"chain\":");
    print_chain(&info->ProtocolChain);
    printf(",\"version\":%d,\"family\":%d,\"socket_type\":%d,\"protocol\":%d,", info->iVersion, info->iAddressFamily,
           info->iSocketType, info->iProtocol);
    printf("\"protocol_max_offset\":%d,\"max_message_size\":%lu,\"byte_order\":%d,\"security_scheme\":%d,",
           info->iProtocolMaxOffset, (unsigned long)info->dwMessageSize, info->iNetworkByteOrder,
           info->iSecurityScheme);
    printf("\"min_address_length\":%d,\"max_address_length\":%d,", info->iMinSockAddr, info->iMaxSockAddr);
    printf("\"service_flags\":%lu,\"provider_flags\":%lu}\n", (unsigned long)info->dwServiceFlags1,
           (unsigned long)info->dwProviderFlags);
}

int main(void)
{
    WSADATA data;
    DWORD size = 0;
    INT code = 0;
    if (WSAStartup(MAKEWORD(2, 2), &data) != 0)
        return 1;
    WSCEnumProtocols(NULL, NULL, &size, &code);
    WSAPROTOCOL_INFOW *infos = malloc(size);
    if (infos == NULL)
        return 1;
    int count = WSCEnumProtocols(NULL, infos, &size, &code);
    if (count == SOCKET_ERROR) {
        fprintf(stderr, "WSCEnumProtocols: error %d\n", code);
        return 1;
    }
    for (int i = 0; i < count; i++)
        print_entry(&infos[i], i + 1);
    free(infos);
    WSACleanup();
    return 0;
}
