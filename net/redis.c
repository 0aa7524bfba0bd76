/* Redis' protocol: hiredis reads and formats, the connection is ours. */
#include <config.h>

#include "net/redis.h"

#include "base/alloc.h"
#include "base/arena.h"
#include "net/plain.h"

#include <hiredis/hiredis.h>
#include <stdlib.h>
#include <string.h>

#define READ_BYTES 16384

struct redis {
    struct stream *stream; /* owned */
    char *name;            /* owned */
    redisReader *reader;   /* owned */
    struct arena *arena;   /* owns the reply at hand */
    size_t items;          /* of the reply at hand */
    enum redis_refusal refusal;
    uint64_t bytes_in, commands;
    bool broken;
};

/* What hiredis makes a reply of; error: it is one. */
struct node {
    struct redis_reply reply; /* the first member: lists hold pointers to it */
    bool error;
};

/* ---- Replies, made in the arena. hiredis takes NULL for want of memory. */

static void *make_node(const redisReadTask *task, enum redis_type type, struct span text,
                       int64_t number)
{
    struct redis *r = task->privdata;
    struct node *n = arena_alloc(r->arena, 1, sizeof *n);

    if (!n)
        return NULL;
    *n = (struct node){{.type = type, .text = text, .number = number},
                       task->type == REDIS_REPLY_ERROR};
    if (task->parent) {
        struct node *parent = task->parent->obj;
        const struct redis_reply **items =
            (const struct redis_reply **)(uintptr_t)parent->reply.items;
        items[task->idx] = &n->reply;
    }
    return n;
}

static void *make_text(const redisReadTask *task, char *text, size_t len)
{
    struct redis *r = task->privdata;
    struct span copy;

    return arena_copy(r->arena, span_make(text, len), &copy) ? make_node(task, REDIS_TEXT, copy, 0)
                                                             : NULL;
}

static void *make_list(const redisReadTask *task, int count)
{
    static const struct redis_reply nil = {.type = REDIS_NIL};
    struct redis *r = task->privdata;
    struct node *n = make_node(task, REDIS_LIST, span_make("", 0), 0);
    const struct redis_reply **items;

    r->items += (size_t)count;
    if (!n || count < 0 || r->items > REDIS_ITEMS_MAX)
        return NULL;
    items = arena_alloc(r->arena, (size_t)count + 1, sizeof(struct redis_reply *));
    if (!items)
        return NULL;
    for (int i = 0; i < count; i++)
        items[i] = &nil; /* until it comes */
    n->reply.items = items;
    n->reply.count = (size_t)count;
    return n;
}

static void *make_number(const redisReadTask *task, long long number)
{
    return make_node(task, REDIS_NUMBER, span_make("", 0), number);
}

static void *make_nil(const redisReadTask *task)
{
    return make_node(task, REDIS_NIL, span_make("", 0), 0);
}

static void leave(void *reply)
{
    (void)reply; /* the arena's */
}

static redisReplyObjectFunctions makers = {make_text, make_list, make_number, make_nil, leave};

/* ---- The connection. */

struct redis *redis_new(struct stream *stream, const char *name)
{
    struct redis *r = xalloc_zero(1, sizeof *r);

    r->stream = stream;
    r->name = xalloc_text(name);
    r->arena = arena_new(4 * REDIS_REPLY_MAX);
    r->reader = redisReaderCreateWithFunctions(&makers);
    bn_assert(r->reader);
    r->reader->privdata = r;
    return r;
}

void redis_free(struct redis *r)
{
    if (!r)
        return;
    redisReaderFree(r->reader);
    arena_free(r->arena);
    stream_close(r->stream);
    free(r->name);
    free(r);
}

/* ---- Refusals. */

static const struct {
    const char *word;
    enum redis_refusal refusal;
    enum err_kind kind;
    const char *says;
} refusals[] = {
    {"NOAUTH", REDIS_NOAUTH, ERR_AUTH, "it wants a password, and none is given"},
    {"WRONGPASS", REDIS_WRONGPASS, ERR_AUTH, "the password or the user is wrong, or switched off"},
    {"NOPERM", REDIS_NOPERM, ERR_DENIED, NULL},
    {"LOADING", REDIS_LOADING, ERR_BUSY, "it is loading its data set into memory"},
    {"BUSY", REDIS_BUSY, ERR_BUSY, "a script runs, and nothing else is served"},
    {"MASTERDOWN", REDIS_MASTERDOWN, ERR_BUSY, "its link with the master is down"},
    {"MISCONF", REDIS_MISCONF, ERR_BUSY, "it takes no writes: it cannot save to disk"},
    {"OOM", REDIS_OOM, ERR_BUSY, "its memory is full: maxmemory is reached"},
    {"READONLY", REDIS_READONLY, ERR_DENIED, "it is a replica, and takes no writes"},
    {"NOREPLICAS", REDIS_NOREPLICAS, ERR_BUSY, "too few replicas follow it: it takes no writes"},
    {"ERR max number of clients", REDIS_MAXCLIENTS, ERR_BUSY,
     "it takes no more connections: maxclients is reached"},
    {"-DENIED", REDIS_OTHER, ERR_DENIED, NULL},
    {"", REDIS_OTHER, ERR_PROTO, NULL},
};

