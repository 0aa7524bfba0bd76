/* dns-name: the annotation that has external-dns make or remove a name. The zone itself is external-dns'
 * [external-dns v0.14.0 source/source.go, source/traefik_proxy.go, plan/policy.go]. */
#include <config.h>

#include "actions/kube.h"

#include <string.h>

#define PREFIX    "external-dns.alpha.kubernetes.io/"
#define HOSTNAME  PREFIX "hostname"
#define TARGET    PREFIX "target"
#define NAMES_MAX 8 /* of others that want the name */

static const struct field fields[] = {
    OBJECT_FIELDS,
    {"host", FIELD_TEXT, NULL, NULL, "the name: app.example.org, *.example.org"},
    {"remove", FIELD_CHOICE, "no|yes", "no", "take the name off"},
    {"target", FIELD_TEXT, NULL, "",
     "what it leads to, where the object has no address of its own"},
    {NULL},
};

/* Which source of external-dns reads an object of this kind. */
static const struct {
    const char *kind, *source;
} sources[] = {
    {"Service", "service"},
    {"Ingress", "ingress"},
    {"IngressRoute", "traefik-proxy"},
    {"IngressRouteTCP", "traefik-proxy"},
    {"IngressRouteUDP", "traefik-proxy"},
};

static const struct kube_resource wanting[] = {
    {"", "v1", "services"},
    {"networking.k8s.io", "v1", "ingresses"},
    {"traefik.io", "v1alpha1", "ingressroutes"},
    {"externaldns.k8s.io", "v1alpha1", "dnsendpoints"},
};

static const char *source_of(const char *kind)
{
    for (size_t i = 0; i < BN_COUNT(sources); i++)
        if (strcmp(sources[i].kind, kind) == 0)
            return sources[i].source;
    return NULL;
}

static bool is_label(struct span s)
{
    bool ok = s.len && s.len <= 63 && s.data[0] != '-' && s.data[s.len - 1] != '-';
    for (size_t i = 0; ok && i < s.len; i++)
        ok = (s.data[i] >= 'a' && s.data[i] <= 'z') || (s.data[i] >= '0' && s.data[i] <= '9') ||
             s.data[i] == '-' || s.data[i] == '_';
    return ok;
}

static bool check_host(const char *host, struct err *err)
{
    struct span rest = span_from(host), label;
    bool ok = rest.len <= 253 && span_find(rest, '.', 0) < rest.len;
    if (span_starts(rest, "*."))
        rest = span_sub(rest, 2, rest.len);
    while (ok && span_split(&rest, '.', &label))
        ok = is_label(label);
    return ok || err_set(err, ERR_CONFIG,
                         "--host `%.60s`: no name of the DNS: lower-case letters, digits and `-` "
                         "between dots",
                         host);
}

/* ---- Lists: "a.example.org, b.example.org". */

static bool has_name(const char *list, const char *host)
{
    struct span rest = span_from(list), one;
    while (span_split(&rest, ',', &one))
        if (span_is(span_trim(one), host))
            return true;
    return false;
}

/* The list with the name, or without it; NULL: nothing is left. */
static const char *changed(struct plan *p, const char *list, const char *host, bool removes)
{
    struct span rest = span_from(list), one;
    const char *all = "";
    while (span_split(&rest, ',', &one))
        if (span_trim(one).len && !span_is(span_trim(one), host))
            all = plan_text(p, "%s%s%.*s", all, all[0] ? "," : "", SPAN_ARG(span_trim(one)));
    if (!removes)
        all = plan_text(p, "%s%s%s", all, all[0] ? "," : "", host);
    return all[0] ? all : NULL;
}

/* ---- Who wants a name besides by the annotation: rules of an Ingress, Host(`...`) of a route, a
 * DNSEndpoint. */

static bool is_in_rules(struct plan *p, const struct json_node *object, const char *host)
{
    const struct json_node *n = json_node_first(json_node_path(object, "spec.rules"));
    for (; n; n = json_node_next(n))
        if (strcmp(json_node_path_text(n, "host", ""), host) == 0)
            return true;
    n = json_node_first(json_node_path(object, "spec.routes"));
    for (; n; n = json_node_next(n))
        if (strstr(json_node_path_text(n, "match", ""), plan_text(p, "`%s`", host)))
            return true;
    n = json_node_first(json_node_path(object, "spec.endpoints"));
    for (; n; n = json_node_next(n))
        if (strcmp(json_node_path_text(n, "dnsName", ""), host) == 0)
            return true;
    return false;
}

