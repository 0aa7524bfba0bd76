/* The certificate that a public host serves. */
#include <config.h>

#include "backends/cells.h"
#include "backends/kubernetes/sentence.h"
#include "backends/probe/probe.h"
#include "backends/verdict.h"
#include "base/number.h"
#include "base/timetext.h"

#include <string.h>

#define DAY_MS          INT64_C(86400000)
#define LONG_MS         (89 * DAY_MS) /* one for 90 days lacks a second of them */
#define SHORT_DAYS      14
#define PATIENT_MS      INT64_C(300000)
#define TRAEFIK_DEFAULT "TRAEFIK DEFAULT CERT" /* [Traefik pkg/tls/generate] */

enum {
    HOST,
    LEFT,
    EXPIRES,
    SUBJECT,
    ISSUER,
    CHAIN,
    NAMES,
    SAME,
    SECRET,
    KEY,
    SERIAL,
    SENT,
    NOT_BEFORE,
    FITS,
    CHAIN_SAYS,
    HANDSHAKE,
    DIFFERS_SINCE,
    SECRET_EXPIRES,
    ERROR
};

static const struct column columns[] = {
    [HOST] = {"host", "HOST", "The host.", VALUE_TEXT, 26, 0, COLUMN_IDENT, NULL, NULL},
    [LEFT] = {"left", "LEFT", "Until it ceases to be valid.", VALUE_DURATION, 5, 0,
              COLUMN_RIGHT | COLUMN_LEFT, "expires", NULL},
    [EXPIRES] = {"expires", "EXPIRES", "When it ceases to be valid.", VALUE_INSTANT, 20, 75,
                 COLUMN_WIDE | COLUMN_NOTABLE, NULL, NULL},
    [SUBJECT] = {"subject", "SUBJECT", "Its common name.", VALUE_TEXT, 22, 20, COLUMN_NOTABLE, NULL,
                 NULL},
    [ISSUER] = {"issuer", "ISSUER", "Who has issued it.", VALUE_TEXT, 20, 10, COLUMN_NOTABLE, NULL,
                NULL},
    [CHAIN] = {"trust", "TRUST",
               "Whether it leads to a public CA: trusted, self-signed, incomplete, untrusted.",
               VALUE_TEXT, 11, 5, COLUMN_NOTABLE, NULL, NULL},
    [NAMES] = {"names", "NAMES", "Names that it is for.", VALUE_LIST, 30, 40, 0, NULL, NULL},
    [SAME] = {"as-secret", "AS-SECRET",
              "Whether it is the one in the Secret that its route names, by its dates, as "
              "cert-manager says or as they were read: matches, differs, unknown.",
              VALUE_TEXT, 9, 15, COLUMN_NOTABLE, NULL, NULL},
    [SECRET] = {"secret", "SECRET", "That Secret.", VALUE_TEXT, 24, 55, COLUMN_WIDE, NULL, NULL},
    [KEY] = {"key-type", "KEY", "Its key: algorithm and bits.", VALUE_TEXT, 9, 60, COLUMN_WIDE,
             NULL, NULL},
    [SERIAL] = {"serial", "SERIAL", "Its serial number.", VALUE_TEXT, 36, 70,
                COLUMN_WIDE | COLUMN_NOTABLE, NULL, NULL},
    [SENT] = {"sent", "SENT", "Certificates that the server sends.", VALUE_COUNT, 4, 65,
              COLUMN_WIDE | COLUMN_RIGHT, NULL, NULL},
    [NOT_BEFORE] = {"not-before", "NOT-BEFORE", "Since when it is valid.", VALUE_INSTANT, 20, 80,
                    COLUMN_HIDDEN, NULL, NULL},
    [FITS] = {"fits", "FITS", "Whether one of its names is the host's.", VALUE_BOOL, 5, 81,
              COLUMN_HIDDEN, NULL, NULL},
    [CHAIN_SAYS] = {"trust-says", "TRUST-SAYS", "What is wrong with its chain.", VALUE_TEXT, 30, 82,
                    COLUMN_HIDDEN, NULL, NULL},
    [HANDSHAKE] = {"handshake", "HANDSHAKE", "Whether the TLS handshake ends well.", VALUE_BOOL, 5,
                   84, COLUMN_HIDDEN, NULL, NULL},
    [DIFFERS_SINCE] = {"differs-since", "DIFFERS-SINCE",
                       "Since when it was seen to differ from the Secret's.", VALUE_INSTANT, 20, 85,
                       COLUMN_HIDDEN, NULL, NULL},
    [SECRET_EXPIRES] = {"secret-expires", "SECRET-EXPIRES",
                        "When the certificate in the Secret ceases to be valid.", VALUE_INSTANT, 20,
                        85, COLUMN_HIDDEN, NULL, NULL},
    [ERROR] = {"error", "ERROR", "Why none was seen.", VALUE_TEXT, 30, 83, COLUMN_HIDDEN, NULL,
               NULL},
};

