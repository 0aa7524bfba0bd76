/* Guided actions on the screen. */
#include <config.h>

#include "tui/acting.h"

#include "actions/audit.h"
#include "actions/doing.h"
#include "base/alloc.h"
#include "cli/sites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void copy_answers(const struct answers *from, struct answers *to)
{
    if (from == to)
        return;
    answers_clear(to);
    to->action = from->action;
    for (size_t i = 0; i < ACTION_FIELDS_MAX; i++)
        to->value[i] = from->value[i] ? xalloc_text(from->value[i]) : NULL;
}

static void remember(struct ui *ui, const struct answers *a)
{
    if (!ui->asked)
        ui->asked = xalloc_zero(1, sizeof(*ui->asked));
    copy_answers(a, ui->asked);
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
    if (ui->doing && doing_state(ui->doing) == DOING_RUNS)
        return err_set(err, ERR_CONFLICT, "another action runs: `:do` shows it");
    return true;
}

bool acting_ask(struct ui *ui, const struct answers *known, struct err *err)
{
    struct place place = {.cls = &screen_form, .kind = -1, .source = SOURCE_ANY};
    (void)snprintf(place.part, sizeof(place.part), "%s", known->action->name);
    remember(ui, known);
    return ui_open(ui, &place, err);
}

bool acting_start(struct ui *ui, struct answers *a, BN_UNUSED const struct form *form,
                  struct err *err)
{
    bool shifted = clock_is_shifted(session_clock(ui->session));
    char *audit = audit_path(shifted);
    const char *ns = session_namespace(ui->session);
    struct sites sites;
    const struct doing_options o = {.kubeconfig = session_kubeconfig(ui->session),
                                    .context = session_context(ui->session),
                                    .ns = ns[0] ? ns : NULL,
                                    .wall_ms = shifted ? ui->now_ms : 0,
                                    .audit = audit,
                                    .sites = &sites};
    struct place place = {.cls = &screen_doing, .kind = -1, .source = SOURCE_ANY};
    struct doing *d = NULL;
    remember(ui, a);
    cli_sites(session_config(ui->session), &sites);
    if (!audit)
        (void)err_set(err, ERR_CONFIG, "HOME is not set: there is no place for the audit log");
    else if (acting_may(ui, err))
        d = doing_start(&o, a, err);
    free(audit);
    sites_clear(&sites);
    if (!d)
        return false;
    doing_end(ui->doing);
    ui->doing = d;
    return ui_open(ui, &place, err);
}

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
    doing_end(ui->doing);
    ui->doing = NULL;
    if (ui->asked)
        answers_clear(ui->asked);
    free(ui->asked);
    ui->asked = NULL;
}
