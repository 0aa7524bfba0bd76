/* Cron schedules: five fields of ranges, lists and steps, or a word. */
#include <config.h>

#include "backends/kubernetes/cron.h"

#include "base/number.h"
#include "base/timetext.h"

#define MINUTE_MS ((int64_t)60000)
#define HOUR_MS   (60 * MINUTE_MS)
#define DAY_MS    (24 * HOUR_MS)
#define YEARS     5

struct field {
    int64_t first, last;
    const char *names; /* three letters each, of first, first + 1, ... */
};

enum { MINUTE, HOUR, DAY, MONTH, WEEKDAY, FIELDS };

static const struct field fields[FIELDS] = {
    [MINUTE] = {0, 59, ""},
    [HOUR] = {0, 23, ""},
    [DAY] = {1, 31, ""},
    [MONTH] = {1, 12, "janfebmaraprmayjunjulaugsepoctnovdec"},
    [WEEKDAY] = {0, 6, "sunmontuewedthufrisat"},
};

static bool read_number(const struct field *f, struct span text, int64_t *out)
{
    struct span names = span_from(f->names);
    if (number_parse(text, f->first, f->last, out))
        return true;
    for (size_t i = 0; text.len == 3 && i < names.len; i += 3) {
        if (!span_eq_nocase(span_sub(names, i, 3), text))
            continue;
        *out = f->first + (int64_t)i / 3;
        return true;
    }
    return false;
}

/* "5", "1-5", "*", "1-30/2", "5/15": to the end in steps. */
static bool read_range(const struct field *f, struct span text, uint64_t *bits, bool *any)
{
    size_t slash = span_find(text, '/', 0), dash;
    struct span range = span_sub(text, 0, slash);
    int64_t from = f->first, to = f->last, step = 1;
    bool star = span_is(range, "*") || span_is(range, "?");
    if (slash < text.len && !number_parse(span_sub(text, slash + 1, text.len), 1, INT32_MAX, &step))
        return false;
    dash = span_find(range, '-', 0);
    if (!star && !read_number(f, span_sub(range, 0, dash), &from))
        return false;
    if (!star && dash < range.len && !read_number(f, span_sub(range, dash + 1, range.len), &to))
        return false;
    if (!star && dash == range.len && slash == text.len)
        to = from;
    if (from > to)
        return false;
    for (int64_t i = from; i <= to; i += step)
        *bits |= (uint64_t)1 << i;
    *any = *any || (star && step == 1);
    return true;
}

static bool read_field(const struct field *f, struct span text, uint64_t *bits, bool *any)
{
    struct span one;
    *bits = 0;
    *any = false;
    while (span_split(&text, ',', &one))
        if (!read_range(f, one, bits, any))
            return false;
    return *bits != 0;
}

static bool read_word(struct span text, struct cron *out)
{
    static const struct {
        const char *word, *schedule;
    } words[] = {
        {"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"}, {"@monthly", "0 0 1 * *"},
        {"@weekly", "0 0 * * 0"}, {"@daily", "0 0 * * *"},    {"@midnight", "0 0 * * *"},
        {"@hourly", "0 * * * *"},
    };

    for (size_t i = 0; i < BN_COUNT(words); i++)
        if (span_is(text, words[i].word))
            return cron_parse(span_from(words[i].schedule), out);
    *out = (struct cron){.every_ms = 0};
    return span_starts(text, "@every ") &&
           duration_parse(span_trim(span_sub(text, 7, text.len)), &out->every_ms) &&
           out->every_ms > 0;
}

bool cron_parse(struct span text, struct cron *out)
{
    struct span rest = span_trim(text), one;
    uint64_t bits[FIELDS] = {0};
    bool any[FIELDS] = {false};
    size_t n = 0;
    if (span_starts(rest, "@"))
        return read_word(rest, out);
    while (span_split(&rest, ' ', &one)) {
        if (!one.len)
            continue;
        if (n == FIELDS || !read_field(&fields[n], one, &bits[n], &any[n]))
            return false;
        n++;
    }
    *out = (struct cron){.minutes = bits[MINUTE],
                         .hours = bits[HOUR],
                         .days = bits[DAY],
                         .months = bits[MONTH],
                         .weekdays = bits[WEEKDAY],
                         .any_day = any[DAY],
                         .any_weekday = any[WEEKDAY]};
    return n == FIELDS;
}

static bool has(uint64_t bits, int64_t n)
{
    return bits >> n & 1;
}

struct date {
    int64_t month, day, weekday;
};

/* Of a day since 1970-01-01 [Hinnant, chrono-compatible low-level date algorithms]. */
static struct date date_of(int64_t days)
{
    int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    return (struct date){.month = mp < 10 ? mp + 3 : mp - 9,
                         .day = doy - (153 * mp + 2) / 5 + 1,
                         .weekday = ((days + 4) % 7 + 7) % 7};
}

/* Where both the day of the month and that of the week are given, one is enough. */
static bool fits_day(const struct cron *c, int64_t days)
{
    struct date d = date_of(days);
    bool day = has(c->days, d.day), weekday = has(c->weekdays, d.weekday);
    if (!has(c->months, d.month))
        return false;
    return c->any_day || c->any_weekday ? day && weekday : day || weekday;
}

/* Minutes from `from` to the next minute of a day that fits; -1: none left. */
static int64_t next_minute(const struct cron *c, int64_t from)
{
    for (int64_t m = from; m < 24 * 60; m++) {
        if (!has(c->hours, m / 60))
            m += 59 - m % 60;
        else if (has(c->minutes, m % 60))
            return m;
    }
    return -1;
}

int64_t cron_next(const struct cron *c, int64_t after_ms, int64_t offset_ms)
{
    if (c->every_ms)
        return after_ms + c->every_ms;
    int64_t local = after_ms + offset_ms;
    int64_t day = local / DAY_MS - (local % DAY_MS < 0);
    int64_t minute = (local - day * DAY_MS) / MINUTE_MS + 1;
    for (int64_t end = day + YEARS * 366; day <= end; day++, minute = 0) {
        int64_t at = fits_day(c, day) ? next_minute(c, minute) : -1;
        if (at >= 0)
            return day * DAY_MS + at * MINUTE_MS - offset_ms;
    }
    return TIME_NONE;
}

int64_t cron_next_anywhere(const struct cron *c, int64_t last_ms)
{
    int64_t latest = TIME_NONE;
    if (c->every_ms)
        return last_ms + c->every_ms;
    for (int64_t offset = -12 * HOUR_MS; offset <= 14 * HOUR_MS; offset += HOUR_MS / 4) {
        if (cron_next(c, last_ms - MINUTE_MS, offset) != last_ms)
            continue;
        int64_t next = cron_next(c, last_ms, offset);
        if (next != TIME_NONE && (latest == TIME_NONE || next > latest))
            latest = next;
    }
    return latest;
}
