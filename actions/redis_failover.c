/* redis-failover: master and replica change their roles, without sentinels by FAILOVER, which waits
 * until the replica has everything [redis.io/docs/latest/commands/failover; since 6.2], or by the
 * sentinels that look after them [.../management/sentinel]. */
#include <config.h>

#include "actions/channel.h"
#include "actions/kube.h"
#include "actions/redis.h"
#include "net/reach.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REPLICATION "\"INFO\",\"replication\""
#define TIMEOUT_MS  "60000"

static const struct field fields[] = {
    {"redis", FIELD_TEXT, NULL, NULL, "the replica that becomes master, as `:redis` names it",
     "name"},
    {NULL},
};

static bool says(const struct json_node *object, const char *field, const char *value)
{
    return span_is(redis_value(json_node_get(object, "reply"), field), value);
}

/* The old master follows the new one. */
static enum awaiting look_follows(BN_UNUSED struct target *t, BN_UNUSED const struct step *step,
                                  const struct json_node *object, struct strbuf *out)
{
    if (says(object, "role", "slave") && says(object, "master_link_status", "up"))
        return AWAIT_DONE;
    strbuf_adds(out, says(object, "role", "slave") ? "it is a replica; its link is not up yet"
                     : says(object, "master_failover_state", "no-failover") ? "it is master"
                                                                            : "the roles change");
    return AWAIT_MORE;
}

static enum awaiting look_leads(BN_UNUSED struct target *t, BN_UNUSED const struct step *step,
                                const struct json_node *object, struct strbuf *out)
{
    if (says(object, "role", "master"))
        return AWAIT_DONE;
    strbuf_adds(out, "it is a replica");
    return AWAIT_MORE;
}

/* Two servers, and where each is known to the other. */
struct pair {
    const char *replica, *master;            /* sites */
    const char *replica_host, *replica_port; /* as the master names it */
    const char *master_host, *master_port;   /* as the replica names it */
};

static bool is_master_of(struct target *t, struct plan *p, const char *site, struct pair *pair)
{
    struct json_doc *doc;
    struct err why;
    if (!redis_read(t, p, site, REPLICATION, &doc, &why))
        return false;
    bool is = strcmp(redis_info(p, doc, "role"), "master") == 0 &&
              strtoll(redis_info(p, doc, "connected_slaves"), NULL, 10) > 0;
    json_doc_free(doc);
    if (is)
        pair->master = site;
    return is;
}

/* The one among its siblings (of one release, or all that the configuration names) that is master. */
static bool find_master(struct target *t, struct plan *p, struct pair *pair, struct err *err)
{
    const struct site *own = target_site(t, "redis", pair->replica, err), *s;
    const char *owner = own ? site_setting(own, "owner") : NULL;
    size_t at = 0;
    err_clear(err);
    while (own && (s = target_next_site(t, "redis", &at, err)) != NULL) {
        const char *other = site_setting(s, "owner");
        bool sibling = owner ? other && strcmp(owner, other) == 0 : !other;
        if (sibling && strcmp(s->name, pair->replica) != 0 &&
            is_master_of(t, p, plan_text(p, "%s", s->name), pair))
            return true;
    }
    return err->kind == ERR_NONE
               ? err_set(err, ERR_NOTFOUND, "the master of %s is none of the servers known here",
                         pair->replica)
               : false;
}

/* "10.0.0.7" and "6379": where the replica is; its pod's address, or what the configuration says. */
static bool find_address(struct target *t, struct plan *p, struct pair *pair, struct err *err)
{
    static const struct kube_resource pods = {"", "v1", "pods"};
    const struct site *s = target_site(t, "redis", pair->replica, err);
    const char *way = s ? site_setting(s, "reach") : "";
    struct span rest = span_from(way), scheme, ns;
    (void)span_split(&rest, ':', &scheme);
    size_t colon = span_find_last(rest, ':');
    pair->replica_port = plan_text(p, "%.*s", SPAN_ARG(span_sub(rest, colon + 1, rest.len)));
    rest = span_sub(rest, 0, colon);
    if (span_is(scheme, "tcp") || span_is(scheme, "tls")) {
        pair->replica_host = plan_text(p, "%.*s", SPAN_ARG(rest));
        return true;
    }
    if (!span_is(scheme, "pod") && !span_is(scheme, "tls-pod"))
        return err_set(err, ERR_CONFIG, "%s is reached by %s: which server it is is not known",
                       pair->replica, way);
    (void)span_split(&rest, '/', &ns);
    struct kube_object pod = {.resource = &pods,
                              .kind = "Pod",
                              .ns = plan_text(p, "%.*s", SPAN_ARG(ns)),
                              .name = plan_text(p, "%.*s", SPAN_ARG(rest))};
    if (!kube_read(t, p, &pod, err))
        return false;
    pair->replica_host = plan_text(p, "%s", kube_text(&pod, "status.podIP"));
    kube_object_clear(&pod);
    return true;
}

