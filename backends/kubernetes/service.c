/* Services, with the endpoints behind them. */
#include <config.h>

#include "backends/kubernetes/route.h"
#include "backends/kubernetes/sentence.h"

enum {
    NAMESPACE,
    NAME,
    TYPE,
    ENDPOINTS,
    CLUSTER_IP,
    EXTERNAL,
    PORTS,
    AGE,
    SELECTOR,
    SLICES,
    PORT_LIST,
    DNS_HOSTS,
    DNS_TARGETS,
    CREATED,
    LABELS,
    UID
};

static const struct fold sum_ready = {FOLD_SUM, LINK_SERVICE, "endpointslice", "ready", NULL};
static const struct fold count_slices = {FOLD_COUNT, LINK_SERVICE, "endpointslice", NULL, NULL};

static const struct column columns[] = {
    [NAMESPACE] = {COLUMN_NAMESPACE_TEXT, VALUE_TEXT, 12, 0, COLUMN_IDENT, NULL, NULL},
    [NAME] = {COLUMN_NAME_TEXT, VALUE_TEXT, 30, 0, COLUMN_IDENT, NULL, NULL},
    [TYPE] = {"type", "TYPE", "ClusterIP, NodePort, LoadBalancer or ExternalName.", VALUE_TEXT, 12,
              20, COLUMN_NOTABLE, NULL, NULL},
    [ENDPOINTS] = {"endpoints", "READY", "Addresses behind it that are ready.", VALUE_COUNT, 5, 0,
                   COLUMN_RIGHT | COLUMN_NOTABLE, NULL, &sum_ready},
    [CLUSTER_IP] = {"cluster-ip", "CLUSTER-IP", "Its address in the cluster.", VALUE_TEXT, 13, 30,
                    0, NULL, NULL},
    [EXTERNAL] = {"external-ip", "EXTERNAL-IP", "Its address outside, or the name it stands for.",
                  VALUE_TEXT, 13, 35, COLUMN_NOTABLE, NULL, NULL},
    [PORTS] = {"ports", "PORT(S)", "Its ports, as kubectl prints them.", VALUE_TEXT, 16, 25, 0,
               NULL, NULL},
    [AGE] = {COLUMN_AGE_TEXT, VALUE_DURATION, 5, 10, COLUMN_RIGHT, "created", NULL},
    [SELECTOR] = {"selector", "SELECTOR", "Labels that choose its pods.", VALUE_TEXT, 20, 60,
                  COLUMN_WIDE, NULL, NULL},
    [SLICES] = {"slices", "SLICES", "Endpoint slices that belong to it.", VALUE_COUNT, 5, 80,
                COLUMN_HIDDEN, NULL, &count_slices},
    [PORT_LIST] = {SERVICE_PORTS, "PORT-LIST", "Numbers and names of its ports.", VALUE_LIST, 10,
                   80, COLUMN_HIDDEN, NULL, NULL},
    [DNS_HOSTS] = {ROUTE_DNS_HOSTS, VALUE_LIST, 20, 81, COLUMN_HIDDEN, NULL, NULL},
    [DNS_TARGETS] = {ROUTE_DNS_TARGETS, VALUE_LIST, 20, 82, COLUMN_HIDDEN, NULL, NULL},
    [CREATED] = {COLUMN_CREATED_TEXT, VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},
    [LABELS] = {COLUMN_LABELS_TEXT, VALUE_TEXT, 20, 99, COLUMN_HIDDEN, NULL, NULL},
    [UID] = {COLUMN_UID_TEXT, VALUE_TEXT, 36, 99, COLUMN_UID_FLAGS, NULL, NULL},
};

/* "80:30080/TCP,443/TCP" */
static struct span ports_of(struct kube_object *o)
{
    struct json_iter it;
    struct json_value port;
    struct span all = {"", 0};
    for (json_iter_init(&it, json_get(o->spec, "ports")); json_next(&it, NULL, &port);) {
        int64_t node = object_path_int(port, "nodePort", 0);
        struct span protocol = object_text(o, json_get(port, "protocol"));
        struct span one = object_format(o, "%lld", (long long)object_path_int(port, "port", 0));
        if (node)
            one = object_format(o, "%.*s:%lld", SPAN_ARG(one), (long long)node);
        one = object_format(o, "%.*s/%.*s", SPAN_ARG(one), SPAN_ARG(protocol));
        all = all.len ? object_format(o, "%.*s,%.*s", SPAN_ARG(all), SPAN_ARG(one)) : one;
    }
    return all.len ? all : SPAN("<none>");
}

/* What a route may call them by. */
static struct span port_list(struct kube_object *o)
{
    struct json_iter it;
    struct json_value port;
    struct span all = {"", 0};
    for (json_iter_init(&it, json_get(o->spec, "ports")); json_next(&it, NULL, &port);) {
        struct span name = object_text(o, json_get(port, "name"));
        all = object_list_add(
            o, all, object_format(o, "%lld", (long long)object_path_int(port, "port", 0)));
        if (name.len)
            all = object_list_add(o, all, name);
    }
    return all;
}

