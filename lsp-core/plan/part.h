/* What the planner's files share. A request edits a copy of the catalog into the goal; plan_reach_* find the steps that
 * lead there. Each step is done to the plan's `after` as it is added, so that `after` is what the steps make.
 *
 *   request    plan_remove, plan_install, plan_order, plan_restore, ... (plan.h)
 *      |
 *      | planner_begin: copies the catalog three times, as `before`, `after` and the goal
 *      v
 *   goal       The request's own file edits it (plan_cut, plan_move, plan_set_chain, ...); plan_restore replaces it
 *      |       with a copy of the backup. plan_reach_entries then begins with plan_settle, which numbers and indexes
 *      |       the entries anew.
 *      |
 *      | plan_reach_entries; plan_reach_name_spaces; plan_reach_applications
 *      v
 *   reach      For entries (reach.c), in this order, each in both catalogs but for plan_split:
 *      |
 *      |         plan_match         pairs the entries of `after` with those of the goal, and says what has to go early;
 *      |                            what no function can do is refused, or (`lenient`) given up with a warning
 *      |         plan_split         may give entries of the 32-bit goal other provider ids: then plan_match again
 *      |         reach_detach       takes what goes early out of the chains that stay
 *      |         remove_all         what goes early: its provider id is needed again, or it cannot stay without such
 *      |                            an entry
 *      |         reach_install_all  everything that is new
 *      |         reach_update_all   gives every entry the contents that it has in the goal
 *      |         write_order        at most one PLAN_ORDER step for each catalog
 *      |         remove_all         everything else that goes
 *      |         categorize_all     the layers' LSP categories
 *      |         check              compares `after` with the goal; a difference is refused, or (`lenient`) a warning
 *      |
 *      | planner_add, for each step as it is found: plan_check_step, then plan_step_apply to `after`
 *      v
 *   steps      planner_end frees the goal and hands the plan over, or frees both.
 *      |
 *      | later, in lsp-core/change: plan_check_before makes sure that the catalog is still `before`
 *      v
 *   carried    By Winsock: plan_step_bind, then the WSC* function. In a .reg file: plan_step_apply. Afterwards
 *   out        plan_compare says whether the catalog, read again, is `after`.
 *
 * Three kinds of request do more or less than this. plan_install may add one step for the whole layer before
 * plan_reach_entries, and adapt the goal to it (plan_install_at_once). plan_fix adds steps for wrong counts at the end
 * (fix_counts). plan_application_set and plan_application_clear add their steps without a goal.
 *
 * No locks: the planner works on copies of its own, on the calling thread. */
#ifndef WSPLSP_CORE_PLAN_PART_H
#define WSPLSP_CORE_PLAN_PART_H

#include "plan.h"

#define PLAN_NONE ((size_t)-1)

struct planner {
    struct plan *plan;
    struct wsplsp_snapshot *goal;
    struct wsplsp_snapshot *start; /* while plan_reach_entries runs: `after` as it was when that began */
    plan_new_id new_id;
    struct wsplsp_error *error;
    bool lenient; /* what cannot be reached is left as it is, with a warning; else it is refused */
};

/* Makes the plan with its copies of `before`, one of them the goal. planner_end frees the goal, and on a status other
 * than WSPLSP_OK the plan too; it returns the status. */
enum wsplsp_status planner_begin(struct planner *planner, const struct wsplsp_snapshot *before, plan_new_id new_id,
                                 struct wsplsp_error *error);
enum wsplsp_status planner_end(struct planner *planner, enum wsplsp_status status, struct plan **plan);

/* Does the step to `after` and appends it; the step's contents are the plan's then, also on failure. */
enum wsplsp_status planner_add(struct planner *planner, struct plan_step *step);
enum wsplsp_status planner_warn(struct planner *planner, const char *format, ...) WSPLSP_PRINTF(2, 3);
/* Says why there is nothing to do. */
enum wsplsp_status planner_nothing(struct planner *planner, const char *format, ...) WSPLSP_PRINTF(2, 3);

void plan_step_clear(struct plan_step *step);

/* ---- the steps from `after` to the goal */

enum wsplsp_status plan_reach_entries(struct planner *planner);
enum wsplsp_status plan_reach_name_spaces(struct planner *planner);
enum wsplsp_status plan_reach_applications(struct planner *planner);

/* The provider's index, or PLAN_NONE. */
size_t plan_find_name_space(const struct wsplsp_catalog *catalog, const struct wsplsp_guid *id);

/* ---- which function changes which catalog */

