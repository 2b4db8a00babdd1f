/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "repair/plan.h"
#include "support/judging.h"
#include "support/random_values.h"

/*
 * The ranking rule against a model that knows nothing of sets and passes: documents in a list,
 * keys as lists of small numbers, everything compared with everything.
 */

enum { DOCUMENTS = 7, VALUES = 4, ENTRIES = 3, FIELDS = 2, INDEXES = 4, NOTHING = -1 };

/* A field: a number, some numbers in an array, or NOTHING as its only value. */
struct field {
    int values[ENTRIES];
    int count;
    int is_array;
};

struct document {
    int id;
    struct field fields[FIELDS];
    int rank; /* NOTHING: none */
};

/* a_1, b_1, ab and _id_: what becomes of their duplicates. */
struct model {
    struct document documents[DOCUMENTS];
    int count;
    enum bm_duplicate_action actions[INDEXES];
    int has_both; /* there is an index over both fields */
    enum bm_keep keep;
    int order[DOCUMENTS];
    /* What comes of it: */
    int is_gone[DOCUMENTS];
    int refilled;
    int fresh; /* the next value that nobody has */
};

static const char *const names[INDEXES] = {"a_1", "b_1", "ab", "_id_"};

/* ---- the model ---- */

struct key {
    int parts[FIELDS];
};

struct keys {
    struct key list[ENTRIES * ENTRIES];
    int count;
};

static void add_key(struct keys *keys, int first, int second)
{
    keys->list[keys->count++] = (struct key){{first, second}};
}

/* The keys of a document in an index, as mongod makes them: one of the fields may be an array. */
static struct keys keys_in(const struct document *document, int index)
{
    struct keys keys = {.count = 0};
    const struct field *a = &document->fields[0];
    const struct field *b = &document->fields[1];
    if (index == 3) {
        add_key(&keys, document->id, 0);
        return keys;
    }
    for (int i = 0; i < a->count && index != 1; i++) {
        for (int j = 0; j < b->count && index == 2; j++) {
            add_key(&keys, a->values[i], b->values[j]);
        }
        if (index == 0) {
            add_key(&keys, a->values[i], 0);
        }
    }
    for (int j = 0; j < b->count && index == 1; j++) {
        add_key(&keys, b->values[j], 0);
    }
    return keys;
}

static int shares(const struct keys *a, const struct key *key)
{
    for (int i = 0; i < a->count; i++) {
        if (a->list[i].parts[0] == key->parts[0] && a->list[i].parts[1] == key->parts[1]) {
            return 1;
        }
    }
    return 0;
}

/* Whether a document that stayed holds the key. */
static int is_held(const struct model *model, const int *stayed, int count, int index,
                   const struct key *key)
{
    for (int i = 0; i < count; i++) {
        struct keys keys = keys_in(&model->documents[stayed[i]], index);
        if (shares(&keys, key)) {
            return 1;
        }
    }
    return 0;
}

/* New values where what stands there is held. */
static int refill(struct model *model, struct document *document, const int *stayed, int count)
{
    int refilled = 0;
    for (int f = 0; f < FIELDS; f++) {
        if (model->actions[f] != BM_DUPLICATE_REFILL) {
            continue;
        }
        struct field before = document->fields[f];
        for (int i = 0; i < before.count; i++) {
            struct key key = {{before.values[i], 0}};
            if (is_held(model, stayed, count, f, &key)) {
                document->fields[f].values[i] = model->fresh++;
                refilled++;
            }
        }
    }
    return refilled;
}

static int must_go(const struct model *model, const struct document *document, const int *stayed,
                   int count)
{
    for (int index = 0; index < INDEXES; index++) {
        if (model->actions[index] != BM_DUPLICATE_REJECT || (index == 2 && !model->has_both)) {
            continue;
        }
        struct keys keys = keys_in(document, index);
        for (int i = 0; i < keys.count; i++) {
            if (is_held(model, stayed, count, index, &keys.list[i])) {
                return 1;
            }
        }
    }
    return 0;
}

