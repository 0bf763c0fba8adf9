/* The JSON Schemas of the changing commands; see schema_change.h. The objects are made in cli/out/plan.c,
 * cli/change/backup.c and cli/change/recover.c. */
#include "schema_change.h"

#include <stdint.h>

#include "schema_parts.h"
#include "schema_shapes.h"
#include "lsp-core/plan/plan.h"

static cJSON *part_action(void)
{
    static const char *names[PLAN_ORDER_NAME_SPACES + 2];
    for (int action = 0; action <= PLAN_ORDER_NAME_SPACES; action++)
        names[action] = plan_action_name((enum plan_action)action);
    return part_one_of(names);
}

static cJSON *part_step(void)
{
    cJSON *part = part_object();
    part_field(part, "number", part_integer(1, UINT32_MAX));
    part_field(part, "action", part_action());
    part_field(part, "function", part_type("string"));
    part_field(part, "catalogs", part_array(shape_bits()));
    part_field(part, "provider_id", part_or_null(shape_guid()));
    part_field(part, "words", part_type("string"));
    return part;
}

/* The catalog before or after. */
static cJSON *part_side(void)
{
    cJSON *undecoded = cJSON_CreateObject();
    cJSON *kinds = cJSON_AddArrayToObject(undecoded, "anyOf");
    cJSON_AddItemToArray(kinds, shape_undecoded());
    cJSON_AddItemToArray(kinds, shape_undecoded_name_space());
    cJSON_AddItemToArray(kinds, shape_undecoded_application());

    cJSON *part = part_object();
    part_field(part, "entries", part_array(shape_entry()));
    part_field(part, "name_spaces", part_array(shape_name_space()));
    part_field(part, "applications", part_array(shape_application()));
    part_field(part, "undecoded", part_array(undecoded));
    return part;
}

void schema_change(cJSON *schema, cJSON *defs)
{
    static const char *const outcomes[] = {"planned", "done", "nothing", NULL};
    cJSON_AddItemToObject(defs, "side", part_side());
    cJSON *plan = part_object();
    part_field(plan, "steps", part_array(part_step()));
    part_field(plan, "before", part_ref("side"));
    part_field(plan, "after", part_ref("side"));
    shape_source(schema);
    part_field(schema, "outcome", part_one_of(outcomes));
    part_field(schema, "nothing", part_text_or_null());
    part_field(schema, "plan", plan);
    part_field(schema, "warnings", part_array(part_type("string")));
    part_field(schema, "backup", part_text_or_null());
    shape_notes(schema);
}

void schema_backup(cJSON *schema, cJSON *defs)
{
    (void)defs;
    part_field(schema, "catalog", part_text_or_null());
    part_field(schema, "file", part_type("string"));
    part_field(schema, "warnings", part_array(part_type("string")));
}

void schema_history(cJSON *schema, cJSON *defs)
{
    static const char *const states[] = {"done", "undone", "unfinished", NULL};
    (void)defs;
    cJSON *record = part_object();
    part_field(record, "time", part_type("string"));
    part_field(record, "command", part_type("string"));
    part_field(record, "words", part_type("string"));
    part_field(record, "state", part_one_of(states));
    part_field(record, "name", part_type("string"));
    part_field(record, "path", part_type("string"));
    part_field(schema, "catalog", part_text_or_null());
    part_field(schema, "folder", part_type("string"));
    part_field(schema, "records", part_array(record));
    part_field(schema, "warnings", part_array(part_type("string")));
}

void schema_recover(cJSON *schema, cJSON *defs)
{
    static const char *const outcomes[] = {"completed", "undone", "unfinished", "nothing", NULL};
    (void)defs;
    cJSON *change = part_object();
    part_field(change, "command", part_type("string"));
    part_field(change, "words", part_type("string"));
    part_field(change, "started", part_type("string"));
    part_field(change, "backup", part_type("string"));
    part_field(change, "steps", part_count());
    part_field(change, "steps_done", part_count());
    part_field(schema, "catalog", part_text_or_null());
    part_field(schema, "outcome", part_one_of(outcomes));
    part_field(schema, "change", part_or_null(change));
    part_field(schema, "warnings", part_array(part_type("string")));
}
