/* The platform's Vault: who asks, its seal, its token. */
#include <config.h>

#include "harbor/vault.h"

#include "base/alloc.h"
#include "base/number.h"
#include "base/timetext.h"
#include "harbor/answers.h"
#include "harbor/command.h"
#include "harbor/defaults.h"
#include "harbor/head.h"
#include "harbor/json_parts.h"
#include "harbor/route.h"
#include "harbor/secrets.h"

#include <stdio.h>
#include <stdlib.h>

#define ROOT    "/v1/"
#define MOUNT   "secret/"
#define KEY_MIN 32 /* hexadecimal digits of the 16 bytes that a part has at least */
#define FIRST   "vault-0"

#define SERVERS_MAX 8
#define MONTH_S     2764800
#define VALUE_MAX   ((size_t)64 << 10)
#define DENIED      "1 error occurred:\n\t* permission denied\n\n"
#define SEALED      "Vault is sealed"
#define NOT_OURS    "permission denied"

enum who { NOBODY, READER, EDITOR, WRITER, SUPER };

/* Of a pod. */
struct seal {
    char pod[64];
    bool sealed;
    unsigned parts;  /* bits of those that were given */
    unsigned wrong;  /* how many were given that are none */
    unsigned nonces; /* attempts so far */
};

struct vault {
    cJSON *kv, *team; /* owned; as kv_answer_fn takes it: of the root and of VAULT_TEAM */
    struct seal seals[SERVERS_MAX];
    size_t nseals;
    int64_t end_ms; /* of its renewed token; 0: as the data say */
    int64_t renewed_ms;
};

/* ---- Its servers. */

bool vault_is_pod(const struct object *pod)
{
    const cJSON *labels = pod ? member(member(pod->json, "metadata"), "labels") : NULL;
    return pod && strcmp(pod->ns, VAULT_NS) == 0 &&
           strcmp(json_member(labels, "app.kubernetes.io/name"), "vault") == 0 &&
           strcmp(json_member(labels, "component"), "server") == 0;
}

static struct seal *seal_of(struct vault *v, struct span pod)
{
    for (size_t i = 0; i < v->nseals; i++)
        if (span_is(pod, v->seals[i].pod))
            return &v->seals[i];
    struct seal *s = &v->seals[v->nseals < SERVERS_MAX ? v->nseals++ : SERVERS_MAX - 1];
    *s = (struct seal){.sealed = !span_is(pod, FIRST)};
    (void)snprintf(s->pod, sizeof(s->pod), "%.*s", SPAN_ARG(pod));
    return s;
}

/* NULL: all are sealed. */
static const struct seal *active_of(const struct vault *v)
{
    for (size_t i = 0; i < v->nseals; i++)
        if (!v->seals[i].sealed)
            return &v->seals[i];
    return NULL;
}

/* ---- What it begins with. */

/* In every version that there is. */
static void put_value(cJSON *entry, const char *property, const char *value)
{
    const cJSON *metadata = member(entry, "metadata"), *v;
    const int newest = number_at(metadata, "current_version", 0);
    cJSON_ArrayForEach(v, member(metadata, "versions"))
    {
        char text[512];
        const bool old = strtol(v->string, NULL, 10) != newest;
        (void)snprintf(text, sizeof(text), "%s%s%s", value, old ? "-v" : "", old ? v->string : "");
        json_set_text(within(member(entry, "values"), v->string), property, text);
    }
}

static void learn_values(const struct objects *o, const struct object *external, cJSON *kv)
{
    const cJSON *spec = member(external->json, "spec"), *pair;
    const char *secret = json_member(member(spec, "target"), "name");
    cJSON_ArrayForEach(pair, member(spec, "data"))
    {
        const cJSON *ref = member(pair, "remoteRef");
        struct strbuf value = STRBUF_INIT(VALUE_MAX);
        if (secret_value(o, external->ns, secret, json_member(pair, "secretKey"), &value) &&
            json_member(ref, "property")[0])
            put_value(member(kv, json_member(ref, "key")), json_member(ref, "property"),
                      strbuf_cstr(&value));
        strbuf_wipe(&value);
    }
}

