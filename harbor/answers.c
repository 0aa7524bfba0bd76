/* Recorded answers of services. */
#include <config.h>

#include "harbor/answers.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/number.h"
#include "base/yaml.h"
#include "harbor/command.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_MAX ((size_t)64 << 10)

struct one {
    struct one *next;
    bool pod;                             /* name is how its name begins */
    char *ns, *name, *path, *type, *body; /* owned */
    char *first_type, *first_body;        /* owned; as the file has them; NULL: it has not */
    char *more;          /* owned; further header lines, each with its end; NULL: none */
    char *key, *refusal; /* owned; the header that it takes, and what is said without it; NULL */
    int status;
    bool said; /* by a command, and not taken back */
};

struct answers {
    struct one *list; /* newest first */
};

static char *copy(struct span text)
{
    return xalloc_bytes(text.data ? text.data : "", text.len);
}

static const char *type_of(struct span body)
{
    body = span_trim(body);
    return span_starts(body, "{") || span_starts(body, "[") ? "application/json" : "text/plain";
}

static struct one *add(struct answers *a, bool pod, struct span ns, struct span name,
                       struct span path)
{
    struct one *o = xalloc_zero(1, sizeof(*o));
    o->pod = pod;
    o->ns = copy(ns);
    o->name = copy(name);
    o->path = copy(path);
    o->status = 200;
    o->next = a->list;
    a->list = o;
    return o;
}

static void set_body(struct one *o, struct span body, const char *type)
{
    free(o->body);
    free(o->type);
    o->body = copy(body);
    o->type = xalloc_text(type ? type : type_of(body));
}

/* ---- Files. */

/* {X-Minio-Write-Quorum: 3} */
static char *header_lines(const struct yaml_node *headers)
{
    struct strbuf lines = STRBUF_INIT(4096);
    for (const struct yaml_node *h = headers ? headers->first : NULL; h; h = h->next)
        strbuf_addf(&lines, "%.*s: %.*s\r\n", SPAN_ARG(h->key), SPAN_ARG(h->text));
    return lines.len ? strbuf_take(&lines) : NULL;
}

/* The paths that want its key: all but one. */
static void lock(struct one *o, const struct yaml_node *entry)
{
    const char *key = yaml_text(entry, "key", NULL);
    if (!key || strcmp(o->path, yaml_text(entry, "open", "")) == 0)
        return;
    o->key = xalloc_text(key);
    o->refusal = xalloc_text(yaml_text(entry, "refused", ""));
}

static bool read_entry(struct answers *a, const struct yaml_node *entry, const char *path,
                       struct err *err)
{
    const struct yaml_node *pod = yaml_get(entry, "pod"), *paths = yaml_get(entry, "paths");
    const struct yaml_node *who = pod ? pod : yaml_get(entry, "service");
    size_t slash = who ? span_find(who->text, '/', 0) : 0;
    if (!slash || slash == who->text.len || !paths)
        return err_set(err, ERR_CONFIG,
                       "%s:%d: an entry has `service` or `pod`, NAMESPACE/NAME, and `paths`", path,
                       entry->line);
    for (const struct yaml_node *p = paths->first; p; p = p->next) {
        const struct yaml_node *body = yaml_get(p, "body");
        struct one *o = add(a, pod != NULL, span_sub(who->text, 0, slash),
                            span_sub(who->text, slash + 1, who->text.len), p->key);
        int64_t status = 200;
        if (!number_parse(span_from(yaml_text(p, "status", "200")), 100, 599, &status))
            return err_set(err, ERR_CONFIG, "%s:%d: the status is no number", path, p->line);
        o->status = (int)status;
        set_body(o, body ? body->text : SPAN(""), yaml_text(p, "type", NULL));
        o->first_type = xalloc_text(o->type);
        o->first_body = xalloc_text(o->body);
        o->more = header_lines(yaml_get(p, "headers"));
        lock(o, entry);
    }
    return true;
}

static bool read_file(struct answers *a, const char *path, struct err *err)
{
    struct yaml_doc *doc = yaml_load(path, err);
    const struct yaml_node *root = doc ? yaml_root(doc, 0) : NULL;
    bool ok = doc != NULL;
    for (const struct yaml_node *e = root ? root->first : NULL; e && ok; e = e->next)
        ok = read_entry(a, e, path, err);
    yaml_doc_free(doc);
    return ok;
}

