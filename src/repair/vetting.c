/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/vetting.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "doc/extjson.h"
#include "repair/plan.h"

/* Whether an option of the collection is this text. */
static int option_is(const struct bm_namespace *ns, const char *option, const char *text)
{
    struct bm_error damage = BM_ERROR_INIT;
    struct bm_element element;
    return ns->options.len > 0 &&
           bm_document_find(ns->options, bm_view_text(option), &element, &damage) == BM_OK &&
           element.type == BM_TYPE_STRING && element.value.len == 4 + strlen(text) + 1 &&
           memcmp(element.value.data + 4, text, strlen(text)) == 0;
}

static int refuses_nothing(const struct bm_namespace *ns)
{
    return option_is(ns, "validationLevel", "off") || option_is(ns, "validationAction", "warn");
}

/* {"FIELD":{"$nin":[null,""]}}, one field a part, as the metadata has it (catalog/rewrite.h). */
static enum bm_status write_demand(const struct bm_rewriting *rewriting, struct bm_buffer *out,
                                   struct bm_error *err)
{
    struct bm_buffer json = BM_BUFFER_INIT(BM_DOCUMENT_MAX);
    const char *before = "{\"$and\":[{";
    enum bm_status status = BM_OK;
    for (size_t i = 0; i < rewriting->step_count && status == BM_OK; i++) {
        const struct bm_rewrite *rewrite = &rewriting->steps[i].rewrite;
        if (rewrite->kind != BM_REWRITE_REQUIRE) {
            continue;
        }
        status = bm_buffer_append(&json, bm_view_text(before), err);
        if (status == BM_OK) {
            status = bm_json_string(bm_view_text(rewrite->fields[0]), &json, err);
        }
        if (status == BM_OK) {
            status = bm_buffer_append(&json, bm_view_text(":{\"$nin\":[null,\"\"]}}"), err);
        }
        before = ",{";
    }
    if (status == BM_OK && json.len > 0) {
        status = bm_buffer_append(&json, bm_view_text("]}"), err) == BM_OK
                     ? bm_json_parse(bm_buffer_view(&json), out, err)
                     : BM_FAIL;
    }
    bm_buffer_free(&json);
    return status;
}

static enum bm_status compile_demand(struct bm_target *target,
                                     const struct bm_validator_options *options,
                                     struct bm_error *err)
{
    struct bm_vetting *vetting = &target->vetting;
    char *unknown = NULL;
    vetting->demand = BM_BUFFER_INIT(BM_DOCUMENT_MAX);
    if (write_demand(&target->rewriting, &vetting->demand, err) != BM_OK) {
        return BM_FAIL;
    }
    if (vetting->demand.len == 0) {
        return BM_OK;
    }
    enum bm_status status = bm_validator_new(bm_buffer_view(&vetting->demand), options,
                                             &vetting->required, &unknown, err);
    if (status == BM_OK && bm_validator_doubt(vetting->required) != NULL) {
        unknown = bm_copy_text(bm_validator_doubt(vetting->required), err);
        status = unknown != NULL ? BM_END : BM_FAIL;
    }
    if (status == BM_END) {
        /* Nothing of it is out of the ordinary but its field's name. */
        status = bm_fail(err, BM_ERROR_USAGE, 0, "--require: %.300s", unknown);
        free(unknown);
    }
    return status == BM_OK ? BM_OK : bm_error_in(err, target->ns->ns);
}

enum bm_status bm_vetting_start(const struct bm_plan *plan, struct bm_target *target,
                                struct bm_error *err)
{
    const struct bm_namespace *ns = target->after;
    if (refuses_nothing(ns)) {
        return BM_OK;
    }
    const struct bm_validator_options options = {plan->server, ns->collation};
    if (compile_demand(target, &options, err) != BM_OK) {
        return BM_FAIL;
    }
    if (ns->validator.len == 0) {
        return BM_OK;
    }
    enum bm_status status = bm_validator_new(ns->validator, &options, &target->vetting.validator,
                                             &target->vetting.unknown, err);
    return status == BM_FAIL ? BM_FAIL : BM_OK;
}

enum bm_status bm_vetting_lacks(const struct bm_target *target, struct bm_view document, int *lacks,
                                struct bm_error *err)
{
    enum bm_answer answer = BM_ANSWER_TAKEN;
    if (target->vetting.required != NULL &&
        bm_validator_match(target->vetting.required, document, &answer, err) != BM_OK) {
        return BM_FAIL;
    }
    /* What cannot be told is left to the server: _id, which it makes, and nesting it would refuse.
     */
    *lacks = answer == BM_ANSWER_REFUSED;
    return BM_OK;
}

