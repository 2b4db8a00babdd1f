/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bsonmend/key.h"
#include "support/bson_text.h"
#include "support/spec_of.h"

static const struct {
    const char *entry, *server, *document;
    const char *words; /* NULL: the index is built; else how they start */
} hazards[] = {
    {"{'key': {'a': 1, 'b': 1}}", "", "{'a': [1], 'b': [2]}",
     "cannot index parallel arrays [b] [a]"},
    {"{'key': {'a': 1, 'b': 1}}", "", "{'a': [1], 'b': 2}", NULL},
    {"{'key': {'a': 1, 'b': 1}}", "", "{'a': [], 'b': []}", "cannot index parallel arrays"},
    {"{'key': {'a.x': 1, 'a.y': 1}}", "", "{'a': [{'x': 1, 'y': 2}]}", NULL},
    {"{'key': {'a.x': 1, 'a.y': 1}}", "", "{'a': {'x': [1], 'y': [2]}}",
     "cannot index parallel arrays"},
    {"{'key': {'a.x': 1, 'b': 1}, 'partialFilterExpression': {'c': 1}}", "",
     "{'a': {'x': [1]}, 'b': [2]}", NULL},
    {"{'key': {'a.x': 1, 'b': 1}, 'partialFilterExpression': {'c': 1}}", "",
     "{'a': {'x': [1]}, 'b': [2], 'c': 1}", "cannot index parallel arrays"},
    {"{'key': {'a.0': 1}}", "", "{'a': [{'0': 1}]}", "Ambiguous field name found in array"},
    {"{'key': {'a.0': 1}}", "", "{'a': [1]}", NULL},
    {"{'key': {'a': 1}, 'collation': {'locale': 'en'}}", "", "{'a': {'$symbol': 'x'}}",
     "Cannot index type Symbol with a collation"},
    {"{'key': {'a': 1}, 'collation': {'locale': 'en'}}", "", "{'a': {'b': {'$symbol': 'x'}}}",
     "Cannot index type Symbol with a collation"},
    {"{'key': {'a': 1}, 'collation': {'locale': 'en'}}", "", "{'b': {'$symbol': 'x'}}", NULL},
    {"{'key': {'a': 'hashed'}}", "", "{'a': [1]}", "hashed indexes do not currently support array"},
    {"{'key': {'a.b': 'hashed'}}", "", "{'a': [{'b': 1}]}", "hashed indexes do not currently"},
    {"{'key': {'a.b': 'hashed'}}", "", "{'a': {'b': []}}", "hashed indexes do not currently"},
    {"{'key': {'a.b': 'hashed'}}", "", "{'a': {'b': {'c': []}}, 'b': []}", NULL},
    {"{'key': {'a': 'hashed', 'b': 1}}", "", "{'a': 1, 'b': [1]}", "hashed indexes do not"},
};

static const char *look(const struct test_spec *spec, struct bm_hazards **out, const char *document)
{
    struct bm_error err = BM_ERROR_INIT;
    const struct bm_index *list[] = {spec->index};
    struct bm_buffer bytes = test_bson(document);
    cr_assert_eq(bm_index_can_fail(spec->index), 1);
    *out = bm_hazards_new(list, 1, &err);
    cr_assert_not_null(*out);
    enum bm_status status = bm_hazards_look(*out, bm_buffer_view(&bytes), &err);
    cr_assert_neq(status, BM_FAIL, "%s", err.text);
    bm_buffer_free(&bytes);
    return status == BM_END ? bm_hazards_words(*out, 0) : NULL;
}

Test(hazard, is_what_fails_a_build)
{
    for (size_t i = 0; i < sizeof hazards / sizeof *hazards; i++) {
        struct bm_hazards *made;
        struct test_spec spec = test_plain_spec_of(hazards[i].entry, hazards[i].server);
        const char *words = look(&spec, &made, hazards[i].document);
        cr_assert_eq(words != NULL, hazards[i].words != NULL, "%s over %s: %s", hazards[i].entry,
                     hazards[i].document, words ? words : "built");
        cr_assert(words == NULL || strncmp(words, hazards[i].words, strlen(hazards[i].words)) == 0,
                  "%s", words);
        bm_hazards_free(made);
        test_spec_free(&spec);
    }
}

Test(hazard, a_key_of_1024_bytes_is_one_before_4_2)
{
    char json[1100];
    for (size_t bytes = 1011; bytes <= 1012; bytes++) {
        struct bm_hazards *made;
        struct test_spec spec = test_plain_spec_of("{'key': {'a': 1}}", "4.0");
        (void)snprintf(json, sizeof json, "{'a': '%0*d'}", (int)bytes, 0);
        const char *words = look(&spec, &made, json);
        cr_assert_eq(words != NULL, bytes == 1012);
        bm_hazards_free(made);
        test_spec_free(&spec);
    }
}

Test(hazard, most_indexes_are_none)
{
    static const struct {
        const char *entry, *server;
        int can_fail;
    } entries[] = {
        {"{'key': {'a': 1}}", "4.2", 0},
        {"{'key': {'a.b': -1}}", "", 0},
        {"{'key': {'a': 1}}", "4.0", 1},
        {"{'key': {'a': 'text'}}", "", 0},
        {"{'key': {'$**': 1}}", "", 0},
        {"{'key': {'a': 'hashed'}, 'partialFilterExpression': {'b': 1}}", "", 0},
        {"{'key': {'a': 1, 'b': 'foo'}}", "", 0},
        {"{'key': {'a': 1, 'b': 1}, 'partialFilterExpression': {'b': {'$all': [1]}}}", "", 0},
    };
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
        struct test_spec spec = test_plain_spec_of(entries[i].entry, entries[i].server);
        cr_assert_eq(bm_index_can_fail(spec.index), entries[i].can_fail, "%s", entries[i].entry);
        test_spec_free(&spec);
    }
}
