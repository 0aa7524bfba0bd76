/* harbor answers as a real API server did: recorded requests asked again, over
 * HTTP/1.1 and HTTP/2. A difference is said with its recording and path. */
#include <config.h>

#include "test/systems/harbor_recorded.h"

#include <dirent.h>

#define RECORDED 183 /* exchanges were recorded, numbered from 1 */

/* ---- What is asked again. */

static const char *const discovery[] = {
    "001-version.http",
    "002-readyz-verbose.http",
    "003-livez.http",
    "004-api.http",
    "005-apis.http",
    "006-api-aggregated.http",
    "007-apis-aggregated.http",
    "008-api-v1.http",
    "009-apis-apps-v1.http",
    "010-apis-batch-v1.http",
    "011-apis-networking.k8s.io-v1.http",
    "012-apis-traefik.io-v1alpha1.http",
    "013-apis-pxc.percona.com-v1.http",
    "014-apis-external-secrets.io-v1.http",
    "015-apis-argoproj.io-v1alpha1.http",
    "016-apis-cert-manager.io-v1.http",
    "017-apis-storage.k8s.io-v1.http",
    "018-apis-policy-v1.http",
    "019-apis-discovery.k8s.io-v1.http",
    "020-metrics-absent.http",
};

static const char *const typed_lists[] = {
    "021-list-namespaces.http",
    "023-list-nodes.http",
    "025-list-pods.http",
    "027-list-services.http",
    "029-list-endpoints.http",
    "031-list-configmaps.http",
    "033-list-persistentvolumeclaims.http",
    "035-list-persistentvolumes.http",
    "037-list-events.http",
    "039-list-serviceaccounts.http",
    "041-list-resourcequotas.http",
    "043-list-limitranges.http",
    "045-list-replicationcontrollers.http",
    "047-list-apps-deployments.http",
    "049-list-apps-statefulsets.http",
    "051-list-apps-daemonsets.http",
    "053-list-apps-replicasets.http",
    "055-list-batch-jobs.http",
    "057-list-batch-cronjobs.http",
    "059-list-networking-ingresses.http",
    "061-list-networking-ingressclasses.http",
    "063-list-networking-networkpolicies.http",
    "065-list-discovery-endpointslices.http",
    "067-list-storage-storageclasses.http",
    "069-list-storage-volumeattachments.http",
    "071-list-policy-poddisruptionbudgets.http",
    "073-list-autoscaling-horizontalpodautoscalers.http",
    "075-list-events-events.http",
    "077-list-coordination-leases.http",
};

static const char *const custom_lists[] = {
    "079-list-traefik-ingressroutes.http",
    "081-list-traefik-middlewares.http",
    "083-list-traefik-traefikservices.http",
    "085-list-traefik-tlsoptions.http",
    "087-list-pxc-perconaxtradbclusters.http",
    "089-list-pxc-perconaxtradbclusterbackups.http",
    "091-list-pxc-perconaxtradbclusterrestores.http",
    "093-list-external-secrets-externalsecrets.http",
    "095-list-external-secrets-clustersecretstores.http",
    "097-list-external-secrets-secretstores.http",
    "099-list-argoproj-applications.http",
    "101-list-argoproj-appprojects.http",
    "103-list-cert-manager-certificates.http",
    "105-list-cert-manager-certificaterequests.http",
    "107-list-cert-manager-clusterissuers.http",
    "109-list-acme-orders.http",
    "111-list-acme-challenges.http",
    "113-list-minio-tenants.http",
    "115-list-externaldns-dnsendpoints.http",
};

static const char *const reads[] = {
    "120-meta-secrets.http", "121-meta-configmaps.http",    "125-pods-continue-bad.http",
    "126-pods-gzip.http",    "127-pods-fieldselector.http", "128-pods-label.http",
    "129-pod-get.http",      "167-scale-get.http",
};

static const char *const pages[] = {
    "122-pods-page1.http",
    "123-pods-page2.http",
    "124-pods-page3.http",
};

static const char *const watches[] = {
    "132-watch-pods.http",
    "134-watchlist-nodes.http",
    "136-watch-too-old.http",
    "137-watch-future.http",
};

