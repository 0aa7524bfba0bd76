/* ExternalSecrets and their Secrets [external-secrets.io v0.16 externalsecret_controller.go]. */
#include <config.h>

#include "harbor/external.h"

#include "base/timetext.h"
#include "harbor/defaults.h"
#include "harbor/json_parts.h"
#include "harbor/vault.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#define VALUE_MAX ((size_t)64 << 10)

static bool is_ready(const struct object *x)
{
    return condition_is(member(x->json, "status"), "Ready", "True");
}

static bool works(const struct objects *o)
{
    return has_ready(o, "deployments", "operators", "external-secrets");
}

static const char *stamp_of(const struct object *x)
{
    return json_member(member(member(x->json, "metadata"), "annotations"), "force-sync");
}

/* Of its generation and its annotations, in what form it may be. */
static void name_synced(const struct object *x, char out[64])
{
    (void)snprintf(out, 64, "%d-%s", number_at(member(x->json, "metadata"), "generation", 1),
                   stamp_of(x));
}

/* A stamp that is newer than the last good pass, or another. */
static bool is_stamped(const struct object *x)
{
    const cJSON *status = member(x->json, "status");
    const char *stamp = stamp_of(x);
    char synced[64];
    name_synced(x, synced);
    return stamp[0] && is_ready(x) &&
           (strtoll(stamp, NULL, 10) * 1000 > time_at(status, "refreshTime") ||
            strcmp(json_member(status, "syncedResourceVersion"), synced) != 0);
}

static bool is_asked(const struct object *x)
{
    const cJSON *status = member(x->json, "status");
    return !condition_of(status, "Ready") || (time_at(status, "refreshTime") && is_stamped(x));
}

static bool store_works(const struct objects *o, const struct object *x)
{
    const cJSON *ref = member(member(x->json, "spec"), "secretStoreRef");
    const bool everywhere = strcmp(json_member(ref, "kind"), "ClusterSecretStore") == 0;
    const struct object *store =
        object_named(o, everywhere ? "clustersecretstores" : "secretstores",
                     everywhere ? "" : x->ns, json_member(ref, "name"));
    return store && is_ready(store);
}

/* ---- The Secret. */

static void add_coded(cJSON *data, const char *key, struct strbuf *value)
{
    const size_t room = value->len / 3 * 4 + 8;
    unsigned char *text = calloc(1, room);
    if (!text)
        return;
    (void)EVP_EncodeBlock(text, (const unsigned char *)strbuf_cstr(value), (int)value->len);
    json_set_text(data, key, (const char *)text);
    OPENSSL_cleanse(text, room);
    free(text);
}

/* NULL: one of them is not there. */
static cJSON *read_data(const struct server *server, const struct object *x)
{
    cJSON *data = cJSON_CreateObject();
    const cJSON *pair;
    bool all = true;
    cJSON_ArrayForEach(pair, member(member(x->json, "spec"), "data"))
    {
        const cJSON *ref = member(pair, "remoteRef");
        struct strbuf value = STRBUF_INIT(VALUE_MAX);
        all = vault_value(server, span_from(json_member(ref, "key")), json_member(ref, "property"),
                          &value) &&
              all;
        add_coded(data, json_member(pair, "secretKey"), &value);
        strbuf_wipe(&value);
    }
    if (all && data->child)
        return data;
    cJSON_Delete(data);
    return NULL;
}

static const char *target_name(const struct object *x)
{
    const char *said = json_member(member(member(x->json, "spec"), "target"), "name");
    return said[0] ? said : x->name;
}

