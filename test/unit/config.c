/* The configuration file: what is taken, and which sentence a fault gets. */
#include <config.h>

#include "app/config.h"

#include "backends/backend.h"
#include "base/alloc.h"
#include "base/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct place {
    char folder[64], path[96];
};

static int setup(void **state)
{
    struct place *p = xalloc_zero(1, sizeof(*p));
    (void)snprintf(p->folder, sizeof(p->folder), "/tmp/binnacle-test-XXXXXX");
    if (!mkdtemp(p->folder))
        return -1;
    (void)snprintf(p->path, sizeof(p->path), "%s/c.yaml", p->folder);
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    struct place *p = *state;
    (void)unlink(p->path);
    (void)rmdir(p->folder);
    free(p);
    return 0;
}

static struct config *load(struct place *p, const char *text, unsigned parts, struct err *err)
{
    assert_true(file_replace(p->path, span_from(text), NULL));
    return config_load(p->path, parts, err);
}

/* The sentence, behind the file's path. */
static void assert_refused(struct place *p, const char *text, const char *sentence)
{
    struct err err;
    assert_null(load(p, text, CONFIG_ALL, &err));
    assert_int_equal(err.kind, ERR_CONFIG);
    assert_memory_equal(err.msg, p->path, strlen(p->path));
    assert_string_equal(err.msg + strlen(p->path), sentence);
}

static void takes_what_is_set(void **state)
{
    struct err err;
    struct config *c =
        load(*state, "theme: dark\nascii: true\nmouse: on\nrelist: 90s\n", CONFIG_ALL, &err);
    assert_non_null(c);
    assert_string_equal(config_text(c, "theme"), "dark");
    assert_true(config_bool(c, "ascii"));
    assert_string_equal(config_text(c, "mouse"), "on");
    assert_int_equal(config_number(c, "relist"), 90000);
    assert_string_equal(config_text(c, "production"), "*prod*"); /* the default */
    assert_string_equal(config_origin(c, "production"), "default");
    assert_string_equal(config_origin(c, "theme"), ((struct place *)*state)->path);
    config_free(c);
}

static void names_line_and_nearest_key(void **state)
{
    assert_refused(*state, "theme: dark\n\nthme: light\n",
                   ":3:1: there is no key `thme`; the nearest is `theme`");
    assert_refused(*state, "relsit: 5m\n",
                   ":1:1: there is no key `relsit`; the nearest is `relist`");
    assert_refused(*state, "log-level: info\n",
                   ":1:1: there is no key `log-level`; the nearest is `log_level`");
}

static void names_what_a_key_wants(void **state)
{
    assert_refused(*state, "ascii: yes\n", ":1:8: ascii wants true or false");
    assert_refused(*state, "relist: soon\n", ":1:9: relist wants a duration such as 30m");
    assert_refused(*state, "mouse: maybe\n", ":1:8: mouse wants auto|on|off");
    assert_refused(*state, "theme: [a, b]\n",
                   ":1:8: theme wants a single value, not a list or map");
    assert_refused(*state, "- theme\n", ":1:1: keys and values are expected here");
}

/* Where AWS is, is known: to say which bucket is enough. */
static void a_bucket_needs_no_address(void **state)
{
    struct err err;
    struct config *c = load(*state,
                            "sources:\n"
                            "- {name: backup, type: s3, bucket: reyem-db-backup}\n"
                            "- {name: s3/other, type: s3, ask: true}\n"
                            "- {name: dns, type: route53, zones: reyem.tech}\n",
                            CONFIG_ALL, &err);
    assert_non_null(c);
    assert_true(config_source_at(c, 0)->reached);
    assert_false(config_source_at(c, 1)->reached);
    assert_true(config_source_at(c, 2)->reached);
    config_free(c);
}

static void takes_sources(void **state)
{
    struct err err;
    struct strbuf shown = STRBUF_INIT(65536);
    struct config *c = load(*state,
                            "sources:\n"
                            "- name: vault\n"
                            "  type: vault\n"
                            "  reach: https://vault.example.org:8200\n"
                            "  token: env:VAULT_TOKEN\n"
                            "- {name: other, type: vault, ca: /etc/ssl/o'her.pem}\n",
                            CONFIG_ALL, &err);
    assert_non_null(c);
    assert_int_equal(config_sources(c), 2);
    const struct config_source *first = config_source_at(c, 0), *second = config_source_at(c, 1);
    assert_string_equal(first->name, "vault");
    assert_string_equal(first->backend->name, "vault");
    assert_string_equal(first->settings[0], "reach=https://vault.example.org:8200");
    assert_string_equal(first->settings[1], "token=env:VAULT_TOKEN");
    assert_null(first->settings[2]);
    assert_true(first->reached);
    assert_false(second->reached); /* it completes what is found */
    config_show(c, false, &shown); /* what it shows can be read again */
    config_free(c);
    c = load(*state, strbuf_cstr(&shown), CONFIG_ALL, &err);
    assert_non_null(c);
    assert_int_equal(config_sources(c), 2);
    assert_string_equal(config_source_at(c, 1)->settings[0], "ca=/etc/ssl/o'her.pem");
    config_free(c);
    strbuf_clear(&shown);
}

