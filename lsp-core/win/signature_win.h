/* Whether Windows trusts a file's Authenticode signature, its own or that of a catalog it is listed in. Never shows
 * anything, never goes to the network. */
#ifndef WSPLSP_CORE_WIN_SIGNATURE_WIN_H
#define WSPLSP_CORE_WIN_SIGNATURE_WIN_H

#include <windows.h>

enum signature_state { SIGNATURE_VALID, SIGNATURE_MISSING, SIGNATURE_INVALID, SIGNATURE_UNKNOWN };

struct signature {
    enum signature_state state;
    const char *why; /* static, for SIGNATURE_UNKNOWN */
    char *signer;    /* the signer's name, new, or NULL */
};

/* `file` is the file at `path`, open for reading; `image` and `size` are its bytes. */
struct signature signature_verify(const wchar_t *path, HANDLE file, const void *image, size_t size);

#endif
