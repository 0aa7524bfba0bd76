/* Commands about the program itself: leave, theme, mouse, context, copy. */
#include <config.h>

#include "tui/commands.h"
#include "tui/copy.h"
#include "tui/export.h"
#include "tui/ui.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

COMMAND_RUN(command)
{
    ui_prompt(ui, PROMPT_COMMAND, (struct span){NULL, 0});
    return true;
}

/* Filter, problems alone, then the screen's own layers (marks), then the view. On home nothing. */
COMMAND_RUN(escape)
{
    struct screen *top = ui_top(ui);
    if (ui->zoomed) {
        ui->zoomed = false;
    } else if ((ui_context(ui) & CONTEXT_TABLE) && (top->place.filter[0] || top->place.problems)) {
        struct place place = top->place;
        place.problems = place.problems && place.filter[0]; /* one layer at a time */
        place.filter[0] = '\0';
        return ui_change(ui, &place, err);
    } else if (top->cls->back && top->cls->back(top, ui)) {
        ui->dirty = true;
    } else {
        ui_close(ui);
    }
    return true;
}

COMMAND_RUN(close)
{
    if (ui->depth > 1) {
        ui_close(ui);
    } else if (ui->quit_armed) {
        ui->quit = true;
    } else {
        ui->arm_count++;
        ui_say(ui, ROLE_NOTICE, "q again quits binnacle");
    }
    return true;
}

COMMAND_RUN(quit)
{
    ui->quit = true;
    return true;
}

/* What runs is stopped first; the second press quits either way. */
COMMAND_RUN(interrupt)
{
    struct screen *top = ui_top(ui);
    if (ui->quit_armed) {
        ui->quit = true;
        return true;
    }
    bool stopped = top->cls->verb && top->cls->verb(top, ui, "cancel", SPAN(""));
    ui->arm_count++;
    ui_say(ui, ROLE_NOTICE,
           stopped ? "stopped; Ctrl-C again quits binnacle" : "Ctrl-C again quits binnacle");
    return true;
}

COMMAND_RUN(suspend)
{
    term_leave(ui->term);
    (void)kill(getpid(), SIGSTOP);
    term_return(ui->term);
    ui->resized = true;
    return true;
}

COMMAND_RUN(repaint)
{
    term_repaint(ui->term);
    return true;
}

COMMAND_RUN(refresh)
{
    struct handle row;
    bool all = argc && span_is(argv[0], "all");
    bool one = !all && ui_selected(ui, &row);
    struct screen *top = ui_top(ui);
    if (top->cls->verb && top->cls->verb(top, ui, "again", SPAN("")) && !all)
        return true;
    session_retry(ui->session, one ? store_row_source(ui->store, row) : SOURCE_ANY);
    ui_say(ui, ROLE_DIM, "asking %s again", one ? "this source" : "all sources");
    return true;
}

COMMAND_RUN(mouse)
{
    if (argc && !span_is(argv[0], "on") && !span_is(argv[0], "off"))
        return err_set(err, ERR_CONFIG, "mouse is on or off");
    ui->mouse = argc ? span_is(argv[0], "on") : !ui->mouse;
    ui_say(ui, ROLE_DIM, ui->mouse ? "mouse on: M gives it back to the terminal" : "mouse off");
    return true;
}

COMMAND_RUN(set)
{
    struct span name = argc ? span_sub(argv[0], 0, span_find(argv[0], '=', 0)) : SPAN("");
    struct span value = argc ? span_sub(argv[0], name.len + 1, argv[0].len) : SPAN("");
    if (!span_is(name, "mouse"))
        return err_set(err, ERR_CONFIG, "set what? `:set mouse=off`; colours: `:theme NAME`");
    return run_mouse(ui, 1, &value, err);
}

COMMAND_RUN(pause)
{
    ui->paused = !ui->paused;
    ui->paused_ms = ui->mono_ms;
    ui->paused_changes = store_figures(ui->store).puts;
    ui_say(ui, ROLE_DIM,
           ui->paused ? "paused: data keeps coming, P paints again" : "painting again");
    return true;
}

COMMAND_RUN(theme)
{
    char name[256];
    if (!argc)
        return err_set(err, ERR_CONFIG, "which theme? TAB shows them; this is %s", ui->theme.name);
    (void)snprintf(name, sizeof(name), "%.*s", SPAN_ARG(argv[0]));
    if (!theme_load(name, &ui->theme, err))
        return false;
    term_set_theme(ui->term, &ui->theme);
    term_repaint(ui->term);
    return true;
}

void complete_themes(struct ui *ui, struct strbuf *words)
{
    (void)ui;
    struct strbuf names = STRBUF_INIT(4096);
    theme_names(&names);
    struct span rest = strbuf_span(&names), one;
    while (span_split(&rest, ' ', &one))
        strbuf_addf(words, "%.*s\n", SPAN_ARG(one));
    strbuf_clear(&names);
}

COMMAND_RUN(context)
{
    char name[256];
    const struct place list = {.cls = &screen_contexts, .kind = -1, .source = SOURCE_ANY};
    if (!argc)
        return ui_open(ui, &list, err);
    (void)snprintf(name, sizeof(name), "%.*s", SPAN_ARG(argv[0]));
    if (!session_switch(ui->session, name, err))
        return false;
    ui_restart(ui);
    ui_say(ui, ROLE_NOTICE, "connecting to %s", name);
    return true;
}

void complete_contexts(struct ui *ui, struct strbuf *words)
{
    session_contexts(ui->session, words);
}

COMMAND_RUN(login)
{
    term_leave(ui->term);
    bool ok = session_login(ui->session, err);
    term_return(ui->term);
    ui->resized = true;
    if (ok)
        ui_say(ui, ROLE_OK, "logged in");
    return ok;
}

COMMAND_RUN(copy)
{
    struct strbuf text = STRBUF_INIT((size_t)1 << 20);
    struct span what = argc ? argv[0] : SPAN("name");
    bool ok = copy_text(ui, what, &text, err) && copy_out(ui, strbuf_span(&text), err);
    strbuf_clear(&text);
    return ok;
}

/* The rows of the table as they are filtered and sorted, in a file. */
COMMAND_RUN(export)
{
    return export_rows(ui, strcmp(ui->verb, "export!") == 0, argc ? argv[0] : SPAN(""),
                       argc > 1 ? argv[1] : SPAN(""), err);
}
