/* What a record says, in words; see text.h. */
#include "text.h"

#include <stdio.h>
#include <string.h>

#include "names.h"

enum { FAMILY_INET = 2, FAMILY_INET6 = 23, INET_SIZE = 16, INET6_SIZE = 28 };

enum meaning {
    NUMBER,
    COUNT, /* 0 is not worth a word */
    YES,
    FAMILY,
    TYPE,
    PROTOCOL,
    MESSAGE_FLAGS,
    SOCKET_FLAGS,
    EVENTS,
    FILE_FLAGS,
    PACKET_FLAGS,
    REUSE_FLAGS,
    LEVEL,
    OPTION,
    IOCTL,
    HOW,
    LIMIT, /* of milliseconds */
    VERSION,
};

struct argument {
    const char *name;
    enum meaning meaning;
    bool result;
};

struct signature {
    unsigned function;
    struct argument arguments[WSPLSP_TRACE_ARGUMENTS];
};

#define MESSAGE                                                                   \
    {                                                                             \
        {"flags", MESSAGE_FLAGS, false}, {"flags_returned", MESSAGE_FLAGS, true}, \
        {                                                                         \
            "buffers", NUMBER, false                                              \
        }                                                                         \
    }
#define HIDDEN_ID                  \
    {                              \
        {"id", NUMBER, false},     \
        {                          \
            "chain", NUMBER, false \
        }                          \
    }
#define OPTION_VALUE(given)                                                            \
    {                                                                                  \
        {"level", LEVEL, false}, {"option", OPTION, false}, {"length", NUMBER, given}, \
        {                                                                              \
            "value", NUMBER, given                                                     \
        }                                                                              \
    }

/* As WSPLSP_TRACE_ARGUMENTS in wsplsp/trace.h lists them. */
static const struct signature signatures[] = {
    {WSPLSP_TRACE_SOCKET,
     {{"family", FAMILY, false}, {"type", TYPE, false}, {"protocol", PROTOCOL, false}, {"flags", SOCKET_FLAGS, false}}},
    {WSPLSP_TRACE_SEND, MESSAGE},
    {WSPLSP_TRACE_SEND_TO, MESSAGE},
    {WSPLSP_TRACE_RECV, MESSAGE},
    {WSPLSP_TRACE_RECV_FROM, MESSAGE},
    {WSPLSP_TRACE_RECV_MSG, MESSAGE},
    {WSPLSP_TRACE_SEND_MSG, MESSAGE},
    {WSPLSP_TRACE_SET_SOCK_OPT, OPTION_VALUE(false)},
    {WSPLSP_TRACE_GET_SOCK_OPT, OPTION_VALUE(true)},
    {WSPLSP_TRACE_IOCTL, {{"code", IOCTL, false}, {"bytes_in", NUMBER, false}, {"room", NUMBER, false}}},
    {WSPLSP_TRACE_LISTEN, {{"backlog", NUMBER, false}}},
    {WSPLSP_TRACE_SHUTDOWN, {{"how", HOW, false}}},
    {WSPLSP_TRACE_ASYNC_SELECT, {{"message", NUMBER, false}, {"events", EVENTS, false}}},
    {WSPLSP_TRACE_EVENT_SELECT, {{"events", EVENTS, false}}},
    {WSPLSP_TRACE_ENUM_NETWORK_EVENTS, {{"events", EVENTS, true}}},
    {WSPLSP_TRACE_SELECT,
     {{"read", NUMBER, false}, {"write", NUMBER, false}, {"except", NUMBER, false}, {"milliseconds", LIMIT, false}}},
    {WSPLSP_TRACE_CONNECT, {{"caller_data", COUNT, false}, {"callee_data", COUNT, true}}},
    {WSPLSP_TRACE_JOIN_LEAF, {{"flags", NUMBER, false}}},
    {WSPLSP_TRACE_ACCEPT, {{"condition", YES, false}}},
    {WSPLSP_TRACE_DUPLICATE_SOCKET, {{"process", NUMBER, false}}},
    {WSPLSP_TRACE_GET_OVERLAPPED_RESULT, {{"wait", YES, false}, {"flags_returned", MESSAGE_FLAGS, true}}},
    {WSPLSP_TRACE_STARTUP, {{"version", VERSION, false}, {"version_given", VERSION, true}}},
    {WSPLSP_TRACE_MODIFY_IFS_HANDLE, HIDDEN_ID},
    {WSPLSP_TRACE_CREATE_SOCKET_HANDLE, HIDDEN_ID},
    {WSPLSP_TRACE_QUERY_BLOCKING_CALLBACK, HIDDEN_ID},
    {WSPLSP_TRACE_ACCEPT_EX,
     {{"data_room", COUNT, false}, {"local_room", NUMBER, false}, {"remote_room", NUMBER, false}}},
    {WSPLSP_TRACE_DISCONNECT_EX, {{"flags", REUSE_FLAGS, false}}},
    {WSPLSP_TRACE_TRANSMIT_FILE, {{"bytes", NUMBER, false}, {"per_send", COUNT, false}, {"flags", FILE_FLAGS, false}}},
    {WSPLSP_TRACE_TRANSMIT_PACKETS,
     {{"elements", NUMBER, false}, {"per_send", COUNT, false}, {"flags", PACKET_FLAGS, false}}},
};

