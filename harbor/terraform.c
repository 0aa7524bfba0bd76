/* Runs of HCP Terraform: queued, planned at once, confirmed, discarded. */
#include <config.h>

#include "harbor/terraform.h"

#include "base/alloc.h"
#include "harbor/answers.h"
#include "harbor/command.h"
#include "harbor/json_parts.h"

#include <stdio.h>
#include <stdlib.h>

#define ANSWER_MAX ((size_t)256 << 10)
#define API        "/api/v2/"

/* A run that is other than was told. */
struct tf_run {
    struct tf_run *next;
    char *id, *workspace; /* owned; workspace "": the run was there */
    char *message, *at;   /* owned; of one that was queued */
    const char *status;
    bool waits; /* for its confirmation */
};

static struct tf_run *find_run(const struct server *server, struct span id)
{
    struct tf_run *r = server->terraform;
    while (r && !span_is(id, r->id))
        r = r->next;
    return r;
}

static struct tf_run *add_run(struct server *server, const char *id, const char *workspace,
                              const char *message)
{
    struct tf_run *r = xalloc_zero(1, sizeof(*r));
    char now[TIMETEXT_MAX];
    time_format(objects_now(server->objects), now);
    r->id = xalloc_text(id);
    r->workspace = xalloc_text(workspace);
    r->message = xalloc_text(message);
    r->at = xalloc_text(now);
    r->next = server->terraform;
    server->terraform = r;
    return r;
}

void terraform_free(struct server *server)
{
    while (server->terraform) {
        struct tf_run *r = server->terraform;
        server->terraform = r->next;
        free(r->id);
        free(r->workspace);
        free(r->message);
        free(r->at);
        free(r);
    }
}

/* ---- On top of what was told. */

static void set_status(cJSON *run, const struct tf_run *r)
{
    cJSON *attributes = within(run, "attributes"), *actions = within(attributes, "actions");
    json_set_text(attributes, "status", r->status);
    set_item(actions, "is-confirmable", cJSON_CreateBool(r->waits));
    set_item(actions, "is-discardable", cJSON_CreateBool(r->waits));
}

static cJSON *make_run(const struct tf_run *r)
{
    cJSON *run = cJSON_CreateObject(), *attributes = cJSON_AddObjectToObject(run, "attributes");
    json_set_text(run, "id", r->id);
    json_set_text(run, "type", "runs");
    json_set_text(attributes, "message", r->message);
    json_set_text(attributes, "created-at", r->at);
    json_set_text(attributes, "source", "tfe-api");
    json_set_text(within(attributes, "status-timestamps"), "planned-at", r->at);
    set_status(run, r);
    return run;
}

static bool is_type(const cJSON *item, const char *type)
{
    return strcmp(json_member(item, "type"), type) == 0;
}

/* Discardable is what is confirmable, where nothing else was told [api-docs/run: actions]. */
static void overlay_item(const struct server *server, cJSON *item)
{
    const struct tf_run *r = find_run(server, span_from(json_member(item, "id")));
    cJSON *actions = member(member(item, "attributes"), "actions");
    if (!is_type(item, "runs"))
        return;
    if (r)
        set_status(item, r);
    else if (cJSON_IsTrue(member(actions, "is-confirmable")))
        set_item(actions, "is-discardable", cJSON_CreateTrue());
}

static void overlay_list(const struct server *server, cJSON *list)
{
    cJSON *item;
    if (cJSON_IsObject(list))
        overlay_item(server, list);
    else
        cJSON_ArrayForEach(item, list) overlay_item(server, item);
}

static void overlay(const struct server *server, cJSON *doc)
{
    overlay_list(server, member(doc, "data"));
    overlay_list(server, member(doc, "included"));
}

static void print(const cJSON *doc, struct strbuf *out)
{
    char *text = cJSON_PrintUnformatted(doc);
    strbuf_adds(out, text ? text : "{}");
    cJSON_free(text);
}

void terraform_overlay(const struct server *server, struct strbuf *body)
{
    cJSON *doc = cJSON_ParseWithLength(strbuf_cstr(body), body->len);
    if (!doc)
        return;
    overlay(server, doc);
    strbuf_truncate(body, 0);
    print(doc, body);
    cJSON_Delete(doc);
}

/* What was told of a path; NULL: nothing. */
static cJSON *told(struct server *server, const char *target)
{
    struct strbuf body = STRBUF_INIT(ANSWER_MAX);
    struct canned c;
    cJSON *doc = NULL;
    if (answers_find(server->answers, "services", SPAN("outside"), SPAN(TERRAFORM_HOST),
                     span_from(target), SPAN(""), &c) &&
        c.status == 200) {
        command_times(server, c.body, &body);
        doc = cJSON_ParseWithLength(strbuf_cstr(&body), body.len);
    }
    if (doc)
        overlay(server, doc);
    strbuf_clear(&body);
    return doc;
}

/* The first of `data` whose text behind the key is this; takes it out. */
static cJSON *take(cJSON *doc, const char *key, struct span wanted)
{
    cJSON *data = member(doc, "data"), *item;
    cJSON_ArrayForEach(item, data)
    {
        const char *text = strcmp(key, "id") == 0 ? json_member(item, "id")
                                                  : json_member(member(item, "attributes"), key);
        if (span_is(wanted, text))
            return cJSON_DetachItemViaPointer(data, item);
    }
    return NULL;
}

static struct span part_of(struct span target, size_t n)
{
    struct span rest = span_sub(target, 0, span_find(target, '?', 0)), word = SPAN("");
    for (size_t i = 0; i <= n; i++)
        if (!span_split(&rest, '/', &word))
            return SPAN("");
    return word;
}

