/* Guided actions: say what will happen, do it, prove it, take it back.
 *
 * An action is a file with its fields and a function that makes the plan. The plan is made of what
 * is there now, so that a plan made again after the run, or after a crash amid it, has only what is
 * left to do. Steps are data: what a step sends and what takes it back is a deed, which can be read
 * before the run, copied as a shell command, and found again in the audit log. */
#ifndef BINNACLE_ACTIONS_ACTION_H
#define BINNACLE_ACTIONS_ACTION_H

#include "actions/target.h"
#include "base/arena.h"
#include "net/json_doc.h"

#define ACTION_FIELDS_MAX 24
#define PLAN_STEPS_MAX    256
#define STEP_ROOM         512

enum risk {
    RISK_CHANGE,  /* the plan is shown and confirmed */
    RISK_DESTROY, /* what was there is gone: the context's name is typed */
};

#define KIND_ANY "*" /* of an action that fits rows of every object of the API server */

#define SECRET_ASK "ask" /* of a FIELD_SECRET: a person types it */

enum field_type {
    FIELD_NAME,   /* an object's name: RFC 1123, lower case */
    FIELD_TEXT,   /* a line of text */
    FIELD_COUNT,  /* a whole number, 0 to 10,000 */
    FIELD_CHOICE, /* one of the words of `choices` */
    FIELD_SECRET, /* where a secret value is to be had, never the value: "ask" (who fills the form
                     is asked, and hands it over by secrets_put() under the field's name) or a
                     recipe (net/recipe.h) */
};

struct field {
    const char *name; /* "--NAME" of the command line; "namespace": -n and the context's fill it */
    enum field_type type;
    const char *choices;  /* "a|b|c" for FIELD_CHOICE; the first is the fallback */
    const char *fallback; /* NULL: it must be said; "": it may be left out */
    const char *help;
    /* Of the row that the action is about: fills it. The first of several that it has; "KIND:COLUMN" of
     * rows of that kind alone; "@source": the name of its source, as sites are
     * called (actions/channel.h); of an object of the cluster its own, as what is found is called. NULL: nothing does. */
    const char *column;
};

struct action;

/* What was answered, field by field. */
struct answers {
    const struct action *action;
    char *value[ACTION_FIELDS_MAX]; /* owned; NULL: not said */
    /* When the run's first plan was made, wall ms, whole seconds; 0: now. What is there since then
     * by this run's doing counts as done: names are made of it. */
    int64_t at_ms;
    bool again; /* a run is gone on with: what it has done may be there */
};

/* False: no such field, or no such value, with a sentence. */
bool answers_set(struct answers *a, const char *field, const char *value,
                 struct err *err) BN_MUST_USE;
/* Fills in what was not said. False: a field that must be said is missing. */
bool answers_complete(struct answers *a, const char *ns, struct err *err) BN_MUST_USE;
const char *answers_get(const struct answers *a, const char *field); /* "" when left out */
void answers_clear(struct answers *a);

/* One request that changes something. Texts are the plan's. */
struct deed {
    const char *system; /* whose channel it goes by (actions/channel.h); NULL: the API server's */
    /* a site's name, and behind '@' one of its servers: "default/mysql@mysql-pxc-0" */
    const char *at;
    const char *as; /* MySQL: the user who asks, whose password is the secret `with`; NULL: the
                           site's own */
    const char *with;
    /* Refused for now (429) counts as sent: what awaits it sends it again. */
    bool waits;
    bool secrets; /* ${NAME} in the body stands for a secret of that name (actions/secrets.h) */
    const char *method; /* NULL: there is none */
    const char *path;
    const char *media; /* of the body */
    const char *body;  /* JSON, SQL, ..., or "" */
    /* Where an object is changed that somebody else may change as well: what it was made of. The
     * request is refused when the object's spec is another by then (metadata.generation). */
    int64_t generation; /* -1: not looked at */
};

enum awaiting { AWAIT_MORE, AWAIT_DONE, AWAIT_FAILED };

struct step {
    char sign;          /* + made, ~ changed, - gone, = it is so already: nothing is sent */
    const char *title;  /* "Restart Deployment default/kimai" */
    const char *shell;  /* the same by a person's own tools; one line */
    const char *detail; /* lines that show more of what is changed; "": none */
    struct deed deed;   /* none where sign is '=' */
    struct deed undo;
    const char *undo_title; /* what undo does; or, where there is none, why */
    const char *check;      /* what run_check() came to; "": nothing to check, or not checked yet */
    /* Its undo is right whatever came of later steps. Others are left where a later step was sent
     * that nothing takes back: what they made may be what that one stands on. */
    bool undo_apart;
    /* After the deed this is looked at until it is as it should be: an object of the API server by
     * its path or, where there is none, what `look` answers; await NULL: not looked at. says
     * (emptied before) takes a few words on how far it is, or why it failed. */
    const char *await_path;
    struct deed look;
    enum awaiting (*await)(struct target *t, const struct step *step,
                           const struct json_node *object, struct strbuf *says);
    /* Beside it the log of these pods' newest is shown, of the object's namespace, line by line: appends
     * their label selector; nothing: of none for now. NULL: none. log_container NULL: its first. */
    void (*log_of)(const struct json_node *object, struct strbuf *selector);
    const char *log_container;
    bool ends; /* that it is gone is what is wanted; else it has failed then */
    /* It is under way, and not by this run's doing: it is looked at to its end though nothing is sent. */
    bool follows;
    const char *wait_for; /* the same as `kubectl wait --for` takes it; NULL: it cannot */
    int await_s;          /* how long that may take */
    const char *former;   /* what await compares with; the action's own */
    char *room;           /* STEP_ROOM bytes that are await's own, zero at first; the plan's */
};

