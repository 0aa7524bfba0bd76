/* Asking a registry: a token for the repository, the digest of a tag, once for each digest the
 * manifest, and where that does not say when it was built its configuration. Redirects are answers:
 * no token is carried to where one leads. */
#include <config.h>

#include "backends/images/images.h"
#include "base/alloc.h"
#include "base/timetext.h"
#include "net/json_doc.h"
#include "net/kube.h"
#include "net/probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEADLINE_MS  15000
#define MANIFEST_MAX ((size_t)4 << 20)
#define TOKEN_MAX    ((size_t)64 << 10)
#define PATH_MAX_LEN ((size_t)4096)
#define PAUSE_MS     60000 /* of a host that asks for time, or is not reached */
#define CREATED      "org.opencontainers.image.created"

/* Without the OCI types an index is a 404. [GHCR] */
#define ACCEPT                                                    \
    "Accept: application/vnd.oci.image.index.v1+json, "           \
    "application/vnd.docker.distribution.manifest.list.v2+json, " \
    "application/vnd.oci.image.manifest.v1+json, "                \
    "application/vnd.docker.distribution.manifest.v2+json"

struct asking {
    struct registry *r;
    struct registry_host *h;
    const struct image_ref *ref;
    struct image_look *look;
    struct strbuf token; /* the header with it; wiped */
    bool with_login;     /* the token is of who has logged in */
};

/* One answer. */
struct answer {
    struct strbuf body, head;
    int status; /* 0: there was none */
    int retry_after_s;
    bool told; /* fails() has been called for it */
    struct err err;
};

static void answer_clear(struct answer *a)
{
    strbuf_wipe(&a->body);
    strbuf_clear(&a->head);
}

/* ---- One request. */

static bool open_host(struct asking *q, struct err *err)
{
    struct strbuf origin = STRBUF_INIT(512);
    strbuf_addf(&origin, "https://%s", q->h->name);
    const struct http_options o = {.name = q->h->name,
                                   .origin = strbuf_cstr(&origin),
                                   .ca_file = ctx_setting_filled(q->r->ctx, "ca"),
                                   .addresses = ctx_setting_filled(q->r->ctx, "addresses"),
                                   .cancel_fd = ctx_stop_fd(q->r->ctx)};
    if (!q->h->http)
        q->h->http = http_new(&o, err);
    strbuf_clear(&origin);
    return q->h->http != NULL;
}

static void ask(struct asking *q, const char *method, const char *path, const char *authorization,
                struct answer *a)
{
    const char *const headers[] = {ACCEPT, authorization, NULL};
    struct http_result result = {0};
    *a = (struct answer){.body = STRBUF_INIT(MANIFEST_MAX), .head = STRBUF_INIT(HTTP_HEADERS_MAX)};
    const struct http_request request = {.method = method,
                                         .path = path,
                                         .headers = headers,
                                         .deadline_ms = DEADLINE_MS,
                                         .byte_limit = MANIFEST_MAX,
                                         .as_it_is = true,
                                         .head = &a->head};
    if (open_host(q, &a->err)) {
        struct http_figures before = http_figures(q->h->http);
        (void)!http_fetch(q->h->http, &request, ctx_stop_fd(q->r->ctx), &a->body, &result, &a->err);
        struct http_figures after = http_figures(q->h->http);
        ctx_asked(q->r->ctx, after.requests - before.requests, after.bytes_in - before.bytes_in);
    }
    a->status = result.status;
    a->retry_after_s = result.retry_after_s;
}

/* ---- What it says. */

/* {"errors":[{"code","message"}]} [distribution-spec: error codes]; a HEAD has none. */
static void note_words(struct asking *q, const struct answer *a)
{
    struct err err;
    struct json_doc *doc = json_doc_parse(strbuf_span(&a->body), q->h->name, &err);
    const struct json_node *first = json_node_first(json_node_get(json_doc_root(doc), "errors"));
    const char *code = json_node_path_text(first, "code", "");
    const char *message = json_node_path_text(first, "message", "");
    (void)snprintf(q->look->says, sizeof(q->look->says), "%.80s says %d%s%.60s%s%.60s", q->h->name,
                   a->status, code[0] ? " " : "", code, message[0] ? ": " : "", message);
    for (char *c = q->look->says; *c; c++)
        *c = (unsigned char)*c < ' ' ? ' ' : *c;
    json_doc_free(doc);
}

