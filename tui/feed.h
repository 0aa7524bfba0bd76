/* What has changed, for people: the store's ring of changes folded by whose
 * they are. A crash of a pod, what it does to its Deployment and the event that
 * tells of it are one line. One thread. */
#ifndef BINNACLE_TUI_FEED_H
#define BINNACLE_TUI_FEED_H

#include "model/store.h"

#define FEED_LINES_MAX 300

struct feed;

struct feed *feed_new(void) BN_MUST_USE; /* owned, never NULL */
void feed_free(struct feed *f);
/* Forgets everything: another store is next. */
void feed_clear(struct feed *f);
/* Takes up what the ring holds beyond what was taken, in slices; rows that are
 * gone are known for a minute only. True: there is more to take. */
bool feed_follow(struct feed *f, const struct store *st);

/* What the ring holds so far is no news. */
void feed_skip(struct feed *f, const struct store *st);

struct feed_line {
    int64_t wall_ms;   /* of the newest change in it */
    const char *label; /* "deployment", "pod"; borrowed until the next feed_follow() */
    struct span whose; /* "shop/api"; borrowed as well */
    enum level level;  /* what it has come to; OFF: no level has changed */
    bool good;         /* a level has changed, for the better */
    struct handle row; /* to look at first; may be gone */
};

/* Names of the lines since an instant, newest first; a line keeps its name.
 * routine: also what comes and goes by the clock and is well. */
size_t feed_lines(const struct feed *f, int64_t since_ms, bool routine,
                  uint64_t out[FEED_LINES_MAX]);
/* False: the line has been forgotten. */
bool feed_line(const struct feed *f, uint64_t name, struct feed_line *out);
/* Appends what has changed, what matters most first: "ok -> critical: ...". */
void feed_say(const struct feed *f, const struct store *st, uint64_t name, int64_t now_ms,
              bool ascii, struct strbuf *out);

#endif
