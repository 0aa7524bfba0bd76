# tests: bench

# Not a test: test/bench/json_scan test/data/recorded/122-pods-page1.http
EXTRA_PROGRAMS += test/bench/json_scan
test_bench_json_scan_SOURCES = test/bench/json_scan.c
test_bench_json_scan_LDADD = libnet.a libbase.a $(CJSON_LIBS) $(OPENSSL_LIBS)

# Not a test: test/bench/frames [TERM]
EXTRA_PROGRAMS += test/bench/frames
test_bench_frames_SOURCES = test/bench/frames.c
test_bench_frames_LDADD = libtui.a libwidgets.a libbase.a $(NCURSES_LIBS) $(YAML_LIBS)

# Not a test: test/bench/store [ROWS]
EXTRA_PROGRAMS += test/bench/store
test_bench_store_SOURCES = test/bench/store.c
test_bench_store_LDADD = libmodel.a libbase.a $(YAML_LIBS) $(PCRE2_LIBS)

# The whole program on harbor's clusters, and its table of goals and figures.
EXTRA_PROGRAMS += test/bench/live
test_bench_live_SOURCES = test/bench/live.c test/bench/live_fetch.c test/bench/live_run.c \
	test/bench/live_run.h $(live_sources)
test_bench_live_CPPFLAGS = $(TEST_CPPFLAGS)
test_bench_live_LDADD = $(SCREEN_LIBS) $(CURL_LIBS) -lm

# What doc/performance.md says, measured here and now. BENCH: parts of it alone.
bench: all test/bench/live
	@$(AM_TESTS_ENVIRONMENT) test/bench/live $(BENCH)

.PHONY: bench
