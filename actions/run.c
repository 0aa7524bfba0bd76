/* Running a plan. */
#include <config.h>

#include "actions/follow.h"
#include "actions/run_impl.h"
#include "base/timetext.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#define LOOK_MIN_MS 100  /* between two looks at what is awaited: most is done at once, */
#define LOOK_MAX_MS 2000 /* and what takes long need not be asked often */
#define LOOK_LOG_MS 1000 /* where a log is followed too */
#define SAYS_MAX    1024

void run_line(enum run_event event, const char *title, const char *says, struct strbuf *out)
{
    static const struct {
        const char *begins, *before, *behind; /* of what it says */
    } forms[] = {[RUN_STEP] = {RUN_BEGINS, " (", ")"},
                 [RUN_SAYS] = {RUN_SAID, NULL, ""},
                 [RUN_LOG] = {RUN_LOGGED, NULL, ""},
                 [RUN_DONE] = {"ok  ", " (", ")"},
                 [RUN_FAILED] = {"NOT ", ": ", ""},
                 [RUN_LEFT] = {"--  ", ": ", ""},
                 [RUN_UNDO] = {RUN_BEGINS "take back: ", " (", ")"},
                 [RUN_UNDONE] = {"ok  take back: ", " (", ")"}};

    strbuf_adds(out, forms[event].begins);
    if (forms[event].before)
        strbuf_adds(out, title);
    if (forms[event].before && says)
        strbuf_adds(out, forms[event].before);
    if (says)
        strbuf_addf(out, "%s%s", says, forms[event].behind);
}

/* The clock goes round once a day, and no step takes as long. */
bool run_line_age(struct span line, int64_t now_ms, int64_t *ms)
{
    static const int64_t day = INT64_C(86400000);
    const size_t len = strlen(RUN_SINCE "09:00:12Z)");
    struct span end = line.len > len ? span_sub(line, line.len - len, len) : SPAN("");
    struct strbuf at = STRBUF_INIT(64);
    int64_t then;
    bool ok = span_starts(line, RUN_BEGINS) && span_starts(end, RUN_SINCE);
    strbuf_addf(&at, "1970-01-01T%.9s", ok ? end.data + strlen(RUN_SINCE) : "");
    ok = ok && time_parse(strbuf_span(&at), &then);
    if (ok)
        *ms = ((now_ms - then) % day + day) % day;
    strbuf_clear(&at);
    return ok;
}

/* ---- One step. */

/* What came of a request to the API server. */
struct outcome {
    int64_t generation; /* of a patched object; 0: it has none */
    char uid[64];       /* of one that was made; "": none was, or it does not say */
};

static bool note(const struct running *r, enum audit_event event, const char *says,
                 const struct outcome *o, struct err *err)
{
    const struct audit_line line = {.event = event,
                                    .run = r->id,
                                    .target = r->o->target,
                                    .step = event == AUDIT_SENT ? NULL : r->step,
                                    .title = event == AUDIT_SENT ? r->step->title : NULL,
                                    .says = says,
                                    .uid = o ? o->uid : NULL,
                                    .generation = o ? o->generation : 0};
    return audit_write(r->o->audit, &line, err);
}

void run_tell(const struct running *r, enum run_event event, const char *title, const char *says)
{
    if (r->o->tell)
        r->o->tell(r->o->context, event, title, says);
}

int64_t run_tell_begun(const struct running *r, enum run_event event, const char *title)
{
    char at[TIMETEXT_MAX], says[TIMETEXT_MAX + 16];
    time_format_clock(target_now(r->o->target), true, at);
    (void)snprintf(says, sizeof(says), "since %sZ", at);
    run_tell(r, event, title, says);
    return clock_mono_ms(target_clock(r->o->target));
}

void run_tell_ended(const struct running *r, enum run_event event, const char *title,
                    int64_t begun_ms)
{
    char took[TIMETEXT_MAX];
    duration_format_measured(clock_mono_ms(target_clock(r->o->target)) - begun_ms, took);
    run_tell(r, event, title, took);
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

static enum awaiting look(const struct running *r, struct follow *log, struct strbuf *says,
                          struct err *err)
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
    if (doc)
        follow_turn(log, json_doc_root(doc));
    enum awaiting a = doc ? r->step->await(r->o->target, r->step, json_doc_root(doc), says)
                      : r->step->ends ? AWAIT_DONE
                                      : AWAIT_FAILED;
    json_doc_free_wiped(doc); /* it may be a Secret */
    return a;
}

