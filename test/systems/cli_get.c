/* `get` and `status` against a server that answers as a real API server did:
 * rows are what that server's own Table says, forms agree with each other, and
 * what cannot be read is named. */
#include <config.h>

#include "base/json_out.h"
#include "base/yaml.h"
#include "test/systems/cli_run.h"
#include "test/systems/http_server.h"
#include "test/unit/net_test.h"

#include <cjson/cJSON.h>
#include <fcntl.h>
#include <unistd.h>

enum mode {
    MODE_RECORDED, /* as it was recorded */
    MODE_DENIED,   /* pods may not be read */
    MODE_LOGIN,    /* 401 for everything */
    MODE_HTML,     /* a proxy's page instead of JSON */
    MODE_CUT,      /* JSON that ends in the middle */
    MODE_HOSTILE,  /* a pod with a name that no one should have */
    MODE_BIG,      /* an object of 10 MB among the others */
    MODE_OWN,      /* only what is in the namespace `default` may be read */
};

struct api {
    struct cli_place *place; /* first: cli_run() takes it */
    struct server *server;
    enum mode mode;
};

/* What is asked for, and which recording has it. */
static const struct {
    const char *path, *file;
} lists[] = {
    {"/api/v1/namespaces", "021-list-namespaces.http"},
    {"/api/v1/nodes", "023-list-nodes.http"},
    {"/api/v1/pods", "025-list-pods.http"},
    {"/api/v1/services", "027-list-services.http"},
    {"/api/v1/secrets", "120-meta-secrets.http"},
    {"/api/v1/persistentvolumeclaims", "033-list-persistentvolumeclaims.http"},
    {"/api/v1/persistentvolumes", "035-list-persistentvolumes.http"},
    {"/api/v1/events", "037-list-events.http"},
    {"/apis/apps/v1/deployments", "047-list-apps-deployments.http"},
    {"/apis/apps/v1/statefulsets", "049-list-apps-statefulsets.http"},
    {"/apis/apps/v1/daemonsets", "051-list-apps-daemonsets.http"},
    {"/apis/apps/v1/replicasets", "053-list-apps-replicasets.http"},
    {"/apis/batch/v1/jobs", "055-list-batch-jobs.http"},
    {"/apis/batch/v1/cronjobs", "057-list-batch-cronjobs.http"},
    {"/apis/networking.k8s.io/v1/ingresses", "059-list-networking-ingresses.http"},
    {"/apis/discovery.k8s.io/v1/endpointslices", "065-list-discovery-endpointslices.http"},
    {"/apis/policy/v1/poddisruptionbudgets", "071-list-policy-poddisruptionbudgets.http"},
    {"/apis/storage.k8s.io/v1/storageclasses", "067-list-storage-storageclasses.http"},
    {"/apis/traefik.io/v1alpha1/ingressroutes", "079-list-traefik-ingressroutes.http"},
    {"/apis/traefik.io/v1alpha1/middlewares", "081-list-traefik-middlewares.http"},
};

