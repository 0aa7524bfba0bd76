/* From answers to an end. */
#include <config.h>

#include "actions/work.h"

#include "actions/record.h"
#include "actions/secrets.h"

#include <stdio.h>
#include <string.h>

#define LINE_MAX_BYTES ((size_t)1 << 20)

struct work {
    const struct work_options *o;
    const struct work_voice *v;
    struct answers *answers; /* borrowed */
    struct target *target;
    struct audit *audit;
    struct record *record;
    struct plan plan;
    struct audit_run before; /* the run that is gone on with */
    struct strbuf told;      /* what that one has said */
    char id[AUDIT_RUN_ID];
};

/* ---- What it says goes to who has begun it and to who watches. */

static void say(struct work *w, const char *line)
{
    record_line(w->record, line);
    w->v->says(w->v->context, line);
}

static void on_event(void *context, enum run_event event, const char *title, const char *says)
{
    struct strbuf line = STRBUF_INIT(16384);
    run_line(event, title, says, &line);
    say(context, strbuf_cstr(&line));
    strbuf_clear(&line);
}

static void on_begun(void *context, const char *id)
{
    struct work *w = context;
    struct strbuf text = STRBUF_INIT(LINE_MAX_BYTES);
    (void)snprintf(w->id, sizeof(w->id), "%s", id);
    w->record = record_begin(w->o->audit, id);
    if (w->plan.action)
        plan_print(&w->plan, w->target, false, &text);
    else
        undo_text(&w->before, &text);
    record_line(w->record, strbuf_cstr(&text));
    strbuf_clear(&text);
    w->v->begun(w->v->context, id);
}

static enum work_end ended(struct work *w, bool ok, const struct err *err)
{
    if (!ok && w->id[0])
        record_line(w->record, err->msg);
    record_end(w->record);
    w->record = NULL;
    if (ok && w->v->done)
        w->v->done(w->v->context, w->target, w->audit, w->id);
    return ok ? WORK_DONE : !w->id[0] ? WORK_REFUSED : run_is_open(err) ? WORK_OPEN : WORK_FAILED;
}

/* ---- */

static bool take_typed(struct work *w, struct err *err)
{
    bool ok = true;
    for (const struct field *f = w->answers->action->fields; ok && f->name; f++) {
        struct strbuf value = STRBUF_INIT(LINE_MAX_BYTES);
        if (f->type == FIELD_SECRET && strcmp(answers_get(w->answers, f->name), SECRET_ASK) == 0) {
            ok = w->v->typed(w->v->context, f, &value, err);
            if (ok)
                secrets_put(w->target, f->name, strbuf_span(&value));
        }
        strbuf_wipe(&value);
    }
    return ok;
}

/* Whether what its run gives goes somewhere. */
static bool has_taker(const struct work *w, struct err *err)
{
    const char *into = w->answers->action->into;
    return !into || w->v->done || answers_get(w->answers, into)[0] ||
           err_set(err, ERR_CONFIG, "--%s: it wants a new file here; nothing is printed", into);
}

static struct run_options run_options(struct work *w)
{
    return (struct run_options){.target = w->target,
                                .audit = w->audit,
                                .id = w->o->what == WORK_RESUME ? w->before.id : NULL,
                                .before = strbuf_span(&w->told),
                                .begun = on_begun,
                                .tell = on_event,
                                .context = w,
                                .anyway = w->o->anyway};
}

static enum work_end confirm_and_run(struct work *w, struct err *err)
{
    if (!plan_follows(&w->plan) &&
        !w->v->confirm(w->v->context, target_context(w->target), w->plan.risk == RISK_DESTROY, err))
        return WORK_REFUSED;
    w->audit = audit_open(w->o->audit, err);
    if (!w->audit)
        return WORK_REFUSED;
    if (w->o->what == WORK_RESUME)
        record_read(w->o->audit, w->before.id, &w->told);
    const struct run_options with = run_options(w);
    bool ok = w->o->what == WORK_UNDO ? run_take_back(&with, &w->before, err)
                                      : run_go(&with, w->answers, &w->plan, err);
    return ended(w, ok, err);
}

