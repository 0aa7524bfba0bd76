/* What a public host answers. */
#include <config.h>

#include "backends/cells.h"
#include "backends/kubernetes/sentence.h"
#include "backends/probe/probe.h"
#include "backends/verdict.h"
#include "net/http.h"

#include <string.h>

enum {
    HOST,
    STATUS,
    TIME,
    REDIRECT,
    PROTOCOL,
    CHAIN,
    SIGN_IN,
    DNS,
    CONNECT,
    TLS,
    FIRST_BYTE,
    ADDRESS,
    URL,
    LOOPS,
    FAILURE,
    ERROR,
    PROVIDER,
    CLIENT,
    CALLBACK,
    CIRCLE
};

static const struct column columns[] = {
    [HOST] = {"host", "HOST", "The host.", VALUE_TEXT, 26, 0, COLUMN_IDENT, NULL, NULL},
    [STATUS] = {"status", "STATUS", "HTTP status of its answer.", VALUE_COUNT, 6, 0,
                COLUMN_NOTABLE | COLUMN_RIGHT, NULL, NULL},
    [TIME] = {"time", "MS", "Milliseconds from its name to the first byte of its answer.",
              VALUE_COUNT, 5, 10, COLUMN_RIGHT, NULL, NULL},
    [REDIRECT] = {"redirect", "REDIRECT", "Where it sends browsers, without what stands behind ?.",
                  VALUE_TEXT, 28, 30, COLUMN_NOTABLE, NULL, NULL},
    [PROTOCOL] = {"protocol", "PROTO", "Of HTTP.", VALUE_TEXT, 8, 50, 0, NULL, NULL},
    [CHAIN] = {"chain", "CHAIN", "Middlewares of its route, in order.", VALUE_LIST, 24, 40, 0, NULL,
               NULL},
    [SIGN_IN] = {"sign-in", "SIGN-IN", "The middleware that asks for sign-in.", VALUE_TEXT, 20, 45,
                 COLUMN_NOTABLE, NULL, NULL},
    [DNS] = {"dns", "DNS", "Milliseconds until its name was known.", VALUE_COUNT, 5, 60,
             COLUMN_WIDE | COLUMN_RIGHT, NULL, NULL},
    [CONNECT] = {"connect", "TCP", "Milliseconds until TCP was connected.", VALUE_COUNT, 5, 61,
                 COLUMN_WIDE | COLUMN_RIGHT, NULL, NULL},
    [TLS] = {"tls", "TLS", "Milliseconds of the TLS handshake.", VALUE_COUNT, 5, 62,
             COLUMN_WIDE | COLUMN_RIGHT, NULL, NULL},
    [FIRST_BYTE] = {"first-byte", "1ST",
                    "Milliseconds from the request to the answer's first byte.", VALUE_COUNT, 5, 63,
                    COLUMN_WIDE | COLUMN_RIGHT, NULL, NULL},
    [ADDRESS] = {"address", "ADDRESS", "The address that answered.", VALUE_TEXT, 15, 55,
                 COLUMN_WIDE | COLUMN_NOTABLE, NULL, NULL},
    [URL] = {"url", "URL", "What was asked.", VALUE_TEXT, 30, 90, COLUMN_HIDDEN, NULL, NULL},
    [LOOPS] = {"loops", "LOOPS", "Whether its redirects lead back to where they were.", VALUE_BOOL,
               5, 91, COLUMN_HIDDEN, NULL, NULL},
    [FAILURE] = {"failure", "FAILURE",
                 "Why there is no answer: forbidden, name, refused, unreachable, timeout, tls, "
                 "broken.",
                 VALUE_TEXT, 11, 92, COLUMN_HIDDEN, NULL, NULL},
    [ERROR] = {"error", "ERROR", "The same in words.", VALUE_TEXT, 30, 93, COLUMN_HIDDEN, NULL,
               NULL},
    [PROVIDER] =
        {"provider", "PROVIDER",
         "The provider of sign-in (OAuth 2) that its redirects ask, without what stands behind ?.",
         VALUE_TEXT, 30, 94, COLUMN_HIDDEN, NULL, NULL},
    [CLIENT] = {"client", "CLIENT", "It says there for which client.", VALUE_BOOL, 6, 94,
                COLUMN_HIDDEN, NULL, NULL},
    [CALLBACK] = {"callback", "CALLBACK",
                  "Where who has signed in is to come back to, without what stands behind ?.",
                  VALUE_TEXT, 30, 94, COLUMN_HIDDEN, NULL, NULL},
    [CIRCLE] = {"circle", "CIRCLE", "The hosts through which its redirects lead in a circle.",
                VALUE_LIST, 30, 91, COLUMN_HIDDEN, NULL, NULL},
};

