/* SPDX-License-Identifier: Apache-2.0 */
#include "key/validator_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/memory.h"

enum bm_status bm_asking_add(const struct bm_asking *asking, enum bm_demand_kind kind,
                             size_t *number, struct bm_error *err)
{
    struct bm_validator *validator = asking->validator;
    if (bm_grow(&validator->demands, validator->count, &validator->capacity,
                sizeof *validator->demands, err) != BM_OK) {
        return BM_FAIL;
    }
    *number = validator->count++;
    validator->demands[*number] = (struct bm_demand){.kind = kind, .end = validator->count};
    return BM_OK;
}

void bm_asking_close(const struct bm_asking *asking, size_t number)
{
    asking->validator->demands[number].end = asking->validator->count;
}

struct bm_demand *bm_asking_last(const struct bm_asking *asking)
{
    return &asking->validator->demands[asking->validator->count - 1];
}

/* ---- what is not judged ---- */

static char *words_of(const struct bm_element *element, const char *where, struct bm_error *err)
{
    int most = (int)(element->name.len < 100 ? element->name.len : 100);
    return bm_format_text(err, "%.*s%s", most, (const char *)element->name.data, where);
}

static enum bm_status make_unknown(const struct bm_asking *asking, size_t number,
                                   const struct bm_element *element, const char *where,
                                   struct bm_error *err)
{
    struct bm_demand *demand = &asking->validator->demands[number];
    demand->kind = BM_DEMAND_UNKNOWN;
    demand->words = words_of(element, where, err);
    return demand->words != NULL ? BM_OK : BM_FAIL;
}

static enum bm_status note_doubt(const struct bm_asking *asking, const struct bm_element *element,
                                 const char *where, struct bm_error *err)
{
    struct bm_validator *validator = asking->validator;
    if (validator->doubt == NULL) {
        validator->doubt = words_of(element, where, err);
    }
    return validator->doubt != NULL ? BM_OK : BM_FAIL;
}

enum bm_status bm_asking_add_unknown(const struct bm_asking *asking,
                                     const struct bm_element *element, const char *where,
                                     enum bm_demand_scope scope, struct bm_error *err)
{
    size_t number;
    if (bm_asking_add(asking, BM_DEMAND_UNKNOWN, &number, err) != BM_OK) {
        return BM_FAIL;
    }
    asking->validator->demands[number].scope = scope;
    return make_unknown(asking, number, element, where, err);
}

enum bm_status bm_asking_add_doubt(const struct bm_asking *asking, const struct bm_element *element,
                                   const char *where, struct bm_error *err)
{
    return note_doubt(asking, element, where, err) == BM_OK
               ? bm_asking_add_unknown(asking, element, where, BM_SCOPE_ALL, err)
               : BM_FAIL;
}

/* ---- what is left to filters ---- */

static uint8_t *filter_document(const struct bm_asked *asked, size_t *len, struct bm_error *err)
{
    const char *operation = asked->operation;
    const struct bm_element *value = asked->value;
    size_t name = operation != NULL ? strlen(operation) + 1 : 0;
    size_t inner = 4 + 1 + name + value->value.len + 1;
    size_t size = 4 + 1 + asked->field.len + 1 + (operation != NULL ? inner : value->value.len) + 1;
    uint8_t *bytes = bm_allocate(size, 1, err);
    if (bytes == NULL) {
        return NULL;
    }
    uint8_t *at = bytes + 4;
    bm_put_le32(bytes, (uint32_t)size);
    *at++ = operation != NULL ? BM_TYPE_OBJECT : value->type;
    memcpy(at, asked->field.data, asked->field.len);
    at += asked->field.len + 1;
    if (operation != NULL) {
        bm_put_le32(at, (uint32_t)inner);
        at[4] = value->type;
        memcpy(at + 5, operation, name);
        at += 5 + name;
    }
    if (value->value.len > 0) {
        memcpy(at, value->value.data, value->value.len);
    }
    *len = size;
    return bytes;
}

enum bm_status bm_asking_add_filter(const struct bm_asking *asking, enum bm_demand_kind kind,
                                    const struct bm_asked *asked, struct bm_error *err)
{
    size_t number;
    size_t len = 0;
    struct bm_filter_refusal refusal = {NULL, 0};
    if (bm_asking_add(asking, kind, &number, err) != BM_OK) {
        return BM_FAIL;
    }
    struct bm_demand *demand = &asking->validator->demands[number];
    demand->bytes = filter_document(asked, &len, err);
    if (demand->bytes == NULL) {
        return BM_FAIL;
    }
    const struct bm_filter_options options = {asking->server, asking->validator->collation,
                                              BM_FILTER_OF_VALIDATOR};
    enum bm_status status = bm_filter_new((struct bm_view){demand->bytes, len}, &options,
                                          &demand->filter, &refusal, err);
    free(refusal.words); /* speaks of partial indexes */
    if (status != BM_END) {
        return status;
    }
    if (refusal.is_servers && note_doubt(asking, asked->said, BM_NOT_JUDGED, err) != BM_OK) {
        return BM_FAIL;
    }
    return make_unknown(asking, number, asked->said, BM_NOT_JUDGED, err);
}
