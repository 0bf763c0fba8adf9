/* The driver's WskSocketConnect over a provider that follows a script: every combination of steps that succeed or fail,
 * at once or later, cancelled at every point. Each has to end with one completion and with no socket left open, or the
 * one that the caller gets. */
#include "support.h"

#include "lsp-core/wsk/resources.h"
#include "scripted_provider.h"
#include "lsp-core/wsk/socket_connect.h"

#include <pthread.h>
#include <unistd.h>

/* Markers that the provider has to be given as they are. */
static PWSK_CLIENT const client = (PWSK_CLIENT)0x1001;
static PVOID const socket_context = (PVOID)0x1002;
static const WSK_CLIENT_CONNECTION_DISPATCH client_dispatch;
static PEPROCESS const process = (PVOID)0x1003;
static PETHREAD const thread = (PVOID)0x1004;
static PSECURITY_DESCRIPTOR const descriptor = (PVOID)0x1005;

static SOCKADDR_IN local = {AF_INET, 0, {127, 0, 0, 1}, {0}};
static SOCKADDR_IN remote = {AF_INET, 0x5000, {127, 0, 0, 2}, {0}};

enum cancel_point {
    CANCEL_NEVER,
    CANCEL_BEFORE,    /* before the call */
    CANCEL_IN_SOCKET, /* while the provider's function runs */
    CANCEL_IN_BIND,
    CANCEL_IN_CONNECT,
    CANCEL_AT_SOCKET, /* while its IRP waits */
    CANCEL_AT_BIND,
    CANCEL_AT_CONNECT,
    CANCEL_BEFORE_CLOSING, /* the failed step is done, the work item that closes waits */
    CANCEL_AT_CLOSE,       /* the closing IRP waits */
    CANCEL_AFTER,          /* when all is over */
    CANCEL_POINTS,
};

/* The caller's IRP and what became of it. */
struct caller {
    PIRP irp;
    int completions;
    NTSTATUS status;
    ULONG_PTR information;
    BOOLEAN pending;
    volatile LONG done;
};

