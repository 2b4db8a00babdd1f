/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/memory.h"

const struct command_row command_rows[] = {
    {"check", BM_COMMAND_CHECK, FOR_CHECK, "[options] [DUMP]", 1,
     "say what would not restore; write nothing"},
    {"fix", BM_COMMAND_FIX, FOR_FIX, "[options] [DUMP] [-o OUT]", 1,
     "write the dump with its repairs"},
    {"verify", BM_COMMAND_VERIFY, FOR_VERIFY, "[options] BEFORE AFTER", 2,
     "prove that AFTER is BEFORE plus the repairs of rules or of a ledger only"},
    {"list", BM_COMMAND_LIST, FOR_LIST, "[options] [DUMP]", 1,
     "show namespaces, documents, bytes, indexes"},
};
const size_t command_row_count = sizeof command_rows / sizeof command_rows[0];

static enum bm_status take_number(const char *text, uint64_t low, uint64_t high, uint64_t *out,
                                  struct bm_error *err)
{
    char *end;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    /* strtoull takes signs and leading blanks; a number here is digits. */
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || number < low ||
        number > high) {
        return bm_fail(err, BM_ERROR_USAGE, 0, "a number from %llu to %llu is wanted, not '%s'",
                       (unsigned long long)low, (unsigned long long)high, text);
    }
    *out = number;
    return BM_OK;
}

/* No file has the empty name; it comes from a variable that was not set. */
static enum bm_status take_path(const char *value, const char **out, struct bm_error *err)
{
    if (value[0] == '\0') {
        return bm_fail(err, BM_ERROR_USAGE, 0, "a path is wanted, not ''");
    }
    *out = value;
    return BM_OK;
}

static enum bm_status take_db(struct options *options, const char *value, struct bm_error *err)
{
    (void)err;
    options->db = value;
    return BM_OK;
}

static enum bm_status take_collection(struct options *options, const char *value,
                                      struct bm_error *err)
{
    (void)err;
    options->collection = value;
    return BM_OK;
}

static enum bm_status take_include(struct options *options, const char *value, struct bm_error *err)
{
    return bm_rules_add_include(&options->rules, value, err);
}

static enum bm_status take_exclude(struct options *options, const char *value, struct bm_error *err)
{
    return bm_rules_add_exclude(&options->rules, value, err);
}

static enum bm_status take_unique(struct options *options, const char *value, struct bm_error *err)
{
    return bm_rules_add_unique(&options->rules, value, err);
}

/* X.Y or X.Y.Z in digits; 0.0 is what mongodump writes when it does not know. */
static int is_version(const char *text)
{
    int any = 0;
    for (int parts = 1; parts <= 3; parts++) {
        size_t digits = strspn(text, "0123456789");
        if (digits < 1 || digits > 4) {
            return 0;
        }
        any |= parts <= 2 && strspn(text, "0") < digits;
        text += digits;
        if (*text == '\0') {
            return parts > 1 && any;
        }
        if (*text++ != '.') {
            return 0;
        }
    }
    return 0;
}

static enum bm_status take_server_version(struct options *options, const char *value,
                                          struct bm_error *err)
{
    if (!is_version(value)) {
        return bm_fail(err, BM_ERROR_USAGE, 0,
                       "a version such as 7.0 or 4.4.29 is wanted, not '%s'", value);
    }
    options->server_version = value;
    return BM_OK;
}

static enum bm_status take_fill(struct options *options, const char *value, struct bm_error *err)
{
    return bm_rules_add_fill(&options->rules, value, err);
}

static enum bm_status take_unset(struct options *options, const char *value, struct bm_error *err)
{
    return bm_rules_add_unset(&options->rules, value, err);
}

static enum bm_status take_duplicate(struct options *options, const char *value,
                                     struct bm_error *err)
{
    return bm_rules_add_duplicate(&options->rules, value, err);
}

static enum bm_status take_keep(struct options *options, const char *value, struct bm_error *err)
{
    return bm_rules_add_keep(&options->rules, value, err);
}

static enum bm_status take_rejects(struct options *options, const char *value, struct bm_error *err)
{
    if (strcmp(value, "-") == 0) {
        return bm_fail(err, BM_ERROR_USAGE, 0, "a folder is wanted, not standard output");
    }
    return take_path(value, &options->rejects, err);
}

