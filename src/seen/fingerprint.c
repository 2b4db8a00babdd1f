/* SPDX-License-Identifier: Apache-2.0 */
#include "bsonmend/seen.h"

#include <errno.h>

#include <sodium.h>

#include "base/bytes.h"

_Static_assert(sizeof((struct bm_hash_key *)0)->bytes == crypto_shorthash_siphashx24_KEYBYTES,
               "a hash key is what SipHash takes");

enum bm_status bm_hash_key_random(struct bm_hash_key *out, struct bm_error *err)
{
    if (sodium_init() < 0) {
        return bm_fail(err, BM_ERROR_IO, errno, "the system gives no random bytes");
    }
    randombytes_buf(out->bytes, sizeof out->bytes);
    return BM_OK;
}

struct bm_fingerprint bm_fingerprint_of(const struct bm_hash_key *key, struct bm_view bytes)
{
    static const uint8_t nothing[1] = {0};
    uint8_t hash[crypto_shorthash_siphashx24_BYTES];
    const uint8_t *data = bytes.data != NULL ? bytes.data : nothing;
    (void)crypto_shorthash_siphashx24(hash, data, bytes.len, key->bytes);
    uint64_t high = bm_le64(hash + 8);
    /* A slot whose high half is 0 is free. */
    return (struct bm_fingerprint){.low = bm_le64(hash) & ~(uint64_t)3,
                                   .high = high != 0 ? high : 1};
}