static NTSTATUS NTAPI caller_completed(PDEVICE_OBJECT device, PIRP irp, PVOID context)
{
    UNREFERENCED_PARAMETER(device);
    struct caller *caller = context;
    caller->completions++;
    caller->status = irp->IoStatus.Status;
    caller->information = irp->IoStatus.Information;
    caller->pending = irp->stack[0].Control & SL_PENDING_RETURNED;
    InterlockedIncrement(&caller->done);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static void cancel_caller(void *context)
{
    IoCancelIrp(((struct caller *)context)->irp);
}

static void new_caller(struct caller *caller)
{
    *caller = (struct caller){.irp = IoAllocateIrp(1, FALSE)};
    IoSetCompletionRoutine(caller->irp, caller_completed, caller, TRUE, TRUE, TRUE);
}

static NTSTATUS start(struct caller *caller)
{
    return socket_connect(client, SOCK_STREAM, IPPROTO_TCP, (PSOCKADDR)&local, (PSOCKADDR)&remote, 0, socket_context,
                          &client_dispatch, process, thread, descriptor, caller->irp);
}

static void use(struct script *script)
{
    WSK_PROVIDER_NPI npi = {client, script_use(script)};
    socket_connect_use(&npi, FALSE, NULL);
}

/* Lets things happen until nothing more does; cancels at the point. Says whether it came there. */
static bool play(struct script *script, struct caller *caller, enum cancel_point point)
{
    bool cancelled = false;
    for (;;) {
        bool here = !caller->completions && !cancelled &&
                    ((point >= CANCEL_AT_SOCKET && point <= CANCEL_AT_CONNECT &&
                      script->waiting[point - CANCEL_AT_SOCKET] != NULL) ||
                     (point == CANCEL_BEFORE_CLOSING && standin_has_work_item()) ||
                     (point == CANCEL_AT_CLOSE && script->waiting[SCRIPT_CLOSE] != NULL));
        if (here) {
            cancelled = true;
            cancel_caller(caller);
        } else if (!standin_run_work_item() && !script_complete(SCRIPT_SOCKET) && !script_complete(SCRIPT_BIND) &&
                   !script_complete(SCRIPT_CONNECT) && !script_complete(SCRIPT_CLOSE)) {
            return cancelled;
        }
    }
}

static bool fails(enum script_way way)
{
    return way == SCRIPT_FAIL_AT_ONCE || way == SCRIPT_FAIL_LATER;
}

/* What has to come of it, from the contract alone. */
static NTSTATUS expected_status(const struct script *script, enum cancel_point point)
{
    if (point == CANCEL_BEFORE)
        return STATUS_CANCELLED;
    for (int call = SCRIPT_SOCKET; call <= SCRIPT_CONNECT; call++) {
        enum script_way way = script->way[call];
        bool at_once = way == SCRIPT_AT_ONCE || way == SCRIPT_FAIL_AT_ONCE;
        if (point == CANCEL_AT_SOCKET + (enum cancel_point)call && !at_once)
            return STATUS_CANCELLED;
        if (point == CANCEL_IN_SOCKET + (enum cancel_point)call)
            return way == SCRIPT_FAIL_AT_ONCE ? script_failure(call) : STATUS_CANCELLED;
        if (fails(way))
            return script_failure(call);
    }
    return STATUS_SUCCESS;
}

static void expect_arguments(const struct script *script)
{
    assert_ptr_equal(script->socket.client, client);
    assert_int_equal(script->socket.family, AF_INET);
    assert_int_equal(script->socket.socket_type, SOCK_STREAM);
    assert_int_equal(script->socket.protocol, IPPROTO_TCP);
    assert_int_equal(script->socket.flags, WSK_FLAG_CONNECTION_SOCKET);
    assert_ptr_equal(script->socket.context, socket_context);
    assert_ptr_equal(script->socket.dispatch, &client_dispatch);
    assert_ptr_equal(script->socket.process, process);
    assert_ptr_equal(script->socket.thread, thread);
    assert_ptr_equal(script->socket.descriptor, descriptor);
    if (script->calls[SCRIPT_BIND])
        assert_memory_equal(&script->local, &local, sizeof local);
    if (script->calls[SCRIPT_CONNECT])
        assert_memory_equal(&script->remote, &remote, sizeof remote);
}

static void expect_outcome(const struct script *script, const struct caller *caller, NTSTATUS returned,
                           enum cancel_point point)
{
    NTSTATUS wanted = expected_status(script, point);
    assert_int_equal(caller->completions, 1);
    assert_int_equal(caller->status, wanted);
    assert_true(returned == (caller->pending ? STATUS_PENDING : caller->status));
    for (int call = 0; call < SCRIPT_CLOSE; call++)
        assert_true(script->calls[call] <= 1);
    if (point == CANCEL_BEFORE)
        assert_int_equal(script->calls[SCRIPT_SOCKET], 0);
    else
        expect_arguments(script);
    assert_int_equal(script->open_sockets, NT_SUCCESS(wanted) ? 1 : 0);
    assert_int_equal(resources_sockets(), NT_SUCCESS(wanted) ? 1 : 0);
    assert_ptr_equal((PVOID)caller->information, NT_SUCCESS(wanted) ? script_socket() : NULL);
    assert_int_equal(resources_held(), 0);
    assert_int_equal(script->calls[SCRIPT_CLOSE],
                     script->open_sockets == 0 && script->calls[SCRIPT_BIND] ? 1 : script->calls[SCRIPT_CLOSE]);
}

static void run_one(struct script *script, enum cancel_point point)
{
    struct caller caller;
    new_caller(&caller);
    script->hook_at = point >= CANCEL_IN_SOCKET && point <= CANCEL_IN_CONNECT ? (int)(point - CANCEL_IN_SOCKET) : -1;
    script->hook = cancel_caller;
    script->hook_context = &caller; // cppcheck-suppress autoVariables ; the script ends with this function
    use(script);
    if (point == CANCEL_BEFORE)
        IoCancelIrp(caller.irp);
    NTSTATUS returned = start(&caller);
    play(script, &caller, point);
    if (point == CANCEL_AFTER)
        assert_false(IoCancelIrp(caller.irp));
    expect_outcome(script, &caller, returned, point);
    if (NT_SUCCESS(caller.status))
        resources_count_socket(-1);
    IoFreeIrp(caller.irp);
}

static void every_combination_ends_once(void **state)
{
    UNREFERENCED_PARAMETER(state);
    int count = 0;
    for (int ways = 0; ways < SCRIPT_WAYS * SCRIPT_WAYS * SCRIPT_WAYS * 2 * 2; ways++)
        for (int point = 0; point < CANCEL_POINTS; point++) {
            struct script script = {
                .way = {(enum script_way)(ways % 4), (enum script_way)(ways / 4 % 4), (enum script_way)(ways / 16 % 4),
                        (enum script_way)(ways / 64 % 2)},
                .obeys_cancel = ways / 128,
            };
            run_one(&script, (enum cancel_point)point);
            count++;
        }
    assert_int_equal(count, 256 * CANCEL_POINTS);
}

/* A step is not told to go on, nor the socket to close, before the one before it is through; an immediate failure
 * leaves nothing for later. */
static void it_waits_for_each_step(void **state)
{
    UNREFERENCED_PARAMETER(state);
    struct script script = {.way = {SCRIPT_LATER, SCRIPT_LATER, SCRIPT_LATER, SCRIPT_AT_ONCE}, .hook_at = -1};
    struct caller caller;
    new_caller(&caller);
    use(&script);
    assert_int_equal(start(&caller), STATUS_PENDING);
    for (int call = SCRIPT_SOCKET; call <= SCRIPT_CONNECT; call++) {
        assert_int_equal(script.calls[call], 1);
        if (call < SCRIPT_CONNECT)
            assert_int_equal(script.calls[call + 1], 0);
        assert_int_equal(caller.completions, 0);
        assert_true(script_complete((enum script_call)call));
    }
    assert_int_equal(caller.completions, 1);
    assert_int_equal(caller.status, STATUS_SUCCESS);
    resources_count_socket(-1);
    IoFreeIrp(caller.irp);
}

/* The caller learns of a failure when the socket is closed, no sooner. */
static void the_socket_is_closed_first(void **state)
{
    UNREFERENCED_PARAMETER(state);
    struct script script = {.way = {SCRIPT_AT_ONCE, SCRIPT_AT_ONCE, SCRIPT_FAIL_AT_ONCE, SCRIPT_LATER}, .hook_at = -1};
    struct caller caller;
    new_caller(&caller);
    use(&script);
    assert_int_equal(start(&caller), STATUS_PENDING);
    assert_int_equal(script.calls[SCRIPT_CLOSE], 0); /* not inside WskConnect or its completion */
    assert_true(standin_run_work_item());
    assert_int_equal(script.calls[SCRIPT_CLOSE], 1);
    assert_int_equal(caller.completions, 0);
    assert_true(script_complete(SCRIPT_CLOSE));
    assert_int_equal(caller.completions, 1);
    assert_int_equal(caller.status, STATUS_CONNECTION_REFUSED);
    assert_int_equal(resources_sockets(), 0);
    IoFreeIrp(caller.irp);
}

static NTSTATUS try_with(PSOCKADDR from, PSOCKADDR to, ULONG flags)
{
    struct script script = {.hook_at = -1};
    struct caller caller;
    new_caller(&caller);
    use(&script);
    NTSTATUS returned =
        socket_connect(client, SOCK_STREAM, IPPROTO_TCP, from, to, flags, NULL, NULL, NULL, NULL, NULL, caller.irp);
    assert_int_equal(caller.completions, 1);
    assert_int_equal(caller.status, returned);
    assert_int_equal(caller.information, 0);
    assert_int_equal(script.calls[SCRIPT_SOCKET], 0);
    assert_int_equal(resources_held(), 0);
    IoFreeIrp(caller.irp);
    return returned;
}

static void what_is_reserved_is_refused(void **state)
{
    UNREFERENCED_PARAMETER(state);
    SOCKADDR_IN6 remote6 = {.sin6_family = AF_INET6};
    SOCKADDR unspecified = {.sa_family = AF_UNSPEC};
    assert_int_equal(try_with((PSOCKADDR)&local, (PSOCKADDR)&remote, 1), STATUS_INVALID_PARAMETER);
    assert_int_equal(try_with((PSOCKADDR)&local, (PSOCKADDR)&remote6, 0), STATUS_INVALID_PARAMETER);
    assert_int_equal(try_with(&unspecified, &unspecified, 0), STATUS_NOT_SUPPORTED);
}

static bool connect_with_little_memory(void *context)
{
    UNREFERENCED_PARAMETER(context);
    struct script script = {.hook_at = -1};
    /* The caller's own IRP is not what is to fail. */
    struct {
        IRP irp;
        IO_STACK_LOCATION location;
    } memory = {.irp = {.StackCount = 1, .CurrentLocation = 2}};
    struct caller caller = {.irp = &memory.irp};
    IoSetCompletionRoutine(caller.irp, caller_completed, &caller, TRUE, TRUE, TRUE);
    use(&script);
    NTSTATUS status = start(&caller);
    assert_int_equal(caller.completions, 1);
    assert_int_equal(caller.status, status);
    assert_int_equal(resources_held(), 0);
    if (NT_SUCCESS(status))
        resources_count_socket(-1);
    else
        assert_int_equal(status, STATUS_INSUFFICIENT_RESOURCES);
    assert_int_equal(resources_sockets(), 0);
    return NT_SUCCESS(status);
}

static void want_of_memory_is_a_failure(void **state)
{
    UNREFERENCED_PARAMETER(state);
    support_fail_allocations(connect_with_little_memory, NULL);
}

static struct {
    PWSK_CLIENT client;
    USHORT socket_type;
    ULONG protocol;
    PSOCKADDR local_address;
    PSOCKADDR remote_address;
    ULONG flags;
    PVOID context;
    const WSK_CLIENT_CONNECTION_DISPATCH *dispatch;
    PEPROCESS process;
    PETHREAD thread;
    PSECURITY_DESCRIPTOR descriptor;
    PIRP irp;
} given;

static NTSTATUS WSKAPI providers_own(PWSK_CLIENT its_client, USHORT socket_type, ULONG protocol,
                                     PSOCKADDR local_address, PSOCKADDR remote_address, ULONG flags, PVOID context,
                                     const WSK_CLIENT_CONNECTION_DISPATCH *dispatch, PEPROCESS its_process,
                                     PETHREAD its_thread, PSECURITY_DESCRIPTOR its_descriptor, PIRP irp)
{
    given.client = its_client;
    given.socket_type = socket_type;
    given.protocol = protocol;
    given.local_address = local_address;
    given.remote_address = remote_address;
    given.flags = flags;
    given.context = context;
    given.dispatch = dispatch;
    given.process = its_process;
    given.thread = its_thread;
    given.descriptor = its_descriptor;
    given.irp = irp;
    return STATUS_UNSUCCESSFUL;
}

static void a_provider_that_has_it_gets_the_callers_arguments(void **state)
{
    UNREFERENCED_PARAMETER(state);
    static const WSK_PROVIDER_DISPATCH dispatch = {.WskSocketConnect = providers_own};
    WSK_PROVIDER_NPI npi = {client, &dispatch};
    struct caller caller;
    new_caller(&caller);
    IRP before = *caller.irp;
    socket_connect_use(&npi, TRUE, NULL);
    NTSTATUS returned = socket_connect(client, 77, 88, (PSOCKADDR)&local, (PSOCKADDR)&remote, 99, socket_context,
                                       &client_dispatch, process, thread, descriptor, caller.irp);
    assert_int_equal(returned, STATUS_UNSUCCESSFUL);
    assert_ptr_equal(given.client, client);
    assert_int_equal(given.socket_type, 77);
    assert_int_equal(given.protocol, 88);
    assert_ptr_equal(given.local_address, &local);
    assert_ptr_equal(given.remote_address, &remote);
    assert_int_equal(given.flags, 99);
    assert_ptr_equal(given.context, socket_context);
    assert_ptr_equal(given.dispatch, &client_dispatch);
    assert_ptr_equal(given.process, process);
    assert_ptr_equal(given.thread, thread);
    assert_ptr_equal(given.descriptor, descriptor);
    assert_ptr_equal(given.irp, caller.irp);
    assert_memory_equal(&before, caller.irp, sizeof before);
    assert_int_equal(caller.completions, 0);
    IoFreeIrp(caller.irp);
}

static void times_are_noted(void **state)
{
    UNREFERENCED_PARAMETER(state);
    struct script script = {.way = {SCRIPT_AT_ONCE, SCRIPT_FAIL_LATER, SCRIPT_AT_ONCE, SCRIPT_AT_ONCE}, .hook_at = -1};
    struct socket_connect_times times;
    struct socket_connect_request request = {
        .socket_type = SOCK_STREAM,
        .protocol = IPPROTO_TCP,
        .local_address = (PSOCKADDR)&local,
        .remote_address = (PSOCKADDR)&remote,
    };
    struct caller caller;
    new_caller(&caller);
    use(&script);
    assert_int_equal(socket_connect_timed(client, &request, &times, caller.irp), STATUS_PENDING);
    play(&script, &caller, CANCEL_NEVER);
    assert_int_equal(caller.completions, 1);
    assert_int_equal(times.failed_step, SOCKET_CONNECT_BIND);
    assert_true(times.begun[SOCKET_CONNECT_SOCKET] < times.ended[SOCKET_CONNECT_SOCKET]);
    assert_true(times.ended[SOCKET_CONNECT_SOCKET] < times.begun[SOCKET_CONNECT_BIND]);
    assert_true(times.begun[SOCKET_CONNECT_BIND] < times.ended[SOCKET_CONNECT_BIND]);
    assert_int_equal(times.begun[SOCKET_CONNECT_CONNECT], 0);
    IoFreeIrp(caller.irp);
}

/* --- for real: one thread connects and cancels while another one completes --- */

static volatile LONG stop_completing;

static void *complete_all(void *context)
{
    unsigned *seed = context;
    while (!__atomic_load_n(&stop_completing, __ATOMIC_ACQUIRE)) {
        for (int call = SCRIPT_SOCKET; call <= SCRIPT_CLOSE; call++)
            script_complete((enum script_call)call);
        if (rand_r(seed) % 2)
            standin_run_work_item();
    }
    return NULL;
}

static void threads_agree_on_one_completion(void **state)
{
    UNREFERENCED_PARAMETER(state);
    unsigned seed = 1, other_seed = 2;
    struct script script = {0};
    use(&script);
    pthread_t completer;
    stop_completing = 0;
    assert_int_equal(pthread_create(&completer, NULL, complete_all, &other_seed), 0);
    int cancelled = 0, connected = 0;
    for (int i = 0; i < 20000; i++) {
        struct caller caller;
        new_caller(&caller);
        memset(script.calls, 0, sizeof script.calls);
        for (int call = SCRIPT_SOCKET; call < SCRIPT_CALLS; call++)
            script.way[call] = (enum script_way)(rand_r(&seed) % (call == SCRIPT_CLOSE || rand_r(&seed) % 8 ? 2 : 4));
        script.obeys_cancel = rand_r(&seed) % 2;
        script.hook_at = -1;
        start(&caller);
        for (int spin = rand_r(&seed) % 300; spin > 0; spin--)
            __asm__ volatile("" ::: "memory");
        IoCancelIrp(caller.irp);
        while (!__atomic_load_n(&caller.done, __ATOMIC_ACQUIRE))
            standin_run_work_item();
        assert_int_equal(caller.completions, 1);
        cancelled += caller.status == STATUS_CANCELLED;
        connected += NT_SUCCESS(caller.status);
        assert_int_equal(script.open_sockets, NT_SUCCESS(caller.status) ? 1 : 0);
        if (NT_SUCCESS(caller.status))
            resources_count_socket(-1);
        script.open_sockets = 0;
        IoFreeIrp(caller.irp);
    }
    __atomic_store_n(&stop_completing, 1, __ATOMIC_RELEASE);
    pthread_join(completer, NULL);
    assert_int_equal(resources_held(), 0);
    assert_true(cancelled > 100 && connected > 100); /* or this proved nothing */
}

int main(void)
{
    alarm(900); /* a connect that never ends is a failure too */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_combination_ends_once),
        cmocka_unit_test(it_waits_for_each_step),
        cmocka_unit_test(the_socket_is_closed_first),
        cmocka_unit_test(what_is_reserved_is_refused),
        cmocka_unit_test(want_of_memory_is_a_failure),
        cmocka_unit_test(a_provider_that_has_it_gets_the_callers_arguments),
        cmocka_unit_test(times_are_noted),
        cmocka_unit_test(threads_agree_on_one_completion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
