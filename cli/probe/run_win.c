/* `wsplsp probe` on Windows; see run.h. */
#include "run.h"

#include <winsock2.h>
#include <ws2tcpip.h>

#include <stdlib.h>
#include <string.h>

#include "cli/base/memory.h"
#include "lsp-core/win/path_win.h"
#include "lsp-core/base/command_line.h"
#include "attempt_win.h"
#include "lsp-core/base/probe_errors.h"
#include "plan.h"
#include "lsp-core/catalog/source.h"
#include "lsp-core/base/text.h"
#include "wsk_device_win.h"

struct run {
    const struct probe_request *request;
    struct probe_report *report;
    const struct wsplsp_catalog *catalog;
    struct choose_application application;
    char *no_kernel; /* why there is no way through Winsock Kernel; NULL: there is */
    bool stuck;      /* a call has not come back: Winsock is in use until the process ends */
};

static char *to_utf8(const wchar_t *wide)
{
    char *text = text_from_utf16((const uint16_t *)wide, wcslen(wide));
    return text != NULL ? text : memory_text("");
}

/* The LSP categories that this process permits, as Winsock sees it: they decide which chains it may use. */
static struct choose_application own_application(const struct wsplsp_snapshot *snapshot)
{
    const DWORD room = 32768;
    wchar_t *wide = memory_alloc(room * sizeof *wide);
    GetModuleFileNameW(NULL, wide, room - 1);
    char *path = to_utf8(wide);
    char *arguments = to_utf8(command_line_from(GetCommandLineW(), 1));
    struct choose_application application = choose_application(snapshot, path, arguments, path_equal);
    free(arguments);
    free(path);
    free(wide);
    return application;
}

static struct probe_attempt *new_attempt(const struct run *run, const struct probe_result *result,
                                         const struct wsplsp_entry *entry, const ADDRINFOW *address)
{
    struct probe_attempt *attempt = memory_alloc(sizeof *attempt);
    attempt->way = result->way;
    attempt->named = result->way != PROBE_CATALOG && entry != NULL;
    if (attempt->named)
        memcpy(&attempt->entry, &entry->info, sizeof attempt->entry);
    memcpy(&attempt->address, address->ai_addr, address->ai_addrlen);
    attempt->address_size = (int)address->ai_addrlen;
    /* In both forms the port has the same place. */
    ((SOCKADDR_IN *)&attempt->address)->sin_port = htons(run->request->port);
    attempt->timeout = run->request->timeout;
    attempt->send_size = run->request->send_size;
    if (attempt->send_size > 0)
        attempt->send = (unsigned char *)memory_text_n((const char *)run->request->send, attempt->send_size);
    return attempt;
}

static void take_times(struct probe_result *result, uint64_t time)
{
    if (result->connected++ == 0)
        result->fastest = result->slowest = time;
    result->total += time;
    result->fastest = time < result->fastest ? time : result->fastest;
    result->slowest = time > result->slowest ? time : result->slowest;
}

static void take_attempt(struct probe_result *result, struct probe_attempt *attempt, bool ended)
{
    if (ended && attempt->broken && result->untried == NULL)
        result->untried = memory_format("the driver fails with %s", attempt->failure.name);
    struct probe_failure hung = {.step = attempt->failure.step, .winsock = 0, .name = "CALL_HANGS"};
    result->tries++;
    if (!ended || !attempt->succeeded) {
        if (result->tries - result->succeeded == 1)
            result->failure = ended ? attempt->failure : hung;
    } else {
        result->succeeded++;
    }
    if (!ended)
        return;
    if (attempt->connected)
        take_times(result, attempt->connect_time);
    if (attempt->succeeded && result->answer == NULL) {
        result->answer = attempt->answer;
        result->answer_size = attempt->answer_size;
        result->answer_ended = attempt->answer_ended;
    } else {
        free(attempt->answer);
    }
    free(attempt->send);
    free(attempt);
}

/* How long the other ways' answer is, for the driver, which has to be told. */
static size_t answer_size(const struct probe_round *round)
{
    for (size_t i = round->count; i-- > 0;) {
        if (round->results[i].answer != NULL)
            return round->results[i].answer_size;
    }
    return 0;
}

