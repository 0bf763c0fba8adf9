/* Plans as text and as JSON; see plan.h. */
#include "plan.h"

#include <stdlib.h>
#include <string.h>

#include "describe.h"
#include "cli/base/memory.h"
#include "json.h"
#include "snapshot.h"
#include "text.h"
#include "tree.h"
#include "cli/base/utf8.h"

enum { CHANGES_ENTRIES = 1, CHANGES_APPLICATIONS = 2, CHANGES_NAME_SPACES = 4 };

/* The parts of the catalog that the plan changes visibly. */
static unsigned changed_parts(const struct plan *plan)
{
    unsigned parts = 0;
    for (size_t i = 0; i < plan->step_count; i++) {
        switch (plan->steps[i].action) {
        case PLAN_INSTALL_LAYER:
        case PLAN_INSTALL:
        case PLAN_UPDATE:
        case PLAN_REMOVE:
        case PLAN_ORDER:
            parts |= CHANGES_ENTRIES;
            break;
        case PLAN_SET_CATEGORIES:
            break;
        case PLAN_PERMIT_APPLICATION:
        case PLAN_FORGET_APPLICATION:
            parts |= CHANGES_APPLICATIONS;
            break;
        default:
            parts |= CHANGES_NAME_SPACES;
            break;
        }
    }
    return parts;
}

static void print_steps(const struct plan *plan, const struct options *options, struct output *output)
{
    for (size_t i = 0; i < plan->step_count; i++) {
        const struct plan_step *step = &plan->steps[i];
        char *first = memory_format("%3zu. ", i + 1);
        char *text =
            options->verbose ? memory_format("%s (%s)", step->words, step->function) : memory_text(step->words);
        text_wrap(output, 5, first, text);
        free(text);
        free(first);
    }
}

static void print_warnings(const struct plan_report *report, struct output *output)
{
    for (size_t i = 0; i < report->warnings->count; i++)
        text_wrap(output, 4, "Warning: ", report->warnings->texts[i]);
    for (size_t i = 0; i < report->plan->warning_count; i++)
        text_wrap(output, 4, "Warning: ", report->plan->warnings[i]);
}

/* The options, with what they leave in of the catalogs cut down to those that the plan changes. */
static struct options changed_catalogs(const struct plan *plan, const struct options *options)
{
    struct options cut = *options;
    unsigned catalogs = 0;
    for (size_t i = 0; i < plan->step_count; i++)
        catalogs |= plan->steps[i].catalogs;
    cut.bits64 = (catalogs & PLAN_64) != 0;
    cut.bits32 = (catalogs & PLAN_32) != 0;
    return cut;
}

static void print_after(const struct plan *plan, const struct options *all, struct output *output)
{
    struct options cut = changed_catalogs(plan, all);
    const struct options *options = &cut;
    unsigned parts = changed_parts(plan);
    if (parts != 0)
        buffer_text(&output->buffer, "\n");
    if ((parts & CHANGES_ENTRIES) != 0)
        tree_print(plan->after, options, output);
    if ((parts & CHANGES_NAME_SPACES) != 0 && !print_name_spaces(plan->after, options, output))
        buffer_text(&output->buffer, "No name space providers.\n");
    if ((parts & CHANGES_APPLICATIONS) != 0 && !print_applications(plan->after, NULL, options, output))
        buffer_text(&output->buffer, "No applications.\n");
}

void print_plan(const struct plan_report *report, const struct options *options, struct output *output)
{
    const struct plan *plan = report->plan;
    if (plan->step_count == 0) {
        text_wrap(output, 4, "Nothing to do: ", plan->nothing);
        print_warnings(report, output);
        return;
    }
    if (!options->quiet)
        text_wrap(output, 4, "Plan for ", plan->before->source);
    print_steps(plan, options, output);
    print_warnings(report, output);
    if (!options->quiet)
        print_after(plan, options, output);
}