static void on_log(void *context, const char *line)
{
    const struct running *r = context;
    run_tell(r, RUN_LOG, r->step->title, line);
}

/* Until it is as it should be. */
bool run_await(const struct running *r, struct err *err)
{
    struct running told = *r;
    struct follow *log = follow_new(r->o->target, r->step, r->o->before, on_log, &told);
    struct strbuf says = STRBUF_INIT(SAYS_MAX), before = STRBUF_INIT(SAYS_MAX);
    const struct clock *clock = target_clock(r->o->target);
    int64_t end = clock_mono_ms(clock) + (int64_t)r->step->await_s * 1000;
    enum awaiting a = AWAIT_MORE;
    const int most = log ? LOOK_LOG_MS : LOOK_MAX_MS;
    int ms = LOOK_MIN_MS;
    bool ok = rest(r, ms, err);
    while (ok && (a = look(r, log, &says, err)) == AWAIT_MORE) {
        if (strcmp(strbuf_cstr(&says), strbuf_cstr(&before)) != 0)
            run_tell(r, RUN_SAYS, r->step->title, strbuf_cstr(&says));
        strbuf_truncate(&before, 0);
        strbuf_add(&before, strbuf_span(&says));
        if (clock_mono_ms(clock) >= end)
            ok = err_set(err, ERR_TIMEOUT, "not as it should be after %d s: %s", r->step->await_s,
                         says.len ? strbuf_cstr(&says) : "nothing is known");
        else
            ok = rest(r, ms = ms * 2 < most ? ms * 2 : most, err);
    }
    if (ok && a == AWAIT_DONE && says.len)
        run_tell(r, RUN_SAYS, r->step->title, strbuf_cstr(&says));
    if (ok && a == AWAIT_FAILED)
        ok = err_set(err, ERR_GONE, "%s", says.len ? strbuf_cstr(&says) : "it failed");
    follow_free(log);
    strbuf_clear(&says);
    strbuf_clear(&before);
    return ok;
}

bool run_is_open(const struct err *err)
{
    return err->kind == ERR_IO || err->kind == ERR_TIMEOUT || err->kind == ERR_CANCELLED;
}

static bool send_step(const struct running *r, const struct step *s, struct outcome *o,
                      struct err *err)
{
    const bool patch = !s->deed.system && strcmp(s->deed.method, "PATCH") == 0,
               makes = !s->deed.system && strcmp(s->deed.method, "POST") == 0;
    struct json_doc *answer = NULL;
    bool ok = target_do(r->o->target, &s->deed, false, patch || makes ? &answer : NULL, err);
    const struct json_node *metadata = json_node_get(json_doc_root(answer), "metadata");
    if (!patch || !json_node_int(json_node_get(metadata, "generation"), &o->generation))
        o->generation = 0;
    if (makes)
        (void)snprintf(o->uid, sizeof(o->uid), "%s", json_node_path_text(metadata, "uid", ""));
    json_doc_free_wiped(answer);                         /* it may be a Secret */
    return ok || (s->ends && err->kind == ERR_NOTFOUND); /* it is gone already */
}

/* Announces it, sends it, and notes that it was taken: what comes of it later may be bad, and is to be
 * taken back all the same. */
static bool send_noted(const struct running *r, const struct step *s, struct outcome *o,
                       int64_t *begun_ms, struct err *why, struct err *err)
{
    const struct outcome planned = {.generation = s->deed.generation};
    *begun_ms = 0;
    /* What is so already may have been this run's doing: its line is there. */
    if (!s->deed.method) {
        *begun_ms = run_tell_begun(r, RUN_STEP, s->title);
        return true;
    }
    if (!note(r, AUDIT_STEP, NULL, &planned, err))
        return false;
    *begun_ms = run_tell_begun(r, RUN_STEP, s->title);
    return send_step(r, s, o, why) && (!s->await || note(r, AUDIT_SENT, NULL, o, err));
}

