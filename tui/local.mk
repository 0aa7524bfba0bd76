noinst_LIBRARIES += libtui.a
libtui_a_SOURCES = \
	tui/acting.c tui/acting.h tui/ages.c tui/ages.h tui/binding.c tui/command.c tui/command.h tui/command_table.c tui/commands.h \
	tui/commands_do.c tui/commands_find.c tui/commands_look.c tui/commands_move.c tui/commands_program.c \
	tui/complete.c tui/copy.c tui/copy.h tui/dashboard.c tui/dashboard.h tui/export.c \
	tui/export.h tui/feed.c tui/feed.h tui/form.c tui/form.h tui/health.c tui/health.h tui/history.c tui/history.h \
	tui/input.c tui/input.h tui/input_csi.c tui/input_csi.h tui/marks.c tui/marks.h \
	tui/naming.c tui/naming.h tui/offers.c tui/offers.h tui/row_object.c tui/row_object.h tui/overview.c tui/overview.h tui/palette.c tui/palette.h tui/problems.c tui/problems.h \
	tui/pump.c tui/pump.h tui/restore.c tui/restore.h tui/screen.h tui/signals.c \
	tui/signals.h tui/strip.c tui/strip.h tui/term.c tui/term.h tui/term_curses.c tui/term_curses.h tui/theme.c \
	tui/theme.h tui/ui.c tui/ui.h tui/ui_draw.c tui/ui_draw.h tui/ui_event.c tui/ui_keys.c \
	tui/screens/actions.c tui/screens/doing.c tui/screens/change_line.c tui/screens/change_line.h tui/screens/changes.c \
	tui/screens/containers.c tui/screens/contexts.c tui/screens/detail.c tui/screens/drill.c \
	tui/screens/drill.h tui/screens/find.c tui/screens/form.c tui/screens/form_offer.c tui/screens/form_offer.h tui/screens/form_plan.c tui/screens/form_plan.h tui/screens/help.c tui/screens/help.h \
	tui/screens/help_manual.c tui/screens/home.c tui/screens/home.h tui/screens/home_draw.c \
	tui/screens/list.c tui/screens/list.h tui/screens/log.c tui/screens/log_text.c tui/screens/log_text.h tui/screens/messages.c \
	tui/screens/pins.c tui/screens/row_lines.c tui/screens/row_lines.h \
	tui/screens/row_chain.c tui/screens/row_chain.h tui/screens/row_parts.c tui/screens/row_past.c tui/screens/row_past.h tui/screens/sources.c tui/screens/table.c tui/screens/table.h \
	tui/screens/table_empty.c tui/screens/table_input.c tui/screens/table_list.c \
	tui/screens/table_news.c tui/screens/table_sum.c tui/screens/table_tail.c tui/screens/text.c tui/screens/text.h \
	tui/screens/run_text.c tui/screens/run_text.h \
	tui/screens/verdict_line.c tui/screens/verdict_line.h

# The program.
bin_PROGRAMS += binnacle
binnacle_SOURCES = tui/main.c
binnacle_LDFLAGS = $(AM_LDFLAGS) -Wl,--dynamic-list=$(srcdir)/backends/plugin.syms
EXTRA_binnacle_DEPENDENCIES = backends/plugin.syms
binnacle_LDADD = libtui.a libwidgets.a libcli.a libapp.a libactions.a libbackends.a libmodel.a libnet.a \
	libbase.a $(ALL_LIBS) $(NCURSES_LIBS)
# `kubectl binnacle` finds its plug-ins by this name.
install-exec-hook:
	cd $(DESTDIR)$(bindir) && rm -f kubectl-binnacle && $(LN_S) binnacle kubectl-binnacle
uninstall-hook:
	rm -f $(DESTDIR)$(bindir)/kubectl-binnacle
