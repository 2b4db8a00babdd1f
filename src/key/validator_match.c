/* SPDX-License-Identifier: Apache-2.0 */
#include "key/validator.h"

#include "base/bytes.h"
#include "base/utf8.h"
#include "doc/number.h"

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

static void decide(struct trial *trial, int met)
{
    trial->answer = met ? BM_ANSWER_TAKEN : BM_ANSWER_REFUSED;
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

/* Exactly one: what two of them surely are is not. */
static enum bm_status meet_one(struct trial *trial, size_t number, const struct bm_element *value,
                               struct bm_error *err)
{
    const struct bm_demand *demands = trial->validator->demands;
    const char *unknown = trial->unknown;
    size_t taken = 0;
    size_t left_open = 0;
    for (size_t part = number + 1; part < demands[number].end && taken < 2;
         part = demands[part].end) {
        enum bm_status status = meet(trial, part, value, err);
        if (status != BM_OK) {
            return status;
        }
        taken += trial->answer == BM_ANSWER_TAKEN;
        left_open += trial->answer == BM_ANSWER_UNKNOWN;
    }
    if (taken < 2 && left_open > 0) {
        trial->answer = BM_ANSWER_UNKNOWN;
        return BM_OK;
    }
    trial->unknown = unknown;
    decide(trial, taken == 1);
    return BM_OK;
}

/* ---- filters ---- */

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
    int met = 0;
    enum bm_status status = bm_filter_match(filter, &matching, &met, err);
    if (status == BM_END) {
        leave_open(trial, open);
        return BM_OK;
    }
    decide(trial, met);
    return status;
}

/* The only condition of a filter, which is no type, by a value that is no array. */
static enum bm_status meet_value(struct trial *trial, const struct bm_filter *filter,
                                 const struct bm_element *value, struct bm_error *err)
{
    struct bm_matching matching = {
        .tops = &value,
        .origin = trial->document.data,
        .units = &trial->validator->units,
    };
    int met = 0;
    enum bm_status status = bm_filter_match(filter, &matching, &met, err);
    decide(trial, met);
    return status;
}

/* ---- schemas: lists and lengths ---- */

static enum bm_status end_of_value(const struct trial *trial, const struct bm_element *value,
                                   enum bm_status next, struct bm_error *err)
{
    return next == BM_FAIL ? bm_offset_from(err, value->value, trial->document.data) : BM_OK;
}

/* An _id that is missing is made on the way to the server: an ObjectId, of which nothing else is
 * known. */
static int lacks_id(const struct trial *trial, const struct bm_element *value)
{
    struct bm_error damage = BM_ERROR_INIT;
    struct bm_element id;
    return value->value.data == trial->document.data &&
           bm_document_find(trial->document, bm_view_text("_id"), &id, &damage) == BM_END;
}

static const struct bm_element *fresh_id(void)
{
    static const uint8_t bytes[12] = {0};
    static const struct bm_element id = {.type = BM_TYPE_OBJECT_ID,
                                         .name = {(const uint8_t *)"_id", 3},
                                         .value = {bytes, sizeof bytes}};
    return &id;
}

static enum bm_status meet_list(struct trial *trial, const struct bm_demand *demand,
                                const struct bm_element *value, struct bm_error *err)
{
    static const char open[] = "not known for values of a $jsonSchema so deep or large, or with "
                               "code in a scope";
    const uint8_t *origin = trial->document.data;
    struct bm_values *values = &trial->validator->values;
    int is_unique = demand->kind == BM_DEMAND_UNIQUE;
    bm_values_clear(values);
    enum bm_status status = is_unique ? bm_values_add_all(values, value, origin, err)
                                      : bm_values_add(values, value, origin, err);
    if (status == BM_END) {
        leave_open(trial, open);
        return BM_OK;
    }
    if (status == BM_OK) {
        decide(trial, is_unique
                          ? bm_values_differ(values)
                          : bm_values_have(demand->listed, values) && !lacks_id(trial, value));
    }
    return status;
}

/* Code points. BM_END: the string has other bytes, which servers may count otherwise. */
static enum bm_status count_characters(const struct bm_element *string, uint64_t *count)
{
    struct bm_view text = {string->value.data + 4, string->value.len - 5};
    for (*count = 0; text.len > 0; ++*count) {
        size_t length = bm_utf8_length(text);
        if (length == 0) {
            return BM_END;
        }
        text = (struct bm_view){text.data + length, text.len - length};
    }
    return BM_OK;
}

static enum bm_status count_elements(const struct trial *trial, const struct bm_element *value,
                                     uint64_t *count, struct bm_error *err)
{
    struct bm_elements elements;
    struct bm_element element;
    *count = 0;
    enum bm_status next = bm_elements_open(&elements, value->value, err);
    while (next == BM_OK && (next = bm_elements_next(&elements, &element, err)) == BM_OK) {
        ++*count;
    }
    *count += (uint64_t)lacks_id(trial, value);
    return end_of_value(trial, value, next, err);
}

static enum bm_status meet_length(struct trial *trial, const struct bm_demand *demand,
                                  const struct bm_element *value, struct bm_error *err)
{
    uint64_t count;
    enum bm_status status = value->type == BM_TYPE_STRING
                                ? count_characters(value, &count)
                                : count_elements(trial, value, &count, err);
    if (status == BM_END) {
        leave_open(trial, "not known for a string that is not UTF-8");
        return BM_OK;
    }
    decide(trial, count >= demand->least && count <= demand->most);
    return status;
}

/* The size of a whole number. BM_END: it is surely none. BM_FAIL: that is not known here, as the
 * server makes a decimal of it, and rounds a double to 15 digits (mongod decimal128.cpp). */
