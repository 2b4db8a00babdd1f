/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BSONMEND_CONTAINER_H
#define BSONMEND_CONTAINER_H

#include <sys/types.h>

#include "bsonmend/catalog.h"
#include "bsonmend/codec.h"

/* ---- where a dump comes from ---- */

struct bm_source;

/* Read by bm_source_new only: texts are copied. `stop` is looked at as long as the source and what
 * was made from it are used. */
struct bm_source_options {
    const char *path;       /* NULL or "-": descriptor 0 */
    const char *db;         /* -d, NULL: from the path; only for raw BSON */
    const char *collection; /* -c, likewise */
    size_t chunk;           /* bytes a read, 0: BM_READER_CHUNK; never shows in results */
    unsigned threads;       /* 2 or more: large data is read ahead, each file by a thread of its
                               own; never shows in results */
    const char *spool;      /* folder where a stream is kept, whole and compressed, so that it can
                               be read again; NULL: none */
    const volatile sig_atomic_t *stop; /* may be NULL */
};

/* What a source found out about itself; lives as long as the source. */
struct bm_source_about {
    const char *path; /* as given, "-" for standard input */
    enum bm_container container;
    enum bm_codec codec; /* of the stream, or of the first data file of a directory */
    int repeatable;      /* can be read more than once: a directory, a regular file, or spooled */
    const char *const
        *warnings; /* things said and passed on: "dbOne/x.metadata.json: not JSON …" */
    size_t warning_count;
    /* 1: mongorestore of today does not start on it, though older ones did; a warning says why. */
    int is_doubted;
};

/*
 * Opens a dump, tells container and codec by content, and reads what is known before any document:
 * a directory's listing and metadata files, an archive's prelude, a lone file's name and the
 * metadata beside it. NULL on failure. BM_ERROR_USAGE: -d/-c missing or out of place, an empty
 * path, a data file that is no regular file. BM_ERROR_TRUNCATED: empty standard input, a prelude
 * cut short. BM_ERROR_CORRUPT: a directory without a dump or with names mongorestore refuses, a
 * damaged prelude. BM_ERROR_IO: nothing there, or it cannot be read. BM_ERROR_MEMORY: no memory, or
 * more metadata than a catalog holds. BM_ERROR_STOPPED. `file` of the error is filled. A stream
 * that is to be spooled is read to its end here: BM_ERROR_USAGE: the spool is no folder;
 * BM_ERROR_IO: it takes nothing, or no more.
 */
struct bm_source *bm_source_new(const struct bm_source_options *options,
                                struct bm_error *err) BM_MUST_USE;
const struct bm_source_about *bm_source_about(const struct bm_source *source);
/* Lives as long as the source. */
const struct bm_catalog *bm_source_catalog(const struct bm_source *source);
/* Bytes of all documents of a namespace, known from its BEGIN on where its data is a regular file
 * without a codec; else, as in an archive, 0. */
uint64_t bm_source_total(const struct bm_source *source, const struct bm_namespace *ns);
/*
 * Whether all files that were read are still what they were when they were opened, by size, time
 * and identity; for what is done with the dump after its end was reached. BM_ERROR_IO names one
 * that is not. What can be read only once is not looked at.
 */
enum bm_status bm_source_unchanged(const struct bm_source *source,
                                   struct bm_error *err) BM_MUST_USE;
/* After every unpacker and packer that was made from it. NULL is fine. */
void bm_source_free(struct bm_source *source);

/* ---- reading ---- */

/*
 * Whole documents of one namespace, back to back, never across an archive segment. Lent until the
 * next bm_unpacker_next. A batch takes no further document once it holds 1 MiB: a larger one is its
 * last.
 */
struct bm_batch {
    const struct bm_namespace *ns;
    struct bm_view bytes;
    const uint32_t *at; /* count + 1 positions in bytes; at[count] == bytes.len */
    uint32_t count;     /* at least 1 */
    uint64_t ordinal;   /* of the first document, from 0 in its namespace */
    uint64_t offset;    /* of the first document in the decoded file (archive: decoded archive) */
};

/* A file or link of a dump directory that is not dump data: passed on as it is. Its texts live as
 * long as the source. */
struct bm_other_file {
    const char *relative; /* path below the dump's root */
    const char *path;     /* where to read it */
    mode_t mode;          /* st_mode, of the link itself for a link */
    int prelude;          /* 1: prelude.json[.gz], which belongs to the dump */
};

