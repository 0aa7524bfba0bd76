/* The end of the socket where the screen is. */
#include <config.h>

#include "actions/doing.h"

#include "actions/audit.h"
#include "actions/channel.h"
#include "actions/served.h"
#include "base/alloc.h"
#include "base/json_out.h"
#include "net/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define TEXT_MAX ((size_t)16 << 20)
#define CHUNK    16384
#define LEFT_MAX 32

struct doing {
    int fd; /* -1: the other end is closed */
    int pid;
    const struct action *action;
    enum doing_state state;
    bool destroys, again;
    char run[AUDIT_RUN_ID];
    char *context, *made;    /* owned; NULL: not known */
    struct strbuf in, value; /* they may hold a secret */
    struct strbuf text, shell, manifest;
    struct strbuf exact;         /* the plan with its requests, instead of text's bytes */
    size_t exact_from, exact_to; /* from here to there */
};

/* Processes that were left running: their ends are taken when there is an occasion. */
static int left[LEFT_MAX];

static void reap(void)
{
    for (size_t i = 0; i < LEFT_MAX; i++)
        if (left[i] && waitpid(left[i], NULL, WNOHANG) != 0)
            left[i] = 0;
}

static void leave(int pid)
{
    reap();
    for (size_t i = 0; i < LEFT_MAX; i++)
        if (!left[i]) {
            left[i] = pid;
            break;
        }
    reap();
}

/* ---- What is wanted. */

static void add_secrets(struct json_out *j, const struct doing_options *o)
{
    json_key(j, "secrets");
    json_object(j);
    for (size_t i = 0; i < o->nsecrets; i++) {
        json_key(j, o->secrets[i].field);
        json_text(j, o->secrets[i].value);
    }
    json_object_end(j);
}

static void add_sites(struct json_out *j, const struct sites *sites)
{
    json_key(j, "alone");
    json_bool(j, sites && sites->alone);
    json_key(j, "sites");
    json_array(j);
    for (size_t i = 0; sites && i < sites->count; i++) {
        json_object(j);
        json_key_cstr(j, "system", sites->sites[i].system);
        json_key_cstr(j, "name", sites->sites[i].name);
        json_key(j, "settings");
        json_array(j);
        for (char **s = sites->sites[i].settings; *s; s++)
            json_cstr(j, *s);
        json_array_end(j);
        json_object_end(j);
    }
    json_array_end(j);
}

static void write_wanted(const struct doing_options *o, const struct answers *a, struct strbuf *out)
{
    static const char *const words[] = {[DO_NEW] = "new",
                                        [DO_RESUME] = "resume",
                                        [DO_UNDO] = "undo",
                                        [DO_WATCH] = "watch",
                                        [DO_PREVIEW] = "preview"};
    struct json_out j;
    json_out_init(&j, out, 0);
    json_object(&j);
    json_key_cstr(&j, "what", words[o->what]);
    json_key_cstr(&j, "run", o->run);
    json_key_cstr(&j, "action", a->action ? a->action->name : NULL);
    json_key_cstr(&j, "kubeconfig", o->kubeconfig);
    json_key_cstr(&j, "context", o->context);
    json_key_cstr(&j, "namespace", o->ns);
    json_key_cstr(&j, "audit", o->audit);
    json_key(&j, "wall_ms");
    json_int(&j, o->wall_ms);
    if (a->action)
        answers_json(&j, a);
    add_secrets(&j, o);
    add_sites(&j, o->sites);
    json_object_end(&j);
    strbuf_addc(out, '\n');
}

/* ---- Beginning and leaving. */