static struct deed failover_to(struct plan *p, const char *site, const char *host, const char *port)
{
    return redis_deed(p, site,
                      plan_text(p,
                                "\"FAILOVER\",\"TO\",\"%s\",\"%s\",\"TIMEOUT\",\"" TIMEOUT_MS "\"",
                                host, port));
}

static void warn(struct target *t, struct plan *p, const struct pair *pair)
{
    struct err why;
    const struct site *master = target_site(t, "redis", pair->master, &why);
    const char *way = master ? site_setting(master, "reach") : NULL;
    plan_warn(p, "clients are made to wait while the replica takes what it lacks, at most "
                 "60 s; then they are disconnected from the old master");
    if (!way || !strstr(way, "service:"))
        return;
    p->risk = RISK_DESTROY;
    plan_warn(p, plan_text(p,
                           "%s leads to the pod that is labelled master, whatever its role: "
                           "who writes there is refused (READONLY) until it is failed back, or "
                           "the clients are told another address; when a pod starts anew the "
                           "chart gives it its old role",
                           way));
}

static void add_steps(struct plan *p, const struct pair *pair)
{
    struct step *s = plan_step(p, '~',
                               plan_text(p, "Fail over from %s to %s (%s:%s)", pair->master,
                                         pair->replica, pair->replica_host, pair->replica_port));
    s->deed = failover_to(p, pair->master, pair->replica_host, pair->replica_port);
    s->look = redis_deed(p, pair->master, REPLICATION);
    s->await = look_follows;
    s->await_s = 120;
    s->undo = failover_to(p, pair->replica, pair->master_host, pair->master_port);
    s->undo_title = plan_text(p, "fail over from %s back to %s", pair->replica, pair->master);
    s = plan_step(p, '=', plan_text(p, "%s is master", pair->replica));
    s->look = redis_deed(p, pair->replica, REPLICATION);
    s->await = look_leads;
}

/* What the replica itself says. */
static bool read_replica(struct target *t, struct plan *p, const struct answers *in,
                         struct pair *pair, bool *done, struct err *err)
{
    struct json_doc *doc = NULL;
    if (!redis_read(t, p, pair->replica, REPLICATION, &doc, err))
        return false;
    *done = strcmp(redis_info(p, doc, "role"), "master") == 0;
    pair->master_host = redis_info(p, doc, "master_host");
    pair->master_port = redis_info(p, doc, "master_port");
    bool up = strcmp(redis_info(p, doc, "master_link_status"), "up") == 0,
         syncs = strcmp(redis_info(p, doc, "master_sync_in_progress"), "1") == 0;
    json_doc_free(doc);
    if (*done && !in->again)
        return err_set(err, ERR_CONFLICT, "%s is master already", pair->replica);
    if (!*done && (!up || syncs))
        return err_set(err, ERR_CONFLICT, "%s is no replica to take over: %s", pair->replica,
                       syncs ? "it is given all data anew" : "its link with the master is down");
    return true;
}

static bool has_sentinel(struct target *t, const char *replica)
{
    struct err why;
    const struct site *own = target_site(t, "redis", replica, &why), *s;
    const char *owner = own ? site_setting(own, "owner") : NULL;
    size_t at = 0;
    err_clear(&why);
    while (owner && (s = target_next_site(t, "redis-sentinel", &at, &why)) != NULL)
        if (strncmp(s->name, owner, strlen(owner)) == 0 &&
            strcmp(s->name + strlen(owner), "-node") == 0)
            return true;
    return false;
}

