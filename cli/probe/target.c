/* Reads operands and option arguments of probe and wsk connect; see target.h. */
#include "target.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cli/base/memory.h"

/* Decimal digits only, and no more than `most`. `*end` is behind them. */
static bool read_number(const char *text, uint32_t most, uint32_t *number, const char **end)
{
    uint64_t value = 0;
    const char *at = text;
    for (; *at >= '0' && *at <= '9' && value <= most; at++)
        value = value * 10 + (uint64_t)(*at - '0');
    *number = (uint32_t)value;
    *end = at;
    return at != text && value <= most;
}

enum wsplsp_status probe_read_port(const char *text, uint16_t *port, struct wsplsp_error *error)
{
    uint32_t number;
    const char *end;
    if (!read_number(text, UINT16_MAX, &number, &end) || *end != '\0' || number == 0) {
        wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "'%.100s' is no port", text);
        return wsplsp_hint(error, "a port is a number from 1 to 65535");
    }
    *port = (uint16_t)number;
    return WSPLSP_OK;
}

static enum wsplsp_status fail_target(const char *text, struct wsplsp_error *error)
{
    wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "'%.200s' is not HOST:PORT", text);
    return wsplsp_hint(error, "as in example.org:443, 192.0.2.1:80 or [::1]:80");
}

enum wsplsp_status probe_read_target(const char *text, char **host, uint16_t *port, struct wsplsp_error *error)
{
    bool literal = text[0] == '[';
    const char *end = literal ? strchr(text, ']') : strchr(text, ':');
    const char *start = literal ? text + 1 : text;
    if (end == NULL || end == start)
        return fail_target(text, error);
    const char *colon = literal ? end + 1 : end;
    /* More than one colon: an IPv6 address that lacks its brackets. */
    if (*colon != ':' || strchr(colon + 1, ':') != NULL || colon[1] == '\0')
        return fail_target(text, error);
    if (probe_read_port(colon + 1, port, error) != WSPLSP_OK)
        return error->status;
    *host = memory_text_n(start, (size_t)(end - start));
    return WSPLSP_OK;
}

static const struct {
    const char *name;
    uint32_t milliseconds;
} units[] = {{"", 1}, {"ms", 1}, {"s", 1000}, {"m", 60 * 1000}};

enum wsplsp_status probe_read_timeout(const char *text, uint32_t *milliseconds, struct wsplsp_error *error)
{
    uint32_t number;
    const char *unit;
    *milliseconds = PROBE_TIMEOUT_USUAL;
    if (text == NULL)
        return WSPLSP_OK;
    bool read = read_number(text, PROBE_TIMEOUT_MAX, &number, &unit) && number > 0;
    for (size_t i = 0; read && i < sizeof units / sizeof units[0]; i++) {
        if (strcmp(unit, units[i].name) != 0 || number > PROBE_TIMEOUT_MAX / units[i].milliseconds)
            continue;
        *milliseconds = number * units[i].milliseconds;
        return WSPLSP_OK;
    }
    wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "'%.100s' is no time for --timeout", text);
    return wsplsp_hint(error, "500, 500ms, 5s or 2m; at most 10m");
}

enum wsplsp_status probe_read_count(const char *text, uint32_t most, uint32_t *count, struct wsplsp_error *error)
{
    const char *end;
    *count = 1;
    if (text == NULL || (read_number(text, most, count, &end) && *end == '\0' && *count > 0))
        return WSPLSP_OK;
    wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "'%.100s' is no number for --count", text);
    return wsplsp_hint(error, "from 1 to %u", (unsigned)most);
}

/* The value of two hexadecimal digits; -1 where they are none. */
static int read_hex(const char *text)
{
    static const char digits[] = "0123456789abcdef";
    int value = 0;
    for (int i = 0; i < 2; i++) {
        char c = text[i] >= 'A' && text[i] <= 'F' ? (char)(text[i] - 'A' + 'a') : text[i];
        const char *digit = c == '\0' ? NULL : strchr(digits, c);
        if (digit == NULL)
            return -1;
        value = value * 16 + (int)(digit - digits);
    }
    return value;
}

/* The byte that a backslash at `text` makes, and how many characters it takes; -1 where it makes none. */
static int read_escape(const char *text, size_t *taken)
{
    static const char letters[] = "rnt0\\", bytes[] = "\r\n\t\0\\";
    const char *letter = text[1] == '\0' ? NULL : strchr(letters, text[1]);
    *taken = text[1] == 'x' ? 4 : 2;
    if (text[1] == 'x')
        return read_hex(text + 2);
    return letter == NULL ? -1 : bytes[letter - letters];
}

enum wsplsp_status probe_read_send(const char *text, unsigned char **bytes, size_t *size, struct wsplsp_error *error)
{
    unsigned char *made = memory_alloc(strlen(text) + 1);
    size_t count = 0, taken;
    for (const char *at = text; *at != '\0'; at += taken) {
        int byte = (unsigned char)*at;
        taken = 1;
        if (*at == '\\')
            byte = read_escape(at, &taken);
        if (byte < 0) {
            free(made);
            wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "'%.20s' in --send means nothing", at);
            return wsplsp_hint(error, "a backslash stands before r, n, t, 0, xHH or another one");
        }
        made[count++] = (unsigned char)byte;
    }
    if (count == 0 || count > PROBE_SEND_MAX) {
        free(made);
        return wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "--send takes 1 to %d bytes", PROBE_SEND_MAX);
    }
    *bytes = made;
    *size = count;
    return WSPLSP_OK;
}
