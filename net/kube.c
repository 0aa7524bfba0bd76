/* Clients, paths and errors of Kubernetes API servers. */
#include <config.h>

#include "net/kube.h"

#include "base/alloc.h"
#include "net/plain.h"

#include <stdlib.h>
#include <string.h>

#define MESSAGE_SHOWN 300
#define HEADERS_MAX   64

/* ---- Clients. */

struct credential *kube_credential(const struct kubeconfig *config,
                                   const struct kube_context *context, const struct clock *clock,
                                   struct err *err)
{
    const struct kube_cluster *cluster;
    const struct kube_user *user;
    struct strbuf name = STRBUF_INIT(512);
    struct credential_options options = {.clock = clock};
    struct credential *c;

    if (!kubeconfig_resolve(config, context, &cluster, &user, err))
        return NULL;
    strbuf_addf(&name, "user %s", user ? user->name : "(none)");
    options.name = strbuf_cstr(&name);
    options.user = user;
    options.cluster = cluster;
    c = credential_new(&options, err);
    strbuf_clear(&name);
    return c;
}

/* "host:port" without a scheme means TLS when there is something to verify with,
 * as in client-go [rest/url_utils.go DefaultServerURL]. */
static void add_origin(const struct kube_cluster *c, const struct kube_user *u, struct strbuf *out)
{
    const bool tls = c->ca_file || c->ca_pem.len > 0 || c->insecure ||
                     (u && (u->cert_file || u->cert_pem.len > 0));

    if (!strstr(c->server, "://"))
        strbuf_adds(out, tls ? "https://" : "http://");
    strbuf_adds(out, c->server);
}

static bool is_header_text(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7F)
            return false;
    return true;
}

/* The key as part of a header's name [client-go transport/round_trippers.go headerKeyEscape]. */
static void add_extra_key(struct strbuf *out, const char *key)
{
    for (const unsigned char *c = (const unsigned char *)key; *c; c++) {
        if ((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
            strchr("!#$&'*+-.^_`|~", *c))
            strbuf_addc(out, (char)*c);
        else
            strbuf_addf(out, "%%%02X", *c);
    }
}

/* Header lines that say as whom requests are made; the texts are owned. */
struct impersonation {
    char *lines[HEADERS_MAX];
    size_t count;
    bool bad; /* one cannot be sent */
};

static void add_header(struct impersonation *i, const char *name, const char *key,
                       const char *value)
{
    struct strbuf line = STRBUF_INIT(8192);

    strbuf_addf(&line, "Impersonate-%s", name);
    if (key)
        add_extra_key(&line, key);
    strbuf_addf(&line, ": %s", value);
    if (i->count == HEADERS_MAX - 1 || !is_header_text(value) || line.failed) {
        i->bad = true;
        strbuf_clear(&line);
        return;
    }
    i->lines[i->count] = strbuf_take(&line);
    i->count += i->lines[i->count] != NULL;
}

/* "as", "as-uid", "as-groups", "as-user-extra" */
static bool add_impersonation(const struct kube_user *u, struct impersonation *i, struct err *err)
{
    if (!u || !u->impersonate)
        return true;
    add_header(i, "User", NULL, u->impersonate);
    if (u->impersonate_uid)
        add_header(i, "Uid", NULL, u->impersonate_uid);
    for (size_t n = 0; u->impersonate_groups && u->impersonate_groups[n]; n++)
        add_header(i, "Group", NULL, u->impersonate_groups[n]);
    for (size_t n = 0; n < u->impersonate_extras; n++)
        add_header(i, "Extra-", u->impersonate_extra[n].key, u->impersonate_extra[n].value);
    return !i->bad || err_set(err, ERR_CONFIG, "%s:%d: \"as\" of user %s cannot be sent", u->file,
                              u->line, u->name);
}

struct http *kube_client(const struct kubeconfig *config, const struct kube_context *context,
                         struct credential *credential, int cancel_fd, struct err *err)
{
    const struct kube_cluster *c;
    const struct kube_user *u;
    struct strbuf name = STRBUF_INIT(512), origin = STRBUF_INIT(8192);
    struct impersonation as = {.count = 0};
    struct http_options options;
    struct http *http = NULL;

    if (!kubeconfig_resolve(config, context, &c, &u, err))
        return NULL;
    strbuf_addf(&name, "cluster %s", context->name);
    add_origin(c, u, &origin);
    options = (struct http_options){.name = strbuf_cstr(&name),
                                    .origin = strbuf_cstr(&origin),
                                    .ca_pem = c->ca_pem,
                                    .ca_file = c->ca_file,
                                    .tls_server_name = c->tls_server_name,
                                    .insecure = c->insecure,
                                    .proxy_url = c->proxy_url,
                                    .no_gzip = c->no_gzip,
                                    .credential = credential,
                                    .explain = kube_explain,
                                    .headers = (const char *const *)as.lines,
                                    .cancel_fd = cancel_fd};
    if (add_impersonation(u, &as, err))
        http = http_new(&options, err);
    for (size_t i = 0; i < as.count; i++)
        free(as.lines[i]);
    strbuf_clear(&name);
    strbuf_clear(&origin);
    return http;
}

/* ---- Paths. */

void kube_escape(struct strbuf *out, struct span text)
{
    static const char hex[] = "0123456789ABCDEF";

    for (size_t i = 0; i < text.len; i++) {
        const unsigned char c = (unsigned char)text.data[i];
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
            (c && strchr("-._~", c))) {
            strbuf_addc(out, (char)c);
        } else {
            strbuf_addc(out, '%');
            strbuf_addc(out, hex[c >> 4]);
            strbuf_addc(out, hex[c & 15]);
        }
    }
}

