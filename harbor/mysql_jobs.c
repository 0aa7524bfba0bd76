/* Jobs of the client that databases are made by: their pod comes, sends what its environment has, and
 * has succeeded, or has not. */
#include <config.h>

#include "base/timetext.h"
#include "harbor/defaults.h"
#include "harbor/json_parts.h"
#include "harbor/mysql_catalog.h"
#include "harbor/said.h"
#include "harbor/secrets.h"
#include "harbor/settle.h"
#include "harbor/upstream.h"

#include <stdio.h>
#include <stdlib.h>

#define TAKES_MS   500
#define NODE       "prod-instance-1759301204118"
#define POD_SUFFIX "-k8x2p"

static const cJSON *container_of(const struct object *job)
{
    const cJSON *spec = member(member(member(job->json, "spec"), "template"), "spec");
    return cJSON_GetArrayItem(member(spec, "containers"), 0);
}

static const cJSON *variable(const struct object *job, const char *name)
{
    const cJSON *e;
    cJSON_ArrayForEach(e, member(container_of(job), "env"))
    {
        if (strcmp(json_member(e, "name"), name) == 0)
            return e;
    }
    return NULL;
}

/* As a kubelet has it: of a Secret, or as it stands, with $$ for $. False: it cannot begin. */
static bool value_of(const struct server *server, const struct object *job, const char *name,
                     struct strbuf *out)
{
    const cJSON *e = variable(job, name), *ref = member(member(e, "valueFrom"), "secretKeyRef");
    if (!ref) {
        const char *text = json_member(e, "value");
        for (; *text; text++) {
            text += text[0] == '$' && text[1] == '$';
            strbuf_addc(out, *text);
        }
        return e != NULL;
    }
    return secret_value(server->objects, job->ns, json_member(ref, "name"), json_member(ref, "key"),
                        out);
}

/* ---- The pod. */

static void put_pod(struct objects *o, const struct object *job, const char *phase)
{
    char name[320], now[TIMETEXT_MAX];
    (void)snprintf(name, sizeof(name), "%.300s" POD_SUFFIX, job->name);
    const struct object *old = object_named(o, "pods", job->ns, name);
    cJSON *pod = old ? cJSON_Duplicate(old->json, true) : cJSON_CreateObject();
    cJSON *metadata = within(pod, "metadata"), *status = within(pod, "status");
    cJSON *owner = cJSON_CreateObject(), *owners = cJSON_CreateArray(), *c = cJSON_CreateObject(),
          *list = cJSON_CreateArray(), *state = within(c, "state");
    const bool runs = strcmp(phase, "Running") == 0;
    time_format(objects_now(o) / 1000 * 1000, now);
    json_set_text(pod, "apiVersion", "v1");
    json_set_text(pod, "kind", "Pod");
    json_set_text(metadata, "name", name);
    json_set_text(metadata, "namespace", job->ns);
    json_set_text(within(metadata, "labels"), "job-name", job->name);
    json_set_text(owner, "apiVersion", "batch/v1");
    json_set_text(owner, "kind", "Job");
    json_set_text(owner, "name", job->name);
    set_item(owner, "controller", cJSON_CreateTrue());
    (void)cJSON_AddItemToArray(owners, owner);
    set_item(metadata, "ownerReferences", owners);
    if (!old) {
        set_item(
            pod, "spec",
            cJSON_Duplicate(member(member(member(job->json, "spec"), "template"), "spec"), true));
        json_set_text(member(pod, "spec"), "nodeName", NODE);
        json_set_text(status, "startTime", now);
    }
    json_set_text(status, "phase", phase);
    json_set_text(c, "name", json_member(container_of(job), "name"));
    set_item(c, "ready", cJSON_CreateBool(runs));
    set_item(c, "restartCount", cJSON_CreateNumber(0));
    if (runs) {
        json_set_text(within(state, "running"), "startedAt", now);
    } else {
        const bool well = strcmp(phase, "Succeeded") == 0;
        set_item(within(state, "terminated"), "exitCode", cJSON_CreateNumber(well ? 0 : 1));
        json_set_text(within(state, "terminated"), "reason", well ? "Completed" : "Error");
    }
    (void)cJSON_AddItemToArray(list, c);
    set_item(status, "containerStatuses", list);
    (void)objects_put(o, resource_named(SPAN("pods")), pod);
}

