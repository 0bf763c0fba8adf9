/* Redirection of a process; see redirect.h.
 *
 * What carries it, each tried on Wine 8 (64-bit and 32-bit) before it was built on:
 * - The export table. GetProcAddress by name and by ordinal, imports of modules loaded later by name and by ordinal,
 *   and forwarders of other DLLs (wsock32's) all read ws2_32's table at that moment and give what it says then.
 * - The import tables of modules that are already there, whose slots hold the old addresses. They are known by the
 *   address, so that it doesn't matter through which DLL, name or ordinal the function was imported.
 * - LdrRegisterDllNotification, only for DLLs of the table that come later (mswsock, sporder). Windows calls it before
 *   it links the new module; Wine afterwards, dependencies first, so there the importers are put right as they follow.
 */
#include "redirect.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <winternl.h>

#include "lsp-core/win/errors_win.h"
#include "export_table.h"
#include "image.h"
#include "patch.h"

/* One DLL of the table; kernelbase.dll stands beside kernel32.dll. */
struct victim {
    const char *name; /* as the table writes it */
    wchar_t file[32]; /* what it is loaded as */
    bool add;         /* its missing names are added */
    bool optional;    /* nothing depends on it: where it cannot be redirected, the rest is */
    HMODULE module;   /* NULL while it isn't loaded */
    struct export_target *targets;
    size_t count;
};

/* Not in winternl.h: LdrRegisterDllNotification is a documented function without a header. */
struct dll_notification {
    ULONG flags;
    const UNICODE_STRING *full_name;
    const UNICODE_STRING *base_name;
    HMODULE module;
    ULONG size;
};
enum { DLL_LOADED = 1, DLL_UNLOADED = 2 };
typedef VOID(CALLBACK *dll_notify)(ULONG reason, const struct dll_notification *data, void *context);
typedef NTSTATUS(NTAPI *ldr_register)(ULONG flags, dll_notify notify, void *context, void **cookie);
typedef NTSTATUS(NTAPI *ldr_unregister)(void *cookie);
typedef VOID(CALLBACK *module_visit)(const LDR_DATA_TABLE_ENTRY *module, void *context, BOOLEAN *stop);
typedef NTSTATUS(NTAPI *ldr_enumerate)(ULONG reserved, module_visit visit, void *context);

/* Taken inside the loader's lock (the two callbacks), so nothing that needs the loader may be called under it. */
static SRWLOCK lock = SRWLOCK_INIT;
static struct victim *victims;
static size_t victim_count;
static const struct export_target **by_address; /* sorted by `original`; those that an address tells for sure */
static size_t by_address_count;
static size_t target_count;
static void *notification;
static ldr_enumerate enumerate_modules;

extern IMAGE_DOS_HEADER __ImageBase; /* the linker's name for this module's own base */

static FARPROC loader_function(const char *name)
{
    return GetProcAddress(GetModuleHandleW(L"ntdll.dll"), name);
}

/* Modules of the table implement what is replaced; what they call themselves has to stay the system's. */
static bool keeps_imports(HMODULE module)
{
    bool keeps = module == (HMODULE)&__ImageBase;
    for (size_t i = 0; i < victim_count; i++)
        keeps = keeps || victims[i].module == module;
    return keeps;
}

static int compare_originals(const void *a, const void *b)
{
    uintptr_t left = (uintptr_t)(*(const struct export_target *const *)a)->original;
    uintptr_t right = (uintptr_t)(*(const struct export_target *const *)b)->original;
    return left < right ? -1 : left > right;
}

static int compare_address(const void *address, const void *element)
{
    uintptr_t left = (uintptr_t) * (const FARPROC *)address;
    uintptr_t right = (uintptr_t)(*(const struct export_target *const *)element)->original;
    return left < right ? -1 : left > right;
}

/* A linker may have folded functions with equal code into one: such an address means nothing by itself. */
static void index_addresses(void)
{
    by_address_count = 0;
    for (size_t i = 0; i < victim_count; i++) {
        for (size_t k = 0; victims[i].module != NULL && k < victims[i].count; k++) {
            const struct export_target *target = &victims[i].targets[k];
            if (target->exposed != NULL && target->original != NULL && !target->shared)
                by_address[by_address_count++] = target;
        }
    }
    qsort(by_address, by_address_count, sizeof *by_address, compare_originals);
}

/* The target that an import names directly; NULL where it goes another way. */
static const struct export_target *target_by_name(const struct image_import *import)
{
    for (size_t i = 0; i < victim_count; i++) {
        if (victims[i].module == NULL || _stricmp(import->dll, victims[i].name) != 0)
            continue;
        for (size_t k = 0; k < victims[i].count; k++) {
            const struct export_target *target = &victims[i].targets[k];
            bool same = import->name != NULL ? target->name != NULL && strcmp(import->name, target->name) == 0
                                             : import->ordinal != 0 && import->ordinal == target->ordinal;
            if (same && target->exposed != NULL)
                return target;
        }
    }
    return NULL;
}