/* ---- Its own paths. */

static int refuse(struct strbuf *out, int status, const char *title)
{
    strbuf_addf(out, "{\"errors\":[{\"status\":\"%d\",\"title\":\"%s\"}]}", status, title);
    return status;
}

static int say_data(cJSON *item, struct strbuf *out)
{
    cJSON *doc = cJSON_CreateObject();
    if (!item) {
        cJSON_Delete(doc);
        return refuse(out, 404, "not found");
    }
    (void)cJSON_AddItemToObject(doc, "data", item);
    print(doc, out);
    cJSON_Delete(doc);
    return 200;
}

/* GET organizations/O/workspaces/NAME: of what the list of them has. */
static int answer_workspace(struct server *server, struct span target, struct strbuf *out)
{
    char list[512];
    (void)snprintf(list, sizeof(list), API "organizations/%.*s/workspaces",
                   SPAN_ARG(part_of(target, 4)));
    cJSON *doc = told(server, list), *found = take(doc, "name", part_of(target, 6));
    int status = say_data(found, out);
    cJSON_Delete(doc);
    return status;
}

/* GET workspaces/ID/runs: what was queued comes first. */
static int answer_runs(struct server *server, struct span target, struct strbuf *out)
{
    char path[512];
    (void)snprintf(path, sizeof(path), API "workspaces/%.*s/runs", SPAN_ARG(part_of(target, 4)));
    cJSON *doc = told(server, path), *data = member(doc, "data");
    if (!data) {
        cJSON_Delete(doc);
        return refuse(out, 404, "not found");
    }
    int n = 0;
    for (const struct tf_run *r = server->terraform; r; r = r->next)
        if (span_is(part_of(target, 4), r->workspace))
            (void)cJSON_InsertItemInArray(data, n++, make_run(r));
    print(doc, out);
    cJSON_Delete(doc);
    return 200;
}

struct search {
    struct server *server;
    struct span id;
    cJSON *found;
};

static void search_runs(void *context, const char *path, struct span body)
{
    struct search *s = context;
    (void)body;
    if (s->found || !span_ends(span_from(path), "/runs"))
        return;
    cJSON *doc = told(s->server, path);
    s->found = take(doc, "id", s->id);
    cJSON_Delete(doc);
}

static cJSON *run_of(struct server *server, struct span id)
{
    struct search s = {.server = server, .id = id};
    const struct tf_run *r = find_run(server, id);
    if (r && r->workspace[0])
        return make_run(r);
    answers_each(server->answers, SPAN("outside"), SPAN(TERRAFORM_HOST), search_runs, &s);
    return s.found;
}

/* POST runs */
static int queue(struct server *server, struct span request, struct strbuf *out)
{
    cJSON *doc = cJSON_ParseWithLength(request.data, request.len), *data = member(doc, "data"),
          *attributes = member(data, "attributes");
    const cJSON *workspace = member(member(member(data, "relationships"), "workspace"), "data");
    char id[64];
    size_t n = 1;
    for (const struct tf_run *r = server->terraform; r; r = r->next)
        n++;
    (void)snprintf(id, sizeof(id), "run-Harbor%010zu", n);
    if (!is_type(data, "runs") || !json_member(workspace, "id")[0]) {
        cJSON_Delete(doc);
        return refuse(out, 422, "invalid attribute");
    }
    struct tf_run *r =
        add_run(server, id, json_member(workspace, "id"), json_member(attributes, "message"));
    r->waits = !cJSON_IsTrue(member(attributes, "plan-only")) &&
               !cJSON_IsTrue(member(attributes, "refresh-only"));
    r->status = r->waits ? "planned" : "planned_and_finished";
    cJSON_Delete(doc);
    (void)say_data(make_run(r), out);
    return 201;
}

/* POST runs/ID/actions/apply, .../discard: 202 without a body, or 409. */
static int act(struct server *server, struct span target, struct strbuf *out)
{
    struct span id = part_of(target, 4), verb = part_of(target, 6);
    bool applies = span_is(verb, "apply"), discards = span_is(verb, "discard");
    cJSON *run = run_of(server, id);
    const cJSON *actions = member(member(run, "attributes"), "actions");
    bool waits = cJSON_IsTrue(member(actions, "is-confirmable")), there = run != NULL;
    cJSON_Delete(run);
    if (!there || (!applies && !discards))
        return refuse(out, 404, "not found");
    if (!waits)
        return refuse(out, 409, "transition not allowed");
    struct tf_run *r = find_run(server, id);
    char text[128];
    (void)snprintf(text, sizeof(text), "%.*s", SPAN_ARG(id));
    if (!r)
        r = add_run(server, text, "", "");
    r->waits = false;
    r->status = applies ? "applied" : "discarded";
    return 202;
}

int terraform_answer(struct server *server, struct span method, struct span target,
                     struct span request, struct strbuf *out)
{
    struct span what = part_of(target, 3);
    bool post = span_is(method, "POST");
    if (post && span_is(what, "runs") && !part_of(target, 4).len)
        return queue(server, request, out);
    if (post && span_is(what, "runs"))
        return act(server, target, out);
    if (post)
        return refuse(out, 404, "not found");
    if (span_is(what, "runs") && part_of(target, 4).len)
        return say_data(run_of(server, part_of(target, 4)), out);
    if (span_is(what, "workspaces") && span_is(part_of(target, 5), "runs"))
        return answer_runs(server, target, out);
    if (span_is(what, "organizations") && part_of(target, 6).len)
        return answer_workspace(server, target, out);
    return 0;
}
