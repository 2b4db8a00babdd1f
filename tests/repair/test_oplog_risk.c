/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "repair/fill.h"
#include "repair/oplog_command.h"
#include "support/bson_text.h"

/* Reasons by a letter: . none, e set to what is empty, m not in what is set above, t taken out,
 * b no document above, n a new entry above, o an unknown operator, r renamed to, f unknown form. */
static char letter_of(const char *reason)
{
    static const struct {
        const char *part;
        char letter;
    } reasons[] = {
        {"counts as empty", 'e'},  {"not in what is set", 'm'}, {"taken out", 't'},
        {"no document then", 'b'}, {"new entry", 'n'},          {"operator", 'o'},
        {"renamed to it", 'r'},    {"form of the update", 'f'},
    };
    for (size_t i = 0; reason != NULL && i < sizeof reasons / sizeof *reasons; i++) {
        if (strstr(reason, reasons[i].part) != NULL) {
            return reasons[i].letter;
        }
    }
    return reason == NULL ? '.' : '?';
}

static const struct bm_token_shape hex = {.kind = BM_TOKEN_TEXT};

struct rule {
    struct bm_fill fill;
    struct bm_target target;
};

static void start_rule(struct rule *rule, const char *field, unsigned empty, int is_fill)
{
    struct bm_error err = BM_ERROR_INIT;
    *rule = (struct rule){.fill = {.field = field, .empty = empty, .shape = is_fill ? &hex : NULL}};
    cr_assert_eq(bm_fill_split(&rule->fill, &err), BM_OK);
    rule->target.fills = &rule->fill;
    rule->target.fill_count = 1;
}

#define ALL (BM_EMPTY_MISSING | BM_EMPTY_NULL | BM_EMPTY_UNDEFINED | BM_EMPTY_BLANK)

static const struct {
    const char *field, *update;
    char fill, unset; /* what is said under a fill, and under an unset */
} updates[] = {
    /* operators */
    {"t", "{'$set':{'t':null}}", 'e', 'e'},
    {"t", "{'$v':1,'$set':{'t':' '}}", 'e', 'e'},
    {"t", "{'$set':{'t':{'$undefined':true}}}", 'e', 'e'},
    {"t", "{'$set':{'t':0,'u':null},'$v':1}", '.', '.'},
    {"t", "{'$set':{'t.x':null,'t.0':null,'tt':null}}", '.', '.'},
    {"t", "{'$unset':{'t':1}}", 't', '.'},
    {"t", "{'$unset':{'t.x':1,'x.t':1}}", '.', '.'},
    {"a.t", "{'$set':{'a':{'t':1}}}", '.', '.'},
    {"a.t", "{'$set':{'a':{'t':null}}}", 'e', 'e'},
    {"a.t", "{'$set':{'a':{'x':1}}}", 'm', '.'},
    {"a.t", "{'$set':{'a':null}}", 'b', '.'},
    {"a.t", "{'$set':{'a':[]}}", 'b', '.'},
    {"a.t", "{'$set':{'a':[{'t':1},{'t':''}]}}", 'e', 'e'},
    {"a.t", "{'$set':{'a':[{'t':1},5]}}", 'b', '.'},
    {"a.t", "{'$set':{'a.x':1}}", '.', '.'},
    {"a.t", "{'$set':{'a.t':null}}", 'e', 'e'},
    {"a.t", "{'$set':{'a.0.t':null}}", 'e', 'e'},
    {"a.t", "{'$set':{'a.0':{'x':1}}}", 'm', '.'},
    {"a.t", "{'$set':{'a.0':7}}", 'b', '.'},
    {"a.t", "{'$set':{'a.0':{'t':7}}}", '.', '.'},
    {"a.t", "{'$set':{'a.10.x':7}}", 'n', '.'},
    {"a.t", "{'$unset':{'a':1}}", 't', '.'},
    {"a.t", "{'$unset':{'a.3':1}}", 't', '.'},
    {"a.t", "{'$unset':{'a.3.x':1}}", '.', '.'},
    {"a.b.t", "{'$set':{'a.b':{'c':1}}}", 'm', '.'},
    {"a.b.t", "{'$set':{'a':{'b':[{'t':1},{}]}}}", 'm', '.'},
    {"t", "{'$inc':{'x':1},'$set':{'t':1}}", '.', '.'},
    {"t", "{'$inc':{'t':1}}", 'o', 'o'},
    {"t", "{'$rename':{'t':'x'}}", 'o', 'o'},
    {"a.t", "{'$rename':{'x':'a'}}", 'r', 'r'},
    {"t", "{'$set':5}", 'f', 'f'},
    {"t", "{'$v':3,'$set':{'x':1}}", 'f', 'f'},
    {"t", "{'$v':'one','$set':{'x':1}}", 'f', 'f'},
    {"t", "{'$v':1,'x':1}", 'f', 'f'},
    /* differences */
    {"t", "{'$v':2,'diff':{'d':{'t':false}}}", 't', '.'},
    {"t", "{'$v':{'$numberLong':'2'},'diff':{'d':{'t':false}}}", 't', '.'},
    {"t", "{'$v':2,'diff':{'d':{'x':false},'u':{'y':null},'i':{'z':''}}}", '.', '.'},
    {"t", "{'$v':2,'diff':{'u':{'t':null}}}", 'e', 'e'},
    {"t", "{'$v':2,'diff':{'i':{'x':1,'t':null}}}", 'e', 'e'},
    {"t", "{'$v':2,'diff':{'u':{'t':1}}}", '.', '.'},
    {"t", "{'$v':2,'diff':{'st':{'d':{'x':false}}}}", '.', '.'},
    {"a.t", "{'$v':2,'diff':{'sa':{'d':{'t':false}}}}", 't', '.'},
    {"a.t", "{'$v':2,'diff':{'sa':{'u':{'t':' '}},'sb':{'d':{'t':false}}}}", 'e', 'e'},
    {"a.t", "{'$v':2,'diff':{'sb':{'d':{'t':false}}}}", '.', '.'},
    {"a.t", "{'$v':2,'diff':{'u':{'a':{'x':1}}}}", 'm', '.'},
    {"a.t", "{'$v':2,'diff':{'d':{'a':false}}}", 't', '.'},
    {"a.t", "{'$v':2,'diff':{'sa':{'a':true,'u1':{'x':1}}}}", 'm', '.'},
    {"a.t", "{'$v':2,'diff':{'sa':{'a':true,'u1':{'t':1},'u2':null}}}", 'b', '.'},
    {"a.t", "{'$v':2,'diff':{'sa':{'a':true,'l':2,'s1':{'u':{'t':null}}}}}", 'e', 'e'},
    {"a.t", "{'$v':2,'diff':{'sa':{'a':true,'l':2,'s1':{'u':{'x':null}}}}}", '.', '.'},
    {"a.t", "{'$v':2,'diff':{'sa':{'a':true,'l':0}}}", 'b', '.'},
    {"a.t", "{'$v':2,'diff':{'sa':{'a':true,'s1':{'a':true,'u0':{}}}}}", '.', '.'},
    {"a.b.t", "{'$v':2,'diff':{'sa':{'sb':{'d':{'t':false}}}}}", 't', '.'},
    {"t", "{'$v':2,'diff':{'b':{'t':{'o':1}}}}", 'f', 'f'},
    {"t", "{'$v':2,'diff':5}", 'f', 'f'},
    {"t", "{'$v':2,'$set':{'t':1}}", 'f', 'f'},
    {"a.t", "{'$v':2,'diff':{'sa':{'a':true,'x':1}}}", 'f', 'f'},
    {"a.t", "{'$v':2,'diff':{'sa':1}}", 'f', 'f'},
};

