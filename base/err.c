/* Errors: one line in words. */
#include <config.h>

#include "base/err.h"

#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

#define ELLIPSIS "\xe2\x80\xa6"

/* Cuts what did not fit at a character. */
static void end_with_ellipsis(char *msg)
{
    size_t len = ERR_MESSAGE_MAX - sizeof(ELLIPSIS);
    while (len && ((unsigned char)msg[len] & 0xc0) == 0x80)
        len--;
    memcpy(msg + len, ELLIPSIS, sizeof(ELLIPSIS));
}

/* A message is one line of valid UTF-8: it may quote what a peer sent. */
static void tidy(char *msg)
{
    struct span rest = span_from(msg);
    while (rest.len) {
        uint32_t code;
        size_t used = utf8_decode(rest, &code);
        char *at = msg + (rest.data - msg);
        if (code == UTF8_REPLACEMENT && used == 1)
            *at = '?';
        else if (code == '\n' || code == '\r' || code == '\t')
            *at = ' ';
        rest = span_sub(rest, used, rest.len);
    }
    for (size_t len = strlen(msg); len && msg[len - 1] == ' '; len--)
        msg[len - 1] = '\0';
}

bool err_vset(struct err *e, enum err_kind kind, int code, const char *fmt, va_list args)
{
    if (!e)
        return false;
    char msg[ERR_MESSAGE_MAX] = "";
    if (vsnprintf(msg, sizeof(msg), fmt, args) >= (int)sizeof(msg))
        end_with_ellipsis(msg);
    tidy(msg);
    e->kind = kind;
    e->code = code;
    memcpy(e->msg, msg, sizeof(msg));
    return false;
}

bool err_set(struct err *e, enum err_kind kind, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    (void)err_vset(e, kind, 0, fmt, args);
    va_end(args);
    return false;
}

bool err_code(struct err *e, enum err_kind kind, int code, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    (void)err_vset(e, kind, code, fmt, args);
    va_end(args);
    return false;
}

bool err_wrap(struct err *e, const char *fmt, ...)
{
    char context[ERR_MESSAGE_MAX] = "";
    va_list args;
    if (!e)
        return false;
    va_start(args, fmt);
    (void)vsnprintf(context, sizeof(context), fmt, args);
    va_end(args);
    struct err old = *e;
    return err_code(e, old.kind, old.code, "%s: %s", context, old.msg);
}

void err_clear(struct err *e)
{
    e->kind = ERR_NONE;
    e->code = 0;
    e->msg[0] = '\0';
}

const char *err_kind_name(enum err_kind kind)
{
    switch (kind) {
    case ERR_NONE:
        return "none";
    case ERR_NOMEM:
        return "memory";
    case ERR_IO:
        return "io";
    case ERR_TIMEOUT:
        return "timeout";
    case ERR_AUTH:
        return "auth";
    case ERR_DENIED:
        return "denied";
    case ERR_NOTFOUND:
        return "not-found";
    case ERR_CONFLICT:
        return "conflict";
    case ERR_PROTO:
        return "protocol";
    case ERR_CONFIG:
        return "config";
    case ERR_CANCELLED:
        return "cancelled";
    case ERR_GONE:
        return "gone";
    case ERR_BUSY:
        return "busy";
    }
    return "?";
}
