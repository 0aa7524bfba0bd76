/* An alert: what it says, how bad its rule calls it, and what its labels name. */
#include <config.h>

#include "backends/alerts/alerts.h"
#include "backends/cells.h"
#include "backends/kubernetes/kube_kind.h"
#include "backends/kubernetes/sentence.h"
#include "backends/verdict.h"

#include <stdio.h>
#include <string.h>

#define LABELS_MOST 64

enum {
    NAME,
    STATE,
    SEVERITY,
    ABOUT,
    SAYS,
    AGE,
    NAMESPACE,
    SILENCE,
    RECEIVERS,
    RUNBOOK,
    LABELS,
    DESCRIPTION,
    GENERATOR,
    SINCE
};

static const struct column columns[] = {
    [NAME] = {"name", "ALERT", "Its rule's name.", VALUE_TEXT, 24, 0, COLUMN_IDENT, NULL, NULL},
    [STATE] = {"state", "STATE",
               "firing; pending: its rule's time is not over; silenced, inhibited: nobody is told;"
               " gone: it should always fire.",
               VALUE_TEXT, 9, 0, COLUMN_NOTABLE, NULL, NULL},
    [SEVERITY] = {"severity", "SEVERITY", "How bad its rule calls it.", VALUE_TEXT, 8, 10,
                  COLUMN_NOTABLE, NULL, NULL},
    [ABOUT] = {"about", "ABOUT", "What its labels name.", VALUE_TEXT, 32, 5, 0, NULL, NULL},
    [SAYS] = {"summary", "SUMMARY", "What it says.", VALUE_TEXT, 50, 8, 0, NULL, NULL},
    [AGE] = {"for", "FOR", "Since when.", VALUE_DURATION, 5, 3, COLUMN_RIGHT, "since", NULL},
    [NAMESPACE] = {"namespace", "NAMESPACE", "Of its labels.", VALUE_TEXT, 12, 60, COLUMN_WIDE,
                   NULL, NULL},
    [SILENCE] = {"silence", "SILENCED BY", "Who silenced it, until when, and why.", VALUE_TEXT, 30,
                 55, COLUMN_WIDE | COLUMN_NOTABLE, NULL, NULL},
    [RECEIVERS] = {"receivers", "RECEIVERS", "Who is told.", VALUE_LIST, 12, 60, COLUMN_WIDE, NULL,
                   NULL},
    [RUNBOOK] = {"runbook", "RUNBOOK", "What to do, as its rule says.", VALUE_TEXT, 30, 70,
                 COLUMN_WIDE, NULL, NULL},
    [LABELS] = {"labels", "LABELS", "All its labels, key=value.", VALUE_LIST, 40, 80, COLUMN_HIDDEN,
                NULL, NULL},
    [DESCRIPTION] = {"description", "DESCRIPTION", "The longer text that it has.", VALUE_TEXT, 60,
                     90, COLUMN_HIDDEN, NULL, NULL},
    [GENERATOR] = {"rule", "RULE", "Where its rule is.", VALUE_TEXT, 40, 95, COLUMN_HIDDEN, NULL,
                   NULL},
    [SINCE] = {"since", "SINCE-AT", "Since when.", VALUE_INSTANT, 20, 90, COLUMN_HIDDEN, NULL,
               NULL},
};

static struct span label(const struct alert *a, const char *name)
{
    const char *text = json_node_text(json_node_get(a->labels, name));
    return text ? span_from(text) : SPAN("");
}

/* ---- What it is about. */

/* Labels of the rules that come with kube-prometheus [kubernetes-mixin], what each names, and how a row
 * of that is called. The first that is there counts: of what exports a figure, pod and container may
 * stand beside it. */
static const struct {
    const char *label, *kind;
    const char *key; /* before the name; before that the namespace */
    bool in_namespace;
} targets[] = {
    {"deployment", "workload", "Deployment/", true},
    {"statefulset", "workload", "StatefulSet/", true},
    {"daemonset", "workload", "DaemonSet/", true},
    {"cronjob", "cronjob", "", true},
    {"job_name", "job", "", true},
    {"persistentvolumeclaim", "pvc", "", true},
    {"persistentvolume", "pv", "", false},
    {"node", "node", "", false},
    {"ingress", "ingress", "", true},
    {"pod", "pod", "", true},
    {"service", "service", "", true},
};

/* Which of them; BN_COUNT(targets): none. */
static size_t target_of(const struct alert *a)
{
    size_t i = 0;
    while (i < BN_COUNT(targets) && (!label(a, targets[i].label).len ||
                                     (targets[i].in_namespace && !label(a, "namespace").len)))
        i++;
    return i;
}

/* "deployment", "pvc" */
static const char *word_of(size_t target)
{
    return strcmp(targets[target].kind, "workload") == 0 ? targets[target].label
                                                         : targets[target].kind;
}

