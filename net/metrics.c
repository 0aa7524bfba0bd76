/* The text exposition format. */
#include <config.h>

#include "net/metrics.h"

#include "base/number.h"

#include <math.h>

/* The end of the labels that begin at from: a brace that is in no quotes; s.len: there is none. */
static size_t labels_end(struct span s, size_t from)
{
    bool quoted = false;
    for (size_t i = from; i < s.len; i++) {
        if (quoted && s.data[i] == '\\')
            i++;
        else if (s.data[i] == '"')
            quoted = !quoted;
        else if (s.data[i] == '}' && !quoted)
            return i;
    }
    return s.len;
}

static bool read_value(struct span text, double *out)
{
    text.len = span_find(text, ' ', 0); /* a time may follow */
    if (span_eq_nocase(text, SPAN("NaN")))
        *out = (double)NAN;
    else if (span_eq_nocase(text, SPAN("+Inf")) || span_eq_nocase(text, SPAN("-Inf")))
        *out = text.data[0] == '-' ? -(double)INFINITY : (double)INFINITY;
    else
        return number_parse_real(text, out);
    return true;
}

bool metric_next(struct span *rest, struct metric *out)
{
    struct span line;
    while (span_split(rest, '\n', &line)) {
        line = span_trim(line);
        size_t brace = span_find(line, '{', 0), space = span_find(line, ' ', 0), end;
        if (!line.len || line.data[0] == '#')
            continue;
        bool labelled = brace < space;
        end = labelled ? labels_end(line, brace + 1) : space;
        if (end >= line.len)
            continue;
        out->name = span_sub(line, 0, labelled ? brace : space);
        out->labels = labelled ? span_sub(line, brace + 1, end - brace - 1) : SPAN("");
        if (read_value(span_trim(span_sub(line, end + 1, line.len)), &out->value))
            return true;
    }
    return false;
}

struct span metric_label(const struct metric *m, const char *name)
{
    struct span rest = m->labels;
    while (rest.len) {
        size_t equals = span_find(rest, '=', 0), from = equals + 2, to = from;
        while (to < rest.len && rest.data[to] != '"')
            to += rest.data[to] == '\\' ? 2 : 1;
        if (to >= rest.len)
            break;
        if (span_is(span_trim(span_sub(rest, 0, equals)), name))
            return span_sub(rest, from, to - from);
        rest = span_sub(rest, to + 1, rest.len);
        if (rest.len && rest.data[0] == ',')
            rest = span_sub(rest, 1, rest.len);
    }
    return SPAN("");
}

#define FIGURE_MAX 9e15 /* what a double still counts by ones */

bool metric_take(struct span text, const char *prefix, const struct metric_figure *figures,
                 size_t count, void *out)
{
    struct metric m;
    bool ours = false;
    while (metric_next(&text, &m)) {
        ours = ours || span_starts(m.name, prefix);
        for (size_t i = 0; i < count; i++) {
            double value = m.value * (double)figures[i].scale;
            bool good = isfinite(value) && value >= 0 && value < FIGURE_MAX &&
                        (figures[i].scale == 1 || value > 0);
            if (span_is(m.name, figures[i].name) && good)
                *(int64_t *)(void *)((char *)out + figures[i].at) = (int64_t)value;
        }
    }
    return ours;
}
