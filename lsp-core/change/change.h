/* Applying plans: to the running system, or to a .reg file. Every change is backed up and journalled before its first
 * step, verified after its last, and undone if anything fails; one that died in the middle is found by the next. What
 * is to be changed is plan.h's to say. */
#ifndef WSPLSP_CORE_CHANGE_CHANGE_H
#define WSPLSP_CORE_CHANGE_CHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lsp-core/catalog/catalog.h"
#include "lsp-core/plan/plan.h"

/* What is changed, and the folder where its backups and its journal are kept: for the running system
 * %ProgramData%\wsplsp\backups, which administrators alone may read and write (where others keep that name taken,
 * another place, which is remembered); for FILE the folder FILE.wsplsp-backups beside it, with the rights that folder
 * gives. A wsplsp that itself runs under `wsplsp run --catalog FILE` takes that private catalog for its running system;
 * the backups are FILE's then, and no elevation is asked for. */
struct change_target;

/* The running system. In the native build an error, as source_load_live. `new_id` is what plans are made with. */
enum wsplsp_status change_open_system(plan_new_id new_id, struct change_target **target, struct wsplsp_error *error);

/* A .reg file with nothing but a WinSock2 key; hives are not changed (WSPLSP_REFUSED). `code_page` is that of its DLL
 * paths; 0: the one that the file tells, if it does. */
enum wsplsp_status change_open_file(const char *path, uint32_t code_page, plan_new_id new_id,
                                    struct change_target **target, struct wsplsp_error *error);

/* NULL is allowed. */
void change_close(struct change_target *target);

/* "the running system", or the file's name; lives as long as the target. */
const char *change_target_name(const struct change_target *target);
/* Whether it is the machine's own catalog: not a file, nor a private catalog. */
bool change_target_is_system(const struct change_target *target);

/* What had to be done to the folder of the backups to make it safe, or was seen in it, since the target was opened:
 * sentences, a line each; NULL where there is nothing to say, and for no target: a plan over what cannot be changed has
 * none. Lives until the next call with the target. */
const char *change_notes(const struct change_target *target);

/* The catalog as it is: what a plan is to be made from. */
enum wsplsp_status change_load(struct change_target *target, struct wsplsp_snapshot **snapshot,
                               struct wsplsp_error *error);

/* WSPLSP_OK where a change could begin now. WSPLSP_DENIED without the rights, with how to get them; WSPLSP_REFUSED
 * where an unfinished change is there, with the hint to recover. For commands to call before they ask the user
 * anything; change_apply checks again. */
enum wsplsp_status change_check(struct change_target *target, struct wsplsp_error *error);

/* How far a change is; told in this order, the steps' two for each of them. */
enum change_event {
    CHANGE_LOCKED,     /* nobody else changes this target now, and it is as the plan expects */
    CHANGE_BACKED_UP,  /* the backup is on disk */
    CHANGE_JOURNALLED, /* so is the journal: from here on a death is found by the next command */
    CHANGE_STEP_BEGUN, /* `step` (1-based) is in the journal as begun */
    CHANGE_STEP_DONE,  /* … has been carried out, and is in the journal as done */
    CHANGE_APPLIED,    /* all steps: the target has the new state; a file gets it here, as a whole */
    CHANGE_VERIFIED,   /* read again and found equal to the plan */
    CHANGE_CLOSED,     /* the journal is gone */
    CHANGE_UNDOING,    /* something failed: the backup is being put back; its steps follow as steps */
    CHANGE_UNDONE,     /* … and the target has been read and found equal to it */
};

struct change_watcher {
    void (*tell)(enum change_event event, size_t step, void *context); /* may be NULL */
    void *context;
};

struct change_request {
    const struct plan *plan;
    const char *command; /* the command's name, for the backup's: letters, digits and '-' ("install", "app-exempt") */
    const char *words;   /* one line that says what is changed, for `history`; "install layer 'X'" */
    struct change_watcher watcher;
};

enum change_outcome {
    CHANGE_OUTCOME_NOTHING,   /* nothing was to do */
    CHANGE_OUTCOME_DONE,      /* the plan's result is there, and verified */
    CHANGE_OUTCOME_UNDONE,    /* the old state is there again, and verified */
    CHANGE_OUTCOME_UNCHANGED, /* it failed before anything was changed, or the system kept none of it */
};

