/* Every secret that the demonstration has, looked for wherever the program may have left it: on
 * screens, in what it prints, in its log, its files, its arguments, its children. The values are
 * read from harbor's own data, so that a Secret that is added is looked for too. */
#include <config.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/yaml.h"
#include "net/base64.h"
#include "test/screens/live.h"
#include "test/systems/cli_run.h"

#include <ftw.h>
#include <unistd.h>

#define NEEDLES_MAX 1000
#define SHORTEST    8 /* bytes: what is shorter is found by chance */

/* Given to the program by the tests themselves. */
#define CANARY_TOKEN "CANARY-token-2f81c0"
#define CANARY_PROXY "CANARY-proxy-93be77"
#define CANARY_REDIS "CANARY-redis-55ac1d"
#define CANARY_MYSQL "CANARY-mysql-0e6b42"
#define CANARY_VAULT "CANARY-vault-b7d913"
#define CANARY_AWS   "CANARY/aws/wJalrXUtnFEMI/K7MDENG/bPxR"

static struct {
    char *texts[NEEDLES_MAX]; /* owned */
    size_t count;
} needles;

/* All manifests but the Secrets: what stands there too, such as a host's name, is no secret. */
static struct strbuf public;

static void add_needle(const char *text, size_t len)
{
    while (len && (text[len - 1] == '=' || text[len - 1] == '\n'))
        len--;
    if (len < SHORTEST || (public.len && memmem(public.data, public.len, text, len)))
        return;
    assert_true(needles.count < NEEDLES_MAX);
    needles.texts[needles.count++] = xalloc_bytes(text, len);
}

/* A value and its base64. */
static void add_value(struct span value)
{
    struct strbuf packed = STRBUF_INIT(1 << 20);
    base64_encode(value, &packed);
    add_needle(value.data, value.len);
    add_needle(strbuf_cstr(&packed), packed.len);
    strbuf_clear(&packed);
}

static void harvest(const struct yaml_node *object)
{
    const struct yaml_node *data = yaml_get(object, "data");
    if (strcmp(yaml_text(object, "kind", ""), "Secret") != 0 || !data)
        return;
    for (const struct yaml_node *n = data->first; n; n = n->next) {
        struct strbuf value = STRBUF_INIT(1 << 20);
        assert_true(base64_decode(n->text, &value));
        add_value(strbuf_span(&value));
        strbuf_clear(&value);
    }
}

static void read_public(struct span rest)
{
    while (rest.len) {
        size_t end = span_search(rest, SPAN("\n---\n"), false);
        struct span document = span_sub(rest, 0, end);
        if (span_search(document, SPAN("\nkind: Secret\n"), false) >= document.len)
            strbuf_add(&public, document);
        rest = span_sub(rest, end + 5, rest.len);
    }
}

static int harvest_all(void **state)
{
    static const char *const own[] = {CANARY_TOKEN, CANARY_PROXY, CANARY_REDIS,
                                      CANARY_MYSQL, CANARY_VAULT, CANARY_AWS};
    struct strbuf names = STRBUF_INIT(65536), path = STRBUF_INIT(4096);
    struct span rest, name;
    char folder[2048];
    (void)state;
    (void)snprintf(folder, sizeof(folder), "%s/harbor/data", getenv("top_srcdir"));
    file_names(folder, ".yaml", "\n", &names);
    public = (struct strbuf)STRBUF_INIT((size_t)64 << 20);
    for (rest = strbuf_span(&names); span_split(&rest, '\n', &name);) {
        struct strbuf text = STRBUF_INIT((size_t)16 << 20);
        strbuf_truncate(&path, 0);
        strbuf_addf(&path, "%s/%.*s.yaml", folder, SPAN_ARG(name));
        assert_true(file_read(strbuf_cstr(&path), &text, NULL));
        read_public(strbuf_span(&text));
        strbuf_clear(&text);
    }
    for (rest = strbuf_span(&names); span_split(&rest, '\n', &name);) {
        strbuf_truncate(&path, 0);
        strbuf_addf(&path, "%s/%.*s.yaml", folder, SPAN_ARG(name));
        struct yaml_doc *doc = yaml_load(strbuf_cstr(&path), NULL);
        assert_non_null(doc);
        for (size_t i = 0; i < yaml_count(doc); i++)
            harvest(yaml_root(doc, i));
        yaml_doc_free(doc);
    }
    assert_true(needles.count > 40); /* the data is where it was, and read */
    for (size_t i = 0; i < BN_COUNT(own); i++)
        add_value(span_from(own[i]));
    strbuf_clear(&names);
    strbuf_clear(&path);
    return 0;
}