/* "apps/NAME-db" has what create-database writes there: of a user that MySQL has. */
static void learn_database(const struct objects *o, cJSON *entry)
{
    static const char *const known[][2] = {{"host", "mysql-haproxy.operators.svc.cluster.local"},
                                           {"port", "3306"}};
    const struct span path = span_from(entry->string);
    struct strbuf password = STRBUF_INIT(VALUE_MAX);
    char name[64];
    if (!span_starts(path, "apps/") || !span_ends(path, "-db"))
        return;
    (void)snprintf(name, sizeof(name), "%.*s", SPAN_ARG(span_sub(path, 5, path.len - 8)));
    (void)secret_value(o, "operators", "mysql-app-users", name, &password);
    for (size_t i = 0; i < BN_COUNT(known); i++)
        put_value(entry, known[i][0], known[i][1]);
    put_value(entry, "database", name);
    put_value(entry, "username", name);
    put_value(entry, "password", strbuf_cstr(&password));
    strbuf_wipe(&password);
}

static void learn_path(void *kv, const char *path, struct span body)
{
    const char *prefix = ROOT MOUNT "metadata/";
    cJSON *doc =
        span_starts(span_from(path), prefix) ? cJSON_ParseWithLength(body.data, body.len) : NULL;
    cJSON *metadata = doc ? cJSON_DetachItemFromObjectCaseSensitive(doc, "data") : NULL;
    if (metadata) {
        cJSON *entry = cJSON_AddObjectToObject(kv, path + strlen(prefix));
        set_item(entry, "metadata", metadata);
        set_item(entry, "values", cJSON_CreateObject());
    }
    cJSON_Delete(doc);
}

struct vault *vault_new(const struct server *server)
{
    struct vault *v = xalloc_zero(1, sizeof(*v));
    const struct resource *r = resource_named(SPAN("externalsecrets"));
    struct objects *o = server->objects;
    cJSON *entry;
    v->kv = cJSON_CreateObject();
    v->team = cJSON_CreateObject();
    (void)seal_of(v, SPAN(FIRST));
    answers_each(server->answers, SPAN(VAULT_NS), SPAN(VAULT_NAME), learn_path, v->kv);
    for (size_t at = objects_from(o, r, SPAN(""), SPAN(""));
         at < objects_count(o) && objects_at(o, at)->resource == r; at++)
        learn_values(o, objects_at(o, at), v->kv);
    cJSON_ArrayForEach(entry, v->kv)
    {
        learn_database(o, entry);
        if (!member(entry, "values")->child)
            put_value(entry, "value", "harbor-value");
    }
    return v;
}

void vault_free(struct vault *v)
{
    if (v) {
        cJSON_Delete(v->kv);
        cJSON_Delete(v->team);
    }
    free(v);
}

/* ---- Answers. */

static void print_json(cJSON *json, struct strbuf *out)
{
    char *text = cJSON_PrintUnformatted(json);
    strbuf_adds(out, text ? text : "{}");
    free(text);
    cJSON_Delete(json);
}

/* Takes data and auth; NULL: null. */
static int say(cJSON *data, cJSON *auth, int status, struct strbuf *out)
{
    cJSON *all = cJSON_Parse("{\"request_id\":\"3d938c60-2dae-4461-e530-77f4f9daa0a0\","
                             "\"lease_id\":\"\",\"renewable\":false,\"lease_duration\":0}");
    set_item(all, "data", data ? data : cJSON_CreateNull());
    set_item(all, "wrap_info", cJSON_CreateNull());
    set_item(all, "warnings", cJSON_CreateNull());
    set_item(all, "auth", auth ? auth : cJSON_CreateNull());
    print_json(all, out);
    return status;
}

static int refuse(int status, const char *why, struct strbuf *out)
{
    cJSON *all = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(all, "errors");
    if (why)
        (void)cJSON_AddItemToArray(list, cJSON_CreateString(why));
    print_json(all, out);
    return status;
}

static bool writes(const struct stream *s)
{
    return strcmp(s->method, "PUT") == 0 || strcmp(s->method, "POST") == 0;
}

/* ---- Who asks, and what they may. */

