/* Runs of a workspace: what they are at, what they wait for, who has started them. */
#include <config.h>

#include "backends/cells.h"
#include "backends/terraform/terraform.h"

#include <string.h>

#define ARENA_MAX    ((size_t)1 << 20)
#define MESSAGE_MAX  200
#define STATUS_MAX   60
#define USERNAME_MAX 80

enum { ID, WORKSPACE, STATUS, WANTS, MESSAGE, BY, SOURCE, SORT, AGE, SINCE, CREATED, CHANGED };

static const struct column columns[] = {
    [ID] = {"id", "RUN", "Its id.", VALUE_TEXT, 20, 0, COLUMN_IDENT, NULL, NULL},
    [WORKSPACE] = {"workspace", "WORKSPACE", "Whose run it is.", VALUE_TEXT, 20, 0, 0, NULL, NULL},
    [STATUS] = {"status", "STATUS", "Where it is, in Terraform's words.", VALUE_TEXT, 20, 0,
                COLUMN_NOTABLE, NULL, NULL},
    [WANTS] = {"wants", "WANTS", "What it waits for of a person.", VALUE_TEXT, 14, 30,
               COLUMN_NOTABLE, NULL, NULL},
    [MESSAGE] = {"message", "MESSAGE", "What was said when it was started: a commit's first line.",
                 VALUE_TEXT, 36, 20, 0, NULL, NULL},
    [BY] = {"by", "BY", "Who has started it.", VALUE_TEXT, 14, 15, 0, NULL, NULL},
    [SOURCE] = {"trigger", "TRIGGER", "By what it was started: tfe-ui, tfe-api, a commit.",
                VALUE_TEXT, 12, 60, COLUMN_WIDE, NULL, NULL},
    [SORT] = {"sort", "SORT", "destroy, plan only, refresh only; empty: plan and apply.",
              VALUE_TEXT, 12, 40, 0, NULL, NULL},
    [AGE] = {"age", "AGE", "Since it was started.", VALUE_DURATION, 5, 10, COLUMN_RIGHT, "created",
             NULL},
    [SINCE] = {"since", "SINCE", "Since it is where it is.", VALUE_DURATION, 5, 12, COLUMN_RIGHT,
               "changed", NULL},
    [CREATED] = {"created", "CREATED", "When it was started.", VALUE_INSTANT, 8, 90, COLUMN_HIDDEN,
                 NULL, NULL},
    [CHANGED] = {"changed", "CHANGED", "When it came to where it is.", VALUE_INSTANT, 8, 90,
                 COLUMN_HIDDEN, NULL, NULL},
};

/* ---- Statuses. */

static bool is_one_of(struct span status, const char *const *list)
{
    while (*list && !span_is(status, *list))
        list++;
    return *list != NULL;
}

/* Whether it is somebody's turn is never read from the status alone: what can be confirmed its
 * actions say. [run states; go-tfe run.go] */
enum tf_phase tf_phase_of(struct span status, bool confirmable, enum tf_wants *wants)
{
    static const char *const done[] = {"applied", "planned_and_finished", "policy_soft_failed",
                                       NULL};
    static const char *const dropped[] = {"discarded", "canceled", "force_canceled", NULL};
    *wants = TF_WANTS_NOTHING;
    if (is_one_of(status, done))
        return TF_DONE;
    if (is_one_of(status, dropped))
        return TF_DROPPED;
    if (span_is(status, "errored"))
        return TF_ERRORED;
    if (confirmable)
        *wants = TF_WANTS_CONFIRMATION;
    else if (span_is(status, "policy_override"))
        *wants = TF_WANTS_OVERRIDE;
    else if (span_ends(status, "_awaiting_decision"))
        *wants = TF_WANTS_DECISION;
    if (*wants != TF_WANTS_NOTHING)
        return TF_WAITING;
    return span_is(status, "pending") ? TF_PENDING : TF_GOING;
}

static const char *wants_text(enum tf_wants wants)
{
    static const char *const texts[] = {[TF_WANTS_NOTHING] = "",
                                        [TF_WANTS_CONFIRMATION] = "confirmation",
                                        [TF_WANTS_OVERRIDE] = "policy override",
                                        [TF_WANTS_DECISION] = "decision"};
    return texts[wants];
}

/* ---- Reading. */

