/* wsplsp doctor: what is wrong with a catalog, what to do about it, and with --fix doing it. */
#include <stdlib.h>
#include <string.h>

#include "cli/change/perform.h"
#include "cli/change/arguments.h"
#include "lsp-core/doctor/doctor.h"
#include "cli/base/command.h"
#include "cli/out/describe.h"
#include "lsp-core/dlls/dlls.h"
#include "lsp-core/catalog/live/input.h"
#include "cli/base/memory.h"
#include "cli/out/json.h"
#include "cli/out/text.h"

#define NO_FILES "no --root names the volume that the DLLs are on"

enum { SEVERITIES = CHECK_ERROR + 1, CODE_WIDTH = 26 };

static void count_findings(const struct check_report *report, size_t counts[SEVERITIES])
{
    memset(counts, 0, SEVERITIES * sizeof counts[0]);
    for (size_t i = 0; i < report->finding_count; i++)
        counts[report->findings[i].severity]++;
}

static enum text_style severity_style(enum check_severity severity)
{
    static const enum text_style styles[] = {TEXT_LAYERED, TEXT_WARNING, TEXT_ERROR};
    return styles[severity];
}

/* "64-bit catalog, entry 1017" in front of the message, as far as the finding is about one. */
static char *finding_place(const struct check_finding *finding)
{
    const char *bits = finding->bits != 0 ? describe_bits(finding->bits) : "";
    if (finding->has_catalog_id)
        return memory_format("  %s catalog, entry %lu", bits, (unsigned long)finding->catalog_id);
    if (finding->position != 0)
        return memory_format("  %s catalog, position %zu", bits, finding->position);
    if (finding->bits != 0)
        return memory_format("  %s catalog", bits);
    return memory_text("");
}

static void print_finding(const struct check_finding *finding, struct output *output)
{
    char *place = finding_place(finding);
    text_put(output, severity_style(finding->severity), check_severity_name(finding->severity));
    buffer_text(&output->buffer, "  ");
    text_put(output, TEXT_BOLD, finding->code);
    text_put(output, TEXT_PLAIN, place);
    buffer_text(&output->buffer, "\n");
    text_wrap(output, 4, "    ", finding->message);
    if (finding->advice != NULL && finding->advice[0] != '\0')
        text_wrap(output, 6, "    \xE2\x86\x92 ", finding->advice);
    buffer_text(&output->buffer, "\n");
    free(place);
}

/* Rules that were skipped for the same reason, in one paragraph. */
static void print_skips(const struct check_report *report, const struct options *options, struct output *output)
{
    for (size_t i = 0; i < report->skip_count; i++) {
        const char *reason = report->skips[i].reason;
        size_t first = 0;
        while (strcmp(report->skips[first].reason, reason) != 0)
            first++;
        if (first != i)
            continue;
        struct buffer codes = {NULL, 0, 0};
        size_t count = 0;
        for (size_t j = i; j < report->skip_count; j++) {
            if (strcmp(report->skips[j].reason, reason) == 0)
                buffer_format(&codes, "%s%s", count++ > 0 ? ", " : "", report->skips[j].code);
        }
        buffer_put(&codes, "", 1);
        char *text = options->verbose || count <= 3 ? memory_format("%s: %s", codes.bytes, reason)
                                                    : memory_format("%zu checks: %s", count, reason);
        text_wrap(output, 4, "Skipped ", text);
        free(text);
        buffer_free(&codes);
    }
}

static void print_summary(const struct check_report *report, struct output *output)
{
    size_t counts[SEVERITIES], rules = 0;
    while (check_rules[rules].code != NULL)
        rules++;
    count_findings(report, counts);
    if (report->finding_count == 0)
        buffer_text(&output->buffer, "No findings");
    else
        buffer_format(&output->buffer, "%zu %s, %zu %s, %zu %s", counts[CHECK_ERROR],
                      counts[CHECK_ERROR] == 1 ? "error" : "errors", counts[CHECK_WARNING],
                      counts[CHECK_WARNING] == 1 ? "warning" : "warnings", counts[CHECK_INFO],
                      counts[CHECK_INFO] == 1 ? "info" : "infos");
    buffer_format(&output->buffer, "; %zu checks", rules);
    if (report->skip_count > 0)
        buffer_format(&output->buffer, ", %zu of them skipped", report->skip_count);
    buffer_text(&output->buffer, ".\n");
}

