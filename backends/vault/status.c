/* The Vault itself: seal, high availability, version, clock, and what the token is worth. */
#include <config.h>

#include "backends/kubernetes/sentence.h"
#include "backends/vault/vault.h"
#include "backends/verdict.h"
#include "base/timetext.h"

#include <stdio.h>
#include <string.h>

enum {
    NAME,
    STATE,
    SEAL,
    LEADER,
    RELEASE,
    TOKEN,
    POLICIES,
    TOKEN_LEFT,
    SKEW,
    STORAGE,
    SEAL_TYPE,
    THRESHOLD,
    SHARES,
    PROGRESS,
    CLUSTER,
    TOKEN_ENDS,
    TOKEN_TTL,
    TOKEN_NAME,
    TOKEN_TYPE,
    RENEWABLE,
    TOKEN_MOST,
    LEASES,
    IRREVOCABLE,
    UNHEALTHY,
    PODS,
    PODS_OPEN,
    PODS_SEALED,
    NO_TOKEN
};

static const struct column columns[] = {
    [NAME] = {"name", "NAME", "The source's name.", VALUE_TEXT, 14, 0, COLUMN_IDENT, NULL, NULL},
    [STATE] = {VAULT_STATE, "STATE",
               "active, standby, sealed, not initialised, and what Enterprise has.", VALUE_TEXT, 15,
               0, COLUMN_NOTABLE, NULL, NULL},
    [SEAL] = {"seal", "SEAL", "Key parts given and needed while it is sealed; else its type.",
              VALUE_TEXT, 10, 20, 0, NULL, NULL},
    [LEADER] = {VAULT_LEADER, "LEADER", "The active node, as this one says.", VALUE_TEXT, 24, 30,
                COLUMN_NOTABLE, NULL, NULL},
    [RELEASE] = {"version", "VERSION", "Its version.", VALUE_TEXT, 9, 10, COLUMN_NOTABLE, NULL,
                 NULL},
    [TOKEN] = {VAULT_TOKEN, "TOKEN",
               "Whether the token is good: valid, refused, none; not had: the one"
               " that is named cannot be read.",
               VALUE_TEXT, 8, 15, COLUMN_NOTABLE, NULL, NULL},
    [POLICIES] = {"policies", "POLICIES", "What the token may do.", VALUE_LIST, 20, 35,
                  COLUMN_NOTABLE, NULL, NULL},
    [TOKEN_LEFT] = {"token-left", "LEFT", "How long the token still lives.", VALUE_DURATION, 5, 18,
                    COLUMN_RIGHT | COLUMN_LEFT, "token-ends", NULL},
    [SKEW] = {"skew", "SKEW", "How far its clock is from ours, either way.", VALUE_DURATION, 5, 40,
              COLUMN_RIGHT, NULL, NULL},
    [STORAGE] = {"storage", "STORAGE", "Where it keeps its data.", VALUE_TEXT, 8, 60, COLUMN_WIDE,
                 NULL, NULL},
    [SEAL_TYPE] = {"seal-type", "SEAL-TYPE", "shamir, or what unseals it by itself.", VALUE_TEXT,
                   10, 70, COLUMN_WIDE, NULL, NULL},
    [THRESHOLD] = {"threshold", "NEEDS", "Key parts that unseal it.", VALUE_COUNT, 5, 80,
                   COLUMN_HIDDEN, NULL, NULL},
    [SHARES] = {"shares", "SHARES", "Key parts there are.", VALUE_COUNT, 5, 80, COLUMN_HIDDEN, NULL,
                NULL},
    [PROGRESS] = {"progress", "GIVEN", "Key parts given so far.", VALUE_COUNT, 5, 80,
                  COLUMN_HIDDEN | COLUMN_NOTABLE, NULL, NULL},
    [CLUSTER] = {"cluster-name", "CLUSTER", "Its cluster's name.", VALUE_TEXT, 22, 80, COLUMN_WIDE,
                 NULL, NULL},
    [TOKEN_ENDS] = {"token-ends", "TOKEN-ENDS", "When the token ends.", VALUE_INSTANT, 20, 90,
                    COLUMN_HIDDEN, NULL, NULL},
    [TOKEN_TTL] = {"token-ttl", "TOKEN-TTL", "How long the token was made for.", VALUE_DURATION, 5,
                   90, COLUMN_HIDDEN, NULL, NULL},
    [TOKEN_NAME] = {"token-name", "TOKEN-NAME", "The token's display name.", VALUE_TEXT, 16, 85,
                    COLUMN_WIDE, NULL, NULL},
    [TOKEN_TYPE] = {"token-type", "TOKEN-TYPE", "service or batch.", VALUE_TEXT, 8, 90,
                    COLUMN_HIDDEN, NULL, NULL},
    [RENEWABLE] = {"token-renewable", "RENEWABLE", "Whether its life can be made longer.",
                   VALUE_BOOL, 5, 75, COLUMN_WIDE | COLUMN_NOTABLE, NULL, NULL},
    [TOKEN_MOST] = {"token-max-ttl", "TOKEN-MAX",
                    "How long it lives at most, however often renewed.", VALUE_DURATION, 5, 90,
                    COLUMN_HIDDEN, NULL, NULL},
    [LEASES] = {"leases", "LEASES", "Leases it keeps, where the token may read its figures.",
                VALUE_COUNT, 6, 45, COLUMN_RIGHT, NULL, NULL},
    [IRREVOCABLE] = {"irrevocable", "STUCK", "Leases that it could not revoke.", VALUE_COUNT, 5, 80,
                     COLUMN_HIDDEN | COLUMN_NOTABLE, NULL, NULL},
    [UNHEALTHY] = {"cut-off", "CUT-OFF", "A standby that cannot reach the active node.", VALUE_BOOL,
                   5, 90, COLUMN_HIDDEN, NULL, NULL},
    [PODS] = {"pods", "PODS", "Its pods and their seals, where it has several.", VALUE_LIST, 20, 50,
              COLUMN_WIDE | COLUMN_NOTABLE, NULL, NULL},
    [PODS_OPEN] = {"pods-open", "OPEN", "How many of them are open.", VALUE_COUNT, 4, 90,
                   COLUMN_HIDDEN, NULL, NULL},
    [PODS_SEALED] = {"pods-sealed", "SEALED", "How many of them are sealed.", VALUE_COUNT, 6, 90,
                     COLUMN_HIDDEN, NULL, NULL},
    [NO_TOKEN] = {"token-fault", "TOKEN-FAULT", "Why the token cannot be read.", VALUE_TEXT, 30, 90,
                  COLUMN_HIDDEN, NULL, NULL},
};

