/* undo-rollout: a workload's template of before, as `kubectl rollout undo` sets it
 * [kubectl pkg/polymorphichelpers/rollback.go]: of a Deployment its replica sets have them, of a
 * StatefulSet or DaemonSet ControllerRevisions. */
#include <config.h>

#include "actions/stops.h"
#include "base/json_out.h"
#include "base/timetext.h"
#include "net/json.h"

#include <stdlib.h>
#include <string.h>

#define REVISION "deployment.kubernetes.io/revision"
#define HISTORY  "deployment.kubernetes.io/revision-history"
#define CAUSE    "kubernetes.io/change-cause"
/* Which run has rolled it back: going on with one must not roll it forward again. */
#define STAMP         "binnacle/rolled-back-at"
#define HASH          "pod-template-hash"
#define REVISIONS_MAX 64
#define SHOWN_MAX     10
#define TEMPLATE_MAX  ((size_t)256 << 10)

static const struct field fields[] = {
    {"kind", FIELD_CHOICE, "deployment|statefulset|daemonset", "deployment", "what it is", "type"},
    {"name", FIELD_NAME, NULL, NULL, "its name", "name"},
    {"namespace", FIELD_NAME, NULL, NULL, "its namespace", "namespace"},
    {"revision", FIELD_COUNT, NULL, "", "the one to go back to; left out: the one before"},
    {NULL},
};

static const struct kube_resource sets = {"apps", "v1", "replicasets"};
static const struct kube_resource revisions = {"apps", "v1", "controllerrevisions"};

/* Texts are the plan's. */
struct revision {
    int64_t number;
    const char *path, *images, *cause;
    const char *history; /* numbers that it had before, joined by commas */
    bool now;            /* the workload wants it already */
};

struct past {
    struct plan *plan;
    const struct kube_object *workload;
    bool deployment;
    struct revision list[REVISIONS_MAX];
    size_t count;
};

/* ---- Reading. */

static const char *images_of(struct plan *p, const struct json_node *template)
{
    const struct json_node *c = json_node_first(json_node_path(template, "spec.containers"));
    const char *all = "";
    for (; c; c = json_node_next(c))
        all = plan_text(p, "%s%s%s=%s", all, all[0] ? ", " : "", json_node_path_text(c, "name", ""),
                        json_node_path_text(c, "image", ""));
    return all;
}

/* All labels but the hash that a Deployment's controller adds. */
static bool same_labels(const struct json_node *a, const struct json_node *b)
{
    size_t hashes = json_node_get(a, HASH) != NULL;
    const struct json_node *n = json_node_first(a);
    for (; n; n = json_node_next(n))
        if (strcmp(json_node_key(n), HASH) != 0 &&
            !json_node_same(n, json_node_get(b, json_node_key(n))))
            return false;
    return json_node_count(a) - hashes == json_node_count(b);
}

static bool same_template(const struct json_node *a, const struct json_node *b)
{
    return json_node_same(json_node_get(a, "spec"), json_node_get(b, "spec")) &&
           same_labels(json_node_path(a, "metadata.labels"),
                       json_node_path(b, "metadata.labels")) &&
           json_node_same(json_node_path(a, "metadata.annotations"),
                          json_node_path(b, "metadata.annotations"));
}

static void add_revision(struct past *h, const struct json_node *item)
{
    const char *uid = json_node_path_text(kube_controller(item), "uid", "");
    const struct json_node *template =
        json_node_path(item, h->deployment ? "spec.template" : "data.spec.template");
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX);
    if (h->count == REVISIONS_MAX || strcmp(uid, kube_text(h->workload, "metadata.uid")) != 0)
        return;
    struct revision *r = &h->list[h->count];
    *r = (struct revision){
        .number = strtoll(kube_annotation(item, REVISION), NULL, 10),
        .images = images_of(h->plan, template),
        .cause = plan_text(h->plan, "%s", kube_annotation(item, CAUSE)),
        .history = plan_text(h->plan, "%s", kube_annotation(item, HISTORY)),
        .now = same_template(template, json_node_path(h->workload->root, "spec.template")),
    };
    if (!h->deployment && !json_node_int(json_node_get(item, "revision"), &r->number))
        r->number = 0;
    kube_path(&path, h->deployment ? &sets : &revisions, h->workload->ns,
              json_node_path_text(item, "metadata.name", ""), NULL);
    r->path = plan_text(h->plan, "%s", strbuf_cstr(&path));
    strbuf_clear(&path);
    h->count += r->number > 0;
}

