/* The session: configuration -> sources -> store -> verdicts -> timers. No
 * terminal; `cli` and `tui` both stand on it. One thread. */
#ifndef BINNACLE_APP_SESSION_H
#define BINNACLE_APP_SESSION_H

#include "backends/backend.h"
#include "model/view.h"

struct session;
struct config; /* app/config.h */

struct session_options {
    const struct config *config; /* borrowed for the session's life; may be NULL */
    const char *kubeconfig;      /* --kubeconfig, or NULL */
    const char *context;         /* --context, or NULL: the current one */
    const char *namespace_;      /* -n, or NULL: the context's */
    bool all_namespaces;
    const char *scope_kind; /* readers: the kind of which one namespace is enough; NULL: none */
    bool read_only;
    bool once;        /* readers: lists without watches */
    bool on_terminal; /* a login plug-in that asks on the terminal may do so at once */
    int64_t epoch_ms; /* 0, or where the wall clock stands (demo) */
    /* Where all hosts and names out in the world are asked (demo), "127.0.0.1:40123", and the CA of
     * their certificates; NULL: as the configuration says. */
    const char *outside, *outside_ca;
};

/* Reads kubeconfig, builds sources and store, starts threads. NULL with a
 * sentence when there is nothing to connect to (no kubeconfig, unknown context). */
struct session *session_new(const struct session_options *options, struct err *err) BN_MUST_USE;
/* Stops sources, waits at most 150 ms, frees what has ended. */
void session_free(struct session *s);

/* Readable when messages wait; borrowed. */
int session_fd(const struct session *s);
/* Monotonic ms when session_turn() is due though nothing arrives. */
int64_t session_next_ms(const struct session *s);
/* Applies what has arrived and does what is due, for at most budget_us. True:
 * more to do at once. Never waits. Notices that the machine has slept. */
bool session_turn(struct session *s, int64_t budget_us);

struct store *session_store(const struct session *s);
struct clock *session_clock(const struct session *s);
/* Moves the clock on by ms, and whoever waits for a time looks at it again (tests). */
void session_step(struct session *s, int64_t ms);
int64_t session_now(const struct session *s); /* wall ms */
const struct kind_list *session_kinds(const struct session *s);
const struct system_list *session_systems(const struct session *s);
bool session_read_only(const struct session *s);
/* Names for the title: "ReyemCluster"; production by the name patterns of the configuration. */
const char *session_context(const struct session *s);
const struct config *session_config(const struct session *s); /* borrowed; may be NULL */
bool session_production(const struct session *s);
const char *session_kubeconfig(const struct session *s); /* --kubeconfig, or NULL */
/* "": all; else the namespace that -n or the context names. */
const char *session_namespace(const struct session *s);
/* Names of all contexts of the kubeconfig, separated by '\n'. */
void session_contexts(const struct session *s, struct strbuf *out);
/* Leaves the present cluster at once and connects to another; a new store takes
 * the old one's place (views on it must be freed before the next session_turn()),
 * and documents and streams are forgotten. False: nothing has changed. */
bool session_switch(struct session *s, const char *context, struct err *err);

/* Kinds are watched while at least one holder wants them. */
void session_want(struct session *s, uint16_t kind);
void session_unwant(struct session *s, uint16_t kind);
/* True while a source that fills the kind may yet be found. */
bool session_pending(const struct session *s, uint16_t kind);
/* True when there is a source that fills the kind. */
bool session_fills(const struct session *s, uint16_t kind);
/* Nobody is there who would see what comes (true), or somebody is again: what is asked every few
 * seconds is asked three times less often, or at once. Of a new connection somebody has asked. */
void session_rest(struct session *s, bool rest);
/* One source, or all when SOURCE_ANY: look again, end back-offs. */
void session_retry(struct session *s, uint16_t source);

struct session_past {
    uint16_t source; /* who was asked */
    size_t count;
    struct past_figure figures[PAST_FIGURES];
};

/* Documents and streams. Ids are never 0 and never reused. */
uint32_t session_fetch(struct session *s, struct handle row, enum document what);
uint32_t session_stream(struct session *s, struct handle row, const struct stream_options *options);
/* Asks the first source that keeps a past for what it may have of a row, once: the document is a struct
 * past, whose figures are those of *out. 0: there is no such source, or it has nothing of such a row. */
uint32_t session_past(struct session *s, struct handle row, struct session_past *out);
void session_cancel(struct session *s, uint32_t id); /* also forgets a finished one */

struct session_document {
    bool done;
    struct span text; /* borrowed until session_cancel() */
    struct err err;   /* kind ERR_NONE when fine */
};

/* False: no such id. */
bool session_document(const struct session *s, uint32_t id, struct session_document *out);
/* Lines that have arrived since the last call, moved into *out (appended);
 * false: no such id. *ended and *err say that and why the stream is over. */
bool session_lines(struct session *s, uint32_t id, struct strbuf *out, uint64_t *dropped,
                   bool *ended, struct err *err);

/* Runs the context's login plug-in on the terminal's own descriptors (the caller
 * has left the screen). Waits for it. */
bool session_login(struct session *s, struct err *err);

#endif
