/* The exec backend: an entry of `sources:` is a program that is run every so often. */
#include <config.h>

#include "backends/exec/exec.h"

#include "backends/access.h"
#include "base/alloc.h"
#include "base/log.h"
#include "base/timetext.h"
#include "net/json.h"
#include "net/plain.h"

#include <stdlib.h>
#include <string.h>

#define TEXTS_MAX   ((size_t)4 << 20)
#define EVERY_MIN   1000
#define TIMEOUT_MAX (10 * 60 * 1000)
#define DESCRIBE_MS 2000

static const struct kind *const check_kinds[] = {&kind_check, &kind_check_value, NULL};

static const struct setting settings[] = {
    {"command", NULL, "The program and its arguments, a list of words; no shell reads them.",
     SETTING_COMMAND},
    {"shell", NULL, "Instead of `command`: a line that /bin/sh -c reads.", SETTING_WHICH},
    {"interval", "60s", "How often it is run.", SETTING_TEXT},
    {"timeout", "10s", "After this long it is stopped, with all that it has started.",
     SETTING_TEXT},
    {"env", NULL, "Variables that it gets: a map.", SETTING_VARS},
    {"secrets", NULL, "Variables whose values are secrets: a map of names to " RECIPE_FORMS ".",
     SETTING_SECRETS},
    {"kind", NULL, "It prints rows in JSON, and these are called so; else it is a check.",
     SETTING_TEXT},
    {"plural", NULL, "Of `kind`, as in `get` and behind `:`; else with an s.", SETTING_TEXT},
    {"title", NULL, "Of its screen; else `plural`.", SETTING_TEXT},
    {"help", NULL, "What its rows are, a sentence.", SETTING_TEXT},
    {"columns", NULL, "Of `kind`: a list; else it is asked for them at the start.", SETTING_DATA},
    {"namespaced", "false", "true: its rows stand in namespaces.", SETTING_TEXT},
    {"system", NULL, "The system that its rows belong to; else one of their own.", SETTING_TEXT},
    {"kubeconfig", NULL, "", SETTING_GIVEN},
    {"context", NULL, "", SETTING_GIVEN},
    {NULL, NULL, NULL, SETTING_TEXT},
};
static const struct system no_systems[] = {{NULL, NULL, NULL, {NULL}, NULL, NULL}};
static const struct system check_systems[] = {
    {"checks",
     "Checks",
     "Programs of the configuration that say themselves how it is.",
     {"check", "check-value", NULL},
     NULL,
     NULL},
    {NULL, NULL, NULL, {NULL}, NULL, NULL},
};

/* ---- Running it. */

static bool ask_check(const struct exec_source *s, struct poll *p, struct err *err)
{
    struct backend_ctx *ctx = poll_ctx(p);
    int64_t start = clock_machine_ms();
    struct child_result r;
    bool ran = exec_run(s, ctx, NULL, &r, err);
    struct exec_check c = {
        .name = span_from(s->name),
        .program = span_from(s->argv[0]),
        .status = ran ? r.status : -1,
        .failure = err->msg,
        .output = strbuf_span(&r.output),
        .errors = strbuf_span(&r.errors),
        .ran_ms = clock_wall_ms(ctx_clock(ctx)),
        .took_ms = clock_machine_ms() - start,
    };
    bool ok = ran || err->kind != ERR_CANCELLED;
    if (ok && !ran)
        poll_note(p, &kind_check, "%s", err->msg);
    if (ok)
        ok = exec_check_put(&c, poll_rows(p, &kind_check), poll_rows(p, &kind_check_value)) ||
             err_set(err, ERR_NOMEM, "%s: there is no memory for what it printed", s->name);
    child_result_wipe(&r);
    return ok;
}

/* Rows are only believed of a program that says by its exit status that all is there. */
static bool take_rows(const struct exec_source *s, const struct child_result *r, struct poll *p,
                      struct err *err)
{
    struct exec_rows rows = {.kind = s->rows, .out = poll_rows(p, s->rows), .poll = p};
    char says[EXEC_SAYS_MAX / 2];
    plain_text(child_last_line(strbuf_span(&r->errors)), says, sizeof(says));
    if (r->status)
        return err_set(err, ERR_PROTO, "%s failed (exit status %d)%s%s", s->argv[0], r->status,
                       says[0] ? ": " : "", says);
    if (!exec_rows_read(&rows, strbuf_span(&r->output), err))
        return err->kind == ERR_CANCELLED || err_wrap(err, "%s", s->argv[0]);
    if (s->undescribed.kind != ERR_NONE)
        poll_note(p, s->rows, "%s", s->undescribed.msg);
    else if (rows.note[0])
        poll_note(p, s->rows, "%s", rows.note);
    else if (says[0])
        poll_note(p, s->rows, "it wrote to standard error: %s", says);
    return true;
}