static void says_what_is_wrong_with_a_source(void **state)
{
    struct err err;
    assert_refused(*state, "sources: vault\n", ":1:10: sources wants a list");
    assert_refused(*state, "sources:\n- vault\n", ":2:3: a source is a map with `name` and `type`");
    assert_refused(*state, "sources:\n- type: vault\n", ":2:3: a source wants a `name`");
    assert_refused(*state, "sources:\n- {name: a, type: vault}\n- {name: a, type: vault}\n",
                   ":3:3: there is another source named `a`");
    assert_refused(*state, "sources:\n- name: a\n  type: vault\n  tokn: env:X\n",
                   ":4:3: a source of type vault has no `tokn`; the nearest is `token`");
    assert_refused(*state, "sources:\n- name: a\n  type: vault\n  context: prod\n",
                   ":4:3: a source of type vault has no `context`; the nearest is `token`");
    assert_refused(*state, "sources:\n- name: a\n  type: vault\n  ca: [x]\n",
                   ":4:7: ca wants a single value");
    assert_null(load(*state, "sources:\n- {name: a, type: kubernetes}\n", CONFIG_ALL, &err));
    assert_non_null(strstr(err.msg, ":2:3: a source wants a `type`: one of "));
    assert_null(
        load(*state, "sources:\n- {name: a, type: vault, reach: nowhere}\n", CONFIG_ALL, &err));
    assert_non_null(strstr(err.msg, ":2:33: reach: \"nowhere\" is no way to a server"));
}

/* Lists and maps; what it shows can be read again, lines and all. */
static void takes_a_script(void **state)
{
    struct err err;
    struct strbuf shown = STRBUF_INIT(65536);
    struct config *c = load(*state,
                            "sources:\n"
                            "- name: a\n"
                            "  type: exec\n"
                            "  command: [/bin/check, -w, 010, \"it's\"]\n"
                            "  env: {N: 010}\n"
                            "  secrets: {T: env:TOKEN}\n"
                            "- name: b\n"
                            "  type: exec\n"
                            "  shell: |\n"
                            "    one\n"
                            "    two 'three'\n"
                            "  kind: disk\n"
                            "  columns: [{name: n, type: count}]\n",
                            CONFIG_ALL, &err);
    for (int round = 0; round < 2; round++) {
        if (!c)
            fail_msg("%s", err.msg);
        const struct config_source *a = config_source_at(c, 0), *b = config_source_at(c, 1);
        assert_string_equal(a->settings[0], "command=[\"/bin/check\",\"-w\",\"010\",\"it's\"]");
        assert_string_equal(a->settings[1], "env={\"N\":\"010\"}");
        assert_string_equal(a->settings[2], "secrets={\"T\":\"env:TOKEN\"}");
        assert_true(a->reached);
        assert_string_equal(b->settings[0], "shell=one\ntwo 'three'\n");
        assert_string_equal(b->backend->kinds[0]->name, "disk");
        strbuf_truncate(&shown, 0);
        config_show(c, false, &shown);
        config_free(c);
        c = load(*state, strbuf_cstr(&shown), CONFIG_ALL, &err);
    }
    config_free(c);
    strbuf_clear(&shown);
}

static void says_what_is_wrong_with_a_script(void **state)
{
    struct err err;
    assert_refused(*state, "sources:\n- {name: a, type: exec, command: df}\n",
                   ":2:34: command wants a list of words");
    assert_refused(*state, "sources:\n- {name: a, type: exec, command: [[df]]}\n",
                   ":2:35: command wants single words or texts");
    assert_refused(*state, "sources:\n- {name: a, type: exec, env: [A]}\n",
                   ":2:30: env wants a map of names to texts");
    assert_refused(*state, "sources:\n- {name: a, type: exec, shell: x, kind: pods}\n",
                   ":2:3: the kind `pods`, `podss` would hide another: choose other words");
    assert_null(load(*state, "sources:\n- {name: a, type: exec, secrets: {T: hvs.sesame}}\n",
                     CONFIG_ALL, &err));
    assert_non_null(strstr(err.msg, ":2:38: secrets: "));
    assert_null(strstr(err.msg, "sesame"));
}

