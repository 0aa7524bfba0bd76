/* Admission webhooks: who is asked before an object is written, and whether anybody answers. Whose
 * failurePolicy is Fail refuses all writes when nobody does. Facts: kubernetes
 * admissionregistration/v1. */
#include <config.h>

#include "backends/kubernetes/missing.h"
#include "backends/kubernetes/route.h"
#include "backends/kubernetes/sentence.h"
#include "base/timetext.h"
#include "net/base64.h"
#include "net/probe_cert.h"

#define PEM_MAX       ((size_t)256 << 10)
#define RESOURCES_MAX 12

enum {
    NAME,
    HOOKS,
    POLICY,
    SERVICES,
    CA_LEFT,
    AGE,
    RESOURCES,
    NO_CA,
    CA_EXPIRES,
    CREATED,
    LABELS,
    UID
};

static const struct column columns[] = {
    [NAME] = {COLUMN_NAME_TEXT, VALUE_TEXT, 30, 0, COLUMN_IDENT, NULL, NULL},
    [HOOKS] = {"hooks", "HOOKS", "Webhooks in it.", VALUE_COUNT, 5, 20, COLUMN_RIGHT, NULL, NULL},
    [POLICY] = {"failure-policy", "ON FAILURE",
                "Fail: what is asked about is refused when nobody answers; Ignore: it is let by.",
                VALUE_TEXT, 10, 10, COLUMN_NOTABLE, NULL, NULL},
    [SERVICES] = {"services", "SERVICES", "Who is asked, NAMESPACE/NAME.", VALUE_LIST, 30, 15, 0,
                  NULL, NULL},
    [CA_LEFT] = {"ca-left", "CA LEFT", "Until the CA that it trusts runs out.", VALUE_DURATION, 7,
                 12, COLUMN_RIGHT | COLUMN_LEFT, "ca-expires", NULL},
    [AGE] = {COLUMN_AGE_TEXT, VALUE_DURATION, 5, 30, COLUMN_RIGHT, "created", NULL},
    [RESOURCES] = {"resources", "RESOURCES", "What is asked about; some, where there are many.",
                   VALUE_LIST, 40, 50, 0, NULL, NULL},
    [NO_CA] = {"without-ca", "NO CA", "Webhooks to a service that trust no CA.", VALUE_COUNT, 5, 80,
               COLUMN_HIDDEN, NULL, NULL},
    [CA_EXPIRES] = {"ca-expires", "CA-EXPIRES", "When the first CA that it trusts runs out.",
                    VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},
    [CREATED] = {COLUMN_CREATED_TEXT, VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},
    [LABELS] = {COLUMN_LABELS_TEXT, VALUE_TEXT, 20, 99, COLUMN_HIDDEN, NULL, NULL},
    [UID] = {COLUMN_UID_TEXT, VALUE_TEXT, 36, 99, COLUMN_UID_FLAGS, NULL, NULL},
};

/* What its webhooks add up to. */
struct sum {
    int64_t hooks, without_ca, expires_ms;
    bool fails;
    struct span services, resources;
    size_t nresources;
};

static void add_service(struct kube_object *o, struct json_value client, struct sum *s)
{
    struct span name = object_path_text(o, client, "service.name");
    struct span key = object_key(o, object_path_text(o, client, "service.namespace"), name);
    if (name.len && !span_lists(s->services, LIST_SEPARATOR, key))
        s->services = object_list_add(o, s->services, key);
}

static void add_ca(struct kube_object *o, struct json_value client, struct sum *s)
{
    struct span bundle = object_path_text(o, client, "caBundle");
    struct strbuf pem = STRBUF_INIT(PEM_MAX);
    int64_t from, until;
    if (!bundle.len && object_path_text(o, client, "service.name").len)
        s->without_ca++;
    if (bundle.len && base64_decode(bundle, &pem) &&
        probe_cert_dates(strbuf_span(&pem), &from, &until) &&
        (s->expires_ms == TIME_NONE || until < s->expires_ms))
        s->expires_ms = until;
    strbuf_clear(&pem);
}