/* As kubectl: what the load balancer says, else the external IPs, else <none>. */
static struct span external_of(struct kube_object *o, struct span type)
{
    struct json_iter it;
    struct json_value v;
    struct span all = {"", 0};
    if (span_is(type, "ExternalName"))
        return object_path_text(o, o->spec, "externalName");
    struct json_value given = {.type = JSON_NULL};
    if (span_is(type, "LoadBalancer"))
        given = json_path(o->status, "loadBalancer.ingress");
    for (json_iter_init(&it, given); json_next(&it, NULL, &v);) {
        struct span ip = object_text(o, json_get(v, "ip"));
        ip = ip.len ? ip : object_text(o, json_get(v, "hostname"));
        all = all.len ? object_format(o, "%.*s,%.*s", SPAN_ARG(all), SPAN_ARG(ip)) : ip;
    }
    for (json_iter_init(&it, json_get(o->spec, "externalIPs")); json_next(&it, NULL, &v);) {
        struct span ip = object_text(o, v);
        all = all.len ? object_format(o, "%.*s,%.*s", SPAN_ARG(all), SPAN_ARG(ip)) : ip;
    }
    if (all.len)
        return all;
    return span_is(type, "LoadBalancer") ? SPAN("<pending>") : SPAN("<none>");
}

static void parse(struct kube_object *o, struct row_writer *w, size_t which)
{
    struct span type = object_path_text(o, o->spec, "type"),
                ip = object_path_text(o, o->spec, "clusterIP");
    (void)which;
    row_text(w, NAMESPACE, o->ns);
    row_text(w, NAME, o->name);
    put_text(w, TYPE, type);
    row_text(w, CLUSTER_IP, ip.len ? ip : SPAN("<none>"));
    row_text(w, EXTERNAL, external_of(o, type));
    row_text(w, PORTS, ports_of(o));
    put_text(w, PORT_LIST, port_list(o));
    put_text(w, SELECTOR, object_pairs(o, json_get(o->spec, "selector")));
    route_put_dns(o, w, DNS_HOSTS, DNS_TARGETS);
    put_time(w, CREATED, o->created_ms);
    put_text(w, LABELS, object_pairs(o, o->labels));
    put_text(w, UID, o->uid);
    row_link(w, LINK_NAMESPACE, 0, "namespace", o->ns);
}

#define FRESH_MS   ((int64_t)2 * 60 * 1000)
#define ADDRESS_MS ((int64_t)5 * 60 * 1000)

enum { RULE_EMPTY, RULE_PENDING };

static const struct rule rules[] = {
    [RULE_EMPTY] = {SERVICE_NO_ENDPOINTS, "It chooses pods by labels and none of them is ready: "
                                          "progress; from 2 minutes after it was made: warning."},
    [RULE_PENDING] = {"service-no-address", "Its load balancer has no address yet: progress; from "
                                            "5 minutes after it was made: warning."},
};

static struct verdict judge_age(const struct store *st, struct handle row, uint16_t rule,
                                int64_t most_ms, int64_t now_ms)
{
    int64_t created = store_num(st, row, CREATED, TIME_NONE);
    if (created == TIME_NONE || now_ms - created > most_ms)
        return verdict_at(LEVEL_WARNING, rule);
    return verdict_until(LEVEL_PROGRESS, rule, created + most_ms + 1);
}

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    int slices = store_kind_find(st, SPAN("endpointslice"));
    bool known = slices >= 0 && store_synced(st, (uint16_t)slices);
    if (store_text(st, row, SELECTOR).len && known && !store_num(st, row, ENDPOINTS, 0))
        return judge_age(st, row, RULE_EMPTY, FRESH_MS, now_ms);
    if (span_is(store_text(st, row, EXTERNAL), "<pending>"))
        return judge_age(st, row, RULE_PENDING, ADDRESS_MS, now_ms);
    return verdict_ok();
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    if (v->rule == RULE_EMPTY) {
        strbuf_addf(out, "no pod that is ready has the labels %.*s",
                    SPAN_ARG(store_text(st, row, SELECTOR)));
        return;
    }
    strbuf_adds(out, "waits for an address from the load balancer");
    sentence_for(out, store_num(st, row, CREATED, TIME_NONE), now_ms);
    sentence_event(out, st, row);
}

const struct kind kind_service = {
    .name = "service",
    .plural = "services",
    .aliases = "svc",
    .title = "Services",
    .help = "Names and addresses that lead to pods.",
    .namespaced = true,
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "level desc,namespace,name",
};

const struct kube_kind kube_service = {
    .kind = &kind_service,
    .resources = {{"", "v1", "services"}},
    .types = {"Service"},
    .parse = parse,
};