static bool run_step(struct running *r, const struct step *s, struct err *err)
{
    struct err why;
    struct outcome o = {0};
    int64_t begun;
    r->step = s;
    err_clear(&why);
    err_clear(err);
    bool ok = send_noted(r, s, &o, &begun, &why, err);
    if (err->kind != ERR_NONE) { /* the audit log cannot be written */
        if (begun)
            run_tell(r, RUN_FAILED, s->title, "it was sent; what has come of it is not known");
        return false;
    }
    if (ok && s->await)
        ok = run_await(r, &why);
    if (ok)
        run_tell_ended(r, RUN_DONE, s->title, begun);
    else
        run_tell(r, RUN_FAILED, s->title, why.msg);
    if (ok || !run_is_open(&why))
        ok = note(r, ok ? AUDIT_DONE : AUDIT_FAILED, ok ? NULL : why.msg, &o, err) && ok;
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

/* What stands of a run whose step has failed, as its log has it. */
struct left {
    size_t all, back; /* that were sent; of them, those that can be taken back */
    bool others;      /* not only the one that has failed */
};

static struct left what_is_left(const struct running *r)
{
    struct audit_run run;
    struct err why;
    struct left left = {0};
    if (!audit_unfinished(audit_where(r->o->audit), r->id, AUDIT_ANY, &run, &why))
        return (struct left){1, 1, true}; /* it is not known: it stays open */
    for (size_t i = 0; i < run.count; i++) {
        enum undo_fate fate = undo_fate(&run, i);
        left.all += fate != UNDO_NONE;
        left.back += fate == UNDO_TAKE;
        left.others = left.others || (fate != UNDO_NONE && run.steps[i].state != AUDIT_FAILED);
    }
    audit_run_clear(&run);
    return left;
}

/* It was only looked at, by a run that has sent nothing: there is nothing to take up. */
static bool end_followed(struct running *r, struct err *err)
{
    struct err why = *err;
    return note(r, AUDIT_END, "left", NULL, err) &&
           err_set(err, ERR_GONE, "%s; this run has sent nothing", why.msg);
}

/* What can be done is said whole, however long the reason is: that stands before, with its step. */
static bool say_ways(const struct err *why, const char *ways, struct err *err)
{
    static const char more[] = "\xe2\x80\xa6";
    const size_t room = ERR_MESSAGE_MAX - sizeof(more) - strlen("; ") - strlen(ways);
    size_t len = strlen(why->msg);
    const bool cut = len > room;
    for (len = cut ? room : len; cut && ((unsigned char)why->msg[len] & 0xc0) == 0x80;)
        len--;
    return err_code(err, why->kind, why->code, "%.*s%s; %s", (int)len, why->msg, cut ? more : "",
                    ways);
}

static bool end_failed(struct running *r, struct err *err)
{
    struct err why = *err, other;
    char ways[200];
    if (run_is_open(&why)) {
        (void)snprintf(ways, sizeof(ways),
                       "run %s has no end: binnacle do --resume, --undo or --leave", r->id);
        return say_ways(&why, ways, err);
    }
    const struct left left = what_is_left(r);
    if (!left.all)
        return note(r, AUDIT_END, "failed", NULL, &other)
                   ? false
                   : err_set(err, other.kind, "%s; and %s", why.msg, other.msg);
    (void)snprintf(ways, sizeof(ways), "%s%s: binnacle do --resume%s or --leave",
                   left.others ? "what was done before it stands" : "it was sent",
                   left.back ? "" : ", and cannot be taken back", left.back ? ", --undo" : "");
    return say_ways(&why, ways, err);
}

/* From the step that has failed on; a run that only follows has nothing left of it. */
static bool stop(struct running *r, const struct plan *plan, size_t failed, struct err *err)
{
    r->step = NULL;
    for (size_t i = failed + 1; i < plan->count; i++)
        if (plan->steps[i].deed.method || plan->steps[i].await)
            run_tell(r, RUN_LEFT, plan->steps[i].title, "not begun");
    return plan_follows(plan) && !r->o->id && run_is_open(err) ? end_followed(r, err)
                                                               : end_failed(r, err);
}

bool run_go(const struct run_options *o, const struct answers *answers, const struct plan *plan,
            struct err *err)
{
    char id[AUDIT_RUN_ID];
    struct running r = {.o = o, .id = o->id ? o->id : id};
    bool ok = (o->id || audit_run_id(id, err)) && begin(&r, answers, plan, err);
    if (!ok)
        return false;
    if (o->begun)
        o->begun(o->context, r.id);
    for (size_t i = 0; i < plan->count; i++)
        if ((plan->steps[i].deed.method || plan->steps[i].await) &&
            !run_step(&r, &plan->steps[i], err))
            return stop(&r, plan, i, err);
    r.step = NULL;
    if (plan->action->ended)
        plan->action->ended(answers);
    return note(&r, AUDIT_END, "done", NULL, err);
}
