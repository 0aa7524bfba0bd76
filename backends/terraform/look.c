/* A look at an organisation: one list of its workspaces; of those that have changed the runs, and
 * the health assessment where there is a new one. */
#include <config.h>

#include "backends/terraform/terraform.h"
#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#define PAGES_MAX      20
#define WORKSPACES_MAX 500
#define ASKED_MAX      40 /* workspaces whose runs are asked for in one look */
#define RUNS_MS        ((int64_t)10 * 60 * 1000)
#define HEALTH_MS      ((int64_t)15 * 60 * 1000)
#define ARENA_MAX      ((size_t)64 << 10)
#define ERROR_MAX      200

struct look {
    struct terraform *t;
    struct poll *p;
    struct span organisation;
    size_t asked, hidden, beyond; /* workspaces: whose runs were asked for; that hide; not taken */
    struct err why;               /* of one that hides its runs */
    bool wait;                    /* it asks for time: nothing more but what is there */
};

void tf_workspace_clear(struct tf_workspace *w)
{
    free(w->id);
    free(w->name);
    free(w->signature);
    free(w->assessed);
    arena_free(w->arena);
    arena_free(w->health_arena);
    *w = (struct tf_workspace){0};
}

static int64_t now_ms(const struct look *l)
{
    return clock_mono_ms(ctx_clock(l->t->ctx));
}

/* ---- Which are meant. */

static bool is_named(struct span names, struct span name)
{
    struct span one;
    while (names.len && span_split(&names, ',', &one))
        if (span_eq(span_trim(one), name))
            return true;
    return false;
}

static struct tf_workspace *find_or_add(struct terraform *t, const char *id, const char *name)
{
    struct tf_workspace *w;
    for (size_t i = 0; i < t->count; i++)
        if (strcmp(t->all[i].id, id) == 0 && strcmp(t->all[i].name, name) == 0)
            return &t->all[i];
    t->all = xalloc_resize(t->all, t->count + 1, sizeof(*t->all));
    w = &t->all[t->count++];
    *w = (struct tf_workspace){.id = xalloc_text(id),
                               .name = xalloc_text(name),
                               .signature = xalloc_text(""),
                               .assessed = xalloc_text("")};
    return w;
}

static void drop_unseen(struct terraform *t)
{
    size_t kept = 0;
    for (size_t i = 0; i < t->count; i++) {
        if (t->all[i].seen)
            t->all[kept++] = t->all[i];
        else
            tf_workspace_clear(&t->all[i]);
    }
    t->count = kept;
}

/* ---- What is asked of one. */

/* The system itself has answered, and this alone is hidden. False: the look is over. */
static bool hides(struct look *l, const struct err *err)
{
    if (!http_source_reached(l->t->http))
        return false;
    l->wait = l->wait || err->kind == ERR_BUSY;
    return err->kind == ERR_DENIED || err->kind == ERR_NOTFOUND || err->kind == ERR_BUSY ||
           err->kind == ERR_PROTO;
}

/* What changes when its runs do. */
static char *signature_of(const struct json_node *node, const struct json_node *included)
{
    const char *current = json_node_path_text(node, "relationships.current-run.data.id", "");
    const struct json_node *run = tf_included(included, "runs", current);
    struct strbuf text = STRBUF_INIT(1024);
    strbuf_addf(&text, "%.100s %.100s %.100s", current,
                json_node_path_text(run, "attributes.status", ""),
                json_node_path_text(node, "relationships.latest-run.data.id", ""));
    return strbuf_take(&text);
}

