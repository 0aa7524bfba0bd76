/* Deeds that ask a bucket: what lies in it of one backup. Nothing in a bucket is changed from here,
 * its operator does that. A bucket outside the cluster is asked where the configuration says that it
 * may be, as its source is (backends/s3). */
#include <config.h>

#include "actions/target_impl.h"
#include "base/json_out.h"
#include "base/number.h"
#include "net/recipe.h"
#include "net/s3_list.h"

#include <stdio.h>
#include <string.h>

#define TEXT_BYTES 2048
#define ANSWER_MAX 4096

/* ---- Sites: storages of backups of the Percona operator [integrations: spec.backup]. */

static const struct kube_resource clusters = {"pxc.percona.com", "v1", "perconaxtradbclusters"};

/* The way to an endpoint that is a service of the cluster; false: it is none. */
static bool find_service(struct target *t, const char *endpoint, struct strbuf *reach)
{
    static const struct kube_resource services = {"", "v1", "services"};
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX);
    char ns[256], name[256];
    struct s3_service service;
    struct json_doc *doc = NULL;
    struct err err;
    if (!s3_place_service(span_from(endpoint), &service))
        return false;
    (void)snprintf(ns, sizeof(ns), "%.*s", SPAN_ARG(service.ns));
    (void)snprintf(name, sizeof(name), "%.*s", SPAN_ARG(service.name));
    kube_path(&path, &services, ns, name, NULL);
    bool there = target_get(t, strbuf_cstr(&path), &doc, &err) && doc;
    strbuf_clear(&path);
    json_doc_free(doc);
    if (there)
        s3_place_reach(&service, reach);
    return there;
}

static void add_storage(struct target *t, const char *ns, const struct json_node *storage,
                        struct sites *out)
{
    const struct json_node *s3 = json_node_get(storage, "s3");
    const char *bucket = json_node_path_text(s3, "bucket", ""),
               *region = json_node_path_text(s3, "region", ""),
               *endpoint = json_node_path_text(s3, "endpointUrl", ""),
               *secret = json_node_path_text(s3, "credentialsSecret", "");
    const struct json_node *verify = json_node_get(storage, "verifyTLS");
    char texts[5][TEXT_BYTES], name[TEXT_BYTES];
    const char *settings[8];
    size_t n = 0, m = 0;
    struct strbuf reach = STRBUF_INIT(TEXT_BYTES);
    if (find_service(t, endpoint, &reach))
        settings[m++] = "ask=true"; /* a port-forward leads nowhere else */
    (void)snprintf(name, sizeof(name), "s3/%s", bucket);
    (void)snprintf(texts[n++], TEXT_BYTES, "bucket=%s", bucket);
    (void)snprintf(texts[n++], TEXT_BYTES, "access_key=secret:%s/%s/AWS_ACCESS_KEY_ID", ns, secret);
    (void)snprintf(texts[n++], TEXT_BYTES, "secret_key=secret:%s/%s/AWS_SECRET_ACCESS_KEY", ns,
                   secret);
    if (region[0])
        (void)snprintf(texts[n++], TEXT_BYTES, "region=%s", region);
    if (endpoint[0])
        (void)snprintf(texts[n++], TEXT_BYTES, "reach=%s",
                       reach.len ? strbuf_cstr(&reach) : endpoint);
    for (size_t i = 0; i < n; i++)
        settings[m++] = texts[i];
    if (json_node_type(verify) == JSON_FALSE)
        settings[m++] = "insecure=true";
    settings[m] = NULL;
    sites_add(out, "s3", name, settings);
    strbuf_clear(&reach);
}

static bool find(struct target *t, struct sites *out, struct err *err)
{
    struct json_doc *doc;
    const struct json_node *item;
    bool ok = target_list(t, &clusters, NULL, NULL, &doc, &item, err);
    for (; item; item = json_node_next(item)) {
        const struct json_node *s = json_node_first(json_node_path(item, "spec.backup.storages"));
        for (; s; s = json_node_next(s))
            if (json_node_path_text(s, "s3.bucket", "")[0])
                add_storage(t, json_node_path_text(item, "metadata.namespace", ""), s, out);
    }
    json_doc_free(doc);
    return ok;
}

/* ---- Asking. */

struct bucket {
    struct s3_place place;
    struct reach *reach;    /* owned; NULL: it is asked directly */
    struct strbuf endpoint; /* of a server in the cluster */
    struct strbuf id, secret;
    struct aws *aws;
};

static void let_go(struct bucket *b)
{
    aws_free(b->aws);
    reach_free(b->reach);
    strbuf_clear(&b->endpoint);
    strbuf_wipe(&b->id);
    strbuf_wipe(&b->secret);
}

static bool find_place(struct bucket *b, const struct site *s, struct err *err)
{
    const char *reach = site_setting(s, "reach"), *style = site_setting(s, "style");
    struct err none;
    b->reach = reach ? reach_parse(reach, &none) : NULL;
    if (b->reach && (!reach_needs_cluster(b->reach) || reach_is_http(b->reach))) {
        reach_free(b->reach);
        b->reach = NULL;
    }
    if (b->reach)
        reach_origin(b->reach, &b->endpoint);
    return s3_place_read(&b->place, site_setting(s, "bucket") ? site_setting(s, "bucket") : "",
                         b->reach ? strbuf_cstr(&b->endpoint) : reach, style ? style : "auto", err);
}