/* Whether document a comes before document b. */
static int comes_first(const struct model *model, int a, int b)
{
    int left = model->documents[a].rank;
    int right = model->documents[b].rank;
    if (model->keep == BM_KEEP_FIRST || model->keep == BM_KEEP_LAST) {
        return (a < b) == (model->keep == BM_KEEP_FIRST);
    }
    if (left == right) {
        return a < b;
    }
    if (left == NOTHING || right == NOTHING) {
        return right == NOTHING;
    }
    return (left > right) == (model->keep == BM_KEEP_NEWEST);
}

static void settle(struct model *model)
{
    int stayed[DOCUMENTS];
    int count = 0;
    for (int i = 0; i < model->count; i++) {
        int at = i;
        for (; at > 0 && comes_first(model, i, model->order[at - 1]); at--) {
            model->order[at] = model->order[at - 1];
        }
        model->order[at] = i;
    }
    for (int i = 0; i < model->count; i++) {
        int number = model->order[i];
        struct document changed = model->documents[number];
        int refilled = refill(model, &changed, stayed, count);
        if (must_go(model, &changed, stayed, count)) {
            model->is_gone[number] = 1;
            continue;
        }
        model->documents[number] = changed;
        model->refilled += refilled;
        stayed[count++] = number;
    }
}

/* ---- a random collection ---- */

static struct field random_field(struct random *random, int may_be_array)
{
    struct field field = {.count = 1};
    if (may_be_array && random_one_in(random, 4)) {
        field.is_array = 1;
        field.count = 1 + (int)random_below(random, ENTRIES);
    }
    for (int i = 0; i < field.count; i++) {
        field.values[i] = (int)random_below(random, VALUES);
    }
    if (!field.is_array && random_one_in(random, 6)) {
        field.values[0] = NOTHING;
    }
    return field;
}

static void make_model(struct random *random, struct model *model)
{
    static const enum bm_duplicate_action actions[] = {BM_DUPLICATE_REJECT, BM_DUPLICATE_REFILL,
                                                       BM_DUPLICATE_LEAVE};
    *model = (struct model){.fresh = 1000};
    model->count = 1 + (int)random_below(random, DOCUMENTS);
    model->keep = (enum bm_keep)random_below(random, 4);
    model->actions[0] = actions[random_below(random, 3)];
    model->actions[1] = actions[random_below(random, 2)];
    model->actions[2] = actions[2 * random_below(random, 2)];
    model->actions[3] = BM_DUPLICATE_REJECT;
    /* A refill beside an index over both is for the first to stay only. */
    int refills =
        model->actions[0] == BM_DUPLICATE_REFILL || model->actions[1] == BM_DUPLICATE_REFILL;
    model->has_both = (!refills || model->keep == BM_KEEP_FIRST) && random_one_in(random, 2);
    for (int i = 0; i < model->count; i++) {
        struct document *document = &model->documents[i];
        int array = (int)random_below(random, FIELDS);
        document->id = (int)random_below(random, 12);
        document->rank = random_one_in(random, 4) ? NOTHING : (int)random_below(random, 3);
        for (int f = 0; f < FIELDS; f++) {
            document->fields[f] = random_field(random, f == array);
        }
    }
}

static void write_field(char *json, size_t size, const char *name, const struct field *field)
{
    size_t at = strlen(json);
    if (field->values[0] == NOTHING) {
        return;
    }
    at += (size_t)snprintf(json + at, size - at, ",\"%s\":%s", name, field->is_array ? "[" : "");
    for (int i = 0; i < field->count; i++) {
        at += (size_t)snprintf(json + at, size - at, "%s%d", i > 0 ? "," : "", field->values[i]);
    }
    (void)snprintf(json + at, size - at, "%s", field->is_array ? "]" : "");
}

