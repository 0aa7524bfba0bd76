/* Endpoint slices: the addresses behind services. */
#include <config.h>

#include "backends/kubernetes/kube_kind.h"

enum {
    NAMESPACE,
    NAME,
    SERVICE,
    READY,
    NOT_READY,
    PORTS,
    ADDRESSES,
    TYPE,
    AGE,
    CREATED,
    LABELS,
    UID
};

static const struct column columns[] = {
    [NAMESPACE] = {COLUMN_NAMESPACE_TEXT, VALUE_TEXT, 12, 0, COLUMN_IDENT, NULL, NULL},
    [NAME] = {COLUMN_NAME_TEXT, VALUE_TEXT, 34, 0, COLUMN_IDENT, NULL, NULL},
    [SERVICE] = {"service", "SERVICE", "The service it belongs to.", VALUE_TEXT, 24, 10, 0, NULL,
                 NULL},
    [READY] = {"ready", "READY", "Addresses that are ready.", VALUE_COUNT, 5, 0,
               COLUMN_RIGHT | COLUMN_NOTABLE, NULL, NULL},
    [NOT_READY] = {"not-ready", "NOT-READY", "Addresses that are not.", VALUE_COUNT, 5, 20,
                   COLUMN_RIGHT, NULL, NULL},
    [PORTS] = {"ports", "PORTS", "Ports they listen on.", VALUE_LIST, 10, 30, 0, NULL, NULL},
    [ADDRESSES] = {"addresses", "ADDRESSES", "The addresses.", VALUE_LIST, 24, 40, COLUMN_WIDE,
                   NULL, NULL},
    [TYPE] = {"address-type", "ADDRESS TYPE", "IPv4, IPv6 or FQDN.", VALUE_TEXT, 6, 50, COLUMN_WIDE,
              NULL, NULL},
    [AGE] = {COLUMN_AGE_TEXT, VALUE_DURATION, 5, 10, COLUMN_RIGHT, "created", NULL},
    [CREATED] = {COLUMN_CREATED_TEXT, VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},
    [LABELS] = {COLUMN_LABELS_TEXT, VALUE_TEXT, 20, 99, COLUMN_HIDDEN, NULL, NULL},
    [UID] = {COLUMN_UID_TEXT, VALUE_TEXT, 36, 99, COLUMN_UID_FLAGS, NULL, NULL},
};

/* No word on readiness means ready [discovery/v1 EndpointConditions]. */
static void put_endpoints(struct kube_object *o, struct row_writer *w)
{
    struct json_iter it;
    struct json_value e;
    struct span addresses = {"", 0};
    int64_t ready = 0, not_ready = 0;
    for (json_iter_init(&it, json_get(o->root, "endpoints")); json_next(&it, NULL, &e);) {
        bool no = json_path(e, "conditions.ready").type == JSON_FALSE;
        ready += !no;
        not_ready += no;
        addresses = object_list_add(o, addresses, object_path_text(o, e, "addresses.0"));
    }
    row_num(w, READY, ready);
    row_num(w, NOT_READY, not_ready);
    put_text(w, ADDRESSES, addresses);
}

static void parse(struct kube_object *o, struct row_writer *w, size_t which)
{
    struct span service = object_entry(o, o->labels, "kubernetes.io/service-name"), ports = {"", 0};
    struct json_iter it;
    struct json_value v;
    (void)which;
    row_text(w, NAMESPACE, o->ns);
    row_text(w, NAME, o->name);
    put_text(w, SERVICE, service);
    put_endpoints(o, w);
    for (json_iter_init(&it, json_get(o->root, "ports")); json_next(&it, NULL, &v);)
        ports = object_list_add(o, ports,
                                object_format(o, "%lld", (long long)object_path_int(v, "port", 0)));
    put_text(w, PORTS, ports);
    put_text(w, TYPE, object_path_text(o, o->root, "addressType"));
    put_time(w, CREATED, o->created_ms);
    put_text(w, LABELS, object_pairs(o, o->labels));
    put_text(w, UID, o->uid);
    if (service.len)
        row_link(w, LINK_SERVICE, LINK_EXPECTED, "service", object_key(o, o->ns, service));
    for (json_iter_init(&it, json_get(o->root, "endpoints")); json_next(&it, NULL, &v);)
        if (json_is(json_path(v, "targetRef.kind"), "Pod"))
            row_link(w, LINK_POD, 0, "pod",
                     object_key(o, o->ns, object_path_text(o, v, "targetRef.name")));
}

const struct kind kind_endpointslice = {
    .name = "endpointslice",
    .plural = "endpointslices",
    .aliases = "eps",
    .title = "Endpoint slices",
    .help = "Addresses behind services.",
    .namespaced = true,
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .sort = "namespace,name",
};

const struct kube_kind kube_endpointslice = {
    .kind = &kind_endpointslice,
    .resources = {{"discovery.k8s.io", "v1", "endpointslices"}},
    .types = {"EndpointSlice"},
    .parse = parse,
};
