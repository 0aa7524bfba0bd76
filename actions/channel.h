/* How deeds reach a system: a channel each, in to_SYSTEM.c. And where systems are: sites, as the
 * configuration says them or as they are found in the cluster. */
#ifndef BINNACLE_ACTIONS_CHANNEL_H
#define BINNACLE_ACTIONS_CHANNEL_H

#include "actions/action.h"

/* One Vault, one database cluster, one Redis, ...; called as its source is. */
struct site {
    char *system;    /* owned, as all here: "vault" */
    char *name;      /* "vault", "default/mysql" */
    char **settings; /* "name=value", as those of its source; NULL ends */
};

struct sites {
    struct site *sites; /* owned */
    size_t count;
    bool alone; /* nothing else is looked for in the cluster */
};

/* Copies all; settings: NULL ends. */
void sites_add(struct sites *s, const char *system, const char *name, const char *const *settings);
void sites_copy(struct sites *s, const struct sites *from); /* adds them; from may be NULL */
void sites_clear(struct sites *s);
/* The text of a setting; NULL: there is none. */
const char *site_setting(const struct site *s, const char *name);
bool site_setting_true(const struct site *s, const char *name);

/* What a deed's method and path are beside HTTP. MySQL: method "SQL", and path the database that is
 * chosen, or ""; or SQL_IF_EMPTY, and path a database that must have nothing in it, else nothing is
 * sent (ERR_CONFLICT). */
#define SQL_IF_EMPTY "SQL if empty"

struct channel {
    const char *system; /* as deeds and sites say it */
    /* Adds the sites that the cluster has. NULL: the configuration alone says them. */
    bool (*find)(struct target *t, struct sites *out, struct err *err);
    /* Sends once, never again; or, dry, has it checked as far as the system can without keeping
     * anything of it: one that cannot says true. body: the deed's, with its secrets; wiped by who
     * calls. answer: NULL, or what was answered. ERR_NOTFOUND: what the deed is about is not
     * there. */
    bool (*send)(struct target *t, const struct deed *d, const char *body, bool dry,
                 struct json_doc **answer, struct err *err);
    bool rehearses; /* a dry send tries it; else nothing is known before */
    /* NULL: the system cannot be asked. As target_allowed(). */
    bool (*allowed)(struct target *t, const struct deed *d, struct err *err);
    /* Appends what a person would type, a line; nothing where there is no such thing. */
    void (*shell)(const struct deed *d, const struct target *t, struct strbuf *out);
    /* How a secret stands in a body; enum secrets_form. */
    int form;
};

#define CHANNELS 8

extern const struct channel *const channel_registry[]; /* NULL ends */

/* NULL: this program has no such channel. */
const struct channel *channel_of(const struct deed *d);

/* The site of this name; name "": the only one there is. NULL: *err says which there are. Borrowed
 * from the target. */
const struct site *target_site(struct target *t, const char *system, const char *name,
                               struct err *err);
/* A setting of the site or, where it has none, of what the configuration says of all of its system
 * (the site "*"). */
const char *target_setting(const struct target *t, const struct site *s, const char *name);
/* Of a deed's site, as far as it is known by now: nothing is looked for. */
const char *target_known_setting(const struct target *t, const struct deed *d, const char *name);
/* The next of a system's sites; *at = 0 starts. NULL: there is no more, or (*err set; clear it
 * before) they cannot be looked for. Borrowed from the target. */
const struct site *target_next_site(struct target *t, const char *system, size_t *at,
                                    struct err *err);
/* Appends how a server of the site is reached: its name, or else the first of `nodes`, in place of
 * each '*' of `reach`. */
void site_reach(const struct site *s, struct span server, struct strbuf *out);
/* The site of a deed's `at`, and the server behind '@' ("" where there is none; borrowed from the
 * deed). */
const struct site *target_at(struct target *t, const struct deed *d, struct span *server,
                             struct err *err);
/* A secret of the site's settings: *out as of recipe_read(). The setting not given: true, and
 * nothing. */
bool target_site_secret(struct target *t, const struct site *s, const char *setting,
                        struct strbuf *out, struct err *err) BN_MUST_USE;

#endif
