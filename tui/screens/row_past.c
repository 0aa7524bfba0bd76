/* Sparklines of hours. */
#include <config.h>

#include "tui/screens/row_past.h"

#include "base/timetext.h"
#include "widgets/spark.h"

#include <string.h>

#define HOUR_MS 3600000

bool row_past_turn(struct row_past *p, const struct ui *ui, struct handle row)
{
    struct session_document doc;
    if (!p->request) {
        p->request = session_past(ui->session, row, &p->asked);
        return p->request != 0;
    }
    if (p->arrived || !session_document(ui->session, p->request, &doc) || !doc.done)
        return false;
    p->arrived = true;
    p->why = doc.err;
    if (doc.err.kind == ERR_NONE && doc.text.len == sizeof(p->past))
        memcpy(&p->past, doc.text.data, sizeof(p->past));
    return true;
}

void row_past_drop(struct row_past *p, const struct ui *ui)
{
    if (p->request)
        session_cancel(ui->session, p->request);
    *p = (struct row_past){0};
}

static void add_quiet(struct row_lines *l, const char *label, const char *text)
{
    (void)row_line_add(l, label, ROLE_DIM);
    strbuf_adds(&l->text, text);
    row_line_end(l);
}

/* What is not known is a blank, never a low. */
static void add_spark(struct row_lines *l, const struct past_figure *figure, const double *samples)
{
    struct strbuf bounds = STRBUF_INIT(256);
    double least = 0, greatest = 0;
    (void)spark_range(samples, SERIES_SAMPLES, &least, &greatest);
    row_number(&bounds, figure->type, least);
    strbuf_adds(&bounds, "..");
    row_number(&bounds, figure->type, greatest);
    (void)row_line_add(l, figure->name, ROLE_TEXT);
    const int room = row_lines_room(l) - (int)bounds.len - 1;
    spark_add(&l->text, samples, SERIES_SAMPLES, room, l->ascii);
    strbuf_addf(&l->text, " %s", strbuf_cstr(&bounds));
    row_line_end(l);
    strbuf_clear(&bounds);
}

static void add_figures(const struct row_past *p, struct row_lines *l)
{
    struct strbuf none = STRBUF_INIT(1024);
    for (size_t i = 0; i < p->asked.count && i < p->past.count; i++) {
        const struct past_figure *figure = &p->asked.figures[i];
        double least, greatest;
        if (spark_range(p->past.of[i].samples, SERIES_SAMPLES, &least, &greatest))
            add_spark(l, figure, p->past.of[i].samples);
        else if (p->past.of[i].why[0])
            add_quiet(l, figure->name, p->past.of[i].why);
        else
            strbuf_addf(&none, "%s%s", none.len ? ", " : "", figure->name);
    }
    if (none.len)
        add_quiet(l, "not kept", strbuf_cstr(&none));
    strbuf_clear(&none);
}

void row_past_add(const struct row_past *p, struct row_lines *l, const struct ui *ui)
{
    struct strbuf title = STRBUF_INIT(1024);
    char clock[TIMETEXT_MAX];
    if (!p->request)
        return;
    strbuf_addf(&title, "%d h of %s", (int)(SERIES_SAMPLES * PAST_STEP_MS / HOUR_MS),
                store_source(ui->store, p->asked.source)->name);
    if (p->arrived && p->why.kind == ERR_NONE) {
        time_format_clock(p->past.until_ms, false, clock);
        strbuf_addf(&title, " until %s", clock);
    }
    row_line_heading(l, strbuf_cstr(&title));
    if (!p->arrived)
        for (size_t i = 0; i < p->asked.count; i++)
            add_quiet(l, p->asked.figures[i].name, "asked for");
    else if (p->why.kind != ERR_NONE)
        add_quiet(l, "not known", p->why.msg);
    else
        add_figures(p, l);
    strbuf_clear(&title);
}