/* ---- The statements. */

/* A line that puts a statement together: SET @statement = CONCAT('...', QUOTE(@password), '...'). */
static bool take_parts(struct span line, struct span password, struct strbuf *statement)
{
    struct sql_words w;
    bool ok = sql_read(&w, line) && sql_take_all(&w, "SET @ statement = CONCAT (");
    struct span part;
    if (ok) {
        part = sql_take_string(&w);
        strbuf_add(statement, part);
        strbuf_addc(statement, '\'');
        for (size_t i = 0; i < password.len; i++) {
            if (password.data[i] == '\'' || password.data[i] == '\\')
                strbuf_addc(statement, '\\');
            strbuf_addc(statement, password.data[i]);
        }
        strbuf_addc(statement, '\'');
        ok = sql_take_all(&w, ", QUOTE ( @ password ) ,");
        part = sql_take_string(&w);
        strbuf_add(statement, part);
    }
    sql_done(&w);
    return ok;
}

static bool send_one(struct server *server, const struct object *pod, struct span statement)
{
    struct mysql_catalog *c = mysql_catalog_of(server, pod);
    struct strbuf out = STRBUF_INIT((size_t)1 << 20);
    struct mysql_rows rows = {.out = &out, .seq = 1};
    const cJSON *root = mysql_login(c, SPAN("root"));
    mysql_put_answer(server, pod, root, statement, &rows);
    const bool taken = out.len > 4 && (unsigned char)out.data[4] != 0xff;
    strbuf_clear(&out);
    return taken;
}

static bool is_prepared(struct span line)
{
    return span_starts(line, "PREPARE ") || span_starts(line, "DEALLOCATE ");
}

/* "SELECT 'rights are granted';" prints that; "": it has printed nothing yet. */
static void print_words(struct server *server, const struct object *job, struct span line)
{
    char name[320], now[TIMETEXT_MAX];
    struct strbuf said = STRBUF_INIT(65536);
    size_t from = span_find(line, '\'', 0) + 1, to = span_find_last(line, '\'');
    (void)snprintf(name, sizeof(name), "%.300s" POD_SUFFIX, job->name);
    time_format(objects_now(server->objects), now);
    if (line.len)
        strbuf_addf(&said, "%s ", now);
    for (size_t i = from; line.len && i < to; i++)
        if (line.data[i] != '\\')
            strbuf_addc(&said, line.data[i]);
    said_add(server, span_from(job->ns), span_from(name), strbuf_span(&said));
    strbuf_clear(&said);
}

static bool send_all(struct server *server, const struct object *job, const struct object *pod,
                     struct span text, struct span password)
{
    struct strbuf made = STRBUF_INIT((size_t)1 << 20);
    struct span line;
    bool ok = true;
    while (ok && span_split(&text, '\n', &line)) {
        line = span_trim(line);
        if (!line.len || is_prepared(line))
            continue;
        if (span_starts(line, "SET @statement = CONCAT"))
            ok = take_parts(line, password, &made);
        else if (span_starts(line, "EXECUTE "))
            ok = send_one(server, pod, strbuf_span(&made));
        else
            ok = send_one(server, pod, line);
        if (ok && span_starts(line, "SELECT '"))
            print_words(server, job, line);
    }
    strbuf_wipe(&made);
    return ok;
}

