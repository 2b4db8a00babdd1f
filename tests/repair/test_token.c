/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "base/bytes.h"
#include "repair/token.h"
#include "repair/token_key.h"

static struct bm_token_key key;
static struct bm_buffer out;
static struct bm_error err;

static const uint8_t oid_id[] = {0x07, '_', 'i', 'd', 0, 0x65, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xaa};
static const uint8_t int_id[] = {0x10, '_', 'i', 'd', 0, 7, 0, 0, 0};
static const uint64_t positions[] = {2, 0};

static void start(void)
{
    cr_assert_geq(sodium_init(), 0);
    for (size_t i = 0; i < sizeof key.bytes; i++) {
        key.bytes[i] = (uint8_t)i;
    }
    out = BM_BUFFER_INIT((size_t)4 << 20);
    err = BM_ERROR_INIT;
}

static void stop(void)
{
    bm_buffer_free(&out);
}

TestSuite(token, .init = start, .fini = stop);

static uint8_t make(const char *shape_text, const struct bm_token_place *place, uint32_t attempt)
{
    struct bm_token_shape shape;
    uint8_t type = 0;
    bm_buffer_clear(&out);
    cr_assert_eq(bm_token_shape_parse(shape_text, &shape, &err), BM_OK);
    cr_assert_eq(bm_token_make(&key, &shape, place, attempt, &type, &out, &err), BM_OK);
    return type;
}

static const struct bm_view oid = {oid_id, sizeof oid_id};
static const struct bm_view seven = {int_id, sizeof int_id};

/* Expected values come from another implementation of BLAKE2b, ChaCha20 and the mapping. */
static const struct {
    const char *shape, *ns, *field;
    char id; /* 'o' an ObjectId, 'i' an int32, '-' none */
    int before;
    size_t positions;
    uint32_t attempt;
    const char *expected;
} texts[] = {
    {"hex:32", "db.c", "token", 'o', 0, 0, 1, "3c9409a5dd06cfadf861135f614aa37b"},
    {"hex:32", "db.c", "token", 'o', 0, 0, 2, "6c55f918b078a834091235809321f793"},
    {"hex:32", "db.c", "token", '-', 0, 0, 1, "4985d23ce7b83bbda8c6493e68d7abd8"},
    {"hex:32", "db.c", "token", 'o', 1, 0, 1, "6ac5620d04ec394ad9658495d02c3c81"},
    {"hex:32", "db.c", "items.token", 'o', 0, 2, 1, "0d5c0660b364c44b12c79b3f37a5676c"},
    {"hex:32", "db.d", "token", 'o', 0, 0, 1, "7239ab806574efa84670562a170a6496"},
    {"base62:22", "db.c", "token", 'i', 0, 0, 1, "j9VYW08n0p7z5SANmpvu8L"},
    {"base64url:43", "db.c", "token", 'i', 0, 0, 1, "tJfigAIxAzH_9-FcKXwz54IVu-9U7Ye3195MpPEmZ8o"},
    {"nanoid", "db.c", "token", 'i', 0, 0, 1, "tJfigAIxAzH-9_FcKXwz5"},
    {"uuid4", "db.c", "token", 'i', 0, 0, 1, "ed099f62-e000-48f1-80f3-c77fbdfe051c"},
    {"R-{hex:8}-Z", "db.c", "token", 'o', 0, 0, 1, "R-3c9409a5-Z"},
    {"<{uuid4}>", "db.c", "token", 'i', 0, 0, 1, "<ed099f62-e000-48f1-80f3-c77fbdfe051c>"},
};

Test(token, known_texts)
{
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct bm_token_place place = {
            .ns = texts[i].ns,
            .field = texts[i].field,
            .id_came_before = texts[i].before,
            .ordinal = 5,
            .positions = positions,
            .position_count = texts[i].positions,
        };
        if (texts[i].id != '-') {
            place.id = texts[i].id == 'o' ? oid : seven;
        }
        cr_assert_eq(make(texts[i].shape, &place, texts[i].attempt), BM_TYPE_STRING);
        size_t len = strlen(texts[i].expected);
        cr_assert_eq(out.len, 4 + len + 1);
        cr_assert_eq(bm_le32(out.data), len + 1);
        cr_assert_str_eq((const char *)out.data + 4, texts[i].expected);
    }
}

Test(token, known_binary_uuid)
{
    static const uint8_t expected[] = {16,   0,    0,    0,    4,    0xed, 0x09,
                                       0x9f, 0x62, 0xe0, 0,    0x48, 0xf1, 0x80,
                                       0xf3, 0xc7, 0x7f, 0xbd, 0xfe, 0x05, 0x1c};
    struct bm_token_place place = {.ns = "db.c", .field = "token", .id = seven};
    cr_assert_eq(make("uuid4-binary", &place, 1), BM_TYPE_BINARY);
    cr_assert_eq(out.len, sizeof expected);
    cr_assert_arr_eq(out.data, expected, sizeof expected);
}

