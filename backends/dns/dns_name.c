/* A name of DNS: wanted, answered, owned. */
#include <config.h>

#include "backends/cells.h"
#include "backends/dns/dns.h"
#include "backends/kubernetes/sentence.h"
#include "backends/verdict.h"

#include <stdio.h>
#include <string.h>

#define LIST_BYTES ((size_t)4 << 10)

enum {
    NAME,
    WANTED,
    ANSWER,
    SERVERS,
    RESOLVER,
    TTL,
    OWNER,
    SOURCES,
    ZONE,
    RESOURCE,
    STATE,
    FITS,
    DECLARED,
    CONFLICT,
    WILDCARD,
    FOREIGN,
    DISAGREE,
    SILENT,
    RESOLVER_SAYS,
    RESOLVER_OLD,
    ERROR
};

static const struct column columns[] = {
    [NAME] = {"name", "NAME", "The name.", VALUE_TEXT, 28, 0, COLUMN_IDENT, NULL, NULL},
    [WANTED] = {"wanted", "WANTED", "Where it is to lead.", VALUE_LIST, 18, 10, COLUMN_NOTABLE,
                NULL, NULL},
    [ANSWER] = {"answer", "ANSWER", "Where it leads, by the zone's own name servers.", VALUE_LIST,
                18, 0, COLUMN_NOTABLE, NULL, NULL},
    [SERVERS] = {"servers", "NS", "How many of the zone's name servers say so.", VALUE_TEXT, 4, 20,
                 COLUMN_NOTABLE, NULL, NULL},
    [RESOLVER] = {"resolver", "RESOLVER", "Where it leads, by the resolver.", VALUE_LIST, 16, 40, 0,
                  NULL, NULL},
    [TTL] = {"ttl", "TTL", "Seconds that the resolver keeps its answer yet.", VALUE_COUNT, 5, 50,
             COLUMN_RIGHT, NULL, NULL},
    [OWNER] = {"owner", "OWNER", "Whose it is, by external-dns's TXT record.", VALUE_TEXT, 22, 30,
               COLUMN_NOTABLE, NULL, NULL},
    [SOURCES] = {"sources", "WANTED BY", "Objects that want it.", VALUE_LIST, 30, 35,
                 COLUMN_NOTABLE, NULL, NULL},
    [ZONE] = {"zone", "ZONE", "The zone it is in.", VALUE_TEXT, 14, 60, COLUMN_WIDE, NULL, NULL},
    [RESOURCE] = {"resource", "RESOURCE", "For which object it was made, by that TXT record.",
                  VALUE_TEXT, 28, 65, COLUMN_WIDE, NULL, NULL},
    [STATE] = {"state", "STATE", "found, missing, unknown.", VALUE_TEXT, 8, 80, COLUMN_HIDDEN, NULL,
               NULL},
    [FITS] = {"fits", "FITS", "Whether it leads where it is to.", VALUE_BOOL, 5, 81, COLUMN_HIDDEN,
              NULL, NULL},
    [DECLARED] = {"declared", "DECLARED", "Whether one of the objects says where.", VALUE_BOOL, 5,
                  82, COLUMN_HIDDEN, NULL, NULL},
    [CONFLICT] = {"conflict", "CONFLICT", "Whether two objects want it elsewhere.", VALUE_BOOL, 5,
                  83, COLUMN_HIDDEN, NULL, NULL},
    [WILDCARD] = {"wildcard", "WILDCARD",
                  "Whether it is answered as every name beside it, by a wildcard.", VALUE_BOOL, 5,
                  84, COLUMN_HIDDEN, NULL, NULL},
    [FOREIGN] = {"foreign", "FOREIGN", "Whether it is another's than most names.", VALUE_BOOL, 5,
                 85, COLUMN_HIDDEN, NULL, NULL},
    [DISAGREE] = {"disagree", "DISAGREE", "Which name servers say different things.", VALUE_TEXT,
                  30, 86, COLUMN_HIDDEN, NULL, NULL},
    [SILENT] = {"silent", "SILENT", "Which name servers do not answer, and why.", VALUE_TEXT, 30,
                87, COLUMN_HIDDEN, NULL, NULL},
    [RESOLVER_SAYS] = {"resolver-says", "RESOLVER-SAYS", "Why the resolver has no answer.",
                       VALUE_TEXT, 20, 88, COLUMN_HIDDEN, NULL, NULL},
    [RESOLVER_OLD] = {"resolver-old", "RESOLVER-OLD",
                      "Whether the resolver's answer is not the name servers'.", VALUE_BOOL, 5, 89,
                      COLUMN_HIDDEN, NULL, NULL},
    [ERROR] = {"error", "ERROR", "Why nothing is known.", VALUE_TEXT, 30, 90, COLUMN_HIDDEN, NULL,
               NULL},
};

