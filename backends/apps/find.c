/* Which applications there are. A workload that a public route leads to is one, together with what its
 * labels put beside it [kubernetes.io common labels: part-of, instance, name]. */
#include <config.h>

#include "backends/apps/apps.h"
#include "backends/kubernetes/selector.h"
#include "backends/public_host.h"
#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_BYTES ((size_t)64 << 10)
#define APPS_MAX   2000

/* A workload, as the store has it. */
struct member {
    struct handle row;
    struct span key, ns, group, pods; /* pods: the labels of its pods; all borrowed */
};

struct app {
    char *ns, *name;             /* owned, as all here */
    struct strbuf hosts;         /* a list */
    struct strbuf parts;         /* routes, then what is seen of its hosts */
    const struct declared *said; /* what the configuration says of it; NULL: nothing */
};

struct find {
    const struct store *st;
    struct member *members; /* by namespace */
    size_t nmembers;
    struct public_hosts hosts;
    struct app *apps;
    size_t napps;
};

/* ---- Workloads. */

static struct span group_of(const struct store *st, struct handle row)
{
    static const char *const keys[] = {"app.kubernetes.io/part-of", "app.kubernetes.io/instance",
                                       "app.kubernetes.io/name"};
    struct span labels = discovery_text(st, row, "labels"), owner = discovery_owner(st, row);
    for (size_t i = 0; i < BN_COUNT(keys); i++) {
        struct span value = discovery_label(labels, keys[i]);
        if (value.len)
            return value;
    }
    return owner.len ? owner : discovery_text(st, row, "name");
}

static int compare_members(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    int by = span_compare(x->ns, y->ns);
    return by ? by : span_compare(x->key, y->key);
}

static void read_members(struct find *f)
{
    int kind = store_kind_find(f->st, SPAN("workload"));
    size_t n = kind < 0 ? 0 : store_count(f->st, (uint16_t)kind);
    struct handle row;
    uint32_t at = 0;
    f->members = xalloc_zero(n + 1, sizeof(*f->members));
    while (f->nmembers < n && store_next(f->st, (uint16_t)kind, &at, &row))
        f->members[f->nmembers++] =
            (struct member){.row = row,
                            .key = store_key(f->st, row),
                            .ns = discovery_text(f->st, row, "namespace"),
                            .group = group_of(f->st, row),
                            .pods = discovery_text(f->st, row, "pod-labels")};
    if (f->nmembers)
        qsort(f->members, f->nmembers, sizeof(*f->members), compare_members);
}

