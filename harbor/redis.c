/* Redis' protocol as its servers on the platform speak it [transcripts of Redis 7.0.15]. What INFO
 * says is harbor/data/redis/info.txt; who follows whom is as the pods are. */
#include <config.h>

#include "harbor/redis.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/number.h"
#include "harbor/command.h"
#include "harbor/json_parts.h"
#include "harbor/secrets.h"
#include "harbor/sentinel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INFO_MAX          ((size_t)256 << 10)
#define LATENCY_THRESHOLD "100" /* ms; 0 by default */
#define WORDS_MAX         16
#define WORD_MAX          4096

/* What is other than well, of one pod. */
struct redis_state {
    struct redis_state *next;
    char *pod;            /* owned; "NAMESPACE/NAME" */
    struct strbuf fields; /* "FIELD:VALUE\n" each; the last of a field counts */
    char *refusal;        /* owned; NULL: none */
    struct strbuf gone;   /* " ID " of each client that was ended */
    bool no_slow;         /* its slow log was emptied */
    char role;            /* 'm', 's'; '\0': as the pod is labelled */
};

static bool is_ready(const struct object *pod)
{
    return condition_is(member(pod->json, "status"), "Ready", "True");
}

/* With sentinels any may be it. */
static bool is_node(const struct object *pod)
{
    return strcmp(label_of(pod, "app.kubernetes.io/component"), "node") == 0;
}

static bool is_labelled_master(const struct object *pod)
{
    return strcmp(label_of(pod, "app.kubernetes.io/component"), "master") == 0 ||
           (is_node(pod) && span_ends(span_from(pod->name), "-0"));
}

bool redis_is(const struct object *pod)
{
    return strcmp(label_of(pod, "app.kubernetes.io/name"), "redis") == 0 &&
           (is_node(pod) || is_labelled_master(pod) ||
            strcmp(label_of(pod, "app.kubernetes.io/component"), "replica") == 0);
}

/* ---- States. */

static struct redis_state **state_at(const struct server *server, const char *key)
{
    struct redis_state **at = (struct redis_state **)(uintptr_t)&server->redis_states;
    while (*at && strcmp((*at)->pod, key) != 0)
        at = &(*at)->next;
    return at;
}

static const struct redis_state *state_of(const struct server *server, const struct object *pod)
{
    struct strbuf key = STRBUF_INIT(1024);
    strbuf_addf(&key, "%s/%s", pod->ns, pod->name);
    const struct redis_state *s = *state_at(server, strbuf_cstr(&key));
    strbuf_clear(&key);
    return s;
}

static struct redis_state *make_state(struct server *server, const char *key)
{
    struct redis_state **at = state_at(server, key);
    if (!*at) {
        *at = xalloc_zero(1, sizeof(**at));
        (*at)->pod = xalloc_text(key);
        (*at)->fields = (struct strbuf)STRBUF_INIT(INFO_MAX);
        (*at)->gone = (struct strbuf)STRBUF_INIT(INFO_MAX);
    }
    return *at;
}

static struct redis_state *make_state_of(struct server *server, const struct object *pod)
{
    struct strbuf key = STRBUF_INIT(1024);
    strbuf_addf(&key, "%s/%s", pod->ns, pod->name);
    struct redis_state *s = make_state(server, strbuf_cstr(&key));
    strbuf_clear(&key);
    return s;
}

static bool is_master(const struct server *server, const struct object *pod)
{
    const struct redis_state *s = state_of(server, pod);
    return s && s->role ? s->role == 'm' : is_labelled_master(pod);
}

