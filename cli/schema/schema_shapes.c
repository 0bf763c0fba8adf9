/* What more than one schema has; see schema_shapes.h. */
#include "schema_shapes.h"

#include "schema_parts.h"
#include "lsp-core/catalog/catalog.h"

cJSON *shape_bits(void)
{
    static const int bits[] = {64, 32};
    cJSON *part = cJSON_CreateObject();
    cJSON_AddItemToObject(part, "enum", cJSON_CreateIntArray(bits, 2));
    return part;
}

cJSON *shape_position(void)
{
    return part_integer(1, UINT32_MAX);
}

cJSON *shape_guid(void)
{
    return part_pattern("^\\{[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}\\}$");
}

cJSON *shape_kind(void)
{
    static const char *kinds[WSPLSP_KIND_CHAIN + 2];
    for (int kind = 0; kind <= WSPLSP_KIND_CHAIN; kind++)
        kinds[kind] = wsplsp_kind_name((enum wsplsp_kind)kind);
    return part_one_of(kinds);
}

static cJSON *shape_catalog(void)
{
    cJSON *part = part_object();
    part_field(part, "catalog", shape_bits());
    part_field(part, "present", part_type("boolean"));
    part_field(part, "absent", part_text_or_null());
    return part;
}

void shape_source(cJSON *object)
{
    part_field(object, "source", part_type("string"));
    part_field(object, "live", part_type("boolean"));
}

void shape_notes(cJSON *object)
{
    part_field(object, "notes", part_array(part_type("string")));
}

/* Only a chain entry has members. */
static void add_chain_rule(cJSON *entry)
{
    cJSON *no_members = part_type("array");
    cJSON_AddNumberToObject(no_members, "maxItems", 0);
    cJSON *kind = cJSON_CreateObject();
    cJSON_AddItemToObject(cJSON_AddObjectToObject(kind, "properties"), "kind", part_constant("chain"));
    cJSON *otherwise = cJSON_CreateObject();
    cJSON_AddItemToObject(cJSON_AddObjectToObject(otherwise, "properties"), "chain", no_members);
    cJSON_AddItemToObject(entry, "if", kind);
    cJSON_AddItemToObject(entry, "else", otherwise);
}

static void add_entry_numbers(cJSON *part)
{
    part_field(part, "version", part_int32());
    part_field(part, "family", part_int32());
    part_field(part, "socket_type", part_int32());
    part_field(part, "protocol", part_int32());
    part_field(part, "protocol_max_offset", part_int32());
    part_field(part, "max_message_size", part_uint32());
    part_field(part, "byte_order", part_int32());
    part_field(part, "security_scheme", part_int32());
    part_field(part, "min_address_length", part_int32());
    part_field(part, "max_address_length", part_int32());
}

void shape_dll(cJSON *part)
{
    part_field(part, "dll", part_text_or_null());
    cJSON *bytes = part_pattern("^([0-9a-f]{2})+$");
    cJSON_AddStringToObject(
        bytes, "description",
        "where dll is null because nothing decides its code page: the path's bytes; see --code-page");
    part_optional_field(part, "dll_bytes", bytes);
}

cJSON *shape_entry(void)
{
    cJSON *chain = part_array(part_uint32());
    cJSON_AddNumberToObject(chain, "maxItems", WSPLSP_MAX_PROTOCOL_CHAIN);
    cJSON *absent = part_object();
    part_optional_field(absent, "dll", part_type("string"));
    part_optional_field(absent, "categories", part_type("string"));

    cJSON *part = part_object();
    part_field(part, "catalog", shape_bits());
    part_field(part, "position", shape_position());
    part_field(part, "catalog_id", part_uint32());
    part_field(part, "provider_id", shape_guid());
    part_field(part, "kind", shape_kind());
    part_field(part, "name", part_type("string"));
    part_field(part, "name_raw", part_type("string"));
    shape_dll(part);
    part_field(part, "chain", chain);
    add_entry_numbers(part);
    part_field(part, "service_flags", part_flags(flags_service));
    part_field(part, "provider_flags", part_flags(flags_provider));
    part_field(part, "categories", part_or_null(part_flags(flags_category)));
    part_field(part, "absent", absent);
    part_absent_rule(part, "dll");
    part_absent_rule(part, "categories");
    add_chain_rule(part);
    return part;
}

cJSON *shape_undecoded(void)
{
    cJSON *part = part_object();
    part_field(part, "catalog", shape_bits());
    part_field(part, "position", shape_position());
    part_field(part, "number", part_uint32());
    part_field(part, "size", part_count());
    part_field(part, "reason", part_type("string"));
    part_field(part, "raw", part_or_null(part_pattern("^([0-9a-f]{2})*$")));
    return part;
}

void shape_catalogs(cJSON *schema)
{
    cJSON *catalogs = part_array(shape_catalog());
    cJSON_AddNumberToObject(catalogs, "minItems", 2);
    cJSON_AddNumberToObject(catalogs, "maxItems", 2);
    part_field(schema, "catalogs", catalogs);
}

cJSON *shape_name_space(void)
{
    cJSON *absent = part_object();
    part_optional_field(absent, "dll", part_type("string"));
    cJSON *part = part_object();
    part_field(part, "catalog", shape_bits());
    part_field(part, "position", shape_position());
    part_field(part, "provider_id", shape_guid());
    part_field(part, "name", part_type("string"));
    part_field(part, "name_raw", part_type("string"));
    part_field(part, "dll", part_text_or_null());
    part_field(part, "name_space", part_uint32());
    part_field(part, "name_space_name", part_text_or_null());
    part_field(part, "version", part_uint32());
    part_field(part, "enabled", part_type("boolean"));
    part_field(part, "stores_service_class_info", part_type("boolean"));
    part_field(part, "absent", absent);
    part_absent_rule(part, "dll");
    return part;
}

cJSON *shape_undecoded_name_space(void)
{
    cJSON *part = part_object();
    part_field(part, "catalog", shape_bits());
    part_field(part, "position", shape_position());
    part_field(part, "number", part_uint32());
    part_field(part, "reason", part_type("string"));
    return part;
}

cJSON *shape_application(void)
{
    cJSON *part = part_object();
    part_field(part, "key", part_type("string"));
    part_field(part, "path", part_type("string"));
    part_field(part, "arguments", part_text_or_null());
    part_field(part, "categories", part_flags(flags_category));
    return part;
}

cJSON *shape_undecoded_application(void)
{
    cJSON *part = part_object();
    part_field(part, "key", part_type("string"));
    part_field(part, "reason", part_type("string"));
    return part;
}
