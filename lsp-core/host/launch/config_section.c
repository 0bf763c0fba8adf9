/* Copies of what the processes of a run share; see config_section.h. */
#include "config_section.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { TRIES = 100 };

static bool ends(const wchar_t *text)
{
    for (size_t i = 0; i < CONFIG_PATH; i++)
        if (text[i] == 0)
            return true;
    return false;
}

enum config_section_result config_section_settings(const struct config_section *section, struct config *copy)
{
    memcpy(copy, &section->settings, sizeof *copy);
    __atomic_signal_fence(__ATOMIC_SEQ_CST); /* from here on the copy counts, and nothing is read a second time */
    if (copy->magic != CONFIG_MAGIC || copy->version != CONFIG_VERSION || copy->size != sizeof *copy)
        return CONFIG_SECTION_OTHER_BUILD;
    bool whole = ends(copy->catalog_file) && ends(copy->trace_file);
    for (int i = 0; i < 2; i++)
        whole = whole && ends(copy->filter_file[i]) && ends(copy->folder[i]);
    return whole ? CONFIG_SECTION_DONE : CONFIG_SECTION_DAMAGED;
}

int32_t config_section_generation(const struct config_section *section)
{
    return __atomic_load_n(&section->generation, __ATOMIC_ACQUIRE);
}

/* One try: the copy is the text of `generation` only if that still is the current one afterwards. */
static enum config_section_result copy_half(const struct config_section *section, int32_t generation, void **text,
                                            size_t *size)
{
    unsigned half = (unsigned)generation & 1;
    uint32_t bytes = __atomic_load_n(&section->catalog_bytes[half], __ATOMIC_RELAXED);
    if (bytes > CONFIG_CATALOG_SIZE)
        return config_section_generation(section) == generation ? CONFIG_SECTION_DAMAGED : CONFIG_SECTION_BUSY;
    char *copy = malloc((size_t)bytes + 1);
    if (copy == NULL)
        return CONFIG_SECTION_NO_MEMORY;
    memcpy(copy, section->catalog[half], bytes);
    copy[bytes] = '\0';
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    if (config_section_generation(section) != generation) {
        free(copy);
        return CONFIG_SECTION_BUSY;
    }
    *text = copy;
    *size = bytes;
    return CONFIG_SECTION_DONE;
}

enum config_section_result config_section_catalog(const struct config_section *section, void **text, size_t *size,
                                                  int32_t *generation)
{
    enum config_section_result result = CONFIG_SECTION_BUSY;
    *text = NULL;
    for (int i = 0; i < TRIES && result == CONFIG_SECTION_BUSY; i++) {
        *generation = config_section_generation(section);
        result = copy_half(section, *generation, text, size);
    }
    return result;
}

void config_section_write(struct config_section *section, const void *text, size_t size)
{
    int32_t generation = config_section_generation(section);
    unsigned half = ~(unsigned)generation & 1;
    __atomic_store_n(&section->catalog_bytes[half], (uint32_t)size, __ATOMIC_RELAXED);
    memcpy(section->catalog[half], text, size);
    __atomic_store_n(&section->generation, (int32_t)((uint32_t)generation + 1), __ATOMIC_SEQ_CST);
}
