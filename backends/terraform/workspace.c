/* Workspaces: the run that is current, the last apply, the lock, the health assessment. */
#include <config.h>

#include "backends/cells.h"
#include "backends/terraform/terraform.h"

#include <string.h>

#define TEXT_MAX 200

static const struct column columns[] = {
    [TF_NAME] = {"name", "WORKSPACE", "Its name.", VALUE_TEXT, 20, 0, COLUMN_IDENT, NULL, NULL},
    [TF_ORGANISATION] = {"organisation", "ORGANISATION", "The organisation it is of.", VALUE_TEXT,
                         14, 50, COLUMN_IDENT, NULL, NULL},
    [TF_STATUS] = {"status", "STATUS", "Where its current run is, in Terraform's words.",
                   VALUE_TEXT, 20, 0, COLUMN_NOTABLE, NULL, NULL},
    [TF_SINCE] = {"since", "SINCE", "Since the run is there.", VALUE_DURATION, 5, 10, COLUMN_RIGHT,
                  "changed", NULL},
    [TF_MESSAGE] = {"message", "MESSAGE", "What was said when the run was started.", VALUE_TEXT, 36,
                    35, 0, NULL, NULL},
    [TF_BY] = {"by", "BY", "Who has started the run.", VALUE_TEXT, 14, 25, 0, NULL, NULL},
    [TF_APPLIED_AGO] = {"applied-ago", "APPLIED", "Since a run was last applied.", VALUE_DURATION,
                        7, 15, COLUMN_RIGHT, "applied", NULL},
    [TF_DRIFT] = {"drift", "DRIFT", "What the last health assessment found.", VALUE_TEXT, 12, 20,
                  COLUMN_NOTABLE, NULL, NULL},
    [TF_LOCK] = {"lock", "LOCK", "Who has locked it; empty: nobody.", VALUE_TEXT, 16, 22,
                 COLUMN_NOTABLE, NULL, NULL},
    [TF_RESOURCES] = {"resources", "RESOURCES", "Resources in its state.", VALUE_COUNT, 9, 40,
                      COLUMN_RIGHT, NULL, NULL},
    [TF_RUN] = {"run", "RUN", "The id of the current run.", VALUE_TEXT, 20, 60, COLUMN_WIDE, NULL,
                NULL},
    [TF_SORT] = {"sort", "SORT", "destroy, plan only, refresh only; empty: plan and apply.",
                 VALUE_TEXT, 12, 62, COLUMN_WIDE, NULL, NULL},
    [TF_SOURCE] = {"trigger", "TRIGGER", "By what the run was started: tfe-ui, tfe-api, a commit.",
                   VALUE_TEXT, 12, 63, COLUMN_WIDE, NULL, NULL},
    [TF_PENDING_RUNS] = {"pending", "PENDING", "Runs that wait behind the current one.",
                         VALUE_COUNT, 7, 45, COLUMN_RIGHT, NULL, NULL},
    [TF_VERSION] = {"version", "VERSION", "The Terraform that its runs use.", VALUE_TEXT, 8, 55,
                    COLUMN_WIDE | COLUMN_NOTABLE, NULL, NULL},
    [TF_MODE] = {"mode", "MODE", "Where its runs run: remote, local, agent.", VALUE_TEXT, 7, 64,
                 COLUMN_WIDE, NULL, NULL},
    [TF_REPOSITORY] = {"repository", "REPOSITORY", "The repository and branch it follows.",
                       VALUE_TEXT, 24, 58, COLUMN_WIDE, NULL, NULL},
    [TF_AUTO_APPLY] = {"auto-apply", "AUTO", "What is planned is applied without being confirmed.",
                       VALUE_BOOL, 5, 65, COLUMN_WIDE, NULL, NULL},
    [TF_LOCK_REASON] = {"lock-reason", "LOCK-REASON", "Why it was locked, as who did it says.",
                        VALUE_TEXT, 24, 80, COLUMN_HIDDEN, NULL, NULL},
    [TF_LOCK_STALE] = {"lock-stale", "LOCK-STALE", "A run that is over has not unlocked it.",
                       VALUE_BOOL, 5, 80, COLUMN_HIDDEN, NULL, NULL},
    [TF_PHASE] = {"phase", "PHASE", "pending, going, waiting, done, dropped, errored.", VALUE_TEXT,
                  8, 80, COLUMN_HIDDEN, NULL, NULL},
    [TF_WANTS] = {"wants", "WANTS", "What the run waits for of a person.", VALUE_TEXT, 14, 80,
                  COLUMN_HIDDEN, NULL, NULL},
    [TF_HALF] = {"half-applied", "HALF-APPLIED", "The run failed while it was applied.", VALUE_BOOL,
                 5, 80, COLUMN_HIDDEN, NULL, NULL},
    [TF_CHANGED] = {"changed", "CHANGED", "When the run came to where it is.", VALUE_INSTANT, 8, 90,
                    COLUMN_HIDDEN, NULL, NULL},
    [TF_APPLIED] = {"applied", "APPLIED-AT", "When a run was last applied.", VALUE_INSTANT, 8, 90,
                    COLUMN_HIDDEN, NULL, NULL},
    [TF_DRIFTED] = {"drifted", "DRIFTED", "Resources that are not as the code says.", VALUE_COUNT,
                    7, 80, COLUMN_HIDDEN | COLUMN_RIGHT, NULL, NULL},
    [TF_ASSESSED] = {"assessed", "ASSESSED", "When its health was last assessed.", VALUE_INSTANT, 8,
                     90, COLUMN_HIDDEN, NULL, NULL},
    [TF_ASSESSMENT_FAILED] = {"assessment-failed", "ASSESSMENT-FAILED",
                              "The assessment itself failed.", VALUE_BOOL, 5, 80, COLUMN_HIDDEN,
                              NULL, NULL},
    [TF_ASSESSMENT_ERROR] = {"assessment-error", "ASSESSMENT-ERROR", "Why it failed.", VALUE_TEXT,
                             30, 80, COLUMN_HIDDEN, NULL, NULL},
    [TF_CHECKS_FAILED] = {"checks-failed", "CHECKS-FAILED",
                          "Checks of the configuration that failed.", VALUE_COUNT, 6, 80,
                          COLUMN_HIDDEN | COLUMN_RIGHT, NULL, NULL},
    [TF_MISSING] = {"missing", "MISSING", "The configuration names it, and it was not shown.",
                    VALUE_BOOL, 5, 80, COLUMN_HIDDEN, NULL, NULL},
    [TF_WORKSPACE_ID] = {"id", "ID", "Its id.", VALUE_TEXT, 20, 90, COLUMN_HIDDEN, NULL, NULL},
};

