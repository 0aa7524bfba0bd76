/* Sources that are programs: real ones, which a shell of the test plays. */
#include <config.h>

#include "backends/exec/exec.h"

#include "base/file.h"
#include "test/systems/source_run.h"

#include <poll.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#define WALL   INT64_C(1770973200000) /* 2026-02-13T09:00:00Z */
#define SECRET "sesame-of-the-test"

struct place {
    char folder[64], file[96]; /* what the script prints, which the test writes */
    struct source_run run;
    struct backend *backend;
};

static int setup(void **state)
{
    struct place *p = calloc(1, sizeof(*p));
    (void)snprintf(p->folder, sizeof(p->folder), "/tmp/binnacle-exec-XXXXXX");
    if (!mkdtemp(p->folder))
        return -1;
    (void)snprintf(p->file, sizeof(p->file), "%s/said", p->folder);
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    struct place *p = *state;
    (void)unlink(p->file);
    (void)rmdir(p->folder);
    free(p);
    return 0;
}

static void put(const struct place *p, const char *text)
{
    struct err err;
    if (!file_replace_later(p->file, span_from(text), &err))
        fail_msg("%s", err.msg);
}

static void start(struct place *p, const char *const *settings)
{
    const struct backend_entry entry = {"it", settings, NULL};
    struct err err;
    p->backend = backend_exec.configure(&entry, &err);
    if (!p->backend)
        fail_msg("%s", err.msg);
    p->backend->complete(p->backend);
    source_start(&p->run, p->backend, settings, WALL);
    source_want(&p->run, p->backend->kinds[0]->name, true);
}

static void stop(struct place *p)
{
    source_stop(&p->run);
    p->backend->release(p->backend);
}

#define START(p, ...) start(p, (const char *const[]){__VA_ARGS__, NULL})

/* A line for a shell that prints the file and ends with the number on its first line. */
static const char *from_file(const struct place *p, char out[256])
{
    (void)snprintf(out, 256, "shell=tail -n +2 %s; exit `head -n 1 %s`", p->file, p->file);
    return out;
}

/* ---- Checks. */

static void a_check_and_its_values(void **state)
{
    struct place *p = *state;
    struct source_run *s = &p->run;
    char shell[256];
    put(p, "2\nDISK CRITICAL - /var 97% | /var=97%;80;90;0;100\n");
    START(p, from_file(p, shell));
    source_until(s, source_synced(s, "check") && source_synced(s, "check-value") &&
                        source_report(s)->state == SOURCE_FRESH);
    source_judged(s, "check", "it", LEVEL_CRITICAL, "check-critical", "DISK CRITICAL - /var 97%");
    assert_string_equal(source_text(s, "check-value", "it//var", "value"), "97%");
    assert_string_equal(source_text(s, "check-value", "it//var", "state"), "critical");
    assert_string_equal(source_text(s, "check-value", "it//var", "crit"), "90");
    assert_string_equal(source_text(s, "check", "it", "values"), "1");
    put(p, "1\nDISK WARNING | /var=85%;80;90\n"); /* it gets better, and well */
    source_refresh(s);
    source_until(s, source_level(s, "check", "it") == LEVEL_WARNING);
    put(p, "0\nDISK OK\n");
    source_refresh(s);
    source_until(s, source_level(s, "check", "it") == LEVEL_OK &&
                        !source_has(s, "check-value", "it//var"));
    assert_string_equal(source_says(s, "check", "it"), "");
    assert_string_equal(source_text(s, "check", "it", "message"), "DISK OK");
    stop(p);
}

static void is_run_again_when_it_is_due(void **state)
{
    struct place *p = *state;
    struct source_run *s = &p->run;
    char shell[256];
    put(p, "0\nwell\n");
    START(p, from_file(p, shell), "interval=5m");
    source_until(s, source_level(s, "check", "it") == LEVEL_OK);
    put(p, "3\nwho knows\n");
    source_step(s, 5 * 60 * 1000 + 1);
    source_until(s, source_level(s, "check", "it") == LEVEL_UNKNOWN);
    source_judged(s, "check", "it", LEVEL_UNKNOWN, "check-unknown", "who knows");
    stop(p);
}

