/* The frame of a backend that looks at many things in turn, each every so often and few at a time:
 * fills `run` with rota_run(). Which things there are, discovery says: a line of the targets
 * (ctx_take_targets()) each; up to its first tab it is the thing's name, which is its rows' key.
 * Behind a form feed stands what other sources say of it: where that alone changes, its rows are
 * written again, and nothing is looked at. What is new is looked at at once; what nobody wants to
 * know is not looked at. */
#ifndef BINNACLE_BACKENDS_ROTA_H
#define BINNACLE_BACKENDS_ROTA_H

#include "backends/backend.h"

struct rota;

struct rota_item {
    struct rota_item *next;
    char *name; /* owned by the rota, as all here but data */
    char *line; /* as discovery says it */
    void *data; /* the backend's own; NULL at first */
    int64_t due_ms;
    uint64_t looks; /* so far */
    bool asked;     /* somebody wants it to be looked at now */
    bool busy;      /* is being looked at */
    bool seen;      /* was looked at: has rows */
    bool kept;      /* while targets are taken */
};

struct rota_options {
    struct backend_ctx *ctx;
    void *self; /* handed to the functions */
    const struct kind *const
        *kinds; /* that it fills; NULL ends. A row of each may come of an item */
    int64_t every_ms;
    unsigned at_once;
    unsigned parts; /* of the line that ask for a new look when they change, its name being the
                       first; when others do its rows are written anew. 0: all */
    /* Begins to look at it; rota_done() says when that is over. False: the run ends. */
    bool (*start)(void *self, struct rota_item *item, struct err *err);
    /* Works until something has ended, fd is readable or timeout_ms are over. */
    void (*turn)(void *self, struct rota *r, int timeout_ms, int fd);
    /* Writes its row of a kind, or none. False: row_end() said so. */
    bool (*put)(void *self, const struct rota_item *item, const struct kind *kind,
                struct row_writer *w);
    /* It is not there any more: gives up looking, frees data. */
    void (*drop)(void *self, struct rota_item *item);
};

/* Until the source must stop (true) or looking at things has failed (false). */
bool rota_run(const struct rota_options *o, struct err *err);
/* Looking at an item is over: something has answered, so that the source lives. */
void rota_done(struct rota *r, struct rota_item *item);
/* The same, but nothing was asked of anybody, or nobody answered. */
void rota_pass(struct rota *r, struct rota_item *item);
/* Writes all rows again: what they are written by has changed. */
void rota_rewrite(struct rota *r);

/* Whether there is a thing of this name. */
bool rota_has(const struct rota *r, struct span name);

/* Links a row to the objects that a part lists: "ingressroute:shop/web,ingress:shop/old".
 * flags: of enum link_flags. */
void rota_link(struct span list, unsigned flags, struct row_writer *w);

/* True: the store knows no source of this backend: it is not wanted, or there is nothing to look at. */
bool rota_is_off(const struct store *st, const char *backend);

/* The n-th part of the item's line, 0 being its name; "" beyond the last. */
struct span rota_part(const struct rota_item *item, unsigned n);
/* The same of the parts behind the form feed. */
struct span rota_beside(const struct rota_item *item, unsigned n);

#endif
