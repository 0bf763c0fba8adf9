/* Export tables; see export_table.h. GetProcAddress and the loader add an RVA of 32 bits to the module's base: that
 * reaches a function up to 4 GiB above it, also outside the image (checked on Wine 8 and relied on by PolyHook 2 on
 * Windows), and on 32 bits, where the sum wraps, everything. What lies elsewhere is reached over a jump placed there.
 */
#include "export_table.h"

#include <stdlib.h>
#include <string.h>

#include "image.h"
#include "patch.h"

#define JUMP_SIZE       16
#define ALLOCATION_UNIT 0x10000u

static bool reachable(HMODULE module, const void *place)
{
    uintptr_t distance = (uintptr_t)place - (uintptr_t)module;
    return distance >> 16 >> 16 == 0; /* in two steps, for a type that may have 32 bits */
}

static uint32_t rva_of(HMODULE module, const void *place)
{
    return (uint32_t)((uintptr_t)place - (uintptr_t)module);
}

/* Memory whose every byte an RVA of the module can name. */
static char *allocate_reachable(HMODULE module, size_t size)
{
    if (sizeof(void *) == sizeof(uint32_t))
        return VirtualAlloc(NULL, size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    MEMORY_BASIC_INFORMATION region;
    uintptr_t at = (uintptr_t)module;
    for (; reachable(module, (char *)at + size) && VirtualQuery((void *)at, &region, sizeof region) != 0;
         at = (uintptr_t)region.BaseAddress + region.RegionSize) {
        uintptr_t start = ((uintptr_t)region.BaseAddress + ALLOCATION_UNIT - 1) & ~(uintptr_t)(ALLOCATION_UNIT - 1);
        uintptr_t end = (uintptr_t)region.BaseAddress + region.RegionSize;
        if (region.State != MEM_FREE || start + size > end || !reachable(module, (char *)start + size))
            continue;
        char *memory = VirtualAlloc((void *)start, size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
        if (memory != NULL)
            return memory; /* otherwise another thread was faster */
    }
    SetLastError(ERROR_NOT_ENOUGH_MEMORY);
    return NULL;
}

/* Makes the jumps that the targets need, all in one block. */
static bool make_jumps(HMODULE module, struct export_target *targets, size_t count)
{
    size_t needed = 0;
    DWORD before;
    for (size_t i = 0; i < count; i++)
        needed += !reachable(module, (void *)targets[i].replacement);
    char *jumps = needed == 0 ? NULL : allocate_reachable(module, needed * JUMP_SIZE);
    if (jumps == NULL && needed > 0)
        return false;
    char *next = jumps;
    for (size_t i = 0; i < count; i++) {
        targets[i].exposed = targets[i].replacement;
        if (reachable(module, (void *)targets[i].replacement))
            continue;
        /* jmp [rip+0], and the address right behind it */
        memcpy(next, "\xff\x25\0\0\0\0", 6);
        memcpy(next + 6, &targets[i].replacement, sizeof targets[i].replacement);
        targets[i].exposed = (FARPROC)(void *)next;
        next += JUMP_SIZE;
    }
    if (jumps == NULL)
        return true;
    return VirtualProtect(jumps, needed * JUMP_SIZE, PAGE_EXECUTE_READ, &before) &&
           FlushInstructionCache(GetCurrentProcess(), jumps, needed * JUMP_SIZE);
}

/* Finds what the module exports today; what it doesn't have gets no `exposed` unless it is to be added. Returns how
 * many are to be added. */
static size_t find_originals(const struct image_exports *exports, struct export_target *targets, size_t count, bool add)
{
    size_t missing = 0;
    for (size_t i = 0; i < count; i++) {
        long index = image_exports_find(exports, targets[i].name, targets[i].ordinal);
        uint32_t rva = index >= 0 ? exports->functions[index] : 0;
        bool forwarder = rva - exports->first < exports->size;
        targets[i].original = index < 0 || forwarder ? NULL : (FARPROC)((char *)exports->module + rva);
        if (index >= 0)
            targets[i].ordinal = (WORD)(exports->directory->Base + (DWORD)index);
        targets[i].shared = index >= 0 && image_exports_sharing(exports, rva) > 1;
        if (index < 0 && (!add || targets[i].name == NULL))
            targets[i].exposed = NULL;
        else
            missing += index < 0;
    }
    return missing;
}

static bool patch_functions(const struct image_exports *exports, const struct export_target *targets, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        long index = image_exports_find(exports, targets[i].name, targets[i].ordinal);
        if (index >= 0 && targets[i].exposed != NULL &&
            !patch_u32(&exports->functions[index], rva_of(exports->module, (void *)targets[i].exposed)))
            return false;
    }
    return true;
}

/* A larger export directory under construction, to stand in for the module's own. Texts lie behind the tables, for a
 * forwarder is told from a function by lying inside the directory's range. */
struct directory {
    HMODULE module;
    IMAGE_EXPORT_DIRECTORY *head;
    uint32_t *functions;
    uint32_t *names;
    uint16_t *ordinals;
    char *text; /* where the next one goes */
};

static uint32_t add_text(struct directory *directory, const char *text)
{
    uint32_t rva = rva_of(directory->module, directory->text);
    size_t size = strlen(text) + 1;
    memcpy(directory->text, text, size);
    directory->text += size;
    return rva;
}

/* The loader searches the names by halves, in the order of strcmp. */
static void add_name(struct directory *directory, const char *name, uint16_t index)
{
    const char *base = (const char *)directory->module;
    DWORD at = directory->head->NumberOfNames++;
    for (; at > 0 && strcmp(base + directory->names[at - 1], name) > 0; at--) {
        directory->names[at] = directory->names[at - 1];
        directory->ordinals[at] = directory->ordinals[at - 1];
    }
    directory->names[at] = add_text(directory, name);
    directory->ordinals[at] = index;
}

static const char *forwarder_text(const struct image_exports *exports, DWORD index)
{
    uint32_t rva = exports->functions[index];
    return rva - exports->first < exports->size ? image_text(exports->module, rva) : NULL;
}

/* Room for `missing` more functions, with all texts. */
static size_t directory_size(const struct image_exports *exports, const struct export_target *targets, size_t count,
                             size_t missing)
{
    const IMAGE_EXPORT_DIRECTORY *old = exports->directory;
    size_t size = sizeof *old + (old->NumberOfFunctions + missing) * sizeof(uint32_t) +
                  (old->NumberOfNames + missing) * (sizeof(uint32_t) + sizeof(uint16_t));
    for (DWORD i = 0; i < old->NumberOfFunctions; i++) {
        const char *text = forwarder_text(exports, i);
        size += text != NULL ? strlen(text) + 1 : 0;
    }
    for (size_t i = 0; i < count; i++)
        size += targets[i].name != NULL ? strlen(targets[i].name) + 1 : 0;
    return size;
}

static void copy_directory(struct directory *directory, const struct image_exports *exports, char *memory,
                           size_t missing)
{
    const IMAGE_EXPORT_DIRECTORY *old = exports->directory;
    directory->module = exports->module;
    directory->head = (IMAGE_EXPORT_DIRECTORY *)memory;
    directory->functions = (uint32_t *)(directory->head + 1);
    directory->names = directory->functions + old->NumberOfFunctions + missing;
    directory->ordinals = (uint16_t *)(directory->names + old->NumberOfNames + missing);
    directory->text = (char *)(directory->ordinals + old->NumberOfNames + missing);

    *directory->head = *old;
    directory->head->AddressOfFunctions = rva_of(exports->module, directory->functions);
    directory->head->AddressOfNames = rva_of(exports->module, directory->names);
    directory->head->AddressOfNameOrdinals = rva_of(exports->module, directory->ordinals);
    memcpy(directory->names, exports->names, old->NumberOfNames * sizeof(uint32_t));
    memcpy(directory->ordinals, exports->ordinals, old->NumberOfNames * sizeof(uint16_t));
    for (DWORD i = 0; i < old->NumberOfFunctions; i++) {
        const char *text = forwarder_text(exports, i);
        directory->functions[i] = text != NULL ? add_text(directory, text) : exports->functions[i];
    }
}

static bool add_missing(const struct image_exports *exports, const struct export_target *targets, size_t count,
                        size_t missing)
{
    size_t size = directory_size(exports, targets, count, missing);
    char *memory = allocate_reachable(exports->module, size);
    DWORD before;
    if (memory == NULL)
        return false;
    struct directory directory;
    copy_directory(&directory, exports, memory, missing);
    for (size_t i = 0; i < count; i++) {
        if (targets[i].exposed == NULL || image_exports_find(exports, targets[i].name, targets[i].ordinal) >= 0)
            continue;
        uint32_t index = directory.head->NumberOfFunctions++;
        directory.functions[index] = rva_of(exports->module, (void *)targets[i].exposed);
        add_name(&directory, targets[i].name, (uint16_t)index);
    }
    IMAGE_DATA_DIRECTORY *place = image_directory(exports->module, IMAGE_DIRECTORY_ENTRY_EXPORT);
    return VirtualProtect(memory, size, PAGE_READONLY, &before) &&
           patch_u32((uint32_t *)&place->Size, (uint32_t)(directory.text - memory)) &&
           patch_u32((uint32_t *)&place->VirtualAddress, rva_of(exports->module, memory));
}

bool export_table_redirect(HMODULE module, struct export_target *targets, size_t count, bool add)
{
    struct image_exports exports;
    if (!image_exports_open(module, &exports)) {
        SetLastError(ERROR_BAD_EXE_FORMAT);
        return false;
    }
    if (!make_jumps(module, targets, count))
        return false;
    size_t missing = find_originals(&exports, targets, count, add);
    return patch_functions(&exports, targets, count) &&
           (missing == 0 || add_missing(&exports, targets, count, missing));
}