/* What the slot should hold instead. A slot with some other value belongs to someone who redirects as we do; but what
 * the system lacks has no value to compare with: Wine puts a stub of its own there. */
static FARPROC better_value(const struct image_import *import)
{
    FARPROC value = *import->slot;
    const struct export_target **known =
        bsearch(&value, by_address, by_address_count, sizeof *by_address, compare_address);
    if (known != NULL)
        return (*known)->exposed;
    const struct export_target *named = target_by_name(import);
    bool right = named != NULL && (named->original == NULL || named->original == value);
    return right ? named->exposed : value;
}

static bool redirect_import(const struct image_import *import, void *context)
{
    (void)context;
    FARPROC value = better_value(import);
    return value == *import->slot || patch_pointer(import->slot, value);
}

static bool redirect_imports(HMODULE module)
{
    return keeps_imports(module) || image_imports(module, redirect_import, NULL);
}

static bool redirect_exports(struct victim *victim, HMODULE module)
{
    victim->module = module;
    bool done = export_table_redirect(module, victim->targets, victim->count, victim->add);
    index_addresses();
    return done || victim->optional;
}

static bool is_named(const struct victim *victim, const UNICODE_STRING *name)
{
    size_t length = name->Length / sizeof(wchar_t);
    return length == wcslen(victim->file) && _wcsnicmp(name->Buffer, victim->file, length) == 0;
}

/* Redirects a module of the table, if it is one that has not been seen; `*found` is set then. Under the lock. */
static bool redirect_victim(HMODULE module, const UNICODE_STRING *name, bool *found)
{
    for (size_t i = 0; i < victim_count; i++) {
        if (victims[i].module != NULL || !is_named(&victims[i], name))
            continue;
        *found = true;
        if (!redirect_exports(&victims[i], module))
            return false;
    }
    return true;
}

/* The two passes over the modules that are there. */
struct pass {
    DWORD code;
    bool found; /* a module of the table that came unnoticed */
};

/* The loader's own record has no documented base name; its path ends with it. */
static VOID CALLBACK visit_victim(const LDR_DATA_TABLE_ENTRY *module, void *context, BOOLEAN *stop)
{
    struct pass *pass = context;
    UNICODE_STRING name = module->FullDllName;
    for (USHORT i = name.Length / sizeof(wchar_t); i > 0; i--) {
        if (module->FullDllName.Buffer[i - 1] != L'\\' && module->FullDllName.Buffer[i - 1] != L'/')
            continue;
        name.Buffer += i;
        name.Length = (USHORT)(name.Length - i * sizeof(wchar_t));
        break;
    }
    AcquireSRWLockExclusive(&lock);
    if (!redirect_victim(module->DllBase, &name, &pass->found)) {
        pass->code = GetLastError();
        *stop = TRUE;
    }
    ReleaseSRWLockExclusive(&lock);
}

static VOID CALLBACK visit_importer(const LDR_DATA_TABLE_ENTRY *module, void *context, BOOLEAN *stop)
{
    struct pass *pass = context;
    AcquireSRWLockExclusive(&lock);
    if (!redirect_imports(module->DllBase)) {
        pass->code = GetLastError();
        *stop = TRUE;
    }
    ReleaseSRWLockExclusive(&lock);
}

/* All modules that are there: those of the table first, for what imports from them has to be known by its address. */
static DWORD revisit(ldr_enumerate enumerate)
{
    struct pass pass = {ERROR_SUCCESS, false};
    NTSTATUS status = enumerate(0, visit_victim, &pass);
    if (status >= 0 && pass.code == ERROR_SUCCESS)
        status = enumerate(0, visit_importer, &pass);
    return status < 0 ? ERROR_GEN_FAILURE : pass.code;
}

/* A module of the table may come after modules that import from it: where the loader had linked all that it loads at
 * once before it tells of the first of them (Windows since version 8; in cycles always), or where a delayed import was
 * bound before. So they are all gone through once more. The loader calls this under its own lock, which
 * LdrEnumerateLoadedModules takes again. */
