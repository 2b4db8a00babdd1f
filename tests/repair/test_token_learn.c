/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/token_learn.h"

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "base/buffer.h"
#include "base/bytes.h"
#include "bsonmend/repair.h"
#include "repair/token.h"
#include "repair/token_key.h"

#define DIGITS "0123456789"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define CROCKFORD DIGITS "ABCDEFGHJKMNPQRSTVWXYZ"
#define ALL_EMPTY (BM_EMPTY_MISSING | BM_EMPTY_NULL | BM_EMPTY_UNDEFINED | BM_EMPTY_BLANK)

/* A number from a seed (splitmix64): values are the same in every run. */
static uint64_t next_number(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static enum bm_status take_text(struct bm_token_learner *learner, const char *text)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer value = BM_BUFFER_INIT(1u << 20);
    uint8_t length[4];
    bm_put_le32(length, (uint32_t)strlen(text) + 1);
    cr_assert_eq(bm_buffer_append(&value, (struct bm_view){length, 4}, &err), BM_OK);
    cr_assert_eq(bm_buffer_append_text(&value, text, &err), BM_OK);
    cr_assert_eq(bm_buffer_append_byte(&value, 0, &err), BM_OK);
    struct bm_element element = {.type = BM_TYPE_STRING, .value = bm_buffer_view(&value)};
    enum bm_status status = bm_token_learner_take(learner, &element, &err);
    bm_buffer_free(&value);
    return status;
}

static enum bm_status take_bytes(struct bm_token_learner *learner, uint8_t type, const void *bytes,
                                 size_t len)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_element element = {.type = type, .value = {bytes, len}};
    return bm_token_learner_take(learner, &element, &err);
}

/*
 * One value of a pattern: in it, each of these stands for a random character of its alphabet:
 * 9 digit, h hex, H upper-case hex, l lower, U upper, z lower or digit, Z upper or digit, b base62,
 * u base64url, B base64, C Crockford; a backslash before what stands for itself.
 */
static void draw(const char *pattern, uint64_t *state, char *out)
{
    static const struct {
        char letter;
        const char *alphabet;
    } alphabets[] = {{'9', DIGITS},
                     {'h', DIGITS "abcdef"},
                     {'H', DIGITS "ABCDEF"},
                     {'l', LOWER},
                     {'U', UPPER},
                     {'z', DIGITS LOWER},
                     {'Z', DIGITS UPPER},
                     {'b', DIGITS UPPER LOWER},
                     {'B', DIGITS UPPER LOWER "+/"},
                     {'u', DIGITS UPPER LOWER "-_"},
                     {'C', CROCKFORD},
                     {'c', DIGITS "abcdefghjkmnpqrstvwxyz"},
                     {'g', "ACGT"}};
    for (; *pattern != '\0'; pattern++) {
        const char *alphabet = NULL;
        for (size_t i = 0; i < sizeof alphabets / sizeof *alphabets; i++) {
            alphabet = alphabets[i].letter == *pattern ? alphabets[i].alphabet : alphabet;
        }
        if (*pattern == '\\') {
            pattern++;
            alphabet = NULL;
        }
        *out++ = alphabet != NULL ? alphabet[next_number(state) % strlen(alphabet)] : *pattern;
    }
    *out = '\0';
}

#define H8 "hhhhhhhh"
#define H32 H8 H8 H8 H8
#define U21 "uuuuuuuuuuuuuuuuuuuuu"
#define B10 "bbbbbbbbbb"
#define UUID(version) H8 "-hhhh-" version "hhh-\\ahhh-" H8 "hhhh"