static bool open_bucket(struct target *t, const struct site *s, struct bucket *b, struct err *err)
{
    const char *region = site_setting(s, "region");
    struct strbuf origin = STRBUF_INIT(TEXT_BYTES);
    struct reach_options way = {.name = s->name,
                                .ca_file = target_setting(t, s, "ca"),
                                .insecure = site_setting_true(s, "insecure"),
                                .cluster = &t->cluster};
    if (!find_place(b, s, err) || !target_site_secret(t, s, "access_key", &b->id, err) ||
        !target_site_secret(t, s, "secret_key", &b->secret, err))
        return false;
    s3_place_origin(&b->place, region ? region : "us-east-1", &origin);
    const struct aws_options o = {
        .name = s->name,
        .service = "s3",
        .region = region ? region : "us-east-1",
        .origin = strbuf_cstr(&origin),
        .keys = {span_trim(strbuf_span(&b->id)), span_trim(strbuf_span(&b->secret)), SPAN("")},
        .ca_file = way.ca_file,
        .addresses = b->reach ? NULL : target_setting(t, s, "addresses"),
        .insecure = way.insecure,
        .cancel_fd = t->cancel_fd,
        .way = b->reach ? reach_way(b->reach, &way) : (struct http_way){.open = NULL}};
    b->aws = aws_new(&o, err);
    strbuf_clear(&origin);
    return b->aws != NULL;
}

/* What lies there of NAME-full. */
struct sum {
    struct span key; /* with the prefix that the storage has */
    int64_t bytes, objects;
    bool md5, gap;
};

static bool add_page(void *context, struct s3_page *page)
{
    struct sum *sum = context;
    const struct xml_node *c = xml_child(page->result, "Contents");
    for (; c; c = xml_next(c, "Contents")) {
        struct span key = s3_text(page, xml_child(c, "Key")), rest;
        int64_t bytes;
        rest = span_sub(key, sum->key.len, key.len);
        sum->md5 = sum->md5 || span_is(rest, ".md5");
        sum->gap = sum->gap || span_is(rest, ".pitr-not-ready");
        if (!span_starts(rest, "/") ||
            !number_parse(xml_child_text(c, "Size"), 0, INT64_MAX, &bytes))
            continue;
        sum->bytes += bytes;
        sum->objects++;
    }
    return true;
}

static void no_news(BN_UNUSED void *context)
{
}

static struct json_doc *write_sum(const struct sum *sum, struct err *err)
{
    struct strbuf text = STRBUF_INIT(ANSWER_MAX);
    struct json_out j;
    json_out_init(&j, &text, 0);
    json_object(&j);
    json_key(&j, "bytes");
    json_int(&j, sum->bytes);
    json_key(&j, "objects");
    json_int(&j, sum->objects);
    json_key(&j, "md5");
    json_bool(&j, sum->md5);
    json_key(&j, "gap");
    json_bool(&j, sum->gap);
    json_object_end(&j);
    struct json_doc *doc = json_doc_parse(strbuf_span(&text), "what the bucket has", err);
    strbuf_clear(&text);
    return doc;
}

static bool list(struct target *t, const struct site *s, const char *name, struct sum *sum,
                 struct strbuf *key, struct err *err)
{
    struct bucket b = {.endpoint = STRBUF_INIT(TEXT_BYTES),
                       .id = STRBUF_INIT(RECIPE_VALUE_MAX),
                       .secret = STRBUF_INIT(RECIPE_VALUE_MAX)};
    bool ok = open_bucket(t, s, &b, err);
    const struct s3_asker asker = {b.aws, &b.place, no_news, NULL};
    if (ok) {
        strbuf_addf(key, "%.*s%s%s", SPAN_ARG(b.place.prefix), b.place.prefix.len ? "/" : "", name);
        sum->key = strbuf_span(key);
        ok = s3_list(&asker, sum->key, false, add_page, sum, err);
    }
    let_go(&b);
    return ok;
}

static bool s3_send(struct target *t, const struct deed *d, BN_UNUSED const char *body, bool dry,
                    struct json_doc **answer, struct err *err)
{
    struct strbuf key = STRBUF_INIT(TEXT_BYTES);
    struct sum sum = {.bytes = 0};
    const char *ask;
    struct span server;
    if (dry)
        return true;
    const struct site *s = target_at(t, d, &server, err);
    if (!s)
        return false;
    ask = target_setting(t, s, "ask");
    if (!ask || strcmp(ask, "true") != 0)
        return err_set(err, ERR_CONFIG,
                       "it lies outside the cluster, and nothing says that it may be asked: "
                       "`ask: true` in the configuration (sources: name %s)",
                       s->name);
    bool ok = list(t, s, d->path, &sum, &key, err);
    if (ok && answer)
        ok = (*answer = write_sum(&sum, err)) != NULL;
    strbuf_clear(&key);
    return ok;
}

static void s3_shell(const struct deed *d, BN_UNUSED const struct target *t, struct strbuf *out)
{
    struct span at = span_from(d->at);
    strbuf_addf(out, "aws s3 ls --recursive --summarize s3://%.*s/%s",
                SPAN_ARG(span_sub(at, strlen("s3/"), at.len)), d->path);
}

const struct channel channel_s3 = {
    .system = "s3", .find = find, .send = s3_send, .shell = s3_shell};
