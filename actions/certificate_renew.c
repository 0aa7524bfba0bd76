/* renew-certificate: cert-manager issues a certificate anew now, as `cmctl renew` asks for it
 * [cmctl pkg/renew/renew.go; cert-manager pkg/api/util/conditions.go]. */
#include <config.h>

#include "actions/kube.h"
#include "base/timetext.h"
#include "net/json.h"

#include <stdlib.h>
#include <string.h>

static const struct field fields[] = {
    {"name", FIELD_NAME, NULL, NULL, "the Certificate's name", "name"},
    {"namespace", FIELD_NAME, NULL, NULL, "its namespace", "namespace"},
    {NULL},
};

static const struct kube_resource certificates = {"cert-manager.io", "v1", "certificates"};

/* ---- On its way: Certificate, CertificateRequest, Order, Challenge, each owned by the one before. */

static const struct kube_resource requests = {"cert-manager.io", "v1", "certificaterequests"};
static const struct kube_resource orders = {"acme.cert-manager.io", "v1", "orders"};
static const struct kube_resource challenges = {"acme.cert-manager.io", "v1", "challenges"};

/* All of a namespace; NULL: they cannot be read, which is no trouble of the certificate. */
static struct json_doc *read_all(struct target *t, const struct kube_resource *r, const char *ns)
{
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX);
    struct json_doc *doc = NULL;
    struct err err;
    kube_path(&path, r, ns, NULL, NULL);
    if (!target_get(t, strbuf_cstr(&path), &doc, &err))
        doc = NULL;
    strbuf_clear(&path);
    return doc;
}

static const struct json_node *first_item(const struct json_doc *doc)
{
    return json_node_first(json_node_get(json_doc_root(doc), "items"));
}

static bool is_owned_by(const struct json_node *object, const char *kind, const char *name)
{
    const struct json_node *o = json_node_first(json_node_path(object, "metadata.ownerReferences"));
    for (; o; o = json_node_next(o))
        if (strcmp(json_node_path_text(o, "kind", ""), kind) == 0 &&
            strcmp(json_node_path_text(o, "name", ""), name) == 0)
            return true;
    return false;
}

/* What is wrong with it, or what it waits for: "; Order NAME: pending: REASON". */
static void say_state(const char *kind, const char *name, const struct json_node *object,
                      struct strbuf *says)
{
    const char *reason = json_node_path_text(object, "status.reason", "");
    strbuf_addf(says, "; %s %s: %s%s%s", kind, name,
                json_node_path_text(object, "status.state", "not begun"), reason[0] ? ": " : "",
                reason);
}

static void say_challenges(struct target *t, const char *ns, const char *order, struct strbuf *says)
{
    struct json_doc *doc = read_all(t, &challenges, ns);
    for (const struct json_node *c = first_item(doc); c; c = json_node_next(c))
        if (is_owned_by(c, "Order", order))
            say_state("Challenge", json_node_path_text(c, "spec.dnsName", ""), c, says);
    json_doc_free(doc);
}

static void say_orders(struct target *t, const char *ns, const char *request, struct strbuf *says)
{
    struct json_doc *doc = read_all(t, &orders, ns);
    for (const struct json_node *o = first_item(doc); o; o = json_node_next(o)) {
        const char *name = json_node_path_text(o, "metadata.name", "");
        if (!is_owned_by(o, "CertificateRequest", request))
            continue;
        say_state("Order", name, o, says);
        say_challenges(t, ns, name, says);
    }
    json_doc_free(doc);
}

/* Ready, or what stands in its way: Denied, InvalidRequest [cert-manager.io CertificateRequest]. */
static void say_request(const struct json_node *request, struct strbuf *says)
{
    static const char *const types[] = {"Denied", "InvalidRequest", "Ready"};
    strbuf_addf(says, "; CertificateRequest %s", json_node_path_text(request, "metadata.name", ""));
    for (size_t i = 0; i < BN_COUNT(types); i++) {
        const struct json_node *c = kube_condition(request, types[i]);
        if (c && (i == 2 || strcmp(json_node_path_text(c, "status", ""), "True") == 0)) {
            strbuf_addf(says, ": %s: %s", json_node_path_text(c, "reason", ""),
                        json_node_path_text(c, "message", ""));
            return;
        }
    }
}

