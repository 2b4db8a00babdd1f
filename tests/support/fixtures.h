/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_TESTS_FIXTURES_H
#define BM_TESTS_FIXTURES_H

#include <stddef.h>

#include "support/scratch.h"

/* The dumps of fixtures/, found by looking. Every function fails the test when it cannot. */

enum { TEST_FIXTURE_NAMES = 256, TEST_FIXTURE_NAME = 512 };

/* Names below a folder, sorted; none starts with a dot. */
struct test_fixture_list {
    char names[TEST_FIXTURE_NAMES][TEST_FIXTURE_NAME];
    size_t count;
};

void test_folder_names(const char *path, struct test_fixture_list *out);
/* The fixtures of a group such as "good": files and directories. */
void test_fixtures_of(const char *group, struct test_fixture_list *out);
/* Every regular file of a tree (not what links lead to), below its root; the one name "" where the
 * path is a file itself. */
void test_fixture_files(const char *path, struct test_fixture_list *out);
/* Copies GROUP/NAME to a new name in the scratch folder: bytes and links; all may be changed. */
void test_fixture_copy(const char *group, const char *name, const struct test_scratch *scratch,
                       const char *to);

#endif