static cJSON *member(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

static cJSON *recorded_json(const char *name)
{
    struct strbuf file = STRBUF_INIT(BODY_MAX);
    read_recorded(name, &file);
    struct span body = recorded_body(strbuf_span(&file));
    cJSON *doc = cJSON_ParseWithLength(body.data, body.len);
    assert_non_null(doc);
    strbuf_clear(&file);
    return doc;
}

/* ---- The server. */

static void answer_json(struct conn *c, int status, cJSON *doc)
{
    char *text = cJSON_PrintUnformatted(doc);
    conn_answer(c, status, "Content-Type: application/json\r\n", span_from(text));
    cJSON_free(text);
    cJSON_Delete(doc);
}

static void answer_status(struct conn *c, int code, const char *reason, const char *message)
{
    cJSON *doc = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(doc, "kind", "Status");
    (void)cJSON_AddStringToObject(doc, "apiVersion", "v1");
    (void)cJSON_AddStringToObject(doc, "status", "Failure");
    (void)cJSON_AddStringToObject(doc, "message", message);
    (void)cJSON_AddStringToObject(doc, "reason", reason);
    (void)cJSON_AddNumberToObject(doc, "code", code);
    answer_json(c, code, doc);
}

static const char *metadata(const cJSON *object, const char *name)
{
    const char *text = cJSON_GetStringValue(member(member(object, "metadata"), name));
    return text ? text : "";
}

/* Keeps the items of a namespace. */
static void keep_namespace(cJSON *list, const char *ns)
{
    cJSON *items = member(list, "items");
    for (int i = cJSON_GetArraySize(items) - 1; i >= 0; i--)
        if (strcmp(metadata(cJSON_GetArrayItem(items, i), "namespace"), ns) != 0)
            cJSON_DeleteItemFromArray(items, i);
}

static void make_odd(enum mode mode, cJSON *list)
{
    cJSON *first = cJSON_GetArrayItem(member(list, "items"), 0);
    if (mode == MODE_HOSTILE) {
        (void)cJSON_SetValuestring(member(member(first, "metadata"), "name"),
                                   "\x1b[2J\x1b]0;owned\x07"
                                   "\xe2\x80\xae"
                                   "gnp\xff\n");
    } else if (mode == MODE_BIG) {
        char *big = malloc(10000001);
        memset(big, 'x', 10000000);
        big[10000000] = '\0';
        cJSON *notes = cJSON_AddObjectToObject(member(first, "metadata"), "annotations");
        if (!notes) {
            cJSON_DeleteItemFromObjectCaseSensitive(member(first, "metadata"), "annotations");
            notes = cJSON_AddObjectToObject(member(first, "metadata"), "annotations");
        }
        (void)cJSON_AddStringToObject(notes, "note", big);
        free(big);
    }
}

static void answer_list(struct conn *c, enum mode mode, const char *file, const char *ns)
{
    cJSON *list = recorded_json(file);
    if (ns)
        keep_namespace(list, ns);
    if (strstr(file, "pods"))
        make_odd(mode, list);
    answer_json(c, 200, list);
}

static void answer_object(struct conn *c, const char *file, const char *ns, const char *name)
{
    cJSON *list = recorded_json(file), *found = NULL, *item;
    keep_namespace(list, ns);
    cJSON_ArrayForEach(item, member(list, "items"))
    {
        if (strcmp(metadata(item, "name"), name) == 0)
            found = cJSON_Duplicate(item, true);
    }
    cJSON_Delete(list);
    if (!found) {
        answer_status(c, 404, "NotFound", "not found");
        return;
    }
    (void)cJSON_AddStringToObject(found, "kind", "Pod");
    (void)cJSON_AddStringToObject(found, "apiVersion", "v1");
    answer_json(c, 200, found);
}

/* "/api/v1/namespaces/shop/pods/x" to "/api/v1/pods", "shop", "x". */
static void split_path(char *path, char **ns, char **name)
{
    char *query = strchr(path, '?'), *at = strstr(path, "/namespaces/");
    *ns = *name = NULL;
    if (query)
        *query = '\0';
    if (!at)
        return;
    *ns = at + strlen("/namespaces/");
    char *plural = strchr(*ns, '/');
    if (!plural) {
        *ns = NULL;
        return;
    }
    *plural++ = '\0';
    *name = strchr(plural, '/');
    if (*name)
        *(*name)++ = '\0';
    *ns = strdup(*ns);
    *name = *name ? strdup(*name) : NULL;
    *at = '/';
    memmove(at + 1, plural, strlen(plural) + 1);
}

static void answer_recorded(struct conn *c, enum mode mode, char *path)
{
    char *ns, *name;
    split_path(path, &ns, &name);
    for (size_t i = 0; i < BN_COUNT(lists); i++) {
        if (strcmp(lists[i].path, path) != 0)
            continue;
        if (name)
            answer_object(c, lists[i].file, ns, name);
        else
            answer_list(c, mode, lists[i].file, ns);
        free(ns);
        free(name);
        return;
    }
    free(ns);
    free(name);
    answer_status(c, 404, "NotFound", "the server could not find the requested resource");
}

static void serve(struct conn *c, const char *request, void *context)
{
    const struct api *api = context;
    char path[512];
    struct span line = span_from(request), word;
    (void)span_split(&line, ' ', &word);
    (void)span_split(&line, ' ', &word);
    (void)snprintf(path, sizeof(path), "%.*s", SPAN_ARG(word));
    if (api->mode == MODE_HTML)
        conn_answer(c, 200, "Content-Type: text/html\r\n", SPAN("<html>Please sign in</html>"));
    else if (api->mode == MODE_LOGIN)
        answer_status(c, 401, "Unauthorized", "Unauthorized");
    else if (api->mode == MODE_CUT)
        conn_answer(
            c, 200, "Content-Type: application/json\r\n",
            SPAN("{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"items\":[{\"metadata\":{\"na"));
    else if (api->mode == MODE_OWN && !strstr(path, "/namespaces/default/"))
        answer_status(c, 403, "Forbidden", "User \"me\" cannot list it at the cluster scope");
    else if (api->mode == MODE_DENIED && strstr(path, "/pods"))
        answer_status(c, 403, "Forbidden",
                      "pods is forbidden: User \"me\" cannot list resource \"pods\"");
    else
        answer_recorded(c, api->mode, path);
}

static int start(void **state, enum mode mode)
{
    struct api *api = calloc(1, sizeof(*api));
    char text[512];
    if (!api || cli_setup((void **)&api->place) != 0)
        return -1;
    api->mode = mode;
    const struct server_options options = {.serve = serve, .context = api};
    api->server = server_start(&options);
    (void)snprintf(text, sizeof(text),
                   "current-context: here\nclusters: [{name: c, cluster: {server: "
                   "'http://127.0.0.1:%d'}}]\nusers: [{name: u, user: {}}]\ncontexts: [{name: "
                   "here, context: {cluster: c, user: u}}]\n",
                   server_port(api->server));
    (void)cli_put(api->place, "kubeconfig", text, 0600);
    *state = api;
    return 0;
}

static int stop(void **state)
{
    struct api *api = *state;
    server_stop(api->server);
    (void)cli_teardown((void **)&api->place);
    free(api);
    return 0;
}

#define START(name, mode)          \
    static int name(void **state)  \
    {                              \
        return start(state, mode); \
    }
START(recorded, MODE_RECORDED)
START(denied, MODE_DENIED)
START(login, MODE_LOGIN)
START(html, MODE_HTML)
START(cut, MODE_CUT)
START(hostile, MODE_HOSTILE)
START(big, MODE_BIG)
START(own, MODE_OWN)

#define PLACE(state) (((struct api *)*(state))->place)

/* ---- What it says of recorded objects. */

static cJSON *parse(const struct strbuf *text)
{
    cJSON *doc = cJSON_ParseWithLength(strbuf_cstr(text), text->len);
    if (!doc)
        print_error("no JSON: %.300s\n", strbuf_cstr(text));
    assert_non_null(doc);
    return doc;
}

static const char *text_of(const cJSON *object, const char *name)
{
    const char *text = cJSON_GetStringValue(member(object, name));
    return text ? text : "(none)";
}

static const cJSON *find_row(const cJSON *doc, const char *ns, const char *name)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, member(doc, "items"))
    {
        if (strcmp(text_of(item, "name"), name) == 0 &&
            (!ns[0] || strcmp(text_of(item, "namespace"), ns) == 0))
            return item;
    }
    return NULL;
}

