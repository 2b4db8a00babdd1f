/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/findings.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"

#define ID_MAX 1024u   /* bytes of an _id that is kept */
#define KEY_MAX 16384u /* bytes of a key that is kept */
#define TEXT_MAX 65536u

enum bm_status bm_place_copy(const struct bm_document_place *place, struct bm_document_place *out,
                             struct bm_error *err)
{
    *out = *place;
    out->id = (struct bm_view){NULL, 0};
    if (place->id.len == 0 || place->id.len > ID_MAX) {
        return BM_OK;
    }
    const char *copy = bm_copy_view(place->id, err);
    if (copy == NULL) {
        return BM_FAIL;
    }
    out->id = (struct bm_view){(const uint8_t *)copy, place->id.len};
    return BM_OK;
}

/* Views that own what they show are const only towards those who look at them. */
static void free_view(struct bm_view *view)
{
    free((void *)(uintptr_t)view->data);
    *view = (struct bm_view){NULL, 0};
}

void bm_place_free(struct bm_document_place *place)
{
    free_view(&place->id);
}

enum bm_status bm_places_add(struct bm_places *places, size_t limit,
                             const struct bm_document_place *place, struct bm_error *err)
{
    if (places->count >= limit) {
        return BM_OK;
    }
    if (bm_grow(&places->items, places->count, &places->capacity, sizeof *places->items, err) !=
            BM_OK ||
        bm_place_copy(place, &places->items[places->count], err) != BM_OK) {
        return BM_FAIL;
    }
    places->count++;
    return BM_OK;
}

void bm_places_free(struct bm_places *places)
{
    for (size_t i = 0; i < places->count; i++) {
        bm_place_free(&places->items[i]);
    }
    free(places->items);
    *places = (struct bm_places){NULL, 0, 0};
}

enum bm_emptiness bm_part_emptiness(const struct bm_key_part *part)
{
    if (part->origin == BM_ORIGIN_MISSING) {
        return BM_EMPTY_MISSING;
    }
    if (part->origin == BM_ORIGIN_EMPTY_ARRAY) {
        return BM_NOT_EMPTY;
    }
    struct bm_element element = {.type = part->type, .value = part->value};
    return bm_emptiness_of(&element);
}

/* A document holds a compound key for the sake of its first empty component. */
static enum bm_emptiness key_emptiness(const struct bm_finding *finding)
{
    size_t count = bm_index_field_count(finding->index);
    for (size_t i = 0; i < count; i++) {
        enum bm_emptiness empty = bm_part_emptiness(&finding->key->parts[i]);
        if (empty != BM_NOT_EMPTY) {
            return empty;
        }
    }
    return BM_NOT_EMPTY;
}

void bm_empties_add(struct bm_empties *empties, enum bm_emptiness empty)
{
    switch (empty) {
    case BM_NOT_EMPTY:
        break;
    case BM_EMPTY_MISSING:
        empties->missing++;
        break;
    case BM_EMPTY_NULL:
        empties->null++;
        break;
    case BM_EMPTY_UNDEFINED:
        empties->undefined++;
        break;
    case BM_EMPTY_BLANK:
        empties->blank++;
        break;
    }
}

static void free_group(struct bm_group *group)
{
    bm_place_free(&group->first);
    bm_places_free(&group->later);
    free_view(&group->key);
    free(group->e11000);
}

void bm_findings_free(struct bm_findings *findings)
{
    for (size_t i = 0; i < findings->kept_count; i++) {
        free_group(&findings->kept[i]);
    }
    free(findings->kept);
    free(findings->slots);
    bm_places_free(&findings->unindexable_places);
    free(findings->unindexable_reason);
    *findings = (struct bm_findings){.kept = NULL};
}

size_t bm_findings_unknown(const struct bm_findings *findings)
{
    size_t unknown = 0;
    for (size_t i = 0; i < findings->kept_count; i++) {
        unknown += findings->kept[i].first.known ? 0 : 1;
    }
    return unknown;
}

