/* Counters of several Traefiks, and what they come to a second. */
#include <config.h>

#include "backends/traefik/figures.h"

#include "backends/poll.h"
#include "base/alloc.h"
#include "base/map.h"
#include "net/metrics.h"

#include <stdlib.h>
#include <string.h>

#define PODS_MAX  16
#define KEY_BYTES 2048

/* What one pod counts under one name, or all pods together under it (then without rates). */
struct series {
    uint64_t round; /* of the last look that named it */
    int64_t requests, errors, too_big;
    struct poll_rate request_rate, error_rate, too_big_rate;
    double rate, failing, refusing; /* a second */
    bool known;
    int64_t open, up, servers; /* connections; servers that are up, and all */
};

struct figures {
    struct map *series;   /* owned; "pod", group, name -> struct series */
    struct map *names;    /* owned; group, name -> struct series, summed */
    char *pods[PODS_MAX]; /* owned; of this round */
    size_t npods;
    struct figure_cert *certs; /* owned, as what is in them */
    size_t ncerts;
    int64_t reloaded_ms;
    uint64_t round;
};

struct figures *figures_new(void)
{
    struct figures *f = xalloc_zero(1, sizeof(*f));
    f->series = map_new();
    f->names = map_new();
    f->reloaded_ms = TIME_NONE;
    return f;
}

static void forget_certs(struct figures *f)
{
    for (size_t i = 0; i < f->ncerts; i++) {
        free(f->certs[i].name);
        free(f->certs[i].names);
        free(f->certs[i].serial);
    }
    free(f->certs);
    f->certs = NULL;
    f->ncerts = 0;
}

static void forget_pods(struct figures *f)
{
    while (f->npods)
        free(f->pods[--f->npods]);
}

void figures_free(struct figures *f)
{
    if (!f)
        return;
    map_free(f->series, free);
    map_free(f->names, free);
    forget_pods(f);
    forget_certs(f);
    free(f);
}

void figures_begin(struct figures *f)
{
    f->round++;
    f->reloaded_ms = TIME_NONE;
    forget_pods(f);
    forget_certs(f);
}

/* ---- Names. A group stands as a letter; what a pod counts is named after the pod as well. */

static bool key_of(char out[KEY_BYTES], struct span pod, enum figure_group group, struct span name)
{
    if (pod.len + name.len + 2 > KEY_BYTES)
        return false;
    if (pod.len)
        memcpy(out, pod.data, pod.len);
    out[pod.len] = (char)('A' + (int)group);
    if (name.len)
        memcpy(out + pod.len + 1, name.data, name.len);
    return true;
}

/* Made when there is none yet, and begun anew when this round names it first. NULL: too many. */
static struct series *series_at(struct figures *f, struct map *in, struct span pod,
                                enum figure_group group, struct span name)
{
    char key[KEY_BYTES];
    if (!key_of(key, pod, group, name))
        return NULL;
    struct span text = span_make(key, pod.len + 1 + name.len);
    struct series *s = map_get(in, text);
    if (!s) {
        if (map_count(in) >= FIGURE_SERIES_MAX)
            return NULL;
        s = xalloc_zero(1, sizeof(*s));
        (void)map_set(in, text, s);
    }
    if (s->round != f->round) {
        s->round = f->round;
        s->requests = s->errors = s->too_big = s->open = s->up = s->servers = 0;
    }
    return s;
}

static const struct series *find(const struct figures *f, const struct map *in, struct span pod,
                                 enum figure_group group, struct span name)
{
    char key[KEY_BYTES];
    const struct series *s =
        key_of(key, pod, group, name) ? map_get(in, span_make(key, pod.len + 1 + name.len)) : NULL;
    return s && s->round == f->round ? s : NULL;
}

/* ---- An answer. */

static int64_t whole(double value)
{
    return value >= 0 && value < 9e15 ? (int64_t)value : 0;
}

#define MOST INT64_C(1000000000000000000) /* sums stay below it */

static void add(int64_t *sum, double value)
{
    if (*sum < MOST)
        *sum += whole(value);
}