/* The address of a Service leads to a server; root is let in with the cluster's password. */
static bool run(struct server *server, const struct object *job)
{
    struct strbuf host = STRBUF_INIT(1024), text = STRBUF_INIT((size_t)1 << 20),
                  own = STRBUF_INIT(1024), password = STRBUF_INIT(1024);
    bool ok = value_of(server, job, "DB_HOST", &host) &&
              value_of(server, job, "STATEMENTS", &text) &&
              value_of(server, job, "MYSQL_PWD", &own) &&
              value_of(server, job, "NEW_PASSWORD", &password);
    struct span rest = strbuf_span(&host), name = SPAN(""), ns = SPAN("");
    int port = 0;
    if (ok)
        ok = span_split(&rest, '.', &name) && span_split(&rest, '.', &ns);
    const struct object *service =
        ok ? objects_find(server->objects, resource_named(SPAN("services")), ns, name) : NULL;
    const struct object *pod = service ? service_pod(server, service, "mysql", &port) : NULL;
    pod = pod && !mysql_is(server, pod) ? mysql_behind(server, pod) : pod;
    const cJSON *root = pod ? mysql_login(mysql_catalog_of(server, pod), SPAN("root")) : NULL;
    ok = root && mysql_password_is(server, pod, root, strbuf_span(&own)) &&
         send_all(server, job, pod, strbuf_span(&text), strbuf_span(&password));
    strbuf_clear(&host);
    strbuf_clear(&text);
    strbuf_wipe(&own);
    strbuf_wipe(&password);
    return ok;
}

/* ---- The Job. */

static void begin(struct server *server, struct object *job)
{
    struct objects *o = server->objects;
    char now[TIMETEXT_MAX];
    cJSON *json = cJSON_Duplicate(job->json, true), *status = within(json, "status");
    time_format(objects_now(o) / 1000 * 1000, now);
    json_set_text(status, "startTime", now);
    set_item(status, "active", cJSON_CreateNumber(1));
    job = objects_put(o, job->resource, json);
    print_words(server, job, SPAN(""));
    put_pod(o, job, "Running");
}

static void end(struct objects *o, struct object *job, bool well)
{
    char now[TIMETEXT_MAX];
    cJSON *json = cJSON_Duplicate(job->json, true), *status = within(json, "status");
    cJSON *c = cJSON_CreateObject(), *list = cJSON_CreateArray();
    time_format(objects_now(o) / 1000 * 1000, now);
    cJSON_DeleteItemFromObjectCaseSensitive(status, "active");
    set_item(status, well ? "succeeded" : "failed", cJSON_CreateNumber(1));
    if (well)
        json_set_text(status, "completionTime", now);
    json_set_text(c, "type", well ? "Complete" : "Failed");
    json_set_text(c, "status", "True");
    if (!well)
        json_set_text(c, "reason", "BackoffLimitExceeded");
    json_set_text(c, "lastTransitionTime", now);
    (void)cJSON_AddItemToArray(list, c);
    set_item(status, "conditions", list);
    job = objects_put(o, job->resource, json);
    put_pod(o, job, well ? "Succeeded" : "Failed");
}

static bool is_ours(const struct object *job)
{
    const cJSON *labels = member(member(job->json, "metadata"), "labels");
    return strcmp(json_member(labels, "app.kubernetes.io/managed-by"), "binnacle") == 0 &&
           strcmp(json_member(labels, "app.kubernetes.io/name"), "create-database") == 0 &&
           !member(member(job->json, "status"), "conditions");
}

static void look_at(struct server *server, struct object *job)
{
    struct objects *o = server->objects;
    int64_t began;
    if (!time_parse(span_from(json_member(member(job->json, "status"), "startTime")), &began))
        begin(server, job);
    else if (objects_now(o) - began >= TAKES_MS)
        end(o, job, run(server, job));
}

void mysql_jobs_turn(struct server *server)
{
    const struct resource *r = resource_named(SPAN("jobs"));
    for (size_t at = objects_from(server->objects, r, SPAN(""), SPAN(""));
         !server->upstreams && at < objects_count(server->objects) &&
         objects_at(server->objects, at)->resource == r;
         at++)
        if (is_ours(objects_at(server->objects, at)))
            look_at(server, objects_at(server->objects, at));
}