/* The slot that holds the fingerprint, or the free one where it would go. */
static uint32_t *slot_of(const struct bm_findings *findings, struct bm_fingerprint fingerprint)
{
    size_t mask = findings->slot_count - 1;
    size_t at = (size_t)fingerprint.high & mask;
    for (;;) {
        uint32_t *slot = &findings->slots[at];
        if (*slot == 0) {
            return slot;
        }
        const struct bm_fingerprint *held = &findings->kept[*slot - 1].fingerprint;
        if (held->low == fingerprint.low && held->high == fingerprint.high) {
            return slot;
        }
        at = (at + 1) & mask;
    }
}

static struct bm_group *find_group(const struct bm_findings *findings,
                                   struct bm_fingerprint fingerprint)
{
    if (findings->slot_count == 0) {
        return NULL;
    }
    uint32_t slot = *slot_of(findings, fingerprint);
    return slot != 0 ? &findings->kept[slot - 1] : NULL;
}

static enum bm_status grow_slots(struct bm_findings *findings, struct bm_error *err)
{
    if (findings->kept_count < findings->slot_count / 2) {
        return BM_OK;
    }
    size_t count = findings->slot_count > 0 ? findings->slot_count * 2 : 16;
    uint32_t *slots = bm_allocate(count, sizeof *slots, err);
    if (slots == NULL) {
        return BM_FAIL;
    }
    free(findings->slots);
    findings->slots = slots;
    findings->slot_count = count;
    for (size_t i = 0; i < findings->kept_count; i++) {
        *slot_of(findings, findings->kept[i].fingerprint) = (uint32_t)(i + 1);
    }
    return BM_OK;
}

/* A key too long to keep is left out. */
static enum bm_status keep_key(struct bm_group *group, const struct bm_finding *finding,
                               struct bm_error *err)
{
    struct bm_error too_long = BM_ERROR_INIT;
    struct bm_buffer document = BM_BUFFER_INIT(KEY_MAX);
    enum bm_status status = BM_OK;
    if (bm_key_document(finding->index, finding->key, &document, &too_long) == BM_OK) {
        const char *copy = bm_copy_view(bm_buffer_view(&document), err);
        group->key = (struct bm_view){(const uint8_t *)copy, copy != NULL ? document.len : 0};
        status = copy != NULL ? BM_OK : BM_FAIL;
    }
    bm_buffer_free(&document);
    return status;
}

/* The server prints strings as they are; a C string cannot hold the zero bytes among them. */
static char *text_without_zeros(struct bm_view text, struct bm_error *err)
{
    size_t zeros = 0;
    for (size_t i = 0; i < text.len; i++) {
        zeros += text.data[i] == 0 ? 1 : 0;
    }
    char *out = bm_allocate(text.len + 3 * zeros + 1, 1, err);
    size_t at = 0;
    for (size_t i = 0; out != NULL && i < text.len; i++) {
        if (text.data[i] == 0) {
            memcpy(out + at, "\\x00", 4);
            at += 4;
        } else {
            out[at++] = (char)text.data[i];
        }
    }
    return out;
}

static enum bm_status word(struct bm_group *group, const struct bm_finding *finding,
                           struct bm_error *err)
{
    struct bm_buffer text = BM_BUFFER_INIT(TEXT_MAX);
    enum bm_status status = BM_FAIL;
    if (bm_key_message(finding->index, finding->ns, finding->key, &text, err) == BM_OK) {
        group->e11000 = text_without_zeros(bm_buffer_view(&text), err);
        status = group->e11000 != NULL ? BM_OK : BM_FAIL;
    }
    bm_buffer_free(&text);
    return status;
}

static enum bm_status add_group(struct bm_findings *findings, const struct bm_finding *finding,
                                struct bm_group **out, struct bm_error *err)
{
    if (grow_slots(findings, err) != BM_OK ||
        bm_grow(&findings->kept, findings->kept_count, &findings->kept_capacity,
                sizeof *findings->kept, err) != BM_OK) {
        return BM_FAIL;
    }
    struct bm_group group = {.fingerprint = finding->fingerprint};
    if (keep_key(&group, finding, err) != BM_OK || word(&group, finding, err) != BM_OK) {
        free_group(&group);
        return BM_FAIL;
    }
    uint32_t *slot = slot_of(findings, finding->fingerprint);
    findings->kept[findings->kept_count] = group;
    *out = &findings->kept[findings->kept_count++];
    *slot = (uint32_t)findings->kept_count;
    return BM_OK;
}