/* ---- What it answers. */

/* The state by the order in which Vault itself looks [vault http/sys_health.go]. */
static const char *state_of(const struct json_node *health)
{
    static const struct {
        const char *member;
        bool is;
        const char *state;
    } states[] = {
        {"initialized", false, "not initialised"},
        {"sealed", true, "sealed"},
        {"removed_from_cluster", true, "removed"},
        {"performance_standby", true, "read replica"},
        {"standby", true, "standby"},
    };

    const char *dr = json_node_path_text(health, "replication_dr_mode", "");
    for (size_t i = 0; i < BN_COUNT(states); i++) {
        if (i == 2 && strcmp(dr, "secondary") == 0)
            return "DR secondary";
        const struct json_node *n = json_node_get(health, states[i].member);
        if (n && json_node_true(n) == states[i].is)
            return states[i].state;
    }
    return "active";
}

/* All that sys/health answers with have their body, whatever the status; a quota (429) and a
 * proxy's 503 have another. */
static bool any_health(int status)
{
    return status == 429 || status == 501 || status == 503 || status == 530 ||
           (status >= 472 && status <= 474);
}

struct json_doc *vault_health(struct http_source *http, const char *name, struct err *err)
{
    int status = 0;
    struct json_doc *doc = http_source_get(http, "/v1/sys/health", any_health, &status, err);
    if (!doc || json_node_get(json_doc_root(doc), "initialized"))
        return doc;
    json_doc_free(doc);
    (void)err_code(err, ERR_IO, status, "%s: sys/health answers %d, and not as a Vault does", name,
                   status);
    return NULL;
}

