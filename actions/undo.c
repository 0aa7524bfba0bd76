/* Taking a run back, as the audit log has it: which of its steps, and how. */
#include <config.h>

#include "actions/kube.h"
#include "actions/run_impl.h"
#include "base/json_out.h"

#include <string.h>

#define CONFLICTS 4 /* a status that is written often is no reason to give up */
#define ROLLOUT_S 600
#define TEXT_MAX  ((size_t)1 << 20)

/* ---- Which. */

static bool stands(const struct audit_step *s)
{
    return s->begun && (s->state == AUDIT_STEP || s->state == AUDIT_DONE ||
                        (s->state == AUDIT_FAILED && s->sent));
}

enum undo_fate undo_fate(const struct audit_run *run, size_t i)
{
    const struct audit_step *s = &run->steps[i];
    if (!stands(s))
        return UNDO_NONE;
    if (!s->method)
        return UNDO_STAYS;
    for (size_t later = i + 1; later < run->count && !s->apart; later++)
        if (stands(&run->steps[later]) && !run->steps[later].method)
            return UNDO_LEANED;
    return UNDO_TAKE;
}

size_t undo_count(const struct audit_run *run, enum undo_fate fate)
{
    size_t n = 0;
    for (size_t i = 0; i < run->count; i++)
        n += undo_fate(run, i) == fate;
    return n;
}

static const char *why_not(const struct audit_step *s, enum undo_fate fate)
{
    if (fate == UNDO_LEANED)
        return "a later step, which cannot be taken back, may stand on it";
    return s->why ? s->why : "it cannot be taken back";
}

void undo_text(const struct audit_run *run, struct strbuf *out)
{
    strbuf_addf(out, "To be taken back, of run %.12s, %s:\n", run->id, run->at ? run->at : "?");
    for (size_t i = run->count; i-- > 0;) {
        enum undo_fate fate = undo_fate(run, i);
        const struct audit_step *s = &run->steps[i];
        if (fate == UNDO_TAKE)
            strbuf_addf(out, "  - %s\n", s->title);
        else if (fate != UNDO_NONE)
            strbuf_addf(out, "  ! stays: %s: %s\n", s->title, why_not(s, fate));
    }
}

void undo_json(const struct audit_run *run, struct strbuf *out)
{
    struct json_out j;
    json_out_init(&j, out, 2);
    json_object(&j);
    json_key(&j, "schema");
    json_int(&j, 1);
    json_key_cstr(&j, "action", run->action);
    json_key_cstr(&j, "context", run->context);
    json_key_cstr(&j, "server", run->server);
    json_key_cstr(&j, "run", run->id);
    json_key(&j, "undo");
    json_array(&j);
    for (size_t i = run->count; i-- > 0;) {
        enum undo_fate fate = undo_fate(run, i);
        if (fate == UNDO_NONE)
            continue;
        json_object(&j);
        json_key_cstr(&j, "title", run->steps[i].title);
        json_key(&j, "taken_back");
        json_bool(&j, fate == UNDO_TAKE);
        json_key_cstr(&j, "why",
                      fate == UNDO_TAKE ? run->steps[i].why : why_not(&run->steps[i], fate));
        json_object_end(&j);
    }
    json_array_end(&j);
    json_object_end(&j);
    strbuf_addc(out, '\n');
}

/* ---- One of them. */

static struct deed deed_of(const struct audit_step *s)
{
    return (struct deed){.system = s->system,
                         .at = s->at,
                         .as = s->as,
                         .with = s->with,
                         .secrets = s->secrets,
                         .method = s->method,
                         .path = s->path,
                         .media = s->media ? s->media : "",
                         .body = s->body ? s->body : "",
                         .generation = -1};
}

struct taking {
    struct running *r;
    const struct audit_step *s;
    bool gone; /* what was to be taken back is not there */
};

