/* SPDX-License-Identifier: Apache-2.0 */
#include "bsonmend/rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "bsonmend/reader.h"
#include "doc/extjson.h"
#include "repair/rules_parts.h"

#define FILE_MAX ((size_t)1 << 20)
#define PLACE_BYTES 256u

/* A rules file on its way into rules; ns and empty are those of the object at hand. */
struct rules_file {
    struct bm_rules *rules;
    struct bm_view ns;
    unsigned empty;
    char place[PLACE_BYTES]; /* "rules[0].fill.token" */
    size_t place_len;
};

typedef enum bm_status take(struct rules_file *file, const struct bm_element *element,
                            struct bm_error *err);

static enum bm_status refuse(const struct rules_file *file, const char *why, struct bm_error *err)
{
    return bm_fail(err, BM_ERROR_USAGE, 0, "%s: %s", file->place_len > 0 ? file->place : "the file",
                   why);
}

/* The result of putting a part, its error with the place in front. */
static enum bm_status placed(const struct rules_file *file, enum bm_status status,
                             const struct bm_error *why, struct bm_error *err)
{
    if (status == BM_OK) {
        return BM_OK;
    }
    if (why->code != BM_ERROR_USAGE) {
        return bm_fail(err, why->code, why->sys_errno, "%s", why->text);
    }
    return refuse(file, why->text, err);
}

static enum bm_status expect(const struct rules_file *file, const struct bm_element *element,
                             enum bm_type type, struct bm_error *err)
{
    if (element->type == type) {
        return BM_OK;
    }
    return refuse(file,
                  type == BM_TYPE_STRING  ? "a string is expected"
                  : type == BM_TYPE_ARRAY ? "a list is expected"
                                          : "an object is expected",
                  err);
}

static struct bm_view string_of(const struct bm_element *element)
{
    return (struct bm_view){element->value.data + 4, element->value.len - 5};
}

/* ---- walking with a place ---- */

static int is_plain(struct bm_view name)
{
    for (size_t i = 0; i < name.len; i++) {
        uint8_t byte = name.data[i];
        uint8_t letter = byte | 0x20;
        if (!(letter >= 'a' && letter <= 'z') && !(byte >= '0' && byte <= '9') && byte != '_') {
            return 0;
        }
    }
    return name.len > 0;
}

/* ".name", "[\"a.b\"]" or "[3]" behind the place; what does not fit is cut. */
static void enter(struct rules_file *file, const struct bm_element *element, enum bm_type container)
{
    int len = element->name.len < 100 ? (int)element->name.len : 100;
    char step[128];
    if (container == BM_TYPE_ARRAY) {
        (void)snprintf(step, sizeof step, "[%.*s]", len, (const char *)element->name.data);
    } else if (!is_plain(element->name)) {
        (void)snprintf(step, sizeof step, "[\"%.*s\"]", len, (const char *)element->name.data);
    } else {
        (void)snprintf(step, sizeof step, "%s%.*s", file->place_len > 0 ? "." : "", len,
                       (const char *)element->name.data);
    }
    size_t room = PLACE_BYTES - 1 - file->place_len;
    size_t step_len = strlen(step) < room ? strlen(step) : room;
    memcpy(file->place + file->place_len, step, step_len);
    file->place_len += step_len;
    file->place[file->place_len] = '\0';
}

static void leave(struct rules_file *file, size_t place_len)
{
    file->place_len = place_len;
    file->place[place_len] = '\0';
}

/* Hands over each member of an object or list; a name that comes twice is refused, since only one
 * of the two could count. */
static enum bm_status each(struct rules_file *file, struct bm_view container, enum bm_type type,
                           take *take_member, struct bm_error *err)
{
    size_t place_len = file->place_len;
    struct bm_elements elements;
    struct bm_element member;
    enum bm_status status = bm_elements_open(&elements, container, err);
    while (status == BM_OK) {
        status = bm_elements_next(&elements, &member, err);
        if (status != BM_OK) {
            break;
        }
        struct bm_element first = member;
        enter(file, &member, type);
        if (type == BM_TYPE_OBJECT) {
            status = bm_document_find(container, member.name, &first, err);
        }
        if (status == BM_OK && first.raw.data != member.raw.data) {
            status = refuse(file, "comes twice", err);
        }
        if (status == BM_OK) {
            status = take_member(file, &member, err);
        }
        leave(file, place_len);
    }
    return status == BM_END ? BM_OK : BM_FAIL;
}

/* ---- the keys of one object ---- */

static enum bm_status take_fill(struct rules_file *file, const struct bm_element *member,
                                struct bm_error *err)
{
    struct bm_token_shape shape = {.kind = BM_TOKEN_UNSAID, .text = "auto"};
    struct bm_error why = BM_ERROR_INIT;
    if (expect(file, member, BM_TYPE_STRING, err) != BM_OK) {
        return BM_FAIL;
    }
    struct bm_view token = string_of(member);
    if (memchr(token.data, 0, token.len) != NULL) {
        return refuse(file, "a token with a zero byte in it", err);
    }
    enum bm_status status = BM_OK;
    if (!bm_view_equal(token, bm_view_text("auto"))) {
        status = bm_token_shape_parse((const char *)token.data, &shape, &why);
    }
    if (status == BM_OK) {
        status = bm_rules_put_fill(file->rules, file->ns, member->name, &shape, &why);
    }
    if (status == BM_OK) {
        file->rules->fills[file->rules->fill_count - 1].empty = file->empty;
    }
    return placed(file, status, &why, err);
}

