/* Sentinels of a release of Redis that has them: a container in each of its pods, which answer what a
 * viewer asks [a Sentinel of Redis 7.0.15]. The first pod is master unless it is told otherwise. */
#include <config.h>

#include "harbor/sentinel.h"

#include "base/number.h"

#include <stdio.h>
#include <string.h>

#define MASTER "mymaster"
#define NODES  9
#define QUORUM 2

static void put_bulk(struct strbuf *out, struct span text)
{
    strbuf_addf(out, "$%zu\r\n%.*s\r\n", text.len, SPAN_ARG(text));
}

static void put_pair(struct strbuf *out, const char *name, const char *value)
{
    put_bulk(out, span_from(name));
    put_bulk(out, span_from(value));
}

/* The last "NAME:VALUE" of what was set; fallback: none was. */
static struct span set_value(struct span fields, const char *name, struct span fallback)
{
    struct span line, found = fallback;
    const size_t len = strlen(name);
    while (span_split(&fields, '\n', &line))
        if (span_starts(line, name) && line.len > len && line.data[len] == ':')
            found = span_sub(line, len + 1, line.len);
    return found;
}

/* "queue-node" of "queue-node-2" */
static struct span set_name(const struct object *pod)
{
    const struct span name = span_from(pod->name);
    return span_sub(name, 0, span_find_last(name, '-'));
}

static size_t count_nodes(const struct server *server, const struct object *pod)
{
    size_t n = 0;
    for (int i = 0; i < NODES; i++) {
        struct strbuf name = STRBUF_INIT(512);
        strbuf_addf(&name, "%.*s-%d", SPAN_ARG(set_name(pod)), i);
        n += objects_find(server->objects, pod->resource, span_from(pod->ns), strbuf_span(&name)) !=
             NULL;
        strbuf_clear(&name);
    }
    return n;
}

static void put_master(const struct server *server, const struct object *pod, struct span fields,
                       struct strbuf *out)
{
    const struct span first = SPAN("0"),
                      flags = set_value(fields, "sentinel_flags", SPAN("master"));
    const size_t nodes = count_nodes(server, pod);
    char number[32], host[512];
    (void)snprintf(host, sizeof(host), "%.*s-%.*s.redis-headless.%s.svc.cluster.local",
                   SPAN_ARG(set_name(pod)), SPAN_ARG(set_value(fields, "sentinel_master", first)),
                   pod->ns);
    (void)snprintf(number, sizeof(number), "%zu", nodes ? nodes - 1 : 0);
    strbuf_adds(out, "*1\r\n*20\r\n");
    put_pair(out, "name", MASTER);
    put_pair(out, "ip", host);
    put_pair(out, "port", "6379");
    put_bulk(out, SPAN("flags"));
    put_bulk(out, flags);
    put_pair(out, "down-after-milliseconds", "60000");
    put_pair(out, "config-epoch", "3");
    put_pair(out, "num-slaves", number);
    put_pair(out, "num-other-sentinels", number);
    put_pair(out, "quorum", "2");
    put_pair(out, "failover-timeout", "180000");
}

static void put_quorum(const struct server *server, const struct object *pod, struct span fields,
                       struct strbuf *out)
{
    int64_t usable = (int64_t)count_nodes(server, pod);
    (void)!number_parse(set_value(fields, "sentinel_usable", SPAN("")), 0, NODES, &usable);
    if (usable >= QUORUM)
        strbuf_addf(out,
                    "+OK %lld usable Sentinels. Quorum and failover authorization can be "
                    "reached\r\n",
                    (long long)usable);
    else
        strbuf_addf(out,
                    "-NOQUORUM %lld usable Sentinels. Not enough available Sentinels to reach the "
                    "specified quorum for this master. Not enough available Sentinels to reach the "
                    "majority and authorize a failover\r\n",
                    (long long)usable);
}

void sentinel_answer(const struct server *server, const struct object *pod, struct span fields,
                     struct span what, struct strbuf *out)
{
    if (span_eq_nocase(what, SPAN("MASTERS")))
        put_master(server, pod, fields, out);
    else if (span_eq_nocase(what, SPAN("CKQUORUM")))
        put_quorum(server, pod, fields, out);
    else if (span_eq_nocase(what, SPAN("REPLICAS")))
        strbuf_adds(out, "*0\r\n");
    else
        strbuf_addf(out, "-ERR Unknown sentinel subcommand '%.*s'\r\n", SPAN_ARG(what));
}
