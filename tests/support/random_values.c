/* SPDX-License-Identifier: Apache-2.0 */
#include "support/random_values.h"

#include <stdlib.h>
#include <string.h>

uint64_t random_next(struct random *random)
{
    uint64_t mixed = random->state += 0x9e3779b97f4a7c15u;
    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebu;
    return mixed ^ mixed >> 31;
}

size_t random_below(struct random *random, size_t limit)
{
    return (size_t)(random_next(random) % limit);
}

int random_one_in(struct random *random, size_t chances)
{
    return random_below(random, chances) == 0;
}

void random_put(struct random_case *out, const void *bytes, size_t len)
{
    if (len > sizeof out->bytes - out->len) {
        abort();
    }
    memcpy(out->bytes + out->len, bytes, len);
    out->len += len;
}

static void put_uint32(struct random_case *out, uint32_t value)
{
    uint8_t bytes[4] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
                        (uint8_t)(value >> 24)};
    random_put(out, bytes, sizeof bytes);
}

static void put_uint64(struct random_case *out, uint64_t value)
{
    put_uint32(out, (uint32_t)value);
    put_uint32(out, (uint32_t)(value >> 32));
}

void random_put_element(struct random_case *out, uint8_t type, const char *name)
{
    random_put(out, &type, 1);
    random_put(out, name, strlen(name) + 1);
}

void random_put_int(struct random_case *out, const char *name, int32_t value)
{
    random_put_element(out, BM_TYPE_INT32, name);
    put_uint32(out, (uint32_t)value);
}

void random_put_double(struct random_case *out, const char *name, uint64_t bits)
{
    random_put_element(out, BM_TYPE_DOUBLE, name);
    put_uint64(out, bits);
}

void random_put_bool(struct random_case *out, const char *name, int value)
{
    random_put_element(out, BM_TYPE_BOOL, name);
    random_put(out, value ? "\1" : "\0", 1);
}

void random_put_text(struct random_case *out, uint8_t type, const char *name, struct bm_view text)
{
    random_put_element(out, type, name);
    put_uint32(out, (uint32_t)text.len + 1);
    random_put(out, text.data, text.len);
    random_put(out, "", 1);
}

void random_put_word(struct random_case *out, const char *name, const char *word)
{
    random_put_text(out, BM_TYPE_STRING, name, bm_view_text(word));
}

size_t random_open(struct random_case *out)
{
    size_t begin = out->len;
    put_uint32(out, 0);
    return begin;
}

struct bm_view random_close(struct random_case *out, size_t begin)
{
    random_put(out, "", 1);
    size_t end = out->len;
    out->len = begin;
    put_uint32(out, (uint32_t)(end - begin));
    out->len = end;
    return (struct bm_view){out->bytes + begin, end - begin};
}

/* One way to write a number: a double's or integer's bits, or the halves of a decimal. */
struct spelling {
    uint8_t type;
    uint64_t low, high;
};

#define INT(value)                                                                                 \
    {                                                                                              \
        BM_TYPE_INT32, (uint32_t)(value), 0                                                        \
    }
#define LONG(value)                                                                                \
    {                                                                                              \
        BM_TYPE_INT64, (uint64_t)(value), 0                                                        \
    }
#define DOUBLE(bits)                                                                               \
    {                                                                                              \
        BM_TYPE_DOUBLE, bits, 0                                                                    \
    }
#define DECIMAL(high, low)                                                                         \
    {                                                                                              \
        BM_TYPE_DECIMAL128, low, high                                                              \
    }
#define SPELLINGS 5
#define ROW_NAN 17

