/* The doctor's eyes on the DLLs that a catalog names. Two implementations answer: the running Windows (live_win.c) and
 * a mounted Windows volume (root.c). This part keeps their answers, since thousands of entries name few DLLs. */
#ifndef WSPLSP_CORE_DLLS_DLLS_H
#define WSPLSP_CORE_DLLS_DLLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lsp-core/base/error.h"

/* A DLL of more bytes than this is not read: its image and exports are unknown. */
#define FILES_IMAGE_MAX ((size_t)64 << 20)

enum files_presence { FILES_PRESENCE_UNKNOWN, FILES_MISSING, FILES_PRESENT };

enum files_image {
    FILES_IMAGE_UNKNOWN,
    FILES_IMAGE_NONE,  /* no executable image, or a damaged one */
    FILES_IMAGE_64,    /* for x64 or ARM64 */
    FILES_IMAGE_32,    /* for x86 or ARM */
    FILES_IMAGE_OTHER, /* for another machine */
};

enum files_answer { FILES_UNKNOWN, FILES_NO, FILES_YES };

/* Where not every program reaches a DLL, or not always. */
enum files_place { FILES_PLACE_USUAL, FILES_PLACE_PROFILE, FILES_PLACE_NETWORK, FILES_PLACE_REMOVABLE };

enum files_signature { FILES_SIGNATURE_UNKNOWN, FILES_SIGNATURE_VALID, FILES_UNSIGNED, FILES_SIGNATURE_INVALID };

/* What is known of one DLL. All zero: nothing. Each `…_unknown` is a static text that says why the answer above it is
 * unknown, a clause that goes on after "it can't be told: " ("the file is behind a link"); NULL where it is known. Of a
 * file that is not present, the answers behind `presence` are not looked at. */
struct files_facts {
    char *resolved; /* where it was looked for, for the user to read; NULL where the path could not be resolved */
    enum files_presence presence;
    const char *presence_unknown;
    enum files_image image;
    const char *image_unknown;
    bool exports_wsp_startup; /* these three: only where the image is known and one */
    bool exports_nsp_startup;
    bool exports_lsp_guid;      /* GetLspGuid, by which LSPs tell installers their provider id */
    enum files_answer writable; /* whether others than administrators can replace it, or through a folder or link */
    const char *writable_unknown;
    char *writer;                 /* the user or group that can ("BUILTIN\\Users"), where FILES_YES */
    char *writable_at;            /* the file or folder it is about, where FILES_YES */
    enum files_answer unloadable; /* whether programs of some kinds may not read and execute it … */
    const char *unloadable_unknown;
    char *unloadable_by; /* … and of which, where FILES_YES */
    enum files_place place;
    enum files_signature signature;
    const char *signature_unknown;
    char *signer; /* the signing certificate's subject, or NULL */
};

/* One implementation. `context` is its own. */
struct files_functions {
    /* Fills `facts`, which come zeroed, with all that is known of the DLL at `path` (as the catalog has it, with
     * environment strings) for a process of `bits`. False only when out of memory; what it has allocated in `facts` is
     * freed by the caller in either case. */
    bool (*look)(void *context, const char *path, int bits, struct files_facts *facts);
    void (*close)(void *context);
    bool tells_writable;  /* whether it can ever answer `writable`, `unloadable` and `place` … */
    bool tells_signature; /* … and `signature`: where not, the rules that need them are skipped as a whole */
};

struct check_files;

/* The system's own files, as its processes see them. In the native build: an error. */
enum wsplsp_status files_live_open(struct check_files **files, struct wsplsp_error *error);

/* The files of a Windows volume whose root is the folder `path`. Nothing outside that folder is ever opened. */
enum wsplsp_status files_root_open(const char *path, struct check_files **files, struct wsplsp_error *error);

/* Closes either. NULL is fine. */
void files_close(struct check_files *files);

/* For implementations: wraps one, which then belongs to the result; on failure `close` has been called. */
enum wsplsp_status files_new(const struct files_functions *functions, void *context, struct check_files **files,
                             struct wsplsp_error *error);
const struct files_functions *files_functions(const struct check_files *files);

/* For implementations: image and exports from a file's bytes. */
void files_read_image(const uint8_t *bytes, size_t size, struct files_facts *facts);

/* Whether a file is somewhere below a folder, with or without a backslash at its end. */
bool files_in_folder(const char *path, const char *folder);

/* "in a user's profile", for sentences; NULL for the usual places. */
const char *files_place_words(enum files_place place);

/* What is known of a DLL, looked up once and then kept; good until files_close. NULL when out of memory. */
const struct files_facts *files_look(struct check_files *files, const char *path, int bits);

#endif
