/* Recorded lists of a real API server through the real decoder: what we show
 * must be what the server itself prints for the same objects (its Tables). */
#include <config.h>

#include "backends/kubernetes/kube_kind.h"
#include "base/file.h"
#include "model/store.h"
#include "net/json_doc.h"
#include "net/json_stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct decoding {
    const struct kube_kind *kind;
    size_t which;
    struct arena *arena;
    struct row_writer rows;
};

static void read_recording(const char *name, struct strbuf *out)
{
    char path[1024];
    struct err err;
    const char *top = getenv("top_srcdir");
    (void)snprintf(path, sizeof(path), "%s/test/data/recorded/%s.http", top ? top : ".", name);
    if (!file_read(path, out, &err))
        fail_msg("%s", err.msg);
}

/* What stands behind the answer's head: after the dashes, after a blank line. */
static struct span body_of(const struct strbuf *recording)
{
    struct span all = strbuf_span(recording);
    size_t dashes = span_search(all, SPAN("\n--------\n"), false);
    struct span answer = span_sub(all, dashes + 10, all.len);
    size_t blank = span_search(answer, SPAN("\n\n"), false);
    size_t other = span_search(answer, SPAN("\r\n\r\n"), false);
    return other < blank ? span_sub(answer, other + 4, answer.len)
                         : span_sub(answer, blank + 2, answer.len);
}

static bool on_item(void *context, struct json_value item)
{
    struct decoding *d = context;
    struct kube_object o;
    assert_true(object_read(&o, item, d->arena));
    o.now_ms = 0;
    assert_true(kube_write(d->kind, &o, &d->rows, d->which));
    return true;
}

static const struct kube_kind *find_kind(const char *name)
{
    for (size_t i = 0; kube_kinds[i]; i++)
        if (strcmp(kube_kinds[i]->kind->name, name) == 0)
            return kube_kinds[i];
    fail_msg("no kind %s", name);
    return NULL;
}

static uint16_t kind_number(const struct kube_kind *k)
{
    uint16_t n = 0;
    while (kube_kinds[n] != k)
        n++;
    return n;
}

static struct kind_list all_kinds(void)
{
    size_t n = 0;
    while (kube_kind_schemas[n])
        n++;
    return (struct kind_list){kube_kind_schemas, n};
}

static void load(struct store *st, const char *recording, const char *kind, size_t which)
{
    struct strbuf text = STRBUF_INIT((size_t)8 << 20);
    struct decoding d = {
        .kind = find_kind(kind), .which = which, .arena = arena_new((size_t)16 << 20)};
    struct json_list list;
    struct err err;
    read_recording(recording, &text);
    row_writer_init(&d.rows, d.kind->kind, (size_t)64 << 20);
    json_list_init(&list, recording);
    list.on_item = on_item;
    list.context = &d;
    assert_true(json_list_feed(&list, span_trim(body_of(&text)), &err));
    assert_true(json_list_end(&list, &err));
    struct message *m = row_writer_take(&d.rows, 0, kind_number(d.kind));
    if (m)
        assert_true(store_apply(st, m, 0, &err));
    message_free(m);
    json_list_clear(&list);
    row_writer_clear(&d.rows);
    arena_free(d.arena);
    strbuf_clear(&text);
}

/* A printed column and ours; ours NULL: it depends on when it was printed. */
struct pair {
    const char *theirs, *ours;
};

/* What is not there: kubectl has several words for it. */
static bool is_nothing(const char *text)
{
    static const char *const words[] = {"", "<none>", "<unset>", "<unknown>"};
    for (size_t i = 0; i < BN_COUNT(words); i++)
        if (strcmp(text, words[i]) == 0)
            return true;
    return false;
}

