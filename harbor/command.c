/* Commands of the control socket and of scenarios. */
#include <config.h>

#include "harbor/command.h"

#include "base/alloc.h"
#include "base/number.h"
#include "base/timetext.h"
#include "harbor/answers.h"
#include "harbor/big.h"
#include "harbor/copied.h"
#include "harbor/defaults.h"
#include "harbor/kubelet.h"
#include "harbor/merge.h"
#include "harbor/mysql.h"
#include "harbor/outside.h"
#include "harbor/redis.h"
#include "harbor/said.h"
#include "harbor/settle.h"
#include "harbor/traefik.h"
#include "harbor/upstream.h"
#include "harbor/vault.h"

#include <stdlib.h>
#include <string.h>

#define COMMAND_MAX ((size_t)1 << 20)

struct span command_word(struct span *rest)
{
    struct span word;
    *rest = span_trim(*rest);
    size_t end = span_find(*rest, ' ', 0);
    word = span_sub(*rest, 0, end);
    *rest = span_trim(span_sub(*rest, end, rest->len));
    return word;
}

/* @now@, @now-90@ and @now+90@, @unix@ and @unix-90@ */
void command_times(const struct server *server, struct span text, struct strbuf *out)
{
    for (;;) {
        size_t now_at = span_search(text, SPAN("@now"), false);
        size_t unix_at = span_search(text, SPAN("@unix"), false);
        bool is_unix = unix_at < now_at;
        size_t at = is_unix ? unix_at : now_at, word = at + (is_unix ? 5 : 4);
        size_t end = at < text.len ? span_find(text, '@', at + 1) : text.len;
        char stamp[TIMETEXT_MAX];
        int64_t seconds = 0, now = objects_now(server->objects) / 1000;
        strbuf_add(out, span_sub(text, 0, at));
        if (end == text.len)
            return;
        struct span shift = span_sub(text, word, end - word);
        if (!shift.len ||
            !number_parse(span_sub(shift, 1, shift.len), 0, INT64_MAX / 1000, &seconds))
            seconds = 0;
        if (span_starts(shift, "+"))
            seconds = -seconds;
        time_format((now - seconds) * 1000, stamp);
        if (is_unix)
            strbuf_addf(out, "%lld", (long long)(now - seconds));
        else
            strbuf_adds(out, stamp);
        text = span_sub(text, end + 1, text.len);
    }
}

static cJSON *read_json(const struct server *server, struct span text, struct err *err)
{
    struct strbuf full = STRBUF_INIT(COMMAND_MAX);
    command_times(server, text, &full);
    cJSON *json = cJSON_Parse(strbuf_cstr(&full));
    strbuf_clear(&full);
    if (cJSON_IsObject(json))
        return json;
    cJSON_Delete(json);
    (void)err_set(err, ERR_CONFIG, "a JSON object is expected, not `%.*s`", SPAN_ARG(text));
    return NULL;
}

static const struct resource *read_resource(struct span *rest, struct err *err)
{
    struct span word = command_word(rest);
    const struct resource *r = resource_named(word);
    if (!r)
        (void)err_set(err, ERR_CONFIG, "no resource is called `%.*s`", SPAN_ARG(word));
    return r;
}

static bool is_pod(const struct object *o)
{
    return strcmp(o->resource->kind, "Pod") == 0;
}

static bool put(struct server *server, struct span rest, struct strbuf *answer, struct err *err)
{
    const struct resource *r = read_resource(&rest, err);
    cJSON *json = r ? read_json(server, rest, err) : NULL;
    (void)answer;
    if (!json)
        return false;
    const struct object *o = objects_put(server->objects, r, json);
    if (!o)
        return err_set(err, ERR_CONFIG, "the object has no metadata.name");
    if (is_pod(o))
        settle_pod(server->objects, o->json);
    return true;
}

/* RESOURCE NAMESPACE NAME of an object that is there; NULL: *err. */
static struct object *read_object(struct server *server, struct span *rest, struct err *err)
{
    const struct resource *r = read_resource(rest, err);
    if (!r)
        return NULL;
    struct span ns = command_word(rest), name = command_word(rest);
    struct object *o = objects_find(server->objects, r, span_is(ns, "-") ? SPAN("") : ns, name);
    if (!o)
        (void)err_set(err, ERR_NOTFOUND, "there is no %s %.*s/%.*s", r->singular, SPAN_ARG(ns),
                      SPAN_ARG(name));
    return o;
}

