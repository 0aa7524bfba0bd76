/* Route 53: hosted zones and their record sets. At most a request a second: the account has five,
 * and external-dns, cert-manager and Traefik share them. */
#include <config.h>

#include "backends/route53/route53.h"

#include "backends/aws_keys.h"
#include "backends/poll.h"
#include "base/alloc.h"
#include "base/number.h"
#include "net/aws.h"

#include <stdlib.h>

#define ENDPOINT    "https://route53.amazonaws.com"
#define REGION      "us-east-1" /* that it signs for, wherever one is */
#define API         "/2013-04-01"
#define EVERY_MS    ((int64_t)5 * 60 * 1000)
#define PACE_MS     "1000"
#define DEADLINE_MS 30000
#define ZONES_MAX   500
#define FLUSH_EACH  500

struct route53 {
    int64_t pace_ms;  /* between two requests */
    int64_t asked_ms; /* monotonic; of the last request; kept across runs */
    bool asked;
    struct backend_ctx *ctx;
    struct aws *aws;
    struct r53_zone *zones; /* owned; of the look at hand */
    size_t count;
};

/* ---- Requests. */

static bool wait_for_turn(struct route53 *r)
{
    const struct clock *clock = ctx_clock(r->ctx);
    int64_t turn = r->asked ? r->asked_ms + r->pace_ms : clock_mono_ms(clock);
    if (turn > clock_mono_ms(clock))
        ctx_paced(r->ctx);
    bool go = ctx_wait_until(r->ctx, turn);
    r->asked = true;
    r->asked_ms = clock_mono_ms(clock);
    return go;
}

static struct xml_doc *ask(struct route53 *r, const char *path, const struct sigv4_param *params,
                           size_t nparams, const char *root, struct err *err)
{
    const struct aws_request q = {
        .path = span_from(path), .params = params, .nparams = nparams, .deadline_ms = DEADLINE_MS};
    if (!wait_for_turn(r)) {
        (void)err_set(err, ERR_CANCELLED, "%s: stopped", ctx_name(r->ctx));
        return NULL;
    }
    struct xml_doc *doc = aws_ask_xml(r->aws, &q, root, NULL, err);
    struct http_figures f = aws_figures(r->aws);
    ctx_figures(r->ctx, f.requests, f.bytes_in);
    ctx_alive(r->ctx, KIND_NONE);
    return doc;
}

static bool goes_on(const struct xml_doc *doc)
{
    return span_is(xml_child_text(xml_doc_root(doc), "IsTruncated"), "true");
}

static bool endless(const struct route53 *r, struct err *err)
{
    return err_set(err, ERR_PROTO, "%s: its list goes on without end", ctx_name(r->ctx));
}

/* ---- Zones. */

static bool is_meant(const struct route53 *r, const struct r53_zone *z)
{
    struct span rest = span_from(ctx_setting(r->ctx, "zones")), name;
    if (!rest.len)
        return true;
    while (span_split(&rest, ',', &name)) {
        name = span_trim(name);
        if (span_ends(name, "."))
            name.len--;
        if (span_eq_nocase(name, z->name))
            return true;
    }
    return false;
}

static bool take_zones(struct route53 *r, const struct xml_doc *doc, struct err *err)
{
    const struct xml_node *n = xml_child(xml_child(xml_doc_root(doc), "HostedZones"), "HostedZone");
    for (; n; n = xml_next(n, "HostedZone")) {
        struct r53_zone z;
        if (r->count >= ZONES_MAX || !r53_zone_read(&z, n))
            return err_set(err, ERR_PROTO, "%s: a hosted zone that cannot be taken",
                           ctx_name(r->ctx));
        if (is_meant(r, &z))
            r->zones[r->count++] = z;
        else
            r53_zone_clear(&z);
    }
    return true;
}

static bool list_zones(struct route53 *r, struct err *err)
{
    struct strbuf marker = STRBUF_INIT(4096);
    bool ok = true, more = true;
    while (ok && more) {
        const struct sigv4_param params[] = {{SPAN("maxitems"), SPAN("100")},
                                             {SPAN("marker"), strbuf_span(&marker)}};
        struct xml_doc *doc =
            ask(r, API "/hostedzone", params, marker.len ? 2 : 1, "ListHostedZonesResponse", err);
        ok = doc && take_zones(r, doc, err);
        more = ok && goes_on(doc);
        struct span next = doc ? xml_child_text(xml_doc_root(doc), "NextMarker") : (struct span){0};
        if (more && (!next.len || span_eq(next, strbuf_span(&marker))))
            ok = endless(r, err);
        strbuf_truncate(&marker, 0);
        strbuf_add(&marker, next);
        xml_doc_free(doc);
    }
    strbuf_clear(&marker);
    return ok;
}

