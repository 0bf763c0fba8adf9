/* Windows 10's own entries, in the order of its catalog; see windows10.h. */
#include "windows10.h"

#include "flags.h"
#include "names.h"
#include "lsp-core/base/text.h"

#include <stdlib.h>
#include <string.h>

#define SYSTEM32 "%SystemRoot%\\system32\\"
#define MSWSOCK  SYSTEM32 "mswsock.dll"
#define TCPIP    "{E70F1AA0-AB8B-11CF-8CA3-00805F48A192}"
#define TCPIP6   "{F9EAB0C0-26D4-11D0-BBBF-00AA006C34E4}"
#define QOS      "{9D60A9E0-337A-11D0-BD88-0000C082E69A}"
#define HYPERV   "{1234191B-4BF7-4CA7-86E0-DFD7C32B5445}"

enum { INET = 2, INET6 = 23, HYPERV_FAMILY = 34, STREAM = 1, DATAGRAM = 2, RAW = 3, TCP = 6, UDP = 17 };

/* dwServiceFlags1: guaranteed delivery and order, graceful close, expedited data, file handles … */
#define STREAM_FLAGS   (XP1_IFS_HANDLES | 0x66u)
#define HYPERV_FLAGS   (XP1_IFS_HANDLES | 0x26u)
#define DATAGRAM_FLAGS (XP1_IFS_HANDLES | 0x609u)
#define QOS_SUPPORTED  0x2000u

struct base {
    uint32_t catalog_id;
    const char *provider_id;
    const char *name;
    int32_t family, type, protocol, address_length, max_offset;
    uint32_t max_message, service_flags, provider_flags;
};

#define MATCHES_ZERO PFL_MATCHES_PROTOCOL_ZERO
#define NAME(id)     "@%SystemRoot%\\System32\\mswsock.dll,-" #id
#define QOS_NAME(id) "@%SystemRoot%\\System32\\wshqos.dll,-" #id

/* clang-format off */
static const struct base bases[] = {
    {1001, HYPERV, "Hyper-V RAW",  HYPERV_FAMILY, STREAM, 1, 36, 0, 0, HYPERV_FLAGS, MATCHES_ZERO},
    {1006, TCPIP,  NAME(60100),    INET,  STREAM,   TCP, 16, 0,   0,     STREAM_FLAGS,                   MATCHES_ZERO},
    {1007, TCPIP,  NAME(60101),    INET,  DATAGRAM, UDP, 16, 0,   65527, DATAGRAM_FLAGS,                 MATCHES_ZERO},
    {1008, TCPIP,  NAME(60102),    INET,  RAW,      0,   16, 255, 32768, DATAGRAM_FLAGS, MATCHES_ZERO | PFL_HIDDEN},
    {1009, TCPIP6, NAME(60200),    INET6, STREAM,   TCP, 28, 0,   0,     STREAM_FLAGS,                   MATCHES_ZERO},
    {1010, TCPIP6, NAME(60201),    INET6, DATAGRAM, UDP, 28, 0,   65527, DATAGRAM_FLAGS,                 MATCHES_ZERO},
    {1011, TCPIP6, NAME(60202),    INET6, RAW,      0,   28, 255, 32768, DATAGRAM_FLAGS, MATCHES_ZERO | PFL_HIDDEN},
    {1002, QOS,    QOS_NAME(100),  INET6, STREAM,   TCP, 28, 0,   0,     STREAM_FLAGS | QOS_SUPPORTED,   MATCHES_ZERO},
    {1003, QOS,    QOS_NAME(101),  INET,  STREAM,   TCP, 16, 0,   0,     STREAM_FLAGS | QOS_SUPPORTED,   MATCHES_ZERO},
    {1004, QOS,    QOS_NAME(102),  INET6, DATAGRAM, UDP, 28, 0,   65527, DATAGRAM_FLAGS | QOS_SUPPORTED, MATCHES_ZERO},
    {1005, QOS,    QOS_NAME(103),  INET,  DATAGRAM, UDP, 16, 0,   65527, DATAGRAM_FLAGS | QOS_SUPPORTED, MATCHES_ZERO},
};

