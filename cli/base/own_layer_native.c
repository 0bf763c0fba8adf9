/* wsplsp's own layer, where this build has none; see own_layer.h. */
#include "own_layer.h"

#include <stddef.h>

enum wsplsp_status bundled_layer(int bits, char **path, struct wsplsp_error *error)
{
    (void)bits;
    *path = NULL;
    wsplsp_fail(error, WSPLSP_SYSTEM, 0, "NOT_WINDOWS",
                "the layer comes with the build for Windows, beside wsplsp.exe");
    return wsplsp_hint(error, "name the DLL as that Windows will see it, such as C:\\Program Files\\wsplsp\\x64\\"
                              "wsplsp-layer.dll");
}