static enum who who_asks(const struct server *server, const struct stream *s)
{
    const struct span token = head_value(strbuf_span(&s->asked), "X-Vault-Token");
    struct strbuf own = STRBUF_INIT(VALUE_MAX);
    (void)secret_value(server->objects, VAULT_NS, "binnacle", "token", &own);
    enum who who = !token.len                          ? NOBODY
                   : span_is(token, VAULT_ROOT)        ? SUPER
                   : span_is(token, VAULT_READER)      ? READER
                   : span_is(token, VAULT_EDITOR)      ? EDITOR
                   : span_eq(token, strbuf_span(&own)) ? WRITER
                                                       : NOBODY;
    strbuf_wipe(&own);
    return who;
}

static bool is_ours(struct span path)
{
    static const char *const folders[] = {"apps/", "operators/", "tooling/"};
    for (size_t i = 0; i < BN_COUNT(folders); i++)
        if (span_starts(path, folders[i]))
            return true;
    return false;
}

/* The words of its capabilities, ',' between them. */
static const char *capabilities_of(enum who who, struct span path)
{
    if (who == SUPER)
        return "root";
    if (span_is(path, "auth/token/lookup-self"))
        return "read";
    if (span_is(path, "auth/token/renew-self"))
        return "update";
    if (!span_starts(path, MOUNT))
        return "deny";
    path = span_sub(path, strlen(MOUNT), path.len);
    const size_t slash = span_find(path, '/', 0);
    const struct span word = span_sub(path, 0, slash), rest = span_sub(path, slash + 1, path.len);
    if (span_is(word, "metadata"))
        return !rest.len || is_ours(rest) ? "list,read" : "deny";
    if (span_is(word, "subkeys"))
        return is_ours(rest) ? "read" : "deny";
    if (who < EDITOR || !is_ours(rest))
        return "deny";
    if (!span_is(word, "data"))
        return "update";
    return who == EDITOR ? "create,delete,read,update" : "create,delete,patch,read,update";
}

static bool may(enum who who, const char *method, struct span path)
{
    const char *can = capabilities_of(who, path);
    const char *wanted = strcmp(method, "GET") == 0      ? "read"
                         : strcmp(method, "LIST") == 0   ? "list"
                         : strcmp(method, "DELETE") == 0 ? "delete"
                         : strcmp(method, "PATCH") == 0  ? "patch"
                                                         : "update";
    return strcmp(can, "root") == 0 || strstr(can, wanted) != NULL;
}

static int tell_capabilities(enum who who, const cJSON *body, struct strbuf *out)
{
    cJSON *data = cJSON_CreateObject();
    const cJSON *path;
    cJSON_ArrayForEach(path, member(body, "paths"))
    {
        const char *name = cJSON_GetStringValue(path);
        struct span rest = span_from(name ? capabilities_of(who, span_from(name)) : NULL), word;
        cJSON *list = name ? cJSON_AddArrayToObject(data, name) : NULL;
        while (list && span_split(&rest, ',', &word)) {
            char text[16];
            (void)snprintf(text, sizeof(text), "%.*s", SPAN_ARG(word));
            (void)cJSON_AddItemToArray(list, cJSON_CreateString(text));
        }
    }
    return say(data, NULL, 200, out);
}

/* ---- Its token. */

static cJSON *policies_of(enum who who)
{
    return cJSON_Parse(who == SUPER    ? "[\"root\"]"
                       : who == READER ? "[\"binnacle-read\",\"default\"]"
                                       : "[\"binnacle-read\",\"binnacle-write\",\"default\"]");
}

static cJSON *seconds(int64_t ms)
{
    const int64_t whole = ms / 1000;
    return cJSON_CreateNumber((double)whole);
}

/* What lookup-self has below data; owned. */
static cJSON *token_of(const struct server *server, enum who who)
{
    const struct vault *v = server->vault;
    const int64_t now = objects_now(server->objects);
    struct canned c = {.body = SPAN("{}")};
    struct strbuf body = STRBUF_INIT(65536);
    (void)answers_find(server->answers, "services", SPAN(VAULT_NS), SPAN(VAULT_NAME),
                       SPAN(ROOT "auth/token/lookup-self"), SPAN(""), &c);
    command_times(server, c.body, &body);
    cJSON *doc = cJSON_Parse(strbuf_cstr(&body));
    cJSON *data = cJSON_DetachItemFromObjectCaseSensitive(doc, "data");
    char end[TIMETEXT_MAX];
    cJSON_Delete(doc);
    strbuf_clear(&body);
    data = data ? data : cJSON_CreateObject();
    if (!c.said)
        set_item(data, "policies", policies_of(who));
    if (who == SUPER) {
        set_item(data, "renewable", cJSON_CreateFalse());
        set_item(data, "expire_time", cJSON_CreateNull());
        set_item(data, "ttl", cJSON_CreateNumber(0));
    } else if (v->end_ms) {
        time_format(v->end_ms, end);
        json_set_text(data, "expire_time", end);
        set_item(data, "ttl", seconds(v->end_ms - now));
        set_item(data, "last_renewal_time", seconds(v->renewed_ms));
    }
    return data;
}

