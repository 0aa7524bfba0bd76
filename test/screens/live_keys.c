/* Every key on every screen, and of the key table on each kind's; every command: what reaches the
 * platform are reads. The platform itself counts what was sent to it, whatever by. */
#include <config.h>

#include "backends/backend.h"
#include "base/alloc.h"
#include "base/file.h"
#include "test/screens/live.h"
#include "test/systems/reads.h"
#include "tui/command.h"
#include "widgets/keysym.h"

#include <signal.h>

/* Three programs, so that they run at the same time. */
#ifndef PART
#    define PART 0
#endif

#define ROWS 30
#define COLS 140 /* a plan stands beside its form */

/* Each way by which something could be changed. */
static const char *const ways[] = {
    ASKS_TOKEN,
    "SQL: SHOW ",
    "REDIS: INFO",
    "GET route53.amazonaws.com/",
    "GET reyem-db-backup.s3.",
    "GET app.terraform.io/",
    "GET ghcr.io/",
};

/* What belongs to plans alone. */
static const char *const questions[] = {ASKS_ACCESS, "dryRun=All"};

/* A screen, by the commands that lead to it ("!n Tab": keys), and what its first line has (anywhere: what
 * stands somewhere). */
struct path {
    const char *cls; /* of tui/screen.h */
    const char *commands[4], *shows;
    bool anywhere, letters; /* text is typed there: no letter is a key */
    bool bound;             /* it is another one's twin: the keys of the key table are enough */
};

#define TYPED "Type demo and Enter to run it"

static const struct path paths[] = {
    {"home", {"home"}, "home"},
    {"table", {"pods"}, "› pods"},
    {"table", {"pods", "filter kimai"}, "› pods", .bound = true},
    {"table", {"pods", "!:"}, "\n:", true, true},
    {"table", {"pods", "!/"}, "\n/", true, true},
    {"table", {"pods", "sort-menu"}, "\n:sort", true, true},
    {"table", {"pods", "columns"}, "\n:cols", true, true},
    {"containers", {"pods", "enter"}, "CONTAINER READY", true},
    {"detail", {"pods", "detail"}, "› pods › "},
    {"detail", {"pods", "yaml"}, "› pods › "},
    {"detail", {"pods", "row-events"}, "› pods › ", .bound = true},
    {"detail", {"pods", "why"}, "› pods › ", .bound = true},
    {"detail", {"pods", "used-by"}, "› pods › ", .bound = true},
    {"log", {"pods", "log"}, "log"},
    {"sources", {"sources"}, "› sources"},
    {"messages", {"messages"}, "› messages"},
    {"changes", {"changes"}, "› changes"},
    {"find", {"find kimai"}, "› find"},
    {"pins", {"pods", "!m", "pins"}, "› pins"},
    {"contexts", {"ctx"}, "› contexts"},
    {"actions", {"workloads", "actions"}, "› actions"},
    {"form", {"workloads", "do scale"}, "› form: scale", false, true},
    {"form", {"home", "do create-database"}, "› form: create-database", false, true},
    {"doing", {"do restart name=kimai namespace=default"}, "Nothing has been changed yet.", true},
    {"doing", {"do drop-user user=booklet override=yes"}, TYPED, true, true},
    {"doing", {"do resume name=kimai namespace=default"}, "It is so already.", true, .bound = true},
    {"doing",
     {"do restart name=nobody namespace=default"},
     "It cannot be done;",
     true,
     .bound = true},
    {"help", {"help"}, "help"},
};

/* Behind these there is neither form nor plan where nothing may be changed. */
static bool is_action(const struct path *p)
{
    return strcmp(p->cls, "form") == 0 || strcmp(p->cls, "doing") == 0;
}

static bool has_buttons(const struct path *p)
{
    return strcmp(p->cls, "doing") == 0 && !p->letters;
}

/* ---- Each screen of the program is among them. */

static void no_screen_is_forgotten(void)
{
    static const char mark[] = "extern const struct screen_class screen_";
    struct strbuf path = STRBUF_INIT(4096), text = STRBUF_INIT(65536);
    size_t n = 0;
    strbuf_addf(&path, "%s/tui/screen.h", getenv("top_srcdir"));
    assert_true(file_read(strbuf_cstr(&path), &text, NULL));
    for (const char *at = strbuf_cstr(&text); (at = strstr(at, mark)); n++) {
        size_t i = 0, len = strcspn(at += strlen(mark), ";");
        while (i < BN_COUNT(paths) && !span_is(span_make(at, len), paths[i].cls))
            i++;
        if (i == BN_COUNT(paths))
            fail_msg("no key is pressed on the screen %.*s", (int)len, at);
    }
    assert_true(n > 10);
    strbuf_clear(&path);
    strbuf_clear(&text);
}