bool redis_command(struct server *server, struct span rest, struct strbuf *answer, struct err *err)
{
    struct span ns = command_word(&rest), name = command_word(&rest), what = command_word(&rest);
    struct strbuf key = STRBUF_INIT(1024);
    (void)answer;
    strbuf_addf(&key, "%.*s/%.*s", SPAN_ARG(ns), SPAN_ARG(name));
    struct redis_state *s = make_state(server, strbuf_cstr(&key));
    strbuf_clear(&key);
    if (span_is(what, "set") && span_find(rest, ':', 0) < rest.len) {
        strbuf_addf(&s->fields, "%.*s\n", SPAN_ARG(rest));
    } else if (span_is(what, "refuse") && rest.len) {
        free(s->refusal);
        s->refusal = xalloc_bytes(rest.data, rest.len);
    } else if (span_is(what, "well")) {
        strbuf_truncate(&s->fields, 0);
        free(s->refusal);
        s->refusal = NULL;
    } else {
        return err_set(err, ERR_CONFIG,
                       "redis wants NAMESPACE POD and set FIELD:VALUE, refuse TEXT or well");
    }
    return true;
}

void redis_states_free(struct server *server)
{
    while (server->redis_states) {
        struct redis_state *s = server->redis_states;
        server->redis_states = s->next;
        strbuf_clear(&s->fields);
        strbuf_clear(&s->gone);
        free(s->pod);
        free(s->refusal);
        free(s);
    }
}

/* ---- INFO. */

static int64_t seconds_of(const struct server *server)
{
    return objects_passed(server->objects) / 1000;
}

/* The next pod of the same release; *at = 0 starts. */
static const struct object *next_of(const struct server *server, const struct object *pod,
                                    size_t *at)
{
    size_t from = objects_from(server->objects, pod->resource, span_from(pod->ns), SPAN(""));
    for (size_t i = from + *at; i < objects_count(server->objects); i++) {
        const struct object *o = objects_at(server->objects, i);
        if (o->resource != pod->resource || strcmp(o->ns, pod->ns) != 0)
            break;
        if (!redis_is(o) || is_node(o) != is_node(pod))
            continue;
        *at = i + 1 - from;
        return o;
    }
    return NULL;
}

static const char *address_of(const struct object *pod)
{
    return json_member(member(pod->json, "status"), "podIP");
}

/* The last that was set of a field; empty: none. */
static struct span set_field(const struct redis_state *s, struct span line)
{
    const size_t colon = span_find(line, ':', 0);
    struct span rest = s ? strbuf_span(&s->fields) : SPAN(""), one, found = SPAN("");
    while (colon < line.len && span_split(&rest, '\n', &one))
        if (one.len > colon && span_eq(span_sub(one, 0, colon + 1), span_sub(line, 0, colon + 1)))
            found = one;
    return found;
}

/* A replica that has lost its link is none that its master lists. */
static bool is_linked(const struct server *server, const struct object *pod)
{
    return !span_is(set_field(state_of(server, pod), SPAN("master_link_status:")),
                    "master_link_status:down");
}

static void add_replicas(const struct server *server, const struct object *master,
                         struct strbuf *out)
{
    struct strbuf lines = STRBUF_INIT(8192);
    const int64_t offset = 70112233 + 4096 * seconds_of(server);
    const struct object *o;
    size_t at = 0;
    int n = 0;
    while ((o = next_of(server, master, &at)) != NULL)
        if (!is_master(server, o) && is_ready(o) && is_linked(server, o))
            strbuf_addf(&lines, "slave%d:ip=%s,port=6379,state=online,offset=%lld,lag=0\n", n++,
                        address_of(o), (long long)offset);
    strbuf_addf(out, "# Replication\nrole:master\nconnected_slaves:%d\n%smaster_repl_offset:%lld\n",
                n, strbuf_cstr(&lines), (long long)offset);
    strbuf_adds(out, "repl_backlog_active:1\nrepl_backlog_size:1048576\n"
                     "repl_backlog_histlen:1048576\n");
    strbuf_clear(&lines);
}

