/* A database cluster of harbor's, its operator, and its bucket. */
#include <config.h>

#include "test/systems/do_database.h"

#include "base/file.h"
#include "base/timetext.h"

#include <cjson/cJSON.h>
#include <time.h>

int database_setup(void **state)
{
    struct place *p = calloc(1, sizeof(*p));
    char epoch[TIMETEXT_MAX], ca[128], outside[64];
    assert_non_null(p);
    assert_int_equal(cli_setup((void **)&p->cli), 0);
    time_format((int64_t)time(NULL) * 1000, epoch);
    harbor_prepare(&p->harbor);
    (void)snprintf(ca, sizeof(ca), "%s/outside.pem", p->cli->folder);
    const char *const words[] = {"--scenario", "calm", "--epoch", epoch, "--outside-ca", ca, NULL};
    harbor_start(&p->harbor, words);
    copy_kubeconfig(p, NULL);
    (void)snprintf(outside, sizeof(outside), "127.0.0.1:%d", p->harbor.outside);
    (void)setenv("BINNACLE_OUTSIDE", outside, 1);
    (void)setenv("BINNACLE_OUTSIDE_CA", ca, 1);
    *state = p;
    return 0;
}

int database_teardown(void **state)
{
    (void)unsetenv("BINNACLE_OUTSIDE");
    (void)unsetenv("BINNACLE_OUTSIDE_CA");
    return place_teardown(state);
}

void set_operator(struct place *p, bool works)
{
    (void)harbor_told(&p->harbor,
                      "patch deployments operators pxc-operator "
                      "{\"status\":{\"readyReplicas\":%d}}",
                      works);
}

int count_named(struct place *p, const char *list, const char *prefix, char name[128])
{
    struct call *c = harbor_get(&p->harbor, HTTP2, list);
    cJSON *doc = cJSON_ParseWithLength(c->body.data, c->body.len);
    const cJSON *item;
    int n = 0;
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(doc, "items"))
    {
        const cJSON *metadata = cJSON_GetObjectItemCaseSensitive(item, "metadata");
        const char *own = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(metadata, "name"));
        if (!own || strncmp(own, prefix, strlen(prefix)) != 0)
            continue;
        (void)snprintf(name, 128, "%s", own);
        n++;
    }
    cJSON_Delete(doc);
    harbor_forget(c);
    return n;
}

void await_named(struct place *p, const char *list, const char *prefix, char name[128])
{
    int64_t end = now_ms() + PATIENT_MS;
    while (count_named(p, list, prefix, name) == 0)
        assert_true(in_time(end));
}

static int count_events(const char *path, const char *event)
{
    struct strbuf log = STRBUF_INIT((size_t)1 << 20);
    char word[64];
    struct err err;
    int n = 0;
    (void)snprintf(word, sizeof(word), "\"event\":\"%s\"", event);
    if (file_read(path, &log, &err))
        for (const char *at = strbuf_cstr(&log); (at = strstr(at, word)); at++)
            n++;
    strbuf_clear(&log);
    return n;
}

void await_audited(const struct place *p, const char *event, int times)
{
    int64_t end = now_ms() + PATIENT_MS;
    char path[160];
    (void)snprintf(path, sizeof(path), "%s/.local/state/binnacle/audit.jsonl", p->cli->folder);
    while (count_events(path, event) < times)
        assert_true(in_time(end));
}
