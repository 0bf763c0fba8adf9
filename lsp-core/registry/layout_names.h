/* The registry's key and value names that both directions of the layout use. */
#ifndef WSPLSP_CORE_REGISTRY_LAYOUT_NAMES_H
#define WSPLSP_CORE_REGISTRY_LAYOUT_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#define LAYOUT_PROTOCOL_CATALOG   "Protocol_Catalog9"
#define LAYOUT_NAME_SPACE_CATALOG "NameSpace_Catalog5"
#define LAYOUT_ENTRIES_64         "Catalog_Entries64"
#define LAYOUT_ENTRIES_32         "Catalog_Entries"
#define LAYOUT_COUNT_64           "Num_Catalog_Entries64"
#define LAYOUT_COUNT_32           "Num_Catalog_Entries"
#define LAYOUT_APPLICATIONS       "AppId_Catalog"

/* Of a control set; its ACP is the system's ANSI code page, as a decimal number in text. */
#define LAYOUT_CODE_PAGE     "Control\\Nls\\CodePage"
#define LAYOUT_CODE_PAGE_ACP "ACP"

/* Of a layer's own entry, beside its item: our own name, for Windows does not document where it keeps them. */
#define LAYOUT_CATEGORIES "LspCategories"

/* Reads a subkey's name such as "000000000012"; false where it is no number. */
bool layout_entry_number(const char *name, uint32_t *number);

#endif