enum bm_event_kind {
    BM_EVENT_BEGIN,   /* first event of a namespace; exactly one, also when it has no documents */
    BM_EVENT_SEGMENT, /* archives only: a data segment starts; framing is its header document */
    BM_EVENT_BATCH,
    BM_EVENT_END, /* last event of a namespace; archives: framing is its EOF header document */
    BM_EVENT_FILE
};

/*
 * Archives interleave namespaces: nothing assumes one at a time. Every namespace of the catalog
 * gets BEGIN and END. The end of the dump comes as BM_END, after every check that can be made.
 * Namespaces live as long as the source; batch and framing are lent until the next
 * bm_unpacker_next.
 */
struct bm_event {
    enum bm_event_kind kind;
    const struct bm_namespace *ns;
    struct bm_batch batch;
    struct bm_view framing;
    struct bm_other_file file;
};

struct bm_unpacker;

/*
 * Starts reading the documents; one unpacker of a source at a time, freed before the source is. A
 * second one (another pass) reads the same again if the source is repeatable. NULL on failure.
 * BM_ERROR_USAGE: another one is at work, or the source can be read only once. BM_ERROR_IO: a file
 * grew, shrank or changed since the first pass, or cannot be read. BM_ERROR_MEMORY.
 */
struct bm_unpacker *bm_unpacker_new(struct bm_source *source, struct bm_error *err) BM_MUST_USE;
/*
 * BM_OK with the next event, BM_END, or BM_FAIL with namespace, file and offset filled. Framing is
 * checked (length 5 … limit, closing zero), the inside of documents is not. An archive's CRC and
 * its open namespaces are checked where they end. BM_ERROR_TRUNCATED: the input ends inside a
 * document, a block or a compressed stream, or with a namespace open or not seen. BM_ERROR_CORRUPT:
 * a length, a closing zero, a block's header, a checksum, a compressed stream is wrong.
 * BM_ERROR_IO: a read failed, or a file is not what it was when it was opened (asked at its end).
 * BM_ERROR_USAGE: a file of a directory is no regular file any more. BM_ERROR_MEMORY,
 * BM_ERROR_STOPPED. After a failure only bm_unpacker_bytes and bm_unpacker_free are legal.
 */
enum bm_status bm_unpacker_next(struct bm_unpacker *unpacker, struct bm_event *out,
                                struct bm_error *err) BM_MUST_USE;
/* Decoded bytes of documents (and, for archives, of all items) handed out up to now. */
uint64_t bm_unpacker_bytes(const struct bm_unpacker *unpacker);
void bm_unpacker_free(struct bm_unpacker *unpacker); /* NULL is fine */

/* ---- writing ---- */

enum bm_verdict { BM_VERDICT_KEEP, BM_VERDICT_REPLACE, BM_VERDICT_DROP };

/* What becomes of one document of a batch. Documents without an edit are kept. */
struct bm_edit {
    uint32_t document; /* index in the batch; edits of a batch ascend */
    enum bm_verdict verdict;
    struct bm_view bytes; /* BM_VERDICT_REPLACE: the new document; lives as the batch does */
};

struct bm_packer;

/* Copied by bm_packer_new; of what it points to, `path` is read there only, the rest is lent until
 * the packer is freed. */
struct bm_packer_options {
    const char *path;            /* NULL or "-": descriptor `fd` */
    int fd;                      /* the descriptor of standard output */
    enum bm_container container; /* BM_CONTAINER_KEEP: the input's; to a descriptor a directory
                                    becomes an archive */
    struct bm_compression compression; /* BM_CODEC_KEEP: each file as its input was */
    unsigned threads; /* 2 or more: one writes large data behind its user, so many compress it;
                         never shows in what is written */
    enum bm_existing existing;
    /* New metadata text by namespace number, or NULL; an element with data NULL keeps the old text.
     */
    const struct bm_view *metadata;
    const volatile sig_atomic_t *stop; /* may be NULL */
};

/*
 * Checks all that can be told before any work and chooses a temporary name beside OUT; nothing is
 * created until the first event. What an archive or a directory says of itself comes from the
 * source, which must outlive the packer. NULL on failure, with nothing left behind.
 * BM_ERROR_USAGE: OUT exists (unless it is replaced, which only a file or a dump is), is empty,
 * ends in a slash but is to be a file, has no parent, is or lies in DUMP or DUMP in it, is or holds
 * what a link in DUMP leads to; a descriptor that leads into a file of the dump; metadata beside
 * OUT that a reader would take for OUT's (unless it is replaced: then it goes when the output gets
 * its name); a directory to a descriptor; raw BSON of more than one collection with data; a
 * namespace whose name no file of a directory leads back to. BM_ERROR_IO: OUT's folder takes
 * nothing, or cannot be looked at. BM_ERROR_MEMORY.
 */
