/* Secrets, by their metadata: what they are called, who makes them, who reads them. */
#include <config.h>

#include "backends/kubernetes/kube_kind.h"
#include "backends/kubernetes/sentence.h"

enum {
    NAMESPACE,
    NAME,
    MANAGER,
    CERTIFICATE,
    PODS,
    ENVIRONMENTS,
    CHANGED_AGO,
    AGE,
    OLDEST,
    CHANGED,
    CREATED,
    LABELS,
    UID
};

static const struct fold count_pods = {FOLD_COUNT, LINK_SECRET, "pod", NULL, NULL};
static const struct fold count_environments = {FOLD_COUNT, LINK_ENVIRONMENT, "pod", NULL, NULL};
static const struct fold oldest_start = {FOLD_MIN, LINK_ENVIRONMENT, "pod", "started", NULL};

static const struct column columns[] = {
    [NAMESPACE] = {COLUMN_NAMESPACE_TEXT, VALUE_TEXT, 12, 0, COLUMN_IDENT, NULL, NULL},
    [NAME] = {COLUMN_NAME_TEXT, VALUE_TEXT, 32, 0, COLUMN_IDENT, NULL, NULL},
    [MANAGER] = {"owner", "OWNER", "What makes it: an ExternalSecret, a Certificate, ...",
                 VALUE_TEXT, 30, 10, 0, NULL, NULL},
    [CERTIFICATE] = {"certificate", "CERTIFICATE", "The Certificate whose key it has.", VALUE_TEXT,
                     20, 60, COLUMN_WIDE, NULL, NULL},
    [PODS] = {"pods", "PODS", "Pods that mount it, or pull images with it.", VALUE_COUNT, 4, 20,
              COLUMN_RIGHT, NULL, &count_pods},
    [ENVIRONMENTS] = {"environments", "ENV",
                      "Pods that have taken variables from it when they started.", VALUE_COUNT, 4,
                      25, COLUMN_RIGHT, NULL, &count_environments},
    [CHANGED_AGO] = {"changed", "CHANGED",
                     "Since its data last changed, where the server has noted"
                     " it.",
                     VALUE_DURATION, 7, 15, COLUMN_RIGHT, "changed-at", NULL},
    [AGE] = {COLUMN_AGE_TEXT, VALUE_DURATION, 5, 10, COLUMN_RIGHT, "created", NULL},
    [OLDEST] = {"oldest-start", "OLDEST-START",
                "Start of the container that has run longest with its variables.", VALUE_INSTANT, 5,
                90, COLUMN_HIDDEN, NULL, &oldest_start},
    [CHANGED] = {"changed-at", "CHANGED-AT", "When its data last changed.", VALUE_INSTANT, 5, 90,
                 COLUMN_HIDDEN | COLUMN_NOTABLE, NULL, NULL},
    [CREATED] = {COLUMN_CREATED_TEXT, VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},
    [LABELS] = {COLUMN_LABELS_TEXT, VALUE_TEXT, 20, 99, COLUMN_HIDDEN, NULL, NULL},
    [UID] = {COLUMN_UID_TEXT, VALUE_TEXT, 36, 99, COLUMN_UID_FLAGS, NULL, NULL},
};

static void parse(struct kube_object *o, struct row_writer *w, size_t which)
{
    struct span key,
        certificate = object_entry(o, o->annotations, "cert-manager.io/certificate-name");
    const char *owner = kube_owner(o, &key);
    (void)which;
    row_text(w, NAMESPACE, o->ns);
    row_text(w, NAME, o->name);
    if (o->owner_name.len)
        row_text(w, MANAGER,
                 object_format(o, "%.*s/%.*s", SPAN_ARG(o->owner_kind), SPAN_ARG(o->owner_name)));
    put_text(w, CERTIFICATE, certificate);
    put_time(w, CHANGED, object_written_ms(o, "f:data"));
    put_time(w, CREATED, o->created_ms);
    put_text(w, LABELS, object_pairs(o, o->labels));
    put_text(w, UID, o->uid);
    row_link(w, LINK_NAMESPACE, 0, "namespace", o->ns);
    if (owner)
        row_link(w, LINK_OWNER, LINK_EXPECTED, owner, key);
    if (certificate.len)
        row_link(w, LINK_OWNER, 0, "certificate", object_key(o, o->ns, certificate));
}

enum { RULE_OUTDATED };

static const struct rule rules[] = {
    [RULE_OUTDATED] = {"secret-outdated",
                       "It has changed since a container took its variables from it: notice. A"
                       " variable has its value until the container starts anew."},
};

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    int64_t changed = store_num(st, row, CHANGED, TIME_NONE),
            oldest = store_num(st, row, OLDEST, TIME_NONE);
    (void)now_ms;
    if (changed != TIME_NONE && oldest != TIME_NONE && oldest < changed)
        return verdict_at(LEVEL_NOTICE, RULE_OUTDATED);
    return verdict_ok();
}

/* Pods that started before it changed; *oldest: the one that did first. */
static size_t outdated(const struct store *st, struct handle row, struct handle *oldest)
{
    struct handle pod;
    enum link_type type;
    uint32_t at = 0;
    size_t n = 0;
    int64_t changed = store_num(st, row, CHANGED, TIME_NONE), first = INT64_MAX;
    while (store_used_by_next(st, row, &at, &pod, &type)) {
        int started = type == LINK_ENVIRONMENT && store_alive(st, pod)
                          ? kind_column(store_kind(st, pod.kind), SPAN("started"))
                          : -1;
        int64_t when = started < 0 ? INT64_MAX : store_num(st, pod, (size_t)started, INT64_MAX);
        if (when >= changed)
            continue;
        n++;
        if (when < first)
            *oldest = pod;
        first = when < first ? when : first;
    }
    return n;
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    struct handle pod;
    size_t n = outdated(st, row, &pod);
    (void)v;
    strbuf_adds(out, "changed");
    sentence_ago(out, store_num(st, row, CHANGED, TIME_NONE), now_ms);
    if (!n)
        return;
    struct span key = store_key(st, pod);
    key = span_sub(key, span_find_last(key, '/') + 1, key.len);
    if (n == 1)
        strbuf_addf(out, "; pod %.*s still has what was there before", SPAN_ARG(key));
    else
        strbuf_addf(out, "; %zu pods still have what was there before, such as %.*s", n,
                    SPAN_ARG(key));
}

const struct kind kind_secret = {
    .name = "secret",
    .plural = "secrets",
    .aliases = "sec",
    .title = "Secrets",
    .help = "Secrets by their metadata: who makes them and who reads them; never a value.",
    .namespaced = true,
    .guarded = true,
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "level desc,namespace,name",
};

const struct kube_kind kube_secret = {
    .kind = &kind_secret,
    .resources = {{"", "v1", "secrets"}},
    .types = {"Secret"},
    .metadata_only = true,
    .secret = true,
    .parse = parse,
};
