/* What keeps custom resources, by the images and labels of its workloads. */
#include <config.h>

#include "backends/kubernetes/keeper.h"

#include "backends/discovery.h"
#include "backends/kubernetes/sentence.h"
#include "backends/verdict.h"

#define NAME      "app.kubernetes.io/name"
#define COMPONENT "app.kubernetes.io/component"
#define PART_OF   "app.kubernetes.io/part-of"

#define REPLACED_MS ((int64_t)2 * 60 * 1000)

/* As their charts and manifests call them: image, labels, and what else runs the same image. */
const struct keeper keepers[] = {
    {.name = "percona-operator",
     .title = "the Percona operator",
     .keeps = "pxcs backups restores backup-schedules",
     .image = "percona/percona-xtradb-cluster-operator",
     .images = {"percona-xtradb-cluster-operator"},
     .labels = {{NAME, "percona-xtradb-cluster-operator"}}},
    {.name = "cert-manager",
     .title = "cert-manager",
     .keeps = "certificates issuers clusterissuers",
     .image = "jetstack/cert-manager-controller",
     .images = {"cert-manager-controller", "bitnami/cert-manager"},
     .labels = {{NAME, "cert-manager"}, {COMPONENT, "controller"}}},
    {.name = "external-secrets",
     .title = "External Secrets",
     .keeps = "externalsecrets pushsecrets secretstores clustersecretstores clusterexternalsecrets",
     .image = "external-secrets/external-secrets",
     .images = {"external-secrets"},
     .labels = {{NAME, "external-secrets"}},
     .others = {"-webhook", "-cert-controller"}},
    {.name = "external-dns",
     .title = "external-dns",
     .keeps = "dnsendpoints",
     .image = "external-dns",
     .images = {"external-dns"},
     .labels = {{NAME, "external-dns"}}},
    {.name = "argocd-controller",
     .title = "Argo CD's application controller",
     .keeps = "applications",
     .image = "argocd as application-controller",
     .labels = {{COMPONENT, "application-controller"}, {PART_OF, "argocd"}}},
    {.name = "minio-operator",
     .title = "the MinIO operator",
     .keeps = "tenants",
     .image = "minio/operator",
     .images = {"minio/operator", "minio-operator"},
     .labels = {{NAME, "minio-operator"}},
     .others = {"console"}},
    {.name = "traefik",
     .title = "Traefik",
     .keeps = "ingressroutes ingressroutetcps ingressrouteudps",
     .image = "traefik",
     .images = {"traefik", "traefik-ee", "hub-agent-traefik", "traefik-hub"},
     .labels = {{NAME, "traefik"}}},
    {.name = NULL},
};

const struct keeper *keeper_named(struct span name)
{
    for (const struct keeper *k = keepers; k->name; k++)
        if (span_is(name, k->name))
            return k;
    return NULL;
}

/* "quay.io/jetstack/cert-manager-controller" of "quay.io/jetstack/cert-manager-controller:v1@sha256:..." */
static struct span repository_of(struct span image)
{
    struct span all = span_sub(image, 0, span_find(image, '@', 0));
    size_t colon = span_find_last(all, ':'), slash = span_find_last(all, '/');
    bool tag = colon < all.len && (slash == all.len || slash < colon);
    return tag ? span_sub(all, 0, colon) : all;
}

static bool is_image(const struct keeper *k, struct span image)
{
    struct span repository = repository_of(image);
    for (size_t i = 0; i < KEEPER_MARKS_MAX && k->images[i]; i++) {
        struct span end = span_from(k->images[i]);
        if (!span_ends(repository, k->images[i]))
            continue;
        size_t before = repository.len - end.len;
        if (!before || repository.data[before - 1] == '/' || repository.data[before - 1] == '-')
            return true;
    }
    return false;
}

static bool has_labels(const struct keeper *k, struct span labels)
{
    size_t i = 0;
    for (; i < KEEPER_MARKS_MAX && k->labels[i].key; i++)
        if (!span_is(discovery_label(labels, k->labels[i].key), k->labels[i].value))
            return false;
    return i > 0;
}