const struct json_node *tf_included(const struct json_node *included, const char *type,
                                    const char *id)
{
    const struct json_node *n = id[0] ? json_node_first(included) : NULL;
    while (n && (strcmp(json_node_path_text(n, "type", ""), type) != 0 ||
                 strcmp(json_node_path_text(n, "id", ""), id) != 0))
        n = json_node_next(n);
    return n;
}

static void put_line(struct row_writer *w, size_t column, const struct json_node *node,
                     const char *path)
{
    put_text(w, column, tf_line(json_node_path_text(node, path, ""), TEXT_MAX));
}

static void put_bool(struct row_writer *w, size_t column, const struct json_node *node,
                     const char *path)
{
    const struct json_node *n = json_node_path(node, path);
    if (json_node_type(n) == JSON_TRUE || json_node_type(n) == JSON_FALSE)
        row_num(w, column, json_node_true(n));
}

/* ---- The run. */

static void put_phase(struct row_writer *w, enum tf_phase phase, enum tf_wants wants)
{
    static const char *const phases[] = {
        [TF_PENDING] = "pending", [TF_GOING] = "going",     [TF_WAITING] = "waiting",
        [TF_DONE] = "done",       [TF_DROPPED] = "dropped", [TF_ERRORED] = "errored"};
    static const char *const words[] = {[TF_WANTS_NOTHING] = "",
                                        [TF_WANTS_CONFIRMATION] = "to be confirmed",
                                        [TF_WANTS_OVERRIDE] = "for a policy's override",
                                        [TF_WANTS_DECISION] = "for a decision on its task"};
    row_text(w, TF_PHASE, span_from(phases[phase]));
    put_text(w, TF_WANTS, span_from(words[wants]));
}