/* What came is no answer to the question. False: the host was not reached at all. */
static bool fails(struct asking *q, const struct answer *a)
{
    int64_t now = clock_mono_ms(ctx_clock(q->r->ctx));
    if (a->told)
        return a->status != 0;
    if (!a->status) {
        q->h->down = true;
        q->h->why = a->err;
        q->h->pause_until_ms = now + PAUSE_MS;
        (void)snprintf(q->look->says, sizeof(q->look->says), "%.190s", a->err.msg);
        return false;
    }
    note_words(q, a);
    if (a->status == 429 || a->status == 503)
        q->h->pause_until_ms =
            now + (a->retry_after_s > 0 ? (int64_t)a->retry_after_s * 1000 : PAUSE_MS);
    return true;
}

/* ---- Tokens. */

/* A parameter of WWW-Authenticate: Bearer realm="...",service="...". [token protocol] */
static struct span parameter(struct span line, const char *name)
{
    struct strbuf key = STRBUF_INIT(64);
    strbuf_addf(&key, "%s=\"", name);
    size_t at = span_search(line, strbuf_span(&key), true);
    struct span value = span_sub(line, at + key.len, line.len);
    bool found = at < line.len;
    strbuf_clear(&key);
    value.len = found ? span_find(value, '"', 0) : 0;
    return value;
}

/* Tokens are asked for at the registry's own host: who could name another would be sent the
 * login. */
static bool take_realm(struct asking *q, const struct answer *a)
{
    struct span line = http_header(strbuf_span(&a->head), "www-authenticate");
    struct span realm = parameter(line, "realm"), service = parameter(line, "service");
    struct strbuf own = STRBUF_INIT(512), path = STRBUF_INIT(PATH_MAX_LEN);
    strbuf_addf(&own, "https://%s/", q->h->name);
    bool ok = span_starts(line, "Bearer ") && span_starts(realm, strbuf_cstr(&own));
    if (ok) {
        strbuf_add(&path, span_sub(realm, own.len - 1, realm.len));
        strbuf_adds(&path, "?service=");
        kube_escape(&path, service);
        free(q->h->realm);
        q->h->realm = strbuf_take(&path);
        ok = q->h->realm != NULL;
    } else {
        (void)snprintf(q->look->says, sizeof(q->look->says),
                       "%.80s wants a login that is had elsewhere: %.*s", q->h->name,
                       (int)(realm.len < 80 ? realm.len : 80), realm.len ? realm.data : "");
    }
    strbuf_clear(&own);
    strbuf_clear(&path);
    return ok;
}

static bool read_token(struct asking *q, const struct answer *a)
{
    struct err err;
    struct json_doc *doc = json_doc_parse(strbuf_span(&a->body), q->h->name, &err);
    const struct json_node *root = json_doc_root(doc);
    const char *token =
        json_node_path_text(root, "token", json_node_path_text(root, "access_token", ""));
    bool ok = token[0] && strlen(token) < TOKEN_MAX && !strpbrk(token, "\r\n");
    strbuf_wipe(&q->token);
    q->token = (struct strbuf)STRBUF_INIT(TOKEN_MAX + 64);
    if (ok) {
        strbuf_adds(&q->token, "Authorization: Bearer ");
        strbuf_adds(&q->token, token);
    }
    json_doc_free_wiped(doc);
    return ok;
}

/* With the login first; one that is refused is refused for public images too, so then without.
 * [oras#1161] 0: a token is there; else the status of what was said, or -1: it was not reached. */
static int get_token(struct asking *q)
{
    struct strbuf path = STRBUF_INIT(PATH_MAX_LEN);
    struct answer a;
    int status = 0;
    strbuf_addf(&path, "%s&scope=repository:%.*s:pull", q->h->realm, SPAN_ARG(q->ref->repository));
    for (int anonymous = q->h->login == NULL; anonymous <= 1; anonymous++) {
        ask(q, "GET", strbuf_cstr(&path), anonymous ? NULL : q->h->login, &a);
        bool good = a.status == 200 && read_token(q, &a);
        if (good)
            q->with_login = !anonymous;
        status = good ? 0 : a.status ? a.status : -1;
        bool refused = status == 401 || status == 403;
        if (!good)
            (void)!fails(q, &a);
        answer_clear(&a);
        if (refused && !anonymous)
            q->look->login_refused = true;
        if (!refused)
            break;
    }
    strbuf_clear(&path);
    return status;
}

/* ---- Manifests. */

