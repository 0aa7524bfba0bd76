/* The audit log: what was tampered with shows, what a crash left is gone on with, two who write at
 * once make one chain. */
#include <config.h>

#include "actions/run.h"
#include "base/file.h"
#include "net/hash_chain_end.h"

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
/* clang-format on */

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define A "0123456789abcdef0123456789abcdef"
#define B "fedcba9876543210fedcba9876543210"

static const char kubeconfig[] =
    "apiVersion: v1\nkind: Config\ncurrent-context: here\n"
    "clusters: [{name: c, cluster: {server: 'https://127.0.0.1:1'}}]\n"
    "contexts: [{name: here, context: {cluster: c, user: u}}]\nusers: [{name: u, user: {}}]\n";

struct place {
    char folder[64], path[96], end[112], config[96];
    struct clock *clock;
    struct target *target;
    struct answers answers;
    struct plan plan;
};

static int setup(void **state)
{
    struct place *p = calloc(1, sizeof(*p));
    struct err err;
    assert_non_null(p);
    (void)snprintf(p->folder, sizeof(p->folder), "/tmp/binnacle-test-XXXXXX");
    assert_non_null(mkdtemp(p->folder));
    (void)snprintf(p->path, sizeof(p->path), "%s/audit.jsonl", p->folder);
    (void)snprintf(p->end, sizeof(p->end), "%s.end", p->path);
    (void)snprintf(p->config, sizeof(p->config), "%s/kubeconfig", p->folder);
    assert_true(file_replace(p->config, span_from(kubeconfig), &err));
    p->clock = clock_new();
    const struct target_options o = {.kubeconfig = p->config, .clock = p->clock};
    p->target = target_open(&o, &err);
    assert_non_null(p->target);
    p->answers.action = action_find("cordon");
    assert_true(answers_set(&p->answers, "name", "spot-1", &err));
    p->plan = (struct plan){.action = p->answers.action};
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    struct place *p = *state;
    answers_clear(&p->answers);
    target_close(p->target);
    clock_free(p->clock);
    (void)unlink(p->path);
    (void)unlink(p->end);
    (void)unlink(p->config);
    (void)rmdir(p->folder);
    free(p);
    return 0;
}

static struct audit *open_log(const struct place *p)
{
    struct err err;
    struct audit *a = audit_open(p->path, &err);
    assert_non_null(a);
    return a;
}

static void write_event(const struct place *p, struct audit *a, const char *run,
                        enum audit_event event, const struct step *step, const char *says)
{
    const struct audit_line line = {.event = event,
                                    .run = run,
                                    .target = p->target,
                                    .answers = event == AUDIT_BEGIN ? &p->answers : NULL,
                                    .plan = event == AUDIT_BEGIN ? &p->plan : NULL,
                                    .step = step,
                                    .says = says};
    struct err err;
    assert_true(audit_write(a, &line, &err));
}

static const struct step step = {
    .sign = '~',
    .title = "Cordon Node spot-1",
    .deed = {.method = "PATCH",
             .path = "/api/v1/nodes/spot-1",
             .media = "application/merge-patch+json",
             .body = "{\"a\":1}",
             .generation = -1},
    .undo = {.method = "PATCH",
             .path = "/api/v1/nodes/spot-1",
             .media = "application/merge-patch+json",
             .body = "{\"a\":0}",
             .generation = -1},
};

static void write_run(const struct place *p, struct audit *a, const char *id, bool ends)
{
    write_event(p, a, id, AUDIT_BEGIN, NULL, NULL);
    write_event(p, a, id, AUDIT_STEP, &step, NULL);
    if (ends) {
        write_event(p, a, id, AUDIT_DONE, &step, NULL);
        write_event(p, a, id, AUDIT_END, NULL, "done");
    }
}

static bool count_line(void *context, size_t number, const struct json_node *root, bool ok)
{
    (void)number;
    (void)root;
    (void)ok;
    ++*(size_t *)context;
    return true;
}

