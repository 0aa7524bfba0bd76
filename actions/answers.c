/* What is answered to an action's fields. */
#include <config.h>

#include "actions/action.h"
#include "base/alloc.h"
#include "base/json_out.h"
#include "base/number.h"
#include "net/recipe.h"

#include <stdlib.h>
#include <string.h>

#define NAME_MAX_LEN 253 /* RFC 1123 subdomain, as Kubernetes takes names */
#define TEXT_MAX_LEN 4096
#define COUNT_MAX    10000

static int find(const struct action *action, const char *name)
{
    for (int i = 0; action->fields[i].name; i++)
        if (strcmp(action->fields[i].name, name) == 0)
            return i;
    return -1;
}

/* [kubernetes.io/docs/concepts/overview/working-with-objects/names] */
static bool check_name(const struct field *f, const char *value, struct err *err)
{
    size_t len = strlen(value);
    bool ok = len > 0 && len <= NAME_MAX_LEN;
    for (size_t i = 0; ok && i < len; i++) {
        bool edge = i == 0 || i == len - 1 || value[i - 1] == '.' || value[i + 1] == '.';
        bool plain = (value[i] >= 'a' && value[i] <= 'z') || (value[i] >= '0' && value[i] <= '9');
        ok = plain || (value[i] == '-' && !edge) ||
             (value[i] == '.' && i > 0 && i < len - 1 && value[i - 1] != '.');
    }
    return ok ||
           err_set(err, ERR_CONFIG,
                   "--%s `%.60s`: no name of an object; those are lower-case letters, digits, "
                   "`-` and `.`, at most 253",
                   f->name, value);
}

static bool check_text(const struct field *f, const char *value, struct err *err)
{
    if (strlen(value) > TEXT_MAX_LEN)
        return err_set(err, ERR_CONFIG, "--%s: longer than %d bytes", f->name, TEXT_MAX_LEN);
    for (const char *c = value; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            return err_set(err, ERR_CONFIG, "--%s: it has a control character", f->name);
    return true;
}

static bool check_choice(const struct field *f, const char *value, struct err *err)
{
    struct span rest = span_from(f->choices), one;
    while (span_split(&rest, '|', &one))
        if (span_is(one, value))
            return true;
    return err_set(err, ERR_CONFIG, "--%s `%.60s`: it takes %s", f->name, value, f->choices);
}

/* The sentence does not repeat what was said: somebody may have written the value itself. */
static bool check_secret(const struct field *f, const char *value, struct err *err)
{
    struct err why;
    struct recipe *r = strcmp(value, SECRET_ASK) == 0 ? NULL : recipe_parse(value, &why);
    bool ok = r || strcmp(value, SECRET_ASK) == 0;
    recipe_free(r);
    return ok ||
           err_set(err, ERR_CONFIG,
                   "--%s: it takes " SECRET_ASK ", or where the value is: " RECIPE_FORMS, f->name);
}

static bool check(const struct field *f, const char *value, struct err *err)
{
    int64_t n;
    if (!*value && f->fallback && !*f->fallback)
        return true;
    switch (f->type) {
    case FIELD_NAME:
        return check_name(f, value, err);
    case FIELD_TEXT:
        return check_text(f, value, err);
    case FIELD_COUNT:
        return number_parse(span_from(value), 0, COUNT_MAX, &n) ||
               err_set(err, ERR_CONFIG, "--%s `%.60s`: it takes a number from 0 to %d", f->name,
                       value, COUNT_MAX);
    case FIELD_CHOICE:
        return check_choice(f, value, err);
    case FIELD_SECRET:
        return check_secret(f, value, err);
    }
    return false;
}

bool answers_set(struct answers *a, const char *field, const char *value, struct err *err)
{
    int i = find(a->action, field);
    if (i < 0)
        return err_set(err, ERR_CONFIG, "%s has no field `%.60s`", a->action->name, field);
    if (!check(&a->action->fields[i], value, err))
        return false;
    free(a->value[i]);
    a->value[i] = xalloc_text(value);
    return true;
}

static const char *fallback_of(const struct field *f, const char *ns)
{
    if (f->fallback)
        return f->fallback;
    return strcmp(f->name, "namespace") == 0 ? ns : NULL;
}

bool answers_complete(struct answers *a, const char *ns, struct err *err)
{
    for (int i = 0; a->action->fields[i].name; i++) {
        const struct field *f = &a->action->fields[i];
        const char *value = fallback_of(f, ns);
        if (a->value[i])
            continue;
        if (!value)
            return err_set(err, ERR_CONFIG, "%s wants --%s: %s", a->action->name, f->name, f->help);
        if (!answers_set(a, f->name, value, err))
            return false;
    }
    return true;
}

const char *answers_get(const struct answers *a, const char *field)
{
    int i = find(a->action, field);
    return i >= 0 && a->value[i] ? a->value[i] : "";
}

void answers_json(struct json_out *j, const struct answers *a)
{
    json_key(j, "answers");
    json_object(j);
    for (size_t i = 0; a->action->fields[i].name; i++)
        json_key_cstr(j, a->action->fields[i].name, a->value[i]);
    json_object_end(j);
}

void answers_clear(struct answers *a)
{
    for (size_t i = 0; i < ACTION_FIELDS_MAX; i++)
        free(a->value[i]);
    *a = (struct answers){0};
}