static int forget_all(void **state)
{
    (void)state;
    while (needles.count)
        free(needles.texts[--needles.count]);
    strbuf_clear(&public);
    return 0;
}

/* The first that is in the text; NULL: none. */
static const char *found(struct span text)
{
    for (size_t i = 0; i < needles.count; i++)
        if (memmem(text.data, text.len, needles.texts[i], strlen(needles.texts[i])))
            return needles.texts[i];
    return NULL;
}

static void search(struct span text, const char *where)
{
    const char *needle = found(text);
    if (needle)
        fail_msg("\"%s\" is in %s:\n%.*s", needle, where, (int)(text.len > 4000 ? 4000 : text.len),
                 text.data);
}

static void search_file(const char *path)
{
    struct strbuf text = STRBUF_INIT((size_t)64 << 20);
    assert_true(file_read(path, &text, NULL));
    search(strbuf_span(&text), path);
    strbuf_clear(&text);
}

static int search_one(const char *path, const struct stat *st, int flag, struct FTW *at)
{
    (void)st;
    (void)at;
    search(span_from(path), "a file's name");
    if (flag == FTW_F)
        search_file(path);
    return 0;
}

static void search_screen(struct live *l, const char *where)
{
    struct strbuf text = STRBUF_INIT(1 << 20);
    pty_dump(l->pty, &text);
    search(strbuf_span(&text), where);
    strbuf_clear(&text);
}

/* Arguments and environment of a process; of the program itself, which was given its own, the
 * arguments alone. */
static void search_process(int pid, bool child)
{
    char path[64];
    (void)snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
    search_file(path);
    (void)snprintf(path, sizeof(path), "/proc/%d/environ", pid);
    if (child)
        search_file(path);
}

static void search_processes(int pid)
{
    char path[64];
    struct strbuf children = STRBUF_INIT(4096);
    struct span rest, word;
    search_process(pid, false);
    (void)snprintf(path, sizeof(path), "/proc/%d/task/%d/children", pid, pid);
    if (file_read(path, &children, NULL))
        for (rest = strbuf_span(&children); span_split(&rest, ' ', &word);)
            if (word.len)
                search_process((int)strtol(word.data, NULL, 10), true);
    strbuf_clear(&children);
}

/* Calls fn with the plural of each kind. */
static void for_each_kind(const struct cli_place *p, void (*fn)(void *context, const char *kind),
                          void *context)
{
    struct cli_run r = {0};
    struct span rest, line, word;
    size_t n = 0;
    cli_run(p, &r, "kinds", NULL);
    assert_status(&r, 0);
    for (rest = strbuf_span(&r.out); span_split(&rest, '\n', &line); n++) {
        char kind[64];
        line = span_trim(span_sub(line, span_find(line, ' ', 0), line.len)); /* NAME PLURAL ... */
        word = span_sub(line, 0, span_find(line, ' ', 0));
        (void)snprintf(kind, sizeof(kind), "%.*s", SPAN_ARG(word));
        if (n && word.len)
            fn(context, kind);
    }
    assert_true(n > 50);
    cli_done(&r);
}

/* ---- On screens. */

static void look_at_kind(void *context, const char *kind)
{
    static const char *const keys[] = {"g",   "w",   "g d", "Tab", "Tab",   "Tab",
                                       "Tab", "Esc", "x",   "Esc", "g d y", "Esc"};
    struct live *l = context;
    live_command(l, kind);
    for (size_t i = 0; i < BN_COUNT(keys); i++) {
        pty_press(l->pty, keys[i]);
        search_screen(l, kind);
    }
    live_command(l, "home");
}

