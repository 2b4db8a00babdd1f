/* SPDX-License-Identifier: Apache-2.0 */
/* A line such as those of validator.jsonl, {"validator": …, "docs": […]}: what compiles for an old
 * server does so for the newest, and of sound documents it says the same twice, and its contrary
 * the contrary. */
#include "fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/bytes.h"
#include "bsonmend/key.h"
#include "doc/extjson.h"

static struct bm_validator *compile(struct bm_view document, const char *server)
{
    struct bm_error err = BM_ERROR_INIT;
    const struct bm_validator_options options = {bm_server_parse(server), {NULL, 0}};
    struct bm_validator *validator = NULL;
    char *reason = NULL;
    enum bm_status status = bm_validator_new(document, &options, &validator, &reason, &err);
    FUZZ_HOLDS(status != BM_FAIL);
    FUZZ_HOLDS((status == BM_OK) == (validator != NULL) && (status == BM_END) == (reason != NULL));
    free(reason);
    return validator;
}

/* {"$nor": [validator]} */
static struct bm_buffer contrary_of(struct bm_view validator)
{
    static const char before[] = "\4$nor\0....\3"
                                 "0"; /* its zero byte ends the name 0 */
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer out = BM_BUFFER_INIT(1u << 25);
    size_t list = 4 + 3 + validator.len + 1;
    size_t whole = 4 + 6 + list + 1;
    FUZZ_HOLDS(bm_buffer_append(&out, (struct bm_view){(const uint8_t *)"....", 4}, &err) == BM_OK);
    FUZZ_HOLDS(bm_buffer_append(&out, (struct bm_view){(const uint8_t *)before, sizeof before},
                                &err) == BM_OK);
    FUZZ_HOLDS(bm_buffer_append(&out, validator, &err) == BM_OK);
    FUZZ_HOLDS(bm_buffer_append(&out, (struct bm_view){(const uint8_t *)"\0\0", 2}, &err) == BM_OK);
    FUZZ_HOLDS(out.len == whole);
    bm_put_le32(out.data, (uint32_t)whole);
    bm_put_le32(out.data + 4 + 6, (uint32_t)list);
    return out;
}

/* The same answer twice, and a reason where it is left open. */
static enum bm_answer answer_of(struct bm_validator *validator, struct bm_view document)
{
    struct bm_error err = BM_ERROR_INIT;
    enum bm_answer one = BM_ANSWER_REFUSED;
    enum bm_answer other = BM_ANSWER_REFUSED;
    FUZZ_HOLDS(bm_validator_match(validator, document, &one, &err) == BM_OK);
    FUZZ_HOLDS(bm_validator_match(validator, document, &other, &err) == BM_OK);
    FUZZ_HOLDS(one == other);
    FUZZ_HOLDS((bm_validator_unknown(validator) != NULL) == (one == BM_ANSWER_UNKNOWN));
    return one;
}

static void judge(struct bm_validator *validator, struct bm_validator *contrary,
                  struct bm_view documents)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_elements elements;
    struct bm_element document;
    enum bm_status next = bm_elements_open(&elements, documents, &err);
    while (next == BM_OK && (next = bm_elements_next(&elements, &document, &err)) == BM_OK) {
        if (document.type == BM_TYPE_OBJECT) {
            enum bm_answer one = answer_of(validator, document.value);
            enum bm_answer other =
                contrary != NULL ? answer_of(contrary, document.value) : BM_ANSWER_UNKNOWN;
            FUZZ_HOLDS(one == BM_ANSWER_UNKNOWN || other == BM_ANSWER_UNKNOWN || one != other);
        }
    }
}

static void try(struct bm_view document, struct bm_view documents)
{
    struct bm_buffer turned = contrary_of(document);
    struct bm_validator *validator = compile(document, "");
    struct bm_validator *old = compile(document, "4.4");
    /* One level deeper than the validator may be too deep. */
    struct bm_validator *contrary = compile(bm_buffer_view(&turned), "");
    FUZZ_HOLDS(old == NULL || validator != NULL);
    FUZZ_HOLDS(contrary == NULL || validator != NULL);
    if (validator != NULL) {
        judge(validator, contrary, documents);
    }
    if (old != NULL) {
        judge(old, NULL, documents);
    }
    bm_validator_free(validator);
    bm_validator_free(old);
    bm_validator_free(contrary);
    bm_buffer_free(&turned);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_element validator;
    struct bm_element documents;
    struct bm_buffer bson = BM_BUFFER_INIT(1u << 25);
    if (bm_json_parse((struct bm_view){data, size}, &bson, &err) == BM_OK &&
        bm_document_check(bm_buffer_view(&bson), NULL, &err) == BM_OK &&
        bm_document_find(bm_buffer_view(&bson), bm_view_text("validator"), &validator, &err) ==
            BM_OK &&
        bm_document_find(bm_buffer_view(&bson), bm_view_text("docs"), &documents, &err) == BM_OK &&
        validator.type == BM_TYPE_OBJECT && documents.type == BM_TYPE_ARRAY) {
        try(validator.value, documents.value);
    }
    bm_buffer_free(&bson);
    return 0;
}
