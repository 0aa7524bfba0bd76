/* Filling in an action's fields. */
#include <config.h>

#include "tui/form.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

static const struct field *field_at(const struct form *f, size_t i)
{
    return &f->action->fields[i];
}

static bool may_be_empty(const struct field *field)
{
    return field->fallback && !field->fallback[0];
}

struct form *form_new(const struct answers *known)
{
    struct form *f = xalloc_zero(1, sizeof(*f));
    f->action = known->action;
    for (; f->action->fields[f->count].name; f->count++) {
        size_t i = f->count;
        const struct field *field = field_at(f, i);
        const char *value = known->value[i] ? known->value[i] : "";
        if (field->type == FIELD_CHOICE && !value[0] && field->fallback)
            value = field->fallback;
        f->typed[i] = prompt_new();
        f->asked[i] = field->type == FIELD_SECRET && (!value[0] || strcmp(value, SECRET_ASK) == 0);
        prompt_set_secret(f->typed[i], f->asked[i]);
        prompt_set(f->typed[i], f->asked[i] ? SPAN("") : span_from(value));
    }
    return f;
}

void form_free(struct form *f)
{
    for (size_t i = 0; f && i < f->count; i++)
        prompt_free(f->typed[i]);
    free(f);
}

struct span form_text(const struct form *f, size_t i)
{
    return prompt_text(f->typed[i]);
}

bool form_wants(const struct form *f, size_t i)
{
    const struct field *field = field_at(f, i);
    bool typed = f->asked[i] && field->fallback && strcmp(field->fallback, SECRET_ASK) == 0;
    return !form_text(f, i).len && (typed || !field->fallback) &&
           strcmp(field->name, "namespace") != 0;
}

/* What the field answers with; "" where nothing was said. */
static const char *take_value(const struct form *f, size_t i, struct strbuf *out)
{
    if (f->asked[i])
        return form_text(f, i).len ? SECRET_ASK : "";
    strbuf_add(out, form_text(f, i));
    return strbuf_cstr(out);
}

static bool set_one(const struct form *f, size_t i, struct answers *a, struct err *err)
{
    const struct field *field = field_at(f, i);
    struct strbuf text = STRBUF_INIT(PROMPT_BYTES_MAX + 1);
    const char *value = take_value(f, i, &text);
    bool ok = true;
    if (value[0] || may_be_empty(field))
        ok = answers_set(a, field->name, value, err);
    strbuf_wipe(&text);
    return ok;
}

bool form_check(const struct form *f, size_t i, struct err *err)
{
    struct answers a = {.action = f->action};
    bool ok = set_one(f, i, &a, err);
    answers_clear(&a);
    return ok;
}

static bool choose_word(struct prompt *p, const char *choices, int step)
{
    struct span rest = span_from(choices), word, words[64];
    size_t n = 0, at = 0;
    while (n < BN_COUNT(words) && span_split(&rest, '|', &word)) {
        if (span_eq(word, prompt_text(p)))
            at = n;
        words[n++] = word;
    }
    if (n)
        prompt_set(p, words[(at + n + (size_t)(step < 0 ? n - 1 : 1)) % n]);
    return true;
}

bool form_choose(struct form *f, size_t i, int step)
{
    const struct field *field = i < f->count ? field_at(f, i) : NULL;
    if (field && field->type == FIELD_CHOICE)
        return choose_word(f->typed[i], field->choices, step);
    if (!field || field->type != FIELD_SECRET)
        return false;
    /* What was typed as a secret is never seen, nor the other way round. */
    prompt_free(f->typed[i]);
    f->typed[i] = prompt_new();
    f->asked[i] = !f->asked[i];
    prompt_set_secret(f->typed[i], f->asked[i]);
    return true;
}

void form_choose_letter(struct form *f, size_t i, char letter)
{
    char first[2] = {letter, '\0'};
    struct span rest = span_from(field_at(f, i)->choices), word;
    size_t words = 0;
    for (; span_split(&rest, '|', &word); words++)
        ;
    for (size_t n = 0; n < words; n++) {
        (void)form_choose(f, i, 1);
        if (span_starts(form_text(f, i), first))
            return;
    }
}

bool form_answers(const struct form *f, struct answers *out, size_t *wrong, struct err *err)
{
    *out = (struct answers){.action = f->action};
    for (size_t i = 0; i < f->count; i++) {
        bool wants = form_wants(f, i);
        if (!wants && set_one(f, i, out, err))
            continue;
        *wrong = i;
        return wants ? err_set(err, ERR_CONFIG, "%s: it must be said", field_at(f, i)->name)
                     : false;
    }
    return true;
}

uint64_t form_hash(const struct form *f)
{
    uint64_t hash = 1;
    for (size_t i = 0; i < f->count; i++)
        hash = (hash ^ span_hash(form_text(f, i)) ^ f->asked[i]) * UINT64_C(0x100000001b3) + i;
    return hash ? hash : 1;
}

void form_forget_secrets(struct form *f)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->asked[i]) {
            prompt_free(f->typed[i]);
            f->typed[i] = prompt_new();
            prompt_set_secret(f->typed[i], true);
        }
}