static const char *const chains[] = {
    [PROBE_CHAIN_TRUSTED] = "trusted",
    [PROBE_CHAIN_SELF_SIGNED] = "self-signed",
    [PROBE_CHAIN_INCOMPLETE] = "incomplete",
    [PROBE_CHAIN_UNTRUSTED] = "untrusted",
};

static void put_cert(const struct probe_cert *c, struct row_writer *w)
{
    put_time(w, EXPIRES, c->not_after_ms);
    put_text(w, SUBJECT, span_from(c->subject));
    put_text(w, ISSUER, span_from(c->issuer));
    put_text(w, CHAIN, span_from(chains[c->chain]));
    put_text(w, NAMES, span_from(c->names));
    put_text(w, KEY, span_from(c->key));
    put_text(w, SERIAL, span_from(c->serial));
    row_num(w, SENT, c->sent);
    put_time(w, NOT_BEFORE, c->not_before_ms);
    row_num(w, FITS, c->fits);
    put_text(w, CHAIN_SAYS, span_from(c->says));
}

/* ---- Against the Secret. */

static int64_t beside_ms(const struct rota_item *item, enum probe_beside part)
{
    int64_t ms = TIME_NONE;
    return number_parse(rota_beside(item, part), INT64_MIN + 1, INT64_MAX, &ms) ? ms : TIME_NONE;
}

/* When the certificate in the Secret holds, by its Certificate or as it was read. False: not known. */
static bool dates_of(const struct rota_item *item, const struct probe_seen *seen, int64_t *from,
                     int64_t *until)
{
    *from = beside_ms(item, BESIDE_FROM);
    *until = beside_ms(item, BESIDE_UNTIL);
    if (*from != TIME_NONE && *until != TIME_NONE)
        return true;
    *from = seen->from_ms;
    *until = seen->until_ms;
    return seen->has_dates && span_is(rota_part(item, PART_SECRET), seen->secret);
}

/* Two issuances of a certificate do not hold from and until the same seconds. */
static const char *compare(const struct rota_item *item, const struct probe_seen *seen)
{
    const struct probe_cert *c = &seen->answer.cert;
    int64_t from, until;
    if (!rota_part(item, PART_SECRET).len)
        return "";
    if (!seen->answer.has_cert || !dates_of(item, seen, &from, &until) ||
        c->not_before_ms == TIME_NONE || c->not_after_ms == TIME_NONE)
        return "unknown";
    return c->not_before_ms == from && c->not_after_ms == until ? "matches" : "differs";
}

void served_cert_compare(const struct rota_item *item, struct probe_seen *seen, int64_t now_ms)
{
    if (strcmp(compare(item, seen), "differs") != 0)
        seen->differs_ms = TIME_NONE;
    else if (seen->differs_ms == TIME_NONE)
        seen->differs_ms = now_ms;
}

