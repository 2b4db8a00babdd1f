/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>

#include "base/bytes.h"
#include "doc/extjson.h"
#include "key/values.h"

/* Values that are told apart without regard to the order of fields. */

static struct bm_buffer bson(const char *json)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer out = BM_BUFFER_INIT((size_t)1 << 20);
    cr_assert_eq(bm_json_parse(bm_view_text(json), &out, &err), BM_OK, "%s: %s", json, err.text);
    return out;
}

static const struct {
    const char *list;
    int differ;
} lists[] = {
    {"{}", 1},
    {"{\"0\":1}", 1},
    {"{\"0\":3,\"1\":1,\"2\":2,\"3\":1.0}", 0},
    {"{\"0\":{\"a\":1,\"b\":2},\"1\":{\"b\":2,\"a\":1}}", 0},
    {"{\"0\":{\"a\":1,\"b\":2},\"1\":{\"a\":2,\"b\":1}}", 1},
    {"{\"0\":{\"a\":1},\"1\":[1],\"2\":1,\"3\":\"1\",\"4\":{\"b\":1},\"5\":{}}", 1},
    {"{\"0\":[{\"a\":{\"x\":1,\"y\":2}},7],\"1\":[{\"a\":{\"y\":2,\"x\":1}},7]}", 0},
    {"{\"0\":[1,2],\"1\":[2,1]}", 1},
    {"{\"0\":\"a\",\"1\":\"A\",\"2\":\"ab\",\"3\":\"\"}", 1},
};

Test(values, differ_by_what_they_hold)
{
    struct bm_values values = BM_VALUES_INIT;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        struct bm_error err = BM_ERROR_INIT;
        struct bm_buffer bytes = bson(lists[i].list);
        const struct bm_element list = {.type = BM_TYPE_ARRAY, .value = bm_buffer_view(&bytes)};
        bm_values_clear(&values);
        cr_assert_eq(bm_values_add_all(&values, &list, bytes.data, &err), BM_OK);
        cr_expect_eq(bm_values_differ(&values), lists[i].differ, "%s", lists[i].list);
        bm_buffer_free(&bytes);
    }
    bm_values_free(&values);
}

/* An object in another, so many in all, without checking. */
static struct bm_buffer nested(size_t levels)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer out = BM_BUFFER_INIT((size_t)1 << 16);
    size_t len = 5 + (levels - 1) * 8;
    for (size_t i = 0; i < levels; i++) {
        uint8_t head[7] = {0, 0, 0, 0, BM_TYPE_OBJECT, 'a', 0};
        bm_put_le32(head, (uint32_t)(len - 8 * i));
        const struct bm_view bytes = {head, i + 1 < levels ? sizeof head : 4};
        cr_assert_eq(bm_buffer_append(&out, bytes, &err), BM_OK);
    }
    for (size_t i = 0; i < levels; i++) {
        cr_assert_eq(bm_buffer_append_byte(&out, 0, &err), BM_OK);
    }
    return out;
}

Test(values, are_no_deeper_than_the_server_takes)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_values values = BM_VALUES_INIT;
    for (size_t levels = BM_DEPTH_MOST; levels <= BM_DEPTH_MOST + 1; levels++) {
        struct bm_buffer bytes = nested(levels);
        const struct bm_element value = {.type = BM_TYPE_OBJECT, .value = bm_buffer_view(&bytes)};
        cr_expect_eq(bm_values_add(&values, &value, bytes.data, &err),
                     levels > BM_DEPTH_MOST ? BM_END : BM_OK);
        bm_buffer_free(&bytes);
    }
    cr_expect_eq(values.count, 1);
    bm_values_free(&values);
}

Test(values, damage_is_told_with_its_place)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_values values = BM_VALUES_INIT;
    struct bm_buffer bytes = bson("{\"x\":{\"a\":1,\"b\":2}}");
    struct bm_element value;
    cr_assert_eq(bm_document_find(bm_buffer_view(&bytes), bm_view_text("x"), &value, &err), BM_OK);
    size_t second = 4 + 3 + 4 + 7; /* length, type and name of x; length, a */
    cr_assert_eq(bytes.data[second], BM_TYPE_INT32);
    bytes.data[second] = 0x60;
    cr_assert_eq(bm_values_add(&values, &value, bytes.data, &err), BM_FAIL);
    cr_expect_eq(err.code, BM_ERROR_CORRUPT);
    cr_expect_eq(err.offset, second);
    bm_values_free(&values);
    bm_buffer_free(&bytes);
}
