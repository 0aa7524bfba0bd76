/* Plans: made of the present state, read by people and programs. */
#include <config.h>

#include "actions/channel.h"
#include "base/alloc.h"
#include "base/json_out.h"
#include "net/digest.h"

#include <stdlib.h>
#include <string.h>

#define ARENA_MAX ((size_t)4 << 20)
#define TEXT_MAX  ((size_t)256 << 10)

#define X(name) extern const struct action action_##name;
#include "actions/list.h"
#undef X

#define X(name) &action_##name,
const struct action *const action_registry[] = {
#include "actions/list.h"
    NULL,
};
#undef X

const struct action *action_find(const char *name)
{
    for (const struct action *const *a = action_registry; *a; a++)
        if (strcmp((*a)->name, name) == 0)
            return *a;
    return NULL;
}

/* ---- Making. */

const char *plan_text(struct plan *p, const char *fmt, ...)
{
    struct strbuf text = STRBUF_INIT(TEXT_MAX);
    struct span copy = SPAN("");
    va_list args;
    va_start(args, fmt);
    strbuf_vaddf(&text, fmt, args);
    va_end(args);
    bool ok = arena_copy(p->arena, strbuf_span(&text), &copy);
    strbuf_clear(&text);
    return ok ? copy.data : "";
}

const char *plan_quote(struct plan *p, const char *text)
{
    struct strbuf out = STRBUF_INIT(TEXT_MAX);
    struct json_out j;
    json_out_init(&j, &out, 0);
    json_cstr(&j, text);
    const char *made = plan_text(p, "%s", strbuf_cstr(&out));
    strbuf_clear(&out);
    return made;
}

struct step *plan_step(struct plan *p, char sign, const char *title)
{
    bn_assert(p->count < PLAN_STEPS_MAX);
    struct step *s = &p->steps[p->count++];
    *s = (struct step){.sign = sign,
                       .title = title,
                       .shell = "",
                       .detail = "",
                       .deed = {.generation = -1},
                       .undo = {.generation = -1},
                       .undo_title = "",
                       .check = "",
                       .await_s = 60,
                       .former = "",
                       .room = arena_calloc(p->arena, STEP_ROOM, 1)};
    return s;
}

void plan_warn(struct plan *p, const char *text)
{
    if (p->nwarnings < BN_COUNT(p->warnings))
        p->warnings[p->nwarnings++] = text;
}

enum awaiting step_say_once(const struct step *step, enum awaiting a, const struct strbuf *says)
{
    struct span kept = span_sub(strbuf_span(says), 0, STEP_ROOM - 2);
    step->room[0] = a == AWAIT_FAILED ? 'F' : 'D';
    if (kept.len)
        memcpy(step->room + 1, kept.data, kept.len);
    return AWAIT_MORE;
}

bool step_said(const struct step *step, enum awaiting *a, struct strbuf *says)
{
    if (!step->room[0])
        return false;
    strbuf_adds(says, step->room + 1);
    *a = step->room[0] == 'F' ? AWAIT_FAILED : AWAIT_DONE;
    return true;
}

void plan_note(struct plan *p, const char *text)
{
    if (p->nnotes < BN_COUNT(p->notes))
        p->notes[p->nnotes++] = text;
}

bool plan_make(struct answers *in, struct target *t, struct plan *out, struct err *err)
{
    *out = (struct plan){
        .action = in->action, .arena = arena_new(ARENA_MAX), .risk = in->action->risk};
    in->again = out->again = in->at_ms != 0;
    if (!in->again)
        in->at_ms = target_now(t) / 1000 * 1000;
    if (!out->arena)
        return err_set(err, ERR_NOMEM, "there is no memory for a plan");
    if (!in->action->plan(t, in, out, err))
        return false;
    for (size_t i = 0; i < out->count; i++) {
        struct step *s = &out->steps[i];
        struct strbuf shell = STRBUF_INIT(TEXT_MAX);
        if (s->deed.method)
            deed_shell(&s->deed, t, &shell);
        if (shell.len && !s->shell[0])
            s->shell = plan_text(out, "%s", strbuf_cstr(&shell));
        strbuf_clear(&shell);
    }
    return true;
}

void plan_done(struct plan *p)
{
    arena_free(p->arena);
    *p = (struct plan){0};
}

bool plan_empty(const struct plan *p)
{
    for (size_t i = 0; i < p->count; i++)
        if (p->steps[i].deed.method)
            return false;
    return true;
}

bool plan_follows(const struct plan *p)
{
    bool follows = false;
    for (size_t i = 0; i < p->count; i++)
        follows = follows || p->steps[i].follows;
    return follows && plan_empty(p);
}

/* ---- Reading. */

void deed_json(struct json_out *j, const struct deed *d)
{
    json_key_cstr(j, "system", d->system);
    json_key_cstr(j, "at", d->at);
    json_key_cstr(j, "as", d->as);
    json_key_cstr(j, "with", d->with);
    if (d->secrets) {
        json_key(j, "secrets");
        json_bool(j, true);
    }
}

static void write_deed(struct json_out *j, const char *key, const struct deed *d)
{
    if (!d->method)
        return;
    json_key(j, key);
    json_object(j);
    deed_json(j, d);
    json_key_cstr(j, "method", d->method);
    json_key_cstr(j, "path", d->path);
    if (d->body[0]) {
        json_key_cstr(j, "type", d->media);
        json_key(j, "body");
        if (strstr(d->media, "json"))
            json_raw(j, span_from(d->body));
        else
            json_cstr(j, d->body);
    }
    json_object_end(j);
}