static bool plan(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    struct pair pair = {.replica = redis_site(t, p, answers_get(in, "redis"), err)};
    bool done = false;
    if (!pair.replica || !read_replica(t, p, in, &pair, &done, err))
        return false;
    if (done) {
        struct step *s = plan_step(p, '=', plan_text(p, "%s is master", pair.replica));
        s->look = redis_deed(p, pair.replica, REPLICATION);
        s->await = look_leads;
        return true;
    }
    if (has_sentinel(t, pair.replica))
        return err_set(err, ERR_CONFLICT,
                       "sentinels look after it, and would take it back: sentinel-failover");
    if (!find_master(t, p, &pair, err) || !find_address(t, p, &pair, err))
        return false;
    warn(t, p, &pair);
    add_steps(p, &pair);
    return true;
}

const struct action action_redis_failover = {
    .name = "redis-failover",
    .title = "Make a Redis replica the master",
    .help = "change roles, once the replica has everything (Redis 6.2)",
    .risk = RISK_CHANGE,
    .kind = "redis",
    .fields = fields,
    .plan = plan,
};

/* ---- By the sentinels. */

static const struct field sentinel_fields[] = {
    {"sentinel", FIELD_TEXT, NULL, "", "which sentinels; \"\": the only ones", "@source"},
    {"master", FIELD_TEXT, NULL, NULL, "the master's name, as the sentinels call it", "master"},
    {NULL},
};

/* "ip","10.0.0.1","port","6379",... */
static const char *pair_of(struct plan *p, const struct json_node *list, const char *key)
{
    const struct json_node *k = json_node_first(list);
    for (; k; k = json_node_next(json_node_next(k))) {
        const char *name = json_node_text(k), *value = json_node_text(json_node_next(k));
        if (name && value && strcmp(name, key) == 0)
            return plan_text(p, "%s", value);
    }
    return "";
}

static enum awaiting look_moved(BN_UNUSED struct target *t, const struct step *step,
                                const struct json_node *object, struct strbuf *out)
{
    const struct json_node *ip = json_node_first(json_node_get(object, "reply"));
    const char *host = json_node_text(ip), *port = json_node_text(json_node_next(ip));
    char at[300];
    (void)snprintf(at, sizeof(at), "%s:%s", host ? host : "", port ? port : "");
    if (host && strcmp(at, step->former) != 0)
        return AWAIT_DONE;
    strbuf_addf(out, "they take %s for the master", at);
    return AWAIT_MORE;
}

static bool is_plain(const char *name)
{
    return name[0] && name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                        "0123456789-_.")] == '\0';
}

static bool plan_sentinel(struct target *t, const struct answers *in, struct plan *p,
                          struct err *err)
{
    const struct site *s = target_site(t, "redis-sentinel", answers_get(in, "sentinel"), err);
    const char *master = answers_get(in, "master");
    struct json_doc *doc = NULL;
    if (!s)
        return false;
    if (!is_plain(master))
        return err_set(err, ERR_CONFIG, "--master `%.60s`: no name of a master", master);
    struct deed ask = redis_deed(p, plan_text(p, "%s", s->name),
                                 plan_text(p, "\"SENTINEL\",\"MASTER\",\"%s\"", master));
    ask.system = "redis-sentinel";
    if (!target_do(t, &ask, false, &doc, err))
        return false;
    const char *ip = pair_of(p, redis_reply_of(doc), "ip"),
               *port = pair_of(p, redis_reply_of(doc), "port"),
               *slaves = pair_of(p, redis_reply_of(doc), "num-slaves");
    json_doc_free(doc);
    if (strcmp(slaves, "0") == 0)
        return err_set(err, ERR_CONFLICT, "%s has no replica that could take over", master);
    struct step *step = plan_step(
        p, '~',
        plan_text(p, "Fail over %s, which is %s:%s, to one of its replicas", master, ip, port));
    step->deed = ask;
    step->deed.body = plan_text(p, "[\"SENTINEL\",\"FAILOVER\",\"%s\"]", master);
    step->look = ask;
    step->look.body = plan_text(p, "[\"SENTINEL\",\"GET-MASTER-ADDR-BY-NAME\",\"%s\"]", master);
    step->await = look_moved;
    step->await_s = 180;
    step->former = plan_text(p, "%s:%s", ip, port);
    step->undo_title = "none: fail over again; the sentinels choose whom";
    return true;
}

const struct action action_sentinel_failover = {
    .name = "sentinel-failover",
    .title = "Fail over by the Sentinels",
    .help = "have the sentinels make a replica the master",
    .risk = RISK_CHANGE,
    .kind = "redis-sentinel",
    .fields = sentinel_fields,
    .plan = plan_sentinel,
};
