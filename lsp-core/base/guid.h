/* GUIDs: the ids of providers. */
#ifndef WSPLSP_CORE_BASE_GUID_H
#define WSPLSP_CORE_BASE_GUID_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"

/* A GUID in the byte order that Windows keeps in memory and in the registry (Data1 to Data3 little endian). */
struct wsplsp_guid {
    uint8_t bytes[16];
};

#define WSPLSP_GUID_TEXT 39 /* "{8-4-4-4-12}" and a NUL */

bool wsplsp_guid_equal(const struct wsplsp_guid *a, const struct wsplsp_guid *b);
/* "{E70F1AA0-AB8B-11CF-8CA3-00805F48A192}" into `text`. */
void wsplsp_guid_format(const struct wsplsp_guid *guid, char text[WSPLSP_GUID_TEXT]);
/* Reads the same form, braces optional, either case; false where it is none. */
bool wsplsp_guid_parse(const char *text, struct wsplsp_guid *guid);

/* A random GUID (version 4). */
enum wsplsp_status new_guid(struct wsplsp_guid *guid, struct wsplsp_error *error);

#endif
