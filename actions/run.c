/* Running a plan, and taking it back. */
#include <config.h>

#include "actions/run.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#define LOOK_MIN_MS 100  /* between two looks at what is awaited: most is done at once, */
#define LOOK_MAX_MS 2000 /* and what takes long need not be asked often */
#define SAYS_MAX    1024

void run_line(enum run_event event, const char *title, const char *says, struct strbuf *out)
{
    static const char *const words[] = {[RUN_STEP] = "...",
                                        [RUN_SAYS] = "   ",
                                        [RUN_DONE] = "ok ",
                                        [RUN_FAILED] = "NOT",
                                        [RUN_UNDO] = "... take back:",
                                        [RUN_UNDONE] = "ok  take back:"};
    bool alone = event == RUN_SAYS;
    strbuf_addf(out, "%s %s%s%s", words[event], alone ? "" : title, says && !alone ? ": " : "",
                says ? says : "");
}

/* ---- One step. */

struct running {
    const struct run_options *o;
    const char *id;
    const struct step *step;
};

static bool note(const struct running *r, enum audit_event event, const char *title,
                 const char *says, struct err *err)
{
    const struct audit_line line = {.event = event,
                                    .run = r->id,
                                    .target = r->o->target,
                                    .step = r->step,
                                    .title = title,
                                    .says = says};
    return audit_write(r->o->audit, &line, err);
}

static void tell(const struct running *r, enum run_event event, const char *title, const char *says)
{
    if (r->o->tell)
        r->o->tell(r->o->context, event, title, says);
}

/* False: asked to stop. */
static bool rest(const struct running *r, int ms, struct err *err)
{
    struct pollfd cancel = {.fd = target_cancel_fd(r->o->target), .events = POLLIN};
    int got;
    do
        got = poll(&cancel, 1, ms);
    while (got < 0 && errno == EINTR);
    return got <= 0 || err_set(err, ERR_CANCELLED, "waiting was given up; what was sent goes on");
}

static enum awaiting look(const struct running *r, struct strbuf *says, struct err *err)
{
    struct json_doc *doc;
    strbuf_truncate(says, 0);
    err_clear(err);
    bool asked = r->step->await_path ? target_get(r->o->target, r->step->await_path, &doc, err)
                                     : target_look(r->o->target, &r->step->look, &doc, err);
    if (!asked) {
        strbuf_adds(says, err->msg);
        return AWAIT_MORE; /* it may be the network: what was sent goes on without us */
    }
    if (!doc && !r->step->ends)
        strbuf_adds(says, "it is not there any more");
    enum awaiting a = doc ? r->step->await(r->o->target, r->step, json_doc_root(doc), says)
                      : r->step->ends ? AWAIT_DONE
                                      : AWAIT_FAILED;
    json_doc_free_wiped(doc); /* it may be a Secret */
    return a;
}

/* Until it is as it should be. */
static bool await_step(const struct running *r, struct err *err)
{
    struct strbuf says = STRBUF_INIT(SAYS_MAX), before = STRBUF_INIT(SAYS_MAX);
    const struct clock *clock = target_clock(r->o->target);
    int64_t end = clock_mono_ms(clock) + (int64_t)r->step->await_s * 1000;
    enum awaiting a = AWAIT_MORE;
    int ms = LOOK_MIN_MS;
    bool ok = rest(r, ms, err);
    while (ok && (a = look(r, &says, err)) == AWAIT_MORE) {
        if (strcmp(strbuf_cstr(&says), strbuf_cstr(&before)) != 0)
            tell(r, RUN_SAYS, r->step->title, strbuf_cstr(&says));
        strbuf_truncate(&before, 0);
        strbuf_add(&before, strbuf_span(&says));
        if (clock_mono_ms(clock) >= end)
            ok = err_set(err, ERR_TIMEOUT, "not as it should be after %d s: %s", r->step->await_s,
                         says.len ? strbuf_cstr(&says) : "nothing is known");
        else
            ok = rest(r, ms = ms * 2 < LOOK_MAX_MS ? ms * 2 : LOOK_MAX_MS, err);
    }
    if (ok && a == AWAIT_DONE && says.len)
        tell(r, RUN_SAYS, r->step->title, strbuf_cstr(&says));
    if (ok && a == AWAIT_FAILED)
        ok = err_set(err, ERR_GONE, "%s", says.len ? strbuf_cstr(&says) : "it failed");
    strbuf_clear(&says);
    strbuf_clear(&before);
    return ok;
}

bool run_is_open(const struct err *err)
{
    return err->kind == ERR_IO || err->kind == ERR_TIMEOUT || err->kind == ERR_CANCELLED;
}