/* `count` values of a pattern, then `others` of another. */
static const struct {
    const char *pattern;
    size_t count;
    const char *other;
    size_t others;
    enum bm_token_kind kind;
    const char *prefix, *suffix, *alphabet; /* NULL: not looked at */
    uint32_t length;
    const char *said;
} learned[] = {
    /* the kinds */
    {H32, 812, NULL, 0, BM_TOKEN_TEXT, "", "", DIGITS "abcdef", 32,
     "hex:32 from 812 of 812 values"},
    {"HHHHHHHHHHHHHHHH", 50, NULL, 0, BM_TOKEN_TEXT, "", "", DIGITS "ABCDEF", 16,
     "upper-case hex:16 from 50 of 50 values"},
    {B10 B10 "bb", 200, NULL, 0, BM_TOKEN_TEXT, "", "", DIGITS UPPER LOWER, 22,
     "base62:22 from 200 of 200 values"},
    {U21 U21 "u", 200, NULL, 0, BM_TOKEN_TEXT, "", "", UPPER LOWER DIGITS "-_", 43,
     "base64url:43 from 200 of 200 values"},
    {U21, 200, NULL, 0, BM_TOKEN_TEXT, "", "", UPPER LOWER DIGITS "-_", 21,
     "nanoid from 200 of 200 values"},
    {UUID("4"), 100, NULL, 0, BM_TOKEN_UUID4, "", "", "", 0, "uuid4 from 100 of 100 values"},
    {UUID("7"), 100, UUID("1"), 3, BM_TOKEN_UUID4, "", "", "", 0,
     "uuid4 from 103 of 103 values; 103 of them are UUIDs of another version (7), new ones are "
     "version 4"},
    {"HHHHHHHH-HHHH-4HHH-8HHH-HHHHHHHHHHHH", 100, NULL, 0, BM_TOKEN_UUID4_UPPER, "", "", "", 0,
     "upper-case uuid4 from 100 of 100 values"},
    {"01CCCCCCCCCCCCCCCCCCCCCCCC", 100, NULL, 0, BM_TOKEN_TEXT, "0", "", CROCKFORD, 25,
     "ULID-like from 100 of 100 values"},
    {"CCCCCCCCCCCCCCCCCCCCCCCCCC", 100, NULL, 0, BM_TOKEN_TEXT, "", "", CROCKFORD, 26,
     "ULID-like from 100 of 100 values"},
    {"01\\h\\czzcccccccccccccccccccc", 3, NULL, 0, BM_TOKEN_TEXT, NULL, NULL, NULL, 0, NULL},
    {"99999999", 100, NULL, 0, BM_TOKEN_TEXT, "", "", DIGITS, 8, "digits:8 from 100 of 100 values"},
    {"zzzzzzzzzzzzzzzz", 100, NULL, 0, BM_TOKEN_TEXT, "", "", DIGITS LOWER, 16,
     "lower-case letters and digits:16 from 100 of 100 values"},
    {"BBBBBBBBBBBBBBBBBBBBBB==", 100, NULL, 0, BM_TOKEN_TEXT, "", "==", NULL, 22,
     "{base64:22}== from 100 of 100 values"},
    /* fixed text around */
    {"R-" B10, 300, NULL, 0, BM_TOKEN_TEXT, "R-", "", DIGITS UPPER LOWER, 10,
     "R-{base62:10} from 300 of 300 values"},
    {"\\usr_\\6\\5\\ahhhhhhhhhhhhhhhhhhhhh", 100, NULL, 0, BM_TOKEN_TEXT, "usr_", "",
     DIGITS "abcdef", 24, "usr_{hex:24} from 100 of 100 values"},
    {"A\\C" H32, 100, NULL, 0, BM_TOKEN_TEXT, "AC", "", DIGITS "abcdef", 32,
     "AC{hex:32} from 100 of 100 values"},
    {"\\urn:\\u\\uid:" UUID("4"), 100, NULL, 0, BM_TOKEN_UUID4, "urn:uuid:", "", "", 0,
     "urn:uuid:{uuid4} from 100 of 100 values"},
    {H8 H8 ".x", 100, NULL, 0, BM_TOKEN_TEXT, "", ".x", DIGITS "abcdef", 16,
     "{hex:16}.x from 100 of 100 values"},
    {"tok_" U21, 100, NULL, 0, BM_TOKEN_TEXT, "tok_", "", UPPER LOWER DIGITS "-_", 21,
     "tok_{nanoid} from 100 of 100 values"},
    {"+\\4\\9999999999", 100, NULL, 0, BM_TOKEN_TEXT, "+", "", DIGITS, 11,
     "+{digits:11} from 100 of 100 values"},
    {"R-" B10, 90, H32, 10, BM_TOKEN_TEXT, "R-", "", DIGITS UPPER LOWER, 10,
     "R-{base62:10} from 90 of 100 values"},
    {"tok_" H32, 1, NULL, 0, BM_TOKEN_TEXT, "tok_", "", DIGITS "abcdef", 32,
     "tok_{hex:32} from 1 of 1 values; so few would fit wider alphabets as well"},
    /* an alphabet of its own */
    {"gggggggggggggggggggg", 100, NULL, 0, BM_TOKEN_TEXT, "", "", "ACGT", 20,
     "4 characters:20 from 100 of 100 values"},
    /* lengths that differ a little */
    {"999999999", 60, "9999999999", 40, BM_TOKEN_TEXT, "", "", DIGITS, 9,
     "digits:9 from 100 of 100 values; they have 9 to 10 characters"},
    {"999999999", 50, "9999999999", 50, BM_TOKEN_TEXT, "", "", DIGITS, 10,
     "digits:10 from 100 of 100 values; they have 9 to 10 characters"},
    /* what looks like something else */
    {"9999999999999999", 1, NULL, 0, BM_TOKEN_TEXT, "", "", DIGITS, 16,
     "digits:16 from 1 of 1 values; so few would fit wider alphabets as well"},
    {"\\6\\5\\0\\0\\0\\0\\0\\0hhhhhhhhhhhhhhhh", 100, NULL, 0, BM_TOKEN_TEXT, "", "",
     DIGITS "abcdef", 24, "hex:24 from 100 of 100 values"},
    {"\\b\\a\\9\\f\\3\\c\\7\\0\\d\\e", 1, NULL, 0, BM_TOKEN_TEXT, "", "", DIGITS "abcdef", 10,
     "hex:10 from 1 of 1 values; so few would fit wider alphabets as well"},
    {H32, 500, "HHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHH", 500, BM_TOKEN_TEXT, "", "",
     DIGITS "ABCDEFabcdef", 32, "hex of either case:32 from 1000 of 1000 values"},
    {H32, 890, "b" H8 H8 H8 "hhhhhhg", 110, BM_TOKEN_TEXT, "", "", NULL, 32, NULL},
    /* 90 % is enough */
    {H32, 90, "\\x", 10, BM_TOKEN_TEXT, "", "", DIGITS "abcdef", 32,
     "hex:32 from 90 of 100 values"},
    {H32, 9, "-", 1, BM_TOKEN_TEXT, "", "", DIGITS "abcdef", 32, "hex:32 from 9 of 10 values"},
};