/* What a kubelet has written without saying more is what the containers' states mean. */
static void patch_object(struct server *server, struct object *o, const cJSON *with)
{
    const cJSON *status = cJSON_GetObjectItemCaseSensitive(with, "status");
    cJSON *json = cJSON_Duplicate(o->json, true);
    (o->resource->custom ? merge_patch : merge_strategic)(json, with);
    objects_note_spec(server->objects, o->json, json);
    if (is_pod(o) && cJSON_HasObjectItem(status, "containerStatuses") &&
        !cJSON_HasObjectItem(status, "conditions"))
        settle_conditions(server->objects, json);
    o = objects_put(server->objects, o->resource, json);
    if (o && is_pod(o))
        settle_pod(server->objects, o->json);
}

/* "pods * node=NODE": true, and rest goes on behind. */
static bool take_node(struct span *rest, struct span *node)
{
    const struct span all = SPAN("pods * node=");
    if (!span_starts(*rest, all.data))
        return false;
    *rest = span_sub(*rest, all.len, rest->len);
    *node = command_word(rest);
    return true;
}

static bool is_on(const struct object *o, struct span node)
{
    const cJSON *spec = cJSON_GetObjectItemCaseSensitive(o->json, "spec");
    return is_pod(o) && span_is(node, json_member(spec, "nodeName"));
}

static bool has_ended(const struct object *o)
{
    const char *phase = json_member(cJSON_GetObjectItemCaseSensitive(o->json, "status"), "phase");
    return strcmp(phase, "Failed") == 0 || strcmp(phase, "Succeeded") == 0;
}

/* All pods of a node that have not ended. */
static void patch_node(struct server *server, struct span node, const cJSON *with)
{
    for (size_t i = 0; i < objects_count(server->objects); i++) {
        struct object *o = objects_at(server->objects, i);
        if (is_on(o, node) && !has_ended(o))
            patch_object(server, o, with);
    }
}

static bool patch(struct server *server, struct span rest, struct strbuf *answer, struct err *err)
{
    struct span node = SPAN("");
    bool many = take_node(&rest, &node);
    struct object *o = many ? NULL : read_object(server, &rest, err);
    cJSON *with = many || o ? read_json(server, rest, err) : NULL;
    (void)answer;
    if (!with)
        return false;
    if (many)
        patch_node(server, node, with);
    else
        patch_object(server, o, with);
    cJSON_Delete(with);
    return true;
}

/* What a copy has of its own. */
static void make_own(const struct server *server, cJSON *json, struct span name)
{
    static const char *const gone[] = {"uid", "resourceVersion", "creationTimestamp"};
    cJSON *metadata = cJSON_GetObjectItemCaseSensitive(json, "metadata");
    cJSON *status = cJSON_GetObjectItemCaseSensitive(json, "status");
    char text[300];
    uint64_t h = span_hash(name);
    for (size_t i = 0; i < BN_COUNT(gone); i++)
        cJSON_DeleteItemFromObjectCaseSensitive(metadata, gone[i]);
    (void)snprintf(text, sizeof(text), "%.*s", SPAN_ARG(name));
    json_set_text(metadata, "name", text);
    if (!json_member(status, "podIP")[0])
        return;
    (void)snprintf(text, sizeof(text), "10.20.%u.%u", (unsigned)(h >> 8 & 0xff),
                   (unsigned)(h & 0xff));
    json_set_text(status, "podIP", text);
    time_format(objects_now(server->objects) / 1000 * 1000, text);
    json_set_text(status, "startTime", text);
}

static bool copy(struct server *server, struct span rest, struct strbuf *answer, struct err *err)
{
    struct object *o = read_object(server, &rest, err);
    struct span name = command_word(&rest);
    cJSON *with = o ? read_json(server, rest, err) : NULL;
    (void)answer;
    if (!with)
        return false;
    cJSON *json = cJSON_Duplicate(o->json, true);
    make_own(server, json, name);
    o = objects_put(server->objects, o->resource, json);
    if (o)
        patch_object(server, o, with);
    cJSON_Delete(with);
    return o || err_set(err, ERR_CONFIG, "a copy wants a name");
}

static void destroy_object(struct server *server, const struct object *o)
{
    cJSON *was = is_pod(o) ? cJSON_Duplicate(o->json, true) : NULL;
    (void)objects_delete(server->objects, o->resource, span_from(o->ns), span_from(o->name));
    if (was)
        settle_pod(server->objects, was);
    cJSON_Delete(was);
}

static bool destroy(struct server *server, struct span rest, struct strbuf *answer, struct err *err)
{
    struct span node = SPAN("");
    (void)answer;
    if (!take_node(&rest, &node)) {
        const struct object *o = read_object(server, &rest, err);
        if (o)
            destroy_object(server, o);
        return o != NULL;
    }
    for (size_t i = objects_count(server->objects); i > 0; i--)
        if (is_on(objects_at(server->objects, i - 1), node))
            destroy_object(server, objects_at(server->objects, i - 1));
    return true;
}