static void add_link(const struct server *server, const struct object *replica, struct strbuf *out)
{
    const struct object *master;
    size_t at = 0;
    do
        master = next_of(server, replica, &at);
    while (master && !is_master(server, master));
    const bool up = master && is_ready(master);
    strbuf_addf(out,
                "# Replication\nrole:slave\nmaster_host:%s.redis-headless.%s.svc.cluster.local\n"
                "master_port:6379\n"
                "master_link_status:%s\nmaster_last_io_seconds_ago:%d\nmaster_sync_in_progress:0\n"
                "slave_repl_offset:%lld\n%sconnected_slaves:0\nrepl_backlog_size:1048576\n",
                master ? master->name : "redis-master-0", replica->ns, up ? "up" : "down",
                up ? 1 : -1, 70112233LL + 4096LL * seconds_of(server),
                up ? "" : "master_link_down_since_seconds:45\n");
}

/* "@5184000+1@": that, and so much more a second since the start. */
static void add_counted(const struct server *server, struct span line, struct strbuf *out)
{
    const size_t at = span_find(line, '@', 0), plus = span_find(line, '+', at),
                 end = span_find(line, '@', at + 1);
    int64_t base, rate;
    if (end < line.len &&
        number_parse(span_sub(line, at + 1, plus - at - 1), 0, INT64_MAX / 2, &base) &&
        number_parse(span_sub(line, plus + 1, end - plus - 1), 0, 1000000, &rate))
        strbuf_addf(out, "%.*s%lld\n", SPAN_ARG(span_sub(line, 0, at)),
                    (long long)base + (long long)rate * seconds_of(server));
    else
        strbuf_addf(out, "%.*s\n", SPAN_ARG(line));
}

static void make_info(struct server *server, const struct object *pod, struct strbuf *out)
{
    struct strbuf text = STRBUF_INIT(INFO_MAX), whole = STRBUF_INIT(INFO_MAX);
    const struct redis_state *s = state_of(server, pod);
    struct span rest, line;
    strbuf_addf(&text, "%s/redis/info.txt", server->folder);
    char *path = strbuf_take(&text);
    if (!file_read(path, &text, NULL))
        strbuf_adds(&text, "# Server\n");
    free(path);
    for (rest = strbuf_span(&text); span_split(&rest, '\n', &line);) {
        if (!span_is(line, "@replication@"))
            add_counted(server, line, &whole);
        else
            (is_master(server, pod) ? add_replicas : add_link)(server, pod, &whole);
    }
    if (s) /* what was set comes first, and the template's then not again */
        for (rest = strbuf_span(&s->fields); span_split(&rest, '\n', &line);)
            if (line.len && span_eq(set_field(s, line), line))
                strbuf_addf(out, "%.*s\r\n", SPAN_ARG(line));
    for (rest = strbuf_span(&whole); span_split(&rest, '\n', &line);)
        if (!set_field(s, line).len)
            strbuf_addf(out, "%.*s\r\n", SPAN_ARG(line));
    strbuf_clear(&text);
    strbuf_clear(&whole);
}

/* The Secret of its release. */
static bool is_password(const struct server *server, const struct object *pod, struct span text)
{
    struct strbuf own = STRBUF_INIT(4096);
    const bool is =
        secret_value(server->objects, pod->ns, label_of(pod, "app.kubernetes.io/instance"),
                     "redis-password", &own) &&
        span_eq(text, strbuf_span(&own));
    strbuf_wipe(&own);
    return is;
}

static void put_bulk(struct strbuf *out, struct span text)
{
    strbuf_addf(out, "$%zu\r\n", text.len);
    strbuf_add(out, text);
    strbuf_adds(out, "\r\n");
}

/* ---- What changes something. */