/* "250", or "2.5%" with at most two places behind the point. */
static enum bm_status take_limit(struct options *options, const char *value, struct bm_error *err)
{
    size_t digits = strspn(value, "0123456789");
    const char *rest = value + digits;
    uint64_t number = 0;
    uint64_t scale = 100;
    if (*rest == '.' && rest[strlen(rest) - 1] == '%') {
        rest++;
    }
    for (const char *at = value; at < rest + strspn(rest, "0123456789"); at++) {
        if (*at == '.') {
            continue;
        }
        number = number * 10 + (uint64_t)(*at - '0');
        scale /= at > value + digits ? 10 : 1;
    }
    rest += strspn(rest, "0123456789");
    int is_share = strcmp(rest, "%") == 0;
    if (digits < 1 || digits > 15 || scale == 0 || (!is_share && *rest != '\0') ||
        (is_share && number * scale > 10000)) {
        return bm_fail(err, BM_ERROR_USAGE, 0,
                       "a number of documents or a share such as 2.5%% is wanted, not '%s'", value);
    }
    options->limit.kind = is_share ? BM_LIMIT_SHARE : BM_LIMIT_DOCUMENTS;
    options->limit.value = is_share ? number * scale : number;
    return BM_OK;
}

static enum bm_status take_rules(struct options *options, const char *value, struct bm_error *err)
{
    const char *path = NULL;
    return take_path(value, &path, err) == BM_OK ? bm_rules_read(&options->rules, path, err)
                                                 : BM_FAIL;
}

static enum bm_status take_index(struct options *options, const char *value, struct bm_error *err)
{
    return bm_rules_add_index(&options->rules, value, err);
}

static enum bm_status take_require(struct options *options, const char *value, struct bm_error *err)
{
    return bm_rules_add_require(&options->rules, value, err);
}

static enum bm_status take_empty(struct options *options, const char *value, struct bm_error *err)
{
    return bm_rules_set_empty(&options->rules, value, err);
}

static enum bm_status take_token_key(struct options *options, const char *value,
                                     struct bm_error *err)
{
    return take_path(value, &options->token_key, err);
}

static enum bm_status take_attempts(struct options *options, const char *value,
                                    struct bm_error *err)
{
    uint64_t number;
    if (take_number(value, 1, 1000, &number, err) != BM_OK) {
        return BM_FAIL;
    }
    options->rules.attempts = (unsigned)number;
    return BM_OK;
}

static enum bm_status take_out(struct options *options, const char *value, struct bm_error *err)
{
    if (strcmp(value, "-") == 0) {
        options->out = NULL;
        return BM_OK;
    }
    return take_path(value, &options->out, err);
}

static enum bm_status take_container(struct options *options, const char *value,
                                     struct bm_error *err)
{
    static const struct {
        const char *name;
        enum bm_container container;
    } containers[] = {
        {"dir", BM_CONTAINER_DIRECTORY},
        {"archive", BM_CONTAINER_ARCHIVE},
        {"bson", BM_CONTAINER_BSON},
    };
    for (size_t i = 0; i < sizeof containers / sizeof containers[0]; i++) {
        if (strcmp(value, containers[i].name) == 0) {
            options->container = containers[i].container;
            return BM_OK;
        }
    }
    return bm_fail(err, BM_ERROR_USAGE, 0, "dir, archive or bson is wanted, not '%s'", value);
}

static enum bm_status take_compression(struct options *options, const char *value,
                                       struct bm_error *err)
{
    return bm_compression_parse(value, &options->compression, err);
}

static enum bm_status take_force(struct options *options, const char *value, struct bm_error *err)
{
    (void)value;
    (void)err;
    options->existing = BM_REPLACE_EXISTING;
    return BM_OK;
}

static enum bm_status take_no_verify(struct options *options, const char *value,
                                     struct bm_error *err)
{
    (void)value;
    (void)err;
    options->verification = BM_TRUST_OUTPUT;
    return BM_OK;
}

static enum bm_status take_dry_run(struct options *options, const char *value, struct bm_error *err)
{
    (void)value;
    (void)err;
    options->dry_run = 1;
    return BM_OK;
}

