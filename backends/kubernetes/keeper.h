/* What keeps custom resources: the program that acts on what is written in them, and writes how they
 * are. Where it does not run, what it wrote stays, and is not true any more. */
#ifndef BINNACLE_BACKENDS_KUBERNETES_KEEPER_H
#define BINNACLE_BACKENDS_KUBERNETES_KEEPER_H

#include "model/store.h"

#define KEEPER_MARKS_MAX 4

/* A label of a workload; key NULL ends. */
struct keeper_label {
    const char *key, *value;
};

struct keeper {
    const char *name;  /* its row's key, what `kept_by` of a kind says: "cert-manager" */
    const char *title; /* in a sentence: "the Percona operator" */
    const char *keeps; /* plurals of kinds, for people */
    const char *image; /* what is missed where it is not there */
    /* An image is its if this is the end of its repository, behind '/' or '-', as mirrors call them;
     * NULL ends. */
    const char *images[KEEPER_MARKS_MAX];
    /* All of them: it is, whatever the image is called; none: images alone tell. */
    struct keeper_label labels[KEEPER_MARKS_MAX];
    /* What else runs its image: ends of the workload's name; NULL ends. */
    const char *others[KEEPER_MARKS_MAX];
};

/* All of them; name NULL ends. */
extern const struct keeper keepers[];
/* NULL: there is none of the name. */
const struct keeper *keeper_named(struct span name);

/* Whether a workload is one. */
bool keeper_is(const struct keeper *k, const struct store *st, struct handle workload);

/* Of a row of kind "controller": nothing does its work. It may be replaced by a newer one within two
 * minutes: *until_ms becomes sooner then. */
bool keeper_is_out(const struct store *st, struct handle controller, int64_t now_ms,
                   int64_t *until_ms);
/* "cert-manager is scaled to 0: cert-manager/Deployment/cert-manager" */
void keeper_says_out(const struct store *st, struct handle controller, int64_t now_ms,
                     struct strbuf *out);

/* The row's keeper (LINK_KEPT), where it is known that it does not run. */
bool keeper_gone(const struct store *st, struct handle row, int64_t now_ms, int64_t *until_ms,
                 struct handle *controller);
/* What is said of a row, if somebody keeps it: unknown by the rule where nobody does, and it would
 * else be well or under way. */
struct verdict keeper_judge(const struct store *st, struct handle row, struct verdict v,
                            uint16_t rule, int64_t now_ms);
/* "may be old: cert-manager is not there: ...", the first words being before. */
void keeper_says(const struct store *st, struct handle row, const char *before, int64_t now_ms,
                 struct strbuf *out);
/* "; cert-manager is not there: ..." where nobody keeps it: why it is as it is. */
void keeper_says_why(const struct store *st, struct handle row, int64_t now_ms, struct strbuf *out);

#define KEEPER_RULE(ID)                                                                       \
    {                                                                                         \
        ID, "What keeps it does not run, so that what it says may be old: unknown.", false, 0 \
    }

#endif
