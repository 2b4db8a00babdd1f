/* SPDX-License-Identifier: Apache-2.0 */
#include "support/random_case.h"

#include <string.h>

#include "support/random_values.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const char *const places[] = {"0", "1", "2", "3"};

static const char *pick(struct random *random, const char *const *list, size_t count)
{
    return list[random_below(random, count)];
}

/* Fields that are no plain path with a direction, most of which no server takes. */
static void put_odd_field(struct random_case *out, struct random *random)
{
    static const char *const paths[] = {"a..b", ".a", "a.", "$a", "a.$x", "$**", "a.$**"};
    static const char *const good_paths[] = {"a.$id", "a.$ref", "b.$db.c", "a.00", "a.-1"};
    static const char *const kinds[] = {"hashed", "text",        "2dsphere", "2d",
                                        "",       "geoHaystack", "whatever"};
    static const uint64_t directions[] = {0, 0x7ff8000000000000, 0x8000000000000000,
                                          0x3fe0000000000000, 0xfff0000000000000};
    size_t choice = random_below(random, 6);
    if (choice == 0) {
        random_put_int(out, pick(random, paths, COUNT(paths)), 1);
    } else if (choice <= 2) {
        random_put_int(out, pick(random, good_paths, COUNT(good_paths)), 1);
    } else if (choice == 3) {
        random_put_word(out, "b", pick(random, kinds, COUNT(kinds)));
    } else if (choice == 4) {
        random_put_double(out, "b", directions[random_below(random, COUNT(directions))]);
    } else {
        random_put_bool(out, "b", 1);
    }
}

enum key { KEY_ANY, KEY_SIMPLE, KEY_ID };

static void put_key(struct random_case *out, struct random *random, enum key key)
{
    static const char *const paths[] = {"a",     "b",   "a.b", "a.b.c", "a.c",  "a.0",
                                        "a.0.b", "a.1", "b.c", "a.0.0", "a.b.0"};
    static const int32_t directions[] = {1, -1, 1, 7};
    size_t count = key == KEY_ANY ? 1 + random_below(random, 3) : 0;
    size_t at = random_below(random, COUNT(paths)), step = 1 + random_below(random, 3);
    random_put_element(out, BM_TYPE_OBJECT, "key");
    size_t begin = random_open(out);
    if (key != KEY_ANY) {
        random_put_int(out, key == KEY_ID ? "_id" : "a", 1);
    }
    for (size_t i = 0; i < count; i++) {
        random_put_int(out, paths[at], directions[random_below(random, COUNT(directions))]);
        at = (at + step) % COUNT(paths);
    }
    if (count > 0 && random_one_in(random, 30)) {
        random_put_int(out, "_id", -1);
    }
    if (key != KEY_ID && random_one_in(random, 25)) {
        put_odd_field(out, random);
    }
    random_close(out, begin);
}

/* Options that change what is equal. */
static void put_collation(struct random_case *out, struct random *random)
{
    static const char *const locales[] = {"en",    "en", "en", "en", "en_US",
                                          "fr_CA", "de", "tr", "sv", "de@collation=phonebook",
                                          "simple"};
    const char *locale = random_one_in(random, 60) ? "xx" : pick(random, locales, COUNT(locales));
    random_put_element(out, BM_TYPE_OBJECT, "collation");
    size_t begin = random_open(out);
    random_put_word(out, "locale", locale);
    if (strcmp(locale, "simple") != 0) {
        if (!random_one_in(random, 4)) {
            random_put_int(out, "strength", 1 + (int32_t)random_below(random, 5));
        }
        if (random_one_in(random, 3)) {
            random_put_bool(out, "caseLevel", random_one_in(random, 2));
        }
        if (random_one_in(random, 3)) {
            random_put_bool(out, "numericOrdering", 1);
        }
        if (random_one_in(random, 3)) {
            random_put_word(out, "alternate",
                            random_one_in(random, 4) ? "non-ignorable" : "shifted");
        }
        if (random_one_in(random, 6)) {
            random_put_word(out, "maxVariable", random_one_in(random, 2) ? "space" : "punct");
        }
        if (random_one_in(random, 8)) {
            random_put_bool(out, "normalization", 1);
        }
        if (random_one_in(random, 8)) {
            random_put_bool(out, "backwards", random_one_in(random, 2));
        }
        if (random_one_in(random, 10)) {
            random_put_word(out, "caseFirst", random_one_in(random, 2) ? "upper" : "off");
        }
        if (random_one_in(random, 3)) {
            random_put_word(out, "version", "57.1");
        }
    }
    random_close(out, begin);
}

