/* Plug-ins: the example of the tree is loaded by the real program and fills its kind; what must not be
 * loaded is a sentence on the sources. */
#include <config.h>

#include "base/file.h"
#include "test/systems/cli_run.h"

#include <sys/stat.h>
#include <unistd.h>

#define OBJECT_MAX ((size_t)16 << 20)

/* A built plug-in into folder/plugins/name. */
static void put_object(const struct cli_place *p, const char *built, const char *name, mode_t mode)
{
    struct strbuf object = STRBUF_INIT(OBJECT_MAX);
    char path[4096];
    struct err err;
    (void)snprintf(path, sizeof(path), "%s/plugins/%s", getenv("top_builddir"), built);
    if (!file_read(path, &object, &err))
        fail_msg("%s", err.msg);
    (void)snprintf(path, sizeof(path), "%s/plugins/%s", p->folder, name);
    assert_true(file_replace_later(path, strbuf_span(&object), &err)); /* and the folder, 0700 */
    assert_int_equal(chmod(path, mode), 0);
    strbuf_clear(&object);
}

static const char *put_config(const struct cli_place *p, const char *folder)
{
    char text[512];
    (void)snprintf(text, sizeof(text),
                   "sources:\n"
                   "- {name: here, type: uptime, proc: %s/proc}\n"
                   "plugins: %s/%s\n",
                   p->folder, p->folder, folder);
    return cli_put(p, "config.yaml", text, 0600);
}

static void put_proc(const struct cli_place *p, const char *load)
{
    struct err err;
    char path[4096];
    (void)snprintf(path, sizeof(path), "%s/proc/loadavg", p->folder);
    assert_true(file_replace_later(path, span_from(load), &err));
    (void)snprintf(path, sizeof(path), "%s/proc/uptime", p->folder);
    assert_true(file_replace_later(path, SPAN("3600.00 1.0\n"), &err));
}

static void a_plugin_is_a_sort_of_source(void **state)
{
    const struct cli_place *p = *state;
    struct cli_run r = {0};
    put_object(p, "uptime.so", "uptime.so", 0644);
    put_proc(p, "12.50 1.0 1.0 1/1 1\n");
    const char *config = put_config(p, "plugins");
    cli_run(p, &r, "--config", config, "demo", "--scenario", "calm", "get", "machines", "--filter",
            "load>12", "-o", "jsonl", NULL);
    assert_status(&r, 0);
    assert_prints(&r, "\"kind\":\"machine\"");
    assert_prints(&r, "\"source\":\"here\"");
    assert_prints(&r, "\"up\":3600");
    assert_prints(&r, "\"verdict\":{\"level\":\"warning\",\"rule\":\"machine-load\","
                      "\"says\":\"load 12.50\"}");
    cli_run(p, &r, "--config", config, "backends", NULL);
    assert_status(&r, 0);
    assert_prints(&r, "uptime           proc ");
    cli_done(&r);
}

/* Each is named with its reason; what is well is loaded all the same. */
static void what_is_not_loaded_is_said(void **state)
{
    const struct cli_place *p = *state;
    struct cli_run r = {0};
    char path[4096], target[4096];
    put_object(p, "uptime.so", "a.so", 0644);
    put_object(p, "other.so", "b-other.so", 0644);
    put_object(p, "uptime.so", "c-writable.so", 0646);
    put_object(p, "uptime.so", "d-twice.so", 0644);
    (void)snprintf(path, sizeof(path), "%s/plugins/e-garbage.so", p->folder);
    assert_true(file_replace_later(path, SPAN("garbage"), NULL));
    (void)snprintf(target, sizeof(target), "%s/plugins/a.so", p->folder);
    (void)snprintf(path, sizeof(path), "%s/plugins/f-link.so", p->folder);
    assert_int_equal(symlink(target, path), 0);
    put_proc(p, "0.50 1.0 1.0 1/1 1\n");
    cli_run(p, &r, "--config", put_config(p, "plugins"), "demo", "--scenario", "calm", "doctor",
            NULL);
    assert_status(&r, 1);
    assert_prints(&r, "fresh     here ");
    assert_prints(&r, "failing   b-other.so ");
    assert_prints(&r, "it speaks interface 999, this binnacle 4: build it anew");
    assert_prints(&r, "failing   c-writable.so ");
    assert_prints(&r, "not loaded: others than you and root own ");
    assert_prints(&r, "failing   d-twice.so ");
    assert_prints(&r, "there is a backend uptime already");
    assert_prints(&r, "failing   e-garbage.so ");
    assert_prints(&r, "it cannot be loaded: file too short");
    assert_prints(&r, "failing   f-link.so ");
    assert_prints(&r, "is no file of its own");
    cli_done(&r);
}

static void a_folder_that_others_may_write(void **state)
{
    const struct cli_place *p = *state;
    struct cli_run r = {0};
    char path[4096];
    put_object(p, "uptime.so", "uptime.so", 0644);
    (void)snprintf(path, sizeof(path), "%s/plugins", p->folder);
    assert_int_equal(chmod(path, 0777), 0);
    cli_run(p, &r, "--config", put_config(p, "plugins"), "backends", NULL);
    assert_complains(&r, "a source wants a `type`: one of "); /* there is no uptime */
    assert_null(strstr(strbuf_cstr(&r.out), "uptime"));
    cli_run(p, &r, "--config", put_config(p, "nothing"), "backends", NULL);
    assert_null(strstr(strbuf_cstr(&r.out), "uptime"));
    cli_done(&r);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, cli_setup, cli_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_plugin_is_a_sort_of_source),
        CASE(what_is_not_loaded_is_said),
        CASE(a_folder_that_others_may_write),
    };
    return cmocka_run_group_tests_name("plugin", tests, NULL, NULL);
}