struct answers *answers_load(const char *folder, struct err *err)
{
    struct answers *a = xalloc_zero(1, sizeof(*a));
    struct strbuf path = STRBUF_INIT(8192), names = STRBUF_INIT(NAMES_MAX);
    struct span rest, name;
    bool ok = true;
    strbuf_addf(&path, "%s/services", folder);
    file_names(strbuf_cstr(&path), ".yaml", "\n", &names);
    rest = strbuf_span(&names);
    while (ok && names.len && span_split(&rest, '\n', &name)) {
        strbuf_truncate(&path, 0);
        strbuf_addf(&path, "%s/services/%.*s.yaml", folder, SPAN_ARG(name));
        ok = read_file(a, strbuf_cstr(&path), err);
    }
    strbuf_clear(&path);
    strbuf_clear(&names);
    if (ok)
        return a;
    answers_free(a);
    return NULL;
}

void answers_free(struct answers *a)
{
    while (a && a->list) {
        struct one *o = a->list;
        a->list = o->next;
        free(o->ns);
        free(o->name);
        free(o->path);
        free(o->type);
        free(o->body);
        free(o->first_type);
        free(o->first_body);
        free(o->more);
        free(o->key);
        free(o->refusal);
        free(o);
    }
    free(a);
}

/* ---- Answers. */

static bool fits(const struct one *o, const char *plural, struct span ns, struct span name)
{
    bool pod = strcmp(plural, "pods") == 0;
    return o->pod == pod && span_is(ns, o->ns) &&
           (pod ? span_starts(name, o->name) : span_is(name, o->name));
}

/* path NULL: any. */
static struct one *find(const struct answers *a, const char *plural, struct span ns,
                        struct span name, const struct span *path)
{
    struct one *o = a ? a->list : NULL;
    while (o && !(fits(o, plural, ns, name) && (!path || span_is(*path, o->path))))
        o = o->next;
    return o;
}

bool answers_has(const struct answers *a, const char *plural, struct span ns, struct span name)
{
    return find(a, plural, ns, name, NULL) != NULL;
}

/* "Name: value", the name in whatever case. */
static bool has_header(struct span lines, struct span wanted)
{
    const size_t colon = span_find(wanted, ':', 0);
    struct span line;
    while (span_split(&lines, '\n', &line))
        if (span_find(line, ':', 0) == colon &&
            span_eq_nocase(span_sub(line, 0, colon), span_sub(wanted, 0, colon)) &&
            span_eq(span_trim(span_sub(line, colon + 1, line.len)),
                    span_trim(span_sub(wanted, colon + 1, wanted.len))))
            return true;
    return false;
}

bool answers_find(const struct answers *a, const char *plural, struct span ns, struct span name,
                  struct span target, struct span headers, struct canned *out)
{
    const struct span path = span_sub(target, 0, span_find(target, '?', 0));
    const struct one *o = find(a, plural, ns, name, &target);
    o = o ? o : find(a, plural, ns, name, &path);
    if (o && o->key && !has_header(headers, span_from(o->key)))
        *out = (struct canned){401, type_of(span_from(o->refusal)), NULL, span_from(o->refusal),
                               o->said};
    else if (o)
        *out = (struct canned){o->status, o->type, o->more, span_from(o->body), o->said};
    return o != NULL;
}

void answers_each(const struct answers *a, struct span ns, struct span name,
                  void (*see)(void *context, const char *path, struct span body), void *context)
{
    for (const struct one *o = a ? a->list : NULL; o; o = o->next)
        if (fits(o, "services", ns, name))
            see(context, o->path, span_from(o->body));
}

/* A text of several lines comes as a JSON string. */
static void set_said(struct one *o, struct span body)
{
    cJSON *json = span_starts(body, "\"") ? cJSON_ParseWithLength(body.data, body.len) : NULL;
    const char *text = cJSON_GetStringValue(json);
    set_body(o, text ? span_from(text) : body, NULL);
    cJSON_Delete(json);
}

bool answers_command(struct server *server, struct span rest, struct strbuf *answer,
                     struct err *err)
{
    struct span ns = command_word(&rest), name = command_word(&rest), path = command_word(&rest);
    struct span status = command_word(&rest);
    int64_t n;
    (void)answer;
    if (!server->answers || !span_starts(path, "/") || !number_parse(status, 100, 599, &n))
        return err_set(err, ERR_CONFIG, "answer wants NAMESPACE SERVICE /PATH STATUS [BODY]");
    struct one *o = find(server->answers, "services", ns, name, &path);
    o = o ? o : find(server->answers, "pods", ns, name, &path);
    o = o ? o : add(server->answers, false, ns, name, path);
    o->status = (int)n;
    o->said = rest.len || n != 200;
    if (rest.len || !o->first_body)
        set_said(o, rest);
    else
        set_body(o, span_from(o->first_body), o->first_type);
    return true;
}
