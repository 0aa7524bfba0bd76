/* Which Redis servers a cluster has: services of the Bitnami chart [bitnami/charts bitnami/redis
 * templates/]. FULLNAME-master leads to the one that is master, wherever it runs; each replica of
 * FULLNAME-replicas is a source of its own. */
#include <config.h>

#include "backends/discovery.h"
#include "backends/redis/redis.h"
#include "backends/redis/sentinel.h"
#include "base/number.h"

#include <stdio.h>
#include <string.h>

#define PORT         "6379"
#define KEY          "redis-password"
#define TEXT_BYTES   1024
#define REPLICAS_MAX 16

static bool is_redis(const struct discovery_service *s, const char *component)
{
    return span_is(discovery_label(s->labels, "app.kubernetes.io/name"), "redis") &&
           span_is(discovery_label(s->selector, "app.kubernetes.io/component"), component) &&
           discovery_has_port(s, PORT);
}

/* "redis" of "redis-master"; the whole name where it ends otherwise. */
static struct span full_name(struct span name, const char *end)
{
    return span_ends(name, end) ? span_sub(name, 0, name.len - strlen(end)) : name;
}

/* Pods of its StatefulSet, which is called as the service is; fallback: not known. */
static int64_t pods_of(const struct store *st, struct span ns, struct span name, int64_t fallback)
{
    const int kind = store_kind_find(st, SPAN("workload"));
    const int column = kind < 0 ? -1 : kind_column(store_kind(st, (uint16_t)kind), SPAN("desired"));
    char key[TEXT_BYTES];
    struct handle row;
    (void)snprintf(key, sizeof(key), "%.*s/StatefulSet/%.*s", SPAN_ARG(ns), SPAN_ARG(name));
    if (column < 0 || !store_find(st, 0, (uint16_t)kind, span_from(key), &row))
        return fallback;
    return store_num(st, row, (size_t)column, fallback);
}

static bool has_secret(const struct store *st, struct span ns, struct span name)
{
    const int kind = store_kind_find(st, SPAN("secret"));
    char key[TEXT_BYTES];
    struct handle row;
    (void)snprintf(key, sizeof(key), "%.*s/%.*s", SPAN_ARG(ns), SPAN_ARG(name));
    return kind >= 0 && store_find(st, 0, (uint16_t)kind, span_from(key), &row);
}

/* The first of a name is called by it; others by namespace and name. */
static bool is_first(const struct store *st, const struct discovery_service *s,
                     const char *component)
{
    struct discovery_service other;
    uint32_t at = 0;
    while (discovery_next_service(st, &at, &other))
        if (is_redis(&other, component) && span_eq(other.name, s->name))
            return span_eq(other.ns, s->ns);
    return true;
}

/* What is said of each server of a release. */
struct release {
    const struct store *st;
    struct discovery *d;
    struct span ns, full;
    bool secret;
};

bool redis_password_of(const struct store *st, struct span ns, struct span name, const char *end,
                       char *out, size_t size)
{
    const struct span full = full_name(name, end);
    (void)snprintf(out, size, "password=secret:%.*s/%.*s/" KEY, SPAN_ARG(ns), SPAN_ARG(full));
    return has_secret(st, ns, full);
}

static void add(const struct release *r, const char *name, const char *reach, const char *replicas)
{
    char password[TEXT_BYTES], missing[TEXT_BYTES];
    bool denied;
    (void)redis_password_of(r->st, r->ns, r->full, "", password, sizeof(password));
    (void)discovery_knows(r->st, "secret", &denied);
    (void)snprintf(missing, sizeof(missing),
                   "a password, %s: name it in the configuration (sources: name %s, password)",
                   denied ? "and Secrets may not be listed to find one" : "if it wants one", name);
    const char *settings[4] = {reach};
    size_t n = 1;
    if (r->secret)
        settings[n++] = password;
    if (replicas)
        settings[n++] = replicas;
    const struct found f = {.name = name,
                            .missing = r->secret ? NULL : missing,
                            .unless = "password",
                            .settings = settings};
    discovery_add(r->d, &f);
}

