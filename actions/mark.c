/* label, annotate: one key of an object's labels or annotations, added, changed or taken off. */
#include <config.h>

#include "actions/kube.h"
#include "base/json_out.h"

#include <stdio.h>
#include <string.h>

#define KEY_MAX    63 /* of the name; its prefix is a DNS name */
#define PREFIX_MAX 253
#define VALUE_MAX  63 /* of a label */

static const struct field label_fields[] = {
    OBJECT_FIELDS,
    {"key", FIELD_TEXT, NULL, NULL, "the label's key"},
    {"value", FIELD_TEXT, NULL, "", "its value"},
    {"remove", FIELD_CHOICE, "no|yes", "no", "take it off"},
    {"overwrite", FIELD_CHOICE, "no|yes", "no", "also where it has another value"},
    {NULL},
};

static const struct field annotate_fields[] = {
    OBJECT_FIELDS,
    {"key", FIELD_TEXT, NULL, NULL, "the annotation's key"},
    {"value", FIELD_TEXT, NULL, "", "its value"},
    {"remove", FIELD_CHOICE, "no|yes", "no", "take it off"},
    {"overwrite", FIELD_CHOICE, "no|yes", "no", "also where it has another value"},
    {NULL},
};

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Letters, digits, '-', '_', '.', a letter or digit at both ends. */
static bool is_plain(struct span s, size_t most)
{
    bool ok = s.len && s.len <= most && is_letter(s.data[0]) && is_letter(s.data[s.len - 1]);
    for (size_t i = 0; ok && i < s.len; i++)
        ok = is_letter(s.data[i]) || strchr("-_.", s.data[i]);
    return ok;
}

/* [kubernetes.io/docs/concepts/overview/working-with-objects/labels: syntax] */
static bool check(const char *key, const char *value, bool label, struct err *err)
{
    struct span all = span_from(key);
    size_t slash = span_find(all, '/', 0);
    bool prefixed = slash < all.len;
    struct span name = prefixed ? span_sub(all, slash + 1, all.len) : all;
    if (!is_plain(name, KEY_MAX) || (prefixed && !is_plain(span_sub(all, 0, slash), PREFIX_MAX)))
        return err_set(err, ERR_CONFIG,
                       "--key `%.60s`: a key is letters, digits, `-`, `_` and `.`, at most 63, and "
                       "may have a domain and `/` before it",
                       key);
    return !label || !value[0] || is_plain(span_from(value), VALUE_MAX) ||
           err_set(err, ERR_CONFIG,
                   "--value `%.60s`: a label's value is letters, digits, `-`, `_` and `.`, at most "
                   "63",
                   value);
}

/* One mark: {"metadata":{"labels":{KEY:VALUE}}} as it is, or as it is to be. */
struct mark {
    const char *where; /* "labels", "annotations" */
    const char *key;
    const char *value; /* NULL: none */
};

static const char *value_of(const struct json_node *root, const char *where, const char *key)
{
    const struct json_node *all = json_node_get(json_node_get(root, "metadata"), where);
    return json_node_text(json_node_get(all, key));
}

/* step->former: where, key and, unless it is taken off, value, each on a line. */
static enum awaiting look(BN_UNUSED struct target *t, const struct step *step,
                          const struct json_node *object, struct strbuf *says)
{
    struct span rest = span_from(step->former), where, key;
    char parts[2][PREFIX_MAX + KEY_MAX + 16];
    (void)span_split(&rest, '\n', &where);
    (void)span_split(&rest, '\n', &key);
    (void)snprintf(parts[0], sizeof(parts[0]), "%.*s", SPAN_ARG(where));
    (void)snprintf(parts[1], sizeof(parts[1]), "%.*s", SPAN_ARG(key));
    const char *now = value_of(object, parts[0], parts[1]);
    if (rest.data ? now && span_is(rest, now) : !now)
        return AWAIT_DONE;
    strbuf_adds(says, "somebody has set it again");
    return AWAIT_FAILED;
}

static struct deed set_mark(struct plan *p, const struct kube_object *o, const struct mark *m)
{
    struct strbuf text = STRBUF_INIT(16384);
    struct json_out j;
    json_out_init(&j, &text, 0);
    json_object(&j);
    json_key(&j, m->key);
    json_cstr(&j, m->value);
    json_object_end(&j);
    struct deed d = kube_patch(
        p, o, plan_text(p, "\"metadata\":{\"%s\":%s}", m->where, strbuf_cstr(&text)), false);
    strbuf_clear(&text);
    return d;
}

