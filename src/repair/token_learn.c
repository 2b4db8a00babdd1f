/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/token_learn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "repair/token_fit.h"

#define UUID_BYTES 16u
#define UUID_SUBTYPE 4
#define NANOID_LENGTH 21u
#define EXAMPLES 3u
#define SHAPE_TEXT_BYTES 128u /* of struct bm_token_shape */
/* So few characters are within an alphabet narrower than theirs by chance. */
#define FEW_CHARACTERS 64u

enum value_kind { VALUE_TEXT, VALUE_UUID, VALUE_OBJECT_ID, VALUE_OTHER };

struct value {
    enum value_kind kind;
    uint8_t type;
    uint8_t version; /* VALUE_UUID */
    size_t at;       /* VALUE_TEXT: its bytes in the buffer, none of a text that is too long */
    size_t len;
    int too_long;
};

struct bm_token_learner {
    unsigned empty;
    struct value values[BM_TOKEN_LEARN_VALUES];
    size_t count;
    size_t kinds[VALUE_OTHER + 1]; /* how many of each */
    struct bm_buffer bytes;
};

struct bm_token_learner *bm_token_learner_new(unsigned empty, struct bm_error *err)
{
    struct bm_token_learner *learner = bm_allocate(1, sizeof *learner, err);
    if (learner != NULL) {
        learner->empty = empty;
        learner->bytes = BM_BUFFER_INIT((size_t)BM_TOKEN_LEARN_VALUES * BM_FIT_TEXT_MAX);
    }
    return learner;
}

void bm_token_learner_free(struct bm_token_learner *learner)
{
    if (learner != NULL) {
        bm_buffer_free(&learner->bytes);
        free(learner);
    }
}

static struct value value_of(const struct bm_element *element)
{
    struct value value = {.kind = VALUE_OTHER, .type = element->type};
    if (element->type == BM_TYPE_STRING) {
        value.kind = VALUE_TEXT;
        value.len = element->value.len - 5;
        value.too_long = value.len > BM_FIT_TEXT_MAX;
    } else if (element->type == BM_TYPE_OBJECT_ID) {
        value.kind = VALUE_OBJECT_ID;
    } else if (element->type == BM_TYPE_BINARY && element->value.len == 5 + UUID_BYTES &&
               element->value.data[4] == UUID_SUBTYPE) {
        value.kind = VALUE_UUID;
        value.version = element->value.data[5 + 6] >> 4;
    }
    return value;
}