static void put_health(const struct vault *v, struct row_writer *w, const struct json_node *health)
{
    int64_t server, now = clock_wall_ms(ctx_clock(v->ctx));
    const struct json_node *reached = json_node_get(health, "ha_connection_healthy");
    row_text(w, NAME, span_from(ctx_name(v->ctx)));
    row_text(w, STATE, span_from(state_of(health)));
    vault_put_text(w, RELEASE, health, "version");
    vault_put_text(w, CLUSTER, health, "cluster_name");
    if (reached)
        row_num(w, UNHEALTHY, !json_node_true(reached));
    if (json_node_int(json_node_get(health, "server_time_utc"), &server)) {
        int64_t ahead = server * 1000 - now; /* the server's is cut to the second */
        row_num(w, SKEW, ahead > 0 ? ahead : ahead < -1000 ? -ahead - 1000 : 0);
    }
}

static void put_seal(struct row_writer *w, const struct json_node *seal)
{
    int64_t needed = 0, given = 0;
    const char *type = json_node_path_text(seal, "type", "");
    char text[64];
    vault_put_text(w, STORAGE, seal, "storage_type");
    vault_put_text(w, SEAL_TYPE, seal, "type");
    vault_put_int(w, THRESHOLD, seal, "t");
    vault_put_int(w, SHARES, seal, "n");
    vault_put_int(w, PROGRESS, seal, "progress");
    (void)!json_node_int(json_node_get(seal, "t"), &needed);
    (void)!json_node_int(json_node_get(seal, "progress"), &given);
    if (json_node_true(json_node_get(seal, "sealed")))
        (void)snprintf(text, sizeof(text), "%lld/%lld", (long long)given, (long long)needed);
    else
        (void)snprintf(text, sizeof(text), "%s", type);
    if (text[0])
        row_text(w, SEAL, span_from(text));
}

static void put_leader(struct row_writer *w, const struct json_node *leader)
{
    const char *address = json_node_path_text(leader, "leader_address", "");
    if (json_node_true(json_node_get(leader, "ha_enabled")))
        row_text(w, LEADER, address[0] ? span_from(address) : SPAN("none"));
}

static void put_policies(struct row_writer *w, const struct json_node *list)
{
    struct strbuf all = STRBUF_INIT(ROW_TEXT_MAX);
    for (const struct json_node *n = json_node_first(list); n; n = json_node_next(n)) {
        if (!json_node_text(n))
            continue;
        if (all.len)
            strbuf_addc(&all, LIST_SEPARATOR);
        strbuf_adds(&all, json_node_text(n));
    }
    if (all.len)
        row_text(w, POLICIES, strbuf_span(&all));
    strbuf_clear(&all);
}

/* The answer holds the token itself, as `id`: it is wiped. */
static bool put_token(const struct vault *v, struct row_writer *w, struct err *err)
{
    int64_t ttl;
    if (!http_source_has_secret(v->http)) {
        row_text(w, TOKEN, v->no_token[0] ? SPAN("not had") : SPAN("none"));
        if (v->no_token[0])
            row_text(w, NO_TOKEN, span_from(v->no_token));
        return true;
    }
    struct json_doc *doc = http_source_get(v->http, "/v1/auth/token/lookup-self", NULL, NULL, err);
    const struct json_node *token = json_node_get(json_doc_root(doc), "data");
    if (!doc) { /* sealed, or too busy: not known */
        if (err->kind == ERR_DENIED)
            row_text(w, TOKEN, SPAN("refused"));
        return vault_goes_on(err);
    }
    row_text(w, TOKEN, SPAN("valid"));
    put_policies(w, json_node_get(token, "policies"));
    vault_put_time(w, TOKEN_ENDS, token, "expire_time");
    vault_put_text(w, TOKEN_NAME, token, "display_name");
    if (json_node_int(json_node_get(token, "creation_ttl"), &ttl) && ttl > 0)
        row_num(w, TOKEN_TTL, ttl * 1000);
    if (json_node_int(json_node_get(token, "explicit_max_ttl"), &ttl) && ttl > 0)
        row_num(w, TOKEN_MOST, ttl * 1000);
    if (json_node_get(token, "renewable"))
        row_num(w, RENEWABLE, json_node_true(json_node_get(token, "renewable")));
    vault_put_text(w, TOKEN_TYPE, token, "type");
    json_doc_free_wiped(doc);
    return true;
}

static void put_pods(struct row_writer *w, const struct strbuf *says,
                     const struct vault_seals *seals)
{
    if (!says->len)
        return;
    row_text(w, PODS, strbuf_span(says));
    row_num(w, PODS_OPEN, seals->open);
    row_num(w, PODS_SEALED, seals->sealed);
    if (seals->cut_off)
        row_num(w, UNHEALTHY, true);
}