static enum bm_status whole_number(const struct bm_element *element, uint64_t *size)
{
    static const double exact = 1e15; /* below this no digit before the point is rounded */
    static const double small = 1e6;  /* and below this not the first six behind it */
    double value;
    if (element->type == BM_TYPE_INT64) {
        uint64_t bits = bm_le64(element->value.data);
        *size = bits >> 63 ? 0 - bits : bits;
        return BM_OK;
    }
    if (element->type == BM_TYPE_DECIMAL128 || !bm_number_of(element, &value)) {
        return BM_FAIL;
    }
    value = value < 0 ? -value : value;
    if (!(value < exact)) {
        return BM_FAIL;
    }
    *size = (uint64_t)value;
    double rest = value - (double)*size;
    if (rest <= 0) {
        return BM_OK;
    }
    return value < small && rest > 1 / small && rest < 1 - 1 / small ? BM_END : BM_FAIL;
}

static void meet_multiple(struct trial *trial, uint64_t divisor, const struct bm_element *value)
{
    uint64_t size = 0;
    switch (whole_number(value, &size)) {
    case BM_OK:
        decide(trial, size % divisor == 0);
        break;
    case BM_END:
        decide(trial, 0);
        break;
    case BM_FAIL:
        leave_open(trial, "not known for a decimal, or a double so large or near a whole number");
        break;
    }
}

/* ---- schemas: what an object or an array holds ---- */

/* Whether a demand asks something of an element that stands at this place. */
static int asks_of(const struct bm_demand *demand, const struct bm_element *element, uint64_t place)
{
    struct bm_error damage = BM_ERROR_INIT;
    struct bm_element named;
    if (demand->kind == BM_DEMAND_ITEMS) {
        return place >= demand->least && place <= demand->most;
    }
    return demand->named.len == 0 ||
           bm_document_find(demand->named, element->name, &named, &damage) != BM_OK;
}

static void take_least(struct trial *trial, enum bm_answer *answer)
{
    if (trial->answer < *answer) {
        *answer = trial->answer;
    }
}

/* Each of the elements that are asked meets all parts: the least of the answers counts. */
static enum bm_status meet_elements(struct trial *trial, size_t number,
                                    const struct bm_element *value, struct bm_error *err)
{
    const struct bm_demand *demand = &trial->validator->demands[number];
    const char *unknown = trial->unknown;
    struct bm_elements elements;
    struct bm_element element;
    enum bm_answer answer = BM_ANSWER_TAKEN;
    uint64_t place = 0;
    if (lacks_id(trial, value) && asks_of(demand, fresh_id(), 0)) {
        enum bm_status status = meet_parts(trial, number, fresh_id(), err);
        if (status != BM_OK) {
            return status;
        }
        take_least(trial, &answer);
    }
    enum bm_status next = bm_elements_open(&elements, value->value, err);
    for (; answer != BM_ANSWER_REFUSED && next == BM_OK &&
           (next = bm_elements_next(&elements, &element, err)) == BM_OK;
         place++) {
        if (!asks_of(demand, &element, place)) {
            continue;
        }
        enum bm_status status = meet_parts(trial, number, &element, err);
        if (status != BM_OK) {
            return status;
        }
        take_least(trial, &answer);
    }
    if (answer != BM_ANSWER_UNKNOWN) {
        trial->unknown = unknown;
    }
    trial->answer = answer;
    return end_of_value(trial, value, next, err);
}

static enum bm_status meet_field(struct trial *trial, size_t number, const struct bm_element *value,
                                 struct bm_error *err)
{
    const struct bm_demand *demand = &trial->validator->demands[number];
    struct bm_element field;
    enum bm_status status = bm_document_find(value->value, demand->name, &field, err);
    if (status == BM_FAIL) {
        return end_of_value(trial, value, status, err);
    }
    if (status == BM_END && bm_view_equal(demand->name, fresh_id()->name) &&
        lacks_id(trial, value)) {
        field = *fresh_id();
        status = BM_OK;
    }
    decide(trial, status == BM_OK || demand->kind == BM_DEMAND_FIELD);
    return status == BM_OK && demand->kind == BM_DEMAND_FIELD
               ? meet_parts(trial, number, &field, err)
               : BM_OK;
}

/* ---- any demand ---- */

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
    if (!is_in_scope(demand->scope, value->type)) {
        decide(trial, 1);
        return BM_OK;
    }
    switch (demand->kind) {
    case BM_DEMAND_ALL:
    case BM_DEMAND_ANY:
    case BM_DEMAND_NONE:
        return meet_parts(trial, number, value, err);
    case BM_DEMAND_ONE:
        return meet_one(trial, number, value, err);
    case BM_DEMAND_FILTER:
        return meet_filter(trial, demand->filter, err);
    case BM_DEMAND_VALUE:
        return meet_value(trial, demand->filter, value, err);
    case BM_DEMAND_TYPE:
        decide(trial, demand->types[value->type / 8] >> value->type % 8 & 1);
        return BM_OK;
    case BM_DEMAND_LISTED:
    case BM_DEMAND_UNIQUE:
        return meet_list(trial, demand, value, err);
    case BM_DEMAND_LENGTH:
        return meet_length(trial, demand, value, err);
    case BM_DEMAND_MULTIPLE:
        meet_multiple(trial, demand->divisor, value);
        return BM_OK;
    case BM_DEMAND_PRESENT:
    case BM_DEMAND_FIELD:
        return meet_field(trial, number, value, err);
    case BM_DEMAND_ITEMS:
    case BM_DEMAND_OTHERS:
        return meet_elements(trial, number, value, err);
    case BM_DEMAND_UNKNOWN:
        leave_open(trial, demand->words);
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
