/* The field's names for numbers; see flags.h. */
#include "flags.h"

#include <stddef.h>
#include <stdlib.h>

#include "lsp-core/base/text.h"

/* WSAPROTOCOL_INFOW, dwServiceFlags1 */
const struct flag flags_service[] = {
    {XP1_CONNECTIONLESS, "XP1_CONNECTIONLESS", "datagrams, no connections"},
    {0x00000002, "XP1_GUARANTEED_DELIVERY", "all data sent arrives"},
    {0x00000004, "XP1_GUARANTEED_ORDER", "data arrives once and in order"},
    {0x00000008, "XP1_MESSAGE_ORIENTED", "keeps message boundaries"},
    {0x00000010, "XP1_PSEUDO_STREAM", "messages, read as a stream"},
    {0x00000020, "XP1_GRACEFUL_CLOSE", "two-phase close"},
    {0x00000040, "XP1_EXPEDITED_DATA", "urgent (out-of-band) data"},
    {0x00000080, "XP1_CONNECT_DATA", "user data on connect"},
    {0x00000100, "XP1_DISCONNECT_DATA", "user data on disconnect"},
    {0x00000200, "XP1_SUPPORT_BROADCAST", "broadcast"},
    {0x00000400, "XP1_SUPPORT_MULTIPOINT", "multipoint or multicast"},
    {0x00000800, "XP1_MULTIPOINT_CONTROL_PLANE", "rooted multipoint control plane"},
    {0x00001000, "XP1_MULTIPOINT_DATA_PLANE", "rooted multipoint data plane"},
    {0x00002000, "XP1_QOS_SUPPORTED", "quality of service requests"},
    {0x00004000, "XP1_INTERRUPT", "reserved"},
    {0x00008000, "XP1_UNI_SEND", "one way, send"},
    {0x00010000, "XP1_UNI_RECV", "one way, receive"},
    {XP1_IFS_HANDLES, "XP1_IFS_HANDLES", "sockets are file system handles"},
    {0x00040000, "XP1_PARTIAL_MESSAGE", "MSG_PARTIAL in WSASend and WSASendTo"},
    {0x00080000, "XP1_SAN_SUPPORT_SDP", "SDP on a system area network"},
    {0, NULL, NULL},
};

/* WSAPROTOCOL_INFOW, dwProviderFlags */
const struct flag flags_provider[] = {
    {PFL_MULTIPLE_PROTO_ENTRIES, "PFL_MULTIPLE_PROTO_ENTRIES", "one of several entries for one protocol"},
    {PFL_RECOMMENDED_PROTO_ENTRY, "PFL_RECOMMENDED_PROTO_ENTRY", "the recommended one of several entries"},
    {PFL_HIDDEN, "PFL_HIDDEN", "not among WSAEnumProtocols' answers"},
    {PFL_MATCHES_PROTOCOL_ZERO, "PFL_MATCHES_PROTOCOL_ZERO", "chosen for protocol 0"},
    {PFL_NETWORKDIRECT_PROVIDER, "PFL_NETWORKDIRECT_PROVIDER", "a Network Direct provider"},
    {0, NULL, NULL},
};

/* "Categorizing Layered Service Providers and Applications" */
const struct flag flags_category[] = {
    {0x00000001, "LSP_INSPECTOR", "looks at data or calls"},
    {0x00000002, "LSP_REDIRECTOR", "changes addresses"},
    {0x00000004, "LSP_PROXY", "passes data through another program"},
    {0x00000008, "LSP_FIREWALL", "may deny a socket's use of the network"},
    {0x00000010, "LSP_INBOUND_MODIFY", "changes received data"},
    {0x00000020, "LSP_OUTBOUND_MODIFY", "changes sent data"},
    {0x00000040, "LSP_CRYPTO_COMPRESS", "encrypts or compresses"},
    {0x00000080, "LSP_LOCAL_CACHE", "answers from a local cache"},
    {0x80000000, "LSP_SYSTEM", "made for system processes"},
    {0, NULL, NULL},
};

char *flags_text(uint32_t value, const struct flag *table)
{
    char *text = text_duplicate("");
    for (const struct flag *flag = table; text != NULL && value != 0; flag++) {
        const char *comma = text[0] == '\0' ? "" : ", ";
        char *longer = text;
        if (flag->name == NULL)
            longer = text_format("%s%s0x%lX", text, comma, (unsigned long)value);
        else if (value & flag->value)
            longer = text_format("%s%s%s", text, comma, flag->name);
        if (longer != text)
            free(text);
        text = longer;
        value = flag->name == NULL ? 0 : value & ~flag->value;
    }
    if (text == NULL || text[0] != '\0')
        return text;
    free(text);
    return text_duplicate("none");
}

