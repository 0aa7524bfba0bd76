/* Guided actions on the screen. */
#include <config.h>

#include "tui/acting.h"

#include "actions/doing.h"
#include "actions/work.h"
#include "base/alloc.h"
#include "base/file.h"
#include "cli/sites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WAIT "wait" /* a field, no|yes */

static void copy_answers(const struct answers *from, struct answers *to)
{
    if (from == to)
        return;
    answers_clear(to);
    to->action = from->action;
    for (size_t i = 0; i < ACTION_FIELDS_MAX; i++)
        to->value[i] = from->value[i] ? xalloc_text(from->value[i]) : NULL;
}

static void remember(struct ui *ui, const struct answers *a, const char *run)
{
    if (!ui->asked)
        ui->asked = xalloc_zero(1, sizeof(*ui->asked));
    copy_answers(a, ui->asked);
    if (run != ui->asked_run)
        (void)snprintf(ui->asked_run, sizeof(ui->asked_run), "%s", run);
}

const struct answers *acting_answers(const struct ui *ui, const char *action)
{
    return ui->asked && ui->asked->action && strcmp(ui->asked->action->name, action) == 0
               ? ui->asked
               : NULL;
}

bool acting_may(struct ui *ui, struct err *err)
{
    if (session_read_only(ui->session))
        return err_set(err, ERR_DENIED, "--read-only: nothing can be changed");
    if (acting_goes_on(ui))
        return err_set(err, ERR_CONFLICT, "another action runs: `:do` shows it");
    return true;
}

static bool open_form(struct ui *ui, const struct answers *known, const char *run, struct err *err)
{
    struct place place = {.cls = &screen_form, .kind = -1, .source = SOURCE_ANY};
    (void)snprintf(place.part, sizeof(place.part), "%s", known->action->name);
    remember(ui, known, run);
    return ui_open(ui, &place, err);
}

bool acting_ask(struct ui *ui, const struct answers *known, struct err *err)
{
    return open_form(ui, known, known == ui->asked ? ui->asked_run : "", err);
}

/* ---- Processes. */

static size_t take_secrets(const struct form *f, struct doing_secret out[ACTION_FIELDS_MAX])
{
    size_t n = 0;
    for (size_t i = 0; f && i < f->count; i++)
        if (f->asked[i] && form_text(f, i).len)
            out[n++] = (struct doing_secret){f->action->fields[i].name, form_text(f, i)};
    return n;
}

static struct doing *start(struct ui *ui, struct doing_options *o, const struct answers *a,
                           struct err *err)
{
    bool shifted = clock_is_shifted(session_clock(ui->session));
    char *audit = file_audit_path(shifted);
    const char *ns = session_namespace(ui->session);
    struct sites sites;
    struct doing *d = NULL;
    cli_sites(session_config(ui->session), &sites);
    o->kubeconfig = session_kubeconfig(ui->session);
    o->ns = ns[0] ? ns : NULL;
    o->wall_ms = shifted ? ui->now_ms : 0;
    o->audit = audit;
    o->sites = &sites;
    if (audit)
        d = doing_start(o, a, err);
    else
        (void)err_set(err, ERR_CONFIG, "HOME is not set: there is no place for the audit log");
    free(audit);
    sites_clear(&sites);
    return d;
}

/* o: what differs from one to the next. */
static bool begin(struct ui *ui, struct doing_options *o, const struct answers *a, struct err *err)
{
    struct place place = {.cls = &screen_doing, .kind = -1, .source = SOURCE_ANY};
    struct doing *d = start(ui, o, a, err);
    if (!d)
        return false;
    doing_end(ui->doing);
    ui->doing = d;
    return ui_open(ui, &place, err);
}

void acting_preview_end(struct ui *ui)
{
    if (ui->preview)
        doing_cancel(ui->preview);
    doing_end(ui->preview);
    ui->preview = NULL;
}