enum bm_status bm_findings_duplicate(struct bm_findings *findings, const struct bm_finding *finding,
                                     int mark, struct bm_error *err)
{
    int is_new = (mark & BM_MARK_SHARED) == 0;
    findings->violations++;
    findings->groups += is_new ? 1 : 0;
    struct bm_group *group = find_group(findings, finding->fingerprint);
    if (group == NULL && is_new && findings->kept_count < finding->group_limit &&
        add_group(findings, finding, &group, err) != BM_OK) {
        return BM_FAIL;
    }
    if (group == NULL) {
        return BM_OK;
    }
    group->count += group->count == 0 ? 2 : 1; /* the second document tells of the first */
    struct bm_document_place place = finding->place;
    enum bm_emptiness empty = key_emptiness(finding);
    bm_empties_add(&group->empties, empty);
    place.empty = (uint8_t)empty;
    size_t later_limit = finding->document_limit > 0 ? finding->document_limit - 1 : 0;
    return bm_places_add(&group->later, later_limit, &place, err);
}

int bm_findings_awaits(const struct bm_findings *findings, struct bm_fingerprint fingerprint)
{
    const struct bm_group *group = find_group(findings, fingerprint);
    return group != NULL && !group->first.known;
}

enum bm_status bm_findings_first(struct bm_findings *findings, const struct bm_finding *finding,
                                 struct bm_error *err)
{
    struct bm_group *group = find_group(findings, finding->fingerprint);
    if (group == NULL || group->first.known) {
        return BM_OK;
    }
    if (bm_place_copy(&finding->place, &group->first, err) != BM_OK) {
        return BM_FAIL;
    }
    enum bm_emptiness empty = key_emptiness(finding);
    group->first.known = 1;
    group->first.empty = (uint8_t)empty;
    bm_empties_add(&group->empties, empty);
    return BM_OK;
}

enum bm_status bm_findings_unindexable(struct bm_findings *findings,
                                       const struct bm_document_place *place, const char *reason,
                                       size_t document_limit, struct bm_error *err)
{
    findings->unindexable++;
    if (findings->unindexable_reason == NULL) {
        findings->unindexable_reason = bm_copy_text(reason, err);
        if (findings->unindexable_reason == NULL) {
            return BM_FAIL;
        }
    }
    return bm_places_add(&findings->unindexable_places, document_limit, place, err);
}

/* Groups without documents come behind the others; fingerprints are drawn at random, the order is
 * not. */
static int compare_order(const void *left, const void *right)
{
    const struct bm_group *a = left;
    const struct bm_group *b = right;
    return a->order < b->order ? -1 : a->order > b->order;
}

void bm_findings_records_end(struct bm_findings *findings, size_t group_limit)
{
    size_t first = findings->kept_count;
    while (first > 0 && findings->kept[first - 1].e11000 == NULL) {
        first--;
    }
    if (first < findings->kept_count) {
        qsort(findings->kept + first, findings->kept_count - first, sizeof *findings->kept,
              compare_order);
    }
    if (findings->kept_count > group_limit) {
        findings->kept_count = group_limit > first ? group_limit : first;
    }
}

enum bm_status bm_findings_records(struct bm_findings *findings,
                                   const struct bm_records_found *found, struct bm_error *err)
{
    findings->violations += found->more;
    findings->keys -= found->more;
    if (found->is_known) {
        struct bm_group *group = find_group(findings, found->fingerprint);
        if (group != NULL) {
            group->count += found->more;
            group->empties = (struct bm_empties){0}; /* of the others it is not known */
        }
        return BM_OK;
    }
    findings->groups++;
    /* Twice the limit, so that the first of them can be picked now and then. */
    if (findings->kept_count / 2 > found->group_limit) {
        bm_findings_records_end(findings, found->group_limit);
    }
    if (found->group_limit == 0 ||
        bm_grow(&findings->kept, findings->kept_count, &findings->kept_capacity,
                sizeof *findings->kept, err) != BM_OK) {
        return found->group_limit == 0 ? BM_OK : BM_FAIL;
    }
    findings->kept[findings->kept_count++] = (struct bm_group){
        .fingerprint = found->fingerprint, .count = found->more + 1, .order = found->order};
    return BM_OK;
}
