/* Errors: what went wrong, in words an operator can act on. */
#ifndef BINNACLE_BASE_ERR_H
#define BINNACLE_BASE_ERR_H

#include "base/base.h"

#include <stdarg.h>

/* Kinds that a caller may branch on. Everything else is in the message. */
enum err_kind {
    ERR_NONE,
    ERR_NOMEM,   /* allocation failed, or a buffer hit its limit */
    ERR_IO,      /* connect, read, write; retry after back-off */
    ERR_TIMEOUT, /* deadline passed; retry after back-off */
    ERR_AUTH,    /* credentials refused; do not retry until they change */
    ERR_DENIED,  /* authenticated, but not allowed */
    ERR_NOTFOUND,
    ERR_CONFLICT,  /* it exists, or it changed since it was looked at */
    ERR_PROTO,     /* the peer answered something that cannot be understood */
    ERR_CONFIG,    /* the operator's own file or input */
    ERR_CANCELLED, /* asked to stop */
    ERR_GONE,      /* resource version too old: list again */
    ERR_BUSY,      /* 429: the peer asks for time; code is the seconds, 0 if it did not say */
};

#define ERR_MESSAGE_MAX 400

/* Lives on the caller's stack; holds no pointers, so it needs no release. */
struct err {
    enum err_kind kind;
    int code;                  /* errno, HTTP status or server error number; 0 if none */
    char msg[ERR_MESSAGE_MAX]; /* one line, UTF-8, no trailing newline, never a secret */
};

/* Fills *e (which may be NULL) and returns false, so that a failing function
 * reads `return err_set(err, ERR_IO, "connect %s", host);`. Too long a
 * message is cut at a character with an ellipsis. */
bool err_set(struct err *e, enum err_kind kind, const char *fmt, ...) BN_PRINTF(3, 4);

/* As err_set(), with a code. */
bool err_code(struct err *e, enum err_kind kind, int code, const char *fmt, ...) BN_PRINTF(4, 5);

/* The same of a va_list; for functions that are like them. */
bool err_vset(struct err *e, enum err_kind kind, int code, const char *fmt, va_list args)
    BN_PRINTF(4, 0);

/* Puts "context: " before the message of *e and returns false. */
bool err_wrap(struct err *e, const char *fmt, ...) BN_PRINTF(2, 3);

/* No error. */
void err_clear(struct err *e);

/* "io", "timeout", "auth", ...: stable words for JSON and logs. */
const char *err_kind_name(enum err_kind kind);

#endif