bool acting_preview(struct ui *ui, const struct answers *a, const struct form *form,
                    struct err *err)
{
    struct doing_secret secrets[ACTION_FIELDS_MAX];
    struct doing_options o = {.context = session_context(ui->session),
                              .what = DO_PREVIEW,
                              .secrets = secrets,
                              .nsecrets = take_secrets(form, secrets)};
    acting_preview_end(ui);
    ui->preview = start(ui, &o, a, err);
    ui->previews++;
    return ui->preview != NULL;
}

/* An action that has a person do more than fill fields has the terminal for it: an editor. */
static bool ask_outside(struct ui *ui, struct answers *a, struct err *err)
{
    const struct target_options o = {.kubeconfig = session_kubeconfig(ui->session),
                                     .context = session_context(ui->session),
                                     .clock = session_clock(ui->session)};
    const char *ns = session_namespace(ui->session);
    struct target *t = target_open(&o, err);
    bool ok = t && answers_complete(a, ns[0] ? ns : target_namespace(t), err);
    if (ok) {
        term_leave(ui->term);
        ok = a->action->ask(t, a, err);
        term_return(ui->term);
        ui->resized = true;
    }
    target_close(t);
    return ok;
}

static bool begin_new(struct ui *ui, const struct answers *a, const struct form *form,
                      struct err *err)
{
    struct doing_secret secrets[ACTION_FIELDS_MAX];
    struct doing_options o = {.context = session_context(ui->session),
                              .secrets = secrets,
                              .nsecrets = take_secrets(form, secrets)};
    remember(ui, a, form ? ui->asked_run : "");
    if (ui->asked_run[0]) {
        o.what = DO_RESUME;
        o.run = ui->asked_run;
        o.context = NULL; /* as the run was begun */
    }
    return acting_may(ui, err) && begin(ui, &o, a, err);
}

bool acting_start(struct ui *ui, const struct answers *a, const struct form *form, struct err *err)
{
    struct answers asked = {0};
    if (!a->action->ask || (form && ui->asked_run[0]))
        return begin_new(ui, a, form, err);
    copy_answers(a, &asked);
    bool ok =
        acting_may(ui, err) && ask_outside(ui, &asked, err) && begin_new(ui, &asked, form, err);
    answers_clear(&asked);
    return ok;
}

/* ---- The choice of a plan whether it waits first. */

static bool turn_field(struct ui *ui, struct answers *a, size_t i, struct err *err)
{
    const bool waits = strcmp(answers_get(a, WAIT), "yes") == 0;
    if (!answers_set(a, WAIT, waits ? "no" : "yes", err))
        return false;
    if (ui->depth > 1 && ui->stack[ui->depth - 2]->cls == &screen_form)
        form_turn_choice(ui->stack[ui->depth - 2], i);
    return begin_new(ui, a, NULL, err);
}

bool acting_turn_wait(struct ui *ui, struct err *err)
{
    const struct action *action = doing_action(ui->doing);
    const struct answers *known = acting_answers(ui, action->name);
    struct answers a = {0};
    size_t i = 0;
    while (action->fields[i].name && strcmp(action->fields[i].name, WAIT) != 0)
        i++;
    if (!action->fields[i].name)
        return err_set(err, ERR_CONFIG, "%s has nothing that it could wait for", action->name);
    if (!known || ui->asked_run[0])
        return err_set(err, ERR_CONFIG, "a run that was begun is gone on with as it was asked for");
    copy_answers(known, &a);
    bool ok = turn_field(ui, &a, i, err);
    answers_clear(&a);
    return ok;
}

/* ---- Runs that were begun before. */

static bool find_run(const struct ui *ui, const char *id, enum audit_whose whose,
                     struct audit_run *run, struct err *err)
{
    char *audit = file_audit_path(clock_is_shifted(session_clock(ui->session)));
    bool ok = audit ? audit_unfinished(audit, id && id[0] ? id : NULL, whose, run, err)
                    : err_set(err, ERR_CONFIG, "HOME is not set: there is no audit log");
    free(audit);
    return ok;
}