static void put_name(char text[TRACE_VALUE_ROOM], const char *name)
{
    if (name != NULL)
        snprintf(text, TRACE_VALUE_ROOM, "%s", name);
}

/* "MSG_OOB|MSG_PEEK|0x40000" */
static void put_flags(char text[TRACE_VALUE_ROOM], uint32_t value, const struct flag *table)
{
    size_t used = 0;
    for (; table->name != NULL; table++) {
        if ((value & table->value) == 0 || used + strlen(table->name) + 12 > TRACE_VALUE_ROOM)
            continue;
        used += (size_t)snprintf(text + used, TRACE_VALUE_ROOM - used, "%s%s", used > 0 ? "|" : "", table->name);
        value &= ~table->value;
    }
    if (value != 0)
        snprintf(text + used, TRACE_VALUE_ROOM - used, "%s0x%lx", used > 0 ? "|" : "", (unsigned long)value);
}

static const struct flag *flag_table(enum meaning meaning)
{
    switch (meaning) {
    case MESSAGE_FLAGS:
        return trace_message_flags;
    case SOCKET_FLAGS:
        return trace_socket_flags;
    case EVENTS:
        return trace_event_bits;
    case FILE_FLAGS:
        return trace_file_flags;
    case PACKET_FLAGS:
        return trace_packet_flags;
    case REUSE_FLAGS:
        return trace_reuse_flags;
    default:
        return NULL;
    }
}

/* The name of a number, which may depend on the argument before it. */
static const char *number_name(const struct wsplsp_trace_record *record, enum meaning meaning, uint32_t value)
{
    switch (meaning) {
    case FAMILY:
        return flags_family_name((int32_t)value);
    case TYPE:
        return flags_socket_type_name((int32_t)value);
    case PROTOCOL:
        return flags_protocol_name((int32_t)record->argument[0], (int32_t)value);
    case LEVEL:
        return trace_level_name(value);
    case OPTION:
        return trace_option_name(record->argument[0], value);
    case IOCTL:
        return trace_ioctl_name(value);
    case HOW:
        return trace_shutdown_name(value);
    case YES:
        return value != 0 ? "yes" : NULL;
    case LIMIT:
        return value == UINT32_MAX ? "no limit" : NULL;
    default:
        return NULL;
    }
}

static void fill_value(const struct wsplsp_trace_record *record, const struct argument *argument, uint32_t number,
                       struct trace_value *value)
{
    const struct flag *table = flag_table(argument->meaning);
    *value = (struct trace_value){.name = argument->name, .value = number};
    if (table != NULL)
        put_flags(value->text, number, table);
    else if (argument->meaning == VERSION)
        snprintf(value->text, sizeof value->text, "%u.%u", (unsigned)(number & 0xff), (unsigned)(number >> 8 & 0xff));
    else
        put_name(value->text, number_name(record, argument->meaning, number));
    value->quiet = number == 0 && (table != NULL || argument->meaning == COUNT || argument->meaning == YES);
}

size_t trace_arguments_of(const struct wsplsp_trace_record *record, bool under_way,
                          struct trace_value values[WSPLSP_TRACE_ARGUMENTS])
{
    size_t count = 0;
    if ((record->flags & WSPLSP_TRACE_COMPLETION) != 0)
        return 0;
    for (size_t i = 0; i < sizeof signatures / sizeof signatures[0]; i++) {
        const struct argument *arguments = signatures[i].arguments;
        if (signatures[i].function != record->function)
            continue;
        for (size_t j = 0; j < WSPLSP_TRACE_ARGUMENTS && arguments[j].name != NULL; j++) {
            if (!under_way || !arguments[j].result)
                fill_value(record, &arguments[j], record->argument[j], &values[count++]);
        }
    }
    return count;
}

static unsigned big_endian16(const uint8_t *bytes)
{
    return (unsigned)bytes[0] << 8 | bytes[1];
}