static const char *setting_of(const struct config *c, const char *list, const char *name,
                              const char *setting)
{
    for (const struct declared *e = config_declared(c, list); e && e->name; e++)
        for (const char *const *s = e->settings; strcmp(e->name, name) == 0 && *s; s++)
            if (strncmp(*s, setting, strlen(setting)) == 0)
                return *s + strlen(setting) + 1;
    return "none";
}

static void takes_lists_over_their_defaults(void **state)
{
    struct err err;
    struct strbuf shown = STRBUF_INIT(65536);
    struct config *c = load(*state,
                            "prices:\n"
                            "- {name: 'zone/*', low: 2, currency: EUR}\n"
                            "- {name: node/big, low: 1.5, high: 2}\n"
                            "expect:\n"
                            "- name: Grafana\n"
                            "  match: name~grafana\n",
                            CONFIG_ALL, &err);
    assert_non_null(c);
    for (int again = 0; again < 2; again++) { /* what it shows can be read again */
        assert_string_equal(setting_of(c, "prices", "zone/*", "low"), "2");
        assert_string_equal(setting_of(c, "prices", "zone/*", "high"), "none");
        assert_string_equal(setting_of(c, "prices", "bucket/*", "low"), "0.023");
        assert_string_equal(setting_of(c, "prices", "node/big", "low"), "1.5");
        assert_string_equal(setting_of(c, "expect", "Grafana", "match"), "name~grafana");
        strbuf_truncate(&shown, 0);
        config_show(c, false, &shown);
        config_free(c);
        c = load(*state, strbuf_cstr(&shown), CONFIG_ALL, &err);
        assert_non_null(c);
    }
    config_free(c);
    assert_string_equal(setting_of(NULL, "prices", "zone/*", "low"), "0.5");
    assert_null(config_declared(NULL, "unheard"));
    strbuf_clear(&shown);
}

/* What a demonstration has declared stands under what the user says. */
static void takes_lists_over_those_of_another_file(void **state)
{
    const struct place *p = *state;
    struct err err;
    char lists[128];
    (void)snprintf(lists, sizeof(lists), "%s/lists.yaml", p->folder);
    assert_true(file_replace(lists,
                             SPAN("theme: unheard\nexpect:\n- {name: a, state: absent}\n"
                                  "- {name: b, state: absent}\n"
                                  "sources:\n- {name: v, type: vault}\n"),
                             NULL));
    assert_true(file_replace(p->path, SPAN("expect:\n- {name: b, state: deployed}\n"), NULL));
    const char *const files[] = {lists, NULL};
    struct config *c = config_load_over(files, p->path, CONFIG_ALL, &err);
    assert_non_null(c);
    assert_int_equal(config_sources(c), 1);
    assert_string_equal(setting_of(c, "expect", "a", "state"), "absent");
    assert_string_equal(setting_of(c, "expect", "b", "state"), "deployed");
    assert_string_equal(config_text(c, "theme"), "default"); /* lists alone */
    config_free(c);
    (void)unlink(lists);
    assert_null(config_load_over(files, p->path, CONFIG_ALL, &err));
    assert_non_null(strstr(err.msg, "lists.yaml"));
}

static void says_what_is_wrong_with_a_list(void **state)
{
    assert_refused(*state, "prices: 3\n", ":1:9: prices wants a list of at most 500 entries");
    assert_refused(*state, "prices:\n- {low: 1}\n",
                   ":2:3: an entry of prices is a map with a `name`");
    assert_refused(*state, "prices:\n- {name: a, low: -1}\n",
                   ":2:18: low wants a number from 0 to 1000000000");
    assert_refused(*state, "prices:\n- {name: a, low: cheap}\n",
                   ":2:18: low wants a number from 0 to 1000000000");
    assert_refused(*state, "prices:\n- {name: a, lo: 1}\n",
                   ":2:13: an entry of prices has no `lo`; the nearest is `low`");
    assert_refused(*state, "expect:\n- {name: a, match: [x]}\n",
                   ":2:20: match wants a single value");
    assert_refused(*state, "expects:\n- {name: a}\n",
                   ":1:1: there is no key `expects`; the nearest is `expect`");
}

/* Somebody writes the password itself: it is not repeated. */
static void does_not_repeat_a_secret(void **state)
{
    struct err err;
    assert_null(
        load(*state, "sources:\n- {name: a, type: vault, token: hvs.sesame}\n", CONFIG_ALL, &err));
    assert_non_null(strstr(err.msg, ":2:33: token: "));
    assert_non_null(strstr(err.msg, "env:NAME"));
    assert_null(strstr(err.msg, "sesame"));
}