struct bm_packer *bm_packer_new(const struct bm_packer_options *options,
                                const struct bm_source *source, struct bm_error *err) BM_MUST_USE;

/*
 * Takes one event of an unpacker over the same source, with the edits of its batch (others: none).
 * Writes runs between edits whole; checksums are taken over what is written. The last thing that
 * makes an output whole (an archive's last EOF block, the last document of raw BSON) is held back
 * until bm_packer_seal, to a descriptor until bm_packer_finish. The event is not used afterwards.
 * BM_ERROR_IO: a write failed (EPIPE included), a file to be passed on cannot be read.
 * BM_ERROR_USAGE: documents of a second collection in raw BSON, of more than 1000 namespaces at
 * once in a directory. BM_ERROR_MEMORY, BM_ERROR_STOPPED. After a failure only bm_packer_abandon
 * and bm_packer_free are legal.
 */
enum bm_status bm_packer_event(struct bm_packer *packer, const struct bm_event *event,
                               const struct bm_edit *edits, size_t edit_count,
                               struct bm_error *err) BM_MUST_USE;

/*
 * Completes and syncs the temporary output without giving it its name. For a descriptor, and the
 * second time, it does nothing. Errors as of bm_packer_event, and: BM_ERROR_VIOLATION for a
 * document over 16,777,216 bytes in an archive (BM_ERROR_USAGE in an oplog, which a directory could
 * hold), with its namespace and its offset in the input.
 */
enum bm_status bm_packer_seal(struct bm_packer *packer, struct bm_error *err) BM_MUST_USE;
/*
 * Opens a sealed output for reading, under the names it will have, and compares it with what it was
 * made from: the same namespaces and, but for raw BSON, the same metadata texts. NULL on failure;
 * the caller frees it before bm_packer_finish and before the packer. BM_ERROR_IO: a namespace is
 * missing or one too many, a text differs, or it is no such container any more. BM_ERROR_USAGE: not
 * sealed, or a descriptor. Otherwise errors as of bm_source_new: BM_ERROR_CORRUPT and
 * BM_ERROR_TRUNCATED are then the output's damage.
 */
struct bm_source *bm_packer_reread(const struct bm_packer *packer,
                                   struct bm_error *err) BM_MUST_USE;
/*
 * Seals if need be, renames, syncs the folder; for a descriptor writes what was held back. Errors
 * as of bm_packer_seal, and BM_ERROR_USAGE: something has come to be at OUT that is not to be
 * replaced. After a failure bm_packer_abandon still spoils or removes, unless the output has its
 * name: that is then whole, but its folder could not be synced, and a power failure may lose it.
 */
enum bm_status bm_packer_finish(struct bm_packer *packer, struct bm_error *err) BM_MUST_USE;
/* 1 once an output that is no descriptor has its name, though bm_packer_finish failed behind it. */
int bm_packer_is_named(const struct bm_packer *packer);
/*
 * Spoils what went to a descriptor (half an archive block, three stray bytes of raw BSON; nothing
 * where nothing of an archive was written), removes temporaries. Does nothing after a successful
 * bm_packer_finish or the second time. Cannot fail; keeps errno.
 */
void bm_packer_abandon(struct bm_packer *packer);
/* What an output will be, by what is asked for and what the input is: a directory that goes to a
 * descriptor unasked becomes an archive. */
enum bm_container bm_packer_container_for(enum bm_container wanted, enum bm_container input,
                                          int to_descriptor);
/* What is written: container and codec as resolved. */
enum bm_container bm_packer_container(const struct bm_packer *packer);
enum bm_codec bm_packer_codec(const struct bm_packer *packer);
/* Documents and decoded bytes written up to now (bytes as bm_unpacker_bytes counts them). */
uint64_t bm_packer_documents(const struct bm_packer *packer);
uint64_t bm_packer_bytes(const struct bm_packer *packer);
/* Lines to say about what the output leaves out or needs, known from bm_packer_new on; live as long
 * as the packer. */
const char *const *bm_packer_warnings(const struct bm_packer *packer, size_t *count);
void bm_packer_free(struct bm_packer *packer); /* NULL is fine; without finish: temporaries go */

#endif