static void print_theirs(const struct json_node *printed, struct strbuf *out)
{
    int64_t n;
    if (json_node_int(printed, &n))
        strbuf_addf(out, "%lld", (long long)n);
    else if (json_node_type(printed) == JSON_TRUE || json_node_type(printed) == JSON_FALSE)
        strbuf_adds(out, json_node_true(printed) ? "true" : "false");
    else if (json_node_type(printed) != JSON_NULL)
        strbuf_adds(out, json_node_text(printed) ? json_node_text(printed) : "?");
}

/* What they add to a cell and we have as a column of its own. */
static void cut_theirs(const char *column, struct strbuf *theirs)
{
    struct span text = strbuf_span(theirs);
    if (strcmp(column, "restarts") == 0) /* "4 (3d ago)" */
        strbuf_truncate(theirs, span_find(text, ' ', 0));
    if (span_ends(text, " (default)"))
        strbuf_truncate(theirs, text.len - 10);
}

static void check_cell(const struct store *st, struct handle row, const struct json_node *printed,
                       const char *column)
{
    int index = kind_column(store_kind(st, row.kind), span_from(column));
    struct strbuf ours = STRBUF_INIT(65536), theirs = STRBUF_INIT(65536);
    assert_true(index >= 0);
    struct value v = store_cell(st, row, (size_t)index, 0);
    if (v.type != VALUE_ABSENT)
        value_format(&v, &ours);
    print_theirs(printed, &theirs);
    cut_theirs(column, &theirs);
    size_t more = span_search(strbuf_span(&theirs), SPAN(" + "), false);
    if (more < theirs.len) { /* "80,81,82 + 2 more..." */
        strbuf_truncate(&theirs, more);
        strbuf_truncate(&ours, more);
    }
    bool same = (is_nothing(strbuf_cstr(&ours)) && is_nothing(strbuf_cstr(&theirs))) ||
                span_eq_nocase(strbuf_span(&ours), strbuf_span(&theirs));
    if (!same)
        fail_msg("%.*s: %s is `%s`, the server prints `%s`", SPAN_ARG(store_key(st, row)), column,
                 strbuf_cstr(&ours), strbuf_cstr(&theirs));
    strbuf_clear(&ours);
    strbuf_clear(&theirs);
}

/* Each column that is printed must have its pair. */
static const struct pair *pair_of(const struct pair *pairs, const char *theirs)
{
    while (pairs->theirs && strcmp(pairs->theirs, theirs) != 0)
        pairs++;
    if (!pairs->theirs)
        fail_msg("the server prints %s, and nothing here is compared with it", theirs);
    return pairs;
}

static void check_row(const struct store *st, struct handle row, const struct json_node *table,
                      const struct json_node *printed, const struct pair *pairs)
{
    const struct json_node *c = json_node_first(json_node_get(table, "columnDefinitions"));
    const struct json_node *cell = json_node_first(json_node_get(printed, "cells"));
    for (; c; c = json_node_next(c), cell = json_node_next(cell)) {
        const struct pair *p = pair_of(pairs, json_node_path_text(c, "name", ""));
        assert_non_null(cell);
        if (p->ours)
            check_cell(st, row, cell, p->ours);
    }
}

static void compare(const char *lists, const char *tables, const char *kind, size_t which,
                    const struct pair *pairs)
{
    struct kind_list kinds = all_kinds();
    struct store *st = store_new(&kinds);
    struct strbuf text = STRBUF_INIT((size_t)8 << 20);
    struct err err;
    const struct kube_kind *k = find_kind(kind);
    (void)store_add_source(st, "recorded", "kubernetes", "recorded", SOURCE_NONE);
    load(st, lists, kind, which);
    read_recording(tables, &text);
    struct json_doc *doc = json_doc_parse(span_trim(body_of(&text)), tables, &err);
    assert_non_null(doc);
    const struct json_node *table = json_doc_root(doc), *rows = json_node_get(table, "rows");
    assert_int_equal(store_count(st, kind_number(k)), json_node_count(rows));
    for (const struct json_node *r = json_node_first(rows); r; r = json_node_next(r)) {
        char key[600];
        const char *ns = json_node_path_text(r, "object.metadata.namespace", "");
        const char *name = json_node_path_text(r, "object.metadata.name", "");
        struct handle row;
        (void)snprintf(key, sizeof(key), "%s%s%s%s%s", ns, ns[0] ? "/" : "",
                       k->types[1] ? k->types[which] : "", k->types[1] ? "/" : "", name);
        if (!store_find(st, 0, kind_number(k), span_from(key), &row))
            fail_msg("%s is not there", key);
        check_row(st, row, table, r, pairs);
    }
    json_doc_free(doc);
    strbuf_clear(&text);
    store_free(st);
}