static void take_requests(struct figures *f, struct span pod, enum figure_group group,
                          const char *label, const struct metric *m)
{
    struct span name = metric_label(m, label);
    struct series *s = name.len ? series_at(f, f->series, pod, group, name) : NULL;
    if (!s || !series_at(f, f->names, SPAN(""), group, name))
        return;
    add(&s->requests, m->value);
    if (span_starts(metric_label(m, "code"), "5"))
        add(&s->errors, m->value);
    if (span_is(metric_label(m, "code"), "431"))
        add(&s->too_big, m->value);
}

static void take_cert(struct figures *f, const struct metric *m)
{
    struct span name = metric_label(m, "cn"), serial = metric_label(m, "serial"),
                names = metric_label(m, "sans");
    for (size_t i = 0; i < f->ncerts; i++) /* several pods have the same */
        if (span_is(serial, f->certs[i].serial) && span_is(name, f->certs[i].name))
            return;
    if (f->ncerts == FIGURE_CERTS_MAX || (!name.len && !names.len) || m->value <= 0)
        return;
    f->certs = xalloc_resize(f->certs, f->ncerts + 1, sizeof(*f->certs));
    f->certs[f->ncerts++] = (struct figure_cert){.name = xalloc_bytes(name.data, name.len),
                                                 .names = xalloc_bytes(names.data, names.len),
                                                 .serial = xalloc_bytes(serial.data, serial.len),
                                                 .ends_ms = whole(m->value) * 1000};
}

static void take_open(struct figures *f, const struct metric *m)
{
    struct span name = metric_label(m, "entrypoint");
    struct series *s = name.len ? series_at(f, f->names, SPAN(""), FIGURE_ENTRYPOINT, name) : NULL;
    if (s)
        add(&s->open, m->value);
}

static void take_server(struct figures *f, const struct metric *m)
{
    struct span name = metric_label(m, "service");
    struct series *s = name.len ? series_at(f, f->names, SPAN(""), FIGURE_SERVICE, name) : NULL;
    if (!s)
        return;
    s->servers++;
    s->up += m->value > 0;
}

static bool take(struct figures *f, struct span pod, const struct metric *m)
{
    struct span name = span_sub(m->name, sizeof("traefik_") - 1, m->name.len);
    if (span_is(name, "entrypoint_requests_total"))
        take_requests(f, pod, FIGURE_ENTRYPOINT, "entrypoint", m);
    else if (span_is(name, "router_requests_total"))
        take_requests(f, pod, FIGURE_ROUTER, "router", m);
    else if (span_is(name, "service_requests_total"))
        take_requests(f, pod, FIGURE_SERVICE, "service", m);
    else if (span_is(name, "open_connections"))
        take_open(f, m);
    else if (span_is(name, "service_server_up"))
        take_server(f, m);
    else if (span_is(name, "tls_certs_not_after"))
        take_cert(f, m);
    else if (span_is(name, "config_last_reload_success") && m->value > 0 &&
             (f->reloaded_ms == TIME_NONE || whole(m->value) * 1000 < f->reloaded_ms))
        f->reloaded_ms = whole(m->value) * 1000;
    return true;
}

/* What a pod's counters have become since its last answer. */
static void make_rates(struct figures *f, struct span pod, int64_t mono_ms)
{
    struct span key;
    void *value;
    size_t at = 0;
    while (map_next(f->series, &at, &key, &value)) {
        struct series *s = value;
        if (s->round != f->round || key.len <= pod.len ||
            !span_eq(span_sub(key, 0, pod.len), pod) || key.data[pod.len] < 'A' ||
            key.data[pod.len] >= 'A' + (int)FIGURE_GROUPS)
            continue;
        bool requests = poll_rate(&s->request_rate, s->requests, mono_ms, &s->rate);
        bool errors = poll_rate(&s->error_rate, s->errors, mono_ms, &s->failing);
        bool too_big = poll_rate(&s->too_big_rate, s->too_big, mono_ms, &s->refusing);
        s->known = requests && errors && too_big;
    }
}