/* Asks with the token, and for a token when one is wanted. what: "manifests", "blobs". */
static void ask_for(struct asking *q, const char *method, const char *what, struct span reference,
                    struct answer *a)
{
    struct strbuf path = STRBUF_INIT(PATH_MAX_LEN);
    int status = 0;
    strbuf_addf(&path, "/v2/%.*s/%s/%.*s", SPAN_ARG(q->ref->repository), what, SPAN_ARG(reference));
    if (q->h->realm && !q->token.len)
        status = get_token(q);
    if (!status)
        ask(q, method, strbuf_cstr(&path), q->token.len ? strbuf_cstr(&q->token) : NULL, a);
    if (!status && a->status == 401 && !q->token.len && take_realm(q, a)) {
        answer_clear(a);
        status = get_token(q);
        if (!status)
            ask(q, method, strbuf_cstr(&path), strbuf_cstr(&q->token), a);
    }
    if (status) /* as if it had said so to the question itself */
        *a = (struct answer){.status = status > 0 ? status : 0, .told = true};
    strbuf_clear(&path);
}

static void keep(char to[REGISTRY_DIGEST_MAX], struct span digest)
{
    (void)snprintf(to, REGISTRY_DIGEST_MAX, "%.*s", SPAN_ARG(digest));
}

static void note_created(struct image_look *l, const struct json_node *manifest)
{
    const char *text =
        json_node_text(json_node_get(json_node_get(manifest, "annotations"), CREATED));
    int64_t ms;
    if (text && l->created_ms == TIME_NONE && time_parse(span_from(text), &ms))
        l->created_ms = ms;
}

/* Attestations stand beside the platforms, as ones that are unknown. */
static bool is_platform(const struct json_node *n)
{
    return strcmp(json_node_path_text(n, "platform.os", ""), "unknown") != 0;
}

static void read_index(struct image_look *l, const struct json_node *list)
{
    for (const struct json_node *n = json_node_first(list); n; n = json_node_next(n)) {
        struct span digest = span_from(json_node_path_text(n, "digest", ""));
        if (!is_platform(n) || !image_digest_ok(digest))
            continue;
        if (l->nparts == REGISTRY_PARTS_MAX)
            l->more = true;
        else
            keep(l->parts[l->nparts++], digest);
    }
    l->all_configs = l->nparts == 0;
}

static void read_config(struct image_look *l, const struct json_node *manifest)
{
    struct span digest = span_from(json_node_path_text(manifest, "config.digest", ""));
    if (image_digest_ok(digest) && l->nconfigs < REGISTRY_PARTS_MAX)
        keep(l->configs[l->nconfigs++], digest);
    note_created(l, manifest);
}

static bool get_manifest(struct asking *q, struct span digest, bool top)
{
    struct answer a;
    struct err err;
    ask_for(q, "GET", "manifests", digest, &a);
    struct json_doc *doc =
        a.status == 200 ? json_doc_parse(strbuf_span(&a.body), q->h->name, &err) : NULL;
    const struct json_node *root = json_doc_root(doc), *list = json_node_get(root, "manifests");
    if (a.status != 200)
        (void)!fails(q, &a);
    if (doc && top && json_node_type(list) == JSON_ARRAY) {
        note_created(q->look, root);
        read_index(q->look, list);
    } else if (doc) {
        read_config(q->look, root);
        q->look->all_configs = q->look->all_configs || top;
    }
    bool ok = doc != NULL;
    json_doc_free(doc);
    answer_clear(&a);
    return ok;
}

/* What runs is none of what is known so far: the configurations of its platforms are. */
static bool is_unmatched(const struct image_look *l, struct span ids)
{
    struct span id;
    while (ids.len && span_split(&ids, ',', &id))
        if (id.len && image_compare(l, id) == IMAGE_CANNOT_TELL)
            return true;
    return false;
}

static void read_parts(struct asking *q, struct span ids)
{
    struct image_look *l = q->look;
    bool all = true;
    if (l->all_configs || !is_unmatched(l, ids))
        return;
    l->nconfigs = 0;
    for (size_t i = 0; i < l->nparts && all; i++)
        all = get_manifest(q, span_from(l->parts[i]), false);
    l->all_configs = all;
}

/* ---- When it was built. */

/* {"created":"2026-02-09T15:20:11Z", ...} [OCI image-spec: config] */
static void take_config(struct asking *q, struct span body)
{
    struct err err;
    struct json_doc *doc = json_doc_parse(body, q->h->name, &err);
    int64_t ms;
    if (time_parse(span_from(json_node_path_text(json_doc_root(doc), "created", "")), &ms))
        q->look->created_ms = ms;
    json_doc_free(doc);
}

