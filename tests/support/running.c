/* SPDX-License-Identifier: Apache-2.0 */
#include "support/running.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "support/bson_text.h"

const char running_unique_token[] =
    "{\"options\":{},\"indexes\":[{\"v\":{\"$numberInt\":\"2\"},\"key\":{\"_id\":{\"$numberInt\":"
    "\"1\"}},\"name\":\"_id_\"},{\"v\":{\"$numberInt\":\"2\"},\"key\":{\"t\":{\"$numberInt\":"
    "\"1\"}},\"name\":\"t_1\",\"unique\":true}]}";

struct running running;

void running_start(void)
{
    running.dump = BM_BUFFER_INIT(64 << 20);
    test_scratch_make(&running.scratch);
    test_scratch_write(&running.scratch, "key", bm_view_text("0123456789abcdef0123456789abcdef"));
    test_scratch_write(&running.scratch, "d/c.metadata.json", bm_view_text(running_unique_token));
    snprintf(running.input, sizeof running.input, "%s/d/c.bson", running.scratch.folder);
    snprintf(running.output, sizeof running.output, "%s/out.bson", running.scratch.folder);
    bm_rules_init(&running.rules);
    bm_result_init(&running.result);
    running.err = BM_ERROR_INIT;
    running.options = (struct bm_run_options){
        .command = BM_COMMAND_FIX,
        .input = {.path = running.input},
        .rules = &running.rules,
        .output = {.path = running.output,
                   .fd = 1,
                   .container = BM_CONTAINER_KEEP,
                   .compression = {.codec = BM_CODEC_KEEP}},
        .group_limit = 10,
        .document_limit = 5,
    };
}

void running_stop(void)
{
    bm_buffer_free(&running.dump);
    bm_result_free(&running.result);
    bm_rules_free(&running.rules);
    test_scratch_remove(&running.scratch);
}

enum bm_status running_run(void)
{
    bm_result_free(&running.result);
    bm_result_init(&running.result);
    running.err = BM_ERROR_INIT;
    return bm_run(&running.options, &running.result, &running.err);
}

void running_add(int32_t id, const char *token)
{
    test_bson_append_token(&running.dump, id, token);
}

void running_put(const char *name)
{
    test_scratch_write(&running.scratch, name, bm_buffer_view(&running.dump));
    bm_buffer_clear(&running.dump);
}