static void add_others(struct target *t, struct plan *p, const struct kube_object *o,
                       const char *host)
{
    const char *all = "", *uid = kube_text(o, "metadata.uid");
    size_t count = 0, unread = 0;
    for (size_t i = 0; i < BN_COUNT(wanting); i++) {
        struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX);
        struct json_doc *doc = NULL;
        kube_path(&path, &wanting[i], NULL, NULL, NULL);
        unread += !target_get(t, strbuf_cstr(&path), &doc, NULL);
        strbuf_clear(&path);
        const struct json_node *n = json_node_first(json_node_get(json_doc_root(doc), "items"));
        for (; n; n = json_node_next(n)) {
            if (strcmp(json_node_path_text(n, "metadata.uid", ""), uid) == 0 ||
                (!has_name(kube_annotation(n, HOSTNAME), host) && !is_in_rules(p, n, host)))
                continue;
            if (count++ < NAMES_MAX)
                all = plan_text(p, "%s%s%s %s/%s", all, all[0] ? ", " : "", wanting[i].plural,
                                json_node_path_text(n, "metadata.namespace", ""),
                                json_node_path_text(n, "metadata.name", ""));
        }
        json_doc_free(doc);
    }
    if (count)
        plan_warn(p, plan_text(p, "%s is wanted by others too: %s", host, all));
    if (unread)
        plan_warn(p, "not all services and routes may be listed: whether others want the name is "
                     "not known");
}

/* ---- external-dns. */

/* "--NAME=VALUE" of the first container, the next from *at on; NULL: no more. */
static const char *flag(const struct json_node *args, const char *name, size_t *at)
{
    size_t i = 0, len = strlen(name);
    for (const struct json_node *a = json_node_first(args); a; a = json_node_next(a), i++) {
        const char *text = json_node_text(a);
        if (i < *at || !text || strncmp(text, "--", 2) != 0 || strncmp(text + 2, name, len) != 0 ||
            text[2 + len] != '=')
            continue;
        *at = i + 1;
        return text + 3 + len;
    }
    return NULL;
}

static const char *first_flag(const struct json_node *args, const char *name, const char *fallback)
{
    size_t at = 0;
    const char *value = flag(args, name, &at);
    return value ? value : fallback;
}

static bool has_flag(const struct json_node *args, const char *name, const char *wanted)
{
    const char *value;
    size_t at = 0;
    while ((value = flag(args, name, &at)))
        if (strcmp(value, wanted) == 0)
            return true;
    return false;
}

/* No filter lets all names pass. */
static bool is_in_domain(const struct json_node *args, const char *host)
{
    const char *domain;
    size_t at = 0, count = 0;
    while ((domain = flag(args, "domain-filter", &at))) {
        count++;
        domain += domain[0] == '.';
        size_t len = strlen(domain), all = strlen(host);
        if (all >= len && strcmp(host + all - len, domain) == 0 &&
            (all == len || host[all - len - 1] == '.'))
            return true;
    }
    return count == 0;
}

static void warn_external(struct plan *p, const struct json_node *d, const struct kube_object *o,
                          const char *host, bool removes)
{
    const struct json_node *c = json_node_first(json_node_path(d, "spec.template.spec.containers"));
    const struct json_node *args = json_node_get(c, "args");
    const char *source = source_of(o->kind), *policy = first_flag(args, "policy", "sync");
    const char *name =
        plan_text(p, "external-dns %s/%s", json_node_path_text(d, "metadata.namespace", ""),
                  json_node_path_text(d, "metadata.name", ""));
    int64_t ready = 0;
    if (!json_node_int(json_node_path(d, "status.readyReplicas"), &ready) || !ready)
        plan_warn(p, plan_text(p, "%s does not run: nothing comes of it until it does", name));
    if (!has_flag(args, "source", source))
        plan_warn(
            p, plan_text(p, "%s does not read %ss: it has no --source=%s", name, o->kind, source));
    if (!is_in_domain(args, host))
        plan_warn(p, plan_text(p, "%s leaves %s alone: it is in none of its --domain-filter", name,
                               host));
    if (first_flag(args, "annotation-filter", NULL))
        plan_warn(p, plan_text(p, "%s reads only objects of --annotation-filter=%s", name,
                               first_flag(args, "annotation-filter", "")));
    if (removes && strcmp(policy, "sync") != 0)
        plan_warn(p,
                  plan_text(p, "%s has --policy=%s: the record stays in the zone", name, policy));
    plan_warn(p,
              plan_text(p,
                        "the record is not seen here: %s %s it within %s; `:dns` and `:records` "
                        "show it",
                        name, removes ? "removes" : "writes", first_flag(args, "interval", "1m")));
}

static void add_external(struct target *t, struct plan *p, const struct kube_object *o,
                         const char *host, bool removes)
{
    static const struct kube_resource deployments = {"apps", "v1", "deployments"};
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX);
    struct json_doc *doc = NULL;
    kube_path(&path, &deployments, NULL, NULL, NULL);
    kube_query(&path, "labelSelector", "app.kubernetes.io/name=external-dns");
    bool known = target_get(t, strbuf_cstr(&path), &doc, NULL);
    strbuf_clear(&path);
    const struct json_node *d = json_node_first(json_node_get(json_doc_root(doc), "items"));
    if (!known || !d)
        plan_warn(p, "no Deployment of app.kubernetes.io/name=external-dns was found: whether "
                     "anybody makes the name is not known");
    for (; d; d = json_node_next(d))
        warn_external(p, d, o, host, removes);
    json_doc_free(doc);
}