static const struct {
    int id;
    const char *line;
} clients[] = {
    {7,
     "addr=10.2.1.14:40112 laddr=10.2.1.9:6379 fd=8 name= age=86412 idle=0 flags=S db=0 sub=0 psub=0 "
     "multi=-1 qbuf=0 qbuf-free=0 argv-mem=0 obl=0 oll=0 omem=0 tot-mem=22272 events=r "
     "cmd=replconf user=default redir=-1 resp=2"},
    {19,
     "addr=10.2.2.31:51522 laddr=10.2.1.9:6379 fd=11 name=kimai age=3607 idle=2 flags=N db=0 sub=0 "
     "psub=0 multi=-1 qbuf=0 qbuf-free=20474 argv-mem=0 obl=0 oll=0 omem=0 tot-mem=22298 events=r "
     "cmd=get user=default redir=-1 resp=2"},
    {23,
     "addr=10.2.3.8:38846 laddr=10.2.1.9:6379 fd=14 name=n8n age=911 idle=903 flags=b db=1 sub=0 "
     "psub=0 multi=-1 qbuf=0 qbuf-free=0 argv-mem=0 obl=0 oll=0 omem=0 tot-mem=22298 events=r "
     "cmd=blpop user=default redir=-1 resp=2"},
};

static bool is_gone(const struct redis_state *s, int id)
{
    char text[16];
    (void)snprintf(text, sizeof(text), " %d ", id);
    return s && strstr(strbuf_cstr(&s->gone), text);
}

/* "CLIENT LIST", "CLIENT KILL ID n" [a Redis 7.0.15] */
static void answer_client(struct redis_state *s, const struct span *words, size_t n,
                          struct strbuf *out)
{
    struct strbuf list = STRBUF_INIT(INFO_MAX);
    int64_t id;
    int ended = 0;
    for (size_t i = 0; i < BN_COUNT(clients); i++)
        if (!is_gone(s, clients[i].id))
            strbuf_addf(&list, "id=%d %s\n", clients[i].id, clients[i].line);
    if (n == 4 && span_eq_nocase(words[1], SPAN("KILL")) && span_eq_nocase(words[2], SPAN("ID")) &&
        number_parse(words[3], 0, INT64_MAX, &id)) {
        for (size_t i = 0; i < BN_COUNT(clients); i++)
            ended += clients[i].id == id && !is_gone(s, clients[i].id);
        strbuf_addf(&s->gone, " %lld ", (long long)id);
        strbuf_addf(out, ":%d\r\n", ended);
    } else {
        put_bulk(out, strbuf_span(&list));
    }
    strbuf_clear(&list);
}

/* "FAILOVER TO HOST PORT ...": HOST may be a pod's address or its name within the headless service. */
static void answer_failover(struct server *server, const struct object *pod,
                            const struct span *words, size_t n, struct strbuf *out)
{
    const struct object *o;
    size_t at = 0;
    if (!is_master(server, pod)) {
        strbuf_adds(out, "-ERR FAILOVER is not valid when server is a replica.\r\n");
        return;
    }
    while (n > 2 && (o = next_of(server, pod, &at)) != NULL) {
        bool named = span_is(words[2], address_of(o)) ||
                     (span_starts(words[2], o->name) && words[2].len > strlen(o->name) &&
                      words[2].data[strlen(o->name)] == '.');
        if (!named || o == pod)
            continue;
        make_state_of(server, o)->role = 'm';
        make_state_of(server, pod)->role = 's';
        strbuf_adds(out, "+OK\r\n");
        return;
    }
    strbuf_adds(out, "-ERR FAILOVER target HOST and PORT is not a replica.\r\n");
}

static bool answer_deed(struct server *server, const struct object *pod, const struct span *words,
                        size_t n, struct strbuf *out)
{
    struct redis_state *s = make_state_of(server, pod);
    if (span_eq_nocase(words[0], SPAN("CLIENT"))) {
        answer_client(s, words, n, out);
    } else if (span_eq_nocase(words[0], SPAN("FAILOVER"))) {
        answer_failover(server, pod, words, n, out);
    } else if (span_eq_nocase(words[0], SPAN("BGSAVE"))) {
        strbuf_addf(&s->fields,
                    "rdb_last_save_time:%lld\nrdb_changes_since_last_save:0\nrdb_saves:1\n",
                    (long long)(objects_now(server->objects) / 1000));
        strbuf_adds(out, "+Background saving started\r\n");
    } else {
        return false;
    }
    return true;
}

