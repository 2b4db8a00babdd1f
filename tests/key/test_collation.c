/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "key/collation.h"
#include "support/bson_text.h"
#include "support/spec_of.h"

static struct test_spec collated(const char *collation)
{
    char entry[1000];
    (void)snprintf(entry, sizeof entry, "{'key': {'x': 1}, 'collation': %s}", collation);
    return test_spec_of(entry, "");
}

/* ---- the document ---- */

static const struct {
    const char *collation;
    const char *problem; /* NULL: fine */
} documents[] = {
    {"{'locale': 'en'}", NULL},
    {"{'locale': 'en_US', 'strength': 5, 'version': '57.1'}", NULL},
    {"{'locale': 'en', 'strength': 2.0, 'caseLevel': 1}", NULL},
    {"{'locale': 'en', 'caseLevel': false, 'caseFirst': 'off', 'strength': 3, "
     "'numericOrdering': false, 'alternate': 'non-ignorable', 'maxVariable': 'punct', "
     "'normalization': false, 'backwards': false, 'version': '57.1'}",
     NULL},
    {"{'locale': 'de@collation=phonebook'}", NULL},
    {"{'locale': 'fr_CA'}", NULL},
    {"{'locale': 'en', 'caseFirst': 'upper'}", NULL},
    {"{'locale': 'en', 'caseFirst': 'upper', 'strength': 1, 'caseLevel': true}", NULL},
    {"{'locale': 'en', 'caseFirst': 'lower', 'strength': 2}",
     "its collation: 'caseFirst' is invalid unless 'caseLevel' is on or 'strength' is greater "
     "than 2"},
    {"{'locale': 'en', 'backwards': true, 'strength': 1}",
     "its collation: 'backwards' is invalid with 'strength' of 1"},
    {"{'locale': 'fr_CA', 'strength': 1}",
     "its collation: 'backwards' is invalid with 'strength' of 1"},
    {"{'locale': 'xx'}", "its collation: unknown locale xx"},
    {"{'locale': 'en_us'}", "its collation: unknown locale en_us"},
    {"{'locale': 'en-US'}", "its collation: unknown locale en-US"},
    {"{'locale': 'en_XX'}", "its collation: unknown locale en_XX"},
    {"{'locale': ''}", "its collation: its locale is no name of a locale"},
    {"{'locale': 'e\\u0000n'}", "its collation: its locale is no name of a locale"},
    {"{'locale': 7}", "its collation: it has no locale"},
    {"{'strength': 1}", "its collation: it has no locale"},
    {"{'locale': 'en', 'strength': 0}", "its collation: strength has a value that it cannot have"},
    {"{'locale': 'en', 'strength': 2.5}",
     "its collation: strength has a value that it cannot have"},
    {"{'locale': 'en', 'caseLevel': 'yes'}",
     "its collation: caseLevel has a value that it cannot have"},
    {"{'locale': 'en', 'alternate': 'Shifted'}",
     "its collation: alternate has a value that it cannot have"},
    {"{'locale': 'en', 'version': 57}", "its collation: version has a value that it cannot have"},
    {"{'locale': 'en', 'colour': 'red'}", "its collation: an unknown option colour"},
};

Test(collation, a_document_is_read_or_refused)
{
    for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
        struct test_spec spec = collated(documents[i].collation);
        const char *reason = bm_index_reason(spec.index);
        if (documents[i].problem == NULL) {
            cr_assert_null(reason, "%s: %s", documents[i].collation, reason);
            cr_assert_eq(bm_index_has_collation(spec.index), 1);
        } else {
            char expected[300];
            (void)snprintf(expected, sizeof expected, "the server refuses it: %s",
                           documents[i].problem);
            cr_assert_not_null(reason, "%s", documents[i].collation);
            cr_assert_str_eq(reason, expected);
            cr_assert_eq(bm_index_is_refused(spec.index), 1);
        }
        test_spec_free(&spec);
    }
}

/* The server's ICU may know a variant that another does not. */
Test(collation, a_variant_may_be_known_elsewhere)
{
    struct test_spec spec = collated("{'locale': 'de@collation=nonsense'}");
    cr_assert_str_eq(bm_index_reason(spec.index),
                     "the server may refuse it: its collation: unknown locale "
                     "de@collation=nonsense");
    cr_assert_eq(bm_index_is_refused(spec.index), 0);
    cr_assert_eq(bm_index_is_doubtful(spec.index), 1);
    test_spec_free(&spec);
    spec = collated("{'locale': 'de@collation=phonebook', 'strength': 9}");
    cr_assert_eq(bm_index_is_refused(spec.index), 1, "for another reason");
    test_spec_free(&spec);
}

