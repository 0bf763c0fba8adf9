/* What stands above and below the text of `wsplsp trace`; see trace_notes.h. */
#include "trace_notes.h"

#include <stdlib.h>

#include "cli/base/memory.h"
#include "cli/out/text.h"
#include "lsp-core/trace/text.h"

void trace_notes_head(struct output *output, const struct trace *trace)
{
    for (size_t i = 0; i < trace->process_count; i++) {
        const struct trace_process *process = trace->processes[i];
        char time[40];
        trace_time_text(process->start, 3, time);
        char *text =
            memory_format("process %lu, %d-bit, from %s UTC, %s: %s", (unsigned long)process->id, process->bits, time,
                          process->ended ? "ended" : "killed, or still running", process->image);
        text_wrap(output, 2, "Trace of ", text);
        free(text);
    }
    buffer_text(&output->buffer, "\n");
}

static void put_note(struct output *output, const struct trace_process *process, uint64_t count, const char *what)
{
    char *text = memory_format("process %lu: %llu %s", (unsigned long)process->id, (unsigned long long)count, what);
    text_wrap(output, 6, "Note: ", text);
    free(text);
}

void trace_notes_losses(struct output *output, const struct trace *trace)
{
    for (size_t i = 0; i < trace->process_count; i++) {
        const struct trace_process *process = trace->processes[i];
        if (process->dropped > 0)
            put_note(output, process, process->dropped, "older calls were dropped: their threads' rings were full");
        if (process->lost > 0)
            put_note(output, process, process->lost, "calls are not recorded: too many threads at a time");
        if (process->torn > 0)
            put_note(output, process, process->torn, "records cannot be read: they were being written, or are damaged");
        if (process->cut_short) {
            char *text = memory_format("'%s' has been cut short", process->path);
            text_wrap(output, 6, "Note: ", text);
            free(text);
        }
    }
}
