/* The frame of a backend that asks every so often: fills `run` with poll_run(). For each of its
 * kinds that somebody wants it asks at once and then every `every_ms`; what nobody wants is not
 * asked for. REFRESH asks at once. A failed connection ends the run: backing off is the runner's. */
#ifndef BINNACLE_BACKENDS_POLL_H
#define BINNACLE_BACKENDS_POLL_H

#include "backends/backend.h"

struct poll;

/* A kind, or several that come of the same answers. */
struct poll_part {
    /* What it fills; NULL ends. Each gets a whole picture: SYNC_BEGIN, rows, SYNC_END. */
    const struct kind *const *kinds;
    int64_t every_ms;
    /* Asks and writes rows by poll_rows(). True: all was seen. False: *err says why not. ERR_DENIED,
     * ERR_NOTFOUND, ERR_BUSY and ERR_PROTO are of this part alone, others go on and rows of before
     * stay; anything else ends the run. Waits only in calls that watch ctx_stop_fd(). */
    bool (*ask)(void *self, struct poll *p, struct err *err);
    /* The rows of this one and of the next part stand on each other: they are seen at once. */
    bool joined;
};

struct poll_options {
    struct backend_ctx *ctx;
    void *self;                    /* handed to the functions */
    const struct poll_part *parts; /* ends with NULL kinds */
    /* Whether it was the system itself that answered last. If not, what came is an error of the
     * way there, and ends the run. NULL: always. */
    bool (*reached)(const void *self);
    /* Before each turn: a kind that is to be asked for at once, for what is known now of what to look
     * at; NULL: none is. May be NULL. */
    const struct kind *(*renewed)(void *self);
    /* A document about one row; NULL: there are none. */
    bool (*document)(void *self, const struct request *r, struct strbuf *out, struct err *err);
    bool steady; /* as often when nobody is there: somebody has said how often */
};

/* Until the source must stop (true) or the connection has failed (false). */
bool poll_run(const struct poll_options *o, struct err *err);

/* Instead, of a source that was not told to ask: neither well nor ill, until it must stop. */
bool poll_rest(struct backend_ctx *ctx);

/* ---- For ask(). */

struct backend_ctx *poll_ctx(const struct poll *p);
/* Where rows of a kind of this part are written; row_begin() and so on. */
struct row_writer *poll_rows(struct poll *p, const struct kind *kind);
/* Sends up what is written so far; proof of life. For long pictures, every some rows. False: stop. */
bool poll_flush(struct poll *p);
/* A part of the kind's picture is hidden: "3 paths denied". Rows that were not put stay gone. */
void poll_note(struct poll *p, const struct kind *kind, const char *fmt, ...) BN_PRINTF(3, 4);
/* The same of what its rows themselves tell, so that the picture is whole: "2 folders may not be
 * read". */
void poll_remark(struct poll *p, const struct kind *kind, const char *fmt, ...) BN_PRINTF(3, 4);

/* ---- Rates. */

/* Who reads once wants rates too, for which counters are read twice: waits a second and says true,
 * then. False, at once: who reads goes on reading, or it is to stop. */
bool poll_once_more(const struct backend_ctx *ctx);

struct poll_rate {
    int64_t counter, mono_ms;
    bool known;
};

/* Per second since the last call. False: the first, the counter was reset (it is less than it
 * was), or no time has passed. */
bool poll_rate(struct poll_rate *r, int64_t counter, int64_t mono_ms, double *per_second);

#endif
