/* SPDX-License-Identifier: Apache-2.0 */
#include "report/text.h"

#include "report/words.h"

static void print_indexes(struct bm_print *print, const struct bm_namespace_result *ns)
{
    for (size_t i = 0; i < ns->index_count; i++) {
        const struct bm_index_result *index = &ns->indexes[i];
        bm_print_text(print, i > 0 ? ", " : "  ");
        bm_print_escaped(print, index->name);
        if (index->key_text != NULL) {
            bm_print_text(print, " ");
            bm_print_escaped(print, index->key_text);
        }
        if (index->unique) {
            bm_print_text(print, " unique");
        }
    }
}

void bm_listing_print(struct bm_print *print, const struct bm_result *result)
{
    const struct bm_stream_result *input = &result->input;
    if (input->path == NULL) {
        return;
    }
    bm_print_escaped(print, input->path);
    bm_print_text(print, ": ");
    bm_print_text(print, bm_container_name(input->container));
    bm_print_text(print, ", codec ");
    bm_print_text(print, bm_codec_name(input->codec));
    if (result->server_version[0] != '\0') {
        bm_print_text(print, ", server version ");
        bm_print_escaped(print, result->server_version);
    }
    bm_print_text(print, "\n");
    for (size_t i = 0; i < result->namespace_count; i++) {
        const struct bm_namespace_result *ns = &result->namespaces[i];
        bm_print_escaped(print, ns->ns);
        bm_print_text(print, "  ");
        bm_print_text(print, bm_words_kind(ns->kind));
        bm_print_text(print, "  ");
        bm_print_count(print, ns->documents, "document");
        bm_print_text(print, "  ");
        bm_print_count(print, ns->bytes, "byte");
        print_indexes(print, ns);
        if (ns->reason != NULL) {
            bm_print_text(print, "  (");
            bm_print_escaped(print, ns->reason);
            bm_print_text(print, ")");
        }
        bm_print_text(print, "\n");
        bm_print_flush(print);
    }
}
