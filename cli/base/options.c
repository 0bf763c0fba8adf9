/* The command line's options; see options.h. */
#include "options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "lsp-core/base/code_page.h"
#include "memory.h"

const struct option_text option_texts[OPTION_COUNT] = {
    [OPTION_CATALOG] = {"catalog", 0, "FILE", "the catalog in FILE instead of the running system's"},
    [OPTION_CODE_PAGE] = {"code-page", 0, "NUMBER",
                          "the ANSI code page of the DLL paths in FILE, such as 932, where FILE does not tell it"},
    [OPTION_JSON] = {"json", 0, NULL, "print one JSON object; 'wsplsp schema' describes it"},
    [OPTION_QUIET] = {"quiet", 'q', NULL, "leave out notes, headings and summaries"},
    [OPTION_VERBOSE] = {"verbose", 'v', NULL, "leave nothing out and shorten nothing"},
    [OPTION_HELP] = {"help", 'h', NULL, "show this help"},
    [OPTION_VERSION] = {"version", 'V', NULL, "show the version"},
    [OPTION_FROM] = {"from", 0, "FILE", "read a .reg file or a SYSTEM hive; - is standard input"},
    [OPTION_64] = {"64", 0, NULL, "the 64-bit catalog only"},
    [OPTION_32] = {"32", 0, NULL, "the 32-bit catalog only"},
    [OPTION_BASE] = {"base", 0, NULL, "base entries only"},
    [OPTION_LAYERED] = {"layered", 0, NULL, "layered providers' entries only: layer and chain"},
    [OPTION_HIDDEN] = {"hidden", 0, NULL, "hidden entries only (PFL_HIDDEN)"},
    [OPTION_PROTOCOL] = {"protocol", 0, "NAME", "one protocol only: tcp, udp, raw, icmp, ... or its number"},
    [OPTION_ROOT] = {"root", 0, "DIR", "where the catalog's Windows volume is mounted"},
    [OPTION_FAIL_ON] = {"fail-on", 0, "SEVERITY", "exit with 1 from error, warning (usual) or info on"},
    [OPTION_LIST_CHECKS] = {"list-checks", 0, NULL, "list the checks there are, and check nothing"},
    [OPTION_LAYER] = {"layer", 0, "DLL[,...]",
                      "put a layered provider on top; behind DLL may stand ,name=NAME ,mode=ifs|non-ifs ,skip=post "
                      ",guid=GUID and ,over=tcp|udp|raw|all|ID[+...]"},
    [OPTION_STRICT] = {"strict", 0, NULL,
                       "refuse catalog ids that a layer must not pass to Winsock; see wsplsp-run(1)"},
    [OPTION_FILTER] = {"filter", 0, "DLL",
                       "ask a filter about each call through wsplsp-layer.dll; see wsplsp-filter(3)"},
    [OPTION_TRACE] = {"trace", 0, "FILE", "record each call through wsplsp-layer.dll; 'wsplsp trace' reads FILE"},
    [OPTION_DATA] = {"data", 0, "BYTES", "record so many bytes of what is sent and received, too; usually none"},
    [OPTION_SOCKET] = {"socket", 0, "HANDLE", "calls of one socket only"},
    [OPTION_FUNCTION] = {"function", 0, "NAME", "calls of one function only: WSPConnect, connect, AcceptEx, ..."},
    [OPTION_ERRORS] = {"errors", 0, NULL, "calls that failed only"},
    [OPTION_SLOWER] = {"slower", 0, "TIME", "calls that took so long or longer only: 10ms, 1.5s, 250us"},
    [OPTION_PID] = {"pid", 0, "ID", "calls of one process only"},
    [OPTION_FOLDER] = {"folder", 0, "DIR", "where the trace files go; it is made"},
    [OPTION_NAME] = {"name", 0, "NAME", "what the new provider is called"},
    [OPTION_DLL32] = {"dll32", 0, "DLL", "the DLL for 32-bit programs"},
    [OPTION_MODE] = {"mode", 0, "MODE", "ifs (usual): its sockets are file handles; or non-ifs"},
    [OPTION_OVER] = {"over", 0, "WHAT[,...]", "put it over all (usual), tcp, udp, raw, or entries by their ids"},
    [OPTION_EXACT] = {"exact", 0, NULL, "over nothing but what --over names"},
    [OPTION_ONLY] = {"only", 0, "WHICH", "64 or 32: into that catalog only; with --fix: findings of these codes"},
    [OPTION_GUID] = {"guid", 0, "GUID", "its provider id (default: the DLL's own, or a new one)"},
    [OPTION_CATEGORY] = {"category", 0, "NAME[,...]", "its LSP categories, such as firewall,inspector"},
    [OPTION_POSITION] = {"position", 0, "PLACE",
                         "top (usual), bottom-of-layers, 'above ID' or 'below ID' of another layer"},
    [OPTION_BUNDLED] = {"bundled", 0, NULL, "take wsplsp's own layer, which changes nothing"},
    [OPTION_FORCE] = {"force", 0, NULL, "take a file that others can replace, or that cannot be looked at"},
    [OPTION_DRY_RUN] = {"dry-run", 0, NULL, "show the plan, and change nothing"},
    [OPTION_YES] = {"yes", 'y', NULL, "do not ask"},
    [OPTION_CASCADE] = {"cascade", 0, NULL, "remove chains of other layers that cannot do without it, too"},
    [OPTION_ALL_LAYERED] = {"all-layered", 0, NULL, "remove every layered provider"},
    [OPTION_TOP] = {"top", 0, "NAME", "put this layered provider's entries first"},
    [OPTION_DLL] = {"dll", 0, "DLL", "the new DLL; where there are two, the one for 64-bit programs"},
    [OPTION_FIX] = {"fix", 0, NULL, "cure the findings that have a safe cure"},
    [OPTION_ARGS] = {"args", 0, "TEXT", "only where the application is run with these arguments"},
    [OPTION_NAME_SPACE] = {"name-space", 0, "NS", "the name space: dns, nla, ... or its number"},
    [OPTION_SEND] = {"send", 0, "TEXT", "send this once connected, and compare the answers"},
    [OPTION_TIMEOUT] = {"timeout", 0, "TIME", "how long a connection may take: 5s (usual), 500ms, 2m; at most 10m"},
    [OPTION_TIMES] = {"count", 0, "N", "connect N times (usual: 1)"},
    [OPTION_EACH_LAYER] = {"each-layer", 0, NULL, "enter the chain at each of its layers"},
    [OPTION_LOCAL] = {"local", 0, "ADDR", "connect from this address"},
};