static struct bm_token_learner *learner_of(const char *pattern, size_t count, const char *other,
                                           size_t others, uint64_t seed)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_token_learner *learner = bm_token_learner_new(ALL_EMPTY, &err);
    char text[256];
    cr_assert_not_null(learner);
    for (size_t i = 0; i < count + others; i++) {
        draw(i < count ? pattern : other, &seed, text);
        cr_assert_eq(take_text(learner, text), BM_OK);
    }
    return learner;
}

/* New tokens are learned again as what they were drawn from: they are of the shape themselves. */
static void expect_own_tokens(const struct bm_token_shape *shape, const char *said)
{
    struct bm_error err = BM_ERROR_INIT;
    static const struct bm_token_key key = {{1, 2, 3}};
    struct bm_token_learner *learner = bm_token_learner_new(ALL_EMPTY, &err);
    struct bm_buffer value = BM_BUFFER_INIT(1u << 20);
    struct bm_token_shape again;
    char said_again[BM_TOKEN_SAID_BYTES];
    for (uint64_t i = 0; i < 300; i++) {
        struct bm_token_place place = {.ns = "a.b", .field = "t", .ordinal = i};
        uint8_t type;
        bm_buffer_clear(&value);
        cr_assert_eq(bm_token_make(&key, shape, &place, 1, &type, &value, &err), BM_OK);
        cr_assert_eq(take_bytes(learner, type, value.data, value.len), BM_OK);
    }
    cr_assert_eq(bm_token_learner_finish(learner, "t", &again, said_again, &err), BM_OK, "%s: %s",
                 said, err.text);
    cr_expect_eq(again.kind, shape->kind, "%s, again %s", said, said_again);
    cr_expect_str_eq(again.prefix, shape->prefix, "%s, again %s", said, said_again);
    cr_expect_str_eq(again.suffix, shape->suffix, "%s, again %s", said, said_again);
    cr_expect_str_eq(again.alphabet, shape->alphabet, "%s, again %s", said, said_again);
    cr_expect_eq(again.length, shape->length, "%s, again %s", said, said_again);
    bm_buffer_free(&value);
    bm_token_learner_free(learner);
}

