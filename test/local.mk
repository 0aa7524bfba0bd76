# Every test speaks TAP, so that `make check` counts cases, not programs.
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
AM_TESTS_ENVIRONMENT = CMOCKA_MESSAGE_OUTPUT=TAP; export CMOCKA_MESSAGE_OUTPUT; \
	top_srcdir='$(abs_top_srcdir)'; top_builddir='$(abs_top_builddir)'; export top_srcdir top_builddir;
# A test that hangs fails by its name; the slowest takes ten seconds on an idle machine.
LOG_COMPILER = timeout
AM_LOG_FLAGS = --foreground --kill-after=10 300
TEST_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)

# Tests that use threads, for the thread sanitizer; and those that valgrind runs.
# Each test's block adds its name where it belongs.
THREAD_TESTS =
VALGRIND_TESTS =
# The demonstration's stories as the command line tells them, and what else takes a minute: `make stories`.
STORY_TESTS =
# What takes minutes, or is slow: `make nightly`.
NIGHTLY_TESTS =

# A test is one line: its name in unit_tests, its file test/unit/NAME.c. What it links is below.
# Those that wait for much come first, so that none of them runs alone at the end.
TESTS += test/systems/do_redis test/systems/do_backup test/systems/do_restore test/systems/do_create
include $(srcdir)/test/screens/local.mk
include $(srcdir)/test/systems/local.mk
include $(srcdir)/test/unit/local.mk
include $(srcdir)/test/fuzz/local.mk
include $(srcdir)/test/bench/local.mk

# What a machine can see in the source: format, layers, rules. `make tidy` takes
# minutes when it has nothing remembered, and is a suite of its own.
source_checks = test/check-format test/check-layers test/check-manual test/check-quality \
	test/check-source
slow_checks = test/check-tidy test/check-cppcheck
TESTS += $(source_checks)
if HARDENED
TESTS += test/check-hardening
endif
EXTRA_DIST += $(source_checks) $(slow_checks) test/check-hardening test/check-install test/check-lib

# `make distcheck` installs, and runs this.
installcheck-local:
	$(AM_TESTS_ENVIRONMENT) $(srcdir)/test/check-install '$(DESTDIR)$(bindir)' \
	    '$(DESTDIR)$(pkgdatadir)' '$(DESTDIR)$(mandir)'

tidy:
	@failed=0; passed=0; for t in $(slow_checks); do \
	    if $(AM_TESTS_ENVIRONMENT) $(srcdir)/$$t; \
	    then passed=$$((passed + 1)); else failed=$$((failed + 1)); echo "FAIL: $$t"; fi; \
	done; echo "# PASS: $$passed"; echo "# FAIL: $$failed"; test $$failed -eq 0

clean-local:
	rm -rf tidy-cache
	rm -f $(STORY_TESTS:=.status)
	rm -rf mysql-server

print-thread-tests:
	@echo $(THREAD_TESTS)

# Cases that pass under valgrind's memcheck: no error, nothing definitely lost.
valgrind: $(check_PROGRAMS)
	@failed=0; passed=0; for t in $(VALGRIND_TESTS); do \
	    if top_srcdir='$(abs_top_srcdir)' top_builddir='$(abs_top_builddir)' CMOCKA_MESSAGE_OUTPUT=TAP \
	        $(LOG_COMPILER) $(AM_LOG_FLAGS) valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite \
	        $$t >$$t.valgrind.log 2>&1; \
	    then passed=$$((passed + 1)); else failed=$$((failed + 1)); echo "FAIL: $$t"; tail -n 30 $$t.valgrind.log; fi; \
	done; echo "# PASS: $$passed"; echo "# FAIL: $$failed"; test $$failed -eq 0

# Eight at a time: they wait more than they work, and pictures are taken when nothing moves any more.
stories: all $(STORY_TESTS)
	@$(AM_TESTS_ENVIRONMENT) printf '%s\n' $(STORY_TESTS) | xargs -P 8 -I@ sh -c \
	    '$(LOG_COMPILER) $(AM_LOG_FLAGS) @ >@.log 2>&1; echo $$? >@.status'; \
	failed=0; passed=0; for t in $(STORY_TESTS); do \
	    passed=$$((passed + $$(grep -c '^ok ' $$t.log))); \
	    if test $$(cat $$t.status) -ne 0; then failed=$$((failed + 1)); echo "FAIL: $$t"; tail -n 60 $$t.log; fi; \
	done; echo "# PASS: $$passed"; echo "# FAIL: $$failed"; test $$failed -eq 0

