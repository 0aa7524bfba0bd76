/* The way to a certificate. */
#include <config.h>

#include "backends/kubernetes/issuance.h"

#include "backends/kubernetes/sentence.h"

#include <string.h>

void issuance_link_issuer(struct kube_object *o, struct row_writer *w)
{
    struct json_value ref = json_get(o->spec, "issuerRef");
    struct span name = object_text(o, json_get(ref, "name")),
                group = object_text(o, json_get(ref, "group"));
    bool cluster = json_is(json_get(ref, "kind"), "ClusterIssuer");
    if (!name.len || (group.len && !span_is(group, "cert-manager.io"))) /* another's issuer */
        return;
    row_link(w, LINK_ISSUER, LINK_EXPECTED, cluster ? "clusterissuer" : "issuer",
             cluster ? name : object_key(o, o->ns, name));
}

void issuance_link_owner(struct kube_object *o, struct row_writer *w)
{
    struct span key;
    const char *owner = kube_owner(o, &key);
    row_link(w, LINK_NAMESPACE, 0, "namespace", o->ns);
    if (owner)
        row_link(w, LINK_OWNER, LINK_EXPECTED | LINK_AFFECTS, owner, key);
}

static bool is_step(const struct store *st, struct handle row)
{
    static const char *const kinds[] = {"certificaterequest", "order", "challenge"};
    for (size_t i = 0; i < BN_COUNT(kinds); i++)
        if (strcmp(store_kind(st, row.kind)->name, kinds[i]) == 0)
            return true;
    return false;
}

/* Worse, or as bad by a rule that stands before: what failed says more than what waits. */
static bool is_worse(struct verdict a, struct verdict b)
{
    return a.level != b.level ? a.level > b.level : a.rule < b.rule;
}

/* The worst of the steps that a row has made. */
static bool worst_step(const struct store *st, struct handle row, struct handle *worst)
{
    struct handle from;
    enum link_type type;
    uint32_t at = 0;
    bool any = false;
    while (store_used_by_next(st, row, &at, &from, &type)) {
        if (type != LINK_OWNER || !store_alive(st, from) || !is_step(st, from) ||
            store_verdict(st, from).level < LEVEL_WARNING)
            continue;
        if (!any || is_worse(store_verdict(st, from), store_verdict(st, *worst)))
            *worst = from;
        any = true;
    }
    return any;
}

bool issuance_says_cause(const struct store *st, struct handle row, int64_t now_ms,
                         struct strbuf *out)
{
    struct strbuf says = STRBUF_INIT(4096);
    struct handle step;
    bool any = false;
    for (; worst_step(st, row, &step); any = true)
        row = step;
    if (!any)
        return false;
    store_says(st, row, now_ms, &says);
    strbuf_addf(out, "%s%s: ", out->len ? "; " : "", store_kind(st, row.kind)->name);
    sentence_add(out, strbuf_span(&says), SENTENCE_CAUSE);
    strbuf_clear(&says);
    return true;
}

void issuance_says_issuer(const struct store *st, struct handle row, int64_t now_ms,
                          struct strbuf *out)
{
    struct handle issuer;
    struct link l;
    size_t at = 0;
    while (store_link_next(st, row, &at, &l)) {
        if (l.type != LINK_ISSUER)
            continue;
        enum link_reach reach = store_follow(st, row, &l, &issuer);
        if (reach == LINK_MISSING)
            strbuf_addf(out, "; %.*s %.*s does not exist", SPAN_ARG(l.kind), SPAN_ARG(l.key));
        else if (reach == LINK_FOUND && store_verdict(st, issuer).level >= LEVEL_WARNING)
            sentence_row(out, st, issuer, now_ms);
    }
}
