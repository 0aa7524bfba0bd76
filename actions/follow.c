/* A pod's log, taken up where it was left.
 *
 * What a GET with sinceTime gives is all lines of that second and later ones, in the order in which they
 * were written [kubelet pkg/kubelet/kuberuntime/logs: each line is compared by itself, fractions are cut
 * by the API server]. So a place in it is a second and how many of the lines from there on were taken:
 * several may have the same stamp, and stamps of two streams may be some way out of order. */
#include <config.h>

#include "actions/follow.h"

#include "actions/kube.h"
#include "actions/run.h"
#include "actions/secrets.h"
#include "base/alloc.h"
#include "base/timetext.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_BYTES ((size_t)1 << 20) /* asked for at once; a second of a log has less, mostly */
#define ROUNDS       8                 /* of such answers, then the step is looked at again */
#define KEPT_BYTES   ((size_t)4 << 20) /* of a step's log: then the pod has the rest */
#define LINE_BYTES   4096              /* of a line; a longer one is cut */
#define WORDS_BYTES  1024

static const struct kube_resource pods = {"", "v1", "pods"};

struct follow {
    struct target *t;
    const struct step *step;
    void (*tell)(void *context, const char *line);
    void *context;
    struct strbuf ns, pod, container; /* pod: "" none yet */
    struct strbuf told;               /* of the pod, last */
    struct span before;               /* what the run had told when it was cut short */
    int64_t since_ms;                 /* TIME_NONE: from its beginning */
    size_t taken;                     /* of the lines from there on */
    size_t bytes;
    bool full;
};

struct follow *follow_new(struct target *t, const struct step *step, struct span before,
                          void (*tell)(void *context, const char *line), void *context)
{
    if (!step->log_of)
        return NULL;
    struct follow *f = xalloc_zero(1, sizeof(*f));
    *f = (struct follow){.t = t,
                         .step = step,
                         .before = before,
                         .tell = tell,
                         .context = context,
                         .since_ms = TIME_NONE};
    f->ns = f->pod = f->container = f->told = (struct strbuf)STRBUF_INIT(WORDS_BYTES);
    return f;
}

void follow_free(struct follow *f)
{
    if (!f)
        return;
    strbuf_clear(&f->ns);
    strbuf_clear(&f->pod);
    strbuf_clear(&f->container);
    strbuf_clear(&f->told);
    free(f);
}

static void set(struct strbuf *to, const char *text)
{
    strbuf_truncate(to, 0);
    strbuf_adds(to, text);
}

/* What is said of the pod, when it is other than before. */
static void tell_of_pod(struct follow *f, const char *text)
{
    if (strcmp(strbuf_cstr(&f->told), text) == 0)
        return;
    set(&f->told, text);
    f->tell(f->context, text);
}

/* ---- Lines. */

/* "2026-02-13T09:00:00.123456789Z TEXT": the second of its stamp, and its text. */
static bool read_line(struct span line, int64_t *second_ms, struct span *text)
{
    struct span rest = line, stamp;
    int64_t ms;
    if (!span_split(&rest, ' ', &stamp) || !time_parse(stamp, &ms))
        return false;
    *second_ms = ms - (ms % 1000 + 1000) % 1000;
    *text = rest;
    return true;
}

/* Its own stamp, with which many begin their lines, is the same once more. */
static void tell_line(struct follow *f, int64_t second_ms, struct span text)
{
    char clock[TIMETEXT_MAX];
    struct strbuf line = STRBUF_INIT(2 * LINE_BYTES);
    struct span rest = text, first;
    int64_t own;
    if (span_split(&rest, ' ', &first) && time_parse(first, &own))
        text = rest;
    time_format_clock(second_ms, true, clock);
    strbuf_addf(&line, "%s ", clock);
    secrets_mask(f->t, span_sub(text, 0, LINE_BYTES), &line);
    if (text.len > LINE_BYTES)
        strbuf_adds(&line, " ...");
    f->bytes += line.len;
    f->tell(f->context, strbuf_cstr(&line));
    strbuf_clear(&line);
}

/* Those of an answer which were not taken yet. The next answer begins a second before its last line:
 * whose stamps are out of order by more are lost. True: there were such. */
