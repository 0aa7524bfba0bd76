/* The last lines that a pod in trouble has said, beside the table. Asked for when
 * the cursor rests on it. */
#include <config.h>

#include "tui/screens/log_text.h"
#include "tui/screens/table.h"

#include <stdio.h>
#include <string.h>

#define LINES     6
#define REST_MS   300
#define TEXT_MAX  ((size_t)64 << 10)
#define SHOWN_MAX ((size_t)256 << 10)

void table_tail_end(struct table_tail *tail, struct ui *ui)
{
    if (tail->request)
        session_cancel(ui->session, tail->request);
    strbuf_clear(&tail->text);
    *tail = (struct table_tail){.text = STRBUF_INIT(TEXT_MAX)};
}

/* Only of what is not well: who looks through a list asks for no logs. */
static bool is_wanted(const struct ui *ui, struct handle row)
{
    return store_alive(ui->store, row) && store_kind(ui->store, row.kind)->containers_log &&
           store_verdict(ui->store, row).level >= LEVEL_UNKNOWN && !store_stale(ui->store, row);
}

/* A container that does not run now has said its last words in the life before. */
static bool has_ended(const struct ui *ui, struct handle row)
{
    const struct kind *kind = store_kind(ui->store, row.kind);
    int status = kind_column(kind, SPAN("status")), died = kind_column(kind, SPAN("restarts"));
    return status >= 0 && died >= 0 && store_num(ui->store, row, (size_t)died, 0) > 0 &&
           !span_is(store_text(ui->store, row, (size_t)status), "Running");
}

static void ask(struct table_tail *tail, struct ui *ui)
{
    const struct kind *kind = store_kind(ui->store, tail->row.kind);
    int column = kind_column(kind, SPAN("containers"));
    struct span rest = column < 0 ? SPAN("") : store_text(ui->store, tail->row, (size_t)column),
                name;
    struct stream_options options = {.previous = has_ended(ui, tail->row), .tail_lines = LINES};
    if (span_split(&rest, LIST_SEPARATOR, &name))
        (void)snprintf(options.container, sizeof(options.container), "%.*s", SPAN_ARG(name));
    tail->previous = options.previous;
    tail->asked = true;
    tail->request = session_stream(ui->session, tail->row, &options);
}

bool table_tail_turn(struct table_tail *tail, struct ui *ui, struct handle row)
{
    uint64_t dropped = 0;
    size_t before = tail->text.len;
    bool ended = false;
    if (!handle_equal(tail->row, row)) {
        table_tail_end(tail, ui);
        tail->row = row;
        tail->since_ms = ui->now_ms;
    }
    if (!tail->asked && is_wanted(ui, row) && ui->now_ms - tail->since_ms >= REST_MS)
        ask(tail, ui);
    if (!tail->request)
        return false;
    if (session_lines(ui->session, tail->request, &tail->text, &dropped, &ended, &tail->why) &&
        !ended)
        return tail->text.len != before;
    session_cancel(ui->session, tail->request);
    tail->request = 0;
    return true;
}

void table_tail_add(const struct table_tail *tail, struct ui *ui, struct row_lines *l)
{
    struct span rest = strbuf_span(&tail->text), line;
    struct strbuf pretty = STRBUF_INIT(SHOWN_MAX);
    if (!tail->asked && is_wanted(ui, tail->row))
        ui_wake(ui, tail->since_ms + REST_MS);
    if (!tail->asked || (!rest.len && tail->why.kind == ERR_NONE))
        return;
    row_line_heading(l, tail->previous ? "log before it ended, last lines" : "log, last lines");
    while (span_split(&rest, '\n', &line)) {
        struct pager_paint paint = {.role = ROLE_TEXT};
        strbuf_truncate(&pretty, 0);
        log_text_pretty(line, &pretty);
        log_text_paint(strbuf_span(&pretty), &paint);
        if (pretty.len)
            row_line_whole(l, strbuf_span(&pretty), paint.role);
    }
    if (tail->why.kind != ERR_NONE && !tail->text.len)
        row_line_whole(l, span_from(tail->why.msg), ROLE_DIM);
    strbuf_clear(&pretty);
}
