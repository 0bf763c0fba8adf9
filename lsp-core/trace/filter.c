/* Which events of a trace are looked at; see filter.h. */
#include "filter.h"

#include <string.h>

bool trace_filter_passes(const struct trace_filter *filter, const struct trace_event *event)
{
    const struct wsplsp_trace_record *record = event->record;
    if (filter->by_socket && record->socket != filter->socket && record->other != filter->socket)
        return false;
    if (filter->by_function && record->function != filter->function)
        return false;
    if (filter->by_process && event->process->id != filter->process)
        return false;
    if (filter->errors && !trace_failed(event))
        return false;
    return event->under_way || event->duration >= filter->slower;
}

static bool digit(char character)
{
    return character >= '0' && character <= '9';
}

bool trace_filter_duration(const char *text, uint64_t *nanoseconds)
{
    static const struct {
        const char *name;
        double factor;
    } units[] = {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}};
    double value = 0, place = 1;
    const char *at = text;
    for (; digit(*at); at++)
        value = value * 10 + (*at - '0');
    if (at == text)
        return false;
    if (*at == '.' && digit(at[1])) {
        for (at++; digit(*at); at++)
            value += (*at - '0') * (place /= 10);
    }
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (strcmp(at, units[i].name) != 0)
            continue;
        value *= units[i].factor;
        if (value < 1 || value > 1e18)
            return false;
        *nanoseconds = (uint64_t)(value + 0.5);
        return true;
    }
    return false;
}

static int digit_value(char character)
{
    return digit(character)                       ? character - '0'
           : character >= 'a' && character <= 'f' ? character - 'a' + 10
           : character >= 'A' && character <= 'F' ? character - 'A' + 10
                                                  : 99;
}

bool trace_filter_number(const char *text, uint64_t limit, uint64_t *number)
{
    bool hexadecimal = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    int base = hexadecimal ? 16 : 10;
    const char *at = hexadecimal ? text + 2 : text;
    uint64_t value = 0;
    if (*at == '\0')
        return false;
    for (; *at != '\0'; at++) {
        int add = digit_value(*at);
        if (add >= base || value > (limit - (uint64_t)add) / (uint64_t)base)
            return false;
        value = value * (uint64_t)base + (uint64_t)add;
    }
    *number = value;
    return true;
}
