/* An example of a plug-in: the machine that this runs on, as /proc tells it. Built on its own by
 *
 *     cc -std=gnu17 -fPIC -shared -I/usr/local/include/binnacle -o uptime.so uptime.c
 *
 * and loaded from the folder that `plugins:` of the configuration names; an entry of `sources:` with
 * `type: uptime` and `proc: /proc` makes it a source. doc/extending.md tells what stands here. */
#include "backends/cells.h"
#include "backends/plugin.h"
#include "backends/poll.h"
#include "backends/verdict.h"
#include "base/number.h"
#include "model/store.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define EVERY_MS  10000
#define LOAD_MUCH 8

/* ---- The kind: its columns, its rules, its verdict. */

enum { NAME, LOAD, STARTED, UP };

static const struct column columns[] = {
    [NAME] = {"name", "NAME", "Of the machine.", VALUE_TEXT, 20, 0, COLUMN_IDENT, NULL, NULL},
    [LOAD] = {"load", "LOAD", "Processes that run or wait, in thousandths; of the last minute.",
              VALUE_QUANTITY, 6, 10, COLUMN_RIGHT, NULL, NULL},
    [STARTED] = {"started", "STARTED", "When it started.", VALUE_INSTANT, 20, 0, COLUMN_HIDDEN,
                 NULL, NULL},
    [UP] = {"up", "UP", "For how long it has been up.", VALUE_DURATION, 6, 20, COLUMN_RIGHT,
            "started", NULL},
};

static const struct rule rules[] = {{"machine-load", "Its load is above 8: warning."}};

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    struct value load = store_cell(st, row, LOAD, now_ms);
    bool much = load.type == VALUE_QUANTITY && load.num > LOAD_MUCH * 1000;
    return much ? verdict_at(LEVEL_WARNING, 0) : verdict_ok();
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    struct value load = store_cell(st, row, LOAD, now_ms);
    (void)v;
    strbuf_addf(out, "load %.*s", SPAN_ARG(load.text));
}

static const struct kind kind_machine = {
    .name = "machine",
    .plural = "machines",
    .aliases = "",
    .title = "Machines",
    .help = "The machine that binnacle runs on.",
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "level desc,name",
};

/* ---- The source: asked every so often. */

/* The words of a file of /proc; how many numbers were read. */
static int read_number(const char *folder, const char *file, double *out)
{
    char path[512], text[64] = "";
    (void)snprintf(path, sizeof(path), "%s/%s", folder, file);
    FILE *f = fopen(path, "re");
    struct span first, rest;
    if (!f)
        return 0;
    bool read = fgets(text, sizeof(text), f) != NULL;
    (void)fclose(f);
    rest = span_from(text);
    return read && span_split(&rest, ' ', &first) && number_parse_real(first, out);
}

static bool ask(void *self, struct poll *p, struct err *err)
{
    struct row_writer *w = poll_rows(p, &kind_machine);
    const struct backend_ctx *ctx = poll_ctx(p);
    const char *proc = ctx_setting(ctx, "proc");
    char name[256] = "?", text[32];
    double load, up;
    (void)self;
    if (!read_number(proc, "loadavg", &load) || !read_number(proc, "uptime", &up))
        return err_set(err, ERR_NOTFOUND, "%s: there is no loadavg and uptime in %s", ctx_name(ctx),
                       proc);
    (void)gethostname(name, sizeof(name) - 1);
    (void)snprintf(text, sizeof(text), "%.2f", load);
    row_begin(w, span_from(name));
    row_text(w, NAME, span_from(name));
    row_quantity(w, LOAD, (int64_t)(load * 1000), span_from(text));
    put_time(w, STARTED, clock_wall_ms(ctx_clock(ctx)) - (int64_t)(up * 1000));
    return row_end(w) || err_set(err, ERR_NOMEM, "there is no memory for a row");
}

static bool run(void *self, struct backend_ctx *ctx, struct err *err)
{
    static const struct kind *const machines[] = {&kind_machine, NULL};
    static const struct poll_part parts[] = {{machines, EVERY_MS, ask}, {NULL, 0, NULL}};
    const struct poll_options poll = {.ctx = ctx, .self = self, .parts = parts};
    return poll_run(&poll, err);
}

/* ---- What the program gets to see. */

static const struct kind *const kinds[] = {&kind_machine, NULL};
static const struct setting settings[] = {
    {"proc", "/proc", "Where the kernel tells of itself.", SETTING_WHICH},
    {NULL, NULL, NULL, SETTING_TEXT},
};
static const struct system systems[] = {
    {"machines", "Machines", "Where binnacle runs.", {"machine"}, NULL, NULL},
    {NULL, NULL, NULL, {NULL}, NULL, NULL},
};
static const struct backend uptime = {
    .name = "uptime",
    .summary = "The machine that this runs on: an example of a plug-in.",
    .kinds = kinds,
    .settings = settings,
    .systems = systems,
    .state_size = 1,
    .quiet_ms = 4 * EVERY_MS,
    .run = run,
};
static const struct backend *const backends[] = {&uptime, NULL};

BINNACLE_PLUGIN("uptime 1.0", backends);
