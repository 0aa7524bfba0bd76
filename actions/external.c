/* ExternalSecrets [external-secrets.io v0.16 api/externalsecret, provider/hashicorp-vault]. */
#include <config.h>

#include "actions/external.h"

#include "actions/secrets.h"
#include "base/json_out.h"
#include "net/base64.h"

#include <stdio.h>
#include <string.h>

#define REFRESH  "1h"
#define TEXT_MAX ((size_t)64 << 10)
#define AWAIT_S  90

static const struct kube_resource externals = {"external-secrets.io", "v1", "externalsecrets"},
                                  cluster_stores = {"external-secrets.io", "v1",
                                                    "clustersecretstores"},
                                  stores = {"external-secrets.io", "v1", "secretstores"},
                                  secrets = {"", "v1", "secrets"};

/* ---- Stores. */

struct choice {
    struct plan *plan;
    const char *kind, *name; /* asked for; "": any */
    struct store_ref found;
    size_t count;
    const char *why;     /* the last one that was asked for cannot be taken */
    struct strbuf names; /* those that could be meant */
};

static bool is_ready(const struct json_node *store)
{
    const struct json_node *ready = kube_condition(store, "Ready");
    return strcmp(json_node_path_text(ready, "status", ""), "True") == 0;
}

static void consider(struct choice *c, const char *kind, const struct json_node *store)
{
    const char *name = json_node_path_text(store, "metadata.name", "");
    const struct json_node *vault = json_node_path(store, "spec.provider.vault");
    if ((c->kind[0] && strcmp(c->kind, kind) != 0) || (c->name[0] && strcmp(c->name, name) != 0))
        return;
    const char *why = !vault ? "is no store of Vault"
                      : strcmp(json_node_path_text(vault, "version", "v2"), "v2") != 0
                          ? "reads a KV engine of version 1, which has no check-and-set"
                      : !is_ready(store) ? "is not ready"
                                         : NULL;
    if (why) {
        c->why = why;
        return;
    }
    strbuf_addf(&c->names, "%s%s/%s", c->names.len ? ", " : "", kind, name);
    c->count++;
    c->found = (struct store_ref){
        .kind = kind,
        .name = plan_text(c->plan, "%s", name),
        .mount = plan_text(c->plan, "%s", json_node_path_text(vault, "path", ""))};
}

static bool look_at_all(struct target *t, struct choice *c, const char *kind,
                        const struct kube_resource *r, const char *ns, struct err *err)
{
    struct json_doc *doc;
    const struct json_node *i;
    if (!target_list(t, r, ns, NULL, &doc, &i, err))
        return err_wrap(err, "which %s there are", kind);
    for (; i; i = json_node_next(i))
        consider(c, kind, i);
    json_doc_free(doc);
    return true;
}

bool external_store(struct target *t, struct plan *p, const char *ns, const char *asked,
                    struct store_ref *out, struct err *err)
{
    const char *slash = strchr(asked, '/');
    struct choice c = {.plan = p,
                       .kind = slash ? plan_text(p, "%.*s", (int)(slash - asked), asked) : "",
                       .name = slash ? slash + 1 : asked,
                       .names = STRBUF_INIT(4096)};
    bool ok = look_at_all(t, &c, "ClusterSecretStore", &cluster_stores, "", err) &&
              look_at_all(t, &c, "SecretStore", &stores, ns, err);
    if (ok && c.count != 1)
        ok = c.count
                 ? err_set(err, ERR_CONFIG, "--store: which? there is %s", strbuf_cstr(&c.names))
             : c.why && *asked ? err_set(err, ERR_CONFIG, "--store %s: it %s", asked, c.why)
             : *asked          ? err_set(err, ERR_NOTFOUND, "--store %s: it is not there", asked)
                               : err_set(err, ERR_NOTFOUND,
                                         "no SecretStore or ClusterSecretStore of Vault is there and "
                                                  "ready");
    *out = c.found;
    strbuf_clear(&c.names);
    return ok;
}

/* ---- What it is to be. */

static void add(struct json_out *j, const char *key, const char *text)
{
    json_key(j, key);
    json_cstr(j, text);
}

static void begin(struct json_out *j, const char *key)
{
    json_key(j, key);
    json_object(j);
}

