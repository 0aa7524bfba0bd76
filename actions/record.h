/* What a run says, in a file of its own beside the audit log, so that it can be watched by who has not
 * begun it, or has lost the terminal where it was begun: "audit-runs/ID" for "audit.jsonl". It has what
 * is shown and nothing else, so no secret; only its owner may read it. It is for people: what was done
 * stands in the audit log. */
#ifndef BINNACLE_ACTIONS_RECORD_H
#define BINNACLE_ACTIONS_RECORD_H

#include "base/err.h"
#include "base/strbuf.h"

#define RECORD_MAX ((size_t)16 << 20) /* bytes of a run's; more are not read at once */

struct record;

/* Opens it, behind what was said before where the run is gone on with; those of runs that ended a
 * month ago go. NULL: it cannot be kept, or another process has it. */
struct record *record_begin(const char *audit, const char *id);
void record_line(struct record *r, const char *text); /* NULL record is allowed here and below */
void record_end(struct record *r);
/* Appends what the run has said so far; nothing where nothing was kept of it. */
void record_read(const char *audit, const char *id, struct strbuf *out);

/* For who watches: on_text takes what the run has said so far, and what it says from now on, until
 * nobody writes any more. stop_fd: readable: no longer (ERR_CANCELLED). ERR_NOTFOUND: nothing was kept
 * of it. */
bool record_follow(const char *audit, const char *id, int stop_fd,
                   void (*on_text)(void *context, struct span text), void *context,
                   struct err *err) BN_MUST_USE;

#endif