/* Every row of the server's own Table is a row here, with the same words. */
static void pods_as_kubectl_prints_them(void **state)
{
    struct cli_run r = {0};
    cli_run(PLACE(state), &r, "get", "pods", "-A", "-o", "json", NULL);
    assert_status(&r, 0);
    cJSON *doc = parse(&r.out), *table = recorded_json("026-table-pods.http");
    const cJSON *row;
    int rows = 0;
    cJSON_ArrayForEach(row, member(table, "rows"))
    {
        const cJSON *cells = member(row, "cells"), *object = member(row, "object");
        const char *name = cJSON_GetStringValue(cJSON_GetArrayItem(cells, 0));
        const cJSON *item = find_row(doc, metadata(object, "namespace"), name);
        assert_non_null(item);
        assert_string_equal(text_of(item, "ready"),
                            cJSON_GetStringValue(cJSON_GetArrayItem(cells, 1)));
        assert_string_equal(text_of(item, "status"),
                            cJSON_GetStringValue(cJSON_GetArrayItem(cells, 2)));
        long restarts = strtol(cJSON_GetStringValue(cJSON_GetArrayItem(cells, 3)), NULL, 10);
        assert_int_equal((long)member(item, "restarts")->valuedouble, restarts);
        rows++;
    }
    assert_true(rows > 90);
    assert_int_equal(cJSON_GetArraySize(member(doc, "items")), rows);
    assert_true(cJSON_IsTrue(member(doc, "complete")));
    assert_int_equal(cJSON_GetArraySize(member(doc, "missing")), 0);
    assert_int_equal((int)member(doc, "schema")->valuedouble, 1);
    cJSON_Delete(doc);
    cJSON_Delete(table);
    cli_done(&r);
}

