/* Questions about one name: which zone it is in, what each of the zone's name servers says of it, what
 * the resolver says, whose it is by external-dns's TXT records in both forms. */
#include <config.h>

#include "backends/dns/dns.h"
#include "base/alloc.h"
#include "net/probe.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEIGHBOUR     "binnacle-asks-for-a-wildcard"
#define QUESTIONS_MAX 32
#define CHAIN_MAX     8

enum role {
    ROLE_ZONE,
    ROLE_SERVER,
    ROLE_SAID,
    ROLE_RESOLVER,
    ROLE_NEIGHBOUR,
    ROLE_TARGET,
    ROLE_TXT
};

/* Forms of the name of a TXT record of external-dns: up to 0.17 the record's own, since 0.12 with
 * its type before it [external-dns registry/txt.go]. */
static const char *const forms[] = {"", "a-", "cname-", "aaaa-"};
#define FORMS 4

/* One question; what is handed back with its answer. */
struct question {
    struct dns_inquiry *q;
    enum role role;
    size_t index;
    enum dns_type type;
    char name[DNS_NAME_MAX];
};

struct dns_inquiry {
    struct dns_asking a;
    char name[DNS_NAME_MAX];
    char *targets; /* owned */
    struct question questions[QUESTIONS_MAX];
    size_t asked, open;
    bool done;
    struct dns_owner owners[FORMS + 1]; /* by form; the last is the neighbour's */
    struct dns_finding f;
};

static void on_answer(void *context, const struct dns_answer *answer);

/* ---- Asking. */

static struct question *next_question(struct dns_inquiry *q, enum role role, size_t index,
                                      const char *name, enum dns_type type)
{
    bn_assert(q->asked < QUESTIONS_MAX);
    struct question *one = &q->questions[q->asked++];
    one->q = q;
    one->role = role;
    one->index = index;
    one->type = type;
    (void)snprintf(one->name, sizeof(one->name), "%s", name);
    q->open++;
    return one;
}

static void ask_resolver(struct dns_inquiry *q, enum role role, size_t index, const char *name,
                         enum dns_type type)
{
    struct question *one = next_question(q, role, index, name, type);
    dns_ask(q->a.dns, one->name, type, on_answer, one);
}

static void ask_server(struct dns_inquiry *q, size_t server, enum role role, size_t index,
                       const char *name, enum dns_type type)
{
    const struct dns_server *s = &q->f.servers[server];
    struct question *one = next_question(q, role, index, name, type);
    dns_ask_at(q->a.dns, s->address, s->mapped, one->name, type, on_answer, one);
}

static const enum dns_type addresses[] = {DNS_A, DNS_AAAA};

/* The addresses of both families. */
static void ask_resolver_both(struct dns_inquiry *q, enum role role, size_t index, const char *name)
{
    for (size_t i = 0; i < BN_COUNT(addresses); i++)
        ask_resolver(q, role, index, name, addresses[i]);
}

static void ask_server_both(struct dns_inquiry *q, size_t server, enum role role, size_t index,
                            const char *name)
{
    for (size_t i = 0; i < BN_COUNT(addresses); i++)
        ask_server(q, server, role, index, name, addresses[i]);
}

/* ---- What an answer says of a name. */

static int compare_addresses(const void *a, const void *b)
{
    return strcmp(a, b);
}

static const struct dns_record *find_cname(const struct dns_message *m, const char *name)
{
    for (size_t i = 0; i < m->count; i++)
        if (m->records[i].type == DNS_CNAME && strcmp(m->records[i].name, name) == 0)
            return &m->records[i];
    return NULL;
}

static void note_ttl(struct dns_said *s, uint32_t ttl_s)
{
    if (s->count + (s->cname[0] != '\0') <= 1 || ttl_s < s->ttl_s)
        s->ttl_s = ttl_s;
}

/* The addresses at the end of its aliases. */
static void read_addresses(const struct dns_message *m, const struct question *one,
                           struct dns_said *s)
{
    const char *name = one->name;
    const struct dns_record *alias;
    for (int i = 0; i < CHAIN_MAX && (alias = find_cname(m, name)) != NULL; i++) {
        name = alias->text;
        if (!s->cname[0])
            (void)snprintf(s->cname, sizeof(s->cname), "%.255s", name);
        note_ttl(s, alias->ttl_s);
    }
    for (size_t i = 0; i < m->count && s->count < DNS_SET_MAX; i++) {
        const struct dns_record *r = &m->records[i];
        if (r->type != one->type || strcmp(r->name, name) != 0)
            continue;
        (void)snprintf(s->addresses[s->count++], sizeof(s->addresses[0]), "%.45s", r->text);
        note_ttl(s, r->ttl_s);
    }
    qsort(s->addresses, s->count, sizeof(s->addresses[0]), compare_addresses);
}