static const char *const failures[] = {
    [PROBE_FINE] = "",         [PROBE_FORBIDDEN] = "forbidden",
    [PROBE_NAME] = "name",     [PROBE_REFUSED] = "refused",
    [PROBE_TLS] = "tls",       [PROBE_UNREACHABLE] = "unreachable",
    [PROBE_BROKEN] = "broken", [PROBE_TIMEOUT] = "timeout",
};

/* ---- Rows. */

static void put_ms(struct row_writer *w, size_t column, int64_t us)
{
    if (us >= 0)
        row_num(w, column, (us + 500) / 1000);
}

static void put_times(struct row_writer *w, const struct probe_answer *a)
{
    const int64_t parts[] = {a->dns_us, a->connect_us, a->tls_us, a->first_byte_us};
    int64_t sum = 0;
    for (size_t i = 0; i < BN_COUNT(parts); i++)
        sum += parts[i] > 0 ? parts[i] : 0;
    put_ms(w, DNS, a->dns_us);
    put_ms(w, CONNECT, a->connect_us);
    put_ms(w, TLS, a->tls_us);
    put_ms(w, FIRST_BYTE, a->first_byte_us);
    put_ms(w, TIME, a->first_byte_us >= 0 ? sum : -1);
}

/* What stands with separator between. */
static void put_list(struct row_writer *w, size_t column, struct span rest, char separator)
{
    struct strbuf list = STRBUF_INIT(ROW_TEXT_MAX);
    struct span one;
    while (rest.len && span_split(&rest, separator, &one)) {
        if (list.len)
            strbuf_addc(&list, LIST_SEPARATOR);
        strbuf_add(&list, one);
    }
    put_text(w, column, strbuf_span(&list));
    strbuf_clear(&list);
}

/* Of an address that is none, which has no scheme, nothing. */
static struct span callback_host(struct span url)
{
    return span_search(url, SPAN("://"), false) < url.len ? http_host(url) : SPAN("");
}

/* Where people come back to is judged with it: its host may be seen later. */
static void put_links(const struct rota_item *item, const struct probe_answer *a,
                      struct row_writer *w)
{
    struct span back = callback_host(span_from(a->sign_in.callback));
    struct span rest = rota_part(item, PART_MIDDLEWARES), one,
                circle = span_from(a->loops ? a->circle : "");
    rota_link(rota_part(item, PART_ROUTES), LINK_AFFECTS, w);
    while (rest.len && span_split(&rest, ',', &one))
        row_link(w, LINK_MIDDLEWARE, 0, "middleware", one);
    while (circle.len && span_split(&circle, PROBE_BETWEEN, &one))
        if (!span_is(one, item->name))
            row_link(w, LINK_REDIRECT, 0, "http-probe", one);
    if (back.len && !span_is(back, item->name))
        row_link(w, LINK_SIGN_IN, LINK_AFFECTS, "http-probe", back);
}

bool http_probe_put(const struct rota_item *item, const struct probe_answer *a,
                    struct row_writer *w)
{
    struct strbuf url = STRBUF_INIT(4096);
    const char *protocol = a->http_version == 20   ? "h2"
                           : a->http_version == 11 ? "HTTP/1.1"
                           : a->http_version == 10 ? "HTTP/1.0"
                                                   : "";
    strbuf_addf(&url, "%.*s://%s%.*s", SPAN_ARG(rota_part(item, PART_SCHEME)), item->name,
                SPAN_ARG(rota_part(item, PART_PATH)));
    row_begin(w, span_from(item->name));
    row_text(w, HOST, span_from(item->name));
    if (a->failure == PROBE_FINE)
        row_num(w, STATUS, a->status);
    put_times(w, a);
    put_text(w, REDIRECT, span_from(a->location));
    put_text(w, PROTOCOL, span_from(protocol));
    put_list(w, CHAIN, rota_part(item, PART_MIDDLEWARES), ',');
    put_text(w, SIGN_IN, rota_part(item, PART_SIGN_IN));
    put_text(w, ADDRESS, span_from(a->address));
    row_text(w, URL, strbuf_span(&url));
    row_num(w, LOOPS, a->loops);
    put_list(w, CIRCLE, span_from(a->loops ? a->circle : ""), PROBE_BETWEEN);
    put_text(w, FAILURE, span_from(failures[a->failure]));
    if (a->failure != PROBE_FINE)
        put_text(w, ERROR, span_from(a->err.msg));
    put_text(w, PROVIDER, span_from(a->sign_in.provider));
    if (a->sign_in.provider[0])
        row_num(w, CLIENT, a->sign_in.has_client);
    put_text(w, CALLBACK, span_from(a->sign_in.callback));
    put_links(item, a, w);
    strbuf_clear(&url);
    return row_end(w);
}