enum bm_status bm_token_learner_take(struct bm_token_learner *learner,
                                     const struct bm_element *element, struct bm_error *err)
{
    if (learner->count == BM_TOKEN_LEARN_VALUES) {
        return BM_END;
    }
    if (((unsigned)bm_emptiness_of(element) & learner->empty) != 0) {
        return BM_OK;
    }
    struct value value = value_of(element);
    value.at = learner->bytes.len;
    if (value.kind == VALUE_TEXT && !value.too_long) {
        struct bm_view text = {element->value.data + 4, value.len};
        if (bm_buffer_append(&learner->bytes, text, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    learner->values[learner->count++] = value;
    learner->kinds[value.kind]++;
    return BM_OK;
}

static struct bm_view text_of(const struct bm_token_learner *learner, const struct value *value)
{
    return (struct bm_view){learner->bytes.data + value->at, value->too_long ? 0 : value->len};
}

/* At least 90 % of all. */
static size_t least_of(size_t count)
{
    return (count * 9 + 9) / 10;
}

/* ---- saying what a value looks like ---- */

static const char *type_name(uint8_t type)
{
    switch (type) {
    case BM_TYPE_DOUBLE:
    case BM_TYPE_INT32:
    case BM_TYPE_INT64:
    case BM_TYPE_DECIMAL128:
        return "a number";
    case BM_TYPE_BOOL:
        return "true or false";
    case BM_TYPE_DATE:
        return "a date";
    case BM_TYPE_OBJECT:
        return "an object";
    case BM_TYPE_ARRAY:
        return "an array";
    case BM_TYPE_BINARY:
        return "binary data";
    case BM_TYPE_NULL:
        return "null";
    default:
        return "a value of another type";
    }
}

/* "hex:32"; of a form with a length of its own the name alone. */
static void name_form(const struct bm_token_core *core, size_t length, char *out, size_t size)
{
    if (core->form != BM_CORE_CHARACTERS) {
        (void)snprintf(out, size, "%s", core->name);
    } else if (length == NANOID_LENGTH && strcmp(core->name, "base64url") == 0) {
        (void)snprintf(out, size, "nanoid");
    } else {
        (void)snprintf(out, size, "%s:%zu", core->name, length);
    }
}

static void describe(const struct bm_token_learner *learner, const struct value *value,
                     char out[SHAPE_TEXT_BYTES])
{
    struct bm_view text = text_of(learner, value);
    const struct bm_token_core *core = bm_token_core_of(text);
    if (value->kind == VALUE_UUID) {
        (void)snprintf(out, SHAPE_TEXT_BYTES, "a binary UUID");
    } else if (value->kind == VALUE_OBJECT_ID) {
        (void)snprintf(out, SHAPE_TEXT_BYTES, "an ObjectId");
    } else if (value->kind == VALUE_OTHER) {
        (void)snprintf(out, SHAPE_TEXT_BYTES, "%s", type_name(value->type));
    } else if (core != NULL && !value->too_long) {
        name_form(core, text.len, out, SHAPE_TEXT_BYTES);
    } else {
        (void)snprintf(out, SHAPE_TEXT_BYTES, "a text of %zu bytes", value->len);
    }
}

/* The shapes of the first three values that look different. */
static enum bm_status refuse(const struct bm_token_learner *learner, const char *field,
                             struct bm_error *err)
{
    char shown[EXAMPLES][SHAPE_TEXT_BYTES];
    size_t count = 0;
    for (size_t i = 0; i < learner->count && count < EXAMPLES; i++) {
        describe(learner, &learner->values[i], shown[count]);
        size_t same = 0;
        while (same < count && strcmp(shown[same], shown[count]) != 0) {
            same++;
        }
        count += same == count;
    }
    if (count == 1) {
        return bm_fail(err, BM_ERROR_USAGE, 0,
                       "%.60s: no kind of token can be learned from the first %zu values (%.40s): "
                       "say what a token is, as in %.60s=hex:32",
                       field, learner->count, shown[0], field);
    }
    return bm_fail(err, BM_ERROR_USAGE, 0,
                   "%.60s: fewer than 90 %% of the first %zu values have one shape (%.40s%s%.40s"
                   "%s%.40s): say what a token is, as in %.60s=hex:32",
                   field, learner->count, shown[0], ", ", shown[1], count > 2 ? ", " : "",
                   count > 2 ? shown[2] : "", field);
}

/* ---- from what was found to a shape ---- */

static void copy(struct bm_view from, char *out, size_t size)
{
    size_t len = from.len < size ? from.len : size - 1;
    if (len > 0) {
        memcpy(out, from.data, len);
    }
    out[len] = '\0';
}

static void shape_of_fit(const struct bm_fit *fit, struct bm_token_shape *out)
{
    const struct bm_token_core *core = fit->core;
    *out = (struct bm_token_shape){.kind = BM_TOKEN_TEXT, .length = (uint32_t)fit->length};
    copy(fit->prefix, out->prefix, sizeof out->prefix);
    copy(fit->suffix, out->suffix, sizeof out->suffix);
    copy(bm_view_text(core != NULL ? core->alphabet : fit->alphabet), out->alphabet,
         sizeof out->alphabet);
    char form[64];
    if (core != NULL) {
        name_form(core, fit->length, form, sizeof form);
    } else {
        (void)snprintf(form, sizeof form, "%zu characters:%zu", strlen(fit->alphabet), fit->length);
    }
    /* Affixes are of 40 bytes at most (token_fit.c), a form's name of 36. */
    if (fit->prefix.len + fit->suffix.len > 0) {
        (void)snprintf(out->text, sizeof out->text, "%.40s{%.40s}%.40s", out->prefix, form,
                       out->suffix);
    } else {
        (void)snprintf(out->text, sizeof out->text, "%s", form);
    }
    if (core != NULL && core->form == BM_CORE_UUID) {
        out->kind = strcmp(core->name, "uuid4") == 0 ? BM_TOKEN_UUID4 : BM_TOKEN_UUID4_UPPER;
        out->alphabet[0] = '\0';
        out->length = 0;
    } else if (core != NULL && core->form == BM_CORE_ULID && fit->zero_in_front == fit->matches) {
        /* A first character over '7' is none that a reader of ULIDs takes. */
        (void)strncat(out->prefix, "0", sizeof out->prefix - strlen(out->prefix) - 1);
        out->length--;
    }
}

/* "from 812 of 812 values", and what there is to know besides. */
static void say(const char *text, size_t matches, size_t count, const char *more, char *said)
{
    (void)snprintf(said, BM_TOKEN_SAID_BYTES, "%s from %zu of %zu values%s", text, matches, count,
                   more);
}

/* UUIDs of other versions than the 4 that new ones have; "" when there are none. */
static void say_versions(const size_t versions[16], char *more, size_t size)
{
    size_t others = 0;
    size_t most = 0;
    for (size_t i = 0; i < 16; i++) {
        others += i == 4 ? 0 : versions[i];
        most = i != 4 && (most == 4 || versions[i] > versions[most]) ? i : most;
    }
    (void)snprintf(more, size, "%s", "");
    if (others > 0) {
        (void)snprintf(more, size,
                       "; %zu of them are UUIDs of another version (%zu), new ones are version 4",
                       others, most);
    }
}

static void say_fit(const struct bm_fit *fit, const char *text, size_t count, char *said)
{
    char more[128] = "";
    if (fit->core != NULL && fit->core->form == BM_CORE_UUID) {
        say_versions(fit->version, more, sizeof more);
    } else if (fit->shortest != fit->longest) {
        (void)snprintf(more, sizeof more, "; they have %zu to %zu characters", fit->shortest,
                       fit->longest);
    } else if (fit->characters < FEW_CHARACTERS && fit->core != NULL) {
        (void)snprintf(more, sizeof more, "; so few would fit wider alphabets as well");
    }
    say(text, fit->matches, count, more, said);
}

/* Values that are no texts: their type is the shape. */
static void shape_of_kind(const struct bm_token_learner *learner, enum value_kind kind,
                          struct bm_token_shape *out, char *said)
{
    char more[128] = "";
    int is_uuid = kind == VALUE_UUID;
    *out = (struct bm_token_shape){.kind = is_uuid ? BM_TOKEN_UUID4_BINARY : BM_TOKEN_OBJECT_ID};
    (void)snprintf(out->text, sizeof out->text, "%s", is_uuid ? "uuid4-binary" : "objectid");
    if (is_uuid) {
        size_t versions[16] = {0};
        for (size_t i = 0; i < learner->count; i++) {
            versions[learner->values[i].version] += learner->values[i].kind == VALUE_UUID;
        }
        say_versions(versions, more, sizeof more);
    }
    say(out->text, learner->kinds[kind], learner->count, more, said);
}

enum bm_status bm_token_learner_finish(const struct bm_token_learner *learner, const char *field,
                                       struct bm_token_shape *out, char said[BM_TOKEN_SAID_BYTES],
                                       struct bm_error *err)
{
    size_t least = least_of(learner->count);
    if (learner->count == 0) {
        (void)snprintf(said, BM_TOKEN_SAID_BYTES, "hex:32, as there is no value to learn from");
        return bm_token_shape_parse("hex:32", out, err);
    }
    for (int kind = VALUE_UUID; kind <= VALUE_OBJECT_ID; kind++) {
        if (learner->kinds[kind] >= least) {
            shape_of_kind(learner, (enum value_kind)kind, out, said);
            return BM_OK;
        }
    }
    struct bm_view *list = bm_allocate(learner->count, sizeof *list, err);
    if (list == NULL) {
        return BM_FAIL;
    }
    struct bm_fit_texts texts = {.list = list, .least = least};
    for (size_t i = 0; i < learner->count; i++) {
        const struct value *value = &learner->values[i];
        if (value->kind == VALUE_TEXT && !value->too_long) {
            list[texts.count++] = text_of(learner, value);
        }
    }
    struct bm_fit fit;
    enum bm_status status = BM_OK;
    if (bm_fit_find(&texts, &fit)) {
        shape_of_fit(&fit, out);
        say_fit(&fit, out->text, learner->count, said);
    } else {
        status = refuse(learner, field, err);
    }
    free(list);
    return status;
}