static void put_type(struct random_maker *maker, struct random *random, const char *name)
{
    static const char *const types[] = {"string", "number", "int",  "double",    "object",
                                        "array",  "null",   "bool", "undefined", "symbol",
                                        "minKey", "long",   "date", "decimal",   "binData"};
    static const int32_t codes[] = {1, 2, 3, 4, 10, 16, 18, -1, 127, 6};
    if (random_one_in(random, 3)) {
        random_put_int(maker->out, name, codes[random_below(random, COUNT(codes))]);
    } else {
        random_put_word(maker->out, name, pick(random, types, COUNT(types)));
    }
}

static void put_operator(struct random_maker *maker, struct random *random)
{
    static const char *const comparisons[] = {"$eq", "$gt", "$gte", "$lt", "$lte"};
    size_t choice = random_below(random, 20), begin, count = random_below(random, 4);
    if (choice < 11) {
        random_operand(maker, pick(random, comparisons, COUNT(comparisons)), 1);
    } else if (choice < 14) {
        random_put_bool(maker->out, "$exists", !random_one_in(random, 20));
    } else if (choice < 16) {
        put_type(maker, random, "$type");
    } else if (choice < 17) {
        random_put_element(maker->out, BM_TYPE_ARRAY, "$type");
        begin = random_open(maker->out);
        put_type(maker, random, "0");
        put_type(maker, random, "1");
        random_close(maker->out, begin);
    } else if (maker->out->major >= 6 || random_one_in(random, 10)) {
        random_put_element(maker->out, BM_TYPE_ARRAY, "$in");
        begin = random_open(maker->out);
        for (size_t i = 0; i < count; i++) {
            random_operand(maker, places[i], 1);
        }
        random_close(maker->out, begin);
    } else if (random_one_in(random, 10)) {
        random_operand(maker, "$ne", 0);
    } else {
        random_operand(maker, "$gt", 0);
    }
}

static void put_condition(struct random_maker *maker, struct random *random)
{
    static const char *const paths[] = {"a",     "b",     "a",   "c",     "a.b",  "a.0",
                                        "a.b.c", "a.0.b", "b.c", "a.0.0", "a.1.b"};
    const char *path = pick(random, paths, COUNT(paths));
    if (random_one_in(random, 4)) {
        random_operand(maker, path, 1);
        return;
    }
    random_put_element(maker->out, BM_TYPE_OBJECT, path);
    size_t begin = random_open(maker->out);
    put_operator(maker, random);
    if (random_one_in(random, 5)) {
        put_operator(maker, random);
    }
    random_close(maker->out, begin);
}

static void put_conditions(struct random_maker *maker, struct random *random, int depth)
{
    int plain = maker->out->major < 6 && !random_one_in(random, 12);
    size_t count = random_one_in(random, 3) ? 2 : 1;
    for (size_t i = 0; i < count; i++) {
        if (depth == 0 || !random_one_in(random, 4)) {
            put_condition(maker, random);
            continue;
        }
        random_put_element(maker->out, BM_TYPE_ARRAY,
                           plain || random_one_in(random, 2) ? "$and" : "$or");
        size_t list = random_open(maker->out), parts = 1 + random_below(random, 3);
        for (size_t part = 0; part < parts; part++) {
            random_put_element(maker->out, BM_TYPE_OBJECT, places[part]);
            size_t begin = random_open(maker->out);
            put_conditions(maker, random, depth - 1);
            random_close(maker->out, begin);
        }
        random_close(maker->out, list);
    }
}

static void put_filter(struct random_maker *maker, struct random *random)
{
    random_put_element(maker->out, BM_TYPE_OBJECT, "partialFilterExpression");
    size_t begin = random_open(maker->out);
    if (!random_one_in(random, 40)) {
        put_conditions(maker, random, random_one_in(random, 2) ? 2 : 0);
    }
    random_close(maker->out, begin);
}

static void put_truth(struct random_case *out, struct random *random, const char *name)
{
    size_t choice = random_below(random, 12);
    if (choice == 0) {
        random_put_double(out, name, 0x3fe0000000000000); /* 0.5 */
    } else if (choice <= 2) {
        random_put_int(out, name, random_one_in(random, 6) ? 0 : 1);
    } else {
        random_put_bool(out, name, !random_one_in(random, 40));
    }
}

