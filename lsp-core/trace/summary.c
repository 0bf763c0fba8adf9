/* A trace in numbers; see summary.h. */
#include "summary.h"

#include <stdlib.h>
#include <string.h>

#include "names.h"
#include "sockets.h"

/* What is left of a call for the functions' numbers. */
struct sample {
    unsigned function;
    bool failed, under_way;
    uint64_t duration;
};

static int compare_samples(const void *left, const void *right)
{
    const struct sample *a = left, *b = right;
    if (a->function != b->function)
        return a->function < b->function ? -1 : 1;
    if (a->under_way != b->under_way)
        return a->under_way ? 1 : -1;
    return a->duration < b->duration ? -1 : a->duration > b->duration;
}

static const char *sort_name(const struct trace_function *function)
{
    const char *name = trace_function_name(function->function);
    return name == NULL ? "" : name;
}

static int compare_functions(const void *left, const void *right)
{
    const struct trace_function *a = left, *b = right;
    int order = strcmp(sort_name(a), sort_name(b));
    return order != 0 ? order : a->function < b->function ? -1 : a->function > b->function;
}

/* The smallest duration that `percent` of them do not exceed (nearest rank). */
static uint64_t percentile(const struct sample *sorted, size_t count, unsigned percent)
{
    size_t rank = (count * percent + 99) / 100;
    return count == 0 ? 0 : sorted[rank == 0 ? 0 : rank - 1].duration;
}

static struct trace_function count_function(const struct sample *samples, size_t count)
{
    struct trace_function function = {.function = samples->function, .count = count};
    for (size_t i = 0; i < count; i++) {
        function.errors += samples[i].failed;
        function.under_way += samples[i].under_way;
    }
    size_t returned = count - (size_t)function.under_way;
    function.p50 = percentile(samples, returned, 50);
    function.p99 = percentile(samples, returned, 99);
    function.max = percentile(samples, returned, 100);
    return function;
}

static bool count_functions(struct sample *samples, size_t count, struct trace_summary *summary)
{
    size_t different = 0;
    if (count == 0)
        return true;
    qsort(samples, count, sizeof samples[0], compare_samples);
    for (size_t i = 0; i < count; i++)
        different += i == 0 || samples[i].function != samples[i - 1].function;
    summary->functions = calloc(different, sizeof summary->functions[0]);
    if (summary->functions == NULL)
        return false;
    for (size_t first = 0, end; first < count; first = end) {
        for (end = first; end < count && samples[end].function == samples[first].function; end++)
            ;
        summary->functions[summary->function_count++] = count_function(samples + first, end - first);
    }
    qsort(summary->functions, summary->function_count, sizeof summary->functions[0], compare_functions);
    return true;
}

/* A call's beginning, or its end where that made a socket: until an accept returns, its new socket's handle may be
 * another socket. */
struct step {
    uint64_t time;
    const struct trace_event *event;
    bool made;
};

static int compare_steps(const void *left, const void *right)
{
    const struct step *a = left, *b = right;
    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    /* Events are in an order of their own. */
    return a->event != b->event ? (a->event < b->event ? -1 : 1) : a->made - b->made;
}

static struct step *make_steps(const struct trace *trace, size_t *count)
{
    struct step *steps = malloc((2 * trace->event_count + 1) * sizeof *steps);
    if (steps == NULL)
        return NULL;
    *count = 0;
    for (size_t i = 0; i < trace->event_count; i++) {
        const struct trace_event *event = &trace->events[i];
        steps[(*count)++] = (struct step){event->time, event, false};
        if (trace_sockets_makes(event))
            steps[(*count)++] = (struct step){event->time + event->duration, event, true};
    }
    if (*count > 0)
        qsort(steps, *count, sizeof *steps, compare_steps);
    return steps;
}

static bool count_sockets(const struct trace *trace, const struct trace_filter *filter, struct trace_summary *summary)
{
    size_t count;
    struct trace_sockets *sockets = trace_sockets_new();
    struct step *steps = make_steps(trace, &count);
    bool done = sockets != NULL && steps != NULL;
    for (size_t i = 0; done && i < count; i++) {
        const struct trace_event *event = steps[i].event;
        bool counted = trace_filter_passes(filter, event);
        done = steps[i].made ? trace_sockets_made(sockets, event, counted) : trace_sockets_add(sockets, event, counted);
    }
    free(steps);
    if (done)
        summary->sockets = trace_sockets_take(sockets, &summary->socket_count);
    else
        trace_sockets_free(sockets);
    return done;
}

static bool count_calls(const struct trace *trace, const struct trace_filter *filter, struct trace_summary *summary)
{
    size_t count = 0;
    struct sample *samples = malloc((trace->event_count + 1) * sizeof *samples);
    if (samples == NULL)
        return false;
    for (size_t i = 0; i < trace->event_count; i++) {
        const struct trace_event *event = &trace->events[i];
        if (!event->nested && !trace_is_completion(event) && trace_filter_passes(filter, event))
            samples[count++] =
                (struct sample){event->record->function, trace_failed(event), event->under_way, event->duration};
    }
    bool done = count_functions(samples, count, summary);
    free(samples);
    return done;
}

enum wsplsp_status trace_summarize(const struct trace *trace, const struct trace_filter *filter,
                                   struct trace_summary *summary, struct wsplsp_error *error)
{
    memset(summary, 0, sizeof *summary);
    if (count_calls(trace, filter, summary) && count_sockets(trace, filter, summary))
        return WSPLSP_OK;
    trace_summary_free(summary);
    return wsplsp_fail_memory(error);
}

void trace_summary_free(struct trace_summary *summary)
{
    free(summary->functions);
    free(summary->sockets);
    memset(summary, 0, sizeof *summary);
}
