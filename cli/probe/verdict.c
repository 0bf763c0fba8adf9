/* The verdict of a probe; see verdict.h. */
#include "verdict.h"

#include <stdlib.h>
#include <string.h>

#include "cli/base/buffer.h"
#include "cli/base/memory.h"
#include "probe_compare.h"

#define REFUSED   10061 /* WSAECONNREFUSED */
#define TIMED_OUT 10060 /* WSAETIMEDOUT */

/* Two neighbours among the ways that were tried, and how they differ. */
struct boundary {
    const struct probe_result *upper, *lower;
    enum probe_difference difference;
    bool confirmed; /* another way below them went like the lower one */
};

const char *probe_cause_name(enum probe_cause cause)
{
    static const char *const names[] = {"none", "network", "layer", "user-mode", "kernel", "unclear"};
    return names[cause];
}

static void put_way(struct buffer *text, const struct probe_result *result, bool first)
{
    const char *the = first ? "The" : "the";
    const char *entry = result->entry != NULL ? result->entry : "?";
    if (result->way == PROBE_KERNEL)
        buffer_text(text, "Winsock Kernel");
    else if (result->way == PROBE_CATALOG && result->layer != NULL)
        buffer_format(text, "%s chain '%s'", the, entry);
    else if (result->way == PROBE_CATALOG)
        buffer_format(text, "%s catalog's entry '%s'", the, entry);
    else if (result->way == PROBE_LAYER)
        buffer_format(text, "%s chain '%s' below", the, entry);
    else
        buffer_format(text, "%s base entry '%s'", the, entry);
}

static void put_outcome(struct buffer *text, const struct probe_result *result)
{
    const struct probe_failure *failure = &result->failure;
    if (probe_succeeded(result)) {
        buffer_format(text, " connects in %.1f ms", (double)result->fastest / 1e6);
        if (result->answer != NULL)
            buffer_format(text, " with an answer of %zu bytes", result->answer_size);
        return;
    }
    buffer_text(text, result->succeeded > 0 ? " at times" : "");
    if (failure->code == 0)
        buffer_format(text, " does not come back from %s", failure->step);
    else
        buffer_format(text, " fails to %s with %s", failure->step, failure->name);
    if (result->succeeded > 0)
        buffer_format(text, " (%u of %u times)", (unsigned)(result->tries - result->succeeded),
                      (unsigned)result->tries);
}

/* "The chain 'X' fails …; the base entry 'Y' connects …. " */
static void put_facts(struct buffer *text, const struct probe_result *results, size_t count)
{
    bool first = true;
    for (size_t i = 0; i < count; i++) {
        if (results[i].untried != NULL)
            continue;
        buffer_text(text, first ? "" : "; ");
        put_way(text, &results[i], first);
        put_outcome(text, &results[i]);
        first = false;
    }
    buffer_text(text, ". ");
}

/* The layers that are passed above the boundary's lower way and not below it. */
static void find_suspects(const struct boundary *boundary, struct probe_verdict *verdict)
{
    for (const struct probe_result *at = boundary->upper; at != boundary->lower; at++) {
        if (at->layer == NULL)
            continue;
        verdict->layers[verdict->layer_count] = at->layer;
        verdict->layer_ids[verdict->layer_count++] = at->layer_id;
    }
}

/* "layer 'A'", or "one of the layers 'A' and 'B'". */
static void put_suspects(struct buffer *text, const struct probe_verdict *verdict, bool first)
{
    if (verdict->layer_count > 1)
        buffer_text(text, first ? "One of the layers" : "one of the layers");
    else
        buffer_text(text, first ? "Layer" : "layer");
    for (size_t i = 0; i < verdict->layer_count; i++)
        buffer_format(text, "%s '%s'", i == 0 ? "" : i + 1 < verdict->layer_count ? "," : " and", verdict->layers[i]);
}

/* A second way with the lower one's answer rules out that the other side just answers differently each time. */
static void put_answers(struct buffer *text, const struct boundary *boundary)
{
    buffer_format(text, "the answers differ from offset %zu on%s.",
                  probe_answers_differ_at(boundary->upper, boundary->lower),
                  boundary->confirmed ? "" : " (unless the other side answers differently each time, as a date does)");
}