static const char *const errors[] = {
    "138-watch-initial-without-match.http",
    "139-401-bad-token.http",
    "140-401-no-token.http",
    "141-403-list-nodes.http",
    "142-403-list-pods.http",
    "143-403-secret.http",
    "144-403-create.http",
    "145-403-impersonate.http",
    "146-404-object.http",
    "147-404-resource.http",
    "148-404-path.http",
    "149-405.http",
    "150-406.http",
    "151-409-exists.http",
    "152-400-json.http",
    "153-415.http",
    "169-conflict.http",
    "172-evict-blocked.http",
    "173-evict-dryrun.http",
    "182-proxy-no-service.http",
};

/* Who asked; the administrator where nothing is said. */
static const struct {
    const char *name, *token;
} askers[] = {
    {"139-401-bad-token.http", "nobody-s"}, {"140-401-no-token.http", NULL},
    {"141-403-list-nodes.http", VIEWER},    {"142-403-list-pods.http", VIEWER},
    {"143-403-secret.http", VIEWER},        {"144-403-create.http", VIEWER},
};

/* What is not asked again, and why: numbers first to last. */
static const struct {
    int first, last, step;
    const char *why;
} not_replayed[] = {
    {22, 116, 2, "Table bodies: binnacle reads objects, harbor prints none"},
    {117, 119, 1, "Table bodies"},
    {130, 130, 1, "a Table body"},
    {131, 131, 1, "YAML: asked for by kubectl alone"},
    {133, 133, 1, "a watch of Tables"},
    {135, 135, 1, "a watch of Tables"},
    {154, 155, 1, "validation by schema: harbor takes what it is given"},
    {156, 162, 1, "writes to custom resources: dry runs, unknown fields, finalizers"},
    {163, 166, 1, "writes that nobody makes yet: a sync, a refresh, a cordon, a restart"},
    {168, 168, 1, "a JSON patch"},
    {170, 171, 1, "server-side apply"},
    {174, 179, 1, "access reviews: harbor knows two users and no roles"},
    {180, 180, 1, "a log without a kubelet: harbor's containers talk"},
    {181, 181, 1, "a service without Endpoints, as nobody made them: harbor's have them"},
    {183, 183, 1, "a deprecated version: harbor serves one version of each resource"},
};

/* What a real server makes itself, where harbor has what manifests say; and what was wrong in these. */
static const struct {
    const char *path, *ns, *name; /* name: "*" at its end stands for any text */
    const char *why;
} theirs[] = {
    {"/api/v1/services", "default", "kubernetes", "its own service"},
    {"/api/v1/configmaps", "kube-system", "extension-apiserver-authentication",
     "its own certificates, for aggregated servers"},
    {"/api/v1/configmaps", "kube-system", "kube-apiserver-legacy-service-account-token-tracking",
     "since when it counts the use of old tokens"},
    {"/apis/coordination.k8s.io/v1/leases", "kube-system", "apiserver-*", "its own identity"},
    {"/apis/minio.min.io/v2/tenants", "operators", "minio-reyemtech",
     "it was recorded with the drive that heals not among those online, as no operator counts"},
};

static bool fits(const char *pattern, const char *text)
{
    size_t n = strlen(pattern);
    if (n && pattern[n - 1] == '*')
        return strncmp(pattern, text, n - 1) == 0;
    return strcmp(pattern, text) == 0;
}

static bool is_theirs(const char *target, const cJSON *item)
{
    const cJSON *metadata = cJSON_GetObjectItemCaseSensitive(item, "metadata");
    const char *ns = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(metadata, "namespace"));
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(metadata, "name"));
    size_t path = strcspn(target, "?");
    for (size_t i = 0; i < BN_COUNT(theirs); i++)
        if (strlen(theirs[i].path) == path && strncmp(theirs[i].path, target, path) == 0 &&
            fits(theirs[i].ns, ns ? ns : "") && fits(theirs[i].name, name ? name : ""))
            return true;
    return false;
}

/* ---- Asking again. */

static const char *token_of(const char *name)
{
    for (size_t i = 0; i < BN_COUNT(askers); i++)
        if (strcmp(askers[i].name, name) == 0)
            return askers[i].token;
    return ADMIN;
}

static struct call *ask_as_recorded(struct harbor *h, const struct recorded *r,
                                    enum protocol protocol)
{
    const struct request request = {
        .method = strcmp(r->method, "GET") == 0 ? NULL : r->method,
        .target = r->target,
        .token = token_of(r->name),
        .lines = r->lines,
        .body = r->body[0] ? r->body : NULL,
        .protocol = protocol,
        .gzip = strstr(r->lines, "Accept-Encoding: gzip") != NULL,
    };
    struct call *c = harbor_ask(h, &request);
    long version = 0;
    (void)curl_easy_getinfo(c->curl, CURLINFO_HTTP_VERSION, &version);
    assert_int_equal(version, protocol == HTTP2 ? CURL_HTTP_VERSION_2_0 : CURL_HTTP_VERSION_1_1);
    return c;
}