/* Where the run stood, by the audit log; the plan says what of it is left. */
static void note_where(struct work *w)
{
    const struct audit_run *run = &w->before;
    const struct audit_step *last = run->count ? &run->steps[run->count - 1] : NULL;
    struct strbuf text = STRBUF_INIT(4096);
    size_t done = 0;
    for (size_t i = 0; i < run->count; i++)
        done += run->steps[i].state == AUDIT_DONE;
    strbuf_addf(&text, "Run %.12s, begun %s by %s: ", run->id, run->at ? run->at : "?",
                run->who ? run->who : "?");
    if (done)
        strbuf_addf(&text, "%zu step%s done", done, done == 1 ? "" : "s");
    else
        strbuf_adds(&text, "no step done");
    if (last && last->state == AUDIT_FAILED)
        strbuf_addf(&text, "; \"%s\" failed", last->title);
    else if (last && last->state == AUDIT_STEP)
        strbuf_addf(&text, "; \"%s\" was %s, and its end is not known", last->title,
                    last->sent ? "taken" : "announced");
    strbuf_addc(&text, '.');
    plan_note(&w->plan, plan_text(&w->plan, "%s", strbuf_cstr(&text)));
    strbuf_clear(&text);
}

static enum work_end plan_and_run(struct work *w, struct err *err)
{
    const char *ns = w->o->ns ? w->o->ns : target_namespace(w->target);
    if (!answers_complete(w->answers, ns, err))
        return WORK_WRONG;
    if (!has_taker(w, err))
        return WORK_WRONG;
    if (w->o->what == WORK_NEW && w->o->terminal && w->answers->action->ask &&
        !w->answers->action->ask(w->target, w->answers, err))
        return WORK_REFUSED;
    if (!take_typed(w, err) || !plan_make(w->answers, w->target, &w->plan, err))
        return WORK_REFUSED;
    if (w->o->what == WORK_RESUME)
        note_where(w);
    bool checked = w->o->unchecked || run_check(&w->plan, w->target, err);
    w->v->plan(w->v->context, w->target, &w->plan, NULL);
    if (plan_empty(&w->plan) && !plan_follows(&w->plan) && w->o->what == WORK_NEW)
        return WORK_NOTHING;
    if (!checked)
        return WORK_REFUSED;
    return w->o->dry || w->o->unchecked ? WORK_PLANNED : confirm_and_run(w, err);
}

/* The first of its steps that stays. */
static const struct audit_step *first_left(const struct audit_run *run)
{
    size_t i = run->count;
    enum undo_fate fate = UNDO_NONE;
    while (i && fate != UNDO_STAYS)
        fate = undo_fate(run, --i);
    return fate == UNDO_STAYS ? &run->steps[i] : NULL;
}

static enum work_end take_back(struct work *w, struct err *err)
{
    const struct audit_step *left = first_left(&w->before);
    w->v->plan(w->v->context, w->target, NULL, &w->before);
    if (left && !undo_count(&w->before, UNDO_TAKE)) {
        (void)err_set(err, ERR_CONFLICT,
                      "nothing of run %.12s can be taken back: \"%s\" stays (%s); binnacle do "
                      "--resume or --leave",
                      w->before.id, left->title, left->why ? left->why : "nothing takes it back");
        return WORK_REFUSED;
    }
    if (w->o->dry)
        return WORK_PLANNED;
    enum work_end end = confirm_and_run(w, err);
    if (end != WORK_DONE || !left)
        return end;
    (void)err_set(err, ERR_CONFLICT, "taken back, but for \"%s\"%s", left->title,
                  undo_count(&w->before, UNDO_STAYS) + undo_count(&w->before, UNDO_LEANED) > 1
                      ? " and others"
                      : "");
    return WORK_PARTLY;
}

/* "2026-02-13 09:00Z in demo" */
static void add_when(const struct audit_run *run, struct strbuf *out)
{
    const char *at = run->at && strlen(run->at) > 16 ? run->at : "                 ";
    strbuf_addf(out, "%.10s %.5sZ in %s", at, at + 11, run->context ? run->context : "?");
}

