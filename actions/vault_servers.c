/* The servers of a Vault. */
#include <config.h>

#include "actions/vault_servers.h"

#include "actions/kube.h"
#include "actions/vault.h"

bool vault_service_of(const struct site *s, struct vault_service *out)
{
    struct span reach = span_from(site_setting(s, "reach"));
    const size_t colon = span_find(reach, ':', 0), last = span_find_last(reach, ':');
    const struct span form = span_sub(reach, 0, colon),
                      place = span_sub(reach, colon + 1, last - colon - 1);
    const size_t slash = span_find(place, '/', 0);
    *out = (struct vault_service){.https = span_is(form, "proxy-https"),
                                  .ns = span_sub(place, 0, slash),
                                  .name = span_sub(place, slash + 1, place.len),
                                  .port = span_sub(reach, last + 1, reach.len)};
    return (out->https || span_is(form, "proxy")) && last > colon && slash < place.len;
}

void vault_pod_name(const struct vault_service *service, struct span pod, struct strbuf *out)
{
    strbuf_addf(out, "%s%.*s:%.*s", service->https ? "https:" : "", SPAN_ARG(pod),
                SPAN_ARG(service->port));
}

/* ---- Its pods. */

/* "key=value,key=value"; false: the service has none, or is not there. */
static bool read_selector(struct target *t, const struct vault_service *service, struct strbuf *out,
                          struct err *err)
{
    static const struct kube_resource services = {"", "v1", "services"};
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX), ns = STRBUF_INIT(KUBE_PATH_MAX),
                  name = STRBUF_INIT(KUBE_PATH_MAX);
    struct json_doc *doc = NULL;
    strbuf_add(&ns, service->ns);
    strbuf_add(&name, service->name);
    kube_path(&path, &services, strbuf_cstr(&ns), strbuf_cstr(&name), NULL);
    bool ok = target_get(t, strbuf_cstr(&path), &doc, err);
    const struct json_node *l =
        json_node_first(json_node_path(json_doc_root(doc), "spec.selector"));
    for (; l; l = json_node_next(l))
        strbuf_addf(out, "%s%s=%s", out->len ? "," : "", json_node_key(l), json_node_text(l));
    json_doc_free(doc);
    strbuf_clear(&path);
    strbuf_clear(&ns);
    strbuf_clear(&name);
    return ok;
}

static void add_server(struct plan *p, const char *site, const struct json_node *pod,
                       struct vault_servers *out)
{
    if (out->count == VAULT_SERVERS_MAX)
        return;
    const char *name = plan_text(p, "%s", json_node_path_text(pod, "metadata.name", ""));
    out->all[out->count++] = (struct vault_server){
        .at = plan_text(p, "%s@%s", site, name),
        .name = plan_text(p, "%s of %s", name, site),
        .pod = name,
        .ns = plan_text(p, "%s", json_node_path_text(pod, "metadata.namespace", ""))};
}

static bool find_pods(struct target *t, struct plan *p, const struct site *s,
                      const struct vault_service *service, struct vault_servers *out,
                      struct err *err)
{
    static const struct kube_resource pods = {"", "v1", "pods"};
    struct strbuf selector = STRBUF_INIT(KUBE_PATH_MAX);
    struct json_doc *doc = NULL;
    const struct json_node *pod = NULL;
    const char *ns = plan_text(p, "%.*s", SPAN_ARG(service->ns));
    bool ok = read_selector(t, service, &selector, err);
    if (ok && selector.len)
        ok = target_list(t, &pods, ns, strbuf_cstr(&selector), &doc, &pod, err);
    for (; ok && pod; pod = json_node_next(pod))
        add_server(p, s->name, pod, out);
    json_doc_free(doc);
    strbuf_clear(&selector);
    return ok;
}

bool vault_servers_find(struct target *t, struct plan *p, const struct answers *in,
                        struct vault_servers *out, struct err *err)
{
    const struct site *s = target_site(t, "vault", answers_get(in, "vault"), err);
    struct vault_service service;
    struct err why;
    out->count = 0;
    if (!s)
        return false;
    if (vault_service_of(s, &service) && !find_pods(t, p, s, &service, out, &why))
        plan_warn(p, plan_text(p,
                               "which pods it has is not known: of several it is the one that its "
                               "service leads to (%s)",
                               why.msg));
    if (out->count > 1)
        return true;
    const char *name = plan_text(p, "%s", s->name);
    out->all[0] = (struct vault_server){.at = name, .name = name, .pod = "", .ns = ""};
    out->count = 1;
    return true;
}