/* "proxy:NS/NAME:PORT": the service that is asked. */
static void link_service(const struct vault *v, struct row_writer *w)
{
    struct span reach = span_from(ctx_setting(v->ctx, "reach"));
    size_t from = span_find(reach, ':', 0) + 1, to = span_find_last(reach, ':');
    if (span_starts(reach, "proxy") && from < to)
        row_link(w, LINK_SERVICE, 0, "service", span_sub(reach, from, to - from));
}

/* A GET that may fail by itself: what it would have said stays empty. False: the connection. */
static bool get(struct http_source *http, const char *path, struct json_doc **doc, struct err *err)
{
    *doc = http_source_get(http, path, NULL, NULL, err);
    return *doc || vault_goes_on(err);
}

/* What whoever speaks for all says: of several pods one that can, else what the service leads to. */
struct said {
    struct json_doc *health, *seal, *leader; /* owned */
};

static bool hear(const struct vault *v, struct vault_seals *pods, struct said *out, struct err *err)
{
    struct http_source *http = pods->speaker ? pods->speaker->http : v->http;
    out->health = pods->health ? pods->health : vault_health(http, ctx_name(v->ctx), err);
    pods->health = NULL;
    return out->health && get(http, "/v1/sys/seal-status", &out->seal, err) &&
           get(http, "/v1/sys/leader", &out->leader, err);
}

static bool put_row(struct vault *v, struct row_writer *w, const struct said *said, struct err *err)
{
    put_health(v, w, json_doc_root(said->health));
    put_seal(w, json_doc_root(said->seal));
    put_leader(w, json_doc_root(said->leader));
    return put_token(v, w, err) && vault_ask_leases(v, err);
}

bool vault_ask_status(void *self, struct poll *p, struct err *err)
{
    struct vault *v = self;
    struct row_writer *w = poll_rows(p, &kind_vault);
    struct strbuf says = STRBUF_INIT(ROW_TEXT_MAX);
    struct vault_seals pods;
    struct said said = {NULL, NULL, NULL};
    vault_look_for_token(v);
    bool ok = vault_pods_ask(v, &says, &pods) || err_set(err, ERR_CANCELLED, "stopped");
    ok = ok && hear(v, &pods, &said, err);
    if (ok) {
        row_begin(w, span_from(ctx_name(v->ctx)));
        ok = put_row(v, w, &said, err);
        put_pods(w, &says, &pods);
        if (v->leases.known) {
            row_num(w, LEASES, v->leases.count);
            row_num(w, IRREVOCABLE, v->leases.irrevocable);
        }
        link_service(v, w);
        ok = row_end(w) && ok;
    }
    json_doc_free(pods.health);
    json_doc_free(said.health);
    json_doc_free(said.seal);
    json_doc_free(said.leader);
    strbuf_clear(&says);
    return ok;
}

/* ---- What that means. */

#define SKEW_MS      30000
#define LEFT_LEAST   ((int64_t)10 * 60 * 1000)
#define LEFT_MOST_MS ((int64_t)3 * 24 * 3600 * 1000)

enum {
    RULE_NEW,
    RULE_SEALED,
    RULE_POD_SEALED,
    RULE_REMOVED,
    RULE_LEADERLESS,
    RULE_CUT_OFF,
    RULE_REFUSED,
    RULE_ENDED,
    RULE_ENDING,
    RULE_SKEW,
    RULE_STUCK,
    RULE_NO_TOKEN
};

