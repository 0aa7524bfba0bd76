/* Taking a run back, as the audit log has it: which of its steps, and what of them somebody else has
 * changed since. */
#include <config.h>

#include "actions/kube.h"
#include "actions/run_impl.h"
#include "base/json_out.h"

#include <string.h>

#define CONFLICTS 4 /* a status that is written often is no reason to give up */
#define ROLLOUT_S 600
#define TEXT_MAX  ((size_t)1 << 20)
#define WHERE_MAX 1024
#define SHOWN_MAX 80 /* of a value in a sentence */

/* ---- Which. */

static bool stands(const struct audit_step *s)
{
    return s->begun && (s->state == AUDIT_STEP || s->state == AUDIT_DONE ||
                        (s->state == AUDIT_FAILED && s->sent));
}

enum undo_fate undo_fate(const struct audit_run *run, size_t i)
{
    const struct audit_step *s = &run->steps[i];
    if (!stands(s))
        return UNDO_NONE;
    if (!s->method)
        return UNDO_STAYS;
    for (size_t later = i + 1; later < run->count && !s->apart; later++)
        if (stands(&run->steps[later]) && !run->steps[later].method)
            return UNDO_LEANED;
    return UNDO_TAKE;
}

size_t undo_count(const struct audit_run *run, enum undo_fate fate)
{
    size_t n = 0;
    for (size_t i = 0; i < run->count; i++)
        n += undo_fate(run, i) == fate;
    return n;
}

static const char *why_not(const struct audit_step *s, enum undo_fate fate)
{
    if (fate == UNDO_LEANED)
        return "a later step, which cannot be taken back, may stand on it";
    return s->why ? s->why : "it cannot be taken back";
}

void undo_text(const struct audit_run *run, struct strbuf *out)
{
    strbuf_addf(out, "To be taken back, of run %.12s, %s:\n", run->id, run->at ? run->at : "?");
    for (size_t i = run->count; i-- > 0;) {
        enum undo_fate fate = undo_fate(run, i);
        const struct audit_step *s = &run->steps[i];
        if (fate == UNDO_TAKE)
            strbuf_addf(out, "  - %s\n", s->title);
        else if (fate != UNDO_NONE)
            strbuf_addf(out, "  ! stays: %s: %s\n", s->title, why_not(s, fate));
    }
}

void undo_json(const struct audit_run *run, struct strbuf *out)
{
    struct json_out j;
    json_out_init(&j, out, 2);
    json_object(&j);
    json_key(&j, "schema");
    json_int(&j, 1);
    json_key_cstr(&j, "action", run->action);
    json_key_cstr(&j, "context", run->context);
    json_key_cstr(&j, "server", run->server);
    json_key_cstr(&j, "run", run->id);
    json_key(&j, "undo");
    json_array(&j);
    for (size_t i = run->count; i-- > 0;) {
        enum undo_fate fate = undo_fate(run, i);
        if (fate == UNDO_NONE)
            continue;
        json_object(&j);
        json_key_cstr(&j, "title", run->steps[i].title);
        json_key(&j, "taken_back");
        json_bool(&j, fate == UNDO_TAKE);
        json_key_cstr(&j, "why",
                      fate == UNDO_TAKE ? run->steps[i].why : why_not(&run->steps[i], fate));
        json_object_end(&j);
    }
    json_array_end(&j);
    json_object_end(&j);
    strbuf_addc(out, '\n');
}

/* ---- What an object has of a patch. */

struct comparing {
    bool by_name;  /* lists whose elements have names are merged by them (a strategic patch) */
    bool but_spec; /* nobody has changed what is wanted: that is not looked at */
    struct strbuf where;
    const struct json_node *now; /* there */
};

static bool has(struct comparing *c, const struct json_node *patch, const struct json_node *now);

static const struct json_node *named(const struct json_node *list, const char *name)
{
    const struct json_node *e = json_node_first(list);
    while (e && strcmp(json_node_path_text(e, "name", ""), name) != 0)
        e = json_node_next(e);
    return e;
}

/* Elements without names are one value with all the others. */
static bool has_list(struct comparing *c, const struct json_node *patch,
                     const struct json_node *now)
{
    const struct json_node *e = json_node_first(patch);
    const size_t before = c->where.len;
    bool names = c->by_name && e;
    for (; names && e; e = json_node_next(e))
        names = json_node_path_text(e, "name", NULL) != NULL;
    if (!names)
        return json_node_same(patch, now);
    for (e = json_node_first(patch); e; e = json_node_next(e)) {
        const char *name = json_node_path_text(e, "name", "");
        strbuf_addf(&c->where, "[%s]", name);
        if (!has(c, e, named(now, name)))
            return false;
        strbuf_truncate(&c->where, before);
    }
    return true;
}