static void put_secret(const struct rota_item *item, const struct probe_seen *seen,
                       struct row_writer *w)
{
    int64_t from, until;
    put_text(w, SAME, span_from(compare(item, seen)));
    put_text(w, SECRET, rota_part(item, PART_SECRET));
    put_time(w, DIFFERS_SINCE, seen->differs_ms);
    if (rota_part(item, PART_SECRET).len && dates_of(item, seen, &from, &until))
        put_time(w, SECRET_EXPIRES, until);
}

static void put_links(const struct rota_item *item, struct row_writer *w)
{
    struct span secret = rota_part(item, PART_SECRET),
                certificate = rota_beside(item, BESIDE_CERTIFICATE);
    rota_link(rota_part(item, PART_ROUTES), 0, w);
    if (secret.len)
        row_link(w, LINK_SECRET, 0, "secret", secret);
    if (certificate.len)
        row_link(w, LINK_STORED, 0, "certificate", certificate);
}

bool served_cert_put(const struct rota_item *item, const struct probe_seen *seen,
                     struct row_writer *w)
{
    const struct probe_answer *a = &seen->answer;
    row_begin(w, span_from(item->name));
    row_text(w, HOST, span_from(item->name));
    if (a->has_cert)
        put_cert(&a->cert, w);
    row_num(w, HANDSHAKE, a->failure != PROBE_TLS);
    if (a->failure == PROBE_TLS || !a->has_cert)
        put_text(w, ERROR, span_from(a->err.msg));
    put_secret(item, seen, w);
    put_links(item, w);
    return row_end(w);
}

/* ---- Verdicts. */

enum {
    RULE_UNSEEN,
    RULE_HANDSHAKE,
    RULE_DEFAULT,
    RULE_NAME,
    RULE_EXPIRED,
    RULE_EARLY,
    RULE_SELF_SIGNED,
    RULE_UNTRUSTED,
    RULE_DIFFERS,
    RULE_INCOMPLETE,
    RULE_EXPIRES,
    RULE_OTHER,
};

/* Renewal is at 30 days before the end, tried once a day: of one that is for 90 days what has less
 * than 29 left was not renewed [Traefik pkg/provider/acme]. */
static const struct rule rules[] = {
    [RULE_UNSEEN] = {"served-cert-unseen", "No connection, so no certificate was seen: unknown."},
    [RULE_HANDSHAKE] = {"served-cert-handshake", "The TLS handshake fails: critical."},
    [RULE_DEFAULT] = {"served-cert-default",
                      "Traefik serves its own default certificate: it has none for the host: "
                      "critical."},
    [RULE_NAME] = {"served-cert-name", "It is for other names: critical."},
    [RULE_EXPIRED] = {"served-cert-expired", "It has expired: critical.", .since = EXPIRES},
    [RULE_EARLY] = {"served-cert-early", "It is not valid yet: critical."},
    [RULE_SELF_SIGNED] = {"served-cert-self-signed", "It is signed by itself: critical."},
    [RULE_UNTRUSTED] = {"served-cert-untrusted", "It does not lead to a CA that is trusted: "
                                                 "critical."},
    [RULE_DIFFERS] =
        {"served-cert-differs",
         "The Secret that the route names has one that lasts longer: progress for 5 minutes, then warning; critical where it expires "
         "within 7 days.",
         .since = DIFFERS_SINCE},
    [RULE_INCOMPLETE] = {"served-cert-incomplete",
                         "The server does not send the issuer's certificate, which some clients "
                         "need: warning."},
    [RULE_EXPIRES] =
        {"served-cert-expires",
         "It expires within 30 days: notice, within 29, of one for less than 89 days 14: warning, within 7: critical."},
    [RULE_OTHER] = {"served-cert-other",
                    "It lasts longer than the one in the Secret that the route names: somebody "
                    "else's, such as a CDN's before the edge: notice."},
};

static const struct {
    int64_t days;
    enum level level;
} ends[] = {{7, LEVEL_CRITICAL}, {29, LEVEL_WARNING}, {30, LEVEL_NOTICE}};