static void write_data(struct json_out *j, const struct external *e)
{
    json_key(j, "data");
    json_array(j);
    for (const char *const *m = e->members; *m; m++) {
        json_object(j);
        add(j, "secretKey", *m);
        begin(j, "remoteRef");
        add(j, "key", e->key);
        add(j, "property", *m);
        json_object_end(j);
        json_object_end(j);
    }
    json_array_end(j);
}

static const char *manifest(struct plan *p, const struct external *e)
{
    struct strbuf text = STRBUF_INIT(TEXT_MAX);
    struct json_out j;
    json_out_init(&j, &text, 0);
    json_object(&j);
    add(&j, "apiVersion", "external-secrets.io/v1");
    add(&j, "kind", "ExternalSecret");
    begin(&j, "metadata");
    add(&j, "name", e->name);
    add(&j, "namespace", e->ns);
    json_object_end(&j);
    begin(&j, "spec");
    add(&j, "refreshInterval", REFRESH);
    begin(&j, "secretStoreRef");
    add(&j, "kind", e->store.kind);
    add(&j, "name", e->store.name);
    json_object_end(&j);
    begin(&j, "target");
    add(&j, "name", e->name);
    add(&j, "creationPolicy", "Owner");
    json_object_end(&j);
    write_data(&j, e);
    json_object_end(&j);
    json_object_end(&j);
    const char *body = plan_text(p, "%s", strbuf_cstr(&text));
    strbuf_clear(&text);
    return body;
}

/* ---- What it is. */

/* The entry that fills a key of the Secret. */
static const struct json_node *entry_of(const struct json_node *root, const char *key)
{
    const struct json_node *d = json_node_first(json_node_path(root, "spec.data"));
    while (d && strcmp(json_node_path_text(d, "secretKey", ""), key) != 0)
        d = json_node_next(d);
    return d;
}

/* The path of what is other than wanted, and what it is there; NULL: nothing. */
static const char *difference(struct plan *p, const struct kube_object *o, const struct external *e)
{
    const char *const texts[][2] = {{"spec.secretStoreRef.kind", e->store.kind},
                                    {"spec.secretStoreRef.name", e->store.name},
                                    {"spec.target.name", e->name}};
    for (size_t i = 0; i < BN_COUNT(texts); i++) {
        const char *fallback = i == 0 ? "SecretStore" : i == 2 ? o->name : "";
        const char *has = json_node_path_text(o->root, texts[i][0], fallback);
        if (strcmp(has, texts[i][1]) != 0)
            return plan_text(p, "%s is %s, not %s", texts[i][0], has, texts[i][1]);
    }
    for (const char *const *m = e->members; *m; m++) {
        const struct json_node *d = entry_of(o->root, *m);
        if (!d)
            return plan_text(p, "it makes no key %s", *m);
        if (strcmp(json_node_path_text(d, "remoteRef.key", ""), e->key) != 0 ||
            strcmp(json_node_path_text(d, "remoteRef.property", ""), *m) != 0)
            return plan_text(p, "its key %s is %s of %s, not of %s", *m,
                             json_node_path_text(d, "remoteRef.property", "all"),
                             json_node_path_text(d, "remoteRef.key", "?"), e->key);
    }
    return NULL;
}

/* ---- Its Secret. */

static bool has_value(struct target *t, const struct json_node *data, const char *name)
{
    struct strbuf wanted = STRBUF_INIT(TEXT_MAX), has = STRBUF_INIT(TEXT_MAX);
    const char *packed = json_node_text(json_node_get(data, "password"));
    struct err why;
    bool same = packed && base64_decode(span_from(packed), &has) &&
                secrets_get(t, name, &wanted, &why) &&
                span_eq(strbuf_span(&has), strbuf_span(&wanted));
    strbuf_wipe(&wanted);
    strbuf_wipe(&has);
    return same;
}

/* "host port ... SECRET-NAME": step->former. */
static enum awaiting look_at_secret(struct target *t, const struct step *step,
                                    const struct json_node *secret, struct strbuf *says)
{
    const struct json_node *data = json_node_get(secret, "data");
    struct span rest = span_from(step->former), word;
    while (span_split(&rest, ' ', &word) && rest.data) {
        char key[64];
        (void)snprintf(key, sizeof(key), "%.*s", SPAN_ARG(word));
        if (json_node_get(data, key))
            continue;
        strbuf_addf(says, "the Secret has no key %s yet", key);
        return AWAIT_MORE;
    }
    if (has_value(t, data, word.data))
        return AWAIT_DONE;
    strbuf_adds(says, "the Secret's password is not yet Vault's");
    return AWAIT_MORE;
}

