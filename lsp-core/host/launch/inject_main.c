/* wsplsp-inject.exe: what has to be done in a process of its own bitness for a process that may be of the other one. It
 * puts the host into a third one (struct inject_order), or asks a layer's DLL for its provider id (ask_guid.h). It has
 * no window and no console, and nobody else has a use for it. */
#include <stdlib.h>

#include "ask_guid.h"
#include "config.h"
#include "inject.h"

static struct inject_order *take_order(const wchar_t *sender, const wchar_t *handle)
{
    HANDLE process = OpenProcess(PROCESS_DUP_HANDLE, FALSE, wcstoul(sender, NULL, 10));
    HANDLE section = NULL;
    if (process == NULL || !DuplicateHandle(process, (HANDLE)(uintptr_t)wcstoul(handle, NULL, 10), GetCurrentProcess(),
                                            &section, 0, FALSE, DUPLICATE_SAME_ACCESS))
        return NULL;
    return MapViewOfFile(section, FILE_MAP_READ | FILE_MAP_WRITE, 0, 0, sizeof(struct inject_order));
}

int wmain(int argc, wchar_t **argv)
{
    if (argc == 4 && wcscmp(argv[1], ASK_GUID_WORD) == 0)
        return ask_guid_answer(argv[2], argv[3]);
    struct inject_order *order = argc == 3 ? take_order(argv[1], argv[2]) : NULL;
    if (order == NULL)
        return WSPLSP_USAGE;
    struct host_start start = {.size = sizeof start,
                               .version = CONFIG_VERSION,
                               .section = order->section,
                               .mutex = order->mutex,
                               .report = order->report};
    if (config_attach(&start, &order->answer) == WSPLSP_OK &&
        inject((HANDLE)(uintptr_t)order->process, order->first != 0, &order->answer) == WSPLSP_OK)
        return WSPLSP_OK;
    return WSPLSP_SYSTEM;
}
