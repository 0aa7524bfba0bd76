/* What a backend's discover() says: the sources that rows of the cluster speak of. All texts are
 * names and recipes; no value of a secret is ever among them. */
#ifndef BINNACLE_BACKENDS_DISCOVERY_H
#define BINNACLE_BACKENDS_DISCOVERY_H

#include "backends/backend.h"

struct found {
    /* Unique among the sources; an entry of `sources:` in the configuration with this name says
     * what is other than found. "vault", or "vault/vault-eu" where the first is not enough. */
    const char *name;
    /* What keeps it from being read in full, a sentence; NULL: nothing does. Not so where the
     * configuration gives the setting `unless`; NULL: whatever it gives. */
    const char *missing, *unless;
    /* "name=value" of its backend's settings, the way there among them
     * ("reach=proxy:vault/vault:8200", "token=secret:vault/binnacle/token"); NULL ends. */
    const char *const *settings;
    /* What is to be looked at there, in the backend's own words; NULL: nothing is said. When it
     * changes the source goes on, and takes it by ctx_take_targets(). */
    const char *targets;
};

/* Copies what is found. The second of a name is left out, and logged. */
void discovery_add(struct discovery *d, const struct found *f);

/* What was added; for the session. */
struct finding {
    char *name;                       /* owned, as all here; as in struct found */
    char *missing, *unless, *targets; /* may be NULL */
    char **settings;                  /* NULL ends */
};

struct discovery {
    struct finding *findings; /* owned */
    size_t count;
    const struct declared *declared; /* of the backend's list; borrowed; NULL: none */
    int64_t now_ms;                  /* wall time */
};

void discovery_done(struct discovery *d);

/* The entries of the configuration's list that the backend declares, ended by a NULL name. */
const struct declared *discovery_declared(const struct discovery *d);
/* What an entry says of a thing; NULL: nothing. */
const char *declared_setting(const struct declared *e, const char *name);

/* True when the kind is as well known as it will get: false while its first picture is under way,
 * or when it may not be read (*denied), so that "there is none" and "it may not be looked for" are
 * told apart. */
bool discovery_knows(const struct store *st, const char *kind, bool *denied);

/* A cell of a text column by its name; empty: there is none. */
struct span discovery_text(const struct store *st, struct handle row, const char *column);
/* The same of a number, an instant, a duration; absent: there is none. */
int64_t discovery_num(const struct store *st, struct handle row, const char *column,
                      int64_t absent);

/* The name of what has made it: a tenant, a database cluster; empty: nothing has. */
struct span discovery_owner(const struct store *st, struct handle row);

/* ---- What most look at: the cluster's services. */

/* All borrowed from the store. */
struct discovery_service {
    struct handle row;
    struct span ns, name;
    struct span labels, selector; /* "key=value,key=value" */
    struct span ports;            /* numbers and names, a LIST */
};

/* *at = 0 starts; false at the end. */
bool discovery_next_service(const struct store *st, uint32_t *at, struct discovery_service *out);
/* The value of a label; empty: there is none. */
struct span discovery_label(struct span labels, const char *key);
/* By number or name. */
bool discovery_has_port(const struct discovery_service *s, const char *port);

/* ---- And at its StatefulSets, whose pods have names that are known. */

struct discovery_set {
    struct span ns, name, labels; /* borrowed from the store */
    int64_t pods;                 /* wanted */
};

/* As above; those with no pod wanted are passed over. */
bool discovery_next_set(const struct store *st, uint32_t *at, struct discovery_set *out);
/* "nodes=mysql-pxc-0,mysql-pxc-1": the pods' names, behind a word. */
void discovery_set_pods(const struct discovery_set *s, const char *before, char *out, size_t size);

/* ---- And at external-dns, by what its command line says. */

struct discovery_external_dns {
    struct span ns, name, labels; /* borrowed from the store */
    struct span arguments;        /* "policy=sync", "source=service", ..., a LIST */
};

/* As above; those with no pod wanted are passed over. */
bool discovery_next_external_dns(const struct store *st, uint32_t *at,
                                 struct discovery_external_dns *out);
/* The first value of a flag, or the fallback. */
struct span discovery_argument(struct span arguments, const char *flag, const char *fallback);

#endif
