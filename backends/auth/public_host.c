/* Which public hosts ask for sign-in, and which are open to all. */
#include <config.h>

#include "backends/auth/auth.h"
#include "backends/cells.h"
#include "backends/kubernetes/route.h"
#include "backends/kubernetes/sentence.h"
#include "backends/verdict.h"

#include <string.h>

enum { HOST, STATE, MIDDLEWARE, PROXY, OPEN, TYPE, MISSING, LOST, BARE, WANTED };

static const struct column columns[] = {
    [HOST] = {"host", "HOST", "The host.", VALUE_TEXT, 26, 0, COLUMN_IDENT, NULL, NULL},
    [STATE] = {"sign-in", "SIGN-IN",
               "sign-in: its routes ask for it; open: none does; partly: some paths do; unknown: "
               "what a route passes does not exist; proxy: it has the sign-in's own pages alone.",
               VALUE_TEXT, 8, 0, COLUMN_NOTABLE, NULL, NULL},
    [MIDDLEWARE] = {"middleware", "BY", "What asks for it.", VALUE_TEXT, 22, 10, COLUMN_NOTABLE,
                    NULL, NULL},
    [PROXY] = {"proxy", "AT", "Who says whether somebody is signed in.", VALUE_TEXT, 22, 15,
               COLUMN_NOTABLE, NULL, NULL},
    [OPEN] = {"open", "OPEN", "Paths that are open to all.", VALUE_LIST, 16, 20, COLUMN_NOTABLE,
              NULL, NULL},
    [TYPE] = {"type", "TYPE", "forwardAuth, basicAuth, digestAuth; of nginx auth-url.", VALUE_TEXT,
              11, 30, 0, NULL, NULL},
    [MISSING] = {"missing", "MISSING",
                 "A middleware of its routes that does not exist, or is not seen.", VALUE_TEXT, 22,
                 80, COLUMN_HIDDEN, NULL, NULL},
    [LOST] = {"page", "PAGE", "What would show a sign-in page that nothing asks for.", VALUE_TEXT,
              22, 80, COLUMN_HIDDEN, NULL, NULL},
    [BARE] = {"bare", "BARE", "Visitors get 401 and no page to sign in at.", VALUE_BOOL, 4, 80,
              COLUMN_HIDDEN, NULL, NULL},
    [WANTED] = {"wanted", "WANTED", "The configuration says that it must ask.", VALUE_BOOL, 6, 40,
                COLUMN_WIDE, NULL, NULL},
};

/* ---- Rows. */

static bool put(struct span line, struct row_writer *w)
{
    static const char *const parts[] = {"ingressroute", "ingress", "http-probe", NULL};
    struct span proxy = joined_part(line, HOST_PROXY);
    row_begin(w, joined_part(line, HOST_NAME));
    row_text(w, HOST, joined_part(line, HOST_NAME));
    row_text(w, STATE, joined_part(line, HOST_STATE));
    put_text(w, MIDDLEWARE, joined_part(line, HOST_MIDDLEWARE));
    put_text(w, PROXY, proxy);
    put_text(w, OPEN, joined_part(line, HOST_OPEN));
    put_text(w, TYPE, joined_part(line, HOST_TYPE));
    put_text(w, MISSING, joined_part(line, HOST_MISSING));
    put_text(w, LOST, joined_part(line, HOST_LOST));
    row_num(w, BARE, joined_part(line, HOST_BARE).len > 0);
    row_num(w, WANTED, joined_part(line, HOST_WANTED).len > 0);
    if (proxy.len && span_find(proxy, '/', 0) < proxy.len)
        for (size_t i = 0; i < 2; i++)
            row_link(w, LINK_SIGN_IN, LINK_AFFECTS, i ? "service" : "oauth2-proxy", proxy);
    joined_link(w, joined_part(line, HOST_PARTS), parts, LINK_AFFECTS);
    return row_end(w);
}

/* ---- Verdicts. */

enum {
    RULE_WANTED,
    RULE_LOST,
    RULE_OPENED,
    RULE_PROXY,
    RULE_NOBODY,
    RULE_MISSING,
    RULE_BARE,
    RULE_PARTLY,
    RULE_SIGN_IN
};