static enum bm_status take_unset(struct rules_file *file, const struct bm_element *item,
                                 struct bm_error *err)
{
    struct bm_error why = BM_ERROR_INIT;
    if (expect(file, item, BM_TYPE_STRING, err) != BM_OK) {
        return BM_FAIL;
    }
    enum bm_status status = bm_rules_put_unset(file->rules, file->ns, string_of(item), &why);
    if (status == BM_OK) {
        file->rules->unsets[file->rules->unset_count - 1].empty = file->empty;
    }
    return placed(file, status, &why, err);
}

static enum bm_status take_require(struct rules_file *file, const struct bm_element *item,
                                   struct bm_error *err)
{
    struct bm_error why = BM_ERROR_INIT;
    if (expect(file, item, BM_TYPE_STRING, err) != BM_OK) {
        return BM_FAIL;
    }
    enum bm_status status = bm_rules_put_require(file->rules, file->ns, string_of(item), &why);
    return placed(file, status, &why, err);
}

static enum bm_status take_duplicate(struct rules_file *file, const struct bm_element *member,
                                     struct bm_error *err)
{
    struct bm_error why = BM_ERROR_INIT;
    if (expect(file, member, BM_TYPE_STRING, err) != BM_OK) {
        return BM_FAIL;
    }
    enum bm_status status =
        bm_rules_put_duplicate(file->rules, file->ns, member->name, string_of(member), &why);
    return placed(file, status, &why, err);
}

static enum bm_status take_index(struct rules_file *file, const struct bm_element *member,
                                 struct bm_error *err)
{
    struct bm_error why = BM_ERROR_INIT;
    if (expect(file, member, BM_TYPE_STRING, err) != BM_OK) {
        return BM_FAIL;
    }
    enum bm_status status =
        bm_rules_put_index(file->rules, file->ns, member->name, string_of(member), &why);
    return placed(file, status, &why, err);
}

static enum bm_status take_keep(struct rules_file *file, const struct bm_element *value,
                                struct bm_error *err)
{
    struct bm_error why = BM_ERROR_INIT;
    enum bm_status status = bm_rules_put_keep(file->rules, file->ns, string_of(value), &why);
    return placed(file, status, &why, err);
}

/* The fields of one unique index. */
static enum bm_status take_unique(struct rules_file *file, const struct bm_element *item,
                                  struct bm_error *err)
{
    struct bm_elements elements;
    struct bm_element field;
    struct bm_view *fields = NULL;
    size_t count = 0;
    size_t capacity = 0;
    struct bm_error why = BM_ERROR_INIT;
    if (expect(file, item, BM_TYPE_ARRAY, err) != BM_OK) {
        return BM_FAIL;
    }
    size_t place_len = file->place_len;
    enum bm_status status = bm_elements_open(&elements, item->value, err);
    while (status == BM_OK && (status = bm_elements_next(&elements, &field, err)) == BM_OK) {
        enter(file, &field, BM_TYPE_ARRAY);
        status = expect(file, &field, BM_TYPE_STRING, err);
        if (status == BM_OK) {
            status = bm_grow(&fields, count, &capacity, sizeof *fields, err);
        }
        if (status == BM_OK) {
            fields[count++] = string_of(&field);
        }
        leave(file, place_len);
    }
    if (status == BM_END) {
        status = bm_rules_put_unique(file->rules, file->ns, fields, count, &why);
        status = placed(file, status, &why, err);
    }
    free(fields);
    return status;
}

static enum bm_status take_emptiness(struct rules_file *file, const struct bm_element *item,
                                     struct bm_error *err)
{
    if (expect(file, item, BM_TYPE_STRING, err) != BM_OK) {
        return BM_FAIL;
    }
    enum bm_emptiness bit = bm_rules_emptiness(string_of(item));
    if (bit == BM_NOT_EMPTY) {
        return refuse(file, "one of missing, null, undefined, blank is expected", err);
    }
    file->empty |= (unsigned)bit;
    return BM_OK;
}

/* What an object may hold. `member` takes what is in the value, or, of a string, the value. */
static const struct {
    const char *name;
    enum bm_type type;
    take *member; /* NULL: read before the others */
} keys[] = {
    {"ns", BM_TYPE_STRING, NULL},
    {"empty", BM_TYPE_ARRAY, NULL},
    {"fill", BM_TYPE_OBJECT, take_fill},
    {"unset", BM_TYPE_ARRAY, take_unset},
    {"unique", BM_TYPE_ARRAY, take_unique},
    {"keep", BM_TYPE_STRING, take_keep},
    {"duplicates", BM_TYPE_OBJECT, take_duplicate},
    {"indexes", BM_TYPE_OBJECT, take_index},
    {"require", BM_TYPE_ARRAY, take_require},
};

