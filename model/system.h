/* What a person on call names: a line on home and in `status`. Its verdict is
 * the worst of its rows and sources. Systems are constants. */
#ifndef BINNACLE_MODEL_SYSTEM_H
#define BINNACLE_MODEL_SYSTEM_H

#include "model/store.h"

#define SYSTEM_KINDS_MAX 24

/* Parts of a sentence. What is wrong is said behind the first of them. */
struct system_parts {
    struct strbuf text; /* owned; ", " between them */
    size_t first;       /* bytes of the first, once there is a second; 0: there is none */
};

/* Begins the next part: what is appended to the answer is its text. */
struct strbuf *system_part(struct system_parts *parts);

struct system {
    const char *name;  /* "workloads" */
    const char *title; /* "Workloads" */
    const char *help;
    const char *kinds[SYSTEM_KINDS_MAX]; /* names; the first is what Enter opens; NULL ends */
    /* What there is to say whether it is well or not, by system_part(), how many are well first:
     * "61/63 ready", "95 pods". NULL: how many rows of its first kind are well, "11/12 disks". */
    void (*says)(const struct store *st, int64_t now_ms, struct system_parts *parts);
    /* The same system as another backend sees it: its kinds are among these, its sentence follows.
     * NULL: there is none. */
    const struct system *also;
};

struct system_list {
    const struct system *systems;
    size_t count;
};

struct system_state {
    const struct system *system;
    enum level level;
    bool stale;          /* a source behind it is not proven */
    uint16_t away;       /* nothing is known since this source is away; SOURCE_NONE: not so */
    bool loading;        /* not yet synced for the first time */
    struct handle worst; /* the row that decides, of equal ones the newest; see has_worst */
    bool has_worst;
    size_t rows, bad; /* rows judged; rows at UNKNOWN or worse */
    int64_t since_ms; /* a row has been at this level since then at least; TIME_NONE: not known */
    char says[384];   /* one sentence */
};

/* Judges one system now. A source that is not fresh makes it UNKNOWN ("unknown,
 * was ok 4m ago") unless something is worse; never healthy by absence. */
void system_judge(const struct store *st, const struct system *s, int64_t now_ms,
                  struct system_state *out);
/* The source that at least two systems, judged as given, wait for: nothing is known of them since it
 * is away, and they (whose `away` it is) can be told in one line. Of several the one that most wait
 * for. *alone: beside them there is nothing but what is not there. SOURCE_NONE: there is none. */
uint16_t system_away(const struct store *st, const struct system_state *states, size_t count,
                     bool *alone);
/* All systems, worst first, then in the list's order. out has list->count places. */
void system_judge_all(const struct store *st, const struct system_list *list, int64_t now_ms,
                      struct system_state *out);

#endif
