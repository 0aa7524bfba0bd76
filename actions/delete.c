/* delete: any object, with what goes with it, until it is gone. */
#include <config.h>

#include "actions/related.h"

#include <string.h>

#define SHOWN_MAX 40 /* of what goes with it, a line each */

static const struct field fields[] = {
    OBJECT_FIELDS,
    {"propagation", FIELD_CHOICE, "background|foreground|orphan", "background",
     "what it owns goes after it, before it, or stays"},
    {NULL},
};

static void add_finalizers(const struct json_node *object, struct strbuf *out)
{
    const struct json_node *f = json_node_first(json_node_path(object, "metadata.finalizers"));
    for (const char *between = ""; f; f = json_node_next(f), between = ", ")
        strbuf_addf(out, "%s%s", between, json_node_text(f) ? json_node_text(f) : "");
}

/* step->former: its uid. One of the same name that came after is another. */
static enum awaiting look(BN_UNUSED struct target *t, const struct step *step,
                          const struct json_node *object, struct strbuf *says)
{
    struct strbuf held = STRBUF_INIT(512);
    if (strcmp(json_node_path_text(object, "metadata.uid", ""), step->former) != 0)
        return AWAIT_DONE;
    add_finalizers(object, &held);
    if (!json_node_path(object, "metadata.deletionTimestamp"))
        strbuf_adds(says, "it is still there");
    else if (held.len)
        strbuf_addf(says, "it is held by finalizers: %s; their controllers take them off",
                    strbuf_cstr(&held));
    else
        strbuf_adds(says, "it is ending");
    strbuf_clear(&held);
    return AWAIT_MORE;
}

/* ---- Volumes. */

#define CLAIM      "PersistentVolumeClaim"
#define CLAIMS_MAX 16 /* whose volumes are looked at */

static struct json_doc *read_one(struct target *t, const struct kube_resource *r, const char *ns,
                                 const char *name)
{
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX);
    struct json_doc *doc;
    struct err none;
    kube_path(&path, r, ns, name, NULL);
    const bool ok = target_get(t, strbuf_cstr(&path), &doc, &none);
    strbuf_clear(&path);
    return ok ? doc : NULL;
}

/* claim: "NS/NAME". What becomes of its volume: "Delete", "Retain", or "" where it cannot be read. */
static const char *policy_of(struct target *t, struct plan *p, const char *claim)
{
    static const struct kube_resource claims = {"", "v1", "persistentvolumeclaims"},
                                      volumes = {"", "v1", "persistentvolumes"};
    struct span rest = span_from(claim), ns;
    (void)span_split(&rest, '/', &ns);
    struct json_doc *c = read_one(t, &claims, plan_text(p, "%.*s", SPAN_ARG(ns)),
                                  plan_text(p, "%.*s", SPAN_ARG(rest)));
    const char *volume = json_node_path_text(json_doc_root(c), "spec.volumeName", "");
    struct json_doc *v = volume[0] ? read_one(t, &volumes, NULL, volume) : NULL;
    const char *policy = plan_text(
        p, "%s", json_node_path_text(json_doc_root(v), "spec.persistentVolumeReclaimPolicy", ""));
    json_doc_free(v);
    json_doc_free(c);
    return policy;
}

/* What is on the volumes of claims that go: lost, left, or not known. */
static void warn_volumes(struct target *t, struct plan *p, const char *const *claims, size_t n)
{
    const char *lost = "", *kept = "", *unknown = "";
    for (size_t i = 0; i < n && i < CLAIMS_MAX; i++) {
        const char *policy = policy_of(t, p, claims[i]);
        const char **to = strcmp(policy, "Delete") == 0   ? &lost
                          : strcmp(policy, "Retain") == 0 ? &kept
                                                          : &unknown;
        *to = plan_text(p, "%s%s%s", *to, (*to)[0] ? ", " : "", claims[i]);
    }
    if (n > CLAIMS_MAX)
        unknown = plan_text(p, "%s%s%zu more", unknown, unknown[0] ? ", " : "", n - CLAIMS_MAX);
    if (lost[0])
        plan_warn(p,
                  plan_text(p, "what is on the volume is lost (reclaim policy Delete): %s", lost));
    if (kept[0])
        plan_warn(p, plan_text(p,
                               "the volume stays with what is on it, for nobody until it is bound "
                               "again by hand (reclaim policy Retain): %s",
                               kept));
    if (unknown[0])
        plan_warn(p, plan_text(p,
                               "what is on the volume is lost where its reclaim policy is Delete: "
                               "%s",
                               unknown));
}

