/* The audit log of this machine as rows: a run each, with the lines that tell of it. The file is looked at
 * every two seconds while somebody wants to see it, and read when it is another than before. */
#include <config.h>

#include "backends/audit/audit.h"

#include "backends/cells.h"
#include "backends/poll.h"
#include "backends/verdict.h"
#include "base/timetext.h"
#include "net/hash_chain_end.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define LOOK_MS 2000

enum {
    AT,
    ACTION,
    TARGET,
    RESULT,
    STEPS,
    DONE,
    TOOK,
    WHO,
    CONTEXT,
    SERVER,
    CHAIN,
    BROKEN,
    LINES,
    RUN
};

static const struct column columns[] = {
    [AT] = {"at", "BEGAN", "When its plan was confirmed, UTC.", VALUE_INSTANT, 20, 0, 0, NULL,
            NULL},
    [ACTION] = {"action", "ACTION", "What was done.", VALUE_TEXT, 16, 0, 0, NULL, NULL},
    [TARGET] = {"target", "TARGET", "What it was done to.", VALUE_TEXT, 26, 5, 0, NULL, NULL},
    [RESULT] = {"result", "RESULT",
                "done, failed, undone, undone in part, left; open: it goes on, or was cut short.",
                VALUE_TEXT, 8, 0, COLUMN_NOTABLE, NULL, NULL},
    [STEPS] = {"steps", "STEPS", "Steps that were begun.", VALUE_COUNT, 5, 30, COLUMN_RIGHT, NULL,
               NULL},
    [DONE] = {"steps-done", "DONE", "Those that came to a good end.", VALUE_COUNT, 4, 40,
              COLUMN_RIGHT | COLUMN_WIDE, NULL, NULL},
    [TOOK] = {"took", "TOOK", "From its beginning to its end.", VALUE_DURATION, 6, 35, COLUMN_RIGHT,
              NULL, NULL},
    [WHO] = {"who", "WHO", "Who ran it.", VALUE_TEXT, 10, 20, 0, NULL, NULL},
    [CONTEXT] = {"context", "CONTEXT", "In which context of the kubeconfig.", VALUE_TEXT, 12, 25, 0,
                 NULL, NULL},
    [SERVER] = {"server", "SERVER", "The API server's address.", VALUE_TEXT, 28, 60, COLUMN_WIDE,
                NULL, NULL},
    [CHAIN] = {"chain", "CHAIN",
               "Whether each of its lines follows on the one before: ok, or BROKEN.", VALUE_TEXT, 6,
               10, COLUMN_NOTABLE, NULL, NULL},
    [BROKEN] = {"broken-line", "BROKEN AT", "The first of its lines that does not.", VALUE_COUNT, 9,
                70, COLUMN_HIDDEN, NULL, NULL},
    [LINES] = {"lines", "LINES", "What the log has of it.", VALUE_LIST, 40, 90, COLUMN_HIDDEN, NULL,
               NULL},
    [RUN] = {"run", "RUN", "The run's id, as --resume, --undo and --watch take it.", VALUE_TEXT, 32,
             80, COLUMN_WIDE | COLUMN_IDENT, NULL, NULL},
};

/* ---- Verdicts. */

enum { RULE_BROKEN, RULE_OPEN, RULE_PARTLY, RULE_FAILED };

static const struct rule rules[] = {
    [RULE_BROKEN] =
        {"audit-broken",
         "A line of it does not follow on the one before: the log was changed by another "
         "hand: critical."},
    [RULE_OPEN] = {"audit-open", "The run has no end: it goes on, or was cut short: notice."},
    [RULE_PARTLY] = {"audit-partly", "It was taken back in part: notice."},
    [RULE_FAILED] = {"audit-failed", "The run failed: notice."},
};

static struct verdict judge(const struct store *st, struct handle row, BN_UNUSED int64_t now_ms)
{
    struct span result = store_text(st, row, RESULT);
    if (store_num(st, row, BROKEN, 0))
        return verdict_at(LEVEL_CRITICAL, RULE_BROKEN);
    if (span_is(result, "open"))
        return verdict_at(LEVEL_NOTICE, RULE_OPEN);
    if (span_is(result, "undone in part"))
        return verdict_at(LEVEL_NOTICE, RULE_PARTLY);
    return span_is(result, "failed") ? verdict_at(LEVEL_NOTICE, RULE_FAILED) : verdict_ok();
}

static void says(const struct store *st, struct handle row, const struct verdict *v,
                 BN_UNUSED int64_t now_ms, struct strbuf *out)
{
    if (v->rule == RULE_BROKEN)
        strbuf_addf(out,
                    "line %lld of the audit log does not follow on the one before: it was changed, "
                    "or one was taken out or put in",
                    (long long)store_num(st, row, BROKEN, 0));
    else if (v->rule == RULE_OPEN)
        strbuf_adds(out, "no end: it goes on (`:do --watch`), or was cut short (`:do --resume`)");
    else if (v->rule == RULE_PARTLY)
        strbuf_adds(out, "taken back in part: some of it stands");
    else
        strbuf_adds(out, "failed");
}