static enum bm_status take_key(struct rules_file *file, const struct bm_element *value,
                               struct bm_error *err)
{
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (!bm_view_equal(value->name, bm_view_text(keys[i].name))) {
            continue;
        }
        if (expect(file, value, keys[i].type, err) != BM_OK) {
            return BM_FAIL;
        }
        if (keys[i].member == NULL) {
            return BM_OK;
        }
        return keys[i].type == BM_TYPE_STRING
                   ? keys[i].member(file, value, err)
                   : each(file, value->value, keys[i].type, keys[i].member, err);
    }
    return refuse(file,
                  "no such key; there are ns, fill, empty, unset, unique, keep, duplicates, "
                  "indexes, require",
                  err);
}

/* "ns" and "empty", which the others need. */
static enum bm_status take_scope(struct rules_file *file, struct bm_view object,
                                 struct bm_error *err)
{
    struct bm_element value;
    size_t place_len = file->place_len;
    enum bm_status found = bm_document_find(object, bm_view_text("ns"), &value, err);
    file->empty = 0;
    if (found == BM_FAIL) {
        return BM_FAIL;
    }
    if (found == BM_END || value.type != BM_TYPE_STRING || bm_view_has_zero(string_of(&value)) ||
        !bm_rules_is_namespace(string_of(&value))) {
        return refuse(file, "\"ns\" is to name a namespace, DATABASE.COLLECTION", err);
    }
    file->ns = string_of(&value);
    found = bm_document_find(object, bm_view_text("empty"), &value, err);
    if (found != BM_OK) {
        return found == BM_END ? BM_OK : BM_FAIL;
    }
    enter(file, &value, BM_TYPE_OBJECT);
    if (expect(file, &value, BM_TYPE_ARRAY, err) != BM_OK ||
        each(file, value.value, BM_TYPE_ARRAY, take_emptiness, err) != BM_OK) {
        return BM_FAIL;
    }
    if (file->empty == 0) {
        return refuse(file, "an empty list leaves nothing to fill", err);
    }
    leave(file, place_len);
    return BM_OK;
}

static enum bm_status take_object(struct rules_file *file, const struct bm_element *item,
                                  struct bm_error *err)
{
    if (expect(file, item, BM_TYPE_OBJECT, err) != BM_OK ||
        take_scope(file, item->value, err) != BM_OK) {
        return BM_FAIL;
    }
    return each(file, item->value, BM_TYPE_OBJECT, take_key, err);
}

static enum bm_status take_top(struct rules_file *file, const struct bm_element *value,
                               struct bm_error *err)
{
    if (!bm_view_equal(value->name, bm_view_text("rules"))) {
        return refuse(file, "no such key; there is \"rules\"", err);
    }
    if (expect(file, value, BM_TYPE_ARRAY, err) != BM_OK) {
        return BM_FAIL;
    }
    return each(file, value->value, BM_TYPE_ARRAY, take_object, err);
}

enum bm_status bm_rules_parse(struct bm_rules *rules, struct bm_view text, struct bm_error *err)
{
    struct rules_file file = {.rules = rules};
    struct bm_error why = BM_ERROR_INIT;
    struct bm_element list;
    struct bm_buffer bson = BM_BUFFER_INIT(BM_DOCUMENT_MAX);
    enum bm_status status = BM_FAIL;
    if (text.len > FILE_MAX) {
        return bm_fail(err, BM_ERROR_USAGE, 0, "a rules file has at most %zu bytes", FILE_MAX);
    }
    if (bm_json_parse(text, &bson, &why) != BM_OK) {
        enum bm_error_code code = why.code == BM_ERROR_CORRUPT ? BM_ERROR_USAGE : why.code;
        (void)bm_fail(err, code, why.sys_errno, "%s", why.text);
        (void)bm_error_at(err, why.offset);
        goto out;
    }
    status = each(&file, bm_buffer_view(&bson), BM_TYPE_OBJECT, take_top, err);
    if (status == BM_OK) {
        status = bm_document_find(bm_buffer_view(&bson), bm_view_text("rules"), &list, err);
        status = status == BM_END ? refuse(&file, "there are no \"rules\" in it", err) : status;
    }
out:
    bm_buffer_free(&bson);
    return status;
}

enum bm_status bm_rules_read(struct bm_rules *rules, const char *path, struct bm_error *err)
{
    struct bm_view text;
    struct bm_reader *reader = bm_reader_file_new(path, NULL, err);
    if (reader == NULL) {
        return BM_FAIL;
    }
    /* One byte more than may be there: then it is too long. */
    enum bm_status status = bm_reader_peek(reader, FILE_MAX + 1, &text, err);
    if (status != BM_FAIL) {
        status = bm_rules_parse(rules, text, err);
    }
    bm_reader_free(reader);
    return status == BM_OK ? BM_OK : bm_error_file(err, path);
}