struct number_name {
    int64_t number;
    const char *name;
};

static const char *find_name(const struct number_name *names, size_t count, int64_t number)
{
    for (size_t i = 0; i < count; i++) {
        if (names[i].number == number)
            return names[i].name;
    }
    return NULL;
}

#define FIND_NAME(names, number) find_name(names, sizeof names / sizeof names[0], number)

enum { FAMILY_INET = 2, FAMILY_INET6 = 23, FAMILY_BTH = 32, FAMILY_HYPERV = 34 };

const char *flags_family_name(int32_t family)
{
    static const struct number_name names[] = {
        {0, "AF_UNSPEC"},
        {1, "AF_UNIX"},
        {FAMILY_INET, "AF_INET"},
        {6, "AF_IPX"},
        {7, "AF_ISO"},
        {11, "AF_SNA"},
        {12, "AF_DECnet"},
        {16, "AF_APPLETALK"},
        {17, "AF_NETBIOS"},
        {18, "AF_VOICEVIEW"},
        {21, "AF_BAN"},
        {22, "AF_ATM"},
        {24, "AF_CLUSTER"},
        {FAMILY_INET6, "AF_INET6"},
        {25, "AF_12844"},
        {26, "AF_IRDA"},
        {28, "AF_NETDES"},
        {29, "AF_TCNPROCESS"},
        {30, "AF_TCNMESSAGE"},
        {31, "AF_ICLFXBM"},
        {FAMILY_BTH, "AF_BTH"},
        {33, "AF_LINK"},
        {FAMILY_HYPERV, "AF_HYPERV"},
    };
    return FIND_NAME(names, family);
}

const char *flags_socket_type_name(int32_t type)
{
    static const struct number_name names[] = {
        {1, "SOCK_STREAM"}, {2, "SOCK_DGRAM"}, {3, "SOCK_RAW"}, {4, "SOCK_RDM"}, {5, "SOCK_SEQPACKET"},
    };
    return FIND_NAME(names, type);
}

static const char *internet_protocol_name(int32_t protocol)
{
    static const struct number_name names[] = {
        {0, "IPPROTO_IP"},      {1, "IPPROTO_ICMP"},  {2, "IPPROTO_IGMP"},   {6, "IPPROTO_TCP"},   {17, "IPPROTO_UDP"},
        {58, "IPPROTO_ICMPV6"}, {113, "IPPROTO_PGM"}, {132, "IPPROTO_SCTP"}, {255, "IPPROTO_RAW"},
    };
    return FIND_NAME(names, protocol);
}

const char *flags_protocol_name(int32_t family, int32_t protocol)
{
    switch (family) {
    case FAMILY_INET:
    case FAMILY_INET6:
        return internet_protocol_name(protocol);
    case FAMILY_BTH:
        return protocol == 3 ? "BTHPROTO_RFCOMM" : NULL;
    case FAMILY_HYPERV:
        return protocol == 1 ? "HV_PROTOCOL_RAW" : NULL;
    default:
        return NULL;
    }
}

const char *flags_name_space_name(uint32_t name_space)
{
    static const struct number_name names[] = {
        {0, "NS_ALL"},   {1, "NS_SAP"},          {2, "NS_NDS"},          {3, "NS_PEER_BROWSE"}, {5, "NS_SLP"},
        {6, "NS_DHCP"},  {10, "NS_TCPIP_LOCAL"}, {11, "NS_TCPIP_HOSTS"}, {12, "NS_DNS"},        {13, "NS_NETBT"},
        {14, "NS_WINS"}, {15, "NS_NLA"},         {16, "NS_BTH"},         {20, "NS_NBP"},        {30, "NS_MS"},
        {31, "NS_STDA"}, {32, "NS_NTDS"},        {37, "NS_EMAIL"},       {38, "NS_PNRPNAME"},   {39, "NS_PNRPCLOUD"},
        {40, "NS_X500"}, {41, "NS_NIS"},         {42, "NS_NISPLUS"},     {50, "NS_WRQ"},        {60, "NS_NETDES"},
    };
    return FIND_NAME(names, name_space);
}
