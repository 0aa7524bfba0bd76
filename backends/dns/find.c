/* Which names the cluster wants, and where they are to lead: as external-dns reads it [external-dns
 * source/]. */
#include <config.h>

#include "backends/dns/dns.h"
#include "base/alloc.h"
#include "net/probe.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TARGETS_BYTES ((size_t)1 << 20)
#define LIST_BYTES    ((size_t)4 << 10)

/* A name as one object wants it. */
struct want {
    char *name;    /* owned, as all here; lower case */
    char *source;  /* "ingressroute:shop/web" */
    char *targets; /* "203.0.113.24", "" */
};

struct wants {
    struct want *all; /* owned */
    size_t count;
};

bool dns_is_plain(struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.data[i] <= ' ' || text.data[i] == ',')
            return false;
    return text.len > 0;
}

static char *lower(struct span text)
{
    char *copy = xalloc_bytes(text.data, text.len);
    for (char *c = copy; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    return copy;
}

/* "*.reyem.tech" is a name of a zone, though no host. */
static bool may_ask(const char *name)
{
    struct span text = span_from(name);
    return probe_may_ask(span_starts(text, "*.") ? span_sub(text, 2, text.len) : text);
}

/* An address as answers have it: there are many ways to write one of IPv6. */
static struct span usual(struct span text, char out[INET6_ADDRSTRLEN])
{
    struct in6_addr in6;
    char copy[INET6_ADDRSTRLEN];
    (void)snprintf(copy, sizeof(copy), "%.*s", SPAN_ARG(text));
    if (text.len >= sizeof(copy) || inet_pton(AF_INET6, copy, &in6) != 1 ||
        !inet_ntop(AF_INET6, &in6, out, INET6_ADDRSTRLEN))
        return text;
    return span_from(out);
}

char *dns_joined(struct span list, char separator)
{
    struct strbuf out = STRBUF_INIT(LIST_BYTES);
    struct span one;
    char address[INET6_ADDRSTRLEN];
    while (list.len && span_split(&list, separator, &one)) {
        one = span_trim(one);
        if (span_ends(one, "."))
            one.len--;
        if (dns_is_plain(one) && one.data[0] != '<') /* "<pending>" */
            strbuf_addf(&out, "%s%.*s", out.len ? "," : "", SPAN_ARG(usual(one, address)));
    }
    char *lowered = lower(strbuf_span(&out));
    strbuf_clear(&out);
    return lowered;
}

/* targets: as dns_joined() gives it. */
static void add_want(const struct store *st, struct handle row, struct span name,
                     const char *targets, struct wants *out)
{
    struct strbuf source = STRBUF_INIT(1024);
    struct want w = {.name = lower(name)};
    strbuf_addf(&source, "%s:%.*s", store_kind(st, row.kind)->name, SPAN_ARG(store_key(st, row)));
    if (!may_ask(w.name) || !dns_is_plain(strbuf_span(&source))) {
        strbuf_clear(&source);
        free(w.name);
        return;
    }
    w.source = strbuf_take(&source);
    w.targets = xalloc_text(targets);
    out->all = xalloc_resize(out->all, out->count + 1, sizeof(*out->all));
    out->all[out->count++] = w;
}

static void add_wants(const struct store *st, struct handle row, struct span names,
                      const char *targets, struct wants *out)
{
    struct span one;
    while (names.len && span_split(&names, LIST_SEPARATOR, &one))
        add_want(st, row, one, targets, out);
}

/* address: the column that says where it is reached; NULL: the object cannot know. */
static void read_kind(const struct store *st, const char *kind, const char *address,
                      struct wants *out)
{
    int number = store_kind_find(st, span_from(kind));
    struct handle row;
    uint32_t at = 0;
    while (number >= 0 && store_next(st, (uint16_t)number, &at, &row)) {
        struct span said = discovery_text(st, row, "dns-targets");
        char *targets = said.len  ? dns_joined(said, LIST_SEPARATOR)
                        : address ? dns_joined(discovery_text(st, row, address), ',')
                                  : xalloc_text("");
        add_wants(st, row, discovery_text(st, row, "dns-hosts"), targets, out);
        add_wants(st, row, discovery_text(st, row, "hosts"), targets, out);
        free(targets);
    }
}

static bool is_number(struct span word)
{
    size_t i = 0;
    while (i < word.len && word.data[i] >= '0' && word.data[i] <= '9')
        i++;
    return i == word.len;
}

/* "office.reyem.tech A 300 198.51.100.40 198.51.100.41"; what it lives is left out where it says
 * nothing of that. */
static void read_endpoints(const struct store *st, struct wants *out)
{
    int number = store_kind_find(st, SPAN("dnsendpoint"));
    struct handle row;
    uint32_t at = 0;
    while (number >= 0 && store_next(st, (uint16_t)number, &at, &row)) {
        struct span records = discovery_text(st, row, "records"), one, type, name;
        while (records.len && span_split(&records, LIST_SEPARATOR, &one)) {
            if (!span_split(&one, ' ', &name) || !span_split(&one, ' ', &type) ||
                !(span_is(type, "A") || span_is(type, "AAAA") || span_is(type, "CNAME")))
                continue;
            struct span ttl = span_sub(one, 0, span_find(one, ' ', 0));
            if (is_number(ttl))
                one = span_sub(one, ttl.len + 1, one.len);
            char *targets = dns_joined(one, ' ');
            add_want(st, row, name, targets, out);
            free(targets);
        }
    }
}

/* Where routes lead that say nothing: Traefik's own address; "" : unknown. */
static char *way_in(const struct store *st)
{
    struct discovery_service s;
    uint32_t at = 0;
    char *address = xalloc_text("");
    while (!*address && discovery_next_service(st, &at, &s)) {
        if (!span_is(discovery_label(s.labels, "app.kubernetes.io/name"), "traefik"))
            continue;
        free(address);
        address = dns_joined(discovery_text(st, s.row, "external-ip"), ',');
    }
    return address;
}

static int compare(const void *a, const void *b)
{
    const struct want *x = a, *y = b;
    int by = strcmp(x->name, y->name);
    return by ? by : strcmp(x->source, y->source);
}

/* Each sort is a record of its own, so that two objects may want one each. */
enum sort { SORT_4, SORT_6, SORT_NAME, SORTS };

static enum sort sort_of(struct span target)
{
    return span_find(target, ':', 0) < target.len                                     ? SORT_6
           : is_number(span_sub(target, span_find_last(target, '.') + 1, target.len)) ? SORT_4
                                                                                      : SORT_NAME;
}

static int compare_spans(const void *a, const void *b)
{
    return span_compare(*(const struct span *)a, *(const struct span *)b);
}

#define SET_MAX 32

/* Adds those of a sort that an object wants, in order, each once; w: the first of its n wants. */
static void add_set(const struct want *w, size_t n, enum sort sort, struct strbuf *out)
{
    struct span all[SET_MAX], rest, one;
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        for (rest = span_from(w[i].targets); rest.len && span_split(&rest, ',', &one);)
            if (sort_of(one) == sort && count < SET_MAX)
                all[count++] = one;
    qsort(all, count, sizeof(*all), compare_spans);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || !span_eq(all[i], all[i - 1]))
            strbuf_addf(out, "%s%.*s", out->len ? "," : "", SPAN_ARG(all[i]));
}