static unsigned replay(struct harbor *h, const char *name, enum protocol protocol)
{
    struct recorded r;
    struct comparison c = {.name = name};
    recorded_read(&r, name);
    struct call *call = ask_as_recorded(h, &r, protocol);
    compare_lists(&c, &r, call, is_theirs);
    harbor_forget(call);
    recorded_done(&r);
    return c.differences;
}

static void replay_all(struct harbor *h, const char *const *names, size_t n)
{
    unsigned differences = 0;
    for (size_t i = 0; i < n; i++)
        differences += replay(h, names[i], HTTP1);
    for (size_t i = 0; i < n; i++)
        differences += replay(h, names[i], HTTP2);
    assert_int_equal(differences, 0);
}

static void discovery_is_as_recorded(void **state)
{
    replay_all(*state, discovery, BN_COUNT(discovery));
}

static void typed_lists_are_as_recorded(void **state)
{
    replay_all(*state, typed_lists, BN_COUNT(typed_lists));
}

static void custom_lists_are_as_recorded(void **state)
{
    replay_all(*state, custom_lists, BN_COUNT(custom_lists));
}

static void reads_are_as_recorded(void **state)
{
    replay_all(*state, reads, BN_COUNT(reads));
}

static void errors_are_as_recorded(void **state)
{
    replay_all(*state, errors, BN_COUNT(errors));
}

/* ---- Pages: the token of a page is harbor's own. */

static char *continue_of(const struct call *c)
{
    cJSON *list = cJSON_Parse(strbuf_cstr(&c->body));
    const cJSON *metadata = cJSON_GetObjectItemCaseSensitive(list, "metadata");
    const cJSON *token = cJSON_GetObjectItemCaseSensitive(metadata, "continue");
    char *copy = strdup(cJSON_IsString(token) ? token->valuestring : "");
    cJSON_Delete(list);
    return copy;
}

static unsigned replay_pages(struct harbor *h, enum protocol protocol)
{
    unsigned differences = 0;
    char *token = NULL;
    for (size_t i = 0; i < BN_COUNT(pages); i++) {
        struct recorded r;
        struct comparison c = {.name = pages[i]};
        struct strbuf target = STRBUF_INIT(65536);
        recorded_read(&r, pages[i]);
        strbuf_adds(&target, "/api/v1/pods?limit=40");
        if (token)
            strbuf_addf(&target, "&continue=%s", token);
        free(token);
        free(r.target);
        r.target = strbuf_take(&target);
        struct call *call = ask_as_recorded(h, &r, protocol);
        compare_lists(&c, &r, call, is_theirs);
        differences += c.differences;
        token = continue_of(call);
        harbor_forget(call);
        recorded_done(&r);
    }
    assert_string_equal(token, "");
    free(token);
    return differences;
}

static void pages_are_as_recorded(void **state)
{
    assert_int_equal(replay_pages(*state, HTTP1), 0);
    assert_int_equal(replay_pages(*state, HTTP2), 0);
}

/* ---- Watches: the changes that were recorded are made again. */

#define CHANGES 5 /* events of make_changes() */
#define POD     "/api/v1/namespaces/default/pods"

static void change(struct harbor *h, const char *method, const char *target, const char *type,
                   const char *body)
{
    const struct request r = {
        .method = method, .target = target, .token = ADMIN, .lines = type, .body = body};
    struct call *c = harbor_ask(h, &r);
    if (c->code != CURLE_OK || c->status / 100 != 2)
        fail_msg("%s %s: status %ld: %s", method, target, c->status, strbuf_cstr(&c->body));
    harbor_forget(c);
}

static void make_changes(struct harbor *h)
{
    static const char merge[] = "Content-Type: application/merge-patch+json";
    change(h, "POST", POD, "Content-Type: application/json",
           "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"watched\",\"labels\":"
           "{\"app\":\"watched\"}},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":"
           "\"busybox\"}]}}");
    change(h, "PATCH", POD "/watched", merge, "{\"metadata\":{\"labels\":{\"step\":\"2\"}}}");
    change(h, "PATCH", POD "/watched/status", merge,
           "{\"status\":{\"phase\":\"Running\",\"containerStatuses\":[{\"name\":\"c\",\"state\":"
           "{\"running\":{\"startedAt\":\"2026-02-13T09:00:00Z\"}},\"lastState\":{},\"ready\":true,"
           "\"restartCount\":1,\"image\":\"busybox\",\"imageID\":\"\"}]}}");
    change(h, "DELETE", POD "/watched", NULL, NULL);
}

