/* The provider id that a layer's DLLs are made for; see dll_guid.h. */
#include "dll_guid.h"

#include "dll_check.h"
#include "lsp_guid.h"

struct asking {
    struct change_context *context;
    struct check_files *files;
    const struct wsplsp_guid *given;
    struct wsplsp_guid *id;
    bool told;
};

static bool tells(const struct asking *asking, const char *dll, int bits)
{
    const struct files_facts *facts =
        dll == NULL || asking->files == NULL ? NULL : files_look(asking->files, dll, bits);
    return facts != NULL && facts->presence == FILES_PRESENT && facts->exports_lsp_guid;
}

/* Both DLLs are one layer, which WSCInstallProviderAndChains64_32 gives one id. */
static enum wsplsp_status compare(struct asking *asking, const struct wsplsp_guid *id, const char *dll,
                                  struct wsplsp_error *error)
{
    char text[WSPLSP_GUID_TEXT];
    wsplsp_guid_format(id, text);
    if (asking->given != NULL && !wsplsp_guid_equal(id, asking->given))
        text_list_add(&asking->context->warnings,
                      "'%.300s' is made for the provider id %s; under another one it may not start", dll, text);
    if (asking->given == NULL && asking->told && !wsplsp_guid_equal(id, asking->id)) {
        wsplsp_fail(error, WSPLSP_REFUSED, 0, "TWO_GUIDS",
                    "the two DLLs are not of one layer: '%.200s' is made for another provider id, %s", dll, text);
        return wsplsp_hint(error, "install each for its own programs with --only, or name the id with --guid");
    }
    *asking->id = *id;
    asking->told = true;
    return WSPLSP_OK;
}

static enum wsplsp_status ask(struct asking *asking, const char *dll, int bits, struct wsplsp_error *error)
{
    struct wsplsp_guid id;
    if (!tells(asking, dll, bits))
        return WSPLSP_OK;
    if (asking->context->options->root != NULL) {
        if (asking->given == NULL)
            text_list_add(&asking->context->warnings,
                          "'%.300s' is made for a provider id of its own, which only running it could tell: without "
                          "--guid it may not start",
                          dll);
        return WSPLSP_OK;
    }
    if (lsp_guid_ask(dll, bits, &id, error) == WSPLSP_OK)
        return compare(asking, &id, dll, error);
    if (asking->given == NULL)
        return error->status;
    text_list_add(&asking->context->warnings, "Whether it is made for this provider id is not known: %s",
                  error->message);
    return WSPLSP_OK;
}

enum wsplsp_status dll_guid_ask(struct change_context *context, const char *dll64, const char *dll32,
                                const struct wsplsp_guid *given, struct wsplsp_guid *id, bool *told,
                                struct wsplsp_error *error)
{
    struct asking asking = {.context = context, .given = given, .id = id};
    enum wsplsp_status status = dll_check_files(context, &asking.files, error);
    if (status == WSPLSP_OK)
        status = ask(&asking, dll64, 64, error);
    if (status == WSPLSP_OK)
        status = ask(&asking, dll32, 32, error);
    files_close(asking.files);
    *told = asking.told;
    return status;
}
