/* Deeds by the API server: reading, changing, rights. */
#include <config.h>

#include "actions/action.h"
#include "actions/channel.h"
#include "actions/target_impl.h"
#include "base/json_out.h"

#include <stdio.h>
#include <string.h>

#define ANSWER_MAX  ((size_t)8 << 20)
#define READ_MS     20000
#define WRITE_MS    60000
#define CONFLICTS   4 /* a status that is written often is no reason to give up */
#define WHO_CHANGED "fieldManager=binnacle"

/* ---- Reading. */

static struct json_doc *read_answer(const struct strbuf *body, struct err *err)
{
    return json_doc_parse(strbuf_span(body), "the API server's answer", err);
}

static bool get(struct target *t, const char *path, const char *accept, struct json_doc **doc,
                struct err *err)
{
    struct strbuf body = STRBUF_INIT(ANSWER_MAX);
    struct err why;
    const char *const headers[] = {accept, NULL};
    const struct http_request r = {.path = path,
                                   .headers = headers,
                                   .deadline_ms = READ_MS,
                                   .byte_limit = ANSWER_MAX,
                                   .want = "application/json"};
    err_clear(&why);
    *doc = NULL;
    bool ok = http_fetch(t->http, &r, t->cancel_fd, &body, NULL, &why);
    if (ok)
        *doc = read_answer(&body, &why);
    strbuf_wipe(&body); /* it may be a Secret */
    if (*doc || why.kind == ERR_NOTFOUND)
        return true;
    return err_code(err, why.kind, why.code, "%s", why.msg);
}

bool target_get(struct target *t, const char *path, struct json_doc **doc, struct err *err)
{
    return get(t, path, "Accept: application/json", doc, err);
}

/* A server that does not know the form refuses it: the whole object never comes. */
bool target_metadata(struct target *t, const char *path, struct json_doc **doc, struct err *err)
{
    return get(t, path, "Accept: application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1", doc,
               err);
}

bool target_list(struct target *t, const struct kube_resource *r, const char *ns,
                 const char *selector, struct json_doc **doc, const struct json_node **first,
                 struct err *err)
{
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX);
    kube_path(&path, r, ns, NULL, NULL);
    if (selector)
        kube_query(&path, "labelSelector", selector);
    bool ok = target_get(t, strbuf_cstr(&path), doc, err);
    strbuf_clear(&path);
    *first = json_node_first(json_node_get(json_doc_root(*doc), "items"));
    return ok;
}

bool target_text(struct target *t, const char *path, struct strbuf *out, struct err *err)
{
    return http_get(t->http, path, READ_MS, t->cancel_fd, out, err);
}

bool target_metadata_list(struct target *t, const char *path, struct json_doc **doc,
                          struct err *err)
{
    static const char *const headers[] = {
        "Accept: application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io", NULL};
    const struct http_request r = {
        .path = path, .headers = headers, .deadline_ms = READ_MS, .byte_limit = ANSWER_MAX};
    struct strbuf body = STRBUF_INIT(ANSWER_MAX);
    *doc = http_fetch(t->http, &r, t->cancel_fd, &body, NULL, err) ? read_answer(&body, err) : NULL;
    strbuf_clear(&body);
    return *doc != NULL;
}

const struct kube_discovery *target_served(struct target *t, struct err *err)
{
    if (!t->served)
        t->served = kube_discover(t->http, READ_MS, t->cancel_fd, err);
    return t->served;
}

bool target_log(struct target *t, const char *path, struct strbuf *out, struct err *err)
{
    const char *const headers[] = {"Accept: */*", NULL};
    const struct http_request r = {
        .path = path, .headers = headers, .deadline_ms = READ_MS, .byte_limit = ANSWER_MAX};
    return http_fetch(t->http, &r, t->cancel_fd, out, NULL, err);
}

/* ---- Changing. */

