/* The JSON Schemas; see schema.h. The objects they describe are made in cli/out/json.c and in the commands' own files.
 */
#include "schema.h"

#include <stdio.h>
#include <string.h>

#include "lsp-core/doctor/doctor.h"
#include "lsp-core/diff/diff.h"
#include "schema_change.h"
#include "schema_parts.h"
#include "schema_probe.h"
#include "schema_shapes.h"
#include "schema_trace.h"
#include "lsp-core/catalog/catalog.h"

static cJSON *part_severity(void)
{
    static const char *names[CHECK_ERROR + 2];
    for (int severity = 0; severity <= CHECK_ERROR; severity++)
        names[severity] = check_severity_name((enum check_severity)severity);
    return part_one_of(names);
}

static cJSON *part_check_code(void)
{
    cJSON *part = cJSON_CreateObject();
    cJSON *codes = cJSON_AddArrayToObject(part, "enum");
    for (const struct check_rule *rule = check_rules; rule->code != NULL; rule++)
        cJSON_AddItemToArray(codes, cJSON_CreateString(rule->code));
    return part;
}

static void build_list(cJSON *schema, cJSON *defs)
{
    cJSON_AddItemToObject(defs, "entry", shape_entry());
    shape_source(schema);
    shape_catalogs(schema);
    part_field(schema, "entries", part_array(part_ref("entry")));
    part_field(schema, "undecoded", part_array(shape_undecoded()));
    shape_notes(schema);
}

static void build_show(cJSON *schema, cJSON *defs)
{
    cJSON_AddItemToObject(defs, "entry", shape_entry());
    shape_source(schema);
    cJSON *entries = part_array(part_ref("entry"));
    cJSON_AddNumberToObject(entries, "minItems", 1);
    part_field(schema, "entries", entries);
    shape_notes(schema);
}

/* What chains and lone entries of a tree have in common. */
static cJSON *part_place(void)
{
    cJSON *part = part_object();
    part_field(part, "catalog", shape_bits());
    part_field(part, "position", shape_position());
    part_field(part, "catalog_id", part_uint32());
    part_field(part, "provider_id", shape_guid());
    part_field(part, "name", part_type("string"));
    part_field(part, "family", part_int32());
    part_field(part, "socket_type", part_int32());
    part_field(part, "protocol", part_int32());
    shape_dll(part);
    return part;
}

static cJSON *part_member(void)
{
    static const char *const states[] = {"ok", "missing", "self", NULL};
    cJSON *part = part_object();
    part_field(part, "catalog_id", part_uint32());
    part_field(part, "state", part_one_of(states));
    part_field(part, "kind", part_or_null(shape_kind()));
    part_field(part, "name", part_text_or_null());
    shape_dll(part);
    return part;
}

static void build_tree(cJSON *schema, cJSON *defs)
{
    cJSON *members = part_array(part_member());
    cJSON_AddNumberToObject(members, "maxItems", WSPLSP_MAX_PROTOCOL_CHAIN);
    cJSON *chain = part_place();
    part_field(chain, "chain_length", part_int32());
    part_field(chain, "members", members);
    part_field(chain, "base", part_or_null(part_uint32()));

    cJSON_AddItemToObject(defs, "lone_entry", part_place());
    shape_source(schema);
    shape_catalogs(schema);
    part_field(schema, "chains", part_array(chain));
    part_field(schema, "layers_without_chain", part_array(part_ref("lone_entry")));
    part_field(schema, "bases_without_layer", part_array(part_ref("lone_entry")));
    part_field(schema, "undecoded", part_array(shape_undecoded()));
    shape_notes(schema);
}

static cJSON *part_finding(void)
{
    cJSON *part = part_object();
    part_field(part, "code", part_ref("code"));
    part_field(part, "severity", part_severity());
    part_field(part, "catalog", part_or_null(shape_bits()));
    part_field(part, "position", part_or_null(shape_position()));
    part_field(part, "catalog_id", part_or_null(part_uint32()));
    part_field(part, "message", part_type("string"));
    part_field(part, "advice", part_type("string"));
    return part;
}