static void test_pods(void **state)
{
    static const struct pair pairs[] = {{"Name", "name"},
                                        {"Ready", "ready"},
                                        {"Status", "status"},
                                        {"Restarts", "restarts"},
                                        {"Age", NULL},
                                        {"IP", "ip"},
                                        {"Node", "node"},
                                        {"Nominated Node", "nominated-node"},
                                        {"Readiness Gates", "readiness-gates"},
                                        {NULL, NULL}};
    (void)state;
    compare("025-list-pods", "026-table-pods", "pod", 0, pairs);
}

static void test_nodes(void **state)
{
    static const struct pair pairs[] = {{"Name", "name"},
                                        {"Status", "status"},
                                        {"Roles", "roles"},
                                        {"Age", NULL},
                                        {"Version", "version"},
                                        {"Internal-IP", "address"},
                                        {"External-IP", "external-ip"},
                                        {"OS-Image", "os"},
                                        {"Kernel-Version", "kernel"},
                                        {"Container-Runtime", "runtime"},
                                        {NULL, NULL}};
    (void)state;
    compare("023-list-nodes", "024-table-nodes", "node", 0, pairs);
}

static void test_namespaces(void **state)
{
    static const struct pair pairs[] = {
        {"Name", "name"}, {"Status", "status"}, {"Age", NULL}, {NULL, NULL}};
    (void)state;
    compare("021-list-namespaces", "022-table-namespaces", "namespace", 0, pairs);
}

static void test_workloads(void **state)
{
    static const struct pair deployments[] = {{"Name", "name"},
                                              {"Ready", "ready"},
                                              {"Up-to-date", "up-to-date"},
                                              {"Available", "available"},
                                              {"Age", NULL},
                                              {"Containers", "containers"},
                                              {"Images", "images"},
                                              {"Selector", "selector"},
                                              {NULL, NULL}};
    static const struct pair sets[] = {{"Name", "name"},     {"Ready", "ready"},
                                       {"Age", NULL},        {"Containers", "containers"},
                                       {"Images", "images"}, {NULL, NULL}};
    static const struct pair daemons[] = {{"Name", "name"},
                                          {"Desired", "desired"},
                                          {"Current", "current"},
                                          {"Ready", "ready-count"},
                                          {"Up-to-date", "up-to-date"},
                                          {"Available", "available"},
                                          {"Node Selector", "node-selector"},
                                          {"Age", NULL},
                                          {"Containers", "containers"},
                                          {"Images", "images"},
                                          {"Selector", "selector"},
                                          {NULL, NULL}};
    (void)state;
    compare("047-list-apps-deployments", "048-table-apps-deployments", "workload", 0, deployments);
    compare("049-list-apps-statefulsets", "050-table-apps-statefulsets", "workload", 1, sets);
    compare("051-list-apps-daemonsets", "052-table-apps-daemonsets", "workload", 2, daemons);
}

static void test_replicasets(void **state)
{
    static const struct pair pairs[] = {{"Name", "name"},
                                        {"Desired", "desired"},
                                        {"Current", "current"},
                                        {"Ready", "ready"},
                                        {"Age", NULL},
                                        {"Containers", "containers"},
                                        {"Images", "images"},
                                        {"Selector", "selector"},
                                        {NULL, NULL}};
    (void)state;
    compare("053-list-apps-replicasets", "054-table-apps-replicasets", "replicaset", 0, pairs);
}

