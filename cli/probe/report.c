/* Frees what a probe found. */
#include "report.h"

#include <stdlib.h>

static void free_result(struct probe_result *result)
{
    free(result->entry);
    free(result->layer);
    free(result->untried);
    free(result->answer);
}

void probe_report_free(struct probe_report *report)
{
    if (report == NULL)
        return;
    for (size_t i = 0; i < report->count; i++) {
        for (size_t j = 0; j < report->rounds[i].count; j++)
            free_result(&report->rounds[i].results[j]);
    }
    free(report->note);
    free(report);
}