static bool ask_rows(const struct exec_source *s, struct poll *p, struct err *err)
{
    struct child_result r;
    bool ok = exec_run(s, poll_ctx(p), NULL, &r, err) && take_rows(s, &r, p, err);
    child_result_wipe(&r);
    return ok || err_wrap(err, "%s", s->name);
}

static bool ask(void *self, struct poll *p, struct err *err)
{
    const struct exec_source *const *s = self;
    return (*s)->rows ? ask_rows(*s, p, err) : ask_check(*s, p, err);
}

static bool run(void *self, struct backend_ctx *ctx, struct err *err)
{
    const struct exec_source *s = (const struct exec_source *)(const void *)ctx_backend(ctx);
    const struct poll_part parts[] = {{s->kinds, s->every_ms, ask}, {NULL, 0, NULL}};
    const struct exec_source **at = self;
    const struct poll_options poll = {.ctx = ctx, .self = self, .parts = parts, .steady = true};
    *at = s;
    return poll_run(&poll, err);
}

/* ---- Reading its entry. */

static struct span keep(struct exec_source *s, struct span text)
{
    struct span kept = {0};
    bool ok = arena_copy(s->texts, text, &kept);
    bn_assert(ok); /* of a configuration file, which is smaller */
    return kept;
}

/* A JSON list of texts, or a map of texts as "NAME=value"; NULL ends. */
static const char *const *words(struct exec_source *s, const char *json)
{
    struct json_value all = json_value(span_from(json ? json : "[]")), key, value;
    const char **out = arena_calloc(s->texts, json_count(all) + 1, sizeof(*out));
    struct strbuf text = STRBUF_INIT(TEXTS_MAX), scratch = STRBUF_INIT(TEXTS_MAX);
    struct json_iter it;
    size_t n = 0;
    bn_assert(out != NULL);
    for (json_iter_init(&it, all); json_next(&it, &key, &value);) {
        strbuf_truncate(&text, 0);
        if (all.type == JSON_OBJECT)
            strbuf_addf(&text, "%.*s=", SPAN_ARG(json_as_text(key, &scratch)));
        strbuf_add(&text, json_as_text(value, &scratch));
        out[n++] = keep(s, strbuf_span(&text)).data;
    }
    strbuf_clear(&text);
    strbuf_clear(&scratch);
    return out;
}

static bool is_variable(const char *entry)
{
    const char *at = entry;
    for (; *at && *at != '='; at++)
        if (!((*at >= 'A' && *at <= 'Z') || (*at >= 'a' && *at <= 'z') || *at == '_' ||
              (at > entry && *at >= '0' && *at <= '9')))
            return false;
    return at > entry;
}

static bool take_vars(struct exec_source *s, const struct backend_entry *entry, struct err *err)
{
    s->env = words(s, settings_get(entry->settings, "env"));
    s->secrets = words(s, settings_get(entry->settings, "secrets"));
    for (int round = 0; round < 2; round++)
        for (const char *const *v = round ? s->secrets : s->env; *v; v++)
            if (!is_variable(*v))
                return err_set(err, ERR_CONFIG, "%s: a variable's name is letters, digits and _",
                               round ? "secrets" : "env");
    return true;
}

/* Folders that nobody has said are nobody's: what runs must not depend on where one stands. */
static bool take_command(struct exec_source *s, const struct backend_entry *entry, struct err *err)
{
    const char *command = settings_get(entry->settings, "command");
    const char *shell = settings_get(entry->settings, "shell");
    if (!command == !shell)
        return err_set(err, ERR_CONFIG, "it wants a `command`, or a `shell` line, and one of them");
    if (shell) {
        const char **argv = arena_calloc(s->texts, 4, sizeof(*argv));
        bn_assert(argv != NULL);
        argv[0] = "/bin/sh";
        argv[1] = "-c";
        argv[2] = keep(s, span_from(shell)).data;
        s->argv = argv;
        return true;
    }
    s->argv = words(s, command);
    const char *program = s->argv[0];
    if (!program || !*program)
        return err_set(err, ERR_CONFIG, "command wants a program and its arguments");
    if (strchr(program, '/') && *program != '/')
        return err_set(err, ERR_CONFIG,
                       "command wants a program by its name, or by a path from / "
                       "on");
    return true;
}