Test(token_learn, shapes)
{
    for (size_t i = 0; i < sizeof learned / sizeof *learned; i++) {
        struct bm_error err = BM_ERROR_INIT;
        struct bm_token_shape shape;
        char said[BM_TOKEN_SAID_BYTES];
        struct bm_token_learner *learner = learner_of(learned[i].pattern, learned[i].count,
                                                      learned[i].other, learned[i].others, i);
        cr_assert_eq(bm_token_learner_finish(learner, "t", &shape, said, &err), BM_OK, "%s: %s",
                     learned[i].pattern, err.text);
        cr_expect_eq(shape.kind, learned[i].kind, "%s: %s", learned[i].pattern, said);
        if (learned[i].prefix != NULL) {
            cr_expect_str_eq(shape.prefix, learned[i].prefix, "%s: %s", learned[i].pattern, said);
        }
        if (learned[i].suffix != NULL) {
            cr_expect_str_eq(shape.suffix, learned[i].suffix, "%s: %s", learned[i].pattern, said);
        }
        if (learned[i].alphabet != NULL) {
            cr_expect_str_eq(shape.alphabet, learned[i].alphabet, "%s: %s", learned[i].pattern,
                             said);
            cr_expect_eq(shape.length, learned[i].length, "%s: %s", learned[i].pattern, said);
        }
        if (learned[i].said != NULL) {
            cr_expect_str_eq(said, learned[i].said, "%s: %s", learned[i].pattern, said);
        }
        expect_own_tokens(&shape, said);
        bm_token_learner_free(learner);
    }
}

static const struct {
    const char *pattern;
    size_t count;
    const char *other;
    size_t others;
    const char *error;
} refused[] = {
    {H32, 89, "x", 11,
     "t: fewer than 90 % of the first 100 values have one shape (hex:32, lower-case letters:1): "
     "say what a token is, as in t=hex:32"},
    {H32, 8, "-", 1,
     "t: fewer than 90 % of the first 9 values have one shape (hex:32, base64url:1): say what a "
     "token is, as in t=hex:32"},
    {H32, 60, "9lUbbbbbbbbbbbbbbbbbbb", 40,
     "t: fewer than 90 % of the first 100 values have one shape (hex:32, base62:22): say what a "
     "token is, as in t=hex:32"},
    {"R-" B10, 89, "tok_bbbbbbbbbb", 11,
     "t: fewer than 90 % of the first 100 values have one shape (base64url:12, base64url:14): say "
     "what a token is, as in t=hex:32"},
    {"pe\\nd\\i\\n\\g", 20, NULL, 0,
     "t: no kind of token can be learned from the first 20 values (lower-case letters:7): "
     "say what a token is, as in t=hex:32"},
    {"\xc3\xa9", 20, NULL, 0,
     "t: no kind of token can be learned from the first 20 values (a text of 2 bytes): "
     "say what a token is, as in t=hex:32"},
    {"R-" B10, 50, "tok_bbbbbbbbbb", 50,
     "t: fewer than 90 % of the first 100 values have one shape (base64url:12, base64url:14): say "
     "what a token is, as in t=hex:32"},
    {"ZZZZ-ZZZZ-ZZZZ", 50, NULL, 0,
     "t: no kind of token can be learned from the first 50 values (base64url:14): "
     "say what a token is, as in t=hex:32"},
    {"9999-99-99", 4, NULL, 0,
     "t: no kind of token can be learned from the first 4 values (base64url:10): "
     "say what a token is, as in t=hex:32"},
    {"999", 50, "99999999", 50,
     "t: fewer than 90 % of the first 100 values have one shape (digits:3, digits:8): say what a "
     "token is, as in t=hex:32"},
};

