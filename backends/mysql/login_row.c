/* Logins that Secrets have, beside the server's own users: the same, or not; never what. */
#include <config.h>

#include "backends/cells.h"
#include "backends/mysql/mysql.h"
#include "backends/verdict.h"
#include "model/store.h"

enum { NAMESPACE, NAME, KEY, STATE, SERVER, WHY, CHECKED_AGO, CHECKED };

static const struct column columns[] = {
    [NAMESPACE] = {"namespace", "NAMESPACE", "Its namespace.", VALUE_TEXT, 12, 0, COLUMN_IDENT,
                   NULL, NULL},
    [NAME] = {"name", "NAME", "The Secret.", VALUE_TEXT, 24, 0, COLUMN_IDENT, NULL, NULL},
    [KEY] = {"entry", "KEY", "Its key that has the password.", VALUE_TEXT, 18, 0, COLUMN_IDENT,
             NULL, NULL},
    [STATE] = {"state", "STATE",
               "same, differs, or unknown: whether the server lets in who has them.", VALUE_TEXT, 8,
               0, COLUMN_NOTABLE, NULL, NULL},
    [SERVER] = {"server", "SERVER", "The server, as its source is called.", VALUE_TEXT, 20, 10, 0,
                NULL, NULL},
    [WHY] = {"why", "WHY", "Why it is not known.", VALUE_TEXT, 40, 20, 0, NULL, NULL},
    [CHECKED_AGO] = {"checked", "CHECKED", "Since it was tried.", VALUE_DURATION, 7, 30,
                     COLUMN_RIGHT, "checked-at", NULL},
    [CHECKED] = {"checked-at", "CHECKED-AT", "When it was tried.", VALUE_INSTANT, 20, 90,
                 COLUMN_HIDDEN, NULL, NULL},
};

bool secret_login_put(struct row_writer *w, const struct mysql_login *l, const char *server)
{
    const struct span key = span_from(l->key);
    const size_t first = span_find(key, '/', 0), last = span_find_last(key, '/');
    row_begin(w, key);
    row_text(w, NAMESPACE, span_sub(key, 0, first));
    row_text(w, NAME, span_sub(key, first + 1, last - first - 1));
    row_text(w, KEY, span_sub(key, last + 1, key.len));
    row_text(w, STATE, span_from(l->state));
    row_text(w, SERVER, span_from(server));
    put_text(w, WHY, span_from(l->why));
    put_time(w, CHECKED, l->checked_ms);
    row_link(w, LINK_SECRET, 0, "secret", span_sub(key, 0, last));
    return row_end(w);
}

/* ---- Verdicts. */

static const struct rule rules[] = {
    {"secret-login-differs",
     "The server does not let in who has the Secret's user and password: warning."},
};

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    (void)now_ms;
    if (span_is(store_text(st, row, STATE), "unknown"))
        return verdict_off();
    return span_is(store_text(st, row, STATE), "differs") ? verdict_at(LEVEL_WARNING, 0)
                                                          : verdict_ok();
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    (void)v;
    (void)now_ms;
    strbuf_addf(out,
                "%.*s does not let in who has %.*s of Secret %.*s: it has another password, or no "
                "such user who may come from here",
                SPAN_ARG(store_text(st, row, SERVER)), SPAN_ARG(store_text(st, row, KEY)),
                SPAN_ARG(store_text(st, row, NAME)));
}

const struct kind kind_secret_login = {
    .name = "secret-login",
    .plural = "secret-logins",
    .aliases = "logins",
    .title = "Secrets beside servers",
    .help = "Whether servers let in who has a Secret's user and password; where the configuration "
            "allows to try.",
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
