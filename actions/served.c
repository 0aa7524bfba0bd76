/* The process of an action: what the screen asks for, done, and told to whoever still listens. */
#include <config.h>

#include "actions/served.h"

#include "actions/cancel.h"
#include "actions/channel.h"
#include "actions/record.h"
#include "actions/secrets.h"
#include "actions/work.h"
#include "base/json_out.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define LINE_MAX_BYTES ((size_t)16 << 20)
#define CHUNK          16384

struct served {
    int fd, cancel_fd;
    bool gone;               /* nobody listens any more */
    bool runs;               /* nobody is waited for any more */
    struct strbuf in, out;   /* what came and what has yet to go; may hold secrets */
    struct json_doc *wanted; /* the first line */
    struct answers answers;
    struct sites sites;
    struct clock *clock;
};

/* ---- Signals: the screen gives up waiting by SIGINT; a terminal that goes is nothing to us. */

static bool catch_signals(struct served *s)
{
    static const int signals[] = {SIGINT, SIGTERM, 0};
    (void)signal(SIGHUP, SIG_IGN);
    (void)signal(SIGPIPE, SIG_IGN);
    s->cancel_fd = cancel_by_signals(signals);
    return s->cancel_fd >= 0;
}

/* ---- Lines. */

/* A run does not wait for a screen that has stopped; before it and after it there is time. */
static void push(struct served *s)
{
    while (s->out.len && !s->gone) {
        ssize_t n = send(s->fd, s->out.data, s->out.len, s->runs ? MSG_DONTWAIT : 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return;
        s->gone = n <= 0;
        if (n > 0)
            strbuf_consume(&s->out, (size_t)n);
    }
    strbuf_wipe(&s->out);
    s->out = (struct strbuf)STRBUF_INIT(LINE_MAX_BYTES);
}

static void tell_span(struct served *s, const char *key, struct span text)
{
    struct json_out j;
    json_out_init(&j, &s->out, 0);
    json_object(&j);
    json_key(&j, key);
    json_text(&j, text);
    json_object_end(&j);
    strbuf_addc(&s->out, '\n');
    push(s);
}

static void tell(struct served *s, const char *key, const char *text)
{
    tell_span(s, key, span_from(text));
}

/* The next line; NULL: there is none, or waiting was given up. To be freed wiped. */
static struct json_doc *hear(struct served *s)
{
    struct pollfd fds[] = {{.fd = s->fd, .events = POLLIN}, {.fd = s->cancel_fd, .events = POLLIN}};
    size_t end;
    while ((end = span_find(strbuf_span(&s->in), '\n', 0)) == s->in.len) {
        char *room = strbuf_reserve(&s->in, CHUNK);
        if (!room || (poll(fds, 2, -1) < 0 && errno != EINTR) || fds[1].revents)
            return NULL;
        ssize_t n = recv(s->fd, room, CHUNK, MSG_DONTWAIT);
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
            return NULL;
        strbuf_commit(&s->in, n > 0 ? (size_t)n : 0);
    }
    struct err why;
    struct json_doc *doc = json_doc_parse(span_sub(strbuf_span(&s->in), 0, end), "the line", &why);
    struct span rest = span_sub(strbuf_span(&s->in), end + 1, s->in.len);
    struct strbuf left = STRBUF_INIT(LINE_MAX_BYTES);
    strbuf_add(&left, rest);
    strbuf_wipe(&s->in); /* it may have been a secret */
    s->in = left;
    return doc;
}

/* ---- The voice. */

static bool on_typed(void *context, const struct field *field, struct strbuf *value,
                     struct err *err)
{
    const struct served *s = context;
    const struct json_node *all = json_node_get(json_doc_root(s->wanted), "secrets");
    const char *text = json_node_text(json_node_get(all, field->name));
    if (!text)
        return err_set(err, ERR_CONFIG, "%s has to be typed again", field->name);
    strbuf_adds(value, text);
    return true;
}

static void on_plan(void *context, struct target *t, const struct plan *plan,
                    const struct audit_run *run)
{
    struct strbuf text = STRBUF_INIT(LINE_MAX_BYTES);
    if (plan)
        plan_print(plan, t, true, &text);
    tell_span(context, "exact", strbuf_span(&text));
    strbuf_truncate(&text, 0);
    if (plan)
        plan_print(plan, t, false, &text);
    else
        undo_text(run, &text);
    tell_span(context, "text", strbuf_span(&text));
    strbuf_truncate(&text, 0);
    if (plan)
        plan_shell(plan, t, &text);
    tell_span(context, "shell", strbuf_span(&text));
    strbuf_truncate(&text, 0);
    if (plan)
        plan_manifest(plan, &text);
    tell_span(context, "manifest", strbuf_span(&text));
    strbuf_clear(&text);
}

static bool on_confirm(void *context, const char *cluster, bool destroys, struct err *err)
{
    struct served *s = context;
    tell(s, "context", cluster);
    tell(s, "state", destroys ? "planned-destroys" : "planned");
    struct json_doc *doc = hear(s);
    bool go = json_node_true(json_node_get(json_doc_root(doc), "confirm"));
    json_doc_free_wiped(doc);
    if (!go)
        return err_set(err, ERR_CANCELLED, "not confirmed: nothing was changed");
    s->runs = true;
    tell(s, "state", "runs");
    return true;
}

/* What only follows was not confirmed. */
static void on_begun(void *context, const char *id)
{
    struct served *s = context;
    tell(s, "run", id);
    if (!s->runs)
        tell(s, "state", "runs");
    s->runs = true;
}

static void on_says(void *context, const char *line)
{
    struct strbuf text = STRBUF_INIT(LINE_MAX_BYTES);
    strbuf_addf(&text, "%s\n", line);
    tell_span(context, "text", strbuf_span(&text));
    strbuf_clear(&text);
}

static void hand_over(struct served *s, struct target *t, struct audit *audit, const char *id,
                      const char *name)
{
    struct strbuf value = STRBUF_INIT(LINE_MAX_BYTES), says = STRBUF_INIT(512);
    struct err err;
    strbuf_addf(&says, "%s put on the clipboard", name);
    const struct audit_line line = {
        .event = AUDIT_NOTE, .run = id, .target = t, .says = strbuf_cstr(&says)};
    bool ok = secrets_is_made(t, name) && audit_write(audit, &line, &err) &&
              secrets_get(t, name, &value, &err);
    if (ok)
        tell_span(s, "value", strbuf_span(&value));
    strbuf_wipe(&value);
    strbuf_clear(&says);
}

/* What was made here is known here alone, until nobody looks on any more. */
static void on_done(void *context, struct target *t, struct audit *audit, const char *id)
{
    struct served *s = context;
    struct json_doc *doc;
    const char *name = secrets_made(t);
    s->runs = false;
    if (!name)
        return;
    tell(s, "made", name);
    tell(s, "state", "done");
    while (!s->gone && (doc = hear(s))) {
        const char *asked = json_node_path_text(json_doc_root(doc), "secret", NULL);
        if (asked)
            hand_over(s, t, audit, id, asked);
        json_doc_free_wiped(doc);
    }
    s->gone = true;
}

/* ---- What is wanted. */

static bool take_answers(struct served *s, struct err *err)
{
    const struct json_node *root = json_doc_root(s->wanted);
    const struct json_node *a = json_node_first(json_node_get(root, "answers"));
    s->answers.action = action_find(json_node_path_text(root, "action", ""));
    if (!s->answers.action)
        return err_set(err, ERR_CONFIG, "there is no such action");
    for (; a; a = json_node_next(a))
        if (!answers_set(&s->answers, json_node_key(a), json_node_text(a) ? json_node_text(a) : "",
                         err))
            return false;
    return true;
}

static void take_sites(struct served *s)
{
    const struct json_node *site =
        json_node_first(json_node_get(json_doc_root(s->wanted), "sites"));
    s->sites.alone = json_node_true(json_node_get(json_doc_root(s->wanted), "alone"));
    for (; site; site = json_node_next(site)) {
        const char *settings[64];
        size_t n = 0;
        const struct json_node *one = json_node_first(json_node_get(site, "settings"));
        for (; one && n < BN_COUNT(settings) - 1; one = json_node_next(one))
            settings[n++] = json_node_text(one);
        settings[n] = NULL;
        sites_add(&s->sites, json_node_path_text(site, "system", ""),
                  json_node_path_text(site, "name", ""), settings);
    }
}

static const char *const ends[] = {
    [WORK_DONE] = "done",     [WORK_NOTHING] = "nothing", [WORK_PLANNED] = "nothing",
    [WORK_WRONG] = "refused", [WORK_REFUSED] = "refused", [WORK_FAILED] = "failed",
    [WORK_OPEN] = "open",     [WORK_PARTLY] = "partly",
};

static void work(struct served *s, enum work_what what)
{
    const struct json_node *root = json_doc_root(s->wanted);
    const struct work_voice voice = {.context = s,
                                     .typed = on_typed,
                                     .plan = on_plan,
                                     .confirm = on_confirm,
                                     .begun = on_begun,
                                     .says = on_says,
                                     .done = on_done};
    const struct work_options o = {
        .target = {.kubeconfig = json_node_path_text(root, "kubeconfig", NULL),
                   .context = json_node_path_text(root, "context", NULL),
                   .cancel_fd = s->cancel_fd,
                   .clock = s->clock,
                   .sites = &s->sites},
        .ns = json_node_path_text(root, "namespace", NULL),
        .audit = json_node_path_text(root, "audit", ""),
        .what = what,
        .unchecked = strcmp(json_node_path_text(root, "what", ""), "preview") == 0,
        .run = json_node_path_text(root, "run", NULL)};
    struct err err;
    enum work_end end = WORK_REFUSED;
    err_clear(&err);
    if (what != WORK_NEW || take_answers(s, &err))
        end = work_go(&o, &s->answers, &voice, &err);
    s->runs = false;
    if (end != WORK_DONE && end != WORK_NOTHING && end != WORK_PLANNED)
        on_says(s, err.msg);
    tell(s, "state", ends[end]);
}

static void on_text(void *context, struct span text)
{
    tell_span(context, "text", text);
}

/* A run that another process has, to its end. */
static void watch(struct served *s)
{
    const struct json_node *root = json_doc_root(s->wanted);
    const char *id = json_node_path_text(root, "run", ""),
               *audit = json_node_path_text(root, "audit", "");
    char says[AUDIT_SAYS_MAX];
    struct err err;
    tell(s, "run", id);
    tell(s, "state", "watched");
    /* The screen says nothing more: its end is left to hear of. */
    bool ok = record_follow(audit, id, s->fd, on_text, s, &err);
    if (!ok && err.kind == ERR_CANCELLED)
        s->gone = true;
    else if (!ok)
        on_says(s, err.msg);
    bool known = audit_ended(audit, id, says);
    tell(s, "state",
         !known || !says[0]                       ? "open"
         : strcmp(says, "failed") == 0            ? "failed"
         : strcmp(says, AUDIT_UNDONE_PARTLY) == 0 ? "partly"
                                                  : "done");
}

static void serve(struct served *s)
{
    s->wanted = hear(s);
    const struct json_node *root = json_doc_root(s->wanted);
    const char *what = json_node_path_text(root, "what", "");
    int64_t wall;
    s->clock = clock_new();
    if (json_node_int(json_node_get(root, "wall_ms"), &wall) && wall)
        clock_set_wall(s->clock, wall);
    take_sites(s);
    if (strcmp(what, "watch") == 0)
        watch(s);
    else if (s->wanted)
        work(s, strcmp(what, "resume") == 0 ? WORK_RESUME
                : strcmp(what, "undo") == 0 ? WORK_UNDO
                                            : WORK_NEW);
    json_doc_free_wiped(s->wanted);
    clock_free(s->clock);
    sites_clear(&s->sites);
    answers_clear(&s->answers);
}

int served_main(int fd)
{
    struct served s = {
        .fd = fd, .in = STRBUF_INIT(LINE_MAX_BYTES), .out = STRBUF_INIT(LINE_MAX_BYTES)};
    if (!catch_signals(&s))
        return EXIT_FAILURE;
    serve(&s);
    strbuf_wipe(&s.in);
    strbuf_wipe(&s.out);
    return EXIT_SUCCESS;
}
