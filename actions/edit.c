/* edit: any object in the person's editor. What was changed of its text goes as a merge patch, so that
 * what others have changed meanwhile stays; where they have changed what is wanted of it, nothing is
 * sent [kubectl pkg/cmd/util/editor/editoptions.go]. */
#include <config.h>

#include "actions/edit_text.h"
#include "actions/patch.h"
#include "actions/stops.h"
#include "base/file.h"
#include "base/yaml.h"
#include "net/yaml_out.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_MAX ((size_t)1 << 20)

static const struct field fields[] = {
    OBJECT_FIELDS,
    {"file", FIELD_TEXT, NULL, "", "its edited YAML; left out: $EDITOR opens it"},
    {NULL},
};

/* Texts and JSON of one object: as it was read, as it was edited, as it is now. */
struct texts {
    struct strbuf was, edited, now;            /* YAML */
    struct strbuf was_json, edited_json, json; /* of these */
};

static void texts_clear(struct texts *x)
{
    struct strbuf *const all[] = {&x->was,      &x->edited,      &x->now,
                                  &x->was_json, &x->edited_json, &x->json};
    for (size_t i = 0; i < BN_COUNT(all); i++)
        strbuf_clear(all[i]);
}

static bool is_secret(const struct kube_object *o, struct err *err)
{
    return strcmp(o->kind, "Secret") == 0 && !o->resource->group[0] &&
           !err_set(err, ERR_DENIED,
                    "a Secret is not edited here: its values would stand in the plan and in the "
                    "audit log; `kubectl edit`, or where it comes from (refresh-secret), does it");
}

/* ---- Reading. */

static bool to_json(const struct strbuf *yaml, const char *name, struct strbuf *out,
                    struct err *err)
{
    struct yaml_doc *doc = yaml_parse(strbuf_span(yaml), name, err);
    if (!doc)
        return false;
    const struct yaml_node *root = yaml_count(doc) == 1 ? yaml_root(doc, 0) : NULL;
    bool ok = (root && root->type == YAML_MAP) ||
              err_set(err, ERR_CONFIG, "%s: it is not one object", name);
    if (ok)
        yaml_to_json(root, out);
    yaml_doc_free(doc);
    return ok && (!out->failed || err_set(err, ERR_NOMEM, "%s: it is too large", name));
}

static bool read_now(struct target *t, const struct kube_object *o, struct texts *x,
                     struct err *err)
{
    struct strbuf text = STRBUF_INIT((size_t)4 << 20);
    bool ok = target_text(t, o->path, &text, err) &&
              yaml_of_object(strbuf_span(&text), &x->now, err) &&
              to_json(&x->now, "the object", &x->json, err);
    strbuf_clear(&text);
    return ok;
}

static const char *version_of(struct plan *p, const struct strbuf *json)
{
    struct strbuf scratch = STRBUF_INIT(512);
    struct span v = json_as_text(
        json_path(json_value(strbuf_span(json)), "metadata.resourceVersion"), &scratch);
    const char *text = plan_text(p, "%.*s", SPAN_ARG(v));
    strbuf_clear(&scratch);
    return text;
}

/* As it was when the editor was opened; of a file from elsewhere that is what is there now. */
static bool read_was(struct plan *p, const char *file, struct texts *x, struct err *err)
{
    struct err none;
    const char *path = plan_text(p, "%s" EDIT_WAS, file);
    if (file_read(path, &x->was, &none))
        return to_json(&x->was, path, &x->was_json, err);
    if (none.kind != ERR_NOTFOUND)
        return err_set(err, none.kind, "%s", none.msg);
    const char *made_of = version_of(p, &x->edited_json), *now = version_of(p, &x->json);
    strbuf_add(&x->was, strbuf_span(&x->now));
    strbuf_add(&x->was_json, strbuf_span(&x->json));
    return !made_of[0] || strcmp(made_of, now) == 0 ||
           err_set(err, ERR_CONFLICT,
                   "%s is of version %s, and somebody has changed it since (%s): nothing was sent; "
                   "edit it anew",
                   file, made_of, now);
}