static int renew(struct server *server, const struct stream *s, enum who who, const cJSON *body,
                 struct strbuf *out)
{
    const cJSON *asked = member(body, "increment");
    int64_t ms = asked && cJSON_IsNumber(asked) ? (int64_t)asked->valuedouble * 1000 : 0;
    cJSON *token = token_of(server, who);
    const bool renewable = cJSON_IsTrue(member(token, "renewable"));
    cJSON_Delete(token);
    if (!renewable)
        return refuse(400, "lease is not renewable", out);
    if (asked && cJSON_IsString(asked) && !duration_parse(span_from(asked->valuestring), &ms))
        return refuse(400, "error converting input for field \"increment\"", out);
    ms = ms <= 0 || ms > MONTH_S * INT64_C(1000) ? MONTH_S * INT64_C(1000) : ms;
    server->vault->renewed_ms = objects_now(server->objects);
    server->vault->end_ms = objects_now(server->objects) / 1000 * 1000 + ms;
    cJSON *auth = cJSON_CreateObject();
    char own[512];
    (void)snprintf(own, sizeof(own), "%.*s",
                   SPAN_ARG(head_value(strbuf_span(&s->asked), "X-Vault-Token")));
    json_set_text(auth, "client_token", own);
    set_item(auth, "policies", policies_of(who));
    set_item(auth, "token_policies", policies_of(who));
    set_item(auth, "lease_duration", seconds(ms));
    set_item(auth, "renewable", cJSON_CreateTrue());
    json_set_text(auth, "token_type", "service");
    return say(NULL, auth, 200, out);
}

/* ---- Its seal. */

static int given(const struct seal *v)
{
    return __builtin_popcount(v->parts) + (int)v->wrong;
}

static int tell_seal(const struct vault *all, const struct seal *v, struct strbuf *out)
{
    strbuf_addf(out,
                "{\"type\":\"shamir\",\"initialized\":true,\"sealed\":%s,\"t\":%d,\"n\":%d,"
                "\"progress\":%d,\"nonce\":\"",
                v->sealed ? "true" : "false", VAULT_NEEDED, VAULT_PARTS, given(v));
    if (given(v))
        strbuf_addf(out, "0168919e-ab10-d7c4-aa2f-%012u", v->nonces);
    strbuf_addf(out,
                "\",\"version\":\"1.21.2\",\"migration\":false,\"recovery_seal\":false,%s"
                "\"storage_type\":\"%s\"}",
                v->sealed ? ""
                          : "\"cluster_name\":\"vault-cluster-ead7575f\","
                            "\"cluster_id\":\"72844fd9-e76e-e399-1317-aadf7c6ff8bb\",",
                all->nseals > 1 ? "raft" : "file");
    return 200;
}

/* [openbao recordings; a standby: 429] Of the first pod, while it is active, the data has it. */
static int tell_health(const struct server *server, const struct seal *v, struct strbuf *out)
{
    const bool active = v == active_of(server->vault);
    if (active && v == server->vault->seals)
        return 0;
    if (!v->sealed) {
        strbuf_addf(out, "{\"initialized\":true,\"sealed\":false,\"standby\":%s,",
                    active ? "false" : "true");
        command_times(server,
                      SPAN("\"performance_standby\":false,"
                           "\"replication_performance_mode\":\"disabled\","
                           "\"replication_dr_mode\":\"disabled\",\"server_time_utc\":@unix@,"
                           "\"version\":\"1.21.2\",\"cluster_name\":\"vault-cluster-ead7575f\","
                           "\"cluster_id\":\"72844fd9-e76e-e399-1317-aadf7c6ff8bb\"}"),
                      out);
        return active ? 200 : 429;
    }
    command_times(server,
                  SPAN("{\"initialized\":true,\"sealed\":true,\"standby\":true,"
                       "\"performance_standby\":false,\"replication_performance_mode\":\"unknown\","
                       "\"replication_dr_mode\":\"unknown\",\"server_time_utc\":@unix@,"
                       "\"version\":\"1.21.2\"}"),
                  out);
    return 503;
}