/* The event is of an object that need not be there any more. */
static cJSON *make_event(const struct resource *r, struct span ns, struct span name)
{
    struct strbuf text = STRBUF_INIT(8192);
    const char *space = r->namespaced ? "" : "default";
    strbuf_addf(&text,
                "{\"kind\":\"Event\",\"apiVersion\":\"v1\",\"metadata\":{\"namespace\":\"%.*s%s\"},"
                "\"involvedObject\":{\"kind\":\"%s\",\"namespace\":\"%.*s\",\"name\":\"%.*s\","
                "\"apiVersion\":\"%s%s%s\"},\"source\":{\"component\":\"%s\"},\"count\":0,"
                "\"reportingComponent\":\"%s\",\"reportingInstance\":\"\"}",
                SPAN_ARG(r->namespaced ? ns : SPAN("")), space, r->kind,
                SPAN_ARG(r->namespaced ? ns : SPAN("")), SPAN_ARG(name), r->group,
                r->group[0] ? "/" : "", r->version, r->group[0] ? r->singular : "kubelet",
                r->group[0] ? r->singular : "kubelet");
    cJSON *json = cJSON_Parse(strbuf_cstr(&text));
    strbuf_clear(&text);
    return json;
}

/* RESOURCE NAMESPACE NAME TYPE REASON MESSAGE...; the same again counts. */
static bool event(struct server *server, struct span rest, struct strbuf *answer, struct err *err)
{
    const struct resource *r = read_resource(&rest, err), *events = resource_named(SPAN("events"));
    struct strbuf id = STRBUF_INIT(1024), type = STRBUF_INIT(64), reason = STRBUF_INIT(256);
    struct strbuf message = STRBUF_INIT(4096);
    char now[TIMETEXT_MAX];
    (void)answer;
    if (!r)
        return false;
    struct span ns = command_word(&rest), name = command_word(&rest);
    strbuf_add(&type, command_word(&rest));
    strbuf_add(&reason, command_word(&rest));
    command_times(server, rest, &message);
    strbuf_addf(&id, "%.*s.%012llx", SPAN_ARG(name),
                (unsigned long long)(span_hash(strbuf_span(&reason)) & 0xffffffffffff));
    time_format(objects_now(server->objects) / 1000 * 1000, now);
    const struct object *old = objects_find(server->objects, events,
                                            r->namespaced ? ns : SPAN("default"), strbuf_span(&id));
    cJSON *json = old ? cJSON_Duplicate(old->json, true) : make_event(r, ns, name);
    json_set_text(cJSON_GetObjectItemCaseSensitive(json, "metadata"), "name", strbuf_cstr(&id));
    json_set_text(json, "type", strbuf_cstr(&type));
    json_set_text(json, "reason", strbuf_cstr(&reason));
    json_set_text(json, "message", strbuf_cstr(&message));
    if (!old)
        json_set_text(json, "firstTimestamp", now);
    json_set_text(json, "lastTimestamp", now);
    cJSON *count = cJSON_GetObjectItemCaseSensitive(json, "count");
    (void)cJSON_SetNumberHelper(count, count->valuedouble + 1);
    bool ok = objects_put(server->objects, events, json) != NULL;
    strbuf_clear(&id);
    strbuf_clear(&type);
    strbuf_clear(&reason);
    strbuf_clear(&message);
    return ok || err_set(err, ERR_CONFIG, "an event wants a name");
}

static bool step(struct server *server, struct span rest, struct strbuf *answer, struct err *err)
{
    int64_t ms;
    (void)answer;
    if (!number_parse(rest, 0, INT64_MAX / 4, &ms))
        return err_set(err, ERR_CONFIG, "step wants milliseconds");
    clock_step(server->clock, ms);
    return true;
}

static bool fault(struct server *server, struct span rest, struct strbuf *answer, struct err *err)
{
    (void)answer;
    return fault_add(&server->faults, rest, err);
}

static bool clear(struct server *server, struct span rest, struct strbuf *answer, struct err *err)
{
    (void)rest, (void)answer, (void)err;
    fault_clear(&server->faults);
    return true;
}

static bool compact(struct server *server, struct span rest, struct strbuf *answer, struct err *err)
{
    (void)rest, (void)answer, (void)err;
    (void)objects_next_version(server->objects);
    objects_compact(server->objects);
    return true;
}

static bool swallow(struct server *server, struct span rest, struct strbuf *answer, struct err *err)
{
    int64_t n;
    (void)answer;
    if (!number_parse(rest, 0, 1000000, &n))
        return err_set(err, ERR_CONFIG, "swallow wants a number");
    objects_swallow_deletes(server->objects, (unsigned)n);
    return true;
}

