/* DNS: every name that the cluster wants, as the zone's name servers and a resolver answer it. */
#include <config.h>

#include "backends/dns/dns.h"

#include "base/alloc.h"
#include "base/number.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVERY_MS INT64_C(300000) /* as long as records live; some zones bill each question */
#define AT_ONCE  4

/* A name's data: what was found last, and what is being asked. */
struct name {
    struct name *next;           /* of all that were answered; of the owners' count */
    struct dns_finding *finding; /* owned; NULL: none yet */
    struct dns_inquiry *inquiry; /* owned; NULL: nothing is being asked */
    struct rota_item *item;
};

struct names {
    struct backend_ctx *ctx;
    struct dns_asking asking;
    struct name *all; /* owned by their items */
    char owner[128];  /* most names', "" */
    bool recount;     /* whose they are has changed, or some are gone */
};

static struct name *name_of(struct names *d, struct rota_item *item)
{
    if (item->data)
        return item->data;
    struct name *n = xalloc_zero(1, sizeof(*n));
    n->item = item;
    n->next = d->all;
    d->all = n;
    item->data = n;
    return n;
}

static bool start(void *self, struct rota_item *item, struct err *err)
{
    struct names *d = self;
    (void)err;
    name_of(d, item)->inquiry =
        dns_inquiry_new(&d->asking, item->name, rota_part(item, PART_TARGETS));
    return true;
}

/* Whose most names are: that is us. */
static const char *most_names_owner(const struct names *d)
{
    const char *best = "";
    size_t most = 0;
    for (const struct name *n = d->all; n; n = n->next) {
        size_t same = 0;
        if (!n->finding || !n->finding->owner.owner[0])
            continue;
        for (const struct name *m = d->all; m; m = m->next)
            same += m->finding && strcmp(m->finding->owner.owner, n->finding->owner.owner) == 0;
        if (same > most || (same == most && strcmp(n->finding->owner.owner, best) < 0)) {
            most = same;
            best = n->finding->owner.owner;
        }
    }
    return best;
}

static void take_owner(struct names *d, struct rota *r)
{
    const char *owner = most_names_owner(d);
    d->recount = false;
    if (strcmp(owner, d->owner) == 0)
        return;
    (void)snprintf(d->owner, sizeof(d->owner), "%s", owner);
    rota_rewrite(r);
}

static void turn(void *self, struct rota *r, int timeout_ms, int fd)
{
    struct names *d = self;
    uint64_t questions, bytes;
    dns_turn(d->asking.dns, timeout_ms, fd);
    for (struct name *n = d->all; n; n = n->next) {
        const struct dns_finding *f = n->inquiry ? dns_inquiry_finding(n->inquiry) : NULL;
        if (!f)
            continue;
        if (!n->finding)
            n->finding = xalloc_zero(1, sizeof(*f));
        (void)memcpy(n->finding, f, sizeof(*f));
        dns_inquiry_free(n->inquiry);
        n->inquiry = NULL;
        d->recount = true;
        rota_done(r, n->item);
    }
    if (d->recount)
        take_owner(d, r);
    dns_figures(d->asking.dns, &questions, &bytes);
    ctx_figures(d->ctx, questions, bytes);
}

static bool put(void *self, const struct rota_item *item, const struct kind *kind,
                struct row_writer *w)
{
    const struct names *d = self;
    const struct name *n = item->data;
    (void)kind;
    return dns_name_put(item, n->finding, d->owner, w);
}

static void drop(void *self, struct rota_item *item)
{
    struct names *d = self;
    struct name *n = item->data;
    struct name **at = &d->all;
    if (!n)
        return;
    while (*at != n)
        at = &(*at)->next;
    *at = n->next;
    d->recount = true;
    dns_inquiry_free(n->inquiry);
    free(n->finding);
    free(n);
}

static const struct kind *const kinds[] = {&kind_dns_name, NULL};

static bool run(void *self, struct backend_ctx *ctx, struct err *err)
{
    struct names *d = self;
    int64_t timeout = 0;
    if (!number_parse(span_from(ctx_setting(ctx, "timeout")), 1, 60000, &timeout))
        return err_set(err, ERR_CONFIG, "timeout wants milliseconds, at most 60000");
    const struct dns_options options = {.resolver = ctx_setting_filled(ctx, "resolver"),
                                        .timeout_ms = (int)timeout,
                                        .private_too = ctx_setting_filled(ctx, "private") != NULL};
    const struct rota_options rota = {.ctx = ctx,
                                      .self = d,
                                      .kinds = kinds,
                                      .every_ms = EVERY_MS,
                                      .at_once = AT_ONCE,
                                      .start = start,
                                      .turn = turn,
                                      .put = put,
                                      .drop = drop};
    struct dns *dns = dns_new(&options, err);
    if (!dns)
        return false;
    *d = (struct names){.ctx = ctx, .asking = {dns, ctx_setting_filled(ctx, "addresses")}};
    bool ok = rota_run(&rota, err);
    dns_free(dns);
    return ok;
}

static void says_dns(const struct store *st, int64_t now_ms, struct system_parts *parts)
{
    uint16_t kind = (uint16_t)store_kind_find(st, SPAN("dns-name"));
    size_t all = store_count(st, kind);
    (void)now_ms;
    if (rota_is_off(st, "dns"))
        strbuf_adds(system_part(parts), "names are not asked");
    else if (all)
        strbuf_addf(system_part(parts), "%zu/%zu names as wanted",
                    all - store_level_count(st, kind, LEVEL_CRITICAL) -
                        store_level_count(st, kind, LEVEL_WARNING) -
                        store_level_count(st, kind, LEVEL_UNKNOWN),
                    all);
}

static const struct system systems[] = {
    {"dns",
     "DNS",
     "Names: as the cluster wants them, as name servers answer them.",
     {"dns-name", "dns-record", "dns-zone", "external-dns"},
     says_dns},
    {NULL, NULL, NULL, {NULL}, NULL},
};

static const struct setting settings[] = {
    {"addresses", "", "Where name servers are asked instead of where their names lead.",
     SETTING_GIVEN},
    {"private", "", "Not empty: name servers at private addresses are asked too.", SETTING_GIVEN},
    {"resolver", "", "The resolver that is asked; else the system's.", SETTING_GIVEN},
    {"timeout", "2000", "Milliseconds that a server has to answer before it is asked again.",
     SETTING_TEXT},
    {NULL, NULL, NULL, SETTING_TEXT},
};

static const char *const needs[] = {"ingressroute", "ingressroutetcp", "ingress",
                                    "service",      "dnsendpoint",     "workload",
                                    "dns-record",   "dns-zone",        NULL};

const struct backend backend_dns = {
    .name = "dns",
    .summary = "Names that the cluster wants, as the zone's name servers and a resolver answer "
               "them.",
    .kinds = kinds,
    .settings = settings,
    .systems = systems,
    .state_size = sizeof(struct names),
    .quiet_ms = 3 * EVERY_MS,
    .needs = needs,
    .discover = dns_discover,
    .outward = true,
    .run = run,
};
