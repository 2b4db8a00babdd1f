/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPAIR_RULES_PARTS_H
#define BM_REPAIR_RULES_PARTS_H

#include "bsonmend/rules.h"

/*
 * Rules from their parts, for the command line, which finds the parts in one text, and for the
 * rules file, which has them apart. A namespace view of data NULL: none. Everything is copied. The
 * texts of errors do not say where the part was written; callers put that in front.
 */

enum bm_status bm_rules_put_fill(struct bm_rules *rules, struct bm_view ns, struct bm_view field,
                                 const struct bm_token_shape *shape,
                                 struct bm_error *err) BM_MUST_USE;
enum bm_status bm_rules_put_unset(struct bm_rules *rules, struct bm_view ns, struct bm_view field,
                                  struct bm_error *err) BM_MUST_USE;
enum bm_status bm_rules_put_unique(struct bm_rules *rules, struct bm_view ns,
                                   const struct bm_view *fields, size_t count,
                                   struct bm_error *err) BM_MUST_USE;
enum bm_status bm_rules_put_duplicate(struct bm_rules *rules, struct bm_view ns,
                                      struct bm_view index, struct bm_view action,
                                      struct bm_error *err) BM_MUST_USE;
enum bm_status bm_rules_put_keep(struct bm_rules *rules, struct bm_view ns, struct bm_view which,
                                 struct bm_error *err) BM_MUST_USE;
enum bm_status bm_rules_put_index(struct bm_rules *rules, struct bm_view ns, struct bm_view index,
                                  struct bm_view action, struct bm_error *err) BM_MUST_USE;
enum bm_status bm_rules_put_require(struct bm_rules *rules, struct bm_view ns, struct bm_view field,
                                    struct bm_error *err) BM_MUST_USE;

/* The bit that "missing", "null", "undefined" or "blank" stands for, else BM_NOT_EMPTY. */
enum bm_emptiness bm_rules_emptiness(struct bm_view word);

/* Splits "NS:rest" at its last ':'. *ns has data NULL where there is none. */
enum bm_status bm_rules_split(struct bm_view left, const char *whole, struct bm_view *ns,
                              struct bm_view *rest, struct bm_error *err) BM_MUST_USE;
/* A namespace is DATABASE.COLLECTION, neither of them empty. */
int bm_rules_is_namespace(struct bm_view name);

#endif