static bool drop(struct server *server, struct span rest, struct strbuf *answer, struct err *err)
{
    (void)rest, (void)answer, (void)err;
    for (struct conn *c = server->conns; c; c = c->next)
        c->dead = true;
    return true;
}

static bool down(struct server *server, struct span rest, struct strbuf *answer, struct err *err)
{
    return server_listen(server, false, err) && drop(server, rest, answer, err);
}

static bool up(struct server *server, struct span rest, struct strbuf *answer, struct err *err)
{
    (void)rest, (void)answer;
    return server_listen(server, true, err);
}

static bool counts(struct server *server, struct span rest, struct strbuf *answer, struct err *err)
{
    struct counts c = server->counts;
    (void)rest, (void)err;
    for (const struct conn *open = server->conns; open; open = open->next)
        conn_count_bytes(open, &c);
    strbuf_addf(answer, " requests=%llu connections=%llu lists=%llu watches=%llu writes=%llu",
                (unsigned long long)c.requests, (unsigned long long)c.connections,
                (unsigned long long)c.lists, (unsigned long long)c.watches,
                (unsigned long long)c.writes);
    strbuf_addf(answer, " packed=%llu bytes_body=%llu bytes_in=%llu bytes_out=%llu",
                (unsigned long long)c.packed, (unsigned long long)c.bytes_body,
                (unsigned long long)c.bytes_in, (unsigned long long)c.bytes_out);
    return true;
}

static bool asked_text(struct server *server, struct span rest, struct strbuf *answer,
                       struct err *err)
{
    uint64_t n;
    if (!asked_with(server->asked, rest, &n, err))
        return false;
    strbuf_addf(answer, " %llu", (unsigned long long)n);
    return true;
}

static bool asked_other(struct server *server, struct span rest, struct strbuf *answer,
                        struct err *err)
{
    uint64_t n;
    struct span one;
    if (!asked_but(server->asked, rest, &n, &one, err))
        return false;
    strbuf_addf(answer, " %llu %.*s", (unsigned long long)n, SPAN_ARG(span_sub(one, 0, 300)));
    return true;
}

static bool churn(struct server *server, struct span rest, struct strbuf *answer, struct err *err)
{
    int64_t n;
    (void)answer;
    if (!server->big)
        return err_set(err, ERR_CONFIG, "only a big cluster changes by itself");
    if (!number_parse(rest, 0, 100000, &n))
        return err_set(err, ERR_CONFIG, "churn wants a number of changes a second");
    big_churn(server->big, n);
    return true;
}

static bool now(struct server *server, struct span rest, struct strbuf *answer, struct err *err)
{
    (void)rest, (void)err;
    strbuf_addc(answer, ' ');
    command_times(server, SPAN("@now@"), answer);
    return true;
}

static bool outside_command(struct server *server, struct span rest, struct strbuf *answer,
                            struct err *err)
{
    (void)answer;
    return outside_set(server->outside, rest, objects_now(server->objects), err);
}

static bool quit(struct server *server, struct span rest, struct strbuf *answer, struct err *err)
{
    (void)rest, (void)answer, (void)err;
    server->ended = true;
    return true;
}

static const struct {
    const char *word;
    bool (*run)(struct server *server, struct span rest, struct strbuf *answer, struct err *err);
} commands[] = {
    {"put", put},
    {"patch", patch},
    {"copy", copy},
    {"delete", destroy},
    {"event", event},
    {"fault", fault},
    {"clear", clear},
    {"compact", compact},
    {"swallow", swallow},
    {"drop", drop},
    {"down", down},
    {"up", up},
    {"counts", counts},
    {"asked", asked_text},
    {"asked-but", asked_other},
    {"churn", churn},
    {"now", now},
    {"step", step},
    {"quit", quit},
    {"outside", outside_command},
    {"upstream", upstream_command},
    {"copied", copied_command},
    {"disk", disk_command},
    {"redis", redis_command},
    {"mysql", mysql_command},
    {"traefik", traefik_command},
    {"vault", vault_command},
    {"answer", answers_command},
    {"said", said_command},
};

bool command_run(struct server *server, struct span line, struct strbuf *answer, struct err *err)
{
    struct span word = command_word(&line);
    for (size_t i = 0; i < BN_COUNT(commands); i++) {
        if (!span_is(word, commands[i].word))
            continue;
        strbuf_adds(answer, "ok");
        return commands[i].run(server, line, answer, err);
    }
    return err_set(err, ERR_CONFIG, "no command is called `%.*s`", SPAN_ARG(word));
}
