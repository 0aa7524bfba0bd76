/* Public hosts, asked from this machine as anybody out there would: which certificate they serve,
 * what they answer. Hosts are those of the cluster's routes, on ports 80 and 443, and no others. */
#include <config.h>

#include "backends/probe/probe.h"

#include "base/alloc.h"
#include "base/number.h"

#include <stdlib.h>
#include <string.h>

#define EVERY_MS INT64_C(60000)
#define AT_ONCE  4
/* Redirects to other hosts are followed so seldom: where people sign in it is counted who comes. */
#define FOLLOW_LOOKS 5

struct probes {
    struct backend_ctx *ctx;
    struct prober *prober; /* owned */
    struct rota *rota;     /* borrowed, within a turn */
};

/* Only what is asked anyway. */
static bool knows(void *self, struct span host)
{
    const struct probes *p = self;
    return rota_has(p->rota, host);
}

/* At once where somebody asks, and where it begins to redirect, and as long as its redirects lead in a
 * circle. */
static bool is_followed(const struct rota_item *item)
{
    const struct probe_seen *seen = item->data;
    return item->looks % FOLLOW_LOOKS == 0 || item->asked || !seen || seen->answer.loops ||
           !seen->answer.location[0];
}

static bool start(void *self, struct rota_item *item, struct err *err)
{
    const struct probes *p = self;
    struct span path = rota_part(item, PART_PATH);
    char *text = xalloc_bytes(path.data, path.len);
    const struct probe_target target = {.host = item->name,
                                        .path = text,
                                        .tls = span_is(rota_part(item, PART_SCHEME), "https"),
                                        .elsewhere = is_followed(item)};
    bool ok = prober_start(p->prober, &target, item, err);
    free(text);
    return ok;
}

/* Whose sign-in other hosts lead to holds until they are followed again. */
static void keep_sign_in(const struct probe_answer *before, struct probe_answer *now)
{
    if (!now->elsewhere && !now->sign_in.provider[0] &&
        strcmp(before->location, now->location) == 0)
        now->sign_in = before->sign_in;
}

static void on_answer(void *self, void *context, const struct probe_answer *answer)
{
    const struct probes *p = self;
    struct rota_item *item = context;
    struct probe_seen *seen = item->data;
    if (!seen) {
        item->data = seen = xalloc_zero(1, sizeof(*seen));
        seen->differs_ms = TIME_NONE;
    }
    struct probe_answer now = *answer;
    keep_sign_in(&seen->answer, &now);
    (void)memcpy(&seen->answer, &now, sizeof(now));
    probe_secret_look(p->ctx, item, seen);
    rota_done(p->rota, item);
}

static void turn(void *self, struct rota *r, int timeout_ms, int fd)
{
    struct probes *p = self;
    uint64_t requests, bytes;
    p->rota = r;
    prober_turn(p->prober, timeout_ms, fd, on_answer, p);
    prober_figures(p->prober, &requests, &bytes);
    ctx_figures(p->ctx, requests, bytes);
}

static bool put(void *self, const struct rota_item *item, const struct kind *kind,
                struct row_writer *w)
{
    const struct probes *p = self;
    struct probe_seen *seen = item->data;
    if (kind == &kind_http_probe)
        return http_probe_put(item, &seen->answer, w);
    if (!span_is(rota_part(item, PART_SCHEME), "https"))
        return true;
    served_cert_compare(item, seen, clock_wall_ms(ctx_clock(p->ctx)));
    return served_cert_put(item, seen, w);
}

static void drop(void *self, struct rota_item *item)
{
    const struct probes *p = self;
    prober_cancel(p->prober, item);
    free(item->data);
}

static const struct kind *const kinds[] = {&kind_http_probe, &kind_served_cert, NULL};

static bool run(void *self, struct backend_ctx *ctx, struct err *err)
{
    struct probes *p = self;
    int64_t timeout = 0;
    if (!number_parse(span_from(ctx_setting(ctx, "timeout")), 1, 600000, &timeout))
        return err_set(err, ERR_CONFIG, "timeout wants milliseconds, at most 600000");
    const struct probe_options options = {.addresses = ctx_setting_filled(ctx, "addresses"),
                                          .ca_file = ctx_setting_filled(ctx, "ca"),
                                          .private_too = ctx_setting_filled(ctx, "private") != NULL,
                                          .timeout_ms = (int)timeout,
                                          .knows = knows,
                                          .self = p};
    const struct rota_options rota = {.ctx = ctx,
                                      .self = p,
                                      .kinds = kinds,
                                      .every_ms = EVERY_MS,
                                      .at_once = AT_ONCE,
                                      .start = start,
                                      .turn = turn,
                                      .put = put,
                                      .drop = drop};
    p->ctx = ctx;
    p->prober = prober_new(&options, err);
    if (!p->prober)
        return false;
    bool ok = rota_run(&rota, err);
    prober_free(p->prober);
    p->prober = NULL;
    return ok;
}

static void says_probes(const struct store *st, int64_t now_ms, struct system_parts *parts)
{
    uint16_t kind = (uint16_t)store_kind_find(st, SPAN("http-probe"));
    size_t all = store_count(st, kind);
    (void)now_ms;
    if (rota_is_off(st, "probe"))
        strbuf_adds(system_part(parts), "public hosts are not asked");
    else if (all)
        strbuf_addf(system_part(parts), "%zu/%zu hosts answer",
                    all - store_level_count(st, kind, LEVEL_CRITICAL) -
                        store_level_count(st, kind, LEVEL_UNKNOWN),
                    all);
}

static void says_certs(const struct store *st, int64_t now_ms, struct system_parts *parts)
{
    size_t all = store_count(st, (uint16_t)store_kind_find(st, SPAN("served-cert")));
    (void)now_ms;
    if (all)
        strbuf_addf(system_part(parts), "%zu served", all);
}

static const struct system systems[] = {
    {"probes", "Probes", "Public hosts, asked from this machine.", {"http-probe"}, says_probes},
    {"certs",
     "Certificates",
     "Certificates: as they should be, and as they are served.",
     {"served-cert"},
     says_certs},
    {NULL, NULL, NULL, {NULL}, NULL},
};

static const struct setting settings[] = {
    {"addresses", "", "Where hosts are asked instead of where their names lead.", SETTING_GIVEN},
    {"private", "", "Not empty: names that lead to private addresses are asked too.",
     SETTING_GIVEN},
    {"timeout", "10000", "Milliseconds that a host has to answer.", SETTING_TEXT},
    {"secrets", "false", "", SETTING_GIVEN},
    {"kubeconfig", NULL, "", SETTING_GIVEN},
    {"context", NULL, "", SETTING_GIVEN},
    {"ca", "", "A file of CAs that are trusted instead of the system's.", SETTING_TEXT},
    {NULL, NULL, NULL, SETTING_TEXT},
};

static const char *const needs[] = {"ingressroute", "ingress", "middleware", "certificate", NULL};

const struct backend backend_probe = {
    .name = "probe",
    .summary = "Public hosts of the cluster's routes: what they answer, which certificate they "
               "serve.",
    .kinds = kinds,
    .settings = settings,
    .systems = systems,
    .state_size = sizeof(struct probes),
    .quiet_ms = 3 * EVERY_MS,
    .needs = needs,
    .discover = probe_discover,
    .outward = true,
    .run = run,
};
