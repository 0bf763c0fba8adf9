/* Signatures through WinVerifyTrust and the catalog functions, all found at run time; see signature_win.h. */
#include "signature_win.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <wintrust.h>
#include <mscat.h>
#include <softpub.h>

#include "lsp-core/base/sysdll_win.h"
#include "lsp-core/base/text.h"

struct functions {
    LONG(WINAPI *verify)(HWND, GUID *, void *);
    CRYPT_PROVIDER_DATA *(WINAPI *provider_data)(HANDLE);
    CRYPT_PROVIDER_SGNR *(WINAPI *signer)(CRYPT_PROVIDER_DATA *, DWORD, BOOL, DWORD);
    CRYPT_PROVIDER_CERT *(WINAPI *certificate)(CRYPT_PROVIDER_SGNR *, DWORD);
    DWORD(WINAPI *name_string)(PCCERT_CONTEXT, DWORD, DWORD, void *, LPWSTR, DWORD);
    /* Windows 8: catalogs with SHA-256 */
    BOOL(WINAPI *acquire2)(HCATADMIN *, const GUID *, const wchar_t *, const void *, DWORD);
    BOOL(WINAPI *hash2)(HCATADMIN, HANDLE, DWORD *, BYTE *, DWORD);
    BOOL(WINAPI *acquire)(HCATADMIN *, const GUID *, DWORD);
    BOOL(WINAPI *hash)(HANDLE, DWORD *, BYTE *, DWORD);
    HCATINFO(WINAPI *find_catalog)(HCATADMIN, BYTE *, DWORD, DWORD, HCATINFO *);
    BOOL(WINAPI *catalog_info)(HCATINFO, CATALOG_INFO *, DWORD);
    BOOL(WINAPI *release_catalog)(HCATADMIN, HCATINFO, DWORD);
    BOOL(WINAPI *release)(HCATADMIN, DWORD);
};

enum { HASH_MAX = 64 };

static bool find_functions(struct functions *functions)
{
    HMODULE wintrust = sysdll_load(L"wintrust.dll");
    sysdll_function(wintrust, "WTHelperProvDataFromStateData", &functions->provider_data);
    sysdll_function(wintrust, "WTHelperGetProvSignerFromChain", &functions->signer);
    sysdll_function(wintrust, "WTHelperGetProvCertFromChain", &functions->certificate);
    sysdll_function(sysdll_load(L"crypt32.dll"), "CertGetNameStringW", &functions->name_string);
    sysdll_function(wintrust, "CryptCATAdminAcquireContext2", &functions->acquire2);
    sysdll_function(wintrust, "CryptCATAdminCalcHashFromFileHandle2", &functions->hash2);
    sysdll_function(wintrust, "CryptCATAdminAcquireContext", &functions->acquire);
    sysdll_function(wintrust, "CryptCATAdminCalcHashFromFileHandle", &functions->hash);
    sysdll_function(wintrust, "CryptCATAdminEnumCatalogFromHash", &functions->find_catalog);
    sysdll_function(wintrust, "CryptCATCatalogInfoFromContext", &functions->catalog_info);
    sysdll_function(wintrust, "CryptCATAdminReleaseCatalogContext", &functions->release_catalog);
    sysdll_function(wintrust, "CryptCATAdminReleaseContext", &functions->release);
    return sysdll_function(wintrust, "WinVerifyTrust", &functions->verify);
}

static char *signer_name(const struct functions *functions, HANDLE state)
{
    wchar_t name[256];
    if (functions->provider_data == NULL || functions->signer == NULL || functions->certificate == NULL ||
        functions->name_string == NULL)
        return NULL;
    CRYPT_PROVIDER_DATA *data = functions->provider_data(state);
    CRYPT_PROVIDER_SGNR *signer = data == NULL ? NULL : functions->signer(data, 0, FALSE, 0);
    CRYPT_PROVIDER_CERT *certificate = signer == NULL ? NULL : functions->certificate(signer, 0);
    if (certificate == NULL || certificate->pCert == NULL ||
        functions->name_string(certificate->pCert, CERT_NAME_SIMPLE_DISPLAY_TYPE, 0, NULL, name, 256) <= 1)
        return NULL;
    return text_from_utf16(name, wcslen(name));
}