/* "externalsecrets.external-secrets.io", as kubectl names them. */
static void add_resources(struct kube_object *o, struct json_value rule, struct sum *s)
{
    struct json_iter groups, resources;
    struct json_value group, resource;
    for (json_iter_init(&groups, json_get(rule, "apiGroups")); json_next(&groups, NULL, &group);)
        for (json_iter_init(&resources, json_get(rule, "resources"));
             json_next(&resources, NULL, &resource);) {
            struct span of = object_text(o, group), what = object_text(o, resource);
            struct span name =
                of.len ? object_format(o, "%.*s.%.*s", SPAN_ARG(what), SPAN_ARG(of)) : what;
            if (s->nresources == RESOURCES_MAX || span_lists(s->resources, LIST_SEPARATOR, name))
                continue;
            s->resources = object_list_add(o, s->resources, name);
            s->nresources++;
        }
}

static struct sum sum_of(struct kube_object *o)
{
    struct sum s = {.expires_ms = TIME_NONE, .services = {"", 0}, .resources = {"", 0}};
    struct json_iter hooks, rules;
    struct json_value hook, rule;
    for (json_iter_init(&hooks, json_get(o->root, "webhooks")); json_next(&hooks, NULL, &hook);) {
        struct json_value client = json_get(hook, "clientConfig");
        s.hooks++;
        s.fails = s.fails || !json_is(json_get(hook, "failurePolicy"), "Ignore");
        add_service(o, client, &s);
        add_ca(o, client, &s);
        for (json_iter_init(&rules, json_get(hook, "rules")); json_next(&rules, NULL, &rule);)
            add_resources(o, rule, &s);
    }
    return s;
}

static void parse(struct kube_object *o, struct row_writer *w, size_t which)
{
    struct sum s = sum_of(o);
    struct span rest = s.services, one;
    (void)which;
    row_text(w, NAME, o->name);
    row_num(w, HOOKS, s.hooks);
    if (s.hooks)
        row_text(w, POLICY, s.fails ? SPAN("Fail") : SPAN("Ignore"));
    put_text(w, SERVICES, s.services);
    put_text(w, RESOURCES, s.resources);
    row_num(w, NO_CA, s.without_ca);
    put_time(w, CA_EXPIRES, s.expires_ms);
    put_time(w, CREATED, o->created_ms);
    put_text(w, LABELS, object_pairs(o, o->labels));
    put_text(w, UID, o->uid);
    while (rest.len && span_split(&rest, LIST_SEPARATOR, &one))
        row_link(w, LINK_SERVICE, LINK_EXPECTED | LINK_AFFECTS, "service", one);
}

#define SOON_MS ((int64_t)7 * 24 * 60 * 60 * 1000)

enum { RULE_SERVICE, RULE_EMPTY, RULE_EXPIRED, RULE_NO_CA, RULE_EXPIRES };

static const struct rule rules[] = {
    [RULE_SERVICE] = {"webhook-service-missing",
                      "The service that is asked does not exist: critical; where it is let by "
                      "then: warning."},
    [RULE_EMPTY] = {"webhook-no-endpoints",
                    "Nothing ready is behind the service that is asked: critical; where it is let "
                    "by then: warning."},
    [RULE_EXPIRED] = {"webhook-ca-expired", "The CA that it trusts has run out: critical; where it "
                                            "is let by then: warning."},
    [RULE_NO_CA] = {"webhook-no-ca",
                    "It trusts no CA for its service, as after a restore: warning."},
    [RULE_EXPIRES] = {"webhook-ca-expires", "The CA that it trusts runs out within 7 days: "
                                            "warning."},
};

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    int64_t expires = store_num(st, row, CA_EXPIRES, TIME_FOREVER);
    enum level bad = span_is(store_text(st, row, POLICY), "Fail") ? LEVEL_CRITICAL : LEVEL_WARNING;
    struct link link;
    if (missing_link(st, row, &link))
        return verdict_at(bad, RULE_SERVICE);
    if (route_find_empty(st, row, &link))
        return verdict_at(bad, RULE_EMPTY);
    if (expires <= now_ms)
        return verdict_at(bad, RULE_EXPIRED);
    if (store_num(st, row, NO_CA, 0))
        return verdict_at(LEVEL_WARNING, RULE_NO_CA);
    if (expires == TIME_FOREVER)
        return verdict_ok();
    if (expires - now_ms < SOON_MS)
        return verdict_until(LEVEL_WARNING, RULE_EXPIRES, expires);
    return verdict_until(LEVEL_OK, 0, expires - SOON_MS + 1);
}

