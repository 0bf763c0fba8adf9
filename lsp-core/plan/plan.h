/* Changes to the catalog, planned: a plan is a pure function of a snapshot and a request, and says step by step how the
 * documented WSC* functions lead from the one state to the other. Portable; changes no system and no file.
 *
 * Promises of every plan: no step removes a base entry; after each single step every chain that was sound is sound (its
 * members exist, it ends in a base) and programs have a network; what the steps make is `after`. */
#ifndef WSPLSP_CORE_PLAN_PLAN_H
#define WSPLSP_CORE_PLAN_PLAN_H

#include "lsp-core/catalog/catalog.h"

struct check_report;
struct diff;

/* Sets of catalogs; the same bits as CATALOG_EDIT_64 and _32. */
#define PLAN_64 1u
#define PLAN_32 2u

enum plan_action {
    PLAN_INSTALL_LAYER,      /* WSCInstallProviderAndChains64_32; WSCInstallProviderAndChains on 32-bit Windows */
    PLAN_INSTALL,            /* WSCInstallProvider */
    PLAN_UPDATE,             /* WSCUpdateProvider(32) */
    PLAN_REMOVE,             /* WSCDeinstallProvider(32) */
    PLAN_ORDER,              /* WSCWriteProviderOrder(32) */
    PLAN_SET_CATEGORIES,     /* WSCSetProviderInfo(32), ProviderInfoLspCategories */
    PLAN_PERMIT_APPLICATION, /* WSCSetApplicationCategory, which only ever adds categories */
    PLAN_FORGET_APPLICATION, /* no documented function: the application's registry key is deleted */
    PLAN_INSTALL_NAME_SPACE, /* WSCInstallNameSpace(32), with ProviderInfo WSCInstallNameSpaceEx(32) */
    PLAN_REMOVE_NAME_SPACE,  /* WSCUnInstallNameSpace(32) */
    PLAN_ENABLE_NAME_SPACE,  /* WSCEnableNSProvider(32) */
    PLAN_ORDER_NAME_SPACES,  /* WSCWriteNameSpaceOrder(32) */
};

/* An entry that a step speaks of. One that an earlier step of the plan makes has no id before that step has run: then
 * `catalog_id` is what a catalog in a file would give it, and plan_step_bind finds the real one by the rest. */
struct plan_ref {
    uint32_t catalog_id;
    bool created; /* by an earlier step */
    struct wsplsp_guid provider_id;
    enum wsplsp_kind kind;
    int32_t family, socket_type, protocol;
    size_t ordinal; /* among the provider's entries of that protocol, by id */
    /* One of the chains that a PLAN_INSTALL_LAYER step makes: the system chooses its provider id, and it is found by
     * its layer instead. */
    bool made;
    struct wsplsp_guid layer;
};

/* An entry that a step installs or updates. */
struct plan_item {
    struct wsplsp_protocol_info info; /* its chain holds the ids of `members` */
    struct plan_ref self;             /* PLAN_UPDATE: the entry; PLAN_INSTALL: what later steps call it */
    struct plan_ref members[WSPLSP_MAX_PROTOCOL_CHAIN];
};

struct plan_protocol {
    int32_t family, socket_type, protocol;
};

