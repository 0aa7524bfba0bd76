# tests: screens

# The terminal in memory that every screen test links.
check_LIBRARIES += libscreens.a
libscreens_a_SOURCES = test/screens/pty.c test/screens/pty.h test/screens/pty_dump.c \
	test/screens/pty_dump.h test/screens/stream.c test/screens/stream.h
libscreens_a_CPPFLAGS = $(TEST_CPPFLAGS) $(VTERM_CFLAGS)
SCREEN_LIBS = libscreens.a libwidgets.a libbase.a $(CMOCKA_LIBS) $(VTERM_LIBS)

check_PROGRAMS += test/screens/term test/screens/term_demo
TESTS += test/screens/term
test_screens_term_SOURCES = test/screens/term.c
test_screens_term_CPPFLAGS = $(TEST_CPPFLAGS)
test_screens_term_LDADD = $(SCREEN_LIBS)
test_screens_term_demo_SOURCES = test/screens/term_demo.c
test_screens_term_demo_LDADD = libtui.a libwidgets.a libbase.a $(NCURSES_LIBS) $(OPENSSL_LIBS) $(YAML_LIBS)
EXTRA_DIST += test/screens/golden

# Pictures for the documentation, drawn from goldens that the tests keep true.
pictures = doc/home.svg doc/pods.svg
pictures:
	$(srcdir)/tools/picture $(srcdir)/test/screens/golden/picture-home.txt >$(srcdir)/doc/home.svg
	$(srcdir)/tools/picture $(srcdir)/test/screens/golden/picture-pods.txt >$(srcdir)/doc/pods.svg
.PHONY: pictures
EXTRA_DIST += $(pictures) tools/picture

# The whole program on harbor's platform.
live_tests = test/screens/live_actions test/screens/live_runs test/screens/live_faults test/screens/live_limits \
	test/screens/live_looks test/screens/live_process test/screens/live_terminal \
	test/screens/live_text test/screens/live_use
# The picture of each story of the demonstration, by three programs at a time.
picture_tests = test/screens/live_stories test/screens/live_stories_more test/screens/live_stories_rest
live_tests += test/screens/live_past
check_PROGRAMS += $(live_tests) $(picture_tests) test/screens/live_demo test/screens/live_hung test/screens/live_keys \
	test/screens/live_keys_kinds test/screens/live_keys_read_only test/screens/live_rest test/screens/live_secrets
TESTS += $(live_tests)
STORY_TESTS += test/screens/live_secrets test/screens/live_hung test/screens/live_keys test/screens/live_rest
STORY_TESTS += test/screens/live_keys_read_only
STORY_TESTS += test/screens/live_keys_kinds
STORY_TESTS += $(picture_tests)
NIGHTLY_TESTS += test/screens/live_demo $(picture_tests)
live_sources = test/screens/live.c test/screens/live.h
test_screens_live_actions_SOURCES = test/screens/live_actions.c $(live_sources)
test_screens_live_actions_CPPFLAGS = $(TEST_CPPFLAGS)
test_screens_live_actions_LDADD = libtui.a $(SCREEN_LIBS)
test_screens_live_runs_SOURCES = test/screens/live_runs.c $(live_sources)
test_screens_live_runs_CPPFLAGS = $(TEST_CPPFLAGS)
test_screens_live_runs_LDADD = $(SCREEN_LIBS) libnet.a libbase.a $(ALL_LIBS)
test_screens_live_keys_SOURCES = test/screens/live_keys.c test/systems/reads.h $(live_sources)
test_screens_live_keys_CPPFLAGS = $(TEST_CPPFLAGS)
test_screens_live_keys_LDADD = libtui.a libwidgets.a libcli.a libactions.a libscreens.a $(APP_TEST_LIBS) $(NCURSES_LIBS) $(VTERM_LIBS)
test_screens_live_keys_read_only_SOURCES = $(test_screens_live_keys_SOURCES)
test_screens_live_keys_read_only_CPPFLAGS = $(TEST_CPPFLAGS) -DPART=1
test_screens_live_keys_read_only_LDADD = $(test_screens_live_keys_LDADD)
test_screens_live_keys_kinds_SOURCES = $(test_screens_live_keys_SOURCES)
test_screens_live_keys_kinds_CPPFLAGS = $(TEST_CPPFLAGS) -DPART=2
test_screens_live_keys_kinds_LDADD = $(test_screens_live_keys_LDADD)
test_screens_live_process_SOURCES = test/screens/live_process.c $(live_sources)
test_screens_live_process_CPPFLAGS = $(TEST_CPPFLAGS)
test_screens_live_process_LDADD = $(SCREEN_LIBS)
test_screens_live_hung_SOURCES = test/screens/live_hung.c test/screens/still.c test/screens/still.h \
	test/systems/cli_run.c test/systems/cli_run.h $(live_sources)
