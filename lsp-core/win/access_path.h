/* Whether somebody can change a file, or swap it for another by way of the folders and links that lead to it. Needs no
 * Windows: what is there is asked of a pair of eyes. Paths are UTF-8. */
#ifndef WSPLSP_CORE_WIN_ACCESS_PATH_H
#define WSPLSP_CORE_WIN_ACCESS_PATH_H

#include "access.h"

/* One file, folder or link: itself, not what it leads to. */
struct access_object {
    uint8_t *descriptor; /* new; NULL where it cannot be read, … */
    size_t size;
    const char *why; /* … and why, a static text */
    bool link;
    char *target; /* of a link: an absolute path, new; NULL where it cannot be told */
};

struct access_eyes {
    /* False only when out of memory. */
    bool (*look)(void *context, const char *path, struct access_object *object);
    void *context;
    const void *also; /* a SID that is trusted besides, or NULL */
};

struct access_finding {
    struct access_judgement judgement;
    char *at;   /* the file, folder or link that it is about; new, or NULL */
    char *real; /* where the path leads in the end; new, NULL where it was not followed so far */
};

/* Asks every folder from the volume's root down, every link, and the folders on the way to where each link leads. False
 * only when out of memory. */
bool access_path_judge(const struct access_eyes *eyes, const char *path, struct access_finding *finding);
void access_finding_free(struct access_finding *finding);

/* Where a link leads that stands at `path`, from the bytes of its reparse point (a REPARSE_DATA_BUFFER): a new absolute
 * path. `*link` is false for reparse points of other kinds. NULL also for what cannot be told. */
char *access_link_target(const void *bytes, size_t size, const char *path, bool *link);

#endif