/* ---- Verdicts. */

enum {
    RULE_SERVER,
    RULE_SILENT,
    RULE_NAME,
    RULE_NO_WAY,
    RULE_FORBIDDEN,
    RULE_LOOP,
    RULE_OPEN,
    RULE_NO_CLIENT,
    RULE_CALLBACK,
    RULE_SIGN_IN,
    RULE_CLIENT,
    RULE_NO_ROUTE,
};

static const struct rule rules[] = {
    [RULE_SERVER] = {"probe-server-error", "It answers with a status of 500 or more: critical."},
    [RULE_SILENT] = {"probe-no-answer",
                     "Nothing listens, the handshake fails, or no answer comes in time: critical."},
    [RULE_NAME] = {"probe-name-unknown",
                   "Its name is not known to this machine's resolver: warning."},
    [RULE_NO_WAY] = {"probe-no-way", "There is no network way there from this machine: unknown."},
    [RULE_FORBIDDEN] = {"probe-not-asked",
                        "Its name leads to an address that is not asked, this machine's own or a "
                        "private one: unknown."},
    [RULE_LOOP] = {"probe-redirect-loop",
                   "Its redirects lead in a circle, on it or through other hosts of routes: "
                   "critical."},
    [RULE_OPEN] = {"probe-open",
                   "Its route has a middleware that asks for sign-in, and it answers 2xx without: "
                   "warning."},
    [RULE_NO_CLIENT] = {"probe-sign-in-client",
                        "It sends people to a provider of sign-in and does not say for which "
                        "client: warning."},
    [RULE_CALLBACK] = {"probe-sign-in-callback",
                       "Who has signed in is to come back by plain HTTP, or to a host of no route "
                       "and another domain: warning."},
    [RULE_SIGN_IN] = {"probe-sign-in",
                      "It asks for sign-in, as its route says; whether signing in works is not "
                      "seen: notice."},
    [RULE_CLIENT] = {"probe-client-error", "It answers with a status of 400 to 499: notice."},
    [RULE_NO_ROUTE] = {"probe-no-route",
                       "It answers 404 and the route that it was asked for is critical, so that "
                       "Traefik has none for it: critical."},
};

static struct verdict judge_failure(struct span failure)
{
    if (span_is(failure, "name"))
        return verdict_at(LEVEL_WARNING, RULE_NAME);
    if (span_is(failure, "unreachable"))
        return verdict_at(LEVEL_UNKNOWN, RULE_NO_WAY);
    if (span_is(failure, "forbidden"))
        return verdict_at(LEVEL_UNKNOWN, RULE_FORBIDDEN);
    return verdict_at(LEVEL_CRITICAL, RULE_SILENT);
}

/* A route that Traefik refuses or has not made takes no request, and who asks gets Traefik's own 404.
 * The first is the one that was asked for. */
static bool route_is_critical(const struct store *st, struct handle row)
{
    struct link link;
    struct handle route;
    size_t at = 0;
    while (store_link_next(st, row, &at, &link))
        if (link.type == LINK_ROUTE)
            return store_follow(st, row, &link, &route) == LINK_FOUND &&
                   store_verdict(st, route).level == LEVEL_CRITICAL;
    return false;
}

/* A cookie for "example.org" is sent to all hosts below it: one of them may be served elsewhere. */
static bool is_of_domain(struct span host, struct span of)
{
    struct span domain = span_sub(of, span_find(of, '.', 0) + 1, of.len);
    if (span_find(domain, '.', 0) >= domain.len)
        domain = of;
    return span_eq_nocase(host, domain) ||
           (host.len > domain.len && host.data[host.len - domain.len - 1] == '.' &&
            span_eq_nocase(span_sub(host, host.len - domain.len, host.len), domain));
}

static bool comes_back_by_https(const struct store *st, struct handle row)
{
    struct span url = store_text(st, row, CALLBACK);
    return span_eq_nocase(span_sub(url, 0, strlen("https://")), SPAN("https://"));
}

