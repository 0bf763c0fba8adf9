/* Entries per second of the .reg reader, of loading a whole catalog, of the doctor and of the codec, at three sizes.
 * The last column is the time for an entry against the smallest size's: about 1 where time grows linearly. */
#include <limits.h>
#include <malloc.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lsp-core/doctor/doctor.h"
#include "lsp-core/catalog/packed.h"
#include "lsp-core/registry/regfile.h"
#include "lsp-core/catalog/source.h"

#define PARAMETERS    "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\WinSock2\\Parameters"
#define LEAST_SECONDS 0.3

static struct wsplsp_error error;

struct input {
    size_t entries;
    uint8_t item[PACKED_SIZE];
    char *text;
    size_t size;
    struct wsplsp_snapshot *snapshot;
};

static void *checked(void *memory)
{
    if (memory == NULL) {
        fputs("out of memory\n", stderr);
        exit(1);
    }
    return memory;
}

static void expect(enum wsplsp_status status)
{
    if (status != WSPLSP_OK) {
        fprintf(stderr, "%s\n", error.message);
        exit(1);
    }
}

static void make_item(uint8_t item[PACKED_SIZE])
{
    static const struct wsplsp_protocol_info info = {
        .catalog_id = 1001, .chain_len = 1, .chain = {1001}, .family = 2, .socket_type = 1, .protocol = 6};
    packed_encode(&info, "%SystemRoot%\\system32\\mswsock.dll", CODE_PAGE_UNKNOWN, item, false);
}

/* Each entry's own catalog id, into the hexadecimal text of an item. */
static void put_id(char *hex, uint32_t id)
{
    size_t at = (PACKED_PATH_SIZE + offsetof(struct wsplsp_protocol_info, catalog_id)) * 3;
    char text[16];
    snprintf(text, sizeof text, "%02x,%02x,%02x,%02x", id & 255, id >> 8 & 255, id >> 16 & 255, id >> 24);
    memcpy(hex + at, text, strlen(text));
}

/* A catalog in UTF-8, with every item on one line, as hive tools write it. */
static void make_text(struct input *input)
{
    const size_t entry_size = sizeof PARAMETERS + 100 + 3 * PACKED_SIZE;
    input->text = checked(malloc((input->entries + 1) * entry_size));
    char line[32 + 3 * PACKED_SIZE];
    const size_t head = (size_t)sprintf(line, "\"PackedCatalogItem\"=hex:");
    size_t length = head;
    for (size_t i = 0; i < PACKED_SIZE; i++)
        length += (size_t)sprintf(line + length, i == 0 ? "%02x" : ",%02x", input->item[i]);
    char *at = input->text;
    at += sprintf(at, "Windows Registry Editor Version 5.00\n\n[" PARAMETERS "\\Protocol_Catalog9]\n");
    for (size_t i = 1; i <= input->entries; i++) {
        put_id(line + head, (uint32_t)(1000 + i));
        at += sprintf(at, "[" PARAMETERS "\\Protocol_Catalog9\\Catalog_Entries64\\%012zu]\n%s\n\n", i, line);
    }
    input->size = (size_t)(at - input->text);
}

static void run_reader(const struct input *input)
{
    struct reg_key *root;
    uint32_t code_page = CODE_PAGE_UNKNOWN;
    expect(regfile_read(input->text, input->size, "bench", &code_page, &root, &error));
    reg_key_free(root);
}

static void run_load(const struct input *input)
{
    struct wsplsp_snapshot *snapshot;
    expect(source_load_bytes(input->text, input->size, "bench", 0, &snapshot, &error));
    if (wsplsp_snapshot_catalog(snapshot, 64)->entry_count != input->entries)
        exit(1);
    wsplsp_snapshot_free(snapshot);
}

static void run_doctor(const struct input *input)
{
    struct check_report *report;
    expect(check_snapshot(input->snapshot, NULL, "not measured", &report, &error));
    check_report_free(report);
}

/* Decodes and encodes. */
static void run_codec(const struct input *input)
{
    uint8_t item[PACKED_SIZE];
    memcpy(item, input->item, sizeof item);
    for (size_t i = 0; i < input->entries; i++) {
        struct wsplsp_protocol_info info;
        char *dll;
        if (packed_decode(item, sizeof item, CODE_PAGE_UNKNOWN, &info, &dll) != NULL)
            exit(1);
        info.catalog_id++;
        if (packed_encode(&info, dll, CODE_PAGE_UNKNOWN, item, true) != CODE_PAGE_DONE)
            exit(1);
        free(dll);
    }
}

/* The processor's time, so that other programs do not count. */
static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* The best of as many runs as fit in LEAST_SECONDS, but of two at least: the first has the kernel find the memory. */
static double measure(void (*run)(const struct input *), const struct input *input)
{
    double best = 1e9;
    double begin = now();
    for (int runs = 0; runs < 2 || now() - begin < LEAST_SECONDS; runs++) {
        double start = now();
        run(input);
        double seconds = now() - start;
        best = seconds < best ? seconds : best;
    }
    return best;
}

int main(void)
{
    static const struct {
        const char *name;
        void (*run)(const struct input *);
    } subjects[] = {
        {".reg reader", run_reader}, {"whole load", run_load}, {"doctor", run_doctor}, {"codec", run_codec}};
    enum { SUBJECTS = sizeof subjects / sizeof subjects[0] };
    static const size_t sizes[] = {500, 5000, 50000};
    double first[SUBJECTS] = {0};
    /* Memory once had stays with the process: the code is to be measured, not the kernel's clearing of pages. */
    mallopt(M_TRIM_THRESHOLD, INT_MAX);
    mallopt(M_MMAP_MAX, 0);
    for (size_t i = 0; i < 3; i++) {
        struct input input = {.entries = sizes[i]};
        make_item(input.item);
        make_text(&input);
        expect(source_load_bytes(input.text, input.size, "bench", 0, &input.snapshot, &error));
        for (size_t j = 0; j < SUBJECTS; j++) {
            double each = measure(subjects[j].run, &input) / (double)sizes[i];
            first[j] = i == 0 ? each : first[j];
            printf("%-12s %6zu entries %10.0f entries/s  x%.2f\n", subjects[j].name, sizes[i], 1 / each,
                   each / first[j]);
            fflush(stdout);
        }
        wsplsp_snapshot_free(input.snapshot);
        free(input.text);
    }
    return 0;
}
