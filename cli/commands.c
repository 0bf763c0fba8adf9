/* The commands; see commands.h. */
#include "commands.h"

#include <stdint.h>
#include <string.h>

#define NO_CATALOG    "no such file, or no catalog in it"
#define TRACE_FILTERS (OPTION(SOCKET) | OPTION(FUNCTION) | OPTION(ERRORS) | OPTION(SLOWER) | OPTION(PID))

const struct command commands[] = {
    {.name = "list",
     .operands = "",
     .options =
         OPTION(FROM) | OPTION(64) | OPTION(32) | OPTION(BASE) | OPTION(LAYERED) | OPTION(HIDDEN) | OPTION(PROTOCOL),
     .summary = "list the protocol entries",
     .about =
         "The entries of both catalogs in the catalog's own order, which is the order in which Winsock looks for "
         "a provider. An entry has to fit all filters; one that cannot be decoded has no kind and is always shown.",
     .examples = "  wsplsp list --layered\n"
                 "  wsplsp list --protocol tcp --64 --from SYSTEM\n"
                 "  reg export HKLM\\SYSTEM\\CurrentControlSet\\Services\\WinSock2 now.reg\n"
                 "  wsplsp list --json --from now.reg\n",
     .status_3 = NO_CATALOG,
     .run = cmd_list},
    {.name = "show",
     .operands = "ID|GUID|NAME",
     .operands_min = 1,
     .operands_max = 1,
     .options = OPTION(FROM) | OPTION(64) | OPTION(32),
     .summary = "show everything about one entry",
     .about =
         "ID is a catalog id, GUID a provider id, NAME an entry's name or a part of it. What both catalogs have is "
         "shown for both.",
     .examples = "  wsplsp show 1001\n"
                 "  wsplsp show --32 {E70F1AA0-AB8B-11CF-8CA3-00805F48A192}\n"
                 "  wsplsp show 'MSAFD Tcpip [TCP/IP]' --from SYSTEM\n",
     .status_3 = "no such entry, several that fit, no such file, or no catalog in it",
     .run = cmd_show},
    {.name = "tree",
     .operands = "",
     .options = OPTION(FROM) | OPTION(64) | OPTION(32),
     .summary = "show each chain from its top layer down to its base",
     .examples = "  wsplsp tree\n"
                 "  wsplsp tree --64 --from SYSTEM\n",
     .status_3 = NO_CATALOG,
     .run = cmd_tree},
    {.name = "doctor",
     .operands = "",
     .options = OPTION(FROM) | OPTION(ROOT) | OPTION(FAIL_ON) | OPTION(LIST_CHECKS),
     .summary = "look for what is wrong with the catalog",
     .about =
         "Checks that look at DLLs need the files: on the running system they are there, for a catalog from a file "
         "--root says where the Windows volume is mounted. Nothing is changed.",
     .examples = "  wsplsp doctor\n"
                 "  wsplsp doctor --from /mnt/c/Windows/System32/config/SYSTEM --root /mnt/c\n"
                 "  wsplsp doctor --fail-on error --json\n",
     .status_1 = "findings of that severity or a worse one",
     .status_3 = NO_CATALOG,
     .run = cmd_doctor},
    {.name = "diff",
     .operands = "A [B]",
     .operands_min = 1,
     .operands_max = 2,
     .summary = "say what differs between two catalogs",
     .about = "A and B are .reg files or SYSTEM hives; - is standard input. Without B, A is compared with the running "
              "system. Entries are matched by provider id and meaning: ids and positions that merely shifted are no "
              "difference.",
     .examples = "  wsplsp diff baseline.reg\n"
                 "  wsplsp diff before.reg after.reg --json\n",
     .status_1 = "the catalogs differ",
     .status_3 = NO_CATALOG,
     .run = cmd_diff},
    {.name = "ns list",
     .operands = "",
     .options = OPTION(FROM) | OPTION(64) | OPTION(32),
     .summary = "list the name space providers",
     .examples = "  wsplsp ns list --verbose\n",
     .status_3 = NO_CATALOG,
     .run = cmd_ns_list},
    {.name = "app list",
     .operands = "",
     .options = OPTION(FROM),
     .summary = "list the applications with LSP categories of their own",
     .about = "Winsock loads into such an application only layered providers whose categories it permits.",
     .examples = "  wsplsp app list --from SYSTEM\n",
     .status_3 = NO_CATALOG,
     .run = cmd_app_list},
    {.name = "catalog new",
     .operands = "FILE",
     .operands_min = 1,
     .operands_max = 1,
     .options = OPTION(FROM),
     .summary = "make a catalog in a new .reg file, for run --catalog",
     .about =
         "It is a copy of the one that --from names: a file, layered providers and all, or system (the usual), the "
         "running system's base entries and name space providers without what is layered over them, or windows10, "
         "those of a Windows 10 on which nothing has been installed.",
     .examples = "  wsplsp catalog new lab.reg\n  wsplsp catalog new lab.reg --from windows10\n",
     .status_3 = NO_CATALOG,
     .status_5 = "FILE is there already",
     .run = cmd_catalog_new},
    {.name = "run",
     .operands = "PROGRAM [ARGUMENT...]",
     .operands_min = 1,
     .operands_max = SIZE_MAX,
     .takes_program = true,
     .options = OPTION(LAYER) | OPTION(TRACE) | OPTION(DATA),
     .summary = "run a program with a Winsock catalog of its own",
     .about = "PROGRAM and the processes it starts see a private catalog: that of --catalog FILE, where changes are "
              "saved, or one in memory, the system's base entries. Layers of --layer go on top, in memory: with them "
              "nothing is saved to FILE. Nothing is installed. Streams, console, Ctrl-C and exit status are the "
              "program's own; all that stands behind its name goes to it. JSON is only what wsplsp itself fails with. "
              "--trace puts wsplsp-layer.dll on top, where no --layer names it.",
     .examples = "  wsplsp run --layer mylsp.dll -- curl http://localhost/\n"
                 "  wsplsp run --layer mylsp.dll,mode=non-ifs,over=tcp -- test.exe /all\n"
                 "  wsplsp run --catalog lab.reg -- setup.exe\n"
                 "  wsplsp run --catalog lab.reg --layer mylsp.dll -- test.exe\n"
                 "  wsplsp run --trace calls.trace -- test.exe\n",
     .status_3 = NO_CATALOG ", or nothing that a layer could go over",
     .status_5 = "the trace's FILE is there already, and is no trace",
     .run = cmd_run},
    {.name = "trace show",
     .operands = "FILE...",
     .operands_min = 1,
     .operands_max = SIZE_MAX,
     .options = TRACE_FILTERS,
     .summary = "show the calls of a trace, in the order of their time",
     .about =
         "FILE is what 'run --trace FILE' made; the files of that run's other processes are read with it. The first "
         "column is the seconds since the first process began, the second one the thread.",
     .examples = "  wsplsp trace show calls.trace\n"
                 "  wsplsp trace show calls.trace --function connect --errors\n"
                 "  wsplsp trace show calls.trace --socket 0x1a4 --slower 10ms\n",
     .status_3 = "no such file",
     .run = cmd_trace_show},
    {.name = "trace summary",
     .operands = "FILE...",
     .operands_min = 1,
     .operands_max = SIZE_MAX,
     .options = TRACE_FILTERS,
     .summary = "sum a trace up, by function and by socket",
     .about = "A call through several copies of wsplsp-layer.dll counts once.",
     .examples = "  wsplsp trace summary calls.trace\n  wsplsp trace summary calls.trace --pid 4120 --json\n",
     .status_3 = "no such file",
     .run = cmd_trace_summary},
    {.name = "trace json",
     .operands = "FILE...",
     .operands_min = 1,
     .operands_max = SIZE_MAX,
     .options = TRACE_FILTERS,
     .summary = "print a trace as JSON, one line a call",
     .about = "Each line is an object of its own, with or without --json.",
     .examples = "  wsplsp trace json calls.trace | jq -r 'select(.error != null) | .error.name'\n",
     .status_3 = "no such file",
     .run = cmd_trace_json},
    {.name = "trace on",
     .operands = "PROGRAM...",
     .operands_min = 1,
     .operands_max = SIZE_MAX,
     .options = OPTION(FOLDER) | OPTION(DATA),
     .summary = "record what programs do, where wsplsp-layer.dll is installed",
     .about =
         "For administrators, on Windows. PROGRAM is a file name, or a full path; those that are on already stay on. "
         "It goes for processes that start from then on. Each writes a file of its own into the folder, usually "
         "%ProgramData%\\wsplsp\\trace.",
     .examples = "  wsplsp trace on app.exe\n"
                 "  wsplsp trace on app.exe service.exe --data 64 --folder D:\\trace\n",
     .status_5 = "users who are no administrators could change the folder",
     .run = cmd_trace_on},
    {.name = "trace off",
     .operands = "[PROGRAM...]",
     .operands_max = SIZE_MAX,
     .summary = "end the recording of programs, or of all",
     .about = "For administrators, on Windows. Processes that are recorded go on until they end; the files stay.",
     .examples = "  wsplsp trace off\n  wsplsp trace off app.exe\n",
     .status_3 = "that program is not recorded",
     .run = cmd_trace_off},
    {.name = "trace status",
     .operands = "",
     .summary = "say which programs are recorded, and where",
     .examples = "  wsplsp trace status\n",
     .run = cmd_trace_status},
    {.name = "schema",
     .operands = "[COMMAND]",
     .operands_max = 2,
     .summary = "print the JSON Schema of a command's JSON",
     .about = "Without COMMAND the names there are.",
     .examples = "  wsplsp schema list\n"
                 "  wsplsp schema ns list\n",
     .status_3 = "no such schema",
     .run = cmd_schema},
    {.name = "version",
     .operands = "",
     .summary = "show the version, and what this build can do",
     .examples = "  wsplsp version --json\n",
     .run = cmd_version},
    {.name = "help",
     .operands = "[COMMAND]",
     .operands_max = 2,
     .summary = "show help, for one command or for all",
     .examples = "  wsplsp help doctor\n",
     .run = cmd_help},
    {.name = NULL},
};