/* Rows are equal numbers, but for the near misses, which are rows of their own. */
static const struct spelling numbers[][SPELLINGS] = {
    {INT(0), LONG(0), DOUBLE(0), DOUBLE(0x8000000000000000), DECIMAL(0x3040000000000000, 0)},
    /* -0, 0E+5000, two coefficients that are too large, the form for even larger ones */
    {DECIMAL(0xb040000000000000, 0), DECIMAL(0x5750000000000000, 0),
     DECIMAL(0x3041ed09bead87c0, 0x378d8e6400000000), DECIMAL(0x3041ffffffffffff, 1),
     DECIMAL(0x6c10000000000000, 5)},
    {INT(1), LONG(1), DOUBLE(0x3ff0000000000000), DECIMAL(0x3040000000000000, 1),
     DECIMAL(0x303c000000000000, 100)},
    {INT(-1), LONG(-1), DOUBLE(0xbff0000000000000), DECIMAL(0xb040000000000000, 1),
     DECIMAL(0xb03e000000000000, 10)},
    {INT(42), LONG(42), DOUBLE(0x4045000000000000), DECIMAL(0x3040000000000000, 42),
     DECIMAL(0x303c000000000000, 4200)},
    /* 2^53 - 1, 2^53, 2^53 + 1 */
    {LONG(9007199254740991), DOUBLE(0x433fffffffffffff),
     DECIMAL(0x3040000000000000, 9007199254740991), LONG(9007199254740991),
     DECIMAL(0x303e000000000000, 90071992547409910)},
    {LONG(9007199254740992), DOUBLE(0x4340000000000000),
     DECIMAL(0x3040000000000000, 9007199254740992), LONG(9007199254740992),
     DOUBLE(0x4340000000000000)},
    {LONG(9007199254740993), DECIMAL(0x3040000000000000, 9007199254740993), LONG(9007199254740993),
     DECIMAL(0x303e000000000000, 90071992547409930), LONG(9007199254740993)},
    /* -2^53 - 1 */
    {LONG(-9007199254740993), DECIMAL(0xb040000000000000, 9007199254740993),
     LONG(-9007199254740993), LONG(-9007199254740993), LONG(-9007199254740993)},
    /* the last integer, and the double and the decimal behind it */
    {LONG(INT64_MAX), DECIMAL(0x3040000000000000, INT64_MAX), LONG(INT64_MAX), LONG(INT64_MAX),
     LONG(INT64_MAX)},
    {DOUBLE(0x43e0000000000000), DECIMAL(0x3040000000000000, 0x8000000000000000),
     DOUBLE(0x43e0000000000000), DECIMAL(0x3040000000000000, 0x8000000000000000),
     DOUBLE(0x43e0000000000000)},
    {LONG(INT64_MIN), DOUBLE(0xc3e0000000000000), DECIMAL(0xb040000000000000, 0x8000000000000000),
     LONG(INT64_MIN), LONG(INT64_MIN)},
    /* 0.5, then 0.1 in two types that disagree, then the neighbours of the double */
    {DOUBLE(0x3fe0000000000000), DECIMAL(0x303e000000000000, 5), DECIMAL(0x303c000000000000, 50),
     DOUBLE(0x3fe0000000000000), DECIMAL(0x303a000000000000, 500)},
    {DOUBLE(0x3fb999999999999a), DOUBLE(0x3fb999999999999a), DOUBLE(0x3fb999999999999a),
     DOUBLE(0x3fb999999999999a), DOUBLE(0x3fb999999999999a)},
    /* the first 34 digits of the double 0.1, and their neighbours */
    {DECIMAL(0x2ffc314dc6448d93, 0x3986922312364ce3),
     DECIMAL(0x2ffc314dc6448d93, 0x3986922312364ce4),
     DECIMAL(0x2ffc314dc6448d93, 0x3986922312364ce3),
     DECIMAL(0x2ffc314dc6448d93, 0x3986922312364ce2),
     DECIMAL(0x2ffc314dc6448d93, 0x3986922312364ce3)},
    {DECIMAL(0x303e000000000000, 1), DECIMAL(0x303c000000000000, 10),
     DECIMAL(0x303a000000000000, 100), DECIMAL(0x303e000000000000, 1),
     DECIMAL(0x303e000000000000, 1)},
    {DOUBLE(0x3fb999999999999b), DOUBLE(0x3fb9999999999999), DOUBLE(0x3fb999999999999b),
     DOUBLE(0x3fb999999999999b), DOUBLE(0x3fb9999999999999)},
    /* NaN of all kinds (row ROW_NAN); infinities */
    {DOUBLE(0x7ff8000000000000), DOUBLE(0xfff8000000000001), DOUBLE(0x7ff0000000000001),
     DECIMAL(0x7c00000000000000, 0), DECIMAL(0xfe00000000000000, 7)},
    {DOUBLE(0x7ff0000000000000), DECIMAL(0x7800000000000000, 0), DECIMAL(0x7900000000000000, 9),
     DOUBLE(0x7ff0000000000000), DECIMAL(0x7800000000000000, 0)},
    {DOUBLE(0xfff0000000000000), DECIMAL(0xf800000000000000, 0), DOUBLE(0xfff0000000000000),
     DECIMAL(0xf800000000000000, 0), DOUBLE(0xfff0000000000000)},
    /* the largest and the smallest: double, decimal */
    {DOUBLE(0x7fefffffffffffff), DOUBLE(0x0000000000000001), DOUBLE(0x000fffffffffffff),
     DOUBLE(0x0010000000000000), DOUBLE(0xffefffffffffffff)},
    {DECIMAL(0x5fffed09bead87c0, 0x378d8e63ffffffff), DECIMAL(0x0000000000000000, 1),
     DECIMAL(0x5f20000000000000, 1), DECIMAL(0x5f1e000000000000, 10),
     DECIMAL(0xdfffed09bead87c0, 0x378d8e63ffffffff)},
    /* 10^34 - 1 and - 2; 2^70 in two types; 10^22 */
    {DECIMAL(0x3041ed09bead87c0, 0x378d8e63ffffffff),
     DECIMAL(0x3041ed09bead87c0, 0x378d8e63fffffffe), DECIMAL(0x3040000000000040, 0),
     DOUBLE(0x4450000000000000), DOUBLE(0x4480f0cf064dd592)},
    {DECIMAL(0x306c000000000000, 1), DECIMAL(0x306a000000000000, 10), DOUBLE(0x4480f0cf064dd592),
     DECIMAL(0x306c000000000000, 1), DOUBLE(0x4480f0cf064dd592)},
};

