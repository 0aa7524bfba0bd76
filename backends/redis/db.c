/* Databases of a Redis server: INFO's keyspace. Keys themselves are never asked for. */
#include <config.h>

#include "backends/redis/redis.h"
#include "base/number.h"

#include <string.h>

enum { NAME, SERVER, KEYS, EXPIRES, TTL };

static const struct column columns[] = {
    [NAME] = {"name", "NAME", "Its number.", VALUE_TEXT, 6, 0, COLUMN_IDENT, NULL, NULL},
    [SERVER] = {"server", "SERVER", "Whose it is.", VALUE_TEXT, 18, 0, COLUMN_IDENT, NULL, NULL},
    [KEYS] = {"keys", "KEYS", "Keys in it.", VALUE_COUNT, 8, 0, COLUMN_RIGHT, NULL, NULL},
    [EXPIRES] = {"expires", "EXPIRE", "Keys that expire by themselves.", VALUE_COUNT, 8, 10,
                 COLUMN_RIGHT, NULL, NULL},
    [TTL] = {"ttl", "TTL", "How long those still live, on average.", VALUE_DURATION, 6, 20,
             COLUMN_RIGHT, NULL, NULL},
};

/* "keys=3023,expires=1000,avg_ttl=3598727" */
static bool put(struct redis_source *s, struct row_writer *w, struct span name, struct span parts,
                int64_t *keys)
{
    static const struct {
        const char *name;
        size_t column;
    } known[] = {{"keys=", KEYS}, {"expires=", EXPIRES}, {"avg_ttl=", TTL}};
    const struct span server = span_from(ctx_name(s->ctx));
    struct strbuf key = STRBUF_INIT(1024);
    struct span one;
    int64_t n;
    strbuf_addf(&key, "%.*s/%.*s", SPAN_ARG(server), SPAN_ARG(name));
    row_begin(w, strbuf_span(&key));
    row_text(w, NAME, name);
    row_text(w, SERVER, server);
    while (span_split(&parts, ',', &one)) {
        for (size_t i = 0; i < BN_COUNT(known); i++) {
            const size_t len = strlen(known[i].name);
            if (!span_starts(one, known[i].name) ||
                !number_parse(span_sub(one, len, one.len), 0, INT64_MAX / 2, &n))
                continue;
            if (known[i].column != TTL || n > 0) /* 0: no key has one */
                row_num(w, known[i].column, n);
            if (known[i].column == KEYS && *keys < INT64_MAX / 2)
                *keys += n;
        }
    }
    row_link(w, LINK_OWNER, 0, "redis", server);
    strbuf_clear(&key);
    return row_end(w);
}

bool redis_put_databases(struct redis_source *s, struct poll *p, struct span info, int64_t *keys)
{
    struct row_writer *w = poll_rows(p, &kind_redis_db);
    struct span line;
    int64_t number;
    while (span_split(&info, '\n', &line)) {
        line = span_trim(line);
        const size_t colon = span_find(line, ':', 0);
        if (span_starts(line, "db") &&
            number_parse(span_sub(line, 2, colon - 2), 0, 65535, &number) &&
            !put(s, w, span_sub(line, 0, colon), span_sub(line, colon + 1, line.len), keys))
            return false;
    }
    return true;
}

const struct kind kind_redis_db = {
    .name = "redis-db",
    .plural = "redis-dbs",
    .aliases = "rdb",
    .title = "Redis databases",
    .help = "Databases of Redis servers: how many keys, how many expire.",
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .sort = "server,name",
};