static void test_jobs(void **state)
{
    static const struct pair jobs[] = {{"Name", "name"},
                                       {"Status", "status"},
                                       {"Completions", "completions"},
                                       {"Duration", NULL}, /* of one that failed it goes on */
                                       {"Age", NULL},
                                       {"Containers", "containers"},
                                       {"Images", "images"},
                                       {"Selector", "selector"},
                                       {NULL, NULL}};
    static const struct pair cron[] = {{"Name", "name"},
                                       {"Schedule", "schedule"},
                                       {"Timezone", "timezone"},
                                       {"Suspend", "suspended"},
                                       {"Active", "active"},
                                       {"Last Schedule", NULL},
                                       {"Age", NULL},
                                       {"Containers", "containers"},
                                       {"Images", "images"},
                                       {"Selector", NULL}, /* of a job that is yet to be made */
                                       {NULL, NULL}};
    (void)state;
    compare("055-list-batch-jobs", "056-table-batch-jobs", "job", 0, jobs);
    compare("057-list-batch-cronjobs", "058-table-batch-cronjobs", "cronjob", 0, cron);
}

static void test_services(void **state)
{
    static const struct pair services[] = {{"Name", "name"},
                                           {"Type", "type"},
                                           {"Cluster-IP", "cluster-ip"},
                                           {"External-IP", "external-ip"},
                                           {"Port(s)", "ports"},
                                           {"Age", NULL},
                                           {"Selector", "selector"},
                                           {NULL, NULL}};
    static const struct pair slices[] = {{"Name", "name"},   {"AddressType", "address-type"},
                                         {"Ports", "ports"}, {"Endpoints", "addresses"},
                                         {"Age", NULL},      {NULL, NULL}};
    (void)state;
    compare("027-list-services", "028-table-services", "service", 0, services);
    compare("065-list-discovery-endpointslices", "066-table-discovery-endpointslices",
            "endpointslice", 0, slices);
}

static void test_storage(void **state)
{
    static const struct pair claims[] = {{"Name", "name"},
                                         {"Status", "status"},
                                         {"Volume", "volume"},
                                         {"Capacity", "capacity"},
                                         {"Access Modes", "access-modes"},
                                         {"StorageClass", "storage-class"},
                                         {"VolumeAttributesClass", "attributes-class"},
                                         {"Age", NULL},
                                         {"VolumeMode", "volume-mode"},
                                         {NULL, NULL}};
    static const struct pair volumes[] = {{"Name", "name"},
                                          {"Capacity", "capacity"},
                                          {"Access Modes", "access-modes"},
                                          {"Reclaim Policy", "reclaim-policy"},
                                          {"Status", "status"},
                                          {"Claim", "claim"},
                                          {"StorageClass", "storage-class"},
                                          {"VolumeAttributesClass", "attributes-class"},
                                          {"Reason", "reason"},
                                          {"Age", NULL},
                                          {"VolumeMode", "volume-mode"},
                                          {NULL, NULL}};
    static const struct pair classes[] = {{"Name", "name"},
                                          {"Provisioner", "provisioner"},
                                          {"ReclaimPolicy", "reclaim-policy"},
                                          {"VolumeBindingMode", "binding"},
                                          {"AllowVolumeExpansion", "expansion"},
                                          {"Age", NULL},
                                          {NULL, NULL}};
    (void)state;
    compare("033-list-persistentvolumeclaims", "034-table-persistentvolumeclaims", "pvc", 0,
            claims);
    compare("035-list-persistentvolumes", "036-table-persistentvolumes", "pv", 0, volumes);
    compare("067-list-storage-storageclasses", "068-table-storage-storageclasses", "storageclass",
            0, classes);
}