/* When there is so little left of it. What is for a shorter time is renewed later. */
static int64_t end_begins(size_t i, int64_t begin, int64_t end)
{
    bool is_short = begin != TIME_NONE && end - begin < LONG_MS;
    int64_t days = is_short && ends[i].level == LEVEL_WARNING ? SHORT_DAYS : ends[i].days;
    return end - days * DAY_MS;
}

/* How much is left of it. begin: since when it holds, TIME_NONE: not known. */
static struct verdict judge_end(int64_t begin, int64_t end, int64_t now_ms)
{
    int64_t until = end;
    struct verdict v = verdict_ok();
    for (size_t i = BN_COUNT(ends); i-- > 0;) {
        int64_t from = end_begins(i, begin, end);
        if (now_ms < from) {
            v.until_ms = from;
            return v;
        }
        v = verdict_until(ends[i].level, RULE_EXPIRES, until);
        if (i > 0)
            v.until_ms = end_begins(i - 1, begin, end);
    }
    return v;
}

/* What is renewed takes some time to get to the edge. */
static struct verdict judge_differs(const struct store *st, struct handle row, struct verdict left,
                                    int64_t now_ms)
{
    int64_t patient = store_num(st, row, DIFFERS_SINCE, now_ms) + PATIENT_MS;
    if (store_num(st, row, SECRET_EXPIRES, 0) <= store_num(st, row, EXPIRES, 0))
        return left.level > LEVEL_NOTICE ? left
                                         : verdict_until(LEVEL_NOTICE, RULE_OTHER, left.until_ms);
    if (left.level >= LEVEL_CRITICAL)
        return verdict_until(LEVEL_CRITICAL, RULE_DIFFERS, left.until_ms);
    if (now_ms < patient)
        return verdict_until(LEVEL_PROGRESS, RULE_DIFFERS,
                             patient < left.until_ms ? patient : left.until_ms);
    return verdict_until(LEVEL_WARNING, RULE_DIFFERS, left.until_ms);
}

static struct verdict judge_trust(const struct store *st, struct handle row, int64_t now_ms)
{
    struct span chain = store_text(st, row, CHAIN);
    int64_t end = store_num(st, row, EXPIRES, TIME_FOREVER);
    struct verdict left = end == TIME_FOREVER
                              ? verdict_ok()
                              : judge_end(store_num(st, row, NOT_BEFORE, TIME_NONE), end, now_ms);
    if (span_is(chain, "self-signed"))
        return verdict_until(LEVEL_CRITICAL, RULE_SELF_SIGNED, end);
    if (span_is(chain, "untrusted"))
        return verdict_until(LEVEL_CRITICAL, RULE_UNTRUSTED, end);
    if (span_is(store_text(st, row, SAME), "differs"))
        return judge_differs(st, row, left, now_ms);
    if (span_is(chain, "incomplete") && left.level <= LEVEL_WARNING)
        return verdict_until(LEVEL_WARNING, RULE_INCOMPLETE, left.until_ms);
    return left;
}

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    int64_t end = store_num(st, row, EXPIRES, TIME_FOREVER);
    int64_t from = store_num(st, row, NOT_BEFORE, TIME_NONE);
    if (!store_num(st, row, HANDSHAKE, 1))
        return verdict_at(LEVEL_CRITICAL, RULE_HANDSHAKE);
    if (!store_text(st, row, CHAIN).len)
        return verdict_at(LEVEL_UNKNOWN, RULE_UNSEEN);
    if (span_is(store_text(st, row, SUBJECT), TRAEFIK_DEFAULT))
        return verdict_at(LEVEL_CRITICAL, RULE_DEFAULT);
    if (!store_num(st, row, FITS, 1))
        return verdict_at(LEVEL_CRITICAL, RULE_NAME);
    if (end <= now_ms)
        return verdict_at(LEVEL_CRITICAL, RULE_EXPIRED);
    if (from > now_ms)
        return verdict_until(LEVEL_CRITICAL, RULE_EARLY, from);
    return judge_trust(st, row, now_ms);
}

