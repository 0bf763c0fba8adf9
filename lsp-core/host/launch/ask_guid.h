/* An LSP's provider id, asked of its DLL. LSPs look for their own catalog entries by a provider id that is built into
 * them, and start under no other; by the convention of Microsoft's samples the DLL tells it to installers:
 *     void WSPAPI GetLspGuid(GUID *id);
 * It is asked in a process made for that, wsplsp-inject.exe of the DLL's own bitness: what the DLL does when it is
 * loaded, the threads that it starts, its faults, stay there. */
#ifndef WSPLSP_CORE_HOST_LAUNCH_ASK_GUID_H
#define WSPLSP_CORE_HOST_LAUNCH_ASK_GUID_H

#include "lsp-core/win/winsock.h"
#include "lsp-core/base/guid.h"

#define ASK_GUID_EXPORT "GetLspGuid"
#define ASK_GUID_WORD   L"guid" /* the helper's first argument */

/* `helper` is the full path of wsplsp-inject.exe, `dll` that of the DLL, with environment strings or without.
 * WSPLSP_SYSTEM where the DLL cannot be loaded, does not answer, or gives no id. */
enum wsplsp_status ask_guid(const char *helper, const char *dll, struct wsplsp_guid *id, struct wsplsp_error *error);

/* The helper's part: `order` and `dll` are its other arguments. Does not return where it could ask. */
int ask_guid_answer(const wchar_t *order, const wchar_t *dll);

#endif
