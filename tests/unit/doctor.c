/* Builds catalogs for the doctor's tests; see doctor.h. */
#include "doctor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lsp-core/base/text.h"

#define MSWSOCK   "%SystemRoot%\\system32\\mswsock.dll"
#define LAYER_DLL "C:\\Program Files\\Contoso\\layer.dll"

enum { IFS = 0x20000, HIDDEN = 4 };

void doctor_set_text(char **text, const char *value)
{
    free(*text);
    *text = value == NULL ? NULL : text_duplicate(value);
    assert_true(value == NULL || *text != NULL);
}

struct wsplsp_catalog *doctor_catalog(struct wsplsp_snapshot *snapshot, int bits)
{
    return &snapshot->catalogs[bits == 64 ? 0 : 1];
}

static void recount(struct wsplsp_catalog *catalog)
{
    for (size_t i = 0; i < catalog->entry_count; i++) {
        catalog->entries[i].position = i + 1;
        catalog->entries[i].number = (uint32_t)i + 1;
    }
    catalog->entries_stored = (struct wsplsp_counter){true, (uint32_t)catalog->entry_count};
    catalog->name_spaces_stored = (struct wsplsp_counter){true, (uint32_t)catalog->name_space_count};
}

/* One provider id for each family, as Windows has them; a layer's entries have one each. */
static void set_provider(struct wsplsp_entry *entry, uint32_t number)
{
    memset(&entry->info.provider_id, 0x5A, sizeof entry->info.provider_id);
    memcpy(&entry->info.provider_id, &number, sizeof number);
}

struct wsplsp_entry *doctor_add(struct wsplsp_snapshot *snapshot, int bits, uint32_t id, const char *name,
                                int32_t family, int32_t type, int32_t protocol)
{
    struct wsplsp_catalog *catalog = doctor_catalog(snapshot, bits);
    struct wsplsp_entry *entry = wsplsp_catalog_add_entry(catalog);
    assert_non_null(entry);
    entry->info.service_flags[0] = IFS;
    entry->info.catalog_id = id;
    entry->info.chain_len = 1;
    entry->info.family = family;
    entry->info.socket_type = type;
    entry->info.protocol = protocol;
    set_provider(entry, (uint32_t)family);
    doctor_set_text(&entry->name, name);
    doctor_set_text(&entry->name_raw, name);
    doctor_set_text(&entry->dll, MSWSOCK);
    entry->categories_absent = "the tests do not tell";
    entry->number = (uint32_t)entry->position;
    catalog->entries_stored = (struct wsplsp_counter){true, (uint32_t)catalog->entry_count};
    return entry;
}

static void add_bases(struct wsplsp_snapshot *snapshot, int bits)
{
    doctor_add(snapshot, bits, 1001, "TCP4", 2, 1, 6);
    doctor_add(snapshot, bits, 1002, "UDP4", 2, 2, 17);
    /* Windows itself hides its RAW entries. */
    doctor_add(snapshot, bits, 1003, "RAW4", 2, 3, 0)->info.provider_flags = 8 | HIDDEN;
    doctor_add(snapshot, bits, 1004, "TCP6", 23, 1, 6);
    doctor_add(snapshot, bits, 1005, "UDP6", 23, 2, 17);
    doctor_add(snapshot, bits, 1006, "RAW6", 23, 3, 0)->info.provider_flags = 8 | HIDDEN;
}

static void add_name_space(struct wsplsp_snapshot *snapshot, int bits)
{
    struct wsplsp_name_space *name_space = wsplsp_catalog_add_name_space(doctor_catalog(snapshot, bits));
    assert_non_null(name_space);
    name_space->number = 1;
    name_space->enabled = true;
    name_space->name_space = 12;
    doctor_set_text(&name_space->name, "Tcpip");
    doctor_set_text(&name_space->name_raw, "Tcpip");
    doctor_set_text(&name_space->dll, "%SystemRoot%\\System32\\winrnr.dll");
    recount(doctor_catalog(snapshot, bits));
}

