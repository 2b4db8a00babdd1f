/* SPDX-License-Identifier: Apache-2.0 */
#include "key/size.h"

#include "key/text.h"

#define SHOWN_OF_A_KEY ((size_t)512)

static enum bm_status write_words(const struct bm_index *index, const struct bm_key_part *parts,
                                  size_t size, struct bm_buffer *words, struct bm_error *err)
{
    struct bm_key key = {.parts = parts};
    if (bm_buffer_printf(words, err,
                         "WiredTigerIndex::insert: key too large to index, failing  %zu ",
                         size) != BM_OK ||
        bm_key_text_short(index, &key, SHOWN_OF_A_KEY, words, err) != BM_OK ||
        bm_buffer_append_byte(words, 0, err) != BM_OK) {
        return BM_FAIL;
    }
    return BM_END;
}

enum bm_status bm_key_size_check(const struct bm_index *index, const struct bm_key_part *parts,
                                 const struct bm_canonical *canonical, struct bm_buffer *words,
                                 struct bm_error *err)
{
    size_t size = 5 + canonical->grown;
    for (size_t i = 0; i < index->field_count; i++) {
        size += 2 + parts[i].value.len;
    }
    size -= canonical->shrunk;
    return size < BM_KEY_BYTES_LIMIT ? BM_OK : write_words(index, parts, size, words, err);
}