static bool ask_runs(struct look *l, struct tf_workspace *w, const struct json_node *node,
                     const struct json_node *included, struct err *err)
{
    char *signature = signature_of(node, included);
    struct strbuf path = STRBUF_INIT(1024);
    bool same = signature && strcmp(signature, w->signature) == 0;
    bool ok = true;
    if (l->wait || l->asked >= ASKED_MAX ||
        (w->asked && same && now_ms(l) - w->runs_ms < RUNS_MS)) {
        free(signature);
        return true;
    }
    l->asked++;
    strbuf_addf(&path, "/workspaces/%s/runs?page%%5Bsize%%5D=%d&include=created_by", w->id,
                TF_RUNS_MAX);
    struct json_doc *doc = tf_get(l->t, strbuf_cstr(&path), err);
    if (!doc && hides(l, err)) {
        l->hidden++;
        l->why = *err;
    } else {
        ok = doc && (tf_runs_read(w, json_doc_root(doc)) ||
                     err_set(err, ERR_NOMEM, "there is no memory for runs"));
    }
    if (doc && ok) {
        free(w->signature);
        w->signature = signature ? signature : xalloc_text("");
        signature = NULL;
        w->asked = true;
        w->runs_ms = now_ms(l);
    }
    free(signature);
    json_doc_free(doc);
    strbuf_clear(&path);
    return ok;
}

static int64_t number_of(const struct json_node *a, const char *member)
{
    int64_t n;
    return json_node_int(json_node_get(a, member), &n) ? n : -1;
}

/* The error's member has two names: one in the documentation, one in the service's OpenAPI. */
static void read_health(struct tf_workspace *w, const struct json_node *answer)
{
    const struct json_node *a = json_node_path(answer, "data.attributes");
    const char *why = json_node_path_text(a, "error-msg", NULL);
    arena_free(w->health_arena);
    w->health_arena = arena_new(ARENA_MAX);
    w->health = (struct tf_assessment){
        .known = json_node_type(json_node_get(a, "succeeded")) == JSON_TRUE ||
                 json_node_type(json_node_get(a, "succeeded")) == JSON_FALSE,
        .succeeded = json_node_true(json_node_get(a, "succeeded")),
        .drifted = json_node_true(json_node_get(a, "drifted")),
        .drift = number_of(a, "resources-drifted"),
        .undrifted = number_of(a, "resources-undrifted"),
        .checks_failed = number_of(a, "checks-failed"),
        .checks_errored = number_of(a, "checks-errored"),
        .created_ms = tf_time(a, "created-at")};
    if (!why || !why[0])
        why = json_node_path_text(a, "error-message", "");
    struct span line = tf_line(why, ERROR_MAX);
    if (line.len && w->health_arena)
        (void)!arena_copy(w->health_arena, line, &w->health.error);
}

/* An organisation without it answers 404 to all of it, and so does a workspace that was never
 * assessed. */
static bool ask_health(struct look *l, struct tf_workspace *w, const struct json_node *node,
                       struct err *err)
{
    const char *id =
        json_node_path_text(node, "relationships.current-assessment-result.data.id", "");
    struct strbuf path = STRBUF_INIT(1024);
    bool ok = true;
    if (!json_node_true(json_node_path(node, "attributes.assessments-enabled"))) {
        w->health.known = w->asked_health = false;
        return true;
    }
    if (l->wait || (w->asked_health &&
                    (id[0] ? strcmp(id, w->assessed) == 0 : now_ms(l) - w->health_ms < HEALTH_MS)))
        return true;
    if (tf_is_plain(id))
        strbuf_addf(&path, "/assessment-results/%s", id);
    else
        strbuf_addf(&path, "/workspaces/%s/current-assessment-result", w->id);
    struct json_doc *doc = tf_get(l->t, strbuf_cstr(&path), err);
    if (doc || (hides(l, err) && err->kind == ERR_NOTFOUND)) {
        read_health(w, json_doc_root(doc));
        free(w->assessed);
        w->assessed = xalloc_text(id);
        w->asked_health = true;
        w->health_ms = now_ms(l);
    } else {
        ok = hides(l, err);
        w->health.known = false;
    }
    json_doc_free(doc);
    strbuf_clear(&path);
    return ok;
}

/* ---- Rows. */