static struct wsplsp_snapshot *make(bool layered)
{
    struct wsplsp_snapshot *snapshot = wsplsp_snapshot_new("the test");
    assert_non_null(snapshot);
    for (int bits = 64; bits >= 32; bits -= 32) {
        static const int32_t protocols[3][2] = {{1, 6}, {2, 17}, {3, 0}};
        doctor_catalog(snapshot, bits)->present = true;
        for (uint32_t i = 0; layered && i < 6; i++) {
            struct wsplsp_entry *chain = doctor_add(snapshot, bits, 1011 + i, "Layer over it", i < 3 ? 2 : 23,
                                                    protocols[i % 3][0], protocols[i % 3][1]);
            set_provider(chain, 1011 + i);
            doctor_set_text(&chain->dll, LAYER_DLL);
            doctor_chain(chain, 2, (const uint32_t[]){1010, 1001 + i});
        }
        add_bases(snapshot, bits);
        if (layered) {
            struct wsplsp_entry *layer = doctor_add(snapshot, bits, 1010, "Layer", 2, 0, 0);
            set_provider(layer, 1010);
            layer->info.provider_flags = HIDDEN;
            layer->info.chain_len = 0;
            doctor_set_text(&layer->dll, LAYER_DLL);
        }
        add_name_space(snapshot, bits);
    }
    snapshot->next_catalog_id = (struct wsplsp_counter){true, 1017};
    snapshot->serial = (struct wsplsp_counter){true, 20};
    doctor_set_text(&snapshot->autodial_dll, "C:\\Windows\\System32\\rasadhlp.dll");
    doctor_set_text(&snapshot->name_space_callout, "%SystemRoot%\\System32\\fwpuclnt.dll");
    return snapshot;
}

struct wsplsp_snapshot *doctor_windows(void)
{
    return make(false);
}

struct wsplsp_snapshot *doctor_layered(void)
{
    return make(true);
}

static size_t index_of(const struct wsplsp_catalog *catalog, uint32_t id)
{
    size_t i = 0;
    while (i < catalog->entry_count && catalog->entries[i].info.catalog_id != id)
        i++;
    assert_true(i < catalog->entry_count);
    return i;
}

struct wsplsp_entry *doctor_entry(struct wsplsp_snapshot *snapshot, int bits, uint32_t id)
{
    struct wsplsp_catalog *catalog = doctor_catalog(snapshot, bits);
    return &catalog->entries[index_of(catalog, id)];
}

void doctor_chain(struct wsplsp_entry *entry, size_t length, const uint32_t *members)
{
    assert_true(length <= WSPLSP_MAX_PROTOCOL_CHAIN);
    entry->info.chain_len = (int32_t)length;
    memset(entry->info.chain, 0, sizeof entry->info.chain);
    memcpy(entry->info.chain, members, length * sizeof *members);
}

/* Takes the entry out of its place, and closes up. */
static struct wsplsp_entry cut(struct wsplsp_catalog *catalog, uint32_t id)
{
    size_t i = index_of(catalog, id);
    struct wsplsp_entry entry = catalog->entries[i];
    memmove(&catalog->entries[i], &catalog->entries[i + 1], (catalog->entry_count - i - 1) * sizeof entry);
    return entry;
}

void doctor_remove(struct wsplsp_snapshot *snapshot, int bits, uint32_t id)
{
    struct wsplsp_catalog *catalog = doctor_catalog(snapshot, bits);
    struct wsplsp_entry entry = cut(catalog, id);
    free(entry.name);
    free(entry.name_raw);
    free(entry.dll);
    catalog->entry_count--;
    recount(catalog);
}

void doctor_move_to_end(struct wsplsp_snapshot *snapshot, int bits, uint32_t id)
{
    struct wsplsp_catalog *catalog = doctor_catalog(snapshot, bits);
    catalog->entries[catalog->entry_count - 1] = cut(catalog, id);
    recount(catalog);
}

void doctor_drop_64(struct wsplsp_snapshot *snapshot)
{
    struct wsplsp_catalog *catalog = doctor_catalog(snapshot, 64);
    while (catalog->entry_count > 0)
        doctor_remove(snapshot, 64, catalog->entries[0].info.catalog_id);
    free(catalog->name_spaces[0].name);
    free(catalog->name_spaces[0].name_raw);
    free(catalog->name_spaces[0].dll);
    free(catalog->name_spaces);
    free(catalog->entries);
    *catalog = (struct wsplsp_catalog){.bits = 64, .absent = "there is no 64-bit catalog in the test"};
}

