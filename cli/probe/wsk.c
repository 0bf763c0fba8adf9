/* wsplsp wsk: the driver for the way through Winsock Kernel, and what can be asked of it. */
#include "cli/base/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lsp-core/catalog/flags.h"
#include "cli/base/memory.h"
#include "cli/out/json.h"
#include "cli/out/text.h"
#include "lsp-core/base/probe_errors.h"
#include "target.h"
#include "wsk_driver.h"

/* NULL where no connection has been made yet. */
static const char *implementation_name(uint32_t implementation)
{
    return implementation == WSPLSP_WSK_PROVIDER ? "provider" : implementation == WSPLSP_WSK_OWN ? "driver" : NULL;
}

static double milliseconds(uint64_t nanoseconds)
{
    return (double)nanoseconds / 1e6;
}

static const char *switch_text(enum wsk_switch state)
{
    static const char *const texts[] = {"not known", "off", "on"};
    return texts[state];
}

static void print_driver(const struct wsk_state *state, struct output *output)
{
    const struct wsplsp_wsk_status *driver = &state->driver;
    const char *implementation = implementation_name(driver->implementation);
    if (!state->answered) {
        text_wrap(output, 14, "Driver:       ", state->unanswered.message);
        return;
    }
    buffer_format(&output->buffer,
                  "Driver:       version %.16s, over Winsock Kernel %u.%u\n"
                  "Connections:  %llu so far, %u requests and %u sockets now\n",
                  driver->driver_version, (unsigned)driver->wsk_version >> 8, (unsigned)driver->wsk_version & 0xff,
                  (unsigned long long)driver->connections, (unsigned)driver->requests, (unsigned)driver->sockets);
    if (implementation != NULL)
        buffer_format(&output->buffer, "Connects by:  WskSocketConnect of the %s\n", implementation);
}

static void print_state(const struct wsk_state *state, struct output *output)
{
    buffer_format(&output->buffer, "Service:      %s\n", state->service);
    char *file = memory_format("%s%s", state->file, state->file_present ? "" : " (missing)");
    text_wrap(output, 14, "File:         ", file);
    free(file);
    print_driver(state, output);
    buffer_format(&output->buffer, "Test signing: %s\nSecure Boot:  %s\n", switch_text(state->test_signing),
                  switch_text(state->secure_boot));
    if (!state->answered && state->secure_boot == WSK_ON)
        text_wrap(
            output, 0, "Note: ",
            "while Secure Boot is on, Windows loads no driver that Microsoft has not signed, and this one is not; "
            "it is switched off in the firmware's settings");
    else if (!state->answered && state->test_signing == WSK_OFF)
        text_wrap(output, 0, "Note: ",
                  "while test signing is off, Windows loads no driver that Microsoft has not signed, and this one is "
                  "not; 'bcdedit /set testsigning on' and a restart switch it on");
}

static void add_switch(cJSON *object, cJSON *absent, const char *name, enum wsk_switch state)
{
    if (state == WSK_UNKNOWN) {
        cJSON_AddNullToObject(object, name);
        json_text(absent, name, "this system does not tell");
    } else {
        cJSON_AddBoolToObject(object, name, state == WSK_ON);
    }
}

static void add_driver(cJSON *object, cJSON *absent, const struct wsk_state *state)
{
    const struct wsplsp_wsk_status *driver = &state->driver;
    char version[17];
    if (!state->answered) {
        cJSON_AddNullToObject(object, "driver");
        json_text(absent, "driver", state->unanswered.message);
        return;
    }
    cJSON *inner = cJSON_AddObjectToObject(object, "driver");
    snprintf(version, sizeof version, "%.16s", driver->driver_version);
    json_text(inner, "version", version);
    snprintf(version, sizeof version, "%u.%u", (unsigned)driver->wsk_version >> 8,
             (unsigned)driver->wsk_version & 0xff);
    json_text(inner, "wsk_version", version);
    json_text(inner, "implementation", implementation_name(driver->implementation));
    cJSON_AddNumberToObject(inner, "requests", driver->requests);
    cJSON_AddNumberToObject(inner, "sockets", driver->sockets);
    cJSON_AddNumberToObject(inner, "connections", (double)driver->connections);
}

