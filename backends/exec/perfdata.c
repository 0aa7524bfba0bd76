/* What monitoring plug-ins print: a line, perhaps more lines, and values behind a bar.
 * [nagios-plugins.org/doc/guidelines.html, "Plugin Output", "Performance data", "Threshold and
 * ranges"; Nagios Core manual, "Plugin Output Spec"] */
#include <config.h>

#include "backends/exec/exec.h"
#include "base/number.h"

#include <string.h>

#define TEXT_MAX ((size_t)64 << 10)

/* ---- Text and values apart. */

static struct span before_bar(struct span line, struct strbuf *values)
{
    size_t bar = span_find(line, '|', 0);
    if (bar < line.len) {
        strbuf_addc(values, ' ');
        strbuf_add(values, span_sub(line, bar + 1, line.len));
    }
    return span_trim(span_sub(line, 0, bar));
}

/* Below the first line stands more text, until a bar; from there on all is values. */
void exec_said_read(struct span output, struct exec_said *out)
{
    struct span rest = output, line;
    bool first = true, only_values = false;
    *out = (struct exec_said){.more = STRBUF_INIT(TEXT_MAX), .values = STRBUF_INIT(TEXT_MAX)};
    while (span_split(&rest, '\n', &line)) {
        if (first && !span_trim(line).len)
            continue; /* blank lines at the start say nothing */
        if (first) {
            out->line = before_bar(line, &out->values);
            first = false;
        } else if (only_values) {
            strbuf_addc(&out->values, ' ');
            strbuf_add(&out->values, line);
        } else {
            only_values = span_find(line, '|', 0) < line.len;
            struct span text = before_bar(line, &out->values);
            if (text.len && out->more.len)
                strbuf_addc(&out->more, '\n');
            strbuf_add(&out->more, text);
        }
    }
}

void exec_said_clear(struct exec_said *s)
{
    strbuf_clear(&s->more);
    strbuf_clear(&s->values);
}

/* ---- One value. */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The label up to its equals sign; in quotes it may hold blanks and "''". */
static bool take_label(struct span *rest, struct span *label)
{
    if (!span_starts(*rest, "'")) {
        size_t at = 0;
        while (at < rest->len && rest->data[at] != '=' && !is_blank(rest->data[at]))
            at++;
        *label = span_sub(*rest, 0, at);
        *rest = span_sub(*rest, at, rest->len);
    } else {
        size_t at = 1;
        while (at < rest->len &&
               (rest->data[at] != '\'' || (at + 1 < rest->len && rest->data[at + 1] == '\'')))
            at += rest->data[at] == '\'' ? 2 : 1;
        at = at < rest->len ? at : rest->len;
        *label = span_sub(*rest, 1, at - 1);
        *rest = span_sub(*rest, at + 1, rest->len);
    }
    if (!label->len || !span_starts(*rest, "="))
        return false;
    *rest = span_sub(*rest, 1, rest->len);
    return true;
}

/* "12.5%" apart; "U" is a number that is not known. */
static bool split_unit(struct span text, struct exec_value *out)
{
    size_t at = 0;
    if (span_is(text, "U"))
        return true;
    while (at < text.len && text.data[at] && strchr("+-.0123456789", text.data[at]))
        at++;
    if (at + 1 < text.len && (text.data[at] == 'e' || text.data[at] == 'E')) {
        size_t sign = at + 1 + (text.data[at + 1] == '-' || text.data[at + 1] == '+');
        if (sign < text.len && text.data[sign] >= '0' && text.data[sign] <= '9')
            for (at = sign; at < text.len && text.data[at] >= '0' && text.data[at] <= '9';)
                at++;
    }
    out->number = span_sub(text, 0, at);
    out->unit = span_sub(text, at, text.len);
    double number;
    return number_parse_real(out->number, &number);
}

bool exec_value_next(struct span *rest, struct exec_value *out, size_t *bad)
{
    for (;;) {
        *rest = span_trim(*rest);
        if (!rest->len)
            return false;
        *out = (struct exec_value){0};
        bool named = take_label(rest, &out->label);
        size_t end = 0;
        while (end < rest->len && !is_blank(rest->data[end]))
            end++;
        struct span fields = span_sub(*rest, 0, end), number = {0};
        *rest = span_sub(*rest, end, rest->len);
        (void)span_split(&fields, ';', &number);
        if (named && split_unit(number, out)) {
            (void)(span_split(&fields, ';', &out->warn) && span_split(&fields, ';', &out->crit) &&
                   span_split(&fields, ';', &out->min) && span_split(&fields, ';', &out->max));
            return true;
        }
        ++*bad;
    }
}

/* ---- Numbers. */

static const struct {
    const char *unit;
    double factor;
} units[] = {{"us", 1e-6},
             {"ms", 1e-3},
             {"B", 1},
             {"KB", 1024},
             {"MB", 1024.0 * 1024},
             {"GB", 1024.0 * 1024 * 1024},
             {"TB", 1024.0 * 1024 * 1024 * 1024}};

bool exec_value_number(const struct exec_value *v, double *out)
{
    double number, factor = 1;
    if (!number_parse_real(v->number, &number))
        return false;
    for (size_t i = 0; i < BN_COUNT(units); i++)
        if (span_eq_nocase(v->unit, span_from(units[i].unit)))
            factor = units[i].factor;
    *out = number * factor;
    return true;
}

bool exec_range_alerts(struct span range, double number)
{
    bool inside = span_starts(range, "@");
    if (inside)
        range = span_sub(range, 1, range.len);
    size_t colon = span_find(range, ':', 0);
    struct span from = colon < range.len ? span_sub(range, 0, colon) : SPAN("0");
    struct span to = colon < range.len ? span_sub(range, colon + 1, range.len) : range;
    double low = 0, high = 0;
    bool bounded = to.len > 0, open = span_is(from, "~");
    if (!range.len || (!open && from.len && !number_parse_real(from, &low)) ||
        (bounded && !number_parse_real(to, &high)))
        return false;
    bool within = (open || number >= low) && (!bounded || number <= high);
    return inside ? within : !within;
}