/* ---- What goes with it. */

struct owned {
    struct plan *plan;
    bool stays;
    size_t count;
    const char *claims[CLAIMS_MAX]; /* "NS/NAME" */
    size_t nclaims;
};

static void add_owned(void *context, const char *name)
{
    struct owned *w = context;
    if (!w->stays && strncmp(name, CLAIM " ", strlen(CLAIM " ")) == 0 && w->nclaims++ < CLAIMS_MAX)
        w->claims[w->nclaims - 1] = name + strlen(CLAIM " ");
    if (w->count++ < SHOWN_MAX)
        (void)plan_step(w->plan, w->stays ? '=' : '-',
                        plan_text(w->plan, "%s %s", name,
                                  w->stays ? "stays, without an owner" : "goes with it"));
}

static void warn(struct target *t, struct plan *p, const struct kube_object *o)
{
    struct strbuf held = STRBUF_INIT(512);
    size_t users;
    const char *named = related_users(t, p, o, &users);
    add_finalizers(o->root, &held);
    if (held.len)
        plan_warn(p, plan_text(p, "it is not gone before its finalizers are taken off: %s",
                               strbuf_cstr(&held)));
    if (users)
        plan_warn(p, plan_text(p, "named by %zu that fail without it: %s", users, named));
    if (strcmp(o->kind, "CustomResourceDefinition") == 0)
        plan_warn(p, plan_text(p, "all objects of %s go with it, in every namespace",
                               kube_text(o, "spec.names.plural")));
    kube_warn_owner(t, p, o, "it");
    strbuf_clear(&held);
}

static void add_deed(struct target *t, struct plan *p, const struct kube_object *o,
                     const char *policy, struct step *s)
{
    const char *word = strcmp(policy, "orphan") == 0       ? "Orphan"
                       : strcmp(policy, "foreground") == 0 ? "Foreground"
                                                           : "Background";
    s->former = plan_text(p, "%s", kube_text(o, "metadata.uid"));
    s->shell =
        plan_text(p, "%s delete %s --cascade=%s", kubectl(p, t, o->ns), kube_word(p, o), policy);
    s->deed =
        kube_delete(p, o->path,
                    plan_text(p, "\"propagationPolicy\":\"%s\",\"preconditions\":{\"uid\":\"%s\"}",
                              word, s->former));
    s->undo_title = "none: it is gone for good";
    s->await_path = o->path;
    s->await = look;
    s->ends = true;
    s->await_s = 300;
}

static bool add_steps(struct target *t, const struct answers *in, struct plan *p,
                      const struct kube_object *o, struct err *err)
{
    const char *policy = answers_get(in, "propagation");
    struct owned w = {.plan = p, .stays = strcmp(policy, "orphan") == 0};
    size_t unread;
    bool ending = json_node_path(o->root, "metadata.deletionTimestamp") != NULL;
    struct step *s = plan_step(p, ending ? '=' : '-', plan_text(p, "Delete %s", kube_name(p, o)));
    add_deed(t, p, o, policy, s);
    if (ending)
        s->deed.method = NULL;
    if (!related_owned(t, p, o, add_owned, &w, &unread, err))
        return false;
    if (strcmp(o->kind, CLAIM) == 0) {
        w.claims[0] = plan_text(p, "%s/%s", o->ns, o->name);
        w.nclaims = 1;
    }
    warn_volumes(t, p, w.claims, w.nclaims);
    if (w.count > SHOWN_MAX)
        plan_warn(p, plan_text(p, "%zu more are its own", w.count - SHOWN_MAX));
    if (unread)
        plan_warn(p, plan_text(p,
                               "%zu kinds could not be listed: what of them is its own is "
                               "not known",
                               unread));
    warn(t, p, o);
    return true;
}

static bool plan(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    struct kube_object o;
    bool ok = kube_any(t, p, in, &o, err) && kube_look(t, p, &o, err);
    if (!ok)
        return false;
    if (kube_is_meant(&o, in))
        ok = add_steps(t, in, p, &o, err);
    else if (in->again)
        (void)plan_step(p, '=', plan_text(p, "Delete %s", kube_name(p, &o)));
    else
        ok = err_set(err, ERR_NOTFOUND, "%s is not there", kube_name(p, &o));
    kube_object_clear(&o);
    return ok;
}

const struct action action_delete = {
    .name = "delete",
    .title = "Delete an object",
    .help = "any object, with what it owns, followed until it is gone",
    .risk = RISK_DESTROY,
    .kind = KIND_ANY,
    .fields = fields,
    .plan = plan,
};
