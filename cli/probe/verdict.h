/* Says what lies between the ways of a probe that went differently. Results in, words out: nothing of the system is
 * asked. */
#ifndef WSPLSP_CLI_PROBE_VERDICT_H
#define WSPLSP_CLI_PROBE_VERDICT_H

#include "report.h"

enum probe_cause {
    PROBE_NO_CAUSE,    /* all ways connect alike */
    PROBE_NETWORK,     /* all ways fail alike: the network, or the other side */
    PROBE_LAYERS,      /* one of `layers` */
    PROBE_USER_MODE,   /* Winsock in user mode, below all layers, or what filters it */
    PROBE_KERNEL_ONLY, /* only Winsock Kernel is worse off */
    PROBE_UNCLEAR,     /* the ways differ, and not in the order that they lie in */
};

struct probe_verdict {
    bool agree;
    enum probe_cause cause;
    const char *layers[PROBE_RESULTS_MAX]; /* with PROBE_LAYERS; the results' own texts */
    uint32_t layer_ids[PROBE_RESULTS_MAX];
    size_t layer_count;
    char *text;
    char *advice; /* or NULL */
};

/* The ways in order: PROBE_CATALOG, then PROBE_LAYER from the top down, PROBE_BASE, PROBE_KERNEL. `verdict` is for
 * probe_verdict_free. */
void probe_judge(const struct probe_result *results, size_t count, struct probe_verdict *verdict);

void probe_verdict_free(struct probe_verdict *verdict);

/* "none", "network", "layer", "user-mode", "kernel", "unclear". */
const char *probe_cause_name(enum probe_cause cause);

#endif
