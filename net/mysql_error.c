/* What a server's error numbers mean: who is to do something about them. [mysql/notes.md, errors/] */
#include <config.h>

#include "net/mysql.h"
#include "net/plain.h"

#include <errmsg.h>
#include <mysqld_error.h>
#include <string.h>

#define WORDS_SHOWN 240

/* Numbers that only one of the two families has, so that no header names them all. */
enum {
    NO_PASSWORD = 1698,
    MARIA_ACCOUNT_LOCKED = 4151,
    MYSQL_ACCOUNT_LOCKED = 3118,
    MYSQL_IDLE = 4031,
    MYSQL_STATEMENT_TIME = 3024,
    MARIA_STATEMENT_TIME = 1969,
    MARIA_KILLED = 1927,
    MYSQL_SECURE_TRANSPORT = 3159,
};

static const struct meaning {
    unsigned number;
    enum err_kind kind;
    const char *says; /* before the server's words; NULL: they say all */
} meanings[] = {
    {ER_ACCESS_DENIED_ERROR, ERR_AUTH, NULL},
    {NO_PASSWORD, ERR_AUTH, NULL}, /* the same without a password */
    {MYSQL_ACCOUNT_LOCKED, ERR_AUTH, NULL},
    {MARIA_ACCOUNT_LOCKED, ERR_AUTH, NULL},
    {1862, ERR_AUTH, NULL}, /* the password has expired, at login */
    {1820, ERR_AUTH, NULL}, /* and after it */
    {MYSQL_SECURE_TRANSPORT, ERR_AUTH, "the server wants TLS"},
    {ER_DBACCESS_DENIED_ERROR, ERR_DENIED, NULL},
    {ER_TABLEACCESS_DENIED_ERROR, ERR_DENIED, NULL},
    {ER_COLUMNACCESS_DENIED_ERROR, ERR_DENIED, NULL},
    {ER_SPECIFIC_ACCESS_DENIED_ERROR, ERR_DENIED, NULL},
    {ER_HOST_NOT_PRIVILEGED, ERR_DENIED, NULL},
    {ER_HOST_IS_BLOCKED, ERR_DENIED, "the server has blocked this host"},
    {ER_CANT_CREATE_USER_WITH_GRANT, ERR_DENIED, NULL},
    {ER_DB_CREATE_EXISTS, ERR_CONFLICT, NULL},
    {ER_CANNOT_USER, ERR_CONFLICT, NULL}, /* CREATE: it is there; else: it is not */
    {ER_DB_DROP_EXISTS, ERR_NOTFOUND, NULL},
    {ER_NONEXISTING_GRANT, ERR_NOTFOUND, NULL},
    {1819, ERR_CONFIG, NULL}, /* the password is not good enough for the server's rules */
    {ER_OPTION_PREVENTS_STATEMENT, ERR_DENIED, "read-only"},
    {ER_CON_COUNT_ERROR, ERR_IO, "the server has no connection left"},
    {ER_USER_LIMIT_REACHED, ERR_IO, "the user has no connection left"},
    {ER_SERVER_SHUTDOWN, ERR_IO, "the server is being shut down"},
    {ER_BAD_DB_ERROR, ERR_NOTFOUND, NULL},
    {ER_NO_SUCH_TABLE, ERR_NOTFOUND, NULL},
    {ER_UNKNOWN_TABLE, ERR_NOTFOUND, NULL},
    {ER_BAD_FIELD_ERROR, ERR_NOTFOUND, NULL},
    {ER_UNKNOWN_SYSTEM_VARIABLE, ERR_NOTFOUND, NULL},
    {ER_PARSE_ERROR, ERR_NOTFOUND, "the server does not know the statement"},
    {ER_UNKNOWN_COM_ERROR, ERR_BUSY, NULL}, /* 1047: WSREP has not yet prepared node ... */
    {MARIA_STATEMENT_TIME, ERR_BUSY, NULL},
    {MYSQL_STATEMENT_TIME, ERR_BUSY, NULL},
    {CR_SERVER_GONE_ERROR, ERR_IO, "the connection is gone"},
    {CR_SERVER_LOST, ERR_IO, "the connection was lost"},
    {MYSQL_IDLE, ERR_IO, "the connection is gone"},
    {MARIA_KILLED, ERR_IO, "the connection was killed"},
    {CR_UNKNOWN_HOST, ERR_IO, NULL},
    {CR_CONNECTION_ERROR, ERR_IO, NULL},
    {CR_NET_PACKET_TOO_LARGE, ERR_PROTO, "an answer is longer than any that is expected"},
    {CR_MALFORMED_PACKET, ERR_PROTO, "an answer that is no MySQL"},
    {CR_COMMANDS_OUT_OF_SYNC, ERR_PROTO, "an answer that nobody asked for"},
};

static const struct meaning *find(unsigned number)
{
    for (size_t i = 0; i < BN_COUNT(meanings); i++)
        if (meanings[i].number == number)
            return &meanings[i];
    return NULL;
}

/* What the library says of a plug-in by the number of something else, or with bytes of the login in
 * it (5010 of 3.3). */
static bool explain_library(const char *name, unsigned number, const char *shown, struct err *err)
{
    if (strstr(shown, "could not be loaded") || number == CR_AUTH_PLUGIN_CANNOT_LOAD)
        (void)err_code(err, ERR_CONFIG, (int)number,
                       "%s: the MySQL library lacks a plug-in to log in with: %s", name, shown);
    else if (number == CR_PLUGIN_NOT_ALLOWED || number == CR_AUTH_PLUGIN_ERR)
        (void)err_code(err, ERR_AUTH, (int)number,
                       "%s: the server wants a way to log in that is not used on this connection; "
                       "caching_sha2_password and sha256_password are used with TLS alone",
                       name);
    else if (number == CR_UNKNOWN_ERROR && strstr(shown, "infile"))
        (void)err_code(err, ERR_PROTO, (int)number,
                       "%s: the server asked for a file of this machine, and was refused", name);
    else
        return false;
    return true;
}

bool sql_refused_login(const struct err *err)
{
    return err->code == ER_ACCESS_DENIED_ERROR || err->code == NO_PASSWORD;
}

bool sql_is_library(unsigned number)
{
    return (number >= CR_MIN_ERROR && number <= CR_MAX_ERROR) ||
           (number >= CR_EVENT_CREATE_FAILED && number <= CR_MARIADB_LAST_ERROR);
}

void sql_explain(const char *name, unsigned number, const char *words, bool logged_in,
                 struct err *err)
{
    char shown[WORDS_SHOWN];
    const struct meaning *m = find(number);
    enum err_kind kind = m                                                  ? m->kind
                         : number >= CR_MIN_ERROR && number <= CR_MAX_ERROR ? ERR_IO
                                                                            : ERR_PROTO;
    const char *says = m ? m->says : NULL;
    (void)plain_text(span_from(words), shown, sizeof(shown));
    if (explain_library(name, number, shown, err))
        return;
    if (number == CR_SSL_CONNECTION_ERROR)
        says = logged_in ? "the connection was lost" : NULL;
    (void)err_code(err, kind, (int)number, "%s: %s%s%s", name, says ? says : "", says ? ": " : "",
                   shown);
}