/* The length of a name's first word. */
static size_t first_word(const char *name)
{
    return strcspn(name, " ");
}

static bool starts_with_word(const struct command *command, const char *word)
{
    size_t length = first_word(command->name);
    return strlen(word) == length && strncmp(command->name, word, length) == 0;
}

bool commands_know(const char *word)
{
    for (const struct command *command = commands; command->name != NULL; command++) {
        if (starts_with_word(command, word))
            return true;
    }
    return false;
}

static bool is_named(const struct command *command, const char *const *words, size_t count, size_t *taken)
{
    size_t length = first_word(command->name);
    bool two_words = command->name[length] != '\0';
    if (count == 0 || !starts_with_word(command, words[0]))
        return false;
    *taken = two_words ? 2 : 1;
    return !two_words || (count > 1 && strcmp(command->name + length + 1, words[1]) == 0);
}

const struct command *commands_find(const char *const *words, size_t count, size_t *taken, struct wsplsp_error *error)
{
    const struct command *group = NULL;
    for (const struct command *command = commands; command->name != NULL; command++) {
        if (is_named(command, words, count, taken))
            return command;
        if (count > 0 && starts_with_word(command, words[0]))
            group = command;
    }
    if (count == 0)
        wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "no command is given");
    else if (group != NULL)
        wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "'%.100s' needs one of its own commands, such as '%s'", words[0],
                    group->name);
    else
        wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "there is no command '%.100s'", words[0]);
    wsplsp_hint(error, "'wsplsp help' lists the commands");
    return NULL;
}

bool commands_take_program(const char *word)
{
    for (const struct command *command = commands; command->name != NULL; command++) {
        if (command->takes_program && starts_with_word(command, word))
            return true;
    }
    return false;
}