static void build_doctor(cJSON *schema, cJSON *defs)
{
    cJSON *summary = part_object();
    for (int severity = CHECK_ERROR; severity >= CHECK_INFO; severity--)
        part_field(summary, check_severity_name((enum check_severity)severity), part_count());
    cJSON *skip = part_object();
    part_field(skip, "code", part_ref("code"));
    part_field(skip, "reason", part_type("string"));

    cJSON_AddItemToObject(defs, "code", part_check_code());
    shape_source(schema);
    part_field(schema, "root", part_text_or_null());
    part_field(schema, "fail_on", part_severity());
    part_field(schema, "summary", summary);
    part_field(schema, "findings", part_array(part_finding()));
    part_field(schema, "skipped", part_array(skip));
    shape_notes(schema);
}

static void build_doctor_checks(cJSON *schema, cJSON *defs)
{
    (void)defs;
    cJSON *check = part_object();
    part_field(check, "code", part_check_code());
    part_field(check, "severity", part_severity());
    part_field(check, "summary", part_type("string"));
    part_field(check, "needs_files", part_type("boolean"));
    part_field(check, "needs_windows", part_type("boolean"));
    part_field(schema, "checks", part_array(check));
}

static cJSON *part_change(void)
{
    static const char *kinds[DIFF_CHANGED + 2];
    static const char *subjects[DIFF_CATALOG + 2];
    for (int kind = 0; kind <= DIFF_CHANGED; kind++)
        kinds[kind] = diff_kind_name((enum diff_kind)kind);
    for (int subject = 0; subject <= DIFF_CATALOG; subject++)
        subjects[subject] = diff_subject_name((enum diff_subject)subject);

    cJSON *part = part_object();
    part_field(part, "kind", part_one_of(kinds));
    part_field(part, "subject", part_one_of(subjects));
    part_field(part, "catalog", part_or_null(shape_bits()));
    part_field(part, "provider_id", part_or_null(shape_guid()));
    part_field(part, "name", part_text_or_null());
    part_field(part, "field", part_text_or_null());
    part_field(part, "before", part_text_or_null());
    part_field(part, "after", part_text_or_null());
    return part;
}

static void build_diff(cJSON *schema, cJSON *defs)
{
    cJSON *side = part_object();
    shape_source(side);
    shape_notes(side);
    cJSON_AddItemToObject(defs, "side", side);
    part_field(schema, "a", part_ref("side"));
    part_field(schema, "b", part_ref("side"));
    part_field(schema, "changes", part_array(part_change()));
}

static void build_ns_list(cJSON *schema, cJSON *defs)
{
    (void)defs;
    shape_source(schema);
    shape_catalogs(schema);
    part_field(schema, "name_spaces", part_array(shape_name_space()));
    part_field(schema, "undecoded", part_array(shape_undecoded_name_space()));
    shape_notes(schema);
}

static void build_app_list(cJSON *schema, cJSON *defs)
{
    (void)defs;
    cJSON *absent = part_object();
    part_optional_field(absent, "applications", part_type("string"));
    shape_source(schema);
    part_field(schema, "applications", part_array(shape_application()));
    part_field(schema, "undecoded", part_array(shape_undecoded_application()));
    part_field(schema, "absent", absent);
    shape_notes(schema);
}

static void build_catalog_new(cJSON *schema, cJSON *defs)
{
    (void)defs;
    part_field(schema, "file", part_type("string"));
    shape_source(schema);
    shape_catalogs(schema);
}

static void build_schema(cJSON *schema, cJSON *defs)
{
    (void)defs;
    part_field(schema, "schemas", part_array(part_type("string")));
}

static void build_version(cJSON *schema, cJSON *defs)
{
    static const char *const names[] = {"live_catalog", "reg_files", "hives", "mounted_volumes", "signatures"};
    (void)defs;
    cJSON *features = part_object();
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        part_field(features, names[i], part_type("boolean"));
    part_field(schema, "target", part_type("string"));
    part_field(schema, "features", features);
}

