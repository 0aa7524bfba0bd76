/* Reading the audit log: runs that have no end. */
#include <config.h>

#include "actions/audit.h"
#include "base/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Runs without an end. */

static char *text_of(const struct json_node *root, const char *path)
{
    const char *text = json_node_path_text(root, path, NULL);
    return text ? xalloc_text(text) : NULL;
}

static bool is_event(const struct json_node *root, enum audit_event event)
{
    return strcmp(json_node_path_text(root, "event", ""), audit_event_name(event)) == 0;
}

static void clear_step(struct audit_step *s)
{
    free(s->title);
    free(s->system);
    free(s->at);
    free(s->as);
    free(s->with);
    free(s->method);
    free(s->path);
    free(s->media);
    free(s->body);
    free(s->why);
    free(s->set);
    free(s->posted);
    free(s->made);
    *s = (struct audit_step){0};
}

void audit_run_clear(struct audit_run *r)
{
    free(r->action);
    free(r->context);
    free(r->server);
    free(r->at);
    free(r->who);
    for (size_t i = 0; i < r->count; i++)
        clear_step(&r->steps[i]);
    answers_clear(&r->answers);
    *r = (struct audit_run){0};
}

static void take_begin(struct audit_run *r, const struct json_node *root, const char *id)
{
    audit_run_clear(r);
    (void)snprintf(r->id, sizeof(r->id), "%s", id);
    r->action = text_of(root, "action");
    r->context = text_of(root, "context");
    r->server = text_of(root, "server");
    r->at = text_of(root, "at");
    r->who = text_of(root, "who");
    r->answers.action = action_find(r->action ? r->action : "");
    if (!json_node_int(json_node_get(root, "planned_ms"), &r->answers.at_ms))
        r->answers.action = NULL;
    const struct json_node *answer = json_node_first(json_node_get(root, "answers"));
    for (; r->answers.action && answer; answer = json_node_next(answer)) {
        struct err why;
        const char *value = json_node_text(answer);
        if (!value || !answers_set(&r->answers, json_node_key(answer), value, &why))
            r->answers.action = NULL; /* of another version: it cannot be gone on with */
    }
}

static struct audit_step *step_of(struct audit_run *r, const char *title)
{
    for (size_t i = 0; i < r->count; i++)
        if (strcmp(r->steps[i].title, title) == 0)
            return &r->steps[i];
    if (r->count == PLAN_STEPS_MAX)
        return NULL;
    struct audit_step *s = &r->steps[r->count++];
    s->title = xalloc_text(title);
    return s;
}

static int64_t generation_of(const struct json_node *root)
{
    int64_t n;
    return json_node_int(json_node_get(root, "generation"), &n) ? n : 0;
}

/* A patch of the API server, and its undo patches the same object. */
static bool is_patch_of_one(const struct json_node *root)
{
    const char *path = json_node_path_text(root, "request.path", "");
    return strcmp(json_node_path_text(root, "request.method", ""), "PATCH") == 0 &&
           !json_node_path(root, "request.system") && !json_node_path(root, "undo.system") &&
           strcmp(json_node_path_text(root, "undo.method", ""), "PATCH") == 0 &&
           strcmp(json_node_path_text(root, "undo.path", "-"), path) == 0;
}

/* An object of the API server was made, and its undo deletes it. */
static bool is_made_by(const struct json_node *root)
{
    return strcmp(json_node_path_text(root, "request.method", ""), "POST") == 0 &&
           !json_node_path(root, "request.system") && !json_node_path(root, "undo.system") &&
           strcmp(json_node_path_text(root, "undo.method", ""), "DELETE") == 0;
}

static void take_request(struct audit_step *s, const struct json_node *root)
{
    s->begun = true;
    s->system = text_of(root, "undo.system");
    s->at = text_of(root, "undo.at");
    s->as = text_of(root, "undo.as");
    s->with = text_of(root, "undo.with");
    s->secrets = json_node_true(json_node_path(root, "undo.secrets"));
    s->method = text_of(root, "undo.method");
    s->path = text_of(root, "undo.path");
    s->media = text_of(root, "undo.type");
    s->body = text_of(root, "undo.body");
    s->why = text_of(root, "undo_title");
    s->apart = json_node_true(json_node_get(root, "undo_apart"));
    s->rolls = strcmp(json_node_path_text(root, "undo_await", ""), AUDIT_ROLLOUT) == 0;
    if (is_patch_of_one(root)) {
        s->set = text_of(root, "request.body");
        s->planned = generation_of(root);
    }
    if (is_made_by(root))
        s->posted = text_of(root, "request.body");
}