static char risk_of(const char *field, unsigned empty, int is_fill, const char *json)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_oplog_risk risk = {NULL, NULL};
    struct rule rule;
    struct bm_buffer update = test_bson(json);
    start_rule(&rule, field, empty, is_fill);
    cr_assert_eq(bm_oplog_risk_update(&rule.target, bm_buffer_view(&update), &risk, &err), BM_OK);
    cr_expect(risk.reason == NULL || risk.field == field);
    free(rule.fill.components);
    bm_buffer_free(&update);
    return letter_of(risk.reason);
}

Test(oplog_risk, updates)
{
    for (size_t i = 0; i < sizeof updates / sizeof *updates; i++) {
        char fill = risk_of(updates[i].field, ALL, 1, updates[i].update);
        char unset =
            risk_of(updates[i].field, ALL & ~(unsigned)BM_EMPTY_MISSING, 0, updates[i].update);
        cr_expect_eq(fill, updates[i].fill, "%s %s: %c", updates[i].field, updates[i].update, fill);
        cr_expect_eq(unset, updates[i].unset, "unset %s %s: %c", updates[i].field,
                     updates[i].update, unset);
    }
}

/* What the rule does not call empty is none. */
Test(oplog_risk, empty_is_what_the_rule_says)
{
    cr_expect_eq(risk_of("t", BM_EMPTY_MISSING, 1, "{'$set':{'t':null}}"), '.');
    cr_expect_eq(risk_of("t", BM_EMPTY_NULL, 1, "{'$unset':{'t':null}}"), '.');
    cr_expect_eq(risk_of("t", BM_EMPTY_NULL, 1, "{'$v':2,'diff':{'d':{'t':false}}}"), '.');
    cr_expect_eq(risk_of("t", BM_EMPTY_BLANK, 1, "{'$v':2,'diff':{'u':{'t':'\\t'}}}"), 'e');
}

static int finds_none(const char *field, const char *json)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_oplog_risk risk = {NULL, NULL};
    struct rule rule;
    struct bm_buffer document = test_bson(json);
    start_rule(&rule, field, ALL, 1);
    cr_assert_eq(bm_oplog_risk_lookup(&rule.target, bm_buffer_view(&document), &risk, &err), BM_OK);
    free(rule.fill.components);
    bm_buffer_free(&document);
    return risk.reason != NULL;
}

Test(oplog_risk, documents_looked_up_by_what_was_empty)
{
    cr_expect(finds_none("t", "{'_id':1,'t':null}"));
    cr_expect(finds_none("a.t", "{'a.t':'','_id':1}"));
    cr_expect(finds_none("a.t", "{'a':{'t':null},'_id':1}"));
    cr_expect(!finds_none("a.t", "{'a':{'t':5},'a.t':1,'_id':1}"));
    cr_expect(!finds_none("t", "{'_id':1}"));
    cr_expect(!finds_none("t", "{'_id':1,'t':'x','s':null}"));
}
