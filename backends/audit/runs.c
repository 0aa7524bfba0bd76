/* Lines of the audit log, put together to runs. */
#include <config.h>

#include "backends/audit/audit.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/timetext.h"
#include "model/value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINES_BYTES ((size_t)32 << 10) /* of a run's lines that are shown */

static void clear(struct audit_seen *s)
{
    free(s->id);
    free(s->action);
    free(s->target);
    free(s->who);
    free(s->context);
    free(s->server);
    free(s->result);
    strbuf_clear(&s->lines);
}

void audit_runs_clear(struct audit_runs *r)
{
    for (size_t i = 0; i < r->count; i++)
        clear(&r->all[i]);
    free(r->all);
    *r = (struct audit_runs){0};
}

static const char *text(const struct json_node *line, const char *member)
{
    return json_node_path_text(line, member, "");
}

static void keep(char **where, const char *value)
{
    if (!*where && value[0])
        *where = xalloc_text(value);
}

/* The newest of that id; a new one where there is none. */
static struct audit_seen *run_of(struct audit_runs *r, const char *id)
{
    for (size_t i = r->count; i-- > 0;)
        if (strcmp(r->all[i].id, id) == 0)
            return &r->all[i];
    if (r->count == AUDIT_RUNS_MAX) {
        clear(&r->all[0]);
        memmove(r->all, r->all + 1, --r->count * sizeof(*r->all));
    }
    if (r->count == r->cap) {
        r->cap = r->cap ? 2 * r->cap : 16;
        r->all = xalloc_resize(r->all, r->cap, sizeof(*r->all));
    }
    struct audit_seen *s = &r->all[r->count++];
    *s = (struct audit_seen){.id = xalloc_text(id),
                             .at_ms = TIME_NONE,
                             .end_ms = TIME_NONE,
                             .lines = STRBUF_INIT(LINES_BYTES + ERR_MESSAGE_MAX)};
    return s;
}

/* What it was about: the answer that names it, with its namespace. */
static void take_target(struct audit_seen *s, const struct json_node *answers)
{
    static const char *const names[] = {"name",    "database", "user",      "backup",
                                        "cluster", "path",     "workspace", "redis",
                                        "vault",   "run",      "master",    "id"};
    const char *ns = text(answers, "namespace"), *name = "";
    struct strbuf out = STRBUF_INIT(1024);
    for (size_t i = 0; !name[0] && i < BN_COUNT(names); i++)
        name = text(answers, names[i]);
    strbuf_addf(&out, "%s%s%s", ns, ns[0] && name[0] ? "/" : "", name);
    keep(&s->target, strbuf_cstr(&out));
    strbuf_clear(&out);
}

/* "09:00:12 done     Restart Deployment default/kimai" */
static void add_line(struct audit_seen *s, const struct json_node *line, int64_t at_ms, bool ok)
{
    char clock[TIMETEXT_MAX] = "";
    const char *title = text(line, "title"), *says = text(line, "says");
    if (s->lines.len > LINES_BYTES)
        return;
    if (at_ms != TIME_NONE)
        time_format_clock(at_ms, true, clock);
    if (s->lines.len)
        strbuf_addc(&s->lines, LIST_SEPARATOR);
    strbuf_addf(&s->lines, "%-8s %-7s%s %s%s%.400s", clock, text(line, "event"),
                ok ? "" : " BROKEN", title, title[0] && says[0] ? ": " : "", says);
    if (s->lines.len > LINES_BYTES)
        strbuf_adds(&s->lines, " ... the rest: binnacle audit");
}

static void take_event(struct audit_seen *s, const struct json_node *line, int64_t at_ms)
{
    const char *event = text(line, "event");
    if (strcmp(event, "begin") == 0) {
        s->at_ms = at_ms;
        take_target(s, json_node_get(line, "answers"));
    } else if (strcmp(event, "step") == 0) {
        s->steps++;
    } else if (strcmp(event, "done") == 0 && s->done < s->steps) {
        s->done++;
    } else if (strcmp(event, "end") == 0) {
        free(s->result);
        s->result = xalloc_text(text(line, "says"));
        if (strcmp(s->result, "left") != 0) /* that is when somebody gave it up */
            s->end_ms = at_ms;
    }
}

static bool on_line(void *context, size_t number, const struct json_node *line, bool ok)
{
    char id[64];
    int64_t at_ms = TIME_NONE;
    const char *run = text(line, "run");
    (void)snprintf(id, sizeof(id), "line-%zu", number);
    struct audit_seen *s = run_of(context, run[0] && strlen(run) < sizeof(id) ? run : id);
    if (!time_parse(span_from(text(line, "at")), &at_ms))
        at_ms = TIME_NONE;
    keep(&s->action, text(line, "action"));
    keep(&s->who, text(line, "who"));
    keep(&s->context, text(line, "context"));
    keep(&s->server, text(line, "server"));
    take_event(s, line, at_ms);
    add_line(s, line, at_ms, ok);
    if (!ok && !s->broken)
        s->broken = number;
    return true;
}

bool audit_runs_read(struct audit_runs *r, const char *path, struct err *err)
{
    audit_runs_clear(r);
    return hash_chain_read(path, on_line, r, NULL, err) || err->kind == ERR_NOTFOUND;
}
