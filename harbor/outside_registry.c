/* A container registry out in the world: tokens, manifests by tag and digest [OCI distribution-spec;
 * integrations.md section 13]. */
#include <config.h>

#include "base/alloc.h"
#include "harbor/outside_impl.h"

#include <stdlib.h>
#include <string.h>

#define ANONYMOUS "of-anybody"
#define FULL      "of-who-has-logged-in"

struct image {
    struct image *next;
    char *name, *tag, *digest, *created, *child; /* owned; name: "ghcr.io/reyemtech/dnc" */
    char *first_digest, *first_created;          /* owned; as the file has them; may be NULL */
    bool hidden;                                 /* to be seen with a login alone */
};

struct images {
    struct image *first;
    char *login; /* owned; what stands behind "Basic " */
};

static void set_text(char **to, struct span text)
{
    free(*to);
    *to = xalloc_bytes(text.len ? text.data : "", text.len);
}

static struct image *add(struct images *all, struct span name, struct span tag)
{
    struct image *i = xalloc_zero(1, sizeof(*i));
    set_text(&i->name, name);
    set_text(&i->tag, tag);
    set_text(&i->digest, SPAN(""));
    set_text(&i->created, SPAN(""));
    set_text(&i->child, SPAN(""));
    i->next = all->first;
    all->first = i;
    return i;
}

struct images *images_load(const struct yaml_node *list, const char *login)
{
    struct images *all = xalloc_zero(1, sizeof(*all));
    all->login = xalloc_text(login);
    for (const struct yaml_node *n = list ? list->first : NULL; n; n = n->next) {
        struct image *i = add(all, span_from(yaml_text(n, "image", "")),
                              span_from(yaml_text(n, "tag", "latest")));
        set_text(&i->digest, span_from(yaml_text(n, "digest", "")));
        set_text(&i->created, span_from(yaml_text(n, "created", "")));
        set_text(&i->child, span_from(yaml_text(n, "child", "")));
        i->first_digest = xalloc_text(i->digest);
        i->first_created = xalloc_text(i->created);
        i->hidden = strcmp(yaml_text(n, "private", ""), "true") == 0;
    }
    return all;
}

void images_free(struct images *all)
{
    while (all && all->first) {
        struct image *i = all->first;
        all->first = i->next;
        free(i->name);
        free(i->tag);
        free(i->digest);
        free(i->created);
        free(i->child);
        free(i->first_digest);
        free(i->first_created);
        free(i);
    }
    if (all)
        free(all->login);
    free(all);
}

static bool is_of(const struct image *i, const char *host, struct span repository)
{
    struct span name = span_from(i->name);
    size_t n = strlen(host);
    return span_starts(name, host) && name.len > n + 1 && name.data[n] == '/' &&
           span_eq(span_sub(name, n + 1, name.len), repository);
}

bool images_have(const struct images *all, const char *host)
{
    for (const struct image *i = all ? all->first : NULL; i; i = i->next)
        if (span_starts(span_from(i->name), host) && i->name[strlen(host)] == '/')
            return true;
    return false;
}

/* ---- Answers. */

static void say(const struct outside_ask *a, int status, const char *headers, const char *body,
                struct strbuf *out)
{
    strbuf_addf(out,
                "HTTP/1.1 %d -\r\nConnection: close\r\nContent-Length: %zu\r\n"
                "Content-Type: application/json\r\n%s\r\n%s",
                status, strlen(body), headers, span_is(a->method, "HEAD") ? "" : body);
}

static void say_error(const struct outside_ask *a, int status, const char *headers,
                      const char *code, const char *message, struct strbuf *out)
{
    struct strbuf body = STRBUF_INIT(1024);
    strbuf_addf(&body, "{\"errors\":[{\"code\":\"%s\",\"message\":\"%s\"}]}", code, message);
    say(a, status, headers, strbuf_cstr(&body), out);
    strbuf_clear(&body);
}

static bool has_login(const struct images *all, const struct outside_ask *a)
{
    return all->login[0] && span_starts(a->authorization, "Basic ") &&
           span_is(span_sub(a->authorization, 6, a->authorization.len), all->login);
}

/* A login that is wrong is refused whatever it is for; nobody learns whether what he may not see is
 * there. */
static void say_token(const struct images *all, const char *host, const struct outside_ask *a,
                      struct strbuf *out)
{
    size_t at = span_search(a->target, SPAN("scope=repository:"), false);
    struct span repository = span_sub(a->target, at + 17, a->target.len);
    const struct image *i = all->first;
    struct strbuf body = STRBUF_INIT(256);
    repository.len = span_find(repository, ':', 0);
    while (i && !is_of(i, host, repository))
        i = i->next;
    bool login = has_login(all, a);
    if ((a->authorization.len && !login) || ((!i || i->hidden) && !login))
        say_error(a, 403, "", "DENIED", "requested access to the resource is denied", out);
    else {
        strbuf_addf(&body, "{\"token\":\"%s\"}", login ? FULL : ANONYMOUS);
        say(a, 200, "", strbuf_cstr(&body), out);
    }
    strbuf_clear(&body);
}

