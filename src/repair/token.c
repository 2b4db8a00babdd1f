/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/token.h"

#include <string.h>

#include <sodium.h>

#include "base/bytes.h"
#include "repair/token_key.h"

#define SEED_BYTES randombytes_SEEDBYTES
#define DRAW_BLOCK 512u
#define UUID_BYTES 16u
#define UUID_TEXT 36u
#define OBJECT_ID_BYTES 12u
#define OBJECT_ID_DRAWN 8u

static const char domain[] = "bsonmend token 1";

/* Which of ordinal and _id stand in the hash: told apart so that one can never pass for another. */
enum identity { IDENTITY_ID = 1, IDENTITY_ORDINAL = 2, IDENTITY_BOTH = 3 };

/*
 * An endless stream of bytes from a seed: block n is libsodium's deterministic generator run on
 * BLAKE2b(seed, n), since that generator by itself cannot be asked for more later.
 */
struct draw {
    uint8_t seed[SEED_BYTES];
    uint8_t block[DRAW_BLOCK];
    uint64_t next_block;
    size_t used;
};

static void hash_number(crypto_generichash_state *state, uint64_t number)
{
    uint8_t bytes[8];
    bm_put_le64(bytes, number);
    (void)crypto_generichash_update(state, bytes, sizeof bytes);
}

static void hash_view(crypto_generichash_state *state, struct bm_view view)
{
    hash_number(state, view.len);
    if (view.len > 0) {
        (void)crypto_generichash_update(state, view.data, view.len);
    }
}

static void start_draw(struct draw *draw, const struct bm_token_key *key,
                       const struct bm_token_place *place, uint32_t attempt)
{
    crypto_generichash_state state;
    enum identity identity = place->id.len == 0      ? IDENTITY_ORDINAL
                             : place->id_came_before ? IDENTITY_BOTH
                                                     : IDENTITY_ID;
    (void)crypto_generichash_init(&state, key->bytes, sizeof key->bytes, SEED_BYTES);
    hash_view(&state, bm_view_text(domain));
    hash_view(&state, bm_view_text(place->ns));
    hash_view(&state, bm_view_text(place->field));
    hash_number(&state, (uint64_t)identity);
    hash_view(&state, place->id);
    hash_number(&state, identity == IDENTITY_ID ? 0 : place->ordinal);
    hash_number(&state, place->position_count);
    for (size_t i = 0; i < place->position_count; i++) {
        hash_number(&state, place->positions[i]);
    }
    hash_number(&state, attempt);
    (void)crypto_generichash_final(&state, draw->seed, sizeof draw->seed);
    sodium_memzero(&state, sizeof state);
    draw->next_block = 0;
    draw->used = DRAW_BLOCK;
}

static uint8_t draw_byte(struct draw *draw)
{
    if (draw->used == DRAW_BLOCK) {
        uint8_t message[SEED_BYTES + 8];
        uint8_t seed[SEED_BYTES];
        memcpy(message, draw->seed, SEED_BYTES);
        bm_put_le64(message + SEED_BYTES, draw->next_block++);
        (void)crypto_generichash(seed, sizeof seed, message, sizeof message, NULL, 0);
        randombytes_buf_deterministic(draw->block, DRAW_BLOCK, seed);
        draw->used = 0;
        sodium_memzero(message, sizeof message);
        sodium_memzero(seed, sizeof seed);
    }
    return draw->block[draw->used++];
}

/* Rejection, not remainder: every character is equally likely. */
static char draw_character(struct draw *draw, const char *alphabet, size_t size)
{
    size_t mask = 1;
    while (mask < size) {
        mask *= 2;
    }
    mask--;
    for (;;) {
        size_t number = draw_byte(draw) & mask;
        if (number < size) {
            return alphabet[number];
        }
    }
}

static void draw_uuid(struct draw *draw, uint8_t *out)
{
    for (size_t i = 0; i < UUID_BYTES; i++) {
        out[i] = draw_byte(draw);
    }
    out[6] = (uint8_t)((out[6] & 0x0f) | 0x40);
    out[8] = (uint8_t)((out[8] & 0x3f) | 0x80);
}

static void uuid_text(const uint8_t *uuid, const char hex[16], char *out)
{
    size_t at = 0;
    for (size_t i = 0; i < UUID_BYTES; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            out[at++] = '-';
        }
        out[at++] = hex[uuid[i] >> 4];
        out[at++] = hex[uuid[i] & 0x0f];
    }
}

