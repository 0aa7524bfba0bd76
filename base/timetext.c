/* Instants and durations as text. */
#include <config.h>

#include "base/timetext.h"

#include <stdio.h>

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define WEEK   (7 * DAY)
#define YEAR   (365 * DAY)

/* Days from 1970-01-01, proleptic Gregorian [H. Hinnant, chrono-compatible
 * low-level date algorithms]. */
static int64_t days_of(int64_t y, int64_t m, int64_t d)
{
    y -= m <= 2;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t yoe = y - era * 400;
    int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

static void date_of(int64_t days, int64_t *y, int64_t *m, int64_t *d)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t doe = days - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    *d = doy - (153 * mp + 2) / 5 + 1;
    *m = mp < 10 ? mp + 3 : mp - 9;
    *y = yoe + era * 400 + (*m <= 2);
}

/* Takes count digits and the byte behind them (0: none wanted). */
static bool digits(struct span *s, size_t count, char behind, int64_t *out)
{
    int64_t n = 0;
    if (s->len < count + (behind != 0))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (s->data[i] < '0' || s->data[i] > '9')
            return false;
        n = n * 10 + (s->data[i] - '0');
    }
    if (behind && s->data[count] != behind)
        return false;
    *out = n;
    *s = span_sub(*s, count + (behind != 0), s->len);
    return true;
}

static bool fraction(struct span *s, int64_t *ms)
{
    int64_t scale = 100;
    *ms = 0;
    if (!s->len || s->data[0] != '.')
        return true;
    *s = span_sub(*s, 1, s->len);
    size_t n = 0;
    for (; n < s->len && s->data[n] >= '0' && s->data[n] <= '9'; n++) {
        *ms += (s->data[n] - '0') * scale;
        scale /= 10;
    }
    *s = span_sub(*s, n, s->len);
    return n > 0;
}

static bool offset(struct span s, int64_t *ms)
{
    int64_t h, m;
    if (s.len == 1 && (s.data[0] == 'Z' || s.data[0] == 'z')) {
        *ms = 0;
        return true;
    }
    if (s.len != 6 || (s.data[0] != '+' && s.data[0] != '-'))
        return false;
    bool west = s.data[0] == '-';
    s = span_sub(s, 1, 5);
    if (!digits(&s, 2, ':', &h) || !digits(&s, 2, 0, &m) || h > 23 || m > 59)
        return false;
    *ms = (h * HOUR + m * MINUTE) * (west ? -1 : 1);
    return true;
}

