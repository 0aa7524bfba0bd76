/* The interface that every sort of source implements, once, and what the
 * runner lends it. A backend is written as if the program had one thread: it
 * never touches the store or the screen; all it says goes up as messages. */
#ifndef BINNACLE_BACKENDS_BACKEND_H
#define BINNACLE_BACKENDS_BACKEND_H

#include "base/clock.h"
#include "model/message.h"
#include "model/past.h"
#include "model/system.h"
struct credential; /* net/credential.h */

struct backend_ctx; /* one running source, as its own thread sees it */

enum request_type {
    REQUEST_WANT,    /* watch a kind from now on */
    REQUEST_UNWANT,  /* no more */
    REQUEST_REFRESH, /* look again now (kind, or all when KIND_NONE); also ends a back-off */
    REQUEST_FETCH,   /* a document about one row: answered by ctx_document() */
    REQUEST_STREAM,  /* lines of one row: answered by ctx_lines() until CANCEL or its end */
    REQUEST_CANCEL,  /* of a FETCH or STREAM by id */
};

enum document {
    DOCUMENT_YAML, /* the object as `kubectl get -o yaml` shows it, without managedFields */
    DOCUMENT_JSON, /* the object as the API server sent it */
    DOCUMENT_PAST, /* a struct past; key: what `past` of the backend has written, no row's key */
};

struct stream_options {
    char container[64]; /* "" : the default one */
    bool previous;
    bool follow;
    bool timestamps;
    int64_t tail_lines; /* < 0: all */
    int64_t since_s;    /* 0: no limit */
};

struct request {
    enum request_type type;
    uint32_t id; /* FETCH, STREAM, CANCEL */
    uint16_t kind;
    char *key; /* FETCH, STREAM: row's key; owned, free with request_done() */
    size_t key_len;
    enum document what; /* FETCH */
    struct stream_options stream;
};

void request_done(struct request *r); /* frees what it owns */

enum setting_type {
    SETTING_TEXT,
    SETTING_REACH,  /* how the system is reached: one of net/reach.h's REACH_FORMS */
    SETTING_WHICH,  /* a text that names one of those whose way is known: a bucket of AWS */
    SETTING_NUMBER, /* a decimal number, 0 or more */
    SETTING_SECRET, /* where a secret is to be had, never the secret: net/recipe.h's RECIPE_FORMS */
    SETTING_GIVEN,  /* the session gives it; the configuration cannot */
    /* Kept as JSON, which is YAML: */
    SETTING_COMMAND, /* a list of words: what is run. Says, as REACH does, that the source is there */
    SETTING_VARS,    /* a map of texts: variables */
    SETTING_SECRETS, /* the same; each text is a recipe, as of SETTING_SECRET */
    SETTING_DATA,    /* whatever its backend makes of it */
};

struct setting {
    const char *name;
    const char *fallback; /* NULL: none */
    const char *help;
    enum setting_type type;
};

/* An entry of a list of the configuration. */
struct declared {
    const char *name;
    const char *const *settings; /* "name=value"; NULL ends */
};

/* A list of the configuration that a backend's discover() reads. */
struct declares {
    const char *key;  /* "prices" */
    const char *help; /* a sentence */
    const struct setting
        *entry; /* what an entry may say beside its `name`; ends with a NULL name */
    const struct declared *defaults; /* what holds unless the configuration has an entry of that
                                        name; ends with a NULL name. NULL: nothing */
};

struct discovery; /* backends/discovery.h */
struct backend;

/* An entry of `sources:`. */
struct backend_entry {
    const char *name;
    const char *const *settings;          /* "name=value", NULL ends */
    const struct backend *const *earlier; /* made for entries before it; NULL ends */
};

