/* Whether the server lets in who has a Secret's user and password: it is tried, seldom, by the way that
 * the source itself goes, never to an address that a Secret says. User and password are wiped; of what
 * the server answers only whether it was yes is told, for its words name the user. */
#include <config.h>

#include "backends/mysql/mysql.h"
#include "base/alloc.h"
#include "base/number.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEADLINE_MS 5000
#define LOGINS_MOST 200
#define AGAIN_MS    300000  /* not before, whoever asks */
#define LATER_MS    3600000 /* nor before, when it was another Secret that changed */

enum { NAMESPACE, SECRET, HOST, USER, PASSWORD, SINCE, FIELDS };

struct trying {
    struct mysql *m;
    struct poll *poll;
    struct access access; /* to Secrets */
    struct mysql_node *node;
    int64_t now_ms; /* monotonic */
    int64_t fresh_ms;
    size_t count, hidden;
};

/* ---- Whose it is. */

/* "NAME" and "NS" of "NAME.NS.svc.cluster.local" are those of one of the cluster's services. */
static bool is_service_of(struct span host, struct span owner)
{
    const size_t slash = span_find(owner, '/', 0), dot = span_find(host, '.', 0);
    const struct span ns = span_sub(owner, 0, slash), name = span_sub(owner, slash + 1, owner.len),
                      service = span_sub(host, 0, dot), rest = span_sub(host, dot + 1, host.len),
                      variant = span_sub(service, name.len, service.len);
    const size_t end = span_find(rest, '.', 0);
    return name.len && span_eq(span_sub(service, 0, name.len), name) &&
           (!variant.len || span_starts(variant, "-")) && span_eq(span_sub(rest, 0, end), ns) &&
           (end == rest.len || span_starts(span_sub(rest, end, rest.len), ".svc"));
}

/* "HOST" of "tls:HOST:PORT"; of a service its name in the cluster. */
static bool is_reached_as(struct span host, const char *reach)
{
    const struct span way = span_from(reach);
    const size_t colon = span_find(way, ':', 0), last = span_find_last(way, ':');
    const struct span form = span_sub(way, 0, colon),
                      at = span_sub(way, colon + 1, last > colon ? last - colon - 1 : 0);
    if (span_is(form, "service") || span_is(form, "tls-service"))
        return is_service_of(host, at);
    return at.len && (span_is(form, "tcp") || span_is(form, "tls")) && span_eq_nocase(host, at);
}

static bool is_ours(const struct mysql *m, struct span host)
{
    const char *owner = ctx_setting(m->ctx, "owner"), *primary = ctx_setting(m->ctx, "primary");
    return (owner && is_service_of(host, span_from(owner))) ||
           (primary && is_reached_as(host, primary)) ||
           is_reached_as(host, ctx_setting(m->ctx, "reach"));
}

/* ---- What was found. */

static struct mysql_login *login_of(struct mysql *m, struct span key)
{
    for (size_t i = 0; i < m->nlogins; i++)
        if (span_is(key, m->logins[i].key))
            return &m->logins[i];
    m->logins = xalloc_resize(m->logins, m->nlogins + 1, sizeof(*m->logins));
    m->logins[m->nlogins] =
        (struct mysql_login){.key = xalloc_bytes(key.data, key.len), .asked_ms = INT64_MIN};
    return &m->logins[m->nlogins++];
}

static void drop_unseen(struct mysql *m)
{
    size_t kept = 0;
    for (size_t i = 0; i < m->nlogins; i++) {
        if (!m->logins[i].seen) {
            free(m->logins[i].key);
            continue;
        }
        m->logins[i].seen = false;
        m->logins[kept++] = m->logins[i];
    }
    m->nlogins = kept;
}

void mysql_forget_logins(struct mysql *m)
{
    for (size_t i = 0; i < m->nlogins; i++)
        free(m->logins[i].key);
    free(m->logins);
    m->logins = NULL;
    m->nlogins = 0;
}

static void not_known(struct mysql_login *l, const char *why)
{
    l->state = "unknown";
    (void)snprintf(l->why, sizeof(l->why), "%s", why);
}