static void add_manifest(const struct image *i, bool index, struct strbuf *out)
{
    strbuf_adds(out, "{\"schemaVersion\":2,");
    if (index)
        strbuf_addf(out,
                    "\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"manifests\":["
                    "{\"digest\":\"%s\",\"platform\":{\"os\":\"linux\",\"architecture\":"
                    "\"amd64\"}}],",
                    i->child);
    else
        strbuf_addf(out,
                    "\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"config\":{"
                    "\"digest\":\"sha256:%064zu\"},",
                    strlen(i->name) + strlen(i->tag));
    strbuf_addf(out, "\"annotations\":{\"%s\":\"%s\"}}",
                i->child[0] ? "org.opencontainers.image.title" : "org.opencontainers.image.created",
                i->child[0] ? i->tag : i->created);
}

/* The configuration of an image's platform; what is private is not among those that have one. */
static void say_blob(const struct images *all, const char *host, const struct outside_ask *a,
                     struct strbuf *out)
{
    struct span repository =
        span_sub(a->target, 4, span_search(a->target, SPAN("/blobs/"), false) - 4);
    const struct image *i = all->first;
    struct strbuf body = STRBUF_INIT(512);
    while (i && !(is_of(i, host, repository) && i->child[0]))
        i = i->next;
    strbuf_addf(&body, "{\"created\":\"%s\",\"architecture\":\"amd64\",\"os\":\"linux\"}",
                i ? i->created : "");
    if (i && span_starts(a->authorization, "Bearer "))
        say(a, 200, "", strbuf_cstr(&body), out);
    else
        say_error(a, 404, "", "BLOB_UNKNOWN", "blob unknown to registry", out);
    strbuf_clear(&body);
}

static void say_manifest(const struct images *all, const char *host, const struct outside_ask *a,
                         struct strbuf *out)
{
    size_t at = span_search(a->target, SPAN("/manifests/"), false);
    struct span repository = span_sub(a->target, 4, at - 4);
    struct span reference = span_sub(a->target, at + 11, a->target.len);
    const struct image *i = all->first;
    struct strbuf body = STRBUF_INIT(2048), headers = STRBUF_INIT(512);
    while (i && !(is_of(i, host, repository) && i->digest[0] &&
                  (span_is(reference, i->tag) || span_is(reference, i->digest) ||
                   span_is(reference, i->child))))
        i = i->next;
    if (!span_starts(a->authorization, "Bearer ")) {
        strbuf_addf(&headers,
                    "WWW-Authenticate: Bearer realm=\"https://%s/token\",service=\"%s\","
                    "scope=\"repository:%.*s:pull\"\r\n",
                    host, host, SPAN_ARG(repository));
        say_error(a, 401, strbuf_cstr(&headers), "UNAUTHORIZED", "authentication required", out);
    } else if (i && i->hidden && !span_is(a->authorization, "Bearer " FULL)) {
        say_error(a, 403, "", "DENIED", "denied", out);
    } else if (!i) {
        say_error(a, 404, "", "MANIFEST_UNKNOWN", "manifest unknown", out);
    } else {
        bool child = i->child[0] && span_is(reference, i->child);
        strbuf_addf(&headers, "Docker-Content-Digest: %s\r\n", child ? i->child : i->digest);
        add_manifest(i, i->child[0] && !child, &body);
        say(a, 200, strbuf_cstr(&headers), strbuf_cstr(&body), out);
    }
    strbuf_clear(&body);
    strbuf_clear(&headers);
}

void images_answer(const struct images *all, const char *host, const struct outside_ask *a,
                   struct strbuf *out)
{
    if (span_starts(a->target, "/token?"))
        say_token(all, host, a, out);
    else if (span_search(a->target, SPAN("/blobs/"), false) < a->target.len)
        say_blob(all, host, a, out);
    else if (span_starts(a->target, "/v2/"))
        say_manifest(all, host, a, out);
    else
        say_error(a, 404, "", "NAME_UNKNOWN", "not found", out);
}

/* ---- Changes. */

void images_login(struct images *all, struct span login)
{
    set_text(&all->login, login);
}

bool images_set(struct images *all, struct span image, struct span value, struct span now)
{
    size_t colon = span_find_last(image, ':');
    struct span name = span_sub(image, 0, colon), tag = span_sub(image, colon + 1, image.len);
    struct image *i = all->first;
    bool any = false;
    if (span_is(value, "private") || span_is(value, "public")) {
        for (; i; i = i->next)
            if (span_is(image, i->name)) {
                i->hidden = span_is(value, "private");
                any = true;
            }
        return any;
    }
    while (i && !(span_is(name, i->name) && span_is(tag, i->tag)))
        i = i->next;
    if (!tag.len || (!span_is(value, "-") && !span_starts(value, "sha256:")))
        return false;
    i = i ? i : add(all, name, tag);
    set_text(&i->digest, span_is(value, "-") ? SPAN("") : value);
    bool first = i->first_digest && span_is(value, i->first_digest);
    set_text(&i->created, first ? span_from(i->first_created) : now);
    return true;
}