static bool take_lines(struct follow *f, struct span whole)
{
    struct span rest = whole, line, text;
    int64_t second, last = f->since_ms;
    size_t n = 0, before = f->taken;
    while (span_split(&rest, '\n', &line)) {
        if (!rest.data || !read_line(line, &second, &text) || n++ < before)
            continue; /* what has no end yet comes again */
        tell_line(f, second, text);
        last = last == TIME_NONE || second > last ? second : last;
    }
    bool any = n > before;
    if (!any)
        return false;
    f->since_ms = last - 1000;
    f->taken = 0;
    for (rest = whole; span_split(&rest, '\n', &line);)
        f->taken += rest.data && read_line(line, &second, &text) && second >= f->since_ms;
    return true;
}

static bool get_lines(struct follow *f, struct strbuf *out, struct err *err)
{
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX);
    char since[TIMETEXT_MAX];
    kube_path(&path, &pods, strbuf_cstr(&f->ns), strbuf_cstr(&f->pod), "log");
    if (f->container.len)
        kube_query(&path, "container", strbuf_cstr(&f->container));
    kube_query(&path, "timestamps", "true");
    kube_query_int(&path, "limitBytes", (int64_t)ANSWER_BYTES);
    if (f->since_ms != TIME_NONE) {
        time_format(f->since_ms, since);
        kube_query(&path, "sinceTime", since);
    }
    bool ok = target_log(f->t, strbuf_cstr(&path), out, err);
    strbuf_clear(&path);
    return ok;
}

/* More in two seconds than is asked for at once: not all of it can be had. */
static void skip(struct follow *f)
{
    f->tell(f->context, "(lines are left out here: there are too many of one second)");
    f->since_ms += f->since_ms == TIME_NONE ? 0 : 1000;
    f->taken = 0;
}

static void take_log(struct follow *f)
{
    bool more = f->pod.len > 0;
    struct err err;
    for (int i = 0; more && i < ROUNDS && !f->full; i++) {
        struct strbuf log = STRBUF_INIT(ANSWER_BYTES + 4096);
        more = get_lines(f, &log, &err);
        if (!more && err.kind != ERR_NOTFOUND && err.kind != ERR_CANCELLED)
            tell_of_pod(f, err.msg);
        bool cut = log.len >= ANSWER_BYTES, any = more && take_lines(f, strbuf_span(&log));
        if (more && cut && !any)
            skip(f);
        more = more && cut;
        f->full = f->bytes > KEPT_BYTES;
        strbuf_wipe(&log);
    }
    if (f->full)
        tell_of_pod(f, "(no more of it is shown here: the pod's own log goes on)");
}

/* ---- What was told before. */

/* Lines of one pod, as the run told them. */
struct told {
    struct span rest;
    const char *pod;
    bool its; /* the line is of that pod */
    int64_t last_ms;
};

/* "pod NAME: Running", which stands before the lines of another pod. */
static bool read_pod(struct told *t, struct span line)
{
    struct span name = span_from(t->pod), word;
    if (!span_split(&line, ' ', &word) || !span_is(word, "pod"))
        return false;
    t->its = span_starts(line, t->pod) && line.len > name.len && line.data[name.len] == ':';
    return true;
}

/* "09:00:12 TEXT" of its next line: when that was. The clock has no day: it is less than 23 hours after the
 * line before (the first: after the pod was made), or up to an hour before it, as clocks and streams are
 * apart. After a longer silence it is taken for too early, and the lines before it are told once more. */
static bool next_told(struct told *t, int64_t *second_ms)
{
    static const int64_t day = INT64_C(86400000), apart = INT64_C(3600000);
    struct span line, clock;
    char stamp[32];
    while (span_split(&t->rest, '\n', &line)) {
        if (!t->rest.data || !span_starts(line, RUN_LOGGED))
            continue;
        line = span_sub(line, strlen(RUN_LOGGED), line.len);
        if (read_pod(t, line) || !t->its || !span_split(&line, ' ', &clock) || clock.len != 8)
            continue;
        (void)snprintf(stamp, sizeof(stamp), "1970-01-01T%.8sZ", clock.data);
        if (!time_parse(span_from(stamp), second_ms))
            continue;
        int64_t from = t->last_ms - apart;
        *second_ms = from + ((*second_ms - from) % day + day) % day;
        t->last_ms = *second_ms > t->last_ms ? *second_ms : t->last_ms;
        return true;
    }
    return false;
}