static void say_names(struct span names, struct strbuf *out)
{
    struct span one;
    const char *before = " for ";
    for (int i = 0; i < 3 && names.len && span_split(&names, LIST_SEPARATOR, &one); i++) {
        strbuf_adds(out, before);
        sentence_add(out, one, SENTENCE_INNER);
        before = ", ";
    }
}

static void say_left(int64_t left, struct strbuf *out)
{
    char text[TIMETEXT_MAX];
    duration_format(left, text);
    strbuf_addf(out, "expires in %s", text);
}

static void say_differs(const struct store *st, struct handle row, int64_t now_ms,
                        struct strbuf *out)
{
    char text[TIMETEXT_MAX];
    int64_t end = store_num(st, row, EXPIRES, now_ms),
            other = store_num(st, row, SECRET_EXPIRES, now_ms);
    strbuf_adds(out, other > end ? "the old certificate is still served"
                                 : "another certificate is served than the Secret's");
    sentence_for(out, store_num(st, row, DIFFERS_SINCE, TIME_NONE), now_ms);
    strbuf_adds(out, ": ");
    say_left(end - now_ms, out);
    duration_format(other - now_ms, text);
    strbuf_adds(out, "; that of Secret ");
    sentence_add(out, store_text(st, row, SECRET), SENTENCE_INNER);
    strbuf_addf(out, " in %s", text);
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    struct span issuer = store_text(st, row, ISSUER), chain = store_text(st, row, CHAIN_SAYS);
    int64_t end = store_num(st, row, EXPIRES, now_ms);
    switch (v->rule) {
    case RULE_UNSEEN:
        strbuf_adds(out, "no certificate was seen: ");
        sentence_add(out, store_text(st, row, ERROR), SENTENCE_CAUSE);
        break;
    case RULE_HANDSHAKE:
        strbuf_adds(out, "the TLS handshake fails: ");
        sentence_add(out, store_text(st, row, ERROR), SENTENCE_CAUSE);
        break;
    case RULE_DEFAULT:
        strbuf_adds(out, "Traefik serves its default certificate: it has none for this host");
        break;
    case RULE_NAME:
        strbuf_adds(out, "the certificate is");
        say_names(store_text(st, row, NAMES), out);
        strbuf_adds(out, store_text(st, row, NAMES).len ? ", not for this host" : " for no name");
        break;
    case RULE_EXPIRED:
        strbuf_adds(out, "expired");
        sentence_ago(out, end, now_ms);
        break;
    case RULE_EARLY:
        strbuf_adds(out, "not valid yet: is a clock wrong?");
        break;
    case RULE_SELF_SIGNED:
        strbuf_adds(out, "self-signed by ");
        sentence_add(out, issuer, SENTENCE_INNER);
        break;
    case RULE_UNTRUSTED:
        strbuf_adds(out, "not trusted: ");
        sentence_add(out, chain, SENTENCE_CAUSE);
        break;
    case RULE_DIFFERS:
    case RULE_OTHER:
        say_differs(st, row, now_ms, out);
        break;
    case RULE_INCOMPLETE:
        strbuf_adds(out, "incomplete chain: the certificate of ");
        sentence_add(out, chain, SENTENCE_INNER);
        strbuf_adds(out, " is not sent");
        break;
    case RULE_EXPIRES:
        say_left(end - now_ms, out);
        strbuf_adds(out, ", issued by ");
        sentence_add(out, issuer, SENTENCE_INNER);
        break;
    default:
        break;
    }
}

const struct kind kind_served_cert = {
    .name = "served-cert",
    .plural = "served-certs",
    .aliases = "tls",
    .title = "Served certificates",
    .help = "Certificates that public hosts of routes serve.",
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "level desc,expires",
};