#define TEXT(text)                                                                                 \
    {                                                                                              \
        (const uint8_t *)(text), sizeof(text) - 1                                                  \
    }

static const struct bm_view texts[] = {
    TEXT(""),
    TEXT("a"),
    TEXT("A"),
    TEXT("\xc3\xa1"),
    TEXT("a\xcc\x81"),
    TEXT("\xc3\x81"),
    TEXT("a\0"),
    TEXT("\0"),
    TEXT("\0a"),
    TEXT("a\0b"),
    TEXT("ab"),
    TEXT("a-b"),
    TEXT("a b"),
    TEXT("n012"),
    TEXT("n12"),
    TEXT("n120"),
    TEXT("\xc3\x9f"),
    TEXT("ss"),
    TEXT("SS"),
    TEXT("\xc3\xbc"),
    TEXT("ue"),
    TEXT("u"),
    TEXT("I"),
    TEXT("i"),
    TEXT("\xc4\xb1"),
    TEXT("\xc4\xb0"),
    TEXT("c\xc3\xb4te"),
    TEXT("cot\xc3\xa9"),
    TEXT("cote"),
    TEXT("\xff"),
    TEXT("\xfe"),
    TEXT("\xc3"),
    TEXT("a\xff"),
    TEXT("\xef\xbf\xbd"),
    TEXT("\xf0\x9f\x98"),
    TEXT("\xef\xbf\xbd\xef\xbf\xbd"),
    TEXT("\xed\xa0\x80"),
    TEXT("\xf0\x9f\x98\x80"),
    TEXT("\xc0\x80"),
    TEXT("1"),
    TEXT("null"),
    TEXT("  "),
};

/* Patterns with options: the server takes the options as they stand. */
static const char *const patterns[][2] = {{"a", ""}, {"a", "i"}, {"a", "im"}, {"a", "mi"},
                                          {"", ""},  {"ai", ""}, {"A", "i"},  {"a.*", "s"}};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Leaves are numbered: numbers, strings, and one of each other kind. */
enum kind {
    KIND_SYMBOL,
    KIND_BINARY,
    KIND_OBJECT_ID,
    KIND_BOOL,
    KIND_DATE,
    KIND_TIMESTAMP,
    KIND_NULL,
    KIND_UNDEFINED,
    KIND_REGEX,
    KIND_POINTER,
    KIND_CODE,
    KIND_SCOPE,
    KIND_MIN,
    KIND_MAX,
    KINDS
};
#define LEAVES (COUNT(numbers) + COUNT(texts) + 2 * KINDS)

static void put_number(struct random_maker *maker, const char *name, size_t row)
{
    const struct spelling *spelling = &numbers[row][random_below(&maker->dress, SPELLINGS)];
    random_put_element(maker->out, spelling->type, name);
    if (spelling->type == BM_TYPE_INT32) {
        put_uint32(maker->out, (uint32_t)spelling->low);
        return;
    }
    put_uint64(maker->out, spelling->low);
    if (spelling->type == BM_TYPE_DECIMAL128) {
        put_uint64(maker->out, spelling->high);
    }
}