static size_t broken_of(const struct place *p, size_t *lines)
{
    struct err err;
    size_t broken = 0;
    *lines = 0;
    assert_true(hash_chain_read(p->path, count_line, lines, &broken, &err));
    return broken;
}

/* ---- */

static void what_was_written_is_whole(void **state)
{
    const struct place *p = *state;
    struct audit *a = open_log(p);
    struct stat st;
    size_t lines;
    write_run(p, a, A, true);
    audit_close(a);
    a = open_log(p); /* the chain goes on where it was */
    write_run(p, a, B, true);
    audit_close(a);
    assert_int_equal(broken_of(p, &lines), 0);
    assert_int_equal(lines, 8);
    assert_int_equal(stat(p->path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

static void rewrite(const struct place *p, const struct strbuf *text)
{
    struct err err;
    assert_true(file_replace(p->path, strbuf_span(text), &err));
}

static void what_was_tampered_with_shows(void **state)
{
    const struct place *p = *state;
    struct strbuf text = STRBUF_INIT(1 << 20), other = STRBUF_INIT(1 << 20);
    struct audit *a = open_log(p);
    struct err err;
    size_t lines;
    write_run(p, a, A, true);
    audit_close(a);
    assert_true(file_read(p->path, &text, &err));
    char *second = strchr(text.data, '\n') + 1, *third = strchr(second, '\n') + 1;

    strbuf_add(&other, strbuf_span(&text)); /* a word of a line */
    strstr(other.data, "spot-1")[0] = 'S';
    rewrite(p, &other);
    assert_int_equal(broken_of(p, &lines), 1);

    strbuf_truncate(&other, 0); /* a line taken out */
    strbuf_add(&other, span_make(text.data, (size_t)(second - text.data)));
    strbuf_adds(&other, third);
    rewrite(p, &other);
    assert_int_equal(broken_of(p, &lines), 1);
    assert_int_equal(lines, 3);

    strbuf_truncate(&other, 0); /* a line put in again */
    strbuf_add(&other, span_make(text.data, (size_t)(third - text.data)));
    strbuf_adds(&other, second);
    rewrite(p, &other);
    assert_int_equal(broken_of(p, &lines), 1);

    strbuf_truncate(&other, 0); /* no line at all */
    strbuf_adds(&other, "{\"run\":\"x\"\n\xff\xfe\n[]\n");
    rewrite(p, &other);
    assert_int_equal(broken_of(p, &lines), 3);
    strbuf_clear(&text);
    strbuf_clear(&other);
}

/* The machine stopped amid a line: it shows, and what follows is whole. */
static void a_torn_line_keeps_its_place(void **state)
{
    const struct place *p = *state;
    struct strbuf text = STRBUF_INIT(1 << 20);
    struct audit *a = open_log(p);
    struct err err;
    size_t lines;
    write_run(p, a, A, true);
    audit_close(a);
    assert_true(file_read(p->path, &text, &err));
    strbuf_adds(&text, "{\"v\":1,\"at\":\"2026-");
    rewrite(p, &text);
    a = open_log(p);
    write_run(p, a, B, true);
    audit_close(a);
    assert_int_equal(broken_of(p, &lines), 1);
    assert_int_equal(lines, 9);
    strbuf_clear(&text);
}

/* What a full disk takes of a line is not left there: the log is whole, and goes on when there is room. */
static void a_line_is_written_whole_or_not_at_all(void **state)
{
    static const enum audit_event events[] = {AUDIT_STEP, AUDIT_SENT, AUDIT_DONE};
    struct place *p = *state;
    struct audit *a = open_log(p);
    struct rlimit all, limit;
    struct stat st, after;
    struct err err;
    size_t lines;
    write_event(p, a, A, AUDIT_BEGIN, NULL, NULL);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &all), 0);
    (void)signal(SIGXFSZ, SIG_IGN);
    for (size_t i = 0; i < BN_COUNT(events); i++) {
        const struct audit_line line = {
            .event = events[i], .run = A, .target = p->target, .step = &step};
        assert_int_equal(stat(p->path, &st), 0);
        limit = (struct rlimit){.rlim_cur = (rlim_t)st.st_size + 100, .rlim_max = all.rlim_max};
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
        assert_false(audit_write(a, &line, &err));
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &all), 0);
        assert_non_null(strstr(err.msg, i ? "; what was sent before stands, nothing more is"
                                          : "; nothing is changed without it"));
        assert_int_equal(stat(p->path, &after), 0);
        assert_int_equal(after.st_size, st.st_size);
    }
    (void)signal(SIGXFSZ, SIG_DFL);
    write_event(p, a, A, AUDIT_STEP, &step, NULL);
    audit_close(a);
    assert_int_equal(broken_of(p, &lines), 0);
    assert_int_equal(lines, 2);
    assert_int_equal(hash_chain_tail(p->path), HASH_CHAIN_WHOLE);
}