/* Whether who has signed in gets back to where it is known who has. */
static bool comes_back(const struct store *st, struct handle row)
{
    struct span url = store_text(st, row, CALLBACK), host = callback_host(url);
    struct handle there;
    if (!url.len)
        return true;
    return comes_back_by_https(st, row) && (is_of_domain(host, store_text(st, row, HOST)) ||
                                            store_find(st, SOURCE_ANY, row.kind, host, &there));
}

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    struct span failure = store_text(st, row, FAILURE);
    int64_t status = store_num(st, row, STATUS, 0);
    bool sign_in = store_text(st, row, SIGN_IN).len > 0;
    (void)now_ms;
    if (failure.len)
        return judge_failure(failure);
    if (status >= 500)
        return verdict_at(LEVEL_CRITICAL, RULE_SERVER);
    if (store_num(st, row, LOOPS, 0))
        return verdict_at(LEVEL_CRITICAL, RULE_LOOP);
    if (status == 404 && route_is_critical(st, row))
        return verdict_at(LEVEL_CRITICAL, RULE_NO_ROUTE);
    if (sign_in && status < 300)
        return verdict_at(LEVEL_WARNING, RULE_OPEN);
    if (store_text(st, row, PROVIDER).len && !store_num(st, row, CLIENT, 0))
        return verdict_at(LEVEL_WARNING, RULE_NO_CLIENT);
    if (!comes_back(st, row))
        return verdict_at(LEVEL_WARNING, RULE_CALLBACK);
    if (sign_in && (status == 401 || status == 403 || status < 400))
        return verdict_at(LEVEL_NOTICE, RULE_SIGN_IN);
    return status >= 400 ? verdict_at(LEVEL_NOTICE, RULE_CLIENT) : verdict_ok();
}

static void say_callback(const struct store *st, struct handle row, struct strbuf *out)
{
    struct span url = store_text(st, row, CALLBACK);
    strbuf_adds(out, "who has signed in is to come back to ");
    if (!comes_back_by_https(st, row)) {
        sentence_add(out, url, SENTENCE_INNER);
        strbuf_adds(out, ", which is not HTTPS");
        return;
    }
    sentence_add(out, callback_host(url), SENTENCE_INNER);
    strbuf_adds(out, ", which no route serves");
}

/* On one host by the URL, else by the hosts. */
static void say_circle(const struct store *st, struct handle row, struct strbuf *out)
{
    struct span hosts = store_text(st, row, CIRCLE), one;
    strbuf_adds(out, "redirects lead in a circle");
    if (span_find(hosts, LIST_SEPARATOR, 0) >= hosts.len) {
        strbuf_adds(out, ": ");
        sentence_add(out, store_text(st, row, REDIRECT), SENTENCE_INNER);
        return;
    }
    for (const char *before = ": from "; hosts.len && span_split(&hosts, LIST_SEPARATOR, &one);
         before = " to ") {
        strbuf_adds(out, before);
        sentence_add(out, one, SENTENCE_INNER);
    }
    strbuf_adds(out, " and back");
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    long long status = (long long)store_num(st, row, STATUS, 0);
    struct span redirect = store_text(st, row, REDIRECT);
    (void)now_ms;
    switch (v->rule) {
    case RULE_SERVER:
        strbuf_addf(out, "answers %lld%s", status,
                    status == 502 || status == 503 || status == 504
                        ? ": nothing behind the route answers"
                        : "");
        break;
    case RULE_LOOP:
        say_circle(st, row, out);
        break;
    case RULE_OPEN:
        strbuf_addf(out, "answers %lld without sign-in, though %.*s asks for it", status,
                    SPAN_ARG(store_text(st, row, SIGN_IN)));
        break;
    case RULE_NO_CLIENT:
        strbuf_adds(out, "sends people to sign in at ");
        sentence_add(out, store_text(st, row, PROVIDER), SENTENCE_INNER);
        strbuf_adds(out, " without a client_id, and it lets nobody in so");
        break;
    case RULE_CALLBACK:
        say_callback(st, row, out);
        break;
    case RULE_SIGN_IN:
        strbuf_addf(out, "asks for sign-in (%lld)%s", status, redirect.len ? ", at " : "");
        sentence_add(out, redirect, SENTENCE_INNER);
        strbuf_adds(out, "; whether signing in works is not seen");
        break;
    case RULE_CLIENT:
        strbuf_addf(out, "answers %lld to ", status);
        sentence_add(out, store_text(st, row, URL), SENTENCE_INNER);
        break;
    case RULE_NO_ROUTE:
        strbuf_adds(out, "answers 404: Traefik has no route for it");
        break;
    default:
        sentence_add(out, store_text(st, row, ERROR), SENTENCE_CAUSE);
    }
}

const struct kind kind_http_probe = {
    .name = "http-probe",
    .plural = "http-probes",
    .aliases = "probe probes",
    .title = "HTTP probes",
    .help = "Public hosts of routes, asked from this machine.",
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .quotes = "service traefik-router", /* by which its route is judged */
    .sort = "level desc,host",
};