/* `kubectl label pods/web key=value --overwrite`, `kubectl label pods/web key-` */
static const char *shell_of(struct target *t, struct plan *p, const struct kube_object *o,
                            const struct mark *m, bool overwrites)
{
    struct strbuf word = STRBUF_INIT(16384);
    deed_quote(&word, span_from(m->value ? plan_text(p, "%s=%s", m->key, m->value)
                                         : plan_text(p, "%s-", m->key)));
    const char *text = plan_text(p, "%s %s %s %s%s", kubectl(p, t, o->ns),
                                 m->where[0] == 'l' ? "label" : "annotate", kube_word(p, o),
                                 strbuf_cstr(&word), overwrites ? " --overwrite" : "");
    strbuf_clear(&word);
    return text;
}

static void warn(struct target *t, struct plan *p, const struct kube_object *o,
                 const struct mark *m)
{
    kube_warn_owner(t, p, o, plan_text(p, "its %s", m->where));
    if (m->where[0] == 'l' && kube_controller(o->root) && strcmp(o->kind, "Pod") == 0)
        plan_warn(p, "controllers, services and budgets choose pods by their labels: with another "
                     "one it may be let go, and another pod made");
}

static void add_step(struct target *t, struct plan *p, const struct kube_object *o,
                     const struct mark *to, const char *was)
{
    bool same = to->value ? was && strcmp(was, to->value) == 0 : !was;
    const char *sort = to->where[0] == 'l' ? "label" : "annotation";
    const char *title =
        to->value ? plan_text(p, "Set %s %s=%s of %s", sort, to->key, to->value, kube_name(p, o))
                  : plan_text(p, "Take %s %s off %s", sort, to->key, kube_name(p, o));
    struct step *s = plan_step(p, same ? '=' : !to->value ? '-' : was ? '~' : '+', title);
    if (same)
        return;
    const struct mark back = {to->where, to->key, was ? plan_text(p, "%s", was) : NULL};
    s->deed = set_mark(p, o, to);
    s->undo = set_mark(p, o, &back);
    s->undo_title = was ? plan_text(p, "set it back to %s", was) : "take it off again";
    s->shell = shell_of(t, p, o, to, was && to->value);
    s->former = plan_text(p, "%s\n%s%s%s", to->where, to->key, to->value ? "\n" : "",
                          to->value ? to->value : "");
    s->await_path = o->path;
    s->await = look;
    warn(t, p, o, to);
}

static bool plan(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    bool label = strcmp(in->action->name, "label") == 0;
    bool removes = strcmp(answers_get(in, "remove"), "yes") == 0;
    bool overwrites = strcmp(answers_get(in, "overwrite"), "yes") == 0;
    struct mark to = {label ? "labels" : "annotations", answers_get(in, "key"),
                      removes ? NULL : answers_get(in, "value")};
    struct kube_object o;
    if (!check(to.key, to.value ? to.value : "", label, err) || !kube_any(t, p, in, &o, err) ||
        !kube_read(t, p, &o, err))
        return false;
    const char *was = value_of(o.root, to.where, to.key);
    bool other = was && to.value && strcmp(was, to.value) != 0 && !overwrites;
    if (other)
        (void)err_set(err, ERR_CONFLICT, "%s has %s=%.200s already: overwrite=yes changes it",
                      kube_name(p, &o), to.key, was);
    else
        add_step(t, p, &o, &to, was);
    kube_object_clear(&o);
    return !other;
}

const struct action action_label = {
    .name = "label",
    .title = "Label an object",
    .help = "a label of any object: added, changed, taken off",
    .risk = RISK_CHANGE,
    .kind = KIND_ANY,
    .fields = label_fields,
    .plan = plan,
};

const struct action action_annotate = {
    .name = "annotate",
    .title = "Annotate an object",
    .help = "an annotation of any object: added, changed, taken off",
    .risk = RISK_CHANGE,
    .kind = KIND_ANY,
    .fields = annotate_fields,
    .plan = plan,
};