static const struct rule rules[] = {
    [RULE_WANTED] = {"host-open", "The configuration says that it must ask for sign-in, and one of "
                                  "its routes does not: warning."},
    [RULE_LOST] = {"host-sign-in-lost",
                   "A route shows the sign-in page of an oauth2-proxy for errors, and passes "
                   "nothing that asks for sign-in: warning."},
    [RULE_OPENED] = {"host-answers-open",
                     "Its routes ask for sign-in, and it answers without: warning."},
    [RULE_PROXY] = {"host-proxy", "As bad as the oauth2-proxy that its visitors sign in at."},
    [RULE_NOBODY] = {"host-proxy-gone",
                     "No pod of what its visitors sign in at is ready: they all get "
                     "an error: critical."},
    [RULE_MISSING] = {"host-middleware-missing",
                      "It passes a middleware that does not exist, or that another provider has: "
                      "whether it asks for sign-in is not known: notice; warning where it must."},
    [RULE_BARE] = {"host-bare-401",
                   "Who is not signed in gets a 401 and no page to sign in at: notice."},
    [RULE_PARTLY] = {"host-partly-open",
                     "Some of its paths ask for sign-in, others do not: notice."},
    [RULE_SIGN_IN] = {"host-sign-in",
                      "It asks for sign-in; whether one can sign in there is not seen: notice."},
};

/* The row that a link of this type and kind leads to. */
static bool follow(const struct store *st, struct handle row, enum link_type type, const char *kind,
                   struct handle *out)
{
    struct link link;
    size_t at = 0;
    while (store_link_next(st, row, &at, &link))
        if (link.type == type && span_is(link.kind, kind))
            return store_follow(st, row, &link, out) == LINK_FOUND;
    return false;
}

static bool answers_open(const struct store *st, struct handle row)
{
    struct handle probe;
    if (!follow(st, row, LINK_PART, "http-probe", &probe))
        return false;
    struct verdict v = store_verdict(st, probe);
    return v.level == LEVEL_WARNING &&
           strcmp(store_kind(st, probe.kind)->rules[v.rule].id, "probe-open") == 0;
}

/* Traefik answers 500 then, whoever is signed in. */
static bool nobody_there(const struct store *st, struct handle row, struct handle *service)
{
    if (!follow(st, row, LINK_SIGN_IN, "service", service))
        return false;
    struct verdict v = store_verdict(st, *service);
    return v.level >= LEVEL_WARNING &&
           strcmp(store_kind(st, service->kind)->rules[v.rule].id, SERVICE_NO_ENDPOINTS) == 0;
}

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    struct span state = store_text(st, row, STATE);
    bool sign_in = span_is(state, "sign-in"), partly = span_is(state, "partly");
    struct handle proxy;
    (void)now_ms;
    bool wanted = store_num(st, row, WANTED, 0) != 0;
    if (wanted && (partly || span_is(state, "open")))
        return verdict_at(LEVEL_WARNING, RULE_WANTED);
    if (store_text(st, row, LOST).len)
        return verdict_at(LEVEL_WARNING, RULE_LOST);
    if ((sign_in || partly) && answers_open(st, row))
        return verdict_at(LEVEL_WARNING, RULE_OPENED);
    if (follow(st, row, LINK_SIGN_IN, "oauth2-proxy", &proxy) &&
        store_verdict(st, proxy).level >= LEVEL_UNKNOWN)
        return verdict_at(store_verdict(st, proxy).level, RULE_PROXY);
    if (nobody_there(st, row, &proxy))
        return verdict_at(LEVEL_CRITICAL, RULE_NOBODY);
    if (store_text(st, row, MISSING).len)
        return verdict_at(wanted ? LEVEL_WARNING : LEVEL_NOTICE, RULE_MISSING);
    if (partly)
        return verdict_at(LEVEL_NOTICE, RULE_PARTLY);
    if (store_num(st, row, BARE, 0))
        return verdict_at(LEVEL_NOTICE, RULE_BARE);
    return sign_in ? verdict_at(LEVEL_NOTICE, RULE_SIGN_IN) : verdict_off();
}

/* "at /api, /hook": paths that are open. */
static void say_open(const struct store *st, struct handle row, struct strbuf *out)
{
    struct span paths = store_text(st, row, OPEN), one;
    const char *between = " at ";
    while (paths.len && span_split(&paths, LIST_SEPARATOR, &one)) {
        strbuf_adds(out, between);
        sentence_add(out, one, SENTENCE_INNER);
        between = ", ";
    }
}

static void say_proxy(const struct store *st, struct handle row, const char *kind, int64_t now_ms,
                      struct strbuf *out)
{
    struct handle proxy;
    struct strbuf inner = STRBUF_INIT(4096);
    if (!follow(st, row, LINK_SIGN_IN, kind, &proxy))
        return;
    store_says(st, proxy, now_ms, &inner);
    strbuf_addf(out, "nobody can sign in at %.*s", SPAN_ARG(store_key(st, proxy)));
    sentence_cause(out, strbuf_span(&inner));
    strbuf_clear(&inner);
}