/* What the server does not write where it is false, or says how a patch is meant, is no difference. */
static bool has_value(struct comparing *c, const struct json_node *patch,
                      const struct json_node *now)
{
    enum json_type type = json_node_type(patch);
    bool none = json_node_type(now) == JSON_NONE || json_node_type(now) == JSON_NULL;
    c->now = now;
    return type == JSON_OBJECT  ? has(c, patch, now)
           : type == JSON_NULL  ? none
           : type == JSON_FALSE ? none || json_node_type(now) == JSON_FALSE
           : type == JSON_ARRAY ? has_list(c, patch, now)
                                : json_node_same(patch, now);
}

static bool has(struct comparing *c, const struct json_node *patch, const struct json_node *now)
{
    const struct json_node *m = json_node_first(patch);
    const size_t before = c->where.len;
    for (; m; m = json_node_next(m)) {
        const char *key = json_node_key(m);
        if (!key || key[0] == '$' || strcmp(key, "resourceVersion") == 0 ||
            (!before && c->but_spec && strcmp(key, "spec") == 0))
            continue;
        strbuf_addf(&c->where, "%s%s", before ? "." : "", key);
        if (!has_value(c, m, json_node_get(now, key)))
            return false;
        strbuf_truncate(&c->where, before);
    }
    return true;
}

/* ---- Whether it is still this run's. */

static struct deed deed_of(const struct audit_step *s)
{
    return (struct deed){.system = s->system,
                         .at = s->at,
                         .as = s->as,
                         .with = s->with,
                         .secrets = s->secrets,
                         .method = s->method,
                         .path = s->path,
                         .media = s->media ? s->media : "",
                         .body = s->body ? s->body : "",
                         .generation = -1};
}

static bool has_patch(struct comparing *c, const char *patch, bool but_spec,
                      const struct json_node *object)
{
    struct err why;
    struct json_doc *doc = json_doc_parse(span_from(patch), "the audit log's patch", &why);
    c->but_spec = but_spec;
    strbuf_truncate(&c->where, 0);
    bool ok = doc && has(c, json_doc_root(doc), object);
    json_doc_free(doc);
    return ok;
}

static void add_value(const struct json_node *v, struct strbuf *out)
{
    int64_t n;
    const char *text = json_node_text(v);
    if (text)
        strbuf_addf(out, " is %.*s", SHOWN_MAX, text);
    else if (json_node_int(v, &n))
        strbuf_addf(out, " is %lld", (long long)n);
    else
        strbuf_adds(out, json_node_type(v) == JSON_NONE ? " is not there" : " is another");
}

enum whose { OURS, BACK_ALREADY, GONE, THEIRS };

/* What takes it back is the step once more, a refresh: nothing of others' is written over by it, and
 * where no answer came it may never have been done. */
static bool is_sent_again(const struct audit_step *s)
{
    return s->set && s->body && strcmp(s->set, s->body) == 0;
}

/* Whose what the step has changed is now. A patch of the API server is compared with what the object
 * has; what the server writes in another form than it was sent is told by the generation, which counts
 * changes of the spec. Other systems refuse by themselves (Vault: check-and-set), or cannot tell.
 * *version: of the object, appended; nothing is where there is none to compare. */
static bool whose_is_it(struct target *t, const struct audit_step *s, enum whose *whose,
                        struct strbuf *version, struct err *err)
{
    struct json_doc *doc;
    *whose = OURS;
    if (!s->set)
        return true;
    if (!target_get(t, s->path, &doc, err))
        return false;
    const struct json_node *object = json_doc_root(doc);
    struct comparing c = {.by_name = strcmp(s->media ? s->media : "", STRATEGIC_PATCH) == 0,
                          .where = STRBUF_INIT(WHERE_MAX)};
    int64_t now = 0;
    if (!json_node_int(json_node_path(object, "metadata.generation"), &now))
        now = 0;
    if (!doc)
        *whose = GONE;
    else if (has_patch(&c, s->body ? s->body : "{}", now && now == s->planned, object))
        *whose = BACK_ALREADY;
    else if (!has_patch(&c, s->set, now && now == s->came, object) && !is_sent_again(s))
        *whose = THEIRS;
    if (*whose == THEIRS) {
        struct strbuf says = STRBUF_INIT(WHERE_MAX);
        if (!strstr(s->path, "/secrets/"))
            add_value(c.now, &says);
        (void)err_set(err, ERR_CONFLICT,
                      "\"%s\": somebody has changed it since, %s%s, which this run had set "
                      "otherwise; binnacle do --undo --anyway takes it back all the same",
                      s->title, strbuf_cstr(&c.where), strbuf_cstr(&says));
        strbuf_clear(&says);
    }
    strbuf_adds(version, json_node_path_text(object, "metadata.resourceVersion", ""));
    strbuf_clear(&c.where);
    json_doc_free_wiped(doc);
    return true;
}

