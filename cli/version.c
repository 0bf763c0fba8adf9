/* wsplsp version: which build this is, and what it can do. */
#include "commands.h"
#include "cli/out/json.h"
#include "cli/out/text.h"

#if defined(_WIN64)
#define TARGET "windows-x64"
#elif defined(_WIN32)
#define TARGET "windows-x86"
#elif defined(__linux__) && defined(__x86_64__)
#define TARGET "linux-x86_64"
#elif defined(__linux__) && defined(__aarch64__)
#define TARGET "linux-aarch64"
#else
#define TARGET "other"
#endif

#ifdef _WIN32
enum { ON_WINDOWS = 1 };
#else
enum { ON_WINDOWS = 0 };
#endif

static const struct {
    const char *name;
    const char *meaning;
    bool present;
} features[] = {
    {"live_catalog", "reads the running system's catalog", ON_WINDOWS},
    {"reg_files", "reads .reg files", true},
    {"hives", "reads SYSTEM hives", true},
    {"mounted_volumes", "checks the DLLs of a mounted Windows volume", true},
    {"signatures", "checks DLL signatures and access rights", ON_WINDOWS},
};

enum { FEATURES = sizeof features / sizeof features[0] };

enum wsplsp_status cmd_version(const struct options *options, struct output *output, struct wsplsp_error *error)
{
    (void)error;
    if (!options->json) {
        buffer_text(&output->buffer, "wsplsp " WSPLSP_VERSION " (" TARGET ")\n");
        for (size_t i = 0; !options->quiet && i < FEATURES; i++)
            buffer_format(&output->buffer, "  %-3s  %s\n", features[i].present ? "yes" : "no", features[i].meaning);
        return WSPLSP_OK;
    }
    cJSON *object = json_envelope("version");
    json_text(object, "target", TARGET);
    cJSON *list = cJSON_AddObjectToObject(object, "features");
    for (size_t i = 0; i < FEATURES; i++)
        cJSON_AddBoolToObject(list, features[i].name, features[i].present);
    json_print(output, object);
    return WSPLSP_OK;
}