/* ---- Comparing. */

static bool is_there(const struct dns_said *s)
{
    return s->asked && s->outcome == DNS_FINE && (s->count > 0 || s->cname[0]);
}

/* It says, as one who knows, that there is or is not such a name. */
static bool is_sure(const struct dns_said *s)
{
    return s->asked && s->authoritative &&
           (s->outcome == DNS_FINE || s->outcome == DNS_NOTHING || s->outcome == DNS_NO_NAME);
}

static bool has_address(const struct dns_said *s, const char *address)
{
    for (size_t i = 0; i < s->count; i++)
        if (strcmp(s->addresses[i], address) == 0)
            return true;
    return false;
}

/* By their addresses where both have some: an alias that leads out of the zone has none here. */
static bool is_same(const struct dns_said *a, const struct dns_said *b)
{
    if (is_there(a) != is_there(b))
        return false;
    if (!a->count || !b->count)
        return strcmp(a->cname, b->cname) == 0;
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!has_address(b, a->addresses[i]))
            return false;
    return true;
}

/* The first that is sure; NULL: none is. */
static const struct dns_said *first_sure(const struct dns_finding *f)
{
    for (size_t i = 0; i < f->nservers; i++)
        if (is_sure(&f->said[i]))
            return &f->said[i];
    return NULL;
}

static bool wants(struct span targets, const char *text)
{
    struct span one;
    while (targets.len && span_split(&targets, ',', &one))
        if (span_is(one, text))
            return true;
    return false;
}

static bool is_wanted_address(const struct dns_finding *f, struct span targets, const char *address)
{
    if (wants(targets, address))
        return true;
    for (size_t i = 0; i < f->ntargets; i++)
        if (has_address(&f->targets[i], address))
            return true;
    return false;
}

/* Every address is one of those that are wanted, or it is an alias of a wanted name. */
static bool leads_there(const struct dns_finding *f, struct span targets, const struct dns_said *s)
{
    const struct dns_said *by = s->count ? s : &f->resolver;
    if (s->cname[0] && wants(targets, s->cname))
        return true;
    for (size_t i = 0; i < by->count; i++)
        if (!is_wanted_address(f, targets, by->addresses[i]))
            return false;
    return by->count > 0;
}

/* "ingressroute/shop/web" is one of "ingressroute:shop/web,...". */
static bool is_ours(struct span sources, const char *resource)
{
    char text[300];
    char *slash;
    (void)snprintf(text, sizeof(text), "%s",
                   strncmp(resource, "crd/", 4) == 0 ? "dnsendpoint/" : "");
    (void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s",
                   *text ? resource + 4 : resource);
    slash = strchr(text, '/');
    if (slash)
        *slash = ':';
    return wants(sources, text);
}

/* ---- Rows. */

