/* JSON Schema, piece by piece; see schema_parts.h. */
#include "schema_parts.h"

#include <stdint.h>
#include <stdio.h>

cJSON *part_type(const char *type)
{
    cJSON *part = cJSON_CreateObject();
    cJSON_AddStringToObject(part, "type", type);
    return part;
}

cJSON *part_text_or_null(void)
{
    static const char *const types[] = {"string", "null"};
    cJSON *part = cJSON_CreateObject();
    cJSON_AddItemToObject(part, "type", cJSON_CreateStringArray(types, 2));
    return part;
}

cJSON *part_integer(double minimum, double maximum)
{
    cJSON *part = part_type("integer");
    cJSON_AddNumberToObject(part, "minimum", minimum);
    cJSON_AddNumberToObject(part, "maximum", maximum);
    return part;
}

cJSON *part_count(void)
{
    cJSON *part = part_type("integer");
    cJSON_AddNumberToObject(part, "minimum", 0);
    return part;
}

cJSON *part_int32(void)
{
    return part_integer(INT32_MIN, INT32_MAX);
}

cJSON *part_uint32(void)
{
    return part_integer(0, UINT32_MAX);
}

cJSON *part_array(cJSON *items)
{
    cJSON *part = part_type("array");
    cJSON_AddItemToObject(part, "items", items);
    return part;
}

cJSON *part_pattern(const char *pattern)
{
    cJSON *part = part_type("string");
    cJSON_AddStringToObject(part, "pattern", pattern);
    return part;
}

cJSON *part_constant(const char *text)
{
    cJSON *part = cJSON_CreateObject();
    cJSON_AddStringToObject(part, "const", text);
    return part;
}

cJSON *part_one_of(const char *const *texts)
{
    cJSON *part = cJSON_CreateObject();
    cJSON *list = cJSON_AddArrayToObject(part, "enum");
    for (; *texts != NULL; texts++)
        cJSON_AddItemToArray(list, cJSON_CreateString(*texts));
    return part;
}

cJSON *part_or_null(cJSON *inner)
{
    cJSON *part = cJSON_CreateObject();
    cJSON *choices = cJSON_AddArrayToObject(part, "anyOf");
    cJSON_AddItemToArray(choices, inner);
    cJSON_AddItemToArray(choices, part_type("null"));
    return part;
}

cJSON *part_ref(const char *name)
{
    char target[64];
    cJSON *part = cJSON_CreateObject();
    snprintf(target, sizeof target, "#/$defs/%s", name);
    cJSON_AddStringToObject(part, "$ref", target);
    return part;
}

cJSON *part_flags(const struct flag *table)
{
    cJSON *names = cJSON_CreateObject();
    cJSON *list = cJSON_AddArrayToObject(names, "enum");
    for (; table->name != NULL; table++)
        cJSON_AddItemToArray(list, cJSON_CreateString(table->name));
    cJSON *array = part_array(names);
    cJSON_AddTrueToObject(array, "uniqueItems");

    cJSON *part = part_object();
    part_field(part, "value", part_uint32());
    part_field(part, "names", array);
    return part;
}

cJSON *part_object(void)
{
    cJSON *part = part_type("object");
    cJSON_AddFalseToObject(part, "additionalProperties");
    cJSON_AddArrayToObject(part, "required");
    cJSON_AddObjectToObject(part, "properties");
    return part;
}

void part_field(cJSON *object, const char *name, cJSON *part)
{
    cJSON_AddItemToArray(cJSON_GetObjectItem(object, "required"), cJSON_CreateString(name));
    part_optional_field(object, name, part);
}

void part_optional_field(cJSON *object, const char *name, cJSON *part)
{
    cJSON_AddItemToObject(cJSON_GetObjectItem(object, "properties"), name, part);
}

/* {"properties": {name: part}} */
static cJSON *with_property(const char *name, cJSON *part)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddItemToObject(cJSON_AddObjectToObject(object, "properties"), name, part);
    return object;
}

void part_absent_rule(cJSON *object, const char *name)
{
    cJSON *rules = cJSON_GetObjectItem(object, "allOf");
    if (rules == NULL)
        rules = cJSON_AddArrayToObject(object, "allOf");
    cJSON *given = cJSON_CreateObject();
    cJSON_AddItemToArray(cJSON_AddArrayToObject(given, "required"), cJSON_CreateString(name));
    cJSON *not_given = cJSON_CreateObject();
    cJSON_AddItemToObject(not_given, "not", cJSON_Duplicate(given, true));

    cJSON *rule = cJSON_CreateObject();
    cJSON_AddItemToObject(rule, "if", with_property(name, part_type("null")));
    cJSON_AddItemToObject(rule, "then", with_property("absent", given));
    cJSON_AddItemToObject(rule, "else", with_property("absent", not_given));
    cJSON_AddItemToArray(rules, rule);
}