struct backend {
    const char *name;                /* "kubernetes": configuration section, log tag */
    const char *summary;             /* one line for `binnacle backends` and the manual */
    const struct kind *const *kinds; /* the kinds it fills; NULL ends */
    const struct setting *settings;  /* ends with a NULL name */
    const struct system *systems;    /* that its kinds make up; ends with a NULL name */
    size_t state_size;               /* the runner hands over zeroed memory, kept across runs */
    /* Milliseconds without proof of life, while one of its kinds is wanted, after which what it
     * said is stale; 0: 32 s, two heartbeats and a little. */
    int64_t quiet_ms;
    /* Names of the kinds that discover() reads; NULL ends. They are watched while the connection
     * lives: kinds that home watches anyway cost nothing. NULL: there is nothing to look for. */
    const char *const *needs;
    /* Says by discovery_add() which sources of this sort the rows speak of. Pure: reads the store,
     * on the session's thread, whenever rows of `needs` have changed; so it had better not walk
     * pods. What it does not say any more is stopped. */
    void (*discover)(const struct store *st, struct discovery *d);
    /* What discover() is told by the configuration (discovery_declared()). NULL: nothing. */
    const struct declares *declares;
    /* It asks hosts out in the world that the rows name; `probes: false` of the configuration
     * forbids that it is looked for. */
    bool outward;
    /* Its rows are made of other rows (backends/joined.h), and known as long as the cluster's are:
     * writes the row of a line of the targets, from row_begin() to row_end(). NULL: they are not. */
    bool (*joined)(struct span line, struct row_writer *w);
    /* It keeps figures of the past: which it may have of a row of whatever kind, how many (0: none), and
     * appends what it is to be asked for them, a line each; that is the key of a FETCH of
     * DOCUMENT_PAST. Pure: reads the store, on the session's thread. NULL: it keeps none. */
    size_t (*past)(const struct store *st, struct handle row, struct past_figure out[PAST_FIGURES],
                   struct strbuf *ask);

    /* Where the configuration says which kinds a source fills: makes a backend of its own for an
     * entry, with this one's name, which lives until release(). It may share kinds with earlier
     * ones. NULL: ERR_CONFIG. All three slots NULL: its sources are alike. */
    struct backend *(*configure)(const struct backend_entry *entry, struct err *err);
    /* Called before kinds are first read, and again: what can be known of them only by asking, which
     * takes a few seconds at most. */
    void (*complete)(struct backend *own);
    void (*release)(struct backend *own);

    /* Works until ctx_stopping() (true) or an error (false, *err says why): the
     * runner then backs off and calls again. Kinds wanted at that time are asked
     * for by ctx_wanted(); later changes come as requests. Waits only in calls
     * that also watch ctx_wake_fd(). */
    bool (*run)(void *self, struct backend_ctx *ctx, struct err *err);
    /* Releases what self owns. Called once, after the last run. */
    void (*close)(void *self);
};

/* What the runner lends. Source's own thread only. */

const char *ctx_name(const struct backend_ctx *ctx); /* "ReyemCluster" */
const struct backend *ctx_backend(const struct backend_ctx *ctx);
const struct clock *ctx_clock(const struct backend_ctx *ctx);
/* A setting's text, its fallback, or NULL. Borrowed. */
const char *ctx_setting(const struct backend_ctx *ctx, const char *name);
/* The same; NULL also where it is empty. */
const char *ctx_setting_filled(const struct backend_ctx *ctx, const char *name);
/* Whether it is "true". */
bool ctx_setting_true(const struct backend_ctx *ctx, const char *name);
/* What is to be looked at, as discovery says (struct found); owned, free() it. NULL: it is as it was
 * at this run's last call, or nothing was ever said. A change wakes as a request does. */
char *ctx_take_targets(struct backend_ctx *ctx) BN_MUST_USE;
/* True for readers (`get`): each kind is wanted whole and once, without watching. */
bool ctx_once(const struct backend_ctx *ctx);
/* A reference (credential_unref()) to the credential that the session shares
 * with this source, so that `:login` reaches it; NULL: none. Ask for it in every
 * run: it changes when the kubeconfig does. */
