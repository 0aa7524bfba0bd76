/* Which Secrets may have a login of a server: those that ExternalSecrets make with a user and a password.
 * What a Secret's keys are called is known by its ExternalSecret alone; of one that takes a path over
 * as it is, they are believed to be as create-database writes them (actions/database_create.c). */
#include <config.h>

#include "backends/discovery.h"
#include "backends/mysql/mysql.h"

#include <string.h>

enum { HOST, USER, PASSWORD, KEYS };

static const char *const called[KEYS] = {"host", "username", "password"};

/* The keys of what one item says, "KEY=PATH#PROPERTY !WHY"; *: all. */
static void take_item(struct span item, struct span keys[KEYS])
{
    const size_t is = span_find(item, '=', 0);
    const struct span key = span_sub(item, 0, is), rest = span_sub(item, is + 1, item.len);
    const struct span read = span_sub(rest, 0, span_search(rest, SPAN(" !"), false)),
                      property = span_sub(read, span_find(read, '#', 0) + 1, read.len);
    if (!read.len || span_find(key, '\t', 0) < key.len || span_find(key, '\n', 0) < key.len)
        return;
    for (size_t i = 0; i < KEYS; i++)
        if (span_is(key, "*"))
            keys[i] = span_from(called[i]);
        else if (span_is(key, called[i]) || span_is(property, called[i]))
            keys[i] = key;
}

/* When the Secret last changed; 0: not known. */
static int64_t changed_at(const struct store *st, struct span ns, struct span name)
{
    const int kind = store_kind_find(st, SPAN("secret"));
    const int column =
        kind < 0 ? -1 : kind_column(store_kind(st, (uint16_t)kind), SPAN("changed-at"));
    struct strbuf key = STRBUF_INIT(ROW_TEXT_MAX);
    struct handle row;
    int64_t ms = 0;
    strbuf_addf(&key, "%.*s/%.*s", SPAN_ARG(ns), SPAN_ARG(name));
    if (column >= 0 && store_find(st, SOURCE_ANY, (uint16_t)kind, strbuf_span(&key), &row))
        ms = store_num(st, row, (size_t)column, 0);
    strbuf_clear(&key);
    return ms;
}

void mysql_find_logins(const struct store *st, struct strbuf *out)
{
    const int kind = store_kind_find(st, SPAN("externalsecret"));
    struct handle row;
    uint32_t at = 0;
    while (kind >= 0 && store_next(st, (uint16_t)kind, &at, &row)) {
        const struct span own = store_key(st, row), secret = discovery_text(st, row, "secret"),
                          ns = span_sub(own, 0, span_find(own, '/', 0));
        struct span rest = discovery_text(st, row, "mapping"), item, keys[KEYS] = {{NULL, 0}};
        while (rest.len && span_split(&rest, LIST_SEPARATOR, &item))
            take_item(item, keys);
        if (!keys[HOST].len || !keys[USER].len || !keys[PASSWORD].len)
            memset(keys, 0, sizeof(keys)); /* no login that is known by its keys */
        if (secret.len)
            strbuf_addf(out, "%.*s\t%.*s\t%.*s\t%.*s\t%.*s\t%lld\n", SPAN_ARG(ns), SPAN_ARG(secret),
                        SPAN_ARG(keys[HOST]), SPAN_ARG(keys[USER]), SPAN_ARG(keys[PASSWORD]),
                        (long long)changed_at(st, ns, secret));
    }
}
