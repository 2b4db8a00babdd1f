/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "bsonmend/key.h"
#include "catalog/index_specs.h"
#include "doc/extjson.h"
#include "support/naive_judge.h"
#include "support/random_case.h"

/*
 * Both judges on the same random collections. BSONMEND_ROUNDS: how many; BSONMEND_SEED: of the
 * first, which is how a disagreement is made again.
 */
#define ROUNDS 2000
#define FIRST_SEED 20240229u
#define KEYS_MAX 256
#define TEXT_MAX ((size_t)1 << 22)
#define SHOWN_MAX 1500 /* of a document, in a disagreement */

/* The canonical keys of one document. */
struct document_keys {
    struct bm_buffer bytes;
    size_t ends[KEYS_MAX]; /* where each key ends in bytes */
    size_t count;
    int unindexable;
};

/* What the judge under test says of a case. */
struct answer {
    int unique;   /* else there is nothing to judge */
    int refused;  /* the index, by the server */
    char *reason; /* why it is not judged, or NULL */
    struct document_keys documents[RANDOM_CASE_DOCUMENTS];
};

static struct bm_view collation_of(const struct random_case *made)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_element element;
    if (bm_document_find(made->options, bm_view_text("collation"), &element, &err) != BM_OK) {
        return (struct bm_view){NULL, 0};
    }
    struct bm_view name = bm_view_text("simple");
    struct bm_element locale;
    cr_assert_eq(bm_document_find(element.value, bm_view_text("locale"), &locale, &err), BM_OK);
    struct bm_view text = {locale.value.data + 4, locale.value.len - 5};
    return bm_view_equal(text, name) ? (struct bm_view){NULL, 0} : element.value;
}

static void take_keys(const struct bm_keys *keys, struct document_keys *out)
{
    struct bm_error err = BM_ERROR_INIT;
    out->unindexable = keys->unindexable != NULL;
    cr_assert_leq(keys->count, KEYS_MAX);
    for (size_t i = 0; i < keys->count; i++) {
        cr_assert_eq(bm_buffer_append(&out->bytes, keys->keys[i].canonical, &err), BM_OK);
        out->ends[out->count++] = out->bytes.len;
    }
}

static void ask_documents(const struct random_case *made, const struct bm_index *index,
                          struct answer *answer)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_keyset *keyset = bm_keyset_new(&index, 1, &err);
    cr_assert_not_null(keyset);
    for (size_t i = 0; i < made->count; i++) {
        answer->documents[i].bytes.limit = TEXT_MAX;
        cr_assert_eq(bm_keyset_make(keyset, made->documents[i], &err), BM_OK, "%s", err.text);
        take_keys(bm_keyset_keys(keyset, 0), &answer->documents[i]);
    }
    bm_keyset_free(keyset);
}

static void ask(const struct random_case *made, struct answer *answer)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_index_home home = {{made->major, made->minor}, BM_NAMESPACE_COLLECTION};
    struct bm_index_spec *specs;
    size_t count;
    memset(answer, 0, sizeof *answer);
    const struct bm_index_owner owner = {NULL, collation_of(made), 0};
    enum bm_status status = bm_index_specs_make(made->indexes, &owner, &specs, &count, NULL, &err);
    cr_assert_eq(status, BM_OK, "%s", err.text);
    answer->unique = specs[count - 1].unique;
    struct bm_index *index = bm_index_new(&specs[count - 1], &home, &err);
    cr_assert_not_null(index);
    answer->refused = bm_index_is_refused(index);
    if (bm_index_reason(index) != NULL) {
        answer->reason = strdup(bm_index_reason(index));
    }
    ask_documents(made, index, answer);
    bm_index_free(index);
    free(specs);
}

static void answer_free(struct answer *answer)
{
    free(answer->reason);
    for (size_t i = 0; i < RANDOM_CASE_DOCUMENTS; i++) {
        bm_buffer_free(&answer->documents[i].bytes);
    }
}

static struct bm_view key_of(const struct document_keys *keys, size_t number)
{
    size_t begin = number == 0 ? 0 : keys->ends[number - 1];
    return (struct bm_view){keys->bytes.data + begin, keys->ends[number] - begin};
}

static int keys_meet(const struct document_keys *a, const struct document_keys *b)
{
    for (size_t i = 0; i < a->count; i++) {
        for (size_t j = 0; j < b->count; j++) {
            if (bm_view_equal(key_of(a, i), key_of(b, j))) {
                return 1;
            }
        }
    }
    return 0;
}

enum agreement { AGREED, NOT_JUDGED, DISAGREED };

static int naive_says_bad(const struct naive_result *naive, size_t document)
{
    for (size_t i = 0; i < naive->bad_count; i++) {
        if (naive->bad[i] == document) {
            return 1;
        }
    }
    return 0;
}

static int naive_says_conflict(const struct naive_result *naive, size_t i, size_t j)
{
    for (size_t pair = 0; pair < naive->conflict_count; pair++) {
        if (naive->conflicts[pair][0] == i && naive->conflicts[pair][1] == j) {
            return 1;
        }
    }
    return 0;
}

/* Documents first, then pairs; `why` says what the two differ in. */
static enum agreement compare_documents(const struct naive_result *naive,
                                        const struct answer *answer, size_t count, char why[128])
{
    for (size_t i = 0; i < count; i++) {
        const struct document_keys *keys = &answer->documents[i];
        if (keys->unindexable != naive_says_bad(naive, i)) {
            snprintf(why, 128, "document %zu: unindexable %d", i, keys->unindexable);
            return DISAGREED;
        }
        if (keys->count != naive->key_counts[i]) {
            snprintf(why, 128, "document %zu: %zu keys, naive %zu", i, keys->count,
                     naive->key_counts[i]);
            return DISAGREED;
        }
        for (size_t j = i + 1; j < count; j++) {
            int meet = keys_meet(keys, &answer->documents[j]);
            if (meet != naive_says_conflict(naive, i, j)) {
                snprintf(why, 128, "documents %zu and %zu: conflict %d", i, j, meet);
                return DISAGREED;
            }
        }
    }
    return AGREED;
}