/* Each is one sentence, which names the program and what came of it. */
static void says_how_a_check_failed(void **state)
{
    static const struct {
        const char *setting, *more, *rule, *says;
    } cases[] = {
        {"command=[\"/no/such/check\"]", "timeout=9s", "check-failed",
         "the program /no/such/check is not there"},
        {"command=[\"check_of_nobody\"]", "timeout=9s", "check-failed",
         "the program check_of_nobody is not in PATH"},
        {"command=[\"/etc/passwd\"]", "timeout=9s", "check-failed",
         "/etc/passwd is not an executable file"},
        {"shell=echo still at it >&2; sleep 600", "timeout=300ms", "check-failed",
         "/bin/sh did not end within 300 ms and was stopped: still at it"},
        {"shell=yes; true", "timeout=60s", "check-failed",
         "/bin/sh printed more than 4 MiB and was stopped"},
        {"shell=kill -9 $$", "timeout=9s", "check-failed", "/bin/sh was killed by signal 9"},
        {"shell=echo no such option >&2; exit 127", "timeout=9s", "check-unknown",
         "exit status 127 means nothing: no such option"},
        {"shell=echo broken >&2; exit 2", "timeout=9s", "check-critical",
         "it printed nothing: broken"},
        {"shell=printf '\\033[31m\\377\\000bad\\n'; exit 1", "timeout=9s", "check-warning", "bad"},
    };
    struct place *p = *state;
    struct source_run *s = &p->run;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        START(p, cases[i].setting, cases[i].more);
        source_until(s, source_synced(s, "check"));
        assert_string_equal(source_rule(s, "check", "it"), cases[i].rule);
        if (!strstr(source_says(s, "check", "it"), cases[i].says))
            fail_msg("%s: %s", cases[i].setting, source_says(s, "check", "it"));
        assert_null(strchr(source_says(s, "check", "it"), '\033'));
        stop(p);
    }
}

/* ---- Secrets and variables. */

static void secrets_go_through_the_environment_alone(void **state)
{
    struct place *p = *state;
    struct source_run *s = &p->run;
    char shell[512];
    (void)setenv("OF_THE_TEST", SECRET, 1);
    put(p, SECRET "eu");
    (void)snprintf(shell, sizeof(shell),
                   "shell=tr '\\0' ' ' </proc/$$/cmdline | grep -q -e \"$TOKEN\" && exit 2; "
                   "test \"$TOKEN$REGION$OF_THE_TEST\" = \"$(cat %s)\" || exit 1; "
                   "echo $BINNACLE_SOURCE $BINNACLE_CONTEXT",
                   p->file);
    START(p, shell, "secrets={\"TOKEN\":\"env:OF_THE_TEST\"}", "env={\"REGION\":\"eu\"}",
          "context=prod");
    source_until(s, source_synced(s, "check"));
    assert_string_equal(source_text(s, "check", "it", "status"), "0");
    assert_string_equal(source_text(s, "check", "it", "message"), "it prod");
    assert_false(source_leaks(s, SECRET));
    stop(p);
    START(p, "shell=true", "secrets={\"TOKEN\":\"env:NOBODY_HAS_THIS\"}");
    source_until(s, source_synced(s, "check"));
    source_judged(s, "check", "it", LEVEL_UNKNOWN, "check-failed", "TOKEN: ");
    stop(p);
    (void)unsetenv("OF_THE_TEST");
}

/* ---- Rows in JSON. */

#define COLUMNS "columns=[{\"name\":\"used\",\"type\":\"ratio\"}]"

static void rows_of_a_kind_of_its_own(void **state)
{
    struct place *p = *state;
    struct source_run *s = &p->run;
    char shell[256];
    put(p, "0\n[{\"name\":\"a\",\"used\":0.97,\"state\":\"critical\",\"message\":\"a is full\"},"
           "{\"name\":\"b\",\"used\":0.1,\"state\":\"ok\"},{\"name\":\"c\"}]\n");
    START(p, from_file(p, shell), "kind=disk", COLUMNS);
    source_until(s, source_synced(s, "disk"));
    source_judged(s, "disk", "a", LEVEL_CRITICAL, "exec-critical", "a is full");
    assert_string_equal(source_text(s, "disk", "a", "used"), "97%");
    assert_int_equal(source_level(s, "disk", "b"), LEVEL_OK);
    assert_int_equal(source_level(s, "disk", "c"), LEVEL_OFF); /* nobody said that it is well */
    put(p, "0\n[{\"name\":\"a\",\"used\":0.5,\"state\":0}]\n");
    source_refresh(s);
    source_until(s, source_level(s, "disk", "a") == LEVEL_OK && !source_has(s, "disk", "b"));
    stop(p);
}