/* 64-bit Windows keeps two catalogs, whose functions are told apart by "32"; a catalog that is alone has the plain
 * ones. */
bool plan_is_plain(const struct wsplsp_snapshot *snapshot, int bits);
unsigned plan_bit(int bits);
const char *plan_catalog_name(unsigned catalogs); /* "the 64-bit catalog", "both catalogs" */

/* ---- entries */

/* Whether sockets can be made of the entry: all members are there, the first is a layer or chain, the last a base. */
bool plan_is_sound(const struct wsplsp_catalog *catalog, const struct wsplsp_entry *entry);
/* The own entry of the layer on top of a chain; the entry itself for a layer's own; NULL where there is none. */
const struct wsplsp_entry *plan_layer_of(const struct wsplsp_catalog *catalog, const struct wsplsp_entry *entry);
/* Whether that entry is a member of the chain, or of a chain that is a member. */
bool plan_passes(const struct wsplsp_catalog *catalog, const struct wsplsp_entry *entry, uint32_t member_id);

struct plan_chain {
    uint32_t ids[WSPLSP_MAX_PROTOCOL_CHAIN];
    size_t length;
};

/* The chain without the members for which going[index] is set; one that is a chain gives way to its own members.
 * False where no chain of at least one layer over a base is left. */
bool plan_reduce(const struct wsplsp_catalog *catalog, const struct wsplsp_entry *entry, const bool *going,
                 struct plan_chain *chain);
void plan_set_chain(struct wsplsp_entry *entry, const struct plan_chain *chain);
/* Sets XP1_IFS_HANDLES if, and only if, all members have it, as the doctor expects. */
void plan_set_ifs(const struct wsplsp_catalog *catalog, struct wsplsp_entry *entry);

/* Whether two chains serve the same protocol over the same members, whatever their own provider ids and names. */
bool plan_same_chain(const struct wsplsp_catalog *a_catalog, const struct wsplsp_entry *a,
                     const struct wsplsp_catalog *b_catalog, const struct wsplsp_entry *b);
/* Whether WSCInstallProviderAndChains(64_32) can put a sound chain over what stands first for that protocol, in all of
 * these catalogs. */
bool plan_has_room_over(const struct wsplsp_snapshot *snapshot, unsigned catalogs, const struct plan_protocol *over);

size_t plan_index(const struct wsplsp_catalog *catalog, const struct wsplsp_entry *entry);
struct wsplsp_catalog *plan_catalog(struct wsplsp_snapshot *snapshot, int bits);
/* Takes an entry out; closes up. The ids' index is to be made anew when all is done (plan_settle). */
void plan_cut(struct wsplsp_catalog *catalog, size_t index);
void plan_move(struct wsplsp_catalog *catalog, size_t from, size_t to);
enum wsplsp_status plan_settle(struct wsplsp_snapshot *goal, struct wsplsp_error *error);

/* ---- DLL paths */

/* Whether the catalog can hold a path that somebody asks for; `bits` is for the message. */
enum wsplsp_status plan_check_path(const struct wsplsp_snapshot *before, const char *dll, int bits,
                                   struct wsplsp_error *error);
/* Refuses to put another path in the place of one that --code-page would decide. */
enum wsplsp_status plan_check_replaced(const struct wsplsp_snapshot *before, const struct wsplsp_entry *entry,
                                       struct wsplsp_error *error);
/* Refuses a backup with paths that cannot be compared with those that are there, or not be written there. */
enum wsplsp_status plan_check_backup(const struct wsplsp_snapshot *before, const struct wsplsp_snapshot *backup,
                                     struct wsplsp_error *error);
/* Refuses what the functions of Winsock, which take UTF-16, could not be told. */
enum wsplsp_status plan_check_step(const struct wsplsp_snapshot *before, const struct plan_step *step,
                                   struct wsplsp_error *error);

/* What NAME, GUID or ID names in one catalog: its index, or PLAN_NONE. Layers' own entries come before other entries
 * of the same name. */
size_t plan_find(const struct wsplsp_catalog *catalog, const char *wanted);

/* "A > B > TCP": the members by name, into a new string; NULL when out of memory. */
char *plan_chain_words(const struct wsplsp_catalog *catalog, const struct wsplsp_entry *entry);
const char *plan_entry_name(const struct wsplsp_entry *entry);

/* A reference to an entry of `after`. */
struct plan_ref plan_make_ref(const struct planner *planner, int bits, const struct wsplsp_entry *entry);

#endif