static void put_about(struct row_writer *w, const struct alert *a)
{
    const size_t i = target_of(a);
    const struct span ns = label(a, "namespace"), instance = label(a, "instance");
    struct strbuf text = STRBUF_INIT(ROW_TEXT_MAX);
    if (i < BN_COUNT(targets) && targets[i].in_namespace)
        strbuf_addf(&text, "%s %.*s/%.*s", word_of(i), SPAN_ARG(ns),
                    SPAN_ARG(label(a, targets[i].label)));
    else if (i < BN_COUNT(targets))
        strbuf_addf(&text, "%s %.*s", word_of(i), SPAN_ARG(label(a, targets[i].label)));
    else if (ns.len)
        strbuf_addf(&text, "namespace %.*s", SPAN_ARG(ns));
    else
        strbuf_add(&text, instance);
    put_text(w, ABOUT, strbuf_span(&text));
    strbuf_clear(&text);
}

static void put_links(struct row_writer *w, const struct alert *a)
{
    const size_t i = target_of(a);
    const struct span ns = label(a, "namespace");
    struct strbuf key = STRBUF_INIT(ROW_TEXT_MAX);
    if (i < BN_COUNT(targets)) {
        if (targets[i].in_namespace)
            strbuf_addf(&key, "%.*s/", SPAN_ARG(ns));
        strbuf_addf(&key, "%s%.*s", targets[i].key, SPAN_ARG(label(a, targets[i].label)));
        row_link(w, LINK_ALERT, 0, targets[i].kind, strbuf_span(&key));
    }
    if (ns.len)
        row_link(w, LINK_NAMESPACE, 0, "namespace", ns);
    strbuf_clear(&key);
}

/* ---- The row. */

/* FNV-1a over its labels, sorted as they come: Prometheus sorts them. */
static uint64_t number_of(const struct json_node *labels)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (const struct json_node *n = json_node_first(labels); n; n = json_node_next(n)) {
        const char *texts[] = {json_node_key(n), json_node_text(n)};
        for (size_t i = 0; i < BN_COUNT(texts); i++)
            for (const char *c = texts[i] ? texts[i] : ""; c[0]; c++)
                hash = (hash ^ (unsigned char)*c) * UINT64_C(1099511628211);
    }
    return hash;
}

static void put_labels(struct row_writer *w, const struct json_node *labels)
{
    struct strbuf list = STRBUF_INIT(ROW_TEXT_MAX);
    size_t count = 0;
    for (const struct json_node *n = json_node_first(labels); n && count < LABELS_MOST;
         n = json_node_next(n)) {
        const char *text = json_node_text(n);
        strbuf_addf(&list, "%s%s=%s", count++ ? (const char[]){LIST_SEPARATOR, 0} : "",
                    json_node_key(n), text ? text : "");
    }
    put_text(w, LABELS, strbuf_span(&list));
    strbuf_clear(&list);
}

static void put_annotation(struct row_writer *w, size_t column, const struct alert *a,
                           const char *first, const char *second)
{
    const char *text = json_node_text(json_node_get(a->annotations, first));
    if (!text || !text[0])
        text = json_node_text(json_node_get(a->annotations, second));
    if (text)
        put_text(w, column, span_sub(span_from(text), 0, ROW_TEXT_MAX / 2));
}

bool alert_put(struct row_writer *w, const struct alert *a)
{
    struct strbuf key = STRBUF_INIT(ROW_TEXT_MAX);
    const struct span name = label(a, "alertname");
    char number[20];
    if (label(a, "namespace").len)
        strbuf_addf(&key, "%.*s/", SPAN_ARG(label(a, "namespace")));
    (void)snprintf(number, sizeof(number), "%016llx", (unsigned long long)number_of(a->labels));
    strbuf_addf(&key, "%.*s.%.6s", SPAN_ARG(name), a->fingerprint ? a->fingerprint : number);
    row_begin(w, strbuf_span(&key));
    row_text(w, NAME, name);
    row_text(w, STATE, span_from(a->state));
    put_text(w, SEVERITY, label(a, "severity"));
    put_about(w, a);
    put_annotation(w, SAYS, a, "summary", "message");
    put_annotation(w, DESCRIPTION, a, "description", "message");
    put_annotation(w, RUNBOOK, a, "runbook_url", "runbook");
    put_text(w, NAMESPACE, label(a, "namespace"));
    put_text(w, RECEIVERS, a->receivers);
    if (a->silence)
        row_text(w, SILENCE, span_from(a->silence));
    if (a->generator)
        put_text(w, GENERATOR, span_from(a->generator));
    put_time(w, SINCE, a->since_ms);
    put_labels(w, a->labels);
    put_links(w, a);
    strbuf_clear(&key);
    return row_end(w);
}

bool alert_put_gone(struct row_writer *w, const char *name)
{
    struct strbuf key = STRBUF_INIT(ROW_TEXT_MAX);
    strbuf_addf(&key, "%s.gone", name);
    row_begin(w, strbuf_span(&key));
    row_text(w, NAME, span_from(name));
    row_text(w, STATE, SPAN("gone"));
    strbuf_clear(&key);
    return row_end(w);
}

/* ---- How bad. */

