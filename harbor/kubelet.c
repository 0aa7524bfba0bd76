/* Summaries of kubelets. */
#include <config.h>

#include "harbor/kubelet.h"

#include "base/alloc.h"
#include "base/number.h"
#include "base/timetext.h"
#include "harbor/command.h"
#include "harbor/json_parts.h"

#include <stdlib.h>

#define BODY_MAX      ((size_t)4 << 20)
#define INODE_BYTES   16384 /* of a file system for each of its inodes, as mkfs.ext4 makes them */
#define NODE_BYTES    ((int64_t)100 << 30)
#define PRESSURE_FULL 93

/* What a story has said of a claim, or of a node (ns "-"). */
struct disk_state {
    struct disk_state *next;
    char *ns, *name; /* owned */
    int64_t percent, inodes;
};

static struct disk_state *find(const struct server *server, struct span ns, struct span name)
{
    struct disk_state *d = server->disk_states;
    while (d && !(span_is(ns, d->ns) && span_is(name, d->name)))
        d = d->next;
    return d;
}

bool disk_command(struct server *server, struct span rest, struct strbuf *answer, struct err *err)
{
    struct span ns = command_word(&rest), name = command_word(&rest), percent = command_word(&rest);
    struct span inodes = command_word(&rest);
    int64_t n, i = -1;
    (void)answer;
    if (!name.len || !number_parse(percent, 0, 100, &n) ||
        (inodes.len && !number_parse(inodes, 0, 100, &i)))
        return err_set(err, ERR_CONFIG, "disk wants NAMESPACE CLAIM PERCENT [INODES]");
    struct disk_state *d = find(server, ns, name);
    if (!d) {
        d = xalloc_zero(1, sizeof(*d));
        d->ns = xalloc_bytes(ns.data, ns.len);
        d->name = xalloc_bytes(name.data, name.len);
        d->next = server->disk_states;
        server->disk_states = d;
    }
    d->percent = n;
    d->inodes = i;
    return true;
}

void disk_states_free(struct server *server)
{
    while (server->disk_states) {
        struct disk_state *d = server->disk_states;
        server->disk_states = d->next;
        free(d->ns);
        free(d->name);
        free(d);
    }
}

/* "time": ..., "capacityBytes": ... of one file system. */
static void add_figures(const struct server *server, struct span ns, struct span name, int64_t size,
                        int64_t usual, struct strbuf *out)
{
    const struct disk_state *d = find(server, ns, name);
    int64_t percent = d ? d->percent : usual, all = size / INODE_BYTES;
    int64_t inodes = d && d->inodes >= 0 ? d->inodes : percent / 4;
    int64_t used = size / 100 * percent, taken = all / 100 * inodes;
    char now[TIMETEXT_MAX];
    time_format(objects_now(server->objects) / 1000 * 1000, now);
    strbuf_addf(out,
                "\"time\":\"%s\",\"availableBytes\":%lld,\"capacityBytes\":%lld,\"usedBytes\":"
                "%lld,\"inodesFree\":%lld,\"inodes\":%lld,\"inodesUsed\":%lld",
                now, (long long)(size - used), (long long)size, (long long)used,
                (long long)(all - taken), (long long)all, (long long)taken);
}

static int64_t usual_of(struct span name)
{
    return 20 + (int64_t)(span_hash(name) % 51);
}

static bool size_of(const struct server *server, struct span ns, struct span name, int64_t *size)
{
    const struct object *claim =
        objects_find(server->objects, resource_named(SPAN("persistentvolumeclaims")), ns, name);
    const cJSON *capacity = claim ? member(member(claim->json, "status"), "capacity") : NULL;
    return quantity_parse(span_from(json_member(capacity, "storage")), 1, size);
}

bool kubelet_claim(const struct server *server, struct span ns, struct span name, int64_t *size,
                   int64_t *used)
{
    const struct disk_state *d = find(server, ns, name);
    if (!size_of(server, ns, name, size) || *size <= 0)
        return false;
    *used = *size / 100 * (d ? d->percent : usual_of(name));
    return true;
}