static struct told told_of(const struct follow *f, int64_t created_ms)
{
    return (struct told){.rest = f->before, .pod = strbuf_cstr(&f->pod), .last_ms = created_ms};
}

/* A run that is gone on with tells what comes after the last line that it told. */
static void take_up(struct follow *f, int64_t created_ms)
{
    char clock[TIMETEXT_MAX];
    struct strbuf says = STRBUF_INIT(WORDS_BYTES);
    struct told t = told_of(f, created_ms);
    int64_t second;
    f->since_ms = TIME_NONE;
    f->taken = 0;
    while (created_ms != TIME_NONE && next_told(&t, &second))
        f->since_ms = t.last_ms - 1000;
    if (f->since_ms == TIME_NONE)
        return;
    for (t = told_of(f, created_ms); next_told(&t, &second);)
        f->taken += second >= f->since_ms;
    time_format_clock(f->since_ms + 1000, true, clock);
    strbuf_addf(&says, "(up to %s it was told before: binnacle do --watch shows all)", clock);
    f->tell(f->context, strbuf_cstr(&says));
    strbuf_clear(&says);
}

/* ---- The pod. */

/* The newest of these: a Job whose pod has failed makes another. */
static const struct json_node *newest(const struct json_node *items)
{
    static const char *const created = "metadata.creationTimestamp";
    const struct json_node *found = NULL;
    for (const struct json_node *i = items; i; i = json_node_next(i))
        if (!found || kube_time(i, created) >= kube_time(found, created))
            found = i;
    return found;
}

/* What keeps it: "ImagePullBackOff", "0/5 nodes are available". */
static const char *reason_of(const struct json_node *pod)
{
    const struct json_node *c = json_node_first(json_node_path(pod, "status.containerStatuses"));
    const char *why = json_node_path_text(c, "state.waiting.reason", "");
    const struct json_node *scheduled = kube_condition(pod, "PodScheduled");
    if (why[0] || strcmp(json_node_path_text(scheduled, "status", ""), "False") != 0)
        return why;
    return json_node_path_text(scheduled, "message", "");
}

static void take_pod(struct follow *f, const struct json_node *pod)
{
    const char *name = json_node_path_text(pod, "metadata.name", ""),
               *phase = json_node_path_text(pod, "status.phase", ""), *why = reason_of(pod),
               *container = f->step->log_container;
    struct strbuf says = STRBUF_INIT(WORDS_BYTES);
    if (strcmp(strbuf_cstr(&f->pod), name) != 0) {
        take_log(f); /* the rest of the one before */
        set(&f->pod, name);
        set(&f->ns, json_node_path_text(pod, "metadata.namespace", ""));
        set(&f->container,
            container ? container
                      : json_node_path_text(json_node_first(json_node_path(pod, "spec.containers")),
                                            "name", ""));
        take_up(f, kube_time(pod, "metadata.creationTimestamp"));
    }
    strbuf_addf(&says, "pod %s: %s%s%s", name, phase, why[0] ? ", " : "", why);
    if (!f->full)
        tell_of_pod(f, strbuf_cstr(&says));
    strbuf_clear(&says);
    if (strcmp(phase, "Pending") != 0)
        take_log(f);
}

void follow_turn(struct follow *f, const struct json_node *object)
{
    struct strbuf selector = STRBUF_INIT(WORDS_BYTES);
    struct json_doc *doc = NULL;
    const struct json_node *first = NULL;
    struct err err;
    if (!f)
        return;
    f->step->log_of(object, &selector);
    if (selector.len &&
        target_list(f->t, &pods, json_node_path_text(object, "metadata.namespace", ""),
                    strbuf_cstr(&selector), &doc, &first, &err) &&
        first)
        take_pod(f, newest(first));
    else
        take_log(f);
    json_doc_free(doc);
    strbuf_clear(&selector);
}
