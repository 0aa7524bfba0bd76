/* Deeds by Redis' protocol: a command each, its words a JSON array of texts. A site is a server, as
 * its source is; what a command answers comes as {"reply": ...}. */
#include <config.h>

#include "actions/target_impl.h"
#include "base/json_out.h"
#include "net/kube.h"
#include "net/recipe.h"
#include "net/redis.h"

#include <stdio.h>
#include <string.h>

#define ANSWER_MAX    ((size_t)4 << 20)
#define DEADLINE_MS   60000
#define TEXT_BYTES    2048
#define NAME_BYTES    256 /* of an object of Kubernetes */
#define PODS_MAX      16
#define PORT          "6379"
#define SENTINEL_PORT "26379"
#define SELECTOR      "app.kubernetes.io/name=redis"

/* ---- Sites: what the Bitnami chart makes, as the source finds it [bitnami/redis templates/]. */

static const struct kube_resource services = {"", "v1", "services"},
                                  sets = {"apps", "v1", "statefulsets"},
                                  secrets = {"", "v1", "secrets"};

/* A release: FULL-master, FULL-replicas, or with sentinels FULL-node. */
struct release {
    struct target *t;
    struct sites *out;
    const char *ns;
    char full[NAME_BYTES];
    char password[TEXT_BYTES]; /* its setting; "": there is no Secret */
};

/* Of the object NAME that ends so: whose release it is, and where its password is. */
static bool open_release(struct release *r, const char *name, const char *end, struct err *err)
{
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX);
    struct json_doc *secret;
    (void)snprintf(r->full, sizeof(r->full), "%.*s", (int)(strlen(name) - strlen(end)), name);
    kube_path(&path, &secrets, r->ns, r->full, NULL);
    bool ok = target_metadata(r->t, strbuf_cstr(&path), &secret, err);
    strbuf_clear(&path);
    if (ok && secret)
        (void)snprintf(r->password, sizeof(r->password), "password=secret:%s/%s/redis-password",
                       r->ns, r->full);
    json_doc_free(secret);
    return ok;
}

static void add_server(const struct release *r, const char *way, const char *name, bool qualified)
{
    char site[TEXT_BYTES], reach[TEXT_BYTES], owner[TEXT_BYTES];
    (void)snprintf(site, sizeof(site), "%s%s%s", qualified ? r->ns : "", qualified ? "/" : "",
                   name);
    for (size_t i = 0; i < r->out->count; i++)
        if (strcmp(r->out->sites[i].name, site) == 0)
            (void)snprintf(site, sizeof(site), "%s/%s", r->ns, name);
    (void)snprintf(reach, sizeof(reach), "reach=%s:%s/%s:" PORT, way, r->ns, name);
    (void)snprintf(owner, sizeof(owner), "owner=%s/%s", r->ns, r->full);
    const char *const settings[] = {reach, owner, r->password[0] ? r->password : NULL, NULL};
    sites_add(r->out, "redis", site, settings);
}

/* How many servers a StatefulSet is to have. */
static int64_t pods_of(const struct json_node *set)
{
    int64_t pods;
    if (!json_node_int(json_node_path(set, "spec.replicas"), &pods))
        return 0;
    return pods < PODS_MAX ? pods : PODS_MAX;
}

static bool add_pods(const struct release *r, const char *set, bool qualified, struct err *err)
{
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX);
    struct json_doc *doc;
    char name[NAME_BYTES];
    kube_path(&path, &sets, r->ns, set, NULL);
    bool ok = target_get(r->t, strbuf_cstr(&path), &doc, err);
    strbuf_clear(&path);
    if (!ok)
        return false;
    int64_t pods = pods_of(json_doc_root(doc));
    json_doc_free(doc);
    for (int64_t i = 0; i < pods; i++) {
        (void)snprintf(name, sizeof(name), "%s-%lld", set, (long long)i);
        add_server(r, "pod", name, qualified);
    }
    return true;
}

static bool add_service(struct target *t, const struct json_node *service, struct sites *out,
                        struct err *err)
{
    static const struct {
        const char *component, *end;
    } sorts[] = {{"master", "-master"}, {"replica", "-replicas"}, {"node", "-node"}};
    struct release r = {
        .t = t, .out = out, .ns = json_node_path_text(service, "metadata.namespace", "")};
    const char *name = json_node_path_text(service, "metadata.name", "");
    const char *component = json_node_text(
        json_node_get(json_node_path(service, "spec.selector"), "app.kubernetes.io/component"));
    for (size_t i = 0; component && i < BN_COUNT(sorts); i++) {
        size_t len = strlen(name), end = strlen(sorts[i].end);
        bool ends = len > end && strcmp(name + len - end, sorts[i].end) == 0;
        if (strcmp(component, sorts[i].component) != 0 || !ends)
            continue;
        if (!open_release(&r, name, sorts[i].end, err))
            return false;
        if (i)
            return add_pods(&r, name, i == 2, err);
        add_server(&r, "service", name, false);
    }
    return true;
}