static void put_list(struct row_writer *w, size_t column, struct span list)
{
    struct strbuf out = STRBUF_INIT(LIST_BYTES);
    struct span one;
    while (list.len && span_split(&list, ',', &one)) {
        if (out.len)
            strbuf_addc(&out, LIST_SEPARATOR);
        strbuf_add(&out, one);
    }
    if (out.len)
        row_text(w, column, strbuf_span(&out));
    strbuf_clear(&out);
}

/* "lb.example.org" and the addresses behind it. */
static void put_said(struct row_writer *w, size_t column, const struct dns_said *s)
{
    struct strbuf out = STRBUF_INIT(LIST_BYTES);
    if (s->cname[0])
        strbuf_adds(&out, s->cname);
    for (size_t i = 0; i < s->count; i++)
        strbuf_addf(&out, "%s%s", out.len ? "," : "", s->addresses[i]);
    put_list(w, column, strbuf_span(&out));
    strbuf_clear(&out);
}

static void add_said(const struct dns_server *server, const struct dns_said *s, struct strbuf *out)
{
    strbuf_addf(out, "%s%s says ", out->len ? ", " : "", server->name);
    strbuf_adds(out, s->count ? s->addresses[0] : s->cname[0] ? s->cname : s->says);
}

/* How many agree with the first that is sure, which do not, which say nothing. */
static void put_servers(const struct dns_finding *f, const struct dns_said *first,
                        struct row_writer *w)
{
    struct strbuf differ = STRBUF_INIT(1024), silent = STRBUF_INIT(1024);
    char count[32];
    size_t agree = 0;
    for (size_t i = 0; i < f->nservers; i++) {
        const struct dns_said *s = &f->said[i];
        if (first && is_sure(s) && is_same(first, s))
            agree++;
        else if (first && is_sure(s))
            add_said(&f->servers[i], s, &differ);
        else
            strbuf_addf(&silent, "%s%s: %s", silent.len ? ", " : "", f->servers[i].name,
                        !f->servers[i].address[0] ? "its name is not known"
                        : s->outcome == DNS_FINE  ? "it does not know the zone"
                        : s->outcome == DNS_NO_NAME || s->outcome == DNS_NOTHING
                            ? "it does not know the zone"
                            : s->says);
    }
    (void)snprintf(count, sizeof(count), "%zu/%zu", agree, f->nservers);
    if (f->nservers)
        put_text(w, SERVERS, span_from(count));
    put_text(w, DISAGREE, strbuf_span(&differ));
    put_text(w, SILENT, strbuf_span(&silent));
    strbuf_clear(&differ);
    strbuf_clear(&silent);
}

static void put_resolver(const struct dns_finding *f, const struct dns_said *first,
                         struct row_writer *w)
{
    put_said(w, RESOLVER, &f->resolver);
    if (is_there(&f->resolver))
        row_num(w, TTL, f->resolver.ttl_s);
    else
        put_text(w, RESOLVER_SAYS, span_from(f->resolver.says));
    if (first)
        row_num(w, RESOLVER_OLD, is_there(&f->resolver) && !is_same(first, &f->resolver));
}

/* A name that the wildcard's own object wants may have a record of the same words. */
static const struct dns_owner *owner_of(const struct rota_item *item, const struct dns_finding *f)
{
    return !f->owner.owner[0] && is_ours(rota_part(item, PART_SOURCES), f->wildcards.resource)
               ? &f->wildcards
               : &f->owner;
}

static void put_owner(const struct rota_item *item, const struct dns_owner *is, const char *most,
                      struct row_writer *w)
{
    put_text(w, OWNER, span_from(is->owner));
    put_text(w, RESOURCE, span_from(is->resource));
    if (is->owner[0])
        row_num(w, FOREIGN,
                (*most && strcmp(is->owner, most) != 0) ||
                    !is_ours(rota_part(item, PART_SOURCES), is->resource));
}