/* What is wanted of a name, by sort: as the first object that wants one has it. */
struct sets {
    struct strbuf all[SORTS];
    size_t from[SORTS]; /* which object */
    bool apart;         /* one wants an alias, which stands alone, and another addresses */
    bool conflict;      /* that, or another of one sort */
};

static void take_object(struct sets *s, const struct want *w, size_t n, size_t object)
{
    for (enum sort sort = SORT_4; sort < SORTS; sort++) {
        struct strbuf own = STRBUF_INIT(LIST_BYTES);
        add_set(w, n, sort, &own);
        if (!s->all[sort].len) {
            s->from[sort] = object;
            strbuf_add(&s->all[sort], strbuf_span(&own));
        } else if (own.len && !span_eq(strbuf_span(&own), strbuf_span(&s->all[sort]))) {
            s->conflict = true;
        }
        strbuf_clear(&own);
    }
    for (enum sort sort = SORT_4; sort < SORT_NAME; sort++)
        s->apart = s->apart || (s->all[SORT_NAME].len && s->all[sort].len &&
                                s->from[SORT_NAME] != s->from[sort]);
    s->conflict = s->conflict || s->apart;
}

/* Where they cannot all be, those of the first object. */
static void join_sets(const struct sets *s, struct strbuf *out)
{
    size_t first = SIZE_MAX;
    for (size_t i = 0; i < SORTS; i++)
        if (s->all[i].len && s->from[i] < first)
            first = s->from[i];
    for (size_t i = 0; i < SORTS; i++)
        if (s->all[i].len && (!s->apart || s->from[i] == first))
            strbuf_addf(out, "%s%s", out->len ? "," : "", strbuf_cstr(&s->all[i]));
}