static void put_secret(struct objects *o, const struct object *x, cJSON *data)
{
    const struct resource *r = resource_named(SPAN("secrets"));
    const struct object *old = objects_find(o, r, span_from(x->ns), span_from(target_name(x)));
    cJSON *json = old ? cJSON_Duplicate(old->json, true) : cJSON_CreateObject(), *pair;
    cJSON *metadata = within(json, "metadata");
    cJSON *owner = cJSON_CreateObject(), *owners = cJSON_CreateArray();
    json_set_text(json, "apiVersion", "v1");
    json_set_text(json, "kind", "Secret");
    json_set_text(json, "type", old ? json_member(old->json, "type") : "Opaque");
    json_set_text(metadata, "name", target_name(x));
    json_set_text(metadata, "namespace", x->ns);
    json_set_text(within(metadata, "labels"), "reconcile.external-secrets.io/managed", "true");
    json_set_text(owner, "apiVersion", "external-secrets.io/v1");
    json_set_text(owner, "kind", "ExternalSecret");
    json_set_text(owner, "name", x->name);
    json_set_text(owner, "uid", json_member(member(x->json, "metadata"), "uid"));
    set_item(owner, "controller", cJSON_CreateTrue());
    set_item(owner, "blockOwnerDeletion", cJSON_CreateTrue());
    (void)cJSON_AddItemToArray(owners, owner);
    if (old)
        cJSON_Delete(owners); /* as it is: a Secret that is merged into is its own */
    else
        set_item(metadata, "ownerReferences", owners);
    cJSON_ArrayForEach(pair, data)
    {
        json_set_text(within(json, "data"), pair->string, pair->valuestring);
    }
    if (old)
        put_changed(o, old, json);
    else
        (void)objects_put(o, r, json);
}

/* ---- */

static void set_ready(const struct objects *o, cJSON *status, bool ready)
{
    char now[TIMETEXT_MAX];
    cJSON *c = cJSON_CreateObject(), *list = cJSON_CreateArray();
    time_format(objects_now(o) / 1000 * 1000, now);
    json_set_text(c, "type", "Ready");
    json_set_text(c, "status", ready ? "True" : "False");
    json_set_text(c, "reason", ready ? "SecretSynced" : "SecretSyncedError");
    json_set_text(c, "message",
                  ready ? "secret synced" : "could not get secret data from provider");
    json_set_text(c, "lastTransitionTime", now);
    (void)cJSON_AddItemToArray(list, c);
    if (ready)
        json_set_text(status, "refreshTime", now);
    if (!condition_is(status, "Ready", ready ? "True" : "False"))
        set_item(status, "conditions", list);
    else
        cJSON_Delete(list);
}

/* One that failed is tried again, as by the controller's queue. */
static bool failed_here(const struct object *x)
{
    const cJSON *status = member(x->json, "status");
    return condition_of(status, "Ready") && !is_ready(x) && !json_member(status, "refreshTime")[0];
}

static void sync_one(struct server *server, struct object *x)
{
    struct objects *o = server->objects;
    const bool was = is_ready(x);
    cJSON *data = store_works(o, x) ? read_data(server, x) : NULL;
    const bool read = data != NULL;
    char synced[64];
    if (!read && failed_here(x))
        return;
    cJSON *json = cJSON_Duplicate(x->json, true), *status = within(json, "status");
    json_set_text(within(status, "binding"), "name", target_name(x));
    /* What a story keeps as it is stays so: its paths are not all in Vault. */
    set_ready(o, status, read || was);
    name_synced(x, synced);
    if (stamp_of(x)[0] && (read || was))
        json_set_text(status, "syncedResourceVersion", synced);
    if (data)
        put_secret(o, x, data); /* x may have moved then */
    cJSON_Delete(data);
    (void)objects_put(o, resource_named(SPAN("externalsecrets")), json);
}

void external_turn(struct server *server)
{
    const struct resource *r = resource_named(SPAN("externalsecrets"));
    struct objects *o = server->objects;
    if (!works(o))
        return;
    for (size_t at = objects_from(o, r, SPAN(""), SPAN(""));
         at < objects_count(o) && objects_at(o, at)->resource == r; at++) {
        struct object *x = objects_at(o, at);
        if (is_asked(x) || failed_here(x))
            sync_one(server, x);
    }
}

void external_push(struct objects *o, struct object *x)
{
    char synced[64];
    if (!works(o) || !is_stamped(x))
        return;
    cJSON *json = cJSON_Duplicate(x->json, true), *status = within(json, "status");
    name_synced(x, synced);
    set_now(o, status, "refreshTime");
    json_set_text(status, "syncedResourceVersion", synced);
    (void)objects_put(o, x->resource, json);
}