static bool send_once(struct target *t, const struct deed *d, const char *text, bool dry,
                      struct strbuf *body, struct err *err)
{
    char media[128];
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX);
    const char *const headers[] = {"Accept: application/json", media, NULL};
    (void)snprintf(media, sizeof(media), "Content-Type: %s", d->media);
    strbuf_addf(&path, "%s%s%s" WHO_CHANGED, d->path, strchr(d->path, '?') ? "&" : "?",
                dry ? "dryRun=All&" : "");
    const struct http_request r = {.method = d->method,
                                   .path = strbuf_cstr(&path),
                                   .headers = headers,
                                   .body = span_from(text),
                                   .deadline_ms = WRITE_MS,
                                   .once = !dry,
                                   .byte_limit = ANSWER_MAX};
    bool ok = http_fetch(t->http, &r, t->cancel_fd, body, NULL, err);
    strbuf_clear(&path);
    return ok;
}

/* The version that the text was made of becomes the present one, if what is wanted of the object
 * is still what it was then. */
static bool renew_version(struct target *t, const struct deed *d, struct strbuf *text,
                          struct err *err)
{
    struct json_doc *doc;
    struct strbuf fresh = STRBUF_INIT(HTTP_REQUEST_MAX);
    int64_t generation = -1;
    if (!target_get(t, d->path, &doc, err))
        return false;
    const struct json_node *root = json_doc_root(doc);
    const char *version = json_node_path_text(root, "metadata.resourceVersion", "");
    bool same = json_node_int(json_node_path(root, "metadata.generation"), &generation) &&
                generation == d->generation;
    struct span rest = strbuf_span(text);
    size_t at = span_search(rest, SPAN("\"resourceVersion\":\""), false);
    if (!same || at >= rest.len) {
        json_doc_free_wiped(doc);
        return err_set(
            err, ERR_CONFLICT,
            "somebody else has changed it since the plan was made: nothing was sent; make "
            "the plan again");
    }
    at += strlen("\"resourceVersion\":\"");
    strbuf_add(&fresh, span_sub(rest, 0, at));
    strbuf_adds(&fresh, version);
    rest = span_sub(rest, at, rest.len);
    strbuf_add(&fresh, span_sub(rest, span_find(rest, '"', 0), rest.len));
    json_doc_free_wiped(doc);
    strbuf_wipe(text);
    *text = fresh;
    return true;
}

/* What was to be deleted is another by now: its uid or version stood in the request. */
static bool is_another(const struct deed *d, const struct err *why)
{
    return why->kind == ERR_CONFLICT && strcmp(d->method, "DELETE") == 0 &&
           strstr(why->msg, "recondition");
}

static bool kube_send(struct target *t, const struct deed *d, const char *body_text, bool dry,
                      struct json_doc **answer, struct err *err)
{
    struct strbuf text = STRBUF_INIT(HTTP_REQUEST_MAX), body = STRBUF_INIT(ANSWER_MAX);
    struct err why;
    bool ok = false;
    strbuf_adds(&text, body_text);
    for (int i = 0; i < CONFLICTS && !ok; i++) {
        err_clear(&why);
        strbuf_truncate(&body, 0);
        ok = send_once(t, d, strbuf_cstr(&text), dry, &body, &why);
        if (ok || why.kind != ERR_CONFLICT || d->generation < 0 ||
            !renew_version(t, d, &text, &why))
            break;
    }
    if (!ok && d->waits && why.kind == ERR_BUSY)
        ok = true;
    else if (!ok && is_another(d, &why))
        (void)err_code(err, why.kind, why.code,
                       "somebody else has replaced or changed it since the plan was made: nothing "
                       "was deleted; make the plan again");
    else if (!ok)
        (void)err_code(err, why.kind, why.code, "%s", why.msg);
    else if (answer)
        ok = (*answer = read_answer(&body, err)) != NULL;
    strbuf_wipe(&text);
    strbuf_wipe(&body); /* the object that came of it, which may be a Secret too */
    return ok;
}

/* ---- Rights. */

/* What a path names: "/api/v1/namespaces/NS/pods/NAME/eviction". */
struct names {
    struct span group, version, ns, plural, name, subresource;
};