static struct check_report *examine(struct wsplsp_snapshot *snapshot, struct check_files *files)
{
    struct check_report *report = NULL;
    struct wsplsp_error error;
    assert_int_equal(check_snapshot(snapshot, files, "no files in this test", &report, &error), WSPLSP_OK);
    return report;
}

void doctor_expect_files(struct wsplsp_snapshot *snapshot, struct check_files *files, const char *expected)
{
    char found[4096] = "";
    size_t used = 0;
    struct check_report *report = examine(snapshot, files);
    for (size_t i = 0; i < report->finding_count; i++) {
        const struct check_finding *finding = &report->findings[i];
        char id[16] = "-";
        if (finding->has_catalog_id)
            snprintf(id, sizeof id, "%u", (unsigned)finding->catalog_id);
        used += (size_t)snprintf(found + used, sizeof found - used, "%s %s %d %s\n",
                                 check_severity_name(finding->severity), finding->code, finding->bits, id);
        assert_true(used < sizeof found);
        assert_true(strlen(finding->message) > 20 && strlen(finding->advice) > 20);
    }
    assert_string_equal(found, expected);
    check_report_free(report);
    files_close(files);
    wsplsp_snapshot_free(snapshot);
}

void doctor_expect(struct wsplsp_snapshot *snapshot, const char *expected)
{
    doctor_expect_files(snapshot, NULL, expected);
}

void doctor_expect_skip(struct wsplsp_snapshot *snapshot, struct check_files *files, const char *code,
                        const char *reason)
{
    struct check_report *report = examine(snapshot, files);
    size_t count = 0;
    for (size_t i = 0; i < report->skip_count; i++) {
        if (strcmp(report->skips[i].code, code) != 0)
            continue;
        count++;
        if (reason == NULL || strstr(report->skips[i].reason, reason) == NULL)
            fail_msg("%s is skipped because %s", code, report->skips[i].reason);
    }
    assert_int_equal(count, reason == NULL ? 0 : 1);
    check_report_free(report);
    files_close(files);
    wsplsp_snapshot_free(snapshot);
}

void doctor_expect_words(struct wsplsp_snapshot *snapshot, const char *code, const char *words)
{
    struct check_report *report = examine(snapshot, NULL);
    size_t i = 0;
    while (i < report->finding_count && strcmp(report->findings[i].code, code) != 0)
        i++;
    assert_true(i < report->finding_count);
    if (strstr(report->findings[i].message, words) == NULL)
        fail_msg("%s says: %s", code, report->findings[i].message);
    check_report_free(report);
    wsplsp_snapshot_free(snapshot);
}

struct files_facts doctor_good_dll(int bits)
{
    return (struct files_facts){
        .presence = FILES_PRESENT,
        .image = bits == 64 ? FILES_IMAGE_64 : FILES_IMAGE_32,
        .exports_wsp_startup = true,
        .exports_nsp_startup = true,
        .writable = FILES_NO,
        .unloadable = FILES_NO,
        .signature = FILES_SIGNATURE_VALID,
    };
}

struct odd_dll {
    const char *path;
    int bits;
    struct files_facts facts;
};

static char *copy_of(const char *text)
{
    return text == NULL ? NULL : text_duplicate(text);
}

static bool look(void *context, const char *path, int bits, struct files_facts *facts)
{
    const struct odd_dll *odd = context;
    *facts =
        odd->path != NULL && strcmp(odd->path, path) == 0 && odd->bits == bits ? odd->facts : doctor_good_dll(bits);
    facts->writer = copy_of(facts->writer);
    facts->writable_at = copy_of(facts->writable_at);
    facts->signer = copy_of(facts->signer);
    facts->unloadable_by = copy_of(facts->unloadable_by);
    facts->resolved = text_duplicate(facts->resolved != NULL ? facts->resolved : path);
    return facts->resolved != NULL;
}

struct check_files *doctor_files(const char *path, int bits, const struct files_facts *facts)
{
    static const struct files_functions functions = {
        .look = look, .close = free, .tells_writable = true, .tells_signature = true};
    struct odd_dll *odd = calloc(1, sizeof *odd);
    struct check_files *files;
    struct wsplsp_error error;
    assert_non_null(odd);
    odd->path = path;
    odd->bits = bits;
    if (facts != NULL)
        odd->facts = *facts;
    assert_int_equal(files_new(&functions, odd, &files, &error), WSPLSP_OK);
    return files;
}
