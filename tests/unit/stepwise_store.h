/* A store that is to a .reg file what the running system is to Windows: each step takes effect at once. And it does
 * what systems do on bad days. */
#ifndef WSPLSP_TESTS_STEPWISE_STORE_H
#define WSPLSP_TESTS_STEPWISE_STORE_H

#include "support.h"

#include "lsp-core/change/store.h"

struct stepwise_days {
    size_t fail_step;   /* this call of `apply` (1-based) fails and changes nothing; 0 for none */
    size_t fail_late;   /* this one fails, and has changed what it was to change */
    size_t fail_from;   /* so do all from this one on, changing nothing */
    bool deaf;          /* every step is accepted, and none is kept */
    size_t deaf_step;   /* this one is */
    size_t meddle_step; /* after this one, somebody else changes an application's categories */
    bool denied;        /* the process has not the rights */
    size_t applied;     /* counts the calls */
};

/* Over the file at `path`. `days` is the caller's, and may be changed meanwhile. */
struct store *stepwise_open(const char *path, struct stepwise_days *days);

/* What the meddler sets. */
#define STEPWISE_MEDDLED "C:\\meddled.exe"

bool stepwise_new_id(struct wsplsp_guid *id);

#endif