static void two_make_one_chain(void **state)
{
    const struct place *p = *state;
    int status;
    size_t lines;
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            struct audit *a = open_log(p);
            for (int n = 0; n < 10; n++)
                write_run(p, a, i ? A : B, true);
            audit_close(a);
            _exit(0);
        }
    for (int i = 0; i < 2; i++) {
        assert_true(wait(&status) > 0);
        assert_int_equal(status, 0);
    }
    assert_int_equal(broken_of(p, &lines), 0);
    assert_int_equal(lines, 80);
}

/* ---- Its end. */

/* Its first lines and no more. */
static void keep_lines(const struct place *p, int lines)
{
    struct strbuf text = STRBUF_INIT(1 << 20);
    struct err err;
    assert_true(file_read(p->path, &text, &err));
    const char *at = strbuf_cstr(&text);
    for (int i = 0; i < lines; i++)
        at = strchr(at, '\n') + 1;
    strbuf_truncate(&text, (size_t)(at - text.data));
    rewrite(p, &text);
    strbuf_clear(&text);
}

static void write_more(const struct place *p, const char *id)
{
    struct audit *a = open_log(p);
    write_run(p, a, id, true);
    audit_close(a);
}

static void lines_taken_from_its_end_are_missed(void **state)
{
    const struct place *p = *state;
    size_t lines;
    for (int kept = 0; kept <= 3; kept++) {
        (void)unlink(p->path);
        (void)unlink(p->end);
        assert_int_equal(hash_chain_tail(p->path), HASH_CHAIN_WHOLE); /* there is none yet */
        write_more(p, A);
        assert_int_equal(hash_chain_tail(p->path), HASH_CHAIN_WHOLE);
        keep_lines(p, kept);
        assert_int_equal(broken_of(p, &lines), 0);
        assert_int_equal(hash_chain_tail(p->path), HASH_CHAIN_CUT);
        write_more(p, B); /* it shows for good */
        assert_int_equal(hash_chain_tail(p->path), HASH_CHAIN_WHOLE);
        assert_int_equal(broken_of(p, &lines), 1);
        assert_int_equal(lines, kept + 4);
    }
}

static void a_log_that_is_gone_or_of_before_is_missed(void **state)
{
    const struct place *p = *state;
    struct strbuf text = STRBUF_INIT(1 << 20);
    struct err err;
    size_t lines;
    write_more(p, A);
    assert_true(file_read(p->path, &text, &err));
    write_more(p, B);
    rewrite(p, &text); /* a copy */
    assert_int_equal(broken_of(p, &lines), 0);
    assert_int_equal(hash_chain_tail(p->path), HASH_CHAIN_CUT);
    assert_int_equal(unlink(p->path), 0);
    assert_int_equal(hash_chain_tail(p->path), HASH_CHAIN_CUT);
    write_more(p, A);
    assert_int_equal(broken_of(p, &lines), 1);

    assert_int_equal(unlink(p->end), 0); /* what knows its end */
    assert_int_equal(hash_chain_tail(p->path), HASH_CHAIN_UNKNOWN);
    write_more(p, B);
    assert_int_equal(broken_of(p, &lines), 2);
    assert_int_equal(hash_chain_tail(p->path), HASH_CHAIN_WHOLE);
    strbuf_clear(&text);
}

