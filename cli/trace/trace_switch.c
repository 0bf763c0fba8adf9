/* The settings of an installed layer's trace in memory; see switch.h. */
#include "switch.h"

#include <stdlib.h>
#include <string.h>

void trace_switch_free(struct trace_switch *settings)
{
    for (size_t i = 0; i < settings->program_count; i++)
        free(settings->programs[i]);
    free(settings->programs);
    free(settings->folder);
    free(settings->note);
    memset(settings, 0, sizeof *settings);
}