Test(token_learn, what_has_no_shape_asks_for_a_kind)
{
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct bm_error err = BM_ERROR_INIT;
        struct bm_token_shape shape;
        char said[BM_TOKEN_SAID_BYTES];
        struct bm_token_learner *learner = learner_of(refused[i].pattern, refused[i].count,
                                                      refused[i].other, refused[i].others, i);
        cr_expect_eq(bm_token_learner_finish(learner, "t", &shape, said, &err), BM_FAIL, "%s",
                     refused[i].pattern);
        cr_expect_eq(err.code, BM_ERROR_USAGE);
        cr_expect_str_eq(err.text, refused[i].error);
        bm_token_learner_free(learner);
    }
}

/* Values that are no texts, a letter each: o ObjectId, u and v UUIDs of versions 4 and 1, t hex
 * text, n number, 0 null, e the empty string. */
static enum bm_status take_letter(struct bm_token_learner *learner, char letter)
{
    static const uint8_t object_id[12] = {1};
    static const uint8_t uuid4[21] = {16, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0x4f, 0, 0x80};
    static const uint8_t uuid1[21] = {16, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0x1f, 0, 0x80};
    static const uint8_t old_uuid[21] = {16, 0, 0, 0, 3};
    switch (letter) {
    case 'o':
        return take_bytes(learner, BM_TYPE_OBJECT_ID, object_id, sizeof object_id);
    case 'u':
        return take_bytes(learner, BM_TYPE_BINARY, uuid4, sizeof uuid4);
    case 'v':
        return take_bytes(learner, BM_TYPE_BINARY, uuid1, sizeof uuid1);
    case 'w':
        return take_bytes(learner, BM_TYPE_BINARY, old_uuid, sizeof old_uuid);
    case 't':
        return take_text(learner, "00112233445566778899aabbccddeeff");
    case 'n':
        return take_bytes(learner, BM_TYPE_INT32, object_id, 4);
    case '0':
        return take_bytes(learner, BM_TYPE_NULL, NULL, 0);
    default:
        return take_text(learner, letter == 'e' ? "" : " \t");
    }
}