/* A line each. */
static void draw_lines(const struct store *st, struct handle row, BN_UNUSED int64_t now_ms,
                       struct strbuf *out)
{
    struct span rest = store_text(st, row, LINES), line;
    for (bool first = true; span_split(&rest, LIST_SEPARATOR, &line); first = false) {
        if (!first)
            strbuf_addc(out, '\n');
        strbuf_add(out, line);
    }
}

static const struct kind kind_audit_run = {
    .name = "audit-run",
    .plural = "audit-runs",
    .aliases = "audit",
    .title = "Audit log",
    .help = "What was changed from this machine: runs of guided actions, newest first.",
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .draws = draw_lines,
    .drawn = "log",
    .sort = "at desc",
};

/* ---- Rows. */

struct log {
    struct audit_runs runs;
    struct stat read; /* the file, as of when it was read; zero: not yet */
    enum hash_chain_tail tail;
};

static bool put(const struct audit_seen *s, struct row_writer *w)
{
    row_begin(w, span_from(s->id));
    put_time(w, AT, s->at_ms);
    put_text(w, ACTION, span_from(s->action));
    put_text(w, TARGET, span_from(s->target));
    row_text(w, RESULT, s->result ? span_from(s->result) : SPAN("open"));
    row_num(w, STEPS, s->steps);
    row_num(w, DONE, s->done);
    if (s->at_ms != TIME_NONE && s->end_ms >= s->at_ms)
        row_num(w, TOOK, s->end_ms - s->at_ms);
    put_text(w, WHO, span_from(s->who));
    put_text(w, CONTEXT, span_from(s->context));
    put_text(w, SERVER, span_from(s->server));
    row_text(w, CHAIN, s->broken ? SPAN("BROKEN") : SPAN("ok"));
    if (s->broken)
        row_num(w, BROKEN, (int64_t)s->broken);
    put_text(w, LINES, strbuf_span(&s->lines));
    row_text(w, RUN, span_from(s->id));
    return row_end(w);
}

static bool is_as_read(const struct log *l, const struct stat *now)
{
    return l->read.st_ino == now->st_ino && l->read.st_size == now->st_size &&
           l->read.st_mtim.tv_sec == now->st_mtim.tv_sec &&
           l->read.st_mtim.tv_nsec == now->st_mtim.tv_nsec;
}

static bool ask(void *self, struct poll *p, struct err *err)
{
    struct log *l = self;
    struct stat now = {0};
    const char *path = ctx_setting_filled(poll_ctx(p), "path");
    if (!path)
        return err_set(err, ERR_NOTFOUND, "HOME is not set: there is no audit log");
    if (stat(path, &now) != 0)
        now = (struct stat){0};
    if (!is_as_read(l, &now) || !now.st_ino) {
        if (!audit_runs_read(&l->runs, path, err))
            return err_set(err, ERR_DENIED, "%s", err->msg);
        l->read = now;
        l->tail = hash_chain_tail(path);
    }
    bool ok = true;
    size_t broken = 0;
    for (size_t i = 0; ok && i < l->runs.count; i++) {
        ok = put(&l->runs.all[i], poll_rows(p, &kind_audit_run));
        broken += l->runs.all[i].broken > 0;
    }
    if (broken)
        poll_note(p, &kind_audit_run, "the chain of the audit log is BROKEN");
    else if (l->tail == HASH_CHAIN_CUT)
        poll_note(p, &kind_audit_run, "lines at the audit log's end are MISSING");
    else if (l->tail == HASH_CHAIN_UNKNOWN)
        poll_note(p, &kind_audit_run,
                  "whether lines at the audit log's end are missing is unknown");
    return ok || err_set(err, ERR_PROTO, "the audit log is too long to be shown");
}

static const struct kind *const kinds[] = {&kind_audit_run, NULL};

static bool run(void *self, struct backend_ctx *ctx, struct err *err)
{
    static const struct poll_part parts[] = {{kinds, LOOK_MS, ask}, {NULL, 0, NULL}};
    const struct poll_options o = {.ctx = ctx, .self = self, .parts = parts};
    return poll_run(&o, err);
}

static void end(void *self)
{
    struct log *l = self;
    audit_runs_clear(&l->runs);
}

static const struct setting settings[] = {{"path", NULL, "", SETTING_GIVEN},
                                          {NULL, NULL, NULL, SETTING_TEXT}};
static const struct system systems[] = {{NULL, NULL, NULL, {NULL}, NULL, NULL}};

const struct backend backend_audit = {
    .name = "audit",
    .summary = "The audit log: what was changed from this machine.",
    .kinds = kinds,
    .settings = settings,
    .systems = systems,
    .state_size = sizeof(struct log),
    .run = run,
    .close = end,
};