/* Of the answers to A and AAAA: addresses of either count, then what keeps them from being known,
 * then that there are none. */
static int weight_of(enum dns_outcome outcome)
{
    return outcome == DNS_FINE ? 3 : outcome == DNS_NO_NAME ? 0 : outcome == DNS_NOTHING ? 1 : 2;
}

static void read_said(const struct question *one, const struct dns_answer *answer,
                      struct dns_said *s)
{
    if (answer->message && answer->outcome == DNS_FINE)
        read_addresses(answer->message, one, s);
    if (s->asked && weight_of(s->outcome) >= weight_of(answer->outcome))
        return;
    s->asked = true;
    s->outcome = answer->outcome;
    s->says = answer->says;
    s->authoritative = answer->message && answer->message->authoritative;
}

/* "heritage=external-dns,external-dns/owner=X,external-dns/resource=ingressroute/shop/web", in
 * quotation marks where version 0.14 and later wrote it [external-dns endpoint/labels.go]. */
static void read_owner(const struct question *one, const struct dns_message *m,
                       struct dns_owner *out)
{
    for (size_t i = 0; m && i < m->count; i++) {
        const struct dns_record *r = &m->records[i];
        struct span rest = span_from(r->text), part;
        if (r->type != DNS_TXT || strcmp(r->name, one->name) != 0 ||
            !strstr(r->text, "heritage=external-dns"))
            continue;
        while (span_split(&rest, ',', &part)) {
            struct span value = span_sub(part, span_find(part, '=', 0) + 1, part.len);
            if (span_ends(value, "\""))
                value.len--;
            if (span_starts(part, "external-dns/owner="))
                (void)snprintf(out->owner, sizeof(out->owner), "%.*s", SPAN_ARG(value));
            else if (span_starts(part, "external-dns/resource="))
                (void)snprintf(out->resource, sizeof(out->resource), "%.*s", SPAN_ARG(value));
        }
    }
}

/* ---- Step by step. */

/* Where one of the zone's servers is. */
static void find_server(struct dns_inquiry *q, size_t i)
{
    struct dns_server *s = &q->f.servers[i];
    s->mapped = probe_mapped(q->a.addresses, s->name, 53, s->address, sizeof(s->address));
    if (!s->mapped)
        ask_resolver(q, ROLE_SERVER, i, s->name, DNS_A);
}

static void ask_zone(struct dns_inquiry *q, const char *suffix)
{
    q->asked = 0; /* what was asked before is answered */
    (void)snprintf(q->f.zone, sizeof(q->f.zone), "%s", suffix);
    ask_resolver(q, ROLE_ZONE, 0, q->f.zone, DNS_NS);
}

static const char *parent_of(const char *name)
{
    const char *dot = strchr(name, '.');
    return dot ? dot + 1 : "";
}

/* The name below which others stand beside it. */
static bool has_neighbours(const struct dns_inquiry *q)
{
    return q->name[0] != '*' && strcmp(q->name, q->f.zone) != 0 &&
           strlen(q->name) + sizeof(NEIGHBOUR) < DNS_NAME_MAX;
}

static void ask_owner(struct dns_inquiry *q, size_t server)
{
    for (size_t i = 0; i < FORMS; i++) {
        char name[DNS_NAME_MAX + 8];
        (void)snprintf(name, sizeof(name), "%s%s", forms[i], q->name);
        if (strlen(name) < DNS_NAME_MAX)
            ask_server(q, server, ROLE_TXT, i, name, DNS_TXT);
    }
}

static void ask_targets(struct dns_inquiry *q)
{
    struct span rest = span_from(q->targets), one;
    struct in_addr in;
    struct in6_addr in6;
    while (rest.len && q->f.ntargets < DNS_TARGETS_MAX && span_split(&rest, ',', &one)) {
        char name[DNS_NAME_MAX];
        (void)snprintf(name, sizeof(name), "%.*s", SPAN_ARG(one));
        if (inet_pton(AF_INET, name, &in) != 1 && inet_pton(AF_INET6, name, &in6) != 1)
            ask_resolver_both(q, ROLE_TARGET, q->f.ntargets++, name);
    }
}

/* The zone and where its servers are: now all is asked at once. */
static void ask_all(struct dns_inquiry *q)
{
    size_t first = DNS_SERVERS_MAX;
    q->asked = 0;
    q->done = true; /* nothing is to follow */
    for (size_t i = q->f.nservers; i-- > 0;) {
        if (!q->f.servers[i].address[0])
            continue;
        first = i;
        ask_server_both(q, i, ROLE_SAID, i, q->name);
    }
    if (first < DNS_SERVERS_MAX) {
        ask_owner(q, first);
        if (has_neighbours(q)) {
            char name[DNS_NAME_MAX + sizeof(NEIGHBOUR)];
            (void)snprintf(name, sizeof(name), NEIGHBOUR ".%s", parent_of(q->name));
            ask_server_both(q, first, ROLE_NEIGHBOUR, 0, name);
            ask_server(q, first, ROLE_TXT, FORMS, name, DNS_TXT);
        }
    }
    ask_resolver_both(q, ROLE_RESOLVER, 0, q->name);
    ask_targets(q);
}

