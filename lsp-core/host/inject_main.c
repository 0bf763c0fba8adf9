/* wsplsp-inject.exe: puts the host into a process of its own bitness for a process of the other one, which cannot do it
 * itself; see struct inject_order. It has no window and no console, and nobody else has a use for it. */
#include <stdlib.h>

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
    struct inject_order *order = argc == 3 ? take_order(argv[1], argv[2]) : NULL;
    if (order == NULL)
        return WSPLSP_USAGE;
    struct host_start start = {
        .size = sizeof start, .version = CONFIG_VERSION, .section = order->section, .mutex = order->mutex};
    if (config_attach(&start, &order->answer) == WSPLSP_OK &&
        inject((HANDLE)(uintptr_t)order->process, order->first != 0, &order->answer) == WSPLSP_OK)
        return WSPLSP_OK;
    return WSPLSP_SYSTEM;
}