/* One call. Which fields an action uses stands behind them. */
struct plan_step {
    enum plan_action action;
    const char *function;           /* static: the name of the function to call, e.g. "WSCDeinstallProvider32" */
    char *words;                    /* what it does, a sentence without its number and full stop */
    unsigned catalogs;              /* which it changes; 0 for applications */
    struct wsplsp_guid provider_id; /* all but PLAN_ORDER, applications, PLAN_ORDER_NAME_SPACES; of what an earlier
                                     * step has made, a guess (plan_step_is_guess) */
    struct plan_ref target;         /* PLAN_REMOVE: an entry of the provider's */
    char *dll;                      /* PLAN_INSTALL_LAYER, PLAN_INSTALL, PLAN_UPDATE, PLAN_INSTALL_NAME_SPACE */
    char *dll32;                    /* PLAN_INSTALL_LAYER in both catalogs */
    char *name;                     /* PLAN_INSTALL_LAYER, PLAN_INSTALL_NAME_SPACE */
    uint32_t service_flags;         /* PLAN_INSTALL_LAYER */
    struct plan_protocol *over;     /* PLAN_INSTALL_LAYER */
    size_t over_count;
    struct plan_item *items; /* PLAN_INSTALL, PLAN_UPDATE */
    size_t item_count;
    struct plan_ref *order; /* PLAN_ORDER */
    size_t order_count;
    uint32_t categories;   /* PLAN_SET_CATEGORIES, PLAN_PERMIT_APPLICATION (those to add) */
    char *path;            /* applications */
    char *arguments;       /* applications; NULL for any */
    char *application_key; /* PLAN_FORGET_APPLICATION: the subkey of AppId_Catalog */
    uint32_t name_space;   /* PLAN_INSTALL_NAME_SPACE */
    uint32_t version;      /* PLAN_INSTALL_NAME_SPACE */
    void *info;            /* PLAN_INSTALL_NAME_SPACE: ProviderInfo, or NULL */
    size_t info_size;
    bool enabled;                         /* PLAN_ENABLE_NAME_SPACE */
    struct wsplsp_guid *name_space_order; /* PLAN_ORDER_NAME_SPACES */
    size_t name_space_order_count;
};

struct plan {
    struct wsplsp_snapshot *before; /* a copy */
    struct wsplsp_snapshot
        *after; /* the same as `before` where there is nothing to do; ids of new entries are guesses */
    struct plan_step *steps;
    size_t step_count;
    char **warnings; /* what the user should know before saying yes, a sentence each */
    size_t warning_count;
    char *nothing; /* why there is nothing to do; NULL where there are steps */
    /* Chains that PLAN_INSTALL_LAYER makes get their provider ids, names and flags from the system. */
    bool has_assigned;
    struct wsplsp_guid assigned; /* the layer's provider id */
};

void plan_free(struct plan *plan);
const char *plan_action_name(enum plan_action action); /* "install_layer", …; for JSON */
/* Whether the system will have chosen the provider id when the step is taken. */
bool plan_step_is_guess(const struct plan_step *step);

/* Makes a provider id; false where the system gives no random numbers. */
typedef bool (*plan_new_id)(struct wsplsp_guid *id);

/* All plan functions: on WSPLSP_OK `*plan` is new, and has no steps and `nothing` set where all is as asked for.
 * WSPLSP_REFUSED: unsafe or impossible; WSPLSP_NOT_FOUND: what is named is not there; WSPLSP_USAGE: it makes no sense.
 * `before` is not changed. It should come from one of the readers (indexed, with DLLs known). */

/* ---- what is meant by NAME, GUID or ID */

/* A layer, by the name of its own entry or of one of its chains, a provider id ("{…}"), or a catalog id. In each
 * catalog, whichever has it. */
enum wsplsp_status plan_find_layer(const struct wsplsp_snapshot *snapshot, const char *wanted, struct wsplsp_guid *id,
                                   struct wsplsp_error *error);

/* ---- layers */

enum plan_position { PLAN_TOP, PLAN_BOTTOM_OF_LAYERS, PLAN_ABOVE, PLAN_BELOW };

struct plan_install_request {
    unsigned catalogs;            /* 0: every catalog that is present */
    const char *name;             /* of the layer */
    const char *dll64, *dll32;    /* as they are to be stored; the one of a catalog left out may be NULL */
    const struct wsplsp_guid *id; /* NULL: a new one */
    bool ifs;                     /* its handles are the base's own */
    /* "all", "tcp", "udp", "raw" (the first base entry of each such protocol, hidden or not), or the catalog id of a
     * base entry; none: all. */
    const char *const *over;
    size_t over_count;
    bool exact; /* else tcp, udp, raw mean all three of the families that they are found in */
    enum plan_position position;
    const char *beside; /* PLAN_ABOVE, PLAN_BELOW: the other layer's name, provider id or a catalog id of its */
    bool has_categories;
    uint32_t categories; /* LSP_* */
};