static void take_zone(struct dns_inquiry *q, const struct dns_answer *answer)
{
    struct dns_finding *f = &q->f;
    const char *parent = parent_of(f->zone);
    char suffix[DNS_NAME_MAX];
    for (size_t i = 0; answer->message && answer->outcome == DNS_FINE && i < answer->message->count;
         i++) {
        const struct dns_record *r = &answer->message->records[i];
        if (r->type == DNS_NS && strcmp(r->name, f->zone) == 0 && f->nservers < DNS_SERVERS_MAX)
            (void)snprintf(f->servers[f->nservers++].name, DNS_NAME_MAX, "%.255s", r->text);
    }
    if (f->nservers) {
        for (size_t i = 0; i < f->nservers; i++)
            find_server(q, i);
        return;
    }
    if (answer->outcome == DNS_FAILED || answer->outcome == DNS_SILENT ||
        answer->outcome == DNS_REFUSED) {
        (void)snprintf(f->error, sizeof(f->error),
                       "the resolver does not say who serves %.100s: %s", f->zone, answer->says);
    } else if (!strchr(parent, '.')) {
        (void)snprintf(f->error, sizeof(f->error), "no zone holds it: %.100s has no name servers",
                       f->zone);
    } else {
        (void)snprintf(suffix, sizeof(suffix), "%s", parent);
        ask_zone(q, suffix);
        return;
    }
    f->zone[0] = '\0';
}

static void take_server(struct dns_server *s, const struct dns_answer *answer)
{
    for (size_t i = 0; answer->message && i < answer->message->count && !s->address[0]; i++)
        if (answer->message->records[i].type == DNS_A)
            (void)snprintf(s->address, sizeof(s->address), "%.45s:53",
                           answer->message->records[i].text);
}

static void take(struct question *one, const struct dns_answer *answer)
{
    struct dns_inquiry *q = one->q;
    switch (one->role) {
    case ROLE_ZONE:
        take_zone(q, answer);
        break;
    case ROLE_SERVER:
        take_server(&q->f.servers[one->index], answer);
        break;
    case ROLE_SAID:
        read_said(one, answer, &q->f.said[one->index]);
        break;
    case ROLE_RESOLVER:
        read_said(one, answer, &q->f.resolver);
        break;
    case ROLE_NEIGHBOUR:
        read_said(one, answer, &q->f.neighbour);
        break;
    case ROLE_TARGET:
        read_said(one, answer, &q->f.targets[one->index]);
        break;
    case ROLE_TXT:
        read_owner(one, answer->message, &q->owners[one->index]);
        break;
    }
}

/* A wildcard's TXT record answers for every name that has none: what a neighbour has too is the
 * wildcard's. */
static void settle_owner(struct dns_inquiry *q)
{
    const struct dns_owner *wildcards = &q->owners[FORMS];
    q->f.wildcards = *wildcards;
    for (size_t i = FORMS; i-- > 0;)
        if (q->owners[i].owner[0] && strcmp(q->owners[i].resource, wildcards->resource) != 0)
            q->f.owner = q->owners[i];
}

static void on_answer(void *context, const struct dns_answer *answer)
{
    struct question *one = context;
    struct dns_inquiry *q = one->q;
    q->open--;
    take(one, answer);
    if (q->open == 0 && !q->done)
        ask_all(q);
    else if (q->open == 0)
        settle_owner(q);
}

struct dns_inquiry *dns_inquiry_new(const struct dns_asking *a, const char *name,
                                    struct span targets)
{
    struct dns_inquiry *q = xalloc_zero(1, sizeof(*q));
    const char *suffix = span_starts(span_from(name), "*.") ? name + 2 : name;
    q->a = *a;
    (void)snprintf(q->name, sizeof(q->name), "%s", name);
    q->targets = xalloc_bytes(targets.data, targets.len);
    ask_zone(q, suffix);
    return q;
}

void dns_inquiry_free(struct dns_inquiry *q)
{
    if (!q)
        return;
    for (size_t i = 0; i < QUESTIONS_MAX; i++)
        dns_forget(q->a.dns, &q->questions[i]);
    free(q->targets);
    free(q);
}

const struct dns_finding *dns_inquiry_finding(const struct dns_inquiry *q)
{
    return q->done && q->open == 0 ? &q->f : NULL;
}