struct credential *ctx_credential(struct backend_ctx *ctx) BN_MUST_USE;

/* Readable when a request waits or the source must stop; for poll(2). */
int ctx_wake_fd(const struct backend_ctx *ctx);
/* Readable only when the source must stop: for calls that may wait long. */
int ctx_stop_fd(const struct backend_ctx *ctx);
bool ctx_stopping(const struct backend_ctx *ctx);
/* Waits until the source's clock is at this monotonic time; requests stay for later. False: the
 * source must stop. */
bool ctx_wait_until(struct backend_ctx *ctx, int64_t mono_ms);
/* Next request, owned by the caller (request_done()); false: none waits. */
bool ctx_next_request(struct backend_ctx *ctx, struct request *out);
/* Number of a kind in the session (KIND_NONE: unknown), and whether it is wanted now. */
uint16_t ctx_kind(const struct backend_ctx *ctx, const struct kind *kind);
bool ctx_wanted(const struct backend_ctx *ctx, uint16_t kind);

/* Up. All take what they are given; false: the source must stop. They wait for
 * room when the store is far behind. */
bool ctx_push_rows(struct backend_ctx *ctx, uint16_t kind, struct row_writer *w); /* empties w */
bool ctx_sync_begin(struct backend_ctx *ctx, uint16_t kind);
/* The same of a source that tells nothing between its pictures: what one corrects was not missed. */
bool ctx_poll_begin(struct backend_ctx *ctx, uint16_t kind);
/* why: NULL when complete. */
bool ctx_sync_end(struct backend_ctx *ctx, uint16_t kind, const struct err *why);
/* What is sent in between is seen at once, as when rows of several kinds stand on each other. */
void ctx_hold(struct backend_ctx *ctx);
void ctx_release(struct backend_ctx *ctx);
/* State of the source (KIND_NONE) or of one kind. err: NULL when fine. note: NULL or
 * what is hidden ("3 namespaces denied"). */
void ctx_state(struct backend_ctx *ctx, uint16_t kind, enum source_state state,
               const struct err *err, const char *note);
/* Proof of life: a byte, a bookmark or a heartbeat has come, for a kind or the
 * whole source. Repeats what ctx_state() said last, unless that was an error.
 * Cheap; sent up at most once a second. */
void ctx_alive(struct backend_ctx *ctx, uint16_t kind);
/* It has been answered in this run, and now lets time pass by intent before it asks for more: who
 * waits until all has been seen does not wait for the rest of it, as who asks for its kinds does. */
void ctx_paced(struct backend_ctx *ctx);
/* How often to look at what is usually looked at every so many milliseconds: less often while nobody
 * is there who would see it (runner_set_rest()), where that is every few seconds. */
int64_t ctx_pace(const struct backend_ctx *ctx, int64_t usual_ms);
/* What is looked at most often is looked at every so many milliseconds, usually; 0: nothing is. Sent up
 * when it, or its pace, has changed. */
void ctx_say_pace(struct backend_ctx *ctx, int64_t usual_ms);
/* Figures for the sources screen. */
void ctx_figures(struct backend_ctx *ctx, uint64_t requests, uint64_t bytes_in);
/* The same for who does not count: so many more since the last call. */
void ctx_asked(struct backend_ctx *ctx, uint64_t requests, uint64_t bytes_in);
bool ctx_document(struct backend_ctx *ctx, uint32_t id, struct span text, const struct err *err);
bool ctx_lines(struct backend_ctx *ctx, uint32_t id, struct span bytes, uint64_t dropped, bool last,
               const struct err *err);

/* The registry: backends/list.h has one line for each. NULL ends. */
extern const struct backend *const backend_registry[];
const struct backend *backend_find(const char *name);
/* The text of a setting in a list of "name=value", NULL ends; NULL: it is not there. */
const char *settings_get(const char *const *settings, const char *name);

#endif
