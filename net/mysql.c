/* The library as it is (MariaDB's Connector/C 3.3), and what is done about it:
 * - It takes no descriptor: it connects to a local socket of a bridge.
 * - It can neither be cancelled nor ends at a millisecond: the bridge ends under it.
 * - It compares the certificate's name with that of the host that it connects to, which is our local
 *   socket: it is told the true one before it begins with TLS (expect_name()).
 * - It takes a local socket for safe, and then sends a password in clear to whoever asks: without TLS
 *   all ways to log in but one are off.
 * - It goes on without TLS when the server offers none: its connection is ended then.
 * - It reads a file of this machine when the server asks for it: off. */
#include <config.h>

#include "net/mysql.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "net/bridge.h"

#include <errmsg.h>
#include <mysql.h>
#include <openssl/x509.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#define PACKET_MAX  ((unsigned long)4 << 20) /* one row; the library keeps no more */
#define COLUMNS_MAX 256                      /* of a replica's status there are 60 */

/* Of <ma_pvio.h>, which does not compile by itself. */
int ma_pvio_register_callback(my_bool add, void (*hear)(int writes, MYSQL *library,
                                                        const unsigned char *bytes, size_t n));

struct sql {
    struct sql_options o; /* but for texts other than name */
    MYSQL *library;
    struct bridge *bridge;
    struct err over; /* why it is of no more use; ERR_NONE: it is not so */
    bool logged_in, no_tls;
    int64_t until_ms; /* of the call under way */
    uint64_t bytes;
};

/* ---- What the library tells of each read and write, on the thread that asks. */

static _Thread_local struct sql *asking;
static _Thread_local const char *name_expected;

/* After the server's greeting, and before the first byte of TLS. */
static void expect_name(MYSQL *library)
{
    char *name = name_expected && library->host ? strdup(name_expected) : NULL;
    if (!name)
        return;
    free(library->host);
    library->host = name;
    name_expected = NULL;
}

/* A server that offers no TLS is asked to log in without it, whatever was said, and what comes next
 * may be the password in clear. What was sent so far shows nothing of it. */
static void refuse_plain(MYSQL *library)
{
    if (!asking || asking->logged_in || asking->o.tls == SQL_PLAIN || !library->host ||
        (library->server_capabilities & CLIENT_SSL))
        return;
    asking->no_tls = true;
    (void)shutdown(mysql_get_socket(library), SHUT_RDWR);
}

static void hear(int writes, MYSQL *library, const unsigned char *bytes, size_t n)
{
    (void)bytes;
    if (writes) {
        expect_name(library);
        refuse_plain(library);
    } else if (asking && n < SIZE_MAX / 2) { /* an error is -1 */
        asking->bytes += n;
    }
}

static void begin_library(void)
{
    (void)mysql_library_init(0, NULL, NULL);
    (void)ma_pvio_register_callback(1, hear);
}

/* ---- Logging in. */

