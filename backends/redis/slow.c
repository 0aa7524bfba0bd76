/* The slow log of a Redis server. Of a command its name and key are kept: its other words may be
 * anything, a secret too. */
#include <config.h>

#include "backends/redis/redis.h"

#define TAKEN       "32" /* the newest */
#define KEY_SHOWN   80
#define REPLY_PARTS 4 /* id, when, microseconds, words; since 4.0 client and its name too */

enum { ID, SERVER, WHEN, TOOK, COMMAND, CLIENT, CLIENT_NAME, AGE };

static const struct column columns[] = {
    [ID] = {"id", "ID", "Its number.", VALUE_COUNT, 6, 0, COLUMN_IDENT | COLUMN_RIGHT, NULL, NULL},
    [SERVER] = {"server", "SERVER", "Whose slow log it is in.", VALUE_TEXT, 18, 0, COLUMN_IDENT,
                NULL, NULL},
    [WHEN] = {"when", "WHEN", "When it ran.", VALUE_INSTANT, 8, 80, COLUMN_HIDDEN, NULL, NULL},
    [TOOK] = {"took", "TOOK", "How long it ran, without waiting.", VALUE_DURATION, 6, 0,
              COLUMN_RIGHT, NULL, NULL},
    [COMMAND] = {"command", "COMMAND", "The command, its key, and how many words more.", VALUE_TEXT,
                 40, 0, 0, NULL, NULL},
    [CLIENT] = {"client", "CLIENT", "Who asked.", VALUE_TEXT, 22, 20, 0, NULL, NULL},
    [CLIENT_NAME] = {"client-name", "CLIENT-NAME", "How the client calls itself.", VALUE_TEXT, 16,
                     40, COLUMN_WIDE, NULL, NULL},
    [AGE] = {"age", "AGE", "How long ago.", VALUE_DURATION, 5, 10, COLUMN_RIGHT, "when", NULL},
};

static void put_command(struct row_writer *w, const struct redis_reply *words)
{
    struct strbuf text = STRBUF_INIT(512);
    if (words->count > 0)
        strbuf_addf(&text, "%.*s", SPAN_ARG(span_sub(words->items[0]->text, 0, KEY_SHOWN)));
    if (words->count > 1)
        strbuf_addf(&text, " %.*s", SPAN_ARG(span_sub(words->items[1]->text, 0, KEY_SHOWN)));
    if (words->count > 2)
        strbuf_addf(&text, " (%zu more)", words->count - 2);
    row_text(w, COMMAND, strbuf_span(&text));
    strbuf_clear(&text);
}

static bool put(struct redis_source *s, struct row_writer *w, const struct redis_reply *e)
{
    const struct span server = span_from(ctx_name(s->ctx));
    struct strbuf key = STRBUF_INIT(1024);
    if (e->type != REDIS_LIST || e->count < REPLY_PARTS)
        return true;
    strbuf_addf(&key, "%.*s/%lld", SPAN_ARG(server), (long long)e->items[0]->number);
    row_begin(w, strbuf_span(&key));
    row_num(w, ID, e->items[0]->number);
    row_text(w, SERVER, server);
    if (e->items[1]->number > 0 && e->items[1]->number < INT64_MAX / 1000)
        row_num(w, WHEN, e->items[1]->number * 1000);
    row_num(w, TOOK, e->items[2]->number / 1000);
    put_command(w, e->items[3]);
    if (e->count > 5) {
        row_text(w, CLIENT, e->items[4]->text);
        if (e->items[5]->text.len)
            row_text(w, CLIENT_NAME, e->items[5]->text);
    }
    row_link(w, LINK_OWNER, 0, "redis", server);
    strbuf_clear(&key);
    return row_end(w);
}

bool redis_ask_slow(void *self, struct poll *p, struct err *err)
{
    static const char *const words[] = {"SLOWLOG", "GET", TAKEN, NULL};
    struct redis_source *s = self;
    const struct redis_reply *reply;
    if (!redis_command(s, words, &reply, err))
        return false;
    for (size_t i = 0; i < reply->count; i++)
        if (!put(s, poll_rows(p, &kind_redis_slow), reply->items[i]))
            return err_set(err, ERR_NOMEM, "there is no memory for the slow log");
    return true;
}

const struct kind kind_redis_slow = {
    .name = "redis-slow",
    .plural = "redis-slowlog",
    .aliases = "slowlog",
    .title = "Redis slow log",
    .help = "Commands that ran for long: when, how long, whose.",
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .sort = "when desc",
};