static bool take_time(const struct backend_entry *entry, const char *setting, const char *fallback,
                      int64_t least, int64_t most, int64_t *out, struct err *err)
{
    const char *text = settings_get(entry->settings, setting);
    return (duration_parse(span_from(text ? text : fallback), out) && *out >= least &&
            *out <= most) ||
           err_set(err, ERR_CONFIG, "%s wants a duration such as %s", setting, fallback);
}

static bool take_times(struct exec_source *s, const struct backend_entry *entry, struct err *err)
{
    int64_t timeout = 0;
    if (!take_time(entry, "interval", "60s", EVERY_MIN, INT64_MAX / 8, &s->every_ms, err) ||
        !take_time(entry, "timeout", "10s", 1, TIMEOUT_MAX, &timeout, err))
        return false;
    s->timeout_ms = (int)timeout;
    s->backend.quiet_ms = 2 * s->every_ms + 2 * timeout;
    return true;
}

/* Rows of a kind are a system, or a part of one that is there. */
static void set_system(struct exec_source *s, const struct backend_entry *entry)
{
    const char *name = settings_get(entry->settings, "system");
    s->systems[0] = (struct system){
        .name = name ? keep(s, span_from(name)).data : s->rows->plural,
        .title = name ? keep(s, span_from(name)).data : s->rows->title,
        .help = s->rows->help,
        .kinds = {s->rows->name},
    };
    s->backend.systems = s->systems;
}

static bool take_kind(struct exec_source *s, const struct backend_entry *entry, struct err *err)
{
    static const char *const of_rows[] = {"plural",  "title",      "help",
                                          "columns", "namespaced", "system"};
    s->kinds[0] = &kind_check;
    s->kinds[1] = &kind_check_value;
    s->backend.systems = check_systems;
    s->described = true;
    for (size_t i = 0; i < BN_COUNT(of_rows) && !settings_get(entry->settings, "kind"); i++)
        if (settings_get(entry->settings, of_rows[i]))
            return err_set(err, ERR_CONFIG, "`%s` is of rows in JSON: say their `kind`",
                           of_rows[i]);
    if (!settings_get(entry->settings, "kind"))
        return true;
    s->described = false;
    if (!exec_kind_make(s, entry, err))
        return false;
    s->kinds[0] = s->rows;
    s->kinds[1] = NULL;
    set_system(s, entry);
    return true;
}

static void release(struct backend *own)
{
    struct exec_source *s = (struct exec_source *)(void *)own;
    arena_free(s->texts);
    free(s);
}

static void complete(struct backend *own);

static struct backend *configure(const struct backend_entry *entry, struct err *err)
{
    struct exec_source *s = xalloc_zero(1, sizeof(*s));
    s->texts = arena_new(TEXTS_MAX);
    bn_assert(s->texts != NULL);
    s->backend = backend_exec;
    s->backend.configure = NULL;
    s->backend.complete = complete;
    s->backend.release = release;
    s->backend.kinds = s->kinds;
    s->name = keep(s, span_from(entry->name)).data;
    if (take_command(s, entry, err) && take_times(s, entry, err) && take_vars(s, entry, err) &&
        take_kind(s, entry, err))
        return &s->backend;
    release(&s->backend);
    return NULL;
}

/* ---- Asking it for its columns. */

static bool describe(struct exec_source *s, struct err *err)
{
    struct child_result r;
    bool ok = exec_run_alone(s, "BINNACLE_DESCRIBE=1",
                             s->timeout_ms < DESCRIBE_MS ? s->timeout_ms : DESCRIBE_MS, &r, err);
    struct span text = ok ? span_trim(strbuf_span(&r.output)) : SPAN("");
    struct json_value whole = json_value(text), columns = json_get(whole, "columns");
    if (ok && (!json_valid(text, NULL) || columns.type != JSON_ARRAY))
        ok = err_set(err, ERR_PROTO, "asked for them it printed no `columns`");
    ok = ok && exec_kind_columns(s, json_whole(columns), err);
    child_result_wipe(&r);
    return ok;
}

static void complete(struct backend *own)
{
    struct exec_source *s = (struct exec_source *)(void *)own;
    struct err why;
    if (s->described)
        return;
    s->described = true;
    if (describe(s, &why))
        return;
    (void)err_set(&s->undescribed, why.kind, "its columns are not known: %s", why.msg);
    log_write(LOG_WARNING, s->name, "%s", s->undescribed.msg);
}

const struct backend backend_exec = {
    .name = "exec",
    .summary = "Programs of your own: rows in JSON, or the monitoring plug-ins' convention.",
    .kinds = check_kinds,
    .settings = settings,
    .systems = no_systems,
    .state_size = sizeof(struct exec_source *),
    .configure = configure,
    .complete = complete,
    .release = release,
    .run = run,
};
