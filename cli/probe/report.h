/* What a probe found: of each address that was tried, how every way to it went. Portable. */
#ifndef WSPLSP_CLI_PROBE_REPORT_H
#define WSPLSP_CLI_PROBE_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum probe_way {
    PROBE_CATALOG, /* as an application: the entry that the catalog gives for the address' family */
    PROBE_LAYER,   /* one of the layers below the first one, with what is below it */
    PROBE_BASE,    /* the base entry alone */
    PROBE_KERNEL,  /* Winsock Kernel */
};

enum {
    PROBE_RESULTS_MAX = 9, /* 7 members of a chain, Winsock Kernel, and one that is not there */
    PROBE_ADDRESSES_MAX = 8,
    PROBE_ANSWER_MAX = 64 * 1024, /* what is kept, and compared, of an answer */
};

/* Why a connection failed. */
struct probe_failure {
    const char *step; /* "socket", "bind", "connect", "send", "receive"; static */
    uint32_t code;    /* a Winsock error, or with PROBE_KERNEL an NTSTATUS; 0: a call that did not come back */
    uint32_t winsock; /* the Winsock error; 0 where there is none */
    char name[48];
};

/* One way, tried `tries` times. */
struct probe_result {
    enum probe_way way;
    uint32_t catalog_id; /* of the entry; 0 with PROBE_KERNEL, or where there is none */
    char *entry;         /* the entry's name, or NULL */
    char *layer;         /* the name of the layer at the entry's top; NULL for a base entry and PROBE_KERNEL */
    uint32_t layer_id;   /* of that layer's own entry; 0 where it is not known */
    char *untried;       /* why it was not tried; NULL where it was */
    bool unasked;        /* it was not tried only because --each-layer was not given */
    uint32_t tries;
    uint32_t succeeded;
    struct probe_failure failure; /* the first one, where succeeded < tries */
    /* Connect times in nanoseconds, of those that connected. */
    uint32_t connected;
    uint64_t fastest, slowest, total;
    /* The answer of the first try that succeeded; NULL unless something was sent and a try succeeded. */
    unsigned char *answer;
    size_t answer_size;
    bool answer_ended; /* the peer ended its side: that was all */
};

struct probe_round {
    char address[64]; /* "127.0.0.1", "::1" */
    struct probe_result results[PROBE_RESULTS_MAX];
    size_t count;
};

struct probe_report {
    struct probe_round rounds[PROBE_ADDRESSES_MAX]; /* until one in which a way connects: that one is the verdict's */
    size_t count;
    size_t addresses; /* that the name has */
    char *note;       /* NULL, or what the reader should know */
};

void probe_report_free(struct probe_report *report);

#endif