/* ---- Each key. */

/* These end the program, stop it, or stop it from showing. */
static bool is_left_out(const char *command)
{
    static const char *const commands[] = {"quit",    "q",         "q!",   "exit",
                                           "suspend", "interrupt", "pause"};
    for (size_t i = 0; i < BN_COUNT(commands); i++)
        if (strcmp(command, commands[i]) == 0)
            return true;
    return false;
}

static bool ends(const char *keys, bool letters)
{
    uint32_t key;
    if (letters && key_parse(span_from(keys), &key) && key_is_text(key))
        return false;
    for (const struct binding *b = binding_table; b->keys; b++)
        if (strcmp(b->keys, keys) == 0 && is_left_out(b->command))
            return true;
    return false;
}

/* At once: a lone ESC is only one after a while. */
static void escape(struct live *l)
{
    pty_send(l->pty, SPAN("\033[27u"), 1);
    pty_wait(l->pty);
}

static bool is_there(struct live *l, const struct path *p)
{
    struct strbuf screen = STRBUF_INIT(65536);
    for (int row = 0; row < ROWS && (row == 0 || p->anywhere); row++) {
        strbuf_addc(&screen, '\n');
        pty_row(l->pty, row, &screen);
    }
    bool there = strstr(strbuf_cstr(&screen), p->shows) != NULL;
    strbuf_clear(&screen);
    return there;
}

static void go(struct live *l, const struct path *p)
{
    escape(l);
    escape(l);
    for (size_t i = 0; i < BN_COUNT(p->commands) && p->commands[i]; i++)
        if (p->commands[i][0] == '!')
            pty_press(l->pty, p->commands[i] + 1);
        else
            live_command(l, p->commands[i]);
    int64_t end = live_ms() + 30000;
    while (!is_there(l, p) && live_ms() < end)
        (void)pty_read(l->pty, SIZE_MAX, 50);
    if (!is_there(l, p))
        pty_wait_text(l->pty, p->shows);
}

/* What was pressed may have chosen the button that runs it: then it is opened anew, so that two keys together
 * confirm nothing either. */
struct pressing {
    struct live *l;
    const struct path *path;
    struct strbuf before;
    bool opened;
};

static void note_screen(struct pressing *t, struct strbuf *out)
{
    if (has_buttons(t->path))
        pty_dump(t->l->pty, out);
}

static void begin_press(struct pressing *t)
{
    struct strbuf now = STRBUF_INIT((size_t)1 << 20);
    note_screen(t, &now);
    if (!t->opened || !is_there(t->l, t->path) ||
        !span_eq(strbuf_span(&now), strbuf_span(&t->before))) {
        go(t->l, t->path);
        strbuf_truncate(&now, 0);
        note_screen(t, &now);
    }
    t->opened = true;
    strbuf_clear(&t->before);
    t->before = now;
}

static void press_keys(struct pressing *t, const char *keys)
{
    if (ends(keys, t->path->letters))
        return;
    begin_press(t);
    if (strcmp(keys, "Esc") == 0)
        escape(t->l);
    else
        pty_press(t->l->pty, keys);
}

static void press_key(struct pressing *t, uint32_t key)
{
    char name[KEY_NAME_MAX];
    key_format(key, name);
    press_keys(t, name);
}

/* All that the key table has, and what it has not. */
static void press_all(struct pressing *t, bool bound_alone)
{
    for (const struct binding *b = binding_table; b->keys; b++)
        press_keys(t, b->keys);
    if (bound_alone)
        return;
    for (uint32_t key = ' '; key < 0x7f; key++)
        press_key(t, key);
    for (uint32_t key = KEYSYM_NONE + 1; key <= KEYSYM_F12; key++)
        press_key(t, key);
    for (uint32_t key = 'a'; key <= 'z'; key++)
        press_key(t, KEYSYM_CTRL + key);
    for (uint32_t key = 'a'; t->path->letters && key <= 'z'; key++)
        press_key(t, KEYSYM_ALT | key);
    press_key(t, 0xe9);
}

/* The wheel, and each button here and there: on rows, titles, fields, and on the line of keys, of which
 * those at the end of it may be any. */
static void click_all(struct pressing *t)
{
    char bytes[96];
    for (int row = 1; row < ROWS; row += row < ROWS - 4 ? 4 : 1)
        for (int col = 2; col < COLS; col += 23)
            for (int button = 0; button < (row == 5 ? 3 : 1); button++) {
                begin_press(t);
                (void)snprintf(bytes, sizeof(bytes), "\033[<%d;%d;%dM\033[<%d;%d;%dm", button, col,
                               row, button, col, row);
                pty_send(t->l->pty, span_from(bytes), 2);
                pty_wait(t->l->pty);
            }
    begin_press(t);
    pty_send(t->l->pty, SPAN("\033[<64;9;9M\033[<65;9;9M"), 2);
    pty_wait(t->l->pty);
}

