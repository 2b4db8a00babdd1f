/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "repair/token_key.h"

static void write_file(char *path, size_t size)
{
    int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    for (size_t i = 0; i < size; i++) {
        uint8_t byte = (uint8_t)i;
        cr_assert_eq(write(fd, &byte, 1), 1);
    }
    cr_assert_eq(close(fd), 0);
}

/* BLAKE2b-256 of the bytes 0 … 31, from another implementation. */
static const uint8_t hashed[32] = {0xcb, 0x2f, 0x51, 0x60, 0xfc, 0x1f, 0x7e, 0x05, 0xa5, 0x5e, 0xf4,
                                   0x9d, 0x34, 0x0b, 0x48, 0xda, 0x2e, 0x5a, 0x78, 0x09, 0x9d, 0x53,
                                   0x39, 0x33, 0x51, 0xcd, 0x57, 0x9d, 0xd4, 0x25, 0x03, 0xd6};

Test(token_key, a_file_is_hashed)
{
    char path[] = "/tmp/bsonmend-key-XXXXXX";
    struct bm_error err = BM_ERROR_INIT;
    write_file(path, 32);
    struct bm_token_key *key = bm_token_key_read(path, &err);
    cr_assert_not_null(key, "%s", err.text);
    cr_assert_arr_eq(key->bytes, hashed, 32);
    bm_token_key_free(key);
    (void)unlink(path);
}

static const struct {
    size_t size;
    enum bm_error_code code;
} sizes[] = {{0, BM_ERROR_USAGE},
             {31, BM_ERROR_USAGE},
             {33, BM_ERROR_NONE},
             {4096, BM_ERROR_NONE},
             {10000, BM_ERROR_NONE}};

Test(token_key, sizes)
{
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char path[] = "/tmp/bsonmend-key-XXXXXX";
        struct bm_error err = BM_ERROR_INIT;
        write_file(path, sizes[i].size);
        struct bm_token_key *key = bm_token_key_read(path, &err);
        cr_assert_eq(err.code, sizes[i].code, "%zu bytes", sizes[i].size);
        cr_assert_eq(key != NULL, sizes[i].code == BM_ERROR_NONE);
        if (key == NULL) {
            cr_assert_str_eq(err.file, path);
        }
        bm_token_key_free(key);
        (void)unlink(path);
    }
}

Test(token_key, an_endless_file_is_refused)
{
    struct bm_error err = BM_ERROR_INIT;
    cr_assert_null(bm_token_key_read("/dev/zero", &err));
    cr_assert_eq(err.code, BM_ERROR_USAGE);
}

Test(token_key, a_file_that_is_not_there)
{
    struct bm_error err = BM_ERROR_INIT;
    cr_assert_null(bm_token_key_read("/nowhere/key", &err));
    cr_assert_eq(err.code, BM_ERROR_IO);
    cr_assert_neq(err.sys_errno, 0);
    cr_assert_str_eq(err.file, "/nowhere/key");
}

Test(token_key, random_keys_differ)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_token_key *one = bm_token_key_random(&err);
    struct bm_token_key *other = bm_token_key_random(&err);
    cr_assert_not_null(one);
    cr_assert_not_null(other);
    cr_assert_neq(memcmp(one->bytes, other->bytes, 32), 0);
    bm_token_key_free(one);
    bm_token_key_free(other);
    bm_token_key_free(NULL);
}