enum wsplsp_status plan_install(const struct wsplsp_snapshot *before, const struct plan_install_request *request,
                                plan_new_id new_id, struct plan **plan, struct wsplsp_error *error);

struct plan_remove_request {
    const char *wanted; /* name, provider id or catalog id (of a layer, one of its chains, a broken entry) */
    bool all_layered;   /* everything that is no base entry instead */
    bool cascade;       /* chains of other layers that cannot be rebuilt go too */
    unsigned catalogs;  /* 0: both */
};

/* Takes a layer out with its chains; other layers' chains are rebuilt without it. A catalog id of a chain whose layer
 * is sound removes that layer; that of a broken entry removes that entry alone. */
enum wsplsp_status plan_remove(const struct wsplsp_snapshot *before, const struct plan_remove_request *request,
                               plan_new_id new_id, struct plan **plan, struct wsplsp_error *error);

/* All layers out, the base entries' order as it is. */
enum wsplsp_status plan_reset(const struct wsplsp_snapshot *before, plan_new_id new_id, struct plan **plan,
                              struct wsplsp_error *error);

struct plan_order_request {
    const char *top; /* a layer's or base entry's name, provider id or catalog id: its chains to the front; or NULL, */
    const uint32_t *ids; /* then these entries in this order to the front; the others follow as they are */
    size_t id_count;
    unsigned catalogs; /* 0: both */
};

enum wsplsp_status plan_order(const struct wsplsp_snapshot *before, const struct plan_order_request *request,
                              plan_new_id new_id, struct plan **plan, struct wsplsp_error *error);

/* Gives a layer another DLL: its own entry and its chains. A NULL path leaves that catalog alone; WSPLSP_NOT_FOUND
 * where no catalog that a path is given for has the layer. */
enum wsplsp_status plan_update(const struct wsplsp_snapshot *before, const char *wanted, const char *dll64,
                               const char *dll32, plan_new_id new_id, struct plan **plan, struct wsplsp_error *error);

/* A layer's LSP categories. */
enum wsplsp_status plan_categorize(const struct wsplsp_snapshot *before, const char *wanted, uint32_t categories,
                                   unsigned catalogs, plan_new_id new_id, struct plan **plan,
                                   struct wsplsp_error *error);

/* ---- whole catalogs */

/* Back to the catalog of another snapshot: same order, names, chains by provider id, categories, name spaces and
 * applications. What the functions of Winsock cannot bring back (base entries that have been added since stay) is
 * among the warnings. */
enum wsplsp_status plan_restore(const struct wsplsp_snapshot *before, const struct wsplsp_snapshot *backup,
                                plan_new_id new_id, struct plan **plan, struct wsplsp_error *error);

/* The check codes that have a safe cure, in order; ends with NULL. */
extern const char *const plan_fix_codes[];

/* Cures what the doctor has found in `before`; only findings of the codes in `only` (NULL: all of plan_fix_codes). A
 * code in `only` that has no cure is a usage error. */
enum wsplsp_status plan_fix(const struct wsplsp_snapshot *before, const struct check_report *report,
                            const char *const *only, size_t only_count, plan_new_id new_id, struct plan **plan,
                            struct wsplsp_error *error);

/* ---- applications */

/* The application permits exactly these categories. Taking some away needs PLAN_FORGET_APPLICATION. */
enum wsplsp_status plan_application_set(const struct wsplsp_snapshot *before, const char *path, const char *arguments,
                                        uint32_t categories, struct plan **plan, struct wsplsp_error *error);
