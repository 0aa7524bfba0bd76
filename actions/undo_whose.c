/* Taking a run back: whose is now what a step has changed or made. */
#include <config.h>

#include "actions/kube.h"
#include "actions/run_impl.h"
#include "base/json_out.h"

#include <string.h>

#define WHERE_MAX 1024
#define SHOWN_MAX 80 /* of a value in a sentence */

/* ---- What an object has of a patch. */

struct comparing {
    bool by_name;  /* lists whose elements have names are merged by them (a strategic patch) */
    bool by_place; /* elements of others may have more than was said of them */
    bool but_spec; /* nobody has changed what is wanted: that is not looked at */
    struct strbuf where;
    const struct json_node *now; /* there */
};

static bool has(struct comparing *c, const struct json_node *patch, const struct json_node *now);

static const struct json_node *named(const struct json_node *list, const char *name)
{
    const struct json_node *e = json_node_first(list);
    while (e && strcmp(json_node_path_text(e, "name", ""), name) != 0)
        e = json_node_next(e);
    return e;
}

static bool has_value(struct comparing *c, const struct json_node *patch,
                      const struct json_node *now);

static bool has_each(struct comparing *c, const struct json_node *patch,
                     const struct json_node *now)
{
    const struct json_node *n = json_node_first(now);
    for (const struct json_node *e = json_node_first(patch); e; e = json_node_next(e)) {
        if (!n || !has_value(c, e, n))
            return false;
        n = json_node_next(n);
    }
    return true;
}

/* Elements without names are one value with all the others. */
static bool has_list(struct comparing *c, const struct json_node *patch,
                     const struct json_node *now)
{
    const struct json_node *e = json_node_first(patch);
    const size_t before = c->where.len;
    bool names = c->by_name && e;
    for (; names && e; e = json_node_next(e))
        names = json_node_path_text(e, "name", NULL) != NULL;
    if (!names)
        return c->by_place ? has_each(c, patch, now) : json_node_same(patch, now);
    for (e = json_node_first(patch); e; e = json_node_next(e)) {
        const char *name = json_node_path_text(e, "name", "");
        strbuf_addf(&c->where, "[%s]", name);
        if (!has(c, e, named(now, name)))
            return false;
        strbuf_truncate(&c->where, before);
    }
    return true;
}

/* What the server does not write where it is false, or says how a patch is meant, is no difference. */
static bool has_value(struct comparing *c, const struct json_node *patch,
                      const struct json_node *now)
{
    enum json_type type = json_node_type(patch);
    bool none = json_node_type(now) == JSON_NONE || json_node_type(now) == JSON_NULL;
    c->now = now;
    return type == JSON_OBJECT  ? has(c, patch, now)
           : type == JSON_NULL  ? none
           : type == JSON_FALSE ? none || json_node_type(now) == JSON_FALSE
           : type == JSON_ARRAY ? has_list(c, patch, now)
                                : json_node_same(patch, now);
}

static bool has(struct comparing *c, const struct json_node *patch, const struct json_node *now)
{
    const struct json_node *m = json_node_first(patch);
    const size_t before = c->where.len;
    for (; m; m = json_node_next(m)) {
        const char *key = json_node_key(m);
        if (!key || key[0] == '$' || strcmp(key, "resourceVersion") == 0 ||
            (!before && c->but_spec && strcmp(key, "spec") == 0))
            continue;
        strbuf_addf(&c->where, "%s%s", before ? "." : "", key);
        if (!has_value(c, m, json_node_get(now, key)))
            return false;
        strbuf_truncate(&c->where, before);
    }
    return true;
}

/* ---- Whether it is still this run's. */

static bool has_patch(struct comparing *c, const char *patch, bool but_spec,
                      const struct json_node *object)
{
    struct err why;
    struct json_doc *doc = json_doc_parse(span_from(patch), "the audit log's patch", &why);
    c->but_spec = but_spec;
    strbuf_truncate(&c->where, 0);
    bool ok = doc && has(c, json_doc_root(doc), object);
    json_doc_free(doc);
    return ok;
}

static void add_value(const struct json_node *v, struct strbuf *out)
{
    int64_t n;
    const char *text = json_node_text(v);
    if (text)
        strbuf_addf(out, " is %.*s", SHOWN_MAX, text);
    else if (json_node_int(v, &n))
        strbuf_addf(out, " is %lld", (long long)n);
    else
        strbuf_adds(out, json_node_type(v) == JSON_NONE ? " is not there" : " is another");
}

/* What takes it back is the step once more, a refresh: nothing of others' is written over by it, and
 * where no answer came it may never have been done. */
static bool is_sent_again(const struct audit_step *s)
{
    return s->set && s->body && strcmp(s->set, s->body) == 0;
}

/* A patch of the API server is compared with what the object has; what the server writes in another form
 * than it was sent is told by the generation, which counts changes of the spec. */
