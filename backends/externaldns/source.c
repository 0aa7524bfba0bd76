/* The external-dns backend: one that runs in the cluster, by its figures and its command line. */
#include <config.h>

#include "backends/access.h"
#include "backends/discovery.h"
#include "backends/externaldns/externaldns.h"
#include "backends/poll.h"
#include "base/timetext.h"

#include <stdio.h>
#include <string.h>

#define DEADLINE_MS 5000
#define EVERY_MS    30000
#define USUAL_MS    60000 /* its --interval where nothing is said */
#define BODY_MAX    ((size_t)4 << 20)
#define TEXT_BYTES  1024
#define PORT        "7979"

struct externaldns {
    struct backend_ctx *ctx;
    struct externaldns_figures last; /* kept across runs */
    bool seen;
    int64_t source_rose_ms, registry_rose_ms;
    struct access_kept *kept; /* owned */
};

static const struct kind *const kinds[] = {&kind_external_dns, NULL};
static const char *const needs[] = {"workload", "service", NULL};
static const struct setting settings[] = {
    ACCESS_SETTINGS,
    {"policy", NULL, "Its --policy.", SETTING_TEXT},
    {"owner", NULL, "Its --txt-owner-id.", SETTING_TEXT},
    {"domains", NULL, "Its --domain-filter, separated by commas.", SETTING_TEXT},
    {"sources", NULL, "Its --source, separated by commas.", SETTING_TEXT},
    {"registry", NULL, "Its --registry.", SETTING_TEXT},
    {"interval", NULL, "Its --interval.", SETTING_TEXT},
    {"dry_run", NULL, "true: it runs with --dry-run.", SETTING_TEXT},
    {"workload", NULL, "Its workload, NAMESPACE/Deployment/NAME.", SETTING_TEXT},
    {NULL, NULL, NULL, SETTING_TEXT},
};
static const struct system systems[] = {{NULL, NULL, NULL, {NULL}, NULL}};

/* ---- Asking. */

static bool get(struct externaldns *e, struct strbuf *body, struct err *err)
{
    bool ok = access_get(e->ctx, &e->kept, ctx_setting(e->ctx, "reach"), SPAN(""), "/metrics",
                         DEADLINE_MS, body, err);
    ctx_asked(e->ctx, 1, body->len);
    return ok;
}

/* A count that is less than it was began anew. */
static void note_growth(int64_t before, int64_t now, int64_t now_ms, int64_t *rose_ms)
{
    if (before >= 0 && now > before)
        *rose_ms = now_ms;
}

static void take(struct externaldns *e, const struct externaldns_figures *f)
{
    int64_t now_ms = clock_wall_ms(ctx_clock(e->ctx));
    if (!e->seen)
        e->source_rose_ms = e->registry_rose_ms = TIME_NONE;
    else if (f->started_ms == e->last.started_ms) {
        note_growth(e->last.source_errors, f->source_errors, now_ms, &e->source_rose_ms);
        note_growth(e->last.registry_errors, f->registry_errors, now_ms, &e->registry_rose_ms);
    }
    e->seen = true;
    e->last = *f;
}

static struct externaldns_told told_of(const struct externaldns *e)
{
    const char *interval = ctx_setting(e->ctx, "interval");
    struct externaldns_told t = {
        .name = ctx_name(e->ctx),
        .workload = ctx_setting(e->ctx, "workload"),
        .policy = ctx_setting(e->ctx, "policy"),
        .owner = ctx_setting(e->ctx, "owner"),
        .filters = ctx_setting(e->ctx, "domains"),
        .sources = ctx_setting(e->ctx, "sources"),
        .registry = ctx_setting(e->ctx, "registry"),
        .read_ms = clock_wall_ms(ctx_clock(e->ctx)),
        .dry = ctx_setting_true(e->ctx, "dry_run"),
        .source_rose_ms = e->seen ? e->source_rose_ms : TIME_NONE,
        .registry_rose_ms = e->seen ? e->registry_rose_ms : TIME_NONE,
    };
    if (!interval || !duration_parse(span_from(interval), &t.every_ms))
        t.every_ms = USUAL_MS;
    return t;
}

static bool ask(void *self, struct poll *p, struct err *err)
{
    struct externaldns *e = self;
    struct strbuf body = STRBUF_INIT(BODY_MAX);
    struct externaldns_figures f;
    bool reached = ctx_setting(e->ctx, "reach") != NULL;
    bool ok = !reached || (get(e, &body, err) && externaldns_read(strbuf_span(&body), &f, err));
    strbuf_clear(&body);
    if (!ok)
        return false;
    if (reached)
        take(e, &f);
    const struct externaldns_told told = told_of(e);
    return externaldns_put(&told, reached ? &f : NULL, poll_rows(p, &kind_external_dns)) ||
           err_set(err, ERR_NOMEM, "%s: no memory for its row", ctx_name(e->ctx));
}