static void export_all(struct live *l)
{
    static const char *const forms[] = {"csv", "jsonl", "md"};
    live_command(l, "secrets");
    pty_wait_text(l->pty, "booklet-secrets");
    for (size_t i = 0; i < BN_COUNT(forms); i++) {
        char command[128];
        (void)snprintf(command, sizeof(command), "export %s %s/all.%s", forms[i], pty_home(l->pty),
                       forms[i]);
        live_command(l, command);
        pty_press(l->pty, "j");
        (void)snprintf(command, sizeof(command), "%s/all.%s", pty_home(l->pty), forms[i]);
        assert_int_equal(access(command, R_OK), 0);
    }
}

/* The document of a Secret is metadata, whoever may read it. */
static void a_secret_in_full(struct live *l)
{
    live_command(l, "secrets");
    live_command(l, "filter name=redis");
    pty_wait_text(l->pty, "operators");
    pty_press(l->pty, "g y");
    pty_wait_text(l->pty, "PartialObjectMetadata");
    search_screen(l, "the YAML of a Secret");
    pty_press(l->pty, "G");
    search_screen(l, "the YAML of a Secret");
    live_command(l, "home");
}

static void screens_and_what_is_left_behind(void **state)
{
    static const char *const screens[] = {"home", "sources", "messages", "changes", "help", "pins"};
    char file[128], level[] = "BINNACLE_LOG_LEVEL=debug", limits[64];
    const char *const env[] = {file, level, NULL};
    const struct pty_options options = {.rows = 60, .cols = 200, .env = env};
    struct strbuf text = STRBUF_INIT(65536);
    struct live *l = *state;
    void *place = NULL;
    assert_int_equal(cli_setup(&place), 0);
    (void)snprintf(file, sizeof(file), "BINNACLE_LOG=%s/log", l->folder);
    live_open(l, NULL, &options);
    for_each_kind(place, look_at_kind, l);
    for (size_t i = 0; i < BN_COUNT(screens); i++) {
        live_command(l, screens[i]);
        pty_press(l->pty, "G");
        search_screen(l, screens[i]);
    }
    a_secret_in_full(l);
    export_all(l);
    search_processes(pty_pid(l->pty));
    (void)snprintf(limits, sizeof(limits), "/proc/%d/limits", pty_pid(l->pty));
    assert_true(file_read(limits, &text, NULL)); /* no core: what is in memory stays there */
    assert_non_null(
        strstr(strbuf_cstr(&text), "Max core file size        0                    0 "));
    assert_int_equal(live_asked(l, "/v1/secret/data/"), 0); /* nor is a value of Vault asked for */
    assert_true(live_asked(l, "/v1/secret/subkeys/") > 0);  /* what they are called is */
    search_file(file + strlen("BINNACLE_LOG="));
    assert_int_equal(nftw(pty_home(l->pty), search_one, 16, FTW_PHYS), 0);
    live_quit(l);
    strbuf_clear(&text);
    (void)cli_teardown(&place);
}

/* ---- In print. */

struct printing {
    struct cli_place *place;
    struct cli_run run;
};

static void search_run(struct printing *p, const char *where)
{
    search(strbuf_span(&p->run.out), where);
    search(strbuf_span(&p->run.err), where);
}

static void print_kind(void *context, const char *kind)
{
    static const char *const forms[] = {"table", "wide", "json", "jsonl", "csv", "yaml"};
    struct printing *p = context;
    for (size_t i = 0; i < BN_COUNT(forms); i++) {
        cli_run(p->place, &p->run, "get", kind, "-A", "-o", forms[i], NULL);
        search_run(p, kind);
    }
    cli_run(p->place, &p->run, "get", kind, "-A", "--raw", "-o", "yaml", NULL);
    search_run(p, kind);
}

static void print_reports(struct printing *p)
{
    static const char *const words[][4] = {
        {"status"},  {"status", "-o", "json"}, {"status", "-o", "nagios"},
        {"doctor"},  {"doctor", "-o", "json"}, {"config", "show"},
        {"backends"}};
    for (size_t i = 0; i < BN_COUNT(words); i++) {
        cli_run(p->place, &p->run, words[i][0], words[i][1], words[i][2], NULL);
        search_run(p, words[i][0]);
    }
}

static void start_printing(struct printing *p, struct live *l)
{
    void *place = NULL;
    assert_int_equal(cli_setup(&place), 0);
    *p = (struct printing){.place = place};
    (void)snprintf(p->place->kubeconfig, sizeof(p->place->kubeconfig), "%s", l->kubeconfig);
}