enum { RULE_CRITICAL, RULE_WARNING, RULE_NOTICE, RULE_PENDING, RULE_GONE };

static const struct rule rules[] = {
    [RULE_CRITICAL] = {"alert-critical",
                       "It fires, and its severity is critical, page, error or the like: critical.",
                       .since = SINCE},
    [RULE_WARNING] = {"alert-warning",
                      "It fires, and its severity is warning, none of those known, or not said:"
                      " warning.",
                      .since = SINCE},
    [RULE_NOTICE] = {"alert-notice", "It fires, and its severity is info or low: notice.",
                     .since = SINCE},
    [RULE_PENDING] = {"alert-pending", "Its rule holds, not yet for as long as it must: notice.",
                      .since = SINCE},
    [RULE_GONE] =
        {"alert-watchdog-gone",
         "An alert that always fires, to show that alerts come through, is gone: warning."},
};

/* There is no list of severities that all keep to. */
static bool is_one_of(struct span word, const char *const *words)
{
    for (; *words; words++)
        if (span_eq_nocase(word, span_from(*words)))
            return true;
    return false;
}

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    static const char *const critical[] = {"critical", "crit", "page",  "emergency",
                                           "error",    "high", "major", "fatal",
                                           "disaster", "p1",   "sev1",  NULL},
                             *const notice[] = {"info", "information", "notice", "low", "p4", NULL};
    const struct span state = store_text(st, row, STATE), severity = store_text(st, row, SEVERITY);
    (void)now_ms;
    if (span_is(state, "gone"))
        return verdict_at(LEVEL_WARNING, RULE_GONE);
    if (span_is(state, "silenced") || span_is(state, "inhibited") || span_is(state, "inactive") ||
        span_eq_nocase(severity, SPAN("none"))) /* Watchdog, which always fires */
        return verdict_off();
    if (span_is(state, "pending"))
        return verdict_at(LEVEL_NOTICE, RULE_PENDING);
    if (is_one_of(severity, critical))
        return verdict_at(LEVEL_CRITICAL, RULE_CRITICAL);
    if (is_one_of(severity, notice))
        return verdict_at(LEVEL_NOTICE, RULE_NOTICE);
    return verdict_at(LEVEL_WARNING, RULE_WARNING);
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    struct span text = store_text(st, row, SAYS), about = store_text(st, row, ABOUT);
    if (v->rule == RULE_GONE) {
        strbuf_adds(out,
                    "it always fires, and does so no more: are its Prometheus' rules looked at, "
                    "do its alerts come here?");
        return;
    }
    text = text.len ? text : store_text(st, row, DESCRIPTION);
    strbuf_adds(out, v->rule == RULE_PENDING ? "pending" : "fires");
    sentence_for(out, store_num(st, row, SINCE, TIME_NONE), now_ms);
    if (about.len)
        strbuf_addf(out, ", %.*s", SPAN_ARG(about));
    sentence_cause(out, text);
}

const struct kind kind_alert = {
    .name = "alert",
    .plural = "alerts",
    .aliases = "",
    .title = "Alerts",
    .help =
        "Alerts of Prometheus and Alertmanager: what fires, since when, about what, who silenced"
        " it.",
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "level desc,since,name",
};

/* Somebody has said which there are, and there may be none. */
static bool is_asked(const struct store *st, int kind)
{
    for (size_t i = 0; kind >= 0 && i < store_sources(st); i++)
        if (!store_source(st, (uint16_t)i)->gone &&
            store_source_kind(st, (uint16_t)i, (uint16_t)kind)->synced)
            return true;
    return false;
}

/* "3 fire, 1 pending, 2 silenced" */
void alerts_says(const struct store *st, int64_t now_ms, struct system_parts *parts)
{
    static const struct {
        const char *state, *one, *many;
    } words[] = {{"firing", "fires", "fire"},
                 {"pending", "pending", "pending"},
                 {"silenced", "silenced", "silenced"},
                 {"inhibited", "inhibited", "inhibited"},
                 {"gone", "watchdog gone", "watchdogs gone"}};

    size_t counts[BN_COUNT(words)] = {0}, all = kube_count(st, "alert");
    int kind = store_kind_find(st, SPAN("alert"));
    struct handle row;
    uint32_t at = 0;
    bool any = false;
    (void)now_ms;
    while (kind >= 0 && store_next(st, (uint16_t)kind, &at, &row))
        for (size_t i = 0; i < BN_COUNT(words); i++)
            counts[i] += span_is(store_text(st, row, STATE), words[i].state) &&
                         (i > 0 || store_verdict(st, row).level != LEVEL_OFF);
    for (size_t i = 0; i < BN_COUNT(words); i++)
        if (counts[i]) {
            strbuf_addf(system_part(parts), "%zu %s", counts[i],
                        counts[i] == 1 ? words[i].one : words[i].many);
            any = true;
        }
    if (!any)
        strbuf_adds(system_part(parts), all ? "none fires"
                                        : is_asked(st, kind)
                                            ? "none fires, and no Watchdog shows that they come"
                                            : "none here");
}