test_screens_live_hung_CPPFLAGS = $(TEST_CPPFLAGS)
test_screens_live_hung_LDADD = libscreens.a libwidgets.a $(NET_TEST_LIBS) $(VTERM_LIBS)
test_screens_live_past_SOURCES = test/screens/live_past.c test/screens/still.c test/screens/still.h \
	$(live_sources)
test_screens_live_past_CPPFLAGS = $(TEST_CPPFLAGS)
test_screens_live_past_LDADD = $(SCREEN_LIBS)
test_screens_live_rest_SOURCES = test/screens/live_rest.c test/screens/still.c test/screens/still.h \
	$(live_sources)
test_screens_live_rest_CPPFLAGS = $(TEST_CPPFLAGS)
test_screens_live_rest_LDADD = $(SCREEN_LIBS)
test_screens_live_demo_SOURCES = test/screens/live_demo.c test/screens/seen.h test/screens/seen_more.c $(live_sources)
test_screens_live_demo_CPPFLAGS = $(TEST_CPPFLAGS)
test_screens_live_demo_LDADD = $(SCREEN_LIBS)
test_screens_live_secrets_SOURCES = test/screens/live_secrets.c test/systems/cli_run.c \
	test/systems/cli_run.h $(live_sources)
test_screens_live_secrets_CPPFLAGS = $(TEST_CPPFLAGS)
test_screens_live_secrets_LDADD = libscreens.a libwidgets.a $(NET_TEST_LIBS) $(VTERM_LIBS)
test_screens_live_stories_SOURCES = test/screens/live_stories.c test/screens/still.c \
	test/screens/still.h $(live_sources)
test_screens_live_stories_CPPFLAGS = $(TEST_CPPFLAGS)
test_screens_live_stories_LDADD = $(SCREEN_LIBS)
test_screens_live_stories_more_SOURCES = $(test_screens_live_stories_SOURCES)
test_screens_live_stories_more_CPPFLAGS = $(TEST_CPPFLAGS) -DPART=1
test_screens_live_stories_more_LDADD = $(SCREEN_LIBS)
test_screens_live_stories_rest_SOURCES = $(test_screens_live_stories_SOURCES)
test_screens_live_stories_rest_CPPFLAGS = $(TEST_CPPFLAGS) -DPART=2
test_screens_live_stories_rest_LDADD = $(SCREEN_LIBS)
test_screens_live_terminal_SOURCES = test/screens/live_terminal.c $(live_sources)
test_screens_live_terminal_CPPFLAGS = $(TEST_CPPFLAGS)
test_screens_live_terminal_LDADD = $(SCREEN_LIBS)
test_screens_live_text_SOURCES = test/screens/live_text.c $(live_sources)
test_screens_live_text_CPPFLAGS = $(TEST_CPPFLAGS)
test_screens_live_text_LDADD = $(SCREEN_LIBS)
test_screens_live_faults_SOURCES = test/screens/live_faults.c $(live_sources)
test_screens_live_faults_CPPFLAGS = $(TEST_CPPFLAGS)
test_screens_live_faults_LDADD = $(SCREEN_LIBS)
test_screens_live_limits_SOURCES = test/screens/live_limits.c $(live_sources)
test_screens_live_limits_CPPFLAGS = $(TEST_CPPFLAGS)
test_screens_live_limits_LDADD = $(SCREEN_LIBS)
test_screens_live_looks_SOURCES = test/screens/live_looks.c test/screens/still.c test/screens/still.h \
	$(live_sources)
test_screens_live_looks_CPPFLAGS = $(TEST_CPPFLAGS)
test_screens_live_looks_LDADD = $(SCREEN_LIBS)
test_screens_live_use_SOURCES = test/screens/live_use.c test/systems/cli_run.c \
	test/systems/cli_run.h $(live_sources)
test_screens_live_use_CPPFLAGS = $(TEST_CPPFLAGS)
test_screens_live_use_LDADD = $(SCREEN_LIBS)