static void end_printing(struct printing *p)
{
    void *place = p->place;
    cli_done(&p->run);
    (void)cli_teardown(&place);
}

static void what_is_printed(void **state)
{
    struct printing p;
    start_printing(&p, *state);
    for_each_kind(p.place, print_kind, &p);
    print_reports(&p);
    end_printing(&p);
}

/* ---- When it goes wrong. */

/* The kubeconfig with a word in the place of another. */
static void change_kubeconfig(const struct printing *p, const struct live *l, const char *word,
                              const char *by)
{
    struct strbuf text = STRBUF_INIT(1 << 20);
    assert_true(file_read(l->kubeconfig, &text, NULL));
    live_replace(&text, word, by);
    assert_non_null(strstr(strbuf_cstr(&text), by));
    (void)snprintf(p->place->kubeconfig, sizeof(p->place->kubeconfig), "%s",
                   cli_put(p->place, "kubeconfig", strbuf_cstr(&text), 0600));
    strbuf_clear(&text);
}

/* What must be said, in which nothing that must not be said is. */
static void expect_said(struct printing *p, const char *text, const char *where)
{
    struct strbuf all = STRBUF_INIT((size_t)64 << 20);
    print_reports(p);
    cli_run(p->place, &p->run, "doctor", NULL);
    strbuf_add(&all, strbuf_span(&p->run.out));
    strbuf_add(&all, strbuf_span(&p->run.err));
    search(strbuf_span(&all), where);
    cli_assert_says(&all, text, __FILE__, __LINE__);
    strbuf_clear(&all);
}

static void refusals_of_the_cluster(void **state)
{
    struct live *l = *state;
    struct printing p;
    start_printing(&p, l);
    change_kubeconfig(&p, l, "token: demo", "token: " CANARY_TOKEN);
    (void)live_tell(l, "fault / status=401");
    expect_said(&p, "401", "a refused token");
    (void)live_tell(l, "clear");
    change_kubeconfig(&p, l, "    certificate-authority-data: ",
                      "    proxy-url: http://me:" CANARY_PROXY "@127.0.0.1:1\n"
                      "    certificate-authority-data: ");
    expect_said(&p, "127.0.0.1", "a proxy that is away");
    change_kubeconfig(&p, l, "    certificate-authority-data: ",
                      "    tls-server-name: elsewhere.example\n    certificate-authority-data: ");
    expect_said(&p, "elsewhere.example", "a certificate for somebody else");
    end_printing(&p);
}

static void tell_secret(struct live *l, const char *ns, const char *name, const char *key,
                        const char *value)
{
    struct strbuf packed = STRBUF_INIT(4096);
    base64_encode(span_from(value), &packed);
    (void)live_tell(l, "patch secrets %s %s {\"data\":{\"%s\":\"%s\"}}", ns, name, key,
                    strbuf_cstr(&packed));
    strbuf_clear(&packed);
}

/* Passwords that are wrong by the time they are used. harbor compares with its Secrets, so that
 * the servers are told themselves to refuse. */
static void refusals_of_what_is_behind_it(void **state)
{
    struct live *l = *state;
    struct printing p;
    start_printing(&p, l);
    tell_secret(l, "operators", "redis", "redis-password", CANARY_REDIS);
    tell_secret(l, "operators", "mysql-secrets", "monitor", CANARY_MYSQL);
    tell_secret(l, "vault", "binnacle", "token", CANARY_VAULT);
    (void)live_tell(l, "redis operators redis-master-0 refuse WRONGPASS invalid "
                       "username-password pair or user is disabled.");
    (void)live_tell(l, "answer vault vault /v1/auth/token/lookup-self 403 "
                       "{\"errors\":[\"permission denied\"]}");
    expect_said(&p, "the password or the user is wrong", "passwords that are refused");
    end_printing(&p);
}