static void write_step(struct json_out *j, const struct step *s)
{
    const char sign[2] = {s->sign, '\0'};
    json_object(j);
    json_key_cstr(j, "sign", sign);
    json_key_cstr(j, "title", s->title);
    if (s->detail[0])
        json_key_cstr(j, "detail", s->detail);
    if (s->shell[0])
        json_key_cstr(j, "shell", s->shell);
    write_deed(j, "request", &s->deed);
    if (s->check[0])
        json_key_cstr(j, "check", s->check);
    if (s->undo_title[0])
        json_key_cstr(j, "undo", s->undo_title);
    write_deed(j, "undo_request", &s->undo);
    json_object_end(j);
}

void plan_json(const struct plan *p, const struct target *t, struct strbuf *out)
{
    struct json_out j;
    char hash[65];
    plan_hash(p, t, hash);
    json_out_init(&j, out, 2);
    json_object(&j);
    json_key(&j, "schema");
    json_int(&j, 1);
    json_key_cstr(&j, "action", p->action->name);
    json_key_cstr(&j, "context", target_context(t));
    json_key_cstr(&j, "server", target_server(t));
    json_key_cstr(&j, "risk", p->risk == RISK_DESTROY ? "destroy" : "change");
    json_key_cstr(&j, "plan", hash);
    json_key(&j, "warnings");
    json_array(&j);
    for (size_t i = 0; i < p->nwarnings; i++)
        json_cstr(&j, p->warnings[i]);
    json_array_end(&j);
    json_key(&j, "notes");
    json_array(&j);
    for (size_t i = 0; i < p->nnotes; i++)
        json_cstr(&j, p->notes[i]);
    json_array_end(&j);
    json_key(&j, "steps");
    json_array(&j);
    for (size_t i = 0; i < p->count; i++)
        write_step(&j, &p->steps[i]);
    json_array_end(&j);
    json_object_end(&j);
    strbuf_addc(out, '\n');
}

void plan_hash(const struct plan *p, const struct target *t, char out[65])
{
    struct strbuf all = STRBUF_INIT(ARENA_MAX * 2);
    strbuf_addf(&all, "%s\n%s\n%s\n", p->action->name, target_context(t), target_server(t));
    for (size_t i = 0; i < p->count; i++) {
        const struct deed *d = &p->steps[i].deed;
        strbuf_addf(&all, "%c %s\n", p->steps[i].sign, p->steps[i].title);
        if (d->method)
            strbuf_addf(&all, "%s %s %s %s %s %s\n%s\n", d->system ? d->system : "",
                        d->at ? d->at : "", d->as ? d->as : "", d->method, d->path, d->media,
                        d->body);
    }
    if (all.failed || !digest_sha256(strbuf_span(&all), out))
        out[0] = '\0';
    strbuf_clear(&all);
}

static void print_step(const struct step *s, size_t number, bool full, struct strbuf *out)
{
    struct span rest = span_from(s->detail), line;
    strbuf_addf(out, "  %c %zu. %s\n", s->sign, number, s->title);
    while (span_split(&rest, '\n', &line) && (line.len || rest.data))
        strbuf_addf(out, "       %.*s\n", SPAN_ARG(line));
    if (s->check[0])
        strbuf_addf(out, "       check: %s\n", s->check);
    if (s->undo_title[0])
        strbuf_addf(out, "       undo: %s\n", s->undo_title);
    if (!full || !s->deed.method)
        return;
    if (s->deed.system)
        strbuf_addf(out, "       %s%s%s%s%s: %s%s%s\n", s->deed.system, s->deed.at[0] ? " " : "",
                    s->deed.at, s->deed.as ? " as " : "", s->deed.as ? s->deed.as : "",
                    s->deed.method, s->deed.path[0] ? " " : "", s->deed.path);
    else
        strbuf_addf(out, "       %s %s\n", s->deed.method, s->deed.path);
    if (s->deed.body[0])
        strbuf_addf(out, "       %s\n", s->deed.body);
    if (s->shell[0])
        strbuf_addf(out, "       $ %s\n", s->shell);
}

void plan_print(const struct plan *p, const struct target *t, bool full, struct strbuf *out)
{
    char hash[65];
    plan_hash(p, t, hash);
    strbuf_addf(out, "%s, context %s (%s)\n", p->action->title, target_context(t),
                target_server(t));
    for (size_t i = 0; i < p->nnotes; i++)
        strbuf_addf(out, "  %s\n", p->notes[i]);
    for (size_t i = 0; i < p->nwarnings; i++) /* seen without going down, however low the screen */
        strbuf_addf(out, "  ! %s\n", p->warnings[i]);
    for (size_t i = 0; i < p->count; i++)
        print_step(&p->steps[i], i + 1, full, out);
    if (p->again && plan_empty(p))
        strbuf_adds(out, "Nothing more is sent: what was sent is looked at to its end.\n");
    else if (plan_follows(p))
        strbuf_adds(out, "Nothing is sent: it is under way, and is followed to its end.\n");
    else if (plan_empty(p))
        strbuf_adds(out, "Nothing to do: it is so already.\n");
    else
        strbuf_addf(out, "plan sha256 %.16s\n", hash);
}

/* ---- By hand. */

void deed_quote(struct strbuf *out, struct span text)
{
    strbuf_addc(out, '\'');
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] == '\'')
            strbuf_adds(out, "'\\''");
        else
            strbuf_addc(out, text.data[i]);
    strbuf_addc(out, '\'');
}

void deed_shell(const struct deed *d, const struct target *t, struct strbuf *out)
{
    const struct channel *c = channel_of(d);
    if (c)
        c->shell(d, t, out);
}