static enum awaiting look(struct target *t, const struct step *step, const struct json_node *object,
                          struct strbuf *says)
{
    const struct json_node *ready = kube_condition(object, "Ready");
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX);
    struct json_doc *doc;
    struct err why;
    if (ready && strcmp(json_node_path_text(ready, "status", ""), "True") != 0) {
        strbuf_addf(says, "%s: %s", json_node_path_text(ready, "reason", ""),
                    json_node_path_text(ready, "message", ""));
        return AWAIT_MORE;
    }
    kube_path(&path, &secrets, json_node_path_text(object, "metadata.namespace", ""),
              json_node_path_text(object, "spec.target.name",
                                  json_node_path_text(object, "metadata.name", "")),
              NULL);
    bool asked = target_get(t, strbuf_cstr(&path), &doc, &why);
    strbuf_clear(&path);
    enum awaiting a = AWAIT_MORE;
    if (!asked)
        strbuf_adds(says, why.msg);
    else if (!doc)
        strbuf_adds(says, "its Secret is not there yet");
    else
        a = look_at_secret(t, step, json_doc_root(doc), says);
    json_doc_free_wiped(doc);
    return a;
}

/* ---- Steps. */

static const char *former(struct plan *p, const struct external *e)
{
    struct strbuf words = STRBUF_INIT(4096);
    for (const char *const *m = e->members; *m; m++)
        strbuf_addf(&words, "%s ", *m);
    const char *text = plan_text(p, "%s%s", strbuf_cstr(&words), e->secret);
    strbuf_clear(&words);
    return text;
}

bool external_step(struct target *t, struct plan *p, const struct external *e, struct err *err)
{
    struct kube_object o = {
        .resource = &externals, .kind = "ExternalSecret", .ns = e->ns, .name = e->name};
    struct kube_object s = {.resource = &secrets, .kind = "Secret", .ns = e->ns, .name = e->name};
    if (!kube_look(t, p, &o, err))
        return false;
    const char *other = o.doc ? difference(p, &o, e) : NULL;
    bool there = o.doc != NULL;
    kube_object_clear(&o);
    if (other)
        return err_set(err, ERR_CONFLICT, "%s is there and differs: %s", kube_name(p, &o), other);
    if (!there && !kube_look(t, p, &s, err))
        return false;
    bool taken = s.doc != NULL;
    json_doc_free_wiped(s.doc);
    if (taken)
        return err_set(err, ERR_CONFLICT, "%s is there, and no ExternalSecret of its name",
                       kube_name(p, &s));
    struct step *step = plan_step(p, there ? '=' : '+',
                                  plan_text(p, "%s of %s, from %s %s", kube_name(p, &o), e->key,
                                            e->store.kind, e->store.name));
    step->await_path = o.path;
    step->await = look;
    step->wait_for = "condition=Ready";
    step->await_s = AWAIT_S;
    step->former = former(p, e);
    if (there)
        return true;
    step->deed = kube_create(p, &externals, e->ns, manifest(p, e));
    step->undo = kube_delete(p, o.path, CASCADE);
    step->undo_title = "delete it, and with it its Secret";
    return true;
}

bool external_remove(struct target *t, struct plan *p, const struct external *e, bool will_be,
                     struct err *err)
{
    struct kube_object o = {
        .resource = &externals, .kind = "ExternalSecret", .ns = e->ns, .name = e->name};
    if (!kube_look(t, p, &o, err))
        return false;
    bool there = o.doc != NULL;
    kube_object_clear(&o);
    if (!there && !will_be)
        return true;
    struct step *step = plan_step(p, '-', plan_text(p, "Delete %s again", kube_name(p, &o)));
    step->undo_title = "it stays away: it served this run alone";
    step->undo = kube_delete(p, o.path, CASCADE);
    step->await_path = o.path;
    step->await = kube_await_gone;
    step->ends = true;
    step->deed = kube_delete(p, o.path, CASCADE);
    return true;
}