static void add_volume(const struct server *server, const struct object *pod, const cJSON *volume,
                       bool first, struct strbuf *out)
{
    const char *name = json_member(member(volume, "persistentVolumeClaim"), "claimName");
    int64_t size = 0;
    if (!size_of(server, span_from(pod->ns), span_from(name), &size))
        return;
    strbuf_adds(out, first ? "{" : ",{");
    add_figures(server, span_from(pod->ns), span_from(name), size, usual_of(span_from(name)), out);
    strbuf_addf(out, ",\"name\":\"%s\",\"pvcRef\":{\"name\":\"%s\",\"namespace\":\"%s\"}}",
                json_member(volume, "name"), name, pod->ns);
}

static void add_pod(const struct server *server, const struct object *pod, struct strbuf *out)
{
    const cJSON *volume;
    size_t before;
    strbuf_addf(out,
                "{\"podRef\":{\"name\":\"%s\",\"namespace\":\"%s\",\"uid\":\"%s\"},\"volume\":[",
                pod->name, pod->ns, json_member(member(pod->json, "metadata"), "uid"));
    before = out->len;
    cJSON_ArrayForEach(volume, member(member(pod->json, "spec"), "volumes"))
    {
        if (member(volume, "persistentVolumeClaim"))
            add_volume(server, pod, volume, out->len == before, out);
    }
    strbuf_adds(out, "]}");
}

static int64_t usual_of_node(const struct object *node)
{
    return condition_is(member(node->json, "status"), "DiskPressure", "True")
               ? PRESSURE_FULL
               : usual_of(span_from(node->name));
}

double kubelet_node_full(const struct server *server, const struct object *node)
{
    const struct disk_state *d = find(server, SPAN("-"), span_from(node->name));
    return (double)(d ? d->percent : usual_of_node(node)) / 100;
}

static void add_node(const struct server *server, const struct object *node, struct strbuf *out)
{
    const cJSON *capacity = member(member(node->json, "status"), "capacity");
    const struct span name = span_from(node->name);
    int64_t usual = usual_of_node(node), size;
    if (!quantity_parse(span_from(json_member(capacity, "ephemeral-storage")), 1, &size))
        size = NODE_BYTES;
    strbuf_addf(out, "{\"node\":{\"nodeName\":\"%s\",\"fs\":{", node->name);
    add_figures(server, SPAN("-"), name, size, usual, out);
    strbuf_adds(out, "},\"runtime\":{\"imageFs\":{");
    add_figures(server, SPAN("-"), name, size, usual, out);
    strbuf_adds(out, "}}},\"pods\":[");
}

static void say_summary(const struct server *server, struct stream *s, const struct object *node)
{
    const struct resource *pods = resource_named(SPAN("pods"));
    struct strbuf body = STRBUF_INIT(BODY_MAX);
    bool first = true;
    add_node(server, node, &body);
    for (size_t i = 0; i < objects_count(server->objects); i++) {
        const struct object *pod = objects_at(server->objects, i);
        if (pod->resource != pods ||
            strcmp(json_member(member(pod->json, "spec"), "nodeName"), node->name) != 0 ||
            strcmp(json_member(member(pod->json, "status"), "phase"), "Running") != 0)
            continue;
        strbuf_adds(&body, first ? "" : ",");
        add_pod(server, pod, &body);
        first = false;
    }
    strbuf_adds(&body, "]}");
    stream_answer(s, 200, "application/json", strbuf_span(&body));
    strbuf_clear(&body);
}

void kubelet_answer(struct server *server, struct stream *s, const struct route *r,
                    struct span path)
{
    const struct object *node = objects_find(server->objects, r->resource, SPAN(""), r->name);
    if (!node)
        answer_not_found(s, r);
    else if (condition_is(member(node->json, "status"), "Ready", "Unknown"))
        stream_status(s, 503, "ServiceUnavailable", NULL,
                      "error trying to reach service: dial tcp: i/o timeout");
    else if (!span_is(path, "/stats/summary"))
        stream_answer(s, 404, "text/plain; charset=utf-8", SPAN("404 page not found\n"));
    else
        say_summary(server, s, node);
}