/* ---- Record sets. */

/* What the next page begins with. */
struct from {
    struct strbuf name, type, set_id;
};

static bool move_on(struct from *f, const struct xml_node *response)
{
    struct span name = xml_child_text(response, "NextRecordName");
    struct span type = xml_child_text(response, "NextRecordType");
    struct span set_id = xml_child_text(response, "NextRecordIdentifier");
    bool moved = name.len &&
                 !(span_eq(name, strbuf_span(&f->name)) && span_eq(type, strbuf_span(&f->type)) &&
                   span_eq(set_id, strbuf_span(&f->set_id)));
    strbuf_truncate(&f->name, 0);
    strbuf_add(&f->name, name);
    strbuf_truncate(&f->type, 0);
    strbuf_add(&f->type, type);
    strbuf_truncate(&f->set_id, 0);
    strbuf_add(&f->set_id, set_id);
    return moved;
}

static struct xml_doc *ask_records(struct route53 *r, const struct r53_zone *z,
                                   const struct from *f, struct err *err)
{
    struct sigv4_param params[4] = {{SPAN("maxitems"), SPAN("300")}};
    struct strbuf path = STRBUF_INIT(256);
    size_t n = 1;
    strbuf_addf(&path, API "/hostedzone/%.*s/rrset", SPAN_ARG(z->id));
    if (f->name.len)
        params[n++] = (struct sigv4_param){SPAN("name"), strbuf_span(&f->name)};
    if (f->type.len)
        params[n++] = (struct sigv4_param){SPAN("type"), strbuf_span(&f->type)};
    if (f->set_id.len)
        params[n++] = (struct sigv4_param){SPAN("identifier"), strbuf_span(&f->set_id)};
    struct xml_doc *doc =
        ask(r, strbuf_cstr(&path), params, n, "ListResourceRecordSetsResponse", err);
    strbuf_clear(&path);
    return doc;
}

static bool list_records(struct route53 *r, struct r53_zone *z, struct err *err)
{
    struct from f = {STRBUF_INIT(8192), STRBUF_INIT(64), STRBUF_INIT(1024)};
    bool ok = true, more = true;
    while (ok && more) {
        struct xml_doc *doc = ask_records(r, z, &f, err);
        ok = doc != NULL;
        if (ok && !r53_records_add(z, xml_doc_root(doc)))
            ok = err_set(err, ERR_PROTO, "%s: more records in %.*s than can be taken",
                         ctx_name(r->ctx), SPAN_ARG(z->name));
        more = ok && goes_on(doc);
        if (more && !move_on(&f, xml_doc_root(doc)))
            ok = endless(r, err);
        xml_doc_free(doc);
    }
    strbuf_clear(&f.name);
    strbuf_clear(&f.type);
    strbuf_clear(&f.set_id);
    const struct r53_register how = {span_from(ctx_setting(r->ctx, "txt_prefix")),
                                     span_from(ctx_setting(r->ctx, "txt_suffix")),
                                     span_from(ctx_setting(r->ctx, "txt_wildcard"))};
    if (ok)
        r53_register_join(z, &how);
    return ok;
}

/* ---- Rows. */

static bool has_twin(const struct route53 *r, const struct r53_zone *z)
{
    for (size_t i = 0; i < r->count; i++)
        if (&r->zones[i] != z && !z->is_private && !r->zones[i].is_private &&
            span_eq(r->zones[i].name, z->name))
            return true;
    return false;
}

static bool put_zone(struct route53 *r, struct poll *p, const struct r53_zone *z)
{
    bool twin = has_twin(r, z);
    for (size_t i = 0; i < z->n; i++)
        if (!r53_record_row(poll_rows(p, &kind_dns_record), z, twin, &z->r[i]) ||
            (i % FLUSH_EACH == FLUSH_EACH - 1 && !poll_flush(p)))
            return false;
    return r53_zone_row(poll_rows(p, &kind_dns_zone), z, twin) && poll_flush(p);
}

static void forget(struct route53 *r)
{
    for (size_t i = 0; i < r->count; i++)
        r53_zone_clear(&r->zones[i]);
    r->count = 0;
}

