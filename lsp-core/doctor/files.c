/* The rules about the DLLs that a catalog names, each DLL looked at once; those of name space providers too, where a
 * rule is about any DLL. What is unknown of a file is said to be skipped by the one rule that asks for it. */
#include "part.h"
#include "rules.h"
#include "lsp-core/base/code_page.h"
#include "lsp-core/dlls/path.h"

enum { PROTOCOLS = 1, NAME_SPACES = 2, BOTH = 3 };

/* Reports what is wrong, or returns why it can't be told (static text). */
typedef const char *(*judge)(struct check *check, const struct check_dll *dll, const struct files_facts *facts);

/* Why DLLs could not be judged: implementations have few reasons, and each is said once. */
struct unknowns {
    struct {
        const char *why;
        const char *path;
        size_t count;
    } reasons[16];
    size_t count;
};

static void add_unknown(struct unknowns *unknowns, const char *why, const char *path)
{
    size_t i = 0;
    while (i < unknowns->count && unknowns->reasons[i].why != why)
        i++;
    if (i == sizeof unknowns->reasons / sizeof unknowns->reasons[0])
        return;
    if (i == unknowns->count) {
        unknowns->reasons[i].why = why;
        unknowns->reasons[i].path = path;
        unknowns->count++;
    }
    unknowns->reasons[i].count++;
}

static void each_dll(struct check *check, int which, judge judge)
{
    struct unknowns unknowns = {.count = 0};
    for (size_t i = 0; i < check->dll_count && !check->out_of_memory; i++) {
        const struct check_dll *dll = &check->dlls[i];
        if ((which & (dll->entry != NULL ? PROTOCOLS : NAME_SPACES)) == 0)
            continue;
        const struct files_facts *facts = files_look(check->files, dll->path, dll->bits);
        const char *why = facts == NULL ? NULL : judge(check, dll, facts);
        if (facts == NULL)
            check->out_of_memory = true;
        else if (why != NULL)
            add_unknown(&unknowns, why, facts->resolved != NULL ? facts->resolved : dll->path);
    }
    for (size_t i = 0; i < unknowns.count; i++)
        check_skip(check, "%s%s: %s", unknowns.reasons[i].path,
                   check_more(unknowns.reasons[i].count - 1, "DLL", "DLLs").text, unknowns.reasons[i].why);
}

static struct check_text owner(const struct check_dll *dll)
{
    return dll->entry != NULL ? check_label(dll->entry) : check_name_space_label(dll->name_space);
}

static const char *effect(const struct check_dll *dll)
{
    return dll->entry != NULL ? "cannot open the sockets that this provider is chosen for"
                              : "cannot resolve names through it";
}

/* The first question that every other one waits for. */
static const char *judge_missing(struct check *check, const struct check_dll *dll, const struct files_facts *facts)
{
    if (facts->presence == FILES_MISSING)
        check_report_dll(check, dll, CHECK_ERROR, CHECK_ADVICE_REINSTALL, "The DLL of %s does not exist: %s. So %s %s.",
                         owner(dll).text, facts->resolved, check_programs(check, dll->bits), effect(dll));
    return facts->presence == FILES_PRESENCE_UNKNOWN ? facts->presence_unknown : NULL;
}

void check_dll_missing(struct check *check)
{
    each_dll(check, PROTOCOLS, judge_missing);
    for (size_t i = 0; i < 2; i++) {
        const struct wsplsp_catalog *catalog = &check->snapshot->catalogs[i];
        for (size_t j = 0; j < catalog->entry_count; j++) {
            const struct wsplsp_entry *entry = &catalog->entries[j];
            if (entry->undecoded == NULL && entry->dll != NULL && code_page_is_undecided(entry->dll))
                check_skip(check, "DLL paths that cannot be decided (see --code-page) lead to no file");
            if (entry->undecoded == NULL && entry->dll == NULL)
                check_skip(check, "the DLL is not known: %s",
                           entry->dll_absent != NULL ? entry->dll_absent : "the source does not name it");
        }
    }
}