static enum undo_whose whose_patch(const struct audit_step *s, const struct json_node *object,
                                   struct err *err)
{
    struct comparing c = {.by_name = strcmp(s->media ? s->media : "", STRATEGIC_PATCH) == 0,
                          .where = STRBUF_INIT(WHERE_MAX)};
    enum undo_whose whose = WHOSE_OURS;
    int64_t now = 0;
    if (!json_node_int(json_node_path(object, "metadata.generation"), &now))
        now = 0;
    if (has_patch(&c, s->body ? s->body : "{}", now && now == s->planned, object))
        whose = WHOSE_BACK;
    else if (!has_patch(&c, s->set, now && now == s->came, object) && !is_sent_again(s))
        whose = WHOSE_THEIRS;
    if (whose == WHOSE_THEIRS) {
        struct strbuf says = STRBUF_INIT(WHERE_MAX);
        if (!strstr(s->path, "/secrets/"))
            add_value(c.now, &says);
        (void)err_set(err, ERR_CONFLICT,
                      "\"%s\": somebody has changed it since, %s%s, which this run had set "
                      "otherwise; binnacle do --undo --anyway takes it back all the same",
                      s->title, strbuf_cstr(&c.where), strbuf_cstr(&says));
        strbuf_clear(&says);
    }
    strbuf_clear(&c.where);
    return whose;
}

/* What was made is told by its uid. Where no answer came, or none was noted (by a version before), it
 * has to be as it was to be made. */
static enum undo_whose whose_made(const struct audit_step *s, const struct json_node *object,
                                  bool anyway, struct err *err)
{
    struct comparing c = {.by_name = true, .by_place = true, .where = STRBUF_INIT(WHERE_MAX)};
    bool ours = s->made ? strcmp(json_node_path_text(object, "metadata.uid", ""), s->made) == 0
                        : anyway || has_patch(&c, s->posted, false, object);
    if (!ours && !s->made)
        (void)err_set(err, ERR_CONFLICT,
                      "\"%s\": whether it is this run's is not known, and it is not as that was to "
                      "be, in %s; binnacle do --undo --anyway takes it back all the same",
                      s->title, strbuf_cstr(&c.where));
    strbuf_clear(&c.where);
    return ours ? WHOSE_OURS : s->made ? WHOSE_ANOTHER : WHOSE_THEIRS;
}

bool undo_whose(struct target *t, const struct audit_step *s, bool anyway, enum undo_whose *whose,
                struct strbuf *version, struct err *err)
{
    struct json_doc *doc;
    *whose = WHOSE_OURS;
    if (!s->posted && (anyway || !s->set))
        return true;
    if (!target_get(t, s->path, &doc, err))
        return false;
    const struct json_node *object = json_doc_root(doc);
    *whose = !doc        ? WHOSE_GONE
             : s->posted ? whose_made(s, object, anyway, err)
                         : whose_patch(s, object, err);
    strbuf_adds(version, json_node_path_text(
                             object, s->posted ? "metadata.uid" : "metadata.resourceVersion", ""));
    json_doc_free_wiped(doc);
    return true;
}

/* The options with the object that is meant: another that has its name by now is not deleted. */
static bool for_object(const char *options, const char *uid, struct strbuf *out)
{
    struct json_out j;
    if (!uid[0] || options[0] != '{')
        return false;
    strbuf_adds(out, "{\"preconditions\":{\"uid\":");
    json_out_init(&j, out, 0);
    json_cstr(&j, uid);
    strbuf_addf(out, "}%s%s", options[1] == '}' ? "" : ",", options + 1);
    return !out->failed;
}

/* The patch with the version it is for: who comes in between is not written over. */
static bool for_version(const char *body, const char *version, struct strbuf *out)
{
    static const char member[] = "\"resourceVersion\":", begins[] = "{\"metadata\":{";
    struct json_out j;
    struct err why;
    struct json_doc *doc = json_doc_parse(span_from(body), "the audit log's patch", &why);
    const struct json_node *metadata = json_node_get(json_doc_root(doc), "metadata");
    const bool first = strncmp(body, begins, strlen(begins)) == 0;
    const bool can = doc && version[0] && (first || !metadata) && body[0] == '{';
    const bool alone =
        can && (first ? !json_node_count(metadata) : !json_node_count(json_doc_root(doc)));
    json_doc_free_wiped(doc);
    if (!can)
        return false;
    strbuf_addf(out, "%s%s", begins, member);
    json_out_init(&j, out, 0);
    json_cstr(&j, version);
    strbuf_addf(out, "%s%s%s", first ? "" : "}", alone ? "" : ",",
                body + (first ? strlen(begins) : 1));
    return !out->failed;
}

bool undo_body(const struct audit_step *s, const char *version, struct strbuf *out)
{
    const char *body = s->body ? s->body : "";
    return s->posted ? for_object(body, version, out) : for_version(body, version, out);
}