/* Options that change nothing about what is equal. */
static void put_decoration(struct random_case *out, struct random *random)
{
    static const char *const names[] = {"hidden", "background", "dropDups", "whatever"};
    random_put_bool(out, pick(random, names, COUNT(names)), 1);
    random_put_int(out, random_one_in(random, 2) ? "v" : "expireAfterSeconds", 1);
}

/* The index array, which holds the one entry, and the options beside it. */
static enum key put_index(struct random_maker *maker, struct random *random, enum key key)
{
    struct random_case *out = maker->out;
    int is_id = random_one_in(random, 14), filtered = !is_id && random_one_in(random, 3);
    int collated = random_one_in(random, 4);
    size_t array = random_open(out);
    random_put_element(out, BM_TYPE_OBJECT, "0");
    size_t begin = random_open(out);
    key = is_id ? KEY_ID : key;
    put_key(out, random, key);
    random_put_word(out, "name", "index");
    if (!is_id) {
        put_truth(out, random, "unique");
        if (random_one_in(random, filtered ? 60 : 4)) {
            put_truth(out, random, "sparse");
        }
        if (collated) {
            put_collation(out, random);
        }
    }
    if (filtered) {
        put_filter(maker, random);
    }
    if (random_one_in(random, 8)) {
        put_decoration(out, random);
    }
    out->spec = random_close(out, begin);
    out->indexes = random_close(out, array);
    begin = random_open(out);
    if (random_one_in(random, is_id ? 2 : 8)) {
        put_collation(out, random);
        collated = 1;
    }
    out->options = random_close(out, begin);
    maker->long_texts = !collated && random_one_in(random, out->major < 5 ? 8 : 40);
    return key;
}

/* Few fields of simple values meet more often than many of all kinds. */
static void put_simple_document(struct random_maker *maker, int32_t number)
{
    size_t begin = random_open(maker->out);
    random_put_int(maker->out, "_id", number);
    if (!random_one_in(&maker->shape, 10)) {
        random_value(maker, "a", random_one_in(&maker->shape, 3));
    }
    maker->out->documents[maker->out->count++] = random_close(maker->out, begin);
}

static void put_document(struct random_maker *maker, int32_t number, int is_id)
{
    size_t begin = random_open(maker->out);
    if (!is_id) {
        random_put_int(maker->out, "_id", number);
    } else if (!random_one_in(&maker->shape, 8)) {
        random_value(maker, "_id", 1);
    }
    if (!random_one_in(&maker->shape, 8)) {
        random_value(maker, "a", 3);
    }
    if (random_one_in(&maker->shape, 2)) {
        random_value(maker, "b", 2);
    }
    if (random_one_in(&maker->shape, 3)) {
        random_value(maker, "c", 1);
    }
    if (random_one_in(&maker->shape, 40)) {
        random_value(maker, random_one_in(&maker->shape, 2) ? "a" : "a.b", 1);
    }
    if (is_id && random_one_in(&maker->shape, 12)) {
        random_value(maker, "_id", 1);
    }
    maker->out->documents[maker->out->count++] = random_close(maker->out, begin);
}

void random_case_make(uint64_t seed, struct random_case *out)
{
    static const int versions[][2] = {{3, 6}, {4, 0}, {4, 2}, {5, 0},
                                      {6, 0}, {7, 0}, {8, 0}, {8, 0}};
    struct random random = {seed};
    struct random_maker maker = {.out = out};
    uint64_t shapes[RANDOM_CASE_DOCUMENTS];
    size_t version = random_below(&random, COUNT(versions));
    out->major = versions[version][0];
    out->minor = versions[version][1];
    out->len = out->count = 0;
    random_palette(&maker, &random);
    maker.shape.state = random_next(&random);
    maker.dress.state = random_next(&random);
    int simple = random_one_in(&random, 3);
    int is_id = put_index(&maker, &random, simple ? KEY_SIMPLE : KEY_ANY) == KEY_ID;
    size_t count = 1 + random_below(&random, RANDOM_CASE_DOCUMENTS);
    for (size_t i = 0; i < count; i++) {
        int repeated = i > 0 && random_one_in(&random, 3);
        shapes[i] = repeated ? shapes[random_below(&random, i)] : random_next(&random);
        maker.shape.state = shapes[i];
        if (simple && !is_id) {
            put_simple_document(&maker, (int32_t)i);
        } else {
            put_document(&maker, (int32_t)i, is_id);
        }
    }
}
