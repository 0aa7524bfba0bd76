/* A resolver of Traefik's, as its routers name it: who relies on it, and what it has got. */
#include <config.h>

#include "backends/cells.h"
#include "backends/traefik/traefik.h"
#include "backends/verdict.h"
#include "base/timetext.h"

#include <string.h>

#define RESOLVERS_MAX 64
#define DAY_MS        INT64_C(86400000)

enum { NAME, ROUTERS, HOSTS, UNCOVERED, FIRST, LEFT, FIRST_ENDS };

static const struct fold count_routers = {FOLD_COUNT, LINK_ISSUER, "traefik-router", NULL, NULL};

static const struct column columns[] = {
    [NAME] = {"name", "NAME", "As routers and entry points name it.", VALUE_TEXT, 20, 0,
              COLUMN_IDENT, NULL, NULL},
    [ROUTERS] = {"routers", "ROUTERS", "Routers that rely on it.", VALUE_COUNT, 7, 0, COLUMN_RIGHT,
                 NULL, &count_routers},
    [HOSTS] = {"hosts", "HOSTS", "Their hosts.", VALUE_COUNT, 5, 0, COLUMN_RIGHT, NULL, NULL},
    [UNCOVERED] = {"uncovered", "WITHOUT", "Of these, hosts that Traefik holds no certificate for.",
                   VALUE_LIST, 30, 10, COLUMN_NOTABLE, NULL, NULL},
    [FIRST] = {"first", "FIRST TO END", "Which of their certificates ends first.", VALUE_TEXT, 24,
               15, 0, NULL, NULL},
    [LEFT] = {"left", "LEFT", "Until it does.", VALUE_DURATION, 6, 5, COLUMN_RIGHT | COLUMN_LEFT,
              "first-ends", NULL},
    [FIRST_ENDS] = {"first-ends", "FIRST-ENDS", "When it does.", VALUE_INSTANT, 20, 90,
                    COLUMN_HIDDEN, NULL, NULL},
};

/* ---- Rows. */

struct resolver {
    const struct figures *figures; /* NULL: what is held is not known */
    const char *name;              /* borrowed from the document */
    int64_t hosts;
    struct strbuf uncovered; /* a list */
    const struct figure_cert *first;
};

/* Of several that fit a host the one that lasts longest is what is left when others have ended. */
static const struct figure_cert *cert_for(const struct figures *f, struct span host)
{
    const struct figure_cert *best = NULL;
    for (size_t i = 0; i < figures_certs(f); i++) {
        const struct figure_cert *c = figures_cert(f, i);
        bool own = span_eq_nocase(span_from(c->name), host); /* served before a wildcard's */
        bool best_own = best && span_eq_nocase(span_from(best->name), host);
        if (figure_cert_fits(c, host) &&
            (!best || own > best_own || (own == best_own && c->ends_ms > best->ends_ms)))
            best = c;
    }
    return best;
}

static void add_host(void *context, struct span host)
{
    struct resolver *r = context;
    const struct figure_cert *c = r->figures ? cert_for(r->figures, host) : NULL;
    r->hosts++;
    if (c && (!r->first || c->ends_ms < r->first->ends_ms))
        r->first = c;
    if (c || !r->figures)
        return;
    if (r->uncovered.len)
        strbuf_addc(&r->uncovered, LIST_SEPARATOR);
    strbuf_add(&r->uncovered, host);
}

static struct resolver *resolver_at(struct resolver *all, size_t *count, const char *name,
                                    const struct figures *figures)
{
    for (size_t i = 0; i < *count; i++)
        if (strcmp(all[i].name, name) == 0)
            return &all[i];
    if (*count == RESOLVERS_MAX)
        return NULL;
    all[*count] =
        (struct resolver){.figures = figures, .name = name, .uncovered = STRBUF_INIT(ROW_TEXT_MAX)};
    return &all[(*count)++];
}

static bool put(const struct resolver *r, struct row_writer *w)
{
    row_begin(w, span_from(r->name));
    row_text(w, NAME, span_from(r->name));
    row_num(w, HOSTS, r->hosts);
    put_text(w, UNCOVERED, strbuf_span(&r->uncovered));
    if (r->first) {
        traefik_put_text(w, FIRST, r->first->name);
        row_num(w, FIRST_ENDS, r->first->ends_ms);
    }
    return row_end(w);
}

bool traefik_put_resolvers(struct traefik *t, const struct json_node *raw, struct row_writer *w)
{
    struct resolver all[RESOLVERS_MAX];
    size_t count = 0;
    bool ok = true;
    for (size_t i = 0; i < TRAEFIK_PROTOCOLS; i++) {
        const struct json_node *routers = json_node_get(raw, traefik_protocols[i].routers);
        for (const struct json_node *n = json_node_first(routers); n; n = json_node_next(n)) {
            const char *name = json_node_path_text(n, "tls.certResolver", "");
            struct resolver *r =
                name[0] ? resolver_at(all, &count, name, traefik_known_certs(t)) : NULL;
            if (r)
                traefik_router_hosts(n, add_host, r);
        }
    }
    for (size_t i = 0; i < count; i++) {
        ok = ok && put(&all[i], w);
        strbuf_clear(&all[i].uncovered);
    }
    return ok;
}

/* ---- Verdicts. */

/* Traefik renews 30 days before the end and tries daily [pkg/provider/acme provider.go]. */
enum { RULE_FAILS, RULE_RENEWAL };

static const struct rule rules[] = {
    [RULE_FAILS] = {"traefik-resolver-failing",
                    "Traefik holds no certificate for some of the hosts that rely on it: warning."},
    [RULE_RENEWAL] = {"traefik-resolver-not-renewing",
                      "A certificate of theirs has less than 29 days left, so renewing it has "
                      "failed: warning, within 7: critical."},
};

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    int64_t ends = store_num(st, row, FIRST_ENDS, TIME_FOREVER);
    bool known = ends != TIME_FOREVER;
    if (known && ends - now_ms < 7 * DAY_MS)
        return verdict_at(LEVEL_CRITICAL, RULE_RENEWAL);
    int64_t until = known ? ends - 7 * DAY_MS + 1 : TIME_FOREVER;
    if (store_text(st, row, UNCOVERED).len)
        return verdict_until(LEVEL_WARNING, RULE_FAILS, until);
    if (!known)
        return verdict_ok();
    return ends - now_ms < 29 * DAY_MS ? verdict_until(LEVEL_WARNING, RULE_RENEWAL, until)
                                       : verdict_until(LEVEL_OK, 0, ends - 29 * DAY_MS + 1);
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    struct value hosts = store_cell(st, row, UNCOVERED, now_ms);
    int64_t ends = store_num(st, row, FIRST_ENDS, now_ms);
    char text[TIMETEXT_MAX];
    if (v->rule == RULE_FAILS) {
        strbuf_adds(out, "Traefik holds no certificate for ");
        value_format(&hosts, out);
        return;
    }
    duration_format_short(ends > now_ms ? ends - now_ms : 0, text);
    strbuf_addf(out, "%.*s has %s left: renewing it has failed",
                SPAN_ARG(store_text(st, row, FIRST)), text);
}

const struct kind kind_traefik_resolver = {
    .name = "traefik-resolver",
    .plural = "traefik-resolvers",
    .aliases = "resolvers",
    .title = "Traefik's certificate resolvers",
    .help = "Resolvers of Traefik's own (ACME): which routers and hosts rely on each.",
    .guarded = true,
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "level desc,name",
};
