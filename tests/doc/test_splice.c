/* SPDX-License-Identifier: Apache-2.0 */
#include "doc/splice.h"

#include <stdlib.h>
#include <string.h>

#include <bson/bson.h>
#include <criterion/criterion.h>

#include "base/bytes.h"

#define LIMIT ((size_t)64 << 20)
#define DEPTH_MAX 6

/* ---- a model: random documents, changed by a plan, once by splices and once by a rebuild ---- */

/* What a plan does to the element it meets; drawn from a number of its own, so that both ways of
 * changing draw the same. */
enum what { KEEP, REPLACE, REMOVE, INSERT_BEFORE, WHAT_COUNT = 12 };

struct plan {
    uint32_t state;
};

static uint32_t draw(struct plan *plan, uint32_t bound)
{
    plan->state = plan->state * 1664525u + 1013904223u;
    return (plan->state >> 8) % bound;
}

static void append_random(bson_t *to, struct plan *plan, int depth, int count)
{
    for (int i = 0; i < count; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "%.*s%d", (int)draw(plan, 6), "fields", i);
        bson_t child;
        switch (depth > 0 ? draw(plan, 7) : draw(plan, 5)) {
        case 0:
            bson_append_null(to, name, -1);
            break;
        case 1:
            bson_append_int32(to, name, -1, (int32_t)draw(plan, 1000));
            break;
        case 2:
            bson_append_utf8(to, name, -1, "a longer string of text", (int)draw(plan, 20));
            break;
        case 3:
            bson_append_bool(to, name, -1, true);
            break;
        case 4:
            bson_append_double(to, name, -1, 0.5);
            break;
        case 5:
            bson_append_document_begin(to, name, -1, &child);
            append_random(&child, plan, depth - 1, (int)draw(plan, 5));
            bson_append_document_end(to, &child);
            break;
        default:
            bson_append_array_begin(to, name, -1, &child);
            append_random(&child, plan, depth - 1, (int)draw(plan, 5));
            bson_append_array_end(to, &child);
        }
    }
}

/* The element a plan puts in: {new: "…"} of a drawn length. */
static bson_t *new_element(struct plan *plan)
{
    bson_t *bson = bson_new();
    bson_append_utf8(bson, "new", -1, "0123456789012345678901234567890123456789",
                     (int)draw(plan, 40));
    return bson;
}

static struct bm_view element_bytes(const bson_t *bson)
{
    return (struct bm_view){bson_get_data(bson) + 4, bson->len - 5};
}

/* Walks a document and splices; *at_zero is the position of the document in the whole one. */
static void splice_level(struct bm_splicer *splicer, struct bm_view document, size_t base,
                         size_t *parents, size_t parent_count, struct plan *plan)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_elements elements;
    struct bm_element element;
    parents[parent_count++] = base;
    cr_assert_eq(bm_elements_open(&elements, document, &err), BM_OK);
    while (bm_elements_next(&elements, &element, &err) == BM_OK) {
        size_t at = base + (size_t)(element.raw.data - document.data);
        uint32_t what = draw(plan, WHAT_COUNT);
        if (what == REPLACE || what == INSERT_BEFORE) {
            bson_t *new = new_element(plan);
            cr_assert_eq(bm_splicer_replace(splicer, at, what == REPLACE ? element.raw.len : 0,
                                            element_bytes(new), parents, parent_count, &err),
                         BM_OK);
            bson_destroy(new);
        } else if (what == REMOVE) {
            cr_assert_eq(bm_splicer_replace(splicer, at, element.raw.len, (struct bm_view){NULL, 0},
                                            parents, parent_count, &err),
                         BM_OK);
        }
        if (what != REPLACE && what != REMOVE &&
            (element.type == BM_TYPE_OBJECT || element.type == BM_TYPE_ARRAY)) {
            splice_level(splicer, element.value,
                         base + (size_t)(element.value.data - document.data), parents, parent_count,
                         plan);
        }
    }
    if (draw(plan, 4) == 0) {
        bson_t *new = new_element(plan);
        cr_assert_eq(bm_splicer_replace(splicer, base + elements.document.len - 1, 0,
                                        element_bytes(new), parents, parent_count, &err),
                     BM_OK);
        bson_destroy(new);
    }
}

/* The same by libbson, element by element. */
static void rebuild_level(const bson_t *from, bson_t *to, struct plan *plan)
{
    bson_iter_t at;
    cr_assert(bson_iter_init(&at, from));
    while (bson_iter_next(&at)) {
        uint32_t what = draw(plan, WHAT_COUNT);
        if (what == REPLACE || what == INSERT_BEFORE) {
            bson_t *new = new_element(plan);
            bson_concat(to, new);
            bson_destroy(new);
        }
        if (what == REPLACE || what == REMOVE) {
            continue;
        }
        if (!BSON_ITER_HOLDS_DOCUMENT(&at) && !BSON_ITER_HOLDS_ARRAY(&at)) {
            bson_append_iter(to, NULL, 0, &at);
            continue;
        }
        uint32_t len;
        const uint8_t *data;
        bson_t inner;
        bson_t child = BSON_INITIALIZER;
        if (BSON_ITER_HOLDS_DOCUMENT(&at)) {
            bson_iter_document(&at, &len, &data);
        } else {
            bson_iter_array(&at, &len, &data);
        }
        cr_assert(bson_init_static(&inner, data, len));
        rebuild_level(&inner, &child, plan);
        /* An array is a document of another type; libbson would complain of its names. */
        size_t type_at = to->len - 1;
        bson_append_document(to, bson_iter_key(&at), -1, &child);
        *(uint8_t *)(bson_get_data(to) + type_at) = (uint8_t)bson_iter_type(&at);
        bson_destroy(&child);
    }
    if (draw(plan, 4) == 0) {
        bson_t *new = new_element(plan);
        bson_concat(to, new);
        bson_destroy(new);
    }
}

