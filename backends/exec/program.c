/* Runs the program of a source: its variables, its secrets, and a sentence for each way it fails. */
#include <config.h>

#include "backends/access.h"
#include "backends/exec/exec.h"
#include "base/alloc.h"
#include "base/timetext.h"
#include "net/plain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ERRORS_MAX ((size_t)16 << 10)
#define VARS_MAX   128
#define SECRET_MS  5000
#define ENTRY_MAX  (RECIPE_VALUE_MAX + 256)

/* What it gets of this process' environment: where things are and how to speak, no tokens. */
static const char *const passed[] = {"PATH", "HOME",   "USER",      "LOGNAME",
                                     "LANG", "LC_ALL", "LC_CTYPE",  "LC_MESSAGES",
                                     "TZ",   "TMPDIR", "KUBECONFIG"};

struct vars {
    char *all[VARS_MAX + 1]; /* owned "NAME=value", may be secrets; NULL ends */
    size_t count;
};

static void add_var(struct vars *v, struct span name, struct span value)
{
    struct strbuf text = STRBUF_INIT(ENTRY_MAX);
    size_t i = 0;
    strbuf_addf(&text, "%.*s=", SPAN_ARG(name));
    size_t head = text.len;
    while (i < v->count && strncmp(v->all[i], strbuf_cstr(&text), head) != 0)
        i++; /* the later one counts */
    strbuf_add(&text, value);
    char *entry = i < VARS_MAX ? xalloc_text(strbuf_cstr(&text)) : NULL;
    strbuf_wipe(&text);
    if (!entry)
        return;
    alloc_free_wiped(v->all[i]);
    v->all[i] = entry;
    v->count += i == v->count;
}

static void vars_clear(struct vars *v)
{
    for (size_t i = 0; i < v->count; i++)
        alloc_free_wiped(v->all[i]);
}

/* "NAME=value". */
static void add_entry(struct vars *v, const char *entry)
{
    struct span text = span_from(entry);
    size_t equals = span_find(text, '=', 0);
    add_var(v, span_sub(text, 0, equals), span_sub(text, equals + 1, text.len));
}

static void add_plain(struct vars *v, const struct exec_source *s, const struct backend_ctx *ctx,
                      const char *more)
{
    const char *kubeconfig = ctx ? ctx_setting_filled(ctx, "kubeconfig") : NULL;
    const char *context = ctx ? ctx_setting_filled(ctx, "context") : NULL;
    for (size_t i = 0; i < BN_COUNT(passed); i++)
        if (getenv(passed[i]))
            add_var(v, span_from(passed[i]), span_from(getenv(passed[i])));
    if (kubeconfig)
        add_var(v, SPAN("KUBECONFIG"), span_from(kubeconfig));
    if (context)
        add_var(v, SPAN("BINNACLE_CONTEXT"), span_from(context));
    add_var(v, SPAN("BINNACLE_SOURCE"), span_from(s->name));
    for (const char *const *e = s->env; *e; e++)
        add_entry(v, *e);
    if (more)
        add_entry(v, more);
}

static bool add_secrets(struct vars *v, const struct exec_source *s, struct backend_ctx *ctx,
                        struct err *err)
{
    struct access access;
    bool ok = true;
    if (!*s->secrets)
        return true;
    if (!access_open_recipes(&access, ctx, s->secrets, err))
        return false;
    for (const char *const *e = s->secrets; *e && ok; e++) {
        struct strbuf value = STRBUF_INIT(RECIPE_VALUE_MAX);
        struct span name = span_sub(span_from(*e), 0, span_find(span_from(*e), '=', 0));
        ok = access_recipe(&access, *e + name.len + 1, SECRET_MS, &value, err) ||
             err_wrap(err, "%.*s", SPAN_ARG(name));
        if (ok)
            add_var(v, name, strbuf_span(&value));
        strbuf_wipe(&value);
    }
    access_close(&access);
    return ok;
}

static bool not_found(const struct exec_source *s, struct err *err)
{
    const char *program = s->argv[0];
    bool path = strchr(program, '/') != NULL;
    if (path && access(program, F_OK) == 0)
        return err_set(err, ERR_NOTFOUND, "%s is not an executable file", program);
    return err_set(err, ERR_NOTFOUND, "the program %s is not %s", program,
                   path ? "there" : "in PATH");
}

/* How it ended otherwise than by its own exit. */
static bool failed(const struct exec_source *s, int timeout_ms, const struct child_result *r,
                   struct err *err)
{
    char says[EXEC_SAYS_MAX / 2], age[TIMETEXT_MAX];
    const char *program = s->argv[0];
    plain_text(child_last_line(strbuf_span(&r->errors)), says, sizeof(says));
    const char *colon = says[0] ? ": " : "";
    switch (r->end) {
    case CHILD_EXITED:
        return err_set(err, ERR_PROTO, "%s was killed by signal %d%s%s", program, r->signal, colon,
                       says);
    case CHILD_TIMEOUT:
        (void)snprintf(age, sizeof(age), "%d ms", timeout_ms);
        if (timeout_ms >= 1000)
            duration_format(timeout_ms, age);
        return err_set(err, ERR_PROTO, "%s did not end within %s and was stopped%s%s", program, age,
                       colon, says);
    case CHILD_CANCELLED:
        return err_set(err, ERR_CANCELLED, "stopped");
    case CHILD_TOO_MUCH:
        return err_set(err, ERR_PROTO, "%s printed more than %zu MiB and was stopped", program,
                       EXEC_OUTPUT_MAX >> 20);
    case CHILD_NOT_STARTED:
        break;
    }
    return err_set(err, ERR_PROTO, "%s could not be started: %s", program, strerror(r->error));
}

static bool run(const struct exec_source *s, struct vars *v, int timeout_ms, int cancel_fd,
                struct child_result *r, struct err *err)
{
    char *path = child_find(s->argv[0]);
    if (!path)
        return not_found(s, err);
    const struct child_options options = {.path = path,
                                          .argv = s->argv,
                                          .env = v->all,
                                          .ends_whole = true,
                                          .deadline_ms = timeout_ms,
                                          .cancel_fd = cancel_fd,
                                          .output_max = EXEC_OUTPUT_MAX,
                                          .errors_max = ERRORS_MAX};
    child_run(&options, r);
    free(path);
    return (r->end == CHILD_EXITED && !r->signal) || failed(s, timeout_ms, r, err);
}

bool exec_run(const struct exec_source *s, struct backend_ctx *ctx, const char *more,
              struct child_result *r, struct err *err)
{
    struct vars v = {.count = 0};
    *r = (struct child_result){.end = CHILD_NOT_STARTED};
    add_plain(&v, s, ctx, more);
    bool ok = add_secrets(&v, s, ctx, err) && run(s, &v, s->timeout_ms, ctx_stop_fd(ctx), r, err);
    vars_clear(&v);
    return ok;
}

bool exec_run_alone(const struct exec_source *s, const char *more, int timeout_ms,
                    struct child_result *r, struct err *err)
{
    struct vars v = {.count = 0};
    *r = (struct child_result){.end = CHILD_NOT_STARTED};
    add_plain(&v, s, NULL, more);
    bool ok = run(s, &v, timeout_ms, -1, r, err);
    vars_clear(&v);
    return ok;
}