static void put_slowness(struct buffer *text, const struct boundary *boundary)
{
    buffer_format(text, "%.0f ms slower.", (double)(boundary->upper->fastest - boundary->lower->fastest) / 1e6);
}

static void judge_layers(const struct boundary *boundary, struct probe_verdict *verdict, struct buffer *text)
{
    verdict->cause = PROBE_LAYERS;
    switch (boundary->difference) {
    case PROBE_LOWER_FAILS:
        buffer_text(text, "Only ");
        put_suspects(text, verdict, false);
        buffer_text(text, " makes the connection possible, as a proxy does.");
        return;
    case PROBE_OTHER_ERROR:
        buffer_text(text, "No way connects, and ");
        put_suspects(text, verdict, false);
        buffer_text(text, " changes the error.");
        return;
    case PROBE_OTHER_ANSWER:
        put_suspects(text, verdict, true);
        buffer_text(text, " changes what is sent or received: ");
        put_answers(text, boundary);
        return;
    case PROBE_UPPER_SLOWER:
        put_suspects(text, verdict, true);
        buffer_text(text, " makes it ");
        put_slowness(text, boundary);
        return;
    default:
        put_suspects(text, verdict, true);
        buffer_text(text, " is the cause.");
        return;
    }
}

/* Between the base entry and Winsock Kernel. */
static void judge_base(const struct boundary *boundary, struct probe_verdict *verdict, struct buffer *text)
{
    static const struct {
        enum probe_cause cause;
        const char *words;
    } cases[] = {
        [PROBE_UPPER_FAILS] = {PROBE_USER_MODE, "Winsock in user mode is the cause, below all layers, or what bars "
                                                "this program's way, as a firewall's rule for a program does."},
        [PROBE_LOWER_FAILS] = {PROBE_KERNEL_ONLY, "Only the kernel's way is barred, as a firewall's rule for the "
                                                  "system does: applications are not concerned."},
        [PROBE_OTHER_ERROR] = {PROBE_UNCLEAR, "No way connects, and user mode and kernel do not agree why."},
        [PROBE_OTHER_ANSWER] = {PROBE_USER_MODE, "Something between user mode and kernel changes the data: "},
        [PROBE_UPPER_SLOWER] = {PROBE_USER_MODE, "Winsock in user mode, below all layers, makes it "},
    };
    verdict->cause = cases[boundary->difference].cause;
    buffer_text(text, cases[boundary->difference].words);
    if (boundary->difference == PROBE_OTHER_ANSWER)
        put_answers(text, boundary);
    if (boundary->difference == PROBE_UPPER_SLOWER)
        put_slowness(text, boundary);
}

static void judge_difference(const struct boundary *boundary, struct probe_verdict *verdict, struct buffer *text)
{
    verdict->agree = false;
    find_suspects(boundary, verdict);
    if (verdict->layer_count > 0) {
        judge_layers(boundary, verdict, text);
    } else if (boundary->lower->way == PROBE_KERNEL) {
        judge_base(boundary, verdict, text);
    } else {
        verdict->cause = PROBE_UNCLEAR;
        buffer_text(text, "That was one and the same entry: the network or the other side is unsteady. '--count' "
                          "tells more.");
    }
}

static void judge_agreement(const struct probe_result *result, bool kernel, struct probe_verdict *verdict,
                            struct buffer *text)
{
    verdict->agree = true;
    verdict->cause = probe_succeeded(result) ? PROBE_NO_CAUSE : PROBE_NETWORK;
    if (verdict->cause == PROBE_NO_CAUSE)
        buffer_text(text, result->answer != NULL ? "All ways are the same, and so are the answers."
                                                 : "All ways are the same.");
    else if (kernel)
        buffer_text(text, "All ways fail alike: neither a layer nor Winsock in user mode is the cause, but the network "
                          "or the other side.");
    else
        buffer_text(text, "All ways fail alike: no layer is the cause, but Winsock in user mode, the network or the "
                          "other side.");
}

/* A name is the layer's own choice, and the advice is there to be copied to a command prompt: one with a quote or a
 * percent sign in it could make another command of it. */
static bool can_be_typed(const char *name)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ._-+()[]/,:";
    return name[strspn(name, allowed)] == '\0';
}