static VOID CALLBACK on_notification(ULONG reason, const struct dll_notification *data, void *context)
{
    (void)context;
    bool found = false;
    AcquireSRWLockExclusive(&lock);
    if (reason == DLL_UNLOADED)
        patch_forget(data->module, data->size);
    for (size_t i = 0; i < victim_count; i++)
        if (reason == DLL_UNLOADED && victims[i].module == data->module)
            victims[i].module = NULL;
    if (reason == DLL_LOADED) {
        redirect_victim(data->module, data->base_name, &found);
        redirect_imports(data->module);
    } else {
        index_addresses();
    }
    ReleaseSRWLockExclusive(&lock);
    if (found && enumerate_modules != NULL)
        revisit(enumerate_modules);
}

/* Adds the targets of one DLL; `name` is the table's word for it. */
static bool add_victim(const struct redirect_export *table, size_t count, const char *name, const wchar_t *file)
{
    struct victim *victim = &victims[victim_count];
    /* ntdll.dll is mapped so high that there may be no room behind it for a jump. */
    *victim = (struct victim){
        .name = name, .add = _stricmp(name, "ws2_32.dll") == 0, .optional = _stricmp(name, "ntdll.dll") == 0};
    for (size_t i = 0; i < sizeof victim->file / sizeof victim->file[0] - 1; i++) {
        victim->file[i] = file != NULL ? file[i] : (wchar_t)(unsigned char)name[i];
        if (victim->file[i] == L'\0')
            break;
    }
    victim->targets = calloc(count, sizeof *victim->targets);
    if (victim->targets == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (_stricmp(table[i].module, name) == 0)
            victim->targets[victim->count++] = (struct export_target){
                .name = table[i].name, .ordinal = table[i].ordinal, .replacement = table[i].replacement};
    }
    target_count += victim->count;
    victim_count++;
    return true;
}

/* One victim for each DLL that the table names, and one for kernelbase.dll. */
static bool make_victims(const struct redirect_export *table, size_t count)
{
    victims = calloc(count + 1, sizeof *victims);
    if (victims == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        bool known = false;
        for (size_t k = 0; k < victim_count; k++)
            known = known || _stricmp(victims[k].name, table[i].module) == 0;
        if (known)
            continue;
        if (!add_victim(table, count, table[i].module, NULL))
            return false;
        if (_stricmp(table[i].module, "kernel32.dll") == 0 &&
            !add_victim(table, count, "kernel32.dll", L"kernelbase.dll"))
            return false;
    }
    by_address = malloc((target_count + 1) * sizeof *by_address);
    return by_address != NULL;
}

static bool redirect_loaded_exports(void)
{
    for (size_t i = 0; i < victim_count; i++) {
        HMODULE module = GetModuleHandleW(victims[i].file);
        if (module != NULL && !redirect_exports(&victims[i], module))
            return false;
    }
    return true;
}

static DWORD prepare(const struct redirect_export *table, size_t count)
{
    AcquireSRWLockExclusive(&lock);
    DWORD code = ERROR_SUCCESS;
    if (!make_victims(table, count))
        code = ERROR_NOT_ENOUGH_MEMORY;
    else if (!redirect_loaded_exports())
        code = GetLastError();
    ReleaseSRWLockExclusive(&lock);
    return code;
}

/* Modules loaded from here on import from the new export tables; those already there are gone through, and so is what
 * came between `prepare` and the notification. */
static DWORD redirect_modules(void)
{
    ldr_register register_notification = (ldr_register)(void *)loader_function("LdrRegisterDllNotification");
    enumerate_modules = (ldr_enumerate)(void *)loader_function("LdrEnumerateLoadedModules");
    if (register_notification == NULL || enumerate_modules == NULL)
        return ERROR_PROC_NOT_FOUND;
    if (register_notification(0, on_notification, NULL, &notification) < 0)
        return ERROR_NOT_ENOUGH_MEMORY;
    return revisit(enumerate_modules);
}

enum wsplsp_status redirect_install(const struct redirect_export *table, size_t count, struct wsplsp_error *error)
{
    DWORD code = prepare(table, count);
    if (code == ERROR_SUCCESS)
        code = redirect_modules();
    if (code == ERROR_SUCCESS)
        return WSPLSP_OK;
    redirect_remove();
    return wsplsp_fail(error, WSPLSP_SYSTEM, code, errors_win_name(code), "the process's Winsock cannot be redirected");
}

void redirect_remove(void)
{
    ldr_unregister unregister = (ldr_unregister)(void *)loader_function("LdrUnregisterDllNotification");
    if (notification != NULL && unregister != NULL)
        unregister(notification);
    notification = NULL;
    AcquireSRWLockExclusive(&lock);
    patch_undo();
    for (size_t i = 0; i < victim_count; i++)
        free(victims[i].targets);
    free(victims);
    free(by_address);
    victims = NULL;
    by_address = NULL;
    victim_count = by_address_count = target_count = 0;
    ReleaseSRWLockExclusive(&lock);
}