static void forget_parts(struct seal *v)
{
    v->parts = v->wrong = 0;
    v->nonces++;
}

static int part_of(struct span key)
{
    char part[128];
    for (int i = 1; i <= VAULT_PARTS; i++) {
        (void)snprintf(part, sizeof(part), VAULT_PART, i);
        if (span_is(key, part))
            return i;
    }
    return 0;
}

/* False: all are there, and they make no key [openbao vault/barrier.go ErrBarrierInvalidKey]. */
static bool take_part(struct server *server, struct seal *v, int part)
{
    v->parts |= part ? 1U << part : 0;
    v->wrong += !part;
    if (given(v) < VAULT_NEEDED)
        return true;
    const bool opens = !v->wrong;
    forget_parts(v);
    v->sealed = !opens;
    if (opens) {
        struct strbuf ignored = STRBUF_INIT(256);
        struct err none;
        char ready[256];
        (void)snprintf(ready, sizeof(ready),
                       "patch pods vault %s {\"status\":{\"containerStatuses\":"
                       "[{\"name\":\"vault\",\"ready\":true}]}}",
                       v->pod);
        (void)command_run(server, span_from(ready), &ignored, &none);
        strbuf_clear(&ignored);
    }
    return opens;
}

static int unseal(struct server *server, struct seal *v, const cJSON *body, struct strbuf *out)
{
    const struct span key = span_from(json_member(body, "key"));
    if (cJSON_IsTrue(member(body, "reset"))) {
        forget_parts(v);
        return tell_seal(server->vault, v, out);
    }
    if (!key.len)
        return refuse(
            400, "'key' must be specified in request body as JSON, or 'reset' set to true", out);
    if (!v->sealed)
        return tell_seal(server->vault, v, out);
    if (key.len < KEY_MIN)
        return refuse(400, "invalid key: key is shorter than minimum 16 bytes", out);
    if (!take_part(server, v, part_of(key)))
        return refuse(400, "Unseal failed, invalid key", out);
    return tell_seal(server->vault, v, out);
}

bool vault_command(struct server *server, struct span rest, BN_UNUSED struct strbuf *answer,
                   struct err *err)
{
    const struct span word = command_word(&rest);
    const struct span pod = command_word(&rest);
    int part = 1;
    if (!server->vault || !(span_is(word, "seal") || span_is(word, "unseal")))
        return err_set(err, ERR_CONFIG, "vault wants seal or unseal");
    struct seal *v = seal_of(server->vault, pod.len ? pod : SPAN(FIRST));
    while (v->parts >> part & 1)
        part++;
    if (span_is(word, "seal")) {
        v->sealed = true;
        forget_parts(v);
    } else if (v->sealed) {
        (void)take_part(server, v, part);
    }
    return true;
}

/* ---- Paths. */

static int answer_kv(cJSON *kv, struct kv_request *r, enum who who, struct span path,
                     struct strbuf *out)
{
    const struct span below = span_sub(path, strlen(MOUNT), path.len);
    const size_t slash = span_find(below, '/', 0);
    const kv_answer_fn handler = kv_handler_of(span_sub(below, 0, slash));
    cJSON *data = NULL;
    const char *error = NULL;
    if (!may(who, r->method, path))
        return refuse(403, DENIED, out);
    if (!handler)
        return refuse(404, NULL, out);
    r->path = span_sub(below, slash + 1, below.len);
    int status = handler(kv, r, &data, &error);
    if (status == 204)
        return status;
    return data ? say(data, NULL, status, out) : refuse(status, error, out);
}