/* ---- The slow log: what took over 10 ms [a Redis 7.0.15]. */

static const struct {
    int id, ago_s, us;
    const char *words[4]; /* NULL ends */
    const char *client, *name;
} slow_ones[] = {
    {48, 190, 301846, {"KEYS", "*", NULL}, "10.2.4.19:49480", ""},
    {47, 1260, 46857, {"FLUSHDB", "ASYNC", NULL}, "10.2.2.31:51522", "kimai"},
    {46,
     4020,
     45889,
     {"EVAL", "local x=0 for i=1,3000000 do x=x+i end return x", "0", NULL},
     "10.2.3.8:38846",
     "n8n"},
    {45, 21600, 14216, {"ZADD", "prefect:runs", "1770950000", NULL}, "10.2.5.7:40210", ""},
    {44, 40300, 12037, {"HGETALL", "sessions", NULL}, "10.2.2.31:51522", "kimai"},
};

static void put_slow(const struct server *server, size_t i, struct strbuf *out)
{
    size_t words = 0;
    while (slow_ones[i].words[words])
        words++;
    strbuf_addf(
        out, "*6\r\n:%d\r\n:%lld\r\n:%d\r\n*%zu\r\n", slow_ones[i].id,
        (long long)((objects_now(server->objects) - objects_passed(server->objects)) / 1000 -
                    slow_ones[i].ago_s),
        slow_ones[i].us, words);
    for (size_t w = 0; w < words; w++)
        put_bulk(out, span_from(slow_ones[i].words[w]));
    put_bulk(out, span_from(slow_ones[i].client));
    put_bulk(out, span_from(slow_ones[i].name));
}

/* "SLOWLOG GET", "SLOWLOG LEN", "SLOWLOG RESET" */
static void answer_slow(struct server *server, const struct object *pod, struct span what,
                        struct strbuf *out)
{
    struct redis_state *s = make_state_of(server, pod);
    struct strbuf list = STRBUF_INIT(INFO_MAX);
    size_t n = 0;
    for (; n < BN_COUNT(slow_ones) && is_master(server, pod) && !s->no_slow; n++)
        put_slow(server, n, &list);
    if (span_eq_nocase(what, SPAN("RESET"))) {
        s->no_slow = true;
        strbuf_adds(out, "+OK\r\n");
    } else if (span_eq_nocase(what, SPAN("LEN"))) {
        strbuf_addf(out, ":%zu\r\n", n);
    } else {
        strbuf_addf(out, "*%zu\r\n%s", n, strbuf_cstr(&list));
    }
    strbuf_clear(&list);
}

/* What the slow log's KEYS has done to the one that it was asked of: event, when, last, most. */
static void answer_latency(const struct server *server, const struct object *pod,
                           struct strbuf *out)
{
    const int64_t begun = objects_now(server->objects) - objects_passed(server->objects);
    if (!is_master(server, pod)) {
        strbuf_adds(out, "*0\r\n");
        return;
    }
    strbuf_adds(out, "*1\r\n*4\r\n");
    put_bulk(out, SPAN("command"));
    strbuf_addf(out, ":%lld\r\n:%d\r\n:%d\r\n", (long long)(begun / 1000 - slow_ones[0].ago_s),
                slow_ones[0].us / 1000, slow_ones[0].us / 1000);
}

/* ---- Commands. */