static bool send_all(const struct doing *d, struct span text)
{
    while (text.len && d->fd >= 0) {
        ssize_t n = send(d->fd, text.data, text.len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        text = span_sub(text, (size_t)n, text.len);
    }
    return d->fd >= 0;
}

static bool start(struct doing *d, const struct doing_options *o, struct err *err)
{
    const char *const argv[] = {"binnacle", SERVED_WORD, NULL};
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return err_code(err, ERR_IO, errno, "the system gives no socket: %s", strerror(errno));
    int why = child_detach(o->program ? o->program : "/proc/self/exe", argv, ends[1], &d->pid);
    (void)close(ends[1]);
    d->fd = ends[0];
    return why == 0 || err_code(err, ERR_IO, why, "the process of the action does not start: %s",
                                strerror(why));
}

static void release(struct doing *d)
{
    if (d->fd >= 0)
        (void)close(d->fd);
    strbuf_wipe(&d->in);
    strbuf_wipe(&d->value);
    strbuf_clear(&d->text);
    strbuf_clear(&d->shell);
    strbuf_clear(&d->manifest);
    strbuf_clear(&d->exact);
    free(d->context);
    free(d->made);
    free(d);
}

struct doing *doing_start(const struct doing_options *o, const struct answers *answers,
                          struct err *err)
{
    struct doing *d = xalloc_zero(1, sizeof(*d));
    struct strbuf wanted = STRBUF_INIT(TEXT_MAX);
    d->fd = -1;
    d->action = answers->action;
    d->again = o->what == DO_RESUME || o->what == DO_UNDO;
    d->in = d->text = d->shell = d->manifest = d->exact = d->value =
        (struct strbuf)STRBUF_INIT(TEXT_MAX);
    write_wanted(o, answers, &wanted);
    bool ok = start(d, o, err);
    if (ok && !send_all(d, strbuf_span(&wanted))) {
        ok = err_set(err, ERR_IO, "the process of the action has ended at once");
        leave(d->pid);
    }
    strbuf_wipe(&wanted);
    if (ok) {
        (void)fcntl(d->fd, F_SETFL, O_NONBLOCK);
        return d;
    }
    release(d);
    return NULL;
}

void doing_end(struct doing *d)
{
    if (!d)
        return;
    if (d->pid)
        leave(d->pid);
    release(d);
}

/* ---- What it says. */

static const struct {
    const char *word;
    enum doing_state state;
    bool destroys;
} states[] = {
    {"planned", DOING_PLANNED, false}, {"planned-destroys", DOING_PLANNED, true},
    {"nothing", DOING_NOTHING, false}, {"refused", DOING_REFUSED, false},
    {"runs", DOING_RUNS, false},       {"watched", DOING_WATCHED, false},
    {"done", DOING_DONE, false},       {"failed", DOING_FAILED, false},
    {"open", DOING_OPEN, false},       {"partly", DOING_PARTLY, false},
};

static void take_state(struct doing *d, const char *word)
{
    for (size_t i = 0; i < BN_COUNT(states); i++)
        if (strcmp(states[i].word, word) == 0) {
            d->state = states[i].state;
            d->destroys = d->destroys || states[i].destroys;
        }
}

static void keep(char **where, const char *text)
{
    free(*where);
    *where = xalloc_text(text);
}

static void take_line(struct doing *d, struct span line)
{
    struct err why;
    struct json_doc *doc = json_doc_parse(line, "the line", &why);
    const struct json_node *one = json_node_first(json_doc_root(doc));
    const char *key = one ? json_node_key(one) : "", *text = one ? json_node_text(one) : NULL;
    if (!text)
        text = "";
    if (strcmp(key, "exact") == 0) {
        strbuf_adds(&d->exact, text);
        d->exact_from = d->text.len;
    } else if (strcmp(key, "text") == 0) {
        strbuf_adds(&d->text, text);
    } else if (strcmp(key, "shell") == 0) {
        strbuf_adds(&d->shell, text);
        d->exact_to = d->text.len;
    } else if (strcmp(key, "manifest") == 0)
        strbuf_adds(&d->manifest, text);
    else if (strcmp(key, "state") == 0)
        take_state(d, text);
    else if (strcmp(key, "context") == 0)
        keep(&d->context, text);
    else if (strcmp(key, "made") == 0)
        keep(&d->made, text);
    else if (strcmp(key, "run") == 0)
        (void)snprintf(d->run, sizeof(d->run), "%s", text);
    else if (strcmp(key, "value") == 0)
        strbuf_adds(&d->value, text);
    json_doc_free_wiped(doc);
}

static void take_lines(struct doing *d)
{
    struct strbuf left_over = STRBUF_INIT(TEXT_MAX);
    size_t end;
    struct span rest = strbuf_span(&d->in);
    while ((end = span_find(rest, '\n', 0)) < rest.len) {
        take_line(d, span_sub(rest, 0, end));
        rest = span_sub(rest, end + 1, rest.len);
    }
    strbuf_add(&left_over, rest);
    strbuf_wipe(&d->in);
    d->in = left_over;
}

/* It has ended, or was killed: what it had come to is what it said last. */
static void take_end(struct doing *d)
{
    (void)close(d->fd);
    d->fd = -1;
    if (d->state == DOING_PLANS || d->state == DOING_PLANNED) {
        strbuf_adds(&d->text, "the process of the action has ended\n");
        d->state = DOING_REFUSED;
    } else if (d->state == DOING_RUNS) {
        strbuf_adds(&d->text, "the process of the run has ended amid it\n");
        d->state = DOING_OPEN;
    }
    if (waitpid(d->pid, NULL, WNOHANG) == 0)
        leave(d->pid);
    d->pid = 0;
}

enum doing_state doing_state(struct doing *d)
{
    bool ended = false;
    while (d->fd >= 0 && !ended) {
        char *room = strbuf_reserve(&d->in, CHUNK);
        ssize_t n = room ? recv(d->fd, room, CHUNK, 0) : 0;
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            break;
        ended = n <= 0;
        strbuf_commit(&d->in, n > 0 ? (size_t)n : 0);
    }
    if (d->in.len)
        take_lines(d);
    if (ended)
        take_end(d);
    return d->state;
}

int doing_fd(const struct doing *d)
{
    return d->fd;
}

void doing_text(const struct doing *d, bool exact, size_t from, struct strbuf *out)
{
    struct strbuf all = STRBUF_INIT(2 * TEXT_MAX);
    struct span said = strbuf_span(&d->text);
    bool instead = exact && d->exact.len;
    strbuf_add(&all, span_sub(said, 0, instead ? d->exact_from : said.len));
    if (instead && d->exact_to > d->exact_from) { /* all of it has come */
        strbuf_add(&all, strbuf_span(&d->exact));
        strbuf_add(&all, span_sub(said, d->exact_to, said.len));
    }
    strbuf_add(out, span_sub(strbuf_span(&all), from, all.len));
    strbuf_clear(&all);
}

const struct action *doing_action(const struct doing *d)
{
    return d->action;
}

bool doing_destroys(const struct doing *d)
{
    return d->destroys;
}

const char *doing_context(const struct doing *d)
{
    return d->context ? d->context : "";
}

struct span doing_shell(const struct doing *d)
{
    return strbuf_span(&d->shell);
}

struct span doing_manifest(const struct doing *d)
{
    return strbuf_span(&d->manifest);
}

bool doing_is_again(const struct doing *d)
{
    return d->again;
}

const char *doing_run(const struct doing *d)
{
    return d->run;
}

const char *doing_made(const struct doing *d)
{
    return d->fd >= 0 ? d->made : NULL;
}

/* ---- What it is told. */

void doing_confirm(struct doing *d)
{
    (void)send_all(d, SPAN("{\"confirm\":true}\n"));
}

void doing_ask_secret(struct doing *d)
{
    struct strbuf line = STRBUF_INIT(4096);
    struct json_out j;
    json_out_init(&j, &line, 0);
    json_object(&j);
    json_key_cstr(&j, "secret", d->made);
    json_object_end(&j);
    strbuf_addc(&line, '\n');
    (void)send_all(d, strbuf_span(&line));
    strbuf_clear(&line);
}

bool doing_take_secret(struct doing *d, struct strbuf *out)
{
    bool came = d->value.len > 0;
    strbuf_add(out, strbuf_span(&d->value));
    strbuf_wipe(&d->value);
    d->value = (struct strbuf)STRBUF_INIT(TEXT_MAX);
    return came;
}

void doing_cancel(struct doing *d)
{
    if (d->pid)
        (void)kill(d->pid, SIGINT);
}
