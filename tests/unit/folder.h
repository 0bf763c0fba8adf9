/* A folder of its own for each test, gone with all in it afterwards. POSIX. */
#ifndef WSPLSP_TESTS_FOLDER_H
#define WSPLSP_TESTS_FOLDER_H

#include "support.h"

#define FOLDER_PATH 400

/* For cmocka_unit_test_setup_teardown: *state is the folder's path, a char *. */
int folder_setup(void **state);
int folder_teardown(void **state);

/* "FOLDER/name", good until the fourth call from here. */
const char *folder_path(void *const *state, const char *name);

void folder_write(const char *path, const void *bytes, size_t size);
bool folder_has(const char *path);
/* A fixture of tests/fixtures, copied to the path. */
void folder_fixture(const char *path, const char *fixture);

#endif