/* A password in an address, where none belongs. */
static void addresses_with_passwords(void **state)
{
    static const char *const reaches[] = {("https://me:" CANARY_PROXY "@127.0.0.1:1"),
                                          ("redis://:" CANARY_PROXY "@127.0.0.1:1"),
                                          ("https://127.0.0.1:1/?token=" CANARY_PROXY)};
    struct live *l = *state;
    struct printing p;
    start_printing(&p, l);
    for (size_t i = 0; i < BN_COUNT(reaches); i++) {
        struct strbuf config = STRBUF_INIT(4096);
        char path[160];
        strbuf_addf(&config, "sources:\n  - {name: mine, type: haproxy, reach: '%s'}\n",
                    reaches[i]);
        (void)snprintf(path, sizeof(path), "%s",
                       cli_put(p.place, "config.yaml", strbuf_cstr(&config), 0600));
        cli_run(p.place, &p.run, "--config", path, "doctor", NULL);
        search_run(&p, reaches[i]);
        assert_true(strstr(strbuf_cstr(&p.run.out), "***") ||
                    strstr(strbuf_cstr(&p.run.err), "***"));
        strbuf_clear(&config);
    }
    change_kubeconfig(&p, l, "server: https://", "server: https://me:" CANARY_PROXY "@");
    expect_said(&p, "https://***@127.0.0.1", "a password in the cluster's address");
    end_printing(&p);
}

static const char own_sources[] =
    "log_level: debug\n"
    "log: @folder@/log\n"
    "sources:\n"
    "  - {name: my-redis, type: redis, reach: 'tcp:127.0.0.1:1', password: 'file:@folder@/redis'}\n"
    "  - {name: my-vault, type: vault, reach: 'https://127.0.0.1:1', token: 'file:@folder@/vault'}\n"
    "  - {name: my-s3, type: s3, bucket: things, reach: 'http://127.0.0.1:1', region: eu-west-1,\n"
    "     access_key: 'file:@folder@/aws', secret_key: 'file:@folder@/aws', ask: true}\n"
    "  - {name: my-sql, type: mysql, reach: 'tcp:127.0.0.1:1', user: me, password: 'file:@folder@/mysql'}\n";

static void sources_of_the_configuration(void **state)
{
    struct live *l = *state;
    struct printing p;
    struct strbuf config = STRBUF_INIT(65536);
    start_printing(&p, l);
    strbuf_adds(&config, own_sources);
    live_replace(&config, "@folder@", p.place->folder);
    (void)cli_put(p.place, "redis", CANARY_REDIS "\n", 0600);
    (void)cli_put(p.place, "vault", CANARY_VAULT "\n", 0600);
    (void)cli_put(p.place, "aws", CANARY_AWS "\n", 0600);
    (void)cli_put(p.place, "mysql", CANARY_MYSQL "\n", 0600);
    char path[160];
    (void)snprintf(path, sizeof(path), "%s",
                   cli_put(p.place, "config.yaml", strbuf_cstr(&config), 0600));
    cli_run(p.place, &p.run, "--config", path, "doctor", NULL);
    search_run(&p, "doctor");
    assert_prints(&p.run, "my-redis");
    assert_prints(&p.run, "my-s3");
    cli_assert_says(&p.run.out, "refused", __FILE__, __LINE__);
    cli_run(p.place, &p.run, "--config", path, "get", "redis", "-o", "json", NULL);
    search_run(&p, "get redis");
    (void)snprintf(path, sizeof(path), "%s/log", p.place->folder);
    search_file(path);
    strbuf_clear(&config);
    end_printing(&p);
}

/* ---- The search itself. */

static void what_is_there_is_found(void **state)
{
    struct strbuf value = STRBUF_INIT(256), packed = STRBUF_INIT(256);
    (void)state;
    strbuf_adds(&value, "before " CANARY_VAULT " behind");
    base64_encode(SPAN(CANARY_AWS), &packed);
    assert_non_null(found(strbuf_span(&value)));
    assert_non_null(found(strbuf_span(&packed)));
    assert_null(found(SPAN("nothing of the sort")));
    strbuf_clear(&value);
    strbuf_clear(&packed);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, live_setup, live_teardown)

int main(int argc, char **argv)
{
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_there_is_found),
        CASE(screens_and_what_is_left_behind),
        CASE(what_is_printed),
        CASE(refusals_of_the_cluster),
        CASE(refusals_of_what_is_behind_it),
        CASE(addresses_with_passwords),
        CASE(sources_of_the_configuration),
    };
    return cmocka_run_group_tests_name("live_secrets", tests, harvest_all, forget_all);
}