bool dns_name_put(const struct rota_item *item, const struct dns_finding *f, const char *owner,
                  struct row_writer *w)
{
    struct span targets = rota_part(item, PART_TARGETS);
    const struct dns_said *first = first_sure(f);
    const struct dns_owner *is = owner_of(item, f);
    bool there = first && is_there(first);
    row_begin(w, span_from(item->name));
    row_text(w, NAME, span_from(item->name));
    put_list(w, WANTED, targets);
    if (first)
        put_said(w, ANSWER, first);
    put_servers(f, first, w);
    put_resolver(f, first, w);
    put_owner(item, is, owner, w);
    put_list(w, SOURCES, rota_part(item, PART_SOURCES));
    put_text(w, ZONE, span_from(f->zone));
    put_text(w, STATE, span_from(!first ? "unknown" : there ? "found" : "missing"));
    if (there && targets.len)
        row_num(w, FITS, leads_there(f, targets, first));
    row_num(w, DECLARED, span_is(rota_part(item, PART_DECLARED), "declared"));
    row_num(w, CONFLICT, span_is(rota_part(item, PART_CONFLICT), "conflict"));
    row_num(w, WILDCARD,
            there && !is->owner[0] && is_there(&f->neighbour) && is_same(first, &f->neighbour));
    put_text(w, ERROR, span_from(f->error));
    rota_link(rota_part(item, PART_SOURCES), w);
    return row_end(w);
}

/* ---- Verdicts. */

enum {
    RULE_UNKNOWN,
    RULE_MISSING,
    RULE_TARGET,
    RULE_DISAGREE,
    RULE_FOREIGN,
    RULE_TWO,
    RULE_UNRESOLVED,
    RULE_SILENT,
    RULE_WILDCARD,
    RULE_UNOWNED,
    RULE_OLD,
};

static const struct rule rules[] = {
    [RULE_UNKNOWN] = {"dns-unknown",
                      "None of the zone's name servers answers, or no zone is found: "
                      "unknown."},
    [RULE_MISSING] = {"dns-missing",
                      "There is no such record, though it is wanted: critical; warning where no "
                      "object says where it is to lead."},
    [RULE_TARGET] = {"dns-wrong-target",
                     "It leads elsewhere than wanted: critical; warning where that is only "
                     "assumed."},
    [RULE_DISAGREE] = {"dns-servers-disagree",
                       "The zone's name servers say different things: warning."},
    [RULE_FOREIGN] = {"dns-foreign-owner",
                      "Its TXT record says that it was made for another object, or by another "
                      "owner than most names': external-dns will not change it: warning."},
    [RULE_TWO] = {"dns-two-sources", "Two objects want it to lead to different places: warning."},
    [RULE_UNRESOLVED] = {"dns-unresolved", "The zone has it, and the resolver does not: warning."},
    [RULE_SILENT] = {"dns-server-silent", "One of the zone's name servers does not answer for it: "
                                          "warning."},
    [RULE_WILDCARD] = {"dns-wildcard",
                       "It has no record of its own, a wildcard answers for it: notice."},
    [RULE_UNOWNED] = {"dns-unowned",
                      "It has no TXT record of external-dns, which will not change it: notice."},
    [RULE_OLD] = {"dns-resolver-old", "The resolver has another answer yet: notice."},
};

static bool flag(const struct store *st, struct handle row, size_t column)
{
    return store_num(st, row, column, 0) != 0;
}