static enum bm_status take_ignore_oplog(struct options *options, const char *value,
                                        struct bm_error *err)
{
    (void)value;
    (void)err;
    options->ignore_oplog = 1;
    return BM_OK;
}

static enum bm_status take_report(struct options *options, const char *value, struct bm_error *err)
{
    /* The same stream by its other name, which cannot be renamed to. */
    const char *path = strcmp(value, "/dev/stdout") == 0 ? REPORT_TO_STDOUT : value;
    return take_path(path, &options->report, err);
}

/* It is complete before the output is; on a stream nobody could tell. */
static enum bm_status take_ledger(struct options *options, const char *value, struct bm_error *err)
{
    if (strcmp(value, "-") == 0) {
        return bm_fail(err, BM_ERROR_USAGE, 0, "a file is wanted, not standard output");
    }
    return take_path(value, &options->ledger, err);
}

static enum bm_status take_report_limit(struct options *options, const char *value,
                                        struct bm_error *err)
{
    return take_number(value, 0, 1000000, &options->report_limit, err);
}

static enum bm_status take_memory(struct options *options, const char *value, struct bm_error *err)
{
    return memory_parse(value, &options->memory, err);
}

static enum bm_status take_jobs(struct options *options, const char *value, struct bm_error *err)
{
    return take_number(value, 1, JOBS_MOST, &options->jobs, err);
}

static enum bm_status take_spool(struct options *options, const char *value, struct bm_error *err)
{
    return take_path(value, &options->spool, err);
}

static enum bm_status take_redact(struct options *options, const char *value, struct bm_error *err)
{
    (void)value;
    (void)err;
    options->redaction = BM_REDACT_VALUES;
    return BM_OK;
}

static enum bm_status take_quiet(struct options *options, const char *value, struct bm_error *err)
{
    (void)value;
    (void)err;
    options->verbosity = SAY_LITTLE;
    return BM_OK;
}

/* -v, -vvv and --verbose=3, as the mongo tools have it; there is one level here. */
static enum bm_status take_verbose(struct options *options, const char *value, struct bm_error *err)
{
    uint64_t level = 1;
    if (value != NULL && value[strspn(value, "v")] != '\0' &&
        take_number(value, 0, 5, &level, err) != BM_OK) {
        return BM_FAIL;
    }
    if (level > 0 && options->verbosity != SAY_LITTLE) {
        options->verbosity = SAY_MUCH;
    }
    return BM_OK;
}

static enum bm_status take_version(struct options *options, const char *value, struct bm_error *err)
{
    (void)value;
    (void)err;
    options->request = REQUEST_VERSION;
    return BM_OK;
}

static enum bm_status take_help(struct options *options, const char *value, struct bm_error *err)
{
    (void)value;
    (void)err;
    options->request = REQUEST_HELP;
    return BM_OK;
}

#define CONNECTION(name, letter, argument)                                                         \
    {                                                                                              \
        name, letter, argument, NULL, FOR_ALL, MANY_VALUES, NULL, NULL                             \
    }

