/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <limits.h>

#include "bsonmend/key.h"

static const struct {
    const char *text;
    int major;
    int minor;
} versions[] = {
    {"7.0.16", 7, 0},
    {"4.4", 4, 4},
    {"3.6.0-rc1", 3, 6},
    {"8.0.0-12-gabc", 8, 0},
    {"10.2.1", 10, 2},
    {"0.9.5", 0, 9},
    {NULL, INT_MAX, 0},
    {"", INT_MAX, 0},
    {"0.0.0", INT_MAX, 0},
    {"0.0", INT_MAX, 0},
    {"unknown", INT_MAX, 0},
    {"7", INT_MAX, 0},
    {"7.", INT_MAX, 0},
    {".7", INT_MAX, 0},
    {"-7.0", INT_MAX, 0},
    {" 7.0", INT_MAX, 0},
    {"99999999999999999999.0", INT_MAX, 0},
    {"7.99999999999999999999", INT_MAX, 0},
};

Test(server, a_version_is_read_or_is_the_newest)
{
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        struct bm_server server = bm_server_parse(versions[i].text);
        cr_assert_eq(server.major, versions[i].major, "%s", versions[i].text);
        cr_assert_eq(server.minor, versions[i].minor, "%s", versions[i].text);
    }
}

Test(server, versions_are_in_order)
{
    const struct bm_server six = {6, 0};
    const struct bm_server newest = bm_server_parse("");
    cr_assert(bm_server_before(six, 6, 1));
    cr_assert(bm_server_before(six, 7, 0));
    cr_assert_not(bm_server_before(six, 6, 0));
    cr_assert_not(bm_server_before(six, 5, 9));
    cr_assert_not(bm_server_before(newest, 9999, 9));
}
