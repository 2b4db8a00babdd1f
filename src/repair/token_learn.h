/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPAIR_TOKEN_LEARN_H
#define BM_REPAIR_TOKEN_LEARN_H

#include "bsonmend/rules.h"

/*
 * What `--fill FIELD=auto` stands for: the shape that the tokens of a collection have, learned from
 * its first good values in document order, so that a new token passes the application's own checks.
 *
 * Told apart are ObjectIds, binary UUIDs (subtype 4) and texts; texts by the narrowest of the
 * alphabets below that they all keep to, with their length:
 *   UUID text in lower or upper case, digits, hex in lower, upper or either case, 26 characters of
 *   Crockford's base 32 (ULID-like), letters and digits by case, base62, base64url (of 21
 *   characters: nanoid), base64; else the printable ASCII characters that were seen, at most 64.
 * A wider one than digits or hex may have fixed text around it, and any one may have text that a
 * separator closes ("tok_"). An alphabet of which so many characters never came that it can be no
 * chance is not the one. Where lengths differ a little (by two, or a quarter of the longest) new
 * tokens have the most frequent one, of equally frequent ones the longest. Of a UUID of any version
 * new ones are version 4; a ULID-like token keeps only its first character when that is '0'.
 *
 * A shape is learned only when at least 90 % of the good values have it.
 */

#define BM_TOKEN_LEARN_VALUES 1000u /* good values after which no more are looked at */

struct bm_token_learner;

/* empty: the enum bm_emptiness bits that count as empty. NULL: no memory. */
struct bm_token_learner *bm_token_learner_new(unsigned empty, struct bm_error *err) BM_MUST_USE;
void bm_token_learner_free(struct bm_token_learner *learner); /* NULL is fine */

/*
 * Looks at the next value of the field; what counts as empty is passed over. The value is copied,
 * of a text at most 4,096 bytes (a longer one has no shape). BM_OK, BM_END: enough is known and
 * this value was not looked at, or BM_ERROR_MEMORY.
 */
enum bm_status bm_token_learner_take(struct bm_token_learner *learner,
                                     const struct bm_element *value,
                                     struct bm_error *err) BM_MUST_USE;

/*
 * Fills *out, whose text names the shape, and `said` with a line of what was learned from how many,
 * "hex:32 from 812 of 812 values". Without any good value it is hex:32. BM_ERROR_USAGE: no shape is
 * held by 90 %; the text asks for a kind and shows the shapes of up to three values.
 */
#define BM_TOKEN_SAID_BYTES 320u /* a shape, two numbers and what there is to know besides */
enum bm_status bm_token_learner_finish(const struct bm_token_learner *learner, const char *field,
                                       struct bm_token_shape *out, char said[BM_TOKEN_SAID_BYTES],
                                       struct bm_error *err) BM_MUST_USE;

#endif
