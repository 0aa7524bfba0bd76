/* The audit log as rows: how runs ended, and what another hand did to the file. */
#include <config.h>

#include "backends/audit/audit.h"
#include "base/file.h"
#include "net/digest.h"
#include "net/hash_chain_end.h"
#include "test/systems/source_run.h"

#include <stdio.h>
#include <unistd.h>

#define WALL INT64_C(1770973200000) /* 2026-02-13T09:00:00Z */

struct place {
    char folder[64], path[96], end[112];
    struct strbuf log;
    char prev[DIGEST_SHA256_TEXT];
    struct source_run run;
};

static int setup(void **state)
{
    struct place *p = calloc(1, sizeof(*p));
    (void)snprintf(p->folder, sizeof(p->folder), "/tmp/binnacle-audit-XXXXXX");
    if (!mkdtemp(p->folder))
        return -1;
    (void)snprintf(p->path, sizeof(p->path), "%s/audit.jsonl", p->folder);
    (void)snprintf(p->end, sizeof(p->end), "%s.end", p->path);
    p->log = (struct strbuf)STRBUF_INIT(65536);
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    struct place *p = *state;
    source_stop(&p->run);
    strbuf_clear(&p->log);
    (void)unlink(p->path);
    (void)unlink(p->end);
    (void)rmdir(p->folder);
    free(p);
    return 0;
}

static void write_file(const char *path, struct span text)
{
    struct err err;
    if (!file_replace(path, text, &err))
        fail_msg("%s", err.msg);
}

/* A line of the run, as the program writes it. */
static void add(struct place *p, const char *run, const char *event, const char *more)
{
    size_t from = p->log.len;
    strbuf_addf(&p->log,
                "{\"v\":%d,\"at\":\"2026-02-13T08:59:00Z\",\"run\":\"%s\",\"event\":\"%s\"%s,"
                "\"prev\":\"%s\"",
                HASH_CHAIN_NOTED, run, event, more, p->prev);
    assert_true(digest_sha256(span_sub(strbuf_span(&p->log), from, p->log.len - from), p->prev));
    strbuf_addf(&p->log, HASH_CHAIN_MARK "%s\"}\n", p->prev);
}

static void add_run(struct place *p, const char *run, const char *ended)
{
    char says[64];
    add(p, run, "begin",
        ",\"action\":\"scale\",\"context\":\"prod\",\"answers\":{\"namespace\":\"shop\","
        "\"name\":\"api\"}");
    add(p, run, "step", ",\"title\":\"Scale Deployment shop/api to 2\"");
    (void)snprintf(says, sizeof(says), ",\"says\":\"%s\"", ended ? ended : "");
    if (ended)
        add(p, run, "end", says);
}

static void begin(struct place *p)
{
    char path[128];
    (void)snprintf(path, sizeof(path), "path=%s", p->path);
    const char *const settings[] = {path, NULL};
    write_file(p->path, strbuf_span(&p->log));
    write_file(p->end, span_from(p->prev));
    source_start(&p->run, &backend_audit, settings, WALL);
    source_want(&p->run, "audit-run", true);
    source_until(&p->run, source_synced(&p->run, "audit-run"));
}

static void runs_end_as_they_did(void **state)
{
    struct place *p = *state;
    struct source_run *s = &p->run;
    add_run(p, "run-done", "done");
    add_run(p, "run-failed", "failed");
    add_run(p, "run-partly", "undone in part");
    add_run(p, "run-left", "left");
    add_run(p, "run-open", NULL);
    begin(p);
    source_judged(s, "audit-run", "run-done", LEVEL_OK, "", "");
    source_judged(s, "audit-run", "run-failed", LEVEL_NOTICE, "audit-failed", "failed");
    source_judged(s, "audit-run", "run-partly", LEVEL_NOTICE, "audit-partly", "in part");
    source_judged(s, "audit-run", "run-open", LEVEL_NOTICE, "audit-open", "no end");
    assert_string_equal(source_text(s, "audit-run", "run-open", "target"), "shop/api");
    assert_string_equal(source_text(s, "audit-run", "run-done", "took"), "0s");
    source_judged(s, "audit-run", "run-left", LEVEL_OK, "", "");
    assert_string_equal(source_text(s, "audit-run", "run-left", "took"), "-"); /* how long it lay */
    add(p, "run-open", "end", ",\"says\":\"done\"");
    write_file(p->path, strbuf_span(&p->log));
    write_file(p->end, span_from(p->prev));
    source_step(s, 2000);
    source_until(s, source_level(s, "audit-run", "run-open") == LEVEL_OK);
}

/* "MISSING" in the kind's report, as the screen's head has it; "" when all is there. */
static const char *note(struct source_run *s)
{
    return source_kind_report(s, "audit-run")->note;
}

static void another_hand_is_noticed(void **state)
{
    struct place *p = *state;
    struct source_run *s = &p->run;
    struct strbuf changed = STRBUF_INIT(65536);
    add_run(p, "run-one", "done");
    size_t whole = p->log.len;
    add_run(p, "run-two", "done");
    begin(p);
    assert_string_equal(note(s), "");
    write_file(p->path, span_sub(strbuf_span(&p->log), 0, whole));
    source_step(s, 2000);
    source_until(s, strstr(note(s), "at the audit log's end are MISSING"));
    assert_false(source_has(s, "audit-run", "run-two"));
    strbuf_add(&changed, strbuf_span(&p->log));
    *strstr(changed.data, "to 2") = 'T';
    write_file(p->path, strbuf_span(&changed));
    source_step(s, 2000);
    source_until(s, strstr(note(s), "BROKEN"));
    source_judged(s, "audit-run", "run-one", LEVEL_CRITICAL, "audit-broken", "does not follow on");
    write_file(p->path, strbuf_span(&p->log)); /* the true one is back */
    source_step(s, 2000);
    source_until(s, !note(s)[0]);
    source_judged(s, "audit-run", "run-one", LEVEL_OK, "", "");
    strbuf_clear(&changed);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(runs_end_as_they_did),
        CASE(another_hand_is_noticed),
    };
    return cmocka_run_group_tests_name("audit_rows", tests, NULL, NULL);
}