static void expect_reads(struct live *l, const char *where)
{
    const char *changed = live_tell(l, "asked-but " READS);
    if (strcmp(changed, " 0 ") != 0)
        fail_msg("on %s a key has changed something: %s", where, changed);
}

static void on_screen(struct live *l, const struct path *p, bool bound_alone)
{
    struct pressing t = {.l = l, .path = p, .before = STRBUF_INIT((size_t)1 << 20)};
    press_all(&t, bound_alone);
    if (!bound_alone)
        click_all(&t);
    escape(l);
    escape(l);
    strbuf_clear(&t.before);
    expect_reads(l, p->commands[p->commands[1] != NULL]);
}

static void on_every_screen(struct live *l, bool read_only)
{
    no_screen_is_forgotten();
    live_command(l, "set mouse=on");
    for (size_t i = 0; i < BN_COUNT(paths); i++)
        if (!read_only || !is_action(&paths[i]))
            on_screen(l, &paths[i], paths[i].bound);
}

/* The world outside is part of it: public hosts, registries, AWS, HCP Terraform. */
static void open_demo(struct live *l, const char *const *words)
{
    static const char *const outside[] = {"BINNACLE_PROBES=true", NULL};
    const struct pty_options options = {.rows = ROWS, .cols = COLS, .env = outside};
    live_demo(l, "calm", words, &options);
}

/* Or harbor would not count what comes by one. */
static void expect_all_ways(struct live *l)
{
    for (size_t i = 0; i < BN_COUNT(ways); i++)
        if (live_asked(l, ways[i]) == 0)
            fail_msg("nothing was asked by %s", ways[i]);
}

static void no_key_sends_more_than_reads(void **state)
{
    struct live *l = *state;
    open_demo(l, NULL);
    on_every_screen(l, false);
    assert_true(live_asked(l, questions[0]) > 0);
    expect_all_ways(l);
    pty_signal(l->pty, SIGTERM);
    live_ended(l, 128 + SIGTERM, 5000);
}

static void read_only_asks_nothing_but_reads(void **state)
{
    static const char *const words[] = {"--read-only", NULL};
    struct live *l = *state;
    open_demo(l, words);
    on_every_screen(l, true);
    assert_int_equal(live_asked(l, questions[0]), 0);
    assert_int_equal(live_asked(l, questions[1]), 0);
    expect_all_ways(l);
    pty_signal(l->pty, SIGTERM);
    live_ended(l, 128 + SIGTERM, 5000);
}

/* ---- Each kind's table, and the details of its first row. */

static void on_every_kind(void **state)
{
    struct live *l = *state;
    open_demo(l, NULL);
    for (const struct backend *const *b = backend_registry; *b; b++)
        for (const struct kind *const *k = (*b)->kinds; *k; k++) {
            char crumb[128];
            (void)snprintf(crumb, sizeof(crumb), "› %s", (*k)->plural);
            const struct path table = {"table", {(*k)->name}, crumb, false, false},
                              detail = {"detail", {(*k)->name, "detail"}, crumb, false, false};
            on_screen(l, &table, true);
            on_screen(l, &detail, true);
        }
    pty_signal(l->pty, SIGTERM);
    live_ended(l, 128 + SIGTERM, 5000);
}

/* ---- Each command, without words. */

static void on_every_command(void **state)
{
    static const char *const from[] = {"home", "pods", "workloads"};
    struct live *l = *state;
    open_demo(l, NULL);
    for (size_t i = 0; i < BN_COUNT(from); i++)
        for (const struct command *c = command_table; c->name; c++) {
            if (is_left_out(c->name))
                continue;
            escape(l);
            live_command(l, from[i]);
            live_command(l, c->name);
            expect_reads(l, c->name);
        }
    pty_signal(l->pty, SIGTERM);
    live_ended(l, 128 + SIGTERM, 5000);
}

static int setup(void **state)
{
    struct live *l = xalloc_zero(1, sizeof(*l));
    *l = (struct live){.control = -1};
    *state = l;
    return 0;
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, live_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(no_key_sends_more_than_reads),
        CASE(read_only_asks_nothing_but_reads),
        CASE(on_every_kind),
        CASE(on_every_command),
    };
    return _cmocka_run_group_tests("live_keys", &tests[PART], PART < 2 ? 1 : 2, NULL, NULL);
}