/* "; writes of secretstores.external-secrets.io are refused" */
static void add_consequence(const struct store *st, struct handle row, struct strbuf *out)
{
    struct span resources = store_text(st, row, RESOURCES), first;
    bool fails = span_is(store_text(st, row, POLICY), "Fail");
    if (!resources.len || !span_split(&resources, LIST_SEPARATOR, &first))
        return;
    strbuf_addf(out, "; writes of %.*s%s are %s", SPAN_ARG(first),
                resources.len ? " and others" : "", fails ? "refused" : "not looked at");
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    int64_t expires = store_num(st, row, CA_EXPIRES, TIME_NONE);
    char left[TIMETEXT_MAX];
    struct link link;
    switch (v->rule) {
    case RULE_SERVICE:
        if (missing_link(st, row, &link))
            strbuf_addf(out, "service %.*s does not exist", SPAN_ARG(link.key));
        break;
    case RULE_EMPTY:
        if (route_find_empty(st, row, &link))
            strbuf_addf(out, "nothing ready is behind service %.*s", SPAN_ARG(link.key));
        break;
    case RULE_EXPIRED:
        strbuf_adds(out, "the CA that it trusts has run out");
        sentence_ago(out, expires, now_ms);
        break;
    case RULE_NO_CA:
        strbuf_addf(out, "%lld of %lld webhooks trust no CA: x509, signed by unknown authority",
                    (long long)store_num(st, row, NO_CA, 0),
                    (long long)store_num(st, row, HOOKS, 0));
        break;
    default:
        duration_format_short(expires - now_ms, left);
        strbuf_addf(out, "the CA that it trusts runs out in %s", left);
        return;
    }
    add_consequence(st, row, out);
}

const struct kind kind_validatingwebhook = {
    .name = "validatingwebhook",
    .plural = "validatingwebhooks",
    .aliases = "validatingwebhookconfiguration validatingwebhookconfigurations",
    .title = "Validating webhooks",
    .help = "Who is asked whether an object may be written.",
    .guarded = true,
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .quotes = "service endpointslice",
    .sort = "level desc,name",
};

const struct kube_kind kube_validatingwebhook = {
    .kind = &kind_validatingwebhook,
    .resources = {{"admissionregistration.k8s.io", "v1", "validatingwebhookconfigurations"}},
    .types = {"ValidatingWebhookConfiguration"},
    .parse = parse,
};

const struct kind kind_mutatingwebhook = {
    .name = "mutatingwebhook",
    .plural = "mutatingwebhooks",
    .aliases = "mutatingwebhookconfiguration mutatingwebhookconfigurations",
    .title = "Mutating webhooks",
    .help = "Who is asked to complete an object before it is written.",
    .guarded = true,
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .quotes = "service endpointslice",
    .sort = "level desc,name",
};

const struct kube_kind kube_mutatingwebhook = {
    .kind = &kind_mutatingwebhook,
    .resources = {{"admissionregistration.k8s.io", "v1", "mutatingwebhookconfigurations"}},
    .types = {"MutatingWebhookConfiguration"},
    .parse = parse,
};