void check_ns_dll_missing(struct check *check)
{
    each_dll(check, NAME_SPACES, judge_missing);
}

static bool is_right_image(const struct check_dll *dll, const struct files_facts *facts)
{
    return facts->presence == FILES_PRESENT && facts->image == (dll->bits == 64 ? FILES_IMAGE_64 : FILES_IMAGE_32);
}

static const char *image_name(enum files_image image)
{
    switch (image) {
    case FILES_IMAGE_64:
        return "for 64-bit programs";
    case FILES_IMAGE_32:
        return "for 32-bit programs";
    case FILES_IMAGE_OTHER:
        return "for another processor";
    default:
        return "not an executable image, or a damaged one";
    }
}

static const char *judge_architecture(struct check *check, const struct check_dll *dll, const struct files_facts *facts)
{
    if (facts->presence != FILES_PRESENT)
        return NULL;
    if (facts->image == FILES_IMAGE_UNKNOWN)
        return facts->image_unknown;
    if (!is_right_image(dll, facts))
        check_report_dll(check, dll, CHECK_ERROR, CHECK_ADVICE_REINSTALL,
                         "The DLL of %s, which stands in the %d-bit catalog, is %s: %s. So %s %s.", owner(dll).text,
                         dll->bits, image_name(facts->image), facts->resolved, check_programs(check, dll->bits),
                         effect(dll));
    return NULL;
}

void check_dll_wrong_architecture(struct check *check)
{
    each_dll(check, BOTH, judge_architecture);
}

static const char *judge_export(struct check *check, const struct check_dll *dll, const struct files_facts *facts)
{
    bool exports = dll->entry != NULL ? facts->exports_wsp_startup : facts->exports_nsp_startup;
    if (is_right_image(dll, facts) && !exports)
        check_report_dll(check, dll, CHECK_ERROR, CHECK_ADVICE_REINSTALL,
                         "The DLL of %s does not export %s, by which every such provider is started: %s. So %s %s.",
                         owner(dll).text, dll->entry != NULL ? "WSPStartup" : "NSPStartup", facts->resolved,
                         check_programs(check, dll->bits), effect(dll));
    return NULL;
}

void check_dll_no_wspstartup(struct check *check)
{
    each_dll(check, PROTOCOLS, judge_export);
}

void check_ns_dll_no_nspstartup(struct check *check)
{
    each_dll(check, NAME_SPACES, judge_export);
}

void check_dll_relative_path(struct check *check)
{
    for (size_t i = 0; i < check->dll_count; i++) {
        const struct check_dll *dll = &check->dlls[i];
        if (files_path_is_relative(dll->path))
            check_report_dll(
                check, dll, CHECK_WARNING,
                "Reinstall the program that this provider belongs to; a vendor whose installer stores such a path "
                "should correct it.",
                "The DLL of %s is stored without its folder or drive: %s. Windows searches for it, and a file of "
                "that name in a program's own or working folder can be loaded in its place.",
                owner(dll).text, dll->path);
    }
}

static const char *judge_writable(struct check *check, const struct check_dll *dll, const struct files_facts *facts)
{
    if (facts->presence != FILES_PRESENT)
        return NULL;
    if (facts->writable == FILES_YES)
        check_report_dll(
            check, dll, CHECK_ERROR,
            "Take the right to write, delete and change permissions from everybody but SYSTEM, Administrators and "
            "TrustedInstaller, or reinstall the program in its usual folder; look whether the DLL has been replaced "
            "already.",
            "The DLL of %s (%s) can be replaced by %s, who may write to %s. Whoever does so runs code in every one "
            "of the %s that use it, services and administrators' ones included.",
            owner(dll).text, facts->resolved, facts->writer != NULL ? facts->writer : "others than administrators",
            facts->writable_at != NULL ? facts->writable_at : "it", check_programs(check, dll->bits));
    return facts->writable == FILES_UNKNOWN ? facts->writable_unknown : NULL;
}

