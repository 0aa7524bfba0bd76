/* An application, judged by what it is made of. */
#include <config.h>

#include "backends/apps/apps.h"
#include "backends/cells.h"
#include "backends/kubernetes/sentence.h"
#include "backends/rota.h"
#include "backends/verdict.h"

#include <stdio.h>
#include <string.h>

enum {
    NAMESPACE,
    NAME,
    READY,
    STATUS,
    CERT,
    HOSTS,
    WORKLOADS,
    IMAGES,
    FROM,
    READY_COUNT,
    DESIRED,
    EXPIRES
};

static const struct column columns[] = {
    [NAMESPACE] = {"namespace", "NAMESPACE", "Namespace.", VALUE_TEXT, 10, 15, COLUMN_IDENT, NULL,
                   NULL},
    [NAME] = {"name", "NAME", "What it is called, by its labels.", VALUE_TEXT, 16, 0, COLUMN_IDENT,
              NULL, NULL},
    [READY] = {"ready", "READY", "Pods that are ready, of those wanted, of all its workloads.",
               VALUE_TEXT, 5, 0, COLUMN_NOTABLE, NULL, NULL},
    [STATUS] = {"status", "HTTP", "HTTP status that its host answers; of several, the worst.",
                VALUE_COUNT, 4, 5, COLUMN_NOTABLE | COLUMN_RIGHT, NULL, NULL},
    [CERT] = {"cert", "CERT", "Until the first certificate that its hosts serve expires.",
              VALUE_DURATION, 5, 10, COLUMN_RIGHT | COLUMN_LEFT, "expires", NULL},
    [HOSTS] = {"hosts", "HOSTS", "Public hosts that lead to it.", VALUE_LIST, 26, 20,
               COLUMN_NOTABLE, NULL, NULL},
    [WORKLOADS] = {"workloads", "WORKLOADS", "What runs it.", VALUE_LIST, 22, 30, COLUMN_NOTABLE,
                   NULL, NULL},
    [IMAGES] = {"images", "IMAGES", "Images of its workloads.", VALUE_LIST, 40, 50,
                COLUMN_WIDE | COLUMN_NOTABLE, NULL, NULL},
    [FROM] = {"from", "FROM", "What says that it is one: routes, or the configuration.", VALUE_TEXT,
              13, 70, COLUMN_WIDE, NULL, NULL},
    [READY_COUNT] = {"ready-count", "READY-COUNT", "Pods that are ready.", VALUE_COUNT, 5, 80,
                     COLUMN_HIDDEN, NULL, NULL},
    [DESIRED] = {"desired", "DESIRED", "Pods wanted.", VALUE_COUNT, 5, 80, COLUMN_HIDDEN, NULL,
                 NULL},
    [EXPIRES] = {"expires", "EXPIRES", "When that certificate expires.", VALUE_INSTANT, 20, 85,
                 COLUMN_HIDDEN, NULL, NULL},
};

/* ---- Rows. */

static const char *const parts[] = {"workload",    "ingressroute", "ingress",
                                    "served-cert", "http-probe",   NULL};

static void put_count(struct row_writer *w, size_t column, int64_t n)
{
    if (n != TIME_NONE)
        row_num(w, column, n);
}