static void a_row_says_whence_and_how_it_is(void **state)
{
    struct cli_run r = {0};
    cli_run(PLACE(state), &r, "get", "pods", "-A", "--filter", "is:bad", "-o", "json", NULL);
    assert_status(&r, 0);
    cJSON *doc = parse(&r.out);
    const cJSON *item;
    assert_true(cJSON_GetArraySize(member(doc, "items")) > 5);
    cJSON_ArrayForEach(item, member(doc, "items"))
    {
        const cJSON *verdict = member(item, "verdict");
        char key[600];
        (void)snprintf(key, sizeof(key), "%s/%s", text_of(item, "namespace"),
                       text_of(item, "name"));
        assert_string_equal(text_of(item, "kind"), "pod");
        assert_string_equal(text_of(item, "cluster"), "here");
        assert_string_equal(text_of(item, "source"), "here");
        assert_string_equal(text_of(item, "key"), key);
        assert_true(cJSON_IsFalse(member(item, "stale")));
        assert_memory_equal(text_of(verdict, "rule"), "pod-", 4);
        assert_true(text_of(verdict, "says")[0] != '\0');
        assert_true(strcmp(text_of(verdict, "level"), "ok") != 0);
    }
    cJSON_Delete(doc);
    cli_done(&r);
}

static size_t count_lines(const struct strbuf *text)
{
    size_t n = 0;
    for (size_t i = 0; i < text->len; i++)
        n += text->data[i] == '\n';
    return n;
}

/* The context's namespace, a named one, all; as kubectl's. */
static void scopes(void **state)
{
    struct cli_run r = {0};
    cli_run(PLACE(state), &r, "get", "pods", NULL);
    assert_status(&r, 0);
    size_t here = count_lines(&r.out);
    assert_memory_equal(strbuf_cstr(&r.out), "NAME ", 5); /* no column of namespaces */
    cli_run(PLACE(state), &r, "get", "pods", "-n", "vault", "--no-headers", NULL);
    assert_status(&r, 0);
    size_t vault = count_lines(&r.out);
    cli_run(PLACE(state), &r, "get", "po", "-A", NULL);
    assert_memory_equal(strbuf_cstr(&r.out), "NAMESPACE ", 10);
    size_t all = count_lines(&r.out);
    assert_true(here > 5 && vault > 1 && all > here + vault);
    cli_run(PLACE(state), &r, "get", "pods", "-n", "nowhere", NULL);
    assert_status(&r, 0);
    assert_string_equal(strbuf_cstr(&r.out), "");
    assert_complains(&r, "no pods found in namespace nowhere");
    cli_done(&r);
}