static bool say_refusal(struct redis *r, struct span text, struct err *err)
{
    char words[ERR_MESSAGE_MAX];
    size_t i = 0;

    while (!span_starts(text, refusals[i].word))
        i++;
    r->refusal = refusals[i].refusal;
    return err_set(err, refusals[i].kind, "%s: %s", r->name,
                   refusals[i].says ? refusals[i].says : plain_text(text, words, sizeof words));
}

/* ---- Commands. */

static bool broken(struct redis *r)
{
    r->broken = true;
    return false;
}

/* hiredis's sentence: "Protocol error, got \"H\" as reply type byte". */
static bool say_garbage(struct redis *r, struct err *err)
{
    char words[120];

    if (r->reader->err == REDIS_ERR_OOM)
        return err_set(err, ERR_IO, "%s: the reply has more than %d elements", r->name,
                       REDIS_ITEMS_MAX);
    return err_set(err, ERR_IO, "%s: what came is not Redis' protocol: is the port right? (%s)",
                   r->name, plain_text(span_from(r->reader->errstr), words, sizeof words));
}

static bool read_reply(struct redis *r, struct node **out, const struct stream_wait *wait,
                       struct err *err)
{
    char bytes[READ_BYTES];
    size_t got, all = 0;
    void *reply = NULL;

    while (redisReaderGetReply(r->reader, &reply) == REDIS_OK && !reply) {
        if (!stream_read(r->stream, bytes, sizeof bytes, &got, wait, err))
            return false;
        all += got;
        r->bytes_in += got;
        if (got == 0)
            return err_set(err, ERR_IO, "%s: it closed the connection", r->name);
        if (all > REDIS_REPLY_MAX)
            return err_set(err, ERR_IO, "%s: the reply is larger than %zu KiB", r->name,
                           REDIS_REPLY_MAX >> 10);
        (void)redisReaderFeed(r->reader, bytes, got);
    }
    *out = reply;
    return reply || say_garbage(r, err);
}

static bool send_command(struct redis *r, const struct span *words, size_t n,
                         const struct stream_wait *wait, struct err *err)
{
    const char *argv[REDIS_COMMAND_MAX];
    size_t lens[REDIS_COMMAND_MAX];
    char *text = NULL;
    bool ok;
    int len;

    bn_assert(n <= REDIS_COMMAND_MAX);
    for (size_t i = 0; i < n; i++) {
        argv[i] = words[i].data;
        lens[i] = words[i].len;
    }
    len = redisFormatCommandArgv(&text, (int)n, argv, lens);
    bn_assert(len > 0);
    ok = stream_write(r->stream, span_make(text, (size_t)len), wait, err);
    alloc_wipe(text, (size_t)len);
    redisFreeCommand(text);
    r->commands++;
    return ok;
}

static bool ask(struct redis *r, const struct span *words, size_t n, const struct stream_wait *wait,
                const struct redis_reply **reply, struct err *err)
{
    struct node *node = NULL;

    r->refusal = REDIS_FINE;
    r->items = 0;
    arena_reset(r->arena);
    if (r->broken)
        return err_set(err, ERR_IO, "%s: the connection has broken", r->name);
    if (!send_command(r, words, n, wait, err) || !read_reply(r, &node, wait, err))
        return broken(r);
    bn_assert(node != NULL);
    if (node->error)
        return say_refusal(r, node->reply.text, err);
    *reply = &node->reply;
    return true;
}

bool redis_ask(struct redis *r, const char *const *words, const struct stream_wait *wait,
               const struct redis_reply **reply, struct err *err)
{
    struct span spans[REDIS_COMMAND_MAX];
    size_t n = 0;

    for (; words[n]; n++) {
        bn_assert(n < REDIS_COMMAND_MAX);
        spans[n] = span_from(words[n]);
    }
    return ask(r, spans, n, wait, reply, err);
}

bool redis_auth(struct redis *r, struct span user, struct span password,
                const struct stream_wait *wait, struct err *err)
{
    const struct span words[] = {SPAN("AUTH"), user.len > 0 ? user : password, password};
    const struct redis_reply *reply;

    if (password.len == 0)
        return true;
    if (ask(r, words, user.len > 0 ? 3 : 2, wait, &reply, err))
        return true;
    /* "ERR AUTH <password> called without any password configured for the default user. ..." */
    return r->refusal == REDIS_OTHER && user.len == 0 && err && err->kind == ERR_PROTO &&
           strstr(err->msg, "without any password configured");
}

enum redis_refusal redis_refusal(const struct redis *r)
{
    return r->refusal;
}

uint64_t redis_bytes_in(const struct redis *r)
{
    return r->bytes_in;
}

uint64_t redis_commands(const struct redis *r)
{
    return r->commands;
}

struct span redis_field(struct span info, const char *name)
{
    const size_t len = strlen(name);
    struct span line;

    while (span_split(&info, '\n', &line))
        if (line.len > len && line.data[len] == ':' && memcmp(line.data, name, len) == 0)
            return span_trim(span_sub(line, len + 1, line.len));
    return SPAN("");
}