/* What is not as it should be of a name that is there. */
static struct verdict judge_found(const struct store *st, struct handle row)
{
    if (!store_num(st, row, FITS, 1))
        return verdict_at(flag(st, row, DECLARED) ? LEVEL_CRITICAL : LEVEL_WARNING, RULE_TARGET);
    if (store_text(st, row, DISAGREE).len)
        return verdict_at(LEVEL_WARNING, RULE_DISAGREE);
    if (flag(st, row, FOREIGN))
        return verdict_at(LEVEL_WARNING, RULE_FOREIGN);
    if (flag(st, row, CONFLICT))
        return verdict_at(LEVEL_WARNING, RULE_TWO);
    if (store_text(st, row, RESOLVER_SAYS).len)
        return verdict_at(LEVEL_WARNING, RULE_UNRESOLVED);
    if (store_text(st, row, SILENT).len)
        return verdict_at(LEVEL_WARNING, RULE_SILENT);
    if (flag(st, row, WILDCARD))
        return verdict_at(LEVEL_NOTICE, RULE_WILDCARD);
    if (!store_text(st, row, OWNER).len)
        return verdict_at(LEVEL_NOTICE, RULE_UNOWNED);
    return flag(st, row, RESOLVER_OLD) ? verdict_at(LEVEL_NOTICE, RULE_OLD) : verdict_ok();
}

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    struct span state = store_text(st, row, STATE);
    (void)now_ms;
    if (span_is(state, "unknown"))
        return verdict_at(LEVEL_UNKNOWN, RULE_UNKNOWN);
    if (span_is(state, "missing"))
        return verdict_at(flag(st, row, DECLARED) ? LEVEL_CRITICAL : LEVEL_WARNING, RULE_MISSING);
    return judge_found(st, row);
}

static void add_list(const struct store *st, struct handle row, size_t column, struct strbuf *out)
{
    struct span list = store_text(st, row, column), one;
    const char *before = "";
    for (int i = 0; i < 3 && list.len && span_split(&list, LIST_SEPARATOR, &one); i++) {
        strbuf_adds(out, before);
        sentence_add(out, one, SENTENCE_INNER);
        before = ", ";
    }
}

static void say_missing(const struct store *st, struct handle row, struct strbuf *out)
{
    strbuf_adds(out, "no record; wanted by ");
    add_list(st, row, SOURCES, out);
    if (!flag(st, row, DECLARED))
        strbuf_adds(out, ", which does not say where it leads");
}

static void say_foreign(const struct store *st, struct handle row, struct strbuf *out)
{
    strbuf_adds(out, "owned by ");
    sentence_add(out, store_text(st, row, OWNER), SENTENCE_INNER);
    strbuf_adds(out, " for ");
    sentence_add(out, store_text(st, row, RESOURCE), SENTENCE_INNER);
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    static const struct {
        const char *says;
        int column; /* -1: none */
    } short_ones[] = {
        [RULE_UNKNOWN] = {"", ERROR},
        [RULE_DISAGREE] = {"name servers disagree: ", DISAGREE},
        [RULE_TWO] = {"two objects want different targets: ", SOURCES},
        [RULE_UNRESOLVED] = {"the zone has it, the resolver does not: ", RESOLVER_SAYS},
        [RULE_SILENT] = {"", SILENT},
        [RULE_WILDCARD] = {"no record of its own: a wildcard answers for it", -1},
        [RULE_UNOWNED] = {"no owner record: external-dns will not change it", -1},
        [RULE_OLD] = {"the resolver still says ", RESOLVER},
    };

    (void)now_ms;
    if (v->rule == RULE_MISSING) {
        say_missing(st, row, out);
    } else if (v->rule == RULE_TARGET) {
        strbuf_adds(out, "leads to ");
        add_list(st, row, ANSWER, out);
        strbuf_adds(out, ", wanted ");
        add_list(st, row, WANTED, out);
    } else if (v->rule == RULE_FOREIGN) {
        say_foreign(st, row, out);
    } else {
        int column = short_ones[v->rule].column;
        strbuf_adds(out, short_ones[v->rule].says);
        if (v->rule == RULE_UNKNOWN && !store_text(st, row, ERROR).len)
            column = SILENT;
        if (column >= 0)
            add_list(st, row, (size_t)column, out);
    }
}

const struct kind kind_dns_name = {
    .name = "dns-name",
    .plural = "dns-names",
    .aliases = "dns",
    .title = "DNS names",
    .help = "Names that the cluster wants, as they are answered.",
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "level desc,name",
};