/* Each word of a row is a level, in the row's own words, and goes with them. */
static void a_row_says_its_level(void **state)
{
    static const struct {
        const char *word, *rule;
        enum level level;
    } cases[] = {
        {"notice", "exec-notice", LEVEL_NOTICE},
        {"progress", "exec-progress", LEVEL_PROGRESS},
        {"unknown", "exec-unknown", LEVEL_UNKNOWN},
        {"warning", "exec-warning", LEVEL_WARNING},
        {"critical", "exec-critical", LEVEL_CRITICAL},
    };
    struct place *p = *state;
    struct source_run *s = &p->run;
    char shell[256], text[256];
    put(p, "0\n[]\n");
    START(p, from_file(p, shell), "kind=disk", COLUMNS);
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        (void)snprintf(text, sizeof(text),
                       "0\n[{\"name\":\"a\",\"state\":\"%s\",\"message\":\"as it says\"}]\n",
                       cases[i].word);
        put(p, text);
        source_refresh(s);
        source_until(s, source_level(s, "disk", "a") == cases[i].level);
        source_judged(s, "disk", "a", cases[i].level, cases[i].rule, "as it says");
    }
    put(p, "0\n[{\"name\":\"a\",\"state\":\"ok\"}]\n");
    source_refresh(s);
    source_until(s, source_level(s, "disk", "a") == LEVEL_OK);
    put(p, "0\n[{\"name\":\"a\",\"state\":\"off\"}]\n");
    source_refresh(s);
    source_until(s, source_level(s, "disk", "a") == LEVEL_OFF);
    stop(p);
}

/* What went wrong is said of the kind, and rows of before stay; then it is well again. */
static void rows_that_do_not_come(void **state)
{
    static const struct {
        const char *said, *words;
    } cases[] = {
        {"0\nTraceback: no\n", "it: /bin/sh: line 1 is no JSON: Traceback: no"},
        {"0\n", "it: /bin/sh: it printed nothing; no rows at all are `[]`"},
        {"3\n[]\n", "it: /bin/sh failed (exit status 3)"},
        {"0\n[{}]\n", "it: /bin/sh: row 1 has no `name`"},
    };
    struct place *p = *state;
    struct source_run *s = &p->run;
    char shell[256];
    put(p, "0\n[{\"name\":\"a\",\"state\":\"ok\"}]\n");
    START(p, from_file(p, shell), "kind=disk", COLUMNS);
    source_until(s, source_level(s, "disk", "a") == LEVEL_OK);
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        put(p, cases[i].said);
        source_refresh(s);
        source_until(s, source_kind_report(s, "disk")->state == SOURCE_FAILING &&
                            strstr(source_kind_report(s, "disk")->why.msg, cases[i].words));
        assert_true(source_has(s, "disk", "a"));
    }
    put(p, "0\n[{\"name\":\"b\",\"state\":\"ok\"}]\n");
    source_refresh(s);
    source_until(s, source_kind_report(s, "disk")->state == SOURCE_FRESH &&
                        source_has(s, "disk", "b") && !source_has(s, "disk", "a"));
    stop(p);
}

static void what_is_hidden_is_noted(void **state)
{
    struct place *p = *state;
    struct source_run *s = &p->run;
    START(p, "shell=echo '[{\"name\":\"a\"}]'; echo half of it is secret >&2", "kind=disk",
          COLUMNS);
    source_until(s, source_kind_report(s, "disk")->state == SOURCE_PARTIAL);
    assert_string_equal(source_kind_report(s, "disk")->note,
                        "it wrote to standard error: half of it is secret");
    assert_true(source_has(s, "disk", "a"));
    stop(p);
}

static void a_script_says_its_columns(void **state)
{
    struct place *p = *state;
    struct source_run *s = &p->run;
    START(p,
          "shell=test \"$BINNACLE_DESCRIBE\" && exec echo "
          "'{\"columns\":[{\"name\":\"heat\",\"type\":\"quantity\"}]}'; "
          "echo '[{\"name\":\"a\",\"heat\":40.5}]'",
          "kind=sensor");
    source_until(s, source_synced(s, "sensor"));
    assert_string_equal(source_text(s, "sensor", "a", "heat"), "40.5");
    stop(p);
    START(p, "shell=echo '[{\"name\":\"a\",\"heat\":40.5}]'",
          "kind=sensor"); /* one that does not */
    source_until(s, source_kind_report(s, "sensor")->state == SOURCE_PARTIAL);
    assert_true(source_has(s, "sensor", "a"));
    assert_string_equal(source_kind_report(s, "sensor")->note,
                        "its columns are not known: asked for them it printed no `columns`");
    stop(p);
}

