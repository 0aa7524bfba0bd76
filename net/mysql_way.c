/* From a setting to the way of one node. */
#include <config.h>

#include "net/mysql_way.h"

#include <stdlib.h>
#include <string.h>

#define NODE_SIGN '*'
#define TEXT_MAX  4096

static void add_named(struct strbuf *out, const char *text, struct span node)
{
    for (; *text; text++)
        if (*text == NODE_SIGN)
            strbuf_add(out, node);
        else
            strbuf_addc(out, *text);
}

/* "pod:NS/NAME:3306" of "tls-pod:NS/NAME:3306" */
static void add_plain(struct strbuf *out, struct span reach)
{
    if (span_starts(reach, "tls:")) {
        strbuf_adds(out, "tcp");
        reach = span_sub(reach, 3, reach.len);
    } else if (span_starts(reach, "tls-")) {
        reach = span_sub(reach, 4, reach.len);
    }
    strbuf_add(out, reach);
}

/* "HOST" of "tls:HOST:PORT"; what goes through the cluster has no name of its own. */
static char *name_of_certificate(const char *said, struct span reach, struct span node)
{
    struct strbuf text = STRBUF_INIT(TEXT_MAX);
    if (said)
        add_named(&text, said, node);
    else if (span_starts(reach, "tls:"))
        strbuf_add(&text, span_sub(reach, 4, span_find_last(reach, ':') - 4));
    char *name = text.len ? strbuf_take(&text) : NULL;
    strbuf_clear(&text);
    return name;
}

bool sql_way_parse(struct sql_way *out, const char *reach, struct span node, const char *tls_name,
                   bool insecure, struct err *err)
{
    struct strbuf own = STRBUF_INIT(TEXT_MAX), plain = STRBUF_INIT(TEXT_MAX);
    *out = (struct sql_way){.tls = SQL_PLAIN};
    add_named(&own, reach, node);
    add_plain(&plain, strbuf_span(&own));
    if (span_starts(strbuf_span(&own), "tls"))
        out->tls = insecure ? SQL_TLS : SQL_TLS_VERIFY;
    out->tls_name = name_of_certificate(tls_name, strbuf_span(&own), node);
    out->reach = reach_parse(strbuf_cstr(&plain), err);
    bool ok = out->reach != NULL;
    if (ok && out->tls == SQL_TLS_VERIFY && !out->tls_name)
        ok = err_set(err, ERR_CONFIG,
                     "%s: nothing says which name its certificate carries: tls_name, or insecure",
                     strbuf_cstr(&own));
    strbuf_clear(&own);
    strbuf_clear(&plain);
    if (!ok)
        sql_way_clear(out);
    return ok;
}

void sql_way_clear(struct sql_way *w)
{
    reach_free(w->reach);
    free(w->tls_name);
    *w = (struct sql_way){0};
}