static bool put(struct span line, struct row_writer *w)
{
    char ready[64];
    int64_t up = joined_num(line, APP_READY, 0), all = joined_num(line, APP_DESIRED, 0);
    bool runs = joined_part(line, APP_WORKLOADS).len > 0;
    (void)snprintf(ready, sizeof(ready), "%lld/%lld", (long long)up, (long long)all);
    row_begin(w, joined_part(line, APP_KEY));
    row_text(w, NAMESPACE, joined_part(line, APP_NAMESPACE));
    row_text(w, NAME, joined_part(line, APP_NAME));
    if (runs) {
        row_text(w, READY, span_from(ready));
        row_num(w, READY_COUNT, up);
        row_num(w, DESIRED, all);
    }
    put_count(w, STATUS, joined_num(line, APP_STATUS, TIME_NONE));
    put_text(w, HOSTS, joined_part(line, APP_HOSTS));
    put_text(w, WORKLOADS, joined_part(line, APP_WORKLOADS));
    put_text(w, IMAGES, joined_part(line, APP_IMAGES));
    put_text(w, FROM, joined_part(line, APP_FROM));
    put_time(w, EXPIRES, joined_num(line, APP_EXPIRES, TIME_NONE));
    for (const char *const *k = parts; *k; k++) { /* what is nearest to a cause comes first */
        const char *const one[] = {*k, NULL};
        joined_link(w, joined_part(line, APP_PARTS), one, LINK_AFFECTS);
    }
    row_link(w, LINK_NAMESPACE, 0, "namespace", joined_part(line, APP_NAMESPACE));
    return row_end(w);
}

/* ---- Verdicts. */

enum { RULE_MISSING, RULE_WORKLOAD, RULE_ROUTE, RULE_CERT, RULE_HOST, RULE_UNSEEN, RULE_NOTHING };

static const struct rule rules[] = {
    [RULE_MISSING] = {"app-workload-missing",
                      "A workload that the configuration names for it does not exist: critical."},
    [RULE_WORKLOAD] = {"app-workload", "As bad as the worst of its workloads."},
    [RULE_ROUTE] = {"app-route", "As bad as the worst of its routes."},
    [RULE_CERT] = {"app-cert", "As bad as the worst certificate that its hosts serve."},
    [RULE_HOST] = {"app-host", "As bad as the worst answer of its hosts."},
    [RULE_UNSEEN] = {"app-host-unseen", "One of its hosts was not asked yet: unknown."},
    [RULE_NOTHING] = {"app-nothing", "Nothing is known of what it is made of: unknown."},
};

static uint16_t rule_of(const struct store *st, struct handle part)
{
    const char *kind = store_kind(st, part.kind)->name;
    return strcmp(kind, "workload") == 0      ? RULE_WORKLOAD
           : strcmp(kind, "http-probe") == 0  ? RULE_HOST
           : strcmp(kind, "served-cert") == 0 ? RULE_CERT
                                              : RULE_ROUTE;
}

/* What decides: the first of its parts that is as bad as any. link: what the verdict is about where
 * there is no such row. */
static struct verdict decide(const struct store *st, struct handle row, struct link *about,
                             struct handle *worst)
{
    struct verdict v = verdict_off(), unseen = verdict_off();
    struct link link;
    struct handle part;
    size_t at = 0, seen = 0;
    bool asked = !rota_is_off(st, "probe");
    while (store_link_next(st, row, &at, &link)) {
        if (link.type != LINK_PART)
            continue;
        enum link_reach reach = store_follow(st, row, &link, &part);
        bool host = span_is(link.kind, "http-probe"), runs = span_is(link.kind, "workload");
        if (reach == LINK_MISSING && runs) {
            *about = link;
            return verdict_at(LEVEL_CRITICAL, RULE_MISSING);
        }
        if (reach != LINK_FOUND && host && asked && unseen.level == LEVEL_OFF) {
            *about = link;
            unseen = verdict_at(LEVEL_UNKNOWN, RULE_UNSEEN);
        }
        if (reach != LINK_FOUND)
            continue;
        seen++;
        if (store_verdict(st, part).level <= v.level)
            continue;
        v = verdict_at(store_verdict(st, part).level, rule_of(st, part));
        *worst = part;
    }
    if (!seen)
        return verdict_at(LEVEL_UNKNOWN, RULE_NOTHING);
    return unseen.level > v.level ? unseen : v;
}

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    struct link about;
    struct handle worst;
    (void)now_ms;
    return decide(st, row, &about, &worst);
}