static MYSQL *prepare(const struct sql_options *o)
{
    const my_bool yes = 1;
    const unsigned no = 0;
    const unsigned long packet = PACKET_MAX;
    MYSQL *m = mysql_init(NULL);
    if (!m)
        return NULL;
    (void)mysql_options(m, MYSQL_OPT_LOCAL_INFILE, &no);
    (void)mysql_options(m, MYSQL_OPT_MAX_ALLOWED_PACKET, &packet);
    (void)mysql_options(m, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    (void)mysql_options4(m, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", PACKAGE_NAME);
    /* MySQL answers a user that there is not as if they had any of its plug-ins, the older one too. */
    (void)mysql_optionsv(m, MARIADB_OPT_RESTRICTED_AUTH,
                         o->tls == SQL_PLAIN
                             ? "mysql_native_password"
                             : "mysql_native_password,caching_sha2_password,sha256_password");
    if (o->tls == SQL_PLAIN)
        return m;
    (void)mysql_options(m, MYSQL_OPT_SSL_ENFORCE, &yes);
    if (o->tls != SQL_TLS_VERIFY)
        return m;
    (void)mysql_options(m, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &yes);
    if (o->ca_file)
        (void)mysql_options(m, MYSQL_OPT_SSL_CA, o->ca_file);
    else
        (void)mysql_options(m, MYSQL_OPT_SSL_CAPATH, X509_get_default_cert_dir());
    return m;
}

static void begin_call(struct sql *s)
{
    asking = s;
    s->until_ms = clock_machine_ms() + s->o.deadline_ms;
    bridge_until(s->bridge, s->until_ms);
}

static void end_call(struct sql *s)
{
    bridge_until(s->bridge, TIME_FOREVER);
    asking = NULL;
}

static bool is_cancelled(const struct sql *s)
{
    struct pollfd cancel = {.fd = s->o.cancel_fd, .events = POLLIN};
    return poll(&cancel, 1, 0) > 0;
}

/* Why the library gave up: what ended the bridge comes first, the library only knows that it did. */
static bool fail(struct sql *s, struct err *err)
{
    unsigned number = s->library ? mysql_errno(s->library) : CR_OUT_OF_MEMORY;
    bool over = !s->logged_in || sql_is_library(number) || !number;
    struct err why;
    sql_explain(s->o.name, number, s->library ? mysql_error(s->library) : "no memory", s->logged_in,
                err);
    if (!over && err->kind != ERR_IO)
        return false;
    if (s->no_tls) {
        (void)err_set(err, ERR_AUTH, "%s: the server offers no TLS", s->o.name);
    } else if (is_cancelled(s)) {
        (void)err_set(err, ERR_CANCELLED, "%s: asked to stop", s->o.name);
    } else if (clock_machine_ms() >= s->until_ms) {
        (void)err_set(err, ERR_TIMEOUT, "%s: no answer within %d s", s->o.name,
                      (s->o.deadline_ms + 999) / 1000);
    } else if (err->kind == ERR_IO && !bridge_close(s->bridge, &why)) {
        *err = why;
        s->bridge = NULL;
    } else if (err->kind == ERR_IO) {
        s->bridge = NULL;
    }
    s->over = *err;
    return false;
}

struct sql *sql_open(struct stream *stream, const struct sql_options *o, struct err *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct sql *s = xalloc_zero(1, sizeof(*s));
    (void)pthread_once(&once, begin_library);
    s->o = *o;
    s->bridge = bridge_listen(stream, o->cancel_fd, err);
    if (!s->bridge) {
        free(s);
        return NULL;
    }
    s->library = prepare(o);
    begin_call(s);
    name_expected = o->tls == SQL_TLS_VERIFY ? o->tls_name : NULL;
    const char *database = o->database && o->database[0] ? o->database : NULL;
    s->logged_in = s->library && mysql_real_connect(s->library, "localhost", o->user,
                                                    o->password ? o->password : "", database, 0,
                                                    bridge_path(s->bridge), 0) != NULL;
    name_expected = NULL;
    if (!s->logged_in) {
        (void)fail(s, err);
        sql_close(s);
        return NULL;
    }
    end_call(s);
    /* It keeps the password for connecting again, which it is not asked to. */
    if (s->library->passwd)
        alloc_wipe(s->library->passwd, strlen(s->library->passwd));
    return s;
}

void sql_close(struct sql *s)
{
    if (!s)
        return;
    asking = NULL;
    if (s->library)
        mysql_close(s->library);
    (void)bridge_close(s->bridge, NULL);
    free(s);
}

const char *sql_version(const struct sql *s)
{
    return mysql_get_server_info(s->library);
}

uint64_t sql_bytes(const struct sql *s)
{
    return s->bytes;
}

/* ---- Asking. */

struct span sql_cell(const struct sql_row *row, const char *name)
{
    for (size_t i = 0; i < row->count; i++)
        if (strcasecmp(row->names[i], name) == 0)
            return row->cells[i];
    return (struct span){NULL, 0};
}

struct answer {
    const char *names[COLUMNS_MAX];
    struct span cells[COLUMNS_MAX];
    struct sql_row row;
};

static void read_names(struct answer *a, MYSQL_RES *result)
{
    const MYSQL_FIELD *fields = mysql_fetch_fields(result);
    for (size_t i = 0; i < a->row.count; i++)
        a->names[i] = fields[i].name ? fields[i].name : "";
    a->row.names = a->names;
    a->row.cells = a->cells;
}

static void read_cells(struct answer *a, MYSQL_RES *result, MYSQL_ROW row)
{
    const unsigned long *lengths = mysql_fetch_lengths(result);
    for (size_t i = 0; i < a->row.count; i++)
        a->cells[i] = row[i] ? span_make(row[i], lengths[i]) : (struct span){NULL, 0};
}

/* Rows are read off to the end, as the protocol wants, though nobody looks at them any more: a
 * server that never ends is ended by the deadline. */
static bool read_rows(struct sql *s, MYSQL_RES *result, size_t max_rows, sql_row_fn *on_row,
                      void *context)
{
    struct answer *a = xalloc_zero(1, sizeof(*a));
    MYSQL_ROW row;
    bool more = true;
    a->row.count = mysql_num_fields(result);
    if (a->row.count > COLUMNS_MAX)
        a->row.count = COLUMNS_MAX;
    read_names(a, result);
    for (size_t n = 0; (row = mysql_fetch_row(result)) != NULL; n++) {
        if (!more || n >= max_rows)
            continue;
        read_cells(a, result, row);
        more = on_row(context, &a->row);
    }
    free(a);
    return mysql_errno(s->library) == 0;
}

bool sql_ask(struct sql *s, const char *statement, size_t max_rows, sql_row_fn *on_row,
             void *context, struct err *err)
{
    MYSQL_RES *result;
    bool ok;
    if (s->over.kind != ERR_NONE) {
        *err = s->over;
        err->kind = ERR_IO;
        return false;
    }
    begin_call(s);
    ok = mysql_real_query(s->library, statement, strlen(statement)) == 0;
    result = ok ? mysql_use_result(s->library) : NULL;
    if (result) {
        ok = read_rows(s, result, max_rows, on_row, context);
        mysql_free_result(result);
    } else if (ok && mysql_field_count(s->library) > 0) {
        ok = false;
    }
    if (ok) {
        end_call(s);
        return true;
    }
    (void)fail(s, err);
    if (s->bridge)
        end_call(s);
    return false;
}