/* The same object: what names it is not edited. */
static bool is_same(const struct texts *x, const char *file, struct err *err)
{
    static const char *const names[] = {"apiVersion", "kind", "metadata.name",
                                        "metadata.namespace"};
    struct json_value a = json_value(strbuf_span(&x->json)),
                      b = json_value(strbuf_span(&x->edited_json));
    for (size_t i = 0; i < BN_COUNT(names); i++)
        if (!span_eq(json_whole(json_path(a, names[i])), json_whole(json_path(b, names[i]))))
            return err_set(err, ERR_CONFIG,
                           "%s: %s is another: it would be another object, which is made, not "
                           "edited",
                           file, names[i]);
    return true;
}

/* What is wanted of it is what it was: the server counts generations of that, or it is whole the
 * same. */
static bool is_unchanged(struct plan *p, const struct texts *x, const char *file, struct err *err)
{
    struct json_value was = json_value(strbuf_span(&x->was_json)),
                      now = json_value(strbuf_span(&x->json));
    struct span before = json_whole(json_path(was, "metadata.generation"));
    bool same = before.len && span_eq(before, json_whole(json_path(now, "metadata.generation")));
    return same || strcmp(version_of(p, &x->was_json), version_of(p, &x->json)) == 0 ||
           err_set(err, ERR_CONFLICT,
                   "somebody else has changed it since it was read: nothing was sent; the edited "
                   "text is kept in %s",
                   file);
}

/* ---- The plan. */

static struct deed patch_of(struct plan *p, const struct kube_object *o, const char *body,
                            bool guarded)
{
    return (struct deed){.method = "PATCH",
                         .path = plan_text(p, "%s?fieldValidation=Strict", o->path),
                         .media = MERGE_PATCH,
                         .body = body,
                         .generation = guarded && o->generation ? o->generation : -1};
}

static const char *patch_text(struct plan *p, const struct strbuf *from, const struct strbuf *to,
                              const char *version)
{
    struct strbuf text = STRBUF_INIT(TEXT_MAX);
    bool any = patch_make(strbuf_span(from), strbuf_span(to), version, &text);
    const char *made = any && !text.failed ? plan_text(p, "%s", strbuf_cstr(&text)) : NULL;
    strbuf_clear(&text);
    return made;
}

/* As YAML, written anew so that only what it means is compared; sent: what goes to the server alone. */
static void write_anew(const struct strbuf *json, bool sent, struct strbuf *out)
{
    struct strbuf own = STRBUF_INIT(TEXT_MAX);
    struct err none;
    if (sent)
        patch_sent(strbuf_span(json), &own);
    if (!yaml_of_object(strbuf_span(sent ? &own : json), out, &none))
        strbuf_truncate(out, 0);
    strbuf_clear(&own);
}

static const char *shown(struct plan *p, const struct texts *x, bool sent)
{
    struct strbuf text = STRBUF_INIT(TEXT_MAX), was = STRBUF_INIT(TEXT_MAX),
                  edited = STRBUF_INIT(TEXT_MAX);
    write_anew(&x->was_json, sent, &was);
    write_anew(&x->edited_json, sent, &edited);
    patch_lines(strbuf_span(&was), strbuf_span(&edited), &text);
    const char *made = plan_text(p, "%s", strbuf_cstr(&text));
    strbuf_clear(&text);
    strbuf_clear(&was);
    strbuf_clear(&edited);
    return made;
}

static size_t changed_lines(const char *shown)
{
    struct span rest = span_from(shown), line;
    size_t n = 0;
    while (span_split(&rest, '\n', &line))
        n += !span_starts(line, " ") && !span_starts(line, ".");
    return n;
}

/* What was edited of what is the server's own goes nowhere, and nobody is told otherwise. */
static void warn_kept(struct plan *p, const struct texts *x)
{
    if (changed_lines(shown(p, x, false)) != changed_lines(shown(p, x, true)))
        plan_warn(p, "what was edited of status, or of metadata's uid, versions and times, is the "
                     "server's own and is not sent");
}

static const char *shell_of(struct target *t, struct plan *p, const struct kube_object *o,
                            const char *patch)
{
    struct strbuf quoted = STRBUF_INIT(TEXT_MAX * 2);
    deed_quote(&quoted, span_from(patch));
    const char *text = plan_text(p, "%s patch %s --type=merge -p %s", kubectl(p, t, o->ns),
                                 kube_word(p, o), strbuf_cstr(&quoted));
    strbuf_clear(&quoted);
    return text;
}

