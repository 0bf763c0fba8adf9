/* The rules about the two DLLs that Winsock loads for name resolution besides the name space providers: a known place
 * for programs that want to be loaded everywhere. */
#include <stddef.h>

#include "part.h"
#include "rules.h"
#include "lsp-core/dlls/path.h"
#include "lsp-core/base/text.h"

/* Where Windows stands in another folder than usual, only Windows itself knows its system folder. */
static bool is_systems_own(struct check *check, const char *stored, const char *name, const char *own)
{
    if (files_path_is_system_dll(stored, name))
        return true;
    if (check->files == NULL)
        return false;
    const struct files_facts *wanted = files_look(check->files, own, 64);
    const struct files_facts *found = files_look(check->files, stored, 64);
    if (wanted == NULL || found == NULL) {
        check->out_of_memory = true;
        return true;
    }
    return wanted->resolved != NULL && found->resolved != NULL &&
           text_compare_nocase(wanted->resolved, found->resolved) == 0;
}

static void check_value(struct check *check, const char *value, const char *stored, const char *name, const char *own)
{
    if (stored == NULL || stored[0] == '\0' || is_systems_own(check, stored, name, own))
        return;
    check_report_catalog(
        check, 0, CHECK_WARNING,
        "Find out which program the DLL belongs to. If it is none that you know, treat the computer as "
        "compromised; if its program is gone, an administrator can put the usual value back.",
        "%s is \"%s\" instead of Windows' own \"%s\". Programs that resolve names load that DLL, which can see "
        "and change what they do; where it does not exist, they may be slow or fail.",
        value, stored, own);
}

void check_autodial_foreign(struct check *check)
{
    check_value(check, "AutodialDLL", check->snapshot->autodial_dll, "rasadhlp.dll",
                "%SystemRoot%\\System32\\rasadhlp.dll");
}

void check_callout_foreign(struct check *check)
{
    check_value(check, "NameSpace_Callout", check->snapshot->name_space_callout, "fwpuclnt.dll",
                "%SystemRoot%\\System32\\fwpuclnt.dll");
}