static void add_master(const struct release *r, const struct discovery_service *s, bool first)
{
    char name[TEXT_BYTES], reach[TEXT_BYTES], replicas[TEXT_BYTES], of[TEXT_BYTES];
    (void)snprintf(of, sizeof(of), "%.*s-replicas", SPAN_ARG(r->full));
    const int64_t wanted = pods_of(r->st, r->ns, span_from(of), -1);
    (void)snprintf(name, sizeof(name), "%.*s%s%.*s", first ? 0 : (int)s->ns.len, s->ns.data,
                   first ? "" : "/", SPAN_ARG(s->name));
    (void)snprintf(reach, sizeof(reach), "reach=service:%.*s/%.*s:" PORT, SPAN_ARG(s->ns),
                   SPAN_ARG(s->name));
    (void)snprintf(replicas, sizeof(replicas), "replicas=%lld", (long long)wanted);
    add(r, name, reach, wanted >= 0 ? replicas : NULL);
}

static void add_replicas(const struct release *r, const struct discovery_service *s, bool first)
{
    const int64_t pods = pods_of(r->st, r->ns, s->name, 0);
    for (int64_t i = 0; i < pods && i < REPLICAS_MAX; i++) {
        char name[TEXT_BYTES], reach[TEXT_BYTES];
        (void)snprintf(name, sizeof(name), "%.*s%s%.*s-%lld", first ? 0 : (int)s->ns.len,
                       s->ns.data, first ? "" : "/", SPAN_ARG(s->name), (long long)i);
        (void)snprintf(reach, sizeof(reach), "reach=pod:%.*s/%.*s-%lld:" PORT, SPAN_ARG(s->ns),
                       SPAN_ARG(s->name), (long long)i);
        add(r, name, reach, NULL);
    }
}

/* With Sentinel each pod of FULLNAME-node may be master [bitnami/redis templates/sentinel/]. */
static void discover_nodes(const struct store *st, struct discovery *d)
{
    struct discovery_set set;
    uint32_t at = 0;
    while (discovery_next_set(st, &at, &set)) {
        struct release r = {.st = st, .d = d, .ns = set.ns, .full = full_name(set.name, "-node")};
        if (!span_is(discovery_label(set.labels, "app.kubernetes.io/name"), "redis") ||
            !span_is(discovery_label(set.labels, "app.kubernetes.io/component"), "node"))
            continue;
        r.secret = has_secret(st, r.ns, r.full);
        for (int64_t i = 0; i < set.pods && i < REPLICAS_MAX; i++) {
            char name[TEXT_BYTES], reach[TEXT_BYTES];
            (void)snprintf(name, sizeof(name), "%.*s/%.*s-%lld", SPAN_ARG(set.ns),
                           SPAN_ARG(set.name), (long long)i);
            (void)snprintf(reach, sizeof(reach), "reach=pod:%.*s/%.*s-%lld:" PORT, SPAN_ARG(set.ns),
                           SPAN_ARG(set.name), (long long)i);
            add(&r, name, reach, NULL);
        }
    }
}

void redis_discover(const struct store *st, struct discovery *d)
{
    struct discovery_service s;
    uint32_t at = 0;
    discover_nodes(st, d);
    while (discovery_next_service(st, &at, &s)) {
        const bool master = is_redis(&s, "master") && !span_ends(s.name, "-headless"),
                   replicas = is_redis(&s, "replica");
        struct release r = {.st = st,
                            .d = d,
                            .ns = s.ns,
                            .full = full_name(s.name, master ? "-master" : "-replicas")};
        r.secret = has_secret(st, r.ns, r.full);
        if (master)
            add_master(&r, &s, is_first(st, &s, "master"));
        else if (replicas)
            add_replicas(&r, &s, is_first(st, &s, "replica"));
    }
}