static void put_string(struct random_maker *maker, const char *name, struct bm_view text)
{
    static const uint8_t filler[] = "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk";
    uint8_t type = random_one_in(&maker->dress, 24) ? BM_TYPE_SYMBOL : BM_TYPE_STRING;
    if (!maker->long_texts || random_one_in(&maker->shape, 2)) {
        random_put_text(maker->out, type, name, text);
        return;
    }
    size_t len = 1001 + random_below(&maker->dress, 14);
    random_put_element(maker->out, type, name);
    put_uint32(maker->out, (uint32_t)len + 1);
    for (size_t done = 0; done < len;) {
        size_t part = len - done < sizeof filler - 1 ? len - done : sizeof filler - 1;
        random_put(maker->out, filler, part);
        done += part;
    }
    random_put(maker->out, "", 1);
}

static void put_binary(struct random_maker *maker, const char *name, size_t choice)
{
    static const uint8_t subtypes[] = {0, 2, 4, 5, 128, 255};
    uint8_t inner[] = {(uint8_t)(choice % 2), 0, 0, 0, (uint8_t)random_below(&maker->shape, 2)};
    size_t len = 4 + choice % 2;
    uint8_t subtype = subtypes[random_below(&maker->shape, COUNT(subtypes))];
    random_put_element(maker->out, BM_TYPE_BINARY, name);
    put_uint32(maker->out, (uint32_t)len);
    random_put(maker->out, &subtype, 1);
    random_put(maker->out, inner, len);
}

static void put_scope(struct random_maker *maker, const char *name, size_t choice)
{
    random_put_element(maker->out, BM_TYPE_CODE_WITH_SCOPE, name);
    size_t begin = random_open(maker->out);
    put_uint32(maker->out, 2);
    random_put(maker->out, choice % 2 ? "a" : "A", 2);
    size_t scope = random_open(maker->out);
    if (!random_one_in(&maker->shape, 3)) {
        random_put_word(maker->out, "a", random_one_in(&maker->dress, 2) ? "a" : "A");
    }
    if (random_one_in(&maker->shape, 4)) {
        put_number(maker, "b", 2);
    }
    random_close(maker->out, scope);
    size_t end = maker->out->len;
    maker->out->len = begin;
    put_uint32(maker->out, (uint32_t)(end - begin));
    maker->out->len = end;
}