void kube_escape_path(struct strbuf *out, struct span path)
{
    struct span part;
    const char *between = "";
    while (span_split(&path, '/', &part)) {
        strbuf_adds(out, between);
        kube_escape(out, part);
        between = "/";
    }
}

/* "/" and the part; a part of dots only would be resolved away on its path. */
static void add_part(struct strbuf *out, const char *part)
{
    strbuf_addc(out, '/');
    if (strcmp(part, ".") == 0)
        strbuf_adds(out, "%2E");
    else if (strcmp(part, "..") == 0)
        strbuf_adds(out, "%2E%2E");
    else
        kube_escape(out, span_from(part));
}

void kube_path(struct strbuf *out, const struct kube_resource *resource, const char *ns,
               const char *name, const char *subresource)
{
    if (resource->group && *resource->group) {
        strbuf_adds(out, "/apis");
        add_part(out, resource->group);
    } else {
        strbuf_adds(out, "/api");
    }
    add_part(out, resource->version);
    if (ns && *ns) {
        strbuf_adds(out, "/namespaces");
        add_part(out, ns);
    }
    add_part(out, resource->plural);
    if (name)
        add_part(out, name);
    if (subresource)
        add_part(out, subresource);
}

void kube_query(struct strbuf *path, const char *key, const char *value)
{
    const struct span text = strbuf_span(path);

    strbuf_addc(path, span_find(text, '?', 0) < text.len ? '&' : '?');
    kube_escape(path, span_from(key));
    strbuf_addc(path, '=');
    kube_escape(path, span_from(value));
}

void kube_query_int(struct strbuf *path, const char *key, int64_t value)
{
    struct strbuf text = STRBUF_INIT(32);

    strbuf_addf(&text, "%lld", (long long)value);
    kube_query(path, key, strbuf_cstr(&text));
    strbuf_clear(&text);
}

/* ---- Errors. */

struct status {
    bool is_status, failure;
    int64_t code, retry_after_s;
    char message[MESSAGE_SHOWN + 8], reason[64];
    char budget[MESSAGE_SHOWN / 2]; /* what a PodDisruptionBudget has against it */
};

