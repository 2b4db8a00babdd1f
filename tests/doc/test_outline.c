/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "support/bson_text.h"

/* The outline's elements, and what it finds and calls repeated, are those of a walk. */
static void expect_as_by_walk(struct bm_view document, const struct bm_outline *outline)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_elements elements;
    struct bm_element element;
    size_t count = 0;
    cr_assert_eq(bm_elements_open(&elements, document, &err), BM_OK);
    while (bm_elements_next(&elements, &element, &err) == BM_OK) {
        struct bm_element by_walk;
        struct bm_element found;
        cr_assert_eq(bm_document_find(document, element.name, &by_walk, &err), BM_OK);
        cr_assert_eq(bm_outline_find(outline, document, element.name, &found, &err), BM_OK);
        cr_expect_eq(found.raw.data, by_walk.raw.data, "element %zu", count);
        cr_expect_eq(bm_outline_repeats(outline, document, &element),
                     bm_document_repeats(document, &element), "element %zu", count);
        if (outline != NULL && outline->is_whole) {
            found = bm_outline_element(outline, document, count);
            cr_expect_eq(found.type, element.type);
            cr_expect_eq(found.name.data, element.name.data);
            cr_expect_eq(found.name.len, element.name.len);
            cr_expect_eq(found.value.data, element.value.data);
            cr_expect_eq(found.value.len, element.value.len, "element %zu", count);
            cr_expect_eq(found.raw.len, element.raw.len);
        }
        count++;
    }
    cr_expect_eq(bm_outline_find(outline, document, bm_view_text("absent"), &element, &err),
                 BM_END);
    if (outline != NULL && outline->is_whole) {
        cr_expect_eq(outline->count, count);
    }
}

Test(outline, tells_what_a_walk_tells)
{
    static const char *const documents[] = {
        "{}",
        "{'_id': 1}",
        "{'': 1, 'a': '', '_id': {'a': {'_id': 2}}, 'b': [], 'a': [[1], {}]}",
        "{'a': 1, 'a': 2, 'a': 3, 'ab': 4, 'b': 5, 'ab': {'ab': 1}}",
        "{'n': null, 't': true, 'd': 1.5, 'l': {'$numberLong': '3'}, 'n': 4}",
    };
    for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
        struct bm_error err = BM_ERROR_INIT;
        struct bm_outline outline;
        struct bm_buffer document = test_bson(documents[i]);
        cr_assert_eq(bm_document_outline(bm_buffer_view(&document), &outline, &err), BM_OK);
        cr_expect(outline.is_whole, "%s", documents[i]);
        expect_as_by_walk(bm_buffer_view(&document), &outline);
        expect_as_by_walk(bm_buffer_view(&document), NULL);
        bm_buffer_free(&document);
    }
}

/* {0: 0, 1: 1, ...}, the last one called 0 again. */
static struct bm_buffer numbered(size_t count)
{
    char json[4096] = "{";
    size_t len = 1;
    for (size_t i = 0; i < count; i++) {
        len += (size_t)snprintf(json + len, sizeof json - len, "%s'%zu': %zu", i == 0 ? "" : ", ",
                                i + 1 < count ? i : 0, i);
    }
    (void)snprintf(json + len, sizeof json - len, "}");
    return test_bson(json);
}

Test(outline, past_its_size_the_document_itself_is_asked)
{
    for (size_t count = BM_OUTLINE_MOST - 1; count <= BM_OUTLINE_MOST + 2; count++) {
        struct bm_error err = BM_ERROR_INIT;
        struct bm_outline outline;
        struct bm_buffer document = numbered(count);
        cr_assert_eq(bm_document_outline(bm_buffer_view(&document), &outline, &err), BM_OK);
        cr_expect_eq(outline.is_whole, count <= BM_OUTLINE_MOST, "%zu elements", count);
        expect_as_by_walk(bm_buffer_view(&document), &outline);
        bm_buffer_free(&document);
    }
}

/* What stands before the damage can be had all the same, and the damage is told. */
Test(outline, of_a_damaged_document_is_not_whole)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_outline outline;
    struct bm_element found;
    struct bm_buffer document = test_bson("{'a': 1, 'b': 2}");
    document.data[4 + 7] = 0x20; /* the type of b */
    struct bm_view view = bm_buffer_view(&document);
    cr_expect_eq(bm_document_outline(view, &outline, &err), BM_FAIL);
    cr_expect_eq(err.code, BM_ERROR_CORRUPT);
    cr_expect_eq(err.offset, 11);
    cr_expect_eq(outline.is_whole, 0);
    err = BM_ERROR_INIT;
    cr_expect_eq(bm_outline_find(&outline, view, bm_view_text("a"), &found, &err), BM_OK);
    cr_expect_eq(bm_outline_find(&outline, view, bm_view_text("b"), &found, &err), BM_FAIL);
    cr_expect_eq(bm_document_outline((struct bm_view){view.data, 3}, &outline, &err), BM_FAIL);
    cr_expect_eq(outline.is_whole, 0);
    bm_buffer_free(&document);
}
