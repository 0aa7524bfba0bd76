/* An organisation of HCP Terraform (Terraform Cloud) as its source's thread sees it. For
 * backends/terraform alone. Facts: developer.hashicorp.com/terraform/cloud-docs/api-docs (run,
 * workspaces, assessment-results, users, user-tokens), go-tfe; integrations.md section 12.
 *
 * Nothing but GETs is sent; no variable, no state and no log is asked for. */
#ifndef BINNACLE_BACKENDS_TERRAFORM_TERRAFORM_H
#define BINNACLE_BACKENDS_TERRAFORM_TERRAFORM_H

#include "backends/http_source.h"
#include "backends/poll.h"
#include "base/arena.h"
#include "model/store.h"

#define TF_RUNS_MAX 20 /* of a workspace that are looked at: the newest */

/* What a run wants of a person before it goes on. */
enum tf_wants { TF_WANTS_NOTHING, TF_WANTS_CONFIRMATION, TF_WANTS_OVERRIDE, TF_WANTS_DECISION };

/* Where a run is, as far as one must know to judge it. */
enum tf_phase {
    TF_PENDING, /* others are before it */
    TF_GOING,   /* it works; a status that nobody here has heard of too */
    TF_WAITING, /* for a person */
    TF_DONE,    /* applied, planned and finished, policy soft failed */
    TF_DROPPED, /* discarded, canceled */
    TF_ERRORED,
};

/* Texts are of the workspace's arena; times TIME_NONE where nothing is said. */
struct tf_run {
    struct span id, status, message, source, by, sort; /* sort: "destroy", "plan only", ... */
    enum tf_phase phase;
    enum tf_wants wants;
    int64_t created_ms, changed_ms; /* changed: when it came to where it is */
    int64_t applying_ms, applied_ms;
};

/* A health assessment [assessment-results]. */
struct tf_assessment {
    bool known, succeeded, drifted;
    int64_t drift, undrifted, checks_failed, checks_errored; /* -1: unsaid */
    int64_t created_ms;
    struct span error; /* of the workspace's arena */
};

/* What is kept of a workspace from look to look, so that what has not changed is not asked again. */
struct tf_workspace {
    char *id, *name; /* owned */
    char *signature; /* owned; of its runs, as they were when they were asked for */
    char *assessed;  /* owned; the assessment's id; "" : none */
    bool seen;       /* by the look at hand */
    bool asked, asked_health;
    int64_t runs_ms, health_ms;      /* monotonic; when it was asked for them */
    struct arena *arena;             /* owned; of the runs */
    struct tf_run runs[TF_RUNS_MAX]; /* newest first */
    size_t count;
    struct arena *health_arena; /* owned; of the assessment */
    struct tf_assessment health;
};

struct terraform {
    struct backend_ctx *ctx;  /* during run() */
    struct http_source *http; /* during run() */
    unsigned burst;           /* requests of the look at hand */
    struct tf_workspace *all; /* owned; kept across runs */
    size_t count;
};

extern const struct kind kind_terraform, kind_tf_workspace, kind_tf_run;

/* The parts. */
bool tf_ask_workspaces(void *self, struct poll *p, struct err *err);
bool tf_ask_account(void *self, struct poll *p, struct err *err);

/* GET below /api/v2, at most a few at once: 30 a second is what a user has, and 30 a minute of a
 * workspace's runs. */
struct json_doc *tf_get(struct terraform *t, const char *path, struct err *err) BN_MUST_USE;

/* Reads {"errors":[{"status","title","detail"}]}; fits http_explain_fn. */
bool tf_explain(int status, struct span body, struct err *err);

/* An id or a name that can stand in a path as it is. */
bool tf_is_plain(const char *text);
/* The first line of a text, at most `most` bytes, as a cell. */
struct span tf_line(const char *text, size_t most);
/* A member of `attributes`, or what is behind a path in the resource. */
int64_t tf_time(const struct json_node *object, const char *path);

void tf_workspace_clear(struct tf_workspace *w); /* frees what it owns */

/* ---- Runs: run.c. */

/* Reads what `GET /workspaces/ID/runs?include=created_by` gave. False: no memory. */
bool tf_runs_read(struct tf_workspace *w, const struct json_node *answer) BN_MUST_USE;
/* The status's place among the phases; wants as the run's actions say. */
enum tf_phase tf_phase_of(struct span status, bool confirmable, enum tf_wants *wants);
bool tf_run_row(struct row_writer *w, const struct tf_workspace *ws, const struct tf_run *run);

/* ---- Workspaces: workspace.c. */

/* node: the resource; included: of the answer. */
bool tf_workspace_row(struct row_writer *w, struct span organisation, const struct tf_workspace *ws,
                      const struct json_node *node, const struct json_node *included);
/* One that the configuration names, and nobody has shown. */
bool tf_missing_row(struct row_writer *w, struct span organisation, struct span name);
/* The resource of this type and id among `included`; NULL: it is not there. */
const struct json_node *tf_included(const struct json_node *included, const char *type,
                                    const char *id);

/* Columns of a workspace, for the files that fill and judge them. */
enum tf_workspace_column {
    TF_NAME,
    TF_ORGANISATION,
    TF_STATUS,
    TF_SINCE,
    TF_MESSAGE,
    TF_BY,
    TF_APPLIED_AGO,
    TF_DRIFT,
    TF_LOCK,
    TF_RESOURCES,
    TF_RUN,
    TF_SORT,
    TF_SOURCE,
    TF_PENDING_RUNS,
    TF_VERSION,
    TF_MODE,
    TF_REPOSITORY,
    TF_AUTO_APPLY,
    TF_LOCK_REASON,
    TF_LOCK_STALE,
    TF_PHASE,
    TF_WANTS,
    TF_HALF,
    TF_CHANGED,
    TF_APPLIED,
    TF_DRIFTED,
    TF_ASSESSED,
    TF_ASSESSMENT_FAILED,
    TF_ASSESSMENT_ERROR,
    TF_CHECKS_FAILED,
    TF_MISSING,
    TF_WORKSPACE_ID,
};

#define TF_WORKSPACE_RULES 10
extern const struct rule tf_workspace_rules[TF_WORKSPACE_RULES];

struct verdict tf_workspace_judge(const struct store *st, struct handle row, int64_t now_ms);
void tf_workspace_says(const struct store *st, struct handle row, const struct verdict *v,
                       int64_t now_ms, struct strbuf *out);

void terraform_discover(const struct store *st, struct discovery *d);
void terraform_says(const struct store *st, int64_t now_ms, struct system_parts *parts);

#endif