struct change_result {
    enum change_outcome outcome;
    size_t steps;          /* that were carried out */
    char *backup;          /* the backup's full path, or NULL where none was made */
    char *command, *words; /* change_recover: of the change that was found; else NULL */
};

void change_result_free(struct change_result *result);

/* Applies a plan that was made from change_load's snapshot. A plan without steps is CHANGE_OUTCOME_NOTHING.
 *   WSPLSP_DENIED       the rights are missing; nothing has been done
 *   WSPLSP_REFUSED      somebody else has changed the catalog since the plan was made, or an unfinished change is
 *                       there; nothing has been done
 *   WSPLSP_SYSTEM       another wsplsp keeps the target locked; or no backup could be made; or the first step failed;
 *                       or the system accepted all steps and kept nothing: in all these cases nothing has been changed.
 *                       Also where undoing failed: the message says so, and the journal stays for change_recover
 *   WSPLSP_ROLLED_BACK  a step failed, or the result was another than planned: the old state is there again
 * `*result` is filled (and to be freed) in every case. */
enum wsplsp_status change_apply(struct change_target *target, const struct change_request *request,
                                struct change_result *result, struct wsplsp_error *error);

/* A change that was begun and not ended. */
struct change_unfinished {
    char *command, *words;
    char *started; /* "2026-11-20T15:54:13Z" */
    char *backup;  /* full path */
    uint32_t process;
    size_t steps, steps_done;
    bool in_step; /* it may have ended in the middle of step steps_done + 1 */
};

/* `*unfinished` becomes NULL where there is none, or where another wsplsp is at work on it just now. */
enum wsplsp_status change_find_unfinished(struct change_target *target, struct change_unfinished **unfinished,
                                          struct wsplsp_error *error);
void change_unfinished_free(struct change_unfinished *unfinished);

/* Ends an unfinished change: where the planned result is there it stays (CHANGE_OUTCOME_DONE), otherwise the backup is
 * put back (CHANGE_OUTCOME_UNDONE, and WSPLSP_OK); CHANGE_OUTCOME_NOTHING where no change is unfinished. */
enum wsplsp_status change_recover(struct change_target *target, const struct change_watcher *watcher,
                                  struct change_result *result, struct wsplsp_error *error);

/* The text of a complete backup: a .reg file that first deletes, then makes the catalogs, for regedit to import. Its
 * comments hold what the registry layout does not: which command it was made for, and the layers' categories. New. */
enum wsplsp_status change_backup_text(const struct wsplsp_snapshot *snapshot, const char *command, const char *words,
                                      void **bytes, size_t *size, struct wsplsp_error *error);

/* Writes a backup of the target as it is into its folder; `*path` is new. */
enum wsplsp_status change_backup(struct change_target *target, const char *command, const char *words, char **path,
                                 struct wsplsp_error *error);

/* Reads a backup, or any .reg file or hive with a catalog, as a snapshot for plan_restore. `name` is a path; one
 * without a folder means the backup of that name in the target's folder first, and a file here only where there is
 * none. `target` may be NULL. `code_page` as for change_open_file. */
enum wsplsp_status change_load_backup(struct change_target *target, const char *name, uint32_t code_page,
                                      struct wsplsp_snapshot **snapshot, struct wsplsp_error *error);

/* What wsplsp has done to the target, from the names and the comments of its backups, the oldest first. */
struct change_record {
    char *name;    /* the backup's file name */
    char *path;    /* … with its folder */
    char *time;    /* "2026-11-20T15:54:13Z" */
    char *command; /* "install" */
    char *words;   /* what was changed; empty where the file does not tell */
    bool undone;   /* the change failed and was undone */
    bool unfinished;
};

struct change_history {
    char *folder; /* where the backups are */
    struct change_record *records;
    size_t count;
};

enum wsplsp_status change_read_history(struct change_target *target, struct change_history **history,
                                       struct wsplsp_error *error);
void change_history_free(struct change_history *history);

#endif
