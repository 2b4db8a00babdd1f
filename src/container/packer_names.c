/* SPDX-License-Identifier: Apache-2.0 */
#include "container/packer_names.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "container/names.h"
#include "container/transfer.h"

char *bm_packer_names_change_suffix(const char *relative, enum bm_codec codec, struct bm_error *err)
{
    size_t len = bm_names_plain_length(relative);
    const char *end = "";
    /* The old suffix is known without a codec's only. */
    if (codec != BM_CODEC_NONE && len > 4 && memcmp(relative + len - 4, ".bin", 4) == 0) {
        len -= 4;
        end = ".bson";
    }
    return bm_format_text(err, "%.*s%s%s", (int)len, relative, end, bm_codec_suffix(codec));
}

/* DB/ESCAPED.ENDING[.gz|.zst] */
static char *make_name(const struct bm_namespace *ns, struct bm_view collection, const char *ending,
                       struct bm_error *err)
{
    const char *problem = bm_names_refuse_db(bm_view_text(ns->db));
    if (problem != NULL) {
        (void)bm_fail(err, BM_ERROR_USAGE, 0, "cannot be a folder of a dump: %s", problem);
        (void)bm_error_in(err, ns->ns);
        return NULL;
    }
    char *stem = bm_names_escape(collection, err);
    char *name = stem == NULL ? NULL : bm_format_text(err, "%s/%s%s", ns->db, stem, ending);
    free(stem);
    return name;
}

static char *with_suffix(char *name, enum bm_codec codec, struct bm_error *err)
{
    char *whole = name == NULL ? NULL : bm_format_text(err, "%s%s", name, bm_codec_suffix(codec));
    free(name);
    return whole;
}

static const struct bm_input *found_data(const struct bm_packer *packer,
                                         const struct bm_namespace *ns)
{
    const struct bm_source *source = packer->source;
    return source->about.container == BM_CONTAINER_DIRECTORY ? &source->slots[ns->number].data
                                                             : NULL;
}

char *bm_packer_names_data(const struct bm_packer *packer, const struct bm_namespace *ns,
                           struct bm_compression *compression, struct bm_error *err)
{
    const struct bm_input *found = found_data(packer, ns);
    *compression = packer->compression;
    if (found != NULL && bm_input_exists(found)) {
        if (compression->codec == BM_CODEC_KEEP) {
            compression->codec = found->codec;
            return bm_copy_text(found->relative, err);
        }
        /* The oplog keeps its plain name whatever it is in. */
        enum bm_codec named = ns->kind == BM_NAMESPACE_OPLOG ? BM_CODEC_NONE : compression->codec;
        return bm_packer_names_change_suffix(found->relative, named, err);
    }
    if (ns->kind == BM_NAMESPACE_OPLOG) {
        return bm_copy_text("oplog.bson", err);
    }
    return with_suffix(make_name(ns, bm_view_text(ns->collection), ".bson", err),
                       compression->codec, err);
}

char *bm_packer_names_metadata(const struct bm_packer *packer, const struct bm_namespace *ns,
                               struct bm_error *err)
{
    const struct bm_source *source = packer->source;
    enum bm_codec codec = bm_transfer_metadata_compression(packer, ns).codec;
    if (source->about.container == BM_CONTAINER_DIRECTORY &&
        bm_input_exists(&source->slots[ns->number].metadata)) {
        const struct bm_input *found = &source->slots[ns->number].metadata;
        return packer->compression.codec == BM_CODEC_KEEP
                   ? bm_copy_text(found->relative, err)
                   : bm_packer_names_change_suffix(found->relative, codec, err);
    }
    return with_suffix(make_name(ns, bm_names_logical(ns), ".metadata.json", err), codec, err);
}