/* Beside each server of FULL-node one listens; they are one site, as their source is. */
static bool add_sentinels(struct target *t, const struct json_node *set, struct sites *out,
                          struct err *err)
{
    struct release r = {
        .t = t, .out = out, .ns = json_node_path_text(set, "metadata.namespace", "")};
    const char *name = json_node_path_text(set, "metadata.name", "");
    char site[TEXT_BYTES], reach[TEXT_BYTES];
    struct strbuf nodes = STRBUF_INIT(TEXT_BYTES);
    const int64_t pods = pods_of(set);
    if (!open_release(&r, name, "-node", err))
        return false;
    (void)snprintf(site, sizeof(site), "%s/%s", r.ns, name);
    (void)snprintf(reach, sizeof(reach), "reach=pod:%s/*:" SENTINEL_PORT, r.ns);
    strbuf_adds(&nodes, "nodes=");
    for (int64_t i = 0; i < pods; i++)
        strbuf_addf(&nodes, "%s%s-%lld", i ? "," : "", name, (long long)i);
    const char *const settings[] = {reach, strbuf_cstr(&nodes), r.password[0] ? r.password : NULL,
                                    NULL};
    sites_add(out, "redis-sentinel", site, settings);
    strbuf_clear(&nodes);
    return true;
}

static bool find_sentinels(struct target *t, struct sites *out, struct err *err)
{
    struct json_doc *doc;
    const struct json_node *set;
    bool ok = target_list(t, &sets, NULL, SELECTOR, &doc, &set, err);
    for (; ok && set; set = json_node_next(set))
        if (span_ends(span_from(json_node_path_text(set, "metadata.name", "")), "-node"))
            ok = add_sentinels(t, set, out, err);
    json_doc_free(doc);
    return ok;
}

static bool find(struct target *t, struct sites *out, struct err *err)
{
    struct json_doc *doc;
    const struct json_node *service;
    bool ok = target_list(t, &services, NULL, SELECTOR, &doc, &service, err);
    for (; ok && service; service = json_node_next(service))
        ok = add_service(t, service, out, err);
    json_doc_free(doc);
    return ok;
}

/* ---- Connections. */

static void close_redis(void *what)
{
    redis_free(what);
}

static struct redis *open_redis(struct target *t, const struct site *s, struct span server,
                                struct err *err)
{
    struct strbuf way = STRBUF_INIT(TEXT_BYTES);
    const struct stream_wait wait = stream_wait_for(DEADLINE_MS, t->cancel_fd);
    const struct reach_options o = {.name = s->name,
                                    .ca_file = site_setting(s, "ca"),
                                    .tls_server_name = site_setting(s, "tls_name"),
                                    .insecure = site_setting_true(s, "insecure"),
                                    .cluster = &t->cluster};
    struct strbuf password = STRBUF_INIT(RECIPE_VALUE_MAX);
    const char *user = site_setting(s, "user");
    site_reach(s, server, &way);
    struct reach *reach = reach_parse(strbuf_cstr(&way), err);
    struct stream *stream = NULL;
    struct redis *redis = NULL;
    if (reach && target_site_secret(t, s, "password", &password, err))
        stream = reach_stream(reach, &o, &wait, NULL, err);
    if (stream) {
        redis = redis_new(stream, s->name);
        if (!redis_auth(redis, span_from(user), span_trim(strbuf_span(&password)), &wait, err)) {
            redis_free(redis);
            redis = NULL;
        }
    }
    strbuf_wipe(&password);
    strbuf_clear(&way);
    reach_free(reach);
    return redis;
}

static struct redis *link_of(struct target *t, const struct deed *d, struct err *err)
{
    char key[TEXT_BYTES];
    struct span server;
    (void)snprintf(key, sizeof(key), "%s %s", d->system, d->at);
    struct redis *redis = target_link(t, key);
    const struct site *s = redis ? NULL : target_at(t, d, &server, err);
    if (redis || !s)
        return redis;
    redis = open_redis(t, s, server, err);
    if (redis)
        target_keep(t, key, redis, close_redis);
    return redis;
}

/* ---- Asking. */

static void write_reply(struct json_out *j, const struct redis_reply *r)
{
    switch (r->type) {
    case REDIS_TEXT:
        json_text(j, r->text);
        break;
    case REDIS_NUMBER:
        json_int(j, r->number);
        break;
    case REDIS_NIL:
        json_null(j);
        break;
    case REDIS_LIST:
        json_array(j);
        for (size_t i = 0; i < r->count; i++)
            write_reply(j, r->items[i]);
        json_array_end(j);
        break;
    }
}

