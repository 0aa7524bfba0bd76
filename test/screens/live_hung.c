/* Each source that is reached through the cluster hangs in turn, amid its answers: the cluster's rows
 * go on, and so does what is asked elsewhere. */
#include <config.h>

#include "test/screens/live.h"

#define PODS     "/api/v1/namespaces/operators/pods/"
#define SERVICES "/api/v1/namespaces/"

static const struct {
    const char *stalls;  /* what begins so is never answered */
    const char *goes_on; /* what is asked all the same */
} sources[] = {
    {SERVICES "vault/services/", "traefik:traefik/proxy/api/"},
    {SERVICES "traefik/services/", "/v1/sys/health"},
    {SERVICES "tooling/pods/", "/v1/sys/health"},
    {SERVICES "operators/services/", "/v1/sys/health"},
    {PODS "mysql-haproxy", "/v1/sys/health"},
    {PODS "mysql-pxc", "/v1/sys/health"},
    {PODS "redis", "/v1/sys/health"},
};

/* A pod comes, and is on the screen. */
static void expect_news(struct live *l, size_t i)
{
    char name[32];
    (void)snprintf(name, sizeof(name), "news-%zu", i);
    (void)live_tell(l, "copy pods vault vault-0 %s {\"status\":{\"phase\":\"Running\"}}", name);
    pty_wait_text(l->pty, name);
}

static void asked_again(struct live *l, const char *what, int64_t before)
{
    int64_t end = live_ms() + 30000;
    while (live_asked(l, what) <= before) {
        (void)pty_read(l->pty, SIZE_MAX, 20);
        if (live_ms() > end)
            fail_msg("%s is not asked any more", what);
    }
}

/* From its next connection on it hangs: that is asked for, and nothing comes. */
static void hang(struct live *l, const char *what)
{
    int64_t before = live_asked(l, what);
    (void)live_tell(l, "fault %s stall", what);
    (void)live_tell(l, "drop");
    live_command(l, "refresh all");
    asked_again(l, what, before);
}

static void each_source_hangs(void **state)
{
    struct live *l = *state;
    live_open(l, NULL, NULL);
    live_command(l, "pods /news-");
    for (size_t i = 0; i < BN_COUNT(sources); i++) {
        int64_t before = live_asked(l, sources[i].goes_on);
        hang(l, sources[i].stalls);
        expect_news(l, i);
        asked_again(l, sources[i].goes_on, before);
        (void)live_tell(l, "clear");
    }
    live_quit(l); /* in time, whatever hangs */
}

/* All of them at once. */
static void all_of_them_hang(void **state)
{
    struct live *l = *state;
    live_open(l, NULL, NULL);
    live_command(l, "pods /news-");
    for (size_t i = 0; i < BN_COUNT(sources); i++)
        hang(l, sources[i].stalls);
    for (size_t i = 0; i < 3; i++)
        expect_news(l, i);
    live_quit(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_source_hangs, live_setup, live_teardown),
        cmocka_unit_test_setup_teardown(all_of_them_hang, live_setup, live_teardown),
    };
    return cmocka_run_group_tests_name("live_hung", tests, NULL, NULL);
}