bool acting_is_unended(const struct ui *ui, const char *id, bool *back)
{
    struct audit_run run;
    struct err why;
    bool found = id[0] && find_run(ui, id, AUDIT_ANY, &run, &why);
    *back = found && undo_count(&run, UNDO_TAKE);
    if (found)
        audit_run_clear(&run);
    return found;
}

static bool wants_typing(const struct answers *a)
{
    for (const struct field *f = a->action->fields; f->name; f++)
        if (f->type == FIELD_SECRET && strcmp(answers_get(a, f->name), SECRET_ASK) == 0)
            return true;
    return false;
}

bool acting_take_up(struct ui *ui, enum doing_what what, const char *id, struct err *err)
{
    struct audit_run run;
    struct doing_options o = {.what = what, .run = run.id};
    bool watch = what == DO_WATCH;
    if ((!watch && !acting_may(ui, err)) || !find_run(ui, id,
                                                      watch         ? AUDIT_HELD
                                                      : id && id[0] ? AUDIT_ANY
                                                                    : AUDIT_LOOSE,
                                                      &run, err))
        return false;
    bool ok = run.answers.action ||
              err_set(err, ERR_CONFIG, "run %s is of another version of this program", run.id);
    if (ok && what == DO_RESUME && wants_typing(&run.answers))
        ok = open_form(ui, &run.answers, run.id, err);
    else if (ok)
        ok = begin(ui, &o, &run.answers, err);
    if (ok && ui->asked && !ui->asked_run[0])
        ui->asked->action = NULL; /* what was filled in before is not this one's */
    audit_run_clear(&run);
    return ok;
}

bool acting_let_be(struct ui *ui, const char *id, struct err *err)
{
    char left[AUDIT_RUN_ID];
    char *audit = file_audit_path(clock_is_shifted(session_clock(ui->session)));
    bool ok = audit ? work_leave(audit, id && id[0] ? id : NULL, left, err)
                    : err_set(err, ERR_CONFIG, "HOME is not set: there is no audit log");
    free(audit);
    if (ok)
        ui_say(ui, ROLE_OK, "the run is left as it is; it stands in `binnacle audit`");
    return ok;
}

bool acting_goes_on(const struct ui *ui)
{
    return ui->doing && doing_state(ui->doing) == DOING_RUNS;
}

void acting_notice(struct ui *ui)
{
    struct strbuf text = STRBUF_INIT(ERR_MESSAGE_MAX);
    char *audit = file_audit_path(clock_is_shifted(session_clock(ui->session)));
    bool goes_on,
        told = audit && work_notice(audit, "`:do --resume`, --undo or --leave", &goes_on, &text);
    if (told && goes_on) {
        ui_say(ui, ROLE_NOTICE, "`:do --watch`: %s", strbuf_cstr(&text));
    } else if (told) {
        ui_say(ui, ROLE_WARNING, "%s", strbuf_cstr(&text));
        ui->message.until_ms = TIME_FOREVER; /* until a key */
    }
    strbuf_clear(&text);
    free(audit);
}

/* ---- Screens. */

static bool is_of_action(const struct screen *s)
{
    return s->cls == &screen_doing || s->cls == &screen_form || s->cls == &screen_actions;
}

void acting_leave(struct ui *ui)
{
    size_t depth = ui->depth;
    while (depth > 1 && is_of_action(ui->stack[depth - 1]))
        depth--;
    ui_close_to(ui, depth);
}

void acting_forget(const struct ui *ui)
{
    for (size_t i = 0; i < ui->depth; i++)
        if (ui->stack[i]->cls == &screen_form)
            form_forget(ui->stack[i]);
}

void acting_end(struct ui *ui)
{
    acting_preview_end(ui);
    doing_end(ui->doing);
    ui->doing = NULL;
    if (ui->asked)
        answers_clear(ui->asked);
    free(ui->asked);
    ui->asked = NULL;
}