static void who_writes_to_a_log_that_is_gone_is_told(void **state)
{
    const struct place *p = *state;
    struct audit *a = open_log(p);
    const struct audit_line line = {
        .event = AUDIT_END, .run = A, .target = p->target, .says = "done"};
    struct err err;
    write_run(p, a, A, false);
    assert_int_equal(unlink(p->path), 0);
    assert_false(audit_write(a, &line, &err));
    assert_non_null(strstr(err.msg, "; what was sent before stands, nothing more is"));
    audit_close(a);
}

static void put_end(const struct place *p, const struct strbuf *text)
{
    int fd = open(p->end, O_WRONLY);
    assert_int_equal(pwrite(fd, text->data, text->len, 0), text->len);
    (void)close(fd);
}

/* A crash between the line and what notes it, once and again: the log goes on behind its end. */
static void a_crash_before_its_end_is_noted_is_no_fault(void **state)
{
    const struct place *p = *state;
    struct audit *a = open_log(p);
    struct err err;
    size_t lines;
    for (int i = 0; i < 3; i++) {
        struct strbuf end = STRBUF_INIT(256);
        if (i)
            assert_true(file_read(p->end, &end, &err));
        else
            strbuf_adds(&end, HASH_CHAIN_END_NONE "\n"); /* of the first line of all */
        for (int crashes = 0; crashes < 2; crashes++) {
            write_event(p, a, A, AUDIT_NOTE, NULL, "x");
            put_end(p, &end);
            assert_int_equal(hash_chain_tail(p->path), HASH_CHAIN_WHOLE);
        }
        write_event(p, a, A, AUDIT_NOTE, NULL, "y");
        assert_int_equal(broken_of(p, &lines), 0);
        assert_int_equal(hash_chain_tail(p->path), HASH_CHAIN_WHOLE);
        strbuf_clear(&end);
    }
    assert_int_equal(lines, 9);
    audit_close(a);
}

/* Killed whenever: no fault of anybody's. */
static void whoever_is_killed_leaves_it_whole(void **state)
{
    const struct place *p = *state;
    size_t lines = 0, more = 0;
    for (int i = 0; i < 20; i++) {
        int status, said[2];
        char c;
        assert_int_equal(pipe(said), 0);
        int pid = (int)fork();
        if (pid == 0) {
            struct audit *a = open_log(p);
            for (int n = 0;; n++) {
                write_run(p, a, A, true);
                if (n == i && write(said[1], "x", 1) != 1)
                    _exit(1);
            }
        }
        (void)close(said[1]);
        assert_int_equal(read(said[0], &c, 1), 1);
        assert_int_equal(kill(pid, SIGKILL), 0);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        (void)close(said[0]);
        assert_int_equal(hash_chain_tail(p->path), HASH_CHAIN_WHOLE);
        assert_true(broken_of(p, &more) <= (size_t)i + 1); /* at most a line of each is torn */
        assert_true(more > lines);
        lines = more;
    }
}