/* The longest run of zero groups, if of two or more: RFC 5952, 4.2. */
static void find_zeros(const uint8_t *address, size_t *first, size_t *count)
{
    *first = 8;
    *count = 1;
    for (size_t i = 0; i < 8; i++) {
        size_t length = 0;
        while (i + length < 8 && big_endian16(address + 2 * (i + length)) == 0)
            length++;
        if (length > *count) {
            *first = i;
            *count = length;
        }
    }
}

/* RFC 5952, with the dotted form of the last 32 bits for an IPv4 address in an IPv6 one. */
static size_t put_ipv6(char *text, size_t room, const uint8_t *address)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    size_t first, count, used = 0;
    if (memcmp(address, mapped, sizeof mapped) == 0)
        return (size_t)snprintf(text, room, "::ffff:%u.%u.%u.%u", address[12], address[13], address[14], address[15]);
    find_zeros(address, &first, &count);
    for (size_t i = 0; i < 8; i++) {
        if (i == first) {
            used += (size_t)snprintf(text + used, room - used, "::");
            i += count - 1;
            continue;
        }
        const char *colon = i > 0 && i != first + count ? ":" : "";
        used += (size_t)snprintf(text + used, room - used, "%s%x", colon, big_endian16(address + 2 * i));
    }
    return used;
}

void trace_address_text(const struct wsplsp_trace_record *record, char text[TRACE_ADDRESS_ROOM])
{
    const uint8_t *address = record->address;
    unsigned family = address[0] | (unsigned)address[1] << 8, port = big_endian16(address + 2);
    text[0] = '\0';
    if (record->address_kind == WSPLSP_TRACE_NO_ADDRESS)
        return;
    if (family == FAMILY_INET && record->address_length >= INET_SIZE) {
        snprintf(text, TRACE_ADDRESS_ROOM, "%u.%u.%u.%u:%u", address[4], address[5], address[6], address[7], port);
    } else if (family == FAMILY_INET6 && record->address_length >= INET6_SIZE) {
        char number[48], zone[16] = "";
        uint32_t scope;
        put_ipv6(number, sizeof number, address + 8);
        memcpy(&scope, address + 24, sizeof scope);
        if (scope != 0)
            snprintf(zone, sizeof zone, "%%%lu", (unsigned long)scope);
        snprintf(text, TRACE_ADDRESS_ROOM, "[%s%s]:%u", number, zone, port);
    } else {
        snprintf(text, TRACE_ADDRESS_ROOM, "family %u, %u bytes", family, record->address_length);
    }
}

void trace_duration_text(uint64_t nanoseconds, char text[16])
{
    double value = (double)nanoseconds;
    const char *unit = "ns";
    if (nanoseconds < 1000) {
        snprintf(text, 16, "%u ns", (unsigned)nanoseconds);
        return;
    }
    if (nanoseconds < 1000000)
        value /= 1e3, unit = "us";
    else if (nanoseconds < 1000000000)
        value /= 1e6, unit = "ms";
    else
        value /= 1e9, unit = "s";
    snprintf(text, 16, value < 9.995 ? "%.2f %s" : value < 99.95 ? "%.1f %s" : "%.0f %s", value, unit);
}

/* Days since 1601 to a date of the Gregorian calendar. */
static void split_days(uint64_t days, unsigned *year, unsigned *month, unsigned *day)
{
    static const unsigned lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    *year = (unsigned)(1601 + days / 146097 * 400);
    days %= 146097;
    for (;; (*year)++) {
        bool leap = *year % 4 == 0 && (*year % 100 != 0 || *year % 400 == 0);
        unsigned length = leap ? 366 : 365;
        if (days >= length) {
            days -= length;
            continue;
        }
        for (*month = 0;; (*month)++) {
            unsigned month_length = lengths[*month] + (leap && *month == 1 ? 1 : 0);
            if (days < month_length)
                break;
            days -= month_length;
        }
        *month += 1;
        *day = (unsigned)days + 1;
        return;
    }
}

void trace_time_text(uint64_t time, unsigned digits, char text[40])
{
    unsigned year, month, day;
    uint64_t seconds = time / 1000000000u;
    unsigned fraction = (unsigned)(time % 1000000000u), of_day = (unsigned)(seconds % 86400);
    split_days(seconds / 86400, &year, &month, &day);
    int used = snprintf(text, 40, "%04u-%02u-%02u %02u:%02u:%02u.%09u", year, month, day, of_day / 3600,
                        of_day / 60 % 60, of_day % 60, fraction);
    if (used > 0 && digits < 9)
        text[(unsigned)used - 9 + digits] = '\0';
}