static struct names read_path(const char *path)
{
    struct names n = {0};
    struct span rest = span_sub(span_from(path), 1, strcspn(path, "?") - 1), word;
    bool core = span_split(&rest, '/', &word) && span_is(word, "api");
    if (!core)
        (void)span_split(&rest, '/', &n.group);
    (void)span_split(&rest, '/', &n.version);
    struct span ahead = rest;
    if (span_split(&ahead, '/', &word) && span_is(word, "namespaces") &&
        span_find(ahead, '/', 0) < ahead.len) {
        rest = ahead;
        (void)span_split(&rest, '/', &n.ns);
    }
    (void)span_split(&rest, '/', &n.plural);
    (void)span_split(&rest, '/', &n.name);
    (void)span_split(&rest, '/', &n.subresource);
    return n;
}

static const char *verb_of(const struct deed *d)
{
    return strcmp(d->method, "POST") == 0    ? "create"
           : strcmp(d->method, "PATCH") == 0 ? "patch"
           : strcmp(d->method, "PUT") == 0   ? "update"
                                             : "delete";
}

static void add_part(struct json_out *j, const char *key, struct span text)
{
    if (!text.len)
        return;
    json_key(j, key);
    json_text(j, text);
}

/* [recorded/174] */
static void write_review(const struct deed *d, const struct names *n, struct strbuf *out)
{
    struct json_out j;
    json_out_init(&j, out, 0);
    json_object(&j);
    add_part(&j, "apiVersion", SPAN("authorization.k8s.io/v1"));
    add_part(&j, "kind", SPAN("SelfSubjectAccessReview"));
    json_key(&j, "spec");
    json_object(&j);
    json_key(&j, "resourceAttributes");
    json_object(&j);
    add_part(&j, "namespace", n->ns);
    add_part(&j, "verb", span_from(verb_of(d)));
    add_part(&j, "group", n->group);
    add_part(&j, "resource", n->plural);
    add_part(&j, "subresource", n->subresource);
    add_part(&j, "name", n->name);
    json_object_end(&j);
    json_object_end(&j);
    json_object_end(&j);
}

static bool kube_allowed(struct target *t, const struct deed *d, struct err *err)
{
    const struct names n = read_path(d->path);
    struct strbuf body = STRBUF_INIT(8192);
    struct json_doc *answer;
    struct err why;
    write_review(d, &n, &body);
    const struct deed review = {.method = "POST",
                                .path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                                .media = "application/json",
                                .body = strbuf_cstr(&body),
                                .generation = -1};
    bool asked = kube_send(t, &review, review.body, false, &answer, &why), allowed = false;
    strbuf_clear(&body);
    if (!asked)
        return err_code(err, why.kind, why.code, "whether this user may %s %.*s: %s", verb_of(d),
                        SPAN_ARG(n.plural), why.msg);
    allowed = json_node_true(json_node_path(json_doc_root(answer), "status.allowed"));
    json_doc_free(answer);
    return allowed ||
           err_set(err, ERR_DENIED, "this user may not %s %.*s%s%.*s%s%.*s", verb_of(d),
                   SPAN_ARG(n.plural), n.subresource.len ? "/" : "", SPAN_ARG(n.subresource),
                   n.ns.len ? " in namespace " : "", SPAN_ARG(n.ns));
}

/* ---- By hand. */

/* kubectl knows raw requests but for PATCH, for which it wants the object's name apart. */
static void kube_shell(const struct deed *d, const struct target *t, struct strbuf *out)
{
    bool patch = strcmp(d->method, "PATCH") == 0;
    if (patch)
        return; /* the action says how */
    if (d->body[0]) {
        deed_pipe(out, d, span_from(d->body));
    }
    strbuf_adds(out, "kubectl --context ");
    deed_quote(out, span_from(target_context(t)));
    strbuf_addf(out, " %s --raw ", strcmp(d->method, "DELETE") == 0 ? "delete" : "create");
    deed_quote(out, span_from(d->path));
    if (d->body[0])
        strbuf_adds(out, " -f -");
}

const struct channel channel_kube = {
    .system = "kubernetes",
    .send = kube_send,
    .rehearses = true,
    .allowed = kube_allowed,
    .shell = kube_shell,
};