static void take_step(struct audit_run *r, const struct json_node *root)
{
    const char *title = json_node_path_text(root, "title", NULL);
    struct audit_step *s = title ? step_of(r, title) : NULL;
    if (!s)
        return;
    if (is_event(root, AUDIT_STEP)) {
        clear_step(s);
        s->title = xalloc_text(title);
        s->state = AUDIT_STEP;
        take_request(s, root);
    }
    if (is_event(root, AUDIT_SENT) || is_event(root, AUDIT_DONE)) {
        s->sent = s->begun;
        s->came = generation_of(root) ? generation_of(root) : s->came;
        if (!s->made)
            s->made = text_of(root, "uid");
    }
    if (is_event(root, AUDIT_DONE))
        s->state = AUDIT_DONE;
    if (is_event(root, AUDIT_FAILED)) {
        s->state = AUDIT_FAILED;
        /* Gone on with, it was found sent, and looked at. */
        s->sent = s->begun && (s->sent || !json_node_get(root, "request"));
    }
    if (is_event(root, AUDIT_UNDONE))
        s->state = AUDIT_UNDONE;
}

#define OPEN_MAX 256

struct search {
    char open[OPEN_MAX][AUDIT_RUN_ID]; /* runs that have begun and not ended, oldest first */
    size_t count;
    struct audit_run *run;
};

static void forget(struct search *s, size_t i)
{
    s->count--;
    memmove(s->open[i], s->open[i + 1], (s->count - i) * sizeof(s->open[0]));
}

static bool note_open(void *context, size_t number, const struct json_node *root, bool ok)
{
    struct search *s = context;
    const char *id = json_node_path_text(root, "run", "");
    (void)number;
    if (!ok || strlen(id) != AUDIT_RUN_ID - 1)
        return true; /* a line that was tampered with is nothing to act on */
    if (is_event(root, AUDIT_BEGIN)) {
        if (s->count == OPEN_MAX)
            forget(s, 0);
        (void)snprintf(s->open[s->count++], AUDIT_RUN_ID, "%s", id);
    }
    for (size_t i = 0; is_event(root, AUDIT_END) && i < s->count; i++)
        if (strcmp(s->open[i], id) == 0)
            forget(s, i--);
    return true;
}

static bool take_line(void *context, size_t number, const struct json_node *root, bool ok)
{
    struct search *s = context;
    const char *id = json_node_path_text(root, "run", "");
    (void)number;
    if (!ok || strcmp(id, s->open[s->count - 1]) != 0)
        return true;
    if (is_event(root, AUDIT_BEGIN))
        take_begin(s->run, root, id);
    else
        take_step(s->run, root);
    return true;
}

static bool is_wanted(const char *path, const char *found, const char *id, enum audit_whose whose)
{
    if (id && strcmp(found, id) != 0)
        return false;
    return whose == AUDIT_ANY || audit_is_held(path, found) == (whose == AUDIT_HELD);
}

/* Leaves the newest that is wanted as the last of the open ones. */
static bool choose(struct search *s, const char *path, const char *id, enum audit_whose whose)
{
    if (whose == AUDIT_LOOSE_FIRST)
        return choose(s, path, id, AUDIT_LOOSE) || choose(s, path, id, AUDIT_ANY);
    for (size_t i = s->count; i-- > 0;)
        if (is_wanted(path, s->open[i], id, whose)) {
            s->count = i + 1;
            return true;
        }
    return false;
}

bool audit_unfinished(const char *path, const char *id, enum audit_whose whose,
                      struct audit_run *out, struct err *err)
{
    struct search *s = xalloc_zero(1, sizeof(*s));
    s->run = out;
    *out = (struct audit_run){0};
    bool read = hash_chain_read(path, note_open, s, NULL, err);
    bool found = read && choose(s, path, id, whose);
    if (found)
        found = hash_chain_read(path, take_line, s, NULL, err);
    else if (read)
        (void)err_set(err, ERR_NOTFOUND, "%s: no run%s%s is without an end", path, id ? " " : "",
                      id ? id : "");
    free(s);
    return found;
}

/* ---- How a run has ended. */

struct ending {
    const char *id;
    char *says;
    bool found;
};

static bool note_end(void *context, size_t number, const struct json_node *root, bool ok)
{
    struct ending *e = context;
    (void)number;
    if (!ok || strcmp(json_node_path_text(root, "run", ""), e->id) != 0)
        return true;
    e->found = true;
    if (is_event(root, AUDIT_END))
        (void)snprintf(e->says, AUDIT_SAYS_MAX, "%s", json_node_path_text(root, "says", ""));
    return true;
}

bool audit_ended(const char *path, const char *id, char says[AUDIT_SAYS_MAX])
{
    struct ending e = {.id = id, .says = says};
    struct err why;
    says[0] = '\0';
    return hash_chain_read(path, note_end, &e, NULL, &why) && e.found;
}

static bool note_newest(void *context, size_t number, const struct json_node *root, bool ok)
{
    const char *id = json_node_path_text(root, "run", "");
    (void)number;
    if (ok && is_event(root, AUDIT_BEGIN) && strlen(id) == AUDIT_RUN_ID - 1)
        (void)snprintf(context, AUDIT_RUN_ID, "%s", id);
    return true;
}

bool audit_newest(const char *path, char id[AUDIT_RUN_ID], struct err *err)
{
    id[0] = '\0';
    return hash_chain_read(path, note_newest, id, NULL, err) &&
           (id[0] || err_set(err, ERR_NOTFOUND, "%s: no run has begun yet", path));
}