static bool send_for_version(struct taking *k, const char *version, struct err *err)
{
    struct deed d = deed_of(k->s);
    struct strbuf body = STRBUF_INIT(TEXT_MAX);
    if (undo_body(k->s, version, &body))
        d.body = strbuf_cstr(&body);
    bool ok = target_do(k->r->o->target, &d, false, NULL, err);
    strbuf_clear(&body);
    k->gone = !ok && err->kind == ERR_NOTFOUND;
    return ok || k->gone;
}

static bool send_back(struct taking *k, struct err *err)
{
    bool ok = false, again = true;
    for (int i = 0; again && i < CONFLICTS; i++) {
        struct strbuf version = STRBUF_INIT(256);
        enum undo_whose whose = WHOSE_OURS;
        err_clear(err);
        again = k->gone = false;
        ok = undo_whose(k->r->o->target, k->s, k->r->o->anyway, &whose, &version, err);
        k->gone = ok && (whose == WHOSE_GONE || whose == WHOSE_ANOTHER);
        ok = ok && whose != WHOSE_THEIRS;
        if (ok && whose == WHOSE_ANOTHER)
            run_tell(k->r, RUN_SAYS, k->s->title,
                     "it is gone; another has its name now, and stays");
        if (ok && whose == WHOSE_OURS) {
            ok = send_for_version(k, strbuf_cstr(&version), err);
            again = !ok && version.len && err->kind == ERR_CONFLICT;
        }
        strbuf_clear(&version);
    }
    return ok;
}

static bool await_rollout(struct taking *k, struct err *err)
{
    struct step step = {.title = k->s->title,
                        .await_path = k->s->path,
                        .await = rollout_await,
                        .await_s = ROLLOUT_S};
    k->r->step = &step;
    bool ok = run_await(k->r, err);
    k->r->step = NULL;
    return ok;
}

static bool note(const struct running *r, enum audit_event event, const char *title,
                 const char *says, struct err *err)
{
    const struct audit_line line = {
        .event = event, .run = r->id, .target = r->o->target, .title = title, .says = says};
    return audit_write(r->o->audit, &line, err);
}

static bool take_back_step(struct taking *k, struct err *err)
{
    const char *title = k->s->title;
    struct err why;
    err_clear(&why);
    if (!note(k->r, AUDIT_UNDO, title, NULL, err))
        return false;
    const int64_t begun = run_tell_begun(k->r, RUN_UNDO, title);
    if (!send_back(k, &why) || (k->s->rolls && !k->gone && !await_rollout(k, &why))) {
        run_tell(k->r, RUN_FAILED, title, why.msg);
        return err_code(err, why.kind, why.code, "taking back \"%s\": %s", title, why.msg);
    }
    run_tell_ended(k->r, RUN_UNDONE, title, begun);
    return note(k->r, AUDIT_UNDONE, title, NULL, err);
}

/* ---- All of them. */

/* Before the first: what somebody else has changed leaves all of it as it is. */
static bool are_ours(const struct run_options *o, const struct audit_run *run, struct err *err)
{
    bool ok = true;
    for (size_t i = run->count; ok && !o->anyway && i-- > 0;) {
        struct strbuf version = STRBUF_INIT(256);
        enum undo_whose whose;
        if (undo_fate(run, i) == UNDO_TAKE)
            ok = undo_whose(o->target, &run->steps[i], false, &whose, &version, err) &&
                 whose != WHOSE_THEIRS;
        strbuf_clear(&version);
    }
    return ok;
}

bool run_take_back(const struct run_options *o, const struct audit_run *run, struct err *err)
{
    struct running r = {.o = o, .id = run->id};
    if (!audit_hold(o->audit, run->id, err) || !are_ours(o, run, err))
        return false;
    if (o->begun)
        o->begun(o->context, run->id);
    for (size_t i = run->count; i-- > 0;) {
        struct taking k = {.r = &r, .s = &run->steps[i]};
        if (undo_fate(run, i) == UNDO_TAKE && !take_back_step(&k, err))
            return false;
    }
    const bool all = !undo_count(run, UNDO_STAYS) && !undo_count(run, UNDO_LEANED);
    return note(&r, AUDIT_END, NULL, all ? "undone" : AUDIT_UNDONE_PARTLY, err);
}