/* A zone that may not be read hides its records, not those of others. */
static bool look(void *self, struct poll *p, struct err *err)
{
    struct route53 *r = self;
    size_t denied = 0;
    struct err why;
    forget(r);
    bool ok = list_zones(r, err);
    for (size_t i = 0; ok && i < r->count; i++) {
        if (list_records(r, &r->zones[i], &why)) {
            ok = put_zone(r, p, &r->zones[i]) || ctx_stopping(r->ctx) ||
                 err_set(err, ERR_NOMEM, "%s: no memory for its rows", ctx_name(r->ctx));
        } else if (why.kind == ERR_DENIED && r->count > 1) {
            denied++;
        } else {
            *err = why;
            ok = false;
        }
    }
    if (ok && denied)
        poll_note(p, &kind_dns_record, "%zu zones denied", denied);
    forget(r);
    return ok;
}

/* ---- The source. */

static bool connect_to(struct route53 *r, struct err *err)
{
    const char *reach = ctx_setting(r->ctx, "reach");
    struct aws_keys keys;
    if (strncmp(reach, "https://", 8) != 0 && strncmp(reach, "http://", 7) != 0)
        return err_set(err, ERR_CONFIG, "%.100s: Route 53 is asked at an https:// address", reach);
    if (!aws_keys_read(&keys, r->ctx, err))
        return false;
    const struct aws_options o = {.name = "Route 53",
                                  .service = "route53",
                                  .region = REGION,
                                  .origin = reach,
                                  .keys = aws_keys_get(&keys),
                                  .ca_file = ctx_setting(r->ctx, "ca"),
                                  .addresses = ctx_setting(r->ctx, "addresses"),
                                  .insecure = ctx_setting_true(r->ctx, "insecure"),
                                  .cancel_fd = ctx_stop_fd(r->ctx)};
    r->aws = aws_new(&o, err);
    aws_keys_wipe(&keys);
    return r->aws != NULL;
}

static bool run(void *self, struct backend_ctx *ctx, struct err *err)
{
    static const struct kind *const kinds[] = {&kind_dns_record, &kind_dns_zone, NULL};
    static const struct poll_part parts[] = {{kinds, EVERY_MS, look}, {NULL, 0, NULL}};
    struct route53 *r = self;
    const struct poll_options o = {.ctx = ctx, .self = r, .parts = parts};
    r->ctx = ctx;
    if (!ctx_setting_true(ctx, "ask"))
        return poll_rest(ctx);
    if (!number_parse(span_from(ctx_setting(ctx, "pace")), 1000, 3600000, &r->pace_ms))
        return err_set(err, ERR_CONFIG, "pace wants milliseconds, at least " PACE_MS);
    if (!connect_to(r, err))
        return false;
    r->zones = xalloc_zero(ZONES_MAX, sizeof(*r->zones));
    bool ok = poll_run(&o, err);
    forget(r);
    free(r->zones);
    r->zones = NULL;
    aws_free(r->aws);
    r->aws = NULL;
    return ok;
}

static const struct setting settings[] = {
    {"reach", ENDPOINT, "Its address, where it is not AWS's own.", SETTING_REACH},
    {"zones", NULL, "Names of zones, separated by commas; without it all.", SETTING_WHICH},
    {"txt_prefix", NULL, "external-dns's --txt-prefix, where it has one.", SETTING_TEXT},
    {"txt_suffix", NULL, "external-dns's --txt-suffix, where it has one.", SETTING_TEXT},
    {"txt_wildcard", NULL, "external-dns's --txt-wildcard-replacement, where it has one.",
     SETTING_TEXT},
    {"pace", PACE_MS, "Milliseconds between two requests; the account has five a second for all.",
     SETTING_TEXT},
    {"ask", "true", "false: it is not asked; so it is where it was found.", SETTING_TEXT},
    AWS_KEY_SETTINGS,
    {NULL, NULL, NULL, SETTING_TEXT}};

static const struct kind *const all[] = {&kind_dns_zone, &kind_dns_record, NULL};
static const struct system systems[] = {{.name = NULL}};

static const char *const needs[] = {"workload", NULL};

const struct backend backend_route53 = {.name = "route53",
                                        .summary = "Zones and records of Route 53",
                                        .kinds = all,
                                        .settings = settings,
                                        .systems = systems,
                                        .state_size = sizeof(struct route53),
                                        .quiet_ms = 3 * EVERY_MS,
                                        .needs = needs,
                                        .discover = r53_discover,
                                        .run = run};