Test(splice, does_what_a_rebuild_does)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_splicer *splicer = bm_splicer_new(&err);
    struct bm_buffer out = BM_BUFFER_INIT(LIMIT);
    size_t changed = 0;
    for (uint32_t seed = 1; seed <= 3000; seed++) {
        struct plan growth = {seed};
        bson_t *document = bson_new();
        append_random(document, &growth, DEPTH_MAX, 6);
        struct bm_view view = {bson_get_data(document), document->len};
        size_t parents[DEPTH_MAX + 2];
        struct plan plan = {seed + 77};
        bm_splicer_clear(splicer);
        splice_level(splicer, view, 0, parents, 0, &plan);
        bm_buffer_clear(&out);
        cr_assert_eq(bm_buffer_append_text(&out, "before", &err), BM_OK);
        cr_assert_eq(bm_splicer_apply(splicer, view, &out, &err), BM_OK, "%s", err.text);
        plan = (struct plan){seed + 77};
        bson_t rebuilt = BSON_INITIALIZER;
        rebuild_level(document, &rebuilt, &plan);
        struct bm_view spliced = {out.data + 6, out.len - 6};
        cr_expect(bm_view_equal(spliced, (struct bm_view){bson_get_data(&rebuilt), rebuilt.len}),
                  "seed %u", seed);
        cr_expect_eq(bm_document_check(spliced, NULL, &err), BM_OK, "seed %u: %s", seed, err.text);
        changed += bm_splicer_count(splicer);
        bson_destroy(&rebuilt);
        bson_destroy(document);
    }
    cr_expect_gt(changed, 3000, "the plans changed something");
    bm_buffer_free(&out);
    bm_splicer_free(splicer);
}

Test(splice, without_changes_it_copies)
{
    static const uint8_t bytes[] = "\x0c\0\0\0\x10"
                                   "a\0\1\0\0\0";
    struct bm_view view = {bytes, sizeof bytes};
    struct bm_error err = BM_ERROR_INIT;
    struct bm_splicer *splicer = bm_splicer_new(&err);
    struct bm_buffer out = BM_BUFFER_INIT(LIMIT);
    cr_expect_eq(bm_splicer_count(splicer), 0);
    cr_assert_eq(bm_splicer_apply(splicer, view, &out, &err), BM_OK);
    cr_expect(bm_view_equal(bm_buffer_view(&out), view));
    bm_buffer_free(&out);
    bm_splicer_free(splicer);
}

/* A null becomes a string in an array of sub-documents; only those bytes and lengths differ. */
Test(splice, corrects_the_lengths_above)
{
    static const uint8_t before[] = "\x1b\0\0\0\x04"
                                    "a\0\x13\0\0\0"
                                    "\x03"
                                    "0\0\x0b\0\0\0\x0a"
                                    "t\0\x0a"
                                    "u\0\0"
                                    "\0";
    static const uint8_t after[] = "\x21\0\0\0\x04"
                                   "a\0\x19\0\0\0"
                                   "\x03"
                                   "0\0\x11\0\0\0\x02"
                                   "t\0\2\0\0\0x\0\x0a"
                                   "u\0\0"
                                   "\0";
    static const size_t parents[] = {0, 7, 14};
    struct bm_error err = BM_ERROR_INIT;
    struct bm_splicer *splicer = bm_splicer_new(&err);
    struct bm_buffer out = BM_BUFFER_INIT(LIMIT);
    struct bm_view new = {(const uint8_t *)"\x02t\0\2\0\0\0x\0", 9};
    cr_assert_eq(bm_splicer_replace(splicer, 18, 3, new, parents, 3, &err), BM_OK);
    cr_expect_eq(bm_splicer_count(splicer), 1);
    cr_assert_eq(bm_splicer_apply(splicer, (struct bm_view){before, sizeof before}, &out, &err),
                 BM_OK, "%s", err.text);
    cr_expect(bm_view_equal(bm_buffer_view(&out), (struct bm_view){after, sizeof after}));
    bm_buffer_free(&out);
    bm_splicer_free(splicer);
}

Test(splice, keeps_to_the_buffers_limit)
{
    static const uint8_t bytes[] = "\x08\0\0\0\x0a"
                                   "a\0";
    static const size_t parents[] = {0};
    struct bm_error err = BM_ERROR_INIT;
    struct bm_splicer *splicer = bm_splicer_new(&err);
    for (size_t limit = 0; limit < 14; limit++) {
        struct bm_buffer out = BM_BUFFER_INIT(limit);
        err = BM_ERROR_INIT;
        bm_splicer_clear(splicer);
        struct bm_view new = {(const uint8_t *)"\x10"
                                               "b\0\0\0\0\0",
                              7};
        cr_assert_eq(bm_splicer_replace(splicer, 4, 0, new, parents, 1, &err), BM_OK);
        cr_expect_eq(bm_splicer_apply(splicer, (struct bm_view){bytes, 8}, &out, &err), BM_FAIL);
        cr_expect_eq(err.code, BM_ERROR_MEMORY);
        cr_expect_eq(out.len, 0);
        bm_buffer_free(&out);
    }
    bm_splicer_free(splicer);
    bm_splicer_free(NULL);
}