static void take_text(struct json_value v, char *out, size_t size)
{
    struct strbuf scratch = STRBUF_INIT((size_t)64 << 10);

    plain_text(json_as_text(v, &scratch), out, size);
    strbuf_clear(&scratch);
}

/* [recorded/172] */
static void read_causes(struct json_value causes, struct status *s)
{
    struct json_value cause;
    struct json_iter it;

    for (json_iter_init(&it, causes); json_next(&it, NULL, &cause);)
        if (json_is(json_get(cause, "reason"), "DisruptionBudget"))
            take_text(json_get(cause, "message"), s->budget, sizeof s->budget);
}

static void read_status(struct json_value v, struct status *s)
{
    struct json_value key, value;
    struct json_iter it;

    *s = (struct status){.code = 0};
    for (json_iter_init(&it, v); json_next(&it, &key, &value);) {
        if (json_is(key, "kind"))
            s->is_status = json_is(value, "Status");
        else if (json_is(key, "status"))
            s->failure = json_is(value, "Failure");
        else if (json_is(key, "message"))
            take_text(value, s->message, sizeof s->message);
        else if (json_is(key, "reason"))
            take_text(value, s->reason, sizeof s->reason);
        else if (json_is(key, "code"))
            (void)!json_as_int(value, &s->code);
        else if (json_is(key, "details")) {
            (void)!json_as_int(json_get(value, "retryAfterSeconds"), &s->retry_after_s);
            read_causes(json_get(value, "causes"), s);
        }
    }
    if (s->code < 100 || s->code > 599)
        s->code = 500;
    if (s->retry_after_s < 0 || s->retry_after_s > 86400)
        s->retry_after_s = 0;
}

static enum err_kind kind_of(const struct status *s)
{
    switch (s->code) {
    case 401:
        return ERR_AUTH;
    case 403:
        return ERR_DENIED;
    case 404:
        return ERR_NOTFOUND;
    case 408:
    case 504:
        return ERR_TIMEOUT;
    case 409:
        return ERR_CONFLICT;
    case 410:
        return ERR_GONE;
    case 429:
        return ERR_BUSY;
    default:
        break;
    }
    if (strcmp(s->reason, "Expired") == 0 || strcmp(s->reason, "Gone") == 0)
        return ERR_GONE;
    return s->code >= 500 ? ERR_IO : ERR_PROTO;
}

static const char *advice(enum err_kind kind)
{
    switch (kind) {
    case ERR_AUTH:
        return ": log in anew (:login) or check the user in the kubeconfig";
    case ERR_DENIED:
        return ": ask for the right, or choose another context";
    case ERR_BUSY:
        return ": it asks for time";
    case ERR_IO:
    case ERR_TIMEOUT:
        return ": the API server has trouble; trying again may help";
    case ERR_NONE:
    case ERR_NOMEM:
    case ERR_NOTFOUND:
    case ERR_CONFLICT:
    case ERR_PROTO:
    case ERR_CONFIG:
    case ERR_CANCELLED:
    case ERR_GONE:
        break;
    }
    return "";
}

bool kube_status(struct json_value v, struct err *err)
{
    enum err_kind kind;
    struct status s;

    read_status(v, &s);
    if (!s.is_status || !s.failure)
        return false;
    kind = kind_of(&s);
    if (s.budget[0])
        return !err_code(err, kind, 0, "%d: %s", (int)s.code, s.budget);
    (void)err_code(err, kind, kind == ERR_BUSY ? (int)s.retry_after_s : (int)s.code, "%d%s%s: %s%s",
                   (int)s.code, s.reason[0] && !s.message[0] ? " " : "",
                   s.message[0] ? "" : s.reason,
                   s.message[0] ? s.message : "the server says no more", advice(kind));
    return true;
}

bool kube_explain(int status, struct span body, struct err *err)
{
    (void)status;
    return kube_status(json_value(body), err);
}

struct span kube_status_continue(struct json_value status, struct strbuf *scratch)
{
    return json_as_text(json_path(status, "metadata.continue"), scratch);
}
