/* The plain-text writer. */
#include <config.h>

#include "cli/plain.h"

#include "base/visible.h"

#include <langinfo.h>

#define GAP 3 /* between columns, as kubectl does */

/* Outside UTF-8 nothing but ASCII can be shown. */
static bool only_ascii(void)
{
    return !span_eq_nocase(span_from(nl_langinfo(CODESET)), SPAN("UTF-8"));
}

void plain_visible(struct span text, struct strbuf *out)
{
    (void)visible_text(text, only_ascii(), out);
}

void plain_init(struct plain *p, struct strbuf *out, size_t ncolumns)
{
    bn_assert(ncolumns <= PLAIN_COLUMNS_MAX);
    *p = (struct plain){.out = out, .ncolumns = ncolumns};
}

void plain_cell(struct plain *p, struct span text)
{
    bn_assert(p->at < p->ncolumns);
    int width = visible_width(text, only_ascii());
    int *column = &p->widths[p->at++];
    if (!p->measured) {
        *column = width > *column ? width : *column;
        return;
    }
    strbuf_fill(p->out, ' ', (size_t)p->pending);
    plain_visible(text, p->out);
    p->pending = (width < *column ? *column - width : 0) + GAP; /* it may have changed since */
}

void plain_end_row(struct plain *p)
{
    p->at = 0;
    p->pending = 0;
    if (p->measured)
        strbuf_addc(p->out, '\n');
}

void plain_measured(struct plain *p)
{
    p->measured = true;
}
