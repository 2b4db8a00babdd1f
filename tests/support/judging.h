/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_TEST_JUDGING_H
#define BM_TEST_JUDGING_H

#include "base/buffer.h"
#include "bsonmend/repair.h"

/* Metadata of a collection with a unique index over `token` and a plain one. */
#define UNIQUE_TOKEN                                                                               \
    "{\"indexes\":[{\"v\":2,\"key\":{\"_id\":1},\"name\":\"_id_\"},"                               \
    "{\"v\":2,\"key\":{\"token\":1},\"name\":\"token_1\",\"unique\":true},"                        \
    "{\"v\":2,\"key\":{\"plain\":1},\"name\":\"plain_1\"}]}"

/* A plan over a catalog made in memory, and documents of one namespace run through its judge. */
struct judging {
    struct bm_error err;
    struct bm_catalog *catalog;
    struct bm_rules rules;
    struct bm_hash_key hash_key;
    struct bm_token_key *token_key; /* the bytes 0 … 31 */
    struct bm_budget budget;
    struct bm_plan *plan;
    const char *server_version; /* judged for, NULL: the catalog's */
    enum bm_container container;
    int repeatable;
    size_t group_limit, document_limit;
    size_t entry_most; /* of the oplog; 0: any */

    /* What goes in. */
    struct bm_buffer documents;
    uint32_t *at;
    uint32_t count;
    size_t capacity;
    uint32_t batch; /* documents a batch, 0: all in one */

    /* What came out of the last pass: all documents back to back, a line for each change. */
    struct bm_buffer output;
    struct bm_buffer changes;
};

void judging_start(struct judging *judging);
void judging_stop(struct judging *judging);

/* Adds a namespace; metadata NULL: none. Returns its number. */
size_t judging_namespace(struct judging *judging, const char *db, const char *collection,
                         const char *metadata);
/* Adds a rule as the command line has it. */
void judging_fill(struct judging *judging, const char *rule);
void judging_unique(struct judging *judging, const char *rule);
void judging_on_duplicate(struct judging *judging, const char *rule);
void judging_keep(struct judging *judging, const char *rule);
/* Makes the plan; BM_FAIL leaves the reason in judging->err. */
enum bm_status judging_plan(struct judging *judging);

/* Adds a document, as extended JSON or as bytes. */
void judging_document(struct judging *judging, const char *json);
void judging_bytes(struct judging *judging, struct bm_view bytes);
void judging_clear(struct judging *judging); /* forgets the documents */

/* Runs the documents through a judge of the namespace, from BEGIN to END. */
enum bm_status judging_pass(struct judging *judging, size_t ns, enum bm_pass pass);
/* The passes before the first verdict, as far as the plan needs them. */
enum bm_status judging_look_ahead(struct judging *judging);
/* Plans, looks ahead and judges the plan's only namespace; all of it must succeed. */
void judging_run(struct judging *judging);
/* What the plan reports; freed with bm_result_free. */
struct bm_result judging_result(const struct judging *judging);

/* Asserts that the output is exactly these documents, the last NULL. */
void judging_expect(const struct judging *judging, const char *const *documents);
/* Asserts that the output is the input. */
void judging_expect_same(const struct judging *judging);

struct bm_target;

/* The ordinals of the documents of a namespace that were taken out, "1,3"; written to `out`. */
const char *judging_gone(const struct bm_target *target, char out[64]);

/* The text of attempt k of a token of shape hex:32 for the _id in this extended JSON document. */
const char *judging_token(const char *ns, const char *field, const char *id_document,
                          uint32_t attempt, char *out);

#endif
