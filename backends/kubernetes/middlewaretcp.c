/* Traefik's MiddlewareTCPs: what connections pass on their way. */
#include <config.h>

#include "backends/kubernetes/route.h"

enum { NAMESPACE, NAME, TYPE, RANGES, AMOUNT, USED, AGE, CREATED, LABELS, UID };

static const struct fold count_routes = {FOLD_COUNT, LINK_MIDDLEWARE, "ingressroutetcp", NULL,
                                         NULL};

static const struct column columns[] = {
    [NAMESPACE] = {COLUMN_NAMESPACE_TEXT, VALUE_TEXT, 12, 0, COLUMN_IDENT, NULL, NULL},
    [NAME] = {COLUMN_NAME_TEXT, VALUE_TEXT, 30, 0, COLUMN_IDENT, NULL, NULL},
    [TYPE] = {"type", "TYPE", "What it does: ipAllowList, inFlightConn.", VALUE_LIST, 14, 0,
              COLUMN_NOTABLE, NULL, NULL},
    [RANGES] = {"ranges", "RANGES", "Addresses that it lets pass.", VALUE_LIST, 24, 20,
                COLUMN_NOTABLE, NULL, NULL},
    [AMOUNT] = {"amount", "AMOUNT", "Connections at once that it lets pass, of each address.",
                VALUE_COUNT, 6, 30, COLUMN_RIGHT | COLUMN_NOTABLE, NULL, NULL},
    [USED] = {"routes", "ROUTES", "IngressRouteTCPs that use it.", VALUE_COUNT, 6, 10, COLUMN_RIGHT,
              NULL, &count_routes},
    [AGE] = {COLUMN_AGE_TEXT, VALUE_DURATION, 5, 10, COLUMN_RIGHT, "created", NULL},
    [CREATED] = {COLUMN_CREATED_TEXT, VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},
    [LABELS] = {COLUMN_LABELS_TEXT, VALUE_TEXT, 20, 99, COLUMN_HIDDEN, NULL, NULL},
    [UID] = {COLUMN_UID_TEXT, VALUE_TEXT, 36, 99, COLUMN_UID_FLAGS, NULL, NULL},
};

/* ipWhiteList is what ipAllowList was called before v3. */
static void parse(struct kube_object *o, struct row_writer *w, size_t which)
{
    static const char *const lists[] = {"ipAllowList.sourceRange", "ipWhiteList.sourceRange"};
    struct json_iter it;
    struct json_value key, v;
    struct span types = {"", 0}, ranges = {"", 0};
    (void)which;
    for (json_iter_init(&it, o->spec); json_next(&it, &key, &v);)
        types = object_list_add(o, types, object_text(o, key));
    for (size_t i = 0; i < BN_COUNT(lists); i++)
        ranges = route_add_names(o, ranges, json_path(o->spec, lists[i]));
    row_text(w, NAMESPACE, o->ns);
    row_text(w, NAME, o->name);
    put_text(w, TYPE, types);
    put_text(w, RANGES, ranges);
    put_num(w, AMOUNT, json_path(o->spec, "inFlightConn.amount"));
    put_time(w, CREATED, o->created_ms);
    put_text(w, LABELS, object_pairs(o, o->labels));
    put_text(w, UID, o->uid);
    row_link(w, LINK_NAMESPACE, 0, "namespace", o->ns);
}

const struct kind kind_middlewaretcp = {
    .name = "middlewaretcp",
    .plural = "middlewaretcps",
    .aliases = "mwtcp",
    .title = "MiddlewareTCPs",
    .help = "What Traefik does with TCP connections on their way.",
    .namespaced = true,
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .sort = "namespace,name",
};

const struct kube_kind kube_middlewaretcp = {
    .kind = &kind_middlewaretcp,
    .resources = {{"traefik.io", "v1alpha1", "middlewaretcps"}},
    .types = {"MiddlewareTCP"},
    .parse = parse,
};
