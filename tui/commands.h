/* What commands do; the table is in command_table.c. All have the type of
 * struct command's run. */
#ifndef BINNACLE_TUI_COMMANDS_H
#define BINNACLE_TUI_COMMANDS_H

#include "tui/command.h"

/* Most look at some of these only. */
#define COMMAND_RUN(name)                                           \
    bool run_##name(BN_UNUSED struct ui *ui, BN_UNUSED size_t argc, \
                    BN_UNUSED const struct span *argv, BN_UNUSED struct err *err)

/* commands_move.c: the cursor */
COMMAND_RUN(up);
COMMAND_RUN(down);
COMMAND_RUN(left);
COMMAND_RUN(right);
COMMAND_RUN(page_up);
COMMAND_RUN(page_down);
COMMAND_RUN(half_up);
COMMAND_RUN(half_down);
COMMAND_RUN(first);
COMMAND_RUN(last);
COMMAND_RUN(next);
COMMAND_RUN(previous_match);

/* commands_look.c: what is shown */
COMMAND_RUN(home);
COMMAND_RUN(enter);
COMMAND_RUN(detail);
COMMAND_RUN(yaml);
COMMAND_RUN(row_events);
COMMAND_RUN(why);
COMMAND_RUN(used_by);
COMMAND_RUN(log);
COMMAND_RUN(sources);
COMMAND_RUN(messages);
COMMAND_RUN(help);
COMMAND_RUN(previous);
COMMAND_RUN(pin);
COMMAND_RUN(pins);
COMMAND_RUN(find);
COMMAND_RUN(changes);
COMMAND_RUN(back);
COMMAND_RUN(forward);
COMMAND_RUN(last_view);
COMMAND_RUN(undo);
COMMAND_RUN(redo);
COMMAND_RUN(zoom);

/* commands_find.c: filter, sort, scope, marks */
COMMAND_RUN(filter);
COMMAND_RUN(search);
COMMAND_RUN(sort);
COMMAND_RUN(sort_menu);
COMMAND_RUN(sort_left);
COMMAND_RUN(sort_right);
COMMAND_RUN(scope);
COMMAND_RUN(favourite);
COMMAND_RUN(cols);
COMMAND_RUN(columns);
COMMAND_RUN(wide);
COMMAND_RUN(problems);
COMMAND_RUN(verb); /* handed to the screen: follow, wrap, mark ... */
void complete_columns(struct ui *ui, struct strbuf *words);
void complete_cols(struct ui *ui, struct strbuf *words);

/* commands_do.c: what changes something */
COMMAND_RUN(do);
COMMAND_RUN(actions);
COMMAND_RUN(write);
COMMAND_RUN(ro);
void complete_actions(struct ui *ui, struct strbuf *words);

/* commands_program.c: the program itself */
COMMAND_RUN(command);
COMMAND_RUN(escape);
COMMAND_RUN(close);
COMMAND_RUN(quit);
COMMAND_RUN(interrupt);
COMMAND_RUN(suspend);
COMMAND_RUN(repaint);
COMMAND_RUN(refresh);
COMMAND_RUN(mouse);
COMMAND_RUN(set);
COMMAND_RUN(pause);
COMMAND_RUN(theme);
COMMAND_RUN(context);
COMMAND_RUN(login);
COMMAND_RUN(copy);
COMMAND_RUN(export);
void complete_themes(struct ui *ui, struct strbuf *words);
void complete_contexts(struct ui *ui, struct strbuf *words);

#endif