static void says_where_yaml_is_broken(void **state)
{
    struct err err;
    assert_null(load(*state, "theme: dark\nascii: [\n", CONFIG_ALL, &err));
    assert_non_null(strstr(err.msg, "c.yaml:3:"));
    assert_null(load(*state, "theme: dark\ntheme: light\n", CONFIG_ALL, &err));
    assert_non_null(strstr(err.msg, "c.yaml:2:1"));
}

static void warns_of_what_is_not_used(void **state)
{
    struct err err;
    struct config *c = load(*state, "themee: x\nascii: maybe\nrelist: 5m\n", CONFIG_SESSION, &err);
    assert_non_null(c);
    assert_int_equal(config_warnings(c), 2);
    assert_non_null(strstr(config_warning_at(c, 0), ":1:1: there is no key `themee`"));
    assert_non_null(strstr(config_warning_at(c, 1), ":2:8: ascii wants true or false"));
    assert_false(config_bool(c, "ascii"));
    assert_int_equal(config_number(c, "relist"), 300000);
    config_free(c);
    assert_null(load(*state, "relist: maybe\n", CONFIG_SESSION, &err));
    assert_null(load(*state, "something: else\n", CONFIG_SESSION, &err));
}

static void reads_the_environment(void **state)
{
    struct err err;
    (void)setenv("BINNACLE_LOG_LEVEL", "debug", 1);
    (void)setenv("BINNACLE_THEME", "", 1); /* empty is not set */
    struct config *c = load(*state, "log_level: error\ntheme: dark\n", CONFIG_ALL, &err);
    assert_non_null(c);
    assert_string_equal(config_text(c, "log_level"), "debug");
    assert_string_equal(config_origin(c, "log_level"), "environment");
    assert_string_equal(config_text(c, "theme"), "dark");
    config_free(c);
    (void)setenv("BINNACLE_LOG_LEVEL", "loud", 1);
    assert_null(load(*state, "", CONFIG_ALL, &err));
    assert_string_equal(err.msg, "the variable BINNACLE_LOG_LEVEL wants "
                                 "debug|info|warning|error, not `loud`");
    (void)unsetenv("BINNACLE_LOG_LEVEL");
    (void)unsetenv("BINNACLE_THEME");
}

static void needs_no_file(void **state)
{
    struct place *p = *state;
    struct err err;
    (void)setenv("XDG_CONFIG_HOME", p->folder, 1);
    struct config *c = config_load(NULL, CONFIG_ALL, &err);
    assert_non_null(c);
    assert_string_equal(config_text(c, "theme"), "default");
    config_free(c);
    (void)unsetenv("XDG_CONFIG_HOME");
    assert_null(config_load(p->path, CONFIG_ALL, &err)); /* but one that is named must be there */
    assert_non_null(strstr(err.msg, "c.yaml"));
}

/* What `config show` prints is a configuration that says the same. */
static void shows_what_it_reads(void **state)
{
    struct place *p = *state;
    struct err err;
    struct strbuf first = STRBUF_INIT(65536), again = STRBUF_INIT(65536);
    struct config *c = load(p, "theme: \"it's # odd\"\nmouse: off\n", CONFIG_ALL, &err);
    config_show(c, false, &first);
    config_free(c);
    assert_non_null(strstr(strbuf_cstr(&first), "theme: 'it''s # odd'\n"));
    c = load(p, strbuf_cstr(&first), CONFIG_ALL, &err);
    assert_non_null(c);
    assert_string_equal(config_text(c, "theme"), "it's # odd");
    assert_string_equal(config_text(c, "mouse"), "off");
    config_free(c);
    config_show(NULL, true, &again);
    c = load(p, strbuf_cstr(&again), CONFIG_ALL, &err);
    assert_non_null(c);
    config_free(c);
    strbuf_clear(&first);
    strbuf_clear(&again);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(takes_what_is_set),
        CASE(names_line_and_nearest_key),
        CASE(names_what_a_key_wants),
        CASE(takes_sources),
        CASE(a_bucket_needs_no_address),
        CASE(says_what_is_wrong_with_a_source),
        CASE(takes_a_script),
        CASE(says_what_is_wrong_with_a_script),
        CASE(takes_lists_over_their_defaults),
        CASE(takes_lists_over_those_of_another_file),
        CASE(says_what_is_wrong_with_a_list),
        CASE(does_not_repeat_a_secret),
        CASE(says_where_yaml_is_broken),
        CASE(warns_of_what_is_not_used),
        CASE(reads_the_environment),
        CASE(needs_no_file),
        CASE(shows_what_it_reads),

    };
    return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
