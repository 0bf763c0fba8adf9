/* Whether the process is ending; see ending.h. */
#include "ending.h"

#include <windows.h>

/* Of ntdll.dll, which every process has. */
BOOLEAN NTAPI RtlDllShutdownInProgress(void);

bool process_is_ending(void)
{
    return RtlDllShutdownInProgress() != FALSE;
}