/* What an operator has made of its own image is not the operator. */
bool keeper_is(const struct keeper *k, const struct store *st, struct handle workload)
{
    struct span name = discovery_text(st, workload, "name"), image;
    struct span rest = discovery_text(st, workload, "images");
    bool is = has_labels(k, discovery_text(st, workload, "labels"));
    for (size_t i = 0; i < KEEPER_MARKS_MAX && k->others[i]; i++)
        if (span_ends(name, k->others[i]))
            return false;
    while (!is && rest.len && span_split(&rest, LIST_SEPARATOR, &image))
        is = is_image(k, image);
    return is && !discovery_owner(st, workload).len;
}

/* ---- Its row. */

/* The first of its workloads that is not well. */
static bool bad_part(const struct store *st, struct handle controller, struct handle *part)
{
    struct link l;
    size_t at = 0;
    while (store_link_next(st, controller, &at, &l))
        if (l.type == LINK_PART && store_follow(st, controller, &l, part) == LINK_FOUND &&
            store_verdict(st, *part).level >= LEVEL_UNKNOWN)
            return true;
    return false;
}

/* A Deployment says it; of a StatefulSet we have seen it, or it was so when we came. */
static int64_t down_since(const struct store *st, struct handle controller)
{
    int64_t said = discovery_num(st, controller, "down-since", TIME_NONE);
    struct handle part;
    if (said == TIME_NONE && bad_part(st, controller, &part))
        return store_level_since(st, part);
    return said;
}

bool keeper_is_out(const struct store *st, struct handle controller, int64_t now_ms,
                   int64_t *until_ms)
{
    if (discovery_num(st, controller, "ready-count", 0) > 0)
        return false;
    int64_t down = down_since(st, controller);
    if (down == TIME_NONE || now_ms - down > REPLACED_MS ||
        !discovery_num(st, controller, "desired", 0))
        return true;
    if (down + REPLACED_MS + 1 < *until_ms)
        *until_ms = down + REPLACED_MS + 1;
    return false;
}

void keeper_says_out(const struct store *st, struct handle controller, int64_t now_ms,
                     struct strbuf *out)
{
    const struct keeper *k = keeper_named(store_key(st, controller));
    struct span workloads = discovery_text(st, controller, "workloads");
    struct handle part;
    bn_assert(k);
    strbuf_adds(out, k->title);
    if (!workloads.len) {
        strbuf_addf(out, " is not there: no workload runs %s", k->image);
        return;
    }
    if (!discovery_num(st, controller, "desired", 0)) {
        strbuf_adds(out, " is scaled to 0: ");
        sentence_add(out, workloads, SENTENCE_INNER);
        return;
    }
    strbuf_adds(out, " does not run");
    if (bad_part(st, controller, &part))
        sentence_row(out, st, part, now_ms);
}

/* ---- What it keeps. */

bool keeper_gone(const struct store *st, struct handle row, int64_t now_ms, int64_t *until_ms,
                 struct handle *controller)
{
    struct link l;
    size_t at = 0;
    while (store_link_next(st, row, &at, &l))
        if (l.type == LINK_KEPT)
            return store_follow(st, row, &l, controller) == LINK_FOUND &&
                   keeper_is_out(st, *controller, now_ms, until_ms);
    return false;
}

struct verdict keeper_judge(const struct store *st, struct handle row, struct verdict v,
                            uint16_t rule, int64_t now_ms)
{
    struct handle controller;
    if (v.level == LEVEL_OFF || v.level >= LEVEL_UNKNOWN)
        return v;
    if (keeper_gone(st, row, now_ms, &v.until_ms, &controller))
        return verdict_until(LEVEL_UNKNOWN, rule, v.until_ms);
    return v;
}

void keeper_says(const struct store *st, struct handle row, const char *before, int64_t now_ms,
                 struct strbuf *out)
{
    struct handle controller;
    int64_t until = TIME_FOREVER;
    strbuf_addf(out, "%s: ", before);
    if (keeper_gone(st, row, now_ms, &until, &controller))
        keeper_says_out(st, controller, now_ms, out);
    else
        strbuf_adds(out, "what keeps it has just come back");
}

void keeper_says_why(const struct store *st, struct handle row, int64_t now_ms, struct strbuf *out)
{
    struct handle controller;
    int64_t until = TIME_FOREVER;
    if (!keeper_gone(st, row, now_ms, &until, &controller))
        return;
    strbuf_adds(out, "; ");
    keeper_says_out(st, controller, now_ms, out);
}
