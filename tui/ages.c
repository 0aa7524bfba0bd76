/* The sources that are asked, by how old their last answer may be. An age that is shown by the second is
 * another one each second; a bound stays, and is said as long as it is kept. */
#include <config.h>

#include "tui/ages.h"

#include "base/timetext.h"
#include "base/visible.h"

#include <string.h>

#define SECOND  ((int64_t)1000)
#define MINUTE  (60 * SECOND)
#define HOUR    (60 * MINUTE)
#define HEARD   3  /* times that an answer may be missing until a source is stale, as a rule */
#define SORTS   64 /* of sources; more are counted, not named */
#define NAMES   12 /* of a bound; more are counted too */
#define OVERDUE 4  /* a fourth of its bound later than that an answer is late */

static const int64_t bounds[] = {20 * SECOND, MINUTE,   5 * MINUTE, 15 * MINUTE,
                                 HOUR,        6 * HOUR, 24 * HOUR,  168 * HOUR};

/* By its pace; what has none is told of changes, or looks at many things in turn. */
static size_t bound_of(const struct source_info *s)
{
    int64_t due = s->report.every_ms ? s->report.every_ms : s->patience_ms / HEARD;
    size_t at = 0;
    while (at + 1 < BN_COUNT(bounds) && bounds[at] < due)
        at++;
    return at;
}

/* Something of it is wanted: what nobody wants is not asked for. */
static bool is_wanted(const struct ui *ui, uint16_t source)
{
    for (size_t k = 0; k < session_kinds(ui->session)->count; k++)
        if (store_source_kind(ui->store, source, (uint16_t)k)->wanted)
            return true;
    return false;
}

/* What is made of other sources' rows has no age of its own. */
static bool answers(const struct source_info *s)
{
    return !s->gone && !s->joined && s->report.state == SOURCE_FRESH &&
           s->report.proof_ms != TIME_NONE;
}

bool ages_slow(const struct ui *ui, uint16_t source)
{
    const struct source_info *s = store_source(ui->store, source);
    int64_t bound = bounds[bound_of(s)];
    return answers(s) && s->patience_ms &&
           ui->now_ms - s->report.proof_ms > bound + bound / OVERDUE && is_wanted(ui, source);
}

/* Sources of one backend within one bound, which are named together. */
struct sort {
    const char *name; /* the backend's */
    size_t bound, sources;
};

struct ages {
    size_t fresh, within[BN_COUNT(bounds)]; /* sources */
    size_t oldest;                          /* the last bound that there is */
    struct sort sorts[SORTS];               /* by bound, then by name */
    size_t nsorts;
};

static bool is_before(const struct sort *s, size_t bound, const char *name)
{
    return s->bound != bound ? s->bound < bound : strcmp(s->name, name) < 0;
}

static void take(struct ages *a, size_t bound, const char *name)
{
    size_t at = 0;
    a->fresh++;
    a->within[bound]++;
    a->oldest = bound > a->oldest ? bound : a->oldest;
    while (at < a->nsorts && is_before(&a->sorts[at], bound, name))
        at++;
    if (at < a->nsorts && a->sorts[at].bound == bound && strcmp(a->sorts[at].name, name) == 0) {
        a->sorts[at].sources++;
    } else if (a->nsorts < SORTS) {
        memmove(&a->sorts[at + 1], &a->sorts[at], (a->nsorts++ - at) * sizeof(a->sorts[0]));
        a->sorts[at] = (struct sort){name, bound, 1};
    }
}

static void collect(const struct ui *ui, struct ages *a)
{
    *a = (struct ages){0};
    for (size_t i = 0; i < store_sources(ui->store); i++) {
        const struct source_info *s = store_source(ui->store, (uint16_t)i);
        if (answers(s) && !ages_slow(ui, (uint16_t)i))
            take(a, bound_of(s), s->backend);
    }
}

/* "dns 3 redis s3"; false: too many for a line. */
static bool add_names(const struct ages *a, size_t bound, struct strbuf *out)
{
    size_t named = 0, sources = 0;
    for (size_t i = 0; i < a->nsorts; i++) {
        const struct sort *s = &a->sorts[i];
        if (s->bound != bound)
            continue;
        strbuf_adds(out, named++ ? " " : "");
        if (s->sources > 1)
            strbuf_addf(out, "%zu ", s->sources);
        strbuf_adds(out, s->name);
        sources += s->sources;
    }
    return named <= NAMES && sources == a->within[bound];
}

/* The bounds from `named` on with names, those before with how many there are. */
static void say(const struct ages *a, size_t named, struct strbuf *out)
{
    const char *before = ": ";
    strbuf_addf(out, "%zu fresh", a->fresh);
    for (size_t b = 0; b <= a->oldest; b++) {
        char age[TIMETEXT_MAX];
        if (!a->within[b])
            continue;
        strbuf_adds(out, before);
        before = ", ";
        size_t begun = out->len;
        if (b < named || !add_names(a, b, out)) {
            strbuf_truncate(out, begun);
            strbuf_addf(out, "%zu", a->within[b]);
        }
        duration_format_short(bounds[b], age);
        strbuf_addf(out, " within %s", age);
    }
}

void ages_say(const struct ui *ui, int cols, struct strbuf *out)
{
    struct ages a;
    size_t begun = out->len;
    collect(ui, &a);
    for (size_t named = 0; a.fresh && named <= a.oldest + 1; named++) {
        say(&a, named, out);
        if (visible_width(span_sub(strbuf_span(out), begun, out->len), ui_ascii(ui)) <= cols)
            return;
        strbuf_truncate(out, begun);
    }
    if (a.fresh)
        ages_say_briefly(ui, out);
}

void ages_say_briefly(const struct ui *ui, struct strbuf *out)
{
    struct ages a;
    char age[TIMETEXT_MAX];
    collect(ui, &a);
    if (!a.fresh)
        return;
    duration_format_short(bounds[a.oldest], age);
    strbuf_addf(out, "%zu fresh within %s", a.fresh, age);
}

uint64_t ages_mark(const struct ui *ui)
{
    uint64_t mark = 0;
    for (size_t i = 0; i < store_sources(ui->store); i++)
        if (ages_slow(ui, (uint16_t)i))
            mark = mark * 31 + i + 1;
    return mark;
}