Test(collation, a_simple_one_is_none)
{
    struct test_spec spec = collated("{'locale': 'simple'}");
    cr_assert_null(bm_index_reason(spec.index));
    cr_assert_eq(bm_index_has_collation(spec.index), 0);
    test_spec_free(&spec);
}

Test(collation, servers_before_3_4_know_none)
{
    struct test_spec spec = test_spec_of("{'key': {'x': 1}, 'collation': {'locale': 'en'}}", "3.2");
    cr_assert_not_null(bm_index_reason(spec.index));
    cr_assert_eq(bm_index_is_refused(spec.index), 0);
    test_spec_free(&spec);
}

/* ---- equal strings ---- */

static const struct {
    const char *collation;
    const char *one;
    const char *other;
    int equal;
} pairs[] = {
    {"{'locale': 'en', 'strength': 1}", "Resume", "r\u00e9sum\u00e9", 1},
    {"{'locale': 'en', 'strength': 2}", "Resume", "r\u00e9sum\u00e9", 0},
    {"{'locale': 'en', 'strength': 2}", "UNIQUE", "unique", 1},
    {"{'locale': 'en'}", "UNIQUE", "unique", 0},
    {"{'locale': 'en', 'strength': 1, 'caseLevel': true}", "role", "Role", 0},
    {"{'locale': 'en', 'strength': 1, 'caseLevel': true}", "role", "r\u00f4le", 1},
    {"{'locale': 'en'}", "\u00e9t\u00e9", "e\u0301te\u0301", 1},
    {"{'locale': 'en', 'strength': 5}", "\u00e9t\u00e9", "e\u0301te\u0301", 1},
    {"{'locale': 'en', 'numericOrdering': true}", "n012", "n12", 1},
    {"{'locale': 'en', 'numericOrdering': true}", "n012", "n120", 0},
    {"{'locale': 'en'}", "n012", "n12", 0},
    {"{'locale': 'en', 'alternate': 'shifted'}", "black-bird", "black bird", 1},
    {"{'locale': 'en', 'alternate': 'shifted', 'strength': 4}", "black-bird", "blackbird", 0},
    {"{'locale': 'en', 'alternate': 'shifted', 'maxVariable': 'space'}", "black-bird", "blackbird",
     0},
    {"{'locale': 'en', 'alternate': 'shifted', 'maxVariable': 'space'}", "black bird", "blackbird",
     1},
    {"{'locale': 'en', 'strength': 1}", "\u00e5", "a", 1},
    {"{'locale': 'sv', 'strength': 1}", "\u00e5", "a", 0},
    {"{'locale': 'de', 'strength': 1}", "stra\u00dfe", "strasse", 1},
    {"{'locale': 'de@collation=phonebook', 'strength': 1}", "m\u00fcller", "mueller", 1},
    {"{'locale': 'de', 'strength': 1}", "m\u00fcller", "mueller", 0},
    {"{'locale': 'tr', 'strength': 2}", "I", "\u0131", 1},
    {"{'locale': 'tr', 'strength': 2}", "I", "i", 0},
    {"{'locale': 'lt', 'strength': 1}", "i", "y", 1},
    {"{'locale': 'fr_CA', 'strength': 3}", "cot\u00e9", "c\u00f4te", 0},
    {"{'locale': 'th'}", "a-b", "ab", 1}, /* shifted by itself */
    {"{'locale': 'en'}", "", "", 1},
    {"{'locale': 'en'}", "", "a", 0},
};

static struct bm_buffer document_of(const char *text)
{
    char json[200];
    (void)snprintf(json, sizeof json, "{'x': '%s'}", text);
    return test_bson(json);
}

Test(collation, strings_are_equal_as_for_icu)
{
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct test_spec spec = collated(pairs[i].collation);
        struct bm_buffer one = document_of(pairs[i].one);
        struct bm_buffer other = document_of(pairs[i].other);
        cr_assert_eq(test_spec_shared(&spec, bm_buffer_view(&one), bm_buffer_view(&other)),
                     (size_t)pairs[i].equal, "%s: %s, %s", pairs[i].collation, pairs[i].one,
                     pairs[i].other);
        bm_buffer_free(&one);
        bm_buffer_free(&other);
        test_spec_free(&spec);
    }
}