/* Wanted by all n. */
static void add_line(const struct want *w, size_t n, const char *way, struct strbuf *out)
{
    struct strbuf targets = STRBUF_INIT(3 * LIST_BYTES);
    struct sets s = {.conflict = false};
    for (size_t i = 0; i < SORTS; i++)
        s.all[i] = (struct strbuf)STRBUF_INIT(LIST_BYTES);
    strbuf_addf(out, "%s\t", w->name);
    for (size_t i = 0, of; i < n; i += of) {
        for (of = 1; i + of < n && strcmp(w[i].source, w[i + of].source) == 0; of++)
            ;
        strbuf_addf(out, "%s%s", i ? "," : "", w[i].source);
        take_object(&s, w + i, of, i);
    }
    join_sets(&s, &targets);
    for (size_t i = 0; i < SORTS; i++)
        strbuf_clear(&s.all[i]);
    strbuf_addf(out, "\t%s\t%s\t%s", targets.len ? strbuf_cstr(&targets) : way,
                targets.len ? "declared" : "assumed", s.conflict ? "conflict" : "");
    strbuf_clear(&targets);
}

static int compare_name(const void *key, const void *want)
{
    return strcmp(key, ((const struct want *)want)->name);
}

/* Whether all that may want a name was read. */
static bool all_known(const struct store *st)
{
    static const char *const kinds[] = {"ingressroute", "ingressroutetcp", "ingress", "service",
                                        "dnsendpoint"};
    bool denied, all = true;
    for (size_t i = 0; i < BN_COUNT(kinds); i++)
        all = discovery_knows(st, kinds[i], &denied) && !denied && all;
    return all;
}

/* What external-dns has made here, and nothing wants any more. */
static void add_unwanted(const struct store *st, const struct wants *w,
                         const struct dns_stored *stored, struct strbuf *out)
{
    struct span name;
    size_t at = 0;
    while (all_known(st) && !out->failed && dns_stored_next_ours(stored, &at, &name)) {
        char *text = lower(name);
        if (may_ask(text) &&
            !(w->count && bsearch(text, w->all, w->count, sizeof(*w->all), compare_name))) {
            strbuf_addf(out, "%s\t\t\tunwanted\t", text);
            dns_stored_add(stored, text, out);
            strbuf_addc(out, '\n');
        }
        free(text);
    }
}

void dns_discover(const struct store *st, struct discovery *d)
{
    struct wants w = {NULL, 0};
    struct strbuf targets = STRBUF_INIT(TARGETS_BYTES);
    const char *const settings[] = {NULL};
    char *way = way_in(st);
    read_kind(st, "ingressroute", NULL, &w);
    read_kind(st, "ingressroutetcp", NULL, &w);
    read_kind(st, "ingress", "address", &w);
    read_kind(st, "service", "external-ip", &w);
    read_endpoints(st, &w);
    struct dns_stored *stored = dns_stored_new(st);
    if (w.count)
        qsort(w.all, w.count, sizeof(*w.all), compare);
    for (size_t i = 0, n; i < w.count && !targets.failed; i += n) {
        for (n = 1; i + n < w.count && strcmp(w.all[i].name, w.all[i + n].name) == 0; n++)
            ;
        add_line(w.all + i, n, way, &targets);
        dns_stored_add(stored, w.all[i].name, &targets);
        strbuf_addc(&targets, '\n');
    }
    add_unwanted(st, &w, stored, &targets);
    dns_stored_free(stored);
    const struct found found = {
        .name = "dns", .settings = settings, .targets = strbuf_cstr(&targets)};
    if (targets.len)
        discovery_add(d, &found);
    for (size_t i = 0; i < w.count; i++) {
        free(w.all[i].name);
        free(w.all[i].source);
        free(w.all[i].targets);
    }
    free(w.all);
    free(way);
    strbuf_clear(&targets);
}