/* A number of the server's is told without its words. */
static void judge_refusal(struct mysql_login *l, const struct err *err)
{
    char text[MYSQL_TEXT_MAX];
    l->why[0] = '\0';
    if (sql_refused_login(err)) {
        l->state = "differs";
    } else if (err->code <= 0 || sql_is_library((unsigned)err->code)) {
        not_known(l, err->msg);
    } else {
        (void)snprintf(text, sizeof(text), "the server refuses it with error %d", err->code);
        not_known(l, text);
    }
}

/* ---- Trying. */

static void try(struct trying *t, struct mysql_login *l, const char *user, const char *password)
{
    struct mysql *m = t->m;
    const struct stream_wait wait = stream_wait_for(DEADLINE_MS, ctx_stop_fd(m->ctx));
    struct access access = m->access;
    struct err err;
    access.reach = t->node->way.reach;
    struct stream *stream = access_stream(&access, &wait, NULL, &err);
    struct sql *sql = stream ? mysql_log_in(m, t->node, stream, user, password, &err) : NULL;
    m->asked++;
    l->state = "same";
    l->why[0] = '\0';
    if (!sql)
        judge_refusal(l, &err);
    m->closed_bytes += sql ? sql_bytes(sql) : 0;
    sql_close(sql);
}

/* A key of the Secret; *out is to be wiped. */
static bool read_key(const struct trying *t, char *const *f, const char *key, struct strbuf *out,
                     struct err *err)
{
    struct strbuf recipe = STRBUF_INIT(2048);
    strbuf_addf(&recipe, "secret:%s/%s/%s", f[NAMESPACE], f[SECRET], key);
    bool ok = access_recipe(&t->access, strbuf_cstr(&recipe), DEADLINE_MS, out, err);
    strbuf_clear(&recipe);
    return ok;
}

/* host, user: filled, to be wiped. user is there already where the configuration says who it is. False:
 * it is of another server, or no login at all; or, with *err, that is not known. */
static bool read_who(const struct trying *t, char *const *f, struct strbuf *host,
                     struct strbuf *user, struct err *err)
{
    err_clear(err);
    if (user->len)
        return true;
    bool ok = read_key(t, f, f[HOST], host, err);
    if (ok && !is_ours(t->m, span_trim(strbuf_span(host))))
        return false;
    ok = ok && read_key(t, f, f[USER], user, err);
    if (!ok && err->kind == ERR_NOTFOUND)
        err_clear(err);
    return ok;
}

/* What has kept it from being looked at is no answer: it is asked again the next time. */
static void not_looked_at(struct trying *t, struct mysql_login *l, const struct err *err)
{
    t->hidden += err->kind == ERR_DENIED;
    if (l->state && err->kind != ERR_DENIED)
        not_known(l, err->msg);
    else
        l->state = NULL;
    l->asked_ms = INT64_MIN;
}

static void look(struct trying *t, char *const *f, struct mysql_login *l)
{
    struct strbuf host = STRBUF_INIT(RECIPE_VALUE_MAX), user = STRBUF_INIT(RECIPE_VALUE_MAX),
                  password = STRBUF_INIT(RECIPE_VALUE_MAX);
    struct err err;
    if (!f[HOST][0])
        strbuf_adds(&user, f[USER]);
    l->asked_ms = t->now_ms;
    l->checked_ms = clock_wall_ms(ctx_clock(t->m->ctx));
    if (!read_who(t, f, &host, &user, &err)) {
        if (err.kind != ERR_NONE)
            not_looked_at(t, l, &err);
        else
            l->state = NULL;
    } else if (!read_key(t, f, f[PASSWORD], &password, &err)) {
        not_known(l, err.msg);
    } else {
        try(t, l, strbuf_cstr(&user), strbuf_cstr(&password));
    }
    strbuf_wipe(&host);
    strbuf_wipe(&user);
    strbuf_wipe(&password);
}

/* Where it is known of this Secret as it is, the row says so again. False: no memory. */
static bool take(struct trying *t, char *const *f, struct err *err)
{
    struct strbuf key = STRBUF_INIT(ROW_TEXT_MAX);
    int64_t since = 0;
    strbuf_addf(&key, "%s/%s/%s", f[NAMESPACE], f[SECRET], f[PASSWORD]);
    struct mysql_login *l = login_of(t->m, strbuf_span(&key));
    strbuf_clear(&key);
    (void)!number_parse(span_from(f[SINCE]), 0, INT64_MAX, &since);
    l->seen = true;
    if (l->asked_ms == INT64_MIN || l->since_ms != since || t->now_ms - l->asked_ms >= t->fresh_ms)
        look(t, f, l);
    l->since_ms = since;
    return !l->state ||
           secret_login_put(poll_rows(t->poll, &kind_secret_login), l, ctx_name(t->m->ctx)) ||
           err_set(err, ERR_NOMEM, "there is no memory for the logins");
}

