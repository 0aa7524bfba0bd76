/* Secret values that a plan works with: made, typed or read while it runs, never part of the plan.
 * A deed's body has ${NAME} in their place, and so has everything that is shown, logged or kept. */
#ifndef BINNACLE_ACTIONS_SECRETS_H
#define BINNACLE_ACTIONS_SECRETS_H

#include "actions/action.h"

#define SECRET_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/* Of an action that has a password made. */
#define PASSWORD_FIELDS                                                                        \
    {"length", FIELD_COUNT, NULL, "32", "of the new password, 16 to 128 characters", NULL},    \
    {                                                                                          \
        "alphabet", FIELD_TEXT, NULL, "", "of the new password; left out: letters and digits", \
            NULL                                                                               \
    }

struct secrets;

enum secrets_form {
    SECRETS_JSON,  /* within a JSON string */
    SECRETS_SQL,   /* within '...' of MySQL, without NO_BACKSLASH_ESCAPES */
    SECRETS_PLAIN, /* as it is */
};

/* Where the value of a name comes from, when it is first asked for; the first that is not NULL or
 * 0 counts. */
struct secret_source {
    const char *recipe;     /* net/recipe.h */
    struct deed read;       /* an answer in JSON (method NULL: not so), */
    const char *member;     /* whose text behind this path it is: "data.data.password" */
    size_t length;          /* made by the system's random source: so many characters */
    const char *characters; /* of these; at least two of them */
};

struct secrets *secrets_new(void) BN_MUST_USE;
void secrets_free(struct secrets *s); /* wiped. NULL is allowed */

/* Of the target: says where a value comes from; copied. One that is known stays as it is. */
void secrets_define(struct target *t, const char *name, const struct secret_source *source);
/* Hands a value over: of a FIELD_SECRET that was typed, under the field's name. Copied. */
void secrets_put(struct target *t, const char *name, struct span value);
/* The same of one that was read for who asked for it: it can be asked for as one that was made. */
void secrets_reveal(struct target *t, const char *name, struct span value);
/* Defines what a FIELD_SECRET says under its own name; "ask": it was put, or is missing. */
bool secrets_field(struct target *t, const struct answers *in, const char *field,
                   struct err *err) BN_MUST_USE;
/* What PASSWORD_FIELDS were answered; *characters: the answers', or SECRET_LETTERS. */
bool secrets_answer(const struct answers *in, size_t *length, const char **characters,
                    struct err *err) BN_MUST_USE;
/* True when it has a value by now: nothing is read or made. */
bool secrets_has(const struct target *t, const char *name);
/* Whether nobody else knows it yet, or it was read from where such a one was put,
 * or to be revealed: it is not one that
 * was typed, nor one of a recipe. */
bool secrets_is_made(const struct target *t, const char *name);
/* The name of the first that is; borrowed. NULL: none. */
const char *secrets_made(const struct target *t);
/* Appends the value, read or made where that was not done yet; *out to be wiped by the caller. */
bool secrets_get(struct target *t, const char *name, struct strbuf *out,
                 struct err *err) BN_MUST_USE;
/* Appends the text with the values in place of ${NAME}; *out to be wiped by the caller. A name that
 * is not defined is an error: nothing is sent then. A name like
 * "vault:SITE:/v1/secret/data/apps/kimai?version=7:password" needs no definition: so what takes a step
 * back has the former value, in a process that has made no plan. */
bool secrets_expand(struct target *t, struct span text, enum secrets_form form, struct strbuf *out,
                    struct err *err) BN_MUST_USE;

/* Appends the text with stars in place of each value that is known by now; of what others have said. */
void secrets_mask(struct target *t, struct span text, struct strbuf *out);

/* Appends a value as it stands within '...' of MySQL's SQL
 * [dev.mysql.com/doc/refman/8.0/en/string-literals.html], and a name within `...`
 * [.../identifiers.html]; both with what encloses them. */
void sql_string(struct strbuf *out, struct span value);
void sql_name(struct strbuf *out, struct span name);

#endif