static bool run(void *self, struct backend_ctx *ctx, struct err *err)
{
    static const struct poll_part parts[] = {{kinds, EVERY_MS, ask}, {NULL, 0, NULL}};
    const struct poll_options poll = {.ctx = ctx, .self = self, .parts = parts};
    struct externaldns *e = self;
    e->ctx = ctx;
    bool ok = poll_run(&poll, err);
    access_forget(&e->kept);
    return ok;
}

/* ---- Finding. */

/* The service before it with its figures: of its name or its label, with the port. */
static bool find_service(const struct store *st, const struct discovery_external_dns *e,
                         struct span *out)
{
    struct discovery_service s;
    uint32_t at = 0;
    struct span instance = discovery_label(e->labels, "app.kubernetes.io/instance");
    while (discovery_next_service(st, &at, &s)) {
        bool same = span_eq(s.name, e->name) ||
                    (instance.len &&
                     span_eq(instance, discovery_label(s.labels, "app.kubernetes.io/instance")));
        if (span_eq(s.ns, e->ns) && same && discovery_has_port(&s, PORT)) {
            *out = s.name;
            return true;
        }
    }
    return false;
}

/* "domains=a.example,b.example": all values of a flag. */
static void join(struct span arguments, const char *flag, const char *setting, char *out)
{
    struct strbuf text = STRBUF_INIT(TEXT_BYTES - 1);
    struct span one;
    size_t len = strlen(flag);
    strbuf_adds(&text, setting);
    while (arguments.len && span_split(&arguments, LIST_SEPARATOR, &one))
        if (span_starts(one, flag) && one.len > len && one.data[len] == '=')
            strbuf_addf(&text, "%s%.*s", span_ends(strbuf_span(&text), "=") ? "" : ",",
                        SPAN_ARG(span_sub(one, len + 1, one.len)));
    (void)snprintf(out, TEXT_BYTES, "%s", strbuf_cstr(&text));
    strbuf_clear(&text);
}

static void add(const struct store *st, struct discovery *d, const struct discovery_external_dns *e)
{
    static const struct {
        const char *flag, *setting, *usual;
    } flags[] = {{"policy", "policy=", "sync"},     {"txt-owner-id", "owner=", "default"},
                 {"domain-filter", "domains=", ""}, {"source", "sources=", ""},
                 {"registry", "registry=", "txt"},  {"interval", "interval=", ""},
                 {"dry-run", "dry_run=", ""}};

    char texts[BN_COUNT(flags) + 2][TEXT_BYTES], name[TEXT_BYTES], missing[2 * TEXT_BYTES];
    const char *all[BN_COUNT(flags) + 3];
    struct span service;
    size_t n = 0;
    bool reached = find_service(st, e, &service);
    (void)snprintf(name, sizeof(name), "%.*s/%.*s", SPAN_ARG(e->ns), SPAN_ARG(e->name));
    (void)snprintf(missing, sizeof(missing),
                   "its figures: there is no service with port " PORT
                   " before it; say `reach` in the configuration (sources: name %s)",
                   name);
    (void)snprintf(texts[n++], TEXT_BYTES, "workload=%.*s/Deployment/%.*s", SPAN_ARG(e->ns),
                   SPAN_ARG(e->name));
    if (reached)
        (void)snprintf(texts[n++], TEXT_BYTES, "reach=proxy:%.*s/%.*s:" PORT, SPAN_ARG(e->ns),
                       SPAN_ARG(service));
    for (size_t i = 0; i < BN_COUNT(flags); i++)
        if (discovery_argument(e->arguments, flags[i].flag, "").len)
            join(e->arguments, flags[i].flag, flags[i].setting, texts[n++]);
        else if (flags[i].usual[0])
            (void)snprintf(texts[n++], TEXT_BYTES, "%s%s", flags[i].setting, flags[i].usual);
    for (size_t i = 0; i < n; i++)
        all[i] = texts[i];
    all[n] = NULL;
    const struct found f = {
        .name = name, .missing = reached ? NULL : missing, .unless = "reach", .settings = all};
    discovery_add(d, &f);
}

static void discover(const struct store *st, struct discovery *d)
{
    struct discovery_external_dns e;
    uint32_t at = 0;
    while (discovery_next_external_dns(st, &at, &e))
        add(st, d, &e);
}

const struct backend backend_externaldns = {
    .name = "externaldns",
    .summary = "external-dns: when it last synced, what fails, what it was told.",
    .kinds = kinds,
    .settings = settings,
    .systems = systems,
    .state_size = sizeof(struct externaldns),
    .quiet_ms = 4 * EVERY_MS,
    .needs = needs,
    .discover = discover,
    .run = run,
};
