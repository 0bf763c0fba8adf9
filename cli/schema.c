/* wsplsp schema: the JSON Schema of a command's JSON, itself JSON with or without --json. */
#include <stdio.h>

#include "commands.h"
#include "cli/out/json.h"
#include "cli/schema/schema.h"

static void list_names(const struct options *options, struct output *output)
{
    const char *name;
    if (!options->json) {
        for (size_t i = 0; (name = schema_name(i)) != NULL; i++)
            buffer_format(&output->buffer, "%s\n", name);
        return;
    }
    cJSON *object = json_envelope("schema");
    cJSON *array = cJSON_AddArrayToObject(object, "schemas");
    for (size_t i = 0; (name = schema_name(i)) != NULL; i++)
        cJSON_AddItemToArray(array, cJSON_CreateString(name));
    json_print(output, object);
}

enum wsplsp_status cmd_schema(const struct options *options, struct output *output, struct wsplsp_error *error)
{
    if (options->operand_count == 0) {
        list_names(options, output);
        return WSPLSP_OK;
    }
    /* "ns list" is asked for as it is called; its schema is "ns-list". */
    char name[64];
    bool two = options->operand_count > 1;
    snprintf(name, sizeof name, "%s%s%s", options->operands[0], two ? "-" : "", two ? options->operands[1] : "");
    cJSON *schema = schema_build(name);
    if (schema == NULL) {
        wsplsp_fail(error, WSPLSP_NOT_FOUND, 0, "NO_SCHEMA", "there is no schema '%s'", name);
        return wsplsp_hint(error, "'wsplsp schema' lists the names");
    }
    json_print(output, schema);
    return WSPLSP_OK;
}