static void put_kind(struct random_maker *maker, const char *name, enum kind kind, size_t choice)
{
    static const uint8_t types[] = {BM_TYPE_SYMBOL,     BM_TYPE_BINARY,    BM_TYPE_OBJECT_ID,
                                    BM_TYPE_BOOL,       BM_TYPE_DATE,      BM_TYPE_TIMESTAMP,
                                    BM_TYPE_NULL,       BM_TYPE_UNDEFINED, BM_TYPE_REGEX,
                                    BM_TYPE_DB_POINTER, BM_TYPE_CODE,      0,
                                    BM_TYPE_MIN_KEY,    BM_TYPE_MAX_KEY};
    static const uint8_t id[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    struct random_case *out = maker->out;
    if (kind == KIND_BINARY) {
        put_binary(maker, name, choice);
        return;
    }
    if (kind == KIND_SCOPE) {
        put_scope(maker, name, choice);
        return;
    }
    if (kind == KIND_SYMBOL || kind == KIND_CODE) {
        random_put_text(out, types[kind], name, texts[1 + choice % 2]);
        return;
    }
    random_put_element(out, types[kind], name);
    if (kind == KIND_OBJECT_ID) {
        random_put(out, id, 11);
        random_put(out, choice % 2 ? "\1" : "\2", 1);
    } else if (kind == KIND_BOOL) {
        random_put(out, choice % 2 ? "\1" : "\0", 1);
    } else if (kind == KIND_DATE || kind == KIND_TIMESTAMP) {
        static const uint64_t times[] = {0, 1, 0x100000000u, UINT64_MAX, INT64_MAX};
        put_uint64(out, times[random_below(&maker->shape, COUNT(times))]);
    } else if (kind == KIND_REGEX) {
        const char *const *pattern = patterns[random_below(&maker->shape, COUNT(patterns))];
        random_put(out, pattern[0], strlen(pattern[0]) + 1);
        random_put(out, pattern[1], strlen(pattern[1]) + 1);
    } else if (kind == KIND_POINTER) {
        put_uint32(out, 2);
        random_put(out, choice % 2 ? "a" : "b", 2);
        random_put(out, id, 12);
    }
}

static void put_leaf(struct random_maker *maker, const char *name, size_t leaf)
{
    if (leaf < COUNT(numbers)) {
        put_number(maker, name, leaf);
    } else if (leaf < COUNT(numbers) + COUNT(texts)) {
        put_string(maker, name, texts[leaf - COUNT(numbers)]);
    } else {
        leaf -= COUNT(numbers) + COUNT(texts);
        put_kind(maker, name, (enum kind)(leaf / 2), leaf);
    }
}

void random_palette(struct random_maker *maker, struct random *random)
{
    size_t text = COUNT(numbers) + random_below(random, COUNT(texts));
    size_t kind = random_below(random, 2 * KINDS - 1);
    if (random_one_in(random, 6)) {
        kind = 2 * KIND_NULL + 1; /* and undefined, which filters of old servers take for null */
    } else if (random_one_in(random, 10)) {
        kind = 2 * KIND_SCOPE;
    }
    /* Neighbours in the tables are the ones that are hard to tell apart. */
    maker->palette[0] = random_below(random, COUNT(numbers));
    maker->palette[1] = (maker->palette[0] + 1) % COUNT(numbers);
    maker->palette[2] = text;
    maker->palette[3] = COUNT(numbers) + (text - COUNT(numbers) + 1) % COUNT(texts);
    maker->palette[4] = COUNT(numbers) + COUNT(texts) + kind;
    maker->palette[5] = maker->palette[4] + 1;
}

static void put_container(struct random_maker *maker, uint8_t type, const char *name, int depth)
{
    static const char *const names[] = {"a", "b", "b", "c", "0", "1", "A"};
    static const char *const places[] = {"0", "1", "2", "3"};
    static const char *const odd_places[] = {"1", "1", "00", "", "0", "x"};
    size_t count = random_below(&maker->shape, 4);
    int odd = random_one_in(&maker->dress, 25);
    random_put_element(maker->out, type, name);
    size_t begin = random_open(maker->out);
    for (size_t i = 0; i < count; i++) {
        const char *entry = places[i];
        if (type == BM_TYPE_OBJECT) {
            entry = names[random_below(&maker->shape, COUNT(names))];
        } else if (odd) {
            entry = odd_places[random_below(&maker->dress, COUNT(odd_places))];
        }
        random_value(maker, entry, depth - 1);
    }
    random_close(maker->out, begin);
}

void random_value(struct random_maker *maker, const char *name, int depth)
{
    size_t choice = random_below(&maker->shape, 100);
    size_t leaf = maker->palette[random_below(&maker->shape, RANDOM_PALETTE)];
    if (random_one_in(&maker->dress, 25)) {
        leaf = maker->palette[random_below(&maker->dress, RANDOM_PALETTE)];
    }
    if (depth > 0 && choice < 30) {
        put_container(maker, BM_TYPE_OBJECT, name, depth);
    } else if (depth > 0 && choice < 58) {
        put_container(maker, BM_TYPE_ARRAY, name, depth);
    } else if (choice < 94) {
        put_leaf(maker, name, leaf);
    } else {
        put_leaf(maker, name, random_below(&maker->shape, LEAVES));
    }
}

void random_operand(struct random_maker *maker, const char *name, int depth)
{
    static const size_t special[] = {
        ROW_NAN,
        COUNT(numbers) + COUNT(texts) + 2 * KIND_NULL,
        COUNT(numbers) + COUNT(texts) + 2 * KIND_NULL,
        COUNT(numbers) + COUNT(texts) + 2 * KIND_MIN,
        COUNT(numbers) + COUNT(texts) + 2 * KIND_MAX,
    };
    size_t begin = maker->out->len;
    int careless = random_one_in(&maker->shape, 40);
    if (random_one_in(&maker->shape, 4)) {
        put_leaf(maker, name, special[random_below(&maker->shape, COUNT(special))]);
        return;
    }
    do {
        maker->out->len = begin;
        random_value(maker, name, depth);
    } while (!careless && (maker->out->bytes[begin] == BM_TYPE_UNDEFINED ||
                           maker->out->bytes[begin] == BM_TYPE_REGEX));
}
