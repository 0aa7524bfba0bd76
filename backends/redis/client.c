/* Clients of a Redis server: CLIENT LIST [redis.io/docs/latest/commands/client-list]. Asked for only
 * while somebody looks. */
#include <config.h>

#include "backends/cells.h"
#include "backends/redis/redis.h"
#include "base/number.h"

#include <string.h>

#define ROWS_MAX 10000

enum { ID, SERVER, ADDRESS, NAME, USER, DB, ROLE, COMMAND, IDLE, SINCE, MEMORY, AGE };

static const struct column columns[] = {
    [ID] = {"id", "ID", "Its number.", VALUE_COUNT, 8, 0, COLUMN_IDENT | COLUMN_RIGHT, NULL, NULL},
    [SERVER] = {"server", "SERVER", "Whose client it is.", VALUE_TEXT, 18, 0, COLUMN_IDENT, NULL,
                NULL},
    [ADDRESS] = {"address", "ADDRESS", "Where it comes from.", VALUE_TEXT, 22, 0, 0, NULL, NULL},
    [NAME] = {"name", "NAME", "How it calls itself.", VALUE_TEXT, 16, 20, 0, NULL, NULL},
    [USER] = {"user", "USER", "Who it has logged in as.", VALUE_TEXT, 10, 30, 0, NULL, NULL},
    [DB] = {"db", "DB", "The database that it is in.", VALUE_COUNT, 3, 40, COLUMN_RIGHT, NULL,
            NULL},
    [ROLE] = {"role", "ROLE", "client, replica, master, pubsub; blocked where it waits.",
              VALUE_TEXT, 8, 10, 0, NULL, NULL},
    [COMMAND] = {"command", "COMMAND", "Its last command, without what it was about.", VALUE_TEXT,
                 16, 5, 0, NULL, NULL},
    [IDLE] = {"idle", "IDLE", "Since its last command.", VALUE_DURATION, 6, 5, COLUMN_RIGHT, NULL,
              NULL},
    [SINCE] = {"since", "SINCE", "When it connected.", VALUE_INSTANT, 8, 80, COLUMN_HIDDEN, NULL,
               NULL},
    [MEMORY] = {"memory", "MEM", "What it takes of memory.", VALUE_BYTES, 6, 15, COLUMN_RIGHT, NULL,
                NULL},
    [AGE] = {"age", "AGE", "How long it has been connected.", VALUE_DURATION, 6, 8, COLUMN_RIGHT,
             "since", NULL},
};

/* The value of " key=" of a line; empty: not there. */
static struct span part(struct span line, const char *key)
{
    const size_t len = strlen(key);
    struct span word;
    while (span_split(&line, ' ', &word))
        if (word.len > len && word.data[len] == '=' && memcmp(word.data, key, len) == 0)
            return span_sub(word, len + 1, word.len);
    return SPAN("");
}

static int64_t count_of(struct span line, const char *key)
{
    int64_t n;
    return number_parse(part(line, key), 0, INT64_MAX / 2000, &n) ? n : -1;
}

static const char *role_of(struct span flags)
{
    return span_find(flags, 'S', 0) < flags.len   ? "replica"
           : span_find(flags, 'M', 0) < flags.len ? "master"
           : span_find(flags, 'P', 0) < flags.len ? "pubsub"
           : span_find(flags, 'b', 0) < flags.len ? "blocked"
                                                  : "client";
}

static bool put(struct redis_source *s, struct row_writer *w, struct span line)
{
    const struct span server = span_from(ctx_name(s->ctx));
    const int64_t id = count_of(line, "id"), age = count_of(line, "age"),
                  idle = count_of(line, "idle"), memory = count_of(line, "tot-mem"),
                  db = count_of(line, "db");
    struct strbuf key = STRBUF_INIT(1024);
    if (id < 0)
        return true;
    strbuf_addf(&key, "%.*s/%lld", SPAN_ARG(server), (long long)id);
    row_begin(w, strbuf_span(&key));
    row_num(w, ID, id);
    row_text(w, SERVER, server);
    row_text(w, ADDRESS, part(line, "addr"));
    put_text(w, NAME, part(line, "name"));
    put_text(w, USER, part(line, "user"));
    row_text(w, ROLE, span_from(role_of(part(line, "flags"))));
    row_text(w, COMMAND, part(line, "cmd"));
    put_amount(w, DB, db);
    if (idle >= 0)
        row_num(w, IDLE, idle * 1000);
    if (age >= 0)
        row_num(w, SINCE, clock_wall_ms(ctx_clock(s->ctx)) - age * 1000);
    put_amount(w, MEMORY, memory);
    row_link(w, LINK_OWNER, 0, "redis", server);
    strbuf_clear(&key);
    return row_end(w);
}

bool redis_ask_clients(void *self, struct poll *p, struct err *err)
{
    static const char *const words[] = {"CLIENT", "LIST", NULL};
    struct redis_source *s = self;
    struct row_writer *w = poll_rows(p, &kind_redis_client);
    const struct redis_reply *reply;
    if (!redis_command(s, words, &reply, err))
        return false;
    struct span rest = reply->text, line;
    for (size_t n = 0; n < ROWS_MAX && span_split(&rest, '\n', &line); n++)
        if (!put(s, w, span_trim(line)))
            return err_set(err, ERR_NOMEM, "there is no memory for the clients");
    return true;
}

const struct kind kind_redis_client = {
    .name = "redis-client",
    .plural = "redis-clients",
    .aliases = "rc",
    .title = "Redis clients",
    .help = "Who is connected to the Redis servers, from where, and what it last did.",
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .sort = "server,id",
};
