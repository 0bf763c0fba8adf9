/* A folder for each test; see folder.h. */
#define _XOPEN_SOURCE 700 /* nftw */
#include "folder.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int folder_setup(void **state)
{
    /* In memory where there is such a place: what is tested flushes its files thousands of times. */
    const char *parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    char *path = malloc(FOLDER_PATH);
    snprintf(path, FOLDER_PATH, "%s/wsplsp-test-XXXXXX", parent);
    *state = path;
    return mkdtemp(path) == NULL;
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *at)
{
    (void)info;
    (void)type;
    (void)at;
    return remove(path);
}

int folder_teardown(void **state)
{
    int failed = nftw(*state, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    free(*state);
    return failed;
}

const char *folder_path(void *const *state, const char *name)
{
    static char paths[4][2 * FOLDER_PATH];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", (const char *)*state, name);
    return path;
}

void folder_write(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

bool folder_has(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0;
}

void folder_fixture(const char *path, const char *fixture)
{
    char from[FOLDER_PATH];
    size_t size;
    snprintf(from, sizeof from, "tests/fixtures/%s", fixture);
    uint8_t *bytes = support_read_file(from, &size);
    folder_write(path, bytes, size);
    free(bytes);
}