/* What the cases were like, in the eyes of the naive judge. */
struct tally {
    size_t refused, with_conflicts, with_bad_documents;
};

static enum agreement compare(const struct random_case *made, struct tally *tally, char why[128])
{
    struct naive_case judged = {.spec = made->spec,
                                .options = made->options,
                                .major = made->major,
                                .minor = made->minor,
                                .documents = made->documents,
                                .count = made->count};
    enum agreement agreement;
    struct naive_result naive;
    struct answer answer;
    naive_judge(&judged, &naive);
    ask(made, &answer);
    int naive_refuses = naive.refused != NULL && naive.verdict == NAIVE_CANNOT_INDEX;
    tally->refused += naive_refuses;
    tally->with_conflicts += naive.conflict_count > 0;
    tally->with_bad_documents += naive.bad_count > 0;
    if (!answer.unique) {
        agreement = naive.refused == NULL && naive.key_counts == NULL ? AGREED : DISAGREED;
        snprintf(why, 128, "not unique, naive: %.80s", naive.refused ? naive.refused : "unique");
    } else if (naive.refused == NULL && naive.key_counts == NULL) {
        snprintf(why, 128, "unique, naive: not unique");
        agreement = DISAGREED;
    } else if (answer.reason != NULL && !answer.refused) {
        agreement = naive.verdict == NAIVE_UNKNOWN ? AGREED : NOT_JUDGED;
        snprintf(why, 128, "%s", answer.reason);
    } else if (answer.refused != naive_refuses) {
        snprintf(why, 128, "index refused %d (%.40s), naive %d (%.40s)", answer.refused,
                 answer.reason ? answer.reason : "", naive_refuses,
                 naive.refused ? naive.refused : "");
        agreement = DISAGREED;
    } else if (naive_refuses) {
        agreement = AGREED;
    } else if (naive.refused != NULL) {
        snprintf(why, 128, "index judged, naive: %.80s", naive.refused);
        agreement = DISAGREED;
    } else {
        agreement = compare_documents(&naive, &answer, made->count, why);
    }
    answer_free(&answer);
    naive_result_free(&naive);
    return agreement;
}

static void print_document(const char *what, struct bm_view document)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer text = BM_BUFFER_INIT(TEXT_MAX);
    if (bm_json_document(document, &text, &err) == BM_OK) {
        int len = text.len < SHOWN_MAX ? (int)text.len : SHOWN_MAX;
        fprintf(stderr, "  %s %.*s\n", what, len, (const char *)text.data);
    }
    bm_buffer_free(&text);
}

/* Leaves out documents as long as the judges still differ, then shows what is left. */
static void show(const struct random_case *made, uint64_t seed)
{
    char why[128] = "";
    struct tally tally = {0, 0, 0};
    struct random_case *least = malloc(sizeof *least);
    cr_assert_not_null(least);
    random_case_make(seed, least);
    for (size_t i = made->count; i-- > 0;) {
        struct bm_view left_out = least->documents[i];
        size_t behind = least->count - i - 1;
        memmove(&least->documents[i], &least->documents[i + 1], behind * sizeof left_out);
        least->count--;
        if (compare(least, &tally, why) == AGREED) {
            memmove(&least->documents[i + 1], &least->documents[i], behind * sizeof left_out);
            least->documents[i] = left_out;
            least->count++;
        }
    }
    compare(least, &tally, why);
    fprintf(stderr, "BSONMEND_SEED=%llu server %d.%d: %s\n", (unsigned long long)seed, least->major,
            least->minor, why);
    print_document("index   ", least->spec);
    print_document("options ", least->options);
    for (size_t i = 0; i < least->count; i++) {
        print_document("document", least->documents[i]);
    }
    free(least);
}

static uint64_t number_of(const char *variable, uint64_t otherwise)
{
    const char *text = getenv(variable);
    return text == NULL || *text == '\0' ? otherwise : strtoull(text, NULL, 10);
}

Test(naive, the_two_judges_never_disagree)
{
    size_t counts[] = {[AGREED] = 0, [NOT_JUDGED] = 0, [DISAGREED] = 0};
    struct tally tally = {0, 0, 0};
    uint64_t rounds = number_of("BSONMEND_ROUNDS", ROUNDS);
    uint64_t seed = number_of("BSONMEND_SEED", FIRST_SEED);
    struct random_case *made = malloc(sizeof *made);
    cr_assert_not_null(made);
    for (uint64_t i = 0; i < rounds; i++) {
        char why[128] = "";
        random_case_make(seed + i, made);
        enum agreement agreement = compare(made, &tally, why);
        counts[agreement]++;
        if (agreement != AGREED && counts[NOT_JUDGED] + counts[DISAGREED] <= 10) {
            show(made, seed + i);
        }
    }
    free(made);
    fprintf(stderr, "naive judge: %llu rounds from seed %llu: %zu agreed, %zu not judged, ",
            (unsigned long long)rounds, (unsigned long long)seed, counts[AGREED],
            counts[NOT_JUDGED]);
    fprintf(stderr, "%zu disagreed (%zu refused, %zu with conflicts, %zu with bad documents)\n",
            counts[DISAGREED], tally.refused, tally.with_conflicts, tally.with_bad_documents);
    cr_assert_eq(counts[DISAGREED], 0);
    cr_assert_eq(counts[NOT_JUDGED], 0, "an index the naive judge can judge");
}