static struct span last_part(struct span key)
{
    size_t slash = span_find_last(key, '/');
    return slash < key.len ? span_sub(key, slash + 1, key.len) : key;
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    static const char *const words[] = {[RULE_MISSING] = "",
                                        [RULE_WORKLOAD] = "workload",
                                        [RULE_ROUTE] = "route",
                                        [RULE_CERT] = "certificate of",
                                        [RULE_HOST] = "host"};
    struct link about = {0};
    struct handle worst = {0};
    struct strbuf inner = STRBUF_INIT(8192);
    if (decide(st, row, &about, &worst).rule != v->rule) /* what it was about has just changed */
        return;
    if (v->rule == RULE_MISSING) {
        strbuf_addf(out, "workload %.*s does not exist", SPAN_ARG(about.key));
    } else if (v->rule == RULE_UNSEEN) {
        strbuf_addf(out, "host %.*s was not asked yet", SPAN_ARG(about.key));
    } else if (v->rule == RULE_NOTHING) {
        strbuf_adds(out, "nothing is known of what it is made of");
    } else {
        struct span name = last_part(store_key(st, worst));
        store_says(st, worst, now_ms, &inner);
        strbuf_adds(out, words[v->rule]);
        if (!span_eq(name, last_part(store_key(st, row)))) /* a workload often has the app's */
            strbuf_addf(out, " %.*s", SPAN_ARG(name));
        strbuf_adds(out, ": ");
        sentence_add(out, strbuf_span(&inner), SENTENCE_CAUSE);
    }
    strbuf_clear(&inner);
}

const struct kind kind_app = {
    .name = "app",
    .plural = "apps",
    .aliases = "",
    .title = "Applications",
    .help = "Applications behind public routes: their workloads, routes, certificates and answers.",
    .namespaced = true,
    .joined = true,
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .quotes = "pod replicaset",
    .sort = "level desc,namespace,name",
};

/* ---- The backend. */

static void says_apps(const struct store *st, int64_t now_ms, struct system_parts *out)
{
    uint16_t kind = (uint16_t)store_kind_find(st, SPAN("app"));
    size_t all = store_count(st, kind), bad = 0;
    (void)now_ms;
    for (int level = LEVEL_UNKNOWN; level <= LEVEL_CRITICAL; level++)
        bad += store_level_count(st, kind, (enum level)level);
    if (all)
        strbuf_addf(system_part(out), "%zu/%zu well", all - bad, all);
    else
        strbuf_adds(system_part(out), "none found");
}

static const struct kind *const kinds[] = {&kind_app, NULL};
static const char *const needs[] = {"workload",   "service",    "ingressroute", "ingress",
                                    "middleware", "http-probe", "served-cert",  NULL};
static const struct setting settings[] = {{NULL, NULL, NULL, SETTING_TEXT}};
static const struct system systems[] = {
    {"apps",
     "Applications",
     "What stands behind public routes, each as a whole.",
     {"app"},
     says_apps},
    {NULL, NULL, NULL, {NULL}, NULL},
};

static const struct setting entry[] = {
    {"workloads", NULL,
     "What runs it, NAMESPACE/TYPE/NAME separated by commas; else what its routes lead to.",
     SETTING_TEXT},
    {"hosts", NULL, "Its public hosts separated by commas; else those of its routes.",
     SETTING_TEXT},
    {"show", "true", "false: it is none.", SETTING_TEXT},
    {NULL, NULL, NULL, SETTING_TEXT},
};

const struct declares apps_declares = {
    .key = "apps",
    .help = "Applications, by NAME or NAMESPACE/NAME, where routes do not say all of them.",
    .entry = entry,
};

const struct backend backend_apps = {
    .name = "apps",
    .summary = "Applications behind public routes, of the rows of workloads, routes and probes.",
    .kinds = kinds,
    .settings = settings,
    .systems = systems,
    .state_size = 1,
    .quiet_ms = JOINED_QUIET_MS,
    .needs = needs,
    .discover = apps_discover,
    .declares = &apps_declares,
    .joined = put,
    .run = joined_run,
};