/* ---- The object. */

/* An object without an address and without a target makes no name. */
static void warn_address(struct plan *p, const struct kube_object *o, const char *target)
{
    bool route = strcmp(source_of(o->kind), "traefik-proxy") == 0;
    const char *type = kube_text(o, "spec.type");
    const struct json_node *at = json_node_path(o->root, "status.loadBalancer.ingress");
    if (target[0] || kube_annotation(o->root, TARGET)[0])
        return;
    if (route)
        plan_warn(p, plan_text(p,
                               "%s has no address of its own: without a target external-dns makes "
                               "nothing of it",
                               kube_name(p, o)));
    else if (strcmp(o->kind, "Service") == 0 && strcmp(type, "ClusterIP") == 0)
        plan_warn(p, "a Service of type ClusterIP has no address outside: external-dns makes "
                     "nothing of it unless it publishes internal services");
    else if (!json_node_count(at))
        plan_warn(p, plan_text(p, "%s has no address yet: the name is made when it has one",
                               kube_name(p, o)));
}

/* step->former: the annotation's key and, unless it is taken off, its value on another line. */
static enum awaiting look(BN_UNUSED struct target *t, const struct step *step,
                          const struct json_node *object, struct strbuf *says)
{
    bool names = span_starts(span_from(step->former), HOSTNAME);
    const char *now = kube_annotation(object, names ? HOSTNAME : TARGET);
    const char *line = strchr(step->former, '\n');
    if (strcmp(now, line ? line + 1 : "") == 0)
        return AWAIT_DONE;
    strbuf_adds(says, "somebody has set it again");
    return AWAIT_FAILED;
}

/* value NULL: it is taken off. */
static void add_step(struct target *t, struct plan *p, const struct kube_object *o, const char *key,
                     const char *value, const char *title)
{
    const char *was = plan_text(p, "%s", kube_annotation(o->root, key));
    bool same = strcmp(was, value ? value : "") == 0;
    struct strbuf word = STRBUF_INIT(16384);
    struct step *s = plan_step(p, same ? '=' : !value ? '-' : was[0] ? '~' : '+', title);
    if (!same) {
        s->deed = kube_annotate(p, o, key, value);
        s->undo = kube_annotate(p, o, key, was[0] ? was : NULL);
        s->undo_title = was[0] ? plan_text(p, "set it back to %s", was) : "take it off again";
        deed_quote(&word,
                   span_from(value ? plan_text(p, "%s=%s", key, value) : plan_text(p, "%s-", key)));
        s->shell = plan_text(p, "%s annotate %s %s%s", kubectl(p, t, o->ns), kube_word(p, o),
                             strbuf_cstr(&word), value ? " --overwrite" : "");
        s->former = value ? plan_text(p, "%s\n%s", key, value) : key;
        s->await_path = o->path;
        s->await = look;
    }
    strbuf_clear(&word);
}

static void add_steps(struct target *t, const struct answers *in, struct plan *p,
                      const struct kube_object *o)
{
    const char *host = answers_get(in, "host"), *target = answers_get(in, "target");
    bool removes = strcmp(answers_get(in, "remove"), "yes") == 0;
    const char *was = kube_annotation(o->root, HOSTNAME);
    const char *now = has_name(was, host) != removes ? was : changed(p, was, host, removes);
    add_step(t, p, o, HOSTNAME, now && now[0] ? now : NULL,
             plan_text(p, removes ? "Take the name %s off %s" : "Give the name %s to %s", host,
                       kube_name(p, o)));
    if (target[0] && !removes)
        add_step(t, p, o, TARGET, target,
                 plan_text(p, "Have %s lead to %s", kube_name(p, o), target));
    if (plan_empty(p))
        return;
    if (removes && is_in_rules(p, o->root, host))
        plan_warn(p, plan_text(p, "%s stays wanted: a rule of %s names it", host, kube_name(p, o)));
    if (!removes)
        warn_address(p, o, target);
    add_others(t, p, o, host);
    add_external(t, p, o, host, removes);
    kube_warn_owner(t, p, o, "the annotation");
}

static bool plan(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    struct kube_object o;
    if (!check_host(answers_get(in, "host"), err) || !kube_any(t, p, in, &o, err))
        return false;
    if (!source_of(o.kind))
        return err_set(err, ERR_CONFIG,
                       "external-dns makes names of Services, Ingresses and IngressRoutes, not of "
                       "a %s",
                       o.kind);
    if (!kube_read(t, p, &o, err))
        return false;
    add_steps(t, in, p, &o);
    kube_object_clear(&o);
    return true;
}

const struct action action_dns_name = {
    .name = "dns-name",
    .title = "Give or take a name",
    .help = "the annotation that has external-dns make or remove a name of a service or route",
    .risk = RISK_CHANGE,
    .kind = "service ingress ingressroute ingressroutetcp",
    .fields = fields,
    .plan = plan,
};
