/* SPDX-License-Identifier: Apache-2.0 */
#include "doc/json_wrapper.h"

#include <string.h>

#include "base/bytes.h"
#include "bsonmend/document.h"

enum bm_status bm_json_wrapper_refuse(const struct bm_json_build *build,
                                      const struct bm_json_wrapper *wrapper, struct bm_error *err)
{
    return bm_json_build_refuse(build, build->at, err, "not what %s promises", wrapper->name);
}

size_t bm_json_wrapper_only(const struct bm_json_build *build, size_t object,
                            enum bm_json_kind kind)
{
    /* The object, its name, its value. */
    const struct bm_json_token *tokens = build->tokens + object;
    return tokens[0].size == 1 && tokens[2].kind == kind ? object + 2 : 0;
}

enum bm_status bm_json_wrapper_text(struct bm_json_build *build,
                                    const struct bm_json_wrapper *wrapper, struct bm_view *out,
                                    struct bm_error *err)
{
    size_t value = bm_json_wrapper_only(build, build->at, BM_JSON_STRING);
    if (value == 0) {
        return bm_json_wrapper_refuse(build, wrapper, err);
    }
    return bm_json_build_text(build, value, out, err);
}

enum bm_status bm_json_append_number(struct bm_json_build *build, uint64_t bits, size_t size,
                                     struct bm_error *err)
{
    uint8_t bytes[8];
    bm_put_le64(bytes, bits);
    return bm_buffer_append(build->out, (struct bm_view){bytes, size}, err);
}

static enum bm_status build_code_with_scope(struct bm_json_build *build,
                                            const struct bm_json_wrapper *wrapper,
                                            struct bm_error *err)
{
    struct bm_view text;
    size_t object = build->at;
    size_t length_at = build->out->len;
    if (build->tokens[object + 2].kind != BM_JSON_STRING) {
        return bm_json_wrapper_refuse(build, wrapper, err);
    }
    if (bm_json_build_text(build, object + 3, &text, err) != BM_OK) {
        return BM_FAIL;
    }
    if (!bm_view_equal(text, bm_view_text("$scope")) ||
        build->tokens[object + 4].kind != BM_JSON_OBJECT) {
        return bm_json_wrapper_refuse(build, wrapper, err);
    }
    if (bm_json_append_number(build, 0, 4, err) != BM_OK ||
        bm_json_build_text(build, object + 2, &text, err) != BM_OK ||
        bm_json_build_string(build, text, err) != BM_OK) {
        return BM_FAIL;
    }
    build->at = object + 4;
    if (bm_json_build_members(build, err) != BM_OK) {
        return BM_FAIL;
    }
    bm_put_le32(build->out->data + length_at, (uint32_t)(build->out->len - length_at));
    return BM_OK;
}

static enum bm_status refuse_scope(struct bm_json_build *build,
                                   const struct bm_json_wrapper *wrapper, struct bm_error *err)
{
    (void)wrapper;
    return bm_json_build_refuse(build, build->at, err, "$scope without $code before it");
}

static const struct bm_json_wrapper wrappers[] = {
    {"$numberInt", BM_TYPE_INT32, bm_json_scalar_int32},
    {"$numberLong", BM_TYPE_INT64, bm_json_scalar_int64},
    {"$numberDouble", BM_TYPE_DOUBLE, bm_json_scalar_double},
    {"$numberDecimal", BM_TYPE_DECIMAL128, bm_json_scalar_decimal},
    {"$oid", BM_TYPE_OBJECT_ID, bm_json_scalar_object_id},
    {"$date", BM_TYPE_DATE, bm_json_scalar_date},
    {"$timestamp", BM_TYPE_TIMESTAMP, bm_json_pair_timestamp},
    {"$binary", BM_TYPE_BINARY, bm_json_pair_binary},
    {"$uuid", BM_TYPE_BINARY, bm_json_scalar_uuid},
    {"$symbol", BM_TYPE_SYMBOL, bm_json_scalar_string},
    {"$code", BM_TYPE_CODE, bm_json_scalar_string},
    {"$scope", BM_TYPE_CODE_WITH_SCOPE, refuse_scope},
    {"$regularExpression", BM_TYPE_REGEX, bm_json_pair_regex},
    {"$dbPointer", BM_TYPE_DB_POINTER, bm_json_pair_db_pointer},
    {"$minKey", BM_TYPE_MIN_KEY, bm_json_scalar_mark},
    {"$maxKey", BM_TYPE_MAX_KEY, bm_json_scalar_mark},
    {"$undefined", BM_TYPE_UNDEFINED, bm_json_scalar_mark},
};

static const struct bm_json_wrapper code_with_scope = {"$code", BM_TYPE_CODE_WITH_SCOPE,
                                                       build_code_with_scope};

enum bm_status bm_json_wrapper_build(struct bm_json_build *build, uint8_t *type,
                                     struct bm_error *err)
{
    const struct bm_json_token *object = &build->tokens[build->at];
    struct bm_view name;
    if (object->size == 0) {
        return BM_END;
    }
    if (bm_json_build_text(build, build->at + 1, &name, err) != BM_OK) {
        return BM_FAIL;
    }
    for (size_t i = 0; i < sizeof wrappers / sizeof wrappers[0]; i++) {
        const struct bm_json_wrapper *wrapper = &wrappers[i];
        if (!bm_view_equal(name, bm_view_text(wrapper->name))) {
            continue;
        }
        if (wrapper->type == BM_TYPE_CODE && object->size == 2) {
            wrapper = &code_with_scope;
        }
        *type = wrapper->type;
        return wrapper->build(build, wrapper, err);
    }
    return BM_END;
}