/* {x: "??"} with the bytes in the string. */
static struct bm_buffer raw_document(const char *bytes)
{
    struct bm_buffer document = document_of("??");
    memcpy(document.data + 11, bytes, 2);
    return document;
}

Test(collation, bytes_that_are_no_utf8_are_one_character)
{
    struct test_spec spec = collated("{'locale': 'en', 'strength': 1}");
    struct bm_buffer one = raw_document("a\xff");
    struct bm_buffer other = raw_document("A\xfe");
    struct bm_buffer plain = raw_document("ab");
    cr_assert_eq(test_spec_shared(&spec, bm_buffer_view(&one), bm_buffer_view(&other)), 1);
    cr_assert_eq(test_spec_shared(&spec, bm_buffer_view(&one), bm_buffer_view(&plain)), 0);
    bm_buffer_free(&one);
    bm_buffer_free(&other);
    bm_buffer_free(&plain);
    test_spec_free(&spec);
}

Test(collation, a_zero_byte_is_ignored_below_strength_5)
{
    static const char *const collations[] = {"{'locale': 'en'}", "{'locale': 'en', 'strength': 5}"};
    for (size_t i = 0; i < 2; i++) {
        struct test_spec spec = collated(collations[i]);
        struct bm_buffer one = raw_document("a\0");
        struct bm_buffer other = document_of("a");
        cr_assert_eq(test_spec_shared(&spec, bm_buffer_view(&one), bm_buffer_view(&other)), 1 - i);
        bm_buffer_free(&one);
        bm_buffer_free(&other);
        test_spec_free(&spec);
    }
}

/* ---- what it reaches ---- */

static const struct {
    const char *one;
    const char *other;
    size_t shared;
} documents_of[] = {
    {"{'x': {'n': 'Foo', 'k': 1}}", "{'x': {'n': 'FOO', 'k': 1.0}}", 1},
    {"{'x': [['Foo', {'b': 'bar'}]]}", "{'x': [['FOO', {'b': 'BAR'}]]}", 1},
    {"{'x': {'n': 1}}", "{'x': {'N': 1}}", 0},
    {"{'x': ['red', 'green']}", "{'x': 'GREEN'}", 1},
    {"{'x': {'$code': 'F'}}", "{'x': {'$code': 'f'}}", 0},
    {"{'x': {'$code': 'f', '$scope': {'s': 'A'}}}", "{'x': {'$code': 'f', '$scope': {'s': 'a'}}}",
     0},
    {"{'x': {'a': {'$code': 'f', '$scope': {'s': 'A'}}, 'b': 'x'}}",
     "{'x': {'a': {'$code': 'f', '$scope': {'s': 'A'}}, 'b': 'X'}}", 1},
    {"{'x': {'$regularExpression': {'pattern': 'A', 'options': ''}}}",
     "{'x': {'$regularExpression': {'pattern': 'a', 'options': ''}}}", 0},
    {"{'x': 1}", "{'x': 1.0}", 1},
    {"{}", "{'x': null}", 1},
};

Test(collation, reaches_strings_in_objects_and_arrays_only)
{
    struct test_spec spec = collated("{'locale': 'en', 'strength': 2}");
    for (size_t i = 0; i < sizeof documents_of / sizeof *documents_of; i++) {
        struct bm_buffer one = test_bson(documents_of[i].one);
        struct bm_buffer other = test_bson(documents_of[i].other);
        cr_assert_eq(test_spec_shared(&spec, bm_buffer_view(&one), bm_buffer_view(&other)),
                     documents_of[i].shared, "%s %s", documents_of[i].one, documents_of[i].other);
        bm_buffer_free(&one);
        bm_buffer_free(&other);
    }
    test_spec_free(&spec);
}

Test(collation, takes_no_symbol_but_in_a_scope)
{
    static const char refused[] = "refused: Cannot index type Symbol with a collation";
    struct test_spec spec = collated("{'locale': 'en'}");
    test_spec_expect(&spec, "{'x': {'$symbol': 'a'}}", refused);
    test_spec_expect(&spec, "{'x': [1, {'$symbol': 'a'}]}", refused);
    test_spec_expect(&spec, "{'x': {'y': [{'$symbol': 'a'}]}}", refused);
    char *keys = test_spec_keys(&spec, "{'x': {'$code': 'f', '$scope': {'s': {'$symbol': 'a'}}}}");
    cr_assert_neq(strncmp(keys, "refused", 7), 0);
    free(keys);
    test_spec_free(&spec);
}

