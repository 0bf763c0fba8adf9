/* The commands; see commands.h. */
#include "commands.h"

#include <stdint.h>
#include <string.h>

#include "cli/change/perform.h"

#define NO_CATALOG    "no such file, or no catalog in it"
#define NO_LAYER      "no such provider, no such file, or no catalog in it"
#define REFUSED       "unsafe, not agreed to, or a change is unfinished"
#define UNDECIDED     "strings whose code page nothing tells but --code-page"
#define NOTHING       "nothing to do: it is so already"
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
     .status_5 = UNDECIDED,
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
     .status_5 = UNDECIDED,
     .run = cmd_show},
    {.name = "tree",
     .operands = "",
     .options = OPTION(FROM) | OPTION(64) | OPTION(32),
     .summary = "show each chain from its top layer down to its base",
     .examples = "  wsplsp tree\n"
                 "  wsplsp tree --64 --from SYSTEM\n",
     .status_3 = NO_CATALOG,
     .status_5 = UNDECIDED,
     .run = cmd_tree},
    {.name = "doctor",
     .operands = "",
     .changes = true,
     .options = OPTION(FROM) | OPTION(ROOT) | OPTION(FAIL_ON) | OPTION(LIST_CHECKS) | OPTION(FIX) | OPTION(ONLY) |
                OPTIONS_CHANGE,
     .summary = "look for what is wrong with the catalog",
     .about =
         "Checks that look at DLLs need the files: on the running system they are there, for a catalog from a file "
         "--root says where the Windows volume is mounted. Nothing is changed but with --fix, which cures what has a "
         "safe cure: layers without a chain, chains without a layer or with members that are gone, and the like.",
     .examples = "  wsplsp doctor\n"
                 "  wsplsp doctor --from /mnt/c/Windows/System32/config/SYSTEM --root /mnt/c\n"
                 "  wsplsp doctor --fail-on error --json\n"
                 "  wsplsp doctor --fix --only chain-member-missing,layer-without-chain --dry-run\n",
     .status_1 = "findings of that severity or a worse one; with --fix: nothing to cure",
     .status_3 = NO_CATALOG,
     .status_5 = "--code-page needed; --fix: " REFUSED,
     .run = cmd_doctor},
    {.name = "diff",
     .operands = "A [B]",
     .names_file = true,
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
     .status_5 = UNDECIDED,
     .run = cmd_diff},
    {.name = "install",
     .operands = "DLL",
     .operands_max = 1,
     .changes = true,
     .options = OPTION(NAME) | OPTION(DLL32) | OPTION(MODE) | OPTION(OVER) | OPTION(EXACT) | OPTION(ONLY) |
                OPTION(GUID) | OPTION(CATEGORY) | OPTION(POSITION) | OPTION(BUNDLED) | OPTION(FORCE) | OPTION(ROOT) |
                OPTIONS_CHANGE,
     .summary = "put a layered provider over the catalog's protocols",
     .about =
         "DLL is the whole path of the layer's DLL: the one for 64-bit programs where there are both catalogs, with "
         "--dll32 for the others. It has to be there, be made for those programs, export WSPStartup, and be where "
         "nobody but administrators can replace it. --over tcp means UDP and RAW of the family too, because programs "
         "expect one provider for all of them; --exact does what it says.",
     .examples = "  wsplsp install \"C:\\Program Files\\Vendor\\x64\\layer.dll\" \\\n"
                 "    --dll32 \"C:\\Program Files\\Vendor\\x86\\layer.dll\" --name Vendor --dry-run\n"
                 "  wsplsp install --bundled --mode non-ifs --over tcp --position \"below 1017\"\n",
     .status_1 = NOTHING,
     .status_3 = "no such DLL or layer, no such file, or no catalog in it",
     .status_5 = REFUSED,
     .run = cmd_install},
    {.name = "remove",
     .operands = "[NAME|GUID|ID]",
     .operands_max = 1,
     .changes = true,
     .options = OPTION(CASCADE) | OPTION(ALL_LAYERED) | OPTION(ONLY) | OPTIONS_CHANGE,
     .summary = "take a layered provider out, with all its chains",
     .about = "Chains of other layers that pass through it are made anew without it. Where that cannot be done it is "
              "refused, and with --cascade they go too. An id may be that of an entry that is broken.",
     .examples = "  wsplsp remove \"Contoso Web Filter\" --dry-run\n"
                 "  wsplsp remove --all-layered\n",
     .status_1 = NOTHING,
     .status_3 = NO_LAYER,
     .status_5 = REFUSED,
     .run = cmd_remove},
    {.name = "update",
     .operands = "NAME|GUID|ID",
     .operands_min = 1,
     .operands_max = 1,
     .changes = true,
     .options = OPTION(DLL) | OPTION(DLL32) | OPTION(ONLY) | OPTION(FORCE) | OPTION(ROOT) | OPTIONS_CHANGE,
     .summary = "give a layered provider another DLL",
     .about = "The new DLL has to pass the same checks as with install.",
     .examples = "  wsplsp update Vendor --dll \"C:\\Program Files\\Vendor 2\\x64\\layer.dll\" --only 64\n",
     .status_1 = NOTHING,
     .status_3 = "no such DLL or layer, no such file, or no catalog in it",
     .status_5 = REFUSED,
     .run = cmd_update},
    {.name = "order",
     .operands = "[ID...]",
     .operands_max = SIZE_MAX,
     .changes = true,
     .options = OPTION(TOP) | OPTION(ONLY) | OPTIONS_CHANGE,
     .summary = "change the order in which Winsock looks at the entries",
     .about = "The entries that are named come first, in that order; the others follow as they are. --top means all "
              "entries that stand for the provider of that name.",
     .examples = "  wsplsp order --top \"Contoso Web Filter\"\n"
                 "  wsplsp order 1017 1018 --only 64\n",
     .status_1 = NOTHING,
     .status_3 = NO_LAYER,
     .status_5 = REFUSED,
     .run = cmd_order},
    {.name = "provider category",
     .operands = "NAME|GUID|ID CATEGORY...",
     .operands_min = 2,
     .operands_max = SIZE_MAX,
     .changes = true,
     .options = OPTION(ONLY) | OPTIONS_CHANGE,
     .summary = "set a layered provider's LSP categories",
     .about = "CATEGORY is inspector, redirector, proxy, firewall, inbound-modify, outbound-modify, crypto-compress, "
              "local-cache, system, a number, or none.",
     .examples = "  wsplsp provider category Vendor firewall inspector\n",
     .status_1 = NOTHING,
     .status_3 = NO_LAYER,
     .status_5 = REFUSED,
     .run = cmd_provider_category},
    {.name = "backup",
     .operands = "[FILE]",
     .operands_max = 1,
     .summary = "write the whole catalog to a .reg file",
     .about = "Without FILE, into the folder where every change leaves a backup; its name is printed. Registry Editor "
              "can put the file back as well as wsplsp restore; restart Windows after that.",
     .examples = "  wsplsp backup\n"
                 "  wsplsp backup before.reg\n",
     .status_3 = NO_CATALOG,
     .status_5 = "FILE is there already",
     .run = cmd_backup},
    {.name = "restore",
     .operands = "FILE",
     .names_file = true,
     .operands_min = 1,
     .operands_max = 1,
     .changes = true,
     .options = OPTION(FORCE) | OPTION(ROOT) | OPTIONS_CHANGE,
     .summary = "put the catalog of a backup back",
     .about =
         "FILE is a backup, by the name that 'wsplsp history' shows or by its path, or any .reg file or hive with a "
         "catalog. A name alone is looked for among the backups first. The DLLs of providers that the catalog does "
         "not have already have to pass the same checks as with install.",
     .examples = "  wsplsp restore before.reg --dry-run\n",
     .status_1 = NOTHING,
     .status_3 = "no such DLL or file, or no catalog in it",
     .status_5 = REFUSED,
     .run = cmd_restore},
    {.name = "reset",
     .operands = "",
     .changes = true,
     .options = OPTIONS_CHANGE,
     .summary = "take all layered providers out",
     .about =
         "The base entries stay, in their order. Unlike 'netsh winsock reset' it keeps all other settings, and needs "
         "no restart for programs that are started afterwards.",
     .examples = "  wsplsp reset --dry-run\n",
     .status_1 = NOTHING,
     .status_3 = NO_CATALOG,
     .status_5 = REFUSED,
     .run = cmd_reset},
    {.name = "recover",
     .operands = "",
     .changes = true,
     .options = OPTIONS_CHANGE,
     .summary = "end a change that was cut off in the middle",
     .about = "A change whose result is all there stays; any other is undone from its backup.",
     .examples = "  wsplsp recover\n",
     .status_1 = "nothing to do: no change is unfinished",
     .status_3 = NO_CATALOG,
     .status_5 = "not agreed to",
     .run = cmd_recover},
    {.name = "history",
     .operands = "",
     .summary = "list what wsplsp has changed, with the backups",
     .examples = "  wsplsp history\n"
                 "  wsplsp history --catalog lab.reg --json\n",
     .status_3 = NO_CATALOG,
     .run = cmd_history},
    {.name = "ns list",
     .operands = "",
     .options = OPTION(FROM) | OPTION(64) | OPTION(32),
     .summary = "list the name space providers",
     .examples = "  wsplsp ns list --verbose\n",
     .status_3 = NO_CATALOG,
     .status_5 = UNDECIDED,
     .run = cmd_ns_list},
    {.name = "ns install",
     .operands = "DLL",
     .operands_min = 1,
     .operands_max = 1,
     .changes = true,
     .options = OPTION(NAME) | OPTION(NAME_SPACE) | OPTION(DLL32) | OPTION(GUID) | OPTION(ONLY) | OPTION(FORCE) |
                OPTION(ROOT) | OPTIONS_CHANGE,
     .summary = "add a name space provider",
     .about = "DLL is checked as with install, but has to export NSPStartup.",
     .examples = "  wsplsp ns install C:\\Vendor\\names.dll --only 64 --name Vendor --name-space dns\n",
     .status_1 = NOTHING,
     .status_3 = "no such DLL, no such file, or no catalog in it",
     .status_5 = REFUSED,
     .run = cmd_ns_install},
    {.name = "ns remove",
     .operands = "NAME|GUID",
     .operands_min = 1,
     .operands_max = 1,
     .changes = true,
     .options = OPTION(ONLY) | OPTIONS_CHANGE,
     .summary = "take a name space provider out",
     .examples = "  wsplsp ns remove Vendor\n",
     .status_1 = NOTHING,
     .status_3 = NO_LAYER,
     .status_5 = REFUSED,
     .run = cmd_ns_remove},
    {.name = "ns enable",
     .operands = "NAME|GUID",
     .operands_min = 1,
     .operands_max = 1,
     .changes = true,
     .options = OPTION(ONLY) | OPTIONS_CHANGE,
     .summary = "switch a name space provider on",
     .examples = "  wsplsp ns enable Vendor\n",
     .status_1 = NOTHING,
     .status_3 = NO_LAYER,
     .status_5 = REFUSED,
     .run = cmd_ns_enable},
    {.name = "ns disable",
     .operands = "NAME|GUID",
     .operands_min = 1,
     .operands_max = 1,
     .changes = true,
     .options = OPTION(ONLY) | OPTIONS_CHANGE,
     .summary = "switch a name space provider off",
     .examples = "  wsplsp ns disable Vendor\n",
     .status_1 = NOTHING,
     .status_3 = NO_LAYER,
     .status_5 = REFUSED,
     .run = cmd_ns_disable},
    {.name = "ns order",
     .operands = "NAME|GUID...",
     .operands_min = 1,
     .operands_max = SIZE_MAX,
     .changes = true,
     .options = OPTION(ONLY) | OPTIONS_CHANGE,
     .summary = "change the order of the name space providers",
     .about = "Those that are named come first, in that order; the others follow as they are.",
     .examples = "  wsplsp ns order Vendor\n",
     .status_1 = NOTHING,
     .status_3 = NO_LAYER,
     .status_5 = REFUSED,
     .run = cmd_ns_order},
    {.name = "app list",
     .operands = "",
     .options = OPTION(FROM),
     .summary = "list the applications with LSP categories of their own",
     .about = "Winsock loads into such an application only layered providers whose categories it permits.",
     .examples = "  wsplsp app list --from SYSTEM\n",
     .status_3 = NO_CATALOG,
     .status_5 = UNDECIDED,
     .run = cmd_app_list},
    {.name = "app show",
     .operands = "PATH",
     .operands_min = 1,
     .operands_max = 1,
     .options = OPTION(FROM),
     .summary = "show the LSP categories that one application permits",
     .examples = "  wsplsp app show C:\\Windows\\System32\\wsl.exe\n",
     .status_3 = "none are set, no such file, or no catalog in it",
     .status_5 = UNDECIDED,
     .run = cmd_app_show},
    {.name = "app exempt",
     .operands = "PATH",
     .operands_min = 1,
     .operands_max = 1,
     .changes = true,
     .options = OPTION(ARGS) | OPTIONS_CHANGE,
     .summary = "keep layered providers out of an application",
     .about =
         "The same as app permit with system: Winsock loads none into it but those made for system processes. This "
         "cures programs that fail with any layer, such as wsl.exe.",
     .examples = "  wsplsp app exempt C:\\Windows\\System32\\wsl.exe\n",
     .status_1 = NOTHING,
     .status_3 = NO_CATALOG,
     .status_5 = REFUSED,
     .run = cmd_app_exempt},
    {.name = "app permit",
     .operands = "PATH CATEGORY...",
     .operands_min = 2,
     .operands_max = SIZE_MAX,
     .changes = true,
     .options = OPTION(ARGS) | OPTIONS_CHANGE,
     .summary = "set the LSP categories that an application permits",
     .about = "These and no others. CATEGORY is as with provider category.",
     .examples = "  wsplsp app permit C:\\Vendor\\app.exe system inspector --args \"-k netsvcs\"\n",
     .status_1 = NOTHING,
     .status_3 = NO_CATALOG,
     .status_5 = REFUSED,
     .run = cmd_app_permit},
    {.name = "app clear",
     .operands = "PATH",
     .operands_min = 1,
     .operands_max = 1,
     .changes = true,
     .options = OPTION(ARGS) | OPTIONS_CHANGE,
     .summary = "forget the LSP categories of an application",
     .examples = "  wsplsp app clear C:\\Windows\\System32\\wsl.exe\n",
     .status_1 = NOTHING,
     .status_3 = NO_CATALOG,
     .status_5 = REFUSED,
     .run = cmd_app_clear},
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
     .options = OPTION(LAYER) | OPTION(STRICT) | OPTION(FILTER) | OPTION(TRACE) | OPTION(DATA),
     .summary = "run a program with a Winsock catalog of its own",
     .about = "PROGRAM and the processes it starts see a private catalog: that of --catalog FILE, where changes are "
              "saved, or one in memory, the system's base entries. Layers of --layer go on top, in memory: with them "
              "nothing is saved to FILE. Nothing is installed. Streams, console, Ctrl-C and exit status are the "
              "program's own; all that stands behind its name goes to it. Children that ran without the host are told "
              "at the end, on standard error; with --json as one object there. "
              "--trace and --filter put wsplsp-layer.dll on top, where no --layer names it.",
     .examples = "  wsplsp run --layer mylsp.dll -- curl http://localhost/\n"
                 "  wsplsp run --layer mylsp.dll,mode=non-ifs,over=tcp -- test.exe /all\n"
                 "  wsplsp run --catalog lab.reg -- setup.exe\n"
                 "  wsplsp run --catalog lab.reg --layer mylsp.dll -- test.exe\n"
                 "  wsplsp run --trace calls.trace -- test.exe\n"
                 "  wsplsp run --filter myfilter.dll -- test.exe\n",
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
    {.name = "probe",
     .operands = "HOST:PORT",
     .operands_min = 1,
     .operands_max = 1,
     .options = OPTION(SEND) | OPTION(TIMEOUT) | OPTION(TIMES) | OPTION(EACH_LAYER),
     .summary = "connect by three ways, and say what is to blame",
     .about = "Connects over TCP through the catalog, as an application does; directly on the base provider; and "
              "through Winsock Kernel, past all of user mode, where 'wsplsp wsk load' has loaded the driver. Where the "
              "ways differ, it says what lies between them. Nothing is changed.",
     .examples = "  wsplsp probe example.org:443\n"
                 "  wsplsp probe [::1]:80 --count 5 --timeout 2s\n"
                 "  wsplsp probe 192.0.2.1:80 --send \"HEAD / HTTP/1.0\\r\\n\\r\\n\" --each-layer\n"
                 "  wsplsp run --layer mylsp.dll -- wsplsp.exe probe localhost:80\n",
     .status_1 = "the ways disagree",
     .status_3 = "no such host",
     .run = cmd_probe},
    {.name = "wsk load",
     .operands = "",
     .options = OPTION(FORCE),
     .summary = "load the driver for the way through Winsock Kernel",
     .about =
         "wsplsp-wsk.sys, beside wsplsp.exe, until 'wsk unload' or the next start of the system. It takes an "
         "administrator; and, since it comes without a signature, one of a test certificate of your own and a "
         "Windows with test signing switched on, for which Secure Boot has to be off. It needs Windows 8 or later.",
     .examples = "  bcdedit /set testsigning on\n  wsplsp wsk load\n",
     .status_3 = "the driver's file is missing",
     .status_5 = "Windows refuses the driver, or others can replace it",
     .run = cmd_wsk_load},
    {.name = "wsk unload",
     .operands = "",
     .summary = "unload that driver, and leave nothing of it behind",
     .examples = "  wsplsp wsk unload\n",
     .status_3 = "the driver is not loaded",
     .run = cmd_wsk_unload},
    {.name = "wsk status",
     .operands = "",
     .summary = "show whether that driver is loaded, and what hinders it",
     .examples = "  wsplsp wsk status --json\n",
     .run = cmd_wsk_status},
    {.name = "wsk transports",
     .operands = "",
     .summary = "list what sockets Winsock Kernel makes",
     .about = "The provider's list, or where it has none (Wine), what it made a socket of when asked to.",
     .examples = "  wsplsp wsk transports\n",
     .status_3 = "the driver is not loaded",
     .run = cmd_wsk_transports},
    {.name = "wsk connect",
     .operands = "HOST PORT",
     .operands_min = 2,
     .operands_max = 2,
     .options = OPTION(TIMEOUT) | OPTION(TIMES) | OPTION(LOCAL),
     .summary = "connect through Winsock Kernel, step by step",
     .about = "Connects N times, one after the other, and closes each connection at once. HOST's first address of the "
              "family of --local is taken.",
     .examples = "  wsplsp wsk connect example.org 443 --count 10\n"
                 "  wsplsp wsk connect 192.0.2.1 80 --local 192.0.2.7 --json\n",
     .status_1 = "a connection could not be made",
     .status_3 = "no such host, or the driver is not loaded",
     .run = cmd_wsk_connect},
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
        if (count > 0 && group == NULL && starts_with_word(command, words[0]))
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