struct plan {
    const struct action *action;
    struct arena *arena; /* owned */
    struct step steps[PLAN_STEPS_MAX];
    size_t count;
    enum risk risk;           /* the action's; a plan may be of a higher one */
    bool again;               /* of a run that is gone on with */
    const char *warnings[16]; /* what a person should know before: Argo CD would revert it */
    size_t nwarnings;
    const char *notes[32]; /* lines that say what it was made of: drawn windows, estimates */
    size_t nnotes;
};

struct action {
    const char *name;  /* "restart" */
    const char *title; /* "Restart a workload" */
    const char *help;
    enum risk risk;
    /* Of the rows that it is about: "workload", "service ingress", KIND_ANY. Where its fields begin
     * with a resource (kube.h: OBJECT_FIELDS), that, name and namespace are those of the row's
     * object. */
    const char *kind;
    const struct field *fields; /* ends with a NULL name */
    /* One of the fields that may be left out has to be said: of a row too they are asked for. */
    bool picks;
    /* Where a person has more to do than fields, on the terminal that this process has (an editor), it
     * is done here before the plan, and what came of it set as an answer. NULL: nothing. */
    bool (*ask)(struct target *t, struct answers *in, struct err *err);
    /* Its run gives a value to who asks: this field says a file for it, and has to where nobody takes it
     * when the run has ended (work.h: done). NULL: it gives none. */
    const char *into;
    /* Its run has ended well: what was kept for it is not needed any more. NULL: nothing was. */
    void (*ended)(const struct answers *in);
    /* Reads the present state, changes nothing, appends steps and warnings. */
    bool (*plan)(struct target *t, const struct answers *in, struct plan *out, struct err *err);
};

extern const struct action *const action_registry[]; /* NULL ends */
const struct action *action_find(const char *name);

/* The plan of these answers. False: it cannot be made, and why. plan_done() in both cases. */
bool plan_make(struct answers *in, struct target *t, struct plan *out, struct err *err) BN_MUST_USE;
void plan_done(struct plan *p);
/* The text in the plan's arena, at most some 64 kB of it. */
const char *plan_text(struct plan *p, const char *fmt, ...) BN_PRINTF(2, 3);
/* The text as a JSON string, quotes included: what comes from outside goes into a body so. */
const char *plan_quote(struct plan *p, const char *text);
/* Appends a step, to be filled. */
struct step *plan_step(struct plan *p, char sign, const char *title);
void plan_warn(struct plan *p, const char *text); /* the plan's text */
void plan_note(struct plan *p, const char *text); /* the same */
/* For an await that has something to say at its end: what a step says that is done is not shown, so it
 * is said once, kept in the step's room, and the next look is the last. a: DONE or FAILED; gives MORE. */
enum awaiting step_say_once(const struct step *step, enum awaiting a, const struct strbuf *says);
/* True: it was said; what comes of it, and again what was said. */
bool step_said(const struct step *step, enum awaiting *a, struct strbuf *says);
/* True when nothing has to be sent. */
bool plan_empty(const struct plan *p);
/* True when nothing has to be sent, and yet there is what to wait for. */
bool plan_follows(const struct plan *p);
/* 64 hexadecimal digits over everything that is to be sent and where. */
void plan_hash(const struct plan *p, const struct target *t, char out[65]);
/* As a person reads it; full: the requests too. */
void plan_print(const struct plan *p, const struct target *t, bool full, struct strbuf *out);
/* As commands for a shell, to be done by hand elsewhere; secrets are variables that have to be set. */
void plan_shell(const struct plan *p, const struct target *t, struct strbuf *out);
/* Objects that it makes and leaves, as YAML for whoever keeps them in git; none that has a secret. */
void plan_manifest(const struct plan *p, struct strbuf *out);
/* {"action":...,"context":...,"steps":[...]} */
void plan_json(const struct plan *p, const struct target *t, struct strbuf *out);

struct json_out; /* base/json_out.h */

/* What was said, as a member "answers". */
void answers_json(struct json_out *j, const struct answers *a);
/* What says where it goes, as members of an object: "system", "at", ... */
void deed_json(struct json_out *j, const struct deed *d);
/* The text quoted for a POSIX shell. */
void deed_quote(struct strbuf *out, struct span text);
/* Appends "printf %s 'BODY' | envsubst '$NAME' | ": the deed's body as the input of what follows. */
void deed_pipe(struct strbuf *out, const struct deed *d, struct span body);
/* Appends "-h HOST OPTION PORT", which are variables: the first says which server that is where it is not
 * set, the other is `port` then. */
void deed_host(struct strbuf *out, const struct deed *d, const char *option, const char *port);
/* What a person would type to do the same; nothing for a PATCH of the API server, which the action
 * says itself. */
void deed_shell(const struct deed *d, const struct target *t, struct strbuf *out);

#endif