/* A changed template is a rollout. */
static void follow(struct step *s, const struct kube_object *o, const char *patch)
{
    bool rolls = strstr(patch, "\"template\"") && strcmp(o->resource->group, "apps") == 0 &&
                 strcmp(o->kind, "ReplicaSet") != 0 &&
                 !json_node_true(json_node_path(o->root, "spec.paused")) &&
                 strcmp(kube_text(o, "spec.updateStrategy.type"), "OnDelete") != 0;
    s->await_path = o->path;
    s->await = rolls ? rollout_await : NULL;
    s->await_s = 600;
}

static bool add_step(struct target *t, struct plan *p, const struct kube_object *o,
                     const struct texts *x, const char *file, struct err *err)
{
    const char *patch = patch_text(p, &x->was_json, &x->edited_json, NULL);
    bool done =
        !patch || patch_is_done(json_value(span_from(patch)), json_value(strbuf_span(&x->json)));
    struct step *s = plan_step(p, done ? '=' : '~', plan_text(p, "Edit %s", kube_name(p, o)));
    if (patch)
        follow(s, o, patch);
    warn_kept(p, x);
    if (done)
        return true;
    if (!is_unchanged(p, x, file, err))
        return false;
    const char *back = patch_text(p, &x->edited_json, &x->was_json, NULL);
    if (s->await)
        stops_rollout(t, p, o);
    s->detail = shown(p, x, true);
    s->deed = patch_of(p, o, patch_text(p, &x->was_json, &x->edited_json, o->version), true);
    s->undo = patch_of(p, o, back ? back : "{}", false);
    s->undo_title = "set it back to what it was";
    s->shell = shell_of(t, p, o, patch);
    plan_warn(p, plan_text(p, "the edited text is in %s until this has been done", file));
    kube_warn_owner(t, p, o, "what was edited");
    return true;
}

static bool plan(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    const char *file = answers_get(in, "file");
    struct texts x = {STRBUF_INIT(TEXT_MAX), STRBUF_INIT(TEXT_MAX), STRBUF_INIT(TEXT_MAX),
                      STRBUF_INIT(TEXT_MAX), STRBUF_INIT(TEXT_MAX), STRBUF_INIT(TEXT_MAX)};
    struct kube_object o;
    if (!kube_any(t, p, in, &o, err) || is_secret(&o, err))
        return false;
    if (!file[0])
        return err_set(err, ERR_CONFIG, "edit wants --file, or a terminal for $EDITOR");
    bool ok = kube_read(t, p, &o, err);
    if (!ok)
        return false;
    ok = read_now(t, &o, &x, err) && file_read(file, &x.edited, err) &&
         to_json(&x.edited, file, &x.edited_json, err) && is_same(&x, file, err) &&
         read_was(p, file, &x, err) && add_step(t, p, &o, &x, file, err);
    texts_clear(&x);
    kube_object_clear(&o);
    return ok;
}

/* ---- The editor. */

static bool ask(struct target *t, struct answers *in, struct err *err)
{
    struct plan p = {.action = in->action, .arena = arena_new((size_t)1 << 20)};
    struct texts x = {STRBUF_INIT(TEXT_MAX), STRBUF_INIT(TEXT_MAX), STRBUF_INIT(TEXT_MAX),
                      STRBUF_INIT(TEXT_MAX), STRBUF_INIT(TEXT_MAX), STRBUF_INIT(TEXT_MAX)};
    struct kube_object o = {.doc = NULL};
    char *path = NULL;
    if (answers_get(in, "file")[0])
        return edit_again(answers_get(in, "file"), err);
    bool ok = kube_any(t, &p, in, &o, err) && !is_secret(&o, err) && kube_read(t, &p, &o, err) &&
              read_now(t, &o, &x, err) &&
              (path = edit_text(o.name, strbuf_span(&x.now), err)) != NULL &&
              answers_set(in, "file", path, err);
    free(path);
    texts_clear(&x);
    kube_object_clear(&o);
    plan_done(&p);
    return ok;
}

static void ended(const struct answers *in)
{
    edit_forget(answers_get(in, "file"));
}

const struct action action_edit = {
    .name = "edit",
    .title = "Edit an object",
    .help = "any object in $EDITOR; what was changed is shown before it is sent",
    .risk = RISK_CHANGE,
    .kind = KIND_ANY,
    .fields = fields,
    .ask = ask,
    .plan = plan,
    .ended = ended,
};