const struct option_row option_rows[] = {
    {"db", 'd', ARGUMENT_NEEDED, "DB", FOR_ALL, ONE_VALUE, take_db,
     "database of raw BSON (with -c)"},
    {"collection", 'c', ARGUMENT_NEEDED, "NAME", FOR_ALL, ONE_VALUE, take_collection,
     "collection of raw BSON (with -d)"},
    {"nsInclude", '\0', ARGUMENT_NEEDED, "PATTERN", FOR_ALL, MANY_VALUES, take_include,
     "judge and mend only these namespaces"},
    {"nsExclude", '\0', ARGUMENT_NEEDED, "PATTERN", FOR_ALL, MANY_VALUES, take_exclude,
     "let these namespaces pass untouched"},
    {"unique", '\0', ARGUMENT_NEEDED, "[NS:]FIELD[,FIELD...]", FOR_VERDICT, MANY_VALUES,
     take_unique, "judge a unique index that the metadata does not have"},
    {"serverVersion", '\0', ARGUMENT_NEEDED, "X.Y", FOR_VERDICT, ONE_VALUE, take_server_version,
     "judge for this server (default: the one the dump names, else the newest)"},
    {"fill", '\0', ARGUMENT_NEEDED, "[NS:]FIELD[=TOKEN]", FOR_RULES, MANY_VALUES, take_fill,
     "put a new token wherever FIELD is empty; TOKEN: auto (default, as those of the dump are), "
     "hex:N, base62:N, base64url:N, nanoid[:N], "
     "uuid4, uuid4-binary, objectid, or a template such as R-{base62:22}"},
    {"empty", '\0', ARGUMENT_NEEDED, "LIST", FOR_RULES, ONE_VALUE, take_empty,
     "what counts as empty: missing,null,undefined,blank (default: all)"},
    {"unset", '\0', ARGUMENT_NEEDED, "[NS:]FIELD", FOR_RULES, MANY_VALUES, take_unset,
     "take FIELD out where it is null, undefined or blank (what a sparse index needs)"},
    {"onDuplicate", '\0', ARGUMENT_NEEDED, "[NS:]INDEX=ACTION", FOR_RULES, MANY_VALUES,
     take_duplicate,
     "what becomes of a duplicate in this index; ACTION: fail, refill (a new token), reject (set "
     "aside) or leave"},
    {"keep", '\0', ARGUMENT_NEEDED, "[NS:]WHICH", FOR_RULES, MANY_VALUES, take_keep,
     "which document of a duplicate stays: first (default), last, newest(FIELD), oldest(FIELD)"},
    {"rejects", '\0', ARGUMENT_NEEDED, "PATH", FOR_RULES, ONE_VALUE, take_rejects,
     "where rejected documents go, as a dump directory; verify: where they are"},
    {"index", '\0', ARGUMENT_NEEDED, "[NS:]NAME=ACTION", FOR_RULES, MANY_VALUES, take_index,
     "rewrite an index in the metadata; ACTION: partial[:string|objectId|binData|number|date], "
     "sparse, nonunique or drop"},
    {"require", '\0', ARGUMENT_NEEDED, "[NS:]FIELD", FOR_RULES, MANY_VALUES, take_require,
     "add a validator that refuses documents without FIELD"},
    {"rules", '\0', ARGUMENT_NEEDED, "FILE", FOR_RULES, MANY_VALUES, take_rules,
     "read rules from one Extended JSON file"},
    {"tokenKey", '\0', ARGUMENT_NEEDED, "FILE", FOR_RULES, ONE_VALUE, take_token_key,
     "secret bytes, at least 32: same key, same dump, same tokens"},
    {"attempts", '\0', ARGUMENT_NEEDED, "N", FOR_RULES, ONE_VALUE, take_attempts,
     "candidates tried for one token (default: 3)"},
    {"maxChanges", '\0', ARGUMENT_NEEDED, "N|P%", FOR_FIX, ONE_VALUE, take_limit,
     "withhold the output if more documents than this would change"},
    {"ignoreOplog", '\0', ARGUMENT_NONE, NULL, FOR_VERDICT, ONE_VALUE, take_ignore_oplog,
     "let the oplog of the dump pass as it is, without a look at it"},
    {"out", 'o', ARGUMENT_NEEDED, "OUT", FOR_FIX | NOT_REPEATED, ONE_VALUE, take_out,
     "where the output goes (default: standard output)"},
    {"outFormat", '\0', ARGUMENT_NEEDED, "dir|archive|bson", FOR_FIX, ONE_VALUE, take_container,
     "container of the output (default: as the input)"},
    {"compress", '\0', ARGUMENT_NEEDED, "none|gzip|zstd[:LEVEL]", FOR_FIX, ONE_VALUE,
     take_compression, "codec of the output (default: as the input)"},
    {"force", '\0', ARGUMENT_NONE, NULL, FOR_FIX, ONE_VALUE, take_force,
     "replace OUT if it is there"},
    {"noVerify", '\0', ARGUMENT_NONE, NULL, FOR_FIX, ONE_VALUE, take_no_verify,
     "do not judge the output again before it gets its name"},
    {"dryRun", '\0', ARGUMENT_NONE, NULL, FOR_FIX | NOT_REPEATED, ONE_VALUE, take_dry_run,
     "do everything but write; show what would change"},
    {"ledger", '\0', ARGUMENT_NEEDED, "FILE", FOR_RULES, ONE_VALUE, take_ledger,
     "record every change, one JSON object a line; verify: the record that AFTER is to agree with"},
    {"memory", '\0', ARGUMENT_NEEDED, "SIZE", FOR_VERDICT | NOT_REPEATED, ONE_VALUE, take_memory,
     "memory for keys, such as 512M or 2G (default: a quarter of the machine's, or of the control "
     "group's limit)"},
    {"jobs", 'j', ARGUMENT_NEEDED, "N", FOR_VERDICT | NOT_REPEATED, ONE_VALUE, take_jobs,
     "threads that compress, beside one that reads ahead and one that writes behind; 1: none of "
     "them (default: the processors, at most 8)"},
    {"spool", '\0', ARGUMENT_NEEDED, "DIR", FOR_CHECK | FOR_FIX, ONE_VALUE, take_spool,
     "folder for temporary files; a pipe is kept there, compressed, so that it can be read again"},
    {"report", '\0', ARGUMENT_NEEDED, "FILE", FOR_ALL | NOT_REPEATED, ONE_VALUE, take_report,
     "write the result as one JSON object; '-': to standard output, in place of words"},
    {"reportLimit", '\0', ARGUMENT_NEEDED, "N", FOR_VERDICT | NOT_REPEATED, ONE_VALUE,
     take_report_limit, "list at most N duplicates an index and N documents each (default: 1000)"},
    {"redact", '\0', ARGUMENT_NONE, NULL, FOR_VERDICT | NOT_REPEATED, ONE_VALUE, take_redact,
     "show type and length in place of key values and _ids"},
    {"verbose", 'v', ARGUMENT_MAY, NULL, FOR_ALL | NOT_REPEATED, MANY_VALUES, take_verbose,
     "say more: every finding up to --reportLimit, and progress"},
    {"quiet", '\0', ARGUMENT_NONE, NULL, FOR_ALL | NOT_REPEATED, ONE_VALUE, take_quiet,
     "say nothing on standard error but errors"},
    {"version", '\0', ARGUMENT_NONE, NULL, FOR_ALL | NOT_REPEATED, ONE_VALUE, take_version,
     "print the version"},
    {"help", '\0', ARGUMENT_NONE, NULL, FOR_ALL | NOT_REPEATED, ONE_VALUE, take_help,
     "print this help"},
    CONNECTION("uri", '\0', ARGUMENT_NEEDED),
    CONNECTION("host", 'h', ARGUMENT_NEEDED),
    CONNECTION("port", '\0', ARGUMENT_NEEDED),
    CONNECTION("username", 'u', ARGUMENT_NEEDED),
    CONNECTION("password", 'p', ARGUMENT_MAY),
    CONNECTION("authenticationDatabase", '\0', ARGUMENT_NEEDED),
    CONNECTION("authenticationMechanism", '\0', ARGUMENT_NEEDED),
    CONNECTION("awsSessionToken", '\0', ARGUMENT_NEEDED),
    CONNECTION("gssapiServiceName", '\0', ARGUMENT_NEEDED),
    CONNECTION("gssapiHostName", '\0', ARGUMENT_NEEDED),
    CONNECTION("ssl", '\0', ARGUMENT_NONE),
    CONNECTION("sslCAFile", '\0', ARGUMENT_NEEDED),
    CONNECTION("sslPEMKeyFile", '\0', ARGUMENT_NEEDED),
    CONNECTION("sslPEMKeyPassword", '\0', ARGUMENT_NEEDED),
    CONNECTION("sslCRLFile", '\0', ARGUMENT_NEEDED),
    CONNECTION("sslFIPSMode", '\0', ARGUMENT_NONE),
    CONNECTION("tls", '\0', ARGUMENT_NONE),
    CONNECTION("tlsCAFile", '\0', ARGUMENT_NEEDED),
    CONNECTION("tlsCertificateKeyFile", '\0', ARGUMENT_NEEDED),
    CONNECTION("tlsInsecure", '\0', ARGUMENT_NONE),
    CONNECTION("readPreference", '\0', ARGUMENT_NEEDED),
};
const size_t option_row_count = sizeof option_rows / sizeof option_rows[0];