Test(token, object_ids_take_the_time_of_an_object_id_only)
{
    static const uint8_t from_oid[] = {0x65, 0,    0,    0,    0x23, 0x1c,
                                       0x79, 0x94, 0x70, 0x79, 0xaa, 0x75};
    static const uint8_t from_int[] = {0, 0, 0, 0, 0xed, 0x09, 0x9f, 0x62, 0xe0, 0, 0x88, 0xf1};
    static const uint8_t no_time[4] = {0};
    struct bm_token_place place = {.ns = "db.c", .field = "token", .id = oid};
    cr_assert_eq(make("objectid", &place, 1), BM_TYPE_OBJECT_ID);
    cr_assert_eq(out.len, 12);
    cr_assert_arr_eq(out.data, from_oid, 12);
    place.id = seven;
    (void)make("objectid", &place, 1);
    cr_assert_arr_eq(out.data, from_int, 4);
    place.id.len = 0;
    (void)make("objectid", &place, 1);
    cr_assert_eq(out.len, 12);
    cr_assert_arr_eq(out.data, no_time, 4);
}

Test(token, long_texts_go_on_past_the_first_block)
{
    struct bm_token_place place = {.ns = "db.c", .field = "token", .id = seven};
    static const uint8_t expected[32] = {0x54, 0xc4, 0xd5, 0x86, 0x0e, 0xbe, 0x91, 0x0a,
                                         0xfc, 0x5b, 0x5f, 0xd2, 0x4b, 0x8c, 0x90, 0x61,
                                         0xbd, 0xb9, 0x29, 0xc7, 0x95, 0x23, 0xce, 0xa9,
                                         0x55, 0x9b, 0xbf, 0x44, 0x7c, 0x70, 0x84, 0x5d};
    uint8_t hash[32];
    (void)make("base62:3000", &place, 1);
    cr_assert_eq(out.len, 3005);
    (void)crypto_generichash(hash, sizeof hash, out.data + 4, 3000, NULL, 0);
    cr_assert_arr_eq(hash, expected, sizeof hash);
}

Test(token, the_longest_token)
{
    struct bm_token_place place = {.ns = "db.c", .field = "token", .id = oid};
    (void)make("hex:1048576", &place, 1);
    cr_assert_eq(out.len, 1048576 + 5);
    cr_assert_eq(out.data[out.len - 1], 0);
    cr_assert_eq(strlen((const char *)out.data + 4), 1048576);
}

/* The ordinal counts only where there is no _id of the document's own. */
Test(token, the_ordinal_counts_where_the_id_does_not_suffice)
{
    static const struct {
        int has_id, before, counts;
    } cases[] = {{1, 0, 0}, {1, 1, 1}, {0, 0, 1}};
    for (size_t i = 0; i < 3; i++) {
        struct bm_token_place place = {.ns = "a.b", .field = "f", .ordinal = 1};
        place.id_came_before = cases[i].before;
        if (cases[i].has_id) {
            place.id = oid;
        }
        char first[33];
        (void)make("hex:32", &place, 1);
        memcpy(first, out.data + 4, sizeof first);
        place.ordinal = 2;
        (void)make("hex:32", &place, 1);
        cr_assert_eq(strcmp(first, (const char *)out.data + 4) != 0, cases[i].counts, "%zu", i);
    }
}

static const struct {
    const char *shape, *alphabet;
    double bound; /* chi square at p = 1e-6 for one degree less than there are characters */
} alphabets[] = {
    {"hex:100000", "0123456789abcdef", 54.0},
    {"base62:100000", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", 127.0},
    {"base64url:100000", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", 130.0},
};

Test(token, characters_are_equally_likely)
{
    for (size_t i = 0; i < sizeof alphabets / sizeof *alphabets; i++) {
        struct bm_token_place place = {.ns = "db.c", .field = "chi", .id = seven};
        size_t counts[256] = {0};
        (void)make(alphabets[i].shape, &place, 1);
        for (size_t c = 0; c < 100000; c++) {
            counts[out.data[4 + c]]++;
        }
        size_t size = strlen(alphabets[i].alphabet);
        double expected = 100000.0 / (double)size;
        double square = 0.0;
        size_t sum = 0;
        for (size_t c = 0; c < size; c++) {
            size_t count = counts[(uint8_t)alphabets[i].alphabet[c]];
            double difference = (double)count - expected;
            square += difference * difference / expected;
            sum += count;
        }
        cr_assert_eq(sum, 100000, "characters outside the alphabet");
        cr_assert_lt(square, alphabets[i].bound, "%s: %f", alphabets[i].shape, square);
    }
}

Test(token, no_shape_is_a_usage_error)
{
    struct bm_token_shape shape = {.kind = BM_TOKEN_UNSAID};
    struct bm_token_place place = {.ns = "db.c", .field = "token", .id = oid};
    uint8_t type;
    cr_assert_eq(bm_token_make(&key, &shape, &place, 1, &type, &out, &err), BM_FAIL);
    cr_assert_eq(err.code, BM_ERROR_USAGE);
}

Test(token, a_full_buffer_fails)
{
    struct bm_token_shape shape;
    struct bm_token_place place = {.ns = "db.c", .field = "token", .id = oid};
    uint8_t type;
    struct bm_buffer small = BM_BUFFER_INIT(36);
    cr_assert_eq(bm_token_shape_parse("hex:32", &shape, &err), BM_OK);
    cr_assert_eq(bm_token_make(&key, &shape, &place, 1, &type, &small, &err), BM_FAIL);
    cr_assert_eq(err.code, BM_ERROR_MEMORY);
    cr_assert_eq(small.len, 0);
    bm_buffer_free(&small);
}
