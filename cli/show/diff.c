/* wsplsp diff: what differs between two catalogs, or one and the running system. */
#include <stdlib.h>
#include <string.h>

#include "cli/base/command.h"
#include "cli/out/describe.h"
#include "lsp-core/diff/diff.h"
#include "lsp-core/catalog/live/input.h"
#include "cli/base/memory.h"
#include "cli/out/json.h"
#include "cli/out/text.h"

#define ARROW "\xE2\x86\x92" /* U+2192 */

static const char *subject_text(enum diff_subject subject)
{
    return subject == DIFF_NAME_SPACE ? "name space" : diff_subject_name(subject);
}

static bool same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* Whether both are about one thing, so that one heading does. */
static bool same_thing(const struct diff_change *a, const struct diff_change *b)
{
    return a->kind == b->kind && a->subject == b->subject && a->bits == b->bits &&
           same_text(a->provider_id, b->provider_id) && same_text(a->name, b->name);
}

static enum text_style kind_style(enum diff_kind kind)
{
    static const enum text_style styles[] = {TEXT_GOOD, TEXT_ERROR, TEXT_LAYERED, TEXT_WARNING};
    return styles[kind];
}

static void print_change(struct output *output, const struct diff_change *change, bool heading, bool verbose)
{
    if (heading) {
        text_put(output, kind_style(change->kind), diff_kind_name(change->kind));
        buffer_text(&output->buffer, " ");
        char *text =
            memory_format("%s%s%s %s%s%s", change->bits != 0 ? describe_bits(change->bits) : "",
                          change->bits != 0 ? " " : "", subject_text(change->subject),
                          change->name != NULL ? change->name : "", verbose && change->provider_id != NULL ? " " : "",
                          verbose && change->provider_id != NULL ? change->provider_id : "");
        text_wrap_from(output, 4, strlen(diff_kind_name(change->kind)) + 1, text);
        free(text);
    }
    if (change->field == NULL && change->before == NULL && change->after == NULL)
        return;
    char *text = memory_format("%s%s%s " ARROW " %s", change->field != NULL ? change->field : "",
                               change->field != NULL ? ": " : "", change->before != NULL ? change->before : "(none)",
                               change->after != NULL ? change->after : "(none)");
    text_wrap(output, 8, "    ", text);
    free(text);
}

static void print_summary(const struct diff *diff, struct output *output)
{
    size_t counts[DIFF_CHANGED + 1] = {0};
    if (diff->count == 0) {
        buffer_text(&output->buffer, "No differences.\n");
        return;
    }
    for (size_t i = 0; i < diff->count; i++)
        counts[diff->changes[i].kind]++;
    buffer_format(&output->buffer, "\n%zu %s:", diff->count, diff->count == 1 ? "difference" : "differences");
    const char *separator = " ";
    for (enum diff_kind kind = DIFF_ADDED; kind <= DIFF_CHANGED; kind++) {
        if (counts[kind] == 0)
            continue;
        buffer_format(&output->buffer, "%s%zu %s", separator, counts[kind], diff_kind_name(kind));
        separator = ", ";
    }
    buffer_text(&output->buffer, "\n");
}

static void print_text(const struct wsplsp_snapshot *a, const struct wsplsp_snapshot *b, const struct diff *diff,
                       const struct options *options, struct output *output)
{
    if (!options->quiet && diff->count > 0) {
        char *text = memory_format("From %s to %s", a->source, b->source);
        text_wrap(output, 2, "", text);
        buffer_text(&output->buffer, "\n");
        free(text);
    }
    for (size_t i = 0; i < diff->count; i++) {
        const struct diff_change *change = &diff->changes[i];
        bool heading = i == 0 || !same_thing(change - 1, change);
        print_change(output, change, heading, options->verbose);
    }
    if (options->quiet)
        return;
    print_summary(diff, output);
    text_notes(output, a);
    text_notes(output, b);
}

static cJSON *change_json(const struct diff_change *change)
{
    cJSON *object = cJSON_CreateObject();
    json_text(object, "kind", diff_kind_name(change->kind));
    json_text(object, "subject", diff_subject_name(change->subject));
    json_number_or_null(object, "catalog", change->bits != 0, change->bits);
    json_text(object, "provider_id", change->provider_id);
    json_text(object, "name", change->name);
    json_text(object, "field", change->field);
    json_text(object, "before", change->before);
    json_text(object, "after", change->after);
    return object;
}

static void add_side(cJSON *object, const char *name, const struct wsplsp_snapshot *snapshot)
{
    cJSON *side = cJSON_AddObjectToObject(object, name);
    json_source(side, snapshot);
    json_notes(side, snapshot);
}

static void print_json(const struct wsplsp_snapshot *a, const struct wsplsp_snapshot *b, const struct diff *diff,
                       struct output *output)
{
    cJSON *object = json_envelope("diff");
    add_side(object, "a", a);
    add_side(object, "b", b);
    cJSON *changes = cJSON_AddArrayToObject(object, "changes");
    for (size_t i = 0; i < diff->count; i++)
        cJSON_AddItemToArray(changes, change_json(&diff->changes[i]));
    json_print(output, object);
}

static enum wsplsp_status compare(const struct wsplsp_snapshot *a, const struct wsplsp_snapshot *b,
                                  const struct options *options, struct output *output, struct wsplsp_error *error)
{
    struct diff *diff;
    if (diff_snapshots(a, b, &diff, error) != WSPLSP_OK)
        return error->status;
    if (options->json)
        print_json(a, b, diff, output);
    else
        print_text(a, b, diff, options, output);
    enum wsplsp_status status = diff->count == 0 ? WSPLSP_OK : WSPLSP_FINDINGS;
    diff_free(diff);
    return status;
}

static enum wsplsp_status check_sources(const struct options *options, const char *second, struct wsplsp_error *error)
{
    if (options->operand_count > 1 && options->catalog != NULL) {
        wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "'diff' compares two catalogs, and three are given");
        return wsplsp_hint(error, "leave out --catalog, or B");
    }
    if (second != NULL && strcmp(second, "-") == 0 && strcmp(options->operands[0], "-") == 0) {
        wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "both catalogs cannot come from standard input");
        return wsplsp_hint(error, "give a file name for one of them");
    }
    return WSPLSP_OK;
}

enum wsplsp_status cmd_diff(const struct options *options, struct output *output, struct wsplsp_error *error)
{
    struct wsplsp_snapshot *a, *b;
    const char *second = options->operand_count > 1 ? options->operands[1] : options->catalog;
    if (check_sources(options, second, error) != WSPLSP_OK ||
        input_load(options->operands[0], options->code_page, &a, error) != WSPLSP_OK)
        return error->status;
    enum wsplsp_status status = input_load(second, options->code_page, &b, error);
    if (status == WSPLSP_OK) {
        status = compare(a, b, options, output, error);
        wsplsp_snapshot_free(b);
    }
    wsplsp_snapshot_free(a);
    return status;
}