/* WinVerifyTrust, without a user interface, revocation lists or the network; both choices must be closed again. */
static LONG verify(const struct functions *functions, WINTRUST_DATA *data, char **signer)
{
    GUID action = WINTRUST_ACTION_GENERIC_VERIFY_V2;
    data->cbStruct = sizeof *data;
    data->dwUIChoice = WTD_UI_NONE;
    data->fdwRevocationChecks = WTD_REVOKE_NONE;
    data->dwStateAction = WTD_STATEACTION_VERIFY;
    data->dwProvFlags = WTD_REVOCATION_CHECK_NONE | WTD_CACHE_ONLY_URL_RETRIEVAL;
    LONG result = functions->verify(INVALID_HANDLE_VALUE, &action, data);
    if (result == ERROR_SUCCESS)
        *signer = signer_name(functions, data->hWVTStateData);
    data->dwStateAction = WTD_STATEACTION_CLOSE;
    functions->verify(INVALID_HANDLE_VALUE, &action, data);
    return result;
}

static struct signature to_signature(LONG result, char *signer)
{
    switch (result) {
    case ERROR_SUCCESS:
        return (struct signature){SIGNATURE_VALID, NULL, signer};
    case TRUST_E_NOSIGNATURE:
    case TRUST_E_SUBJECT_FORM_UNKNOWN: /* a file of a kind that can't carry one, such as a damaged image */
        return (struct signature){SIGNATURE_MISSING, NULL, NULL};
    case TRUST_E_PROVIDER_UNKNOWN:
    case TRUST_E_ACTION_UNKNOWN:
        return (struct signature){SIGNATURE_UNKNOWN, "this system has no verifier of signatures", NULL};
    default:
        return (struct signature){SIGNATURE_INVALID, NULL, NULL};
    }
}

static struct signature verify_embedded(const struct functions *functions, const wchar_t *path, HANDLE file)
{
    WINTRUST_FILE_INFO info = {.cbStruct = sizeof info, .pcwszFilePath = path, .hFile = file};
    WINTRUST_DATA data = {.dwUnionChoice = WTD_CHOICE_FILE};
    data.pFile = &info;
    char *signer = NULL;
    LONG result = verify(functions, &data, &signer);
    return to_signature(result, signer);
}

/* In a catalog a file is listed under its hash in upper-case hexadecimal. */
static void member_tag(const BYTE *hash, DWORD size, wchar_t tag[2 * HASH_MAX + 1])
{
    static const wchar_t digits[] = L"0123456789ABCDEF";
    for (DWORD i = 0; i < size; i++) {
        tag[2 * i] = digits[hash[i] >> 4];
        tag[2 * i + 1] = digits[hash[i] & 15];
    }
    tag[2 * size] = L'\0';
}

struct catalogs {
    const struct functions *functions;
    HCATADMIN admin;
    BYTE hash[HASH_MAX];
    DWORD hash_size;
};

static struct signature verify_listed(struct catalogs *catalogs, const wchar_t *path, HANDLE file, HCATINFO found)
{
    CATALOG_INFO catalog = {.cbStruct = sizeof catalog};
    if (!catalogs->functions->catalog_info(found, &catalog, 0))
        return (struct signature){SIGNATURE_UNKNOWN, "the catalog that lists the file cannot be read", NULL};
    wchar_t tag[2 * HASH_MAX + 1];
    member_tag(catalogs->hash, catalogs->hash_size, tag);
    WINTRUST_CATALOG_INFO info = {.cbStruct = sizeof info,
                                  .pcwszCatalogFilePath = catalog.wszCatalogFile,
                                  .pcwszMemberTag = tag,
                                  .pcwszMemberFilePath = path,
                                  .hMemberFile = file,
                                  .pbCalculatedFileHash = catalogs->hash,
                                  .cbCalculatedFileHash = catalogs->hash_size};
    WINTRUST_DATA data = {.dwUnionChoice = WTD_CHOICE_CATALOG};
    data.pCatalog = &info;
    char *signer = NULL;
    LONG result = verify(catalogs->functions, &data, &signer);
    return to_signature(result, signer);
}

