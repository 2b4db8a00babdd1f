/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/token_key.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <sodium.h>

#define FILE_MIN 32u
#define FILE_MAX 1048576u

static struct bm_token_key *new_key(struct bm_error *err)
{
    if (sodium_init() < 0) {
        (void)bm_fail(err, BM_ERROR_IO, 0, "no source of random bytes");
        return NULL;
    }
    struct bm_token_key *key = sodium_malloc(sizeof *key);
    if (key == NULL) {
        (void)bm_fail(err, BM_ERROR_MEMORY, errno, "no locked memory for the token key");
    }
    return key;
}

struct bm_token_key *bm_token_key_random(struct bm_error *err)
{
    struct bm_token_key *key = new_key(err);
    if (key != NULL) {
        randombytes_buf(key->bytes, sizeof key->bytes);
    }
    return key;
}

/* The secret never lies in a stdio buffer; what held it is wiped before returning. */
static enum bm_status hash_file(int fd, uint8_t *out, struct bm_error *err)
{
    uint8_t chunk[4096];
    crypto_generichash_state state;
    size_t total = 0;
    enum bm_status status = BM_OK;
    (void)crypto_generichash_init(&state, NULL, 0, BM_TOKEN_KEY_BYTES);
    while (status == BM_OK) {
        ssize_t got = read(fd, chunk, sizeof chunk);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            status = bm_fail(err, BM_ERROR_IO, errno, "cannot read the token key");
            break;
        }
        if (got == 0) {
            break;
        }
        total += (size_t)got;
        (void)crypto_generichash_update(&state, chunk, (size_t)got);
        if (total > FILE_MAX) {
            status = bm_fail(err, BM_ERROR_USAGE, 0, "a token key has at most %u bytes", FILE_MAX);
        }
    }
    if (status == BM_OK && total < FILE_MIN) {
        status = bm_fail(err, BM_ERROR_USAGE, 0,
                         "a token key needs at least %u secret bytes, this file has %zu", FILE_MIN,
                         total);
    }
    (void)crypto_generichash_final(&state, out, BM_TOKEN_KEY_BYTES);
    sodium_memzero(&state, sizeof state);
    sodium_memzero(chunk, sizeof chunk);
    return status;
}

struct bm_token_key *bm_token_key_read(const char *path, struct bm_error *err)
{
    struct bm_token_key *key = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        (void)bm_fail(err, BM_ERROR_IO, errno, "cannot open the token key");
        goto out;
    }
    key = new_key(err);
    if (key != NULL && hash_file(fd, key->bytes, err) != BM_OK) {
        bm_token_key_free(key);
        key = NULL;
    }
out:
    if (fd >= 0) {
        (void)close(fd);
    }
    if (key == NULL) {
        (void)bm_error_file(err, path);
    }
    return key;
}

void bm_token_key_free(struct bm_token_key *key)
{
    int saved = errno;
    sodium_free(key); /* wipes, and takes NULL */
    errno = saved;
}