static const struct rule rules[] = {
    [RULE_NEW] = {"vault-not-initialised",
                  "It was never initialised, or has lost its data: critical."},
    [RULE_SEALED] = {"vault-sealed", "It is sealed, and answers nobody: critical."},
    [RULE_POD_SEALED] = {"vault-pod-sealed",
                         "A pod of several is sealed, or was never initialised: it takes over from"
                         " none: warning."},
    [RULE_REMOVED] = {"vault-removed", "The node was removed from its cluster: critical."},
    [RULE_LEADERLESS] = {"vault-no-leader", "No node is active: critical."},
    [RULE_CUT_OFF] = {"vault-standby-cut-off",
                      "A standby that cannot reach the active node: warning."},
    [RULE_REFUSED] = {"vault-token-refused",
                      "The token is refused: wrong, ended or revoked, which Vault does not tell"
                      " apart: warning."},
    [RULE_ENDED] = {"vault-token-ended", "The token's life is over: warning.", .since = TOKEN_ENDS},
    [RULE_ENDING] = {"vault-token-ending",
                     "A tenth of the token's life is left, at most 3 days, at least 10 minutes:"
                     " warning."},
    [RULE_SKEW] = {"vault-clock-skew",
                   "Its clock is more than 30 seconds from ours: warning. Tokens end by it."},
    [RULE_STUCK] =
        {"vault-leases-irrevocable",
         "It keeps leases that it could not revoke: notice. What they gave still works."},
    [RULE_NO_TOKEN] = {"vault-token-not-had",
                       "The token that is named for it cannot be read, so only its seal is known:"
                       " unknown."},
};

/* When the token is about to end; TIME_FOREVER: it does not. */
static int64_t ending_ms(const struct store *st, struct handle row)
{
    int64_t ends = store_num(st, row, TOKEN_ENDS, TIME_FOREVER),
            before = store_num(st, row, TOKEN_TTL, 0) / 10;
    before = before > LEFT_MOST_MS ? LEFT_MOST_MS : before < LEFT_LEAST ? LEFT_LEAST : before;
    return ends == TIME_FOREVER ? ends : ends - before;
}

static struct verdict judge_token(const struct store *st, struct handle row, int64_t now_ms)
{
    int64_t ends = store_num(st, row, TOKEN_ENDS, TIME_FOREVER), ending = ending_ms(st, row);
    if (span_is(store_text(st, row, TOKEN), "refused"))
        return verdict_at(LEVEL_WARNING, RULE_REFUSED);
    if (store_text(st, row, NO_TOKEN).len)
        return verdict_at(LEVEL_UNKNOWN, RULE_NO_TOKEN);
    if (now_ms >= ends)
        return verdict_at(LEVEL_WARNING, RULE_ENDED);
    if (now_ms >= ending)
        return verdict_until(LEVEL_WARNING, RULE_ENDING, ends);
    if (store_num(st, row, IRREVOCABLE, 0))
        return verdict_until(LEVEL_NOTICE, RULE_STUCK, ending);
    return verdict_until(LEVEL_OK, 0, ending);
}

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    struct span state = store_text(st, row, STATE);
    if (span_is(state, "not initialised"))
        return verdict_at(LEVEL_CRITICAL, RULE_NEW);
    /* The service leads to any of several. */
    if (span_is(state, "sealed") && !store_num(st, row, PODS_OPEN, 0))
        return verdict_at(LEVEL_CRITICAL, RULE_SEALED);
    if (span_is(state, "removed"))
        return verdict_at(LEVEL_CRITICAL, RULE_REMOVED);
    if (span_is(store_text(st, row, LEADER), "none"))
        return verdict_at(LEVEL_CRITICAL, RULE_LEADERLESS);
    if (store_num(st, row, PODS_SEALED, 0))
        return verdict_at(LEVEL_WARNING, RULE_POD_SEALED);
    if (store_num(st, row, UNHEALTHY, 0))
        return verdict_at(LEVEL_WARNING, RULE_CUT_OFF);
    if (store_num(st, row, SKEW, 0) > SKEW_MS)
        return verdict_at(LEVEL_WARNING, RULE_SKEW);
    return judge_token(st, row, now_ms);
}

static void says_sealed(const struct store *st, struct handle row, struct strbuf *out)
{
    strbuf_adds(out, "sealed");
    if (store_num(st, row, THRESHOLD, 0))
        strbuf_addf(out, ": %lld of %lld key parts given",
                    (long long)store_num(st, row, PROGRESS, 0),
                    (long long)store_num(st, row, THRESHOLD, 0));
    strbuf_adds(out, "; Secrets keep what they have, new ones are not made");
}

/* "sealed: vault-1 1/3, vault-2 0/3" of those of which it is said so. */
static void says_those(struct span all, struct span so, const char *what, struct strbuf *out)
{
    struct span one;
    size_t n = 0;
    while (all.len && span_split(&all, LIST_SEPARATOR, &one)) {
        const size_t at = span_search(one, so, false);
        if (at == one.len)
            continue;
        strbuf_addf(out, "%s%.*s%.*s", n++ ? ", " : what, SPAN_ARG(span_sub(one, 0, at)),
                    SPAN_ARG(span_sub(one, at + so.len, one.len)));
    }
    if (n)
        strbuf_adds(out, "; ");
}