/* Room for the string value is made at once; the characters are written in place. */
static enum bm_status append_text(struct draw *draw, const struct bm_token_shape *shape,
                                  struct bm_buffer *out, struct bm_error *err)
{
    size_t prefix = strlen(shape->prefix);
    size_t suffix = strlen(shape->suffix);
    int is_uuid = shape->kind != BM_TOKEN_TEXT;
    size_t middle = is_uuid ? UUID_TEXT : shape->length;
    size_t len = prefix + middle + suffix;
    if (bm_buffer_reserve(out, 4 + len + 1, err) != BM_OK) {
        return BM_FAIL;
    }
    uint8_t *at = out->data + out->len;
    bm_put_le32(at, (uint32_t)(len + 1));
    memcpy(at + 4, shape->prefix, prefix);
    char *drawn = (char *)at + 4 + prefix;
    if (is_uuid) {
        uint8_t uuid[UUID_BYTES];
        draw_uuid(draw, uuid);
        uuid_text(uuid,
                  shape->kind == BM_TOKEN_UUID4_UPPER ? "0123456789ABCDEF" : "0123456789abcdef",
                  drawn);
    } else {
        size_t size = strlen(shape->alphabet);
        for (size_t i = 0; i < middle; i++) {
            drawn[i] = draw_character(draw, shape->alphabet, size);
        }
    }
    memcpy(drawn + middle, shape->suffix, suffix);
    drawn[middle + suffix] = '\0';
    out->len += 4 + len + 1;
    return BM_OK;
}

static enum bm_status append_uuid_binary(struct draw *draw, struct bm_buffer *out,
                                         struct bm_error *err)
{
    uint8_t value[4 + 1 + UUID_BYTES];
    bm_put_le32(value, UUID_BYTES);
    value[4] = 4; /* subtype: UUID */
    draw_uuid(draw, value + 5);
    return bm_buffer_append(out, (struct bm_view){value, sizeof value}, err);
}

/* No clock: the time is that of the document's own ObjectId, so that the same dump gives the same.
 */
static enum bm_status append_object_id(struct draw *draw, struct bm_view id, struct bm_buffer *out,
                                       struct bm_error *err)
{
    uint8_t value[OBJECT_ID_BYTES] = {0};
    if (id.len > OBJECT_ID_BYTES && id.data[0] == BM_TYPE_OBJECT_ID) {
        memcpy(value, id.data + id.len - OBJECT_ID_BYTES, OBJECT_ID_BYTES - OBJECT_ID_DRAWN);
    }
    for (size_t i = OBJECT_ID_BYTES - OBJECT_ID_DRAWN; i < OBJECT_ID_BYTES; i++) {
        value[i] = draw_byte(draw);
    }
    return bm_buffer_append(out, (struct bm_view){value, sizeof value}, err);
}

enum bm_status bm_token_make(const struct bm_token_key *key, const struct bm_token_shape *shape,
                             const struct bm_token_place *place, uint32_t attempt, uint8_t *type,
                             struct bm_buffer *out, struct bm_error *err)
{
    struct draw draw;
    enum bm_status status = BM_FAIL;
    start_draw(&draw, key, place, attempt);
    switch (shape->kind) {
    case BM_TOKEN_TEXT:
    case BM_TOKEN_UUID4:
    case BM_TOKEN_UUID4_UPPER:
        *type = BM_TYPE_STRING;
        status = append_text(&draw, shape, out, err);
        break;
    case BM_TOKEN_UUID4_BINARY:
        *type = BM_TYPE_BINARY;
        status = append_uuid_binary(&draw, out, err);
        break;
    case BM_TOKEN_OBJECT_ID:
        *type = BM_TYPE_OBJECT_ID;
        status = append_object_id(&draw, place->id, out, err);
        break;
    case BM_TOKEN_UNSAID:
        status = bm_fail(err, BM_ERROR_USAGE, 0, "no token was said for %s", place->field);
        break;
    }
    sodium_memzero(&draw, sizeof draw);
    return status;
}

size_t bm_token_bytes(const struct bm_token_shape *shape)
{
    enum { STRING_FRAME = 5, BINARY_FRAME = 5 }; /* length and NUL; length and subtype */
    size_t around = strlen(shape->prefix) + strlen(shape->suffix);
    switch (shape->kind) {
    case BM_TOKEN_TEXT:
        return STRING_FRAME + around + shape->length;
    case BM_TOKEN_UUID4:
    case BM_TOKEN_UUID4_UPPER:
        return STRING_FRAME + around + UUID_TEXT;
    case BM_TOKEN_UUID4_BINARY:
        return BINARY_FRAME + UUID_BYTES;
    case BM_TOKEN_OBJECT_ID:
        return OBJECT_ID_BYTES;
    case BM_TOKEN_UNSAID:
        break;
    }
    return 0;
}
