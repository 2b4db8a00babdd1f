/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doc/extjson.h"
#include "support/judging.h"
#include "support/random_case.h"

/*
 * What is counted of a collection depends on nothing but its documents and the index: not on how
 * many come in a batch, not on their order, not on the other indexes of the collection.
 */

#define INDEXES 3u
#define ROUNDS 120u
#define FIRST_SEED 4711u
#define TEXT_MAX ((size_t)1 << 22)

/* The documents of one random case, and the indexes of several. */
struct collection {
    struct random_case *cases[INDEXES];
    char *entries[INDEXES]; /* index entries as JSON, named i0, i1, … */
};

/* How the same documents are judged. */
struct way {
    unsigned first, count; /* which indexes */
    uint32_t batch;        /* documents, 0: all in one */
    unsigned stride;       /* the order: every so many; prime to the number of documents */
    int backwards;
};

struct counts {
    uint64_t keys, groups, violations, unindexable;
};

/* Two indexes over one key may be one too many for the server. */
static int is_taken(char *const *entries, unsigned count, const char *text, size_t key_len)
{
    for (unsigned i = 0; i < count; i++) {
        if (strncmp(entries[i], text, key_len) == 0) {
            return 1;
        }
    }
    return 0;
}

static char *entry_text(const struct random_case *made, char *const *entries, unsigned number)
{
    static const char name[] = "\"name\" : \"index\"";
    char plain[80];
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer json = BM_BUFFER_INIT(TEXT_MAX);
    struct bm_buffer text = BM_BUFFER_INIT(TEXT_MAX);
    cr_assert_eq(bm_json_document(made->spec, &json, &err), BM_OK);
    cr_assert_eq(bm_buffer_append_byte(&json, 0, &err), BM_OK);
    const char *all = (const char *)json.data;
    const char *at = strstr(all, name);
    int is_id = strstr(all, "\"key\" : { \"_id\" : ") != NULL;
    /* A text in it that JSON cannot hold, or perhaps a second default _id index. */
    if (at == NULL || (is_id && number > 0) || is_taken(entries, number, all, (size_t)(at - all))) {
        (void)snprintf(plain, sizeof plain, "{\"key\" : {\"a\" : %u}, %s, \"unique\" : true}",
                       number + 1, name);
        all = plain;
        at = strstr(all, name);
    }
    cr_assert_eq(bm_buffer_printf(&text, &err, "%.*s\"name\" : \"i%u\"%s", (int)(at - all), all,
                                  number, at + strlen(name)),
                 BM_OK);
    cr_assert_eq(bm_buffer_append_byte(&text, 0, &err), BM_OK);
    bm_buffer_free(&json);
    return (char *)text.data;
}

static void open_collection(struct collection *collection, uint64_t seed)
{
    for (unsigned i = 0; i < INDEXES; i++) {
        collection->cases[i] = malloc(sizeof(struct random_case));
        cr_assert_not_null(collection->cases[i]);
        random_case_make(seed + i, collection->cases[i]);
        collection->entries[i] = entry_text(collection->cases[i], collection->entries, i);
    }
}

static void close_collection(struct collection *collection)
{
    for (unsigned i = 0; i < INDEXES; i++) {
        free(collection->cases[i]);
        free(collection->entries[i]);
    }
}

/* Metadata with some of the indexes; freed with free(). */
static char *metadata_text(const struct collection *collection, const struct way *way)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer text = BM_BUFFER_INIT(TEXT_MAX);
    cr_assert_eq(bm_buffer_append_text(&text, "{\"indexes\":[", &err), BM_OK);
    for (unsigned i = way->first; i < way->first + way->count; i++) {
        cr_assert_eq(bm_buffer_printf(&text, &err, "%s%s", i > way->first ? "," : "",
                                      collection->entries[i]),
                     BM_OK);
    }
    cr_assert_eq(bm_buffer_append_text(&text, "]}", &err), BM_OK);
    cr_assert_eq(bm_buffer_append_byte(&text, 0, &err), BM_OK);
    return (char *)text.data;
}