static void put_documents(struct judging *judging, const struct model *model)
{
    for (int i = 0; i < model->count; i++) {
        const struct document *document = &model->documents[i];
        char json[256];
        (void)snprintf(json, sizeof json, "{\"_id\":%d", document->id);
        write_field(json, sizeof json, "a", &document->fields[0]);
        write_field(json, sizeof json, "b", &document->fields[1]);
        if (document->rank != NOTHING) {
            size_t at = strlen(json);
            (void)snprintf(json + at, sizeof json - at, ",\"n\":%d", document->rank);
        }
        (void)snprintf(json + strlen(json), sizeof json - strlen(json), "}");
        judging_document(judging, json);
    }
}

static void put_rules(struct judging *judging, const struct model *model)
{
    static const char *const words[] = {"fail", "refill", "reject", "leave"};
    static const char *const keeps[] = {"first", "last", "newest(n)", "oldest(n)"};
    for (int index = 0; index < INDEXES; index++) {
        char rule[32];
        (void)snprintf(rule, sizeof rule, "%s=%s", names[index], words[model->actions[index]]);
        if (index != 2 || model->has_both) {
            cr_assert_eq(bm_rules_add_duplicate(&judging->rules, rule, &judging->err), BM_OK);
        }
        if (model->actions[index] == BM_DUPLICATE_REFILL) {
            (void)snprintf(rule, sizeof rule, "db.c:%c=hex:32", names[index][0]);
            judging_fill(judging, rule);
            judging->rules.fills[judging->rules.fill_count - 1].empty = BM_EMPTY_BLANK;
        }
    }
    cr_assert_eq(bm_rules_add_keep(&judging->rules, keeps[model->keep], &judging->err), BM_OK);
}

static void run_round(uint64_t seed)
{
    struct random random = {seed};
    struct model model;
    struct judging judging;
    judging_start(&judging);
    make_model(&random, &model);
    (void)judging_namespace(
        &judging, "db", "c",
        model.has_both ? "{\"indexes\":[{\"v\":2,\"key\":{\"_id\":1},\"name\":\"_id_\"},"
                         "{\"v\":2,\"key\":{\"a\":1},\"name\":\"a_1\",\"unique\":true},"
                         "{\"v\":2,\"key\":{\"b\":1},\"name\":\"b_1\",\"unique\":true},"
                         "{\"v\":2,\"key\":{\"a\":1,\"b\":1},\"name\":\"ab\",\"unique\":true}]}"
                       : "{\"indexes\":[{\"v\":2,\"key\":{\"_id\":1},\"name\":\"_id_\"},"
                         "{\"v\":2,\"key\":{\"a\":1},\"name\":\"a_1\",\"unique\":true},"
                         "{\"v\":2,\"key\":{\"b\":1},\"name\":\"b_1\",\"unique\":true}]}");
    judging.batch = 1 + (uint32_t)random_below(&random, 3);
    put_documents(&judging, &model);
    put_rules(&judging, &model);
    judging_run(&judging);
    settle(&model);
    const struct bm_target *target = &judging.plan->targets[0];
    struct bm_gone gone = target->gone;
    bm_gone_start(&gone);
    for (int i = 0; i < model.count; i++) {
        int is_gone = bm_gone_has(&gone, (uint64_t)i);
        cr_assert_eq(is_gone, model.is_gone[i], "seed %llu: document %d", (unsigned long long)seed,
                     i);
    }
    cr_assert_eq(target->refilled, (uint64_t)model.refilled, "seed %llu: refilled %d, not %d",
                 (unsigned long long)seed, (int)target->refilled, model.refilled);
    cr_assert_eq(bm_plan_violations(judging.plan), 0, "seed %llu", (unsigned long long)seed);
    judging_stop(&judging);
}

Test(contest_model, the_same_documents_stay)
{
    const char *asked = getenv("BSONMEND_ROUNDS");
    uint64_t rounds = asked != NULL ? strtoull(asked, NULL, 10) : 5000;
    uint64_t first = 424242;
    for (uint64_t i = 0; i < rounds; i++) {
        run_round(first + i);
    }
    (void)fprintf(stderr, "ranking rule: %llu rounds from seed %llu agreed with the model\n",
                  (unsigned long long)rounds, (unsigned long long)first);
}