static bool put(struct look *l, const struct tf_workspace *w, const struct json_node *node,
                const struct json_node *included, struct err *err)
{
    bool ok =
        tf_workspace_row(poll_rows(l->p, &kind_tf_workspace), l->organisation, w, node, included);
    for (size_t i = 0; i < w->count && ok; i++)
        ok = tf_run_row(poll_rows(l->p, &kind_tf_run), w, &w->runs[i]);
    return ok || err_set(err, ERR_NOMEM, "there is no memory for the workspaces");
}

static bool take(struct look *l, const struct json_node *node, const struct json_node *included,
                 struct err *err)
{
    struct span names = span_from(ctx_setting(l->t->ctx, "workspaces"));
    const char *id = json_node_path_text(node, "id", "");
    const char *name = json_node_path_text(node, "attributes.name", "");
    if (!tf_is_plain(id) || !tf_is_plain(name) || (names.len && !is_named(names, span_from(name))))
        return true;
    if (l->t->count >= WORKSPACES_MAX) {
        l->beyond++;
        return true;
    }
    struct tf_workspace *w = find_or_add(l->t, id, name);
    w->seen = true;
    return ask_runs(l, w, node, included, err) && ask_health(l, w, node, err) &&
           put(l, w, node, included, err);
}

/* *next: the page after it; 0: there is none. */
static bool take_page(struct look *l, int64_t page, int64_t *next, struct err *err)
{
    struct strbuf path = STRBUF_INIT(1024);
    strbuf_addf(&path,
                "/organizations/%.*s/workspaces?page%%5Bsize%%5D=100&page%%5Bnumber%%5D=%lld"
                "&include=current_run,locked_by",
                SPAN_ARG(l->organisation), (long long)page);
    struct json_doc *doc = tf_get(l->t, strbuf_cstr(&path), err);
    const struct json_node *root = json_doc_root(doc), *included = json_node_get(root, "included");
    bool ok = doc || err_wrap(err, "organisation %.*s", SPAN_ARG(l->organisation));
    strbuf_clear(&path);
    if (ok && json_node_type(json_node_get(root, "data")) != JSON_ARRAY)
        ok = err_set(err, ERR_PROTO, "HCP Terraform's answer is no list of workspaces");
    for (const struct json_node *n = json_node_first(json_node_get(root, "data")); ok && n;
         n = json_node_next(n))
        ok = take(l, n, included, err);
    if (!json_node_int(json_node_path(root, "meta.pagination.next-page"), next) || *next <= page)
        *next = 0;
    json_doc_free(doc);
    return ok;
}

static bool put_missing(struct look *l, struct err *err)
{
    struct span names = span_from(ctx_setting(l->t->ctx, "workspaces")), one;
    while (names.len && span_split(&names, ',', &one)) {
        bool there = false;
        one = span_trim(one);
        for (size_t i = 0; i < l->t->count && !there; i++)
            there = l->t->all[i].seen && span_is(one, l->t->all[i].name);
        if (one.len && !there &&
            !tf_missing_row(poll_rows(l->p, &kind_tf_workspace), l->organisation, one))
            return err_set(err, ERR_NOMEM, "there is no memory for the workspaces");
    }
    return true;
}

static void note(struct look *l)
{
    if (l->hidden)
        poll_note(l->p, &kind_tf_run, "the runs of %zu workspaces: %.80s", l->hidden, l->why.msg);
    if (l->beyond)
        poll_note(l->p, &kind_tf_workspace, "%zu more workspaces: %d are the most", l->beyond,
                  WORKSPACES_MAX);
}

bool tf_ask_workspaces(void *self, struct poll *p, struct err *err)
{
    struct terraform *t = self;
    struct look l = {
        .t = t, .p = p, .organisation = span_from(ctx_setting(t->ctx, "organization"))};
    int64_t page = 1, next = 1;
    t->burst = 0;
    for (size_t i = 0; i < t->count; i++)
        t->all[i].seen = false;
    for (int pages = 0; next && pages < PAGES_MAX; pages++, page = next)
        if (!take_page(&l, page, &next, err))
            return false;
    if (!put_missing(&l, err))
        return false;
    drop_unseen(t);
    note(&l);
    return true;
}