static void print_state_json(const char *name, const struct wsk_state *state, bool changed, struct output *output)
{
    cJSON *object = json_envelope(name);
    cJSON *absent = cJSON_CreateObject();
    cJSON_AddBoolToObject(object, "changed", changed);
    json_text(object, "service", state->service);
    json_text(object, "file", state->file);
    cJSON_AddBoolToObject(object, "file_present", state->file_present);
    add_driver(object, absent, state);
    add_switch(object, absent, "test_signing", state->test_signing);
    add_switch(object, absent, "secure_boot", state->secure_boot);
    cJSON_AddItemToObject(object, "absent", absent);
    json_print(output, object);
}

/* What a command ends with: the state as JSON, or `sentence`; NULL: the state as text. */
static enum wsplsp_status report(const char *name, const char *sentence, bool changed, const struct options *options,
                                 struct output *output, struct wsplsp_error *error)
{
    struct wsk_state state;
    if (!options->json && sentence != NULL) {
        if (!options->quiet)
            buffer_format(&output->buffer, "%s\n", sentence);
        return WSPLSP_OK;
    }
    if (wsk_get_state(&state, error) != WSPLSP_OK)
        return error->status;
    if (options->json)
        print_state_json(name, &state, changed, output);
    else
        print_state(&state, output);
    free(state.file);
    return WSPLSP_OK;
}

enum wsplsp_status cmd_wsk_load(const struct options *options, struct output *output, struct wsplsp_error *error)
{
    bool changed;
    if (wsk_load(options_has(options, OPTION_FORCE), &changed, error) != WSPLSP_OK)
        return error->status;
    return report("wsk-load", changed ? "The driver is loaded." : "The driver had been loaded before.", changed,
                  options, output, error);
}

enum wsplsp_status cmd_wsk_unload(const struct options *options, struct output *output, struct wsplsp_error *error)
{
    if (wsk_unload(error) != WSPLSP_OK)
        return error->status;
    return report("wsk-unload", "The driver is unloaded.", true, options, output, error);
}

enum wsplsp_status cmd_wsk_status(const struct options *options, struct output *output, struct wsplsp_error *error)
{
    return report("wsk-status", NULL, false, options, output, error);
}

static void add_transport(cJSON *list, const struct wsplsp_wsk_transport *transport, bool listed)
{
    struct wsplsp_guid id;
    cJSON *object = cJSON_CreateObject();
    cJSON_AddNumberToObject(object, "family", transport->family);
    cJSON_AddNumberToObject(object, "socket_type", transport->socket_type);
    cJSON_AddNumberToObject(object, "protocol", transport->protocol);
    json_number_or_null(object, "version", listed, transport->version);
    memcpy(id.bytes, transport->provider_id, sizeof id.bytes);
    if (listed)
        json_guid(object, "provider_id", &id);
    else
        cJSON_AddNullToObject(object, "provider_id");
    cJSON_AddItemToArray(list, object);
}

static void print_transports_json(const struct wsplsp_wsk_transports *answer, struct output *output)
{
    bool listed = answer->source == WSPLSP_WSK_LISTED;
    char name[48];
    cJSON *object = json_envelope("wsk-transports");
    json_text(object, "source", listed ? "listed" : "tried");
    cJSON *query = cJSON_AddObjectToObject(object, "query");
    probe_ntstatus_name((uint32_t)answer->query_status, name, sizeof name);
    cJSON_AddNumberToObject(query, "code", (uint32_t)answer->query_status);
    json_text(query, "name", answer->query_status == 0 ? "STATUS_SUCCESS" : name);
    cJSON_AddNumberToObject(object, "total", answer->total);
    cJSON *list = cJSON_AddArrayToObject(object, "transports");
    for (uint32_t i = 0; i < answer->count; i++)
        add_transport(list, &answer->transports[i], listed);
    json_print(output, object);
}

/* A number by its name in the headers, where it has one. */
static void name_cell(struct table *table, const char *name, unsigned number)
{
    if (name != NULL)
        table_cell(table, TEXT_PLAIN, name);
    else
        table_cell_format(table, TEXT_PLAIN, "%u", number);
}

