/* SPDX-License-Identifier: Apache-2.0 */
#include "bsonmend/rules.h"

#include <string.h>

#include "repair/rules_parts.h"

/* A rule of the command line: "[NS:]NAME=VALUE", of which VALUE may be all there is to it. */
struct parts {
    struct bm_view ns;
    struct bm_view name;
    struct bm_view value; /* data NULL: there is no '=' */
};

static enum bm_status split(const char *text, struct parts *out, struct bm_error *err)
{
    struct bm_view left = bm_view_text(text);
    const char *equals = strchr(text, '=');
    out->value = (struct bm_view){NULL, 0};
    if (equals != NULL) {
        left.len = (size_t)(equals - text);
        out->value = bm_view_text(equals + 1);
    }
    return bm_rules_split(left, text, &out->ns, &out->name, err);
}

/* What a part was refused for, with the whole text in front. */
static enum bm_status in_text(const char *text, const struct bm_error *why, struct bm_error *err)
{
    if (why->code != BM_ERROR_USAGE) {
        return bm_fail(err, why->code, why->sys_errno, "%s", why->text);
    }
    return bm_fail(err, BM_ERROR_USAGE, 0, "'%.100s': %s", text, why->text);
}

typedef enum bm_status put_field(struct bm_rules *, struct bm_view ns, struct bm_view field,
                                 struct bm_error *);
typedef enum bm_status put_action(struct bm_rules *, struct bm_view ns, struct bm_view index,
                                  struct bm_view action, struct bm_error *);

static enum bm_status add_field(struct bm_rules *rules, const char *text, put_field *put,
                                struct bm_error *err)
{
    struct bm_view ns;
    struct bm_view field;
    struct bm_error why = BM_ERROR_INIT;
    if (bm_rules_split(bm_view_text(text), text, &ns, &field, err) != BM_OK) {
        return BM_FAIL;
    }
    return put(rules, ns, field, &why) == BM_OK ? BM_OK : in_text(text, &why, err);
}

static enum bm_status add_action(struct bm_rules *rules, const char *text, put_action *put,
                                 struct bm_error *err)
{
    struct parts parts;
    struct bm_error why = BM_ERROR_INIT;
    if (split(text, &parts, err) != BM_OK) {
        return BM_FAIL;
    }
    if (parts.value.data == NULL) {
        return bm_fail(err, BM_ERROR_USAGE, 0, "'%.100s' is to be written [NS:]INDEX=ACTION", text);
    }
    return put(rules, parts.ns, parts.name, parts.value, &why) == BM_OK ? BM_OK
                                                                        : in_text(text, &why, err);
}

enum bm_status bm_rules_add_unset(struct bm_rules *rules, const char *text, struct bm_error *err)
{
    return add_field(rules, text, bm_rules_put_unset, err);
}

enum bm_status bm_rules_add_require(struct bm_rules *rules, const char *text, struct bm_error *err)
{
    return add_field(rules, text, bm_rules_put_require, err);
}

enum bm_status bm_rules_add_keep(struct bm_rules *rules, const char *text, struct bm_error *err)
{
    return add_field(rules, text, bm_rules_put_keep, err);
}

enum bm_status bm_rules_add_duplicate(struct bm_rules *rules, const char *text,
                                      struct bm_error *err)
{
    return add_action(rules, text, bm_rules_put_duplicate, err);
}

enum bm_status bm_rules_add_index(struct bm_rules *rules, const char *text, struct bm_error *err)
{
    return add_action(rules, text, bm_rules_put_index, err);
}
