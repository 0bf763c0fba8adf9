/* The tables of a loaded module; see image.h. */
#include "image.h"

#include <string.h>

static IMAGE_NT_HEADERS *headers(HMODULE module)
{
    const IMAGE_DOS_HEADER *dos = (const IMAGE_DOS_HEADER *)module;
    if (dos->e_magic != IMAGE_DOS_SIGNATURE)
        return NULL;
    IMAGE_NT_HEADERS *nt = (IMAGE_NT_HEADERS *)((char *)module + dos->e_lfanew);
    bool native = nt->Signature == IMAGE_NT_SIGNATURE && nt->OptionalHeader.Magic == IMAGE_NT_OPTIONAL_HDR_MAGIC;
    return native ? nt : NULL;
}

void *image_at(HMODULE module, uint32_t rva, size_t size)
{
    const IMAGE_NT_HEADERS *nt = headers(module);
    if (nt == NULL || rva == 0 || rva > nt->OptionalHeader.SizeOfImage || size > nt->OptionalHeader.SizeOfImage - rva)
        return NULL;
    return (char *)module + rva;
}

const char *image_text(HMODULE module, uint32_t rva)
{
    const char *text = image_at(module, rva, 1);
    return text != NULL && memchr(text, 0, headers(module)->OptionalHeader.SizeOfImage - rva) != NULL ? text : NULL;
}

IMAGE_DATA_DIRECTORY *image_directory(HMODULE module, unsigned index)
{
    IMAGE_NT_HEADERS *nt = headers(module);
    if (nt == NULL || index >= nt->OptionalHeader.NumberOfRvaAndSizes)
        return NULL;
    IMAGE_DATA_DIRECTORY *directory = &nt->OptionalHeader.DataDirectory[index];
    return directory->VirtualAddress != 0 && directory->Size != 0 ? directory : NULL;
}

bool image_exports_open(HMODULE module, struct image_exports *exports)
{
    const IMAGE_DATA_DIRECTORY *place = image_directory(module, IMAGE_DIRECTORY_ENTRY_EXPORT);
    if (place == NULL)
        return false;
    const IMAGE_EXPORT_DIRECTORY *directory = image_at(module, place->VirtualAddress, sizeof *directory);
    /* Ordinals have 16 bits. */
    if (directory == NULL || directory->NumberOfFunctions > 0x10000 || directory->NumberOfNames > 0x10000)
        return false;
    *exports = (struct image_exports){
        .module = module,
        .first = place->VirtualAddress,
        .size = place->Size,
        .directory = directory,
        .functions = image_at(module, directory->AddressOfFunctions, directory->NumberOfFunctions * sizeof(uint32_t)),
        .names = image_at(module, directory->AddressOfNames, directory->NumberOfNames * sizeof(uint32_t)),
        .ordinals = image_at(module, directory->AddressOfNameOrdinals, directory->NumberOfNames * sizeof(uint16_t)),
    };
    return exports->functions != NULL && exports->names != NULL && exports->ordinals != NULL;
}

long image_exports_find(const struct image_exports *exports, const char *name, uint16_t ordinal)
{
    const IMAGE_EXPORT_DIRECTORY *directory = exports->directory;
    long index = -1;
    if (name == NULL && ordinal >= directory->Base)
        index = (long)(ordinal - directory->Base);
    for (DWORD i = 0; name != NULL && index < 0 && i < directory->NumberOfNames; i++) {
        const char *own = image_text(exports->module, exports->names[i]);
        if (own != NULL && strcmp(own, name) == 0)
            index = exports->ordinals[i];
    }
    bool exported = index >= 0 && (DWORD)index < directory->NumberOfFunctions && exports->functions[index] != 0;
    return exported ? index : -1;
}

unsigned image_exports_sharing(const struct image_exports *exports, uint32_t rva)
{
    unsigned count = 0;
    for (DWORD i = 0; i < exports->directory->NumberOfFunctions; i++)
        count += exports->functions[i] == rva;
    return count;
}

/* One DLL's imports. `names` is NULL where the image has no name table (old linkers leave it out). */
static bool visit_thunks(HMODULE module, const char *dll, const IMAGE_THUNK_DATA *names, IMAGE_THUNK_DATA *slots,
                         image_import_visit visit, void *context)
{
    for (; image_at(module, (uint32_t)((char *)slots - (char *)module), sizeof *slots) != NULL; slots++) {
        struct image_import import = {.dll = dll, .slot = (FARPROC *)&slots->u1.Function};
        if (slots->u1.Function == 0 || (names != NULL && names->u1.AddressOfData == 0))
            return true;
        if (names != NULL && IMAGE_SNAP_BY_ORDINAL(names->u1.Ordinal))
            import.ordinal = (uint16_t)IMAGE_ORDINAL(names->u1.Ordinal);
        else if (names != NULL)
            import.name = image_text(module, (uint32_t)names->u1.AddressOfData + sizeof(WORD));
        if (!visit(&import, context))
            return false;
        names = names == NULL ? NULL : names + 1;
    }
    return true;
}

static bool visit_imports(HMODULE module, image_import_visit visit, void *context)
{
    const IMAGE_DATA_DIRECTORY *place = image_directory(module, IMAGE_DIRECTORY_ENTRY_IMPORT);
    uint32_t rva = place != NULL ? place->VirtualAddress : 0;
    const IMAGE_IMPORT_DESCRIPTOR *next;
    for (; (next = image_at(module, rva, sizeof *next)) != NULL && next->FirstThunk != 0; rva += sizeof *next) {
        const char *dll = image_text(module, next->Name);
        IMAGE_THUNK_DATA *slots = image_at(module, next->FirstThunk, sizeof *slots);
        const IMAGE_THUNK_DATA *names = image_at(module, next->OriginalFirstThunk, sizeof *names);
        if (dll != NULL && slots != NULL && !visit_thunks(module, dll, names, slots, visit, context))
            return false;
    }
    return true;
}

/* Delayed imports hold the address of a helper until their first call, which looks the function up by GetProcAddress.
 */
static bool visit_delayed(HMODULE module, image_import_visit visit, void *context)
{
    const IMAGE_DATA_DIRECTORY *place = image_directory(module, IMAGE_DIRECTORY_ENTRY_DELAY_IMPORT);
    uint32_t rva = place != NULL ? place->VirtualAddress : 0;
    const IMAGE_DELAYLOAD_DESCRIPTOR *next;
    for (; (next = image_at(module, rva, sizeof *next)) != NULL && next->DllNameRVA != 0; rva += sizeof *next) {
        /* Visual C++ 6 wrote addresses instead of RVAs; no linker since has. */
        if (!next->Attributes.RvaBased)
            continue;
        const char *dll = image_text(module, next->DllNameRVA);
        IMAGE_THUNK_DATA *slots = image_at(module, next->ImportAddressTableRVA, sizeof *slots);
        const IMAGE_THUNK_DATA *names = image_at(module, next->ImportNameTableRVA, sizeof *names);
        if (dll != NULL && slots != NULL && !visit_thunks(module, dll, names, slots, visit, context))
            return false;
    }
    return true;
}

bool image_imports(HMODULE module, image_import_visit visit, void *context)
{
    return visit_imports(module, visit, context) && visit_delayed(module, visit, context);
}