static void print_transports(const struct wsplsp_wsk_transports *answer, const struct options *options,
                             struct output *output)
{
    static const struct table_column columns[] = {{"FAMILY", false, 0}, {"TYPE", false, 0}, {"PROTOCOL", false, 0}};
    struct table table = {.columns = columns, .column_count = 3};
    for (uint32_t i = 0; i < answer->count; i++) {
        const struct wsplsp_wsk_transport *transport = &answer->transports[i];
        name_cell(&table, flags_family_name(transport->family), transport->family);
        name_cell(&table, flags_socket_type_name(transport->socket_type), transport->socket_type);
        name_cell(&table, flags_protocol_name(transport->family, (int32_t)transport->protocol), transport->protocol);
    }
    table_print(&table, output, !options->quiet);
    if (answer->source == WSPLSP_WSK_TRIED && !options->quiet)
        text_wrap(output, 0, "\nNote: ", "the provider has no list; these are the sockets it made when asked to");
}

enum wsplsp_status cmd_wsk_transports(const struct options *options, struct output *output, struct wsplsp_error *error)
{
    struct wsplsp_wsk_transports *answer;
    if (wsk_get_transports(&answer, error) != WSPLSP_OK)
        return error->status;
    if (options->json)
        print_transports_json(answer, output);
    else
        print_transports(answer, options, output);
    free(answer);
    return WSPLSP_OK;
}

/* What wsk connect shows: the steps of connecting, without those of sending. */
static const struct {
    const char *name;
    enum wsplsp_wsk_step step;
} steps[] = {
    {"socket", WSPLSP_WSK_STEP_SOCKET},         {"bind", WSPLSP_WSK_STEP_BIND},   {"connect", WSPLSP_WSK_STEP_CONNECT},
    {"disconnect", WSPLSP_WSK_STEP_DISCONNECT}, {"close", WSPLSP_WSK_STEP_CLOSE},
};

enum { STEPS = sizeof steps / sizeof steps[0] };

static const char *step_name(uint32_t step)
{
    for (size_t i = 0; i < STEPS; i++) {
        if ((uint32_t)steps[i].step == step)
            return steps[i].name;
    }
    return NULL;
}

static bool took_step(const struct wsplsp_wsk_attempt *attempt, size_t i)
{
    return (attempt->steps_taken >> steps[i].step & 1u) != 0;
}

struct summary {
    uint32_t connected;
    uint64_t fastest, slowest, total;
};

static struct summary sum_up(const struct wsplsp_wsk_connected *answer)
{
    struct summary summary = {0};
    for (uint32_t i = 0; i < answer->count; i++) {
        const struct wsplsp_wsk_attempt *attempt = &answer->attempts[i];
        uint64_t time = attempt->step_ns[WSPLSP_WSK_STEP_CONNECT];
        if (attempt->status < 0)
            continue;
        if (summary.connected++ == 0)
            summary.fastest = summary.slowest = time;
        summary.fastest = time < summary.fastest ? time : summary.fastest;
        summary.slowest = time > summary.slowest ? time : summary.slowest;
        summary.total += time;
    }
    return summary;
}

static cJSON *attempt_json(const struct wsplsp_wsk_attempt *attempt)
{
    cJSON *object = cJSON_CreateObject();
    if (attempt->status < 0) {
        uint32_t winsock = probe_winsock_of_ntstatus((uint32_t)attempt->status);
        char name[48];
        cJSON *error = cJSON_AddObjectToObject(object, "error");
        probe_ntstatus_name((uint32_t)attempt->status, name, sizeof name);
        cJSON_AddNumberToObject(error, "code", (uint32_t)attempt->status);
        json_text(error, "name", name);
        json_number_or_null(error, "winsock", winsock != 0, winsock);
        json_text(error, "step", step_name(attempt->failed_step));
    } else {
        cJSON_AddNullToObject(object, "error");
    }
    json_text(object, "implementation", implementation_name(attempt->implementation));
    cJSON_AddNumberToObject(object, "total_ms", milliseconds(attempt->total_ns));
    cJSON *times = cJSON_AddObjectToObject(object, "steps_ms");
    for (size_t i = 0; i < STEPS; i++)
        json_number_or_null(times, steps[i].name, took_step(attempt, i), milliseconds(attempt->step_ns[steps[i].step]));
    return object;
}