static void try_way(struct run *run, struct probe_round *round, size_t index, const struct wsplsp_entry *entry,
                    const ADDRINFOW *address)
{
    struct probe_result *result = &round->results[index];
    bool ended = true;
    if (result->untried != NULL)
        return;
    /* What has not come back once will not come back: each further try would take as long. */
    for (uint32_t i = 0; i < run->request->count && ended && result->untried == NULL; i++) {
        struct probe_attempt *attempt = new_attempt(run, result, entry, address);
        if (result->way == PROBE_KERNEL)
            attempt->receive_size = answer_size(round);
        ended = probe_attempt_make(attempt);
        take_attempt(result, attempt, ended);
        run->stuck = run->stuck || !ended;
    }
}

/* From the base up, so that what the first connection costs (a route, a name, a radio) is not put down to a layer; the
 * kernel comes last, because it has to know how long the answer is. */
static bool try_address(struct run *run, const ADDRINFOW *address)
{
    struct probe_round *round = &run->report->rounds[run->report->count++];
    const struct wsplsp_entry *entries[PROBE_RESULTS_MAX] = {NULL};
    wsk_address_text(address->ai_addr, round->address);
    round->count = probe_plan(run->catalog, address->ai_family, run->application, run->request->each_layer,
                              round->results, entries);
    for (size_t i = round->count; i-- > 0;)
        try_way(run, round, i, entries[i], address);
    struct probe_result *kernel = &round->results[round->count++];
    kernel->way = PROBE_KERNEL;
    kernel->untried = run->no_kernel == NULL ? NULL : memory_text(run->no_kernel);
    try_way(run, round, round->count - 1, NULL, address);
    for (size_t i = 0; i < round->count; i++) {
        if (round->results[i].succeeded > 0)
            return true;
    }
    return false;
}

static bool is_internet(const ADDRINFOW *address)
{
    return address->ai_family == AF_INET || address->ai_family == AF_INET6;
}

static void try_addresses(struct run *run, const ADDRINFOW *addresses)
{
    bool connected = false;
    for (const ADDRINFOW *address = addresses; address != NULL; address = address->ai_next) {
        if (!is_internet(address))
            continue;
        run->report->addresses++;
        if (!connected && run->report->count < PROBE_ADDRESSES_MAX)
            connected = try_address(run, address);
    }
}

static void find_driver(struct run *run)
{
    HANDLE device;
    struct wsplsp_error error;
    if (wsk_device_open(&device, &error) == WSPLSP_OK) {
        CloseHandle(device);
        return;
    }
    run->no_kernel = memory_text(error.message);
    run->report->note =
        error.hint[0] == '\0'
            ? memory_format("There is no way through Winsock Kernel: %s.", error.message)
            : memory_format("There is no way through Winsock Kernel: %s (%s).", error.message, error.hint);
}

static enum wsplsp_status run_all(struct run *run, struct wsplsp_error *error)
{
    struct wsplsp_snapshot *snapshot;
    ADDRINFOW *addresses;
    if (source_load_live(&snapshot, error) != WSPLSP_OK)
        return error->status;
    run->catalog = wsplsp_snapshot_catalog(snapshot, (int)sizeof(void *) * 8);
    run->application = own_application(snapshot);
    enum wsplsp_status status = wsk_resolve(run->request->host, AF_UNSPEC, &addresses, error);
    if (status == WSPLSP_OK) {
        find_driver(run);
        try_addresses(run, addresses);
        FreeAddrInfoW(addresses);
    }
    wsplsp_snapshot_free(snapshot);
    free(run->no_kernel);
    return status;
}

enum wsplsp_status probe_run(const struct probe_request *request, struct probe_report **report,
                             struct wsplsp_error *error)
{
    struct run run = {.request = request};
    WSADATA data;
    int code = WSAStartup(MAKEWORD(2, 2), &data);
    if (code != 0) {
        char name[48];
        probe_winsock_name((uint32_t)code, name, sizeof name);
        return wsplsp_fail(error, WSPLSP_SYSTEM, (uint32_t)code, name, "Winsock does not start");
    }
    run.report = memory_alloc(sizeof *run.report);
    enum wsplsp_status status = run_all(&run, error);
    if (!run.stuck)
        WSACleanup();
    if (status == WSPLSP_OK)
        *report = run.report;
    else
        probe_report_free(run.report);
    return status;
}
