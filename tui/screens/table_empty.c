/* An empty table says why it is empty, and what to press. */
#include <config.h>

#include "base/timetext.h"
#include "tui/screens/table.h"

/* What keeps the kind's rows from coming: the source's trouble, or the kind's own. */
static const struct source_report *trouble(const struct ui *ui, uint16_t kind)
{
    for (size_t i = 0; i < store_sources(ui->store); i++) {
        const struct source_kind *k = store_source_kind(ui->store, (uint16_t)i, kind);
        const struct source_report *source = &store_source(ui->store, (uint16_t)i)->report;
        if (source->state >= SOURCE_STALE)
            return source;
        if (k && (k->report.why.kind != ERR_NONE || k->report.state >= SOURCE_STALE))
            return &k->report;
    }
    return NULL;
}

/* "pods (stale 4m)": what was last heard, and when it is asked again. */
static void say_trouble(const struct ui *ui, const struct kind *kind, const struct source_report *r,
                        struct strbuf *out)
{
    char text[TIMETEXT_MAX];
    strbuf_addf(out, "%s %s", kind->plural, source_state_name(r->state));
    if (r->proof_ms != TIME_NONE) {
        duration_format_short(ui->now_ms - r->proof_ms, text);
        strbuf_addf(out, " since %s", text);
    }
    if (r->why.kind != ERR_NONE) {
        strbuf_adds(out, ": ");
        naming_brief(span_from(r->why.msg), out);
    }
    if (r->retry_ms != TIME_NONE && r->retry_ms > ui->now_ms) {
        duration_format_short(r->retry_ms - ui->now_ms, text);
        strbuf_addf(out, " (again in %s; r asks now)", text);
    }
}

/* The kind is not there to be asked for: its resource is not installed. */
static bool not_served(const struct ui *ui, uint16_t kind)
{
    bool off = false;
    for (size_t i = 0; i < store_sources(ui->store); i++) {
        const struct source_kind *k = store_source_kind(ui->store, (uint16_t)i, kind);
        if (k && k->report.state != SOURCE_OFF)
            return false;
        off = off || (k && k->report.note[0]);
    }
    return off;
}

/* Some source is, or will be, asked for rows of it. */
static bool is_asked(const struct ui *ui, uint16_t kind)
{
    for (size_t i = 0; i < store_sources(ui->store); i++)
        if (store_source_kind(ui->store, (uint16_t)i, kind)->wanted)
            return true;
    return false;
}

static void say_hidden(const struct screen *s, const struct ui *ui, const struct kind *kind,
                       size_t all, struct strbuf *out)
{
    const struct table *t = s->state;
    const char *filter = t->typing ? t->typed : s->place.filter;
    size_t within = s->place.root.set ? t->drill.count : all;
    (void)ui;
    if (filter[0])
        strbuf_addf(out, "no %s match `%s` (%zu hidden): Esc clears the filter", kind->plural,
                    filter, within);
    else if (s->place.problems)
        strbuf_addf(out, "none of %zu %s has a problem: z shows all", within, kind->plural);
    else
        strbuf_addf(out, "no %s in namespace %s (%zu in others): 0 shows all", kind->plural,
                    s->place.scope, all);
}

static void say_why(const struct screen *s, const struct ui *ui, struct strbuf *out)
{
    const struct table *t = s->state;
    uint16_t number = (uint16_t)s->place.kind;
    const struct kind *kind = store_kind(ui->store, number);
    size_t all = store_count(ui->store, number);
    bool hides = s->place.filter[0] || t->typing || s->place.problems || s->place.scope[0];
    if (view_pending(t->view))
        strbuf_addf(out, "looking through %zu %s", all, kind->plural);
    else if (!store_synced(ui->store, number) && !all)
        strbuf_addf(out,
                    is_asked(ui, number)
                        ? "loading %s"
                        : "nothing that has %s is found or configured here: see :sources",
                    kind->plural);
    else if (s->place.root.set && (!t->drill.count || !hides))
        strbuf_addf(out, "no %s belong to %s %.*s%s", kind->plural,
                    store_kind(ui->store, s->place.root.kind)->name, (int)s->place.root.key_len,
                    s->place.root.key, store_synced(ui->store, number) ? "" : " yet: loading");
    else if (all && hides)
        say_hidden(s, ui, kind, all, out);
    else if (not_served(ui, number))
        strbuf_addf(out, "%s are not installed: this cluster does not serve them", kind->plural);
    else
        strbuf_addf(out, "there are no %s in this cluster", kind->plural);
}

void table_empty_draw(const struct screen *s, const struct ui *ui, struct canvas *c,
                      struct rect area)
{
    uint16_t kind = (uint16_t)s->place.kind;
    struct rect line = rect_make(area.top, area.left + 1, 1, area.cols - 1);
    struct strbuf text = STRBUF_INIT(8192);
    const struct source_report *r = trouble(ui, kind);
    bool fault = r && !store_count(ui->store, kind);
    if (fault)
        say_trouble(ui, store_kind(ui->store, kind), r, &text);
    else
        say_why(s, ui, &text);
    canvas_text_wrapped(c, rect_make(line.top, line.left, area.rows, line.cols), strbuf_span(&text),
                        fault ? ROLE_FAULT : ROLE_DIM);
    strbuf_clear(&text);
}