static void print_connect_json(const struct wsk_connect_request *request, const char *address,
                               const struct wsplsp_wsk_connected *answer, struct output *output)
{
    struct summary summary = sum_up(answer);
    cJSON *object = json_envelope("wsk-connect");
    json_text(object, "host", request->host);
    cJSON_AddNumberToObject(object, "port", request->port);
    json_text(object, "address", address);
    json_text(object, "local", request->local);
    cJSON_AddNumberToObject(object, "count", answer->count);
    cJSON_AddNumberToObject(object, "connected", summary.connected);
    if (summary.connected > 0) {
        cJSON *times = cJSON_AddObjectToObject(object, "connect_ms");
        cJSON_AddNumberToObject(times, "fastest", milliseconds(summary.fastest));
        cJSON_AddNumberToObject(times, "mean", milliseconds(summary.total / summary.connected));
        cJSON_AddNumberToObject(times, "slowest", milliseconds(summary.slowest));
    } else {
        cJSON_AddNullToObject(object, "connect_ms");
    }
    cJSON *attempts = cJSON_AddArrayToObject(object, "attempts");
    for (uint32_t i = 0; i < answer->count; i++)
        cJSON_AddItemToArray(attempts, attempt_json(&answer->attempts[i]));
    json_print(output, object);
}

static void print_attempt(const struct wsplsp_wsk_attempt *attempt, struct output *output)
{
    char name[48];
    if (attempt->status < 0) {
        const char *step = step_name(attempt->failed_step);
        probe_ntstatus_name((uint32_t)attempt->status, name, sizeof name);
        buffer_format(&output->buffer, "  fails to %s with %s\n", step != NULL ? step : "connect", name);
        return;
    }
    buffer_format(&output->buffer, "  connects in %.1f ms (", milliseconds(attempt->step_ns[WSPLSP_WSK_STEP_CONNECT]));
    const char *separator = "";
    for (size_t i = 0; i < STEPS; i++) {
        if (!took_step(attempt, i) || steps[i].step == WSPLSP_WSK_STEP_CONNECT)
            continue;
        buffer_format(&output->buffer, "%s%s %.1f", separator, steps[i].name,
                      milliseconds(attempt->step_ns[steps[i].step]));
        separator = ", ";
    }
    buffer_text(&output->buffer, ")\n");
}

static void print_connect(const struct wsk_connect_request *request, const char *address,
                          const struct wsplsp_wsk_connected *answer, const struct options *options,
                          struct output *output)
{
    enum { SHOWN = 10 };
    struct summary summary = sum_up(answer);
    uint32_t shown = options->verbose || answer->count <= SHOWN ? answer->count : SHOWN;
    const char *implementation = implementation_name(answer->count > 0 ? answer->attempts[0].implementation : 0);
    text_put(output, TEXT_BOLD, address);
    buffer_format(&output->buffer, " port %u", (unsigned)request->port);
    if (implementation != NULL)
        buffer_format(&output->buffer, ", by WskSocketConnect of the %s", implementation);
    buffer_text(&output->buffer, "\n");
    for (uint32_t i = 0; i < shown; i++)
        print_attempt(&answer->attempts[i], output);
    if (shown < answer->count)
        buffer_format(&output->buffer, "  (%u more: --verbose shows them)\n", (unsigned)(answer->count - shown));
    if (options->quiet || answer->count == 1)
        return;
    buffer_format(&output->buffer, "%u of %u connect", (unsigned)summary.connected, (unsigned)answer->count);
    if (summary.connected > 0)
        buffer_format(&output->buffer, ", in %.1f to %.1f ms, %.1f on average", milliseconds(summary.fastest),
                      milliseconds(summary.slowest), milliseconds(summary.total / summary.connected));
    buffer_text(&output->buffer, "\n");
}

enum wsplsp_status cmd_wsk_connect(const struct options *options, struct output *output, struct wsplsp_error *error)
{
    struct wsk_connect_request request = {.host = options->operands[0], .local = options->values[OPTION_LOCAL]};
    struct wsplsp_wsk_connected *answer;
    char address[64];
    if (probe_read_port(options->operands[1], &request.port, error) != WSPLSP_OK ||
        probe_read_timeout(options->values[OPTION_TIMEOUT], &request.timeout, error) != WSPLSP_OK ||
        probe_read_count(options->values[OPTION_TIMES], PROBE_CONNECT_COUNT_MAX, &request.count, error) != WSPLSP_OK ||
        wsk_connect(&request, address, &answer, error) != WSPLSP_OK)
        return error->status;
    if (options->json)
        print_connect_json(&request, address, answer, output);
    else
        print_connect(&request, address, answer, options, output);
    bool all = sum_up(answer).connected == answer->count;
    free(answer);
    return all ? WSPLSP_OK : WSPLSP_FINDINGS;
}