static void print_text(const struct wsplsp_snapshot *snapshot, const struct check_report *report,
                       const struct options *options, struct output *output)
{
    for (size_t i = 0; i < report->finding_count; i++)
        print_finding(&report->findings[i], output);
    if (options->quiet)
        return;
    print_skips(report, options, output);
    print_summary(report, output);
    text_notes(output, snapshot);
}

static cJSON *finding_json(const struct check_finding *finding)
{
    cJSON *object = cJSON_CreateObject();
    json_text(object, "code", finding->code);
    json_text(object, "severity", check_severity_name(finding->severity));
    json_number_or_null(object, "catalog", finding->bits != 0, finding->bits);
    json_number_or_null(object, "position", finding->position != 0, (double)finding->position);
    json_number_or_null(object, "catalog_id", finding->has_catalog_id, finding->catalog_id);
    json_text(object, "message", finding->message);
    json_text(object, "advice", finding->advice);
    return object;
}

static void print_json(const struct wsplsp_snapshot *snapshot, const struct check_report *report,
                       const struct options *options, enum check_severity fail_on, struct output *output)
{
    size_t counts[SEVERITIES];
    cJSON *object = json_envelope("doctor");
    json_source(object, snapshot);
    json_text(object, "root", options->root);
    json_text(object, "fail_on", check_severity_name(fail_on));
    cJSON *summary = cJSON_AddObjectToObject(object, "summary");
    count_findings(report, counts);
    for (int severity = CHECK_ERROR; severity >= CHECK_INFO; severity--)
        cJSON_AddNumberToObject(summary, check_severity_name((enum check_severity)severity), (double)counts[severity]);
    cJSON *findings = cJSON_AddArrayToObject(object, "findings");
    for (size_t i = 0; i < report->finding_count; i++)
        cJSON_AddItemToArray(findings, finding_json(&report->findings[i]));
    cJSON *skipped = cJSON_AddArrayToObject(object, "skipped");
    for (size_t i = 0; i < report->skip_count; i++) {
        cJSON *skip = cJSON_CreateObject();
        json_text(skip, "code", report->skips[i].code);
        json_text(skip, "reason", report->skips[i].reason);
        cJSON_AddItemToArray(skipped, skip);
    }
    json_notes(object, snapshot);
    json_print(output, object);
}

static void print_rule(const struct check_rule *rule, struct output *output)
{
    const char *needs = rule->needs_windows ? "  (Windows only)" : rule->needs_files ? "  (needs the DLLs)" : "";
    text_put(output, TEXT_BOLD, rule->code);
    buffer_blanks(&output->buffer, strlen(rule->code) < CODE_WIDTH ? CODE_WIDTH - strlen(rule->code) : 1);
    text_put(output, severity_style(rule->severity), check_severity_name(rule->severity));
    buffer_format(&output->buffer, "%s\n", needs);
    text_wrap(output, 4, "    ", rule->summary);
}

static void list_checks(const struct options *options, struct output *output)
{
    if (!options->json) {
        for (const struct check_rule *rule = check_rules; rule->code != NULL; rule++)
            print_rule(rule, output);
        return;
    }
    cJSON *object = json_envelope("doctor-checks");
    cJSON *checks = cJSON_AddArrayToObject(object, "checks");
    for (const struct check_rule *rule = check_rules; rule->code != NULL; rule++) {
        cJSON *check = cJSON_CreateObject();
        json_text(check, "code", rule->code);
        json_text(check, "severity", check_severity_name(rule->severity));
        json_text(check, "summary", rule->summary);
        cJSON_AddBoolToObject(check, "needs_files", rule->needs_files);
        cJSON_AddBoolToObject(check, "needs_windows", rule->needs_windows);
        cJSON_AddItemToArray(checks, check);
    }
    json_print(output, object);
}

