/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPORT_OPLOG_TEXT_H
#define BM_REPORT_OPLOG_TEXT_H

#include "report/show.h"

/* What people are told of a dump's oplog: commands that touch unique indexes, then operations that
 * may undo what rules mend; of each as many as groups of an index. */
void bm_oplog_text_print(struct bm_print *print, const struct bm_result *result,
                         const struct bm_text_options *options);

#endif