# Against real clusters of databases, which take their time to start.
galera: all $(GALERA_TESTS)
	@failed=0; passed=0; skipped=0; for t in $(GALERA_TESTS); do \
	    $(AM_TESTS_ENVIRONMENT) $(LOG_COMPILER) $(AM_LOG_FLAGS) $$t >$$t.log 2>&1; status=$$?; \
	    passed=$$((passed + $$(grep '^ok ' $$t.log | grep -vc '# SKIP'))); \
	    skipped=$$((skipped + $$(grep -c '^ok .*# SKIP' $$t.log))); \
	    if test $$status -ne 0; then failed=$$((failed + 1)); echo "FAIL: $$t"; tail -n 60 $$t.log; fi; \
	done; echo "# PASS: $$passed"; echo "# SKIP: $$skipped"; echo "# FAIL: $$failed"; test $$failed -eq 0

# Against a real MySQL, the one that Debian's sid has by now; its version comes first. Not there to be
# fetched, it fails: nothing was proven.
mysql: all $(MYSQL_TESTS)
	@$(srcdir)/tools/mysql-server mysql-server
	@failed=0; passed=0; skipped=0; for t in $(MYSQL_TESTS); do \
	    $(AM_TESTS_ENVIRONMENT) MYSQL_SERVER='$(abs_builddir)/mysql-server/mysqld' \
	        $(LOG_COMPILER) $(AM_LOG_FLAGS) $$t >$$t.mysql.log 2>&1; status=$$?; \
	    passed=$$((passed + $$(grep '^ok ' $$t.mysql.log | grep -vc '# SKIP'))); \
	    skipped=$$((skipped + $$(grep -c '^ok .*# SKIP' $$t.mysql.log))); \
	    if test $$status -ne 0; then failed=$$((failed + 1)); echo "FAIL: $$t"; tail -n 60 $$t.mysql.log; fi; \
	done; echo "# PASS: $$passed"; echo "# SKIP: $$skipped"; echo "# FAIL: $$failed"; test $$failed -eq 0

# What takes minutes: tests that do more or other when NIGHTLY is set, and the
# fuzz targets from their corpora, FUZZ_SECONDS each. What a fuzzer finds stays
# in fuzz-build.
NIGHTLY_TESTS += test/screens/live_faults test/screens/live_limits test/screens/live_process
FUZZ_TARGETS = $(base_fuzz) $(net_fuzz) $(term_fuzz) $(model_fuzz) $(kube_fuzz) $(actions_fuzz)
FUZZ_SECONDS = 60

nightly: all $(NIGHTLY_TESTS)
	@failed=0; passed=0; for t in $(NIGHTLY_TESTS); do \
	    $(AM_TESTS_ENVIRONMENT) NIGHTLY=1 $$t >$$t.nightly.log 2>&1; status=$$?; \
	    passed=$$((passed + $$(grep -c '^ok ' $$t.nightly.log))); \
	    if test $$status -ne 0; then failed=$$((failed + 1)); echo "FAIL: $$t"; tail -n 60 $$t.nightly.log; fi; \
	done; echo "# PASS: $$passed"; echo "# FAIL: $$failed"; test $$failed -eq 0
	@$(MAKE) -s mysql
	@mkdir -p fuzz-build && cd fuzz-build && \
	    { test -f Makefile || $(abs_top_srcdir)/configure -q --enable-fuzzers \
	--enable-sanitizers=address,undefined CC=clang-14; }
	@$(MAKE) -s -C fuzz-build $(FUZZ_TARGETS)
	@cd fuzz-build && failed=0; passed=0; for t in $(FUZZ_TARGETS); do \
	    name=$$(basename $$t); mkdir -p found/$$name; \
	    if ./$$t -max_total_time=$(FUZZ_SECONDS) -artifact_prefix=found/$$name- found/$$name \
	        $(abs_top_srcdir)/test/fuzz/corpus/$$name >$$t.log 2>&1; \
	    then passed=$$((passed + 1)); else failed=$$((failed + 1)); echo "FAIL: $$t"; tail -n 40 $$t.log; fi; \
	done; echo "# PASS: $$passed"; echo "# FAIL: $$failed"; test $$failed -eq 0

# How much of the product the tests ran through, after `make check` of a build with
# --enable-coverage.
coverage:
	@find base net model backends actions app cli widgets tui harbor -name '*.gcda' | sort | \
	    xargs gcov -n -b 2>/dev/null | awk -v top='$(abs_top_srcdir)/' ' \
	    /^File / { own = index($$0, "/usr/") == 0 && /[.]c\047/ } \
	    own && /^Lines executed:/ { split($$2, part, /[:%]/); n += $$4; ran += $$4 * part[2] / 100 } \
	    own && /^Branches executed:/ { m += $$4 } \
	    own && /^Taken at least once:/ { split($$0, part, /[:%]/); split($$0, w, " "); taken += w[6] * part[2] / 100 } \
	    END { printf "lines %.1f %% of %d, branches %.1f %% of %d\n", 100 * ran / n, n, 100 * taken / m, m }'

.PHONY: coverage galera mysql stories tidy print-thread-tests valgrind nightly
