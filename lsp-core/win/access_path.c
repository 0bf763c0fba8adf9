/* Follows a path as Windows does, folder by folder; see access_path.h. Microsoft's reference: [MS-FSCC] 2.1.2 (reparse
 * data), "Naming Files, Paths, and Namespaces". */
#include "access_path.h"

#include <stdlib.h>
#include <string.h>

#include "lsp-core/base/text.h"

enum { LINKS_MAX = 63 }; /* as many as Windows follows */

enum {
    TAG_MOUNT_POINT = 0xA0000003u,
    TAG_LINK = 0xA000000Cu,
    TAG_NAME_SURROGATE = 0x20000000u, /* stands for something else by name */
    SYMLINK_RELATIVE = 1,
    REPARSE_HEADER_SIZE = 8,
};

#define VOLUME "\\\\?\\Volume{"

static uint32_t number_at(const uint8_t *bytes, size_t size)
{
    uint32_t number = 0;
    for (size_t i = size; i > 0; i--)
        number = number << 8 | bytes[i - 1];
    return number;
}

/* The length of "C:\" or "\\?\Volume{…}\" at a path's beginning; 0 where it has neither. */
static size_t root_length(const char *path)
{
    bool letter = (path[0] >= 'A' && path[0] <= 'Z') || (path[0] >= 'a' && path[0] <= 'z');
    if (letter && path[1] == ':' && path[2] == '\\')
        return 3;
    if (strncmp(path, VOLUME, sizeof VOLUME - 1) != 0)
        return 0;
    const char *end = strchr(path + sizeof VOLUME - 1, '}');
    return end != NULL && end[1] == '\\' ? (size_t)(end - path) + 2 : 0;
}

/* A new path without its last name; a root stays as it is. */
static char *parent_of(const char *path)
{
    size_t root = root_length(path);
    const char *slash = strrchr(path + (root > 0 ? root - 1 : 0), '\\');
    size_t length = slash == NULL ? root : (size_t)(slash - path);
    if (length < root)
        length = root;
    char *parent = malloc(length + 1);
    if (parent == NULL)
        return NULL;
    memcpy(parent, path, length);
    parent[length] = '\0';
    return parent;
}

static char *join(const char *folder, const char *name, size_t length)
{
    size_t size = strlen(folder);
    bool slash = size > 0 && folder[size - 1] == '\\';
    return text_format("%s%s%.*s", folder, slash ? "" : "\\", (int)length, name);
}

/* --- links --- */

/* A link's stored target without the object manager's prefix: "\??\C:\a" and "\??\Volume{…}\". */
static char *absolute_target(const char *stored)
{
    const char *rest = strncmp(stored, "\\??\\", 4) == 0 ? stored + 4 : stored;
    if (strncmp(rest, "Volume{", 7) == 0) {
        const char *end = strchr(rest, '}');
        return text_format("\\\\?\\%s%s", rest, end != NULL && end[1] == '\0' ? "\\" : "");
    }
    if (rest[0] != '\0' && rest[1] == ':' && rest[2] == '\0')
        return text_format("%s\\", rest);
    return text_duplicate(rest);
}

/* Of a symbolic link that names its target from where it stands: "..\a", or "\a" from its volume's root. */
static char *relative_target(const char *stored, const char *path)
{
    char *folder = stored[0] == '\\' ? NULL : parent_of(path);
    if (folder == NULL) {
        folder = text_duplicate(path);
        if (folder != NULL)
            folder[root_length(path)] = '\0';
    }
    char *target = folder == NULL ? NULL : join(folder, stored[0] == '\\' ? stored + 1 : stored, strlen(stored));
    free(folder);
    return target;
}

char *access_link_target(const void *bytes, size_t size, const char *path, bool *link)
{
    const uint8_t *data = bytes;
    uint32_t tag = size < REPARSE_HEADER_SIZE ? TAG_NAME_SURROGATE : number_at(data, 4);
    *link = (tag & TAG_NAME_SURROGATE) != 0;
    /* Offset and length of the target's name, in bytes; a symbolic link has flags behind them. */
    size_t names = REPARSE_HEADER_SIZE + (tag == TAG_LINK ? 12 : 8);
    if ((tag != TAG_MOUNT_POINT && tag != TAG_LINK) || size < names)
        return NULL;
    size_t offset = number_at(data + REPARSE_HEADER_SIZE, 2), length = number_at(data + REPARSE_HEADER_SIZE + 2, 2);
    if (offset > size - names || length > size - names - offset)
        return NULL;
    char *stored = text_from_utf16(data + names + offset, length / 2);
    if (stored == NULL)
        return NULL;
    bool relative = tag == TAG_LINK && (number_at(data + REPARSE_HEADER_SIZE + 8, 4) & SYMLINK_RELATIVE) != 0;
    char *target = relative ? relative_target(stored, path) : absolute_target(stored);
    free(stored);
    return target;
}

/* --- the walk --- */

struct walk {
    const struct access_eyes *eyes;
    struct access_finding *finding;
    char *folder; /* where it has come to: behind all links */
    char *rest;   /* what is still to be gone through */
    unsigned links;
    bool out_of_memory;
};

static void object_free(struct access_object *object)
{
    free(object->descriptor);
    free(object->target);
}

static bool look(struct walk *walk, const char *path, struct access_object *object)
{
    *object = (struct access_object){.descriptor = NULL};
    if (walk->eyes->look(walk->eyes->context, path, object))
        return true;
    walk->out_of_memory = true;
    object_free(object);
    return false;
}