static void test_budgets(void **state)
{
    static const struct pair budgets[] = {{"Name", "name"},
                                          {"Min Available", "min-available"},
                                          {"Max Unavailable", "max-unavailable"},
                                          {"Allowed Disruptions", "allowed"},
                                          {"Age", NULL},
                                          {NULL, NULL}};
    (void)state;
    compare("071-list-policy-poddisruptionbudgets", "072-table-policy-poddisruptionbudgets", "pdb",
            0, budgets);
}

static void test_routes(void **state)
{
    static const struct pair ingresses[] = {
        {"Name", "name"},   {"Class", "class"}, {"Hosts", "hosts"}, {"Address", "address"},
        {"Ports", "ports"}, {"Age", NULL},      {NULL, NULL}};
    static const struct pair names[] = {{"Name", "name"}, {"Age", NULL}, {NULL, NULL}};
    (void)state;
    compare("059-list-networking-ingresses", "060-table-networking-ingresses", "ingress", 0,
            ingresses);
    compare("079-list-traefik-ingressroutes", "080-table-traefik-ingressroutes", "ingressroute", 0,
            names);
    compare("081-list-traefik-middlewares", "082-table-traefik-middlewares", "middleware", 0,
            names);
}

static void test_storage_and_routes(void **state)
{
    static const struct pair tenants[] = {
        {"Name", "name"}, {"State", "status"}, {"Health", "health"}, {"Age", NULL}, {NULL, NULL}};
    static const struct pair names[] = {{"Name", "name"}, {"Age", NULL}, {NULL, NULL}};
    (void)state;
    compare("113-list-minio-tenants", "114-table-minio-tenants", "tenant", 0, tenants);
    compare("115-list-externaldns-dnsendpoints", "116-table-externaldns-dnsendpoints",
            "dnsendpoint", 0, names);
    compare("083-list-traefik-traefikservices", "084-table-traefik-traefikservices",
            "traefikservice", 0, names);
    compare("085-list-traefik-tlsoptions", "086-table-traefik-tlsoptions", "tlsoption", 0, names);
}

static void test_databases(void **state)
{
    static const struct pair clusters[] = {{"Name", "name"},
                                           {"Endpoint", "endpoint"},
                                           {"Status", "status"},
                                           {"PXC", "pxc-ready"},
                                           {"proxysql", "proxysql"},
                                           {"haproxy", "proxy-ready"}, /* there is no other */
                                           {"Age", NULL},
                                           {NULL, NULL}};
    static const struct pair backups[] = {{"Name", "name"},       {"Cluster", "pxc"},
                                          {"Storage", "storage"}, {"Destination", "destination"},
                                          {"Status", "status"},   {"Completed", NULL},
                                          {"Age", NULL},          {NULL, NULL}};
    static const struct pair restores[] = {{"Name", "name"},     {"Cluster", "pxc"},
                                           {"Status", "status"}, {"Completed", NULL},
                                           {"Age", NULL},        {NULL, NULL}};
    (void)state;
    compare("087-list-pxc-perconaxtradbclusters", "088-table-pxc-perconaxtradbclusters", "pxc", 0,
            clusters);
    compare("089-list-pxc-perconaxtradbclusterbackups", "090-table-pxc-perconaxtradbclusterbackups",
            "backup", 0, backups);
    compare("091-list-pxc-perconaxtradbclusterrestores",
            "092-table-pxc-perconaxtradbclusterrestores", "restore", 0, restores);
}

/* Their "pod/x" is our "Pod/x". */
static void test_events(void **state)
{
    static const struct pair pairs[] = {{"Last Seen", NULL},
                                        {"Type", "type"},
                                        {"Reason", "reason"},
                                        {"Object", "object"},
                                        {"Subobject", "subobject"},
                                        {"Source", "reporter"},
                                        {"Message", "message"},
                                        {"First Seen", NULL},
                                        {"Count", "count"},
                                        {"Name", "name"},
                                        {NULL, NULL}};
    (void)state;
    compare("037-list-events", "038-table-events", "event", 0, pairs);
}