/* The patch with the version it is for: who comes in between is not written over. */
static bool for_version(const char *body, const char *version, struct strbuf *out)
{
    static const char member[] = "\"resourceVersion\":", begins[] = "{\"metadata\":{";
    struct json_out j;
    struct err why;
    struct json_doc *doc = json_doc_parse(span_from(body), "the audit log's patch", &why);
    const struct json_node *metadata = json_node_get(json_doc_root(doc), "metadata");
    const bool first = strncmp(body, begins, strlen(begins)) == 0;
    const bool can = doc && version[0] && (first || !metadata) && body[0] == '{';
    const bool alone =
        can && (first ? !json_node_count(metadata) : !json_node_count(json_doc_root(doc)));
    json_doc_free_wiped(doc);
    if (!can)
        return false;
    strbuf_addf(out, "%s%s", begins, member);
    json_out_init(&j, out, 0);
    json_cstr(&j, version);
    strbuf_addf(out, "%s%s%s", first ? "" : "}", alone ? "" : ",",
                body + (first ? strlen(begins) : 1));
    return !out->failed;
}

/* ---- One of them. */

struct taking {
    struct running *r;
    const struct audit_step *s;
    bool gone; /* what was to be taken back is not there */
};

static bool send_for_version(struct taking *k, const char *version, struct err *err)
{
    struct deed d = deed_of(k->s);
    struct strbuf body = STRBUF_INIT(TEXT_MAX);
    if (for_version(d.body, version, &body))
        d.body = strbuf_cstr(&body);
    bool ok = target_do(k->r->o->target, &d, false, NULL, err);
    strbuf_clear(&body);
    k->gone = !ok && err->kind == ERR_NOTFOUND;
    return ok || k->gone;
}

static bool send_back(struct taking *k, struct err *err)
{
    bool ok = false, again = true;
    for (int i = 0; again && i < CONFLICTS; i++) {
        struct strbuf version = STRBUF_INIT(256);
        enum whose whose = OURS;
        err_clear(err);
        again = k->gone = false;
        ok = k->r->o->anyway || whose_is_it(k->r->o->target, k->s, &whose, &version, err);
        k->gone = ok && whose == GONE;
        ok = ok && whose != THEIRS;
        if (ok && whose == OURS) {
            ok = send_for_version(k, strbuf_cstr(&version), err);
            again = !ok && version.len && err->kind == ERR_CONFLICT;
        }
        strbuf_clear(&version);
    }
    return ok;
}

static bool await_rollout(struct taking *k, struct err *err)
{
    struct step step = {.title = k->s->title,
                        .await_path = k->s->path,
                        .await = rollout_await,
                        .await_s = ROLLOUT_S};
    k->r->step = &step;
    bool ok = run_await(k->r, err);
    k->r->step = NULL;
    return ok;
}

static bool note(const struct running *r, enum audit_event event, const char *title,
                 const char *says, struct err *err)
{
    const struct audit_line line = {
        .event = event, .run = r->id, .target = r->o->target, .title = title, .says = says};
    return audit_write(r->o->audit, &line, err);
}

static bool take_back_step(struct taking *k, struct err *err)
{
    const char *title = k->s->title;
    struct err why;
    err_clear(&why);
    if (!note(k->r, AUDIT_UNDO, title, NULL, err))
        return false;
    const int64_t begun = run_tell_begun(k->r, RUN_UNDO, title);
    if (!send_back(k, &why) || (k->s->rolls && !k->gone && !await_rollout(k, &why))) {
        run_tell(k->r, RUN_FAILED, title, why.msg);
        return err_code(err, why.kind, why.code, "taking back \"%s\": %s", title, why.msg);
    }
    run_tell_ended(k->r, RUN_UNDONE, title, begun);
    return note(k->r, AUDIT_UNDONE, title, NULL, err);
}

/* ---- All of them. */

/* Before the first: what somebody else has changed leaves all of it as it is. */
static bool are_ours(const struct run_options *o, const struct audit_run *run, struct err *err)
{
    bool ok = true;
    for (size_t i = run->count; ok && !o->anyway && i-- > 0;) {
        struct strbuf version = STRBUF_INIT(256);
        enum whose whose;
        if (undo_fate(run, i) == UNDO_TAKE)
            ok = whose_is_it(o->target, &run->steps[i], &whose, &version, err) && whose != THEIRS;
        strbuf_clear(&version);
    }
    return ok;
}

bool run_take_back(const struct run_options *o, const struct audit_run *run, struct err *err)
{
    struct running r = {.o = o, .id = run->id};
    if (!audit_hold(o->audit, run->id, err) || !are_ours(o, run, err))
        return false;
    if (o->begun)
        o->begun(o->context, run->id);
    for (size_t i = run->count; i-- > 0;) {
        struct taking k = {.r = &r, .s = &run->steps[i]};
        if (undo_fate(run, i) == UNDO_TAKE && !take_back_step(&k, err))
            return false;
    }
    const bool all = !undo_count(run, UNDO_STAYS) && !undo_count(run, UNDO_LEANED);
    return note(&r, AUDIT_END, NULL, all ? "undone" : AUDIT_UNDONE_PARTLY, err);
}