bool time_parse(struct span text, int64_t *ms)
{
    int64_t y, mo, d, h, mi, s, frac, off;
    if (!digits(&text, 4, '-', &y) || !digits(&text, 2, '-', &mo) || !digits(&text, 2, 0, &d))
        return false;
    if (!text.len || (text.data[0] != 'T' && text.data[0] != 't' && text.data[0] != ' '))
        return false;
    text = span_sub(text, 1, text.len);
    if (!digits(&text, 2, ':', &h) || !digits(&text, 2, ':', &mi) || !digits(&text, 2, 0, &s))
        return false;
    if (!fraction(&text, &frac) || !offset(text, &off))
        return false;
    if (y < 1 || mo < 1 || mo > 12 || d < 1 || h > 23 || mi > 59 || s > 60)
        return false;
    int64_t day = days_of(y, mo, d), first_of_next = days_of(y + mo / 12, mo % 12 + 1, 1);
    if (day >= first_of_next) /* the 31st of February */
        return false;
    *ms = day * DAY + h * HOUR + mi * MINUTE + (s > 59 ? 59 : s) * SECOND + frac - off;
    return true;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Milliseconds since midnight, also before 1970. */
static int64_t of_day(int64_t ms)
{
    int64_t rest = ms % DAY;
    return rest < 0 ? rest + DAY : rest;
}

void time_format(int64_t ms, char out[TIMETEXT_MAX])
{
    int64_t y, m, d, rest = of_day(ms);
    date_of(floor_div(ms, DAY), &y, &m, &d);
    int n =
        snprintf(out, TIMETEXT_MAX, "%04lld-%02d-%02dT%02d:%02d:%02d", (long long)y, (int)m, (int)d,
                 (int)(rest / HOUR), (int)(rest / MINUTE % 60), (int)(rest / SECOND % 60));
    if (n < 0 || n >= TIMETEXT_MAX)
        return;
    if (rest % SECOND)
        (void)snprintf(out + n, (size_t)(TIMETEXT_MAX - n), ".%03dZ", (int)(rest % SECOND));
    else
        (void)snprintf(out + n, (size_t)(TIMETEXT_MAX - n), "Z");
}

void time_format_clock(int64_t ms, bool seconds, char out[TIMETEXT_MAX])
{
    int64_t rest = of_day(ms);
    int n = snprintf(out, TIMETEXT_MAX, "%02d:%02d", (int)(rest / HOUR), (int)(rest / MINUTE % 60));
    if (seconds)
        (void)snprintf(out + n, (size_t)(TIMETEXT_MAX - n), ":%02d", (int)(rest / SECOND % 60));
}

/* "3m4s", or "3m" when the smaller part is 0. */
static void two(char *out, int64_t a, const char *unit_a, int64_t b, const char *unit_b)
{
    if (b)
        (void)snprintf(out, TIMETEXT_MAX, "%lld%s%lld%s", (long long)a, unit_a, (long long)b,
                       unit_b);
    else
        (void)snprintf(out, TIMETEXT_MAX, "%lld%s", (long long)a, unit_a);
}

/* [apimachinery pkg/util/duration HumanDuration] */
void duration_format(int64_t ms, char out[TIMETEXT_MAX])
{
    int64_t s = ms / SECOND, m = ms / MINUTE, h = ms / HOUR;
    if (s < 0)
        two(out, 0, "s", 0, "");
    else if (s < 120)
        two(out, s, "s", 0, "");
    else if (m < 10)
        two(out, m, "m", s % 60, "s");
    else if (m < 180)
        two(out, m, "m", 0, "");
    else if (h < 8)
        two(out, h, "h", m % 60, "m");
    else if (h < 48)
        two(out, h, "h", 0, "");
    else if (h < 192)
        two(out, h / 24, "d", h % 24, "h");
    else if (h < YEAR / HOUR * 2)
        two(out, h / 24, "d", 0, "");
    else if (h < YEAR / HOUR * 8)
        two(out, h / 24 / 365, "y", h / 24 % 365, "d");
    else
        two(out, h / 24 / 365, "y", 0, "");
}

void duration_format_measured(int64_t ms, char out[TIMETEXT_MAX])
{
    if (ms > 0 && ms < SECOND)
        two(out, ms, "ms", 0, "");
    else
        duration_format(ms, out);
}

void duration_format_short(int64_t ms, char out[TIMETEXT_MAX])
{
    int64_t s = ms < 0 ? 0 : ms / SECOND;
    if (s < 60)
        two(out, s, "s", 0, "");
    else if (s < 3600)
        two(out, s / 60, "m", 0, "");
    else if (s < 86400)
        two(out, s / 3600, "h", 0, "");
    else
        two(out, s / 86400, "d", 0, "");
}

static int64_t unit_ms(struct span *text)
{
    static const struct {
        const char *name;
        int64_t ms;
    } units[] = {{"ms", 1},  {"s", SECOND}, {"m", MINUTE}, {"h", HOUR},
                 {"d", DAY}, {"w", WEEK},   {"y", YEAR}};

    for (size_t i = 0; i < BN_COUNT(units); i++) {
        if (span_starts(*text, units[i].name)) {
            *text = span_sub(*text, span_from(units[i].name).len, text->len);
            return units[i].ms;
        }
    }
    return 0;
}

bool duration_parse(struct span text, int64_t *ms)
{
    double sum = 0;
    if (!text.len)
        return false;
    while (text.len) {
        double n = 0, scale = 1;
        bool dot = false, any = false;
        size_t i = 0;
        for (; i < text.len && i < 24; i++) {
            char c = text.data[i];
            if (c == '.' && !dot) {
                dot = true;
            } else if (c >= '0' && c <= '9') {
                n = n * 10 + (c - '0');
                scale *= dot ? 10 : 1;
                any = true;
            } else {
                break;
            }
        }
        text = span_sub(text, i, text.len);
        int64_t unit = unit_ms(&text);
        if (!any || !unit)
            return false;
        sum += n / scale * (double)unit;
    }
    if (sum > 9e17)
        return false;
    *ms = (int64_t)(sum + 0.5);
    return true;
}