static void named_things(void **state)
{
    struct cli_run r = {0};
    cli_run(PLACE(state), &r, "get", "sts/vault", "-n", "vault", "--no-headers", NULL);
    assert_status(&r, 0);
    assert_int_equal(count_lines(&r.out), 1);
    cli_run(PLACE(state), &r, "get", "pods", "-n", "vault", "vault-0", "nobody", "-o", "json",
            NULL);
    assert_status(&r, 1);
    assert_complains(&r, "pods \"nobody\" not found in namespace vault");
    cJSON *doc = parse(&r.out);
    assert_int_equal(cJSON_GetArraySize(member(doc, "items")), 1);
    cJSON_Delete(doc);
    cli_done(&r);
}

static void forms_agree(void **state)
{
    struct cli_run json = {0}, r = {0};
    struct err err;
    cli_run(PLACE(state), &json, "get", "services", "-A", "-o", "json", NULL);
    cJSON *doc = parse(&json.out);
    size_t rows = (size_t)cJSON_GetArraySize(member(doc, "items"));
    assert_true(rows > 20);
    cli_run(PLACE(state), &r, "get", "svc", "-A", "-o", "yaml", NULL);
    struct yaml_doc *yaml = yaml_parse(strbuf_span(&r.out), "yaml", &err);
    if (!yaml)
        fail_msg("%s", err.msg);
    struct strbuf as_json = STRBUF_INIT((size_t)16 << 20);
    yaml_to_json(yaml_root(yaml, 0), &as_json);
    cJSON *same = parse(&as_json), *item;
    cJSON_ArrayForEach(item, member(doc, "items")) cJSON_DeleteItemFromObject(item, "age");
    cJSON_ArrayForEach(item, member(same, "items")) cJSON_DeleteItemFromObject(item, "age");
    assert_true(cJSON_Compare(doc, same, true));
    yaml_doc_free(yaml);
    strbuf_clear(&as_json);
    cli_run(PLACE(state), &r, "get", "svc", "-A", "-o", "jsonl", NULL);
    assert_int_equal(count_lines(&r.out), rows);
    cli_run(PLACE(state), &r, "get", "svc", "-A", "-o", "csv", NULL);
    assert_int_equal(count_lines(&r.out), rows + 1);
    assert_memory_equal(strbuf_cstr(&r.out), "namespace,name,", 15);
    cli_run(PLACE(state), &r, "get", "svc", "-A", "-o", "wide", NULL);
    assert_int_equal(count_lines(&r.out), rows + 1);
    cJSON_Delete(doc);
    cJSON_Delete(same);
    cli_done(&json);
    cli_done(&r);
}

static void sorts_and_filters(void **state)
{
    struct cli_run r = {0};
    double last = 1e9;
    cli_run(PLACE(state), &r, "get", "pods", "-A", "--sort", "restarts!", "--filter", "restarts>0",
            "-o", "json", NULL);
    assert_status(&r, 0);
    cJSON *doc = parse(&r.out);
    const cJSON *item;
    assert_true(cJSON_GetArraySize(member(doc, "items")) > 2);
    cJSON_ArrayForEach(item, member(doc, "items"))
    {
        double restarts = member(item, "restarts")->valuedouble;
        assert_true(restarts > 0 && restarts <= last);
        last = restarts;
    }
    cJSON_Delete(doc);
    cli_done(&r);
}

