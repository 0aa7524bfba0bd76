/* cert-manager. */
#include <config.h>

#include "harbor/certificates.h"

#include "base/alloc.h"
#include "harbor/json_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TAKES_MS 500
#define DAY_MS   INT64_C(86400000)

/* Another object of the chain, owned by the one before. */
struct link {
    const char *version, *kind, *ns, *name, *owner_kind, *owner;
};

static cJSON *make(const struct link *l)
{
    cJSON *json = cJSON_CreateObject(), *metadata = within(json, "metadata"),
          *owner = cJSON_CreateObject();
    json_set_text(json, "apiVersion", l->version);
    json_set_text(json, "kind", l->kind);
    json_set_text(metadata, "name", l->name);
    json_set_text(metadata, "namespace", l->ns);
    json_set_text(owner, "kind", l->owner_kind);
    json_set_text(owner, "name", l->owner);
    (void)cJSON_AddItemToArray(cJSON_AddArrayToObject(metadata, "ownerReferences"), owner);
    return json;
}

static void set_ready(const struct objects *o, cJSON *json, bool ready, const char *reason,
                      const char *message)
{
    cJSON *status = within(json, "status"), *c = condition_of(status, "Ready");
    if (!c) {
        c = cJSON_CreateObject();
        json_set_text(c, "type", "Ready");
        if (!member(status, "conditions"))
            (void)cJSON_AddArrayToObject(status, "conditions");
        (void)cJSON_AddItemToArray(member(status, "conditions"), c);
    }
    json_set_text(c, "status", ready ? "True" : "False");
    json_set_text(c, "reason", reason);
    json_set_text(c, "message", message);
    set_now(o, c, "lastTransitionTime");
}

struct chain {
    char ns[256], certificate[256], request[300], order[320], challenge[340], host[256],
        secret[256];
    int revision;
    bool acme;
};

static struct chain chain_of(const struct object *x)
{
    const cJSON *spec = member(x->json, "spec");
    const char *host = cJSON_GetStringValue(cJSON_GetArrayItem(member(spec, "dnsNames"), 0));
    struct chain c = {
        .revision = number_at(member(x->json, "status"), "revision", 0) + 1,
        .acme = strcmp(json_member(member(spec, "issuerRef"), "kind"), "ClusterIssuer") == 0};
    (void)snprintf(c.ns, sizeof(c.ns), "%s", x->ns);
    (void)snprintf(c.certificate, sizeof(c.certificate), "%s", x->name);
    (void)snprintf(c.request, sizeof(c.request), "%s-%d", c.certificate, c.revision);
    (void)snprintf(c.order, sizeof(c.order), "%s-1357924680", c.request);
    (void)snprintf(c.challenge, sizeof(c.challenge), "%s-2468013579", c.order);
    (void)snprintf(c.host, sizeof(c.host), "%s", host ? host : "");
    (void)snprintf(c.secret, sizeof(c.secret), "%s", json_member(spec, "secretName"));
    return c;
}

static void begin(struct objects *o, const struct chain *c)
{
    char text[1024];
    cJSON *json = make(&(struct link){"cert-manager.io/v1", "CertificateRequest", c->ns, c->request,
                                      "Certificate", c->certificate});
    cJSON *notes = within(within(json, "metadata"), "annotations");
    json_set_text(notes, "cert-manager.io/certificate-name", c->certificate);
    (void)snprintf(text, sizeof(text), "%d", c->revision);
    json_set_text(notes, "cert-manager.io/certificate-revision", text);
    (void)snprintf(text, sizeof(text),
                   "Waiting on certificate issuance from order %s/%s: \"pending\"", c->ns,
                   c->order);
    set_ready(o, json, false, "Pending", text);
    (void)objects_put(o, resource_named(SPAN("certificaterequests")), json);
    if (!c->acme)
        return;
    json = make(&(struct link){"acme.cert-manager.io/v1", "Order", c->ns, c->order,
                               "CertificateRequest", c->request});
    json_set_text(within(json, "status"), "state", "pending");
    (void)objects_put(o, resource_named(SPAN("orders")), json);
    json = make(&(struct link){"acme.cert-manager.io/v1", "Challenge", c->ns, c->challenge, "Order",
                               c->order});
    json_set_text(within(json, "spec"), "dnsName", c->host);
    json_set_text(within(json, "spec"), "type", "DNS-01");
    json_set_text(within(json, "status"), "state", "pending");
    (void)snprintf(text, sizeof(text),
                   "Waiting for DNS-01 challenge propagation: DNS record for \"%s\" not yet "
                   "propagated",
                   c->host);
    json_set_text(within(json, "status"), "reason", text);
    (void)objects_put(o, resource_named(SPAN("challenges")), json);
}

static void write_secret(struct objects *o, const struct chain *c)
{
    const struct object *x = object_named(o, "secrets", c->ns, c->secret);
    if (x)
        (void)objects_put(o, x->resource, cJSON_Duplicate(x->json, true)); /* another version */
}

static void end(struct objects *o, const struct chain *c)
{
    char text[TIMETEXT_MAX];
    const struct object *x = object_named(o, "certificaterequests", c->ns, c->request);
    cJSON *json = x ? cJSON_Duplicate(x->json, true) : NULL;
    if (json) {
        set_ready(o, json, true, "Issued", "Certificate fetched from issuer successfully");
        (void)objects_put(o, x->resource, json);
    }
    x = object_named(o, "orders", c->ns, c->order);
    json = x ? cJSON_Duplicate(x->json, true) : NULL;
    if (json) {
        json_set_text(within(json, "status"), "state", "valid");
        (void)objects_put(o, x->resource, json);
    }
    (void)objects_delete(o, resource_named(SPAN("challenges")), span_from(c->ns),
                         span_from(c->challenge));
    write_secret(o, c);
    x = object_named(o, "certificates", c->ns, c->certificate);
    json = cJSON_Duplicate(x->json, true);
    cJSON *status = within(json, "status");
    cJSON_Delete(
        cJSON_DetachItemViaPointer(member(status, "conditions"), condition_of(status, "Issuing")));
    set_item(status, "revision", cJSON_CreateNumber(c->revision));
    set_now(o, status, "notBefore");
    time_format(objects_now(o) / 1000 * 1000 + 90 * DAY_MS, text);
    json_set_text(status, "notAfter", text);
    time_format(objects_now(o) / 1000 * 1000 + 60 * DAY_MS, text);
    json_set_text(status, "renewalTime", text);
    (void)objects_put(o, x->resource, json);
}

void certificates_look(struct objects *o, struct object *x)
{
    const cJSON *asked = condition_of(member(x->json, "status"), "Issuing");
    if (!asked || strcmp(json_member(asked, "status"), "True") != 0 ||
        strcmp(json_member(asked, "reason"), "ManuallyTriggered") != 0 ||
        !has_ready(o, "deployments", "cert-manager", "cert-manager"))
        return;
    const int64_t age = objects_now(o) - time_at(asked, "lastTransitionTime");
    const struct chain c = chain_of(x);
    const struct object *request = object_named(o, "certificaterequests", c.ns, c.request);
    const cJSON *ready = request ? condition_of(member(request->json, "status"), "Ready") : NULL;
    if (strcmp(json_member(ready, "reason"), "Pending") != 0)
        begin(o, &c); /* none, or one that has failed: it is made anew */
    else if (age >= TAKES_MS)
        end(o, &c);
}