/* Where a version had written that noted no end, the next one does from there on. */
static void a_log_of_before_gets_an_end(void **state)
{
    const struct place *p = *state;
    struct strbuf text = STRBUF_INIT(1 << 20);
    static const char old[] = "{\"v\":1,\"at\":\"2026-02-13T09:00:00Z\",\"run\":\"" A
                              "\",\"event\":\"end\",\"prev\":\"\"";
    char hash[65];
    size_t lines;
    assert_true(digest_sha256(span_from(old), hash));
    strbuf_addf(&text, "%s,\"hash\":\"%s\"}\n", old, hash);
    rewrite(p, &text);
    assert_int_equal(hash_chain_tail(p->path), HASH_CHAIN_WHOLE);
    write_more(p, B);
    assert_int_equal(broken_of(p, &lines), 0);
    assert_int_equal(lines, 5);
    keep_lines(p, 1);
    assert_int_equal(hash_chain_tail(p->path), HASH_CHAIN_CUT);
    strbuf_clear(&text);
}

/* ---- */

static void a_run_without_an_end_is_found(void **state)
{
    const struct place *p = *state;
    struct audit_run run;
    struct err err;
    struct audit *a = open_log(p);
    assert_false(audit_unfinished(p->path, NULL, AUDIT_ANY, &run, &err));
    assert_int_equal(err.kind, ERR_NOTFOUND);
    write_run(p, a, A, false);
    write_run(p, a, B, true); /* another that came later and ended */
    assert_true(audit_unfinished(p->path, NULL, AUDIT_ANY, &run, &err));
    assert_string_equal(run.id, A);
    assert_string_equal(run.action, "cordon");
    assert_string_equal(answers_get(&run.answers, "name"), "spot-1");
    assert_int_equal(run.count, 1);
    assert_int_equal(run.steps[0].state, AUDIT_STEP);
    assert_string_equal(run.steps[0].body, "{\"a\":0}");
    audit_run_clear(&run);
    assert_false(audit_unfinished(p->path, B, AUDIT_ANY, &run, &err));
    write_event(p, a, A, AUDIT_END, NULL, "left");
    assert_false(audit_unfinished(p->path, A, AUDIT_ANY, &run, &err));
    audit_close(a);
}

static struct step step_called(const char *title, bool back, bool apart)
{
    struct step s = step;
    s.title = title;
    s.undo_apart = apart;
    if (!back)
        s.undo = (struct deed){.generation = -1};
    return s;
}

/* What was sent counts, whatever came of it; what was only looked at, or refused, does not. */
static void what_a_run_can_take_back(void **state)
{
    const struct place *p = *state;
    const struct step apart = step_called("apart", true, true),
                      before = step_called("before", true, false),
                      for_good = step_called("for good", false, false),
                      bad = step_called("bad", true, false),
                      refused = step_called("refused", true, false),
                      looks = {.sign = '=', .title = "looks", .undo_title = "none"};

    static const enum undo_fate fates[] = {UNDO_TAKE,  UNDO_LEANED, UNDO_NONE,
                                           UNDO_STAYS, UNDO_TAKE,   UNDO_NONE};

    const struct {
        enum audit_event event;
        const struct step *step;
    } lines[] = {
        {AUDIT_STEP, &apart},    {AUDIT_DONE, &apart},   {AUDIT_STEP, &before},
        {AUDIT_DONE, &before},   {AUDIT_DONE, &looks},   {AUDIT_STEP, &for_good},
        {AUDIT_DONE, &for_good}, {AUDIT_STEP, &bad},     {AUDIT_SENT, &bad},
        {AUDIT_FAILED, &bad},    {AUDIT_STEP, &refused}, {AUDIT_FAILED, &refused},
    };
    struct audit *a = open_log(p);
    struct audit_run run;
    struct err err;
    write_event(p, a, A, AUDIT_BEGIN, NULL, NULL);
    for (size_t i = 0; i < BN_COUNT(lines); i++)
        write_event(p, a, A, lines[i].event, lines[i].step, NULL);
    assert_true(audit_unfinished(p->path, A, AUDIT_ANY, &run, &err));
    assert_int_equal(run.count, BN_COUNT(fates));
    for (size_t i = 0; i < run.count; i++)
        assert_int_equal(undo_fate(&run, i), fates[i]);
    assert_string_equal(run.steps[0].set, "{\"a\":1}");
    audit_run_clear(&run);
    audit_close(a);
}