static void says_pods(const struct store *st, struct handle row, struct strbuf *out)
{
    const long long open = store_num(st, row, PODS_OPEN, 0);
    says_those(store_text(st, row, PODS), SPAN(" sealed"), "sealed: ", out);
    says_those(store_text(st, row, PODS), SPAN(" not initialised"),
               "not initialised, so in no cluster: ", out);
    strbuf_addf(out, "%lld pod%s open", open, open == 1 ? " is" : "s are");
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    char text[TIMETEXT_MAX];
    switch (v->rule) {
    case RULE_SEALED:
        says_sealed(st, row, out);
        break;
    case RULE_POD_SEALED:
        says_pods(st, row, out);
        break;
    case RULE_NEW:
        strbuf_adds(out, "not initialised: it is new, or its data is gone");
        break;
    case RULE_REMOVED:
        strbuf_adds(out, "this node was removed from its cluster");
        break;
    case RULE_LEADERLESS:
        strbuf_adds(out, "no node is active: nothing is written, nothing is renewed");
        break;
    case RULE_CUT_OFF:
        strbuf_addf(out, "standby does not reach the active node %.*s",
                    SPAN_ARG(store_text(st, row, LEADER)));
        break;
    case RULE_REFUSED:
        strbuf_adds(out, "its token is refused: wrong, ended or revoked");
        break;
    case RULE_NO_TOKEN:
        strbuf_adds(out, "only its seal is known");
        sentence_cause(out, store_text(st, row, NO_TOKEN));
        break;
    case RULE_ENDED:
        strbuf_adds(out, "its token has ended");
        sentence_ago(out, store_num(st, row, TOKEN_ENDS, now_ms), now_ms);
        break;
    case RULE_ENDING:
        duration_format_short(store_num(st, row, TOKEN_ENDS, now_ms) - now_ms, text);
        strbuf_addf(out, "its token ends in %s", text);
        if (!store_num(st, row, RENEWABLE, 1))
            strbuf_adds(out, " and cannot be renewed");
        break;
    case RULE_STUCK:
        strbuf_addf(out, "%lld of %lld leases could not be revoked",
                    (long long)store_num(st, row, IRREVOCABLE, 0),
                    (long long)store_num(st, row, LEASES, 0));
        break;
    default:
        duration_format_short(store_num(st, row, SKEW, 0), text);
        strbuf_addf(out, "its clock is %s from ours", text);
        break;
    }
}

const struct kind kind_vault = {
    .name = "vault",
    .plural = "vaults",
    .aliases = "",
    .title = "Vaults",
    .help = "Each Vault or OpenBao: seal, leader, version, clock, the token's life.",
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "level desc,name",
};

/* "active, leader vault-0, token 6h": of one; of several how many are active. */
void vault_says(const struct store *st, int64_t now_ms, struct system_parts *parts)
{
    int kind = store_kind_find(st, SPAN("vault"));
    struct handle row;
    uint32_t at = 0;
    struct strbuf *out = NULL;
    while (store_next(st, (uint16_t)kind, &at, &row)) {
        struct span leader = store_text(st, row, LEADER), version = store_text(st, row, RELEASE);
        int64_t ends = store_num(st, row, TOKEN_ENDS, TIME_NONE);
        char text[TIMETEXT_MAX];
        if (out)
            strbuf_adds(out, "; ");
        else
            out = system_part(parts);
        strbuf_addf(out, "%.*s", SPAN_ARG(store_text(st, row, STATE)));
        if (leader.len)
            strbuf_addf(system_part(parts), "leader %.*s", SPAN_ARG(leader));
        if (version.len)
            strbuf_addf(system_part(parts), "%.*s", SPAN_ARG(version));
        if (store_num(st, row, PODS_SEALED, 0))
            strbuf_addf(system_part(parts), "%lld of its pods sealed",
                        (long long)store_num(st, row, PODS_SEALED, 0));
        if (ends != TIME_NONE && ends > now_ms) {
            duration_format_short(ends - now_ms, text);
            strbuf_addf(system_part(parts), "token %s", text);
        }
    }
    if (!out)
        strbuf_adds(system_part(parts), "none found");
}