/* The files that belong to the catalog, where there are any to look at. */
static enum wsplsp_status open_files(const struct wsplsp_snapshot *snapshot, const char *root,
                                     struct check_files **files, struct wsplsp_error *error)
{
    *files = NULL;
    if (root != NULL)
        return files_root_open(root, files, error);
    return snapshot->live ? files_live_open(files, error) : WSPLSP_OK;
}

/* What --fail-on says. */
static enum wsplsp_status read_fail_on(const struct options *options, enum check_severity *fail_on,
                                       struct wsplsp_error *error)
{
    const char *name = options->values[OPTION_FAIL_ON];
    *fail_on = CHECK_WARNING;
    if (name == NULL)
        return WSPLSP_OK;
    for (*fail_on = CHECK_INFO; *fail_on <= CHECK_ERROR; ++*fail_on) {
        if (strcmp(name, check_severity_name(*fail_on)) == 0)
            return WSPLSP_OK;
    }
    wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "'%.100s' is no severity", name);
    return wsplsp_hint(error, "--fail-on takes error, warning or info");
}

static enum wsplsp_status check(const struct wsplsp_snapshot *snapshot, const struct options *options,
                                enum check_severity fail_on, struct output *output, struct wsplsp_error *error)
{
    struct check_files *files;
    struct check_report *report;
    if (open_files(snapshot, options->root, &files, error) != WSPLSP_OK)
        return error->status;
    enum wsplsp_status status = check_snapshot(snapshot, files, NO_FILES, &report, error);
    if (status == WSPLSP_OK) {
        if (options->json)
            print_json(snapshot, report, options, fail_on, output);
        else
            print_text(snapshot, report, options, output);
        for (size_t i = 0; i < report->finding_count; i++) {
            if (report->findings[i].severity >= fail_on)
                status = WSPLSP_FINDINGS;
        }
        check_report_free(report);
    }
    files_close(files);
    return status;
}

static enum wsplsp_status plan_cures(struct change_context *context, struct plan **plan, struct wsplsp_error *error)
{
    struct check_files *files;
    struct check_report *report = NULL;
    struct word_list only;
    if (open_files(context->before, context->options->root, &files, error) != WSPLSP_OK)
        return error->status;
    enum wsplsp_status status = check_snapshot(context->before, files, NO_FILES, &report, error);
    word_list_split(context->options->values[OPTION_ONLY], &only);
    if (status == WSPLSP_OK && only.count == 0 && options_has(context->options, OPTION_ONLY))
        status = wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "--only names no check");
    else if (status == WSPLSP_OK)
        status = plan_fix(context->before, report, only.words, only.count, change_new_id, plan, error);
    word_list_free(&only);
    check_report_free(report);
    files_close(files);
    return status;
}

enum wsplsp_status cmd_doctor(const struct options *options, struct output *output, struct wsplsp_error *error)
{
    struct wsplsp_snapshot *snapshot;
    enum check_severity fail_on;
    if (read_fail_on(options, &fail_on, error) != WSPLSP_OK)
        return error->status;
    if ((options->given & OPTION(LIST_CHECKS)) != 0) {
        list_checks(options, output);
        return WSPLSP_OK;
    }
    if (!options_has(options, OPTION_FIX) && (options->given & (OPTIONS_CHANGE | OPTION(ONLY))) != 0) {
        wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "--dry-run, --yes and --only go with --fix");
        return wsplsp_hint(error, "'doctor' alone changes nothing");
    }
    if (options->root != NULL && options->catalog == NULL) {
        wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "--root goes with a catalog from a file");
        return wsplsp_hint(error, "name that volume's hive too: --from DIR/Windows/System32/config/SYSTEM");
    }
    if (options_has(options, OPTION_FIX) && options_has(options, OPTION_FROM)) {
        wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "--from names a catalog that is only read");
        return wsplsp_hint(error, "name the catalog that --fix is to change with --catalog");
    }
    if (options_has(options, OPTION_FIX))
        return change_command("doctor fix", plan_cures, options, output, error);
    if (input_load(options->catalog, options->code_page, &snapshot, error) != WSPLSP_OK)
        return error->status;
    enum wsplsp_status status = check(snapshot, options, fail_on, output, error);
    wsplsp_snapshot_free(snapshot);
    return status;
}
