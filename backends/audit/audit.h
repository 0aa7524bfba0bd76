/* Runs of guided actions, as this machine's audit log has them. */
#ifndef BINNACLE_BACKENDS_AUDIT_AUDIT_H
#define BINNACLE_BACKENDS_AUDIT_AUDIT_H

#include "base/strbuf.h"
#include "net/hash_chain.h"

extern const struct backend backend_audit;

#define AUDIT_RUNS_MAX 1000 /* the newest are kept */

/* A run, or a line that is of none. Texts are owned. */
struct audit_seen {
    char *id, *action, *target, *who, *context, *server, *result; /* result NULL: it has no end */
    int64_t at_ms, end_ms;                                        /* TIME_NONE: not known */
    int64_t steps, done;
    size_t broken; /* the first line of it whose hashes do not fit; 0: all do */
    struct strbuf lines;
};

struct audit_runs {
    struct audit_seen *all; /* owned; as they began */
    size_t count, cap;
};

/* All of the file. False: it cannot be read; where there is none yet there are no runs. */
bool audit_runs_read(struct audit_runs *r, const char *path, struct err *err) BN_MUST_USE;
void audit_runs_clear(struct audit_runs *r);

#endif