/* The context for SHA-256 or, with NULL, for the hash of older catalogs; and the file's hash in it. */
static bool open_catalogs(struct catalogs *catalogs, HANDLE file, const wchar_t *algorithm)
{
    static const GUID driver_action = DRIVER_ACTION_VERIFY;
    const struct functions *functions = catalogs->functions;
    catalogs->hash_size = HASH_MAX;
    bool newer = algorithm != NULL;
    if (newer && (functions->acquire2 == NULL || functions->hash2 == NULL ||
                  !functions->acquire2(&catalogs->admin, &driver_action, algorithm, NULL, 0)))
        return false;
    if (!newer && (functions->acquire == NULL || functions->hash == NULL ||
                   !functions->acquire(&catalogs->admin, &driver_action, 0)))
        return false;
    if (newer ? functions->hash2(catalogs->admin, file, &catalogs->hash_size, catalogs->hash, 0)
              : functions->hash(file, &catalogs->hash_size, catalogs->hash, 0))
        return true;
    functions->release(catalogs->admin, 0);
    return false;
}

/* Windows' own DLLs carry no signature; a catalog of the system lists their hashes. */
static struct signature verify_by_catalog(const struct functions *functions, const wchar_t *path, HANDLE file)
{
    static const wchar_t *const algorithms[] = {L"SHA256", NULL};
    struct signature signature = {SIGNATURE_UNKNOWN, "this system's catalogs of signatures cannot be searched", NULL};
    if (functions->find_catalog == NULL || functions->catalog_info == NULL || functions->release_catalog == NULL ||
        functions->release == NULL)
        return signature;
    for (size_t i = 0; i < 2; i++) {
        struct catalogs catalogs = {.functions = functions};
        if (!open_catalogs(&catalogs, file, algorithms[i]))
            continue;
        HCATINFO found = functions->find_catalog(catalogs.admin, catalogs.hash, catalogs.hash_size, 0, NULL);
        if (found != NULL) {
            signature = verify_listed(&catalogs, path, file, found);
            functions->release_catalog(catalogs.admin, found, 0);
        } else {
            signature = (struct signature){SIGNATURE_MISSING, NULL, NULL};
        }
        functions->release(catalogs.admin, 0);
        if (found != NULL)
            break;
    }
    return signature;
}

/* Wine marks the DLLs it brings along behind their DOS header. */
static bool is_wine_builtin(const void *image, size_t size)
{
    static const char builtin[] = "Wine builtin DLL", placeholder[] = "Wine placeholder DLL";
    const char *mark = (const char *)image + 0x40;
    return size >= 0x40 + sizeof placeholder &&
           (memcmp(mark, builtin, sizeof builtin) == 0 || memcmp(mark, placeholder, sizeof placeholder) == 0);
}

struct signature signature_verify(const wchar_t *path, HANDLE file, const void *image, size_t size)
{
    struct functions functions = {NULL};
    if (sysdll_is_wine() && is_wine_builtin(image, size))
        return (struct signature){SIGNATURE_UNKNOWN, "Wine's own DLLs carry no signature", NULL};
    if (!find_functions(&functions))
        return (struct signature){SIGNATURE_UNKNOWN, "this system has no WinVerifyTrust", NULL};
    struct signature signature = verify_embedded(&functions, path, file);
    if (signature.state == SIGNATURE_MISSING)
        signature = verify_by_catalog(&functions, path, file);
    return signature;
}
