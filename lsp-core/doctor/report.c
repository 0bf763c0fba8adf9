/* What the rules find, in order; see part.h. */
#include "part.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lsp-core/base/text.h"

static char *format_new(const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    char *text = length < 0 ? NULL : malloc((size_t)length + 1);
    if (text != NULL)
        vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

/* Grown when the count is a power of two. */
static bool make_room(void **items, size_t count, size_t item_size)
{
    if ((count & (count - 1)) != 0)
        return true;
    void *grown = realloc(*items, (count == 0 ? 1 : count * 2) * item_size);
    if (grown == NULL)
        return false;
    *items = grown;
    return true;
}

static void add(struct check *check, struct check_finding finding, const char *advice, char *message)
{
    struct check_report *report = check->report;
    finding.code = check->rule->code;
    /* Many begin with an entry's kind. */
    if (message != NULL && message[0] >= 'a' && message[0] <= 'z')
        message[0] = (char)(message[0] - 'a' + 'A');
    finding.message = message;
    finding.advice = text_duplicate(advice);
    if (message == NULL || finding.advice == NULL ||
        !make_room((void **)&report->findings, report->finding_count, sizeof finding)) {
        free(finding.message);
        free(finding.advice);
        check->out_of_memory = true;
        return;
    }
    report->findings[report->finding_count++] = finding;
}

static struct check_finding at_entry(const struct wsplsp_entry *entry, enum check_severity severity)
{
    return (struct check_finding){
        .severity = severity,
        .bits = entry->bits,
        .position = entry->position,
        .has_catalog_id = entry->undecoded == NULL,
        .catalog_id = entry->info.catalog_id,
    };
}

void check_report_entry(struct check *check, const struct wsplsp_entry *entry, enum check_severity severity,
                        const char *advice, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add(check, at_entry(entry, severity), advice, format_new(format, arguments));
    va_end(arguments);
}

void check_report_catalog(struct check *check, int bits, enum check_severity severity, const char *advice,
                          const char *format, ...)
{
    struct check_finding finding = {.severity = severity, .bits = bits};
    va_list arguments;
    va_start(arguments, format);
    add(check, finding, advice, format_new(format, arguments));
    va_end(arguments);
}

void check_report_dll(struct check *check, const struct check_dll *dll, enum check_severity severity,
                      const char *advice, const char *format, ...)
{
    struct check_finding finding = {.severity = severity, .bits = dll->bits};
    va_list arguments;
    va_start(arguments, format);
    add(check, dll->entry != NULL ? at_entry(dll->entry, severity) : finding, advice, format_new(format, arguments));
    va_end(arguments);
}

static bool is_skipped(const struct check *check, const char *reason)
{
    for (size_t i = check->report->skip_count; i > 0; i--) {
        const struct check_skip *skip = &check->report->skips[i - 1];
        if (skip->code != check->rule->code)
            return false;
        if (strcmp(skip->reason, reason) == 0)
            return true;
    }
    return false;
}

void check_skip(struct check *check, const char *format, ...)
{
    struct check_report *report = check->report;
    va_list arguments;
    va_start(arguments, format);
    char *reason = format_new(format, arguments);
    va_end(arguments);
    if (reason != NULL && is_skipped(check, reason)) {
        free(reason);
        return;
    }
    if (reason == NULL || !make_room((void **)&report->skips, report->skip_count, sizeof *report->skips)) {
        free(reason);
        check->out_of_memory = true;
        return;
    }
    report->skips[report->skip_count++] = (struct check_skip){check->rule->code, reason};
}

/* A finding with its place in the order in which the rules came, which decides between equals. */
struct ordered {
    struct check_finding finding;
    size_t order;
};

static int compare_sizes(size_t a, size_t b)
{
    return (a > b) - (a < b);
}

static int compare_findings(const void *left, const void *right)
{
    const struct ordered *a = left;
    const struct ordered *b = right;
    if (a->finding.severity != b->finding.severity)
        return a->finding.severity > b->finding.severity ? -1 : 1;
    if (a->finding.bits != b->finding.bits)
        return a->finding.bits > b->finding.bits ? -1 : 1;
    /* What concerns no entry wraps round to the end of its catalog's. */
    int by_position = compare_sizes(a->finding.position - 1, b->finding.position - 1);
    return by_position != 0 ? by_position : compare_sizes(a->order, b->order);
}

void check_report_sort(struct check *check)
{
    struct check_report *report = check->report;
    struct ordered *sorted = calloc(report->finding_count + 1, sizeof *sorted);
    if (sorted == NULL) {
        check->out_of_memory = true;
        return;
    }
    for (size_t i = 0; i < report->finding_count; i++)
        sorted[i] = (struct ordered){report->findings[i], i};
    qsort(sorted, report->finding_count, sizeof *sorted, compare_findings);
    for (size_t i = 0; i < report->finding_count; i++)
        report->findings[i] = sorted[i].finding;
    free(sorted);
}

void check_report_free(struct check_report *report)
{
    if (report == NULL)
        return;
    for (size_t i = 0; i < report->finding_count; i++) {
        free(report->findings[i].message);
        free(report->findings[i].advice);
    }
    for (size_t i = 0; i < report->skip_count; i++)
        free(report->skips[i].reason);
    free(report->findings);
    free(report->skips);
    free(report);
}

const char *check_severity_name(enum check_severity severity)
{
    static const char *const names[] = {"info", "warning", "error"};
    return names[severity];
}