bool vault_value(const struct server *server, struct span path, const char *property,
                 struct strbuf *out)
{
    const struct kv_request r = {
        .method = "GET", .path = path, .now_ms = objects_now(server->objects)};
    cJSON *data = NULL;
    const char *error = NULL;
    if (!server->vault || !active_of(server->vault))
        return false;
    const int status = kv_handler_of(SPAN("data"))(server->vault->kv, &r, &data, &error);
    const char *value = json_member(member(data, "data"), property);
    if (status == 200)
        strbuf_adds(out, value);
    cJSON_Delete(data);
    return status == 200 && out->len > 0;
}

static int answer_open(struct server *server, struct seal *v, const struct stream *s,
                       struct span path, const cJSON *body, struct strbuf *out)
{
    const bool reads = !writes(s);
    if (span_is(path, "sys/health"))
        return reads ? tell_health(server, v, out) : refuse(405, NULL, out);
    if (span_is(path, "sys/seal-status"))
        return reads ? tell_seal(server->vault, v, out) : refuse(405, NULL, out);
    if (span_is(path, "sys/unseal"))
        return reads ? refuse(405, NULL, out) : unseal(server, v, body, out);
    return -1;
}

static struct span namespace_of(const struct stream *s)
{
    return head_value(strbuf_span(&s->asked), "X-Vault-Namespace");
}

/* What an OpenBao 2.6 refuses of a request with a namespace: the status; 0: it goes on [openbao
 * vault/request_handling.go]. */
static int refuse_namespace(struct span name, struct span path, struct strbuf *out)
{
    static const char *const whole[] = {"sys/health", "sys/metrics", "sys/unseal", "sys/seal"};
    if (!name.len)
        return 0;
    if (!span_is(name, VAULT_TEAM))
        return refuse(404, "namespace not found", out);
    for (size_t i = 0; i < BN_COUNT(whole); i++)
        if (span_is(path, whole[i]))
            return refuse(400, "operation unavailable in namespaces", out);
    return 0;
}

static int answer_path(struct server *server, struct seal *v, const struct stream *s,
                       struct kv_request *r, struct span path, struct strbuf *out)
{
    const enum who who = who_asks(server, s);
    const struct span name = namespace_of(s);
    const int refused = refuse_namespace(name, path, out);
    const int open = refused ? refused : answer_open(server, v, s, path, r->body, out);
    if (open >= 0)
        return open;
    if (v->sealed)
        return refuse(503, SEALED, out);
    if (span_is(path, "sys/leader") ||
        !(span_starts(path, MOUNT) || span_starts(path, "sys/") || span_starts(path, "auth/")))
        return 0;
    if (who == NOBODY)
        return refuse(403, NOT_OURS, out);
    if (span_starts(path, MOUNT))
        return answer_kv(name.len ? server->vault->team : server->vault->kv, r, who, path, out);
    if (span_is(path, "auth/token/lookup-self"))
        return say(token_of(server, who), NULL, 200, out);
    if (span_is(path, "auth/token/renew-self") && writes(s))
        return renew(server, s, who, r->body, out);
    if (span_is(path, "sys/capabilities-self") && writes(s))
        return tell_capabilities(who, r->body, out);
    if (!span_is(path, "sys/seal") || !writes(s))
        return 0;
    if (who != SUPER)
        return refuse(403, DENIED, out);
    v->sealed = true;
    return 204;
}

int vault_answer(struct server *server, const struct stream *s, const struct object *pod,
                 struct span target, struct strbuf *out)
{
    const size_t mark = span_find(target, '?', 0);
    const struct route query = {.query = span_sub(target, mark + 1, target.len)};
    char *path = route_plain(span_sub(target, 0, mark));
    cJSON *body = s->in.len ? cJSON_ParseWithLength(strbuf_cstr(&s->in), s->in.len) : NULL;
    const bool lists = strcmp(s->method, "GET") == 0 && route_true(&query, "list");
    struct kv_request r = {.method = lists ? "LIST" : s->method,
                           .media = span_from(s->content_type ? s->content_type : ""),
                           .version = route_number(&query, "version", 0),
                           .body = body,
                           .now_ms = objects_now(server->objects)};
    int status = 0;
    if (s->in.len && !body)
        status = refuse(400, "failed to decode JSON input: invalid character", out);
    else if (span_starts(span_from(path), ROOT))
        status = answer_path(server, seal_of(server->vault, span_from(pod->name)), s, &r,
                             span_from(path + strlen(ROOT)), out);
    cJSON_Delete(body);
    free(path);
    return status;
}