static void put_run(struct row_writer *w, const struct tf_run *r)
{
    row_text(w, TF_STATUS, r->status);
    put_text(w, TF_MESSAGE, r->message);
    put_text(w, TF_BY, r->by);
    put_text(w, TF_SOURCE, r->source);
    put_text(w, TF_SORT, r->sort);
    put_time(w, TF_CHANGED, r->changed_ms);
    row_num(w, TF_HALF, r->phase == TF_ERRORED && r->applying_ms != TIME_NONE);
    put_phase(w, r->phase, r->wants);
}

/* What the list of workspaces itself says of a run, for one that the list of runs has not (yet). */
static void put_listed_run(struct row_writer *w, const struct json_node *run)
{
    const struct json_node *a = json_node_get(run, "attributes");
    struct span status = tf_line(json_node_path_text(a, "status", ""), TEXT_MAX);
    enum tf_wants wants;
    if (!status.len)
        return;
    enum tf_phase phase =
        tf_phase_of(status, json_node_true(json_node_path(a, "actions.is-confirmable")), &wants);
    row_text(w, TF_STATUS, status);
    put_line(w, TF_MESSAGE, a, "message");
    put_line(w, TF_SOURCE, a, "source");
    row_num(w, TF_HALF,
            phase == TF_ERRORED && tf_time(a, "status-timestamps.applying-at") != TIME_NONE);
    put_time(w, TF_CHANGED, tf_time(a, "created-at"));
    put_phase(w, phase, wants);
}

/* The runs behind the current one, and the last that was applied. */
static void put_history(struct row_writer *w, const struct tf_workspace *ws)
{
    int64_t pending = 0, applied = TIME_NONE;
    for (size_t i = 0; i < ws->count; i++) {
        const struct tf_run *r = &ws->runs[i];
        pending += r->phase == TF_PENDING;
        if (r->applied_ms != TIME_NONE && r->phase == TF_DONE &&
            (applied == TIME_NONE || r->applied_ms > applied))
            applied = r->applied_ms;
    }
    row_num(w, TF_PENDING_RUNS, pending);
    put_time(w, TF_APPLIED, applied);
}

static void put_current(struct row_writer *w, const struct tf_workspace *ws,
                        const struct json_node *node, const struct json_node *included)
{
    const char *id = json_node_path_text(node, "relationships.current-run.data.id", "");
    const struct tf_run *run = NULL;
    for (size_t i = 0; i < ws->count && !run; i++)
        run = span_is(ws->runs[i].id, id) ? &ws->runs[i] : NULL;
    put_text(w, TF_RUN, tf_line(id, TEXT_MAX));
    if (run)
        put_run(w, run);
    else
        put_listed_run(w, tf_included(included, "runs", id));
    if (ws->asked)
        put_history(w, ws);
}

/* ---- The lock. */

static bool is_over(const struct tf_workspace *ws, const struct json_node *included, const char *id)
{
    const struct json_node *run = tf_included(included, "runs", id);
    enum tf_wants wants;
    for (size_t i = 0; i < ws->count; i++)
        if (span_is(ws->runs[i].id, id))
            return ws->runs[i].phase >= TF_DONE;
    return run && tf_phase_of(span_from(json_node_path_text(run, "attributes.status", "")), false,
                              &wants) >= TF_DONE;
}

/* Each run locks its workspace while it goes on; that is none of anybody's. [workspaces: locking] */
static void put_lock(struct row_writer *w, const struct tf_workspace *ws,
                     const struct json_node *node, const struct json_node *included)
{
    const struct json_node *by = json_node_path(node, "relationships.locked-by.data");
    const char *type = json_node_path_text(by, "type", ""), *id = json_node_path_text(by, "id", "");
    const char *name =
        json_node_path_text(tf_included(included, type, id), "attributes.username", "");
    bool run = strcmp(type, "runs") == 0;
    if (!json_node_true(json_node_path(node, "attributes.locked")))
        return;
    if (!name[0])
        name = json_node_path_text(tf_included(included, type, id), "attributes.name", "");
    row_text(w, TF_LOCK, tf_line(name[0] ? name : id[0] ? id : "somebody", TEXT_MAX));
    row_num(w, TF_LOCK_STALE, run && is_over(ws, included, id));
    put_line(w, TF_LOCK_REASON, node, "attributes.locked-reason");
}