/* Of the revision that is being made. */
static void say_way(struct target *t, const struct json_node *certificate, struct strbuf *says)
{
    const char *ns = json_node_path_text(certificate, "metadata.namespace", ""),
               *name = json_node_path_text(certificate, "metadata.name", "");
    struct json_doc *doc = read_all(t, &requests, ns);
    int64_t revision = 0;
    (void)!json_node_int(json_node_path(certificate, "status.revision"), &revision);
    for (const struct json_node *r = first_item(doc); r; r = json_node_next(r)) {
        const char *made = kube_annotation(r, "cert-manager.io/certificate-revision");
        if (!is_owned_by(r, "Certificate", name) || strtoll(made, NULL, 10) != revision + 1)
            continue;
        say_request(r, says);
        say_orders(t, ns, json_node_path_text(r, "metadata.name", ""), says);
    }
    json_doc_free(doc);
}

/* ---- To its end: former: "REVISION VERSION", of the certificate and of its Secret before. */

static const char *secret_version(struct target *t, const char *ns, const char *name,
                                  struct strbuf *out)
{
    static const struct kube_resource secrets = {"", "v1", "secrets"};
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX);
    struct json_doc *doc = NULL;
    struct err err;
    kube_path(&path, &secrets, ns, name, NULL);
    if (target_metadata(t, strbuf_cstr(&path), &doc, &err))
        strbuf_adds(out, json_node_path_text(json_doc_root(doc), "metadata.resourceVersion", ""));
    strbuf_clear(&path);
    json_doc_free(doc);
    return strbuf_cstr(out);
}

/* Issued: its revision, until when, and whether its Secret was written. */
static enum awaiting look_issued(struct target *t, const struct step *step,
                                 const struct json_node *object, int64_t revision,
                                 struct strbuf *says)
{
    const char *before = strchr(step->former, ' '),
               *ns = json_node_path_text(object, "metadata.namespace", ""),
               *secret = json_node_path_text(object, "spec.secretName", "");
    struct strbuf version = STRBUF_INIT(256);
    const char *now = secret_version(t, ns, secret, &version);
    bool same = before && before[1] && strcmp(before + 1, now) == 0;
    strbuf_addf(says, "revision %lld, valid until %s; Secret %s/%s %s", (long long)revision,
                json_node_path_text(object, "status.notAfter", "?"), ns, secret,
                same     ? "is as it was"
                : now[0] ? "is written anew"
                         : "may not be looked at");
    strbuf_clear(&version);
    return same ? AWAIT_MORE : AWAIT_DONE;
}

/* Success takes the condition off and counts the revision up; failure leaves it with False. */
static enum awaiting look(struct target *t, const struct step *step, const struct json_node *object,
                          struct strbuf *says)
{
    const struct json_node *issuing = kube_condition(object, "Issuing");
    int64_t revision = 0;
    (void)!json_node_int(json_node_path(object, "status.revision"), &revision);
    if (!issuing && revision > strtoll(step->former, NULL, 10))
        return look_issued(t, step, object, revision, says);
    if (!issuing) {
        strbuf_adds(says, "cert-manager has not begun");
        return AWAIT_MORE;
    }
    strbuf_addf(says, "%s: %s", json_node_path_text(issuing, "reason", ""),
                json_node_path_text(issuing, "message", ""));
    say_way(t, object, says);
    return strcmp(json_node_path_text(issuing, "status", ""), "True") == 0 ? AWAIT_MORE
                                                                           : AWAIT_FAILED;
}

/* ---- Asking for it. */

/* All conditions but Issuing, as JSON with a comma behind each: a merge patch replaces the list. */
static void other_conditions(struct json_value list, struct strbuf *out)
{
    struct json_iter it;
    struct json_value one;
    for (json_iter_init(&it, list); json_next(&it, NULL, &one);) {
        struct span whole = json_iter_whole(&it, one);
        if (json_is(json_member(one, SPAN("type")), "Issuing"))
            continue;
        strbuf_add(out, whole);
        strbuf_addc(out, ',');
    }
}

