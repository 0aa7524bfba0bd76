/* A guided action in a process of its own: planned, confirmed, run; or left at any time, which never
 * waits, and does not end what runs. */
#include <config.h>

#include "actions/doing.h"

#include "test/systems/harbor_run.h"

#include <poll.h>

#define KIMAI "/apis/apps/v1/namespaces/default/deployments/kimai"

/* The one that the processes of actions are. */
static const char *program(void)
{
    static char path[512];
    const char *top = getenv("top_builddir");
    (void)snprintf(path, sizeof(path), "%s/binnacle", top ? top : ".");
    return path;
}

static struct doing *start(struct harbor *h, const char *replicas, char audit[128])
{
    struct answers a = {.action = action_find("scale")};
    struct err err;
    (void)snprintf(audit, 128, "%s/audit.jsonl", h->folder);
    const struct doing_options o = {
        .program = program(), .kubeconfig = h->kubeconfig, .ns = "default", .audit = audit};
    assert_true(answers_set(&a, "name", "kimai", &err));
    assert_true(answers_set(&a, "replicas", replicas, &err));
    struct doing *d = doing_start(&o, &a, &err);
    assert_non_null(d);
    answers_clear(&a);
    return d;
}

static void until(struct doing *d, enum doing_state wanted)
{
    int64_t end = now_ms() + 30000;
    struct pollfd news = {.fd = doing_fd(d), .events = POLLIN};
    enum doing_state state;
    while ((state = doing_state(d)) != wanted) {
        struct strbuf text = STRBUF_INIT(1 << 20);
        doing_text(d, false, 0, &text);
        if (now_ms() > end)
            fail_msg("state %d, wanted %d; it says: %s", (int)state, (int)wanted,
                     strbuf_cstr(&text));
        strbuf_clear(&text);
        (void)poll(&news, 1, 1000);
    }
}

static void it_is_planned_confirmed_and_run(void **state)
{
    struct harbor *h = *state;
    char audit[128];
    struct strbuf text = STRBUF_INIT(1 << 20);
    struct doing *d = start(h, "2", audit);
    until(d, DOING_PLANNED);
    assert_false(doing_destroys(d));
    assert_string_equal(doing_action(d)->name, "scale");
    doing_confirm(d);
    until(d, DOING_DONE);
    doing_text(d, false, 0, &text);
    assert_non_null(strstr(strbuf_cstr(&text), "ok  Scale Deployment default/kimai to 2"));
    doing_end(d);
    d = start(h, "2", audit);
    until(d, DOING_NOTHING);
    doing_end(d);
    strbuf_clear(&text);
}

static void it_is_left_at_any_time(void **state)
{
    struct harbor *h = *state;
    char audit[128];
    doing_end(start(h, "3", audit)); /* at once */
    struct doing *d = start(h, "3", audit);
    until(d, DOING_PLANNED);
    doing_end(d);
    (void)harbor_told(h, "fault " KIMAI "?fieldManager stall");
    d = start(h, "3", audit);
    until(d, DOING_PLANNED);
    doing_confirm(d);
    until(d, DOING_RUNS);
    int64_t began = now_ms();
    doing_end(d);
    assert_true(now_ms() - began < 5000);
    doing_end(NULL);
}

static void what_is_given_up_has_no_end(void **state)
{
    struct harbor *h = *state;
    char audit[128];
    (void)harbor_told(h, "fault " KIMAI "?fieldManager stall");
    struct doing *d = start(h, "3", audit);
    until(d, DOING_PLANNED);
    doing_confirm(d);
    until(d, DOING_RUNS);
    doing_cancel(d);
    until(d, DOING_OPEN);
    doing_end(d);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, harbor_setup, harbor_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(it_is_planned_confirmed_and_run),
        CASE(it_is_left_at_any_time),
        CASE(what_is_given_up_has_no_end),
    };
    return cmocka_run_group_tests_name("doing", tests, NULL, NULL);
}