static void advise_on_layers(const struct boundary *boundary, const struct probe_verdict *verdict, struct buffer *text)
{
    if (boundary->difference == PROBE_LOWER_FAILS)
        return;
    if (boundary->upper + 1 != boundary->lower && boundary->upper[1].unasked)
        buffer_text(text, "--each-layer may tell which one; ");
    for (size_t i = 0; i < verdict->layer_count; i++) {
        buffer_text(text, i == 0 ? "try " : " or ");
        if (can_be_typed(verdict->layers[i]))
            buffer_format(text, "'wsplsp remove \"%s\"'", verdict->layers[i]);
        else
            buffer_format(text, "'wsplsp remove %u'", (unsigned)verdict->layer_ids[i]);
    }
    buffer_text(text, ", or for one program 'wsplsp app exempt PROGRAM'");
}

static void advise_on_network(const struct probe_result *result, bool kernel, struct buffer *text)
{
    if (result->failure.winsock == REFUSED)
        buffer_text(text, "the other side answers, but nothing listens on that port, or a firewall refuses for it");
    else if (result->failure.winsock == TIMED_OUT)
        buffer_text(text, "nothing answers: the other side is off, or a firewall on the way drops the packets");
    if (!kernel)
        buffer_format(text, "%s'wsplsp wsk load' adds the way that tells user mode from the network",
                      text->size > 0 ? "; " : "");
}

/* Whether a difference among the layers counts for more than one found below it: where the base entry fails and the
 * kernel does not, a layer that gets around that is not the one to name. */
static bool outdoes(enum probe_difference difference, const struct boundary *below)
{
    return below->lower->way == PROBE_KERNEL &&
           !(difference == PROBE_LOWER_FAILS && below->difference == PROBE_UPPER_FAILS);
}

/* The lowest difference above the base entry: what is below it went right, or wrong for another reason. Where all
 * layers went alike, the one between base entry and kernel. NULL upper: none. */
static struct boundary find_boundary(const struct probe_result *results, size_t count)
{
    struct boundary found = {NULL, NULL, PROBE_ALIKE, false};
    const struct probe_result *lower = NULL;
    bool confirmed = false; /* `lower` went like the way below it */
    for (size_t i = count; i-- > 0;) {
        const struct probe_result *upper = &results[i];
        if (upper->untried != NULL)
            continue;
        enum probe_difference difference = lower == NULL ? PROBE_ALIKE : probe_compare(upper, lower);
        if (difference != PROBE_ALIKE && (found.upper == NULL || outdoes(difference, &found)))
            found = (struct boundary){upper, lower, difference, confirmed};
        confirmed = lower != NULL && difference == PROBE_ALIKE;
        lower = upper;
    }
    return found;
}

static const struct probe_result *first_tried(const struct probe_result *results, size_t count)
{
    size_t i = 0;
    while (i + 1 < count && results[i].untried != NULL)
        i++;
    return &results[i];
}

static bool tried_kernel(const struct probe_result *results, size_t count)
{
    return count > 0 && results[count - 1].way == PROBE_KERNEL && results[count - 1].untried == NULL;
}

/* Takes the text out of the buffer; NULL where nothing has been put into it. */
static char *take(struct buffer *buffer)
{
    char *text = buffer->size == 0 ? NULL : memory_text_n(buffer->bytes, buffer->size);
    buffer_free(buffer);
    return text;
}

void probe_judge(const struct probe_result *results, size_t count, struct probe_verdict *verdict)
{
    struct boundary boundary = find_boundary(results, count);
    const struct probe_result *top = first_tried(results, count);
    bool kernel = tried_kernel(results, count);
    struct buffer text = {0}, advice = {0};
    *verdict = (struct probe_verdict){0};
    put_facts(&text, results, count);
    if (boundary.upper != NULL)
        judge_difference(&boundary, verdict, &text);
    else
        judge_agreement(top, kernel, verdict, &text);
    if (verdict->cause == PROBE_LAYERS)
        advise_on_layers(&boundary, verdict, &advice);
    else if (verdict->cause == PROBE_NETWORK)
        advise_on_network(top, kernel, &advice);
    verdict->text = take(&text);
    verdict->advice = take(&advice);
}

void probe_verdict_free(struct probe_verdict *verdict)
{
    free(verdict->text);
    free(verdict->advice);
}
