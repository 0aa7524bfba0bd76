/* A cluster of harbor's and a home of a person's. */
#include <config.h>

#include "test/systems/do_place.h"

#include "base/file.h"
#include "base/timetext.h"

#include <cjson/cJSON.h>
#include <ftw.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

void copy_kubeconfig(const struct place *p, const char *token)
{
    struct strbuf text = STRBUF_INIT(65536);
    struct err err;
    assert_true(file_read(p->harbor.kubeconfig, &text, &err));
    char *at = token ? strstr(text.data, ADMIN) : NULL;
    if (at) {
        struct strbuf other = STRBUF_INIT(65536);
        strbuf_addf(&other, "%.*s%s%s", (int)(at - text.data), text.data, token,
                    at + strlen(ADMIN));
        strbuf_clear(&text);
        text = other;
    }
    assert_true(file_replace(p->cli->kubeconfig, strbuf_span(&text), &err));
    strbuf_clear(&text);
}

int place_setup(void **state)
{
    struct place *p = calloc(1, sizeof(*p));
    char epoch[TIMETEXT_MAX];
    assert_non_null(p);
    assert_int_equal(cli_setup((void **)&p->cli), 0);
    time_format((int64_t)time(NULL) * 1000, epoch);
    const char *const words[] = {"--scenario", "calm", "--epoch", epoch, NULL};
    harbor_prepare(&p->harbor);
    harbor_start(&p->harbor, words);
    copy_kubeconfig(p, NULL);
    *state = p;
    return 0;
}

int place_teardown(void **state)
{
    struct place *p = *state;
    harbor_done(&p->harbor);
    (void)cli_teardown((void **)&p->cli);
    free(p);
    return 0;
}

char *read_text(struct place *p, const char *target, const char *path)
{
    const struct request r = {.target = target, .token = ADMIN, .protocol = HTTP2};
    struct call *c = harbor_ask(&p->harbor, &r);
    assert_true(c->status == 200 || c->status == 404);
    cJSON *doc = cJSON_ParseWithLength(c->body.data, c->body.len), *at = doc;
    struct span rest = span_from(path), word;
    while (span_split(&rest, '|', &word)) {
        char key[128];
        (void)snprintf(key, sizeof(key), "%.*s", SPAN_ARG(word));
        at = cJSON_IsArray(at) ? cJSON_GetArrayItem(at, (int)strtol(key, NULL, 10))
                               : cJSON_GetObjectItemCaseSensitive(at, key);
    }
    char *text = cJSON_IsString(at) ? strdup(at->valuestring) : cJSON_PrintUnformatted(at);
    cJSON_Delete(doc);
    harbor_forget(c);
    return text;
}

void expect_text(struct place *p, const char *target, const char *path, const char *wanted)
{
    char *text = read_text(p, target, path);
    assert_string_equal(text ? text : "(absent)", wanted);
    free(text);
}

int64_t asked(struct place *p, const char *text)
{
    return strtoll(harbor_told(&p->harbor, "asked %s", text) + 2, NULL, 10);
}

void await_asked(struct place *p, const char *text, int times)
{
    int64_t end = now_ms() + PATIENT_MS;
    while (asked(p, text) < times)
        assert_true(in_time(end));
}

int64_t writes(struct place *p, const char *target)
{
    char text[512];
    (void)snprintf(text, sizeof(text), "%s?fieldManager", target);
    return asked(p, text);
}

void expect_audit(struct place *p, const char *text)
{
    struct cli_run run = {0};
    cli_run(p->cli, &run, "audit", NULL);
    assert_status(&run, 0);
    assert_prints(&run, text);
    cli_done(&run);
}

static const char *unwritten;
static bool written;

static int look_into(const char *path, const struct stat *st, int type, struct FTW *at)
{
    struct strbuf text = STRBUF_INIT((size_t)8 << 20);
    (void)st, (void)at;
    if (type == FTW_F && strstr(path, "/.local/") && file_read(path, &text, NULL) &&
        strstr(strbuf_cstr(&text), unwritten))
        written = true;
    strbuf_clear(&text);
    return 0;
}

void expect_unwritten(const struct place *p, const struct cli_run *run, const char *value)
{
    assert_null(strstr(strbuf_cstr(&run->out), value));
    assert_null(strstr(strbuf_cstr(&run->err), value));
    unwritten = value;
    written = false;
    assert_int_equal(nftw(p->cli->folder, look_into, 16, FTW_PHYS), 0);
    assert_false(written);
}

void kill_run(int pid)
{
    int status;
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
}