static int newest_first(const void *a, const void *b)
{
    const struct revision *x = a, *y = b;
    return x->number < y->number ? 1 : x->number > y->number ? -1 : 0;
}

static bool read_past(struct target *t, struct past *h, struct err *err)
{
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX);
    struct json_doc *doc;
    kube_path(&path, h->deployment ? &sets : &revisions, h->workload->ns, NULL, NULL);
    bool ok = target_get(t, strbuf_cstr(&path), &doc, err);
    strbuf_clear(&path);
    if (!ok)
        return false;
    const struct json_node *i = json_node_first(json_node_get(json_doc_root(doc), "items"));
    for (; i; i = json_node_next(i))
        add_revision(h, i);
    json_doc_free(doc);
    qsort(h->list, h->count, sizeof(h->list[0]), newest_first);
    return true;
}

static bool had_number(const struct revision *r, const char *number)
{
    struct span rest = span_from(r->history), one;
    while (span_split(&rest, ',', &one))
        if (span_is(one, number))
            return true;
    return r->number == strtoll(number, NULL, 10);
}

/* The one of this number, also where it has another since; none said: the newest that is another. */
static const struct revision *choose(const struct past *h, const char *number)
{
    for (size_t i = 0; i < h->count; i++)
        if (number[0] ? had_number(&h->list[i], number) : !h->list[i].now)
            return &h->list[i];
    return NULL;
}

/* ---- The template as it is to be. */

/* Keys of labels and of metadata have no escapes. */
static void copy_members(struct json_value object, bool labels, struct json_out *j)
{
    struct json_iter it;
    struct json_value key, value;
    json_object(j);
    for (json_iter_init(&it, object); json_next(&it, &key, &value);) {
        if (labels && json_is(key, HASH))
            continue;
        json_key_span(j, key.text);
        if (!labels && json_is(key, "labels"))
            copy_members(value, true, j);
        else
            json_raw(j, json_whole(value));
    }
    json_object_end(j);
}

/* {"$patch":"replace",...}: the whole of it, not merged into what is there. */
static const char *whole_template(struct plan *p, struct json_value template)
{
    struct strbuf text = STRBUF_INIT(TEMPLATE_MAX);
    struct json_out j;
    json_out_init(&j, &text, 0);
    json_object(&j);
    json_key(&j, "$patch");
    json_cstr(&j, "replace");
    json_key(&j, "metadata");
    copy_members(json_member(template, SPAN("metadata")), false, &j);
    json_key(&j, "spec");
    json_raw(&j, json_whole(json_member(template, SPAN("spec"))));
    json_object_end(&j);
    const char *made = text.failed ? NULL : plan_text(p, "%s", strbuf_cstr(&text));
    strbuf_clear(&text);
    return made;
}

static const char *read_template(struct target *t, struct plan *p, const char *path,
                                 const char *where, struct err *err)
{
    struct strbuf text = STRBUF_INIT((size_t)4 << 20);
    const char *made = NULL;
    if (target_text(t, path, &text, err)) {
        struct json_value v = json_path(json_value(strbuf_span(&text)), where);
        made = v.type == JSON_OBJECT ? whole_template(p, v) : NULL;
        if (!made)
            (void)err_set(err, ERR_PROTO, "%s has no template that could be taken", path);
    }
    strbuf_clear(&text);
    return made;
}

/* stamp NULL: back, whatever version it is of. cause: what the template is due to; "": nothing is
 * said. */
static struct deed set_template(struct plan *p, const struct kube_object *o, const char *template,
                                const char *stamp, const char *cause)
{
    struct strbuf text = STRBUF_INIT(TEMPLATE_MAX);
    struct json_out j;
    json_out_init(&j, &text, 0);
    json_object(&j);
    json_key(&j, "metadata");
    json_object(&j);
    if (stamp) {
        json_key(&j, "resourceVersion");
        json_cstr(&j, o->version);
    }
    json_key(&j, "annotations");
    json_object(&j);
    json_key(&j, STAMP);
    json_cstr(&j, stamp);
    if (cause[0] || kube_annotation(o->root, CAUSE)[0]) {
        json_key(&j, CAUSE);
        json_cstr(&j, cause[0] ? cause : NULL);
    }
    json_object_end(&j);
    json_object_end(&j);
    json_key(&j, "spec");
    json_object(&j);
    json_key(&j, "template");
    json_raw(&j, span_from(template));
    json_object_end(&j);
    json_object_end(&j);
    struct deed d = {.method = "PATCH",
                     .path = o->path,
                     .media = STRATEGIC_PATCH,
                     .body = plan_text(p, "%s", strbuf_cstr(&text)),
                     .generation = stamp ? o->generation : -1};
    strbuf_clear(&text);
    return d;
}