/* What the server would say to a document. */
static enum bm_status ask(const struct bm_vetting *vetting, struct bm_view document,
                          enum bm_answer *answer, struct bm_error *err)
{
    *answer = vetting->unknown != NULL ? BM_ANSWER_UNKNOWN : BM_ANSWER_TAKEN;
    return vetting->validator != NULL
               ? bm_validator_match(vetting->validator, document, answer, err)
               : BM_OK;
}

enum bm_status bm_vetting_refuses(struct bm_target *target, struct bm_view document, int *refused,
                                  struct bm_error *err)
{
    int lacks;
    enum bm_answer answer;
    if (bm_vetting_lacks(target, document, &lacks, err) != BM_OK ||
        ask(&target->vetting, document, &answer, err) != BM_OK) {
        return BM_FAIL;
    }
    *refused = lacks || answer != BM_ANSWER_TAKEN;
    return BM_OK;
}

static enum bm_status leave_open(struct bm_vetting *vetting, int is_changed, struct bm_error *err)
{
    vetting->open++;
    vetting->open_changed += is_changed ? 1 : 0;
    if (vetting->words == NULL) {
        const char *unknown =
            vetting->validator != NULL ? bm_validator_unknown(vetting->validator) : NULL;
        vetting->words = bm_copy_text(unknown != NULL ? unknown : vetting->unknown, err);
    }
    return vetting->words != NULL ? BM_OK : BM_FAIL;
}

enum bm_status bm_vetting_take(struct bm_plan *plan, struct bm_target *target,
                               const struct bm_document_place *place, struct bm_view document,
                               int is_changed, struct bm_error *err)
{
    struct bm_vetting *vetting = &target->vetting;
    int lacks;
    enum bm_answer answer;
    if (bm_vetting_lacks(target, document, &lacks, err) != BM_OK ||
        ask(vetting, document, &answer, err) != BM_OK) {
        return BM_FAIL;
    }
    if (!lacks && answer != BM_ANSWER_REFUSED) {
        return answer == BM_ANSWER_UNKNOWN ? leave_open(vetting, is_changed, err) : BM_OK;
    }
    vetting->refused++;
    vetting->lacking += lacks ? 1 : 0;
    vetting->changed += is_changed ? 1 : 0;
    plan->violations += (target->leaves & BM_LEAVE_VALIDATOR) != 0 ? 0 : 1;
    return bm_places_add(&vetting->places, plan->options.document_limit, place, err);
}

enum bm_status bm_vetting_finish(struct bm_target *target, struct bm_error *err)
{
    struct bm_vetting *vetting = &target->vetting;
    const char *doubt = vetting->validator != NULL ? bm_validator_doubt(vetting->validator) : NULL;
    if ((vetting->open == 0 && doubt == NULL) || vetting->reason != NULL) {
        return BM_OK;
    }
    if (doubt != NULL) {
        vetting->reason = bm_format_text(
            err, "its validator: %s, and the server may make no collection with it", doubt);
    } else if (vetting->open_changed > 0) {
        vetting->reason =
            bm_format_text(err,
                           "its validator over %" PRIu64 " %s, %" PRIu64
                           " of them changed: %s; a restore may skip them",
                           vetting->open, vetting->open == 1 ? "document" : "documents",
                           vetting->open_changed, vetting->words);
    } else {
        vetting->reason =
            bm_format_text(err, "its validator over %" PRIu64 " %s: %s; a restore may skip %s",
                           vetting->open, vetting->open == 1 ? "document" : "documents",
                           vetting->words, vetting->open == 1 ? "it" : "them");
    }
    return vetting->reason != NULL ? BM_OK : BM_FAIL;
}

void bm_vetting_forget(struct bm_vetting *vetting)
{
    vetting->refused = vetting->lacking = vetting->changed = 0;
    vetting->open = vetting->open_changed = 0;
    free(vetting->words);
    free(vetting->reason);
    vetting->words = vetting->reason = NULL;
    bm_places_free(&vetting->places);
}

void bm_vetting_free(struct bm_vetting *vetting)
{
    bm_validator_free(vetting->validator);
    bm_validator_free(vetting->required);
    bm_buffer_free(&vetting->demand);
    free(vetting->unknown);
    bm_vetting_forget(vetting);
}
