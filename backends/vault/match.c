/* Keys of Secrets beside what Vault has for them: the same, or not; never what. */
#include <config.h>

#include "backends/vault/match.h"

#include "backends/cells.h"
#include "backends/kubernetes/sentence.h"
#include "backends/verdict.h"
#include "base/timetext.h"

#include <string.h>

enum {
    NAMESPACE,
    NAME,
    KEY,
    STATE,
    PATH,
    PROPERTY,
    CURRENT,
    WRITTEN_AGO,
    SECRET,
    WHY,
    CHECKED_AGO,
    EVERY,
    WRITTEN,
    CHECKED
};

static const struct column columns[] = {
    [NAMESPACE] = {"namespace", "NAMESPACE", "Its namespace.", VALUE_TEXT, 12, 0, COLUMN_IDENT,
                   NULL, NULL},
    [NAME] = {"name", "NAME", "The ExternalSecret.", VALUE_TEXT, 20, 0, COLUMN_IDENT, NULL, NULL},
    [KEY] = {"entry", "KEY", "The key in its Secret; *: all.", VALUE_TEXT, 18, 0, COLUMN_IDENT,
             NULL, NULL},
    [STATE] = {"state", "STATE",
               "same, differs, or unknown: whether the Secret has what Vault has.", VALUE_TEXT, 8,
               0, COLUMN_NOTABLE, NULL, NULL},
    [PATH] = {"path", "PATH", "The path in Vault.", VALUE_TEXT, 24, 10, 0, NULL, NULL},
    [PROPERTY] = {"property", "PROPERTY", "What of it.", VALUE_TEXT, 16, 20, 0, NULL, NULL},
    [CURRENT] = {"version", "VER", "Vault's current version.", VALUE_COUNT, 4, 25,
                 COLUMN_RIGHT | COLUMN_NOTABLE, NULL, NULL},
    [WRITTEN_AGO] = {"written-ago", "WRITTEN", "Since that version was written.", VALUE_DURATION, 7,
                     15, COLUMN_RIGHT, "written", NULL},
    [SECRET] = {"secret", "SECRET", "The Secret.", VALUE_TEXT, 20, 50, COLUMN_WIDE, NULL, NULL},
    [WHY] = {"why", "WHY", "Why it is not known.", VALUE_TEXT, 30, 30, 0, NULL, NULL},
    [CHECKED_AGO] = {"checked", "CHECKED", "Since they were compared.", VALUE_DURATION, 7, 40,
                     COLUMN_RIGHT, "checked-at", NULL},
    [EVERY] = {"every", "EVERY", "So often it is read from Vault.", VALUE_DURATION, 6, 90,
               COLUMN_HIDDEN, NULL, NULL},
    [WRITTEN] = {"written", "WRITTEN-AT", "When that version was written.", VALUE_INSTANT, 20, 90,
                 COLUMN_HIDDEN, NULL, NULL},
    [CHECKED] = {"checked-at", "CHECKED-AT", "When they were compared.", VALUE_INSTANT, 20, 90,
                 COLUMN_HIDDEN, NULL, NULL},
};

bool secret_match_put(struct row_writer *w, const struct secret_match *m)
{
    const struct span reader = span_from(m->reader);
    const size_t slash = span_find(reader, '/', 0);
    struct strbuf key = STRBUF_INIT(ROW_TEXT_MAX);
    strbuf_addf(&key, "%s/%s", m->reader, m->key);
    row_begin(w, strbuf_span(&key));
    row_text(w, NAMESPACE, span_sub(reader, 0, slash));
    row_text(w, NAME, span_sub(reader, slash + 1, reader.len));
    row_text(w, KEY, span_from(m->key));
    row_text(w, STATE, span_from(m->state));
    put_text(w, PATH, span_from(m->path));
    put_text(w, PROPERTY, span_from(m->property));
    put_text(w, SECRET, span_from(m->secret));
    if (m->why)
        row_text(w, WHY, span_from(m->why));
    if (m->version >= 0)
        row_num(w, CURRENT, m->version);
    if (m->every_ms > 0)
        row_num(w, EVERY, m->every_ms);
    put_time(w, WRITTEN, m->written_ms);
    row_num(w, CHECKED, m->now_ms);
    row_link(w, LINK_OWNER, 0, "externalsecret", reader);
    strbuf_truncate(&key, 0);
    strbuf_addf(&key, "%.*s/%s", (int)slash, m->reader, m->secret);
    row_link(w, LINK_SECRET, 0, "secret", strbuf_span(&key));
    if (m->path[0])
        row_link(w, LINK_PATH, 0, "vault-path", span_from(m->path));
    strbuf_clear(&key);
    return row_end(w);
}

/* ---- Verdicts. */

#define SLACK_MS 60000

enum { RULE_DIFFERS, RULE_SOON };

static const struct rule rules[] = {
    [RULE_DIFFERS] =
        {"secret-differs",
         "The Secret has another value than Vault, and should have been given Vault's by"
         " now: warning."},
    [RULE_SOON] = {"secret-not-yet",
                   "Vault has a new value, and it is not yet time to take it over: progress."},
};

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    int64_t written = store_num(st, row, WRITTEN, TIME_NONE),
            due = written + store_num(st, row, EVERY, 0) + SLACK_MS;
    if (span_is(store_text(st, row, STATE), "unknown"))
        return verdict_off();
    if (!span_is(store_text(st, row, STATE), "differs"))
        return verdict_ok();
    if (written != TIME_NONE && now_ms < due)
        return verdict_until(LEVEL_PROGRESS, RULE_SOON, due);
    return verdict_at(LEVEL_WARNING, RULE_DIFFERS);
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    char every[TIMETEXT_MAX];
    strbuf_addf(out, "%.*s in Secret %.*s is not %.*s of %.*s", SPAN_ARG(store_text(st, row, KEY)),
                SPAN_ARG(store_text(st, row, SECRET)), SPAN_ARG(store_text(st, row, PROPERTY)),
                SPAN_ARG(store_text(st, row, PATH)));
    if (store_num(st, row, CURRENT, 0))
        strbuf_addf(out, ", whose version %lld was written",
                    (long long)store_num(st, row, CURRENT, 0));
    if (store_num(st, row, CURRENT, 0))
        sentence_ago(out, store_num(st, row, WRITTEN, TIME_NONE), now_ms);
    if (!store_num(st, row, EVERY, 0))
        return;
    duration_format_short(store_num(st, row, EVERY, 0), every);
    strbuf_addf(out,
                v->rule == RULE_SOON ? "; it is read every %s" : ", though it is read every %s",
                every);
}

const struct kind kind_secret_match = {
    .name = "secret-match",
    .plural = "secret-matches",
    .aliases = "matches",
    .title = "Secrets beside Vault",
    .help =
        "Whether Secrets have what Vault has for them; where the configuration allows to compare.",
    .namespaced = true,
    .guarded = true,
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "level desc,namespace,name,entry",
};
