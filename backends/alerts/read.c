/* The answers of Alertmanager and of Prometheus, alert by alert. */
#include <config.h>

#include "backends/alerts/alerts.h"
#include "base/timetext.h"

#include <string.h>

#define SILENCE_BYTES 400

static int64_t time_of(const struct json_node *object, const char *member)
{
    const char *text = json_node_text(json_node_get(object, member));
    int64_t ms;
    return text && time_parse(span_from(text), &ms) ? ms : TIME_NONE;
}

static bool no_answer(const char *who, struct err *err)
{
    return err_set(err, ERR_PROTO, "what came is no list of alerts, as %s has it", who);
}

static bool put(struct row_writer *w, const struct alert *a, size_t *count, size_t *more,
                struct err *err)
{
    if (json_node_type(a->labels) != JSON_OBJECT)
        return true;
    if (*count == ALERTS_MOST) {
        (*more)++;
        return true;
    }
    (*count)++;
    return alert_put(w, a) || err_set(err, ERR_NOMEM, "there is no memory for the alerts");
}

/* ---- Alertmanager. */

static const struct json_node *first_id(const struct json_node *alert, const char *which)
{
    return json_node_first(json_node_path(alert, which));
}

static const char *state_of(const struct json_node *alert)
{
    const char *state = json_node_path_text(alert, "status.state", "");
    if (first_id(alert, "status.silencedBy"))
        return "silenced";
    if (first_id(alert, "status.inhibitedBy"))
        return "inhibited";
    return strcmp(state, "active") == 0 ? "firing" : "unprocessed";
}

/* "kim until 2026-12-27T00:00:00Z: known, a fix is on its way" */
static void add_silence(const struct json_node *silences, const char *id, struct strbuf *out)
{
    const struct json_node *s = json_node_first(silences);
    while (s && strcmp(json_node_path_text(s, "id", ""), id) != 0)
        s = json_node_next(s);
    if (!s)
        return;
    strbuf_adds(out, json_node_path_text(s, "createdBy", "somebody"));
    strbuf_addf(out, " until %.16s", json_node_path_text(s, "endsAt", "?"));
    if (json_node_path_text(s, "comment", "")[0])
        strbuf_addf(out, ": %s", json_node_path_text(s, "comment", ""));
}

static bool put_of_alertmanager(const struct json_node *one, const struct json_node *silences,
                                struct row_writer *w, size_t *count, size_t *more, struct err *err)
{
    struct strbuf receivers = STRBUF_INIT(1024), silence = STRBUF_INIT(SILENCE_BYTES);
    const struct json_node *by = first_id(one, "status.silencedBy");
    for (const struct json_node *r = json_node_first(json_node_get(one, "receivers")); r;
         r = json_node_next(r))
        strbuf_addf(&receivers, "%s%s", receivers.len ? (const char[]){LIST_SEPARATOR, 0} : "",
                    json_node_path_text(r, "name", ""));
    if (by && json_node_text(by))
        add_silence(silences, json_node_text(by), &silence);
    const struct alert a = {.labels = json_node_get(one, "labels"),
                            .annotations = json_node_get(one, "annotations"),
                            .state = state_of(one),
                            .fingerprint = json_node_text(json_node_get(one, "fingerprint")),
                            .silence = silence.len ? strbuf_cstr(&silence) : NULL,
                            .generator = json_node_text(json_node_get(one, "generatorURL")),
                            .receivers = strbuf_span(&receivers),
                            .since_ms = time_of(one, "startsAt")};
    bool ok = put(w, &a, count, more, err);
    strbuf_clear(&receivers);
    strbuf_clear(&silence);
    return ok;
}

bool alerts_of_alertmanager(const struct json_node *answer, const struct json_node *silences,
                            struct row_writer *w, size_t *more, struct err *err)
{
    size_t count = 0;
    *more = 0;
    if (json_node_type(answer) != JSON_ARRAY)
        return no_answer("Alertmanager", err);
    for (const struct json_node *n = json_node_first(answer); n; n = json_node_next(n))
        if (!put_of_alertmanager(n, silences, w, &count, more, err))
            return false;
    return true;
}

/* As kube-prometheus, and those before it, call it. */
const char *alerts_watchdog(const struct json_node *answer)
{
    static const char *const names[] = {"Watchdog", "DeadMansSwitch", "DeadMansSnitch"};
    const struct json_node *all = json_node_path(answer, "data.alerts");
    for (const struct json_node *n = json_node_first(all ? all : answer); n; n = json_node_next(n))
        for (size_t i = 0; i < BN_COUNT(names); i++)
            if (strcmp(json_node_path_text(n, "labels.alertname", ""), names[i]) == 0)
                return names[i];
    return NULL;
}

bool alerts_silenced(const struct json_node *answer)
{
    for (const struct json_node *n = json_node_first(answer); n; n = json_node_next(n))
        if (first_id(n, "status.silencedBy"))
            return true;
    return false;
}

/* ---- Prometheus. */

bool alerts_of_prometheus(const struct json_node *answer, struct row_writer *w, size_t *more,
                          struct err *err)
{
    const struct json_node *all = json_node_path(answer, "data.alerts");
    size_t count = 0;
    *more = 0;
    if (json_node_type(all) != JSON_ARRAY)
        return no_answer("Prometheus", err);
    for (const struct json_node *n = json_node_first(all); n; n = json_node_next(n)) {
        const struct alert a = {.labels = json_node_get(n, "labels"),
                                .annotations = json_node_get(n, "annotations"),
                                .state = json_node_path_text(n, "state", "firing"),
                                .since_ms = time_of(n, "activeAt")};
        if (!put(w, &a, &count, more, err))
            return false;
    }
    return true;
}