/* The events of a watch, as an array, without those of other objects ("": all). */
static cJSON *events_of(const struct strbuf *text, bool bookmarks, const char *name)
{
    struct span rest = strbuf_span(text), line;
    cJSON *all = cJSON_CreateArray();
    while (span_split(&rest, '\n', &line)) {
        cJSON *event = cJSON_ParseWithLength(line.data, line.len);
        const cJSON *object = cJSON_GetObjectItemCaseSensitive(event, "object");
        const cJSON *metadata = cJSON_GetObjectItemCaseSensitive(object, "metadata");
        const cJSON *who = cJSON_GetObjectItemCaseSensitive(metadata, "name");
        const cJSON *type = cJSON_GetObjectItemCaseSensitive(event, "type");
        bool bookmark = type && strcmp(type->valuestring, "BOOKMARK") == 0;
        if (!span_trim(line).len)
            continue;
        assert_non_null(type);
        if (bookmark == bookmarks && (!name[0] || (who && strcmp(who->valuestring, name) == 0)))
            (void)cJSON_AddItemToArray(all, event);
        else
            cJSON_Delete(event);
    }
    return all;
}

static unsigned compare_events(const struct recorded *r, const struct call *call, const char *name)
{
    struct comparison c = {.name = r->name};
    cJSON *wanted = events_of(&r->answer, false, name), *got = events_of(&call->body, false, name);
    while (name[0] &&
           cJSON_GetArraySize(wanted) > CHANGES) /* 136 was recorded after two rounds of them */
        cJSON_DeleteItemFromArray(wanted, 0);
    compare_json(&c, wanted, got);
    cJSON_Delete(wanted);
    cJSON_Delete(got);
    return c.differences;
}

/* The first; how many there are is the server's own matter. */
static unsigned compare_bookmarks(const struct recorded *r, const struct call *call)
{
    struct comparison c = {.name = r->name};
    cJSON *wanted = events_of(&r->answer, true, ""), *got = events_of(&call->body, true, "");
    compare_json(&c, cJSON_GetArrayItem(wanted, 0), cJSON_GetArrayItem(got, 0));
    cJSON_Delete(wanted);
    cJSON_Delete(got);
    return c.differences;
}

/* The recorded target with harbor's version, and a second instead of several. */
static struct call *start_watch(struct harbor *h, struct recorded *r, enum protocol protocol,
                                const char *version)
{
    struct strbuf target = STRBUF_INIT(4096);
    struct span rest = span_from(r->target), part;
    char between = '?';
    assert_true(span_split(&rest, '?', &part));
    strbuf_add(&target, part);
    while (span_split(&rest, '&', &part)) {
        strbuf_addc(&target, between);
        between = '&';
        if (version && span_starts(part, "resourceVersion="))
            strbuf_addf(&target, "resourceVersion=%s", version);
        else if (span_starts(part, "timeoutSeconds="))
            strbuf_adds(&target, "timeoutSeconds=1");
        else
            strbuf_add(&target, part);
    }
    const struct request request = {
        .target = strbuf_cstr(&target), .token = ADMIN, .lines = r->lines, .protocol = protocol};
    struct call *c = harbor_call(h, &request);
    strbuf_clear(&target);
    return c;
}

static void read_version(struct harbor *h, char version[32])
{
    struct call *c = harbor_get(h, HTTP1, "/api/v1/pods?limit=1");
    cJSON *list = cJSON_Parse(strbuf_cstr(&c->body));
    const cJSON *metadata = cJSON_GetObjectItemCaseSensitive(list, "metadata");
    const char *text =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(metadata, "resourceVersion"));
    assert_non_null(text);
    (void)snprintf(version, 32, "%s", text);
    cJSON_Delete(list);
    harbor_forget(c);
}