static void test_external_secrets(void **state)
{
    static const struct pair secrets[] = {
        {"Name", "name"},     {"StoreType", "store-kind"},
        {"Store", "store"},   {"Refresh Interval", "refresh-interval"},
        {"Status", "reason"}, {"Ready", "ready"},
        {NULL, NULL}};
    static const struct pair stores[] = {{"Name", "name"},     {"AGE", NULL},
                                         {"Status", "reason"}, {"Capabilities", "capabilities"},
                                         {"Ready", "ready"},   {NULL, NULL}};
    (void)state;
    compare("093-list-external-secrets-externalsecrets",
            "094-table-external-secrets-externalsecrets", "externalsecret", 0, secrets);
    compare("095-list-external-secrets-clustersecretstores",
            "096-table-external-secrets-clustersecretstores", "clustersecretstore", 0, stores);
}

static void test_applications(void **state)
{
    static const struct pair applications[] = {
        {"Name", "name"},         {"Sync Status", "sync"}, {"Health Status", "health"},
        {"Revision", "revision"}, {"Project", "project"},  {NULL, NULL}};
    static const struct pair projects[] = {{"Name", "name"}, {"Age", NULL}, {NULL, NULL}};
    (void)state;
    compare("099-list-argoproj-applications", "100-table-argoproj-applications", "application", 0,
            applications);
    compare("101-list-argoproj-appprojects", "102-table-argoproj-appprojects", "appproject", 0,
            projects);
}

static void test_certificates(void **state)
{
    static const struct pair certificates[] = {
        {"Name", "name"},      {"Ready", "ready"}, {"Secret", "secret"}, {"Issuer", "issuer"},
        {"Status", "message"}, {"Age", NULL},      {NULL, NULL}};
    static const struct pair requests[] = {
        {"Name", "name"},     {"Approved", "approved"},   {"Denied", "denied"},  {"Ready", "ready"},
        {"Issuer", "issuer"}, {"Requester", "requester"}, {"Status", "message"}, {"Age", NULL},
        {NULL, NULL}};
    static const struct pair issuers[] = {
        {"Name", "name"}, {"Ready", "ready"}, {"Status", "message"}, {"Age", NULL}, {NULL, NULL}};
    static const struct pair orders[] = {{"Name", "name"},     {"State", "state"},
                                         {"Issuer", "issuer"}, {"Reason", "reason"},
                                         {"Age", NULL},        {NULL, NULL}};
    static const struct pair challenges[] = {{"Name", "name"},     {"State", "state"},
                                             {"Domain", "domain"}, {"Reason", "reason"},
                                             {"Age", NULL},        {NULL, NULL}};
    (void)state;
    compare("103-list-cert-manager-certificates", "104-table-cert-manager-certificates",
            "certificate", 0, certificates);
    compare("105-list-cert-manager-certificaterequests",
            "106-table-cert-manager-certificaterequests", "certificaterequest", 0, requests);
    compare("107-list-cert-manager-clusterissuers", "108-table-cert-manager-clusterissuers",
            "clusterissuer", 0, issuers);
    compare("109-list-acme-orders", "110-table-acme-orders", "order", 0, orders);
    compare("111-list-acme-challenges", "112-table-acme-challenges", "challenge", 0, challenges);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pods),         cmocka_unit_test(test_nodes),
        cmocka_unit_test(test_namespaces),   cmocka_unit_test(test_workloads),
        cmocka_unit_test(test_replicasets),  cmocka_unit_test(test_jobs),
        cmocka_unit_test(test_services),     cmocka_unit_test(test_storage),
        cmocka_unit_test(test_budgets),      cmocka_unit_test(test_routes),
        cmocka_unit_test(test_databases),    cmocka_unit_test(test_storage_and_routes),
        cmocka_unit_test(test_events),       cmocka_unit_test(test_external_secrets),
        cmocka_unit_test(test_certificates), cmocka_unit_test(test_applications),
    };
    return cmocka_run_group_tests_name("kube decode", tests, NULL, NULL);
}