static const struct {
    const char *values;
    unsigned empty;
    enum bm_token_kind kind; /* BM_TOKEN_UNSAID: refused */
    const char *said;        /* or the error */
} kinds[] = {
    {"", ALL_EMPTY, BM_TOKEN_TEXT, "hex:32, as there is no value to learn from"},
    {"00eeb", ALL_EMPTY, BM_TOKEN_TEXT, "hex:32, as there is no value to learn from"},
    {"oooo0", ALL_EMPTY, BM_TOKEN_OBJECT_ID, "objectid from 4 of 4 values"},
    {"ooooooooon", ALL_EMPTY, BM_TOKEN_OBJECT_ID, "objectid from 9 of 10 values"},
    {"uu0u", ALL_EMPTY, BM_TOKEN_UUID4_BINARY, "uuid4-binary from 3 of 3 values"},
    {"uvvu", ALL_EMPTY, BM_TOKEN_UUID4_BINARY,
     "uuid4-binary from 4 of 4 values; 2 of them are UUIDs of another version (1), new ones are "
     "version 4"},
    {"ooooooonon", ALL_EMPTY, BM_TOKEN_UNSAID,
     "t: fewer than 90 % of the first 10 values have one shape (an ObjectId, a number): say what a "
     "token is, as in t=hex:32"},
    {"ounwt", ALL_EMPTY, BM_TOKEN_UNSAID,
     "t: fewer than 90 % of the first 5 values have one shape (an ObjectId, a binary UUID, a "
     "number): say what a token is, as in t=hex:32"},
    {"w", ALL_EMPTY, BM_TOKEN_UNSAID,
     "t: no kind of token can be learned from the first 1 values (binary data): "
     "say what a token is, as in t=hex:32"},
    {"t00", ALL_EMPTY, BM_TOKEN_TEXT,
     "hex:32 from 1 of 1 values; so few would fit wider alphabets as well"},
    {"t00", BM_EMPTY_MISSING, BM_TOKEN_UNSAID,
     "t: fewer than 90 % of the first 3 values have one shape (hex:32, null): say what a token is, "
     "as in t=hex:32"},
    {"te", BM_EMPTY_MISSING | BM_EMPTY_NULL, BM_TOKEN_UNSAID,
     "t: fewer than 90 % of the first 2 values have one shape (hex:32, a text of 0 bytes): say "
     "what a token is, as in t=hex:32"},
};

Test(token_learn, kinds_and_emptiness)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct bm_error err = BM_ERROR_INIT;
        struct bm_token_shape shape;
        char said[BM_TOKEN_SAID_BYTES];
        struct bm_token_learner *learner = bm_token_learner_new(kinds[i].empty, &err);
        for (const char *letter = kinds[i].values; *letter != '\0'; letter++) {
            cr_assert_eq(take_letter(learner, *letter), BM_OK);
        }
        enum bm_status expected = kinds[i].kind == BM_TOKEN_UNSAID ? BM_FAIL : BM_OK;
        cr_expect_eq(bm_token_learner_finish(learner, "t", &shape, said, &err), expected, "%s",
                     kinds[i].values);
        cr_expect_str_eq(expected == BM_OK ? said : err.text, kinds[i].said);
        if (expected == BM_OK) {
            cr_expect_eq(shape.kind, kinds[i].kind, "%s", kinds[i].values);
        }
        bm_token_learner_free(learner);
    }
}

Test(token_learn, a_thousand_are_enough)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_token_shape shape;
    char said[BM_TOKEN_SAID_BYTES];
    struct bm_token_learner *learner = learner_of(H8, BM_TOKEN_LEARN_VALUES - 1, NULL, 0, 7);
    cr_expect_eq(take_letter(learner, '0'), BM_OK);
    cr_expect_eq(take_text(learner, "0a1b2c3d"), BM_OK);
    cr_expect_eq(take_letter(learner, 'n'), BM_END);
    cr_expect_eq(bm_token_learner_finish(learner, "t", &shape, said, &err), BM_OK);
    cr_expect_str_eq(said, "hex:8 from 1000 of 1000 values");
    bm_token_learner_free(learner);
}

/* What would be of no use as a token is not kept, and counts against the shape. */
Test(token_learn, a_text_that_is_too_long_has_no_shape)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_token_shape shape;
    char said[BM_TOKEN_SAID_BYTES];
    char text[4098];
    struct bm_token_learner *learner = bm_token_learner_new(ALL_EMPTY, &err);
    memset(text, 'a', sizeof text);
    text[4097] = '\0';
    cr_assert_eq(take_text(learner, text), BM_OK);
    cr_expect_eq(bm_token_learner_finish(learner, "t", &shape, said, &err), BM_FAIL);
    cr_expect_str_eq(
        err.text,
        "t: no kind of token can be learned from the first 1 values (a text of 4097 bytes): "
        "say what a token is, as in t=hex:32");
    bm_token_learner_free(learner);
}