/* Registries keep blobs elsewhere: an address of the world with a signature in it, which is asked
 * once, without a token. */
static void follow(struct asking *q, struct span location)
{
    struct span scheme = SPAN("https://"), rest;
    struct strbuf origin = STRBUF_INIT(512), path = STRBUF_INIT(HTTP_HEADERS_MAX);
    struct registry_host other = {0};
    struct asking there = {.r = q->r, .h = &other, .ref = q->ref, .look = q->look};
    struct answer a;
    rest = span_sub(location, scheme.len, location.len);
    size_t slash = span_find(rest, '/', 0);
    strbuf_add(&origin, span_sub(rest, 0, slash));
    strbuf_add(&path, span_sub(rest, slash, rest.len));
    if (span_starts(location, scheme.data) && slash < rest.len && !path.failed &&
        probe_may_ask(span_sub(rest, 0, slash))) {
        other.name = strbuf_take(&origin);
        ask(&there, "GET", strbuf_cstr(&path), NULL, &a);
        if (a.status == 200)
            take_config(q, strbuf_span(&a.body));
        answer_clear(&a);
        http_free(other.http);
        free(other.name);
    }
    strbuf_clear(&origin);
    strbuf_clear(&path);
}

/* Once for each digest, where no annotation says it. That it cannot be had says nothing of the
 * image. */
static void read_created(struct asking *q)
{
    struct image_look *l = q->look;
    struct answer a;
    if (l->created_ms != TIME_NONE || l->asked_created)
        return;
    l->asked_created = true;
    if (!l->nconfigs && l->nparts)
        (void)!get_manifest(q, span_from(l->parts[0]), false);
    if (l->created_ms == TIME_NONE && l->nconfigs) {
        ask_for(q, "GET", "blobs", span_from(l->configs[0]), &a);
        if (a.status == 200)
            take_config(q, strbuf_span(&a.body));
        else if (a.status == 302 || a.status == 307)
            follow(q, http_header(strbuf_span(&a.head), "location"));
        answer_clear(&a);
    }
    l->says[0] = '\0';
}

/* ---- A look. */

static void take_digest(struct asking *q, struct span digest)
{
    struct image_look *l = q->look;
    int64_t now = clock_wall_ms(ctx_clock(q->r->ctx));
    l->state = IMAGE_FOUND;
    l->checked_ms = now;
    l->login = q->with_login;
    l->says[0] = '\0';
    if (span_is(digest, l->digest))
        return;
    l->changed_ms = l->digest[0] ? now : TIME_NONE;
    keep(l->digest, digest);
    l->read = l->all_configs = l->more = l->asked_created = false;
    l->nparts = l->nconfigs = 0;
    l->created_ms = TIME_NONE;
}

static bool take_head(struct asking *q, const struct answer *a)
{
    struct span digest = http_header(strbuf_span(&a->head), "docker-content-digest");
    struct image_look *l = q->look;
    if (a->status == 200 && image_digest_ok(digest)) {
        take_digest(q, digest);
        return true;
    }
    if (!fails(q, a))
        return false;
    if (a->status == 429 || a->status >= 500)
        return true; /* the registry's trouble: the image is as it was when it was last seen */
    l->checked_ms = clock_wall_ms(ctx_clock(q->r->ctx));
    if (a->status == 404)
        l->state = IMAGE_GONE;
    else if (a->status == 401 || a->status == 403)
        l->state = IMAGE_DENIED;
    else if (a->status == 200)
        (void)snprintf(l->says, sizeof(l->says), "%.80s gives no digest for it", q->h->name);
    return true;
}

bool registry_look(struct registry *r, struct registry_host *h, const struct image_ref *ref,
                   struct span ids, struct image_look *look)
{
    struct asking q = {.r = r, .h = h, .ref = ref, .look = look, .token = STRBUF_INIT(64)};
    struct answer a;
    look->login_refused = false;
    h->down = false;
    ask_for(&q, "HEAD", "manifests", ref->tag, &a);
    bool ok = take_head(&q, &a);
    answer_clear(&a);
    if (ok && look->state == IMAGE_FOUND) {
        if (!look->read)
            look->read = get_manifest(&q, span_from(look->digest), true);
        if (look->read) {
            read_created(&q);
            read_parts(&q, ids);
        }
    }
    strbuf_wipe(&q.token);
    return ok;
}