/* --raw is the object as the server has it, cell for cell. */
static void raw_objects(void **state)
{
    struct cli_run r = {0};
    cli_run(PLACE(state), &r, "get", "pods", "vault-0", "-n", "vault", "--raw", "-o", "json", NULL);
    assert_status(&r, 0);
    cJSON *doc = parse(&r.out), *list = recorded_json("025-list-pods.http"), *item;
    bool found = false;
    cJSON_ArrayForEach(item, member(list, "items"))
    {
        if (strcmp(metadata(item, "name"), "vault-0") != 0)
            continue;
        found = true;
        assert_true(cJSON_Compare(member(item, "spec"), member(doc, "spec"), true));
        assert_true(cJSON_Compare(member(item, "status"), member(doc, "status"), true));
    }
    assert_true(found);
    cJSON_Delete(doc);
    cJSON_Delete(list);
    cli_run(PLACE(state), &r, "get", "pods", "-n", "vault", "--raw", "-o", "json", NULL);
    doc = parse(&r.out);
    assert_string_equal(text_of(doc, "kind"), "List");
    assert_true(cJSON_GetArraySize(member(doc, "items")) > 1);
    cJSON_Delete(doc);
    cli_run(PLACE(state), &r, "get", "pods", "vault-0", "-n", "vault", "--raw", "-o", "yaml", NULL);
    assert_prints(&r, "\nkind: Pod\n");
    cli_done(&r);
}

static void the_state_of_the_platform(void **state)
{
    struct cli_run r = {0};
    cli_run(PLACE(state), &r, "status", NULL);
    assert_status(&r, 2);
    assert_memory_equal(strbuf_cstr(&r.out), "critical ", 9); /* the worst stands first */
    cli_run(PLACE(state), &r, "status", "-o", "json", NULL);
    assert_status(&r, 2);
    cJSON *doc = parse(&r.out);
    assert_string_equal(text_of(doc, "level"), "critical");
    assert_true(cJSON_IsTrue(member(doc, "complete")));
    assert_true(cJSON_GetArraySize(member(doc, "items")) >= 5);
    cJSON_Delete(doc);
    cli_run(PLACE(state), &r, "status", "-o", "nagios", NULL);
    assert_status(&r, 2);
    assert_memory_equal(strbuf_cstr(&r.out), "BINNACLE CRITICAL - ", 20);
    assert_int_equal(count_lines(&r.out), 1);
    assert_prints(&r, " | ");
    cli_done(&r);
}

/* ---- What cannot be read. */

static void a_denied_kind(void **state)
{
    struct cli_run r = {0};
    cli_run(PLACE(state), &r, "get", "pods", NULL);
    assert_status(&r, 1);
    assert_complains(&r, "cannot list resource \"pods\"");
    assert_string_equal(strbuf_cstr(&r.out), "");
    cli_run(PLACE(state), &r, "get", "pods", "-o", "json", NULL);
    assert_status(&r, 1);
    assert_prints(&r, "\"error\": \"denied\"");
    assert_prints(&r, "\"complete\": false");
    cli_run(PLACE(state), &r, "get", "services", NULL); /* the rest is not blanked */
    assert_status(&r, 0);
    cli_done(&r);
}

/* Who may look at one namespace needs no more than that: neither for the rows nor
 * for what they are judged by, unless that lies elsewhere, which is said. */
static void one_namespace_is_enough(void **state)
{
    static const char *const kinds[] = {"pods", "deploy", "jobs", "cronjobs", "services", "rs"};
    struct cli_run r = {0};
    for (size_t i = 0; i < BN_COUNT(kinds); i++) {
        cli_run(PLACE(state), &r, "get", kinds[i], "-o", "json", NULL);
        if (r.status != 0 || r.err.len)
            fail_msg("%s: %d %s", kinds[i], r.status, strbuf_cstr(&r.err));
    }
    cli_run(PLACE(state), &r, "get", "ingresses", "-o", "json", NULL);
    assert_status(&r, 0);
    assert_complains(&r, "services of here are there in part: 1 namespace, which others there are");
    cli_run(PLACE(state), &r, "get", "pods", "-o", "json", NULL);
    assert_prints(&r, "\"complete\": true");
    cli_run(PLACE(state), &r, "get", "pvcs", "-o", "json", NULL); /* classes are the cluster's */
    assert_status(&r, 0);
    assert_complains(&r, "/apis/storage.k8s.io/v1/storageclasses");
    cli_run(PLACE(state), &r, "get", "nodes", NULL);
    assert_status(&r, 1);
    cli_done(&r);
}