/* ---- Health. */

static void put_health(struct row_writer *w, const struct tf_assessment *h)
{
    struct strbuf text = STRBUF_INIT(64);
    if (!h->known)
        return;
    const int64_t all = h->drift + (h->undrifted > 0 ? h->undrifted : 0);
    if (!h->succeeded)
        strbuf_adds(&text, "unknown");
    else if (!h->drifted)
        strbuf_adds(&text, "none");
    else if (h->drift > 0)
        strbuf_addf(&text, "%lld of %lld", (long long)h->drift, (long long)all);
    else
        strbuf_adds(&text, "drifted");
    row_text(w, TF_DRIFT, strbuf_span(&text));
    row_num(w, TF_ASSESSMENT_FAILED, !h->succeeded);
    if (h->succeeded)
        row_num(w, TF_DRIFTED, !h->drifted ? 0 : h->drift > 0 ? h->drift : 1);
    if (h->succeeded && h->checks_failed >= 0)
        row_num(w, TF_CHECKS_FAILED,
                h->checks_failed + (h->checks_errored > 0 ? h->checks_errored : 0));
    put_text(w, TF_ASSESSMENT_ERROR, h->error);
    put_time(w, TF_ASSESSED, h->created_ms);
    strbuf_clear(&text);
}

/* ---- The row. */

static void put_repository(struct row_writer *w, const struct json_node *node)
{
    const struct json_node *vcs = json_node_path(node, "attributes.vcs-repo");
    const char *branch = json_node_path_text(vcs, "branch", "");
    struct strbuf text = STRBUF_INIT(1024);
    strbuf_adds(&text, json_node_path_text(vcs, "identifier", ""));
    if (text.len && branch[0])
        strbuf_addf(&text, "@%s", branch);
    put_text(w, TF_REPOSITORY, tf_line(strbuf_cstr(&text), TEXT_MAX));
    strbuf_clear(&text);
}

static void begin(struct row_writer *w, struct span organisation, struct span name)
{
    row_begin(w, name);
    row_text(w, TF_NAME, name);
    row_text(w, TF_ORGANISATION, organisation);
}

bool tf_workspace_row(struct row_writer *w, struct span organisation, const struct tf_workspace *ws,
                      const struct json_node *node, const struct json_node *included)
{
    int64_t resources;
    begin(w, organisation, span_from(ws->name));
    put_current(w, ws, node, included);
    put_lock(w, ws, node, included);
    put_health(w, &ws->health);
    if (json_node_int(json_node_path(node, "attributes.resource-count"), &resources))
        row_num(w, TF_RESOURCES, resources);
    put_line(w, TF_VERSION, node, "attributes.terraform-version");
    put_line(w, TF_MODE, node, "attributes.execution-mode");
    put_bool(w, TF_AUTO_APPLY, node, "attributes.auto-apply");
    put_repository(w, node);
    row_text(w, TF_WORKSPACE_ID, span_from(ws->id));
    row_link(w, LINK_OWNER, 0, "terraform", organisation);
    return row_end(w);
}

bool tf_missing_row(struct row_writer *w, struct span organisation, struct span name)
{
    begin(w, organisation, name);
    row_num(w, TF_MISSING, true);
    return row_end(w);
}

const struct kind kind_tf_workspace = {
    .name = "tf-workspace",
    .plural = "tf-workspaces",
    .aliases = "workspaces",
    .title = "Terraform workspaces",
    .help = "Workspaces of HCP Terraform: the current run, the last apply, drift, the lock.",
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = tf_workspace_rules,
    .nrules = TF_WORKSPACE_RULES,
    .judge = tf_workspace_judge,
    .says = tf_workspace_says,
    .quotes = "tf-run",
    .sort = "level desc,name",
};
