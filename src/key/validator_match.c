/* SPDX-License-Identifier: Apache-2.0 */
#include "key/validator.h"

/* A document held against a validator; `answer` is what became of the demand looked at last. */
struct trial {
    struct bm_validator *validator;
    struct bm_view document;
    enum bm_answer answer;
    const char *unknown; /* the first reason for an answer that is not known and still counts */
};

static enum bm_status meet(struct trial *trial, size_t number, const struct bm_element *value,
                           struct bm_error *err);

static void leave_open(struct trial *trial, const char *why)
{
    trial->answer = BM_ANSWER_UNKNOWN;
    if (trial->unknown == NULL) {
        trial->unknown = why;
    }
}

/* Of the parts all (the least of the answers), one (the greatest) or none (its contrary). Recursion
 * is as deep as validators may be. */
static enum bm_status meet_parts(struct trial *trial, size_t number, const struct bm_element *value,
                                 struct bm_error *err)
{
    const struct bm_demand *demands = trial->validator->demands;
    enum bm_demand_kind kind = demands[number].kind;
    const char *unknown = trial->unknown;
    int takes_greatest = kind == BM_DEMAND_ANY || kind == BM_DEMAND_NONE;
    enum bm_answer decisive = takes_greatest ? BM_ANSWER_TAKEN : BM_ANSWER_REFUSED;
    enum bm_answer answer = takes_greatest ? BM_ANSWER_REFUSED : BM_ANSWER_TAKEN;
    for (size_t part = number + 1; part < demands[number].end && answer != decisive;
         part = demands[part].end) {
        enum bm_status status = meet(trial, part, value, err);
        if (status != BM_OK) {
            return status;
        }
        if (takes_greatest ? trial->answer > answer : trial->answer < answer) {
            answer = trial->answer;
        }
    }
    if (answer != BM_ANSWER_UNKNOWN) {
        trial->unknown = unknown;
    }
    if (kind == BM_DEMAND_NONE && answer != BM_ANSWER_UNKNOWN) {
        answer = answer == BM_ANSWER_TAKEN ? BM_ANSWER_REFUSED : BM_ANSWER_TAKEN;
    }
    trial->answer = answer;
    return BM_OK;
}

static void decide(struct trial *trial, int met)
{
    trial->answer = met ? BM_ANSWER_TAKEN : BM_ANSWER_REFUSED;
}

static enum bm_status meet_filter(struct trial *trial, const struct bm_filter *filter,
                                  struct bm_error *err)
{
    static const char open[] = "not known for a document without _id, or so deep";
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
            leave_open(trial, open); /* it gets one on its way to the server */
            return BM_OK;
        }
    }
    struct bm_matching matching = {
        .tops = validator->found,
        .origin = trial->document.data,
        .units = &validator->units,
    };
    int met;
    enum bm_status status = bm_filter_match(filter, &matching, &met, err);
    if (status == BM_END) {
        leave_open(trial, open);
        return BM_OK;
    }
    decide(trial, met);
    return status;
}

/* The field of that name of an object. An _id that is missing is made on the way to the server: an
 * ObjectId, of which nothing else is known. */
static enum bm_status find_field(const struct trial *trial, const struct bm_element *object,
                                 struct bm_view name, struct bm_element *field,
                                 struct bm_error *err)
{
    static const uint8_t fresh[12] = {0};
    enum bm_status status = bm_document_find(object->value, name, field, err);
    if (status == BM_END && object->value.data == trial->document.data &&
        bm_view_equal(name, bm_view_text("_id"))) {
        *field = (struct bm_element){
            .type = BM_TYPE_OBJECT_ID, .name = name, .value = {fresh, sizeof fresh}};
        return BM_OK;
    }
    return status;
}

/* What a schema asks of the fields of an object it asks of no other value. */
static enum bm_status meet_field(struct trial *trial, size_t number, const struct bm_element *value,
                                 struct bm_error *err)
{
    const struct bm_demand *demand = &trial->validator->demands[number];
    struct bm_element field;
    decide(trial, 1);
    if (value->type != BM_TYPE_OBJECT) {
        return BM_OK;
    }
    enum bm_status status = find_field(trial, value, demand->name, &field, err);
    if (status == BM_FAIL) {
        return BM_FAIL;
    }
    if (demand->kind == BM_DEMAND_PRESENT) {
        decide(trial, status == BM_OK);
        return BM_OK;
    }
    return status == BM_OK ? meet_parts(trial, number, &field, err) : BM_OK;
}

static int is_in_scope(enum bm_demand_scope scope, uint8_t type)
{
    switch (scope) {
    case BM_SCOPE_ALL:
        return 1;
    case BM_SCOPE_STRINGS:
        return type == BM_TYPE_STRING;
    case BM_SCOPE_NUMBERS:
        return bm_compare_class(type) == bm_compare_class(BM_TYPE_DOUBLE);
    case BM_SCOPE_ARRAYS:
        return type == BM_TYPE_ARRAY;
    case BM_SCOPE_OBJECTS:
        return type == BM_TYPE_OBJECT;
    }
    return 1;
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
        decide(trial, demand->filter->conditions[0].types[value->type / 8] >> value->type % 8 & 1);
        return BM_OK;
    case BM_DEMAND_PRESENT:
    case BM_DEMAND_FIELD:
        return meet_field(trial, number, value, err);
    case BM_DEMAND_UNKNOWN:
        if (is_in_scope(demand->scope, value->type)) {
            leave_open(trial, demand->words);
        } else {
            decide(trial, 1);
        }
        return BM_OK;
    }
    return BM_OK;
}

enum bm_status bm_validator_match(struct bm_validator *validator, struct bm_view document,
                                  enum bm_answer *answer, struct bm_error *err)
{
    struct trial trial = {.validator = validator, .document = document};
    const struct bm_element whole = {.type = BM_TYPE_OBJECT, .value = document};
    enum bm_status status = meet(&trial, 0, &whole, err);
    *answer = trial.answer;
    validator->unknown = trial.answer == BM_ANSWER_UNKNOWN ? trial.unknown : NULL;
    return status;
}