static void add_documents(struct judging *judging, const struct random_case *made,
                          const struct way *way)
{
    for (size_t i = 0; i < made->count; i++) {
        size_t number = i * way->stride % made->count;
        judging_bytes(judging, made->documents[way->backwards ? made->count - 1 - number : number]);
    }
}

/* The counts of each index of the way; returns how many are known. */
static unsigned judge(const struct collection *collection, const struct way *way,
                      struct counts *counts)
{
    struct judging judging;
    judging_start(&judging);
    judging.repeatable = 0; /* one pass */
    judging.batch = way->batch;
    char *metadata = metadata_text(collection, way);
    (void)judging_namespace(&judging, "db", "c", metadata);
    cr_assert_eq(judging_plan(&judging), BM_OK, "%s", judging.err.text);
    add_documents(&judging, collection->cases[0], way);
    cr_assert_eq(judging_pass(&judging, 0, BM_PASS_JUDGE), BM_OK, "%s", judging.err.text);
    struct bm_result result = judging_result(&judging);
    const struct bm_namespace_result *ns = &result.namespaces[0];
    unsigned found = 0;
    for (size_t i = 0; i < ns->index_count; i++) {
        const struct bm_index_result *index = &ns->indexes[i];
        unsigned number;
        if (sscanf(index->name, "i%u", &number) == 1) {
            counts[number] =
                (struct counts){index->keys, index->groups, index->violations, index->unindexable};
            found++;
        }
    }
    bm_result_free(&result);
    free(metadata);
    judging_stop(&judging);
    return found;
}

static void expect_same(const struct counts *counts, const struct counts *expected,
                        const struct way *way, uint64_t seed)
{
    for (unsigned i = way->first; i < way->first + way->count; i++) {
        cr_assert_eq(memcmp(&counts[i], &expected[i], sizeof counts[i]), 0,
                     "seed %" PRIu64 ", index %u of %u, batch %u, stride %u: %" PRIu64 " %" PRIu64
                     " %" PRIu64 " %" PRIu64 ", not %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64,
                     seed, i, way->count, way->batch, way->stride, counts[i].keys, counts[i].groups,
                     counts[i].violations, counts[i].unindexable, expected[i].keys,
                     expected[i].groups, expected[i].violations, expected[i].unindexable);
    }
}

Test(verdict, depends_on_the_documents_and_the_index_alone)
{
    static const struct way ways[] = {
        {0, INDEXES, 1, 1, 0}, {0, INDEXES, 3, 1, 0}, {0, INDEXES, 0, 1, 1}, {0, INDEXES, 2, 1, 1},
        {0, 1, 0, 1, 0},       {1, 1, 0, 1, 0},       {2, 1, 1, 1, 1},       {1, 2, 2, 1, 0},
    };
    static const struct way all = {0, INDEXES, 0, 1, 0};
    uint64_t violations = 0;
    uint64_t unindexable = 0;
    unsigned unreadable = 0;
    for (uint64_t seed = FIRST_SEED; seed < FIRST_SEED + ROUNDS * INDEXES; seed += INDEXES) {
        struct collection collection;
        struct counts expected[INDEXES];
        struct counts counts[INDEXES];
        open_collection(&collection, seed);
        if (judge(&collection, &all, expected) != INDEXES) {
            unreadable++; /* a value that JSON cannot hold, so that the metadata is none */
            close_collection(&collection);
            continue;
        }
        for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
            cr_assert_eq(judge(&collection, &ways[i], counts), ways[i].count);
            expect_same(counts, expected, &ways[i], seed);
        }
        /* Another order: every third or fifth, whichever is prime to their number. */
        struct way mixed = {0, INDEXES, 2, collection.cases[0]->count % 3 == 0 ? 5 : 3, 0};
        cr_assert_eq(judge(&collection, &mixed, counts), INDEXES);
        expect_same(counts, expected, &mixed, seed);
        for (unsigned i = 0; i < INDEXES; i++) {
            violations += expected[i].violations;
            unindexable += expected[i].unindexable;
        }
        close_collection(&collection);
    }
    cr_assert_lt(unreadable, ROUNDS / 4);
    cr_assert_gt(violations, 100);
    cr_assert_gt(unindexable, 20);
}
