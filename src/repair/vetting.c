/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/vetting.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
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

enum bm_status bm_vetting_start(const struct bm_plan *plan, struct bm_target *target,
                                struct bm_error *err)
{
    const struct bm_namespace *ns = target->ns;
    if (target->fill_count == 0 || ns->validator.len == 0 ||
        option_is(ns, "validationLevel", "off") || option_is(ns, "validationAction", "warn")) {
        return BM_OK;
    }
    const struct bm_validator_options options = {plan->server, ns->collation};
    enum bm_status status = bm_validator_new(ns->validator, &options, &target->vetting.validator,
                                             &target->vetting.unknown, err);
    return status == BM_FAIL ? BM_FAIL : BM_OK;
}

enum bm_status bm_vetting_take(struct bm_plan *plan, struct bm_target *target,
                               const struct bm_document_place *place, struct bm_view document,
                               struct bm_error *err)
{
    struct bm_vetting *vetting = &target->vetting;
    int passes = 0;
    if (vetting->validator == NULL) {
        return BM_OK;
    }
    enum bm_status status = bm_validator_match(vetting->validator, document, &passes, err);
    if (status == BM_END && vetting->unknown == NULL) {
        vetting->unknown = bm_copy_text("not known for a document without _id, or so deep", err);
        return vetting->unknown != NULL ? BM_OK : BM_FAIL;
    }
    if (status != BM_OK || passes) {
        return status == BM_FAIL ? BM_FAIL : BM_OK;
    }
    vetting->refused++;
    plan->violations++;
    return bm_places_add(&vetting->places, plan->options.document_limit, place, err);
}

enum bm_status bm_vetting_finish(struct bm_plan *plan, struct bm_target *target,
                                 struct bm_error *err)
{
    const char *unknown = target->vetting.unknown;
    if (unknown == NULL || target->touched == 0 || target->reason != NULL) {
        return BM_OK;
    }
    target->reason = bm_format_text(err, "its validator over filled documents: %s", unknown);
    if (target->reason == NULL) {
        return BM_FAIL;
    }
    return bm_plan_note(plan, err,
                        "%s: validator not judged: %s; a restore may refuse what was filled",
                        target->ns->ns, unknown);
}

void bm_vetting_forget(struct bm_vetting *vetting)
{
    vetting->refused = 0;
    bm_places_free(&vetting->places);
}

void bm_vetting_free(struct bm_vetting *vetting)
{
    bm_validator_free(vetting->validator);
    free(vetting->unknown);
    bm_places_free(&vetting->places);
}