static bool read_reply(const struct redis_reply *reply, struct json_doc **answer, struct err *err)
{
    struct strbuf text = STRBUF_INIT(ANSWER_MAX);
    struct json_out j;
    json_out_init(&j, &text, 0);
    json_object(&j);
    json_key(&j, "reply");
    write_reply(&j, reply);
    json_object_end(&j);
    *answer = json_doc_parse(strbuf_span(&text), "Redis' answer", err);
    strbuf_clear(&text);
    return *answer != NULL;
}

static bool ask(struct redis *redis, struct target *t, const struct json_node *list,
                struct json_doc **answer, struct err *err)
{
    const struct stream_wait wait = stream_wait_for(DEADLINE_MS, t->cancel_fd);
    const char *words[REDIS_COMMAND_MAX + 1] = {NULL};
    const struct redis_reply *reply;
    size_t n = 0;
    for (const struct json_node *w = json_node_first(list); w; w = json_node_next(w)) {
        if (n == REDIS_COMMAND_MAX || !json_node_text(w))
            return err_set(err, ERR_CONFIG, "that is no command of Redis");
        words[n++] = json_node_text(w);
    }
    if (!redis_ask(redis, words, &wait, &reply, err))
        return false;
    return !answer || read_reply(reply, answer, err);
}

static bool redis_send(struct target *t, const struct deed *d, const char *body, bool dry,
                       struct json_doc **answer, struct err *err)
{
    if (dry)
        return true;
    struct json_doc *words = json_doc_parse(span_from(body), "the command", err);
    struct redis *redis = words ? link_of(t, d, err) : NULL;
    bool ok = redis && ask(redis, t, json_doc_root(words), answer, err);
    if (redis && !ok &&
        (err->kind == ERR_IO || err->kind == ERR_TIMEOUT || err->kind == ERR_CANCELLED)) {
        char key[TEXT_BYTES];
        (void)snprintf(key, sizeof(key), "%s %s", d->system, d->at);
        target_drop(t, key);
    }
    json_doc_free_wiped(words);
    return ok;
}

/* ---- Rights: ACL DRYRUN of 7.0, where this user may ask it; else it shows when it is tried. */

static bool redis_allowed(struct target *t, const struct deed *d, struct err *err)
{
    struct strbuf body = STRBUF_INIT(8192);
    struct json_doc *who = NULL, *may = NULL;
    struct err why;
    bool allowed = true;
    err_clear(&why);
    const char *user = redis_send(t, d, "[\"ACL\",\"WHOAMI\"]", false, &who, &why)
                           ? json_node_text(json_node_get(json_doc_root(who), "reply"))
                           : NULL;
    if (!user && (why.kind == ERR_IO || why.kind == ERR_AUTH || why.kind == ERR_TIMEOUT))
        return err_code(err, why.kind, why.code, "%s", why.msg);
    if (user) {
        struct json_out j;
        json_out_init(&j, &body, 0);
        json_array(&j);
        json_cstr(&j, "ACL");
        json_cstr(&j, "DRYRUN");
        json_cstr(&j, user);
        json_array_end(&j);
        strbuf_truncate(&body, body.len - 1);
        strbuf_addf(&body, ",%s", d->body + 1);
        if (redis_send(t, d, strbuf_cstr(&body), false, &may, &why)) {
            const char *says = json_node_text(json_node_get(json_doc_root(may), "reply"));
            allowed = says && strcmp(says, "OK") == 0;
            if (!allowed)
                (void)err_set(err, ERR_DENIED, "%s: %s", d->at, says ? says : "not allowed");
        }
    }
    json_doc_free(who);
    json_doc_free(may);
    strbuf_clear(&body);
    return allowed;
}

/* ---- By hand. */

static void redis_shell(const struct deed *d, BN_UNUSED const struct target *t, struct strbuf *out)
{
    struct err why;
    struct json_doc *words = json_doc_parse(span_from(d->body), "the command", &why);
    const struct json_node *w = json_node_first(json_doc_root(words));
    bool sentinel = strcmp(d->system, "redis-sentinel") == 0;
    strbuf_adds(out, "redis-cli ");
    deed_host(out, d, "-p", sentinel ? SENTINEL_PORT : "6379");
    strbuf_adds(out, " ${REDIS_ASK---askpass}"); /* which would not look at REDISCLI_AUTH */
    for (; w; w = json_node_next(w)) {
        strbuf_addc(out, ' ');
        deed_quote(out, span_from(json_node_text(w)));
    }
    json_doc_free(words);
}

const struct channel channel_redis = {
    .system = "redis",
    .find = find,
    .send = redis_send,
    .allowed = redis_allowed,
    .shell = redis_shell,
    .form = SECRETS_JSON,
};

/* The same protocol. */
const struct channel channel_sentinel = {
    .system = "redis-sentinel",
    .find = find_sentinels,
    .send = redis_send,
    .allowed = redis_allowed,
    .shell = redis_shell,
    .form = SECRETS_JSON,
};
