/* What the sentences of verdicts share: foreign texts as one line, times, and
 * what pods and events have to say of a row. Called only when a row is shown. */
#ifndef BINNACLE_BACKENDS_KUBERNETES_SENTENCE_H
#define BINNACLE_BACKENDS_KUBERNETES_SENTENCE_H

#include "model/store.h"

#define SENTENCE_CAUSE 240 /* bytes of a cause in the system's own words, */
#define SENTENCE_INNER 120 /* of another row's sentence within one */

/* Text as one line. Of what is longer than max bytes the middle is left out: in
 * a chain of errors the last is the cause. */
void sentence_add(struct strbuf *out, struct span text, size_t max);
/* ": " and the text; nothing when there is none. */
void sentence_cause(struct strbuf *out, struct span text);
/* " for 5m", " 5m ago"; nothing when since is TIME_NONE. */
void sentence_for(struct strbuf *out, int64_t since, int64_t now_ms);
void sentence_ago(struct strbuf *out, int64_t when, int64_t now_ms);
/* "; FailedMount: no such volume" of the newest warning of the last hour about
 * the row, where the events are known. False: there is none. */
bool sentence_event(struct strbuf *out, const struct store *st, struct handle row);
/* The same, but ": no such volume" alone when its reason has just been said. */
bool sentence_event_beside(struct strbuf *out, const struct store *st, struct handle row,
                           struct span reason);

/* "; web-7f9: CrashLoopBackOff, ...": another row's name and sentence. */
void sentence_row(struct strbuf *out, const struct store *st, struct handle row, int64_t now_ms);

/* The pods of a workload or job, its own and those of its ReplicaSets. */
struct owned {
    bool known;   /* all of them are */
    size_t count; /* that are not on their way out */
    enum level level;
    struct handle worst; /* the pod that has this level; count > 0 */
};

void owned_pods(const struct store *st, struct handle row, struct owned *out);
/* The worst pod's, where one is bad. */
bool sentence_pod(struct strbuf *out, const struct store *st, struct handle row, int64_t now_ms);

#endif