/* True where the question is answered: somebody can. What is unknown is kept, unless something more certain comes. */
static bool settle(struct walk *walk, const char *path, const struct access_judgement *judgement)
{
    struct access_finding *finding = walk->finding;
    if (judgement->answer == ACCESS_NO || (judgement->answer == ACCESS_UNKNOWN && finding->at != NULL))
        return false;
    free(finding->at);
    finding->judgement = *judgement;
    finding->at = text_duplicate(path);
    walk->out_of_memory = walk->out_of_memory || finding->at == NULL;
    return judgement->answer == ACCESS_YES || walk->out_of_memory;
}

static bool doubt(struct walk *walk, const char *path, const char *why)
{
    struct access_judgement unknown = {.answer = ACCESS_UNKNOWN, .why = why};
    return settle(walk, path, &unknown);
}

static bool judge(struct walk *walk, const char *path, const struct access_object *object, uint32_t rights)
{
    if (object->descriptor == NULL)
        return doubt(walk, path, object->why);
    struct access_judgement judgement = access_changes(object->descriptor, object->size, rights, walk->eyes->also);
    return settle(walk, path, &judgement);
}

static bool judge_at(struct walk *walk, const char *path, uint32_t rights)
{
    struct access_object object;
    if (!look(walk, path, &object))
        return true;
    bool settled = judge(walk, path, &object, rights);
    object_free(&object);
    return settled;
}

/* Begins anew at a path's root; takes the path over. True where it goes no further. */
static bool start(struct walk *walk, char *path)
{
    size_t root = path == NULL ? 0 : root_length(path);
    walk->out_of_memory = walk->out_of_memory || path == NULL;
    if (root == 0) {
        bool ended = walk->out_of_memory || (doubt(walk, path, "the way to it leaves this machine's own drives"), true);
        free(path);
        return ended;
    }
    free(walk->folder);
    free(walk->rest);
    walk->rest = text_duplicate(path + root);
    path[root] = '\0';
    walk->folder = path;
    walk->out_of_memory = walk->rest == NULL;
    return walk->out_of_memory || judge_at(walk, path, ACCESS_CHANGE_ROOT);
}

/* Goes on where the link leads. */
static bool follow(struct walk *walk, const char *path, const struct access_object *object, const char *rest)
{
    if (judge(walk, path, object, ACCESS_CHANGE_LINK))
        return true;
    if (object->target == NULL || ++walk->links > LINKS_MAX) {
        doubt(walk, path, "where a link on the way to it leads cannot be told");
        return true;
    }
    return start(walk, rest[0] == '\0' ? text_duplicate(object->target) : join(object->target, rest, strlen(rest)));
}

static bool go_up(struct walk *walk)
{
    char *parent = parent_of(walk->folder);
    free(walk->folder);
    walk->folder = parent;
    walk->out_of_memory = parent == NULL;
    return walk->out_of_memory;
}

/* Takes one name of the rest, which is empty behind the last. */
static bool enter(struct walk *walk, const char *path, const char *rest, bool *arrived)
{
    struct access_object object;
    bool last = rest[0] == '\0';
    if (last && judge_at(walk, walk->folder,
                         root_length(walk->folder) == strlen(walk->folder) ? ACCESS_CHANGE_ROOT | ACCESS_WRITE_DATA
                                                                           : ACCESS_CHANGE_FOLDER))
        return true;
    if (!look(walk, path, &object))
        return true;
    bool ended;
    if (object.link) {
        ended = follow(walk, path, &object, rest);
    } else {
        ended = judge(walk, path, &object, last ? ACCESS_CHANGE_FILE : ACCESS_CHANGE_ABOVE);
        free(walk->folder);
        walk->folder = text_duplicate(path);
        char *left = text_duplicate(rest);
        free(walk->rest);
        walk->rest = left;
        walk->out_of_memory = walk->out_of_memory || walk->folder == NULL || left == NULL;
        *arrived = last;
        ended = ended || walk->out_of_memory;
    }
    object_free(&object);
    return ended;
}

static bool step(struct walk *walk, bool *arrived)
{
    size_t length = strcspn(walk->rest, "\\");
    const char *rest = walk->rest + length + strspn(walk->rest + length, "\\");
    bool up = length == 2 && memcmp(walk->rest, "..", 2) == 0, same = length == 1 && walk->rest[0] == '.';
    if (length == 0 || up || same) {
        char *left = text_duplicate(rest);
        bool ended = (up && go_up(walk)) || left == NULL;
        walk->out_of_memory = walk->out_of_memory || left == NULL;
        free(walk->rest);
        walk->rest = left;
        return ended;
    }
    char *path = join(walk->folder, walk->rest, length);
    walk->out_of_memory = path == NULL;
    bool ended = path == NULL || enter(walk, path, rest, arrived);
    free(path);
    return ended;
}

bool access_path_judge(const struct access_eyes *eyes, const char *path, struct access_finding *finding)
{
    *finding = (struct access_finding){.judgement = {.answer = ACCESS_NO}};
    struct walk walk = {.eyes = eyes, .finding = finding};
    bool arrived = false;
    bool ended = start(&walk, text_duplicate(path));
    while (!ended && !arrived && walk.rest[0] != '\0')
        ended = step(&walk, &arrived);
    if (arrived) {
        finding->real = walk.folder;
        walk.folder = NULL;
    }
    free(walk.folder);
    free(walk.rest);
    if (walk.out_of_memory)
        access_finding_free(finding);
    return !walk.out_of_memory;
}

void access_finding_free(struct access_finding *finding)
{
    free(finding->at);
    free(finding->real);
    finding->at = finding->real = NULL;
}
