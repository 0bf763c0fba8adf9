/* The doctor: runs each rule of the table over a snapshot; see doctor.h. */
#include "doctor.h"

#include <stdlib.h>

#include "part.h"
#include "rules.h"

#define PUBLIC_LINE(code, function, severity, files, windows, summary)   {code, severity, summary, files, windows},
#define FUNCTION_LINE(code, function, severity, files, windows, summary) function,

const struct check_rule check_rules[] = {CHECK_RULES(PUBLIC_LINE){NULL, CHECK_INFO, NULL, false, false}};

static void (*const functions[])(struct check *check) = {CHECK_RULES(FUNCTION_LINE)};

static void run_rules(struct check *check, const char *files_absent)
{
    for (size_t i = 0; check_rules[i].code != NULL && !check->out_of_memory; i++) {
        check->rule = &check_rules[i];
        if (check->rule->needs_files && check->files == NULL)
            check_skip(check, "%s", files_absent);
        else
            functions[i](check);
    }
    check_report_sort(check);
}

enum wsplsp_status check_snapshot(const struct wsplsp_snapshot *snapshot, struct check_files *files,
                                  const char *files_absent, struct check_report **report, struct wsplsp_error *error)
{
    struct check check = {.snapshot = snapshot, .files = files};
    check.report = calloc(1, sizeof *check.report);
    if (check.report == NULL)
        return wsplsp_fail_memory(error);
    check_index_make(&check);
    if (!check.out_of_memory)
        run_rules(&check, files_absent);
    check_index_free(&check);
    if (check.out_of_memory) {
        check_report_free(check.report);
        return wsplsp_fail_memory(error);
    }
    *report = check.report;
    return WSPLSP_OK;
}
