/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPORT_JSON_RESTORE_H
#define BM_REPORT_JSON_RESTORE_H

#include "report/print.h"

/* Members of the JSON report about the restore, with the comma before them. */

/*
 * "forecast": null for list, else {"exit", "end", "reason", "beforeReplay", "namespaces": [{"ns",
 * "lostIndexes", "unsureIndexes", "idDuplicatesDropped", "validatorRefusalsDropped"}]}, only
 * namespaces with something to say.
 */
void bm_json_forecast_print(struct bm_print *print, const struct bm_result *result);
/* "oplog": null without one, else {"ignored", "indexCommandCount", "indexCommands": [{"ns",
 * "offset", "timestamp", "command", "index"}], "mendedCount", "findingCount", "findings": [{"ns",
 * "offset", "timestamp", "kind", "op", "field", "reason"}]}. */
void bm_json_oplog_print(struct bm_print *print, const struct bm_result *result);

#endif