/* ---- Which are to be tried. */

static bool take_found(struct trying *t, char *lines, struct err *err)
{
    char *f[FIELDS], *rest = lines, *line;
    bool ok = true;
    while (ok && (line = strsep(&rest, "\n")) != NULL && !ctx_stopping(t->m->ctx)) {
        size_t n = 0;
        for (char *part; n < FIELDS && (part = strsep(&line, "\t")) != NULL;)
            f[n++] = part;
        if (n == FIELDS && f[PASSWORD][0] && t->count++ < LOGINS_MOST)
            ok = take(t, f, err);
    }
    return ok;
}

/* When a Secret changed last, as far as discovery says it. */
static int64_t since_of(const struct mysql *m, const char *ns, const char *name)
{
    struct span rest = span_from(m->targets ? m->targets : ""), line;
    struct strbuf begin = STRBUF_INIT(2048);
    int64_t since = 0;
    strbuf_addf(&begin, "%s\t%s\t", ns, name);
    while (!since && span_split(&rest, '\n', &line))
        if (span_starts(line, strbuf_cstr(&begin)))
            (void)!number_parse(span_sub(line, span_find_last(line, '\t') + 1, line.len), 0,
                                INT64_MAX, &since);
    strbuf_clear(&begin);
    return since;
}

/* "USER=NAMESPACE/NAME/KEY" of the configuration, with commas between. */
static bool take_configured(struct trying *t, char *list, struct err *err)
{
    char *rest = list, *item, none[] = "", since[32];
    bool ok = true;
    while (ok && (item = strsep(&rest, ",")) != NULL && !ctx_stopping(t->m->ctx)) {
        item += strspn(item, " ");
        char *user = strsep(&item, "="), *ns = item ? strsep(&item, "/") : NULL,
             *name = item ? strsep(&item, "/") : NULL;
        char *const f[FIELDS] = {ns, name, none, user, item, since};
        if (!item || !user[0] || !ns[0] || !name[0] || !item[0])
            return err_set(err, ERR_DENIED,
                           "`logins` of source %s: each is USER=NAMESPACE/NAME/KEY",
                           ctx_name(t->m->ctx));
        (void)snprintf(since, sizeof(since), "%lld", (long long)since_of(t->m, ns, name));
        if (t->count++ < LOGINS_MOST)
            ok = take(t, f, err);
    }
    return ok;
}

static bool try_all(struct trying *t, struct err *err)
{
    const char *logins = ctx_setting(t->m->ctx, "logins");
    char *found = xalloc_text(t->m->targets ? t->m->targets : ""),
         *configured = xalloc_text(logins ? logins : "");
    bool ok = take_found(t, found, err) && (!logins || take_configured(t, configured, err));
    if (ok && t->count > LOGINS_MOST)
        poll_note(t->poll, &kind_secret_login, "the first %d of %zu", LOGINS_MOST, t->count);
    else if (ok && t->hidden)
        poll_note(t->poll, &kind_secret_login, "%zu Secret%s may not be read", t->hidden,
                  t->hidden == 1 ? "" : "s");
    free(found);
    free(configured);
    return ok;
}

bool mysql_ask_logins(void *self, struct poll *p, struct err *err)
{
    struct mysql *m = self;
    struct trying t = {.m = m,
                       .poll = p,
                       .now_ms = clock_mono_ms(ctx_clock(m->ctx)),
                       .fresh_ms = m->renewed ? LATER_MS : AGAIN_MS};
    if (!ctx_setting_true(m->ctx, "compare"))
        return err_set(err, ERR_DENIED,
                       "logins of Secrets are tried only where the configuration says so (sources: "
                       "name %s, compare: true)",
                       ctx_name(m->ctx));
    t.node = mysql_any(m, err);
    if (!t.node || !access_open_cluster(&t.access, m->ctx, err))
        return false;
    m->renewed = false;
    bool ok = try_all(&t, err);
    access_close(&t.access);
    drop_unseen(m);
    return ok;
}