static void a_refused_login(void **state)
{
    struct cli_run r = {0};
    cli_run(PLACE(state), &r, "get", "pods", NULL);
    assert_status(&r, 1);
    assert_complains(&r, "401");
    assert_true(r.ms < 5000);
    cli_done(&r);
}

static void a_page_instead_of_json(void **state)
{
    struct cli_run r = {0};
    cli_run(PLACE(state), &r, "get", "pods", NULL);
    assert_status(&r, 1);
    assert_complains(&r, "text/html");
    cli_done(&r);
}

static void json_cut_short(void **state)
{
    struct cli_run r = {0};
    cli_run(PLACE(state), &r, "get", "pods", NULL);
    assert_status(&r, 1);
    assert_complains(&r, "cluster ");
    assert_complains(&r, "GET /api/v1/namespaces/");
    assert_string_equal(strbuf_cstr(&r.out), "");
    cli_done(&r);
}

static void names_that_attack_the_terminal(void **state)
{
    struct cli_run r = {0};
    const char *const forms[] = {"table", "wide", "csv", "json", "yaml"};
    for (size_t i = 0; i < BN_COUNT(forms); i++) {
        cli_run(PLACE(state), &r, "get", "pods", "-A", "-o", forms[i], NULL);
        assert_status(&r, 0);
        assert_prints(&r, "owned");
        for (size_t at = 0; at < r.out.len; at++) {
            unsigned char byte = (unsigned char)r.out.data[at];
            assert_true(byte >= ' ' || byte == '\n' || (byte == '\r' && i == 2));
        }
    }
    cli_run(PLACE(state), &r, "get", "pods", "-A", NULL);
    assert_null(strstr(strbuf_cstr(&r.out), "\xe2\x80\xae")); /* no right-to-left override */
    cli_done(&r);
}

static void an_object_of_ten_megabytes(void **state)
{
    struct cli_run r = {0};
    cli_run(PLACE(state), &r, "get", "pods", "-A", NULL); /* etcd refuses it at 1.5 MB */
    assert_status(&r, 1);
    assert_complains(&r, "one object is larger than 8 MiB");
    cli_done(&r);
}

static void a_reader_that_has_gone(void **state)
{
    struct cli_run r = {0};
    int fds[2], full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    (void)close(fds[0]);
    cli_run_to(PLACE(state), &r, fds[1], "get", "pods", "-A", "-o", "json", NULL);
    assert_status(&r, 0);
    assert_string_equal(strbuf_cstr(&r.err), "");
    cli_run_to(PLACE(state), &r, full, "get", "pods", "-A", "-o", "json", NULL);
    assert_status(&r, 1);
    assert_string_equal(strbuf_cstr(&r.err), "binnacle: write error: No space left on device\n");
    (void)close(fds[1]);
    (void)close(full);
    cli_done(&r);
}

#define CASE(fn, mode) cmocka_unit_test_setup_teardown(fn, mode, stop)

int main(void)
{
    (void)setenv("BINNACLE_DISCOVER", "false", 1); /* the server is a cluster, and no more */
    const struct CMUnitTest tests[] = {
        CASE(pods_as_kubectl_prints_them, recorded),
        CASE(a_row_says_whence_and_how_it_is, recorded),
        CASE(scopes, recorded),
        CASE(named_things, recorded),
        CASE(forms_agree, recorded),
        CASE(sorts_and_filters, recorded),
        CASE(raw_objects, recorded),
        CASE(the_state_of_the_platform, recorded),
        CASE(a_reader_that_has_gone, recorded),
        CASE(a_denied_kind, denied),
        CASE(one_namespace_is_enough, own),
        CASE(a_refused_login, login),
        CASE(a_page_instead_of_json, html),
        CASE(json_cut_short, cut),
        CASE(names_that_attack_the_terminal, hostile),
        CASE(an_object_of_ten_megabytes, big),
    };
    return cmocka_run_group_tests_name("cli_get", tests, NULL, NULL);
}