static bool run_step(struct running *r, const struct step *s, struct err *err)
{
    struct err why;
    r->step = s;
    err_clear(&why);
    /* What is so already may have been this run's doing: its line is there. */
    if (s->deed.method && !note(r, AUDIT_STEP, NULL, NULL, err))
        return false;
    tell(r, RUN_STEP, s->title, NULL);
    bool ok = !s->deed.method || target_do(r->o->target, &s->deed, false, NULL, &why);
    ok = ok || (s->ends && why.kind == ERR_NOTFOUND); /* it is gone already */
    if (ok && s->await)
        ok = await_step(r, &why);
    tell(r, ok ? RUN_DONE : RUN_FAILED, s->title, ok ? NULL : why.msg);
    if (ok || !run_is_open(&why))
        ok = note(r, ok ? AUDIT_DONE : AUDIT_FAILED, NULL, ok ? NULL : why.msg, err) && ok;
    if (!ok && why.kind != ERR_NONE)
        (void)err_code(err, why.kind, why.code, "%s: %s", s->title, why.msg);
    return ok;
}

/* ---- A plan. */

static bool begin(const struct running *r, const struct answers *answers, const struct plan *plan,
                  struct err *err)
{
    const struct audit_line line = {.event = AUDIT_BEGIN,
                                    .run = r->id,
                                    .target = r->o->target,
                                    .answers = answers,
                                    .plan = plan};
    return audit_hold(r->o->audit, r->id, err) &&
           (r->o->id || audit_write(r->o->audit, &line, err));
}

bool run_go(const struct run_options *o, const struct answers *answers, const struct plan *plan,
            struct err *err)
{
    char id[AUDIT_RUN_ID];
    struct running r = {.o = o, .id = o->id ? o->id : id};
    size_t done = 0;
    bool ok = (o->id || audit_run_id(id, err)) && begin(&r, answers, plan, err);
    if (!ok)
        return false;
    if (o->begun)
        o->begun(o->context, r.id);
    for (size_t i = 0; ok && i < plan->count; i++)
        if (plan->steps[i].deed.method || plan->steps[i].await) {
            ok = run_step(&r, &plan->steps[i], err);
            done += ok;
        }
    r.step = NULL;
    if (ok && plan->action->ended)
        plan->action->ended(answers);
    if (ok)
        return note(&r, AUDIT_END, NULL, "done", err);
    struct err why = *err, other;
    if (run_is_open(&why))
        return err_code(err, why.kind, why.code, "%s; run %s has no end: binnacle do --resume",
                        why.msg, r.id);
    if (!done && !note(&r, AUDIT_END, NULL, "failed", &other))
        return err_set(err, other.kind, "%s; and %s", why.msg, other.msg);
    if (done)
        (void)err_code(err, why.kind, why.code,
                       "%s; before it %zu were done: binnacle do --resume, "
                       "or --undo",
                       why.msg, done);
    return false;
}

/* ---- Back. */

static bool undo_step(struct running *r, const struct audit_step *s, struct err *err)
{
    const struct deed d = {.system = s->system,
                           .at = s->at,
                           .as = s->as,
                           .with = s->with,
                           .secrets = s->secrets,
                           .method = s->method,
                           .path = s->path,
                           .media = s->media ? s->media : "",
                           .body = s->body ? s->body : "",
                           .generation = -1};
    struct err why;
    err_clear(&why);
    if (!note(r, AUDIT_UNDO, s->title, NULL, err))
        return false;
    tell(r, RUN_UNDO, s->title, NULL);
    if (!target_do(r->o->target, &d, false, NULL, &why) && why.kind != ERR_NOTFOUND) {
        tell(r, RUN_FAILED, s->title, why.msg);
        return err_code(err, why.kind, why.code, "taking back \"%s\": %s", s->title, why.msg);
    }
    tell(r, RUN_UNDONE, s->title, NULL);
    return note(r, AUDIT_UNDONE, s->title, NULL, err);
}

bool run_take_back(const struct run_options *o, const struct audit_run *run, struct err *err)
{
    struct running r = {.o = o, .id = run->id};
    if (!audit_hold(o->audit, run->id, err))
        return false;
    if (o->begun)
        o->begun(o->context, run->id);
    for (size_t i = run->count; i-- > 0;) {
        const struct audit_step *s = &run->steps[i];
        if (s->state != AUDIT_DONE && s->state != AUDIT_STEP)
            continue;
        if (!s->method)
            return err_set(err, ERR_CONFIG, "\"%s\" cannot be taken back", s->title);
        if (!undo_step(&r, s, err))
            return false;
    }
    return note(&r, AUDIT_END, NULL, "undone", err);
}