/* The first of a namespace. */
static size_t first_member(const struct find *f, struct span ns)
{
    size_t low = 0, high = f->nmembers;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (span_compare(f->members[middle].ns, ns) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool next_member(const struct find *f, struct span ns, size_t *at, const struct member **out)
{
    if (*at >= f->nmembers || !span_eq(f->members[*at].ns, ns))
        return false;
    *out = &f->members[(*at)++];
    return true;
}

/* A service without a selector chooses nothing. */
static bool chooses(struct span selector, struct span labels)
{
    return selector.len && selector_matches(selector, labels);
}

/* ---- Applications. */

static struct app *app_at(struct find *f, struct span ns, struct span name, bool make)
{
    for (size_t i = 0; i < f->napps; i++)
        if (span_is(ns, f->apps[i].ns) && span_is(name, f->apps[i].name))
            return &f->apps[i];
    if (!make || f->napps == APPS_MAX)
        return NULL;
    f->apps = xalloc_resize(f->apps, f->napps + 1, sizeof(*f->apps));
    struct app *a = &f->apps[f->napps++];
    *a = (struct app){.ns = xalloc_bytes(ns.data, ns.len),
                      .name = xalloc_bytes(name.data, name.len),
                      .hosts = STRBUF_INIT(TEXT_BYTES),
                      .parts = STRBUF_INIT(TEXT_BYTES)};
    return a;
}

static void add_word(struct strbuf *list, char separator, struct span word)
{
    if (!word.len || span_lists(strbuf_span(list), separator, word))
        return;
    if (list->len)
        strbuf_addc(list, separator);
    strbuf_add(list, word);
}

static void add_host(struct app *a, const struct find *f, const struct public_host *h)
{
    add_word(&a->hosts, LIST_SEPARATOR, span_from(h->host));
    joined_add_link(&a->parts, store_kind(f->st, h->row.kind)->name, store_key(f->st, h->row));
}

/* Gives the host to each application whose pods the service chooses. only_new: to those alone that
 * have none yet. */
static void add_service(struct find *f, const struct public_host *h, struct handle service,
                        bool only_new)
{
    struct span ns = discovery_text(f->st, service, "namespace");
    struct span selector = discovery_text(f->st, service, "selector");
    const struct member *m;
    for (size_t at = first_member(f, ns); next_member(f, ns, &at, &m);) {
        if (!chooses(selector, m->pods))
            continue;
        struct app *a = app_at(f, ns, m->group, true);
        if (a && (!only_new || !a->hosts.len))
            add_host(a, f, h);
    }
}

/* The service is gone: what has its name is what it led to. */
static void add_lost(struct find *f, const struct public_host *h, struct span service,
                     bool only_new)
{
    size_t slash = span_find(service, '/', 0);
    struct span ns = span_sub(service, 0, slash), name = span_sub(service, slash + 1, service.len);
    const struct member *m;
    for (size_t at = first_member(f, ns); next_member(f, ns, &at, &m);) {
        if (!span_eq(m->group, name) && !span_eq(discovery_text(f->st, m->row, "name"), name))
            continue;
        struct app *a = app_at(f, ns, m->group, true);
        if (a && (!only_new || !a->hosts.len))
            add_host(a, f, h);
    }
}

/* A route's first service is what it is for; what else it leads to, by other paths, has the host only
 * if nothing else leads there. */
static void add_route(struct find *f, const struct public_host *h, bool others)
{
    struct link link;
    size_t at = 0, n = 0;
    struct handle target;
    while (store_link_next(f->st, h->row, &at, &link)) {
        if (link.type != LINK_SERVICE || !span_is(link.kind, "service"))
            continue;
        if ((n++ > 0) != others)
            continue;
        if (store_follow(f->st, h->row, &link, &target) == LINK_FOUND)
            add_service(f, h, target, others);
        else
            add_lost(f, h, link.key, others);
    }
}

/* ---- What the configuration says. */

static bool is_about(const struct declared *e, const struct app *a)
{
    struct span name = span_from(e->name);
    size_t slash = span_find(name, '/', 0);
    if (slash == name.len)
        return span_is(name, a->name);
    return span_is(span_sub(name, 0, slash), a->ns) &&
           span_is(span_sub(name, slash + 1, name.len), a->name);
}

/* The namespace of its first workload, where its name says none. */
static struct span namespace_of(const struct declared *e)
{
    const char *workloads = declared_setting(e, "workloads");
    struct span name = span_from(e->name), key = span_trim(span_from(workloads));
    size_t slash = span_find(name, '/', 0);
    return slash < name.len ? span_sub(name, 0, slash) : span_sub(key, 0, span_find(key, '/', 0));
}

static void take_hosts(struct find *f, struct app *a, const char *said)
{
    struct span rest = span_from(said), one;
    strbuf_truncate(&a->hosts, 0);
    strbuf_truncate(&a->parts, 0);
    while (rest.len && span_split(&rest, ',', &one)) {
        add_word(&a->hosts, LIST_SEPARATOR, span_trim(one));
        for (size_t i = 0; i < f->hosts.count; i++)
            if (span_is(span_trim(one), f->hosts.all[i].host))
                add_host(a, f, &f->hosts.all[i]);
    }
}

static void take_declared(struct find *f, const struct declared *e)
{
    struct span name = span_from(e->name);
    size_t slash = span_find(name, '/', 0);
    bool found = false;
    for (size_t i = 0; i < f->napps; i++) {
        if (!is_about(e, &f->apps[i]))
            continue;
        f->apps[i].said = e;
        found = true;
    }
    if (!found && (declared_setting(e, "workloads") || declared_setting(e, "hosts"))) {
        struct app *a = app_at(f, namespace_of(e),
                               slash < name.len ? span_sub(name, slash + 1, name.len) : name, true);
        if (a)
            a->said = e;
    }
    for (size_t i = 0; i < f->napps; i++)
        if (f->apps[i].said == e && declared_setting(e, "hosts"))
            take_hosts(f, &f->apps[i], declared_setting(e, "hosts"));
}

/* ---- Lines. */

/* What all its workloads come to. */
struct sum {
    struct strbuf names, images, parts;
    int64_t ready, desired;
};

static void add_workload(const struct find *f, struct handle row, struct sum *s)
{
    const struct kind *k = store_kind(f->st, row.kind);
    struct span images = discovery_text(f->st, row, "images"), one;
    add_word(&s->names, LIST_SEPARATOR, discovery_text(f->st, row, "name"));
    while (images.len && span_split(&images, LIST_SEPARATOR, &one))
        add_word(&s->images, LIST_SEPARATOR, one);
    s->ready += store_num(f->st, row, (size_t)kind_column(k, SPAN("ready-count")), 0);
    s->desired += store_num(f->st, row, (size_t)kind_column(k, SPAN("desired")), 0);
    joined_add_link(&s->parts, "workload", store_key(f->st, row));
}

static void sum_up(const struct find *f, const struct app *a, struct sum *s)
{
    const char *said = a->said ? declared_setting(a->said, "workloads") : NULL;
    struct span rest = span_from(said), one, ns = span_from(a->ns);
    int kind = store_kind_find(f->st, SPAN("workload"));
    const struct member *m;
    struct handle row;
    for (size_t at = first_member(f, ns); !said && next_member(f, ns, &at, &m);)
        if (span_is(m->group, a->name))
            add_workload(f, m->row, s);
    while (said && rest.len && span_split(&rest, ',', &one)) {
        one = span_trim(one);
        if (kind >= 0 && store_find(f->st, SOURCE_ANY, (uint16_t)kind, one, &row))
            add_workload(f, row, s);
        else if (one.len)
            joined_add_link(&s->parts, "workload", one);
    }
}

/* Of its hosts: the status of the one that is worst, the first certificate to expire. */
static void look_at_hosts(const struct find *f, struct app *a, int64_t *status, int64_t *expires)
{
    int probe = store_kind_find(f->st, SPAN("http-probe"));
    int cert = store_kind_find(f->st, SPAN("served-cert"));
    struct span rest = strbuf_span(&a->hosts), host;
    int worst = -1;
    struct handle row;
    while (rest.len && span_split(&rest, LIST_SEPARATOR, &host)) {
        if (cert >= 0 && store_find(f->st, SOURCE_ANY, (uint16_t)cert, host, &row)) {
            int column = kind_column(store_kind(f->st, (uint16_t)cert), SPAN("expires"));
            int64_t when = store_num(f->st, row, (size_t)column, TIME_NONE);
            if (when != TIME_NONE && (*expires == TIME_NONE || when < *expires))
                *expires = when;
            joined_add_link(&a->parts, "served-cert", host);
        }
        joined_add_link(&a->parts, "http-probe", host);
        if (probe < 0 || !store_find(f->st, SOURCE_ANY, (uint16_t)probe, host, &row) ||
            (int)store_verdict(f->st, row).level <= worst)
            continue;
        int column = kind_column(store_kind(f->st, (uint16_t)probe), SPAN("status"));
        worst = (int)store_verdict(f->st, row).level;
        *status = store_num(f->st, row, (size_t)column, TIME_NONE);
    }
}

static void add_line(const struct find *f, struct app *a, struct strbuf *out)
{
    struct sum s = {.names = STRBUF_INIT(TEXT_BYTES),
                    .images = STRBUF_INIT(TEXT_BYTES),
                    .parts = STRBUF_INIT(TEXT_BYTES)};
    struct strbuf key = STRBUF_INIT(TEXT_BYTES);
    int64_t status = TIME_NONE, expires = TIME_NONE;
    sum_up(f, a, &s);
    look_at_hosts(f, a, &status, &expires);
    strbuf_addf(&key, "%s/%s", a->ns, a->name);
    if (s.parts.len && a->parts.len)
        strbuf_addc(&s.parts, ' ');
    strbuf_add(&s.parts, strbuf_span(&a->parts));
    joined_add(out, strbuf_span(&key));
    joined_add(out, span_from(a->ns));
    joined_add(out, span_from(a->name));
    joined_add(out, strbuf_span(&a->hosts));
    joined_add(out, strbuf_span(&s.names));
    joined_add(out, strbuf_span(&s.images));
    joined_add_num(out, s.ready);
    joined_add_num(out, s.desired);
    joined_add_num(out, status);
    joined_add_num(out, expires);
    joined_add(out, a->said ? SPAN("configuration") : SPAN("routes"));
    joined_add(out, strbuf_span(&s.parts));
    joined_end(out);
    strbuf_clear(&s.names);
    strbuf_clear(&s.images);
    strbuf_clear(&s.parts);
    strbuf_clear(&key);
}

static void find_free(struct find *f)
{
    for (size_t i = 0; i < f->napps; i++) {
        free(f->apps[i].ns);
        free(f->apps[i].name);
        strbuf_clear(&f->apps[i].hosts);
        strbuf_clear(&f->apps[i].parts);
    }
    free(f->apps);
    free(f->members);
    public_hosts_free(&f->hosts);
}

static bool is_shown(const struct app *a)
{
    const char *show = a->said ? declared_setting(a->said, "show") : NULL;
    return !show || strcmp(show, "false") != 0;
}

void apps_discover(const struct store *st, struct discovery *d)
{
    struct find f = {.st = st};
    struct strbuf lines = STRBUF_INIT(JOINED_BYTES);
    const char *const settings[] = {NULL};
    bool denied;
    read_members(&f);
    public_hosts_read(st, &f.hosts);
    for (int others = 0; others < 2; others++)
        for (size_t i = 0; i < f.hosts.count; i++)
            add_route(&f, &f.hosts.all[i], others != 0);
    for (const struct declared *e = discovery_declared(d); e->name; e++)
        take_declared(&f, e);
    for (size_t i = 0; i < f.napps; i++)
        if (is_shown(&f.apps[i]))
            add_line(&f, &f.apps[i], &lines);
    (void)discovery_knows(st, "workload", &denied);
    const struct found found = {.name = "apps",
                                .settings = settings,
                                .missing = denied ? "workloads may not be read" : NULL,
                                .targets = strbuf_cstr(&lines)};
    if (lines.len)
        discovery_add(d, &found);
    find_free(&f);
    strbuf_clear(&lines);
}