static const char *sort_of(const struct json_node *attributes)
{
    static const struct {
        const char *member, *says;
    } sorts[] = {{"is-destroy", "destroy"},
                 {"plan-only", "plan only"},
                 {"refresh-only", "refresh only"},
                 {"save-plan", "saved plan"}};

    for (size_t i = 0; i < BN_COUNT(sorts); i++)
        if (json_node_true(json_node_get(attributes, sorts[i].member)))
            return sorts[i].says;
    return "";
}

/* The latest of the times that its statuses began. */
static int64_t latest(const struct json_node *stamps)
{
    int64_t last = TIME_NONE;
    for (const struct json_node *n = json_node_first(stamps); n; n = json_node_next(n)) {
        const char *member = json_node_key(n);
        int64_t ms = member && strlen(member) > 3 && strcmp(member + strlen(member) - 3, "-at") == 0
                         ? tf_time(stamps, member)
                         : TIME_NONE;
        if (ms != TIME_NONE && (last == TIME_NONE || ms > last))
            last = ms;
    }
    return last;
}

static const char *username(const struct json_node *run, const struct json_node *included)
{
    const char *id = json_node_path_text(run, "relationships.created-by.data.id", "");
    return json_node_path_text(tf_included(included, "users", id), "attributes.username", "");
}

static bool keep(struct arena *arena, const char *text, size_t most, struct span *out)
{
    struct span line = tf_line(text, most);
    return !line.len || arena_copy(arena, line, out);
}

static bool read_run(struct arena *arena, const struct json_node *node,
                     const struct json_node *included, struct tf_run *r)
{
    const struct json_node *a = json_node_get(node, "attributes");
    const struct json_node *stamps = json_node_get(a, "status-timestamps");
    *r = (struct tf_run){.created_ms = tf_time(a, "created-at"),
                         .changed_ms = latest(stamps),
                         .applying_ms = tf_time(stamps, "applying-at"),
                         .applied_ms = tf_time(stamps, "applied-at")};
    if (r->changed_ms == TIME_NONE)
        r->changed_ms = r->created_ms;
    if (!keep(arena, json_node_path_text(node, "id", ""), STATUS_MAX, &r->id) ||
        !keep(arena, json_node_path_text(a, "status", ""), STATUS_MAX, &r->status) ||
        !keep(arena, json_node_path_text(a, "message", ""), MESSAGE_MAX, &r->message) ||
        !keep(arena, json_node_path_text(a, "source", ""), STATUS_MAX, &r->source) ||
        !keep(arena, username(node, included), USERNAME_MAX, &r->by) ||
        !keep(arena, sort_of(a), STATUS_MAX, &r->sort))
        return false;
    r->phase = tf_phase_of(r->status, json_node_true(json_node_path(a, "actions.is-confirmable")),
                           &r->wants);
    return true;
}

bool tf_runs_read(struct tf_workspace *w, const struct json_node *answer)
{
    const struct json_node *included = json_node_get(answer, "included");
    const struct json_node *n = json_node_first(json_node_get(answer, "data"));
    arena_free(w->arena);
    w->count = 0;
    w->arena = arena_new(ARENA_MAX);
    for (; w->arena && n && w->count < TF_RUNS_MAX; n = json_node_next(n)) {
        if (!read_run(w->arena, n, included, &w->runs[w->count]))
            return false;
        w->count += w->runs[w->count].id.len && w->runs[w->count].status.len;
    }
    return w->arena != NULL;
}

/* ---- Rows. */

bool tf_run_row(struct row_writer *w, const struct tf_workspace *ws, const struct tf_run *run)
{
    row_begin(w, run->id);
    row_text(w, ID, run->id);
    row_text(w, WORKSPACE, span_from(ws->name));
    row_text(w, STATUS, run->status);
    put_text(w, WANTS, span_from(wants_text(run->wants)));
    put_text(w, MESSAGE, run->message);
    put_text(w, BY, run->by);
    put_text(w, SOURCE, run->source);
    put_text(w, SORT, run->sort);
    put_time(w, CREATED, run->created_ms);
    put_time(w, CHANGED, run->changed_ms);
    row_link(w, LINK_OWNER, 0, "tf-workspace", span_from(ws->name));
    return row_end(w);
}

const struct kind kind_tf_run = {
    .name = "tf-run",
    .plural = "tf-runs",
    .aliases = "",
    .title = "Terraform runs",
    .help = "The newest runs of each workspace of HCP Terraform, those before the current one too.",
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .sort = "age",
};