/* ---- The plan. */

static void show_past(struct past *h)
{
    for (size_t i = 0; i < h->count && i < SHOWN_MAX; i++) {
        const struct revision *r = &h->list[i];
        plan_note(h->plan,
                  plan_text(h->plan, "Revision %lld%s: %s%s%s", (long long)r->number,
                            r->now ? " (now)" : "", r->images, r->cause[0] ? "; " : "", r->cause));
    }
}

static void follow(struct step *s, const struct kube_object *o)
{
    bool waits = strcmp(kube_text(o, "spec.updateStrategy.type"), "OnDelete") != 0;
    s->await_path = o->path;
    s->await = waits ? rollout_await : NULL;
    s->await_s = 600;
}

static bool add_step(struct target *t, const struct answers *in, struct past *h, struct err *err)
{
    const struct kube_object *o = h->workload;
    struct plan *p = h->plan;
    char stamp[TIMETEXT_MAX];
    time_format(in->at_ms, stamp);
    bool done = in->again && strcmp(kube_annotation(o->root, STAMP), stamp) == 0;
    const char *number = answers_get(in, "revision");
    const struct revision *r = choose(h, number);
    if (!r && !done)
        return err_set(
            err, ERR_NOTFOUND, "%s has no %s%s; it has %zu that are known", kube_name(p, o),
            number[0] ? "revision " : "revision that is another than now", number, h->count);
    struct step *s = plan_step(
        p, done || r->now ? '=' : '~',
        r ? plan_text(p, "Roll %s back to revision %lld", kube_name(p, o), (long long)r->number)
          : plan_text(p, "Roll %s back", kube_name(p, o)));
    follow(s, o);
    if (done || r->now)
        return true;
    const char *to =
        read_template(t, p, r->path, h->deployment ? "spec.template" : "data.spec.template", err);
    const char *was = to ? read_template(t, p, o->path, "spec.template", err) : NULL;
    if (!was)
        return false;
    s->deed = set_template(p, o, to, stamp, r->cause);
    s->undo = set_template(p, o, was, NULL, plan_text(p, "%s", kube_annotation(o->root, CAUSE)));
    s->undo_title = "roll it forward again to what it wants now";
    s->shell = plan_text(p, "%s rollout undo %s/%s --to-revision=%lld", kubectl(p, t, o->ns),
                         answers_get(in, "kind"), o->name, (long long)r->number);
    if (s->await)
        stops_rollout(t, p, o);
    else
        plan_warn(p, "its pods become the ones of before when they are deleted (OnDelete)");
    kube_warn_owner(t, p, o, "the template");
    return true;
}

static bool plan(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    struct kube_object o = {.ns = answers_get(in, "namespace"), .name = answers_get(in, "name")};
    o.resource = kube_workload_of(answers_get(in, "kind"), &o.kind);
    struct past h = {.plan = p, .workload = &o, .deployment = strcmp(o.kind, "Deployment") == 0};
    bool ok = kube_read(t, p, &o, err) && read_past(t, &h, err);
    if (ok && json_node_true(json_node_path(o.root, "spec.paused")))
        ok = err_set(err, ERR_CONFLICT, "%s is paused: nothing is rolled back until it is resumed",
                     kube_name(p, &o));
    ok = ok && add_step(t, in, &h, err);
    if (ok)
        show_past(&h);
    kube_object_clear(&o);
    return ok;
}

const struct action action_rollout_undo = {
    .name = "undo-rollout",
    .title = "Roll a workload back",
    .help = "the pods of a revision before, followed until all are available",
    .risk = RISK_CHANGE,
    .kind = "workload",
    .fields = fields,
    .plan = plan,
};