/* What getopt_long returns for an option: outside the range of characters, so that no short form can be meant. */
#define OPTION_VALUE(key) (0x100 + (key))

/* The set of all options whose name starts as this argument ("--jso", "--from=x") does. */
static option_set options_like(const char *argument)
{
    option_set like = 0;
    size_t length = strncmp(argument, "--", 2) == 0 ? strcspn(argument + 2, "=") : 0;
    for (int key = 0; length > 0 && key < OPTION_COUNT; key++) {
        if (strncmp(option_texts[key].name, argument + 2, length) == 0)
            like |= OPTION_BIT(key);
    }
    return like;
}

/* Whether the next argument is this one's: it means one option, which takes an argument. */
static bool takes_next(const char *argument)
{
    option_set like = options_like(argument);
    bool takes = like != 0 && strchr(argument, '=') == NULL;
    for (int key = 0; takes && key < OPTION_COUNT; key++)
        takes = (like & OPTION_BIT(key)) == 0 || option_texts[key].argument != NULL;
    return takes;
}

bool options_want_json(int argc, char **argv, bool (*takes_program)(const char *word))
{
    const char *command = NULL;
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (argv[i][0] != '-' || argv[i][1] == '\0') {
            if (command != NULL && takes_program(command))
                return false;
            command = command != NULL ? command : argv[i];
        } else if ((options_like(argv[i]) & OPTION(JSON)) != 0 && strchr(argv[i], '=') == NULL) {
            return true;
        } else if (takes_next(argv[i])) {
            i++;
        }
    }
    return false;
}

static void fill_tables(option_set accepted, enum options_end end, char *letters, struct option *longs)
{
    /* '+' stops at the first operand, '-' hands operands over in their place: neither depends on POSIXLY_CORRECT. */
    *letters++ = end == OPTIONS_END_NEVER ? '-' : '+';
    *letters++ = ':';
    for (int key = 0; key < OPTION_COUNT; key++) {
        const struct option_text *text = &option_texts[key];
        if ((accepted & OPTION_BIT(key)) == 0)
            continue;
        if (text->letter != 0)
            *letters++ = text->letter;
        *longs++ = (struct option){text->name, text->argument != NULL ? required_argument : no_argument, NULL,
                                   OPTION_VALUE(key)};
    }
    *letters = '\0';
    memset(longs, 0, sizeof *longs);
}

static int key_of_letter(int letter)
{
    for (int key = 0; key < OPTION_COUNT; key++) {
        if (letter != 0 && option_texts[key].letter == letter)
            return key;
    }
    return -1;
}

static enum wsplsp_status set_catalog(struct options *options, const char *file, struct wsplsp_error *error)
{
    if (options->catalog != NULL) {
        wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "two catalogs are given: '%.100s' and '%.100s'", options->catalog,
                    file);
        return wsplsp_hint(error, "give one --from or --catalog; 'wsplsp diff' compares two");
    }
    options->catalog = file;
    return WSPLSP_OK;
}

static enum wsplsp_status set_code_page(struct options *options, const char *number, struct wsplsp_error *error)
{
    if (code_page_parse(number, &options->code_page))
        return WSPLSP_OK;
    wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "'%.100s' is no code page that is known here", number);
    return wsplsp_hint(error, "--code-page takes the number of an ANSI code page of Windows: 874, 932, 936, 949, 950, "
                              "1250 to 1258, or 65001 (UTF-8)");
}

