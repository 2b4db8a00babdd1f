/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/metadata.h"

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "bsonmend/document.h"
#include "catalog/build.h"

#define LIMIT ((size_t)2 * BM_DOCUMENT_MAX)

/* How a tool of 3.6 and one of today write the same collection. */
static const char legacy[] =
    "{\"options\":{},\"indexes\":[{\"v\":2,\"key\":{\"_id\":1},\"name\":\"_id_\",\"ns\":\"app."
    "accounts\"},{\"v\":2,\"unique\":true,\"key\":{\"token\":1.0},\"name\":\"token_1\",\"ns\":"
    "\"app.accounts\"}],\"uuid\":\"00112233445566778899aabbccddeeff\"}";
static const char canonical[] =
    "{\"options\":{\"validator\":{\"email\":{\"$type\":\"string\"}}},\"indexes\":[{\"v\":{"
    "\"$numberInt\":\"2\"},\"key\":{\"_id\":{\"$numberInt\":\"1\"}},\"name\":\"_id_\"}],"
    "\"uuid\":\"00112233445566778899aabbccddeeff\",\"collectionName\":\"accounts\",\"type\":"
    "\"collection\"}";

Test(metadata, reads_both_flavours)
{
    static const struct {
        const char *text;
        size_t options;
        const char *name;
    } cases[] = {{legacy, 5, ""}, {canonical, 51, "accounts"}};
    for (size_t i = 0; i < 2; i++) {
        struct bm_error err = BM_ERROR_INIT;
        struct bm_buffer bson = BM_BUFFER_INIT(LIMIT);
        struct bm_metadata parts;
        cr_assert_eq(bm_metadata_read(bm_view_text(cases[i].text), &bson, &parts, &err), BM_OK,
                     "%s", err.text);
        cr_expect_eq(parts.options.len, cases[i].options, "%zu", parts.options.len);
        cr_expect_eq(bm_document_check(parts.options, NULL, &err), BM_OK);
        cr_expect_eq(bm_document_check(parts.indexes, NULL, &err), BM_OK);
        cr_expect(bm_view_equal(parts.collection_name, bm_view_text(cases[i].name)));
        bm_buffer_free(&bson);
    }
}

static const struct {
    const char *text;
    const char *problem; /* NULL: it is read */
} shapes[] = {
    {"{}", NULL},
    {"{\"options\":null,\"indexes\":null,\"uuid\":null,\"collectionName\":null}", NULL},
    {"{\"unknown\":[1]}", NULL},
    {"{\"options\":1,\"options\":{}}", "\"options\" is no object"},
    {"{\"options\":[]}", "\"options\" is no object"},
    {"{\"indexes\":{}}", "\"indexes\" is no array of objects"},
    {"{\"indexes\":[1]}", "\"indexes\" is no array of objects"},
    {"{\"indexes\":[{},null]}", "\"indexes\" is no array of objects"},
    {"{\"uuid\":1}", "\"uuid\" is no string"},
    {"{\"type\":{}}", "\"type\" is no string"},
    {"{\"collectionName\":1}", "\"collectionName\" is no string"},
    {"{\"options\":{\"a\":{\"$date\":\"2020-01-01T00:00:00Z\"}}}",
     "a relaxed $date, which mongorestore refuses"},
    {"XXX\n", "not JSON: an object is expected"},
};

Test(metadata, tells_what_mongorestore_cannot_read)
{
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        struct bm_error err = BM_ERROR_INIT;
        struct bm_buffer bson = BM_BUFFER_INIT(LIMIT);
        struct bm_metadata parts;
        enum bm_status expected = shapes[i].problem == NULL ? BM_OK : BM_FAIL;
        cr_expect_eq(bm_metadata_read(bm_view_text(shapes[i].text), &bson, &parts, &err), expected,
                     "%s", shapes[i].text);
        if (shapes[i].problem != NULL) {
            cr_expect_eq(err.code, BM_ERROR_CORRUPT);
            cr_expect_str_eq(err.text, shapes[i].problem, "%s", shapes[i].text);
        }
        bm_buffer_free(&bson);
    }
}

Test(metadata, the_later_of_two_counts)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer bson = BM_BUFFER_INIT(LIMIT);
    struct bm_metadata parts;
    cr_assert_eq(
        bm_metadata_read(bm_view_text("{\"options\":{\"a\":1},\"options\":{},"
                                      "\"collectionName\":\"a\",\"collectionName\":\"b\"}"),
                         &bson, &parts, &err),
        BM_OK);
    cr_expect_eq(parts.options.len, 5);
    cr_expect(bm_view_equal(parts.collection_name, bm_view_text("b")));
    bm_buffer_free(&bson);
}

Test(metadata, tells_shapes)
{
    static const struct {
        const char *text;
        enum bm_metadata_shape shape;
    } cases[] = {
        {"{\"options\":{\"viewOn\":\"a\",\"pipeline\":[]}}", BM_SHAPE_VIEW},
        {"{\"options\":{\"timeseries\":{\"timeField\":\"t\"}}}", BM_SHAPE_TIMESERIES},
        {"{\"options\":{\"timeseries\":{},\"viewOn\":\"a\"}}", BM_SHAPE_VIEW},
        {"{\"type\":\"view\"}", BM_SHAPE_PLAIN}, /* mongorestore never looks at the type */
        {"{\"type\":\"timeseries\",\"options\":{}}", BM_SHAPE_PLAIN},
        {"{\"viewOn\":\"a\"}", BM_SHAPE_PLAIN},
        {"{", BM_SHAPE_PLAIN},
        {"", BM_SHAPE_PLAIN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_expect_eq(bm_metadata_shape(bm_view_text(cases[i].text)), cases[i].shape, "%s",
                     cases[i].text);
    }
}

Test(metadata, gives_the_collection_name)
{
    struct bm_error err = BM_ERROR_INIT;
    char *name = NULL;
    cr_assert_eq(bm_metadata_collection_name(bm_view_text(canonical), &name, &err), BM_OK);
    cr_expect_str_eq(name, "accounts");
    free(name);
    cr_assert_eq(bm_metadata_collection_name(bm_view_text(legacy), &name, &err), BM_OK);
    cr_expect_null(name);
    cr_assert_eq(
        bm_metadata_collection_name(bm_view_text("{\"collectionName\":\"\"}"), &name, &err), BM_OK);
    cr_expect_str_eq(name, "");
    free(name);
    cr_expect_eq(bm_metadata_collection_name(bm_view_text("XXX"), &name, &err), BM_FAIL);
    cr_expect_eq(err.code, BM_ERROR_CORRUPT);
    cr_expect_null(name);
}