static void say_missing(struct span middleware, struct strbuf *out)
{
    strbuf_addf(
        out, "middleware %.*s %s: whether it asks for sign-in is not known", SPAN_ARG(middleware),
        span_find(middleware, '@', 0) < middleware.len ? "is another provider's, and not seen"
                                                       : "does not exist");
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    struct span middleware = store_text(st, row, MIDDLEWARE);
    switch (v->rule) {
    case RULE_WANTED:
        strbuf_adds(out, "must ask for sign-in, and is open to all");
        say_open(st, row, out);
        break;
    case RULE_LOST:
        strbuf_adds(out, "is open to all");
        say_open(st, row, out);
        strbuf_addf(out, ": passes %.*s, a sign-in page, and nothing that asks for sign-in",
                    SPAN_ARG(store_text(st, row, LOST)));
        break;
    case RULE_OPENED:
        strbuf_addf(out, "answers without sign-in, though %.*s asks for it", SPAN_ARG(middleware));
        break;
    case RULE_PROXY:
        say_proxy(st, row, "oauth2-proxy", now_ms, out);
        break;
    case RULE_NOBODY:
        say_proxy(st, row, "service", now_ms, out);
        break;
    case RULE_MISSING:
        say_missing(store_text(st, row, MISSING), out);
        break;
    case RULE_BARE:
        strbuf_addf(out, "%.*s answers 401, and no errors middleware shows a page to sign in at",
                    SPAN_ARG(middleware));
        break;
    case RULE_PARTLY:
        strbuf_adds(out, "open to all");
        say_open(st, row, out);
        strbuf_adds(out, ", asks for sign-in elsewhere");
        break;
    default:
        strbuf_addf(out, "asks for sign-in by %.*s; whether one can sign in there is not seen",
                    SPAN_ARG(middleware));
    }
}

const struct kind kind_public_host = {
    .name = "public-host",
    .plural = "public-hosts",
    .aliases = "host hosts",
    .title = "Public hosts",
    .help = "Hosts that public routes name: which ask for sign-in, and which are open to all.",
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "level desc,sign-in desc,host",
    .quotes = "service endpointslice",
};

/* ---- The backend. */

/* "1 of 19 hosts asks for sign-in". */
static void says_hosts(const struct store *st, int64_t now_ms, struct system_parts *parts)
{
    int kind = store_kind_find(st, SPAN("public-host"));
    size_t asks = 0, all = kind < 0 ? 0 : store_count(st, (uint16_t)kind);
    struct handle row;
    uint32_t at = 0;
    (void)now_ms;
    while (kind >= 0 && store_next(st, (uint16_t)kind, &at, &row))
        asks += span_is(store_text(st, row, STATE), "sign-in") ||
                span_is(store_text(st, row, STATE), "partly");
    if (all)
        strbuf_addf(system_part(parts), "%zu of %zu hosts ask%s for sign-in", asks, all,
                    asks == 1 ? "s" : "");
}

static const struct kind *const kinds[] = {&kind_public_host, NULL};
static const char *const needs[] = {"ingressroute", "ingress", "middleware", "service", NULL};
static const struct setting settings[] = {{NULL, NULL, NULL, SETTING_TEXT}};
static const struct system systems[] = {
    {"auth",
     "Sign-in",
     "Who asks for sign-in before public hosts, and whether that works.",
     {"public-host"},
     says_hosts},
    {NULL, NULL, NULL, {NULL}, NULL},
};

static const struct setting entry[] = {
    {"wanted", "true", "false: it may be open, though an entry further down says otherwise.",
     SETTING_TEXT},
    {NULL, NULL, NULL, SETTING_TEXT},
};

const struct declares sign_in_declares = {
    .key = "sign_in",
    .help =
        "Public hosts that must ask for sign-in: names or patterns; the first that fits counts.",
    .entry = entry,
};

const struct backend backend_sign_in = {
    .name = "sign-in",
    .summary = "Which public hosts ask for sign-in, by the middlewares of their routes.",
    .kinds = kinds,
    .settings = settings,
    .systems = systems,
    .state_size = 1,
    .quiet_ms = JOINED_QUIET_MS,
    .needs = needs,
    .discover = sign_in_discover,
    .declares = &sign_in_declares,
    .joined = put,
    .run = joined_run,
};
