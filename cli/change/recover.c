/* wsplsp recover: ends a change that a crash, or a loss of power, has left in the middle. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/base/command.h"
#include "confirm.h"
#include "cli/out/folder_notes.h"
#include "cli/base/memory.h"
#include "cli/out/json.h"
#include "cli/out/text.h"
#include "target.h"

static const char *outcome_name(enum change_outcome outcome)
{
    switch (outcome) {
    case CHANGE_OUTCOME_DONE:
        return "completed";
    case CHANGE_OUTCOME_UNDONE:
        return "undone";
    default:
        return "nothing";
    }
}

static void print_json(const struct options *options, const struct change_target *target, const char *outcome,
                       const struct change_unfinished *unfinished, struct output *output)
{
    cJSON *object = json_envelope("recover");
    json_text(object, "catalog", options->catalog);
    json_text(object, "outcome", outcome);
    cJSON *change =
        unfinished == NULL ? cJSON_AddNullToObject(object, "change") : cJSON_AddObjectToObject(object, "change");
    if (unfinished != NULL) {
        json_text(change, "command", unfinished->command);
        json_text(change, "words", unfinished->words);
        json_text(change, "started", unfinished->started);
        json_text(change, "backup", unfinished->backup);
        cJSON_AddNumberToObject(change, "steps", (double)unfinished->steps);
        cJSON_AddNumberToObject(change, "steps_done", (double)unfinished->steps_done);
    }
    folder_notes_json(object, change_notes(target));
    json_print(output, object);
}

static void print_unfinished(const struct change_unfinished *unfinished, struct output *output)
{
    char *text = memory_format("'%s' of %s ended after %zu of %zu steps: %s", unfinished->command, unfinished->started,
                               unfinished->steps_done, unfinished->steps, unfinished->words);
    text_wrap(output, 4, "", text);
    text_wrap(output, 4, "Its backup: ", unfinished->backup);
    free(text);
}

static enum wsplsp_status nothing(const struct change_target *target, const struct options *options,
                                  struct output *output)
{
    if (options->json)
        print_json(options, target, "nothing", NULL, output);
    else if (!options->quiet)
        buffer_text(&output->buffer, "No change is unfinished.\n");
    return WSPLSP_FINDINGS;
}

static enum wsplsp_status recover(struct change_target *target, const struct options *options,
                                  const struct change_unfinished *unfinished, struct output *output,
                                  struct wsplsp_error *error)
{
    struct change_result result;
    enum wsplsp_status status = change_recover(target, NULL, &result, error);
    if (status == WSPLSP_OK && options->json)
        print_json(options, target, outcome_name(result.outcome), unfinished, output);
    else if (status == WSPLSP_OK && !options->quiet)
        buffer_text(&output->buffer, result.outcome == CHANGE_OUTCOME_DONE
                                         ? "All of its steps were done: the change stays.\n"
                                         : "The catalog is what it was before.\n");
    change_result_free(&result);
    return status;
}

enum wsplsp_status cmd_recover(const struct options *options, struct output *output, struct wsplsp_error *error)
{
    struct change_target *target;
    struct change_unfinished *unfinished = NULL;
    if (target_open(options, &target, error) != WSPLSP_OK)
        return error->status;
    enum wsplsp_status status = change_find_unfinished(target, &unfinished, error);
    if (status == WSPLSP_OK && unfinished == NULL) {
        status = nothing(target, options, output);
    } else if (status == WSPLSP_OK) {
        if (!options->json && !options->quiet)
            print_unfinished(unfinished, output);
        if (options_has(options, OPTION_DRY_RUN) && options->json)
            print_json(options, target, "unfinished", unfinished, output);
        else if (!options_has(options, OPTION_DRY_RUN) &&
                 (status = confirm(options, change_target_is_system(target), "Recover?", output, error)) == WSPLSP_OK)
            status = recover(target, options, unfinished, output, error);
    }
    if ((status == WSPLSP_OK || status == WSPLSP_FINDINGS) && !options->json)
        folder_notes_print(output, change_notes(target));
    change_unfinished_free(unfinished);
    change_close(target);
    return status;
}