/* Its lines are those of a version that noted no more of a step than request and undo. */
static void a_log_of_before_is_taken_back_as_before(void **state)
{
    const struct place *p = *state;
    struct strbuf text = STRBUF_INIT(1 << 20);
    const struct step for_good = step_called("for good", false, false);
    struct audit *a = open_log(p);
    struct audit_run run;
    struct err err;
    write_run(p, a, A, false);
    write_event(p, a, A, AUDIT_DONE, &step, NULL);
    write_event(p, a, A, AUDIT_STEP, &for_good, NULL);
    assert_true(file_read(p->path, &text, &err));
    assert_null(strstr(strbuf_cstr(&text), "undo_"));
    assert_null(strstr(strbuf_cstr(&text), "generation"));
    assert_true(audit_unfinished(p->path, A, AUDIT_ANY, &run, &err));
    assert_int_equal(undo_fate(&run, 0), UNDO_LEANED);
    assert_int_equal(undo_fate(&run, 1), UNDO_STAYS);
    audit_run_clear(&run);
    audit_close(a);
    strbuf_clear(&text);
}

static void a_run_is_one_process_s(void **state)
{
    const struct place *p = *state;
    struct audit *a = open_log(p), *b = open_log(p);
    struct err err;
    assert_true(audit_hold(a, A, &err));
    assert_false(audit_hold(b, A, &err));
    assert_int_equal(err.kind, ERR_CONFLICT);
    assert_true(audit_hold(b, B, &err));
    audit_close(a); /* as its process's end would */
    assert_true(audit_hold(b, A, &err));
    audit_close(b);
}

static void a_log_of_others_is_not_written(void **state)
{
    const struct place *p = *state;
    struct audit *a = open_log(p);
    struct err err;
    audit_close(a);
    assert_int_equal(chmod(p->path, 0644), 0);
    assert_null(audit_open(p->path, &err));
    assert_non_null(strstr(err.msg, "its owner's alone"));
    assert_int_equal(unlink(p->path), 0);
    assert_int_equal(symlink("/dev/null", p->path), 0);
    assert_null(audit_open(p->path, &err));
}

/* As a POSIX shell reads a word: nothing in single quotes means anything but itself. */
static void words_for_a_shell(void **state)
{
    static const struct {
        const char *text, *quoted;
    } cases[] = {
        {"a b", "'a b'"},
        {"it's", "'it'\\''s'"},
        {"$(id)`id`\\", "'$(id)`id`\\'"},
        {"'; rm -rf x; '", "''\\''; rm -rf x; '\\'''"},
    };

    (void)state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        struct strbuf quoted = STRBUF_INIT(4096);
        deed_quote(&quoted, span_from(cases[i].text));
        assert_string_equal(strbuf_cstr(&quoted), cases[i].quoted);
        strbuf_clear(&quoted);
    }
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_was_written_is_whole),
        CASE(what_was_tampered_with_shows),
        CASE(a_torn_line_keeps_its_place),
        CASE(a_line_is_written_whole_or_not_at_all),
        CASE(two_make_one_chain),
        CASE(what_a_run_can_take_back),
        CASE(a_log_of_before_is_taken_back_as_before),
        CASE(a_run_without_an_end_is_found),
        CASE(a_run_is_one_process_s),
        CASE(a_log_of_others_is_not_written),
        CASE(words_for_a_shell),
        CASE(lines_taken_from_its_end_are_missed),
        CASE(a_log_that_is_gone_or_of_before_is_missed),
        CASE(who_writes_to_a_log_that_is_gone_is_told),
        CASE(a_crash_before_its_end_is_noted_is_no_fault),
        CASE(whoever_is_killed_leaves_it_whole),
        CASE(a_log_of_before_gets_an_end),
    };
    return cmocka_run_group_tests_name("audit", tests, NULL, NULL);
}