/* Watches before, beside and after the changes; all at once, for each takes a second. */
static unsigned replay_watches(struct harbor *h, enum protocol protocol)
{
    struct recorded r[BN_COUNT(watches)];
    struct call *calls[BN_COUNT(watches)];
    unsigned differences = 0;
    char version[32];
    for (size_t i = 0; i < BN_COUNT(watches); i++)
        recorded_read(&r[i], watches[i]);
    read_version(h, version);
    calls[0] = start_watch(h, &r[0], protocol, version);
    calls[1] = start_watch(h, &r[1], protocol, NULL);
    calls[3] = start_watch(h, &r[3], protocol, NULL);
    make_changes(h);
    calls[2] = start_watch(h, &r[2], protocol, version); /* what was before it began */
    for (size_t i = 0; i < BN_COUNT(watches); i++) {
        struct comparison c = {.name = watches[i]};
        harbor_await(h, calls[i]);
        compare_answer(&c,
                       &(struct recorded){.head = r[i].head,
                                          .status = r[i].status,
                                          .answer = calls[i]->body,
                                          .target = r[i].target},
                       calls[i]);
        differences += c.differences;
    }
    differences += compare_events(&r[0], calls[0], "") + compare_bookmarks(&r[0], calls[0]);
    differences += compare_events(&r[1], calls[1], "") + compare_bookmarks(&r[1], calls[1]);
    differences += compare_events(&r[2], calls[2], "watched"); /* harbor keeps no older history */
    assert_int_equal(calls[3]->body.len, 0);
    for (size_t i = 0; i < BN_COUNT(watches); i++) {
        harbor_forget(calls[i]);
        recorded_done(&r[i]);
    }
    return differences;
}

static void watches_are_as_recorded(void **state)
{
    unsigned differences = replay_watches(*state, HTTP1);
    differences += replay_watches(*state, HTTP2);
    assert_int_equal(differences, 0);
}

/* ---- Nothing is forgotten. */

static void count_names(int seen[RECORDED + 1], const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        long number = strtol(names[i], NULL, 10);
        assert_in_range(number, 1, RECORDED);
        seen[number]++;
    }
}

static void every_recording_is_replayed_or_has_a_reason(void **state)
{
    int seen[RECORDED + 1] = {0}, wrong = 0;
    (void)state;
    count_names(seen, discovery, BN_COUNT(discovery));
    count_names(seen, typed_lists, BN_COUNT(typed_lists));
    count_names(seen, custom_lists, BN_COUNT(custom_lists));
    count_names(seen, reads, BN_COUNT(reads));
    count_names(seen, pages, BN_COUNT(pages));
    count_names(seen, watches, BN_COUNT(watches));
    count_names(seen, errors, BN_COUNT(errors));
    for (size_t i = 0; i < BN_COUNT(not_replayed); i++)
        for (int n = not_replayed[i].first; n <= not_replayed[i].last; n += not_replayed[i].step)
            seen[n]++;
    for (int n = 1; n <= RECORDED; n++) {
        if (seen[n] == 1)
            continue;
        print_error("recording %03d is in %d tables, not in one\n", n, seen[n]);
        wrong++;
    }
    assert_int_equal(wrong, 0);
}

/* Each file of the repository has a number of the tables. */
static void every_file_has_its_number(void **state)
{
    char path[4096];
    struct dirent *entry;
    (void)state;
    (void)snprintf(path, sizeof(path), "%s/test/data/recorded", getenv("top_srcdir"));
    DIR *folder = opendir(path);
    assert_non_null(folder);
    while ((entry = readdir(folder))) {
        if (!span_ends(span_from(entry->d_name), ".http"))
            continue;
        long number = strtol(entry->d_name, NULL, 10);
        if (number < 1 || number > RECORDED)
            fail_msg("%s has no number of a recording", entry->d_name);
    }
    (void)closedir(folder);
}

/* What the demonstration has beyond the recorded platform goes first. */
static int setup(void **state)
{
    static const char *const more[] = {"binnacle", "binnacle-registry", "binnacle-terraform"};
    int failed = harbor_setup(state);
    for (size_t i = 0; i < BN_COUNT(more) && !failed; i++)
        (void)harbor_told(*state, "delete secrets vault %s", more[i]);
    return failed;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_recording_is_replayed_or_has_a_reason),
        cmocka_unit_test(every_file_has_its_number),
        cmocka_unit_test(discovery_is_as_recorded),
        cmocka_unit_test(typed_lists_are_as_recorded),
        cmocka_unit_test(custom_lists_are_as_recorded),
        cmocka_unit_test(reads_are_as_recorded),
        cmocka_unit_test(pages_are_as_recorded),
        cmocka_unit_test(errors_are_as_recorded),
        cmocka_unit_test(watches_are_as_recorded),
    };
    return cmocka_run_group_tests(tests, setup, harbor_teardown);
}