void print_plan_outcome(const struct plan_report *report, const struct options *options, struct output *output)
{
    if (report->plan->step_count == 0)
        return;
    if (strcmp(report->outcome, "planned") == 0) {
        buffer_text(&output->buffer, "\nNothing has been changed.\n");
        return;
    }
    buffer_text(&output->buffer, "\nDone, and read back as planned.\n");
    if (report->backup == NULL)
        return;
    const char *catalog = options->catalog;
    /* Command prompts and shells understand the same quotes. */
    const char *quote = catalog != NULL && strchr(catalog, ' ') != NULL ? "\"" : "";
    char *text = catalog == NULL ? memory_format("wsplsp restore %s", describe_file_name(report->backup))
                                 : memory_format("wsplsp --catalog %s%s%s restore %s", quote, catalog, quote,
                                                 describe_file_name(report->backup));
    buffer_text(&output->buffer, "To undo it: ");
    text_put(output, TEXT_PLAIN, text);
    buffer_text(&output->buffer, "\n");
    free(text);
}

static cJSON *step_json(const struct plan_step *step, size_t number)
{
    static const struct wsplsp_guid none;
    cJSON *object = cJSON_CreateObject();
    cJSON_AddNumberToObject(object, "number", (double)number);
    json_text(object, "action", plan_action_name(step->action));
    json_text(object, "function", step->function);
    cJSON *catalogs = cJSON_AddArrayToObject(object, "catalogs");
    if ((step->catalogs & PLAN_64) != 0)
        cJSON_AddItemToArray(catalogs, cJSON_CreateNumber(64));
    if ((step->catalogs & PLAN_32) != 0)
        cJSON_AddItemToArray(catalogs, cJSON_CreateNumber(32));
    if (plan_step_is_guess(step) || wsplsp_guid_equal(&step->provider_id, &none))
        cJSON_AddNullToObject(object, "provider_id");
    else
        json_guid(object, "provider_id", &step->provider_id);
    json_text(object, "words", step->words);
    return object;
}

static void add_side(cJSON *plan, const char *name, const struct wsplsp_snapshot *snapshot,
                     const struct options *options)
{
    cJSON *side = cJSON_AddObjectToObject(plan, name);
    cJSON *undecoded = cJSON_CreateArray();
    json_entries(snapshot, options, side, undecoded);
    json_name_spaces(snapshot, options, side, undecoded);
    json_applications(snapshot, NULL, side, undecoded);
    cJSON_AddItemToObject(side, "undecoded", undecoded);
}

static void add_text(cJSON *array, const char *text)
{
    char *valid = utf8_valid(text);
    cJSON_AddItemToArray(array, cJSON_CreateString(valid));
    free(valid);
}

void print_plan_json(const struct plan_report *report, const struct options *options, struct output *output)
{
    const struct plan *plan = report->plan;
    char *name = memory_text(report->name);
    if (strchr(name, ' ') != NULL)
        *strchr(name, ' ') = '-';
    cJSON *object = json_envelope(name);
    free(name);
    json_source(object, plan->before);
    json_text(object, "outcome", report->outcome);
    json_text(object, "nothing", plan->nothing);
    cJSON *inner = cJSON_AddObjectToObject(object, "plan");
    cJSON *steps = cJSON_AddArrayToObject(inner, "steps");
    for (size_t i = 0; i < plan->step_count; i++)
        cJSON_AddItemToArray(steps, step_json(&plan->steps[i], i + 1));
    add_side(inner, "before", plan->before, options);
    add_side(inner, "after", plan->after, options);
    cJSON *warnings = cJSON_AddArrayToObject(object, "warnings");
    for (size_t i = 0; i < report->warnings->count; i++)
        add_text(warnings, report->warnings->texts[i]);
    for (size_t i = 0; i < plan->warning_count; i++)
        add_text(warnings, plan->warnings[i]);
    json_text(object, "backup", report->backup);
    json_notes(object, plan->before);
    json_print(output, object);
}