/* What only a running Windows can be asked. */
static void ask_windows(struct check *check, bool tells, judge judge, const char *what)
{
    if (tells)
        each_dll(check, BOTH, judge);
    else
        check_skip(check, "%s can only be looked at on the running Windows itself", what);
}

void check_dll_folder_writable(struct check *check)
{
    ask_windows(check, files_functions(check->files)->tells_writable, judge_writable, "access rights");
}

static const char *judge_unloadable(struct check *check, const struct check_dll *dll, const struct files_facts *facts)
{
    if (facts->presence != FILES_PRESENT)
        return NULL;
    if (facts->unloadable == FILES_YES)
        check_report_dll(check, dll, CHECK_ERROR,
                         "Give Users and ALL APPLICATION PACKAGES the right to read and execute it, as files below "
                         "C:\\Program Files have, or reinstall the program there.",
                         "The DLL of %s (%s) may not be read and executed by %s. These have no network wherever this "
                         "provider is chosen.",
                         owner(dll).text, facts->resolved,
                         facts->unloadable_by != NULL ? facts->unloadable_by : "some programs");
    return facts->unloadable == FILES_UNKNOWN ? facts->unloadable_unknown : NULL;
}

void check_dll_unloadable(struct check *check)
{
    ask_windows(check, files_functions(check->files)->tells_writable, judge_unloadable, "access rights");
}

static const char *judge_misplaced(struct check *check, const struct check_dll *dll, const struct files_facts *facts)
{
    const char *where = files_place_words(facts->place);
    if (where != NULL)
        check_report_dll(check, dll, CHECK_WARNING, "Reinstall the program below C:\\Program Files.",
                         "The DLL of %s is %s: %s. Other users' programs, services or a start of the system may not "
                         "reach it, and have no network then.",
                         owner(dll).text, where, facts->resolved != NULL ? facts->resolved : dll->path);
    return NULL;
}

void check_dll_misplaced(struct check *check)
{
    ask_windows(check, files_functions(check->files)->tells_writable, judge_misplaced, "drives and profiles");
}

static const char *judge_unsigned(struct check *check, const struct check_dll *dll, const struct files_facts *facts)
{
    if (facts->presence != FILES_PRESENT)
        return NULL;
    if (facts->signature == FILES_UNSIGNED)
        check_report_dll(
            check, dll, CHECK_WARNING,
            "Make sure that the DLL comes from a vendor you trust; ask that vendor for a signed one.",
            "The DLL of %s has no signature: %s. It is loaded into %s, and nothing tells who made it or whether it "
            "has been changed.",
            owner(dll).text, facts->resolved, check_programs(check, dll->bits));
    return facts->signature == FILES_SIGNATURE_UNKNOWN ? facts->signature_unknown : NULL;
}

void check_dll_unsigned(struct check *check)
{
    ask_windows(check, files_functions(check->files)->tells_signature, judge_unsigned, "signatures");
}

static const char *judge_signature(struct check *check, const struct check_dll *dll, const struct files_facts *facts)
{
    if (facts->presence != FILES_PRESENT)
        return NULL;
    if (facts->signature == FILES_SIGNATURE_INVALID)
        check_report_dll(
            check, dll, CHECK_ERROR, CHECK_ADVICE_REINSTALL,
            "The DLL of %s has a signature that Windows does not accept (%s): %s. It may have been changed after it "
            "was signed, and is loaded into %s.",
            owner(dll).text, facts->signer != NULL ? facts->signer : "unknown signer", facts->resolved,
            check_programs(check, dll->bits));
    return facts->signature == FILES_SIGNATURE_UNKNOWN ? facts->signature_unknown : NULL;
}

void check_dll_signature_invalid(struct check *check)
{
    ask_windows(check, files_functions(check->files)->tells_signature, judge_signature, "signatures");
}