bool figures_take(struct figures *f, struct span pod, struct span body, int64_t mono_ms)
{
    struct metric m;
    bool any = false;
    if (f->npods == PODS_MAX)
        return true;
    while (metric_next(&body, &m))
        if (span_starts(m.name, "traefik_"))
            any = take(f, pod, &m);
    if (!any)
        return false;
    f->pods[f->npods++] = xalloc_bytes(pod.data, pod.len);
    make_rates(f, pod, mono_ms);
    return true;
}

static void forget(struct map *m, uint64_t round)
{
    char **old = NULL;
    size_t *lens = NULL, n = 0, at = 0;
    struct span key;
    void *value;
    while (map_next(m, &at, &key, &value)) {
        if (((struct series *)value)->round == round)
            continue;
        old = xalloc_resize(old, n + 1, sizeof(*old));
        lens = xalloc_resize(lens, n + 1, sizeof(*lens));
        old[n] = xalloc_bytes(key.data, key.len);
        lens[n++] = key.len;
    }
    while (n--) {
        free(map_remove(m, span_make(old[n], lens[n])));
        free(old[n]);
    }
    free(old);
    free(lens);
}

void figures_end(struct figures *f)
{
    forget(f->series, f->round);
    forget(f->names, f->round);
}

/* ---- Questions. */

bool figures_rate(const struct figures *f, enum figure_group group, struct span name, double *rate,
                  double *errors)
{
    bool known = false;
    *rate = *errors = 0;
    for (size_t i = 0; i < f->npods; i++) {
        const struct series *s = find(f, f->series, span_from(f->pods[i]), group, name);
        if (!s || !s->known)
            continue;
        known = true;
        *rate += s->rate;
        *errors += s->failing;
    }
    return known;
}

double figures_too_big(const struct figures *f, enum figure_group group, struct span name)
{
    double sum = 0;
    for (size_t i = 0; i < f->npods; i++) {
        const struct series *s = find(f, f->series, span_from(f->pods[i]), group, name);
        sum += s && s->known ? s->refusing : 0;
    }
    return sum;
}

bool figures_next(const struct figures *f, enum figure_group group, size_t *at, struct span *name)
{
    struct span key;
    void *value;
    while (map_next(f->names, at, &key, &value)) {
        const struct series *s = value;
        if (s->round != f->round || key.data[0] != 'A' + (int)group)
            continue;
        *name = span_sub(key, 1, key.len);
        return true;
    }
    return false;
}

int64_t figures_open(const struct figures *f, struct span entrypoint)
{
    const struct series *s = find(f, f->names, SPAN(""), FIGURE_ENTRYPOINT, entrypoint);
    struct span name;
    int64_t all = 0;
    size_t at = 0;
    if (entrypoint.len || !f->npods)
        return s ? s->open : -1;
    while (all < MOST && figures_next(f, FIGURE_ENTRYPOINT, &at, &name))
        all += find(f, f->names, SPAN(""), FIGURE_ENTRYPOINT, name)->open;
    return all;
}

bool figures_servers(const struct figures *f, struct span service, int64_t *up, int64_t *all)
{
    const struct series *s = find(f, f->names, SPAN(""), FIGURE_SERVICE, service);
    if (!s || !s->servers)
        return false;
    *up = s->up;
    *all = s->servers;
    return true;
}

int64_t figures_reloaded(const struct figures *f)
{
    return f->reloaded_ms;
}

size_t figures_certs(const struct figures *f)
{
    return f->ncerts;
}

const struct figure_cert *figures_cert(const struct figures *f, size_t i)
{
    return &f->certs[i];
}

static bool name_fits(struct span name, struct span host)
{
    if (!span_starts(name, "*."))
        return span_eq_nocase(name, host);
    size_t dot = span_find(host, '.', 0); /* a star is one label */
    return dot > 0 && dot < host.len &&
           span_eq_nocase(span_sub(name, 1, name.len), span_sub(host, dot, host.len));
}

bool figure_cert_fits(const struct figure_cert *c, struct span host)
{
    struct span rest = span_from(c->names), name;
    while (rest.len && span_split(&rest, ',', &name))
        if (name_fits(span_trim(name), host))
            return true;
    return !c->names[0] && name_fits(span_from(c->name), host);
}