Test(collation, of_an_id_index_counts_for_its_order)
{
    struct bm_error err = BM_ERROR_INIT;
    int order = 7;
    struct test_spec spec =
        test_spec_of("{'key': {'_id': 1}, 'collation': {'locale': 'en', 'strength': 2}}", "");
    struct test_spec plain = test_spec_of("{'key': {'_id': 1}}", "");
    struct bm_buffer one = test_bson("{'_id': 'A', 'n': 1}");
    struct bm_buffer other = test_bson("{'_id': 'a', 'n': 2}");
    struct bm_element a = test_element(&one, "_id");
    struct bm_element b = test_element(&other, "_id");
    struct bm_element m = test_element(&one, "n");
    struct bm_element n = test_element(&other, "n");
    cr_assert_eq(bm_index_id_compare(spec.index, &a, &b, &order), BM_END);
    cr_assert_eq(bm_index_id_compare(plain.index, &a, &b, &order), BM_OK);
    cr_assert_eq(order, -1);
    cr_assert_eq(bm_index_id_compare(spec.index, &n, &m, &order), BM_OK);
    cr_assert_eq(order, 1);
    struct bm_buffer left = BM_BUFFER_INIT(1000);
    struct bm_buffer right = BM_BUFFER_INIT(1000);
    cr_assert_eq(bm_index_canonical(spec.index, a.type, a.value, &left, &err), BM_OK);
    cr_assert_eq(bm_index_canonical(spec.index, b.type, b.value, &right, &err), BM_OK);
    cr_assert(bm_view_equal(bm_buffer_view(&left), bm_buffer_view(&right)));
    cr_assert_eq(bm_index_canonical(spec.index, BM_TYPE_SYMBOL, b.value, &right, &err), BM_FAIL);
    cr_assert_eq(err.code, BM_ERROR_VIOLATION);
    bm_buffer_free(&left);
    bm_buffer_free(&right);
    bm_buffer_free(&one);
    bm_buffer_free(&other);
    test_spec_free(&spec);
    test_spec_free(&plain);
}

/* ---- bounds ---- */

static struct bm_collation *open_english(void)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_collation *collation = NULL;
    char *problem = NULL;
    struct bm_buffer document = test_bson("{'locale': 'en', 'strength': 2}");
    cr_assert_eq(bm_collation_new(bm_buffer_view(&document), &collation, &problem, &err), BM_OK);
    bm_buffer_free(&document);
    return collation;
}

Test(collation, a_sort_key_goes_behind_what_is_there)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_collation *collation = open_english();
    struct bm_units units = BM_UNITS_INIT;
    char text[3000];
    memset(text, 'm', sizeof text);
    for (size_t len = 0; len < sizeof text; len += 97) {
        struct bm_buffer out = BM_BUFFER_INIT(1u << 20);
        struct bm_buffer again = BM_BUFFER_INIT(1u << 20);
        struct bm_view view = {(const uint8_t *)text, len};
        cr_assert_eq(bm_buffer_append_text(&out, "before", &err), BM_OK);
        cr_assert_eq(bm_collation_key(collation, view, &units, 1u << 20, &out, &err), BM_OK);
        cr_assert_eq(bm_buffer_reserve(&again, 1u << 19, &err), BM_OK);
        cr_assert_eq(bm_collation_key(collation, view, &units, 1u << 20, &again, &err), BM_OK);
        cr_assert_eq(memcmp(out.data, "before", 6), 0);
        struct bm_view key = {out.data + 6, out.len - 6};
        cr_assert(bm_view_equal(key, bm_buffer_view(&again)), "length %zu", len);
        cr_assert_neq(again.data[again.len - 1], 0);
        bm_buffer_free(&out);
        bm_buffer_free(&again);
    }
    bm_units_free(&units);
    bm_collation_free(collation);
}