enum wsplsp_status plan_application_clear(const struct wsplsp_snapshot *before, const char *path, const char *arguments,
                                          struct plan **plan, struct wsplsp_error *error);

/* ---- name spaces */

struct plan_name_space_request {
    const char *name;
    const char *dll64, *dll32;    /* the one of a catalog left out may be NULL */
    const struct wsplsp_guid *id; /* NULL: a new one */
    uint32_t name_space;          /* NS_* */
    uint32_t version;
    const void *info; /* ProviderInfo, or NULL */
    size_t info_size;
    unsigned catalogs; /* 0: every catalog that is present */
};

enum wsplsp_status plan_name_space_install(const struct wsplsp_snapshot *before,
                                           const struct plan_name_space_request *request, plan_new_id new_id,
                                           struct plan **plan, struct wsplsp_error *error);
/* `wanted`: a name or a provider id. `catalogs` 0: both. */
enum wsplsp_status plan_name_space_remove(const struct wsplsp_snapshot *before, const char *wanted, unsigned catalogs,
                                          struct plan **plan, struct wsplsp_error *error);
enum wsplsp_status plan_name_space_enable(const struct wsplsp_snapshot *before, const char *wanted, bool enabled,
                                          unsigned catalogs, struct plan **plan, struct wsplsp_error *error);
/* These to the front in this order; the others follow as they are. */
enum wsplsp_status plan_name_space_order(const struct wsplsp_snapshot *before, const char *const *wanted, size_t count,
                                         unsigned catalogs, struct plan **plan, struct wsplsp_error *error);

/* ---- carrying a plan out */

/* A step's arguments with the ids that hold in a certain catalog. */
struct plan_call {
    struct wsplsp_guid provider_id;
    struct wsplsp_protocol_info *infos; /* PLAN_INSTALL, PLAN_UPDATE: WSAPROTOCOL_INFOW, byte for byte;
                                         * PLAN_INSTALL_LAYER: family, socket type and protocol alone */
    size_t info_count;
    uint32_t *ids; /* PLAN_ORDER: each id of the catalog once */
    size_t id_count;
};

/* Finds the ids of what earlier steps have made in `now`, the catalog as it is right before the step (after steps that
 * change protocol entries it has to be read anew). WSPLSP_REFUSED where `now` is not what the plan expects. The call's
 * arrays are new; plan_call_free frees them. */
enum wsplsp_status plan_step_bind(const struct plan_step *step, const struct wsplsp_snapshot *now,
                                  struct plan_call *call, struct wsplsp_error *error);
void plan_call_free(struct plan_call *call);

/* What the step does, done to a snapshot: all there is to do for a catalog in a file. On failure the snapshot may be
 * half changed and is good for freeing only. `new_id` is for the chains of PLAN_INSTALL_LAYER. */
enum wsplsp_status plan_step_apply(const struct plan_step *step, struct wsplsp_snapshot *snapshot, plan_new_id new_id,
                                   struct wsplsp_error *error);

/* What differs between the plan's `after` and the catalog read after its last step: ids are compared by provider id,
 * and what the system chose itself (has_assigned) is no difference: provider ids, names and flags of the chains, and
 * places that decide nothing. */
enum wsplsp_status plan_compare(const struct plan *plan, const struct wsplsp_snapshot *actual, struct diff **diff,
                                struct wsplsp_error *error);
/* What differs from a catalog that was gone back to. A chain that had to get another provider id is the same if it
 * leads over the same. */
enum wsplsp_status plan_compare_restored(const struct wsplsp_snapshot *wanted, const struct wsplsp_snapshot *actual,
                                         struct diff **diff, struct wsplsp_error *error);
/* Whether the plan's `before` is still what is there: entries by id and place, all of their fields, name spaces and
 * applications. WSPLSP_REFUSED says what has changed. */
enum wsplsp_status plan_check_before(const struct plan *plan, const struct wsplsp_snapshot *now,
                                     struct wsplsp_error *error);

#endif
