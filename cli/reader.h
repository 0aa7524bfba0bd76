/* What `get` and `status` share: wanting kinds once, waiting until each has
 * arrived or failed, and naming what is missing. */
#ifndef BINNACLE_CLI_READER_H
#define BINNACLE_CLI_READER_H

#include "app/session.h"
#include "cli/data_out.h"

struct reader {
    struct session *session; /* borrowed */
    uint16_t asked;          /* the kind that a person asked for; KIND_NONE: several */
    bool *wanted;            /* owned; per kind */
    bool *quoted;            /* owned; per kind: for sentences alone, done without */
    int64_t end_ms;          /* monotonic: when patience ends */
};

/* wait: text of --wait, NULL: the default. False: it is no time. */
bool reader_init(struct reader *r, struct session *s, const char *wait, struct err *err);
void reader_done(struct reader *r);
void reader_want(struct reader *r, uint16_t kind);
/* The kinds whose rows a kind's cells are folded from; hidden: also of cells that
 * only verdicts and JSON look at. */
void reader_want_folds(struct reader *r, uint16_t kind, bool hidden);
/* The kinds that its sentences quote. */
void reader_want_quotes(struct reader *r, uint16_t kind);
/* The kinds that its rows, as far as they are there, are judged by. True: there
 * were new ones. */
bool reader_want_links(struct reader *r, uint16_t kind);
/* True once all wanted have arrived or failed; false when patience ended first. */
bool reader_wait(struct reader *r);
/* Waits for a document. False: *err says why. The text is borrowed until
 * session_cancel(). */
bool reader_document(struct reader *r, uint32_t id, struct span *text, struct err *err);

/* A wanted kind that is not wholly there, and why; *kind = 0 starts. False: no more. */
bool reader_missing(const struct reader *r, uint16_t *kind, struct err *why);
bool reader_complete(const struct reader *r, uint16_t kind);
/* Says the missing on standard error, each sentence once; true when there were any. */
bool reader_say_missing(const struct reader *r);
/* Says on stderr what sources remark of a kind that is whole: "2 folders may not be read". */
void reader_say_remarks(const struct reader *r, uint16_t kind);
/* Why not all rows of a kind are there; hint: what follows where they did not come in time. */
void reader_why_missing(const struct store *st, uint16_t kind, const char *hint, struct err *why);
/* A member of "missing". */
void reader_write_why(struct data_out *d, const char *kind, const struct err *why);
/* "complete" and "missing" of the JSON list. */
void reader_write_missing(const struct reader *r, struct data_out *d);

#endif