static enum wsplsp_status set_option(struct options *options, int key, const char *argument, struct wsplsp_error *error)
{
    options->given |= OPTION_BIT(key);
    options->values[key] = argument;
    switch (key) {
    case OPTION_CATALOG:
    case OPTION_FROM:
        return set_catalog(options, argument, error);
    case OPTION_CODE_PAGE:
        return set_code_page(options, argument, error);
    case OPTION_PROTOCOL:
        options->protocol = argument;
        break;
    case OPTION_LAYER:
        options->layers = memory_grow(options->layers, (options->layer_count + 1) * sizeof *options->layers);
        options->layers[options->layer_count++] = argument;
        break;
    case OPTION_FILTER:
        options->filters = memory_grow(options->filters, (options->filter_count + 1) * sizeof *options->filters);
        options->filters[options->filter_count++] = argument;
        break;
    case OPTION_ROOT:
        options->root = argument;
        break;
    case OPTION_TRACE:
        options->trace = argument;
        break;
    case OPTION_DATA:
        options->data = argument;
        break;
    case OPTION_SOCKET:
        options->socket = argument;
        break;
    case OPTION_FUNCTION:
        options->function = argument;
        break;
    case OPTION_SLOWER:
        options->slower = argument;
        break;
    case OPTION_PID:
        options->pid = argument;
        break;
    case OPTION_FOLDER:
        options->folder = argument;
        break;
    default:
        break;
    }
    options->json = (options->given & OPTION(JSON)) != 0;
    options->quiet = (options->given & OPTION(QUIET)) != 0;
    options->verbose = (options->given & OPTION(VERBOSE)) != 0;
    options->bits64 = (options->given & OPTION(64)) != 0;
    options->bits32 = (options->given & OPTION(32)) != 0;
    options->base = (options->given & OPTION(BASE)) != 0;
    options->layered = (options->given & OPTION(LAYERED)) != 0;
    options->hidden = (options->given & OPTION(HIDDEN)) != 0;
    return WSPLSP_OK;
}

void options_add_operand(struct options *options, const char *operand)
{
    size_t size = (options->operand_count + 1) * sizeof *options->operands;
    options->operands = memory_grow(options->operands, size);
    options->operands[options->operand_count++] = operand;
}

/* getopt_long tells what is wrong with `argument` differently on each system, so it is found out here once more. */
static enum wsplsp_status fail_option(const char *argument, option_set accepted, int letter, struct wsplsp_error *error)
{
    option_set like = options_like(argument);
    option_set known = like & accepted;
    bool several = (known & (known - 1)) != 0;
    if (strncmp(argument, "--", 2) != 0)
        wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "unknown option '-%c'", letter);
    else if (several)
        wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "option '%.100s' can mean more than one", argument);
    else if (known != 0 && strchr(argument, '=') != NULL)
        wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "option '%.*s' takes no argument", (int)strcspn(argument, "="),
                    argument);
    else if (known != 0)
        wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "option '%.100s' needs an argument", argument);
    else if (like != 0)
        wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "option '%.100s' goes behind the command", argument);
    else
        wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "unknown option '%.100s'", argument);
    return wsplsp_hint(error, "'wsplsp help' lists the commands, 'wsplsp help COMMAND' its options");
}

enum wsplsp_status options_read(int argc, char **argv, option_set accepted, enum options_end end,
                                struct options *options, int *used, struct wsplsp_error *error)
{
    char letters[OPTION_COUNT + 3];
    struct option longs[OPTION_COUNT + 1];
    fill_tables(accepted, end, letters, longs);
    opterr = 0;
    bool position_open = false;
    optind = 0; /* starts anew in glibc and in MinGW */
    for (;;) {
        int next = optind == 0 ? 1 : optind;
        int value = getopt_long(argc, argv, letters, longs, NULL);
        if (value == -1)
            break;
        int key = value >= OPTION_VALUE(0) ? value - OPTION_VALUE(0) : key_of_letter(value);
        if (value == 1 && position_open)
            options->beside = optarg;
        else if (value == 1)
            options_add_operand(options, optarg);
        else if (key < 0)
            return fail_option(argv[next], accepted, optopt, error);
        else if (set_option(options, key, optarg, error) != WSPLSP_OK)
            return error->status;
        /* "--position above ID": getopt knows options with one argument at most. */
        position_open = key == OPTION_POSITION && (strcmp(optarg, "above") == 0 || strcmp(optarg, "below") == 0);
    }
    *used = optind;
    for (int i = optind; end != OPTIONS_END_OPERAND && i < argc; i++)
        options_add_operand(options, argv[i]);
    return WSPLSP_OK;
}

enum wsplsp_status options_fail_unwanted(option_set unwanted, const char *command, struct wsplsp_error *error)
{
    int key = 0;
    while ((unwanted & OPTION_BIT(key)) == 0)
        key++;
    wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "'%s' has no option --%s", command, option_texts[key].name);
    return wsplsp_hint(error, "'wsplsp help %s' lists its options", command);
}

void options_free(struct options *options)
{
    free(options->operands);
    free(options->layers);
    free(options->filters);
    options->filters = NULL;
    options->filter_count = 0;
    options->layers = NULL;
    options->layer_count = 0;
    options->operands = NULL;
    options->operand_count = 0;
}
