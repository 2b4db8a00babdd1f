/* SPDX-License-Identifier: Apache-2.0 */
#include "key/validator.h"

/* A document held against a validator; `met` is what became of the demand looked at last. */
struct trial {
    struct bm_validator *validator;
    struct bm_view document;
    int met;
};

static enum bm_status meet(struct trial *trial, size_t number, const struct bm_element *value,
                           struct bm_error *err);

/* Of the parts all, one or none. Recursion is as deep as validators may be. */
static enum bm_status meet_parts(struct trial *trial, size_t number, const struct bm_element *value,
                                 struct bm_error *err)
{
    const struct bm_demand *demands = trial->validator->demands;
    enum bm_demand_kind kind = demands[number].kind;
    int decisive = kind == BM_DEMAND_ANY || kind == BM_DEMAND_NONE;
    int met = !decisive;
    for (size_t part = number + 1; part < demands[number].end && met != decisive;
         part = demands[part].end) {
        enum bm_status status = meet(trial, part, value, err);
        if (status != BM_OK) {
            return status;
        }
        met = trial->met;
    }
    trial->met = kind == BM_DEMAND_NONE ? !met : met;
    return BM_OK;
}

static enum bm_status meet_filter(struct trial *trial, const struct bm_filter *filter,
                                  struct bm_error *err)
{
    struct bm_validator *validator = trial->validator;
    for (size_t i = 0; i < filter->count; i++) {
        const struct bm_field *field = &filter->conditions[i].field;
        validator->found[i] = NULL;
        if (field->count == 0) {
            continue;
        }
        enum bm_status status =
            bm_document_find(trial->document, field->components[0], &validator->tops[i], err);
        if (status == BM_FAIL) {
            return BM_FAIL;
        }
        if (status == BM_OK) {
            validator->found[i] = &validator->tops[i];
        } else if (bm_view_equal(field->components[0], bm_view_text("_id"))) {
            return BM_END; /* it gets one on its way to the server */
        }
    }
    struct bm_matching matching = {
        .tops = validator->found,
        .origin = trial->document.data,
        .units = &validator->units,
    };
    return bm_filter_match(filter, &matching, &trial->met, err);
}

/* What a schema asks of the fields of an object it asks of no other value. */
static enum bm_status meet_field(struct trial *trial, size_t number, const struct bm_element *value,
                                 struct bm_error *err)
{
    const struct bm_demand *demand = &trial->validator->demands[number];
    struct bm_element field;
    trial->met = 1;
    if (value->type != BM_TYPE_OBJECT) {
        return BM_OK;
    }
    enum bm_status status = bm_document_find(value->value, demand->name, &field, err);
    if (status == BM_FAIL) {
        return BM_FAIL;
    }
    if (demand->kind == BM_DEMAND_PRESENT) {
        trial->met = status == BM_OK;
        return BM_OK;
    }
    return status == BM_OK ? meet_parts(trial, number, &field, err) : BM_OK;
}

static enum bm_status meet(struct trial *trial, size_t number, const struct bm_element *value,
                           struct bm_error *err)
{
    const struct bm_demand *demand = &trial->validator->demands[number];
    switch (demand->kind) {
    case BM_DEMAND_ALL:
    case BM_DEMAND_ANY:
    case BM_DEMAND_NONE:
        return meet_parts(trial, number, value, err);
    case BM_DEMAND_FILTER:
        return meet_filter(trial, demand->filter, err);
    case BM_DEMAND_TYPE:
        trial->met = demand->filter->conditions[0].types[value->type / 8] >> value->type % 8 & 1;
        return BM_OK;
    case BM_DEMAND_PRESENT:
    case BM_DEMAND_FIELD:
        return meet_field(trial, number, value, err);
    }
    return BM_OK;
}

enum bm_status bm_validator_match(struct bm_validator *validator, struct bm_view document,
                                  int *passes, struct bm_error *err)
{
    struct trial trial = {.validator = validator, .document = document};
    const struct bm_element whole = {.type = BM_TYPE_OBJECT, .value = document};
    enum bm_status status = meet(&trial, 0, &whole, err);
    *passes = trial.met;
    return status;
}