Test(collation, a_sort_key_past_the_limit_is_refused)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_collation *collation = open_english();
    struct bm_units units = BM_UNITS_INIT;
    struct bm_view text = bm_view_text("a text whose sort key is longer than ten bytes");
    struct bm_buffer out = BM_BUFFER_INIT(1000);
    cr_assert_eq(bm_collation_key(collation, text, &units, 10, &out, &err), BM_END);
    bm_buffer_free(&out);
    cr_assert_eq(bm_buffer_reserve(&out, 900, &err), BM_OK);
    cr_assert_eq(bm_collation_key(collation, text, &units, 10, &out, &err), BM_END);
    bm_buffer_free(&out);
    bm_units_free(&units);
    bm_collation_free(collation);
}

/* ---- strings that ICU would take hours over ---- */

/* A character, then so many combining marks, then another character; marks as bytes of UTF-8. */
static char *marked(const char *mark, size_t count)
{
    size_t len = strlen(mark);
    char *text = malloc(count * len + 3);
    cr_assert_not_null(text);
    text[0] = 'e';
    for (size_t i = 0; i < count; i++) {
        memcpy(text + 1 + i * len, mark, len);
    }
    memcpy(text + 1 + count * len, "x", 2);
    return text;
}

/* The classes of the marks are in turn 230, 220, 0 before 129 when decomposed, and 230 outside the
 * basic plane. */
static const char *const marks[] = {"\u0301", "\u0323", "\u0f73", "\U0001d185"};

Test(collation, combining_marks_in_a_row_are_counted)
{
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        char *most = marked(marks[i], BM_MARKS_MOST);
        char *more = marked(marks[i], BM_MARKS_MOST + 1);
        cr_expect_eq(bm_collation_is_slow(bm_view_text(most)), 0, "mark %zu", i);
        cr_expect_eq(bm_collation_is_slow(bm_view_text(more)), 1, "mark %zu", i);
        struct bm_view broken = bm_view_text(more);
        more[1 + strlen(marks[i]) * 500] = 'y'; /* also no UTF-8 any more */
        cr_expect_eq(bm_collation_is_slow(broken), 0, "mark %zu", i);
        free(most);
        free(more);
    }
}

static struct bm_buffer document_with(const char *text)
{
    struct bm_buffer json = BM_BUFFER_INIT(1u << 20);
    struct bm_error err = BM_ERROR_INIT;
    cr_assert_eq(bm_buffer_append_text(&json, "{'x': [{'y': '", &err), BM_OK);
    cr_assert_eq(bm_buffer_append_text(&json, text, &err), BM_OK);
    cr_assert_eq(bm_buffer_append_text(&json, "'}]}", &err), BM_OK);
    cr_assert_eq(bm_buffer_append_byte(&json, 0, &err), BM_OK);
    struct bm_buffer document = test_bson((const char *)json.data);
    bm_buffer_free(&json);
    return document;
}

static const char *const slow_specs[] = {
    "{'key': {'x': 1}, 'collation': {'locale': 'en', 'normalization': true}}",
    "{'key': {'z': 1}, 'partialFilterExpression': {'x': {'$gt': {'y': 'e'}}}, "
    "'collation': {'locale': 'en', 'normalization': true}}",
};

/* As a key and before a filter; such a string is a limit of this program, not of the server. */
Test(collation, too_many_marks_in_a_row_are_not_judged)
{
    static const char words[] = "a string has more than 1000 combining marks in a row";
    struct bm_error err = BM_ERROR_INIT;
    char *text = marked(marks[0], BM_MARKS_MOST + 1);
    struct bm_buffer document = document_with(text);
    for (size_t i = 0; i < sizeof slow_specs / sizeof *slow_specs; i++) {
        struct test_spec spec = test_spec_of(slow_specs[i], "");
        const struct bm_index *index = spec.index;
        struct bm_keyset *keyset = bm_keyset_new(&index, 1, &err);
        cr_assert_not_null(keyset);
        cr_assert_eq(bm_keyset_make(keyset, bm_buffer_view(&document), &err), BM_OK);
        const struct bm_keys *keys = bm_keyset_keys(keyset, 0);
        cr_assert_not_null(keys->unindexable, "%s", slow_specs[i]);
        cr_expect_str_eq(keys->unindexable, words);
        cr_assert_not_null(keys->own_limit);
        cr_expect_str_eq(keys->own_limit, words);
        bm_keyset_free(keyset);
        test_spec_free(&spec);
    }
    bm_buffer_free(&document);
    free(text);
}