static void add_brief(const struct audit_run *run, size_t done, const char *how, struct strbuf *out)
{
    strbuf_addf(out, "%s stopped ", run->action ? run->action : "an action");
    if (run->count > done)
        strbuf_addf(out, "amid step %zu: %s (\"%s\", ", run->count, how,
                    run->steps[run->count - 1].title);
    else
        strbuf_addf(out, "after %zu step%s: %s (", done, done == 1 ? "" : "s", how);
    add_when(run, out);
    strbuf_addc(out, ')');
}

bool work_notice(const char *audit, const char *how, bool *goes_on, struct strbuf *out)
{
    struct audit_run run;
    struct err why;
    size_t done = 0;
    if (!audit_unfinished(audit, NULL, AUDIT_LOOSE_FIRST, &run, &why))
        return false;
    for (size_t i = 0; i < run.count; i++)
        done += run.steps[i].state == AUDIT_DONE;
    *goes_on = audit_is_held(audit, run.id);
    if (how && !*goes_on) {
        add_brief(&run, done, how, out);
        audit_run_clear(&run);
        return true;
    }
    strbuf_addf(out, "%s of ", run.action ? run.action : "an action");
    add_when(&run, out);
    if (*goes_on)
        strbuf_adds(out, " goes on");
    else if (run.count > done)
        strbuf_addf(out, " has no end: it stood at \"%s\"", run.steps[run.count - 1].title);
    else
        strbuf_addf(out, " has no end: %zu of its steps were done", done);
    audit_run_clear(&run);
    return true;
}

bool work_leave(const char *audit, const char *id, char left[AUDIT_RUN_ID], struct err *err)
{
    struct audit_run run;
    if (!audit_unfinished(audit, id, id ? AUDIT_ANY : AUDIT_LOOSE, &run, err))
        return false;
    const struct audit_line line = {.event = AUDIT_END, .run = run.id, .of = &run, .says = "left"};
    struct audit *a = audit_open(audit, err);
    bool ok = a && audit_hold(a, run.id, err) && audit_write(a, &line, err);
    audit_close(a);
    (void)snprintf(left, AUDIT_RUN_ID, "%s", run.id);
    audit_run_clear(&run);
    return ok;
}

/* ---- A run that was cut short. */

static bool find_run(struct work *w, struct err *err)
{
    const char *id = w->o->run;
    if (!audit_unfinished(w->o->audit, id, id ? AUDIT_ANY : AUDIT_LOOSE_FIRST, &w->before, err))
        return false;
    if (!w->before.answers.action)
        return err_set(err, ERR_CONFIG, "run %s is of another version of this program: %s",
                       w->before.id, w->before.action ? w->before.action : "no action");
    w->answers = &w->before.answers;
    return true;
}

/* A run is gone on with where it was begun. */
static bool is_same_place(const struct work *w, struct err *err)
{
    if (w->o->what == WORK_NEW)
        return true;
    if (strcmp(w->before.context, target_context(w->target)) == 0 &&
        strcmp(w->before.server, target_server(w->target)) == 0)
        return true;
    return err_set(err, ERR_CONFIG, "run %s is of context %s (%s), this is %s (%s)", w->before.id,
                   w->before.context, w->before.server, target_context(w->target),
                   target_server(w->target));
}

static bool open_target(struct work *w, struct err *err)
{
    struct target_options o = w->o->target;
    if (w->o->what != WORK_NEW && !o.context)
        o.context = w->before.context;
    w->target = target_open(&o, err);
    return w->target && is_same_place(w, err);
}

enum work_end work_go(const struct work_options *o, struct answers *answers,
                      const struct work_voice *v, struct err *err)
{
    struct work w = {.o = o, .v = v, .answers = answers, .told = STRBUF_INIT(RECORD_MAX)};
    enum work_end end = WORK_REFUSED;
    if ((o->what == WORK_NEW || find_run(&w, err)) && open_target(&w, err))
        end = o->what == WORK_UNDO ? take_back(&w, err) : plan_and_run(&w, err);
    plan_done(&w.plan);
    record_end(w.record);
    audit_close(w.audit);
    audit_run_clear(&w.before);
    strbuf_clear(&w.told);
    target_close(w.target);
    return end;
}