static const struct {
    const char *provider_id, *name, *dll;
    uint32_t name_space; /* NS_NLA, NS_EMAIL, NS_PNRPCLOUD, NS_PNRPNAME, NS_DNS, NS_NTDS */
} name_spaces[] = {
    {"{6642243A-3BA8-4AA6-BAA5-2E0BD71FDD83}", "@" SYSTEM32 "nlasvc.dll,-1000",    SYSTEM32 "NLAapi.dll",  15},
    {"{964ACBA2-B2BC-40EB-8C6A-A6DB40161CAE}", "@" SYSTEM32 "napinsp.dll,-1000",   SYSTEM32 "napinsp.dll", 37},
    {"{03FE89CE-766D-4976-B9C1-BB9BC42C7B4D}", "@" SYSTEM32 "pnrpnsp.dll,-1000",   SYSTEM32 "pnrpnsp.dll", 39},
    {"{03FE89CD-766D-4976-B9C1-BB9BC42C7B4D}", "@" SYSTEM32 "pnrpnsp.dll,-1001",   SYSTEM32 "pnrpnsp.dll", 38},
    {"{22059D40-7E9E-11CF-AE5A-00AA00A7112B}", "@" SYSTEM32 "wshtcpip.dll,-60103", SYSTEM32 "mswsock.dll", 12},
    {"{3B2637EE-E580-11CF-A555-00C04FD8D4AC}", "@" SYSTEM32 "winrnr.dll,-1000",    SYSTEM32 "winrnr.dll",  32},
};
/* clang-format on */

static char *shown(const char *name)
{
    const char *known = names_lookup(name);
    return text_duplicate(known != NULL ? known : name);
}

static bool add_base(struct wsplsp_catalog *catalog, const struct base *base)
{
    struct wsplsp_entry *entry = wsplsp_catalog_add_entry(catalog);
    if (entry == NULL)
        return false;
    struct wsplsp_protocol_info *info = &entry->info;
    info->service_flags[0] = base->service_flags;
    info->provider_flags = base->provider_flags;
    wsplsp_guid_parse(base->provider_id, &info->provider_id);
    info->catalog_id = base->catalog_id;
    info->chain_len = 1;
    info->version = 2;
    info->family = base->family;
    info->max_address_length = info->min_address_length = base->address_length;
    info->socket_type = base->type;
    info->protocol = base->protocol;
    info->protocol_max_offset = base->max_offset;
    info->max_message_size = base->max_message;
    for (size_t i = 0; base->name[i] != '\0'; i++)
        info->name[i] = (uint8_t)base->name[i];
    entry->name_raw = text_duplicate(base->name);
    entry->name = shown(base->name);
    entry->dll = text_duplicate(MSWSOCK);
    return entry->name_raw != NULL && entry->name != NULL && entry->dll != NULL;
}

static bool add_name_space(struct wsplsp_catalog *catalog, size_t index)
{
    struct wsplsp_name_space *name_space = wsplsp_catalog_add_name_space(catalog);
    if (name_space == NULL)
        return false;
    wsplsp_guid_parse(name_spaces[index].provider_id, &name_space->provider_id);
    name_space->name_space = name_spaces[index].name_space;
    name_space->enabled = true;
    name_space->name_raw = text_duplicate(name_spaces[index].name);
    name_space->name = shown(name_spaces[index].name);
    name_space->dll = text_duplicate(name_spaces[index].dll);
    return name_space->name_raw != NULL && name_space->name != NULL && name_space->dll != NULL;
}

struct wsplsp_snapshot *windows10_catalog(void)
{
    struct wsplsp_snapshot *snapshot = wsplsp_snapshot_new("Windows 10");
    bool added = snapshot != NULL;
    for (size_t c = 0; added && c < 2; c++) {
        struct wsplsp_catalog *catalog = &snapshot->catalogs[c];
        catalog->present = true;
        for (size_t i = 0; added && i < sizeof bases / sizeof bases[0]; i++)
            added = add_base(catalog, &bases[i]);
        for (size_t i = 0; added && i < sizeof name_spaces / sizeof name_spaces[0]; i++)
            added = add_name_space(catalog, i);
    }
    if (added)
        return snapshot;
    wsplsp_snapshot_free(snapshot);
    return NULL;
}
