/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <string.h>

#include "key/pattern.h"

static const struct {
    const char *path;
    int valid;
} paths[] = {
    {"a", 1},           {"a.b", 1},     {"a.0", 1},   {"a b", 1},  {"_id", 1}, {"a.$id", 1},
    {"a.$ref", 1},      {"a.$db.x", 1}, {"a.b$c", 1}, {"\xff", 1}, {"", 0},    {".", 0},
    {".a", 0},          {"a.", 0},      {"a..b", 0},  {"$id", 0},  {"$a", 0},  {"a.$", 0},
    {"a.$identity", 0}, {"a.$**", 0},   {"$**", 0},
};

Test(pattern, paths_are_those_the_server_takes)
{
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        const char *problem = bm_pattern_path_problem(bm_view_text(paths[i].path));
        cr_assert_eq(problem == NULL, paths[i].valid, "\"%s\": %s", paths[i].path, problem);
    }
}

Test(pattern, a_path_has_no_zero_byte)
{
    struct bm_view path = {(const uint8_t *)"a\0b", 3};
    cr_assert_not_null(bm_pattern_path_problem(path));
}