static void answer_command(struct server *server, const struct object *pod, bool *authorized,
                           const struct span *words, size_t n, struct strbuf *out)
{
    const struct redis_state *s = state_of(server, pod);
    struct strbuf info = STRBUF_INIT(INFO_MAX);
    if (span_eq_nocase(words[0], SPAN("AUTH"))) {
        *authorized = n > 1 && is_password(server, pod, words[n - 1]);
        strbuf_adds(out, *authorized ? "+OK\r\n"
                                     : "-WRONGPASS invalid username-password pair or user is "
                                       "disabled.\r\n");
    } else if (!*authorized) {
        strbuf_adds(out, "-NOAUTH Authentication required.\r\n");
    } else if (s && s->refusal && /* INFO is served but for a script */
               (!span_eq_nocase(words[0], SPAN("INFO")) || strncmp(s->refusal, "BUSY ", 5) == 0)) {
        strbuf_addf(out, "-%s\r\n", s->refusal);
    } else if (span_eq_nocase(words[0], SPAN("PING"))) {
        strbuf_adds(out, "+PONG\r\n");
    } else if (span_eq_nocase(words[0], SPAN("INFO"))) {
        make_info(server, pod, &info);
        put_bulk(out, strbuf_span(&info));
    } else if (span_eq_nocase(words[0], SPAN("CONFIG"))) {
        strbuf_adds(out, "*2\r\n");
        put_bulk(out, n > 2 ? words[2] : SPAN(""));
        put_bulk(out, n > 2 && span_is(words[2], "latency-monitor-threshold")
                          ? SPAN(LATENCY_THRESHOLD)
                          : SPAN(""));
    } else if (span_eq_nocase(words[0], SPAN("SENTINEL")) && n > 1 && is_node(pod)) {
        sentinel_answer(server, pod, s ? strbuf_span(&s->fields) : SPAN(""), words[1], out);
    } else if (span_eq_nocase(words[0], SPAN("LATENCY"))) {
        answer_latency(server, pod, out);
    } else if (span_eq_nocase(words[0], SPAN("SLOWLOG"))) {
        answer_slow(server, pod, n > 1 ? words[1] : SPAN(""), out);
    } else if (!answer_deed(server, pod, words, n, out)) {
        strbuf_addf(out, "-ERR unknown command '%.*s'\r\n", SPAN_ARG(words[0]));
    }
    strbuf_clear(&info);
}

/* "$4\r\nAUTH\r\n" and "*2\r\n": the number behind the sign, and how long the line is. False: it is
 * not whole yet, or *bad. */
static bool read_number(struct span in, char sign, int64_t most, int64_t *number, size_t *used,
                        bool *bad)
{
    const size_t end = span_search(in, SPAN("\r\n"), false);
    *bad = in.len && in.data[0] != sign;
    if (*bad || end == in.len)
        return false;
    *used = end + 2;
    *bad = !number_parse(span_sub(in, 1, end - 1), 0, most, number);
    return !*bad;
}

static bool read_command(struct span in, struct span *words, size_t *n, size_t *used, bool *bad)
{
    int64_t count = 0, len = 0;
    size_t line = 0;
    if (!read_number(in, '*', WORDS_MAX, &count, used, bad))
        return false;
    for (*n = 0; *n < (size_t)count; (*n)++) {
        const struct span rest = span_sub(in, *used, in.len);
        if (!read_number(rest, '$', WORD_MAX, &len, &line, bad) ||
            rest.len < line + (size_t)len + 2)
            return false;
        words[*n] = span_sub(rest, line, (size_t)len);
        *used += line + (size_t)len + 2;
    }
    *bad = count == 0;
    return count > 0;
}

bool redis_answer(struct server *server, const struct object *pod, bool *authorized,
                  struct strbuf *in, struct strbuf *out)
{
    struct span words[WORDS_MAX];
    size_t n, used;
    bool bad = false;
    while (read_command(strbuf_span(in), words, &n, &used, &bad)) {
        asked_redis(server->asked, words, n);
        answer_command(server, pod, authorized, words, n, out);
        strbuf_consume(in, used);
    }
    if (bad)
        strbuf_adds(out, "-ERR Protocol error\r\n");
    return !bad;
}
