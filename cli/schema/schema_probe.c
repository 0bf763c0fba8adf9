/* The JSON Schemas of probe and the wsk commands; see schema_probe.h. The objects are made in cli/probe/probe.c and
 * cli/probe/wsk.c. */
#include "schema_probe.h"

#include <stdint.h>

#include "cli/probe/verdict.h"
#include "schema_parts.h"

static cJSON *part_milliseconds(void)
{
    cJSON *part = part_type("number");
    cJSON_AddNumberToObject(part, "minimum", 0);
    return part;
}

/* {"code", "name", …}: an error of Windows, of Winsock or of the kernel. */
static cJSON *part_code(void)
{
    cJSON *part = part_object();
    part_field(part, "code", part_uint32());
    part_field(part, "name", part_type("string"));
    return part;
}

static cJSON *part_probe_error(void)
{
    cJSON *part = part_code();
    part_field(part, "winsock", part_or_null(part_uint32()));
    part_field(part, "step", part_type("string"));
    return part;
}

static cJSON *part_times(void)
{
    cJSON *part = part_object();
    part_field(part, "fastest", part_milliseconds());
    part_field(part, "mean", part_milliseconds());
    part_field(part, "slowest", part_milliseconds());
    return part;
}

static cJSON *part_answer(void)
{
    cJSON *part = part_object();
    part_field(part, "size", part_count());
    part_field(part, "ended", part_type("boolean"));
    part_field(part, "start", part_pattern("^([0-9a-f]{2})*$"));
    return part;
}

static cJSON *part_way(void)
{
    static const char *const ways[] = {"catalog", "layer", "base", "kernel", NULL};
    cJSON *part = part_object();
    part_field(part, "way", part_one_of(ways));
    part_field(part, "catalog_id", part_or_null(part_uint32()));
    part_field(part, "name", part_text_or_null());
    part_field(part, "layer", part_text_or_null());
    part_field(part, "layer_id", part_or_null(part_uint32()));
    part_field(part, "untried", part_text_or_null());
    part_field(part, "tries", part_count());
    part_field(part, "succeeded", part_count());
    part_field(part, "error", part_or_null(part_probe_error()));
    part_field(part, "connect_ms", part_or_null(part_times()));
    part_field(part, "answer", part_or_null(part_answer()));
    return part;
}

static cJSON *part_verdict(void)
{
    const char *causes[PROBE_UNCLEAR + 2];
    for (int cause = 0; cause <= PROBE_UNCLEAR; cause++)
        causes[cause] = probe_cause_name((enum probe_cause)cause);
    causes[PROBE_UNCLEAR + 1] = NULL;
    cJSON *part = part_object();
    part_field(part, "agree", part_type("boolean"));
    part_field(part, "cause", part_one_of(causes));
    part_field(part, "layers", part_array(part_type("string")));
    part_field(part, "text", part_type("string"));
    part_field(part, "advice", part_text_or_null());
    return part;
}

void schema_probe(cJSON *schema, cJSON *defs)
{
    cJSON *tried = part_object();
    part_field(tried, "address", part_type("string"));
    part_field(tried, "ways", part_array(part_ref("way")));
    cJSON_AddItemToObject(defs, "way", part_way());
    part_field(schema, "host", part_type("string"));
    part_field(schema, "port", part_integer(1, UINT16_MAX));
    part_field(schema, "timeout_ms", part_uint32());
    part_field(schema, "count", part_uint32());
    part_field(schema, "sent", part_count());
    part_field(schema, "addresses", part_count());
    part_field(schema, "tried", part_array(tried));
    part_field(schema, "verdict", part_verdict());
    part_field(schema, "notes", part_array(part_type("string")));
}

static cJSON *part_driver(void)
{
    cJSON *part = part_object();
    part_field(part, "version", part_type("string"));
    part_field(part, "wsk_version", part_type("string"));
    part_field(part, "implementation", part_text_or_null());
    part_field(part, "requests", part_uint32());
    part_field(part, "sockets", part_uint32());
    part_field(part, "connections", part_count());
    return part;
}

void schema_wsk_status(cJSON *schema, cJSON *defs)
{
    static const char *const states[] = {"absent", "stopped", "running", "changing", NULL};
    cJSON *absent = part_object();
    (void)defs;
    part_field(schema, "changed", part_type("boolean"));
    part_field(schema, "service", part_one_of(states));
    part_field(schema, "file", part_type("string"));
    part_field(schema, "file_present", part_type("boolean"));
    part_field(schema, "driver", part_or_null(part_driver()));
    part_field(schema, "test_signing", part_or_null(part_type("boolean")));
    part_field(schema, "secure_boot", part_or_null(part_type("boolean")));
    part_optional_field(absent, "driver", part_type("string"));
    part_optional_field(absent, "test_signing", part_type("string"));
    part_optional_field(absent, "secure_boot", part_type("string"));
    part_field(schema, "absent", absent);
    part_absent_rule(schema, "driver");
    part_absent_rule(schema, "test_signing");
    part_absent_rule(schema, "secure_boot");
}

void schema_wsk_transports(cJSON *schema, cJSON *defs)
{
    static const char *const sources[] = {"listed", "tried", NULL};
    cJSON *transport = part_object();
    (void)defs;
    part_field(transport, "family", part_uint32());
    part_field(transport, "socket_type", part_uint32());
    part_field(transport, "protocol", part_uint32());
    part_field(transport, "version", part_or_null(part_uint32()));
    part_field(transport, "provider_id", part_text_or_null());
    part_field(schema, "source", part_one_of(sources));
    part_field(schema, "query", part_code());
    part_field(schema, "total", part_uint32());
    part_field(schema, "transports", part_array(transport));
}

void schema_wsk_connect(cJSON *schema, cJSON *defs)
{
    cJSON *error = part_code();
    part_field(error, "winsock", part_or_null(part_uint32()));
    part_field(error, "step", part_text_or_null());
    cJSON *steps = part_object();
    static const char *const names[] = {"socket", "bind", "connect", "disconnect", "close"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        part_field(steps, names[i], part_or_null(part_milliseconds()));
    cJSON *attempt = part_object();
    part_field(attempt, "error", part_or_null(error));
    part_field(attempt, "implementation", part_text_or_null());
    part_field(attempt, "total_ms", part_milliseconds());
    part_field(attempt, "steps_ms", steps);
    (void)defs;
    part_field(schema, "host", part_type("string"));
    part_field(schema, "port", part_integer(1, UINT16_MAX));
    part_field(schema, "address", part_type("string"));
    part_field(schema, "local", part_text_or_null());
    part_field(schema, "count", part_uint32());
    part_field(schema, "connected", part_uint32());
    part_field(schema, "connect_ms", part_or_null(part_times()));
    part_field(schema, "attempts", part_array(attempt));
}