static void build_help(cJSON *schema, cJSON *defs)
{
    cJSON *option = part_object();
    part_field(option, "name", part_type("string"));
    part_field(option, "letter", part_text_or_null());
    part_field(option, "argument", part_text_or_null());
    part_field(option, "meaning", part_type("string"));
    cJSON_AddItemToObject(defs, "option", option);

    cJSON *command = part_object();
    part_field(command, "name", part_type("string"));
    part_field(command, "operands", part_type("string"));
    part_field(command, "summary", part_type("string"));
    part_field(command, "about", part_text_or_null());
    part_field(command, "options", part_array(part_ref("option")));
    part_field(schema, "commands", part_array(command));
    part_field(schema, "global_options", part_array(part_ref("option")));
}

static void build_run(cJSON *schema, cJSON *defs)
{
    cJSON *process = part_object();
    part_field(process, "process_id", part_uint32());
    part_field(process, "code", part_uint32());
    part_field(process, "name", part_type("string"));
    part_field(process, "message", part_type("string"));
    cJSON_AddItemToObject(defs, "process", process);
    part_field(schema, "exit_status", part_uint32());
    part_field(schema, "unhosted_count", part_uint32());
    part_field(schema, "unhosted", part_array(part_ref("process")));
}

static void build_error(cJSON *schema, cJSON *defs)
{
    (void)defs;
    cJSON *error = part_object();
    part_field(error, "status", part_integer(WSPLSP_USAGE, WSPLSP_ROLLED_BACK));
    part_field(error, "code", part_uint32());
    part_field(error, "name", part_type("string"));
    part_field(error, "message", part_type("string"));
    part_field(error, "hint", part_text_or_null());
    part_field(schema, "error", error);
}

static const struct {
    const char *name;
    void (*build)(cJSON *schema, cJSON *defs);
} schemas[] = {
    {"list", build_list},
    {"show", build_show},
    {"tree", build_tree},
    {"doctor", build_doctor},
    {"doctor-checks", build_doctor_checks},
    {"diff", build_diff},
    {"ns-list", build_ns_list},
    {"app-list", build_app_list},
    {"app-show", build_app_list},
    {"catalog-new", build_catalog_new},
    {"trace-show", schema_trace_show},
    {"trace-summary", schema_trace_summary},
    {"trace-json", schema_trace_json},
    {"trace-on", schema_trace_switch},
    {"trace-off", schema_trace_switch},
    {"trace-status", schema_trace_switch},
    {"install", schema_change},
    {"remove", schema_change},
    {"update", schema_change},
    {"order", schema_change},
    {"provider-category", schema_change},
    {"restore", schema_change},
    {"reset", schema_change},
    {"doctor-fix", schema_change},
    {"ns-install", schema_change},
    {"ns-remove", schema_change},
    {"ns-enable", schema_change},
    {"ns-disable", schema_change},
    {"ns-order", schema_change},
    {"app-exempt", schema_change},
    {"app-permit", schema_change},
    {"app-clear", schema_change},
    {"backup", schema_backup},
    {"history", schema_history},
    {"recover", schema_recover},
    {"probe", schema_probe},
    {"run", build_run},
    {"wsk-load", schema_wsk_status},
    {"wsk-unload", schema_wsk_status},
    {"wsk-status", schema_wsk_status},
    {"wsk-transports", schema_wsk_transports},
    {"wsk-connect", schema_wsk_connect},
    {"schema", build_schema},
    {"version", build_version},
    {"help", build_help},
    {"error", build_error},
};

enum { SCHEMAS = sizeof schemas / sizeof schemas[0] };

const char *schema_name(size_t index)
{
    return index < SCHEMAS ? schemas[index].name : NULL;
}

cJSON *schema_build(const char *name)
{
    size_t index = 0;
    while (index < SCHEMAS && strcmp(schemas[index].name, name) != 0)
        index++;
    if (index == SCHEMAS)
        return NULL;
    char title[64];
    snprintf(title, sizeof title, "wsplsp/%s/1", name);
    cJSON *schema = part_object();
    cJSON_AddStringToObject(schema, "$schema", "https://json-schema.org/draft/2020-12/schema");
    cJSON_AddStringToObject(schema, "title", title);
    cJSON *defs = cJSON_AddObjectToObject(schema, "$defs");
    part_field(schema, "schema", part_constant(title));
    part_field(schema, "wsplsp", part_type("string"));
    schemas[index].build(schema, defs);
    return schema;
}