/* The example of doc/extending.md, as it stands there. */
static void the_example_of_the_manual(void **state)
{
    struct place *p = *state;
    struct source_run *s = &p->run;
    struct strbuf text = STRBUF_INIT((size_t)1 << 20), path = STRBUF_INIT(4096);
    char shell[256];
    struct err err;
    strbuf_addf(&path, "%s/doc/extending.md", getenv("top_srcdir"));
    if (!file_read(strbuf_cstr(&path), &text, &err))
        fail_msg("%s", err.msg);
    struct span all = strbuf_span(&text), begin = SPAN("```sh\n#!/bin/sh\n");
    size_t from = span_search(all, begin, false) + 6;
    assert_true(from < all.len);
    all = span_sub(all, from, all.len);
    all.len = span_search(all, SPAN("\n```"), false);
    if (!file_replace_later(p->file, all, &err))
        fail_msg("%s", err.msg);
    (void)snprintf(shell, sizeof(shell), "shell=. %s", p->file);
    START(p, shell, "kind=filled");
    source_until(s, source_synced(s, "filled"));
    assert_true(source_has(s, "filled", "/"));
    assert_string_not_equal(source_text(s, "filled", "/", "size"), "-");
    assert_string_not_equal(source_text(s, "filled", "/", "used"), "-");
    assert_string_equal(source_kind_report(s, "filled")->note, "");
    strbuf_clear(&text);
    strbuf_clear(&path);
    stop(p);
}

/* ---- The end: what hangs does not hold up who leaves, and does not stay behind. */

static void what_hangs_is_ended(void **state)
{
    struct place *p = *state;
    char shell[256];
    FILE *pid = NULL;
    int child = 0;
    (void)snprintf(shell, sizeof(shell), "shell=sh -c 'echo $$ >%s; exec sleep 600' & wait",
                   p->file);
    START(p, shell, "timeout=10m");
    source_until(&p->run, (pid = fopen(p->file, "r")) != NULL && fscanf(pid, "%d", &child) == 1);
    (void)fclose(pid);
    assert_true(child > 0);
    struct pollfd gone = {.fd = (int)syscall(SYS_pidfd_open, child, 0), .events = POLLIN};
    assert_true(gone.fd >= 0);
    stop(p);
    assert_int_equal(poll(&gone, 1, SOURCE_PATIENCE_MS), 1);
    (void)close(gone.fd);
}

/* Nor does what a program leaves behind that ends by itself: each run would add another. */
static void what_is_left_behind_is_ended(void **state)
{
    struct place *p = *state;
    char shell[1024], path[128];
    FILE *pid = NULL;
    int child = 0;
    (void)snprintf(
        shell, sizeof(shell),
        "shell=sleep 600 & echo $! >%s; echo OK; while [ ! -e %s.go ]; do sleep 0.01; done",
        p->file, p->file);
    START(p, shell, "timeout=10m");
    source_until(&p->run, (pid = fopen(p->file, "r")) != NULL && fscanf(pid, "%d", &child) == 1);
    (void)fclose(pid);
    assert_true(child > 0);
    struct pollfd gone = {.fd = (int)syscall(SYS_pidfd_open, child, 0), .events = POLLIN};
    assert_true(gone.fd >= 0);
    (void)snprintf(path, sizeof(path), "%s.go", p->file);
    FILE *go = fopen(path, "w");
    assert_non_null(go);
    (void)fclose(go);
    assert_int_equal(poll(&gone, 1, SOURCE_PATIENCE_MS), 1);
    source_until(&p->run, source_synced(&p->run, "check"));
    source_judged(&p->run, "check", "it", LEVEL_OK, "", "");
    (void)close(gone.fd);
    (void)unlink(path);
    stop(p);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_check_and_its_values),       CASE(is_run_again_when_it_is_due),
        CASE(says_how_a_check_failed),      CASE(secrets_go_through_the_environment_alone),
        CASE(rows_of_a_kind_of_its_own),    CASE(rows_that_do_not_come),
        CASE(a_row_says_its_level),         CASE(what_is_hidden_is_noted),
        CASE(a_script_says_its_columns),    CASE(what_hangs_is_ended),
        CASE(what_is_left_behind_is_ended), CASE(the_example_of_the_manual),
    };
    return cmocka_run_group_tests_name("exec", tests, NULL, NULL);
}