static bool add_deed(struct target *t, struct plan *p, const struct kube_object *o, struct step *s,
                     struct err *err)
{
    struct strbuf text = STRBUF_INIT((size_t)4 << 20), others = STRBUF_INIT((size_t)1 << 20);
    char now[TIMETEXT_MAX];
    bool ok = target_text(t, o->path, &text, err);
    if (ok) {
        struct json_value status = json_member(json_value(strbuf_span(&text)), SPAN("status"));
        other_conditions(json_member(status, SPAN("conditions")), &others);
        time_format(target_now(t) / 1000 * 1000, now);
        s->deed = kube_patch(
            p, o,
            plan_text(p,
                      "\"status\":{\"conditions\":[%s{\"type\":\"Issuing\",\"status\":\"True\","
                      "\"reason\":\"ManuallyTriggered\",\"message\":\"Certificate re-issuance "
                      "manually triggered\",\"lastTransitionTime\":\"%s\","
                      "\"observedGeneration\":%lld}]}",
                      strbuf_cstr(&others), now, (long long)o->generation),
            true);
        s->deed.path = plan_text(p, "%s/status", o->path);
        s->shell =
            plan_text(p, "cmctl renew --context %s -n %s %s", target_context(t), o->ns, o->name);
    }
    strbuf_clear(&text);
    strbuf_clear(&others);
    return ok;
}

/* again: it has been issued since, and its Secret was not looked at before. */
static const char *before(struct target *t, struct plan *p, const struct kube_object *o, bool again)
{
    struct strbuf version = STRBUF_INIT(256);
    int64_t revision = 0;
    (void)!json_node_int(json_node_path(o->root, "status.revision"), &revision);
    const char *text =
        plan_text(p, "%lld %s", (long long)(again ? revision - 1 : revision),
                  again ? "" : secret_version(t, o->ns, kube_text(o, "spec.secretName"), &version));
    strbuf_clear(&version);
    return text;
}

/* One that is being issued: how far it is, and what it waits for, a line each. */
static void note_way(struct target *t, struct plan *p, const struct kube_object *o)
{
    const struct json_node *issuing = kube_condition(o->root, "Issuing");
    struct strbuf says = STRBUF_INIT(16384);
    struct span rest, one;
    strbuf_addf(&says, "It is being issued: %s: %s", json_node_path_text(issuing, "reason", ""),
                json_node_path_text(issuing, "message", ""));
    say_way(t, o->root, &says);
    for (rest = strbuf_span(&says); span_split(&rest, ';', &one);)
        plan_note(p, plan_text(p, "%.*s", SPAN_ARG(span_trim(one))));
    strbuf_clear(&says);
}

static bool add_step(struct target *t, const struct answers *in, struct plan *p,
                     const struct kube_object *o, struct err *err)
{
    const struct json_node *issuing = kube_condition(o->root, "Issuing");
    bool busy = strcmp(json_node_path_text(issuing, "status", ""), "True") == 0;
    bool again = in->again && kube_time(o->root, "status.notBefore") >= in->at_ms;
    struct step *s =
        plan_step(p, busy || again ? '=' : '~', plan_text(p, "Renew %s", kube_name(p, o)));
    s->undo_title = "none: the new certificate stays";
    s->await_path = o->path;
    s->await = look;
    s->await_s = 1200; /* names have to spread before they are asked for */
    s->former = before(t, p, o, again);
    s->follows = busy;
    if (busy)
        note_way(t, p, o);
    if (busy || again)
        return true;
    plan_warn(p, "an ACME issuer counts it against its limits: 5 of the same names in 7 days at "
                 "Let's Encrypt");
    return add_deed(t, p, o, s, err);
}

static bool plan(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    struct kube_object o = {.resource = &certificates,
                            .kind = "Certificate",
                            .ns = answers_get(in, "namespace"),
                            .name = answers_get(in, "name")};
    bool ok = kube_read(t, p, &o, err) && add_step(t, in, p, &o, err);
    kube_object_clear(&o);
    return ok;
}

const struct action action_certificate_renew = {
    .name = "renew-certificate",
    .title = "Renew a certificate",
    .help = "cert-manager issues it anew now, followed by its request, order and challenges",
    .risk = RISK_CHANGE,
    .kind = "certificate",
    .fields = fields,
    .plan = plan,
};
